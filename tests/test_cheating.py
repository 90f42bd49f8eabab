"""Decoders that read, that write by heart, and that do a little of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thought.cheating import LENGTH, MEAN, NONE, RIGHT, SHUFFLED, derange, measure_cheating
from thought.errors import ScoringError

WORDS = ("dog", "cat", "bird", "child", "woman", "man", "house", "tree", "ball", "car", "boat", "horse")
REFERENCES = [f"the {one} sees the {two} near a {three}" for one in WORDS for two in WORDS[:4] for three in WORDS[4:6]]
REFERENCES = [text + " today" * (row % 3) for row, text in enumerate(REFERENCES)]
SOURCES = [f"source {row}" for row in range(len(REFERENCES))]
SIZE = 32


class Reader:
    """Its thoughts are random but fixed; it writes the reference of the nearest thought."""

    def __init__(self) -> None:
        self.thoughts = np.random.default_rng(1).standard_normal((len(SOURCES), SIZE)).astype(np.float32)

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        return self.thoughts[[int(text.split()[1]) for text in texts]]

    def rows(self, thoughts: np.ndarray) -> np.ndarray:
        return (thoughts @ self.thoughts.T).argmax(axis=1)

    def decode(self, thoughts: np.ndarray, to: str, /) -> list[str]:
        return [REFERENCES[row] for row in self.rows(thoughts)]

    def score(self, sources: Any, targets: Sequence[str], to: str, /) -> np.ndarray:
        right = np.array([REFERENCES[row] for row in self.rows(sources)]) == np.array(targets)
        return np.where(right, -np.log(2.0), -8 * np.log(2.0)) * self.token_counts(targets)

    def token_counts(self, texts: Sequence[str], /) -> np.ndarray:
        return np.array([len(text.split()) + 1 for text in texts])


class Parrot(Reader):
    """Writes one sentence whatever it is given."""

    def decode(self, thoughts: np.ndarray, to: str, /) -> list[str]:
        return [REFERENCES[0]] * len(thoughts)

    def score(self, sources: Any, targets: Sequence[str], to: str, /) -> np.ndarray:
        return -3.0 * self.token_counts(targets)


def test_a_decoder_that_reads_loses_everything_without_its_thought() -> None:
    report = measure_cheating(Reader(), SOURCES, REFERENCES, "en")
    assert report[RIGHT].bleu == pytest.approx(100)
    assert report[RIGHT].bits_per_token == pytest.approx(1)
    assert report[SHUFFLED].bits_per_token == pytest.approx(8)
    assert report[SHUFFLED].bleu < 90
    assert report[MEAN].bleu < report[RIGHT].bleu
    assert report[NONE].bits_per_token > 6
    assert report.told > 5


def test_a_decoder_that_writes_by_heart_is_caught() -> None:
    report = measure_cheating(Parrot(), SOURCES, REFERENCES, "en")
    assert report.told == 0
    assert report.verdict.startswith("The decoder does not read its thought")
    assert len({condition.bleu for condition in report.conditions}) == 1


def test_noise_hurts_more_the_more_there_is() -> None:
    report = measure_cheating(Reader(), SOURCES, REFERENCES, "en", noises=(0, 0.5, 4))
    none, some, much = (report[f"noise {noise}"].bits_per_token for noise in ("0", "0.5", "4"))
    assert none == pytest.approx(report[RIGHT].bits_per_token)
    assert none <= some < much


def test_another_sentence_of_equal_length_has_as_many_tokens_where_there_is_one() -> None:
    report = measure_cheating(Reader(), SOURCES, REFERENCES, "en")
    assert report.exact_length == 1
    assert report[LENGTH].bits_per_token > report[RIGHT].bits_per_token


def test_the_same_seed_gives_the_same_report() -> None:
    first, again = (measure_cheating(Reader(), SOURCES, REFERENCES, "en", seed=5) for _ in range(2))
    assert first == again
    assert first.signature.startswith("nrefs:1|")


@given(labels=st.lists(st.integers(0, 6), min_size=2, max_size=60), seed=st.integers(0, 9))
def test_no_row_gets_one_of_its_own_label_and_each_is_taken_once(labels: list[int], seed: int) -> None:
    most = max(labels.count(label) for label in labels)
    if 2 * most > len(labels):
        with pytest.raises(ScoringError, match="too few others"):
            derange(labels, np.random.default_rng(seed))
        return
    others = derange(labels, np.random.default_rng(seed))
    assert sorted(others.tolist()) == list(range(len(labels)))
    assert all(labels[row] != labels[other] for row, other in enumerate(others.tolist()))


@pytest.mark.parametrize(
    ("sources", "references", "options", "message"),
    [
        (SOURCES[:3], REFERENCES[:2], {}, "do not fit"),
        (SOURCES[:1], REFERENCES[:1], {}, "at least two"),
        (SOURCES[:2], REFERENCES[:2], {"noises": (-1,)}, "not negative"),
        (["source 0"] * 4, REFERENCES[:4], {}, "are equal"),
        (SOURCES[:4], REFERENCES[:1] * 4, {}, "too few others"),
    ],
)
def test_what_cannot_be_measured_is_said(
    sources: list[str], references: list[str], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ScoringError, match=message):
        measure_cheating(Reader(), sources, references, "en", **options)


def test_a_condition_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(ScoringError, match="there are right, shuffled"):
        measure_cheating(Reader(), SOURCES, REFERENCES, "en")["wrong"]
