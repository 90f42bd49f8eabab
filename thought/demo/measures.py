"""A translator of the microworld -> scores on meanings it never saw, beside what chance and floors give."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from thought.cheating import derange
from thought.demo.results import Example, Map, Side, Walk
from thought.floors import CharacterTfidf
from thought.geometry.paraphrases import retrieve_paraphrases
from thought.geometry.retrieval import retrieval_accuracy
from thought.honesty import fitting_neighbours, fitting_perplexity, trust
from thought.microworld.frames import Frame
from thought.microworld.meanings import MeaningAccuracy, lost_slot, measure_meanings
from thought.microworld.sides import hashed
from thought.microworld.tongue import Tongue
from thought.microworld.wording import wordings
from thought.microworld.world import World
from thought.projection import Method, Projection
from thought.scoring import Score, score_alike
from thought.space import Encodes, Space
from thought.translator import Translator
from thought.walks import interpolate
from thought.workers import in_processes

SEARCH: dict[str, Any] = {"beam": 5, "reconstruction": 2.0}  # of what is scored, chosen on dev
WORDINGS = 3  # of a meaning and language, where paraphrases look for one another
MAPPED = 60  # meanings on a map: more is a cloud
SHOWN = 12  # translations to look at, half of them wrong where so many are


@dataclass(frozen=True)
class Exam:
    """Meanings to be tested on: every true wording, and the one that is asked."""

    frames: tuple[Frame, ...]
    true: Mapping[str, list[list[str]]]  # language -> meaning -> wordings, the plain one first
    asked: Mapping[str, list[str]]  # language -> one wording of each meaning, drawn by its key

    @property
    def directions(self) -> list[tuple[str, str]]:
        """All ordered pairs of languages."""
        return [(source, target) for source in self.true for target in self.true if source != target]

    def space(self, encoder: Encodes, count: int = 0, each: int = 1) -> Space:
        """Encode the asked wording of each meaning, or the first ones that are true."""
        rows = [
            (text, code, number)
            for number in range(min(count or len(self.frames), len(self.frames)))
            for code in self.true
            for text in ([self.asked[code][number]] if each == 1 else self.true[code][number][:each])
        ]
        texts, codes, numbers = zip(*rows, strict=True)
        return Space(texts, codes, np.array(numbers), encoder.encode(list(texts)))


def set_exam(world: World, tongues: Sequence[Tongue], side: str, count: int, details: int | None = None) -> Exam:
    """Draw the meanings of a side, of at most so many details, and the wording of each that is asked."""
    frames = tuple(islice(world.frames(0, side, details), count))
    true = {tongue.code: [[one.text for one in wordings(frame, tongue)] for frame in frames] for tongue in tongues}
    asked = {
        code: [texts[hashed(frame.key, code) % len(texts)] for frame, texts in zip(frames, rows, strict=True)]
        for code, rows in true.items()
    }
    return Exam(frames, true, asked)


def sit(translator: Translator, exam: Exam, world: World, tongues: Sequence[Tongue]) -> Side:
    """Score a translator: words, meanings, and the space between."""
    thoughts = {code: translator.encode(texts) for code, texts in exam.asked.items()}
    written = {pair: translator.decode(thoughts[pair[0]], pair[1], **SEARCH) for pair in exam.directions}
    judge = partial(_judge, written=written, exam=exam, world=world)
    judged = [pair for found in in_processes(judge, iter(tongues), block=1) for pair in found.items()]
    right = {name: accuracy for name, (_, accuracy) in judged}
    one, other = judged[0][1][0]
    several = exam.space(translator, each=WORDINGS)
    found = retrieve_paraphrases(several.thoughts, several.meanings)
    return Side(
        meanings=len(exam.frames),
        bleu={name: bleu.value for name, ((bleu, _), _) in judged},
        chrf={name: chrf.value for name, ((_, chrf), _) in judged},
        accuracy={name: one.accuracy for name, one in right.items()},
        p_at_1={f"{a}-{b}": retrieval_accuracy(thoughts[a], thoughts[b]) for a, b in exam.directions},
        lost=dict(sum((Counter(one.lost) for one in right.values()), Counter()).most_common()),
        judged=sum(one.judged for one in right.values()),
        paraphrase_map=found.map_at_r,
        paraphrase_chance=found.chance_map,
        signatures={"bleu": one.signature, "chrf": other.signature},
        samples=_samples(exam, written, world, tongues),
    )


def _judge(
    tongue: Tongue, *, written: Mapping[tuple[str, str], list[str]], exam: Exam, world: World
) -> dict[str, tuple[tuple[Score, Score], MeaningAccuracy]]:
    """Score what was written in a language: words by BLEU and chrF, and meanings."""
    true = exam.true[tongue.code]
    systems = {f"{source}-{target}": rows for (source, target), rows in written.items() if target == tongue.code}
    scores = score_alike(systems, true)
    return {
        name: (scores[name], measure_meanings(rows, exam.frames, tongue, world=world, true=true))
        for name, rows in systems.items()
    }


def _samples(
    exam: Exam, written: Mapping[tuple[str, str], list[str]], world: World, tongues: Sequence[Tongue]
) -> list[dict[str, str]]:
    """Choose translations to look at, in changing directions: half of them wrong where there are so many."""
    spoken = {tongue.code: tongue for tongue in tongues}
    right: list[dict[str, str]] = []
    wrong: list[dict[str, str]] = []
    for place, (source, target) in zip(range(len(exam.frames)), itertools.cycle(written)):
        output, true = written[source, target][place], exam.true[target][place]
        row = {"from": source, "to": target, "source": exam.asked[source][place], "output": output, "plain": true[0]}
        if output in true:
            right.append({**row, "lost": ""})
        elif len(wrong) < SHOWN // 2:
            wrong.append({**row, "lost": lost_slot(output, exam.frames[place], spoken[target], world)})
    return [*right[: SHOWN - len(wrong)], *wrong]


def cheat(translator: Translator, exam: Exam, tongues: Sequence[Tongue], seed: int) -> dict[str, float]:
    """Give the decoder another sentence's thought, or none: what it then gets right it knew by heart."""
    generator = np.random.default_rng(seed)
    other = derange(range(len(exam.frames)), generator)
    said, blank, bleu = [], [], []
    for source, tongue in zip((*exam.true, *exam.true), (*tongues[1:], tongues[0]), strict=False):
        thoughts, true = translator.encode(exam.asked[source]), exam.true[tongue.code]
        rows = translator.decode(thoughts[other], tongue.code, **SEARCH)
        said.append(measure_meanings(rows, exam.frames, tongue, true=true).accuracy)
        bleu.append(score_alike({"": rows}, true)[""][0].value)
        rows = translator.decode(np.zeros_like(thoughts[:1]), tongue.code, **SEARCH) * len(exam.frames)
        blank.append(measure_meanings(rows, exam.frames, tongue, true=true).accuracy)
    return {
        "shuffled_accuracy": float(np.mean(said)),
        "shuffled_bleu": float(np.mean(bleu)),
        "blank_accuracy": float(np.mean(blank)),
    }


def measure_floors(translator: Translator, exam: Exam, seed: int) -> dict[str, float]:
    """Measure what needs no learned thought: an encoder with random weights, and counts of characters."""
    untrained = exam.space(translator.untrained(seed), each=WORDINGS)
    counted = untrained.with_thoughts(CharacterTfidf(untrained.texts).encode(untrained.texts))
    found = {}
    for name, space in (("untrained", untrained), ("tfidf", counted)):
        pairs = [space.pair(a, b) for a, b in exam.directions]
        scores = [retrieval_accuracy(space.thoughts[one], space.thoughts[other]) for one, other in pairs]
        found[f"{name}_p_at_1"] = float(np.mean(scores))
        found[f"{name}_map"] = retrieve_paraphrases(space.thoughts, space.meanings).map_at_r
    return found


def draw_maps(translator: Translator, exam: Exam, seed: int) -> list[Map]:
    """Make the maps: PCA before and after training, and t-SNE after."""
    after = exam.space(translator, MAPPED)
    before = after.with_thoughts(translator.untrained(seed).encode(list(after.texts)))
    plans: list[tuple[Method, str, Space]] = [
        ("pca", "before", before),
        ("pca", "after", after),
        ("tsne", "after", after),
    ]
    return [_map(method, moment, space, seed) for method, moment, space in plans]


def _map(method: Method, moment: str, space: Space, seed: int) -> Map:
    k = fitting_neighbours(len(space))
    projection = Projection(method, seed=seed, perplexity=fitting_perplexity(len(space))).fit(space.thoughts)
    found = trust(projection, space, k=k)
    dealt = np.random.default_rng(seed).permutation(projection.points)  # the same points, each given to another
    control = trust(projection, space, points=dealt, k=k)
    return Map(
        method={"pca": "PCA", "tsne": "t-SNE"}[method],
        moment=moment,
        points=np.round(projection.points, 4).tolist(),
        languages=list(space.languages),
        groups=space.meanings.tolist(),
        texts=list(space.texts),
        trustworthiness=found.trustworthiness,
        p_at_1=found.p_at_1_map,
        shuffled=control.trustworthiness,
    )


def walk(translator: Translator, start: str, end: str, steps: int = 7) -> Walk:
    """Decode what lies between two sentences, in every language."""
    found = interpolate(translator, start, end, steps)
    shares = np.linspace(0, 1, steps).round(3).tolist()
    rows = [
        {"share": share, **{code: texts[row] for code, texts in found.texts.items()}}
        for row, share in enumerate(shares)
    ]
    return Walk(start=start, end=end, steps=rows)


def give_examples(exam: Exam, count: int = 5) -> list[Example]:
    """Choose meanings of different kinds, with all their wordings."""
    kinds: dict[str, int] = {}
    for number, frame in enumerate(exam.frames):
        kinds.setdefault(frame.kind, number)
    return [
        Example(frame=exam.frames[row].labels(), sentences={code: rows[row] for code, rows in exam.true.items()})
        for row in list(kinds.values())[:count]
    ]
