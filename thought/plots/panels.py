"""One map on a sheet: axes at a scale, points and lines on them, the key of languages and sentences beside points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patheffects import withStroke

from thought.plots.shapes import arrange, far_apart, lines
from thought.plots.style import BODY, MARKERS, SMALL, Look, Sheet, colours_of
from thought.plots.words import measure, wrap
from thought.space import Space

ColourBy = Literal["language", "meaning"]
HUES = 7  # meanings that colours can tell apart; of more, some are picked out and the others stay grey
KEY = 0.26  # inches, for the names of languages
_LABEL = 1.7  # inches, the width of a label at most
_AIR = 1.08  # what is shown, in ranges of the points


def size_of(points: np.ndarray) -> float:
    """Area of a point, in square points: 60 for a handful, 6 for thousands."""
    return float(np.clip(380 / np.sqrt(len(points)), 6, 60))


def scale_of(points: np.ndarray, width: float, height: float) -> float:
    """Units of the map an inch, so that all points fit into so many inches."""
    ranges = np.ptp(points, axis=0).astype(float)
    needed = max(ranges[0] / width, ranges[1] / height) if points.shape[1] == 2 else ranges.max() / height
    return float(needed * _AIR) or 1.0


def lay_axes(made: Sheet, place: tuple[float, float, float], points: np.ndarray, scale: float) -> Any:
    """Add axes at (left, width, height), in inches, that show the points around their middle at a scale."""
    left, width, height = place
    middle = (points.max(axis=0) / 2 + points.min(axis=0) / 2).tolist()
    if points.shape[1] == 2:
        axes = made.axes(left, 0, width, height, is_bare=True)
        axes.set_facecolor(made.look.sheet)
        for at, size, limit in zip(middle, (width, height), (axes.set_xlim, axes.set_ylim), strict=True):
            limit(at - size * scale / 2, at + size * scale / 2)
        return axes
    axes = made.axes(left, 0, width, height, is_bare=True, projection="3d")
    for at, limit in zip(middle, (axes.set_xlim, axes.set_ylim, axes.set_zlim), strict=True):
        limit(at - height * scale / 2, at + height * scale / 2)
    axes.set_box_aspect((1, 1, 1), zoom=1.2)
    axes.view_init(elev=18, azim=-60)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_ticks([])
        axis.set_pane_color(made.look.sheet)
        axis.line.set_color(made.look.line)
    return axes


def draw(axes: Any, look: Look, points: np.ndarray, space: Space, colour_by: ColourBy, join: bool) -> dict[int, str]:
    """Draw lines and points; return row -> colour of those that have one."""
    coloured = _colours(points, space, colour_by, look)
    count, size = len(points), size_of(points)
    if join:
        ends, rows = lines(points, space.meanings)
        by_meaning = [coloured.get(row, look.faint) for row in rows.tolist()]
        how: dict[str, Any] = {"colors": look.soft if colour_by == "language" else by_meaning}
        how |= {"linewidths": float(np.clip(14 / np.sqrt(count), 0.35, 1.2)), "alpha": 0.75 if count < 500 else 0.5}
        if points.shape[1] == 2:
            axes.add_collection(LineCollection(list(ends), zorder=1, **how), autolim=False)
        else:
            from mpl_toolkits.mplot3d.art3d import Line3DCollection

            axes.add_collection3d(Line3DCollection(list(ends), **how), autolim=False)
    edge = {"edgecolors": look.sheet, "linewidths": 0.5 if size > 9 else 0}
    grey = np.array([row for row in range(count) if row not in coloured], dtype=int)
    if len(grey):
        axes.scatter(*points[grey].T, s=0.8 * size, color=look.faint, alpha=0.6, linewidths=0, zorder=2)
    if colour_by == "language":
        order = np.random.default_rng(1).permutation(count)  # or the last language would cover the others
        hues = [coloured[row] for row in order.tolist()]
        axes.scatter(*points[order].T, s=size, c=hues, alpha=0.9 if count < 500 else 0.75, zorder=3, **edge)
        return coloured
    for number, code in enumerate(space.codes):
        rows = np.array([row for row in space.rows(code).tolist() if row in coloured], dtype=int)
        hues = [coloured[row] for row in rows.tolist()]
        axes.scatter(
            *points[rows].T,
            s=2.6 * size if len(grey) else 1.5 * size,
            c=hues,
            marker=MARKERS[number % len(MARKERS)],
            zorder=3,
            **edge,
        )
    return coloured


def _colours(points: np.ndarray, space: Space, colour_by: ColourBy, look: Look) -> dict[int, str]:
    if colour_by == "language":
        hues = colours_of(space.codes, look)
        return {row: hues[code] for row, code in enumerate(space.languages)}
    picked = far_apart(points, space.meanings, HUES)
    return {row: look.colours[number] for number, rows in enumerate(picked.values()) for row in rows.tolist()}


def write_key(made: Sheet, space: Space, colour_by: ColourBy) -> None:
    """Name the languages above the map: by colour, or by shape where colour is meaning."""
    left, up = 0.06, made.height - 0.08
    hues = colours_of(space.codes, made.look)
    for number, code in enumerate(space.codes):
        is_hue = colour_by == "language"
        marker = "o" if is_hue else MARKERS[number % len(MARKERS)]
        made.mark(
            (left, up), marker=marker, color=hues[code] if is_hue else made.look.soft, markersize=5.5, linestyle=""
        )
        made.write(left + 0.11, up, code, size=BODY, colour=made.look.ink, va="center_baseline")
        left += 0.11 + measure(code, BODY) + 0.26
        if left > made.width - 0.6:  # dozens of languages: the rest has no room
            made.write(left, up, "…", size=BODY, va="center_baseline")
            break


def write_labels(
    made: Sheet, axes: Any, points: np.ndarray, space: Space, picked: Mapping[int, np.ndarray], hues: Mapping[int, str]
) -> None:
    """Write one sentence of each meaning beside its point, in the first language of the space if it has that."""
    chosen = [
        next((row for row in rows.tolist() if space.languages[row] == space.codes[0]), int(rows[0]))
        for rows in picked.values()
    ]
    if not chosen:
        return
    texts = [wrap(space.texts[row], _LABEL, SMALL, lines=2) for row in chosen]
    sizes = [(max(measure(line, SMALL) for line in text), 1.25 * len(text) * SMALL / 72) for text in texts]
    dots = _inches(made, axes, points)
    radius = np.sqrt(2 * size_of(points)) / 2 / 72
    corners = arrange(dots[chosen], np.array(sizes), tuple(axes.bbox.size / made.figure.dpi), dots, radius=radius)
    halo = [withStroke(linewidth=2.4, foreground=made.look.sheet)]
    for row, text, size, corner in zip(chosen, texts, sizes, corners, strict=True):
        if np.isnan(corner).any():
            continue
        end = np.clip(dots[row], corner, corner + size)
        if np.linalg.norm(end - dots[row]) > 0.12 + radius:
            made.mark(tuple(dots[row]), tuple(end), color=hues.get(row, made.look.soft), linewidth=0.7)
        made.write(
            corner[0],
            corner[1] + size[1] / 2,
            "\n".join(text),
            colour=made.look.ink,
            va="center",
            path_effects=halo,
            linespacing=1.15,
        )


def _inches(made: Sheet, axes: Any, points: np.ndarray) -> np.ndarray:
    """Where points of a map stand on the sheet, in inches from the lower left corner of what is free: (N, 2)."""
    if points.shape[1] == 3:
        from mpl_toolkits.mplot3d.proj3d import proj_transform

        axes.apply_aspect()
        points = np.stack(proj_transform(*points.T, axes.get_proj())[:2], axis=1)
    found: np.ndarray = axes.transData.transform(points) / made.figure.dpi - (made.left, made.bottom)
    return found
