"""A translator in training -> its dev scores and three sample translations; and who is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from thought.corpus import Meaning
from thought.geometry.retrieval import retrieval_accuracy
from thought.scoring import score_translations
from thought.space import Space
from thought.translator import Translator

SAMPLES = 3


@dataclass(frozen=True)
class Sample:
    """One translation to look at."""

    direction: str
    source: str
    reference: str
    translation: str


class Listener:
    """Told what happens in training; does nothing. The command line's prints.

    >>> class Loud(Listener):
    ...     def note(self, text: str) -> None:
    ...         print(text.upper())
    >>> Loud().note("8,000 pieces")
    8,000 PIECES
    """

    def note(self, text: str) -> None:
        """Hear one sentence about the set-up."""

    def progress(self, record: Mapping[str, float]) -> None:
        """Hear about a step: step, steps (planned), loss, tokens_per_second, seconds, seconds_left, learning_rate."""

    def snapshot(self, seconds: float, translator: Translator, probes: Space) -> None:
        """Hear about a picture of the film: the model as it is after `translator.step` steps, and thoughts of dev."""

    def evaluation(self, record: Mapping[str, Any], samples: Sequence[Sample]) -> None:
        """Hear the dev scores: step, seconds, bleu, chrf, p_at_1, directions."""


def rehearse(
    translator: Translator, meanings: Sequence[Meaning], directions: Sequence[tuple[str, str]]
) -> tuple[dict[str, Any], list[Sample]]:
    """Translate dev greedily in every direction; return scores and samples.

    BLEU, chrF and P@1 are means over directions. P@1 compares sources and references by cosine; its
    chance level is 1 / N. It is absent for models without a thought.
    """
    texts = {code: [meaning.sentences[code][0] for meaning in meanings] for pair in directions for code in pair}
    has_thought = translator.config.model.bottleneck != "none"
    thoughts = {code: translator.encode(rows) for code, rows in texts.items()} if has_thought else {}
    scores: dict[str, dict[str, float]] = {}
    samples: list[Sample] = []
    for index, (source, target) in enumerate(directions):
        if has_thought:
            written = translator.decode(thoughts[source], target)
        else:
            written = translator.translate(texts[source], target)
        result = score_translations(written, texts[target])
        scores[f"{source}-{target}"] = {"bleu": result.bleu.value, "chrf": result.chrf.value}
        if has_thought:
            rows = [thoughts[code].reshape(len(meanings), -1) for code in (source, target)]
            scores[f"{source}-{target}"]["p_at_1"] = retrieval_accuracy(*rows)
        if len(samples) < SAMPLES:
            wanted = SAMPLES if len(directions) == 1 else 1
            places = range(index, len(meanings), max(1, len(meanings) // wanted))
            samples += [
                Sample(f"{source}-{target}", texts[source][at], texts[target][at], written[at])
                for at in list(places)[:wanted]
            ]
    names = ("bleu", "chrf", "p_at_1") if has_thought else ("bleu", "chrf")
    means = {name: float(np.mean([score[name] for score in scores.values()])) for name in names}
    return {**means, "directions": scores}, samples[:SAMPLES]
