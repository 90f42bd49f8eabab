"""The cheating meter: who reads the thought, and who writes by heart."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import toy_meaning, toy_translator

from thought.cheating import CheatingReport, Condition, derange, measure_cheating
from thought.errors import ScoringError

COUNT = 20
SOURCES = [f"s{number}" for number in range(COUNT)]
# No two share a run of four words, so that BLEU of a wrong sentence is 0.
REFERENCES = [" ".join(f"w{number}{letter}" for letter in "abcdefghij"[: 5 + number % 3]) for number in range(COUNT)]
THOUGHTS = 3 * np.random.default_rng(0).standard_normal((COUNT, 30)).astype(np.float32) + 5


class Reader:
    """Knows twenty sentences, and pays 2 bits a token where it is given the right thought and 8 where not."""

    def __init__(self) -> None:
        self.given: list[np.ndarray] = []

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        return THOUGHTS[[SOURCES.index(text) for text in texts]]

    def decode(self, thoughts: np.ndarray, to: str, /) -> list[str]:
        return [REFERENCES[row] for row in self.read(thoughts)]

    def score(self, sources: np.ndarray, targets: Sequence[str], to: str, /) -> np.ndarray:
        self.given.append(sources)
        written = self.decode(sources, to)
        is_right = np.array([text == target for text, target in zip(written, targets, strict=True)])
        return -self.token_counts(targets) * math.log(2) * np.where(is_right, 2.0, 8.0)

    def token_counts(self, texts: Sequence[str], /) -> np.ndarray:
        return np.array([len(text.split()) + 1 for text in texts])

    def read(self, thoughts: np.ndarray) -> list[int]:
        """The sentence whose thought this is, or the first one."""
        distances = np.linalg.norm(thoughts[:, None] - THOUGHTS, axis=-1)
        return np.where(distances.min(axis=1) < 9, distances.argmin(axis=1), 0).tolist()


class Parrot(Reader):
    """Writes one sentence after the other, whatever it is given."""

    def read(self, thoughts: np.ndarray) -> list[int]:
        return list(range(COUNT))[: len(thoughts)]


def test_a_decoder_that_reads_loses_all_with_another_thought() -> None:
    report = measure_cheating(Reader(), SOURCES, REFERENCES, "xx")
    bleu = {one.name: round(one.bleu, 6) for one in report.conditions}
    bits = {one.name: round(one.bits_per_token, 6) for one in report.conditions}
    assert (bleu["right"], bits["right"]) == (100, 2)
    for name in ("shuffled", "equal length"):
        assert (bleu[name], bits[name]) == (0, 8)
    right_by_chance = 6 / sum(len(text.split()) + 1 for text in REFERENCES)  # the first sentence is always written
    for name in ("mean", "none"):
        assert bleu[name] < 5
        assert bits[name] == pytest.approx(8 - 6 * right_by_chance, abs=1e-5)
    assert report.told == pytest.approx(6 - 6 * right_by_chance)
    assert report.verdict.startswith(
        "The decoder reads its thought: with another sentence's thought BLEU goes from 100.0 to"
    )
    assert (report.sentences, report.tokens, report.to) == (20, sum(len(text.split()) + 1 for text in REFERENCES), "xx")
    assert "tok:13a" in report.signature


def test_a_decoder_that_writes_by_heart_is_caught() -> None:
    report = measure_cheating(Parrot(), SOURCES, REFERENCES, "xx")
    assert report["shuffled"].bleu == pytest.approx(100)
    assert report["right"].bits_per_token == report["none"].bits_per_token == pytest.approx(2)
    assert report.told == pytest.approx(0)
    assert report.verdict.startswith("The decoder does not read its thought: ")


def verdict(right: float, shuffled: float, told: float) -> str:
    """What a report says of these."""
    conditions = (
        Condition("right", right, 3.0),
        Condition("shuffled", shuffled, 9.0),
        Condition("mean", 0.0, 3 + told),
        Condition("none", 0.0, 4 + told),
    )
    return CheatingReport(conditions, "en", 10, 100, 1.0, 0.5, 1, "").verdict


@pytest.mark.parametrize(
    ("right", "shuffled", "told", "expected"),
    [
        (20, 1, 2, "The decoder reads its thought: "),
        (20, 1, 0.05, "The decoder does not read its thought: "),
        (20, 18, 2, "The decoder writes by heart and reads little of its thought: "),
        (20, 4, 2, "The decoder reads its thought, but part of what it writes it knows by heart: "),
        (1.5, 0.5, 2, "The decoder reads its thought, yet its translations are too poor to judge by: "),
    ],
)
def test_the_verdict_is_one_plain_sentence(right: float, shuffled: float, told: float, expected: str) -> None:
    said = verdict(right, shuffled, told)
    assert said.startswith(expected)
    assert said.endswith(f"saves {told:.2f} bits a token.")


def test_what_the_decoder_is_given_is_what_the_names_say() -> None:
    reader = Reader()
    report = measure_cheating(reader, SOURCES, REFERENCES, "xx", noises=(0, 2))
    given = dict(zip([one.name for one in report.conditions], reader.given, strict=True))
    assert np.array_equal(given["right"], THOUGHTS)
    assert np.array_equal(given["noise 0"], THOUGHTS)
    for name in ("shuffled", "equal length"):
        rows = [int(np.flatnonzero((row == THOUGHTS).all(axis=1))[0]) for row in given[name]]
        assert all(row != own for own, row in enumerate(rows))
        lengths = [len(REFERENCES[row].split()) == len(REFERENCES[own].split()) for own, row in enumerate(rows)]
        assert all(lengths) == (name == "equal length")
    np.testing.assert_allclose(given["mean"], np.tile(THOUGHTS.mean(axis=0), (20, 1)), rtol=1e-6)
    assert not given["none"].any()
    spread = np.sqrt(((THOUGHTS - THOUGHTS.mean(axis=0)) ** 2).mean())
    assert report.spread == pytest.approx(spread, rel=1e-6)
    assert (given["noise 2"] - THOUGHTS).std() == pytest.approx(2 * spread, rel=0.1)
    assert {one.name: one.noise for one in report.conditions if one.noise is not None} == {"noise 0": 0, "noise 2": 2}
    assert report.exact_length == 1


def test_where_no_sentence_is_as_long_the_nearest_length_is_taken() -> None:
    reader, texts = Reader(), [*REFERENCES[:3], " ".join(["long"] * 12)]
    report = measure_cheating(reader, SOURCES[:4], texts, "xx", noises=())
    rows = [int(np.flatnonzero((row == THOUGHTS).all(axis=1))[0]) for row in reader.given[2]]
    assert rows[0] == 1  # of 5 words: 6 are nearer than 7 and 12
    assert rows[1] in (0, 2)  # of 6: 5 and 7 are as near
    assert rows[2] == 1
    assert rows[3] == 2  # of 12: 7
    assert report.exact_length == 0


def test_equal_sentences_are_never_taken_for_each_other() -> None:
    reader, texts = Reader(), [*["the same words again and again"] * 5, *REFERENCES[5:10]]
    measure_cheating(reader, SOURCES[:10], texts, "xx", noises=())
    for thoughts in reader.given[1:3]:
        rows = [int(np.flatnonzero((row == THOUGHTS).all(axis=1))[0]) for row in thoughts]
        assert all(texts[row] != texts[own] for own, row in enumerate(rows))


def test_the_seed_decides() -> None:
    first, again, other = (measure_cheating(Reader(), SOURCES, REFERENCES, "xx", seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert other.seed == 2
    one, two = Reader(), Reader()
    measure_cheating(one, SOURCES, REFERENCES, "xx", seed=1)
    measure_cheating(two, SOURCES, REFERENCES, "xx", seed=2)
    assert not np.array_equal(one.given[1], two.given[1])


def test_noise_hurts_more_the_more_there_is() -> None:
    report = measure_cheating(Reader(), SOURCES, REFERENCES, "xx", noises=(0, 0.4, 4))
    none, some, much = (report[f"noise {noise}"].bits_per_token for noise in ("0", "0.4", "4"))
    assert none == report["right"].bits_per_token
    assert none <= some < much


def test_progress_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    measure_cheating(Reader(), SOURCES, REFERENCES, "xx", noises=(1,), progress=lambda *state: told.append(state))
    assert told[0] == ("thought: right", 1, 6)
    assert told[-1] == ("thought: noise 1", 6, 6)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=40), st.integers(0, 100))
def test_to_derange_is_to_give_each_row_another_of_another_label(labels: list[int], seed: int) -> None:
    generator = np.random.default_rng(seed)
    largest = max(Counter(labels).values())
    if 2 * largest > len(labels):
        with pytest.raises(ScoringError, match=f"{largest} of {len(labels)} sentences are the same"):
            derange(labels, generator)
        return
    others = derange(labels, generator)
    assert sorted(others.tolist()) == list(range(len(labels)))
    assert all(labels[row] != labels[other] for row, other in enumerate(others))


def test_every_derangement_of_three_can_come() -> None:
    found = {tuple(derange("abc", np.random.default_rng(seed)).tolist()) for seed in range(50)}
    assert found == {(1, 2, 0), (2, 0, 1)}


class Broken(Reader):
    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        return np.full((len(texts), 3), np.nan)


class Blank(Reader):
    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        return np.ones((len(texts), 3), dtype=np.float32)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: measure_cheating(Reader(), SOURCES, REFERENCES[1:], "xx"), "20 sources do not fit 19 references"),
        (lambda: measure_cheating(Reader(), [], [], "xx"), "at least two sentences, got 0"),
        (lambda: measure_cheating(Reader(), SOURCES[:1], REFERENCES[:1], "xx"), "at least two sentences, got 1"),
        (lambda: measure_cheating(Reader(), SOURCES[:2], ["a", "a"], "xx"), "2 of 2 sentences are the same"),
        (lambda: measure_cheating(Reader(), SOURCES, REFERENCES, "xx", noises=(-1,)), "not negative, got -1"),
        (lambda: measure_cheating(Reader(), SOURCES, REFERENCES, "xx", noises=(math.nan,)), "finite .* got nan"),
        (lambda: measure_cheating(Broken(), SOURCES, REFERENCES, "xx"), "thoughts hold NaN"),
        (lambda: measure_cheating(Blank(), SOURCES, REFERENCES, "xx"), "all 20 thoughts are equal"),
        (lambda: measure_cheating(Reader(), SOURCES, REFERENCES, "xx")["other"], "no condition other; there are right"),
    ],
)
def test_what_cannot_be_measured_says_why(call: object, message: str) -> None:
    with pytest.raises(ScoringError, match=message):
        call()  # type: ignore[operator]


@pytest.mark.parametrize("overrides", [(), ("model.bottleneck=3", "model.pooling=attention")])
def test_a_translator_is_measured(overrides: tuple[str, ...]) -> None:
    translator = toy_translator(*overrides, "data.longest=6")
    meanings = [toy_meaning(number).sentences for number in range(8)]
    sources, references = ([one[code][0] for one in meanings] for code in ("aa", "bb"))
    report = measure_cheating(translator, sources, references, "bb", noises=(1,))
    bits = -translator.score(sources, references, "bb").sum() / report.tokens / math.log(2)
    assert report["right"].bits_per_token == pytest.approx(bits, rel=1e-5)
    assert all(dataclasses.astuple(one) for one in report.conditions)
    assert len({round(one.bits_per_token, 6) for one in report.conditions}) == 6
