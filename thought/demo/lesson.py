"""The lesson from end to end: prepare the world, train, measure, draw; `Results` come out.

Nothing is shown here: a `Witness` is told, and the command line's is `thought.demo.story.Story`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import torch

from thought import __version__
from thought.config import Config, load_config, to_dict
from thought.corpus import open_corpus
from thought.demo.measures import (
    Exam,
    cheat,
    draw_maps,
    give_examples,
    measure_floors,
    set_exam,
    sit,
    walk,
)
from thought.demo.results import CHAPTERS, Example, Moment, Results, load_results, save_results
from thought.errors import CheckpointError, ScoringError
from thought.geometry.retrieval import retrieval_accuracy
from thought.microworld.frames import parse_key
from thought.microworld.reader import Options, parse_options
from thought.microworld.tongue import Tongue, load_tongue
from thought.microworld.wording import wordings
from thought.microworld.world import load_world
from thought.rehearsal import Listener, Sample
from thought.runs import read_config
from thought.space import Space
from thought.training import train
from thought.translator import Translator

TESTED = 300  # meanings of each side that is tested
BETWEEN_MOMENTS = 1.0  # seconds of training between two looks at how far it is
ENDS = ("intransitive verb=sleep agent=dog place=garden", "transitive verb=bake agent=woman patient=cake tense=past")


class Witness(Listener):
    """Told what happens in the lesson, chapter by chapter; does nothing."""

    def chapter(self, title: str) -> None:
        """Hear that a chapter begins."""

    def examples(self, examples: Sequence[Example]) -> None:
        """Hear five meanings in all their wordings."""

    def moment(self, moment: Moment, watched: Mapping[str, str]) -> None:
        """Hear how far the model is, and which sentence is watched: from, to, source, plain (a true wording)."""


@dataclass
class _Watch(Listener):
    """Passes on what training tells, and makes moments of it: often how near translations are, at times BLEU too."""

    witness: Witness
    moments: list[Moment]
    watched: dict[str, str]

    def note(self, text: str) -> None:
        self.witness.note(text)

    def progress(self, record: Mapping[str, float]) -> None:
        self.witness.progress(record)

    def snapshot(self, seconds: float, translator: Translator, probes: Space) -> None:
        if self.moments and seconds - self.moments[-1].seconds < BETWEEN_MOMENTS:
            return
        codes = tuple(dict.fromkeys(probes.languages))  # a meaning is a row in each of them
        pairs = [probes.pair(source, target) for source, target in permutations(codes, 2)]
        near = [retrieval_accuracy(probes.thoughts[there], probes.thoughts[back]) for there, back in pairs]
        self._watch(codes[0], codes[1], probes.texts[0], probes.texts[1])
        written = translator.decode(probes.thoughts[:1], codes[1])[0]
        found = float(np.mean(near))
        self._keep(Moment(step=translator.step, seconds=seconds, translation=written, p_at_1=found, bleu=None))

    def evaluation(self, record: Mapping[str, Any], samples: Sequence[Sample]) -> None:
        self.witness.evaluation(record, samples)
        if self.moments and self.moments[-1].step == record["step"]:
            if self.moments[-1].bleu is not None:
                return  # the last weights, beside their average
            self.moments.pop()
        sample, facts = samples[0], {name: float(record[name]) for name in ("seconds", "p_at_1", "bleu")}
        source, target = sample.direction.split("-")
        self._watch(source, target, sample.source, sample.reference)
        self._keep(Moment(step=record["step"], translation=sample.translation, **facts))

    def _watch(self, source: str, target: str, text: str, plain: str) -> None:
        self.watched.update({"from": source, "to": target, "source": text, "plain": plain})

    def _keep(self, moment: Moment) -> None:
        self.moments.append(moment)
        self.witness.moment(moment, self.watched)


def recipe(seed: int = 1, overrides: Sequence[str] = ()) -> Config:
    """Return the settings of the demo, with this seed."""
    return load_config("demo", [f"training.seed={seed}", *overrides])


def remembered(folder: Path, config: Config) -> Results | None:
    """Return the results of an earlier demo with the same settings, None if there are none."""
    with suppress(ScoringError):
        results = load_results(folder)
        if results.settings == to_dict(config) and results.version == __version__ and (folder / "config.json").exists():
            return results
    return None


def is_begun(folder: Path, config: Config) -> bool:
    """Whether a folder holds a lesson with these settings that was interrupted."""
    with suppress(CheckpointError):
        return read_config(folder) == config
    return False


def hold_lesson(
    folder: Path, config: Config, witness: Witness | None = None, *, resume: bool = False, tested: int = TESTED
) -> Results:
    """Train a translator of the microworld in a run folder, measure it, and keep what was found.

    Parameters
    ----------
    folder : Path
        Of the run; it must hold none yet.
    config : Config
        Of `recipe`.
    witness : Witness, optional
        Told what happens.
    resume : bool
        Go on with a lesson that was interrupted.
    tested : int
        Meanings of each side that is tested.

    Returns
    -------
    Results
        As they stand in `folder/demo.json`.

    Raises
    ------
    ThoughtError
        As `thought.training.train`.
    KeyboardInterrupt
        After Ctrl-C; what was learned is saved, and `resume` goes on from there.
    """
    witness = witness or Witness()
    began = time.monotonic()
    world = load_world()
    corpus = open_corpus(config.data.corpus, languages=config.data.languages)
    tongues = [load_tongue(code) for code in corpus.languages]  # in the order of the corpus
    details = _options(config).details
    exams = {side: set_exam(world, tongues, side, tested, details) for side in ("test", "test_compositional")}
    witness.chapter(CHAPTERS[0])
    witness.examples(give_examples(exams["test"]))
    witness.chapter(CHAPTERS[1])
    watch = _Watch(witness, [], dict.fromkeys(("from", "to", "source", "plain"), ""))
    outcome = train(config, folder, corpus=corpus, resume=resume, listener=watch)
    if outcome.stopped == "interrupted":
        raise KeyboardInterrupt
    witness.chapter(CHAPTERS[2])
    witness.note(f"translating {tested} unseen meanings and {tested} new combinations in every direction")
    trained = time.monotonic()
    seconds = {"preparing": trained - began - outcome.seconds, "training": outcome.seconds, "measuring": 0.0}
    results = _measured(Translator.load(folder, device=config.training.device), config, exams, tongues, watch, seconds)
    seconds["measuring"] = time.monotonic() - trained
    save_results(results, folder)
    return results


def _measured(
    translator: Translator,
    config: Config,
    exams: Mapping[str, Exam],
    tongues: Sequence[Tongue],
    watch: _Watch,
    seconds: dict[str, float],
) -> Results:
    """Measure all that is shown; `seconds` is kept as it is, to be filled in."""
    world, seed = load_world(), config.training.seed
    seen = exams["test"]
    return Results(
        version=__version__,
        seed=seed,
        languages=[tongue.code for tongue in tongues],
        machine=f"{torch.get_num_threads()} threads, {str(translator.precision).removeprefix('torch.')}",
        settings=to_dict(config),
        weights=sum(weight.numel() for weight in translator.model.parameters()),
        thought_size=config.model.thought_size,
        seconds=seconds,
        train_meanings=_options(config).size,
        world_meanings=world.count(_options(config).details),
        examples=give_examples(seen),
        watched=watch.watched,
        moments=watch.moments,
        sides={side: sit(translator, exam, world, tongues) for side, exam in exams.items()},
        floors=measure_floors(translator, seen, seed),
        cheating=cheat(translator, seen, tongues, seed),
        walk=walk(translator, *_plain(tongues[0])),
        maps=draw_maps(translator, seen, seed),
    )


def _options(config: Config) -> Options:
    """Return what the name of the corpus asks of the world."""
    return parse_options(config.data.corpus.partition(":")[2])


def _plain(tongue: Tongue) -> tuple[str, str]:
    """Return the ends of the walk in a language."""
    start, end = (wordings(parse_key(key), tongue)[0].text for key in ENDS)
    return start, end
