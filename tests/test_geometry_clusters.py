from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import silhouette_score

from thought.errors import ScoringError
from thought.geometry import clusters
from thought.geometry.clusters import alignment, kmeans_ari, purity, silhouette


def scattered(groups: int, each: int, width: int, noise: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Groups of rows around random centres."""
    rng = np.random.default_rng(seed)
    centres = np.repeat(rng.normal(size=(groups, width)), each, axis=0)
    return centres + noise * rng.normal(size=centres.shape), np.repeat(np.arange(groups), each)


def direction(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_the_silhouette_of_four_rows_one_can_check_on_paper():
    thoughts, groups = direction(0, 60, 90, 90), np.array([0, 0, 1, 1])
    first = (1 - 0.5) / 1  # a = 1 - cos 60, b = 1 - cos 90
    second = (1 - np.sqrt(3) / 2 - 0.5) / 0.5  # a as before, b = 1 - cos 30: nearer to the other group
    assert silhouette(thoughts, groups) == pytest.approx((first + second + 1 + 1) / 4)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_the_silhouette_from_sums_is_that_of_sklearn_from_all_distances(seed):
    rng = np.random.default_rng(seed)
    thoughts, groups = rng.normal(size=(60, 5)) + 1, rng.integers(0, 7, size=60)
    groups[0] = 99  # alone
    expected = silhouette_score(thoughts, groups, metric="cosine")
    assert silhouette(thoughts, groups) == pytest.approx(expected, abs=1e-5)


def test_the_silhouette_in_blocks_is_that_in_one_piece(monkeypatch):
    thoughts, groups = scattered(12, 5, 8, 1.0)
    whole = silhouette(thoughts, groups), purity(thoughts, groups)
    for cells in (1, 24, 100):
        monkeypatch.setattr(clusters, "CELLS", cells)
        assert (silhouette(thoughts, groups), purity(thoughts, groups)) == pytest.approx(whole)


def test_a_sample_of_groups_estimates_the_silhouette_of_all():
    thoughts, groups = scattered(300, 4, 16, 1.0)
    whole = silhouette(thoughts, groups)
    assert silhouette(thoughts, groups, most=400) == pytest.approx(whole, abs=0.03)
    alone = groups < 100  # with fewer groups to be near to, scores are higher: not what is done
    assert silhouette(thoughts[alone], groups[alone]) > whole + 0.05


def test_the_sample_depends_on_the_seed_only():
    thoughts, groups = scattered(50, 4, 8, 1.0)
    found = [silhouette(thoughts, groups, most=40, seed=seed) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


def test_groups_that_mean_nothing_have_a_silhouette_of_about_zero_or_below():
    rng = np.random.default_rng(1)
    thoughts = rng.normal(size=(600, 32))
    assert silhouette(thoughts, rng.integers(0, 2, size=600)) == pytest.approx(0, abs=0.01)
    assert silhouette(thoughts, rng.integers(0, 150, size=600)) < -0.1


def test_purity_of_five_rows_one_can_check_on_paper():
    thoughts = direction(0, 10, 20, 90, 30)  # the last belongs to the fourth, and lies with the first three
    # centres without the row: 15, 10, 5 against 60, and 30, 90 against 10: only the last is nearer to the others
    assert purity(thoughts, np.array([0, 0, 0, 1, 1])) == pytest.approx(4 / 5)


def test_a_row_does_not_count_in_its_own_centre():
    thoughts = np.random.default_rng(1).normal(size=(400, 64))
    groups = np.arange(400) // 2  # with itself in it, the centre of two has a cosine of 0.7 with each
    assert purity(thoughts, groups) < 0.03


def test_rows_alone_compete_but_are_not_scored():
    thoughts = direction(0, 10, 4)
    assert purity(thoughts, np.array([0, 0, 1])) == 0.0  # the third lies between the first two
    assert purity(direction(0, 10, 50), np.array([0, 0, 1])) == 1.0


@pytest.mark.parametrize("measure", [silhouette, purity, kmeans_ari])
def test_clear_groups_have_one(measure):
    thoughts, groups = scattered(8, 6, 16, 1e-3)
    assert measure(thoughts, groups) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(("measure", "chance"), [(silhouette, 0), (purity, 1 / 5), (kmeans_ari, 0)])
def test_a_collapsed_space_scores_chance(measure, chance):
    thoughts = np.tile(np.random.default_rng(1).normal(size=(1, 32)).astype(np.float32), (40, 1))
    assert measure(thoughts, np.arange(40) % 5) == pytest.approx(chance)


@pytest.mark.parametrize("measure", [silhouette, purity])
@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_neither_names_of_groups_nor_order_nor_length_of_rows_matter(measure, seed):
    rng = np.random.default_rng(seed)
    thoughts, groups = rng.integers(-2, 3, size=(30, 3)).astype(np.float64), rng.integers(0, 5, size=30)
    groups[:4] = [0, 0, 1, 1]
    order = rng.permutation(30)
    words = np.array(["kdo", "wer", "who", "qui", "chi"])[groups]
    lengths = rng.uniform(0.1, 9, size=(30, 1))
    assert measure((thoughts * lengths)[order], words[order]) == pytest.approx(measure(thoughts, groups))


def test_kmeans_knows_groups_from_shuffled_ones():
    thoughts, groups = scattered(150, 4, 100, 0.3)
    assert kmeans_ari(thoughts.astype(np.float32), groups) > 0.85
    assert kmeans_ari(thoughts, np.random.default_rng(2).permutation(groups)) == pytest.approx(0, abs=0.02)


def test_principal_components_keep_all_distances_where_there_are_few():
    for shape in ((9, 5), (5, 9)):
        rows = np.random.default_rng(1).normal(size=shape)
        short = clusters._principal(rows, 64)
        apart = np.linalg.norm(rows[:, None] - rows, axis=2)
        assert np.linalg.norm(short[:, None] - short, axis=2) == pytest.approx(apart, abs=1e-6)


def test_the_first_components_are_kept_and_not_the_last():
    rows = np.diag([9.0, 5.0, 1.0, 0.1])
    rows = np.concatenate([rows, -rows])
    for given_rows in (rows, np.hstack([rows, np.zeros((8, 20))])):  # from either side of the table
        short = clusters._principal(given_rows, 2)
        assert np.linalg.norm(short, axis=1) == pytest.approx([9, 5, 0, 0] * 2, abs=1e-6)


def test_alignment_is_two_less_two_cosines():
    first, second = np.random.default_rng(1).normal(size=(2, 50, 6))
    cosine = (first * second).sum(1) / np.linalg.norm(first, axis=1) / np.linalg.norm(second, axis=1)
    assert alignment(first, second) == pytest.approx((2 - 2 * cosine).mean())
    assert alignment(first, 3 * first) == pytest.approx(0)
    assert alignment(first, -first) == pytest.approx(4)


def test_inputs_are_not_changed():
    thoughts, groups = scattered(6, 4, 8, 1.0)
    before = thoughts.copy()
    thoughts.flags.writeable = groups.flags.writeable = False
    silhouette(thoughts, groups)
    purity(thoughts, groups)
    kmeans_ari(thoughts, groups)
    assert np.array_equal(before, thoughts)


@pytest.mark.parametrize("measure", [silhouette, purity, kmeans_ari])
def test_what_cannot_be_grouped_is_refused(measure):
    thoughts = np.eye(4)
    with pytest.raises(ScoringError, match="at least 2 groups, got 1 of 4 rows"):
        measure(thoughts, np.zeros(4))
    with pytest.raises(ScoringError, match="at least one group must have 2 rows, got 4 groups of one"):
        measure(thoughts, np.arange(4))
    with pytest.raises(ScoringError, match=r"groups must be of shape \(4,\), one for each thought, got \(3,\)"):
        measure(thoughts, np.zeros(3))
    with pytest.raises(ScoringError, match="groups must be of one kind"):
        measure(thoughts, np.array(["a", "a", None, None], dtype=object))
    with pytest.raises(ScoringError, match="NaN or infinity, first in row 0 of 4"):
        measure(thoughts * np.nan, np.array([0, 0, 1, 1]))
    for few in (0, 1):
        with pytest.raises(ScoringError):
            measure(np.ones((few, 3)), np.zeros(few))
