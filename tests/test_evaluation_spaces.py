"""Parts of a report that look at thoughts alone, on a space whose numbers are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from spaces import small_space

from thought.errors import ScoringError
from thought.evaluation import spaces
from thought.evaluation.parts import World
from thought.floors import RandomVectors
from thought.space import Space

SPACE = small_space(30, ("en", "de"))


def world(space: Space = SPACE, wordings: Space | None = None) -> World:
    nothing: Any = None
    floor = space.with_thoughts(RandomVectors().encode(space.texts))
    how: Any = (None, 1, ("13a",), False, 1, lambda *_: None)
    return World(nothing, [], space, {"random vectors": floor}, None, wordings, {}, *how)


def test_retrieval_has_every_direction_and_its_floor() -> None:
    part = spaces.retrieval(world())
    assert set(part.values["pairs"]) == {"en-de", "de-en"}
    assert part.values["pairs"]["en-de"]["p_at_1"] == 1
    assert part.values["floors"]["random vectors"]["en-de"] < 0.3
    assert "100.0 % of cases" in part.sentence
    assert part.tables[0].rows == (("en", None, 100.0), ("de", 100.0, None))
    part.figures["retrieval"](theme="dark")


def test_one_language_has_no_translations() -> None:
    for part in (spaces.retrieval, spaces.calibration):
        with pytest.raises(ScoringError, match="two languages"):
            part(world(small_space(5, ("en",))))


def test_paraphrases_are_looked_for_within_across_and_among_all() -> None:
    rich = small_space(12, ("en", "de"), wordings=3)
    found = spaces.paraphrases(world(rich, rich)).values["retrieval"]["thoughts"]
    assert set(found) == {"en", "de", "en in de", "de in en", "all"}
    assert all(one["map_at_r"] == 1 for one in found.values())
    with pytest.raises(ScoringError, match="two wordings"):
        spaces.paraphrases(world())


def test_clusters_are_told_from_floors() -> None:
    values = spaces.clusters(world()).values
    assert values["by_vectors"]["thoughts"]["purity"] == 1
    assert values["by_vectors"]["random vectors"]["purity"] < 0.2
    assert sum(values["spectrum"]) == pytest.approx(1)
    assert values["components_for_share_of_variance"]["50%"] <= values["components_for_share_of_variance"]["90%"]


def test_a_language_that_is_a_shift_is_gone_with_the_means() -> None:
    shift = np.where(np.array(SPACE.languages)[:, None] == "de", 60.0, 0.0) * np.eye(8)[:1]
    part = spaces.language(world(SPACE.with_thoughts((SPACE.thoughts + shift).astype(np.float32))))
    assert part.values["probe"]["before"]["score"] > 0.95
    assert part.values["probe"]["after"]["score"] < 0.8
    assert part.values["p_at_1"]["after"] >= part.values["p_at_1"]["before"]


def test_calibration_draws_the_line_between_pairs_that_say_the_same_and_others() -> None:
    part = spaces.calibration(world())
    assert part.values["translations"]["auc"] > 0.99
    assert "paraphrases" not in part.values
    part.figures["cosines"](theme="light")


def test_probes_read_what_is_there_and_name_what_cannot_be_asked() -> None:
    texts = tuple(f"{'a dog' if row % 2 else 'a man'} number {row}" for row in range(60))
    thoughts = np.random.default_rng(1).standard_normal((60, 6)).astype(np.float32)
    thoughts[:, 0] = [4 * (row % 2) for row in range(60)]
    part = spaces.probes(world(Space(texts, ("en",) * 60, np.arange(60), thoughts)))
    assert part.values["probes"]["dog"]["score"] > 0.95
    assert "dog" in part.sentence
