from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import Ridge

from thought.geometry import linear
from thought.geometry.linear import Amounts, Classes, added, cross_validated, shortened, sums_of


def world(
    rows: int = 120, width: int = 6, classes: int = 3, seed: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, class numbers that they tell by and large, and folds."""
    rng = np.random.default_rng(seed)
    numbers = rng.integers(0, classes, size=rows)
    cloud = rng.normal(size=(rows, width)) @ rng.normal(size=(width, width))
    return cloud + 2 * rng.normal(size=(classes, width))[numbers], numbers, np.arange(rows) % 4


def test_sums_of_parts_add_up_to_those_of_the_whole():
    rows, numbers, _ = world()
    whole, parts = (
        sums_of(rows, numbers[:, None]),
        added([sums_of(rows[:50], numbers[:50, None]), sums_of(rows[50:], numbers[50:, None])]),
    )
    for name in ("count", "total", "square", "weights", "cross"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name))


def test_amounts_are_fitted_as_ridge_regression_of_sklearn_does():
    rows, numbers, fold = world()
    values = rows[:, :2] + numbers[:, None]
    model = Amounts(rows, values, fold)
    train = fold != 2
    covariance = np.cov(rows[train].T, bias=True)
    weights, constants, means = model.fit({2}, 0.1)
    expected = Ridge(alpha=0.1 * np.trace(covariance) / 6 * train.sum()).fit(rows[train], values[train])
    assert pytest.approx(expected.coef_) == weights.T
    assert constants == pytest.approx(expected.intercept_)
    left, around = model.tally((weights, constants, means), 2).T
    assert left == pytest.approx(((values[~train] - expected.predict(rows[~train])) ** 2).sum(axis=0))
    assert around == pytest.approx(((values[~train] - values[train].mean(axis=0)) ** 2).sum(axis=0))


def test_classes_are_told_apart_as_discriminant_analysis_of_sklearn_does():
    rows, numbers, fold = world(rows=400)
    shuffled = np.random.default_rng(3).permutation(numbers)
    model = Classes(rows, np.stack([shuffled, numbers], axis=1), fold)
    train = fold != 1
    counts = model.tally(model.fit({1}, 1e-12), 1)[1]
    analysis = LinearDiscriminantAnalysis(priors=[1 / 3] * 3).fit(rows[train], numbers[train])
    found = analysis.predict(rows[~train])
    recall = [(found[numbers[~train] == one] == one).sum() for one in range(3)]
    assert counts[:, 0].tolist() == recall
    assert counts[:, 1].tolist() == np.bincount(numbers[~train]).tolist()
    assert 40 < sum(recall) < 100  # neither trivial nor hopeless


def test_the_penalty_is_added_to_the_scatter_within_classes():
    rows, numbers, fold = world()
    model = Classes(rows, numbers[:, None], fold)
    train = fold != 0
    weights, constants, _ = model.fit({0}, 0.5)
    means = np.stack([rows[train & (numbers == one)].mean(axis=0) for one in range(3)])
    within = np.cov((rows - means[numbers])[train].T, bias=True)
    scale = np.trace(np.cov(rows[train].T, bias=True)) / 6
    apart = (means - rows[train].mean(axis=0)).T  # (Z, K)
    assert weights == pytest.approx(np.linalg.solve(within + 0.5 * scale * np.eye(6), apart))
    assert constants == pytest.approx(-(apart * weights).sum(0) / 2 - rows[train].mean(axis=0) @ weights)


def test_means_are_taken_off_as_if_the_rows_had_been_centred():
    rows, numbers, fold = world()
    is_for_means = np.arange(len(rows)) // 4 % 2 == 0
    model = Classes(rows, numbers[:, None], fold, is_for_means)
    weights, constants, shift = model.fit({0}, 0.5)
    train, test = fold != 0, fold == 0
    some, others, both = train & is_for_means, train & ~is_for_means, train
    means = [np.stack([rows[one & (numbers == k)].mean(axis=0) for k in range(3)]) for one in (some, both)]
    centred, tested = rows[others] - means[0][numbers[others]], rows[test] - means[1][numbers[test]]
    plain = Classes(
        np.concatenate([centred, tested]),
        np.concatenate([numbers[others], numbers[test]])[:, None],
        np.repeat([0, 1], [len(centred), len(tested)]),
    )
    scale = [np.trace(np.cov(one.T, bias=True)) for one in (rows[others], centred)]
    direct = plain.fit({1}, 0.5 * scale[0] / scale[1])
    scores = rows[test] @ weights + constants + shift[0, numbers[test]]
    expected = tested @ direct[0] + direct[1]
    assert scores - scores[:, :1] == pytest.approx(expected - expected[:, :1])


def test_columns_do_not_see_each_other():
    rows, numbers, fold = world()
    other = np.random.default_rng(2).integers(0, 3, size=len(rows))
    together = cross_validated(Classes(rows, np.stack([numbers, other], axis=1), fold), 4)
    alone = [cross_validated(Classes(rows, one[:, None], fold), 4)[0] for one in (numbers, other)]
    assert together == pytest.approx(alone)
    values = np.stack([rows[:, 0], other], axis=1)
    together = cross_validated(Amounts(rows, values, fold), 4)
    assert together == pytest.approx([cross_validated(Amounts(rows, one[:, None], fold), 4)[0] for one in values.T])


class Recorder:
    """A model that only knows which folds it was fitted to, and how good each penalty is."""

    def __init__(self, best: float) -> None:
        self.best, self.seen = best, []

    def fit(self, left_out, penalty):
        return frozenset(left_out), penalty, None

    def tally(self, fitted, fold):
        self.seen.append((fitted[0], fitted[1], fold))
        return np.array([[-abs(np.log(fitted[1] / self.best)), 1.0]])

    def score(self, tally):
        return tally[:, 0]


@pytest.mark.parametrize("folds", [3, 4, 5])
def test_neither_the_tested_fold_nor_its_choice_of_penalty_was_fitted_to(folds):
    model = Recorder(best=1.0)
    cross_validated(model, folds)
    assert all(fold in left_out for left_out, _, fold in model.seen)
    tests = [(left_out, penalty, fold) for left_out, penalty, fold in model.seen if len(left_out) == 1]
    assert tests == [(frozenset({fold}), 1.0, fold) for fold in range(folds)]  # the best penalty, each fold once
    at = [model.seen.index(one) for one in tests]
    for start, stop, fold in zip([-1, *at], at, range(folds), strict=False):
        tuned = model.seen[start + 1 : stop]
        assert {penalty for _, penalty, _ in tuned} == set(linear.PENALTIES)
        assert all(fold in left_out and tuned_on != fold for left_out, _, tuned_on in tuned)


def test_of_equally_good_penalties_the_largest_is_taken():
    model = Recorder(best=1.0)
    model.score = lambda tally: np.zeros(len(tally))
    cross_validated(model, 3)
    assert {penalty for left_out, penalty, _ in model.seen if len(left_out) == 1} == {max(linear.PENALTIES)}


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_shortened_rows_keep_their_angles(seed):
    rng = np.random.default_rng(seed)
    for shape in ((7, 20), (20, 7)):
        rows = rng.normal(size=shape) + 5
        short = shortened(rows)
        assert short.shape == (shape[0], min(shape))
        centred = rows - rows.mean(axis=0)
        assert short @ short.T == pytest.approx(centred @ centred.T / (centred**2).mean())


def test_shortened_rows_neither_overflow_nor_divide_by_zero():
    assert np.array_equal(shortened(np.ones((3, 2))), np.zeros((3, 2)))
    assert np.abs(shortened(np.array([[1e300], [-1e300]]))).tolist() == [[1.0], [1.0]]
