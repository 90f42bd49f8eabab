"""Results of a demo nobody ran: real sentences of the microworld, and numbers that are made up."""

from __future__ import annotations

from functools import cache
from itertools import islice, permutations

import numpy as np

from thought.demo.results import Example, Map, Moment, Results, Side, Walk
from thought.microworld.frames import Frame, parse_key
from thought.microworld.tongue import load_tongue
from thought.microworld.wording import plans, wordings
from thought.microworld.world import load_world

CODES = ("en", "de", "fr", "cs")
DIRECTIONS = tuple("-".join(pair) for pair in permutations(CODES, 2))
KEYS = (
    "giving verb=show agent=farmer agent.count=three patient=car patient.adjective=red recipient=woman tense=past",
    "motion verb=travel agent=woman agent.count=four goal=school vehicle=by_train",
    "comparison verb=be agent=queen dimension=old standard=woman mood=question",
    "transitive verb=look_for agent=girl patient=fox",
    "instrumental verb=open agent=girl patient=box instrument=key time=sunday tense=past polarity=negative",
)
WATCHED = (
    "giving verb=give agent=king patient=hat patient.count=four recipient=cook recipient.adjective=young tense=past"
)
LEARNING = (
    "Die die die die die.",
    "Der Koch hat den Koch.",
    "Der König gab dem Koch.",
    "Der König gab dem alten Koch den Hut.",
    "Der König gab dem jungen Koch zwei Hüte.",
    "Der König gab dem jungen Koch die vier Hüte.",
)


@cache
def say(frame: Frame, code: str) -> list[str]:
    return [wording.text for wording in wordings(frame, load_tongue(code))]


def side_of(meanings: int, accuracy: float, seed: int) -> Side:
    rng = np.random.default_rng(seed)
    spread = {name: float(value) for name, value in zip(DIRECTIONS, rng.normal(size=len(DIRECTIONS)), strict=True)}
    wrong = [
        ("en", "de", "The girl is looking for the fox.", "Das Mädchen sucht den Hund.", "patient"),
        (
            "cs",
            "en",
            "Čtyři ženy jedou vlakem do školy.",
            "The three women are going to school by train.",
            "agent.count",
        ),
        ("fr", "de", "La reine est plus âgée que la femme.", "Die Königin war älter als die Frau.", "tense"),
        ("de", "fr", "Das Mädchen sucht den Fuchs.", "La fille la boîte la clé.", "several slots"),
        ("en", "fr", "The girl is looking for the fox.", "La fille cherche le renard.", ""),
        ("de", "en", "Die vier Frauen fahren mit dem Zug zur Schule.", "The four women go to school by train.", ""),
    ]
    plain = ["Das Mädchen sucht den Fuchs.", "The four women are going to school by train.",
             "Die Königin ist älter als die Frau.", "La fille cherche le renard.", "La fille cherche le renard.",
             "The four women are going to school by train."]  # fmt: skip
    samples = [
        {"from": one, "to": other, "source": source, "output": output, "plain": true, "lost": lost}
        for (one, other, source, output, lost), true in zip(wrong, plain, strict=True)
    ]
    return Side(
        meanings=meanings,
        bleu={name: 100 - 35 * (1 - accuracy) + 0.4 * value for name, value in spread.items()},
        chrf={name: 100 - 25 * (1 - accuracy) + 0.2 * value for name, value in spread.items()},
        accuracy={name: min(1.0, accuracy + 0.015 * value) for name, value in spread.items()},
        p_at_1={name: min(1.0, 0.996 - 0.02 * (1 - accuracy) + 0.001 * value) for name, value in spread.items()},
        lost={"patient": 31, "agent.count": 22, "verb": 19, "tense": 9, "recipient.adjective": 6, "several slots": 13},
        judged=100,
        paraphrase_map=0.97 - 0.3 * (1 - accuracy),
        paraphrase_chance=0.004,
        signatures={
            "bleu": "nrefs:var|case:mixed|eff:no|tok:13a|smooth:exp|version:0.0.0",
            "chrf": "nrefs:var|case:mixed|eff:yes|nc:6|nw:0|space:no|version:0.0.0",
        },
        samples=samples,
    )


@cache
def space_of_texts(count: int) -> tuple[list[str], list[str], list[int]]:
    frames = list(islice(load_world().frames(5, "test"), count))
    rows = [
        (next(plans(frame, load_tongue(code))).say().text, code, group)
        for group, frame in enumerate(frames)
        for code in CODES
    ]
    texts, codes, groups = zip(*rows, strict=True)
    return list(texts), list(codes), list(groups)


def maps_of(count: int) -> list[Map]:
    texts, codes, groups = space_of_texts(count)
    rng = np.random.default_rng(3)
    language = np.array([CODES.index(code) for code in codes])
    centres = rng.normal(size=(8, 2)) * 3
    meaning = centres[rng.integers(0, 8, count)] + rng.normal(size=(count, 2)) * 0.9
    noise = rng.normal(size=(len(texts), 2))
    turns, radii = np.arange(count) * 2.39996, np.sqrt(np.arange(count) / 8)
    disc = np.stack([radii * np.cos(turns), radii * np.sin(turns)], axis=1)
    corners = np.array([[0, 3], [3, 0], [-2, -2], [1.5, -2.5]])
    drawn = {
        ("PCA", "before"): (corners[language] + 1.1 * noise, 0.61, 0.004),
        ("PCA", "after"): (meaning[groups] + 0.12 * noise, 0.83, 0.21),
        ("t-SNE", "after"): (disc[groups] + 0.05 * noise, 0.975, 0.993),
    }
    return [
        Map(method=method, moment=moment, points=points.tolist(), languages=codes, groups=groups, texts=texts,
            trustworthiness=trust, p_at_1=share, shuffled=0.5)
        for (method, moment), (points, trust, share) in drawn.items()
    ]  # fmt: skip


def walk_of() -> Walk:
    start = parse_key("transitive verb=wash agent=woman patient=car tense=past")
    steps = [start, start, start.changed("agent", "girl"), start.changed("agent", "girl").changed("patient", "cup")]
    steps.append(steps[-1].changed("tense", "present"))
    return Walk(
        start=say(steps[0], "en")[0],
        end=say(steps[-1], "en")[0],
        steps=[
            {"share": place / (len(steps) - 1), **{code: say(frame, code)[0] for code in CODES}}
            for place, frame in enumerate(steps)
        ],
    )


def moments_of() -> list[Moment]:
    shares = np.linspace(0, 1, 24)
    return [
        Moment(step=int(1 + 90 * place), seconds=float(6.0 * place), bleu=float(96 * share**1.6) if place % 2 else None,
               p_at_1=float(min(0.999, 0.02 + share**0.5)), translation=LEARNING[min(len(LEARNING) - 1, place // 3)])
        for place, share in enumerate(shares)
    ]  # fmt: skip


def fake_results(count: int = 12, **changes) -> Results:
    """Results with `count` meanings on the maps; any field can be changed by name."""
    watched = parse_key(WATCHED)
    examples = [
        Example(frame=parse_key(key).labels(), sentences={code: say(parse_key(key), code) for code in CODES})
        for key in KEYS
    ]
    values = {
        "version": "0.0.0", "seed": 1, "languages": list(CODES), "machine": "2 cores of nothing, bf16",
        "settings": {"model": {"encoder": "gru", "thought_size": 256}, "data": {"corpus": "microworld:size=50000"}},
        "weights": 1_234_567, "thought_size": 256,
        "seconds": {"preparing": 11.0, "training": 138.0, "measuring": 21.5},
        "train_meanings": 50_000, "world_meanings": 25_189_590_177,
        "examples": examples,
        "watched": {"from": "en", "to": "de", "source": say(watched, "en")[0], "plain": say(watched, "de")[0]},
        "moments": moments_of(),
        "sides": {"test": side_of(1000, 0.94, 1), "test_compositional": side_of(1000, 0.77, 2)},
        "floors": {"untrained_p_at_1": 0.031, "tfidf_p_at_1": 0.127, "untrained_map": 0.052},
        "cheating": {"shuffled_accuracy": 0.001, "shuffled_bleu": 5.6, "blank_accuracy": 0.0},
        "walk": walk_of(), "maps": maps_of(count),
    }  # fmt: skip
    return Results(**{**values, **changes})
