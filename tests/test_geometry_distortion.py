from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import manifold

from thought.errors import ScoringError
from thought.geometry import distortion
from thought.geometry.cosine import unit
from thought.geometry.distortion import continuity, measure_distortion, neighbour_overlap, trustworthiness


def cloud(rows: int, width: int = 8, noise: float = 0.3, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """A space, and a map of it with errors."""
    rng = np.random.default_rng(seed)
    space = rng.normal(size=(rows, width))
    return space, unit(space)[:, :2] + noise * rng.normal(size=(rows, 2))


def arc(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_five_rows_one_can_check_on_paper():
    space, line = arc(0, 10, 21, 33, 46), np.array([[0.0], [10.0], [21.0], [33.0], [12.0]])  # the last is misplaced
    # nearest in space: 1, 0, 1, 2, 3; on the map: 1, 4 (2 away), 4 (9 away), 2, 1
    # ranks in space of 4 from 1: 4th; of 4 from 2: 4th; of 1 from 4: 3rd -> excess 3 + 3 + 2
    assert trustworthiness(space, line, k=1) == pytest.approx(1 - 2 / (5 * 1 * (10 - 3 - 1)) * 8)
    # ranks on the map of 0 from 1: 2nd; of 1 from 2: 2nd (11 away, after 9; then 12); of 3 from 4: 4th -> 1 + 1 + 3
    assert continuity(space, line, k=1) == pytest.approx(1 - 2 / (5 * 1 * (10 - 3 - 1)) * 5)
    assert neighbour_overlap(space, line, k=1) == pytest.approx(2 / 5)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(3, 60), st.data())
def test_trustworthiness_and_continuity_are_those_of_sklearn(seed, rows, data):
    space, points = cloud(rows, seed=seed)
    k = data.draw(st.integers(1, (rows - 1) // 2))
    expected = manifold.trustworthiness(space, points, n_neighbors=k, metric="cosine")
    assert trustworthiness(space, points, k) == pytest.approx(expected, abs=1e-4)
    expected = manifold.trustworthiness(points, unit(space), n_neighbors=k)  # Euclid on unit rows orders as cosine does
    assert continuity(space, points, k) == pytest.approx(expected, abs=1e-4)


def test_float32_thoughts_are_measured_as_sklearn_does():
    space, points = cloud(500, width=64)
    expected = manifold.trustworthiness(space.astype(np.float32), points, n_neighbors=10, metric="cosine")
    assert trustworthiness(space.astype(np.float32), points.astype(np.float32)) == pytest.approx(expected, abs=1e-4)


def test_the_overlap_is_that_of_two_lists_of_neighbours():
    space, points = cloud(60)
    cosine = unit(space) @ unit(space).T
    apart = np.linalg.norm(points[:, None] - points, axis=2)
    shared = [
        len(set(np.argsort(-cosine[row])[1:8].tolist()) & set(np.argsort(apart[row])[1:8].tolist()))
        for row in range(60)
    ]
    assert neighbour_overlap(space, points, k=7) == pytest.approx(np.mean(shared) / 7)


def test_blocks_give_what_one_piece_gives(monkeypatch):
    space, points = cloud(101)
    whole = measure_distortion(space, points, k=5)
    for cells in (1, 101 * 7, 101 * 50):
        monkeypatch.setattr(distortion, "CELLS", cells)
        assert dataclasses.astuple(measure_distortion(space, points, k=5)) == pytest.approx(dataclasses.astuple(whole))


def test_the_three_are_the_parts_of_the_one():
    space, points = cloud(80)
    found = measure_distortion(space, points, k=6)
    assert (found.k, found.count) == (6, 80)
    assert found.trustworthiness == trustworthiness(space, points, k=6)
    assert found.continuity == continuity(space, points, k=6)
    assert found.overlap == neighbour_overlap(space, points, k=6)


def test_a_map_that_keeps_all_is_perfect():
    angles = np.sort(np.random.default_rng(1).uniform(0, 170, size=50))
    found = measure_distortion(3 * arc(*angles), arc(*angles), k=10)
    assert (found.trustworthiness, found.continuity, found.overlap) == pytest.approx((1, 1, 1))


def test_a_random_map_scores_chance():
    space, _ = cloud(400)
    points = np.random.default_rng(9).normal(size=(400, 2))
    found = measure_distortion(space, points, k=10)
    assert found.chance == pytest.approx(0.5, abs=0.01)
    assert found.trustworthiness == pytest.approx(found.chance, abs=0.02)
    assert found.continuity == pytest.approx(found.chance, abs=0.02)
    assert found.overlap == pytest.approx(found.chance_overlap, abs=0.01)


@pytest.mark.parametrize("is_map", [True, False])
def test_one_point_for_all_scores_exactly_chance(is_map):
    space, points = cloud(30)
    one = np.ones((30, 2))
    found = measure_distortion(space, one, k=4) if is_map else measure_distortion(one, points, k=4)
    assert found.trustworthiness == pytest.approx(found.chance)
    assert found.continuity == pytest.approx(found.chance)
    assert found.overlap == pytest.approx(found.chance_overlap) == pytest.approx(4 / 29)


def test_ties_count_as_the_mean_over_all_orders_of_them():
    space = np.concatenate([arc(0, 14, 50), arc(0, 0)])  # three rows in one place
    points = np.array([[0.0], [3.0], [1.0], [7.0], [12.0]])
    lots = []
    for first, second, third in itertools.permutations([0.0, 0.2, 0.5]):  # degrees apart
        lots.append(dataclasses.astuple(measure_distortion(arc(first, 14, 50, second, third), points, k=1)))
    assert dataclasses.astuple(measure_distortion(space, points, k=1)) == pytest.approx(np.mean(lots, axis=0))
    # the map's neighbour of the last row is the fourth: one of two that are equally near
    assert neighbour_overlap(space, points, k=1) == pytest.approx((1 / 2) / 5)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(3, 30))
def test_the_order_of_rows_is_irrelevant_even_with_duplicates(seed, rows):
    rng = np.random.default_rng(seed)
    space, points = rng.integers(-1, 2, size=(rows, 3)), rng.integers(0, 3, size=(rows, 2))
    k = min(4, (rows - 1) // 2)
    order = rng.permutation(rows)
    found = dataclasses.astuple(measure_distortion(space, points, k))
    assert dataclasses.astuple(measure_distortion(space[order], points[order], k)) == pytest.approx(found)
    assert all(-1e-9 <= value <= 1 + 1e-9 for value in found[:3])


def test_neither_scale_nor_place_of_the_map_matters():
    space, points = cloud(60)
    found = dataclasses.astuple(measure_distortion(space, points))
    for other in (1e-9 * points, 1e9 * points, points + 1000):
        assert dataclasses.astuple(measure_distortion(5 * space, other)) == pytest.approx(found)


def test_more_neighbours_than_the_formula_allows_are_reduced_with_a_warning():
    space, points = cloud(12)
    with pytest.warns(UserWarning, match="10 neighbours need more than 20 rows, got 12: k is reduced to 5") as caught:
        found = measure_distortion(space, points)
    assert caught[0].filename == __file__
    assert found == measure_distortion(space, points, k=5)
    with pytest.warns(UserWarning, match="k is reduced to 1"):
        assert 0 <= trustworthiness(space[:3], points[:3]) <= 1


def test_inputs_are_not_changed():
    space, points = cloud(40)
    before = space.copy(), points.copy()
    space.flags.writeable = points.flags.writeable = False
    measure_distortion(space, points)
    assert np.array_equal(before[0], space)
    assert np.array_equal(before[1], points)


@pytest.mark.parametrize("measure", [trustworthiness, continuity, neighbour_overlap, measure_distortion])
def test_what_is_no_map_is_refused(measure):
    space, points = cloud(30)
    with pytest.raises(ScoringError, match=r"one point for each thought, got thoughts \(30, 8\), points \(29, 2\)"):
        measure(space, points[:29])
    with pytest.raises(ScoringError, match="k must be at least 1, got 0"):
        measure(space, points, k=0)
    for few in (0, 1, 2):
        with pytest.raises(ScoringError):
            measure(space[:few], points[:few])
    points[3] = np.nan
    with pytest.raises(ScoringError, match="points of the map hold NaN or infinity, first in row 3 of 30"):
        measure(space, points)
    with pytest.raises(ScoringError, match="thoughts hold NaN or infinity"):
        measure(space * np.inf, points)
