"""Grades of walks: perfect where the space is, chance where it is noise."""

from __future__ import annotations

import numpy as np
import pytest
from walkers import Plane

from thought.errors import ScoringError
from thought.grading import grade_analogies, grade_edit, grade_interpolation

RNG = np.random.default_rng(7)
BEFORE = RNG.standard_normal((60, 24))
EDIT = 3 * RNG.standard_normal(24)
AFTER = BEFORE + EDIT


def test_an_edit_that_is_one_direction_is_learned_and_found() -> None:
    grade = grade_edit(BEFORE, AFTER)
    assert (grade.nearer, grade.found) == (1, 1)
    assert grade.cosine_after == pytest.approx(1)
    assert grade.cosine_after > grade.cosine_before
    assert grade.random_found < 0.2
    assert (grade.learned_on, grade.judged_on) == (30, 30)


def test_an_edit_that_is_noise_is_not_found() -> None:
    grade = grade_edit(BEFORE, RNG.standard_normal(BEFORE.shape))
    assert grade.found < 0.2
    assert abs(grade.nearer - 0.5) < 0.35


def test_an_edit_is_judged_on_examples_it_has_not_seen() -> None:
    """Each example has an edit of its own: the mean of half of them says nothing about the others."""
    own = 3 * RNG.standard_normal(BEFORE.shape)
    assert grade_edit(BEFORE, BEFORE + own).found < 0.3


def test_without_any_edit_the_nearest_is_the_sentence_itself() -> None:
    assert grade_edit(BEFORE, BEFORE + 0.1).still_found == 0


def test_the_same_seed_gives_the_same_grade() -> None:
    assert grade_edit(BEFORE, AFTER, seed=3) == grade_edit(BEFORE, AFTER, seed=3)


def test_analogies_over_one_edit_are_right_and_random_ones_are_not() -> None:
    grade = grade_analogies(BEFORE, AFTER)
    assert (grade.found, grade.found_among_all) == (1, 1)
    assert grade.random_found < 0.3
    assert grade.chance == 1 / 117
    assert grade.analogies == 1_000


def test_leaving_out_the_sentences_asked_for_flatters() -> None:
    """A small edit: the nearest of all to c + (b - a) is c itself, unless c is left out."""
    noisy = BEFORE + 0.2 * EDIT / np.linalg.norm(EDIT) + 0.2 * RNG.standard_normal(BEFORE.shape)
    grade = grade_analogies(BEFORE, noisy)
    assert grade.found > grade.found_among_all


def test_ways_between_sentences_that_say_the_same_stay_among_sentences() -> None:
    thoughts = Plane().encode(list(Plane.KNOWN))
    grade = grade_interpolation(Plane(), thoughts, 2 * thoughts, "quiet")
    assert grade.confidence == pytest.approx(1)
    assert grade.confidence_ends == pytest.approx(1)
    assert grade.confidence_unrelated < 0.9
    assert 0 <= grade.monotone <= 1
    assert grade.pairs == 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grade_edit(BEFORE[:3], AFTER[:3]), "at least 4"),
        (lambda: grade_edit(BEFORE, AFTER[:5]), "shapes differ"),
        (lambda: grade_edit(BEFORE * np.nan, AFTER), "NaN"),
        (lambda: grade_analogies(BEFORE[:2], AFTER[:2]), "at least 3"),
        (lambda: grade_interpolation(Plane(), BEFORE, AFTER, "quiet", steps=4), "odd number"),
    ],
)
def test_too_little_to_grade_is_said(call, message) -> None:
    with pytest.raises(ScoringError, match=message):
        call()
