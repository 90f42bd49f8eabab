"""A translator and meanings it has not seen -> BLEU, chrF, TER and P@1 of every direction."""

from __future__ import annotations

import dataclasses
import os
import platform
import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import permutations, product
from typing import Any, Literal

import numpy as np

from thought.corpus import Meaning
from thought.errors import ScoringError, nearest
from thought.evaluation.parts import Progress, Translates
from thought.geometry.retrieval import retrieval_accuracy
from thought.scoring import SEED, Protocol, Scores, score_translations, tokenisation

_SUSPECT = 0.05  # share of degenerate outputs from which a report warns
_REPEATED = re.compile(r"([^\W\d_].{0,30}?)\1{3}")  # one unit of at most 31 characters, four times in a row


@dataclass(frozen=True)
class Direction:
    """How well one language is written from another."""

    source: str
    target: str
    sentences: int
    scores: Mapping[str, Scores]  # protocol -> BLEU, chrF, TER
    p_at_1: float | None  # of the target's thought given the source's; None where there is no thought
    degenerate: Mapping[str, float]  # kind -> share of outputs, 0 to 1
    is_zero_shot: bool  # held out of training

    @property
    def name(self) -> str:
        """Such as de-en."""
        return f"{self.source}-{self.target}"


@dataclass(frozen=True)
class Translation:
    """Scores of all directions and what is needed to get them again."""

    directions: tuple[Direction, ...]
    languages: tuple[str, ...]
    meanings: int
    beam: int
    protocols: tuple[Protocol, ...]
    seed: int  # of the bootstrap
    seconds: float  # on the clock
    hardware: str
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        values = dataclasses.asdict(self)
        values["directions"] = {row.name: dataclasses.asdict(row) for row in self.directions}
        return {**values, "protocols": list(self.protocols), "languages": list(self.languages)}

    def rows(self) -> list[dict[str, str | int | float | None]]:
        """One flat row for each direction and protocol, for a table or a CSV."""
        rows: list[dict[str, str | int | float | None]] = []
        for one in self.directions:
            for protocol, scores in one.scores.items():
                row: dict[str, str | int | float | None] = {"direction": one.name, "protocol": protocol}
                row |= {"bleu": scores.bleu.value, "chrf": scores.chrf.value, "ter": scores.ter.value}
                row |= {"p_at_1": one.p_at_1, "sentences": one.sentences}
                rows.append(row)
        return rows

    def table(self, measure: Literal["bleu", "chrf", "ter", "p_at_1"] = "bleu") -> list[list[float | None]]:
        """Square of one number, by the first protocol: row i reads `languages[i]`, column j writes `languages[j]`."""
        cells: dict[str, float | None] = {}
        for one in self.directions:
            score = one.p_at_1 if measure == "p_at_1" else getattr(one.scores[self.protocols[0]], measure).value
            cells[one.name] = score
        return [[cells.get(f"{source}-{target}") for target in self.languages] for source in self.languages]


def measure_translation(
    translator: Translates,
    meanings: Iterable[Meaning],
    *,
    directions: Sequence[str] | None = None,
    beam: int = 1,
    protocols: Sequence[Protocol] = ("13a",),
    confidence: bool = False,
    progress: Progress | None = None,
) -> Translation:
    """Translate each meaning from each language into each other and score what comes out.

    The first sentence of a language stands for the meaning in it. Each language is encoded once. A
    model without a thought (`bottleneck = "none"`) translates from text, and retrieval is left out.

    Parameters
    ----------
    translator : Translator
    meanings : iterable of Meaning
        A direction counts those that have both its languages.
    directions : sequence of str, optional
        Such as ["de-en"]; "de-de" asks for reconstruction. The default is what the model was trained
        and held out for, or else all pairs of different languages.
    beam : int
        1 is greedy.
    protocols : sequence of str
        See `score_translations`.
    confidence : bool
        Also bootstrap intervals.
    progress : callable, optional
        Called with (what, parts done, parts in all) after each part.

    Raises
    ------
    ScoringError
        If there is nothing to evaluate, or a direction or protocol is unknown.
    """
    began = time.monotonic()
    if isinstance(protocols, str) or not protocols:
        raise ScoringError(f"protocols must be a list with at least one name, got {protocols!r}")
    if directions is not None and not directions:
        raise ScoringError("no directions to evaluate")
    tell = progress or (lambda what, done, total: None)
    texts, count = _first_sentences(meanings, translator.languages)
    pairs = _pairs(translator, directions, texts)
    for protocol, (_, target) in product(protocols, pairs):
        tokenisation(protocol, target)  # what is missing shall be missed before the work, not after
    world = _World(texts, _thoughts(translator, pairs, texts, count, tell))
    found = []
    for pair in pairs:
        found.append(_direction(translator, pair, world, beam, tuple(protocols), confidence))
        tell(f"translating {found[-1].name}", len(found), len(pairs))
    return Translation(
        directions=tuple(found),
        languages=tuple(code for code in translator.languages if any(code in pair for pair in pairs)),
        meanings=count,
        beam=beam,
        protocols=tuple(protocols),
        seed=SEED,
        seconds=time.monotonic() - began,
        hardware=hardware(str(getattr(translator, "device", ""))),
        warnings=tuple(line for one in found for line in _warnings(one)),
    )


def hardware(device: str = "") -> str:
    """Processor, cores this process may use, build of torch and device, in one line."""
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            models = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
        name = models[0] if models else name
    except OSError:
        pass  # not Linux: the platform's own name has to do
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return ", ".join(part for part in (name, f"{cores} cores", f"torch {version('torch')}", device) if part)


@dataclass(frozen=True)
class _World:
    """What the directions share: language -> number of a meaning -> its sentence, and -> thoughts by that number."""

    texts: Mapping[str, Mapping[int, str]]
    thoughts: Mapping[str, np.ndarray]  # language -> (N, Z); NaN where a meaning lacks the language


def _first_sentences(meanings: Iterable[Meaning], languages: Sequence[str]) -> tuple[dict[str, dict[int, str]], int]:
    texts: dict[str, dict[int, str]] = {code: {} for code in languages}
    count = 0
    for number, meaning in enumerate(meanings):
        count += 1
        for code in languages:
            sentences = meaning.sentences.get(code, ())
            if sentences and sentences[0].strip():
                texts[code][number] = sentences[0]
    if not count:
        raise ScoringError("there are no meanings to evaluate")
    return texts, count


def _pairs(
    translator: Translates, directions: Sequence[str] | None, texts: Mapping[str, Mapping[int, str]]
) -> list[tuple[str, str]]:
    data = translator.config.data
    if directions is None and data.directions:
        directions = [*data.directions, *data.hold_out]
    asked = list(directions or (f"{source}-{target}" for source, target in permutations(translator.languages, 2)))
    pairs = []
    for name in dict.fromkeys(asked):
        source, dash, target = name.partition("-")
        for code in (source, target):
            if not dash or code not in texts:
                raise ScoringError(f"unknown language {code} in direction {name}{nearest(code, texts)}")
        if texts[source].keys() & texts[target].keys():
            pairs.append((source, target))
        elif directions is not None:
            raise ScoringError(f"no meaning has a sentence in both languages of {name}")
    if not pairs:
        raise ScoringError(f"no meaning has sentences in two of the languages {', '.join(translator.languages)}")
    return pairs


def _thoughts(
    translator: Translates,
    pairs: Sequence[tuple[str, str]],
    texts: Mapping[str, Mapping[int, str]],
    count: int,
    tell: Progress,
) -> dict[str, np.ndarray]:
    if translator.config.model.bottleneck == "none":
        return {}
    thoughts: dict[str, np.ndarray] = {}
    codes = sorted({code for pair in pairs for code in pair})
    for code in codes:
        encoded = translator.encode(list(texts[code].values()))  # (N of this language, Z)
        thoughts[code] = np.full((count, *encoded.shape[1:]), np.nan, dtype=encoded.dtype)
        thoughts[code][list(texts[code])] = encoded
        tell(f"encoding {code}", len(thoughts), len(codes))
    return thoughts


def _direction(
    translator: Translates,
    pair: tuple[str, str],
    world: _World,
    beam: int,
    protocols: tuple[Protocol, ...],
    confidence: bool,
) -> Direction:
    source, target = pair
    shared = sorted(world.texts[source].keys() & world.texts[target].keys())
    sources = [world.texts[source][number] for number in shared]
    references = [world.texts[target][number] for number in shared]
    near = None
    if world.thoughts:
        thoughts = world.thoughts[source][shared]  # (N, Z)
        outputs = translator.decode(thoughts, target, beam=beam)
        others = world.thoughts[target][shared]
        near = retrieval_accuracy(thoughts.reshape(len(shared), -1), others.reshape(len(shared), -1))
    else:
        outputs = translator.translate(sources, target, beam=beam)
    scores: dict[str, Scores] = {}
    for name in protocols:
        scores[name] = score_translations(outputs, references, protocol=name, language=target, confidence=confidence)
    degenerate = _degenerate(outputs, sources, references)
    is_zero_shot = f"{source}-{target}" in translator.config.data.hold_out
    return Direction(source, target, len(shared), scores, near, degenerate, is_zero_shot)


def _degenerate(outputs: Sequence[str], sources: Sequence[str], references: Sequence[str]) -> dict[str, float]:
    """Shares of outputs that look like the work of a broken model rather than of a weak one."""
    pairs = list(zip(outputs, sources, references, strict=True))
    most_common = Counter(outputs).most_common(1)[0][1]
    counts = {
        "empty": sum(not output.strip() for output in outputs),
        "copied from the source": sum(output == source != reference for output, source, reference in pairs),
        # a space at the end makes the last word a unit like those before it
        "one unit repeated": sum(bool(_REPEATED.search(f"{output} ")) for output in outputs),
        "one and the same sentence": most_common if most_common > 1 else 0,
    }
    return {kind: count / len(outputs) for kind, count in counts.items()}


def _warnings(one: Direction) -> list[str]:
    """Name what is degenerate about the outputs of a direction, so that no one hunts for it in the data."""
    suspect = {kind: share for kind, share in one.degenerate.items() if share > _SUSPECT}
    return [f"{one.name}: {share:.1%} of {one.sentences} outputs are {kind}" for kind, share in suspect.items()]
