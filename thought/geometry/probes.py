"""Thoughts and labels -> how well a linear probe reads the label, for meanings it was not trained on."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from thought.errors import ScoringError
from thought.geometry.clusters import numbered
from thought.geometry.cosine import check_labels, check_rows
from thought.geometry.linear import Amounts, Classes, cross_validated, shortened

MOST_CLASSES = 10  # whole numbers with more distinct values are predicted as amounts
SHUFFLES = 5  # controls, whose mean is reported


@dataclass(frozen=True)
class Probe:
    """What a linear probe read out of thoughts it had not seen, and what it read when the labels meant nothing."""

    score: float  # of the labels; at most 1
    control: float  # mean score of labels shuffled among meanings
    controls: tuple[float, ...]  # each of them: their spread says how far chance reaches
    chance: float  # 1 / classes, or 0
    measure: str  # "balanced accuracy" in [0, 1], or "R2" in (-inf, 1]
    count: int  # rows used
    folds: int  # used
    classes: tuple[str, ...]  # in order; empty for amounts


def probe(
    thoughts: np.ndarray, labels: np.ndarray, *, groups: np.ndarray | None = None, folds: int = 5, seed: int = 1
) -> Probe:
    """Read a label off the thoughts with a linear model, cross-validated over meanings.

    Words, booleans and whole numbers of up to 10 distinct values are classes, told apart by a regularised linear
    discriminant with equal priors (Friedman 1989): the class whose mean is nearest in the metric (S + penalty)^-1,
    S the scatter within classes. Other numbers are amounts, predicted by ridge regression. All rows of a group lie
    in one fold. The penalty is chosen on one more fold, out of those that are not tested, and the model is then
    fitted on all of these.

    Beside it stands a control: the same probe for labels that are shuffled among groups, and within
    each, so that it still knows how labels come but not to whom they belong (in the spirit of Hewitt & Liang 2019,
    arXiv:1909.03368). A control far from chance says that folds leak or that there are too few rows.

    Parameters
    ----------
    thoughts : ndarray of shape (N, Z)
    labels : array of shape (N,)
        Text to force classes, float to force amounts. Classes in fewer groups than folds are left out, with a warning.
    groups : array of shape (N,), optional
        The meaning of each row, so that no translation of a test sentence is trained on; by default each its own.
    folds : int
        At least 3. With fewer groups than folds it is reduced to the number of groups, with a warning.
    seed : int
        Of folds and shuffles.

    Returns
    -------
    Probe
        `score` is balanced accuracy (mean recall of the classes; chance 1 / classes, floor 0; the same however rare
        a class is), or R2 against the mean of the training folds (chance 0, without a floor), over all rows.

    Raises
    ------
    ScoringError
        If all labels are equal, fewer than 2 classes are left, there are fewer than 3 groups or folds, or a
        value is not finite.

    Examples
    --------
    >>> rows = np.random.default_rng(1).normal(size=(200, 8))
    >>> probe(rows, rows[:, 0] > 0).score > 0.9
    True
    """
    thoughts, labels = np.asarray(thoughts), np.asarray(labels)
    check_rows(thoughts)
    check_labels(labels, len(thoughts))
    _, members, _ = numbered(np.arange(len(labels)) if groups is None else groups, len(labels))
    if not _is_amount(labels):
        return tell_apart(thoughts, labels, members, folds=folds, seed=seed)
    values = labels.astype(np.float64)
    if not np.isfinite(values).all():
        raise ScoringError(f"labels hold NaN or infinity, first in row {np.flatnonzero(~np.isfinite(values))[0]}")
    if values.min() == values.max():
        raise ScoringError(f"all {len(values)} labels are {labels[0]}: there is nothing to predict")
    rng = np.random.default_rng(seed)
    fold, _, folds = _folds(members, np.zeros_like(members), folds, rng)
    tables = np.stack([values, *(values[_shuffled(members, rng)] for _ in range(SHUFFLES))], axis=1)  # (N, J)
    scores = cross_validated(Amounts(shortened(thoughts), tables, fold), folds)
    return _result(scores, 0.0, "R2", (len(values), folds), ())


def tell_apart(
    thoughts: np.ndarray, labels: np.ndarray, groups: np.ndarray, *, folds: int, seed: int, centred: bool = False
) -> Probe:
    """`probe` for classes; `centred` takes the mean of each class out first, see `probe_language`."""
    values, classes, _ = numbered(labels, len(thoughts), "labels")
    members = numbered(groups, len(thoughts))[1]
    meanings = np.array([len(np.unique(members[classes == one])) for one in range(len(values))])
    if len(values) < 2:
        raise ScoringError(f"all {len(labels)} labels are {labels[0]}: there is nothing to tell apart")
    least = max(2, min(folds, int(members.max()) + 1))  # to be tested in every fold
    if meanings.min() < least:
        pairs = zip(values[meanings < least][:10], meanings[meanings < least], strict=False)
        rare = ", ".join(f"{value} ({count})" for value, count in pairs)
        if (meanings >= least).sum() < 2:
            raise ScoringError(f"fewer than 2 classes occur in at least {least} groups (meanings); too rare: {rare}")
        warnings.warn(f"left out what occurs in fewer than {least} groups (meanings): {rare}", stacklevel=3)
        kept = np.flatnonzero((meanings >= least)[classes])
        return tell_apart(thoughts[kept], labels[kept], groups[kept], folds=folds, seed=seed, centred=centred)
    rng = np.random.default_rng(seed)
    rarity = meanings[classes] * len(values) + classes
    fold, is_first_half, folds = _folds(members, rarity, folds, rng, each=2 if centred else 1)
    tables = np.stack([classes, *(classes[_shuffled(members, rng)] for _ in range(SHUFFLES))], axis=1)  # (N, J)
    scores = cross_validated(Classes(shortened(thoughts), tables, fold, is_first_half if centred else None), folds)
    names = tuple(str(value) for value in values)
    return _result(scores, 1 / len(values), "balanced accuracy", (len(classes), folds), names)


def _is_amount(labels: np.ndarray) -> bool:
    if labels.dtype.kind in "iu":
        return len(np.unique(labels)) > MOST_CLASSES
    return labels.dtype.kind == "f"


def _folds(
    members: np.ndarray, rarity: np.ndarray, folds: int, rng: np.random.Generator, *, each: int = 1
) -> tuple[np.ndarray, np.ndarray, int]:
    """Fold of each row, whether it lies in the first half of its fold, and how many folds there are.

    Groups are dealt round, those of the rarest class first; a fold gets `each` groups or more.
    """
    groups = int(members.max()) + 1
    if folds < 3:
        raise ScoringError(f"folds must be at least 3: one to test, one to choose the penalty, one to fit; got {folds}")
    if groups < 3 * each:
        raise ScoringError(f"such a probe needs at least {3 * each} groups (meanings) for 3 folds, got {groups}")
    if groups < folds * each:
        text = f"{folds} folds need {folds * each} groups, got {groups}: folds reduced to {groups // each}"
        warnings.warn(text, stacklevel=4)
    folds = min(folds, groups // each)
    key = np.full(groups, rarity.max())
    np.minimum.at(key, members, rarity)
    place = np.empty(groups, dtype=np.int64)
    place[np.lexsort((rng.random(groups), key))] = np.arange(groups)
    return (place % folds)[members], (place // folds % 2 == 0)[members], folds


def _shuffled(members: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """For each row the row that lends its label: one of another group, the same for the whole group, in any order."""
    order = np.lexsort((rng.random(len(members)), members))  # rows, group by group
    sizes = np.bincount(members)
    starts = np.cumsum(sizes) - sizes
    lender = rng.permutation(len(sizes))[members[order]]
    place = np.arange(len(members)) - starts[members[order]]
    rows = np.empty(len(members), dtype=np.int64)
    rows[order] = order[starts[lender] + place % sizes[lender]]
    return rows


def _result(scores: np.ndarray, chance: float, measure: str, sizes: tuple[int, int], classes: tuple[str, ...]) -> Probe:
    controls = tuple(float(score) for score in scores[1:])
    return Probe(float(scores[0]), float(np.mean(controls)), controls, chance, measure, *sizes, classes)
