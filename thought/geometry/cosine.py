"""Rows of numbers -> unit rows, cosines and nearest neighbours, block by block: memory does not grow with N * N."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from thought.errors import ScoringError

ROWS_AT_ONCE = 2_048  # queries a block: 2,048 x 4,096 float32 are 32 MB, whatever N is
COLUMNS_AT_ONCE = 4_096
TIE = 1e-6  # cosines closer than this are equal up to the rounding of float32


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of length one, in float32 at least; zero rows stay zero. The input is not changed."""
    rows = rows.astype(np.result_type(rows.dtype, np.float32), copy=False)
    largest = np.abs(rows).max(axis=1, keepdims=True)
    rows = rows / np.where(largest > 0, largest, 1)  # first, lest the squares overflow or vanish
    norm = np.sqrt(np.einsum("nz,nz->n", rows, rows))[:, None]
    scaled: np.ndarray = rows / np.where(norm > 0, norm, 1)
    return scaled


def check_rows(rows: np.ndarray, name: str = "thoughts", *, least: int = 1) -> None:
    """Raise `ScoringError` unless these are at least so many finite rows of real numbers, (N, Z)."""
    if rows.ndim != 2 or 0 in rows.shape:
        raise ScoringError(f"{name} must be of shape (N, Z) with N, Z >= 1, got {rows.shape}")
    if rows.dtype.kind not in "fiub":
        raise ScoringError(f"{name} must be real numbers, got {rows.dtype}")
    if len(rows) < least:
        raise ScoringError(f"{name} must have at least {least} rows, got {len(rows)}")
    for start in range(0, len(rows), ROWS_AT_ONCE):
        bad = ~np.isfinite(rows[start : start + ROWS_AT_ONCE])
        if bad.any():
            row = start + int(np.flatnonzero(bad.any(axis=1))[0])
            raise ScoringError(f"{name} hold NaN or infinity, first in row {row} of {len(rows)}")


def check_pair(queries: np.ndarray, targets: np.ndarray) -> None:
    """Raise `ScoringError` unless both are finite and of one shape (N, Z)."""
    if queries.shape != targets.shape:
        raise ScoringError(f"shapes differ: queries {queries.shape}, targets {targets.shape}")
    if queries.ndim != 2 or 0 in queries.shape:
        raise ScoringError(f"queries and targets must be of shape (N, Z) with N, Z >= 1, got {queries.shape}")
    check_rows(queries, "queries")
    check_rows(targets, "targets")


def check_widths(queries: np.ndarray, targets: np.ndarray) -> None:
    """Raise `ScoringError` unless both are finite rows of one width: (N, Z) and (M, Z)."""
    check_rows(queries, "queries")
    check_rows(targets, "targets")
    if queries.shape[1] != targets.shape[1]:
        raise ScoringError(f"widths differ: queries {queries.shape}, targets {targets.shape}")


def check_labels(labels: np.ndarray, count: int, name: str = "labels") -> None:
    """Raise `ScoringError` unless there is one label for each of so many rows."""
    if labels.shape != (count,):
        raise ScoringError(f"{name} must be of shape ({count},), one for each thought, got {labels.shape}")


def cosines(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosine of row i of one with row i of the other.

    Parameters
    ----------
    first, second : ndarray of shape (N, Z)
        A row of zeros has cosine 0 with everything. Neither is changed.

    Returns
    -------
    ndarray of shape (N,), float32 at least, in [-1, 1]
        Two random directions: 0 on average, with a standard deviation of 1 / sqrt(Z).

    Raises
    ------
    ScoringError
        If the shapes differ or are not (N, Z) with N, Z >= 1, or a value is NaN or infinite.

    Examples
    --------
    >>> cosines(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[2.0, 0.0], [-3.0, 3.0]]))
    array([1., 0.])
    """
    first, second = np.asarray(first), np.asarray(second)
    check_pair(first, second)
    parts = []
    for start in range(0, len(first), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        parts.append(np.einsum("nz,nz->n", unit(first[rows]), unit(second[rows])))  # (B,)
    found: np.ndarray = np.clip(np.concatenate(parts), -1, 1)  # rounding can pass 1 by a hair
    return found


def blocks(
    queries: np.ndarray, targets: np.ndarray, *, is_own: bool = False
) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """Yield rows, columns and the cosines of those queries with those targets, (B, C), a new array each time.

    All columns of a block of rows come before the next rows. With `is_own`, row i of the queries is not to
    find row i of the targets: that cosine is -inf. The caller has checked the input.
    """
    for first in range(0, len(queries), ROWS_AT_ONCE):
        block = unit(queries[first : first + ROWS_AT_ONCE])  # (B, Z)
        for start in range(0, len(targets), COLUMNS_AT_ONCE):
            cosine = block @ unit(targets[start : start + COLUMNS_AT_ONCE]).T  # (B, C)
            if is_own:
                column = np.arange(first, first + len(block)) - start
                row = np.flatnonzero((column >= 0) & (column < cosine.shape[1]))
                cosine[row, column[row]] = -np.inf
            yield slice(first, first + len(block)), slice(start, start + cosine.shape[1]), cosine


def nearest(queries: np.ndarray, targets: np.ndarray, k: int, *, is_own: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Find the k targets of highest cosine to each query.

    Parameters
    ----------
    queries : ndarray of shape (N, Z)
    targets : ndarray of shape (M, Z)
    k : int
        At most M, or M - 1 where a row is not to find itself.
    is_own : bool
        Row i of the queries is row i of the targets and does not count as its own neighbour.

    Returns
    -------
    indices : ndarray of shape (N, k), int64
        Nearest first; of targets equally near to the last bit the one with the lower index.
    cosines : ndarray of shape (N, k), float32 at least, in [-1, 1]

    Raises
    ------
    ScoringError
        If the widths differ, there are fewer than k targets, a value is not finite, or rows are to leave
        themselves out of a set of another length.

    Examples
    --------
    >>> indices, cosine = nearest(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0], [9.0, 1.0], [1.0, 1.0]]), 2)
    >>> indices, cosine.round(2)
    (array([[1, 2]]), array([[0.99, 0.71]]))
    """
    queries, targets = np.asarray(queries), np.asarray(targets)
    check_widths(queries, targets)
    if is_own and len(queries) != len(targets):
        raise ScoringError(f"rows can leave themselves out of one set only: {len(queries)} and {len(targets)} rows")
    if not 1 <= k <= len(targets) - is_own:
        raise ScoringError(f"k must lie in [1, {len(targets) - is_own}] with {len(targets)} targets, got {k}")
    indices = np.full((len(queries), k), -1, dtype=np.int64)
    best = np.full((len(queries), k), -np.inf, dtype=np.result_type(queries, targets, np.float32))
    for rows, columns, cosine in blocks(queries, targets, is_own=is_own):
        found = gather(cosine > best[rows].min(axis=1, keepdims=True))  # (B, W), few after the first columns
        better = np.where(found < 0, -np.inf, np.take_along_axis(cosine, found, 1))
        values = np.concatenate([best[rows], better], axis=1, dtype=best.dtype)  # (B, k + W), in order of index
        places = np.concatenate([indices[rows], columns.start + found], axis=1)
        kept = _highest(values, k)
        indices[rows], best[rows] = np.take_along_axis(places, kept, 1), np.take_along_axis(values, kept, 1)
    order = np.lexsort((indices, -best), axis=1)
    return np.take_along_axis(indices, order, 1), np.clip(np.take_along_axis(best, order, 1), -1, 1)


def gather(is_wanted: np.ndarray) -> np.ndarray:
    """Columns in which a row is true, from the first, and -1 after the last of them: (B, C) -> (B, W)."""
    row, column = np.divmod(np.flatnonzero(is_wanted), is_wanted.shape[1])
    sizes = np.bincount(row, minlength=len(is_wanted))
    columns = np.full((len(is_wanted), sizes.max()), -1, dtype=np.int64)
    columns[row, np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes)] = column
    return columns


def _highest(values: np.ndarray, k: int) -> np.ndarray:
    """Columns of the k highest values of a row, in order of column; of equal ones the first: (B, C) -> (B, k)."""
    least = np.partition(values, values.shape[1] - k, axis=1)[:, -k, None]  # (B, 1), the k-th highest
    is_kept = values >= least
    crowded = np.flatnonzero(is_kept.sum(axis=1) > k)  # rows in which more than one value is the k-th
    is_tied = values[crowded] == least[crowded]
    room = k - (values[crowded] > least[crowded]).sum(axis=1, keepdims=True)
    is_kept[crowded] &= ~is_tied | (np.cumsum(is_tied, axis=1) <= room)
    return np.nonzero(is_kept)[1].reshape(len(values), k)
