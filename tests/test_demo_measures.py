"""What the demo measures, on translators that are known to be perfect, or to know nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from thought.demo.measures import Exam, cheat, draw_maps, give_examples, set_exam, sit
from thought.microworld.tongue import Tongue, load_tongue
from thought.microworld.world import load_world

CODES = ("de", "en", "fr")


@pytest.fixture(scope="module")
def tongues() -> list[Tongue]:
    return [load_tongue(code) for code in CODES]


@pytest.fixture(scope="module")
def exam(tongues: list[Tongue]) -> Exam:
    return set_exam(load_world(), tongues, "test", 12)


class Oracle:
    """Knows every sentence of an exam: its thought is the number of its meaning, spread over some axes."""

    def __init__(self, exam: Exam, *, is_right: bool = True) -> None:
        self.exam, self.is_right = exam, is_right
        self.meaning = {text: row for rows in exam.true.values() for row, texts in enumerate(rows) for text in texts}
        self.axes = np.random.default_rng(1).normal(size=(len(exam.frames), 40)).astype(np.float32)

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        return self.axes[[self.meaning[text] for text in texts]]

    def decode(self, thoughts: np.ndarray, to: str, /, **search: float) -> list[str]:
        rows = np.argmax(thoughts @ self.axes.T, axis=1)
        shift = 0 if self.is_right else 1
        return [self.exam.true[to][(row + shift) % len(self.axes)][-1] for row in rows.tolist()]

    def untrained(self, seed: int) -> Oracle:
        return self


def test_the_wording_asked_is_a_true_one_and_the_same_every_time(exam: Exam, tongues: list[Tongue]) -> None:
    again = set_exam(load_world(), tongues, "test", 12)
    assert again.asked == exam.asked
    assert all(text in true for code in CODES for text, true in zip(exam.asked[code], exam.true[code], strict=True))


def test_a_perfect_translator_gets_everything_right(exam: Exam, tongues: list[Tongue]) -> None:
    side = sit(Oracle(exam), exam, load_world(), tongues)  # type: ignore[arg-type]
    assert set(side.accuracy.values()) == set(side.p_at_1.values()) == {1.0}
    assert min(side.bleu.values()) == pytest.approx(100)
    assert min(side.chrf.values()) == pytest.approx(100)
    assert side.paraphrase_map == pytest.approx(1)
    assert side.lost == {}
    assert all(sample["lost"] == "" for sample in side.samples)


def test_one_that_says_the_next_meaning_gets_nothing_right(exam: Exam, tongues: list[Tongue]) -> None:
    side = sit(Oracle(exam, is_right=False), exam, load_world(), tongues)  # type: ignore[arg-type]
    assert set(side.accuracy.values()) == {0.0}
    assert side.judged == 6 * 12 == sum(side.lost.values())
    assert sum(sample["lost"] != "" for sample in side.samples) == 6


def test_an_honest_decoder_is_lost_with_the_thought_of_another(exam: Exam, tongues: list[Tongue]) -> None:
    found = cheat(Oracle(exam), exam, tongues, seed=1)  # type: ignore[arg-type]
    assert found["shuffled_accuracy"] == 0
    assert found["blank_accuracy"] <= 1 / 12
    assert found["shuffled_bleu"] < 60


def test_maps_join_translations_and_their_control_does_not(exam: Exam) -> None:
    maps = draw_maps(Oracle(exam), exam, seed=1)  # type: ignore[arg-type]
    assert [len(one.points) for one in maps] == [36, 36, 36]
    assert all(one.trustworthiness > one.shuffled for one in maps)


def test_examples_are_of_different_kinds(exam: Exam) -> None:
    kinds = [example.frame["kind"] for example in give_examples(exam)]
    assert len(kinds) == len(set(kinds)) >= 3
