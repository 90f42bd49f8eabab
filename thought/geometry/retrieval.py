"""Two languages of thoughts -> how often the nearest thought is the translation."""

from __future__ import annotations

import numpy as np

from thought.geometry.cosine import COLUMNS_AT_ONCE, ROWS_AT_ONCE, TIE, check_pair, unit


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
    check_pair(queries, targets)
    found = 0.0
    for start in range(0, len(queries), ROWS_AT_ONCE):
        stop = min(start + ROWS_AT_ONCE, len(queries))
        found += _found(unit(queries[start:stop]), unit(targets[start:stop]), targets, start)
    return found / len(queries)


def _found(queries: np.ndarray, own: np.ndarray, targets: np.ndarray, first: int) -> float:
    """Sum over a block of queries, of which row 0 is number `first`, of 1/m or 0 as above."""
    own_cosine = np.einsum("nz,nz->n", queries, own)[:, None]  # (B, 1)
    nearer = np.zeros(len(queries), dtype=np.int64)
    as_near = np.ones(len(queries), dtype=np.int64)  # the own target itself
    for start in range(0, len(targets), COLUMNS_AT_ONCE):
        cosine = queries @ unit(targets[start : start + COLUMNS_AT_ONCE]).T  # (B, targets at once)
        column = np.arange(first, first + len(queries)) - start
        row = np.flatnonzero((column >= 0) & (column < cosine.shape[1]))
        cosine[row, column[row]] = -np.inf  # the own target is counted already
        over = cosine > own_cosine + TIE
        nearer += over.sum(axis=1)
        as_near += (cosine >= own_cosine - TIE).sum(axis=1) - over.sum(axis=1)
    return float((1.0 / as_near)[nearer == 0].sum())
