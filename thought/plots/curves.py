"""Numbers that go with something else -> figures: training, length, bottleneck, noise, floors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from thought.errors import ScoringError
from thought.plots.style import SIZE, Theme, axes, colour_of, figure, legend, look, name_axes, title
from thought.plots.style import caption as write_caption

_RIGHT = "right"  # the condition of the cheating meter that is not wrong


def training_curves(records: Sequence[Mapping[str, Any]], *, caption: str = "", theme: Theme = "light") -> Figure:
    """Draw how a run learned: nats a target token while training, and BLEU, chrF and P@1 on dev.

    Parameters
    ----------
    records : sequence of mappings
        Lines of a run's `metrics.jsonl`.
    """
    steps = [record for record in records if record.get("event") == "progress"]
    scored = [record for record in records if record.get("event") == "evaluation" and record.get("is_averaged", True)]
    if not steps and not scored:
        raise ScoringError("there are no lines of progress or evaluation to draw")
    chosen, made = look(theme), figure(theme, 3.4, width=10)
    left = axes(made, theme, 121)
    minutes = [record["seconds"] / 60 for record in steps]
    left.plot(minutes, [record["nats"] for record in steps], color=chosen.colours[0], alpha=0.35, linewidth=0.8)
    if len(steps) >= 9:
        smooth = np.convolve([record["nats"] for record in steps], np.ones(9) / 9, mode="valid")
        left.plot(minutes[4:-4], smooth, color=chosen.colours[0], linewidth=1.8)
    title(left, "Nats a target token, training", theme)
    name_axes(left, theme, x="minutes")
    right = axes(made, theme, 122)
    for name, key, scale, colour in (("BLEU", "bleu", 1, 0), ("chrF", "chrf", 1, 2), ("P@1, %", "p_at_1", 100, 1)):
        known = [(record["seconds"] / 60, record[key] * scale) for record in scored if record.get(key) is not None]
        if known:
            right.plot(*zip(*known, strict=True), color=chosen.colours[colour], marker="o", markersize=4, linewidth=1.8)
            right.annotate(f"{name} {known[-1][1]:.1f}", known[-1], xytext=(6, 0), textcoords="offset points",
                           va="center", color=chosen.colours[colour], fontsize=SIZE - 1)  # fmt: skip
    right.set_ylim(0, 105)
    right.margins(x=0.22)
    title(right, "On dev, mean of all directions", theme)
    name_axes(right, theme, x="minutes")
    write_caption(made, caption, theme)
    return made


def bleu_by_length(
    systems: Mapping[str, Mapping[str, tuple[float, int]]], *, caption: str = "", theme: Theme = "light"
) -> Figure:
    """Draw BLEU in buckets of sentence length, for one system or several.

    Parameters
    ----------
    systems : mapping of str to mapping
        Name -> bucket, such as "1-8" -> (BLEU, sentences). All systems have the same buckets.
    """
    if not systems or not next(iter(systems.values())):
        raise ScoringError("there are no buckets of length to draw")
    buckets = next(iter(systems.values()))
    made = figure(theme, 3.4)
    place = axes(made, theme)
    for name, colour in colour_of(list(systems), theme).items():
        values = [systems[name][bucket][0] for bucket in buckets]
        place.plot(range(len(buckets)), values, color=colour, marker="o", markersize=5, linewidth=1.8, label=name)
    ticks = [f"{bucket}\n{count:,}" for bucket, (_, count) in buckets.items()]
    place.set_xticks(range(len(buckets)), ticks)
    place.set_ylim(bottom=0)
    title(place, "BLEU by length of the source", theme)
    name_axes(place, theme, x="words of the source; sentences", y="BLEU")
    if len(systems) > 1:
        legend(place, theme)
    write_caption(made, caption, theme)
    return made


def bleu_by_bottleneck(
    scores: Mapping[int, float], *, control: float | None = None, what: str = "numbers a thought", caption: str = "",
    theme: Theme = "light",
) -> Figure:  # fmt: skip
    """Draw BLEU against the size of the bottleneck, with the attention control as a line.

    Parameters
    ----------
    scores : mapping of int to float
        Numbers a thought (or thoughts a sentence) -> BLEU.
    control : float, optional
        BLEU of the same model without a bottleneck.
    """
    if not scores:
        raise ScoringError("there are no scores to draw")
    chosen, made = look(theme), figure(theme, 3.4)
    place = axes(made, theme)
    sizes = sorted(scores)
    place.plot(
        sizes, [scores[size] for size in sizes], color=chosen.colours[0], marker="o", markersize=5, linewidth=1.8
    )
    place.set_xscale("log", base=2)
    place.set_xticks(sizes, [f"{size:,}" for size in sizes])
    place.minorticks_off()
    if control is not None:
        place.axhline(control, color=chosen.colours[1], linewidth=1.2, linestyle=(0, (4, 3)))
        place.annotate("attention: no bottleneck", (sizes[0], control), xytext=(0, 4), textcoords="offset points",
                       color=chosen.colours[1], fontsize=SIZE - 1)  # fmt: skip
    place.set_ylim(0, 1.12 * max(control or 0, *scores.values(), 1e-9))
    title(place, "The price of the bottleneck", theme)
    name_axes(place, theme, x=what, y="BLEU")
    write_caption(made, caption, theme)
    return made


def cheating_meter(
    bleu: Mapping[str, float], bits: Mapping[str, float], noise: Mapping[float, float] | None = None, *,
    caption: str = "", theme: Theme = "light",
) -> Figure:  # fmt: skip
    """Draw what the decoder writes, and what the references cost it, when it is given right and wrong thoughts.

    Parameters
    ----------
    bleu, bits : mapping of str to float
        Condition, such as "right" or "shuffled" -> BLEU, and bits a token.
    noise : mapping of float to float, optional
        Noise in standard deviations of the thoughts -> BLEU.
    """
    noise = noise or {}
    names = [name for name in bleu if not name.startswith("noise")]
    if not names or set(names) - set(bits):
        raise ScoringError("the cheating meter needs BLEU and bits a token of the same conditions")
    chosen, made = look(theme), figure(theme, 3.3, width=10)
    panels = 3 if noise else 2
    for place, (values, heading) in enumerate(((bleu, "BLEU"), (bits, "Bits a token of the references")), start=1):
        drawn = axes(made, theme, (1, panels, place), has_grid=False)
        colours = [chosen.colours[0] if name == _RIGHT else chosen.soft for name in names]
        drawn.barh(names, [values[name] for name in names], color=colours, height=0.62)
        for row, name in enumerate(names):
            drawn.annotate(f"{values[name]:.1f}", (values[name], row), xytext=(4, 0), textcoords="offset points",
                           va="center", color=chosen.ink, fontsize=SIZE - 1)  # fmt: skip
        drawn.invert_yaxis()
        drawn.set_xticks([])
        drawn.margins(x=0.18)
        drawn.spines["bottom"].set_visible(False)
        drawn.tick_params(axis="y", labelcolor=chosen.ink, labelsize=SIZE - 0.5)
        if place == 2:
            drawn.set_yticklabels([])
        title(drawn, heading, theme)
    if noise:
        drawn = axes(made, theme, (1, panels, 3))
        steps = {0.0: bleu.get(_RIGHT, float("nan")), **dict(sorted(noise.items()))}
        drawn.plot(
            list(steps), list(steps.values()), color=chosen.colours[0], marker="o", markersize=4.5, linewidth=1.8
        )
        drawn.set_ylim(bottom=0)
        title(drawn, "BLEU under growing noise", theme)
        name_axes(drawn, theme, x="noise, in standard deviations of thoughts")
    write_caption(made, caption, theme)
    return made


def retrieval_floors(
    systems: Mapping[str, Mapping[str, float]], *, caption: str = "", theme: Theme = "light"
) -> Figure:
    """Draw P@1 of each direction as a dot, the model beside floors and peers.

    Parameters
    ----------
    systems : mapping of str to mapping of str to float
        Name -> direction, such as "en-de" -> P@1, 0 to 1. The first is the model.
    """
    if not systems or not next(iter(systems.values())):
        raise ScoringError("there are no directions to draw")
    directions = list(dict.fromkeys(name for cells in systems.values() for name in cells))
    made = figure(theme, 1.5 + 0.27 * len(directions))
    place = axes(made, theme, has_grid=False)
    chosen = look(theme)
    for row in range(len(directions)):
        place.axhline(row, color=chosen.line, linewidth=0.6, zorder=0)
    for number, (name, colour) in enumerate(colour_of(list(systems), theme).items()):
        known = [(100 * systems[name][one], row) for row, one in enumerate(directions) if one in systems[name]]
        values, rows = zip(*known, strict=True)
        size = 62 if number == 0 else 34
        edge: Any = {"edgecolors": chosen.paper, "linewidths": 0.6, "zorder": 3 - number / 10}
        place.scatter(values, rows, s=size, color=colour, label=name, **edge)
    place.set_yticks(range(len(directions)), directions)
    place.tick_params(axis="y", labelcolor=chosen.ink)
    place.invert_yaxis()
    place.set_xlim(-2, 102)
    title(place, "Translation retrieval", theme)
    name_axes(place, theme, x="P@1, %")
    legend(place, theme, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(systems), handletextpad=0.1)
    write_caption(made, caption, theme)
    return made
