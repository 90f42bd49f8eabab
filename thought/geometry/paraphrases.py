"""Thoughts in groups that say the same -> how far the group of a sentence stands at the top of its neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from thought.errors import ScoringError
from thought.geometry.cosine import ROWS_AT_ONCE, TIE, check_labels, check_rows, check_widths, gather, unit

SIMILARITIES_AT_ONCE = 2**22  # of a block of queries with all M targets: 16 MB of float32
NOWHERE = -3.0  # below every cosine by more than a tie


@dataclass(frozen=True)
class ParaphraseRetrieval:
    """How well sentences find the others of their group."""

    map_at_r: float  # 0 to 1
    p_at_1: float  # 0 to 1
    chance_map: float  # 0 to 1, map_at_r of targets in random order
    chance_p_at_1: float  # 0 to 1, p_at_1 of targets in random order
    queries: int  # sentences that were asked for, those with another member in their group
    left_out: int  # sentences without another member


def retrieve_paraphrases(
    thoughts: np.ndarray,
    groups: np.ndarray,
    *,
    targets: np.ndarray | None = None,
    target_groups: np.ndarray | None = None,
) -> ParaphraseRetrieval:
    """Let every sentence look for the other R members of its group among all others.

    MAP@R (Musgrave et al. 2020, arXiv:2003.08505, section 2.3) averages, over the first R places by cosine, the
    precision up to each place that holds a member; places of others count 0. It is 1 only if the R members come
    first, and unlike P@1 it asks for all of them.

    Ties are broken by lot, exactly: both values are the expectation over all orders of targets equally near, in
    closed form (McSherry & Najork 2008, doi:10.1007/978-3-540-78646-7_38). So a space collapsed to one point scores
    chance, and the order of rows is irrelevant. A sentence that stands in two groups draws with its own copy, and has
    to: no measure of vectors can tell which of the two was meant. Twice in one group it makes the search easier.

    Memory is one copy of the targets and a fixed block of similarities beyond the inputs, never (N, M).

    Parameters
    ----------
    thoughts : ndarray of shape (N, Z)
        Neither this nor any other argument is changed.
    groups : array of shape (N,)
        Any labels; rows with the same label say the same. R may differ from group to group.
    targets : ndarray of shape (M, Z), optional
        Where to look, such as the captions of another language; R is then the number of targets in the group.
        The default is among the thoughts themselves, where a row never finds itself.
    target_groups : array of shape (M,), optional
        Labels of the targets, to be given with them.

    Returns
    -------
    ParaphraseRetrieval
        With both chance levels: for P@1 the mean share of members among the targets. Queries without another
        member are left out and counted. For five English captions an image on test_2016_flickr the floor,
        TF-IDF of 2 to 5 characters, scores MAP@4 0.226 and P@1 0.439, and Google's
        universal-sentence-encoder-multilingual 0.329 and 0.569.

    Raises
    ------
    ScoringError
        If no query has another member, shapes do not fit, or a value is NaN or infinite.

    Examples
    --------
    >>> retrieve_paraphrases(np.array([[1, 0], [2, 0], [0, 1], [1, 9]]), np.array([0, 0, 1, 1])).map_at_r
    1.0
    """
    thoughts, groups = np.asarray(thoughts), np.asarray(groups)
    check_rows(thoughts)
    check_labels(groups, len(thoughts), "groups")
    if (targets is None) != (target_groups is None):
        raise ScoringError("targets and target_groups belong together, got only one of them")
    is_own = targets is None
    among = thoughts if targets is None else np.asarray(targets)
    labels = groups if target_groups is None else np.asarray(target_groups)
    check_widths(thoughts, among)
    check_labels(labels, len(among), "target_groups")
    wanted, members, others = _count_members(groups, labels, is_own)
    rows = np.flatnonzero(others)
    if not len(rows):
        raise ScoringError(f"none of {len(thoughts)} sentences has another one of its group to find")
    whole = unit(among)  # (M, Z)
    precision, first = np.zeros(len(thoughts)), np.zeros(len(thoughts))
    step = max(1, min(ROWS_AT_ONCE, SIMILARITIES_AT_ONCE // len(among)))
    for start in range(0, len(rows), step):
        some = rows[start : start + step]  # (B,)
        cosine = unit(thoughts[some]) @ whole.T  # (B, M)
        if is_own:
            cosine[np.arange(len(some)), some] = NOWHERE
        best, is_member = _best(cosine, members == wanted[some, None], int(others[some].max()))
        precision[some], first[some] = _expect(best, is_member, others[some])
    chance = _chance(others[rows], len(among) - is_own)
    return ParaphraseRetrieval(
        map_at_r=float(precision[rows].mean()),
        p_at_1=float(first[rows].mean()),
        chance_map=float(chance.mean()),
        chance_p_at_1=float(others[rows].mean() / (len(among) - is_own)),
        queries=len(rows),
        left_out=len(thoughts) - len(rows),
    )


def _count_members(groups: np.ndarray, labels: np.ndarray, is_own: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of the queries' groups (N,) and of the targets' (M,), and how many targets each query is to find (N,)."""
    numbers = np.unique(np.concatenate([groups, labels]), return_inverse=True)[1]
    wanted, members = numbers[: len(groups)], numbers[len(groups) :]
    sizes = np.bincount(members, minlength=numbers.max() + 1)
    return wanted, members, sizes[wanted] - is_own


def _best(cosine: np.ndarray, is_member: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Keep the highest so many cosines of a row and all that draw with the last of them, highest first: (B, W) both."""
    least = np.partition(cosine, cosine.shape[1] - count, axis=1)[:, -count, None] - TIE
    columns = gather(cosine >= least)  # (B, W)
    kept = np.where(columns < 0, NOWHERE, np.take_along_axis(cosine, columns, 1))
    columns = np.take_along_axis(columns, np.argsort(-kept, axis=1), 1)
    best = np.where(columns < 0, NOWHERE, np.take_along_axis(cosine, columns, 1))
    return best, np.take_along_axis(is_member, columns, 1) & (columns >= 0)


def _expect(best: np.ndarray, is_member: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """MAP@R and P@1 of each row, expected when ties are broken by lot: (B, W) sorted, (B, W), (B,) -> (B,), (B,)."""
    is_start = np.ones(best.shape, dtype=bool)
    is_start[:, 1:] = best[:, :-1] - best[:, 1:] > TIE
    start = np.flatnonzero(is_start)  # of every draw of equal cosines, all rows in one line
    drawn = (np.cumsum(is_start) - 1).reshape(best.shape)  # (B, W), which draw a place belongs to
    size = np.diff(start, append=best.size)
    members = np.add.reduceat(is_member.ravel(), start, dtype=np.int64)
    before = (np.cumsum(is_member, axis=1) - is_member).ravel()[start]  # members above the draw
    place = np.arange(1, best.shape[1] + 1)  # (W,)
    inside = place - 1 - (start % best.shape[1])[drawn]  # places of the draw above this one
    # a place holds a member with probability members / size, and then those above it in the draw are of the rest
    rest = (members - 1) / np.maximum(size - 1, 1)
    gain = (members / size)[drawn] * (before[drawn] + 1 + inside * rest[drawn]) / place
    precision = np.where(place <= others[:, None], gain, 0).sum(axis=1) / others
    return precision, (members / size)[drawn[:, 0]]


def _chance(others: np.ndarray, count: int) -> np.ndarray:
    """MAP@R in random order, for R of so many targets that are members: one draw of all of them: (B,) -> (B,)."""
    harmonic = np.concatenate([[0], np.cumsum(1 / np.arange(1, others.max() + 1))])[others]
    rest = (others - 1) / max(count - 1, 1)
    chance: np.ndarray = (harmonic + rest * (others - harmonic)) / count
    return chance
