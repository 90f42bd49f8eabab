from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thought.errors import ScoringError
from thought.geometry.language import centre, language_share, probe_language

CODES = ("cs", "de", "en", "fr")


def world(count: int, shift: float, *, width: int = 32, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`count` meanings in four languages, each language moved by a constant shift."""
    rng = np.random.default_rng(seed)
    said = np.repeat(rng.normal(size=(count, width)), 4, axis=0) + 0.5 * rng.normal(size=(4 * count, width))
    shifts = shift * rng.normal(size=(4, width))
    return said + np.tile(shifts, (count, 1)), np.tile(CODES, count), np.repeat(np.arange(count), 4)


def test_after_centring_all_languages_have_the_grand_mean():
    thoughts, languages, _ = world(20, 2.0)
    centred = centre(thoughts, languages)
    for code in CODES:
        assert centred[languages == code].mean(axis=0) == pytest.approx(thoughts.mean(axis=0))
    assert centred[4] - centred[0] == pytest.approx(thoughts[4] - thoughts[0])  # within a language all stays


def test_centring_undoes_a_constant_shift():
    thoughts, languages, _ = world(30, 0.0)
    shifted = thoughts + np.where(languages == "de", 7.0, 0.0)[:, None]
    assert centre(shifted, languages) - centre(thoughts, languages) == pytest.approx(np.full(thoughts.shape, 7 / 4))
    assert centre(centre(shifted, languages), languages) == pytest.approx(centre(shifted, languages))


def test_centring_changes_a_copy_and_keeps_the_type():
    thoughts, languages, _ = world(5, 1.0)
    single = thoughts.astype(np.float32)
    single.flags.writeable = False
    assert centre(single, languages).dtype == np.float32
    assert centre(np.arange(8).reshape(4, 2), np.array(["a", "a", "b", "b"])).dtype == np.float64


def test_one_language_or_one_sentence_of_it_is_worth_a_warning():
    thoughts = np.eye(3)
    with pytest.warns(UserWarning, match="all sentences are in de: centring changes nothing"):
        assert centre(thoughts, np.array(["de"] * 3)) == pytest.approx(thoughts)
    with pytest.warns(UserWarning, match="one sentence only in en: centring leaves nothing of it"):
        assert centre(thoughts, np.array(["de", "de", "en"]))[2] == pytest.approx([1 / 3] * 3)


def test_shares_of_six_rows_one_can_check_on_paper():
    # grand mean 0; languages at -1 and +1, meanings at -3, 0, +3, and one unit that is neither
    thoughts = np.array([[-4.0], [-2.0], [-1.0], [1.0], [2.0], [4.0]]) + np.array([[1], [-1], [0], [0], [-1], [1]])
    found = language_share(thoughts, np.tile(["de", "en"], 3), np.repeat([5, 7, 9], 2))
    # squares: -3, -3, -1, 1, 1, 5 sum to 46; languages -1, 1: 3 * 2; meanings -3, 0, 3: 2 * 18
    assert (found.language, found.meaning, found.rest) == pytest.approx((6 / 46, 36 / 46, 4 / 46))
    assert (found.chance_language, found.chance_meaning, found.chance_rest) == pytest.approx((1 / 5, 2 / 5, 2 / 5))
    assert found.count == 6


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.integers(2, 4), st.integers(2, 6), st.integers(1, 3))
def test_shares_sum_to_one_in_any_order_of_rows(seed, languages, meanings, wordings):
    rng = np.random.default_rng(seed)
    thoughts = rng.normal(size=(languages * meanings * wordings, 3))
    spoken = np.tile(np.repeat(CODES[:languages], wordings), meanings)
    meant = np.repeat(np.arange(meanings), languages * wordings)
    found = language_share(thoughts, spoken, meant)
    assert found.language + found.meaning + found.rest == pytest.approx(1)
    assert found.chance_language + found.chance_meaning + found.chance_rest == pytest.approx(1)
    order = rng.permutation(len(thoughts))
    again = language_share(thoughts[order], spoken[order], meant[order])
    assert (again.language, again.meaning) == pytest.approx((found.language, found.meaning))


def test_saying_everything_twice_changes_no_share():
    thoughts, languages, meanings = world(10, 1.0)
    once = language_share(thoughts, languages, meanings)
    twice = language_share(np.tile(thoughts, (2, 1)), np.tile(languages, 2), np.tile(meanings, 2))
    assert (twice.language, twice.meaning, twice.rest) == pytest.approx((once.language, once.meaning, once.rest))
    assert twice.count == 2 * once.count


def test_random_rows_have_the_shares_of_chance():
    thoughts = np.random.default_rng(1).normal(size=(400, 200))
    found = language_share(thoughts, np.tile(CODES, 100), np.repeat(np.arange(100), 4))
    assert found.language == pytest.approx(found.chance_language, rel=0.15)
    assert found.meaning == pytest.approx(found.chance_meaning, rel=0.03)


def test_centring_leaves_no_share_to_language():
    thoughts, languages, meanings = world(50, 1.0)
    assert language_share(thoughts, languages, meanings).language > 0.3
    assert language_share(centre(thoughts, languages), languages, meanings).language == pytest.approx(0, abs=1e-12)


def test_a_table_with_gaps_is_reduced_to_what_is_balanced_and_says_so():
    thoughts, languages, meanings = world(10, 1.0)
    whole = language_share(thoughts[:32], languages[:32], meanings[:32])
    few = np.arange(40) != 34  # a language of the ninth meaning is missing
    with pytest.warns(UserWarning, match="36 of 39 rows are used, 1 a language of 9 meanings"):
        found = language_share(thoughts[few], languages[few], meanings[few])
    assert found.count == 36
    twice = np.concatenate([np.arange(32), [3, 3]])  # French has more wordings: the first is taken
    with pytest.warns(UserWarning, match="32 of 34 rows are used, 1 a language of 8 meanings"):
        assert language_share(thoughts[twice], languages[twice], meanings[twice]) == whole


def test_what_has_no_shares_is_refused():
    thoughts, languages, meanings = world(3, 1.0)
    with pytest.raises(ScoringError, match="at least 2 of them, got cs only"):
        language_share(thoughts, np.array(["cs"] * 12), meanings)
    with pytest.raises(ScoringError, match="at least 2 meanings must be said in all of cs, de, en, fr, got 1"):
        language_share(thoughts[:5], languages[:5], meanings[:5])
    with pytest.raises(ScoringError, match="got 0"):
        language_share(thoughts[:4], languages[:4], np.arange(4))
    with pytest.raises(ScoringError, match="all thoughts are equal"):
        language_share(np.ones((12, 2)), languages, meanings)
    with pytest.raises(ScoringError, match=r"meanings must be of shape \(12,\)"):
        language_share(thoughts, languages, meanings[:3])


def test_a_shift_is_read_and_its_absence_is_not():
    thoughts, languages, meanings = world(200, 1.0)
    found = probe_language(thoughts, languages, meanings)
    assert found.classes == CODES
    assert (found.chance, found.measure) == (0.25, "balanced accuracy")
    assert found.score > 0.95
    assert found.control == pytest.approx(0.25, abs=0.04)
    assert probe_language(*world(200, 0.0)).score == pytest.approx(0.25, abs=0.05)


def mean_score(shift: float, *, centred: bool) -> float:
    return float(np.mean([probe_language(*world(80, shift, seed=one), centred=centred).score for one in range(10)]))


def test_a_shift_taken_out_without_a_look_at_the_tested_rows_leaves_chance_and_not_less():
    assert mean_score(1.0, centred=False) > 0.99
    assert mean_score(1.0, centred=True) == pytest.approx(0.25, abs=0.02)
    assert mean_score(0.0, centred=True) == pytest.approx(0.25, abs=0.02)


def test_means_that_hold_the_tested_rows_would_score_below_chance():
    found = []
    for seed in range(10):
        thoughts, languages, meanings = world(80, 1.0, seed=seed)
        found.append(probe_language(centre(thoughts, languages), languages, meanings).score)
    assert np.mean(found) < 0.18


def test_the_control_of_a_centred_probe_is_chance_too():
    found = probe_language(*world(150, 1.0), centred=True)
    assert found.control == pytest.approx(0.25, abs=0.04)
    assert len(set(found.controls)) > 1


def test_inputs_are_not_changed():
    thoughts, languages, meanings = world(20, 1.0)
    before = thoughts.copy()
    for value in (thoughts, languages, meanings):
        value.flags.writeable = False
    centre(thoughts, languages)
    language_share(thoughts, languages, meanings)
    probe_language(thoughts, languages, meanings, centred=True)
    assert np.array_equal(before, thoughts)


def test_tuples_of_codes_will_do():
    thoughts, languages, meanings = world(20, 1.0)
    assert probe_language(thoughts, tuple(languages), meanings) == probe_language(thoughts, languages, meanings)
    assert np.array_equal(centre(thoughts, tuple(languages)), centre(thoughts, languages))


def test_one_language_or_too_few_meanings_are_no_probe():
    thoughts, languages, meanings = world(5, 1.0)
    with pytest.raises(ScoringError, match="at least 2 of them, got fr only"):
        probe_language(thoughts, np.array(["fr"] * 20), meanings)
    with pytest.raises(ScoringError, match=r"at least 6 groups \(meanings\) for 3 folds, got 5"):
        probe_language(thoughts, languages, meanings, centred=True)
    with pytest.warns(UserWarning, match="5 folds need 10 groups, got 9: folds reduced to 4"):
        assert probe_language(*world(9, 1.0), centred=True).folds == 4


@pytest.mark.parametrize("centred", [False, True])
@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_tables_with_gaps_have_a_finite_score(centred, seed):
    thoughts, languages, meanings = world(12, 1.0, width=3, seed=seed)
    kept = np.random.default_rng(seed).random(48) < 0.4
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            found = probe_language(thoughts[kept], languages[kept], meanings[kept], centred=centred)
        except ScoringError:
            return
    assert 0 <= found.score <= 1
    assert np.isfinite(found.controls).all()


@pytest.mark.parametrize("measure", [language_share, probe_language])
def test_rows_that_are_not_there_or_not_finite_are_named(measure):
    thoughts, languages, meanings = world(6, 1.0)
    for few in (0, 1):
        with pytest.raises(ScoringError):
            measure(thoughts[:few], languages[:few], meanings[:few])
    thoughts[5, 2] = np.nan
    with pytest.raises(ScoringError, match="NaN or infinity, first in row 5 of 24"):
        measure(thoughts, languages, meanings)
    with pytest.raises(ScoringError, match="NaN or infinity, first in row 5 of 24"):
        centre(thoughts, languages)
