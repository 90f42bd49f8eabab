"""Thoughts, and which of them say the same -> how clearly do meanings form clusters."""

from __future__ import annotations

import warnings

import numpy as np

from thought.errors import ScoringError
from thought.geometry.cosine import TIE, check_labels, check_pair, check_rows, unit

CELLS = 1 << 22  # of a block of similarities: 32 MB of float64, however many rows there are
KEPT = 64  # principal components that k-means reads
RESTARTS = 10  # of k-means, where they are cheap
FEW_GROUPS = 100  # up to here they are


def silhouette(thoughts: np.ndarray, groups: np.ndarray, *, most: int = 5_000, seed: int = 1) -> float:
    """How much nearer the own group is than the next one, on average (Rousseeuw 1987), with cosine distance.

    A row scores (b - a) / max(a, b), where a is its mean distance to the others of its group and b
    the least mean distance to another group. A row alone in its group scores 0; so does one whose a and b are
    equal. The same as `sklearn.metrics.silhouette_score(..., metric="cosine")`, from sums over groups
    instead of all N * N distances.

    Parameters
    ----------
    thoughts : ndarray of shape (N, Z)
    groups : array of shape (N,)
        Rows with equal values belong together.
    most : int
        Beyond so many rows, whole groups are drawn at random until they hold so many; only their rows are
        scored, but against all groups, so that the expected value does not depend on `most`.
    seed : int
        Of that draw.

    Returns
    -------
    float in [-1, 1]
        Chance, for groups that have nothing to do with the thoughts, is about 0 with few groups and below with
        many, since b is the least of many means (-0.3 for 1,000 groups of 4 sentences). The floor is -1.

    Raises
    ------
    ScoringError
        If there is one group only, if no group has two rows, or if a value is not finite.

    Examples
    --------
    >>> silhouette(np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0], [0.0, 3.0]]), np.array([0, 0, 1, 1]))
    1.0
    """
    thoughts, numbers, sizes = _grouped(thoughts, groups)
    sums = _sums(thoughts, numbers, len(sizes))
    rows, total = _drawn(numbers, sizes, most, seed), 0.0
    step = max(1, CELLS // len(sizes))
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        own, each = numbers[block], np.arange(len(block))
        units = unit(thoughts[block].astype(np.float64))
        similar = units @ sums.T  # (B, G), summed over each group
        within = similar[each, own] - np.einsum("bz,bz->b", units, units)  # without the row itself
        a = 1 - within / np.maximum(sizes[own] - 1, 1)
        others = similar / sizes
        others[each, own] = -np.inf
        b = 1 - others.max(axis=1)
        is_clear = (sizes[own] > 1) & (np.abs(b - a) > TIE)
        total += float((is_clear * (b - a) / np.where(is_clear, np.maximum(a, b), 1)).sum())
    return total / len(rows)


def purity(thoughts: np.ndarray, groups: np.ndarray) -> float:
    """Share of rows whose nearest group centre, by cosine, is that of their own group without them.

    Were a row part of its own centre, groups of two would win for free. A centre is the mean of the unit
    rows; rows alone in their group are not scored, but their groups compete. Ties count as if broken by lot.

    Parameters
    ----------
    thoughts : ndarray of shape (N, Z)
    groups : array of shape (N,)
        Rows with equal values belong together.

    Returns
    -------
    float in [0, 1]
        Chance is 1/G with G groups, or a little below: the own centre is the mean of one row less than the
        others are, and the fewer rows, the less it holds of the direction that all thoughts share. The floor is 0.

    Raises
    ------
    ScoringError
        If there is one group only, if no group has two rows, or if a value is not finite.

    Examples
    --------
    >>> purity(np.array([[9.0, 1.0], [9.0, 2.0], [1.0, 9.0], [2.0, 9.0]]), np.array([0, 0, 1, 1]))
    1.0
    """
    thoughts, numbers, sizes = _grouped(thoughts, groups)
    sums = _sums(thoughts, numbers, len(sizes))
    centres = unit(sums)  # (G, Z)
    rows, found = np.flatnonzero(sizes[numbers] > 1), 0.0
    step = max(1, CELLS // len(sizes))
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        units = unit(thoughts[block].astype(np.float64))
        own = np.einsum("bz,bz->b", units, unit(sums[numbers[block]] - units))[:, None]  # (B, 1)
        cosine = units @ centres.T  # (B, G)
        cosine[np.arange(len(block)), numbers[block]] = -np.inf
        as_near = 1 + (cosine >= own - TIE).sum(axis=1)
        found += float((1 / as_near)[(cosine <= own + TIE).all(axis=1)].sum())
    return found / len(rows)


def kmeans_ari(thoughts: np.ndarray, groups: np.ndarray, *, seed: int = 1) -> float:
    """Agreement of k-means, told only how many groups there are, with the groups: adjusted Rand index.

    Lloyd's algorithm on the unit rows, at most 50 rounds from k-means++ seeds: the best of 10 starts by distance for
    up to 100 groups, one start for more. It reads the first 64 principal components only: on thoughts of
    1,024 numbers that changed the index by less than 0.01, as other seeds do, and was ten times faster.

    Parameters
    ----------
    thoughts : ndarray of shape (N, Z)
    groups : array of shape (N,)
        Rows with equal values belong together.
    seed : int
        Of the starts.

    Returns
    -------
    float in [-0.5, 1]
        Chance is 0 (Hubert & Arabie 1985), and 1 is full agreement.

    Raises
    ------
    ScoringError
        If there is one group only, if no group has two rows, or if a value is not finite.

    Examples
    --------
    >>> kmeans_ari(np.array([[9.0, 1.0], [9.0, 2.0], [1.0, 9.0], [2.0, 9.0]]), np.array([0, 0, 1, 1]))
    1.0
    """
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import adjusted_rand_score

    thoughts, numbers, sizes = _grouped(thoughts, groups)
    starts = RESTARTS if len(sizes) <= FEW_GROUPS else 1
    means = KMeans(len(sizes), n_init=starts, max_iter=50, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct rows than groups: the index says it
        found = means.fit_predict(_principal(unit(thoughts), KEPT))
    return float(adjusted_rand_score(numbers, found))


def alignment(first: np.ndarray, second: np.ndarray) -> float:
    """Mean squared distance of pairs that say the same, on unit vectors (Wang & Isola 2020, arXiv:2005.10242).

    Equal to 2 - 2 times the mean cosine. A collapsed space has 0 too: read it beside `spread.uniformity`.

    Parameters
    ----------
    first, second : ndarray of shape (N, Z)
        Row i of one says the same as row i of the other.

    Returns
    -------
    float in [0, 4]
        0 is best. Chance, for vectors without a common direction, is 2; for thoughts, that of shuffled pairs.

    Raises
    ------
    ScoringError
        If the shapes differ or a value is not finite.

    Examples
    --------
    >>> alignment(np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([[3.0, 0.0], [1.0, 0.0]]))
    1.0
    """
    first, second = np.asarray(first), np.asarray(second)
    check_pair(first, second)
    apart = unit(first) - unit(second)  # (N, Z)
    return float(np.einsum("nz,nz->n", apart, apart).mean(dtype=np.float64))


def numbered(groups: np.ndarray, count: int, name: str = "groups") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct values in order (G,), the number of each row's (N,), and how many rows each has (G,)."""
    groups = np.asarray(groups)
    check_labels(groups, count, name)
    try:
        values, numbers, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    except TypeError as error:  # None among words, for example
        raise ScoringError(f"{name} must be of one kind, all words or all numbers: {error}") from error
    return values, numbers, sizes


def _grouped(thoughts: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Check what every measure of groups needs; the thoughts (N, Z), their group numbers (N,), group sizes (G,)."""
    thoughts = np.asarray(thoughts)
    check_rows(thoughts, least=3)
    _, numbers, sizes = numbered(groups, len(thoughts))
    if len(sizes) < 2:
        raise ScoringError(f"there must be at least 2 groups, got 1 of {len(thoughts)} rows")
    if sizes.max() < 2:
        raise ScoringError(f"at least one group must have 2 rows, got {len(sizes)} groups of one")
    return thoughts, numbers, sizes


def _sums(thoughts: np.ndarray, numbers: np.ndarray, groups: int) -> np.ndarray:
    """Sum of the unit rows of each group: (G, Z), float64."""
    sums = np.zeros((groups, thoughts.shape[1]))
    order = np.argsort(numbers, kind="stable")
    step = max(1, CELLS // thoughts.shape[1])
    for start in range(0, len(order), step):
        rows = order[start : start + step]
        found, first = np.unique(numbers[rows], return_index=True)
        sums[found] += np.add.reduceat(unit(thoughts[rows].astype(np.float64)), first, axis=0)
    return sums


def _drawn(numbers: np.ndarray, sizes: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Rows of groups drawn until they hold `most`, or all."""
    if len(numbers) <= most:
        return np.arange(len(numbers))
    order = np.random.default_rng(seed).permutation(len(sizes))
    needed = int(np.searchsorted(np.cumsum(sizes[order]), most)) + 1
    return np.flatnonzero(np.isin(numbers, order[:needed]))


def _principal(rows: np.ndarray, most: int) -> np.ndarray:
    """Coordinates of the rows along their first components: (N, Z) -> (N, at most so many)."""
    rows = rows - rows.mean(axis=0)
    if len(rows) > rows.shape[1]:
        _, vectors = np.linalg.eigh(rows.T @ rows)
        return np.asarray(rows @ vectors[:, -most:])
    values, vectors = np.linalg.eigh(rows @ rows.T)  # the same, from the smaller side
    return np.asarray(vectors[:, -most:] * np.sqrt(np.maximum(values[-most:], 0)))
