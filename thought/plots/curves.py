"""Scores that go with something else -> figures: sentence length, bottleneck, cheating, floors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from thought.errors import ScoringError
from thought.plots.style import BODY, SMALL, Sheet, Theme, colours_of, sheet, spread
from thought.plots.words import measure, write

_DASHED = (0, (4, 3))
_RIGHT = "right"  # the condition of the cheating meter that is not wrong
_NOISE = "noise"  # begins the names of conditions that belong in the curve


def bleu_by_length(
    systems: Mapping[str, Mapping[str, tuple[float, int]]],
    *,
    heading: str = "",
    caption: str = "",
    theme: Theme = "light",
) -> Figure:
    """Draw BLEU in buckets of sentence length, for one system or several, over how many sentences there are.

    Parameters
    ----------
    systems : mapping of str to mapping
        Name -> bucket, such as "1-8", in order -> (BLEU, sentences). All systems have the same buckets. A BLEU of NaN,
        as of a bucket without a sentence, leaves a gap.
    heading, caption, theme
        Title, what stands below in small, and "light" or "dark".

    Raises
    ------
    ScoringError
        If there are no buckets, systems differ in theirs, or none has a score.
    """
    buckets = list(next(iter(systems.values()), {}))
    if not buckets:
        raise ScoringError("there are no buckets of length to draw")
    for name, cells in systems.items():
        if list(cells) != buckets:
            raise ScoringError(f"{name} has the buckets {', '.join(cells)}; expected {', '.join(buckets)}")
    scores = {name: np.array([cells[bucket][0] for bucket in buckets], dtype=float) for name, cells in systems.items()}
    counts = np.array([next(iter(systems.values()))[bucket][1] for bucket in buckets])
    top = max((float(np.nanmax(row)) for row in scores.values() if np.isfinite(row).any()), default=np.nan)
    if not np.isfinite(top):
        raise ScoringError("no bucket has a score")
    made = sheet(theme, 3.3, title=heading or "BLEU by length of the sentence", caption=caption)
    names = max(measure(f"{name} 00.0", BODY, is_bold=True) for name in systems) + 0.2
    width = made.width - 0.35 - names
    where = {"xlim": (-0.5, len(buckets) - 0.5), "xticks": range(len(buckets))}
    axes = made.axes(0.35, 1.15, width, 2.0, grid="y")
    axes.set(**where, ylim=(0, 1.08 * top or 1.0), xticklabels=[])
    for name, colour in colours_of(list(systems), made.look).items():
        axes.plot(range(len(buckets)), scores[name], "o-", color=colour, linewidth=2, markersize=5.5)
    ends = {name: row[np.isfinite(row)][-1] for name, row in scores.items() if np.isfinite(row).any()}
    _write_ends(axes, made, ends, len(buckets) - 0.4, colours_of(list(systems), made.look))
    below = made.axes(0.35, 0.35, width, 0.55)
    below.set(**where, ylim=(0, 1.35 * max(counts.max(), 1)), yticks=[])
    below.set_xticks(range(len(buckets)), buckets)
    below.bar(range(len(buckets)), counts, width=0.55, color=made.look.line)
    for at, count in enumerate(counts.tolist()):
        write(below, at, count + 0.08 * counts.max(), f"{count:,}", size=SMALL, colour=made.look.soft, ha="center")
    made.write(0.35 + width + 0.1, 0.45, "sentences")
    made.write(0.35 + width + 0.1, 0.18, "words")
    made.write(0.0, 3.22, "BLEU")
    return made.figure


def bleu_by_bottleneck(
    scores: Mapping[int, float],
    *,
    control: float | None = None,
    what: str = "numbers a thought",
    heading: str = "",
    caption: str = "",
    theme: Theme = "light",
) -> Figure:
    """Draw BLEU against the size of the bottleneck, with the attention control as a line: the price of one vector.

    Parameters
    ----------
    scores : mapping of int to float
        Size, on a scale of powers of two -> BLEU.
    control : float, optional
        BLEU of the same model without a bottleneck.
    what : str
        What the size counts: "numbers a thought" (Z) or "vectors a thought" (K).
    heading, caption, theme
        As in `bleu_by_length`.

    Raises
    ------
    ScoringError
        If there are no scores, a size is below 1, or a value is not finite.
    """
    if not scores:
        raise ScoringError("there are no scores to draw")
    if min(scores) < 1:
        raise ScoringError(f"sizes of a bottleneck are 1 or more, got {min(scores)}")
    _check_finite({str(size): value for size, value in scores.items()}, "BLEU")
    _check_finite({"the control": 0.0 if control is None else control}, "BLEU")
    sizes = sorted(scores)
    best = max(sizes, key=lambda size: scores[size])
    beside = f"; without a bottleneck {control:.1f}" if control is not None else ""
    made = sheet(theme, 2.75, title=heading or f"BLEU {scores[best]:.1f} at {best:,} {what}", caption=caption,
                 subtitle=f"Best of {len(sizes)} sizes{beside}." if len(sizes) > 1 or beside else "")  # fmt: skip
    axes = made.axes(0.35, 0.45, made.width - 0.5, 2.1, grid="y")
    values = [scores[size] for size in sizes]
    ends = 2 ** (0.06 * np.log2(max(sizes[-1] / sizes[0], 2)))
    axes.set(xlim=(sizes[0] / ends, sizes[-1] * ends), ylim=(0, 1.2 * max(control or 0, *values, 1e-9)))
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    axes.locator_params(axis="y", nbins=5)
    axes.plot(sizes, values, "o-", color=made.look.colours[0], linewidth=2, markersize=6)
    halo = [withStroke(linewidth=3, foreground=made.look.paper)]
    for size, value in zip(sizes, values, strict=True):
        axes.annotate(f"{value:.1f}", (size, value), xytext=(0, 7), textcoords="offset points", ha="center",
                      fontsize=BODY, color=made.look.ink, path_effects=halo)  # fmt: skip
    if control is not None:
        axes.axhline(control, color=made.look.colours[1], linewidth=1.4, linestyle=_DASHED)
        axes.annotate(f"attention, no bottleneck: {control:.1f}", (sizes[0] / ends, control), xytext=(2, 5),
                      textcoords="offset points", fontsize=BODY, color=made.look.colours[1], weight="bold")  # fmt: skip
    made.write(made.width - 0.15, 0.05, what, ha="right")
    made.write(0.0, 2.62, "BLEU")
    return made.figure


def cheating_meter(
    bleu: Mapping[str, float],
    bits: Mapping[str, float] | None = None,
    noise: Mapping[float, float] | None = None,
    *,
    heading: str = "",
    caption: str = "",
    theme: Theme = "light",
) -> Figure:
    """Draw what the decoder writes, and what the references cost it, when it is given right and wrong thoughts.

    Parameters
    ----------
    bleu : mapping of str to float
        Condition -> BLEU: "right" first, then for example "equal length", "shuffled", "mean", "none". Names that begin
        with "noise" are left to the curve.
    bits : mapping of str to float, optional
        The same conditions -> bits a token of the references, less is better.
    noise : mapping of float to float, optional
        Standard deviation of the noise, in those of the thoughts -> BLEU; "right" is its beginning.
    heading : str
        The default says BLEU with the right thought and with a shuffled one.
    caption, theme
        As in `bleu_by_length`.

    Raises
    ------
    ScoringError
        If there are no conditions, bits are of others, or a value is not finite.
    """
    names = [name for name in bleu if not name.startswith(_NOISE)]
    noise = dict(sorted((noise or {}).items()))
    if not names or (bits is not None and set(names) - set(bits)):
        missing = ", ".join(sorted(set(names) - set(bits or {}))) or "none"
        raise ScoringError(f"the cheating meter needs BLEU and bits of the same conditions; without bits: {missing}")
    _check_finite({name: bleu[name] for name in names}, "BLEU")
    _check_finite({name: bits[name] for name in names} if bits else {}, "bits a token")
    _check_finite({f"noise {level}": value for level, value in noise.items()}, "BLEU")
    drawn = [("BLEU", bleu, 1)] + ([("Bits a token", bits, 2)] if bits else [])
    height = 0.34 * len(names)
    room = max(height, 1.6) if noise else height
    said = " and ".join(f"{bleu[name]:.1f} with a {name} thought" for name in (_RIGHT, "shuffled") if name in names)
    made = sheet(theme, room + 0.65, title=heading or f"BLEU {said or 'by what the decoder is given'}",
                 caption=caption)  # fmt: skip
    label = max(measure(name, BODY) for name in names) + 0.15
    panels = len(drawn) + bool(noise)
    width = (made.width - label - 0.35 * (panels - 1)) / panels
    for number, (name, values, digits) in enumerate(drawn):
        left = label + number * (width + 0.35)
        axes = made.axes(left, 0.35 + room - height, width, height, is_bare=True)
        axes.set(xlim=(0, 1.28 * max(*(values[one] for one in names), 1e-9)), ylim=(len(names) - 0.5, -0.5))
        hues = [made.look.colours[0] if one == _RIGHT else made.look.faint for one in names]
        axes.barh(range(len(names)), [values[one] for one in names], height=0.62, color=hues)
        for row, one in enumerate(names):
            axes.annotate(f"{values[one]:.{digits}f}", (values[one], row), xytext=(4, 0), textcoords="offset points",
                          va="center_baseline", fontsize=BODY, color=made.look.ink)  # fmt: skip
            if number == 0:
                up = 0.35 + room - (row + 0.5) * height / len(names)
                made.write(label - 0.1, up, one, size=BODY, colour=made.look.ink, ha="right", va="center_baseline")
        made.head(left, 0.35 + room + 0.1, name)
        made.write(left, 0.35 + room - height - 0.2, "less is better" if name != "BLEU" else "more is better")
    if noise:
        _draw_noise(made, noise, bleu.get(_RIGHT), (label + len(drawn) * (width + 0.35), width, room))
    return made.figure


def retrieval_floors(
    systems: Mapping[str, Mapping[str, float]],
    *,
    chance: float | None = None,
    heading: str = "",
    caption: str = "",
    theme: Theme = "light",
) -> Figure:
    """Draw P@1 of each direction as a dot, the model beside floors and peers.

    Parameters
    ----------
    systems : mapping of str to mapping of str to float
        Name -> direction, such as "en-de" -> P@1, 0 to 1. The first is the model. What a system was not measured in,
        or NaN, has no dot.
    chance : float, optional
        0 to 1: 1/N.
    heading : str
        The default says the mean of the model.
    caption, theme
        As in `bleu_by_length`.

    Raises
    ------
    ScoringError
        If there are no directions, the model has no value, or one is not in [0, 1].
    """
    directions = list(dict.fromkeys(name for cells in systems.values() for name in cells))
    if not directions:
        raise ScoringError("there are no directions to draw")
    for name, cells in systems.items():
        bad = {direction: value for direction, value in cells.items() if value < 0 or value > 1}
        if bad:
            raise ScoringError(f"P@1 lies in [0, 1], got {next(iter(bad.values()))} of {name} in {next(iter(bad))}")
    model, own = next(iter(systems.items()))
    known = [value for value in own.values() if np.isfinite(value)]
    if not known:
        raise ScoringError(f"{model} has no P@1")
    pitch = float(np.clip(3.4 / len(directions), 0.19, 0.3))
    height = pitch * len(directions)
    title = heading or f"The nearest thought is the translation in {100 * np.mean(known):.1f} % of cases"
    made = sheet(theme, height + 0.75, title=title, caption=caption)
    label = max(measure(name, BODY) for name in directions) + 0.15
    axes = made.axes(label, 0.35, made.width - label - 0.15, height, grid="y")
    axes.set(xlim=(-2, 102), ylim=(len(directions) - 0.5, -0.5), xticks=[0, 25, 50, 75, 100])
    axes.set_xticklabels(["0", "25", "50", "75", "100 %"])
    axes.set_yticks(range(len(directions)), [""] * len(directions))
    for row, direction in enumerate(directions):
        up = 0.35 + height - (row + 0.5) * pitch
        made.write(label - 0.1, up, direction, size=BODY, colour=made.look.ink, ha="right", va="center_baseline")
    if chance is not None:
        axes.axvline(100 * chance, color=made.look.soft, linewidth=1, linestyle=_DASHED)
        made.write(made.width - 0.15, 0.0, f"dashed: chance, {100 * chance:.2g} %", ha="right")
    size = BODY * min(1.0, (made.width - label) / sum(measure(name, BODY, is_bold=True) + 0.42 for name in systems))
    left = label
    for number, (name, colour) in enumerate(colours_of(list(systems), made.look).items()):
        values = np.array([systems[name].get(one, np.nan) for one in directions], dtype=float)
        # a bar is seen before and behind a dot at the same place
        how: dict[str, Any] = {"marker": "o", "markersize": 7.5} if number == 0 else {"marker": "|", "markersize": 12}
        how |= {"color": colour, "markeredgewidth": 0 if number == 0 else 2.6, "linestyle": ""}
        axes.plot(100 * values, range(len(directions)), zorder=5 - number / 10, clip_on=False, label=name, **how)
        made.mark((left + 0.05, height + 0.55), **how)
        made.write(left + 0.16, height + 0.55, name, size=size, colour=colour, va="center_baseline", weight="bold")
        left += (measure(name, BODY, is_bold=True) + 0.42) * size / BODY
    return made.figure


def _draw_noise(
    made: Sheet, noise: Mapping[float, float], right: float | None, place: tuple[float, float, float]
) -> None:
    left, width, height = place
    steps = {**({} if right is None else {0.0: right}), **noise}
    axes = made.axes(left + 0.2, 0.35, width - 0.25, height, grid="y")
    axes.plot(
        list(steps), list(steps.values()), "o-", color=made.look.colours[0], linewidth=2, markersize=5, clip_on=False
    )
    axes.set(xlim=(0, 1.02 * max(steps)), ylim=(0, 1.12 * max(*steps.values(), 1e-9)))
    axes.locator_params(nbins=4)
    made.head(left, 0.35 + height + 0.1, "BLEU under noise")
    made.write(left + width, 0.0, "standard deviations of the thoughts", ha="right")


def _write_ends(axes: Axes, made: Sheet, ends: Mapping[str, float], at: float, hues: Mapping[str, str]) -> None:
    """Name curves at their last values, moved apart where they would touch."""
    low, high = axes.get_ylim()
    gap = 0.17 / 2.0 * (high - low)  # inches of a line, of those of the axes
    for (name, value), up in zip(ends.items(), spread(list(ends.values()), gap).tolist(), strict=True):
        write(axes, at, up, f"{name} {value:.1f}", size=BODY, colour=hues[name], va="center_baseline", weight="bold")


def _check_finite(values: Mapping[str, float], what: str) -> None:
    for name, value in values.items():
        if not np.isfinite(value):
            raise ScoringError(f"{what} of {name} is {value}; leave it out or measure it anew")
