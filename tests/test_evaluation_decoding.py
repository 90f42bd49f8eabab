"""Parts of a report that need the decoder, on a translator that knows its world by heart."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from test_evaluation_report import MEANINGS, Knows

from thought.errors import ScoringError
from thought.evaluation import decoding
from thought.evaluation.parts import World
from thought.floors import CharacterTfidf
from thought.space import encode_meanings

SPACE = encode_meanings(Knows(), MEANINGS)


def world(**changes: Any) -> World:
    plain = World(Knows(), MEANINGS, SPACE, {}, None, None, {}, None, 1, ("13a",), False, 1, lambda *_: None)
    return replace(plain, **changes)


def test_translations_are_scored_in_all_directions_with_signatures() -> None:
    part = decoding.translation(world())
    assert set(part.values["directions"]) == {"en-de", "de-en"}
    assert all(one["scores"]["13a"]["bleu"]["value"] > 95 for one in part.values["directions"].values())
    assert sum(note.startswith("BLEU: nrefs:1|") for note in part.notes) == 1


def test_intervals_stand_beside_the_scores() -> None:
    part = decoding.translation(world(confidence=True, directions=("en-de",)))
    (table,) = part.tables
    assert re.fullmatch(r"9\d\.\d \[9\d\.\d, 100\.0\]", str(table.rows[0][2]))


def test_the_cheating_meter_is_read_both_ways() -> None:
    part = decoding.cheating(world())
    assert set(part.values) == {"en-de", "de-en"}
    assert part.sentence.startswith("en-de: The decoder reads its thought")
    assert len(part.figures["cheating"](theme="light").axes) == 3


def test_the_cheating_meter_keeps_to_the_directions_asked_for() -> None:
    assert set(decoding.cheating(world(directions=("de-en",))).values) == {"de-en"}
    with pytest.raises(ScoringError, match="a direction"):
        decoding.cheating(world(directions=("de-de",)))


def test_maps_say_how_far_to_believe_them_and_have_a_control() -> None:
    part = decoding.mapped(world())
    assert set(part.values) == {"pca", "tsne"}
    assert part.values["tsne"]["p_at_1"] == 1
    figure = part.figures["tsne"](theme="dark")
    assert len(figure.axes) == 2
    assert "trustworthiness" in figure.get_supxlabel()


def test_near_misses_stand_beside_what_knows_nothing() -> None:
    floors = {"character TF-IDF": SPACE.with_thoughts(CharacterTfidf(SPACE.texts).encode(SPACE.texts))}
    part = decoding.swaps(world(floors=floors))
    (table,) = part.tables
    assert table.columns[3:5] == ("nearer, %", "character TF-IDF")
    assert {row[0] for row in table.rows} >= {"colour"}
    assert set(part.values["floors"]) == {"character TF-IDF"}
