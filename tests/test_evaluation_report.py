"""All parts of a report on a translator that knows its world by heart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from phrases import sentences

from thought.config import from_dict
from thought.corpus import Meaning
from thought.errors import ScoringError
from thought.evaluation.report import PARTS, SCHEMA, Report, evaluate

PAIRS = sentences()[:40]
MEANINGS = [Meaning(str(row), {"en": (english,), "de": (german,)}) for row, (english, german) in enumerate(PAIRS)]
REWORDED = [
    Meaning(str(row), {"en": (english, f"there {english}"), "de": (german, f"dort {german}")})
    for row, (english, german) in enumerate(PAIRS)
]


class Knows:
    """The thought of a sentence is a fixed random vector of its meaning and a little of its wording."""

    languages = ("en", "de")

    def __init__(self, **settings: Any) -> None:
        self.config = from_dict({"training": {"steps": 1}, **settings})
        generator = np.random.default_rng(1)
        self.vectors = generator.standard_normal((len(PAIRS), 16)).astype(np.float32)
        self.numbers = {text: row for row, pair in enumerate(PAIRS) for text in pair}

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        found = []
        for text in texts:
            known = text.removeprefix("there ").removeprefix("dort ")
            shift = np.random.default_rng(len(text)).standard_normal(16) * 0.1
            found.append(self.vectors[self.numbers[known]] + shift if known in self.numbers else shift)
        return np.array(found, dtype=np.float32)

    def _nearest(self, thoughts: np.ndarray) -> np.ndarray:
        return (thoughts @ self.vectors.T).argmax(axis=1)

    def decode(self, thoughts: np.ndarray, to: str, /, *, beam: int = 1) -> list[str]:
        return [PAIRS[row][self.languages.index(to)] for row in self._nearest(thoughts)]

    def translate(self, texts: Sequence[str], to: str, /, *, beam: int = 1) -> list[str]:
        return self.decode(self.encode(texts), to)

    def score(self, sources: Any, targets: Sequence[str], to: str, /) -> np.ndarray:
        thoughts = self.encode(sources) if isinstance(sources[0], str) else sources
        right = self._nearest(thoughts) == [self.numbers[text] for text in targets]
        return np.where(right, -1.0, -20.0)

    def token_counts(self, texts: Sequence[str], /) -> np.ndarray:
        return np.array([len(text.split()) + 1 for text in texts])


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate(Knows(), REWORDED, untrained=Knows(), about={"run": "x"})


def test_every_part_is_there_or_says_why_not(report: Report) -> None:
    assert set(report.parts) | set(report.skipped) == set(PARTS)
    assert {"translation", "retrieval", "paraphrases", "cheating", "calibration", "language", "clusters"} <= set(
        report.parts
    )
    assert set(report.seconds) >= set(report.parts) | {"shared"}


def test_a_translator_that_knows_all_gets_perfect_numbers(report: Report) -> None:
    values = report.to_dict()["parts"]
    assert values["retrieval"]["mean_p_at_1"] == 1
    assert values["retrieval"]["chance"] == 1 / 40
    assert values["translation"]["directions"]["en-de"]["scores"]["13a"]["bleu"]["value"] > 95
    assert values["paraphrases"]["retrieval"]["thoughts"]["all"]["map_at_r"] == 1
    assert values["clusters"]["by_vectors"]["thoughts"]["purity"] == 1
    assert values["calibration"]["translations"]["auc"] == pytest.approx(1)


def test_floors_stand_beside_the_numbers_and_are_lower(report: Report) -> None:
    floors = report.to_dict()["parts"]["retrieval"]["floors"]
    assert set(floors) == {"character TF-IDF", "untrained encoder", "random vectors"}
    assert floors["random vectors"]["en-de"] < 0.2


def test_a_report_is_plain_json_that_says_what_it_depends_on(report: Report) -> None:
    values = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert values["schema"] == SCHEMA
    assert values["run"] == "x"
    assert values["versions"]["thought"]
    assert values["seed"] == 1


def test_only_the_parts_asked_for_are_measured() -> None:
    assert list(evaluate(Knows(), MEANINGS, parts=["retrieval", "translation"]).parts) == ["translation", "retrieval"]


def test_a_part_that_was_asked_for_by_name_must_be_possible() -> None:
    with pytest.raises(ScoringError, match="two wordings"):
        evaluate(Knows(), MEANINGS, parts=["paraphrases"])
    with pytest.raises(ScoringError, match="did you mean map"):
        evaluate(Knows(), MEANINGS, parts=["mapp"])


def test_without_a_thought_only_translations_are_scored() -> None:
    found = evaluate(Knows(model={"bottleneck": "none"}), MEANINGS)
    assert list(found.parts) == ["translation"]
    assert set(found.skipped) == set(PARTS) - {"translation"}


def test_nothing_to_evaluate_is_said() -> None:
    with pytest.raises(ScoringError, match="no meanings"):
        evaluate(Knows(), [])
    with pytest.raises(ScoringError, match="two languages|two of the languages"):
        evaluate(Knows(), [Meaning("0", {"en": (PAIRS[0][0],)})])


def test_paraphrases_may_come_from_another_corpus() -> None:
    found = evaluate(Knows(), MEANINGS, parts=["paraphrases"], paraphrases=REWORDED)
    assert found.parts["paraphrases"].values["retrieval"]["thoughts"]["en"]["queries"] == 80
