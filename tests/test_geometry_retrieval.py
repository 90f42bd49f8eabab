from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thought.geometry import retrieval
from thought.errors import ScoringError
from thought.geometry.retrieval import retrieval_accuracy


def brute_force(queries: np.ndarray, targets: np.ndarray) -> float:
    cosine = queries @ targets.T / np.outer(np.linalg.norm(queries, axis=1), np.linalg.norm(targets, axis=1))
    return float((cosine.argmax(axis=1) == np.arange(len(queries))).mean())


def test_five_rows_one_can_check_on_paper():
    queries = np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 1]])
    targets = np.array([[9, 1], [1, 9], [1, 0], [0, -2], [5, 5]])  # the third points the wrong way
    assert retrieval_accuracy(queries, targets) == pytest.approx(3 / 5)  # the first is nearer to the third target


def test_cosine_does_not_see_length():
    queries = np.eye(4)
    assert retrieval_accuracy(queries, queries * np.array([[1e-3], [1.0], [7.0], [1e6]])) == 1.0


def test_blocks_give_what_one_piece_gives(monkeypatch):
    rng = np.random.default_rng(1)
    queries = rng.normal(size=(101, 8))
    targets = queries + rng.normal(size=(101, 8))
    whole = brute_force(queries, targets)
    assert 0.2 < whole < 0.9
    for rows, columns in ((7, 13), (13, 7), (1, 1), (101, 50)):
        monkeypatch.setattr(retrieval, "ROWS_AT_ONCE", rows)
        monkeypatch.setattr(retrieval, "COLUMNS_AT_ONCE", columns)
        assert retrieval_accuracy(queries, targets) == pytest.approx(whole)


def test_float32_gives_what_float64_gives():
    rng = np.random.default_rng(2)
    queries = rng.normal(size=(300, 32))
    targets = queries + 1.5 * rng.normal(size=(300, 32))
    single = retrieval_accuracy(queries.astype(np.float32), targets.astype(np.float32))
    assert single == retrieval_accuracy(queries, targets) == pytest.approx(brute_force(queries, targets))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_the_order_of_rows_is_irrelevant(seed, rows):
    rng = np.random.default_rng(seed)
    queries, targets = rng.integers(-2, 3, size=(2, rows, 3)).astype(np.float32)  # small numbers: many ties
    order = rng.permutation(rows)
    assert retrieval_accuracy(queries[order], targets[order]) == pytest.approx(retrieval_accuracy(queries, targets))


def test_a_collapsed_space_scores_chance():
    one_point = np.tile(np.random.default_rng(3).normal(size=(1, 64)).astype(np.float32), (50, 1))
    assert retrieval_accuracy(one_point, one_point) == pytest.approx(1 / 50)


def test_random_vectors_score_chance():
    rng = np.random.default_rng(4)
    assert retrieval_accuracy(rng.normal(size=(2000, 8)), rng.normal(size=(2000, 8))) < 0.005


def test_a_zero_vector_is_near_nothing():
    assert retrieval_accuracy(np.array([[1.0, 0.0], [0.0, 0.0]]), np.eye(2)) == pytest.approx((1 + 1 / 2) / 2)
    assert retrieval_accuracy(np.zeros((4, 3)), np.zeros((4, 3))) == pytest.approx(1 / 4)


def test_huge_and_tiny_values_neither_overflow_nor_vanish():
    queries = np.diag(np.array([1e30, 1e-30, 1.0], dtype=np.float32))
    assert retrieval_accuracy(queries, np.eye(3, dtype=np.float32)) == 1.0


def test_a_single_row_finds_itself():
    assert retrieval_accuracy(np.array([[3.0]]), np.array([[5.0]])) == 1.0


def test_inputs_are_not_changed():
    queries, targets = np.random.default_rng(5).normal(size=(2, 20, 4)).astype(np.float32)
    before = queries.copy(), targets.copy()
    queries.flags.writeable = targets.flags.writeable = False
    retrieval_accuracy(queries, targets)
    assert np.array_equal(before[0], queries)
    assert np.array_equal(before[1], targets)


def test_different_shapes_are_named_both():
    with pytest.raises(ScoringError, match=r"shapes differ: queries \(50, 8\), targets \(49, 8\)"):
        retrieval_accuracy(np.zeros((50, 8)), np.zeros((49, 8)))


@pytest.mark.parametrize("shape", [(5,), (0, 3), (3, 0), (2, 3, 4)])
def test_what_is_no_table_of_vectors_is_refused(shape):
    with pytest.raises(ScoringError, match="must be of shape"):
        retrieval_accuracy(np.zeros(shape), np.zeros(shape))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_not_finite_is_named_with_its_row(value):
    targets = np.ones((5, 2))
    targets[3, 1] = value
    with pytest.raises(ScoringError, match="targets hold NaN or infinity, first in row 3 of 5"):
        retrieval_accuracy(np.ones((5, 2)), targets)


def test_words_are_no_vectors():
    with pytest.raises(ScoringError, match="queries must be real numbers"):
        retrieval_accuracy(np.array([["a"]]), np.array([["a"]]))
