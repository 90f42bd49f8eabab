"""A run and sentences it has not seen -> one honest report of all that is measured, part by part."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np

from thought import __version__
from thought.corpus import Meaning
from thought.errors import ScoringError, ThoughtError, nearest
from thought.evaluation import decoding, spaces
from thought.evaluation.parts import Part, Progress, Translates, World, plain
from thought.evaluation.translation import hardware
from thought.floors import floors
from thought.scoring import Protocol
from thought.space import Encodes, Space, encode_meanings

SCHEMA = 2  # of Report.to_dict; raised when an old reader would misread a new report
_ALL: Mapping[str, Callable[[World], Part]] = {**decoding.PARTS, **spaces.PARTS}
PARTS = ("translation", "retrieval", "paraphrases", "cheating", "swaps",
         "calibration", "language", "probes", "clusters", "map")  # fmt: skip
_WITHOUT_THOUGHT = ("translation",)
_LIBRARIES = ("torch", "numpy", "scikit-learn", "sacrebleu", "sentencepiece")


@dataclass(frozen=True)
class Report:
    """All parts that were measured, why others were not, and what is needed to get the numbers again.

    >>> Report({}, {"map": "the model has no single thought"}, {"run": "four"}, 0, 1, {}, "CPU").to_dict()["skipped"]
    {'map': 'the model has no single thought'}
    """

    parts: Mapping[str, Part]
    skipped: Mapping[str, str]  # part -> why
    about: Mapping[str, Any]  # run, corpus, split, ...: as given
    meanings: int
    seed: int
    seconds: Mapping[str, float]  # on the clock, of each part and of the work they share
    hardware: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        versions = {"thought": __version__, **{name: version(name) for name in _LIBRARIES}}
        facts = {"meanings": self.meanings, "seed": self.seed, "hardware": self.hardware, "versions": versions}
        parts = {name: {"sentence": part.sentence, "notes": list(part.notes), **part.values}
                 for name, part in self.parts.items()}  # fmt: skip
        values = {"schema": SCHEMA, **self.about, **facts, "seconds": dict(self.seconds), "skipped": dict(self.skipped)}
        return {**plain(values), "parts": plain(parts)}


def evaluate(
    translator: Translates,
    meanings: Iterable[Meaning],
    *,
    parts: Sequence[str] = (),
    paraphrases: Iterable[Meaning] = (),
    untrained: Encodes | None = None,
    directions: Sequence[str] | None = None,
    languages: Sequence[str] = (),
    beam: int = 1,
    protocols: Sequence[Protocol] = ("13a",),
    confidence: bool = False,
    seed: int = 1,
    about: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Measure a run on meanings it has not been trained on.

    Every figure stands beside its floors: character TF-IDF, random vectors and an untrained encoder of the
    same shape. A part that these sentences do not allow, such as paraphrases where each meaning has one
    wording, is left out with the reason.

    Parameters
    ----------
    translator : Translator
        With `bottleneck = "none"` there are no thoughts, and only translations are scored.
    meanings : iterable of Meaning
        Held in memory, with thoughts of the first wording in each language.
    parts : sequence of str
        Of `PARTS`; the default is all.
    paraphrases : iterable of Meaning
        Meanings with several wordings a language; the default is those among `meanings`.
    untrained : Encodes, optional
        Such as `translator.untrained()`.
    directions : sequence of str, optional
        Such as ["de-en"]: what to translate.
    languages : sequence of str
        Codes to look at; the default is all of the model's.
    beam, protocols, confidence
        Of translation, see `measure_translation`.
    seed : int
        Of everything drawn: pairs, folds, shuffles, maps.
    about : mapping, optional
        Facts to stand in the report, such as run and corpus.
    progress : callable, optional
        Called with (what, parts done, parts in all).

    Returns
    -------
    Report
        Of frozen parts; `thought.evaluation.pages` writes it as Markdown and HTML.

    Raises
    ------
    ScoringError
        If a part is unknown, there is nothing to evaluate, or none of the parts asked for could be measured.

    Examples
    --------
    >>> from thought import Translator, open_corpus
    >>> meanings = open_corpus("my.tsv").read("test")
    >>> report = evaluate(Translator.load("runs/tiny"), meanings, parts=["translation", "retrieval"])
    >>> {name: part.title for name, part in report.parts.items()}
    {'translation': 'Thoughts are written as translations', 'retrieval': 'Translations find each other'}
    """
    for name in parts:
        if name not in PARTS:
            raise ScoringError(f"unknown part {name}{nearest(name, PARTS)}; there are {', '.join(PARTS)}")
    has_thought = translator.config.model.bottleneck == 1
    chosen = [name for name in PARTS if name in (parts or PARTS)]
    skipped = {} if has_thought else {name: "the model has no single thought" for name in chosen
                                      if name not in _WITHOUT_THOUGHT}  # fmt: skip
    began = time.monotonic()
    tell = progress or (lambda what, done, total: None)
    codes = tuple(languages or translator.languages)
    how = {"translator": translator, "directions": tuple(directions) if directions is not None else None, "beam": beam,
           "protocols": tuple(protocols), "confidence": confidence, "seed": seed, "tell": tell}  # fmt: skip
    needs_space = has_thought and chosen != ["translation"]
    world = _world(list(meanings), list(paraphrases), codes, untrained if needs_space else None, how, needs_space)
    seconds = {"shared": time.monotonic() - began}
    found: dict[str, Part] = {}
    for name in chosen:
        if name in skipped:
            continue
        start = time.monotonic()
        try:
            found[name] = _measured(name, world)
        except ThoughtError as error:
            if name in parts or name == "translation":
                raise  # it was asked for by name
            skipped[name] = str(error)
        seconds[name] = time.monotonic() - start
    where = hardware(str(getattr(translator, "device", "")))
    return Report(found, skipped, dict(about or {}), len(world.meanings), seed, seconds, where)


def _measured(name: str, world: World) -> Part:
    """A part with what was doubtful about it among its notes."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        part = _ALL[name](world)
    doubts = dict.fromkeys(f"warning: {one.message}" for one in caught if one.category is UserWarning)
    for one in caught:
        if one.category is not UserWarning:  # not about the data
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    return replace(part, notes=(*part.notes, *doubts))


def _world(
    meanings: list[Meaning],
    paraphrases: list[Meaning],
    codes: tuple[str, ...],
    untrained: Encodes | None,
    how: dict[str, Any],
    needs_space: bool,
) -> World:
    if not meanings:
        raise ScoringError("there are no meanings to evaluate")
    empty = Space((), (), np.zeros(0, dtype=np.int64), np.zeros((0, 1), dtype=np.float32))
    if not needs_space:
        return World(
            meanings=meanings, space=empty, floors={}, untrained=None, wordings=None, wordings_floors={}, **how
        )
    translator, tell, seed = how["translator"], how["tell"], how["seed"]
    tell("encoding", 0, 4)
    space = encode_meanings(translator, meanings, codes)
    tell("encoding floors", 1, 4)
    beside = floors(space, untrained=untrained, seed=seed)
    tell("encoding paraphrases", 2, 4)
    rich = paraphrases or [one for one in meanings if any(len(said) > 1 for said in one.sentences.values())]
    spoken = [one for one in rich if any(one.sentences.get(code) for code in codes)]
    wordings = encode_meanings(translator, spoken, codes, wordings=0) if spoken else None
    tell("encoding floors of paraphrases", 3, 4)
    beside_wordings = floors(wordings, untrained=untrained, seed=seed) if wordings is not None else {}
    beside_wordings.pop("random vectors", None)  # their level of chance is known exactly
    return World(
        meanings=meanings, space=space, floors=beside, untrained=untrained, wordings=wordings,
        wordings_floors=beside_wordings, **how,
    )  # fmt: skip
