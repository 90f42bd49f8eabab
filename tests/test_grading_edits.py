"""Edits, graded on pairs they were not estimated from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from bags import Bags, PairedBags
from hypothesis import given
from hypothesis import strategies as st
from worlds import toy_texts, toy_translator

from thought.errors import ScoringError
from thought.floors import RandomVectors
from thought.grading.edits import edit_pairs, grade_edits, is_edited, ranks

PLACES = ("runs", "sleeps", "sings", "runs here", "sleeps here", "sings here")
MEN = [f"{article} man {place}" for article in ("a", "the") for place in PLACES]
WOMEN = [text.replace("man", "woman") for text in MEN]


class Blind(Bags):
    """Does not see who does it: a man and a woman are one."""

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        return super().encode([text.replace("woman", "man") for text in texts])


def test_an_edit_that_is_a_direction_is_made_on_every_sentence() -> None:
    grade = grade_edits(Bags(), MEN, WOMEN, "en")
    moved = grade.moved
    assert (moved.nearer, moved.p_at_1, moved.p_at_1_with_input, moved.mean_reciprocal_rank) == (1, 1, 1, 1)
    assert (moved.edited, moved.written) == (1, 1)
    assert grade.agreement == pytest.approx(1)
    assert (grade.fitted, grade.held_out, grade.candidates) == (6, 6, 11)
    assert grade.chance == 1 / 11


def test_standing_still_edits_nothing_but_finds_the_neighbour() -> None:
    unmoved = grade_edits(Bags(), MEN, WOMEN, "en").unmoved
    assert (unmoved.nearer, unmoved.p_at_1_with_input, unmoved.edited, unmoved.written) == (0, 0, 0, 0)
    assert unmoved.p_at_1 > 0.2  # a sentence with one word changed is near anyway: why the floors stand there


def test_random_directions_edit_nothing() -> None:
    grade = grade_edits(Bags(), MEN, WOMEN, "en", draws=20)
    assert grade.random.nearer < 0.2
    assert grade.unrelated.nearer < 0.5  # two random sentences may differ by just this edit
    for floor in (grade.random, grade.unrelated):
        assert floor.written is not None
        assert floor.written < 0.2
    assert grade.random != grade.unrelated
    assert grade.draws == 20


class Recorder(Bags):
    """Keeps what it was given to decode."""

    def __init__(self) -> None:
        self.given: list[np.ndarray] = []

    def decode(self, thoughts: np.ndarray, to: str, /) -> list[str]:
        self.given.append(thoughts)
        return super().decode(thoughts, to)


@pytest.mark.parametrize("strength", [1, 3])
def test_all_ways_of_moving_are_as_long(strength: float) -> None:
    recorder = Recorder()
    grade_edits(recorder, MEN, WOMEN, "en", draws=3, strength=strength)
    *moved, start = recorder.given
    assert len(moved) == 7  # three of each random kind, and the edit
    for thoughts in moved:
        np.testing.assert_allclose(np.linalg.norm(thoughts - start, axis=1), strength * np.sqrt(2), rtol=1e-5)


def test_what_an_encoder_does_not_see_it_cannot_edit() -> None:
    grade = grade_edits(Blind(), MEN, WOMEN, "en")
    assert (grade.moved.nearer, grade.moved.edited, grade.agreement) == (0, 0, 0)
    assert grade.moved == grade.unmoved
    assert grade.moved.p_at_1_with_input == 0.5  # the two are one point: by lot


def test_what_is_learned_by_heart_does_not_carry_over_to_other_sentences() -> None:
    """Every sentence has a vector of its own: the mean change of half of the pairs says nothing about the others."""
    grade = grade_edits(RandomVectors(), MEN, WOMEN)  # type: ignore[arg-type]
    assert grade.moved.nearer == 0
    assert grade.moved.p_at_1_with_input == 0
    assert abs(grade.agreement) < 0.2


def test_strength_goes_further_or_not_far_enough() -> None:
    assert grade_edits(Bags(), MEN, WOMEN, "en", strength=0.4).moved.nearer == 0
    assert grade_edits(Bags(), MEN, WOMEN, "en", strength=0.6).moved.nearer == 1
    assert grade_edits(Bags(), WOMEN, MEN, "en", strength=-1).moved.nearer == 0


def test_without_a_language_nothing_is_written() -> None:
    grade = grade_edits(Bags(), MEN, WOMEN)
    assert grade.moved.edited is grade.random.edited is grade.unmoved.written is None


def test_pairs_count_once_and_unchanged_ones_not_at_all() -> None:
    grade = grade_edits(Bags(), [*MEN, *MEN, "a dog"], [*WOMEN, *WOMEN, "a dog"])
    assert grade == grade_edits(Bags(), MEN, WOMEN)


def test_other_candidates_can_be_added() -> None:
    grade = grade_edits(Bags(), MEN, WOMEN, others=["the cat", "the cat", "a dog sings", MEN[0]])
    more = grade.candidates - grade_edits(Bags(), MEN, WOMEN).candidates
    assert more in (2, 3)  # the man may be a candidate already
    assert grade.moved.p_at_1 == 1


def test_the_seed_decides_the_halves() -> None:
    world = Bags()
    same = [grade_edits(world, MEN, WOMEN, "en", seed=seed) for seed in (1, 1, 2)]
    assert same[0] == same[1]
    assert same[0].random != same[2].random


def test_several_vectors_a_sentence_are_edited_as_well() -> None:
    grade = grade_edits(PairedBags(), MEN, WOMEN, "en")
    assert (grade.moved.nearer, grade.moved.written) == (1, 1)


def test_whole_words_are_replaced_and_the_longest_first() -> None:
    texts = ["a man in front of a woman", "many men", "a woman", "a man in a hat", "a woman"]
    words = {"man": "woman", "woman": "man", "in": "with", "in front of": "behind"}
    before, after = edit_pairs(texts, words)
    assert before == ["a man in front of a woman", "a woman", "a man in a hat"]
    assert after == ["a woman behind a man", "a man", "a woman with a hat"]
    assert edit_pairs(texts, {"cat": "dog"}) == ([], [])


@pytest.mark.parametrize(
    ("before", "after", "text", "expected"),
    [
        ("A man runs.", "A woman runs.", "The woman is running.", True),
        ("A man runs.", "A woman runs.", "A man runs.", False),
        ("A man runs.", "A woman runs.", "A woman and a man run.", False),
        ("A man runs.", "A woman runs.", "A dog runs.", False),
        ("He sees her.", "Her sees he.", "Her sees he.", True),
        ("He sees her.", "Her sees he.", "He sees her.", False),
    ],
)
def test_a_sentence_is_edited_if_it_has_the_new_words_and_not_the_old(
    before: str, after: str, text: str, expected: bool
) -> None:
    assert is_edited(before, after, text) is expected


def test_ranks_count_ties_by_lot() -> None:
    cosine = np.array([[0.9, 0.5, 0.1], [0.9, 0.5, 0.1], [0.5, 0.5, 0.1], [0.3, 0.3, 0.3]])
    found, places = ranks(cosine, np.array([0, 2, 0, 1]))
    np.testing.assert_allclose(found, [1, 0, 1 / 2, 1 / 3])
    assert places.tolist() == [1, 3, 1.5, 2]


@given(st.integers(0, 1000))
def test_ranks_are_those_of_sorting(seed: int) -> None:
    generator = np.random.default_rng(seed)
    cosine, own = generator.uniform(-1, 1, (4, 9)), generator.integers(0, 9, 4)
    order = np.argsort(-cosine, axis=1)
    expected = [row.tolist().index(place) + 1 for row, place in zip(order, own, strict=True)]
    assert ranks(cosine, own)[1].tolist() == expected


class Broken(Bags):
    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        return np.full((len(texts), 3), np.nan)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grade_edits(Bags(), MEN, WOMEN[1:]), "12 sentences before an edit do not fit 11 after it"),
        (lambda: grade_edits(Bags(), MEN[:3] * 4, WOMEN[:3] * 4), "at least 4 different pairs, got 3"),
        (lambda: grade_edits(Bags(), [], []), "at least 4 different pairs, got 0"),
        (lambda: grade_edits(Bags(), MEN, WOMEN, draws=0), "draws must be at least 1, got 0"),
        (lambda: grade_edits(Broken(), MEN, WOMEN), "hold NaN"),
        (lambda: edit_pairs(MEN, {}), "at least one word to replace"),
        (lambda: edit_pairs(MEN, {"": "a"}), "none that is empty"),
    ],
)
def test_what_cannot_be_graded_says_why(call: object, message: str) -> None:
    with pytest.raises(ScoringError, match=message):
        call()  # type: ignore[operator]


def test_a_translator_is_graded() -> None:
    texts = toy_texts(12)
    grade = grade_edits(toy_translator("data.longest=5"), texts, [text[::-1] for text in texts], "aa", draws=1)
    assert 0 <= grade.moved.nearer <= 1
    assert grade.unmoved.nearer == 0
    assert grade.moved.edited is not None
