"""Points on the plane or in space -> maps: translations joined by lines, groups in hulls, a control beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from matplotlib.figure import Figure

from thought.errors import ScoringError, nearest
from thought.geometry.cosine import check_rows
from thought.plots.panels import HUES, KEY, ColourBy, draw, lay_axes, scale_of, size_of, write_key, write_labels
from thought.plots.shapes import far_apart, inside, lines, rounded_hull
from thought.plots.style import MARGIN, WIDTH, Theme, sheet
from thought.space import Space

LABELS = 7  # sentences written beside their points
_HEIGHT = 4.9  # inches of one map
_GAP = 0.3  # inches between two
_HEADS = 0.46  # inches, for what each of two is called
_ROUND = 0.09  # inches between a hull and its points
_WIDTH = WIDTH - 2 * MARGIN  # inches of a map


def map_of_thoughts(
    points: np.ndarray, space: Space, *, colour_by: ColourBy = "language", join: bool = True, labels: int = LABELS,
    heading: str = "", caption: str = "", theme: Theme = "light",
) -> Figure:  # fmt: skip
    """Draw sentences as points, those of one meaning joined by thin lines.

    Two sentences of a meaning are joined by a line, more of them by a line each to their middle. Meanings that are
    coloured or labelled are picked by where they lie, far from each other, and never by how well they hold together.

    Parameters
    ----------
    points : ndarray of shape (N, 2) or (N, 3)
        For example of a `Projection`. Not changed; drawn with one scale on all axes.
    space : Space
        N sentences, 1 or more.
    colour_by : {"language", "meaning"}
        By meaning, the shape of a point tells the language; up to 7 meanings have a colour each, of more 7 are picked
        out and the others are grey, because nobody tells a hundred colours apart.
    join : bool
        Whether to draw the lines.
    labels : int
        Sentences written beside their points, in the first language of the space, where there is room.
    heading : str
        Title; the default says how many meanings and languages there are.
    caption : str
        What the map depends on and how far to believe it: `thought.honesty.trust(...).caption()`.
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        Of matplotlib, 7.2 inches wide; `figure.savefig("map.svg")`. Fonts: see `thought.plots.words.fonts`.

    Raises
    ------
    ScoringError
        If there is no sentence, not one finite point for each, or a name is unknown.

    Examples
    --------
    >>> space = Space(("A dog.", "Ein Hund."), ("en", "de"), np.array([0, 0]), np.eye(2))
    >>> figure = map_of_thoughts(np.array([[0.0, 0.0], [1.0, 0.5]]), space, caption="Two points, placed by hand.")
    >>> figure.savefig("map.svg")
    """
    _check(points, space, colour_by)
    made = sheet(
        theme, _HEIGHT + KEY, title=heading or _counts(space), caption=caption,
        subtitle=_told(points, space, colour_by, join),
    )  # fmt: skip
    axes = lay_axes(made, (0, made.width, _HEIGHT), points, scale_of(points, made.width, _HEIGHT))
    coloured = draw(axes, made.look, points, space, colour_by, join)
    write_key(made, space, colour_by)
    write_labels(made, axes, points, space, far_apart(points, space.meanings, labels), coloured)
    return made.figure


def map_with_control(
    points: np.ndarray, space: Space, control: Space, *, colour_by: ColourBy = "language", heading: str = "",
    caption: str = "", theme: Theme = "light",
) -> Figure:  # fmt: skip
    """Draw a map and beside it the same points with shuffled meanings: what the lines look like without meaning.

    Parameters
    ----------
    points, space, colour_by, caption, theme
        As in `map_of_thoughts`.
    control : Space
        The same rows with meanings dealt out anew: `thought.honesty.shuffled(space, seed)`.
    heading : str
        The default says how many times longer the median line of the control is.

    Raises
    ------
    ScoringError
        As `map_of_thoughts`, and if the control has another number of sentences.
    """
    _check(points, space, colour_by)
    if len(control) != len(space):
        raise ScoringError(f"the control has {len(control)} sentences, the map {len(space)}")
    panels = (
        _Panel(points, space, "Translations joined"),
        _Panel(points, control, "Control: meanings shuffled"),
    )  # fmt: skip
    typical, by_chance = (_median(points, one.meanings) for one in (space, control))
    found = _counts(space)
    if typical is not None and by_chance:
        times = by_chance / max(typical, by_chance / 1000)
        closer = "hardly" if times < 1.5 else "far" if times >= 999 else f"{times:.{int(times < 10)}f} times"
        found = f"Translations lie {closer} closer than shuffled pairs"
    return _two(panels, heading or found, colour_by, caption, theme)


def before_and_after(
    before: np.ndarray, after: np.ndarray, space: Space, *, names: tuple[str, str] = ("Before", "After"),
    colour_by: ColourBy = "language", heading: str = "", captions: tuple[str, str] = ("", ""), theme: Theme = "light",
) -> Figure:  # fmt: skip
    """Draw two maps of the same sentences side by side, at one scale: an inch is as far on one as on the other.

    Parameters
    ----------
    before, after : ndarray of shape (N, 2) or (N, 3)
        Each is shown around its own middle; they should be in one basis, or the scale says nothing.
    names, captions : two of str
        Of the left map and of the right one.
    space, colour_by, heading, theme
        As in `map_of_thoughts`.

    Raises
    ------
    ScoringError
        As `map_of_thoughts`, and if the shapes of the points differ.
    """
    for points in (before, after):
        _check(points, space, colour_by)
    if before.shape != after.shape:
        raise ScoringError(f"shapes differ: before {before.shape}, after {after.shape}")
    panels = (_Panel(before, space, names[0]), _Panel(after, space, names[1]))
    said = "\n".join(dict.fromkeys(text for text in captions if text))
    return _two(panels, heading or f"{_counts(space)}, at one scale", colour_by, said, theme)


def map_of_groups(
    points: np.ndarray,
    space: Space,
    *,
    groups: int = HUES,
    heading: str = "",
    caption: str = "",
    theme: Theme = "light",
) -> Figure:
    """Draw the wordings of some meanings, each group in its hull and one of them written out, all others grey.

    Parameters
    ----------
    points : ndarray of shape (N, 2)
    space : Space
        N sentences, several of a meaning.
    groups : int
        Meanings picked out, far from each other, by where they lie and not by how well they hold together; after 7
        colours come round again.
    heading, caption, theme
        As in `map_of_thoughts`.

    Raises
    ------
    ScoringError
        As `map_of_thoughts`; also if the points are not on the plane or no meaning has two sentences.
    """
    _check(points, space, "meaning")
    if points.shape[1] != 2:
        raise ScoringError(f"hulls are drawn on the plane, got points {points.shape}")
    picked = far_apart(points, space.meanings, groups)
    if max(map(len, picked.values()), default=0) < 2:
        raise ScoringError("no meaning has two sentences: there are no groups to draw hulls around")
    scale = scale_of(points, _WIDTH, _HEIGHT)
    outlines = [rounded_hull(points[rows], _ROUND * scale) for rows in picked.values()]
    own = sum(map(len, picked.values()))
    strange = sum(int(inside(points, outline).sum()) for outline in outlines) - own
    made = sheet(
        theme, _HEIGHT, title=heading or f"{len(picked)} of {_counts(space)}", caption=caption,
        subtitle=f"Each hull holds all wordings of a meaning: {own} in all, and {strange:,} sentences of others.",
    )  # fmt: skip
    axes, size = lay_axes(made, (0, made.width, _HEIGHT), points, scale), size_of(points)
    axes.scatter(*points.T, s=0.7 * size, color=made.look.faint, alpha=0.5, linewidths=0, zorder=1)
    coloured: dict[int, str] = {}
    for number, (rows, outline) in enumerate(zip(picked.values(), outlines, strict=True)):
        colour = made.look.colours[number % HUES]
        axes.fill(*outline.T, facecolor=colour, alpha=0.14, linewidth=0, zorder=2)
        axes.plot(*np.vstack([outline, outline[:1]]).T, color=colour, linewidth=0.9, alpha=0.85, zorder=2)
        axes.scatter(*points[rows].T, s=2 * size, color=colour, edgecolors=made.look.sheet, linewidths=0.5, zorder=3)
        coloured |= dict.fromkeys(rows.tolist(), colour)
    write_labels(made, axes, points, space, picked, coloured)
    return made.figure


@dataclass(frozen=True)
class _Panel:
    """One of two maps."""

    points: np.ndarray
    space: Space
    name: str


def _two(panels: tuple[_Panel, _Panel], title: str, colour_by: ColourBy, caption: str, theme: Theme) -> Figure:
    side = (_WIDTH - _GAP) / 2
    made = sheet(theme, side + _HEADS + KEY, title=title, caption=caption)
    scale = max(scale_of(panel.points, side, side) for panel in panels)
    for number, panel in enumerate(panels):
        left = number * (side + _GAP)
        axes = lay_axes(made, (left, side, side), panel.points, scale)
        draw(axes, made.look, panel.points, panel.space, colour_by, join=True)
        made.head(left, side + 0.27, panel.name)
        made.write(left, side + 0.09, _said(panel.points, panel.space))
    write_key(made, panels[0].space, colour_by)
    return made.figure


def _check(points: np.ndarray, space: Space, colour_by: str) -> None:
    if not len(space):
        raise ScoringError("there are no sentences to draw")
    if points.ndim != 2 or len(points) != len(space) or points.shape[1] not in (2, 3):
        raise ScoringError(f"expected a point of 2 or 3 numbers for each of {len(space)} sentences, got {points.shape}")
    check_rows(points, "points")
    known: Sequence[str] = get_args(ColourBy)
    if colour_by not in known:
        raise ScoringError(f"cannot colour by {colour_by}{nearest(colour_by, known)}; by {' or '.join(known)}")


def _counts(space: Space) -> str:
    meanings, codes = len(np.unique(space.meanings)), len(space.codes)
    return f"{meanings:,} meaning{'s'[: meanings != 1]} in {codes} language{'s'[: codes != 1]}"


def _median(points: np.ndarray, meanings: np.ndarray) -> float | None:
    """Median length of the lines, as a share of the map's width; None where there are no lines."""
    ends, _ = lines(points, meanings)
    width = float(np.ptp(points, axis=0).max())
    return float(np.median(np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1))) / (width or 1.0) if len(ends) else None


def _told(points: np.ndarray, space: Space, colour_by: ColourBy, join: bool) -> str:
    count = len(np.unique(space.meanings))
    picked = f"{HUES} of {count:,} meanings are coloured." if colour_by == "meaning" and count > HUES else ""
    return " ".join(part for part in (_said(points, space) if join else "", picked) if part)


def _rounded(percent: float) -> str:
    return f"{percent:.0f}" if percent >= 10 else f"{percent:.1f}" if percent >= 0.1 else f"{percent:.2f}"


def _said(points: np.ndarray, space: Space) -> str:
    median = _median(points, space.meanings)
    return (
        "" if median is None else f"Half of the lines are shorter than {_rounded(100 * median)} % of the map's width."
    )
