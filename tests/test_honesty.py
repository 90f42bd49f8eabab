from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thought import honesty
from thought.errors import ScoringError
from thought.geometry.distortion import continuity, neighbour_overlap, trustworthiness
from thought.honesty import accuracy_on_map, fitting_neighbours, fitting_perplexity, shuffled, trust
from thought.projection import Projection
from thought.space import Space


def world(meanings: int = 20, codes: str = "abc", width: int = 8, noise: float = 0.05, seed: int = 1) -> Space:
    """Meanings said in several languages, near to each other; meaning by meaning."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(meanings, 1, width))
    thoughts = (centres + noise * rng.normal(size=(meanings, len(codes), width))).reshape(-1, width)
    texts = tuple(f"{number} {code}" for number in range(meanings) for code in codes)
    return Space(texts, tuple(codes) * meanings, np.repeat(np.arange(meanings), len(codes)), thoughts)


# P@1 on the map


def test_four_points_one_can_check_on_paper():
    queries = np.array([[0, 0], [10, 0], [0, 10], [9, 9]])
    targets = np.array([[1, 0], [12, 0], [1, 9], [0, 2]])  # the last has strayed: (9, 9) is nearest to (1, 9)
    assert accuracy_on_map(queries, targets) == 3 / 4


def test_the_map_is_read_by_distance_and_not_by_direction():
    queries, targets = np.array([[1.0, 1.0], [2.0, 2.0]]), np.array([[1.1, 1.0], [2.0, 2.1]])
    assert accuracy_on_map(queries, targets) == 1  # both lie in one direction
    assert accuracy_on_map(queries + 1e6, targets + 1e6) == 1


def test_equally_near_targets_share_the_hit():
    one = np.ones((4, 2))
    assert accuracy_on_map(one, one) == pytest.approx(1 / 4)
    assert accuracy_on_map(np.array([[0.0, 0], [9, 0]]), np.array([[0.1, 0.0], [-0.1, 0]])) == pytest.approx(1 / 4)


@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.sampled_from([2, 3]))
def test_it_is_the_share_that_plain_distances_give(seed, count, dimensions):
    queries, targets = np.random.default_rng(seed).normal(size=(2, count, dimensions))
    plain = np.linalg.norm(queries[:, None] - targets, axis=2).argmin(axis=1) == np.arange(count)
    assert accuracy_on_map(queries, targets) == pytest.approx(plain.mean())


def test_blocks_give_what_one_piece_gives(monkeypatch):
    queries = np.random.default_rng(3).normal(size=(50, 2))
    targets = queries + np.random.default_rng(4).normal(0, 0.1, size=(50, 2))
    whole = accuracy_on_map(queries, targets)
    assert 0.2 < whole < 0.9
    monkeypatch.setattr(honesty, "CELLS", 350)
    assert accuracy_on_map(queries, targets) == whole


# trust


def test_a_flat_space_is_shown_whole():
    angles = np.sort(np.random.default_rng(2).uniform(0, 6, size=30))
    circle = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    space = Space(("t",) * 30, ("a", "b") * 15, np.arange(30) // 2, circle)
    projection = Projection().fit(circle)
    found = trust(projection, space)
    assert sum(found.explained) == pytest.approx(1)
    assert found.p_at_1_map == found.p_at_1 > found.chance_p_at_1 == 1 / 15
    assert (found.trustworthiness, found.continuity, found.overlap) == pytest.approx((1, 1, 1), abs=0.03)


def test_figures_are_those_of_their_functions():
    space = world()
    projection = Projection("tsne", 3, seed=4, perplexity=5).fit(space.thoughts)
    found = trust(projection, space, k=7)
    high, low = space.thoughts, projection.points
    assert found.trustworthiness == pytest.approx(trustworthiness(high, low, 7))
    assert found.continuity == pytest.approx(continuity(high, low, 7))
    assert found.overlap == pytest.approx(neighbour_overlap(high, low, 7))
    assert (found.method, found.dimensions, found.seed, found.perplexity) == ("tsne", 3, 4, 5)
    assert (found.count, found.k, found.explained) == (60, 7, ())
    assert found.chance_overlap == pytest.approx(7 / 59)


def test_p_at_1_is_the_mean_over_all_directions():
    thoughts = np.eye(6)[[0, 0, 0, 1, 1, 2, 2, 2, 1, 3, 3, 3]]  # language c has meanings 1 and 2 exchanged
    space = Space(("t",) * 12, ("a", "b", "c") * 4, np.repeat(np.arange(4), 3), thoughts)
    points = np.concatenate([thoughts[:, :2] + thoughts[:, 2:4] * [5, 9], np.zeros((12, 0))], axis=1)
    found = trust(Projection().fit(thoughts), space, points=points, k=2)
    assert found.p_at_1 == pytest.approx((1 + 1 + 4 * 0.5) / 6)
    assert found.p_at_1_map == pytest.approx((1 + 1 + 4 * 0.5) / 6)
    assert found.chance_p_at_1 == pytest.approx(1 / 4)


def test_a_random_map_is_no_better_than_chance():
    space = world(60)
    points = np.random.default_rng(5).normal(size=(180, 2))
    found = trust(Projection().fit(space.thoughts), space, points=points)
    assert found.trustworthiness == pytest.approx(found.chance, abs=0.06)
    assert found.continuity == pytest.approx(found.chance, abs=0.06)
    assert found.overlap == pytest.approx(found.chance_overlap, abs=0.03)
    assert found.p_at_1_map == pytest.approx(found.chance_p_at_1, abs=0.04)
    assert found.p_at_1 == 1


def test_new_thoughts_are_judged_by_their_own_points():
    space, new = world(), world(seed=2)
    projection = Projection().fit(space.thoughts)
    with pytest.raises(ScoringError, match=r"other thoughts; .*points=projection.transform"):
        trust(projection, new)
    found = trust(projection, new, points=projection.transform(new.thoughts))
    assert found.trustworthiness < trust(projection, space).trustworthiness + 0.2


@pytest.mark.parametrize("points", [np.zeros((60, 3)), np.zeros((59, 2)), np.zeros(60)])
def test_points_of_another_shape_are_refused(points):
    space = world()
    with pytest.raises(ScoringError, match="one point for each of 60 sentences"):
        trust(Projection().fit(space.thoughts), space, points=points)


def test_one_language_has_no_p_at_1_and_a_warning():
    space = world(codes="a")
    with pytest.warns(UserWarning, match="no two languages share a meaning"):
        found = trust(Projection().fit(space.thoughts), space, k=5)
    assert np.isnan([found.p_at_1, found.p_at_1_map, found.chance_p_at_1]).all()
    assert "P@1" not in found.caption()


def test_languages_that_share_nothing_are_left_out():
    space = world(codes="ab")
    alone = Space(("t",) * 3, ("z",) * 3, np.arange(900, 903), np.random.default_rng(6).normal(size=(3, 8)))
    thoughts = np.concatenate([space.thoughts, alone.thoughts])
    meanings = np.concatenate([space.meanings, alone.meanings])
    both = Space(space.texts + alone.texts, space.languages + alone.languages, meanings, thoughts)
    assert trust(Projection().fit(thoughts), both).p_at_1 == 1


def test_few_sentences_lower_k_or_are_refused():
    space = world(3, "ab")
    with pytest.warns(UserWarning, match="10 neighbours are too many for 6 sentences: k is 2"):
        assert trust(Projection().fit(space.thoughts), space).k == 2
    two = space.select([0, 1])
    with pytest.warns(UserWarning, match="1 directions only"):
        projection = Projection().fit(two.thoughts)
    with pytest.raises(ScoringError, match="at least 3 rows, got 2"):
        trust(projection, two)


def test_duplicated_sentences_are_measured():
    space = world()
    twice = space.select(np.repeat(np.arange(60), 2))
    found = trust(Projection("tsne", perplexity=5).fit(twice.thoughts), twice)
    assert found.trustworthiness > found.chance + 0.1
    assert found.p_at_1 == 1


# captions


def test_a_caption_says_all_in_two_lines():
    space = world()
    projection = Projection(seed=7).fit(space.thoughts)
    found = dataclasses.replace(
        trust(projection, space),
        explained=(0.072, 0.0623),
        trustworthiness=0.9804,
        continuity=0.93,
        chance=0.5012,
        overlap=0.595,
        chance_overlap=0.0025,
        p_at_1_map=0.0651,
        p_at_1=0.9702,
        chance_p_at_1=0.001,
    )
    made, measured = found.caption().split("\n")
    assert made.startswith("PCA, 2-D, seed 7, 60 sentences; 13.4 % of the variance (7.2 + 6.2); ")
    assert made.endswith("; P@1 6.5 % on the map, 97.0 % in full (chance 0.1 %)")
    assert measured == "trustworthiness 0.980, continuity 0.930 (chance 0.50), 10-NN overlap 59.5 % (chance 0.25 %)"
    assert dataclasses.replace(found, method="tsne").caption().startswith("t-SNE, 2-D, seed 7, perplexity 30, 60 sent")
    assert dataclasses.replace(found, method="umap").caption().startswith("UMAP, 2-D, seed 7, 15 neighbours, 60 sent")


# the control


def test_shuffling_deals_out_meanings_within_each_language():
    space = world(codes="abcd")
    control = shuffled(space, 1)
    assert control.thoughts is space.thoughts
    assert (control.texts, control.languages) == (space.texts, space.languages)
    assert not np.array_equal(control.meanings, space.meanings)
    for code in space.codes:
        rows = space.rows(code)
        assert sorted(control.meanings[rows]) == sorted(space.meanings[rows])
    assert np.array_equal(space.meanings, world(codes="abcd").meanings)


def test_languages_of_other_meanings_keep_them():
    space = Space(("t",) * 5, ("a", "b", "a", "b", "b"), np.array([1, 2, 1, 3, 4]), np.eye(5))
    control = shuffled(space, 3)
    assert control.meanings[[0, 2]].tolist() == [1, 1]
    assert sorted(control.meanings[[1, 3, 4]]) == [2, 3, 4]


def test_the_control_scores_chance_on_the_same_points():
    space = world(100)
    projection = Projection("tsne").fit(space.thoughts)
    true, control = trust(projection, space), trust(projection, shuffled(space, 1))
    assert true.p_at_1_map > 0.95
    assert control.p_at_1_map < 0.05
    assert control.p_at_1 < 0.05
    assert control.trustworthiness == true.trustworthiness  # the points and the thoughts are the same


def test_a_seed_gives_one_shuffle_and_no_sentence_none():
    space = world()
    assert np.array_equal(shuffled(space, 5).meanings, shuffled(space, 5).meanings)
    assert not np.array_equal(shuffled(space, 5).meanings, shuffled(space, 6).meanings)
    assert len(shuffled(space.select([]), 1)) == 0


@pytest.mark.parametrize(("count", "perplexity", "k"), [(3, 1.0, 1), (10, 3.0, 4), (91, 30.0, 10), (4_000, 30.0, 10)])
def test_small_maps_ask_for_fewer_neighbours(count: int, perplexity: float, k: int) -> None:
    assert fitting_perplexity(count) == perplexity
    assert fitting_neighbours(count) == k
