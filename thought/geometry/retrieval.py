"""Two languages of thoughts -> how often the nearest thought is the translation."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from thought.errors import ScoringError
from thought.geometry.cosine import TIE, blocks, check_pair, cosines, gather, nearest


@dataclass(frozen=True)
class Retrieval:
    """How well N queries find their translations among N targets."""

    p_at_1: float  # 0 to 1, share found first; chance 1/N
    mean_reciprocal_rank: float  # 0 to 1; chance (1 + 1/2 + ... + 1/N) / N, which is 0.0075 for N = 1,000
    xsim: float  # 0 to 1, an error: 1 - p_at_1
    xsim_margin: float  # 0 to 1, an error: the same with the ratio margin in place of the cosine


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
        (for the ratio margin see `retrieve`).

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
    own = cosines(queries, targets)[:, None]  # (N, 1)
    rivals = _Rivals(len(queries))
    for rows, _, cosine in blocks(queries, targets, is_own=True):
        rivals.compare(rows, cosine, own[rows])
    return float(rivals.first().mean())


def retrieve(queries: np.ndarray, targets: np.ndarray, *, k: int = 4) -> Retrieval:
    """Let every query look for its translation among all targets.

    The ratio margin (Artetxe & Schwenk 2019, arXiv:1811.01136, section 3) divides a cosine by what is usual in the
    neighbourhood of both sentences, so that thoughts in a crowded place are not everybody's nearest:

        margin(x, y) = cos(x, y) / ((mean of cos(x, its k nearest y') + mean of cos(y, its k nearest x')) / 2)

    Of the k targets nearest to a query, the one of highest margin is its answer, as in LASER's xsim; targets as near
    as the k-th are candidates, too.

    Ties are broken by lot, exactly: where m targets are equally good, the own among them, the query counts 1/m, and its
    reciprocal rank is the mean over the m ranks it could get. So a space collapsed to one point scores chance, and the
    order of rows is irrelevant. A sentence that stands twice among the targets is therefore found half the time; if
    either copy will do, use `retrieve_paraphrases` with the copies in one group. Thoughts of zeros have cosine 0 with
    everything. Memory is a few copies of (N, k) and fixed blocks of similarities beyond the inputs, never (N, N).

    Parameters
    ----------
    queries, targets : ndarray of shape (N, Z)
        Row i of one belongs to row i of the other. Neither is changed.
    k : int
        Neighbours of the margin; N where there are fewer, with a warning.

    Returns
    -------
    Retrieval
        Character TF-IDF, the floor of shared spelling, finds 34 % between English and German on test_2016_flickr.

    Raises
    ------
    ScoringError
        If the shapes differ or are not (N, Z) with N, Z >= 1, a value is NaN or infinite, or k < 1.

    Warns
    -----
    UserWarning
        If k is above N, or neighbours are at a right angle or more on average: the ratio means nothing there.

    Examples
    --------
    >>> queries = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> retrieve(queries, queries + 0.1, k=2).p_at_1
    1.0
    >>> retrieve(queries, queries[[1, 2, 0]], k=2).p_at_1  # nothing where it belongs
    0.0
    """
    queries, targets = np.asarray(queries), np.asarray(targets)
    check_pair(queries, targets)
    if k < 1:
        raise ScoringError(f"k must be at least 1, got {k}")
    if k > len(queries):
        warnings.warn(f"only {len(queries)} neighbours for the margin, fewer than k = {k}", UserWarning, stacklevel=2)
        k = len(queries)
    own = cosines(queries, targets)[:, None]  # (N, 1)
    around_queries = nearest(queries, targets, k)[1]  # (N, k)
    around_targets = nearest(targets, queries, k)[1]
    usual = around_queries.mean(axis=1, keepdims=True)  # (N, 1)
    usual_of_targets = around_targets.mean(axis=1)  # (N,)
    if usual.min() + usual_of_targets.min() <= 0:
        message = "neighbours have a mean cosine of 0 or less: the ratio margin means nothing there"
        warnings.warn(message, UserWarning, stacklevel=2)
    scale = usual + usual_of_targets[:, None]
    margin = np.divide(own, scale, out=np.zeros_like(own), where=scale != 0)  # (N, 1), half of the margin above
    last = around_queries[:, -1:] - TIE  # (N, 1), no further off is a candidate
    plain, ratio = _Rivals(len(queries)), _Rivals(len(queries))
    for rows, columns, cosine in blocks(queries, targets, is_own=True):
        plain.compare(rows, cosine, own[rows])
        candidates = gather(cosine >= last[rows])  # (B, W)
        near = np.where(candidates < 0, -np.inf, np.take_along_axis(cosine, candidates, 1))
        even = margin[rows] * (usual[rows] + usual_of_targets[columns][candidates])  # (B, W), what would draw
        ratio.compare(rows, near, even)
    p_at_1 = float(plain.first().mean())
    found = np.where(own[:, 0] >= last[:, 0], ratio.first(), 0)
    return Retrieval(p_at_1, float(plain.reciprocal_rank().mean()), 1 - p_at_1, 1 - float(found.mean()))


class _Rivals:
    """For each query: how many targets beat its own, and how many, itself among them, draw."""

    def __init__(self, queries: int) -> None:
        self.better = np.zeros(queries, dtype=np.int64)
        self.equal = np.ones(queries, dtype=np.int64)

    def compare(self, rows: slice, cosine: np.ndarray, own: np.ndarray) -> None:
        """Count a block of rivals: their cosines (B, C) beside those that would draw with the own target."""
        better = np.count_nonzero(cosine > own + TIE, axis=1)
        self.better[rows] += better
        self.equal[rows] += np.count_nonzero(cosine >= own - TIE, axis=1) - better

    def first(self) -> np.ndarray:
        """Chance of coming first when ties are broken by lot: (N,)."""
        return np.where(self.better == 0, 1 / self.equal, 0)

    def reciprocal_rank(self) -> np.ndarray:
        """Expected 1 / rank when ties are broken by lot: (N,)."""
        harmonic = np.concatenate([[0], np.cumsum(1 / np.arange(1, len(self.better) + 1))])
        spread: np.ndarray = (harmonic[self.better + self.equal] - harmonic[self.better]) / self.equal
        return spread
