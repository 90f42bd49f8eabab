"""Analogies, graded with the inputs among the candidates and without."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from bags import Bags, PairedBags
from worlds import toy_texts, toy_translator

from thought.errors import ScoringError
from thought.grading.analogies import grade_analogies, make_quadruples

MEN = [f"{article} man {verb}" for article in ("a", "the") for verb in ("runs", "sleeps", "sings")]
WOMEN = [text.replace("man", "woman") for text in MEN]
QUADRUPLES = make_quadruples(MEN, WOMEN)


def test_every_pair_stands_beside_another() -> None:
    assert len(QUADRUPLES) == 6
    assert [(a, b) for a, b, _, _ in QUADRUPLES] == list(zip(MEN, WOMEN, strict=True))
    assert sorted((c, d) for _, _, c, d in QUADRUPLES) == sorted(zip(MEN, WOMEN, strict=True))
    assert all(a != c for a, _, c, _ in QUADRUPLES)
    assert make_quadruples(MEN, WOMEN, seed=1) == QUADRUPLES
    assert any(make_quadruples(MEN, WOMEN, seed=seed) != QUADRUPLES for seed in (2, 3, 4))


def test_where_analogies_are_exact_all_are_found() -> None:
    grade = grade_analogies(Bags(), QUADRUPLES)
    assert (grade.offset.with_inputs, grade.offset.without_inputs) == (1, 1)
    assert (grade.quadruples, grade.candidates) == (6, 12)
    assert grade.chance == pytest.approx(1 / 9)


def test_without_an_offset_only_leaving_out_the_inputs_finds_anything() -> None:
    grade = grade_analogies(Bags(), QUADRUPLES, others=["a cat", "the dog here"])
    assert grade.unmoved.with_inputs == 0  # nothing is nearer to c than c
    assert grade.unmoved.without_inputs > grade.chance
    assert grade.candidates == 14


def test_the_middle_of_a_tie_is_drawn_by_lot() -> None:
    # c = "a dog" and d = "a cat" share one word of two, as do three more candidates: cosine 1/2 each
    four = ("the man", "the woman", "a dog", "a cat")
    grade = grade_analogies(Bags(), [four], others=["a here", "a there", "the dog"])
    assert grade.unmoved.without_inputs == pytest.approx(1 / 4)
    assert grade.unmoved.with_inputs == 0
    assert grade.chance == pytest.approx(1 / 4)


def test_random_offsets_are_as_long_and_find_little() -> None:
    grade = grade_analogies(Bags(), QUADRUPLES, draws=30)
    assert grade.random.with_inputs < 0.3
    assert grade.random.without_inputs < 1
    assert grade == grade_analogies(Bags(), QUADRUPLES, draws=30)
    assert grade.random != grade_analogies(Bags(), QUADRUPLES, draws=30, seed=2).random


class Quiet(Bags):
    """The same thoughts, a hundredth as long."""

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        return super().encode(texts) / 100


def test_how_long_thoughts_are_is_irrelevant() -> None:
    assert grade_analogies(Quiet(), QUADRUPLES, draws=10) == grade_analogies(Bags(), QUADRUPLES, draws=10)


def test_several_vectors_a_sentence_make_analogies_too() -> None:
    assert grade_analogies(PairedBags(), QUADRUPLES).offset.with_inputs == 1


def test_a_translator_is_graded() -> None:
    texts = toy_texts(6)
    grade = grade_analogies(toy_translator(), make_quadruples(texts, [text[::-1] for text in texts]), draws=1)
    assert 0 <= grade.offset.with_inputs <= grade.offset.without_inputs <= 1


class Broken(Bags):
    def encode(self, texts: object, /) -> np.ndarray:
        return np.full((4, 3), np.inf)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grade_analogies(Bags(), []), "a quadruple and a draw at least, got 0"),
        (lambda: grade_analogies(Bags(), QUADRUPLES, draws=0), "got 6 and 0"),
        (lambda: grade_analogies(Bags(), [("a", "b", "c", "b")]), "quadruple 0 asks for one of its own inputs: 'b'"),
        (lambda: grade_analogies(Broken(), [("a", "b", "c", "d")]), "thoughts hold NaN or infinity"),
        (lambda: make_quadruples(MEN, WOMEN[1:]), "two pairs or more, got 6 and 5 sentences"),
        (lambda: make_quadruples(MEN[:1], WOMEN[:1]), "two pairs or more, got 1 and 1"),
        (lambda: make_quadruples(["a", "a"], ["b", "c"]), "2 of 2 sentences are the same"),
    ],
)
def test_what_cannot_be_graded_says_why(call: object, message: str) -> None:
    with pytest.raises(ScoringError, match=message):
        call()  # type: ignore[operator]
