from __future__ import annotations

import subprocess
import sys
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thought.errors import ScoringError
from thought.geometry import cosine
from thought.geometry.cosine import unit
from thought.geometry.retrieval import Retrieval, retrieval_accuracy, retrieve


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
        monkeypatch.setattr(cosine, "ROWS_AT_ONCE", rows)
        monkeypatch.setattr(cosine, "COLUMNS_AT_ONCE", columns)
        assert retrieval_accuracy(queries, targets) == pytest.approx(whole)


def test_float32_gives_what_float64_gives():
    rng = np.random.default_rng(2)
    queries = rng.normal(size=(300, 32))
    targets = queries + 1.5 * rng.normal(size=(300, 32))
    single = retrieval_accuracy(queries.astype(np.float32), targets.astype(np.float32))
    assert single == retrieval_accuracy(queries, targets) == pytest.approx(brute_force(queries, targets))


@settings(max_examples=25)
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


def fan(*degrees: float) -> np.ndarray:
    """Unit vectors in the plane, at these angles."""
    return np.stack([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], axis=1)


def row_by_row(queries: np.ndarray, targets: np.ndarray, k: int) -> tuple[float, float]:
    """Error with the ratio margin among k candidates as LASER finds it, and mean reciprocal rank, in plain loops."""
    near = unit(queries) @ unit(targets).T
    errors, ranks = 0, []
    for row in range(len(near)):
        candidates = np.argsort(-near[row])[:k]
        margins = []
        for column in candidates:
            around = np.sort(near[row])[-k:].mean() + np.sort(near[:, column])[-k:].mean()
            margins.append(near[row, column] / (around / 2))
        errors += candidates[int(np.argmax(margins))] != row
        ranks.append(1 / (1 + (near[row] > near[row, row]).sum()))
    return errors / len(near), float(np.mean(ranks))


def test_ranks_one_can_check_on_paper():
    result = retrieve(fan(0, 30, 60), fan(28, 49, 10), k=1)  # they come second, second and third
    assert result.p_at_1 == 0
    assert result.mean_reciprocal_rank == pytest.approx((1 / 2 + 1 / 2 + 1 / 3) / 3)
    assert result.xsim == 1


def test_the_margin_sees_through_a_target_that_is_near_to_all():
    # 30 is 16 from the target at 14 and 20 from its own at 50; but 14 is near to both queries, so that is no merit
    result = retrieve(fan(0, 30), fan(14, 50), k=2)
    assert result.p_at_1 == 1 / 2
    assert result.xsim == 1 / 2
    assert result.xsim_margin == 0


@pytest.mark.parametrize("k", [1, 2, 4, 7])
def test_the_margin_is_that_of_plain_loops(k):
    rng = np.random.default_rng(6)
    queries = rng.normal(size=(80, 8)) + 2
    targets = queries + rng.normal(size=(80, 8)) * 1.5
    error, rank = row_by_row(queries, targets, k)
    result = retrieve(queries, targets, k=k)
    assert 0.1 < error < 0.9
    assert result.xsim_margin == pytest.approx(error)
    assert result.mean_reciprocal_rank == pytest.approx(rank)
    assert result.p_at_1 == pytest.approx(brute_force(queries, targets)) == pytest.approx(1 - result.xsim)


def test_with_one_neighbour_the_margin_can_only_choose_the_nearest():
    rng = np.random.default_rng(7)
    queries = rng.normal(size=(60, 4))
    result = retrieve(queries, queries + rng.normal(size=(60, 4)), k=1)
    assert result.xsim_margin == pytest.approx(result.xsim)


def test_all_of_it_in_blocks_is_what_one_piece_gives(monkeypatch):
    rng = np.random.default_rng(8)
    queries = rng.integers(0, 3, size=(61, 5)).astype(np.float32)
    targets = queries + rng.integers(0, 2, size=(61, 5)).astype(np.float32)
    whole = retrieve(queries, targets)
    assert 0.1 < whole.xsim_margin < 0.9
    for rows, columns in ((7, 13), (13, 7), (1, 61), (61, 3)):
        monkeypatch.setattr(cosine, "ROWS_AT_ONCE", rows)
        monkeypatch.setattr(cosine, "COLUMNS_AT_ONCE", columns)
        assert_same(retrieve(queries, targets), whole)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(4, 40))
def test_the_order_of_rows_is_irrelevant_to_all_of_it(seed, rows):
    rng = np.random.default_rng(seed)
    queries, targets = rng.integers(0, 3, size=(2, rows, 3)).astype(np.float32) + np.float32(0.5)  # many ties
    order = rng.permutation(rows)
    result = retrieve(queries, targets)
    assert_same(retrieve(queries[order], targets[order]), result)
    assert result.p_at_1 == pytest.approx(retrieval_accuracy(queries, targets))
    assert result.p_at_1 <= result.mean_reciprocal_rank


@pytest.mark.parametrize("count", [4, 50, 300])
def test_a_collapsed_space_scores_chance_in_all_of_it(count):
    one_point = np.tile(np.random.default_rng(9).normal(size=(1, 64)).astype(np.float32), (count, 1))
    harmonic = sum(1 / rank for rank in range(1, count + 1))
    chance = Retrieval(1 / count, harmonic / count, 1 - 1 / count, 1 - 1 / count)
    assert_same(retrieve(one_point, one_point), chance)
    with pytest.warns(UserWarning, match="a mean cosine of 0 or less"):
        assert_same(retrieve(0 * one_point, 0 * one_point), chance)


def test_a_tie_is_broken_by_lot_exactly():
    queries, targets = fan(0, 80), fan(10, 10)  # both targets are one point
    by_lot = []
    for order in permutations(range(2)):  # who of the tied comes first
        ranks = [1 + order.index(row) for row in range(2)]
        by_lot.append(np.mean([1 / rank for rank in ranks]))
    result = retrieve(queries, targets, k=2)
    assert result.mean_reciprocal_rank == pytest.approx(np.mean(by_lot))
    assert result.p_at_1 == result.xsim == result.xsim_margin == 1 / 2


def test_a_sentence_twice_among_the_targets_is_found_half_the_time():
    queries = np.eye(5)
    twice = queries[[0, 1, 2, 3, 3]]  # the last one repeats the fourth
    result = retrieve(queries[[0, 1, 2, 3, 3]], twice)
    assert result.p_at_1 == pytest.approx((3 + 2 / 2) / 5)
    assert result.xsim_margin == pytest.approx(1 / 5)
    assert result.mean_reciprocal_rank == pytest.approx((3 + 2 * (1 + 1 / 2) / 2) / 5)


def test_fewer_sentences_than_neighbours_is_said():
    with pytest.warns(UserWarning, match="only 3 neighbours for the margin, fewer than k = 4"):
        result = retrieve(np.eye(3), np.eye(3))
    assert_same(result, retrieve(np.eye(3), np.eye(3), k=3))


def test_one_sentence_finds_itself_and_says_that_this_is_little():
    with pytest.warns(UserWarning, match="only 1 neighbours"):
        assert retrieve(np.ones((1, 3)), np.ones((1, 3))) == Retrieval(1.0, 1.0, 0.0, 0.0)


def test_no_neighbour_at_all_is_refused():
    with pytest.raises(ScoringError, match="k must be at least 1, got 0"):
        retrieve(np.eye(3), np.eye(3), k=0)


def test_a_space_that_points_the_wrong_way_is_said():
    with pytest.warns(UserWarning, match="a mean cosine of 0 or less"):
        assert retrieve(np.ones((4, 2)), -np.ones((4, 2)), k=2).p_at_1 == 1 / 4


def test_no_thoughts_and_thoughts_without_a_value_are_refused():
    with pytest.raises(ScoringError, match="must be of shape"):
        retrieve(np.zeros((0, 3)), np.zeros((0, 3)))
    with pytest.raises(ScoringError, match="queries hold NaN or infinity, first in row 0 of 2"):
        retrieve(np.full((2, 3), np.nan), np.zeros((2, 3)))


def test_nothing_is_changed_by_any_of_it():
    queries, targets = np.random.default_rng(10).normal(size=(2, 20, 4)).astype(np.float32) + 1
    before = queries.copy(), targets.copy()
    queries.flags.writeable = targets.flags.writeable = False
    retrieve(queries, targets)
    assert np.array_equal(before[0], queries)
    assert np.array_equal(before[1], targets)


PEAK = """
import numpy as np
from thought.geometry.retrieval import retrieve
rng = np.random.default_rng(1)
queries = rng.standard_normal((32_000, 256), dtype=np.float32)
print(retrieve(queries, queries + rng.standard_normal(queries.shape, dtype=np.float32)).p_at_1)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM:")))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of a process from /proc")
def test_memory_does_not_grow_with_the_square_of_the_sentences():
    found = subprocess.run([sys.executable, "-c", PEAK], check=True, capture_output=True, text=True).stdout.split()
    assert float(found[0]) > 0.99
    assert int(found[1]) * 2**10 < 0.8 * 2**30  # the 32,000 x 32,000 cosines alone would be 3.8 GiB, the input is 0.06


def assert_same(result: Retrieval, expected: Retrieval) -> None:
    assert vars(result) == pytest.approx(vars(expected), abs=1e-12)
