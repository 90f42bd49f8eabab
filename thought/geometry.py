"""Thoughts -> numbers between 0 and 1 that say whether nearness in the space is sameness in meaning."""

from __future__ import annotations

import numpy as np

from thought.errors import ScoringError

_QUERIES_AT_ONCE = 2_048  # rows a block: 2,048 x 8,192 float32 are 64 MB, whatever N is
_TARGETS_AT_ONCE = 8_192
_TIE = 1e-6  # cosines closer than this are equal up to the rounding of float32


def retrieval_accuracy(queries: np.ndarray, targets: np.ndarray) -> float:
    """Share of queries whose nearest target, by cosine, is their own.

    Where m targets are equally near, the own among them, the query counts 1/m, as if the tie were
    broken by lot: a space collapsed to one point scores chance, and the order of rows is irrelevant.
    A zero vector has cosine 0 with everything. Memory is O(N Z) of the inputs and a fixed block of
    similarities, never (N, N).

    Parameters
    ----------
    queries, targets : ndarray of shape (N, Z)
        Row i of one belongs to row i of the other. Neither is changed.

    Returns
    -------
    float in [0, 1]
        Chance is 1/N. Also called P@1; 1 - P@1 is LASER's xsim with the absolute margin
        (for the other margins see Artetxe & Schwenk 2019, arXiv:1811.01136).

    Raises
    ------
    ScoringError
        If the shapes differ or are not (N, Z) with N, Z >= 1, or a value is NaN or infinite.

    Examples
    --------
    >>> retrieval_accuracy(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[2.0, 1.0], [1.0, 9.0]]))
    1.0
    """
    queries, targets = np.asarray(queries), np.asarray(targets)
    _check_pair(queries, targets)
    found = 0.0
    for start in range(0, len(queries), _QUERIES_AT_ONCE):
        stop = min(start + _QUERIES_AT_ONCE, len(queries))
        found += _found(_unit(queries[start:stop]), _unit(targets[start:stop]), targets, start)
    return found / len(queries)


def _found(queries: np.ndarray, own: np.ndarray, targets: np.ndarray, first: int) -> float:
    """Sum over a block of queries, of which row 0 is number `first`, of 1/m or 0 as above."""
    own_cosine = np.einsum("nz,nz->n", queries, own)[:, None]  # (B, 1)
    nearer = np.zeros(len(queries), dtype=np.int64)
    as_near = np.ones(len(queries), dtype=np.int64)  # the own target itself
    for start in range(0, len(targets), _TARGETS_AT_ONCE):
        cosine = queries @ _unit(targets[start : start + _TARGETS_AT_ONCE]).T  # (B, targets at once)
        column = np.arange(first, first + len(queries)) - start
        row = np.flatnonzero((column >= 0) & (column < cosine.shape[1]))
        cosine[row, column[row]] = -np.inf  # the own target is counted already
        over = cosine > own_cosine + _TIE
        nearer += over.sum(axis=1)
        as_near += (cosine >= own_cosine - _TIE).sum(axis=1) - over.sum(axis=1)
    return float((1.0 / as_near)[nearer == 0].sum())


def _unit(rows: np.ndarray) -> np.ndarray:
    """Rows of length one, in float32 at least; zero rows stay zero."""
    rows = rows.astype(np.result_type(rows.dtype, np.float32), copy=False)
    largest = np.abs(rows).max(axis=1, keepdims=True)
    rows = rows / np.where(largest > 0, largest, 1)  # first, lest the squares overflow or vanish
    norm = np.sqrt(np.einsum("nz,nz->n", rows, rows))[:, None]
    unit: np.ndarray = rows / np.where(norm > 0, norm, 1)
    return unit


def _check_pair(queries: np.ndarray, targets: np.ndarray) -> None:
    if queries.shape != targets.shape:
        raise ScoringError(f"shapes differ: queries {queries.shape}, targets {targets.shape}")
    if queries.ndim != 2 or 0 in queries.shape:
        raise ScoringError(f"queries and targets must be of shape (N, Z) with N, Z >= 1, got {queries.shape}")
    for name, rows in (("queries", queries), ("targets", targets)):
        if rows.dtype.kind not in "fiub":
            raise ScoringError(f"{name} must be real numbers, got {rows.dtype}")
        for start in range(0, len(rows), _QUERIES_AT_ONCE):
            bad = ~np.isfinite(rows[start : start + _QUERIES_AT_ONCE])
            if bad.any():
                row = start + int(np.flatnonzero(bad.any(axis=1))[0])
                raise ScoringError(f"{name} hold NaN or infinity, first in row {row} of {len(rows)}")
