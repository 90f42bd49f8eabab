"""A space and a map of it -> how far to believe the map: neighbours it invents, loses and keeps."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from thought.errors import ScoringError
from thought.geometry.cosine import TIE, check_rows, unit

CELLS = 1 << 22  # distances in a block: 32 MB of float64, however many rows there are


@dataclass(frozen=True)
class Distortion:
    """How far to believe a map, over neighbourhoods of one size."""

    trustworthiness: float  # in [0, 1]; low: neighbours on the map that are none in the space
    continuity: float  # in [0, 1]; low: neighbours in the space that the map tears apart
    overlap: float  # in [0, 1], mean share of the k nearest that stay
    chance: float  # of trustworthiness and continuity, for a random map: about 1/2
    chance_overlap: float  # k / (N - 1)
    k: int  # neighbours
    count: int  # rows


def trustworthiness(high: np.ndarray, low: np.ndarray, k: int = 10) -> float:
    """How far the neighbours that the map shows are neighbours in the space (Venna & Kaski 2001).

    1 - 2 / (N k (2N - 3k - 1)) times the sum, over each row and those of its k nearest on the map that are not
    among its k nearest in the space, of (rank in the space - k). Neighbours are by cosine in the space, by Euclidean
    distance on the map. The same as `sklearn.manifold.trustworthiness(high, low, n_neighbors=k, metric="cosine")`,
    but in blocks, so that memory does not grow with N * N, and equal distances, as of duplicated sentences,
    count as if the order among them were drawn by lot.

    Parameters
    ----------
    high : ndarray of shape (N, Z)
        Thoughts.
    low : ndarray of shape (N, D)
        Their points on the map, in the same order.
    k : int
        Neighbours. The formula needs k < N / 2: a larger k is reduced, with a warning.

    Returns
    -------
    float in [0, 1]
        A random map, or one point for all, has 1 - (N - 1 - k) (N - k) / ((N - 1) (2N - 3k - 1)), about 1/2.
        The floor is 0.

    Raises
    ------
    ScoringError
        If there are fewer than 3 rows, the numbers of rows differ, k is below 1, or a value is not finite.

    Examples
    --------
    >>> angles = np.linspace(0, 3, 9)[:, None]
    >>> trustworthiness(np.hstack([np.cos(angles), np.sin(angles)]), angles, k=2)
    1.0
    """
    return _measured(high, low, k, "t").trustworthiness


def continuity(high: np.ndarray, low: np.ndarray, k: int = 10) -> float:
    """How far neighbours in the space stay neighbours on the map: `trustworthiness` with the roles exchanged.

    Over each row and those of its k nearest in the space that are not among its k nearest on the map, (rank on the
    map - k), with the same factor. Cosine in the space, Euclidean distance on the map.

    Parameters
    ----------
    high : ndarray of shape (N, Z)
    low : ndarray of shape (N, D)
    k : int
        As in `trustworthiness`.

    Returns
    -------
    float in [0, 1]
        Chance is about 1/2, as for `trustworthiness`; the floor is 0.

    Raises
    ------
    ScoringError
        As in `trustworthiness`.

    Examples
    --------
    >>> angles = np.linspace(0, 3, 9)[:, None]
    >>> folded = np.abs(angles - 1.5)  # a map folded in half
    >>> round(continuity(np.hstack([np.cos(angles), np.sin(angles)]), folded, k=2), 2)
    0.78
    """
    return _measured(high, low, k, "c").continuity


def neighbour_overlap(high: np.ndarray, low: np.ndarray, k: int = 10) -> float:
    """Mean share of the k nearest rows in the space, by cosine, that are among the k nearest on the map.

    Parameters
    ----------
    high : ndarray of shape (N, Z)
    low : ndarray of shape (N, D)
    k : int
        As in `trustworthiness`, whose bound it shares so that the three can be read together.

    Returns
    -------
    float in [0, 1]
        Chance is k / (N - 1); the floor is 0.

    Raises
    ------
    ScoringError
        As in `trustworthiness`.

    Examples
    --------
    >>> angles = np.linspace(0, 3, 9)[:, None]
    >>> neighbour_overlap(np.hstack([np.cos(angles), np.sin(angles)]), 2 * angles, k=2)
    1.0
    """
    return _measured(high, low, k, "o").overlap


def measure_distortion(high: np.ndarray, low: np.ndarray, k: int = 10) -> Distortion:
    """`trustworthiness`, `continuity` and `neighbour_overlap` with their chance levels, in one pass over the distances.

    Parameters, errors and warnings are theirs.

    Examples
    --------
    >>> rows = np.random.default_rng(1).normal(size=(200, 8))
    >>> found = measure_distortion(rows, rows[::-1, :2])  # the points of other rows
    >>> round(found.overlap, 2), round(found.chance_overlap, 2)
    (0.05, 0.05)
    """
    return _measured(high, low, k, "tco")


def _measured(high: np.ndarray, low: np.ndarray, k: int, wanted: str) -> Distortion:
    """Measure what is wanted, of t, c and o; the rest is 0."""
    high, low = np.asarray(high), np.asarray(low)
    k = _checked(high, low, k)
    sums = dict.fromkeys("tco", 0.0)
    for in_space, on_map in _distances(high, low):
        near_space, near_map = _chances(in_space, k), _chances(on_map, k)
        if "o" in wanted:
            sums["o"] += float(np.einsum("bn,bn->", near_space, near_map, dtype=np.float64))
        if "t" in wanted:
            sums["t"] += _excess(in_space, near_map, k)
        if "c" in wanted:
            sums["c"] += _excess(on_map, near_space, k)
    count = len(high)
    factor = 2 / (count * k * (2 * count - 3 * k - 1))
    chance = 1 - (count - 1 - k) * (count - k) / ((count - 1) * (2 * count - 3 * k - 1))
    kept = sums["o"] / (count * k)
    return Distortion(1 - factor * sums["t"], 1 - factor * sums["c"], kept, chance, k / (count - 1), k, count)


def _checked(high: np.ndarray, low: np.ndarray, k: int) -> int:
    """Return the k that N allows, or raise."""
    check_rows(high, "thoughts", least=3)
    check_rows(low, "points of the map")
    if len(high) != len(low):
        raise ScoringError(f"a map needs one point for each thought, got thoughts {high.shape}, points {low.shape}")
    if k < 1:
        raise ScoringError(f"k must be at least 1, got {k}")
    most = (len(high) - 1) // 2
    if k > most:
        text = f"{k} neighbours need more than {2 * k} rows, got {len(high)}: k is reduced to {most}"
        warnings.warn(text, stacklevel=4)
    return min(k, most)


def _distances(high: np.ndarray, low: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield blocks of distances of some rows to all, (B, N), in the space and on the map, in units of what is a tie."""
    units = unit(high)
    low = low - low.mean(axis=0, dtype=np.float64)
    low = low / (np.abs(low).max() or 1)
    lengths = np.einsum("nd,nd->n", low, low)  # (N,)
    step = max(1, CELLS // len(high))
    for start in range(0, len(high), step):
        block = np.arange(start, min(start + step, len(high)))
        in_space = 1 - units[block] @ units.T
        on_map = lengths[block, None] + lengths - 2 * (low[block] @ low.T)
        for distances, tie in ((in_space, TIE), (on_map, TIE**2)):
            distances /= tie
            distances[block - start, block] = np.inf  # a row is not its own neighbour
        yield in_space, on_map


def _chances(distances: np.ndarray, k: int) -> np.ndarray:
    """Probability that a column is among the k nearest of a row if ties are broken by lot: (B, N); rows sum to k."""
    last = np.partition(distances, k - 1, axis=1)[:, k - 1 : k]  # (B, 1)
    is_in = distances < last - 1
    is_tied = (distances <= last + 1) & ~is_in
    places = k - np.count_nonzero(is_in, axis=1, keepdims=True)
    share = places / np.count_nonzero(is_tied, axis=1, keepdims=True)
    return np.asarray(is_in + is_tied * share.astype(np.float32))


def _excess(distances: np.ndarray, chances: np.ndarray, k: int) -> float:
    """Sum over the chosen columns of how far their rank among all distances of the row is expected to exceed k."""
    total = 0.0
    for row, line in enumerate(distances):
        columns = np.flatnonzero(chances[row])
        edges = np.concatenate(
            [line[columns] - 1, line[columns] + 1]
        )  # nearer than the first: before; the second: tied
        order = np.argsort(edges)
        counts = np.bincount(np.searchsorted(edges[order], line, side="right"), minlength=len(edges))
        below = np.empty(len(edges), dtype=np.int64)
        below[order] = np.cumsum(counts)[: len(edges)]  # distances under each edge
        first, last = np.split(below, 2)  # the ranks that the lot may give: first + 1 to last
        over = np.clip(k, first, last)
        excess = (last - over) * (last + over + 1 - 2 * k) / 2  # sum of (rank - k) over those of them above k
        total += float(chances[row, columns] @ (excess / (last - first)))
    return total
