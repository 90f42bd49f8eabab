"""Cosines of pairs that say the same and of pairs that do not -> which cosine means the same."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from thought.errors import ScoringError

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
DECIMALS = 6  # of cosines compared; beyond them float32 is noise


@dataclass(frozen=True)
class Calibration:
    """How far the cosine tells sentences that say the same from others, and where to draw the line."""

    auc: float  # 0 to 1, chance 0.5
    threshold: float  # a cosine; pairs at or above it are called the same
    precision: float  # 0 to 1, of the threshold on all pairs; calling everything the same has share_same
    recall: float  # 0 to 1
    f1: float  # 0 to 1; calling everything the same has 2 s / (1 + s) for s = share_same: 0.667 for a half
    held_out_precision: float  # 0 to 1, of a threshold chosen on one half of the pairs and judged on the other
    held_out_recall: float  # 0 to 1
    held_out_f1: float  # 0 to 1
    share_same: float  # 0 to 1, of pairs that say the same where the threshold is to be used
    same_quantiles: tuple[float, ...]  # cosines, at QUANTILES
    different_quantiles: tuple[float, ...]  # cosines, at QUANTILES
    same_pairs: int
    different_pairs: int


def calibrate(
    same: np.ndarray,
    different: np.ndarray,
    *,
    share_same: float = 0.5,
    precision: float | None = None,
    seed: int = 1,
) -> Calibration:
    """Find the cosine above which two sentences are best called the same.

    The threshold maximises F1, or recall at a given precision, and lies half-way between two cosines seen; of
    equally good ones the highest. Precision depends on how common pairs of the same meaning are where it will be
    used: 0.5 fits a balanced test, one in a million a search for translations on the web; that takes many times
    1 / share_same pairs of different meanings to measure, for a false alarm rarer than one in B is not seen. The
    area under the ROC curve does not depend on it: how often a pair of the same meaning is nearer than one of
    different meanings, ties half. Cosines are compared to six decimals.

    A threshold looks better on the pairs that chose it. The held-out values come from a threshold chosen on half of
    both kinds, drawn by seed, and judged on the other half; pairs that share a sentence are still not independent.

    Parameters
    ----------
    same, different : ndarray of shape (A,) and (B,)
        Cosines, or other similarities: high is near. For example of translations or paraphrases, and of
        `random_pairs`. Two or more each. Neither is changed.
    share_same : float in (0, 1)
        Share of pairs that say the same in the use intended, whatever A and B are.
    precision : float in (0, 1], optional
        Least precision wanted at that share.
    seed : int
        Of the halves.

    Returns
    -------
    Calibration

    Raises
    ------
    ScoringError
        If a value is NaN or infinite, there are fewer than two of a kind, a share is out of range, or no
        threshold has the precision asked for.

    Warns
    -----
    UserWarning
        If pairs that say the same are rarer than one in B: a single false alarm outweighs them all.

    Examples
    --------
    >>> calibrate(np.array([0.9, 0.8, 0.7]), np.array([0.1, 0.3, 0.2])).threshold
    0.5
    """
    same, different = _round(same, "same"), _round(different, "different")
    if not 0 < share_same < 1:
        raise ScoringError(f"share_same must lie in (0, 1), got {share_same}")
    if precision is not None and not 0 < precision <= 1:
        raise ScoringError(f"precision must lie in (0, 1], got {precision}")
    if share_same * len(different) < 1 - share_same:
        message = f"{len(different)} pairs of different meanings are too few where {share_same} of pairs say the same"
        warnings.warn(message, UserWarning, stacklevel=2)
    threshold, reached = _choose(same, different, share_same, precision)
    if precision is not None and reached < precision:
        raise ScoringError(
            f"no threshold has a precision of {precision} where {share_same} of pairs say the same; "
            f"the highest is {reached:.3f}"
        )
    draw = np.random.default_rng(seed)
    same_halves, different_halves = _halve(same, draw), _halve(different, draw)
    held_out, _ = _choose(same_halves[0], different_halves[0], share_same, precision)
    on_all = _judge(same, different, share_same, threshold)
    on_other_half = _judge(same_halves[1], different_halves[1], share_same, held_out)
    return Calibration(
        _auc(same, different),
        threshold,
        *on_all,
        *on_other_half,
        share_same,
        tuple(np.quantile(same, QUANTILES).tolist()),
        tuple(np.quantile(different, QUANTILES).tolist()),
        len(same),
        len(different),
    )


def random_pairs(meanings: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw pairs of rows of different meanings, each ordered pair with the same probability, with replacement.

    Parameters
    ----------
    meanings : array of shape (N,)
        Any labels. For pairs across two languages draw from `numpy.arange(n)` and look the numbers up in the two
        columns of `Space.pair`.
    count : int
        Pairs.
    seed : int

    Returns
    -------
    first, second : ndarray of shape (count,), int64
        Rows.

    Raises
    ------
    ScoringError
        If all rows have one meaning, or fewer than one pair is asked for.

    Examples
    --------
    >>> first, second = random_pairs(np.array([0, 0, 1, 1]), 3, seed=1)
    >>> first.tolist(), second.tolist()
    ([1, 2, 3], [3, 0, 0])
    """
    order, start, size = _sort(meanings, count)
    if not len(order) or size[0] == len(order):
        raise ScoringError(f"pairs of different meanings need two of them, got {len(order)} rows of one or none")
    place, other = _draw(len(order) - size, count, seed)
    other += np.where(other >= start[place], size[place], 0)  # step over the meaning itself
    return order[place], order[other]


def paraphrase_pairs(meanings: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw pairs of different rows of one meaning, each ordered pair with the same probability, with replacement.

    Parameters
    ----------
    meanings : array of shape (N,)
        Any labels. A meaning of m rows has m (m - 1) pairs. For paraphrases within one language give its rows only.
    count : int
        Pairs.
    seed : int

    Returns
    -------
    first, second : ndarray of shape (count,), int64
        Rows.

    Raises
    ------
    ScoringError
        If no meaning has two rows, or fewer than one pair is asked for.

    Examples
    --------
    >>> first, second = paraphrase_pairs(np.array([0, 0, 1, 2, 1]), 3, seed=1)
    >>> first.tolist(), second.tolist()
    ([1, 2, 4], [0, 4, 2])
    """
    order, start, size = _sort(meanings, count)
    if not len(order) or size.max() == 1:
        raise ScoringError(f"pairs of one meaning need one with two rows, got {len(order)} rows of different meanings")
    place, other = _draw(size - 1, count, seed)
    other += start[place]
    other += other >= place  # step over the row itself
    return order[place], order[other]


def _sort(meanings: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows sorted by meaning, and for each of them where its meaning starts and how many rows it has: (N,) each."""
    meanings = np.asarray(meanings)
    if meanings.ndim != 1:
        raise ScoringError(f"meanings must be of shape (N,), got {meanings.shape}")
    if count < 1:
        raise ScoringError(f"count must be at least 1, got {count}")
    sizes = np.unique(meanings, return_counts=True)[1]
    return np.argsort(meanings, kind="stable"), np.repeat(np.cumsum(sizes) - sizes, sizes), np.repeat(sizes, sizes)


def _draw(partners: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw places and one partner of each, numbered from 0, so that all couples are as likely: (count,) both."""
    ends = np.cumsum(partners)  # all couples in one line, place by place
    couple = np.random.default_rng(seed).integers(ends[-1], size=count)
    place = np.searchsorted(ends, couple, side="right")
    return place, couple - (ends - partners)[place]


def _round(values: np.ndarray, name: str) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != 1 or values.dtype.kind not in "fiub":
        raise ScoringError(f"{name} must be real numbers of shape (N,), got {values.dtype} of shape {values.shape}")
    if len(values) < 2:
        raise ScoringError(f"{name} must hold at least 2 cosines, one for each half, got {len(values)}")
    if not np.isfinite(values).all():
        raise ScoringError(f"{name} hold NaN or infinity, first at {int(np.flatnonzero(~np.isfinite(values))[0])}")
    return np.round(values.astype(np.float64), DECIMALS)


def _halve(values: np.ndarray, draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    mixed = draw.permutation(values)
    return mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]


def _auc(same: np.ndarray, different: np.ndarray) -> float:
    ordered = np.sort(different)
    below = np.searchsorted(ordered, same, side="left") + np.searchsorted(ordered, same, side="right")
    return float(below.mean() / 2 / len(different))


def _choose(
    same: np.ndarray, different: np.ndarray, share_same: float, least_precision: float | None
) -> tuple[float, float]:
    """Return the best threshold and its precision; of the highest precision where the least cannot be had."""
    values = np.unique(np.concatenate([same, different]))[::-1]  # highest first; each may be the last called the same
    hits = share_same * (1 - np.searchsorted(np.sort(same), values) / len(same))
    alarms = (1 - share_same) * (1 - np.searchsorted(np.sort(different), values) / len(different))
    precision = np.round(hits / (hits + alarms), 12)  # 9 of 10 is 0.9, whatever the rounding on the way
    if least_precision is None:
        best = int(np.argmax(np.round(2 * hits / (hits + alarms + share_same), 12)))
    else:
        enough = min(least_precision, float(precision.max()))
        best = int(np.argmax(np.where(precision >= enough, hits, -1)))
    below = values[min(best + 1, len(values) - 1)]
    return round(float(values[best] + below) / 2, DECIMALS + 1), float(precision[best])


def _judge(same: np.ndarray, different: np.ndarray, share_same: float, threshold: float) -> tuple[float, float, float]:
    """Return precision, recall and F1 of a threshold; precision is 0 where nothing is called the same."""
    recall = float((same >= threshold).mean())
    hits = share_same * recall
    called = hits + (1 - share_same) * float((different >= threshold).mean())
    return hits / called if called else 0.0, recall, 2 * hits / (called + share_same)
