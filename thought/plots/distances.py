"""Distances in the space of thoughts -> figures: who is near whom, true against random pairs, the spectrum."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from thought.errors import ScoringError
from thought.geometry.cosine import check_rows, unit
from thought.plots.style import SIZE, Theme, axes, figure, fonts, look, name_axes, title
from thought.plots.style import caption as write_caption
from thought.space import Space

_MOST = 64  # sentences of a matrix that can still be read
_WRITTEN = 20  # up to so many, cosines stand in the cells
_LONGEST = 44  # characters of a sentence beside a matrix


def similarity_matrix(space: Space, *, caption: str = "", theme: Theme = "light") -> Figure:
    """Draw the cosines between a few sentences, those of one meaning together and framed.

    Raises
    ------
    ScoringError
        If there are fewer than 2 or more than 64 sentences, or a thought is not finite.
    """
    check_rows(space.thoughts, least=2)
    if len(space) > _MOST:
        raise ScoringError(f"a matrix of {len(space)} sentences cannot be read; select at most {_MOST}")
    order = np.argsort(space.meanings, kind="stable")
    rows = unit(space.thoughts[order])
    cosine = rows @ rows.T  # (N, N)
    chosen, count = look(theme), len(order)
    made = figure(theme, 1.6 + 0.27 * count, width=4.4 + 0.33 * count)
    place = axes(made, theme, has_grid=False)
    colours = LinearSegmentedColormap.from_list("thought", [chosen.paper, chosen.colours[0]])
    place.imshow(cosine, cmap=colours, vmin=0, vmax=1)
    names = [f"{_short(space.texts[row])}  {space.languages[row]}" for row in order.tolist()]
    place.set_yticks(range(count), names, fontsize=SIZE - 2, color=chosen.ink, fontfamily=fonts())
    place.set_xticks(range(count), [space.languages[row] for row in order.tolist()], fontsize=SIZE - 2)
    if count <= _WRITTEN:
        for row, column in np.ndindex(count, count):
            ink = chosen.paper if cosine[row, column] > 0.6 else chosen.ink
            text = f"{cosine[row, column]:.2f}".replace("0.", ".")
            place.text(column, row, text, ha="center", va="center", fontsize=SIZE - 3.5, color=ink)
    starts = np.flatnonzero(np.diff(space.meanings[order], prepend=space.meanings[order[0]] - 1)).tolist()
    for start, stop in zip(starts, [*starts[1:], count], strict=True):
        square = [start - 0.5, stop - 0.5]
        place.plot([square[0], square[1], square[1], square[0], square[0]],
                   [square[0], square[0], square[1], square[1], square[0]], color=chosen.ink, linewidth=1)  # fmt: skip
    title(place, "Cosines between thoughts; one meaning a frame", theme)
    write_caption(made, caption, theme)
    return made


def distance_distributions(
    same: np.ndarray, different: np.ndarray, *, paraphrases: np.ndarray | None = None, threshold: float | None = None,
    auc: float | None = None, caption: str = "", theme: Theme = "light",
) -> Figure:  # fmt: skip
    """Draw how cosines of translations, of paraphrases and of random pairs are distributed.

    Parameters
    ----------
    same, different, paraphrases : ndarray of shape (A,), (B,), (C,)
        Cosines.
    threshold, auc : float, optional
        From `geometry.calibrate`, of translations against random pairs.
    """
    kinds = {"random pairs": different, "paraphrases": paraphrases, "translations": same}
    shown = {name: values for name, values in kinds.items() if values is not None and len(values)}
    for name, values in shown.items():
        if not np.isfinite(values).all():
            raise ScoringError(f"cosines of {name} hold NaN or infinity")
    if len(shown) < 2:
        raise ScoringError("there is nothing to compare: cosines of one kind of pair only")
    chosen, made = look(theme), figure(theme, 3.6)
    place = axes(made, theme, has_grid=False)
    low = min(-0.4, *(float(np.quantile(values, 0.001)) for values in shown.values()))
    edges = np.linspace(low, 1, 90)
    colours = {"random pairs": chosen.soft, "paraphrases": chosen.colours[4], "translations": chosen.colours[0]}
    for name, values in shown.items():
        heights, _ = np.histogram(values, edges)
        heights = heights / heights.sum() * 100
        middle = (edges[1:] + edges[:-1]) / 2
        place.fill_between(middle, heights, step="mid", color=colours[name], alpha=0.22, linewidth=0)
        place.step(middle, heights, where="mid", color=colours[name], linewidth=1.3)
        top = int(heights.argmax())
        place.annotate(f"{name}\n{len(values):,}", (middle[top], heights[top]), xytext=(0, 4), ha="center",
                       textcoords="offset points", color=colours[name], fontsize=SIZE - 1, va="bottom")  # fmt: skip
    if threshold is not None:
        place.axvline(threshold, color=chosen.ink, linewidth=1, linestyle=(0, (4, 3)))
        place.annotate(f" same from {threshold:.2f} on", (threshold, 1), xycoords=("data", "axes fraction"), va="top",
                       color=chosen.ink, fontsize=SIZE - 1)  # fmt: skip
    place.set_ylim(0, place.get_ylim()[1] * 1.22)
    heading = "Which cosine means the same?"
    title(place, heading if auc is None else f"{heading} Translations against random pairs: AUC {auc:.4f}", theme)
    name_axes(place, theme, x="cosine", y="% of pairs")
    write_caption(made, caption, theme)
    return made


def spectrum(shares: np.ndarray, *, caption: str = "", theme: Theme = "light") -> Figure:
    """Draw the share of variance of each component, and how many hold 50 and 90 % of it.

    Parameters
    ----------
    shares : ndarray of shape (D,)
        Falling, of sum 1: see `geometry.spectrum`.
    """
    shares = np.asarray(shares, dtype=float)
    if shares.ndim != 1 or not len(shares) or not np.isfinite(shares).all():
        raise ScoringError(f"a spectrum needs finite shares of shape (D,), got {shares.shape}")
    chosen, made = look(theme), figure(theme, 3.4)
    place = axes(made, theme)
    total = 100 * np.cumsum(shares)
    numbers = np.arange(1, len(shares) + 1)
    place.plot(numbers, total, color=chosen.colours[0], linewidth=1.8)
    place.bar(numbers, 100 * shares, width=0.8, color=chosen.colours[1], linewidth=0)
    for share in (50, 90):
        enough = int(np.searchsorted(total, share - 1e-9)) + 1  # sums of shares fall short by rounding
        if enough <= len(shares):
            place.plot([enough, enough], [0, share], color=chosen.soft, linewidth=0.8, linestyle=(0, (3, 3)))
            place.annotate(f"{enough} hold {share} %", (enough, share), xytext=(6, -10), textcoords="offset points",
                           color=chosen.ink, fontsize=SIZE - 1)  # fmt: skip
    place.set_xscale("log")
    place.set_xlim(0.8, len(shares))
    place.set_ylim(0, 103)
    title(place, "Share of variance by component, and in all up to it", theme)
    name_axes(place, theme, x="component", y="% of variance")
    write_caption(made, caption, theme)
    return made


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"
