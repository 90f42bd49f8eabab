from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thought.errors import ScoringError
from thought.geometry.calibration import QUANTILES, calibrate, paraphrase_pairs, random_pairs


def overlapping(seed: int, same: int = 300, different: int = 500) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(0.6, 0.15, size=same), rng.normal(0.2, 0.2, size=different)


def judged(same: np.ndarray, different: np.ndarray, threshold: float, share: float) -> tuple[float, float, float]:
    """Precision, recall and F1 as their definitions say."""
    recall, alarms = np.mean(same >= threshold), np.mean(different >= threshold)
    precision = share * recall / (share * recall + (1 - share) * alarms) if recall + alarms else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if recall else 0.0


def test_pairs_one_can_check_on_paper():
    result = calibrate(np.array([0.9, 0.8, 0.4]), np.array([0.5, 0.1]))
    assert result.auc == pytest.approx(5 / 6)  # only 0.4 lies below 0.5
    assert result.threshold == 0.65  # 0.25 would find all three with one alarm of two: F1 0.8 as well, but it is lower
    assert (result.precision, result.recall) == pytest.approx((1, 2 / 3))
    assert result.f1 == pytest.approx(0.8)
    assert (result.same_pairs, result.different_pairs, result.share_same) == (3, 2, 0.5)


def test_a_tie_counts_half():
    assert calibrate(np.array([0.5, 0.9]), np.array([0.5, 0.1])).auc == pytest.approx((0.5 + 1 + 1 + 1) / 4)


def test_a_gap_is_cut_in_the_middle():
    result = calibrate(np.array([0.7, 0.8, 0.9]), np.array([0.1, 0.2, 0.3]))
    assert result.threshold == pytest.approx(0.5)
    assert result.auc == result.precision == result.recall == result.f1 == 1
    assert result.held_out_f1 <= 1


@pytest.mark.parametrize("value", [1.0, 0.0, 0.3])
def test_a_collapsed_space_tells_nothing(value):
    result = calibrate(np.full(40, value), np.full(60, value), share_same=0.25)
    assert result.auc == 0.5
    assert result.threshold == value  # everything is called the same
    assert (result.precision, result.recall, result.f1) == pytest.approx((0.25, 1, 2 * 0.25 / 1.25))
    assert result.held_out_f1 == pytest.approx(result.f1)


def test_rounding_of_float32_is_no_difference():
    rng = np.random.default_rng(1)
    noise = 1 - rng.random(200) * 2e-7
    assert calibrate(noise[:100], noise[100:]).auc == 0.5


def test_a_space_upside_down_is_worse_than_chance():
    assert calibrate(np.array([0.1, 0.2]), np.array([0.8, 0.9])).auc == 0


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.integers(2, 40), st.booleans())
def test_the_area_is_that_of_scikit_learn(seed, same_size, different_size, is_coarse):
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(seed)
    same, different = np.round(rng.random(same_size), 1 if is_coarse else 6), np.round(rng.random(different_size), 1)
    labels = np.repeat([1, 0], [same_size, different_size])
    assert calibrate(same, different).auc == pytest.approx(roc_auc_score(labels, np.concatenate([same, different])))


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.1, 0.5, 0.9]), st.sampled_from([None, 0.6]))
def test_no_other_threshold_is_better(seed, share, least):
    rng = np.random.default_rng(seed)
    same, different = np.round(rng.random(20) + 0.3, 2), np.round(rng.random(30), 2)
    tried = [judged(same, different, value, share) for value in np.unique(np.concatenate([same, different]))]
    if least is not None and max(precision for precision, _, _ in tried) < least:
        with pytest.raises(ScoringError, match="no threshold has a precision of 0.6"):
            calibrate(same, different, share_same=share, precision=least)
        return
    result = calibrate(same, different, share_same=share, precision=least)
    if least is None:
        assert result.f1 == pytest.approx(max(f1 for _, _, f1 in tried))
    else:
        enough = [recall for precision, recall, _ in tried if precision >= least - 1e-12]
        assert result.recall == pytest.approx(max(enough))
    found = judged(same, different, result.threshold, share)
    assert (result.precision, result.recall, result.f1) == pytest.approx(found)


def test_f1_and_precision_are_those_of_scikit_learn_at_the_share_of_the_sample():
    from sklearn.metrics import precision_recall_fscore_support

    same, different = overlapping(2)
    result = calibrate(same, different, share_same=300 / 800)
    labels = np.repeat([1, 0], [300, 500])
    called = np.concatenate([same, different]) >= result.threshold
    expected = precision_recall_fscore_support(labels, called, average="binary")[:3]
    assert (result.precision, result.recall, result.f1) == pytest.approx(expected)


def test_where_the_same_is_rare_the_line_is_drawn_higher():
    same, different = overlapping(3)
    thresholds = [calibrate(same, different, share_same=share).threshold for share in (0.9, 0.5, 0.1, 0.01)]
    assert thresholds == sorted(thresholds)
    assert thresholds[0] < thresholds[-1] - 0.1


def test_a_precision_can_be_asked_for():
    same, different = overlapping(4)
    results = [calibrate(same, different, precision=least) for least in (0.8, 0.9, 0.97)]
    for least, result in zip((0.8, 0.9, 0.97), results, strict=True):
        assert least <= result.precision < least + 0.03
    assert results[0].recall > results[1].recall > results[2].recall


def test_a_precision_met_exactly_is_met():
    different = np.concatenate([np.zeros(9), [0.5]])
    assert calibrate(np.full(9, 0.8), different, precision=1.0).recall == 1
    result = calibrate(np.concatenate([np.full(9, 0.4), [-0.1]]), different, precision=0.9)  # 0.9 / (0.9 + 0.1)
    assert (result.precision, result.recall) == pytest.approx((0.9, 0.9))


def test_a_precision_out_of_reach_is_refused_with_the_best_there_is():
    with pytest.raises(ScoringError, match=r"no threshold has a precision of 0.9 where 0.5 .* the highest is 0.667"):
        calibrate(np.array([0.5, 0.5]), np.array([0.5, 0.1]), precision=0.9)


def test_quantiles_are_of_each_kind():
    result = calibrate(np.linspace(0, 1, 101), np.linspace(-1, 0, 101))
    assert result.same_quantiles == pytest.approx(QUANTILES)
    assert result.different_quantiles == pytest.approx(tuple(quantile - 1 for quantile in QUANTILES))


def test_the_other_half_is_no_part_of_the_choice():
    # one pair of each kind a half: whatever is chosen on 0.9 against 0.1 misses 0.2 and alarms at 0.8, and so on
    results = [calibrate(np.array([0.9, 0.2]), np.array([0.1, 0.8]), seed=seed) for seed in range(30)]
    assert {(result.threshold, result.f1) for result in results} == {(0.15, 2 / (1 + 0.5 + 1))}
    found = {(round(result.held_out_precision, 3), result.held_out_recall) for result in results}
    # chosen on (0.9, 0.1): 0.5, judged on (0.2, 0.8); on (0.9, 0.8): 0.85, on (0.2, 0.1); on (0.2, 0.1): 0.15, on (0.9,
    # 0.8); on (0.2, 0.8): 0.2, on (0.9, 0.1)
    assert found == {(0.0, 0.0), (0.5, 1.0), (1.0, 1.0)}


def test_held_out_values_are_lower_where_few_pairs_choose_and_alike_where_many_do():
    few = [calibrate(*overlapping(seed, 10, 10), seed=seed) for seed in range(200)]
    assert np.mean([result.held_out_f1 for result in few]) < np.mean([result.f1 for result in few]) - 0.02
    many = calibrate(*overlapping(5, 20_000, 20_000))
    assert many.held_out_f1 == pytest.approx(many.f1, abs=0.01)
    assert many.held_out_precision == pytest.approx(many.precision, abs=0.02)


def test_a_precision_that_half_of_the_pairs_cannot_reach_still_gives_an_answer():
    same, different = np.array([0.9, 0.3, 0.3, 0.3]), np.array([0.5, 0.5, 0.5, 0.5])
    results = [calibrate(same, different, precision=0.9, seed=seed) for seed in range(10)]
    assert {result.recall for result in results} == {0.25}
    assert len({result.held_out_recall for result in results}) > 1


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_pairs_matters_only_to_the_halves(seed):
    same, different = overlapping(seed, 30, 40)
    rng = np.random.default_rng(seed)
    first, second = calibrate(same, different), calibrate(rng.permutation(same), rng.permutation(different))
    for name in ("auc", "threshold", "f1", "same_quantiles", "different_quantiles"):
        assert getattr(first, name) == getattr(second, name)


def test_the_same_seed_gives_the_same_halves():
    same, different = overlapping(6)
    assert calibrate(same, different, seed=3) == calibrate(same, different, seed=3)
    assert calibrate(same, different, seed=3) != calibrate(same, different, seed=4)


def test_inputs_are_not_changed():
    same, different = overlapping(7)
    meanings = np.repeat(np.arange(10), 3)
    before = same.copy(), different.copy(), meanings.copy()
    for array in (same, different, meanings):
        array.flags.writeable = False
    calibrate(same, different)
    random_pairs(meanings, 50, 1)
    paraphrase_pairs(meanings, 50, 1)
    for array, expected in zip((same, different, meanings), before, strict=True):
        assert np.array_equal(array, expected)


def test_too_few_pairs_for_a_rare_meaning_are_said():
    same, different = overlapping(8, 50, 500)
    with pytest.warns(
        UserWarning, match="500 pairs of different meanings are too few where 0.001 of pairs say the same"
    ):
        calibrate(same, different, share_same=0.001)


@pytest.mark.parametrize("values", [np.array([]), np.array([0.5])])
def test_fewer_than_two_pairs_are_refused(values):
    with pytest.raises(ScoringError, match=f"same must hold at least 2 cosines, one for each half, got {len(values)}"):
        calibrate(values, np.array([0.1, 0.2]))
    with pytest.raises(ScoringError, match="different must hold at least 2 cosines"):
        calibrate(np.array([0.1, 0.2]), values)


@pytest.mark.parametrize("values", [np.ones((2, 2)), np.array(["a", "b"]), np.array([1j, 2j])])
def test_what_is_no_row_of_numbers_is_refused(values):
    with pytest.raises(ScoringError, match="same must be real numbers of shape"):
        calibrate(values, np.array([0.1, 0.2]))


def test_a_cosine_that_is_not_finite_is_named_with_its_place():
    with pytest.raises(ScoringError, match="different hold NaN or infinity, first at 1"):
        calibrate(np.array([0.1, 0.2]), np.array([0.1, np.nan, np.inf]))


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, float("nan")])
def test_a_share_is_between_none_and_all(share):
    with pytest.raises(ScoringError, match=r"share_same must lie in \(0, 1\)"):
        calibrate(np.array([0.1, 0.2]), np.array([0.1, 0.2]), share_same=share)


@pytest.mark.parametrize("least", [0, 1.1, float("nan")])
def test_a_precision_is_between_none_and_all(least):
    with pytest.raises(ScoringError, match=r"precision must lie in \(0, 1\]"):
        calibrate(np.array([0.1, 0.2]), np.array([0.1, 0.2]), precision=least)


MEANINGS = np.array([7, 3, 7, 7, 5, 3])  # not in order: three rows, two rows and one


@pytest.mark.parametrize(("draw", "is_same"), [(random_pairs, False), (paraphrase_pairs, True)])
def test_every_pair_is_drawn_as_often(draw, is_same):
    first, second = draw(MEANINGS, 44_000, 1)
    pairs = [(a, b) for a in range(6) for b in range(6) if a != b and (MEANINGS[a] == MEANINGS[b]) == is_same]
    found = Counter(zip(first.tolist(), second.tolist(), strict=True))
    assert set(found) == set(pairs)
    expected = 44_000 / len(pairs)
    assert all(abs(count - expected) < 5 * expected**0.5 for count in found.values())


@settings(max_examples=40)
@given(st.lists(st.integers(0, 4), min_size=2, max_size=30), st.integers(0, 2**32 - 1))
def test_pairs_are_of_different_rows_and_of_the_meanings_asked_for(numbers, seed):
    meanings = np.array(numbers)
    kinds, sizes = np.unique(meanings, return_counts=True)
    if len(kinds) > 1:
        first, second = random_pairs(meanings, 100, seed)
        assert (meanings[first] != meanings[second]).all()
    if sizes.max() > 1:
        first, second = paraphrase_pairs(meanings, 100, seed)
        assert (meanings[first] == meanings[second]).all()
        assert (first != second).all()


def test_pairs_depend_on_the_seed_alone():
    names = np.array(["cat", "dog", "cat", "bird"])
    for draw in (random_pairs, paraphrase_pairs):
        assert np.array_equal(draw(names, 20, 5), draw(names, 20, 5))
        assert not np.array_equal(draw(names, 20, 5), draw(names, 20, 6))
        assert draw(names, 20, 5)[0].dtype == np.int64


@pytest.mark.parametrize("meanings", [np.array([]), np.array([4]), np.array([4, 4, 4])])
def test_one_meaning_has_no_random_pairs(meanings):
    with pytest.raises(ScoringError, match=f"need two of them, got {len(meanings)} rows of one or none"):
        random_pairs(meanings, 10, 1)


@pytest.mark.parametrize("meanings", [np.array([]), np.array([4]), np.array([4, 5, 6])])
def test_single_wordings_have_no_paraphrases(meanings):
    with pytest.raises(ScoringError, match=f"need one with two rows, got {len(meanings)} rows of different meanings"):
        paraphrase_pairs(meanings, 10, 1)


@pytest.mark.parametrize("draw", [random_pairs, paraphrase_pairs])
def test_no_pairs_and_tables_of_meanings_are_refused(draw):
    with pytest.raises(ScoringError, match="count must be at least 1, got 0"):
        draw(MEANINGS, 0, 1)
    with pytest.raises(ScoringError, match=r"meanings must be of shape \(N,\), got \(3, 2\)"):
        draw(MEANINGS.reshape(3, 2), 10, 1)
