from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thought.errors import ScoringError
from thought.geometry import cosine
from thought.geometry.cosine import blocks, check_labels, check_rows, cosines, gather, nearest, unit


def corners(seed: int, count: int) -> np.ndarray:
    """Rows along the axes of three dimensions: their cosines are -1, 0 and 1 exactly, with many ties."""
    rng = np.random.default_rng(seed)
    return np.concatenate([np.eye(3), -np.eye(3)])[rng.integers(6, size=count)] * rng.integers(1, 9, size=(count, 1))


def in_full(queries: np.ndarray, targets: np.ndarray, k: int, *, is_own: bool = False) -> tuple[np.ndarray, np.ndarray]:
    cosine = unit(queries) @ unit(targets).T
    if is_own:
        np.fill_diagonal(cosine, -np.inf)
    order = np.argsort(-cosine, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(cosine, order, 1)


def test_a_unit_row_keeps_its_direction():
    assert unit(np.array([[3.0, 4.0], [0.0, -7.0]])) == pytest.approx(np.array([[0.6, 0.8], [0.0, -1.0]]))


def test_a_row_of_zeros_stays_zero():
    assert np.array_equal(unit(np.zeros((2, 3), dtype=np.float32)), np.zeros((2, 3)))


def test_squares_neither_overflow_nor_vanish():
    rows = np.array([[3e30, 4e30], [3e-30, 4e-30]], dtype=np.float32)
    assert unit(rows) == pytest.approx(np.array([[0.6, 0.8], [0.6, 0.8]]), abs=1e-6)


@pytest.mark.parametrize(
    ("given_type", "type_of_unit"),
    [("float16", "float32"), ("float32", "float32"), ("float64", "float64"), ("int8", "float32"), ("bool", "float32")],
)
def test_unit_rows_are_in_float32_at_least(given_type, type_of_unit):
    rows = unit(np.array([[1, 0], [1, 1]], dtype=given_type))
    assert rows.dtype == type_of_unit
    assert rows[1] == pytest.approx([0.5**0.5, 0.5**0.5])


def test_the_least_integer_has_a_length_too():
    assert unit(np.array([[-128, 0]], dtype=np.int8)) == pytest.approx(np.array([[-1.0, 0.0]]))


def test_cosines_one_can_check_on_paper():
    first = np.array([[1, 0], [1, 0], [1, 0], [2, 0], [0, 0]])
    second = np.array([[9, 0], [0, 3], [-1, 0], [1, 1], [1, 1]])
    assert cosines(first, second) == pytest.approx([1, 0, -1, 0.5**0.5, 0])


def test_a_cosine_never_passes_one():
    rows = np.random.default_rng(1).normal(size=(5000, 37)).astype(np.float32)
    assert cosines(rows, 3 * rows).max() <= 1
    assert cosines(rows, -rows).min() >= -1
    assert nearest(rows[:300], rows, 1)[1].max() <= 1


def test_blocks_of_cosines_are_cosines(monkeypatch):
    first, second = np.random.default_rng(2).normal(size=(2, 23, 4))
    whole = cosines(first, second)
    monkeypatch.setattr(cosine, "ROWS_AT_ONCE", 5)
    assert cosines(first, second) == pytest.approx(whole)
    assert cosines(first.tolist(), second.tolist()) == pytest.approx(whole)


@pytest.mark.parametrize("is_own", [False, True])
def test_blocks_tile_the_matrix_row_by_row(monkeypatch, is_own):
    rows = np.random.default_rng(3).normal(size=(11, 3))
    monkeypatch.setattr(cosine, "ROWS_AT_ONCE", 4)
    monkeypatch.setattr(cosine, "COLUMNS_AT_ONCE", 3)
    whole = np.full((11, 11), np.nan)
    corner = []
    for down, across, block in blocks(rows, rows, is_own=is_own):
        whole[down, across] = block
        corner.append((down.start, across.start))
    expected = unit(rows) @ unit(rows).T
    if is_own:
        np.fill_diagonal(expected, -np.inf)
    assert whole == pytest.approx(expected)
    assert corner == sorted(corner)
    assert len(corner) == 12


def test_columns_are_gathered_from_the_first_and_padded():
    found = gather(np.array([[0, 1, 0, 1], [0, 0, 0, 0], [1, 1, 1, 0]], dtype=bool))
    assert found.tolist() == [[1, 3, -1], [-1, -1, -1], [0, 1, 2]]
    assert gather(np.zeros((2, 3), dtype=bool)).shape == (2, 0)


def test_neighbours_one_can_check_on_paper():
    indices, near = nearest(np.array([[1, 0], [0, 2]]), np.array([[0, 1], [5, 0], [3, 3], [-1, 0]]), 3)
    assert indices.tolist() == [[1, 2, 0], [0, 2, 1]]  # the last: of two at a right angle the one that comes first
    assert near == pytest.approx(np.array([[1, 0.5**0.5, 0], [1, 0.5**0.5, 0]]))


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(1, 30), st.data())
def test_neighbours_are_those_of_a_full_sort_ties_included(seed, rows, columns, data):
    queries, targets = corners(seed, rows), corners(seed + 1, columns)
    k = data.draw(st.integers(1, columns))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cosine, "ROWS_AT_ONCE", data.draw(st.integers(1, rows)))
        patch.setattr(cosine, "COLUMNS_AT_ONCE", data.draw(st.integers(1, columns)))
        indices, near = nearest(queries, targets, k)
    expected = in_full(queries, targets, k)
    assert indices.tolist() == expected[0].tolist()
    assert near.tolist() == expected[1].tolist()


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(2, 30), st.data())
def test_no_row_is_its_own_neighbour(seed, rows, data):
    table = corners(seed, rows)
    k = data.draw(st.integers(1, rows - 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cosine, "ROWS_AT_ONCE", data.draw(st.integers(1, rows)))
        patch.setattr(cosine, "COLUMNS_AT_ONCE", data.draw(st.integers(1, rows)))
        indices, _ = nearest(table, table, k, is_own=True)
    assert not (indices == np.arange(rows)[:, None]).any()
    assert indices.tolist() == in_full(table, table, k, is_own=True)[0].tolist()


def test_neighbours_are_those_of_scikit_learn():
    from sklearn.neighbors import NearestNeighbors

    rng = np.random.default_rng(4)
    queries, targets = rng.normal(size=(50, 7)), rng.normal(size=(80, 7))
    distances, expected = NearestNeighbors(n_neighbors=9, metric="cosine").fit(targets).kneighbors(queries)
    indices, near = nearest(queries, targets, 9)
    assert np.array_equal(indices, expected)
    assert near == pytest.approx(1 - distances)


def test_one_point_many_times_has_neighbours_in_order():
    indices, near = nearest(np.ones((3, 4)), np.ones((9, 4)), 2)
    assert indices.tolist() == [[0, 1]] * 3
    assert near == pytest.approx(np.ones((3, 2)))


def test_inputs_are_not_changed():
    rows = np.random.default_rng(5).normal(size=(20, 4)).astype(np.float32)
    before = rows.copy()
    rows.flags.writeable = False
    unit(rows)
    cosines(rows, rows)
    nearest(rows, rows, 3, is_own=True)
    assert np.array_equal(rows, before)


@pytest.mark.parametrize(("k", "is_own", "most"), [(0, False, 5), (6, False, 5), (5, True, 4)])
def test_more_neighbours_than_targets_are_refused(k, is_own, most):
    with pytest.raises(ScoringError, match=rf"k must lie in \[1, {most}\] with 5 targets, got {k}"):
        nearest(np.ones((5, 2)), np.ones((5, 2)), k, is_own=is_own)


def test_rows_leave_themselves_out_of_their_own_set_only():
    with pytest.raises(ScoringError, match="one set only: 3 and 5 rows"):
        nearest(np.ones((3, 2)), np.ones((5, 2)), 1, is_own=True)


def test_different_widths_are_named_both():
    with pytest.raises(ScoringError, match=r"widths differ: queries \(3, 2\), targets \(5, 4\)"):
        nearest(np.ones((3, 2)), np.ones((5, 4)), 1)


def test_different_lengths_have_no_cosines():
    with pytest.raises(ScoringError, match=r"shapes differ: queries \(3, 2\), targets \(5, 2\)"):
        cosines(np.ones((3, 2)), np.ones((5, 2)))


def test_a_value_that_is_not_finite_is_named_with_its_row(monkeypatch):
    monkeypatch.setattr(cosine, "ROWS_AT_ONCE", 2)
    rows = np.ones((5, 2))
    rows[4, 0] = np.nan
    with pytest.raises(ScoringError, match="thoughts hold NaN or infinity, first in row 4 of 5"):
        check_rows(rows)


@pytest.mark.parametrize("shape", [(5,), (0, 3), (3, 0), (2, 3, 4)])
def test_what_is_no_table_of_vectors_is_refused(shape):
    with pytest.raises(ScoringError, match="thoughts must be of shape"):
        check_rows(np.zeros(shape))


def test_too_few_rows_are_counted():
    check_rows(np.ones((3, 1)), least=3)
    with pytest.raises(ScoringError, match="centres must have at least 3 rows, got 2"):
        check_rows(np.ones((2, 1)), "centres", least=3)


@pytest.mark.parametrize("rows", [np.array([["a"]]), np.array([[1j]]), np.array([[None]])])
def test_words_are_no_vectors(rows):
    with pytest.raises(ScoringError, match="thoughts must be real numbers"):
        check_rows(rows)


def test_a_label_too_few_is_named():
    check_labels(np.array(["a", "b"]), 2)
    with pytest.raises(ScoringError, match=r"groups must be of shape \(3,\), one for each thought, got \(2,\)"):
        check_labels(np.array([0, 1]), 3, "groups")
