"""Dev scores of a translator that says what we tell it to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from worlds import tiny, toy_meaning

from thought.rehearsal import SAMPLES, Listener, Sample, rehearse

MEANINGS = [toy_meaning(number) for number in range(8)]


class Parrot:
    """Knows every translation by heart; a thought is the number of the meaning, one-hot."""

    def __init__(self, *overrides: str, is_right: bool = True) -> None:
        self.config = tiny(*overrides)
        self.is_right = is_right
        self.calls: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.calls.append("encode")
        numbers = [next(n for n, m in enumerate(MEANINGS) for said in m.sentences.values() if t in said) for t in texts]
        thoughts = np.eye(8, dtype=np.float32)[numbers]
        count = int(self.config.model.bottleneck)
        return thoughts if count == 1 else np.repeat(thoughts[:, None], count, axis=1)

    def decode(self, thoughts: np.ndarray, to: str) -> list[str]:
        self.calls.append("decode")
        rows = thoughts if thoughts.ndim == 2 else thoughts[:, 0]
        return [MEANINGS[n].sentences[to][0] if self.is_right else "nothing of all that" for n in rows.argmax(axis=1)]

    def translate(self, texts: Sequence[str], to: str) -> list[str]:
        self.calls.append("translate")
        return [next(m.sentences[to][0] for m in MEANINGS for said in m.sentences.values() if t in said) for t in texts]


@pytest.mark.parametrize("overrides", [(), ("model.bottleneck=3", "model.pooling=attention")])
def test_a_perfect_translator_has_all_points(overrides: tuple[str, ...]) -> None:
    record, samples = rehearse(Parrot(*overrides), MEANINGS, [("aa", "bb"), ("bb", "cc")])
    assert {name: record[name] for name in ("bleu", "chrf", "p_at_1")} == pytest.approx(
        {"bleu": 100, "chrf": 100, "p_at_1": 1}
    )
    assert set(record["directions"]) == {"aa-bb", "bb-cc"}
    assert all(sample.translation == sample.reference for sample in samples)


def test_scores_are_means_over_directions() -> None:
    parrot = Parrot()
    decode = parrot.decode
    parrot.decode = lambda thoughts, to: decode(thoughts, to) if to == "bb" else ["nothing of all that"] * 8
    record, _ = rehearse(parrot, MEANINGS, [("aa", "bb"), ("bb", "cc")])
    parts = record["directions"]
    assert parts["aa-bb"]["bleu"] == pytest.approx(100)
    assert parts["bb-cc"]["bleu"] < 5
    assert record["bleu"] == pytest.approx((parts["aa-bb"]["bleu"] + parts["bb-cc"]["bleu"]) / 2)


def test_each_language_is_read_once() -> None:
    parrot = Parrot()
    rehearse(parrot, MEANINGS, [("aa", "bb"), ("aa", "cc"), ("bb", "cc"), ("cc", "bb")])
    assert parrot.calls.count("encode") == 3
    assert parrot.calls.count("decode") == 4


def test_a_model_without_a_thought_translates_and_retrieves_nothing() -> None:
    parrot = Parrot("model.bottleneck=none")
    record, _ = rehearse(parrot, MEANINGS, [("aa", "bb")])
    assert parrot.calls == ["translate"]
    assert "p_at_1" not in record
    assert record["bleu"] == pytest.approx(100)


def test_samples_are_few_and_spread() -> None:
    _, one = rehearse(Parrot(), MEANINGS, [("aa", "bb")])
    assert [sample.source for sample in one] == [MEANINGS[n].sentences["aa"][0] for n in (0, 2, 4)]
    assert one[0] == Sample("aa-bb", "rabe vira kilu mato", "otam ulik ariv ebar", "otam ulik ariv ebar")
    pairs = [("aa", "bb"), ("bb", "aa"), ("aa", "cc"), ("cc", "aa")]
    _, many = rehearse(Parrot(), MEANINGS, pairs)
    assert [sample.direction for sample in many] == ["aa-bb", "bb-aa", "aa-cc"]
    _, single = rehearse(Parrot(), MEANINGS[:1], pairs)
    assert 1 <= len(single) <= SAMPLES


def test_a_listener_may_ignore_everything() -> None:
    listener = Listener()
    listener.note("x")
    listener.progress({"step": 1})
    listener.evaluation({"step": 1}, [])
