from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thought.errors import ScoringError
from thought.geometry import paraphrases
from thought.geometry.cosine import unit
from thought.geometry.paraphrases import ParaphraseRetrieval, retrieve_paraphrases
from thought.geometry.retrieval import retrieval_accuracy


def fan(*degrees: float) -> np.ndarray:
    """Unit vectors in the plane, at these angles."""
    return np.stack([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], axis=1)


def map_at_r(is_member: list[bool]) -> float:
    """MAP@R of one query, from what stands at each place."""
    count = sum(is_member)
    return sum(is_member[place] * sum(is_member[: place + 1]) / (place + 1) for place in range(count)) / count


def by_all_lots(near: np.ndarray, is_member: np.ndarray) -> tuple[float, float]:
    """Mean MAP@R and P@1 of one query over every order of its targets that respects the cosines."""
    orders = [list(order) for order in permutations(range(len(near))) if not np.any(np.diff(near[list(order)]) > 1e-9)]
    return (
        float(np.mean([map_at_r(is_member[order].tolist()) for order in orders])),
        float(np.mean([is_member[order[0]] for order in orders])),
    )


def brute_force(thoughts: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    near = unit(thoughts) @ unit(thoughts).T
    found = []
    for row in range(len(near)):
        order = [other for other in np.argsort(-near[row]) if other != row]
        is_member = (groups[order] == groups[row]).tolist()
        found.append((map_at_r(is_member), is_member[0]))
    mean = np.mean(found, axis=0)
    return float(mean[0]), float(mean[1])


def test_places_one_can_check_on_paper():
    # one query at 0, two members; what stands at the first two places decides
    for angles, expected, first in (
        ((1, 2, 3, 4), 1, 1),  # member, member
        ((1, 3, 2, 4), (1 / 1) / 2, 1),  # member, other, member
        ((2, 3, 1, 4), (1 / 2) / 2, 0),  # other, member, member
        ((3, 4, 1, 2), 0, 0),  # other, other, member, member
    ):
        result = retrieve_paraphrases(
            fan(0), np.array(["a"]), targets=fan(*angles), target_groups=np.array(["a", "a", "b", "c"])
        )
        assert result.map_at_r == pytest.approx(expected)
        assert result.p_at_1 == first


def test_a_row_never_finds_itself():
    result = retrieve_paraphrases(fan(0, 50, 1, 51), np.array([0, 0, 1, 1]))  # everybody is nearest to a stranger
    assert result.map_at_r == result.p_at_1 == 0


def test_groups_that_stand_apart_are_found_whole():
    result = retrieve_paraphrases(fan(0, 2, 4, 90, 93, 200, 201, 202, 203), np.array([0, 0, 0, 1, 1, 2, 2, 2, 2]))
    assert result.map_at_r == pytest.approx(1)
    assert result.p_at_1 == 1
    assert result.queries == 9


@pytest.mark.parametrize("sizes", [[5] * 12, [2, 3, 4, 9, 20], [2] * 30])
def test_many_rows_give_what_plain_loops_give(sizes):
    rng = np.random.default_rng(1)
    groups = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    thoughts = rng.normal(size=(len(sizes), 6))[groups] + rng.normal(size=(len(groups), 6))
    result = retrieve_paraphrases(thoughts, groups)
    expected = brute_force(thoughts, groups)
    assert 0.05 < expected[0] < 0.9
    assert (result.map_at_r, result.p_at_1) == pytest.approx(expected)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
def test_ties_are_the_mean_over_every_lot(seed, count):
    rng = np.random.default_rng(seed)
    query, targets = rng.integers(-1, 2, size=(1, 2)), rng.integers(-1, 2, size=(count, 2))  # small numbers: many ties
    is_member = rng.random(count) < 0.5
    is_member[rng.integers(count)] = True
    result = retrieve_paraphrases(query, np.array([True]), targets=targets, target_groups=is_member)
    near = (unit(query) @ unit(targets).T)[0]
    assert (result.map_at_r, result.p_at_1) == pytest.approx(by_all_lots(near, is_member))


@pytest.mark.parametrize("sizes", [[5] * 8, [2, 3, 7], [2], [1, 1, 4]])
def test_a_collapsed_space_scores_chance(sizes):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    point = np.random.default_rng(2).normal(size=(1, 64)).astype(np.float32)
    for thoughts in (np.tile(point, (len(groups), 1)), np.zeros((len(groups), 3))):
        result = retrieve_paraphrases(thoughts, groups)
        assert result.map_at_r == pytest.approx(result.chance_map)
        assert result.p_at_1 == pytest.approx(result.chance_p_at_1)


def test_a_collapsed_space_scores_chance_across_languages():
    result = retrieve_paraphrases(
        np.ones((4, 2)), np.array([0, 0, 1, 2]), targets=np.ones((7, 2)), target_groups=np.array([0, 1, 1, 1, 2, 2, 9])
    )
    assert result.map_at_r == pytest.approx(result.chance_map)
    assert result.p_at_1 == pytest.approx(result.chance_p_at_1) == pytest.approx((1 + 1 + 3 + 2) / 4 / 7)


def test_chance_is_what_random_orders_give():
    groups = np.repeat(np.arange(3), [2, 4, 5])
    rng = np.random.default_rng(3)
    found = [retrieve_paraphrases(rng.normal(size=(11, 11)), groups) for _ in range(1500)]
    chance = [np.mean([getattr(result, name) for result in found]) for name in ("map_at_r", "p_at_1")]
    assert (found[0].chance_map, found[0].chance_p_at_1) == pytest.approx(tuple(chance), rel=0.03)


def test_across_languages_a_pair_each_is_translation_retrieval():
    rng = np.random.default_rng(4)
    english = rng.normal(size=(70, 6))
    german = english + rng.normal(size=(70, 6))
    numbers = np.arange(70)
    result = retrieve_paraphrases(english, numbers, targets=german, target_groups=numbers)
    assert 0.2 < result.p_at_1 < 0.9
    assert result.p_at_1 == pytest.approx(result.map_at_r) == pytest.approx(retrieval_accuracy(english, german))
    assert (result.chance_map, result.chance_p_at_1) == pytest.approx((1 / 70, 1 / 70))


def test_a_sentence_that_stands_in_two_groups_draws_with_its_copy():
    result = retrieve_paraphrases(fan(0), np.array([7]), targets=fan(3, 3, 90), target_groups=np.array([7, 8, 9]))
    assert result.map_at_r == result.p_at_1 == 1 / 2


def test_who_has_no_other_member_is_counted_and_left_out():
    result = retrieve_paraphrases(fan(0, 1, 90, 200), np.array([0, 0, 1, 2]))
    assert result == ParaphraseRetrieval(1.0, 1.0, pytest.approx(1 / 3), pytest.approx(1 / 3), queries=2, left_out=2)


def test_blocks_give_what_one_piece_gives(monkeypatch):
    rng = np.random.default_rng(5)
    groups = rng.integers(9, size=60)
    thoughts = rng.integers(-1, 2, size=(60, 3)).astype(np.float32)
    whole = retrieve_paraphrases(thoughts, groups)
    for at_once in (1, 60 * 7, 60 * 59):
        monkeypatch.setattr(paraphrases, "SIMILARITIES_AT_ONCE", at_once)
        assert vars(retrieve_paraphrases(thoughts, groups)) == pytest.approx(vars(whole))


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(2, 30))
def test_neither_the_order_of_rows_nor_the_name_of_a_group_matters(seed, rows):
    rng = np.random.default_rng(seed)
    thoughts = rng.integers(-1, 2, size=(rows, 2))
    groups = rng.integers(4, size=rows)
    groups[0] = groups[-1]
    order = rng.permutation(rows)
    names = np.array(["south", "north", "east", "west"])[groups]
    result = retrieve_paraphrases(thoughts, groups)
    assert vars(retrieve_paraphrases(thoughts[order], names[order])) == pytest.approx(vars(result))
    assert 0 <= result.map_at_r <= 1


def test_float32_gives_what_float64_gives():
    rng = np.random.default_rng(6)
    groups = np.repeat(np.arange(40), 5)
    thoughts = rng.normal(size=(40, 32))[groups] + 2 * rng.normal(size=(200, 32))
    single, double = retrieve_paraphrases(thoughts.astype(np.float32), groups), retrieve_paraphrases(thoughts, groups)
    assert vars(single) == pytest.approx(vars(double))


def test_inputs_are_not_changed():
    thoughts, groups = np.random.default_rng(7).normal(size=(20, 4)), np.repeat(np.arange(5), 4)
    before = thoughts.copy(), groups.copy()
    thoughts.flags.writeable = groups.flags.writeable = False
    retrieve_paraphrases(thoughts, groups)
    retrieve_paraphrases(thoughts, groups, targets=thoughts, target_groups=groups)
    assert np.array_equal(before[0], thoughts)
    assert np.array_equal(before[1], groups)


@pytest.mark.parametrize("rows", [1, 5])
def test_with_nobody_to_find_there_is_no_answer(rows):
    with pytest.raises(ScoringError, match=f"none of {rows} sentences has another one of its group to find"):
        retrieve_paraphrases(np.ones((rows, 2)), np.arange(rows))


def test_targets_and_their_groups_belong_together():
    with pytest.raises(ScoringError, match="targets and target_groups belong together"):
        retrieve_paraphrases(np.ones((3, 2)), np.zeros(3), targets=np.ones((3, 2)))
    with pytest.raises(ScoringError, match=r"target_groups must be of shape \(3,\)"):
        retrieve_paraphrases(np.ones((2, 2)), np.zeros(2), targets=np.ones((3, 2)), target_groups=np.zeros(2))


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(ScoringError, match=r"groups must be of shape \(3,\), one for each thought, got \(2,\)"):
        retrieve_paraphrases(np.ones((3, 2)), np.zeros(2))
    with pytest.raises(ScoringError, match="widths differ"):
        retrieve_paraphrases(np.ones((2, 2)), np.zeros(2), targets=np.ones((3, 4)), target_groups=np.zeros(3))
    with pytest.raises(ScoringError, match="must be of shape"):
        retrieve_paraphrases(np.ones((0, 2)), np.zeros(0))


def test_a_thought_that_is_not_finite_is_named_with_its_row():
    thoughts = np.ones((4, 2))
    thoughts[2] = np.nan
    with pytest.raises(ScoringError, match="thoughts hold NaN or infinity, first in row 2 of 4"):
        retrieve_paraphrases(thoughts, np.zeros(4))
    with pytest.raises(ScoringError, match="targets hold NaN or infinity, first in row 2 of 4"):
        retrieve_paraphrases(np.ones((1, 2)), np.zeros(1), targets=thoughts, target_groups=np.zeros(4))
