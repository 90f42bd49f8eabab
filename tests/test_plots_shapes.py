"""Lines, hulls and places of labels, by hand and by properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from thought.plots.shapes import arrange, far_apart, hull, inside, lines, middles, rounded_hull

SQUARE = np.array([[0, 0], [2, 0], [2, 2], [0, 2], [1, 1], [1, 0]], dtype=float)
INTEGERS = arrays(np.float64, st.tuples(st.integers(1, 12), st.just(2)), elements=st.integers(-5, 5))


def test_the_middle_of_a_meaning():
    numbers, middle, place = middles(SQUARE, np.array([7, 7, 3, 3, 3, 9]))
    assert numbers.tolist() == [3, 7, 9]
    assert middle.tolist() == [[1, 5 / 3], [1, 0], [1, 0]]
    assert place.tolist() == [1, 1, 0, 0, 0, 2]


def test_two_sentences_have_one_line_and_more_have_one_each_to_their_middle():
    ends, rows = lines(SQUARE, np.array([7, 7, 3, 3, 3, 9]))  # 9 is said once: no line
    assert rows.tolist() == [0, 2, 3, 4]
    assert ends[0].tolist() == [[0, 0], [2, 0]]
    assert ends[1].tolist() == [[2, 2], [1, 5 / 3]]


def test_pairs_are_joined_wherever_their_rows_stand():
    points = np.arange(8, dtype=float).reshape(4, 2)
    ends, _ = lines(points, np.array([5, 1, 5, 1]))
    assert {(tuple(a), tuple(b)) for a, b in ends.tolist()} == {((0, 1), (4, 5)), ((2, 3), (6, 7))}


def test_a_hull_by_hand():
    assert hull(SQUARE).tolist() == [0, 1, 2, 3]
    assert hull(SQUARE[:1]).tolist() == [0]
    assert hull(SQUARE[[0, 0]]).size in (1, 2)
    assert hull(SQUARE[[0, 5, 1]]).tolist() == [0, 2]  # on a line: its ends


@given(INTEGERS)
def test_a_hull_is_convex_and_holds_all_its_points(points):
    corners = points[hull(points)]
    if len(np.unique(corners, axis=0)) > 2:
        assert inside(points, corners).all()
        edges = np.roll(corners, -1, axis=0) - corners
        after = np.roll(edges, -1, axis=0)
        assert (edges[:, 0] * after[:, 1] - edges[:, 1] * after[:, 0] > 0).all()


@given(INTEGERS)
def test_a_rounded_hull_holds_points_and_stays_near_them(points):
    corners = rounded_hull(points, 0.5)
    assert inside(points, corners).all()
    assert np.linalg.norm(corners[:, None] - points, axis=2).min(axis=1) == pytest.approx(0.5)


def test_inside_is_told_from_outside():
    corners = SQUARE[:4]
    assert inside(np.array([[1.0, 1], [3, 1], [0, 0], [-0.1, 1], [1, 2.1]]), corners).tolist() == [
        True,
        False,
        True,
        False,
        False,
    ]


def test_what_is_picked_is_far_apart_starting_at_the_middle():
    points = np.repeat(np.array([[0.0, 0], [0.5, 0], [4, 0], [-4, 0], [0, 3.5]]), 2, axis=0)
    picked = far_apart(points, np.repeat(np.arange(5), 2), 5)
    assert next(iter(picked)) == 0
    assert set(list(picked)[1:3]) == {2, 3}
    assert list(picked)[-1] == 1
    assert picked[2].tolist() == [4, 5]


def test_what_is_picked_is_far_from_all_picked_before():
    points = np.repeat(np.array([[0.0, 0], [-10.5, 0], [10, 0], [-10.1, 0], [5, 0]]), 2, axis=0)
    assert list(far_apart(points, np.repeat(np.arange(5), 2), 5)) == [0, 1, 2, 4, 3]


def test_meanings_said_once_are_picked_only_if_there_are_no_others():
    points = np.random.default_rng(1).normal(size=(9, 2))
    assert 4 not in far_apart(points, np.array([0, 0, 1, 1, 2, 2, 3, 3, 4]), 9)
    assert len(far_apart(points, np.arange(9), 9)) == 9
    assert far_apart(points, np.arange(9), 0) == {}


def test_an_outlier_does_not_take_a_place():
    points = np.repeat(np.random.default_rng(2).normal(size=(40, 2)), 2, axis=0)
    points[:2] = 1_000
    assert 0 not in far_apart(points, np.repeat(np.arange(40), 2), 5)


def test_labels_touch_neither_each_other_nor_the_edge_nor_their_points():
    rng = np.random.default_rng(3)
    dots = rng.uniform(0.5, 4.5, size=(60, 2))
    anchors, sizes, room = dots[:6], np.tile([1.0, 0.25], (6, 1)), (5.0, 5.0)
    corners = arrange(anchors, sizes, room, dots, radius=0.03)
    assert np.isfinite(corners).all()
    assert (corners >= 0).all()
    assert (corners + sizes <= room).all()
    for first in range(6):
        for second in range(first):
            gap = np.abs(corners[first] - corners[second]) - sizes[first]
            assert gap.max() >= 0
        assert not ((anchors > corners[first]) & (anchors < corners[first] + sizes[first])).all(axis=1).any()


def test_a_label_without_room_is_left_out():
    anchor = np.array([[0.5, 0.5]])
    found = arrange(anchor, np.array([[3.0, 0.2]]), (1.0, 1.0), anchor, radius=0.03)
    assert np.isnan(found).all()


def test_few_dots_are_left_uncovered():
    dots = np.array([[2.0, 2.0], [2.5, 2.0]])  # the second stands where a label would like to be
    (corner,) = arrange(dots[:1], np.array([[1.0, 0.2]]), (5.0, 5.0), dots, radius=0.02)
    assert not ((dots > corner) & (dots < corner + np.array([1.0, 0.2]))).all(axis=1).any()
