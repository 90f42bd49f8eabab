from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from thought.errors import ScoringError, ThoughtError
from thought.reduction import (
    compress,
    lay_out,
    mix_neighbours,
    near_in_space,
    principal_components,
    procrustes,
    weigh_neighbours,
)


def cloud(seed: int, rows: int, width: int) -> np.ndarray:
    """Thoughts with a few strong directions, as float32."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(rows, width)) * 2.0 ** -np.arange(width) + rng.normal(size=width)).astype(np.float32)


def turn(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


# principal components


def test_components_of_four_points_on_paper():
    found = principal_components(np.array([[3.0, 1], [-3, 1], [0, 2], [0, 0]]), 2)
    assert found.mean.tolist() == [0, 1]
    assert found.axes == pytest.approx(np.eye(2))
    assert found.shares == pytest.approx([0.9, 0.1])  # 18 and 2 of 20 squares


@pytest.mark.parametrize(("rows", "width"), [(60, 8), (8, 60)])  # two ways of computing
def test_components_are_those_of_scikit_learn(rows, width):
    from sklearn.decomposition import PCA

    thoughts = cloud(1, rows, width)
    theirs = PCA(3, svd_solver="full").fit(thoughts.astype(np.float64))
    ours = principal_components(thoughts, 3)
    assert ours.shares == pytest.approx(theirs.explained_variance_ratio_)
    assert np.abs(ours.axes) == pytest.approx(np.abs(theirs.components_), abs=1e-6)  # they choose signs differently


@pytest.mark.parametrize(("rows", "width"), [(60, 8), (8, 60)])
def test_the_largest_number_of_an_axis_is_positive(rows, width):
    axes = principal_components(-cloud(2, rows, width), 3).axes
    assert (np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], 1) > 0).all()


@pytest.mark.parametrize("count", [10, 2])
def test_of_numbers_equally_large_the_first_chooses_the_sign(count):
    line = np.linspace(-1, 1, count)[:, None] * np.array([-1.0, 1.0, 0.0])
    for rounding in (1e-15, -1e-15):
        assert principal_components(line * (1 + np.array([rounding, 0, 0])), 1).axes[0, 0] > 0


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_sentences_does_not_turn_the_axes(seed):
    thoughts = cloud(seed, 30, 6)
    order = np.random.default_rng(seed).permutation(30)
    again = principal_components(thoughts[order], 2).axes
    assert again == pytest.approx(principal_components(thoughts, 2).axes, abs=1e-6)


def test_a_direction_that_is_not_there_is_an_axis_of_zeros():
    line = np.outer(np.arange(5.0), [3, 4])
    found = principal_components(line, 3)
    assert found.rank == 1
    assert found.axes == pytest.approx(np.array([[0.6, 0.8], [0, 0], [0, 0]]))
    assert found.shares == pytest.approx([1, 0, 0])


def test_one_point_far_away_has_no_direction_but_rounding():
    copies = np.tile(np.random.default_rng(3).normal(1e3, 1, size=(1, 40)).astype(np.float32), (7, 1))
    assert principal_components(copies, 2).rank == 0


def test_whole_numbers_are_thoughts_too():
    assert principal_components(np.array([[0, 0], [0, 2]], dtype=np.int8), 1).axes == pytest.approx(np.eye(2)[1:])


def test_compressed_thoughts_keep_the_angles():
    thoughts = cloud(4, 20, 6) * np.random.default_rng(4).uniform(0.1, 9, size=(20, 1))  # lengths do not count
    units = thoughts / np.linalg.norm(thoughts, axis=1, keepdims=True)
    scores = compress(thoughts)
    distances = np.square(scores[:, None] - scores).sum(axis=2)
    assert distances == pytest.approx(2 - 2 * units @ units.T, abs=1e-9)
    assert compress(np.random.default_rng(4).normal(size=(90, 80))).shape == (90, 50)


# laying out


def test_each_run_is_the_same_and_another_seed_is_not_needed_for_it():
    scores = compress(cloud(5, 40, 20))
    first, again = (lay_out("tsne", scores, 2, seed=1, reach=5) for _ in range(2))
    assert np.array_equal(first, again)
    assert first.dtype == np.float64


def test_two_bundles_stay_two_bundles():
    rng = np.random.default_rng(6)
    scores = np.concatenate([rng.normal(0, 0.05, (20, 4)), rng.normal(1, 0.05, (20, 4))])
    points = lay_out("tsne", scores, 2, seed=1, reach=5)
    centres = points[:20].mean(axis=0), points[20:].mean(axis=0)
    width = max(
        np.linalg.norm(points[:20] - centres[0], axis=1).max(), np.linalg.norm(points[20:] - centres[1], axis=1).max()
    )
    assert np.linalg.norm(centres[0] - centres[1]) > 2 * width


@pytest.mark.parametrize("method", ["tsne", "opentsne"])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_thoughts_on_a_line_can_be_laid_out(method, dimensions):
    if method == "opentsne":
        pytest.importorskip("openTSNE")
    scores = compress(np.stack([np.cos(np.arange(12) / 9), np.sin(np.arange(12) / 9)], axis=1))[:, :1]
    points = lay_out(method, scores, dimensions, seed=1, reach=3)
    assert points.shape == (12, dimensions)
    assert (np.ptp(points, axis=0) > 1e-3 * np.ptp(points)).all()  # it can unfold: no axis is lost


def test_opentsne_is_the_same_each_time():
    pytest.importorskip("openTSNE")
    scores = compress(cloud(7, 40, 20))
    first, again = (lay_out("opentsne", scores, 2, seed=1, reach=5) for _ in range(2))
    assert np.array_equal(first, again)


@pytest.mark.slow
@pytest.mark.parametrize("dimensions", [2, 3])
def test_umap_is_the_same_each_time(dimensions):
    pytest.importorskip("umap")  # compiles itself for half a minute
    scores = compress(np.repeat(cloud(8, 20, 20), 2, axis=0))  # duplicates are no trouble either
    first, again = (lay_out("umap", scores, dimensions, seed=1, reach=5) for _ in range(2))
    assert np.array_equal(first, again)
    assert first.shape == (40, dimensions)
    assert np.isfinite(first).all()


def test_umap_is_told_what_was_asked_for(monkeypatch):
    asked = {}

    class Fake:
        def __init__(self, neighbours: int, dimensions: int, **rest: object) -> None:
            asked.update(rest, neighbours=neighbours, dimensions=dimensions)

        def fit_transform(self, scores: np.ndarray) -> np.ndarray:
            return np.ones((len(scores), 2), dtype=np.float32)

    module = ModuleType("umap")
    module.UMAP = Fake
    monkeypatch.setitem(sys.modules, "umap", module)
    scores = compress(cloud(9, 10, 5))
    assert lay_out("umap", scores, 2, seed=7, reach=4).dtype == np.float64
    assert (asked["neighbours"], asked["dimensions"], asked["random_state"], asked["n_jobs"]) == (4, 2, 7, 1)
    assert np.corrcoef(asked["init"][:, 0], scores[:, 0])[0, 1] == pytest.approx(1)


@pytest.mark.parametrize(("method", "package"), [("umap", "umap"), ("opentsne", "openTSNE")])
def test_a_missing_package_is_named_with_its_remedy(monkeypatch, method, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ThoughtError, match=rf'needs {package}.*pip install "thought\[{method}\]"') as caught:
        lay_out(method, compress(cloud(9, 10, 5)), 2, seed=1, reach=3)
    assert "\n" not in str(caught.value)


# neighbours


def test_weights_on_paper():
    # (R - d) / d with R = 6: 2 and 1, to the fourth power 16 and 1
    assert weigh_neighbours(np.array([[2.0, 3.0, 6.0]])) == pytest.approx(np.array([[16 / 17, 1 / 17]]))


def test_who_is_at_distance_zero_takes_all():
    assert weigh_neighbours(np.array([[0.0, 1e-3, 5.0]])) == pytest.approx(np.array([[1, 0]]), abs=1e-20)
    assert weigh_neighbours(np.array([[0.0, 0.0, 5.0]])).tolist() == [[0.5, 0.5]]


def test_neighbours_equally_near_weigh_the_same():
    assert weigh_neighbours(np.array([[3.0, 3.0, 3.0], [0.0, 0.0, 0.0]])).tolist() == [[0.5, 0.5], [0.5, 0.5]]


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(2, 5)), elements=st.floats(0, 1e6)))
def test_weights_are_shares(distances):
    weights = weigh_neighbours(np.sort(distances, axis=1))
    assert (weights >= 0).all()
    assert weights.sum(axis=1) == pytest.approx(1)


def test_a_walk_past_coming_and_going_neighbours_makes_no_jump():
    rng = np.random.default_rng(10)
    places = (np.arange(25) + rng.uniform(0.2, 0.8, size=25)) / 25
    values = rng.uniform(0, 1, size=(25, 1))
    walk = np.linspace(0, 1, 20_001)[:, None]  # a gap between two places takes 300 steps and more
    every = np.abs(walk - places)
    rows = np.argsort(every, axis=1)[:, :4]
    found = mix_neighbours(values, rows, np.take_along_axis(every, rows, 1))
    assert np.abs(np.diff(found, axis=0)).max() < 0.02
    plain = values[rows[:, :3]].mean(axis=1)
    assert np.abs(np.diff(plain, axis=0)).max() > 0.1


def test_the_only_sentence_is_the_answer():
    assert mix_neighbours(np.array([[3.0, 4.0]]), np.array([[0], [0]]), np.ones((2, 1))).tolist() == [[3, 4], [3, 4]]


def test_the_distance_to_itself_is_zero_whatever_the_length():
    thoughts = cloud(10, 5, 30)
    rows = np.array([[0, 1], [1, 0]])
    distances = near_in_space(3 * thoughts[:2].astype(np.float64), thoughts, rows)
    assert distances[:, 0] == pytest.approx(0, abs=1e-15)
    units = thoughts[:2] / np.linalg.norm(thoughts[:2], axis=1, keepdims=True)
    assert distances[:, 1] == pytest.approx(np.sqrt(2 - 2 * units[0] @ units[1]), rel=1e-4)


# two maps


@settings(max_examples=30)
@given(st.floats(-3, 3), st.booleans(), st.floats(0.1, 9), st.floats(-50, 50))
def test_a_map_that_was_turned_mirrored_stretched_and_moved_is_laid_back(angle, is_mirrored, scale, shift):
    reference = np.random.default_rng(11).normal(size=(12, 2))
    moved = scale * reference @ turn(angle) @ np.diag([1, -1 if is_mirrored else 1]) + shift
    found = procrustes(moved, reference, is_scaled=True)
    assert found.apply(moved) == pytest.approx(reference, abs=1e-8)
    assert found.scale == pytest.approx(1 / scale)
    assert found.residual == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_the_residual_with_a_scale_is_that_of_scipy(dimensions):
    from scipy.spatial import procrustes as theirs

    points, reference = np.random.default_rng(12).normal(size=(2, 30, dimensions))
    found = procrustes(points, reference, is_scaled=True)
    assert found.residual == pytest.approx(theirs(reference, points)[2])
    centred = reference - reference.mean(axis=0)
    left = np.square(found.apply(points) - reference).sum() / np.square(centred).sum()
    assert found.residual == pytest.approx(left)


def test_without_a_scale_lengths_are_kept_and_no_turn_is_better():
    points, reference = np.random.default_rng(13).normal(size=(2, 20, 2))
    found = procrustes(points, reference)
    assert found.rotation @ found.rotation.T == pytest.approx(np.eye(2))
    assert found.scale == 1
    least = np.square(found.apply(points) - reference).sum()
    centred = points - points.mean(axis=0)
    for angle in np.linspace(0, 2 * np.pi, 100):
        for mirror in (1, -1):
            other = centred @ turn(angle) @ np.diag([1, mirror]) + reference.mean(axis=0)
            assert least <= np.square(other - reference).sum() + 1e-9


def test_one_place_for_all_lies_on_any_map():
    still = np.ones((4, 2))
    assert procrustes(still, still + 3, is_scaled=True).apply(still) == pytest.approx(still + 3)
    assert np.isfinite(procrustes(still, np.eye(4)[:, :2], is_scaled=True).residual)


def test_maps_of_other_sentences_are_refused():
    with pytest.raises(ScoringError, match=r"differ in shape: \(4, 2\) and \(4, 3\)"):
        procrustes(np.ones((4, 2)), np.ones((4, 3)))
    with pytest.raises(ScoringError, match="points of the reference hold NaN"):
        procrustes(np.ones((4, 2)), np.full((4, 2), np.nan))
