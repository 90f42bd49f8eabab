"""Paths and pages, graded by reading what was written on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from bags import WORDS, Bags, PairedBags, bag
from worlds import toy_texts, toy_translator

from thought.errors import ScoringError
from thought.grading.paths import grade_grid, grade_interpolation
from thought.walks import Grid, decode_grid

STARTS = ["a man runs", "the dog sleeps", "a cat sings here", "the woman sleeps there"]
STOPS = ["a man sleeps", "the dog runs", "a cat runs here", "the woman sings there"]


class Forgetful(Bags):
    """Writes the same sentence for every thought that is not one of its own."""

    def decode(self, thoughts: np.ndarray, to: str, /) -> list[str]:
        known = (thoughts == thoughts.round()).all(axis=1)
        return [text if own else "there" for text, own in zip(super().decode(thoughts, to), known, strict=True)]


class Wandering(Bags):
    """Writes the start a second time when most of the way is gone."""

    def __init__(self) -> None:
        self.calls = 0

    def decode(self, thoughts: np.ndarray, to: str, /) -> list[str]:
        self.calls += 1
        step = (self.calls - 1) % 5
        return super().decode(thoughts, to) if step not in (1, 3) else STOPS if step == 1 else STARTS


def test_where_words_change_one_by_one_every_path_leads_on() -> None:
    grade = grade_interpolation(Bags(), STARTS, STOPS, "en")
    assert grade.monotone == grade.monotone_shuffled == 1
    assert grade.monotone_chance < 1
    assert (grade.ends.confidence, grade.ends.close) == (pytest.approx(1), 1)
    assert grade.threshold == pytest.approx(1)
    # Halfway one word is half there on each side and not written: 2 of 2.5 and 3 of 3.5, twice each
    assert grade.middles.confidence == pytest.approx((np.sqrt(2 / 2.5) + np.sqrt(3 / 3.5)) / 2)
    assert grade.middles.close == 0
    assert (grade.pairs, grade.steps) == (4, 5)


def test_halfway_between_what_does_not_belong_together_less_is_said() -> None:
    grade = grade_interpolation(Bags(), STARTS, STOPS, "en")
    assert grade.middles_shuffled.confidence < grade.middles.confidence
    assert grade.middles_random.confidence < grade.middles.confidence


def test_a_path_that_turns_back_is_not_monotone() -> None:
    assert grade_interpolation(Wandering(), STARTS, STOPS, "en").monotone == 0


def test_the_chance_of_a_monotone_path_is_that_of_its_sentences_in_any_order() -> None:
    grade = grade_interpolation(Bags(), 50 * STARTS, 50 * STOPS, "en")
    assert grade.monotone_chance == pytest.approx(1 / 30, abs=0.05)  # start, start, neither, end, end: 2! 2! / 5!


def test_where_nothing_lies_between_middles_are_not_believed() -> None:
    grade = grade_interpolation(Forgetful(), STARTS, STOPS, "en")
    assert grade.middles.confidence < 0.3
    assert grade.middles.close == 0
    assert grade.ends.close == 1


def test_steps_how_and_seed_are_followed() -> None:
    line, arc = (grade_interpolation(Bags(), STARTS, STOPS, "en", steps=3, how=how) for how in ("linear", "spherical"))
    assert line.steps == 3
    assert line.middles != arc.middles  # half of a word is more than half on the arc
    again, other = (grade_interpolation(Bags(), STARTS, STOPS, "en", steps=3, seed=seed) for seed in (1, 2))
    assert again == line
    assert other.middles_random != line.middles_random


def test_several_vectors_a_sentence_make_paths_too() -> None:
    grade = grade_interpolation(PairedBags(), STARTS, STOPS, "up")
    assert grade.monotone == 1
    assert grade.ends.confidence == pytest.approx(1)


def test_a_translator_is_graded() -> None:
    texts = toy_texts(6)
    grade = grade_interpolation(toy_translator("data.longest=5"), texts, [text[::-1] for text in texts], "aa", steps=3)
    assert grade.ends.close >= 0.75
    assert 0 <= grade.monotone <= 1


class Line:
    """A map on which a thought lies at (number of "a", number of "the")."""

    def transform(self, thoughts: np.ndarray, /) -> np.ndarray:
        return thoughts[:, [WORDS.index("a"), WORDS.index("the")]]

    def inverse(self, points: np.ndarray, /) -> np.ndarray:
        return points[:, :1] * bag("a") + points[:, 1:] * bag("the")


def test_a_page_is_at_home_where_its_sentences_come_back() -> None:
    corners = np.array([[-0.5, -0.5], [1.5, 1.5]])  # the middles of cells are 0 and 1
    grid = decode_grid(Bags(), Line(), corners, "en", n=2)
    assert grid.texts == (("the", "a the"), ("", "a"))
    grade = grade_grid(Bags(), Line(), grid)
    assert (grade.at_home, grade.chance, grade.different) == (1, 1 / 4, 1)
    assert grade.confidence == pytest.approx(3 / 4)  # nothing was said of nothing


def test_a_sentence_is_at_home_where_its_own_cell_is_the_nearest() -> None:
    places = np.array([[[0.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [1.0, 0.0]]])
    texts = (("the", "the"), ("a", "a a a a"))  # these lie at (0, 1) twice, (1, 0) and (4, 0)
    grade = grade_grid(Bags(), Line(), Grid(places, texts, np.ones((2, 2)), "en"))
    assert (grade.at_home, grade.different) == (2 / 4, 3 / 4)


def test_a_page_of_one_sentence_is_at_home_once() -> None:
    places = np.array([[[0.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [1.0, 0.0]]])
    grade = grade_grid(Bags(), Line(), Grid(places, (("a", "a"), ("a", "a")), np.full((2, 2), 0.5), "en"))
    assert (grade.at_home, grade.different, grade.confidence) == (1 / 4, 1 / 4, 0.5)


class Broken(Bags):
    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        return np.full((len(texts), 11), np.nan)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grade_interpolation(Bags(), STARTS, STOPS[1:], "en"), "two pairs or more, got 4 and 3 sentences"),
        (lambda: grade_interpolation(Bags(), STARTS[:1], STOPS[:1], "en"), "two pairs or more, got 1 and 1"),
        (lambda: grade_interpolation(Bags(), STARTS, STOPS, "en", steps=4), "odd number of steps, at least 3, got 4"),
        (lambda: grade_interpolation(Bags(), STARTS, STOPS, "en", steps=1), "got 1"),
        (lambda: grade_interpolation(Bags(), STARTS, ["a"] * 4, "en"), "4 of 4 sentences are the same"),
        (lambda: grade_interpolation(Broken(), STARTS, STOPS, "en"), "hold NaN"),
    ],
)
def test_what_cannot_be_graded_says_why(call: object, message: str) -> None:
    with pytest.raises(ScoringError, match=message):
        call()  # type: ignore[operator]
