"""Thoughts moved: on the way between two, or an edit further."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from thought.errors import ScoringError
from thought.moves import apply, between, direction, flat

RIGHT, UP = np.array([[2.0, 0.0]]), np.array([[0.0, 2.0]])
THOUGHTS = arrays(np.float64, (3, 4), elements=st.floats(0.125, 8))  # no two in opposite directions


def test_the_middle_of_a_line_is_the_mean() -> None:
    assert between(RIGHT, UP, 0.5).tolist() == [[1.0, 1.0]]
    assert between(RIGHT, UP, 0.25).tolist() == [[1.5, 0.5]]


def test_the_middle_of_an_arc_is_as_long_as_its_ends() -> None:
    root = 2 / np.sqrt(2)
    np.testing.assert_allclose(between(RIGHT, UP, 0.5, "spherical"), [[root, root]])
    third = between(RIGHT, UP, 1 / 3, "spherical")[0]
    np.testing.assert_allclose(third, [2 * np.cos(np.pi / 6), 2 * np.sin(np.pi / 6)])


def test_on_an_arc_length_grows_in_proportion() -> None:
    np.testing.assert_allclose(np.linalg.norm(between(RIGHT, 3 * UP, 0.5, "spherical")), 4.0)


@given(THOUGHTS, THOUGHTS, st.sampled_from(["linear", "spherical"]))
def test_the_ends_of_a_way_are_the_ends(first: np.ndarray, second: np.ndarray, how: str) -> None:
    before = first.copy(), second.copy()
    np.testing.assert_allclose(between(first, second, 0, how), first, atol=1e-6)
    np.testing.assert_allclose(between(first, second, 1, how), second, atol=1e-6)
    assert np.array_equal(first, before[0])
    assert np.array_equal(second, before[1])


@given(THOUGHTS, THOUGHTS, st.floats(0, 1))
def test_an_arc_walked_backwards_is_the_same_arc(first: np.ndarray, second: np.ndarray, share: float) -> None:
    there, back = between(first, second, share, "spherical"), between(second, first, 1 - share, "spherical")
    np.testing.assert_allclose(there, back, atol=1e-6)


def test_between_equal_thoughts_there_is_nothing_else() -> None:
    for how in ("linear", "spherical"):
        np.testing.assert_allclose(between(UP, UP, 0.3, how), UP)
        np.testing.assert_allclose(between(UP, 3 * UP, 0.5, how), 2 * UP)


def test_each_row_may_have_its_own_share() -> None:
    found = between(np.repeat(RIGHT, 3, 0), np.repeat(UP, 3, 0), np.array([0, 0.5, 1]))
    assert found.tolist() == [[2, 0], [1, 1], [0, 2]]


def test_no_arc_leads_to_the_opposite() -> None:
    assert between(RIGHT, -RIGHT, 0.5).tolist() == [[0.0, 0.0]]
    with pytest.raises(ScoringError, match='opposite directions: no arc is the shortest; use how="linear"'):
        between(RIGHT, -RIGHT, 0.5, "spherical")


def test_several_vectors_a_thought_move_together() -> None:
    first, second = np.zeros((2, 3, 4), np.float32), np.ones((2, 3, 4), np.float32)
    middle = between(first, second, 0.5)
    assert middle.shape == (2, 3, 4)
    assert middle.dtype == np.float32
    assert (middle == 0.5).all()
    assert direction(first, second).shape == (3, 4)
    assert (apply(first, direction(first, second), 2) == 2).all()
    assert flat(first).shape == (2, 12)


def test_a_direction_is_the_mean_of_the_changes() -> None:
    before, after = np.array([[0.0, 1.0], [4.0, 1.0]]), np.array([[1.0, 1.0], [5.0, 3.0]])
    assert direction(before, after).tolist() == [1.0, 1.0]
    assert direction(after, before).tolist() == [-1.0, -1.0]


@given(THOUGHTS, THOUGHTS)
def test_an_edit_undone_is_no_edit(first: np.ndarray, second: np.ndarray) -> None:
    step, before = direction(first, second), first.copy()
    np.testing.assert_allclose(apply(apply(first, step, 2), step, -2), first, atol=1e-9)
    np.testing.assert_allclose(apply(first, step).mean(axis=0), second.mean(axis=0), atol=1e-9)
    assert np.array_equal(first, before)


def test_thoughts_keep_their_type() -> None:
    assert apply(RIGHT.astype(np.float32), np.ones(2, np.float32), 0.5).dtype == np.float32


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: between(RIGHT, UP, 0.5, "sperical"), "unknown way sperical; did you mean spherical"),
        (lambda: between(RIGHT, UP[:, :1], 0.5), r"shapes differ: queries \(1, 2\), targets \(1, 1\)"),
        (lambda: between(RIGHT, np.array([[np.nan, 1]]), 0.5), "hold NaN or infinity"),
        (lambda: direction(RIGHT, np.zeros((2, 2))), r"shapes differ: before \(1, 2\), after \(2, 2\)"),
        (lambda: direction(RIGHT[:0], UP[:0]), "thoughts before the edit must be of shape"),
        (lambda: direction(RIGHT, np.array([[np.inf, 1]])), "thoughts after the edit hold NaN"),
        (lambda: apply(RIGHT, np.zeros(3)), r"shapes differ: thoughts \(1, 2\), direction \(3,\)"),
    ],
)
def test_what_does_not_fit_together_says_so(call: object, message: str) -> None:
    with pytest.raises(ScoringError, match=message):
        call()  # type: ignore[operator]
