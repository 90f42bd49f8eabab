"""The scenes written by hand: whole, in four languages, with pairs that differ in one thing."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from thought.corpus import open_corpus
from thought.homes import data_file

CODES = ("en", "de", "fr", "cs")
TOPICS = {"street", "sport", "kitchen", "music", "animals", "water", "work", "play"}
PATH = data_file("scenes.jsonl")
LINES = PATH.read_text("utf-8").removesuffix("\n").split("\n")
ROWS = [json.loads(line) for line in LINES]
SCENES = [row for row in ROWS if "contrast" not in row]
PAIRS = {row["scene"]: row for row in ROWS if "contrast" in row}
SENTENCES = {code: [text for row in ROWS for text in row[code]] for code in CODES}


def test_there_are_as_many_as_were_promised():
    assert len(SCENES) >= 240
    assert len(PAIRS) >= 2 * 60
    assert len(SCENES) + len(PAIRS) == len(LINES)


def test_a_line_has_its_columns_and_nothing_else():
    assert {tuple(row) for row in SCENES} == {("scene", "topic", *CODES)}
    assert {tuple(row) for row in PAIRS.values()} == {("scene", "topic", "contrast", "changes", *CODES)}


def test_names_are_given_once_and_say_the_topic():
    assert max(Counter(row["scene"] for row in ROWS).values()) == 1
    assert all(row["scene"].startswith(f"{row['topic']}-") for row in ROWS)


def test_every_topic_has_its_share():
    of_topics = Counter(row["topic"] for row in SCENES)
    assert set(of_topics) == TOPICS
    assert min(of_topics.values()) >= 30


def test_a_scene_is_said_in_two_or_three_ways():
    assert {len(row[code]) for row in SCENES for code in CODES} <= {2, 3}


def test_pairs_point_at_each_other_and_change_the_same():
    for name, row in PAIRS.items():
        other = PAIRS[row["contrast"]]
        assert name != row["contrast"]
        assert (other["contrast"], other["changes"], other["topic"]) == (name, row["changes"], row["topic"])
        assert {len(row[code]) for code in CODES} <= {1, 2}


def test_pairs_change_one_kind_of_thing():
    changes = Counter(row["changes"] for row in PAIRS.values())
    assert {"colour", "number", "actor", "relation"} <= set(changes)
    assert len(changes) <= 8
    assert all(count % 2 == 0 for count in changes.values())


def test_the_two_of_a_pair_share_most_words_and_not_all():
    for row in PAIRS.values():
        for code in CODES:
            one, other = row[code][0].split(), PAIRS[row["contrast"]][code][0].split()
            assert one != other
            assert (Counter(one) & Counter(other)).total() >= 0.3 * min(len(one), len(other)), row["scene"]


@pytest.mark.parametrize("code", CODES)
def test_no_sentence_comes_twice(code):
    twice = [text for text, count in Counter(SENTENCES[code]).items() if count > 1]
    assert not twice


@pytest.mark.parametrize("code", CODES)
def test_sentences_begin_with_a_capital_and_end_in_a_full_stop(code):
    for text in SENTENCES[code]:
        assert text[0].isupper(), text
        assert text.endswith("."), text
        assert text == " ".join(text.split()), text
        assert 3 <= len(text.split()) <= 40, text


def test_the_scenes_are_a_corpus():
    corpus = open_corpus(str(PATH))
    assert set(corpus.languages) == set(CODES)
    meanings = [meaning for split in corpus.splits for meaning in corpus.read(split)]
    assert len(meanings) == len(ROWS)
    said = {code: {text for meaning in meanings for text in meaning.sentences[code]} for code in CODES}
    assert said == {code: set(SENTENCES[code]) for code in CODES}
    assert next(open_corpus(str(PATH), languages=["fr"]).read("train")).sentences.keys() == {"fr"}
