"""Rows of numbers -> unit rows, cosines and nearest neighbours, block by block, so that memory does not grow with N * N."""

from __future__ import annotations

import numpy as np

from thought.errors import ScoringError

ROWS_AT_ONCE = 2_048  # queries a block: 2,048 x 8,192 float32 are 64 MB, whatever N is
COLUMNS_AT_ONCE = 8_192
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


def check_labels(labels: np.ndarray, count: int, name: str = "labels") -> None:
    """Raise `ScoringError` unless there is one label for each of so many rows."""
    if labels.shape != (count,):
        raise ScoringError(f"{name} must be of shape ({count},), one for each thought, got {labels.shape}")


def cosines(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosine of row i of one with row i of the other: (N, Z), (N, Z) -> (N,), in [-1, 1]."""
    check_pair(first, second)
    found: np.ndarray = np.einsum("nz,nz->n", unit(first), unit(second))  # (N,)
    return found


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
        Nearest first; of equally near targets the one with the lower index.
    cosines : ndarray of shape (N, k), float32 at least

    Raises
    ------
    ScoringError
        If the widths differ, there are fewer than k targets, or a value is not finite.
    """
    queries, targets = np.asarray(queries), np.asarray(targets)
    check_rows(queries, "queries")
    check_rows(targets, "targets")
    if queries.shape[1] != targets.shape[1]:
        raise ScoringError(f"widths differ: queries {queries.shape}, targets {targets.shape}")
    if not 1 <= k <= len(targets) - is_own:
        raise ScoringError(f"k must lie in [1, {len(targets) - is_own}] with {len(targets)} targets, got {k}")
    kept = [_nearest_of_block(queries, targets, start, k, is_own) for start in range(0, len(queries), ROWS_AT_ONCE)]
    return np.concatenate([one for one, _ in kept]), np.concatenate([two for _, two in kept])


def _nearest_of_block(
    queries: np.ndarray, targets: np.ndarray, first: int, k: int, is_own: bool
) -> tuple[np.ndarray, np.ndarray]:
    block = unit(queries[first : first + ROWS_AT_ONCE])  # (B, Z)
    indices = np.zeros((len(block), 0), dtype=np.int64)
    best = np.zeros((len(block), 0), dtype=block.dtype)
    for start in range(0, len(targets), COLUMNS_AT_ONCE):
        cosine = block @ unit(targets[start : start + COLUMNS_AT_ONCE]).T  # (B, targets at once)
        if is_own:
            column = np.arange(first, first + len(block)) - start
            row = np.flatnonzero((column >= 0) & (column < cosine.shape[1]))
            cosine[row, column[row]] = -np.inf
        best = np.concatenate([best, cosine], axis=1)
        own = np.arange(start, start + cosine.shape[1])
        indices = np.concatenate([indices, np.broadcast_to(own, cosine.shape)], axis=1)
        if best.shape[1] > k:
            part = np.argpartition(-best, k - 1, axis=1)[:, :k]
            best, indices = np.take_along_axis(best, part, 1), np.take_along_axis(indices, part, 1)
    order = np.lexsort((indices, -best), axis=1)
    return np.take_along_axis(indices, order, 1), np.take_along_axis(best, order, 1)
