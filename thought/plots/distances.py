"""Distances in the space of thoughts -> figures: who is near whom, true against random pairs, the spectrum."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from thought.errors import ScoringError
from thought.geometry.cosine import check_rows, unit
from thought.plots.style import BODY, LOOKS, SMALL, Look, Sheet, Theme, colours_of, sheet, spread
from thought.plots.words import measure, wrap, write
from thought.space import Space

MOST = 40  # sentences of a matrix that can still be read
WRITTEN = 20  # up to so many, cosines stand in the cells
_WIDTH = 6.6  # inches that are free
_CELL = 0.34  # inches, of a matrix at most
_NAMED = 0.17  # inches of a cell that have room for the code of a language
_SPACE = 0.09  # inches between meanings
_BINS = 120
_ON_LIGHT, _ON_DARK = "#1c1e22", "#ffffff"  # numbers in the cells of a matrix
_SMOOTH = 1.5  # bins, standard deviation of the smoothing of a histogram


def similarity_matrix(space: Space, *, heading: str = "", caption: str = "", theme: Theme = "light") -> Figure:
    """Draw the cosines between a few sentences in all languages, meaning by meaning: blue above 0, orange below.

    Parameters
    ----------
    space : Space
        2 to 40 sentences, as from `space.select(rows)`; those of one meaning are put together, in order of appearance.
        Up to 20 sentences the cosines are written in the cells.
    heading : str
        Title; the default says the mean cosine within meanings and between them.
    caption : str
        For example the run and the corpus.
    theme : {"light", "dark"}

    Raises
    ------
    ScoringError
        If there are fewer than 2 or more than 40 sentences, or a thought is not finite.
    """
    if not 2 <= len(space) <= MOST:
        raise ScoringError(f"a matrix shows 2 to {MOST} sentences, got {len(space)}; take some with space.select(rows)")
    check_rows(space.thoughts)
    first = {meaning: place for place, meaning in enumerate(dict.fromkeys(space.meanings.tolist()))}
    place = np.array([first[meaning] for meaning in space.meanings.tolist()])  # (N,), of the meaning
    code = np.array([space.codes.index(language) for language in space.languages])
    order = np.lexsort((code, place))
    rows, place = space.select(order), place[order]
    cosine = unit(rows.thoughts) @ unit(rows.thoughts).T  # (N, N)
    gaps = _SPACE * place  # (N,), inches before each row
    cell = min(_CELL, (_WIDTH - max(1.6, 2.9 - 0.04 * len(rows)) - float(gaps[-1])) / len(rows))
    side = cell * len(rows) + float(gaps[-1])
    labels = min(_WIDTH - side, 3.4)
    above = 0.22 if cell > _NAMED else 0.05
    said = "Blue is a cosine above 0, orange one below."
    made = sheet(theme, side + above, title=heading or _contrast(cosine, place), subtitle=said, caption=caption)
    edges = gaps + cell * np.arange(len(rows))  # (N,), inches from the left, and from the top
    axes = made.axes(labels, 0, side, side, is_bare=True)
    axes.set(xlim=(0, side), ylim=(side, 0))
    ramp = _two_sided(made.look)
    for number in range(place[-1] + 1):  # block by block: paper stands between meanings
        for other in range(place[-1] + 1):
            up, across = np.flatnonzero(place == number), np.flatnonzero(place == other)
            box = (edges[across[0]], edges[across[-1]] + cell, edges[up[-1]] + cell, edges[up[0]])
            block = cosine[np.ix_(up, across)]
            axes.imshow(block, cmap=ramp, vmin=-1, vmax=1, extent=box, aspect="auto", interpolation="nearest")
    axes.set(xlim=(0, side), ylim=(side, 0))
    if len(rows) <= WRITTEN:
        _write_cells(made, axes, cosine, edges + cell / 2)
    _write_sides(made, rows, labels, edges + cell / 2, (side, cell))
    return made.figure


def distance_distributions(
    same: np.ndarray,
    different: np.ndarray,
    *,
    paraphrases: np.ndarray | None = None,
    threshold: float | None = None,
    auc: float | None = None,
    heading: str = "",
    caption: str = "",
    theme: Theme = "light",
) -> Figure:
    """Draw how the cosines of translations, of paraphrases and of random pairs are distributed.

    Histograms of 120 bins, smoothed by 1.5 bins, each of area one.

    Parameters
    ----------
    same, different, paraphrases : ndarray of shape (A,), (B,), (C,)
        Cosines of pairs that say the same, of random pairs, and of pairs that say about the same; 2 or more each.
    threshold : float, optional
        From `geometry.calibrate`: what share of each kind lies at or above it is written.
    auc : float, optional
        Area under the ROC curve; the default is computed: how often a pair of the same meaning is nearer than a random
        one, ties half. Chance is 0.5.
    heading, caption, theme
        As in `similarity_matrix`.

    Raises
    ------
    ScoringError
        If a value is not finite or there are fewer than two of a kind.
    """
    kinds = {"translations": same, "random pairs": different, "paraphrases": paraphrases}
    values = {name: _checked(cosines, name) for name, cosines in kinds.items() if cosines is not None}
    area = _area(values["translations"], values["random pairs"]) if auc is None else auc
    title = heading or f"A translation is nearer than a random pair {_share(area)} of the time"
    said = f"ROC AUC {area:.4f} (chance 0.5). How often a cosine occurs; curves have one area."
    made = sheet(theme, 2.75, title=title, subtitle=said, caption=caption)
    axes = made.axes(0, 0.42, made.width, 2.2)
    hues = dict(zip(values, (made.look.colours[0], made.look.soft, made.look.colours[1]), strict=False))
    low = min(-0.05, *(float(np.quantile(cosines, 0.001)) for cosines in values.values()))
    edges = np.linspace(low, max(1.0, *(float(cosines.max()) for cosines in values.values())), _BINS + 1)
    middle, tops = (edges[1:] + edges[:-1]) / 2, []
    for name, cosines in values.items():
        density = _smooth(np.histogram(np.clip(cosines, edges[0], edges[-1]), edges)[0])
        density = density / (density.sum() * (edges[1] - edges[0]))
        axes.fill_between(middle, density, color=hues[name], alpha=0.16, linewidth=0)
        axes.plot(middle, density, color=hues[name], linewidth=1.5)
        tops.append((float(middle[density.argmax()]), float(density.max())))
    highest = max(height for _, height in tops)
    axes.set(xlim=(edges[0], edges[-1]), ylim=(0, 1.42 * highest), yticks=[])
    halo: dict[str, Any] = {"path_effects": [withStroke(linewidth=3, foreground=made.look.paper)]}
    per_inch = float(edges[-1] - edges[0]) / made.width
    wide = per_inch * max(measure(f"median -0.99, {len(cosines):,} pairs", SMALL) for cosines in values.values())
    centres = np.clip(spread([at for at, _ in tops], 1.1 * wide), edges[0] + wide / 2, edges[-1] - wide / 2)
    for (name, cosines), (_, top), at in zip(values.items(), tops, centres.tolist(), strict=True):
        above = top + 0.14 * highest
        write(axes, at, above, name, size=BODY, colour=hues[name], ha="center", weight="bold", **halo)
        said = f"median {np.median(cosines):.2f}, {len(cosines):,} pairs"
        write(axes, at, above - 0.095 * highest, said, size=SMALL, colour=made.look.soft, ha="center", **halo)
    if threshold is not None:
        axes.plot([threshold] * 2, [0, 1.3 * highest], color=made.look.ink, linewidth=1, linestyle=(0, (4, 3)))
        shares = {name: _share(float((cosines >= threshold).mean())) for name, cosines in values.items()}
        passing = ", ".join(f"{share} of {name}" for name, share in shares.items())
        at = (threshold - edges[0]) / (edges[-1] - edges[0])
        side = "left" if at < 0.1 else "right" if at > 0.9 else "center"
        said = f"same from {threshold:.2f} on"
        write(axes, threshold, 1.34 * highest, said, size=BODY, colour=made.look.ink, ha=side)
        made.write(made.width, 0.0, f"At or above it: {passing}", ha="right")
    made.write(0, 0.0, "cosine")
    return made.figure


def spectrum(shares: np.ndarray, *, heading: str = "", caption: str = "", theme: Theme = "light") -> Figure:
    """Draw the share of variance of each principal component, and how many hold 50 and 90 % of it.

    Left each share beside an equal share for all, right their sum; both over components on a scale of powers of ten.

    Parameters
    ----------
    shares : ndarray of shape (D,)
        Not negative, the largest first, of sum 1: `geometry.spectrum(thoughts)`.
    heading, caption, theme
        As in `similarity_matrix`.

    Raises
    ------
    ScoringError
        If the shares are not such.
    """
    shares = np.asarray(shares, dtype=float)
    if shares.ndim != 1 or not len(shares) or not np.isfinite(shares).all() or (shares < 0).any():
        raise ScoringError(f"a spectrum needs finite shares of 0 or more, of shape (D,), got {shares.shape}")
    if abs(shares.sum() - 1) > 1e-3 or (np.diff(shares) > 1e-9).any():
        raise ScoringError(f"shares of variance must fall and have the sum 1, got {shares.sum():.3g}")
    total = np.cumsum(shares)
    needed = {level: min(int(np.searchsorted(total, level - 1e-12)) + 1, len(shares)) for level in (0.5, 0.9)}
    made = sheet(
        theme, 2.6, caption=caption,
        title=heading or f"{needed[0.9]:,} of {len(shares):,} components hold 90 % of the variance",
    )  # fmt: skip
    side = (made.width - 0.9) / 2
    numbers = np.arange(1, len(shares) + 1)
    left = made.axes(0.4, 0.4, side, 1.85, grid="y")
    shown = shares > 1e-9  # what rounding leaves has no place on a scale of powers of ten
    left.plot(numbers[shown], 100 * shares[shown], color=made.look.colours[0], linewidth=2)
    left.axhline(100 / len(shares), color=made.look.soft, linewidth=1, linestyle=(0, (4, 3)))
    write(left, 1.1, 75 / len(shares), "if all were equal", size=SMALL, colour=made.look.soft, va="top")
    least = max(100 * float(shares[shown].min()), 0.1 / len(shares))  # three powers of ten below the equal share
    left.set(xlim=(0.95, max(2, len(shares))), ylim=(0.7 * least, 130 * shares[0]), xscale="log", yscale="log")
    right = made.axes(side + 0.9, 0.4, side, 1.85, grid="y")
    right.plot(numbers, 100 * total, color=made.look.colours[0], linewidth=2)
    right.set(xlim=(0.95, max(2, len(shares))), ylim=(0, 103), yticks=[0, 50, 90, 100], xscale="log")
    _plain_ticks(left, right)
    for level, count in needed.items():
        right.plot([count, count], [0, 100 * level], color=made.look.soft, linewidth=1, linestyle=(0, (4, 3)))
        right.plot(count, 100 * level, "o", color=made.look.colours[0], markersize=5.5)
        has_room = count**4 > len(shares)  # at the left, on a scale of powers of ten
        at = count * (0.85 if has_room else 1.18), 100 * level + (2 if has_room else -10)
        write(right, *at, f"{count:,} hold {100 * level:.0f} %", size=BODY, colour=made.look.ink,
              ha="right" if has_room else "left")  # fmt: skip
    made.head(0.4, 2.4, "Share of one component, %")
    made.head(side + 0.9, 2.4, "Of all up to it, %")
    for place in (0.4, side + 0.9):
        made.write(place, 0.0, "component")
    return made.figure


def _checked(cosines: np.ndarray, name: str) -> np.ndarray:
    cosines = np.asarray(cosines, dtype=float)
    if cosines.ndim != 1 or len(cosines) < 2:
        raise ScoringError(f"cosines of {name} must be of shape (N,) with N >= 2, got {cosines.shape}")
    if not np.isfinite(cosines).all():
        raise ScoringError(f"cosines of {name} hold NaN or infinity, first at {int((~np.isfinite(cosines)).argmax())}")
    return cosines


def _area(same: np.ndarray, different: np.ndarray) -> float:
    """Area under the ROC curve by ranks, ties half: Mann & Whitney (1947)."""
    ordered = np.sort(different)
    below = np.searchsorted(ordered, same, "left") + np.searchsorted(ordered, same, "right")
    return float(below.mean() / 2 / len(different))


def _share(share: float) -> str:
    """A share in words that says 100 % only of all: "97 %", "99.98 %"."""
    digits = 0 if 0.01 <= share < 0.99 or share in (0, 1) else 1 if 0.001 <= share < 0.999 else 2
    return f"{100 * min(share, 0.9999 if share < 1 else 1):.{digits}f} %"


def _smooth(counts: np.ndarray) -> np.ndarray:
    """Counts of bins, each spread over its neighbours; what would leave at an end is folded back: (n,) -> (n,)."""
    reach = int(4 * _SMOOTH)
    bell = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / _SMOOTH))
    padded = np.pad(counts.astype(float), reach, mode="symmetric")
    return np.convolve(padded, bell / bell.sum(), mode="valid")


def _plain_ticks(*drawn: Axes) -> None:
    """Write 100 and 0.1 where matplotlib would write powers of ten as formulas."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    for axis in [axis for axes in drawn for axis in (axes.xaxis, axes.yaxis)]:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axis.set_minor_locator(NullLocator())


def _contrast(cosine: np.ndarray, place: np.ndarray) -> str:
    is_same = place[:, None] == place
    within = cosine[is_same & ~np.eye(len(place), dtype=bool)]
    between = cosine[~is_same]
    parts = [
        f"{name} {part.mean():.2f}" for name, part in (("within a meaning", within), ("between", between)) if part.size
    ]
    return f"Cosine {', '.join(parts)}"


def _write_cells(made: Sheet, axes: Axes, cosine: np.ndarray, middle: np.ndarray) -> None:
    for row, column in np.ndindex(*cosine.shape):
        value = float(cosine[row, column])
        text = f"{value:.2f}".replace("0.", ".").replace("-.00", ".00") if abs(value) < 0.995 else "1"
        is_dark = (abs(value) > 0.5) != (made.look == LOOKS["dark"])
        colour = _ON_DARK if is_dark else _ON_LIGHT
        write(
            axes,
            float(middle[column]),
            float(middle[row]),
            text,
            size=SMALL - 1,
            colour=colour,
            ha="center",
            va="center",
        )


def _write_sides(made: Sheet, rows: Space, labels: float, middle: np.ndarray, square: tuple[float, float]) -> None:
    """Write the sentences at the left, their languages in colour beside them and above."""
    side, cell = square
    hues = colours_of(rows.codes, made.look)
    size = min(SMALL, 0.85 * 72 * cell)
    code = max(measure(code, size, is_bold=True) for code in rows.codes) + 0.08
    for text, language, at in zip(rows.texts, rows.languages, middle.tolist(), strict=True):
        how: dict[str, Any] = {"colour": hues[language], "weight": "bold", "size": size}
        shown = wrap(text, labels - code - 0.12, size, lines=1)[0]
        made.write(
            labels - 0.1 - code, side - at, shown, colour=made.look.ink, ha="right", va="center_baseline", size=size
        )
        made.write(labels - 0.1, side - at, language, ha="right", va="center_baseline", **how)
        if cell > _NAMED:
            made.write(labels + at, side + 0.06, language, ha="center", **how)


def _two_sided(look: Look) -> LinearSegmentedColormap:
    """Colours from -1 to 1 with the ground of a cell at 0."""
    steps = [(0.0, look.colours[1])]
    steps += [(0.5 + 0.5 * number / (len(look.ramp) - 1), colour) for number, colour in enumerate(look.ramp)]
    return LinearSegmentedColormap.from_list("thought", steps)
