"""Thoughts -> how they fill their room: evenly or in a corner, and along how many directions."""

from __future__ import annotations

import numpy as np

from thought.errors import ScoringError
from thought.geometry.cosine import check_rows, unit

CELLS = 1 << 22  # of a block of distances: 32 MB of float64, however many rows there are
SAME = 1e-5  # of the spread: rows nearer than this are one sentence, encoded in two batches


def uniformity(thoughts: np.ndarray, *, most: int = 5_000, seed: int = 1) -> float:
    """Logarithm of the mean of exp(-2 d^2) over all pairs of unit rows (Wang & Isola 2020, arXiv:2005.10242).

    Parameters
    ----------
    thoughts : ndarray of shape (N, Z)
    most : int
        Beyond so many rows, so many are drawn at random.
    seed : int
        Of that draw.

    Returns
    -------
    float in [-8, 0]
        Low is even. 0 is a collapsed space, the worst; random directions have about -4 + 8/Z, and many rows
        cannot do better.

    Raises
    ------
    ScoringError
        If there are fewer than two rows or a value is not finite.

    Examples
    --------
    >>> round(uniformity(np.array([[1.0, 0.0], [-2.0, 0.0]])), 6), uniformity(np.ones((5, 3)))
    (-8.0, 0.0)
    """
    thoughts = np.asarray(thoughts)
    check_rows(thoughts, least=2)
    units = unit(_some(thoughts, most, seed).astype(np.float64))
    lengths = np.einsum("nz,nz->n", units, units)  # 1, or 0 for a zero row
    step, total = max(1, CELLS // len(units)), 0.0
    for start in range(0, len(units), step):
        block = slice(start, start + step)
        squared = lengths[block, None] + lengths - 2 * (units[block] @ units.T)  # (B, N)
        total += float(np.exp(-2 * np.maximum(squared, 0)).sum())
    total -= len(units)  # each row with itself
    return min(0.0, float(np.log(total / (len(units) * (len(units) - 1)))))


def intrinsic_dimension(thoughts: np.ndarray, *, discard: float = 0.1, most: int = 5_000, seed: int = 1) -> float:
    """How many numbers a thought really varies by, from its two nearest neighbours (Facco et al. 2017).

    In d dimensions the ratio m of the second to the first distance has P(ratio < m) = 1 - m^-d; a fit through
    the origin gives d (Sci. Rep. 7:12140). Euclidean distances between the rows as they are: give `unit(thoughts)`
    for directions. Copies of a row (also up to rounding) count once, or duplicated sentences would look like
    a space of dimension 0. Give one language at a time: else both neighbours are translations, and the answer is
    the dimension of the scatter around a meaning, not of the meanings.

    Parameters
    ----------
    thoughts : ndarray of shape (N, Z)
    discard : float in [0, 1)
        Share of the largest ratios left out: they come from the border and from outliers.
    most : int
        Beyond so many rows, so many are drawn. Fewer rows lie farther apart, and see a coarser space.
    seed : int
        Of that draw.

    Returns
    -------
    float > 0
        Its standard error is about d / sqrt(N). There is no chance level: compare with random vectors of the same
        shape. Above about 20 the estimate falls far below the truth: 1,000 Gaussian rows of 1,024 numbers have
        about 165.

    Raises
    ------
    ScoringError
        If there are fewer than three distinct rows, or every row has two equally near neighbours, as on a grid.

    Examples
    --------
    >>> plane = np.random.default_rng(1).normal(size=(2_000, 2))
    >>> round(intrinsic_dimension(plane @ np.ones((2, 50)) + np.pad(plane, ((0, 0), (0, 48)))), 1)
    2.0
    """
    thoughts = np.asarray(thoughts)
    check_rows(thoughts, least=3)
    if not 0 <= discard < 1:
        raise ScoringError(f"discard must lie in [0, 1), got {discard}")
    rows = _some(thoughts, most, seed).astype(np.float64)
    rows = rows - rows.mean(axis=0)
    ratios, is_copy = _ratios(rows)
    if is_copy.any():
        if (~is_copy).sum() < 3:
            raise ScoringError(f"thoughts must have at least 3 distinct rows, got {(~is_copy).sum()} of {len(rows)}")
        ratios, _ = _ratios(rows[~is_copy])
    kept = max(1, int(len(ratios) * (1 - discard)))
    across = np.log(np.sort(ratios)[:kept])
    up = -np.log1p(-np.arange(1, kept + 1) / (len(ratios) + 1))  # with + 1, lest the last be infinite
    if across[-1] < 1e-9:  # ones, up to rounding
        raise ScoringError("every thought has two equally near neighbours: the rows form a grid without a dimension")
    return float(across @ up / (across @ across))


def spectrum(thoughts: np.ndarray) -> np.ndarray:
    """Share of the variance that lies along each principal component, the largest first.

    Parameters
    ----------
    thoughts : ndarray of shape (N, Z)
        Taken as they are, as a PCA map does; give `unit(thoughts)` for directions.

    Returns
    -------
    ndarray of shape (min(N - 1, Z),), float64
        Sums to 1. Chance, for equal variance in all directions and N far above Z, is 1/Z each.

    Raises
    ------
    ScoringError
        If there are fewer than two rows, all rows are equal, or a value is not finite.

    Examples
    --------
    >>> spectrum(np.array([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]]))
    array([0.9, 0.1])
    """
    thoughts = np.asarray(thoughts)
    check_rows(thoughts, least=2)
    rows = thoughts - thoughts.mean(axis=0, dtype=np.float64)
    values = np.linalg.eigvalsh(rows.T @ rows if len(rows) > rows.shape[1] else rows @ rows.T)
    shares = np.maximum(values[::-1], 0)[: min(len(rows) - 1, rows.shape[1])]
    if shares.sum() <= len(rows) * np.finfo(np.float64).eps * float(np.square(thoughts, dtype=np.float64).sum()):
        raise ScoringError(f"all {len(rows)} thoughts are equal: there is no variance to share out")
    found: np.ndarray = shares / shares.sum()
    return found


def effective_dimension(shares: np.ndarray) -> float:
    """Participation ratio of a spectrum, 1 / sum of squares: k when k components share the variance equally.

    At least 1. Chance, for N random rows of Z numbers, is about Z / (1 + Z / N).

    >>> effective_dimension(np.array([0.5, 0.5, 0.0]))
    2.0
    """
    return float(1 / np.square(shares).sum())


def _some(thoughts: np.ndarray, most: int, seed: int) -> np.ndarray:
    if len(thoughts) <= most:
        return thoughts
    return thoughts[np.sort(np.random.default_rng(seed).choice(len(thoughts), most, replace=False))]


def _ratios(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Second distance over the first, (N,), and whether a row is a copy of an earlier one, (N,)."""
    lengths = np.einsum("nz,nz->n", rows, rows)
    same = SAME**2 * lengths.mean()  # the rows are centred: this is a share of the variance
    step, ratios, is_copy = max(1, CELLS // len(rows)), np.ones(len(rows)), np.zeros(len(rows), dtype=bool)
    for start in range(0, len(rows), step):
        block = np.arange(start, min(start + step, len(rows)))
        squared = np.maximum(lengths[block, None] + lengths - 2 * (rows[block] @ rows.T), 0)  # (B, N)
        squared[block - start, block] = np.inf
        is_copy[block] = ((squared <= same) & (np.arange(len(rows)) < block[:, None])).any(axis=1)
        nearest = np.partition(squared, 1, axis=1)[:, :2]
        ratios[block] = np.sqrt(nearest[:, 1] / np.maximum(nearest[:, 0], same or 1))
    return ratios, is_copy
