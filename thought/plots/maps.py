"""Points on the plane -> figures of them: translations joined by lines, groups in hulls, a control beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from thought.errors import ScoringError, nearest
from thought.geometry.cosine import check_rows
from thought.plots.style import SIZE, Theme, axes, colour_of, figure, fonts, legend, look, title
from thought.plots.style import caption as write_caption
from thought.space import Space

ColourBy = Literal["language", "meaning"]
_FEW = 12  # meanings that colours can tell apart; of more, some are picked out and the others stay grey
_LABELLED = 6  # sentences written beside their point
_LONGEST_LABEL = 38  # characters


def map_of_thoughts(
    points: np.ndarray,
    space: Space,
    *,
    colour_by: ColourBy = "language",
    join: bool = True,
    labels: int = _LABELLED,
    caption: str = "",
    heading: str = "",
    theme: Theme = "light",
) -> Figure:
    """Draw sentences as points, those of one meaning joined by lines.

    Parameters
    ----------
    points : ndarray of shape (N, 2) or (N, 3)
    space : Space
        N sentences.
    colour_by : {"language", "meaning"}
        By meaning, up to 12 have a colour each; of more, 12 far from each other are picked out.
    join : bool
        Draw lines between sentences of one meaning.
    labels : int
        English (or first-language) sentences written beside their points, far from each other; 0 is none.
    caption : str
        What the map depends on and how far to believe it: see `thought.honesty.trust`.

    Raises
    ------
    ScoringError
        If there is not one finite point a sentence, or a name is unknown.
    """
    _check(points, space, colour_by)
    made = figure(theme, 6.6)
    place = _axes(made, theme, 111, points.shape[1])
    _draw(place, points, space, (colour_by, join, labels), theme)
    title(place, heading or f"{len(np.unique(space.meanings)):,} meanings in {len(space.codes)} languages", theme)
    if colour_by == "language":
        legend(place, theme, loc="upper right", ncols=len(space.codes), handletextpad=0.1, columnspacing=0.9)
    write_caption(made, caption, theme)
    return made


def map_with_control(
    points: np.ndarray,
    space: Space,
    control: Space,
    *,
    colour_by: ColourBy = "language",
    caption: str = "",
    theme: Theme = "light",
) -> Figure:
    """Draw a map and beside it the same points with meanings dealt out at random: what lines look like without meaning.

    Parameters
    ----------
    points, space, colour_by, caption, theme
        As in `map_of_thoughts`.
    control : Space
        The same rows with shuffled meanings: see `thought.honesty.shuffled`.
    """
    _check(points, space, colour_by)
    if len(control) != len(space):
        raise ScoringError(f"the control has {len(control)} sentences, the map {len(space)}")
    made = figure(theme, 5.2, width=10)
    for place, one, heading in ((121, space, "Translations joined"), (122, control, "Control: pairs shuffled")):
        drawn = _axes(made, theme, place, points.shape[1])
        _draw(drawn, points, one, (colour_by, True, 0), theme)
        title(drawn, heading, theme)
        if place == 121 and colour_by == "language":
            legend(drawn, theme, loc="upper right", ncols=len(space.codes), handletextpad=0.1, columnspacing=0.9)
    write_caption(made, caption, theme)
    return made


def map_of_groups(
    points: np.ndarray, space: Space, *, groups: int = 10, caption: str = "", theme: Theme = "light"
) -> Figure:
    """Draw the wordings of some meanings, each group in its hull, all others grey.

    Parameters
    ----------
    points : ndarray of shape (N, 2)
    space : Space
        Several wordings a meaning.
    groups : int
        Meanings picked out: the first far from the middle, each further one far from those chosen.
    """
    _check(points, space, "meaning")
    if points.shape[1] != 2:
        raise ScoringError(f"hulls are drawn on the plane, got points {points.shape}")
    chosen, made = look(theme), figure(theme, 6.6)
    place = _axes(made, theme, 111, 2)
    place.scatter(*points.T, s=7, color=chosen.line, linewidths=0)
    picked = far_apart(points, space, groups)
    for rows, colour in zip(picked.values(), _cycle(theme, len(picked)), strict=True):
        own = points[rows]
        outline = hull(own)
        place.fill(*own[outline].T, color=colour, alpha=0.14, linewidth=0)
        place.plot(*own[[*outline, outline[0]]].T, color=colour, linewidth=1)
        place.scatter(*own.T, s=22, color=colour, edgecolors=chosen.paper, linewidths=0.5, zorder=3)
        _label(place, own.mean(axis=0), space.texts[rows[0]], theme)
    title(place, f"{len(picked)} meanings and their wordings", theme)
    write_caption(made, caption, theme)
    return made


def before_and_after(
    before: np.ndarray, after: np.ndarray, space: Space, *,
    names: tuple[str, str] = ("Before training", "After training"),
    colour_by: ColourBy = "language", captions: tuple[str, str] = ("", ""), theme: Theme = "light",
) -> Figure:  # fmt: skip
    """Draw two maps of the same sentences side by side, each at its own scale."""
    for points in (before, after):
        _check(points, space, colour_by)
    made = figure(theme, 5.2, width=10)
    for place, points, name in ((121, before, names[0]), (122, after, names[1])):
        drawn = _axes(made, theme, place, points.shape[1])
        _draw(drawn, points, space, (colour_by, True, 0), theme)
        title(drawn, name, theme)
        if place == 121 and colour_by == "language":
            legend(drawn, theme, loc="upper right", ncols=len(space.codes), handletextpad=0.1, columnspacing=0.9)
    write_caption(made, "\n".join(text for text in captions if text), theme)
    return made


def far_apart(points: np.ndarray, space: Space, count: int) -> dict[int, np.ndarray]:
    """Pick meanings far from each other: number -> its rows. Only those of two sentences or more, if there are any."""
    numbers, inverse, sizes = np.unique(space.meanings, return_inverse=True, return_counts=True)
    centres = np.stack([np.bincount(inverse, points[:, axis]) / sizes for axis in range(points.shape[1])], axis=1)
    may = sizes > 1 if (sizes > 1).any() else sizes > 0
    distance = np.where(may, np.linalg.norm(centres - np.median(points, axis=0), axis=1), -1.0)
    # the outermost tenth are the odd ones; what is picked out should be typical
    distance[distance > np.quantile(distance[may], 0.9)] = -1.0
    found: dict[int, np.ndarray] = {}
    while len(found) < count and distance.max(initial=-1.0) >= 0:
        row = int(distance.argmax())
        found[int(numbers[row])] = np.flatnonzero(inverse == row)
        apart = np.linalg.norm(centres - centres[row], axis=1)
        distance = np.where(distance < 0, -1.0, np.minimum(distance, apart) if len(found) > 1 else apart)
        distance[row] = -1.0
    return found


def hull(points: np.ndarray) -> list[int]:
    """Rows of the convex hull in order round it, by Andrew's monotone chain (1979): (n, 2) -> at most n."""
    order = np.lexsort((points[:, 1], points[:, 0])).tolist()
    sides: list[list[int]] = []
    for rows in (order, order[::-1]):
        side: list[int] = []
        for row in rows:
            while len(side) > 1 and _turns_right(points[side[-2]], points[side[-1]], points[row]):
                side.pop()
            side.append(row)
        sides.append(side[:-1])
    return list(dict.fromkeys(sides[0] + sides[1])) or order


def _turns_right(first: np.ndarray, second: np.ndarray, third: np.ndarray) -> bool:
    one, two = second - first, third - first
    return bool(one[0] * two[1] - one[1] * two[0] <= 0)


def _draw(place: Any, points: np.ndarray, space: Space, how: tuple[ColourBy, bool, int], theme: Theme) -> None:
    colour_by, join, labels = how
    chosen = look(theme)
    size = float(np.clip(2_600 / len(points), 5, 46))
    if join:
        _join(place, points, space, chosen.soft)
    if colour_by == "language":
        for code, colour in colour_of(space.codes, theme).items():
            rows = space.rows(code)
            place.scatter(
                *points[rows].T, s=size, color=colour, edgecolors=chosen.paper, linewidths=0.25, label=code, zorder=3
            )
    else:
        picked = far_apart(points, space, _FEW)
        rest = ~np.isin(space.meanings, list(picked))
        place.scatter(*points[rest].T, s=size, color=chosen.line, linewidths=0, zorder=2)
        for rows, colour in zip(picked.values(), _cycle(theme, len(picked)), strict=True):
            place.scatter(
                *points[rows].T, s=1.6 * size, color=colour, edgecolors=chosen.paper, linewidths=0.3, zorder=3
            )
    if labels and points.shape[1] == 2:
        for rows in far_apart(points, space, labels).values():
            row = next((row for row in rows.tolist() if space.languages[row] == "en"), int(rows[0]))
            _label(place, points[row], space.texts[row], theme)


def _join(place: Any, points: np.ndarray, space: Space, colour: str) -> None:
    """Draw a line from each sentence to the middle of its meaning."""
    numbers, inverse, sizes = np.unique(space.meanings, return_inverse=True, return_counts=True)
    centres = np.stack([np.bincount(inverse, axis) / sizes for axis in points.T], axis=1)  # (M, D)
    rows = sizes[inverse] > 1
    lines = np.stack([points, centres[inverse]], axis=1)[rows]  # (n, 2, D)
    width = float(np.clip(160 / max(len(numbers), 1), 0.3, 1.1))
    if points.shape[1] == 2:
        place.add_collection(LineCollection(list(lines), colors=colour, linewidths=width, alpha=0.6, zorder=1))
        return
    from mpl_toolkits.mplot3d.art3d import Line3DCollection

    place.add_collection3d(Line3DCollection(list(lines), colors=colour, linewidths=width, alpha=0.5))


def _label(place: Axes, point: np.ndarray, text: str, theme: Theme) -> None:
    chosen = look(theme)
    short = text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1].rstrip()}…"
    place.annotate(
        short, tuple(point), xytext=(5, 5), textcoords="offset points", fontsize=SIZE - 2.5, color=chosen.ink,
        fontfamily=fonts(), zorder=4, annotation_clip=True,
        bbox={"facecolor": chosen.paper, "edgecolor": "none", "alpha": 0.75, "pad": 1.2},
    )  # fmt: skip


def _axes(made: Figure, theme: Theme, place: int, dimensions: int) -> Any:
    options: dict[str, Any] = {} if dimensions == 2 else {"projection": "3d"}
    drawn: Any = axes(made, theme, place, is_map=True, **options)
    if dimensions == 2:
        drawn.set_aspect("equal", adjustable="datalim")
        return drawn
    drawn.set_zticks([])
    for axis in (drawn.xaxis, drawn.yaxis, drawn.zaxis):
        axis.set_pane_color(look(theme).paper)
        axis.line.set_color(look(theme).line)
    return drawn


def _cycle(theme: Theme, count: int) -> list[str]:
    palette = look(theme).colours[:-1]
    return [palette[place % len(palette)] for place in range(count)]


def _check(points: np.ndarray, space: Space, colour_by: str) -> None:
    if not len(space):
        raise ScoringError("there are no sentences to draw")
    if points.ndim != 2 or len(points) != len(space) or points.shape[1] not in (2, 3):
        raise ScoringError(f"expected a point of 2 or 3 numbers for each of {len(space)} sentences, got {points.shape}")
    check_rows(points, "points")
    known: Sequence[str] = ("language", "meaning")
    if colour_by not in known:
        raise ScoringError(f"cannot colour by {colour_by}{nearest(colour_by, known)}; by {' or '.join(known)}")
