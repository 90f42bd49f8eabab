"""What the demo found out, as one JSON file: the page and the terminal only show it.

`demo.json` lies in the run's folder; a file of another schema is made again.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thought.checkpoint import save_bytes
from thought.errors import ScoringError

SCHEMA = 1
FILE = "demo.json"
CHAPTERS = (
    "A small world, said in many ways",
    "Learning to say it through one vector",
    "What it can say now",
    "From one thought to another",
    "A page to keep",
)

Direction = str  # "en-de"


@dataclass(frozen=True, kw_only=True)
class Example:
    """One meaning in all its wordings."""

    frame: dict[str, str]  # slot -> value
    sentences: dict[str, list[str]]  # language -> true wordings, the plain one first


@dataclass(frozen=True, kw_only=True)
class Moment:
    """How far the model was at one step of training."""

    step: int
    seconds: float  # since training began
    translation: str  # of the sentence that is watched
    p_at_1: float  # 0 to 1, over dev meanings, mean of all directions
    bleu: float | None  # 0 to 100, on dev, as training measures it, one reference; None where it was not measured


@dataclass(frozen=True, kw_only=True)
class Side:
    """Scores on meanings never trained on, direction by direction."""

    meanings: int
    bleu: dict[Direction, float]  # 0 to 100, all true wordings as references
    chrf: dict[Direction, float]  # 0 to 100, same
    accuracy: dict[Direction, float]  # 0 to 1: share of outputs that are a true wording of the right meaning
    p_at_1: dict[Direction, float]  # 0 to 1; chance is 1 / meanings
    lost: dict[str, int]  # slot -> wrong outputs that differ in it alone; "several slots" for the rest
    judged: int  # wrong outputs looked at
    paraphrase_map: float  # 0 to 1, mean average precision at R over wordings of all languages
    paraphrase_chance: float
    signatures: dict[str, str]  # "bleu", "chrf" -> sacrebleu signature
    samples: list[dict[str, str]]  # "from", "to", "source", "output", "plain" (a true wording), "lost" ("" if right)


@dataclass(frozen=True, kw_only=True)
class Walk:
    """Thoughts on the way from one sentence to another, decoded."""

    start: str
    end: str
    steps: list[dict[str, Any]]  # "share" in [0, 1], and a sentence for each language


@dataclass(frozen=True, kw_only=True)
class Map:
    """Thoughts on the plane."""

    method: str  # "PCA" or "t-SNE"
    moment: str  # "before" or "after" training
    points: list[list[float]]  # (N, 2)
    languages: list[str]  # of each point
    groups: list[int]  # meaning of each point
    texts: list[str]
    trustworthiness: float  # 0 to 1, of the 10 nearest neighbours (Venna & Kaski 2001)
    p_at_1: float  # of translations on the map itself
    shuffled: float  # trustworthiness of the same map with its points dealt out at random: what chance gives


@dataclass(frozen=True, kw_only=True)
class Results:
    """All the demo shows."""

    version: str  # of the package
    seed: int
    languages: list[str]
    machine: str  # cores, precision
    settings: dict[str, Any]  # of the run
    weights: int
    thought_size: int
    seconds: dict[str, float]  # "preparing", "training", "measuring"
    train_meanings: int
    world_meanings: int  # all there are with as many details
    examples: list[Example]
    watched: dict[str, str]  # "from", "to", "source", "plain"
    moments: list[Moment]
    sides: dict[str, Side]  # "test", "test_compositional"
    floors: dict[str, float]  # what needs no thought: "untrained_p_at_1", "tfidf_p_at_1", "untrained_map"
    cheating: dict[str, float]  # "shuffled_accuracy", "shuffled_bleu", "blank_accuracy"
    walk: Walk
    maps: list[Map] = field(default_factory=list)
    schema: int = SCHEMA


def save_results(results: Results, folder: Path) -> Path:
    """Write the results into a run's folder, whole or not at all."""
    path = folder / FILE
    save_bytes(path, json.dumps(dataclasses.asdict(results), ensure_ascii=False, indent=1).encode())
    return path


def load_results(folder: Path) -> Results:
    """Read what `save_results` wrote.

    Raises
    ------
    ScoringError
        If there is nothing, or it is of another schema or damaged.
    """
    path = folder / FILE
    try:
        values = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ScoringError(f"no results of a demo in {folder}: {error.strerror}") from error
    except ValueError as error:
        raise ScoringError(f"{path} is damaged: {error}; run the demo with --fresh") from error
    if not isinstance(values, dict) or values.get("schema") != SCHEMA:
        raise ScoringError(f"{path} is not of schema {SCHEMA}; run the demo with --fresh")
    try:
        sides = {name: Side(**side) for name, side in values.pop("sides").items()}
        return Results(
            examples=[Example(**item) for item in values.pop("examples")],
            moments=[Moment(**item) for item in values.pop("moments")],
            walk=Walk(**values.pop("walk")),
            maps=[Map(**item) for item in values.pop("maps")],
            sides=sides,
            **values,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ScoringError(f"{path} is damaged: {error}; run the demo with --fresh") from error
