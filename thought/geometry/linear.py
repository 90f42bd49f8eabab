"""Rows, folds and columns of targets -> cross-validated linear fits, all columns from the same few factorisations.

A linear fit needs the rows only through their sums and products (`Sums`), which are formed once for each fold and added
up to any training set. The columns are labels and their shuffles: what a real label costs, five controls cost too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

PENALTIES = (1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0)  # times the mean variance along an axis

Fitted = tuple[np.ndarray, np.ndarray, np.ndarray]  # weights, constants, and what else the model needs


@dataclass(frozen=True, eq=False)
class Sums:
    """All that a linear fit needs to know of a set of rows and C columns of targets."""

    count: float
    total: np.ndarray  # (Z,), sum of the rows
    square: np.ndarray  # (Z, Z), rows^T rows
    weights: np.ndarray  # (C,), sum of the targets: sizes of the classes
    cross: np.ndarray  # (Z, C), rows^T targets: sums of the classes


class Model(Protocol):
    """What `cross_validated` asks of a kind of fit."""

    def fit(self, left_out: Collection[int], penalty: float, /) -> Fitted:
        """Fit all columns to the folds that are not left out."""

    def tally(self, fitted: Fitted, fold: int, /) -> np.ndarray:
        """Count up how well it does on a fold: (J, ...), additive over folds."""

    def score(self, tally: np.ndarray, /) -> np.ndarray:
        """What such a tally is worth: (J, ...) -> (J,), high is good."""


class Amounts:
    """Ridge regression of J columns of numbers."""

    def __init__(self, rows: np.ndarray, tables: np.ndarray, fold: np.ndarray) -> None:
        self.rows, self.tables, self.fold = rows, tables, fold
        self.parts = [sums_of(rows[fold == one], tables[fold == one]) for one in range(fold.max() + 1)]

    def fit(self, left_out: Collection[int], penalty: float) -> Fitted:
        """Weights (Z, J), constants (J,), and means of the training rows (J,)."""
        train = added([part for one, part in enumerate(self.parts) if one not in left_out])
        centre, means = train.total / train.count, train.weights / train.count
        weights = solved(train, penalty, train.cross / train.count - np.outer(centre, means))
        return weights, means - centre @ weights, means

    def tally(self, fitted: Fitted, fold: int) -> np.ndarray:
        """Squares left over, and squares around the mean of the training rows: (J, 2)."""
        weights, constants, means = fitted
        true = self.tables[self.fold == fold]
        guess = self.rows[self.fold == fold] @ weights + constants
        return np.stack([np.square(true - guess).sum(axis=0), np.square(true - means).sum(axis=0)], axis=1)

    def score(self, tally: np.ndarray) -> np.ndarray:
        """R2: (J,)."""
        left, around = tally[:, 0], tally[:, 1]
        return np.asarray(1 - left / np.where(around > 0, around, 1))


class Classes:
    """Linear discriminants with equal priors, of J columns of class numbers from 0 to K - 1.

    With `is_for_means`, the mean of each class is taken off its rows: off the rows to fit, the mean over these other
    training rows; off the tested rows, the mean over both. With halves of one size, the errors of the two means are
    uncorrelated, so that a class that differs in its mean only is found at chance. (One mean for both would be
    recognised by its error, above chance; means that tested rows are part of push the score below.)
    """

    def __init__(
        self, rows: np.ndarray, tables: np.ndarray, fold: np.ndarray, is_for_means: np.ndarray | None = None
    ) -> None:
        self.rows, self.tables, self.fold, self.classes = rows, tables, fold, int(tables.max()) + 1
        self.parts: list[Sums] = []
        self.means: list[tuple[np.ndarray, np.ndarray]] = []  # sizes and sums of classes, to take means from
        for one in range(fold.max() + 1):
            train = (fold == one) & ~is_for_means if is_for_means is not None else fold == one
            self.parts.append(sums_of(rows[train], self._marks(train)))
            if is_for_means is not None:
                apart = (fold == one) & is_for_means
                marks = self._marks(apart)
                self.means.append((marks.sum(axis=0), rows[apart].T @ marks))

    def _marks(self, chosen: np.ndarray) -> np.ndarray:
        """Ones where a row is of a class: (n, J * K)."""
        found: np.ndarray = self.tables[chosen][:, :, None] == np.arange(self.classes)  # (n, J, K)
        return found.reshape(len(found), -1).astype(np.float64)

    def fit(self, left_out: Collection[int], penalty: float) -> Fitted:
        """Weights (Z, J * K), constants (J * K,), and what taking a class's mean off adds to the scores (J, K, K)."""
        inside = [one for one in range(len(self.parts)) if one not in left_out]
        train = added([self.parts[one] for one in inside])
        centre, is_known = (train.total / train.count)[:, None], train.weights > 0
        means = (train.cross / np.maximum(train.weights, 1) - centre) * is_known  # (Z, J * K)
        apart, taken = means, np.zeros_like(means)
        if self.means:
            sizes = np.sum([self.means[one][0] for one in inside], axis=0)
            sums = np.sum([self.means[one][1] for one in inside], axis=0)
            is_known = is_known & (sizes > 0)
            apart = means - (sums / np.maximum(sizes, 1) - centre) * is_known
            taken = ((sums + train.cross) / np.maximum(sizes + train.weights, 1) - centre) * is_known
        weights = self._discriminants(train, penalty, means, apart)
        constants = -(apart * weights).sum(axis=0) / 2 - (centre * weights).sum(axis=0)
        shape = (len(means), -1, self.classes)
        shift = np.einsum("zjl,zjk->jlk", taken.reshape(shape), weights.reshape(shape), optimize=True)
        return weights, np.where(is_known, constants, -np.inf), -shift

    def _discriminants(self, train: Sums, penalty: float, means: np.ndarray, apart: np.ndarray) -> np.ndarray:
        """(S + penalty)^-1 apart, S the scatter within the classes of each column: (Z, J * K).

        S is the scatter T of all rows, which the columns share, less that of K class means, by Woodbury's identity.
        """
        by_all = solved(train, penalty, np.concatenate([means, apart], axis=1))
        by_all_means, found = np.split(by_all, 2, axis=1)
        weights = np.empty_like(found)
        for start in range(0, found.shape[1], self.classes):
            own = slice(start, start + self.classes)
            share = (train.weights[own] / train.count)[:, None]  # (K, 1)
            core = np.eye(self.classes) - share * (means[:, own].T @ by_all_means[:, own])
            within = np.linalg.solve(core, share * (means[:, own].T @ found[:, own]))  # (K, K)
            weights[:, own] = found[:, own] + by_all_means[:, own] @ within
        return weights

    def tally(self, fitted: Fitted, fold: int) -> np.ndarray:
        """Rows that are recognised, and all rows, of each class: (J, K, 2)."""
        weights, constants, shift = fitted
        true = self.tables[self.fold == fold]  # (n, J)
        scores = (self.rows[self.fold == fold] @ weights + constants).reshape(*true.shape, self.classes)
        found = (scores + shift[np.arange(true.shape[1]), true]).argmax(axis=2)
        counts = np.zeros((true.shape[1], self.classes, 2))
        for column in range(true.shape[1]):
            right = true[found[:, column] == true[:, column], column]
            counts[column, :, 0] = np.bincount(right, minlength=self.classes)
            counts[column, :, 1] = np.bincount(true[:, column], minlength=self.classes)
        return counts

    def score(self, tally: np.ndarray) -> np.ndarray:
        """Balanced accuracy: mean recall of the classes that occur, (J,)."""
        recall = tally[:, :, 0] / np.maximum(tally[:, :, 1], 1)
        return np.asarray(recall.sum(axis=1) / np.maximum((tally[:, :, 1] > 0).sum(axis=1), 1))


def cross_validated(model: Model, folds: int) -> np.ndarray:
    """Score of each column over all rows, each row tested by a fit that saw neither it nor its fold: (J,).

    The penalty of each column is the one best on a second fold, for fits without both folds; folds are paired, so that
    these fits serve twice. Of equally good penalties the larger is taken.
    """
    tried: dict[frozenset[int], list[Fitted]] = {}
    tallies = []
    for fold in range(folds):
        other = fold ^ 1 if fold ^ 1 < folds else 0
        out = frozenset({fold, other})
        if out not in tried:
            tried[out] = [model.fit(out, penalty) for penalty in reversed(PENALTIES)]
        choice = np.argmax([model.score(model.tally(fitted, other)) for fitted in tried[out]], axis=0)  # (J,)
        by_choice = {int(one): model.tally(model.fit({fold}, PENALTIES[::-1][one]), fold) for one in set(choice)}
        tallies.append(np.stack([by_choice[int(one)][column] for column, one in enumerate(choice)]))
    return model.score(np.sum(tallies, axis=0))


def shortened(rows: np.ndarray) -> np.ndarray:
    """The same cloud around 0, of spread 1, in no more dimensions than there are rows: (N, Z) -> (N, min(N, Z)).

    Float64. No linear fit below sees the difference: shifting, turning and scaling all rows alike changes no score.
    """
    rows = rows - rows.mean(axis=0, dtype=np.float64)
    largest = float(np.abs(rows).max())
    rows = rows / (largest or 1)  # lest squares overflow
    rows = rows / (np.sqrt(np.square(rows).mean()) or 1)
    if len(rows) >= rows.shape[1]:
        return np.asarray(rows)
    _, corner = np.linalg.qr(rows.T)  # (N, N)
    return np.asarray(corner.T)


def sums_of(rows: np.ndarray, targets: np.ndarray) -> Sums:
    """Sums of rows (n, Z) and targets (n, C)."""
    return Sums(len(rows), rows.sum(axis=0), rows.T @ rows, targets.sum(axis=0), rows.T @ targets)


def added(parts: Sequence[Sums]) -> Sums:
    """Sums of the union of several sets."""
    return Sums(
        sum(part.count for part in parts),
        np.sum([part.total for part in parts], axis=0),
        np.sum([part.square for part in parts], axis=0),
        np.sum([part.weights for part in parts], axis=0),
        np.sum([part.cross for part in parts], axis=0),
    )


def solved(train: Sums, penalty: float, targets: np.ndarray) -> np.ndarray:
    """(T + penalty)^-1 targets, T the covariance of the training rows: (Z, C) -> (Z, C)."""
    centre = train.total / train.count
    covariance = train.square / train.count - np.outer(centre, centre)
    scale = float(np.trace(covariance)) / len(covariance)
    covariance[np.diag_indices_from(covariance)] += penalty * (scale if scale > 0 else 1)
    found: np.ndarray = np.linalg.solve(covariance, targets)
    return found
