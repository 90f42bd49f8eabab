"""Points of sentences -> what a map draws between and around them: lines, hulls, and meanings far from each other."""

from __future__ import annotations

import numpy as np

_ROUND = 24  # corners of a circle
_DISTANCES = (0.06, 0.12, 0.2, 0.32, 0.5, 0.75)  # inches from a point to its label
_AIR = 0.03  # inches around a label


def middles(points: np.ndarray, meanings: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the meanings lie: numbers (M,), middles (M, D), and the place of each sentence's meaning in them (N,)."""
    numbers, place = np.unique(meanings, return_inverse=True)
    place = place.reshape(-1)
    sums = np.stack([np.bincount(place, axis) for axis in points.T], axis=1)  # (M, D)
    return numbers, sums / np.bincount(place)[:, None], place


def lines(points: np.ndarray, meanings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lines that join the sentences of a meaning: one between two, of more one each to their middle.

    Parameters
    ----------
    points : ndarray of shape (N, D)
    meanings : ndarray of shape (N,)

    Returns
    -------
    ends : ndarray of shape (L, 2, D)
    rows : ndarray of shape (L,)
        The sentence each begins at.
    """
    _, middle, place = middles(points, meanings)
    sizes = np.bincount(place)[place]  # (N,)
    many = np.flatnonzero(sizes > 2)
    two = np.flatnonzero(sizes == 2)
    pairs = two[np.argsort(place[two], kind="stable")].reshape(-1, 2)
    rows = np.concatenate([pairs[:, 0], many])
    ends = np.concatenate([points[pairs[:, 1]], middle[place[many]]])
    return np.stack([points[rows], ends], axis=1), rows


def far_apart(points: np.ndarray, meanings: np.ndarray, count: int) -> dict[int, np.ndarray]:
    """Pick meanings far from each other on a map: number -> its rows, at most so many.

    The first is the one nearest to the middle of all, each further one as far as can be from those picked. They are
    picked by where they lie and not by how well they hold together; where there are enough, only among meanings of two
    sentences or more and without the outermost tenth, which would take most places.
    """
    numbers, middle, place = middles(points, meanings)
    sizes = np.bincount(place)
    distance = np.linalg.norm(middle - np.median(middle, axis=0), axis=1)  # (M,)
    may = sizes > 1 if (sizes > 1).any() else sizes > 0
    typical = may & (distance <= np.quantile(distance[may], 0.9))
    may = typical if typical.sum() >= count else may
    found: dict[int, np.ndarray] = {}
    apart = distance.max() - distance
    while len(found) < count and may.any():
        pick = int(np.where(may, apart, -1.0).argmax())
        steps = np.linalg.norm(middle - middle[pick], axis=1)
        apart = np.minimum(apart, steps) if found else steps
        found[int(numbers[pick])] = np.flatnonzero(place == pick)
        may[pick] = False
    return found


def hull(points: np.ndarray) -> np.ndarray:
    """Rows of the convex hull, anticlockwise, without those inside an edge: (n, 2) -> (m,), m <= n.

    By the monotone chain of Andrew (1979), doi:10.1016/0020-0190(79)90072-3.
    """
    order = [int(row) for row in np.lexsort((points[:, 1], points[:, 0]))]
    sides: list[list[int]] = []
    for rows in (order, order[::-1]):  # below, from left to right, and back above
        side: list[int] = []
        for row in rows:
            while len(side) > 1 and not _turns_left(points[side[-2]], points[side[-1]], points[row]):
                side.pop()
            side.append(row)
        sides.append(side[:-1])
    return np.array(sides[0] + sides[1] or order[:1])


def rounded_hull(points: np.ndarray, radius: float) -> np.ndarray:
    """Corners, anticlockwise, of what stays within a radius of the convex hull: (n, 2) -> (m, 2)."""
    angles = np.linspace(0, 2 * np.pi, _ROUND, endpoint=False)
    circle = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    corners = (points[hull(points)][:, None] + circle).reshape(-1, 2)
    found: np.ndarray = corners[hull(corners)]
    return found


def inside(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Whether points lie in a convex polygon, its edge included: (N, 2), (m, 2) anticlockwise -> (N,)."""
    edges = np.roll(corners, -1, axis=0) - corners  # (m, 2)
    steps = points[:, None] - corners  # (N, m, 2)
    turns = edges[:, 0] * steps[..., 1] - edges[:, 1] * steps[..., 0]
    return np.asarray((turns >= 0).all(axis=1))


def _turns_left(first: np.ndarray, second: np.ndarray, third: np.ndarray) -> bool:
    one, two = second - first, third - first
    return bool(one[0] * two[1] - one[1] * two[0] > 0)


def arrange(
    anchors: np.ndarray, sizes: np.ndarray, room: tuple[float, float], dots: np.ndarray, *, radius: float
) -> np.ndarray:
    """Find places for labels beside their points, where they cover no other label and few dots.

    Parameters
    ----------
    anchors : ndarray of shape (n, 2)
        The points the labels belong to.
    sizes : ndarray of shape (n, 2)
        Width and height of each label.
    room : tuple of float
        Width and height of the whole; labels stay within it.
    dots : ndarray of shape (N, 2)
        What should not be covered.
    radius : float
        Of a dot.

    Returns
    -------
    ndarray of shape (n, 2)
        Lower left corners; NaN where there is no room.
    """
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    round_about = np.stack([np.cos(angles), np.sin(angles)], axis=1)  # (16, 2)
    found = np.full(anchors.shape, np.nan)
    taken = [np.concatenate([anchor - radius, anchor + radius]) for anchor in anchors]  # hide no other's point
    price = max(1.0, 300 / len(dots))  # of a dot covered; among thousands that cannot be helped
    for number, (anchor, size) in enumerate(zip(anchors, sizes, strict=True)):
        best = np.inf
        for distance in _DISTANCES:
            for step in round_about:
                corner = anchor + (radius + distance) * step + step * size / 2 - size / 2
                box = np.concatenate([corner, corner + size])
                is_out = (corner < 0).any() or (corner + size > room).any()
                if is_out or any(_overlap(box, other) for other in taken):
                    continue
                covered = ((dots > corner - radius) & (dots < corner + size + radius)).all(axis=1).sum()
                cost = price * float(covered) + 12 * distance
                if cost < best:
                    best, found[number] = cost, corner
        if np.isfinite(best):
            taken.append(np.concatenate([found[number], found[number] + size]))
    return found


def _overlap(box: np.ndarray, other: np.ndarray) -> bool:
    return bool((box[:2] < other[2:] + _AIR).all() and (other[:2] < box[2:] + _AIR).all())
