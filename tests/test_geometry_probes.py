from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thought.errors import ScoringError
from thought.geometry import probes
from thought.geometry.probes import probe


def noise(rows: int, width: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, width))


def meanings(count: int, wordings: int, width: int = 16, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Wordings close around random meanings, and the number of the meaning."""
    groups = np.repeat(np.arange(count), wordings)
    return noise(count, width, seed)[groups] + 0.05 * noise(count * wordings, width, seed + 1), groups


def test_what_stands_in_one_number_is_read():
    thoughts = noise(400, 8)
    found = probe(thoughts, thoughts[:, 3] > 0)
    assert found.measure == "balanced accuracy"
    assert found.classes == ("False", "True")
    assert found.score > 0.95
    assert found.chance == 0.5
    assert found.control == pytest.approx(0.5, abs=0.05)
    assert (found.count, found.folds) == (400, 5)


def test_an_amount_that_is_linear_is_read_without_error():
    thoughts = noise(300, 6)
    found = probe(thoughts, 3 * thoughts[:, 1] - thoughts[:, 4] + 7)
    assert (found.measure, found.chance, found.classes) == ("R2", 0.0, ())
    assert found.score == pytest.approx(1, abs=1e-4)
    assert found.control == pytest.approx(0, abs=0.03)


def test_half_the_variance_of_an_amount_is_an_r2_of_a_half():
    thoughts = noise(4000, 4)
    assert probe(thoughts, thoughts[:, 0] + noise(4000, 1, seed=9)[:, 0]).score == pytest.approx(0.5, abs=0.04)


def test_labels_that_mean_nothing_score_chance():
    thoughts, rng = noise(600, 30), np.random.default_rng(2)
    assert probe(thoughts, rng.integers(0, 3, size=600)).score == pytest.approx(1 / 3, abs=0.06)
    assert probe(thoughts, rng.normal(size=600)).score == pytest.approx(0, abs=0.03)


def test_more_numbers_than_rows_do_not_turn_chance_into_knowledge():
    found = probe(noise(60, 500), np.arange(60) % 2 == 0)
    assert found.score == pytest.approx(0.5, abs=0.2)
    assert probe(noise(60, 500), noise(60, 1, seed=3)[:, 0]).score < 0.1


def test_a_meaning_on_both_sides_would_be_recognised_so_it_is_not():
    thoughts, groups = meanings(150, 4, width=64)
    labels = np.random.default_rng(3).random(150)[groups] > 0.5  # of the meaning, without a pattern
    assert probe(thoughts, labels).score > 0.65  # remembered from the other wordings
    honest = probe(thoughts, labels, groups=groups)
    assert honest.score == pytest.approx(0.5, abs=0.12)
    assert honest.control == pytest.approx(0.5, abs=0.06)


def test_all_rows_of_a_group_lie_in_one_fold():
    members = np.random.default_rng(1).integers(0, 40, size=200)
    fold, is_first_half, folds = probes._folds(members, np.zeros(200, dtype=int), 5, np.random.default_rng(1), each=2)
    assert folds == 5
    assert all(len(set(zip(fold[members == one], is_first_half[members == one], strict=True))) < 2 for one in range(40))
    for one in range(5):
        assert len(set(members[fold == one])) == 8
        assert len(set(members[(fold == one) & is_first_half])) == 4


def test_a_class_in_two_groups_only_is_dealt_to_two_folds():
    members, rarity = np.arange(50), np.full(50, 48)
    rarity[[7, 31]] = 2
    for seed in range(10):
        fold, _, _ = probes._folds(members, rarity, 5, np.random.default_rng(seed))
        assert fold[7] != fold[31]


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_the_control_moves_the_labels_of_a_meaning_together(seed):
    rng = np.random.default_rng(seed)
    groups = rng.permutation(np.repeat(np.arange(8), 3))
    lender = probes._shuffled(groups, rng)
    assert np.array_equal(np.sort(lender), np.arange(24))  # labels are as frequent as before
    for one in range(8):
        assert len(set(groups[lender[groups == one]])) == 1


def test_the_control_breaks_what_is_the_same_in_every_meaning():
    thoughts, groups = meanings(100, 4)
    languages = np.tile(["cs", "de", "en", "fr"], 100)
    shift = np.eye(16)[:4] * 5
    found = probe(thoughts + np.tile(shift, (100, 1)), languages, groups=groups)
    assert found.score > 0.95
    assert found.control == pytest.approx(0.25, abs=0.05)


def test_groups_of_all_sizes_can_lend_labels():
    groups = np.array([0, 0, 0, 1, 2, 2])
    lender = probes._shuffled(groups, np.random.default_rng(1))
    for one in range(3):
        assert len(set(groups[lender[groups == one]])) == 1


def test_a_rare_class_counts_as_much_as_a_frequent_one():
    thoughts = noise(2000, 8)
    labels = thoughts[:, 0] > 1.9  # 3 %
    found = probe(thoughts, labels)
    assert labels.mean() < 0.04
    assert found.score > 0.9  # whoever says "no" has 97 % right, and 0.5 here


def test_whole_numbers_are_classes_while_they_are_few():
    thoughts = noise(300, 4)
    numbers = np.arange(300) % 10
    assert probe(thoughts, numbers).classes == tuple("0123456789")
    assert probe(thoughts, np.arange(300) % 11).measure == "R2"
    assert probe(thoughts, numbers.astype(float)).measure == "R2"
    assert probe(thoughts, (np.arange(300) % 11).astype(str)).measure == "balanced accuracy"


def test_the_result_depends_on_the_seed_only_and_inputs_stay():
    thoughts, groups = meanings(60, 2)
    labels = thoughts[:, 0] > 0
    before = thoughts.copy()
    for value in (thoughts, labels, groups):
        value.flags.writeable = False
    assert probe(thoughts, labels, groups=groups) == probe(thoughts, labels, groups=groups)
    assert probe(thoughts, labels, groups=groups) != probe(thoughts, labels, groups=groups, seed=2)
    assert np.array_equal(before, thoughts)


def test_neither_place_nor_scale_nor_turning_matters():
    thoughts = noise(200, 6).astype(np.float64)
    labels = thoughts[:, 0] + noise(200, 1, seed=4)[:, 0]
    turn, _ = np.linalg.qr(noise(6, 6, seed=5))
    assert probe(1e-3 * thoughts @ turn + 4, labels).score == pytest.approx(probe(thoughts, labels).score)


def test_a_collapsed_space_scores_chance():
    labels = np.arange(90) % 3
    assert probe(np.ones((90, 4)), labels).score == pytest.approx(1 / 3)
    assert probe(np.ones((90, 4)), labels.astype(float)).score == pytest.approx(0, abs=1e-9)


def test_the_mean_of_the_training_rows_has_an_r2_of_zero_however_folds_differ():
    values = np.repeat([0.0, 100.0], 45)
    assert probe(np.ones((90, 4)), values, groups=np.repeat(np.arange(6), 15)).score == pytest.approx(0)


def test_a_class_in_fewer_meanings_than_folds_is_left_out_with_a_warning():
    thoughts, groups = meanings(50, 2)
    labels = np.where(thoughts[:, 0] > 0, "yes", "no").astype("<U9")
    labels[groups < 4] = "perhaps"
    with pytest.warns(UserWarning, match=r"fewer than 5 groups \(meanings\): perhaps \(4\)") as caught:
        found = probe(thoughts, labels, groups=groups)
    assert caught[0].filename == __file__
    assert found.classes == ("no", "yes")
    assert found.count == 92
    assert len(probe(thoughts, labels, groups=groups, folds=4).classes) == 3


def test_fewer_groups_than_folds_are_fewer_folds_with_a_warning():
    with pytest.warns(UserWarning, match="5 folds need 5 groups, got 4: folds reduced to 4"):
        found = probe(noise(40, 3), noise(40, 1)[:, 0], groups=np.arange(40) % 4)
    assert found.folds == 4


def test_what_cannot_be_probed_is_refused():
    thoughts = noise(20, 3)
    with pytest.raises(ScoringError, match="all 20 labels are dog: there is nothing to tell apart"):
        probe(thoughts, np.array(["dog"] * 20))
    with pytest.raises(ScoringError, match="all 20 labels are 1.5: there is nothing to predict"):
        probe(thoughts, np.full(20, 1.5))
    with pytest.raises(ScoringError, match="labels hold NaN or infinity, first in row 4"):
        probe(thoughts, np.where(np.arange(20) == 4, np.nan, 1.0))
    with pytest.raises(
        ScoringError, match=r"fewer than 2 classes occur in at least 5 groups \(meanings\); too rare: b \(1\)"
    ):
        probe(thoughts, np.array(["a"] * 19 + ["b"]))
    with pytest.raises(ScoringError, match="folds must be at least 3"):
        probe(thoughts, np.arange(20) % 2, folds=2)
    with pytest.raises(ScoringError, match="at least 3 groups"):
        probe(thoughts, np.arange(20) % 2, groups=np.arange(20) // 10)
    with pytest.raises(ScoringError, match=r"labels must be of shape \(20,\)"):
        probe(thoughts, np.zeros(19))
    with pytest.raises(ScoringError, match=r"groups must be of shape \(20,\)"):
        probe(thoughts, np.arange(20) % 2, groups=np.zeros(19))
    with pytest.raises(ScoringError, match="NaN or infinity, first in row 0"):
        probe(thoughts * np.nan, np.arange(20) % 2)
    for few in (0, 1):
        with pytest.raises(ScoringError):
            probe(np.ones((few, 3)), np.zeros(few))


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_tiny_tables_have_a_score_or_an_error_but_no_surprise(seed):
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(3, 12))
    thoughts = rng.integers(-1, 2, size=(rows, 3)).astype(np.float32)
    labels = rng.integers(0, 3, size=rows).astype(rng.choice(["int", "float", "str"]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class left out, or fewer folds
        try:
            found = probe(thoughts, labels, groups=rng.integers(0, 5, size=rows), folds=4)
        except ScoringError:
            return
    assert found.score <= 1
    assert np.isfinite([found.score, *found.controls]).all()
