"""Rows to sides: official ones kept, missing ones cut, nothing on two sides, nothing lost."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thought.errors import CorpusError
from thought.partition import DUPLICATES, HELD_OUT, HELD_OUT_SENTENCES, REPEATED, Partition
from thought.rows import EMPTY, Row, Source
from thought.splits import check_no_leak, split_of

BOTH = ("de", "en")


def source_of(rows: list[Row | str]) -> Source:
    return Source("rows", ("de", "en"), lambda: iter(rows))


def pair(german: str, english: str) -> Row:
    return {"de": (german,), "en": (english,)}


def read_all(partition: Partition) -> tuple[dict[str, list[tuple[str, Row]]], Counter[str]]:
    """Return the (key, row) pairs of every split, and all reasons with their counts."""
    sides: dict[str, list[tuple[str, Row]]] = {}
    reasons: Counter[str] = Counter()
    for split in partition.splits:
        sides[split] = []
        for item in partition.read(split, reasons):
            if isinstance(item, str):
                reasons[item] += 1
            else:
                sides[split].append(item)
    return sides, reasons


def sentences_of(sides: dict[str, list[tuple[str, Row]]]) -> dict[str, list[str]]:
    return {name: [text for _, row in rows for texts in row.values() for text in texts] for name, rows in sides.items()}


WORDS = st.sampled_from([f"word {number}" for number in range(30)])
ROWS = st.lists(st.one_of(st.just(EMPTY), st.builds(pair, WORDS, WORDS)), max_size=25).map(
    lambda rows: [pair("a", "b"), *rows]
)


@settings(deadline=None, max_examples=40)
@given(ROWS, st.integers(0, 100))
def test_no_sentence_stands_on_two_sides_and_no_line_is_lost(rows: list[Row | str], seed: int) -> None:
    sides, reasons = read_all(Partition({"train": source_of(rows)}, BOTH, seed, 0.3, 0.3))
    check_no_leak(sentences_of(sides))
    assert sum(map(len, sides.values())) + reasons.total() == len(rows)
    found = [row for part in sides.values() for _, row in part]
    unique = {repr(row) for row in rows if not isinstance(row, str)}
    assert sorted(map(repr, found)) == sorted(unique)  # every meaning in exactly one split
    for split, part in sides.items():
        assert all(split_of(key, seed, 0.3, 0.3) == split for key, _ in part)


@settings(deadline=None, max_examples=40)
@given(ROWS, st.lists(st.builds(pair, WORDS, WORDS), min_size=1), st.lists(st.builds(pair, WORDS, WORDS), min_size=1))
def test_official_sides_do_not_leak_either(train: list[Row | str], dev: list[Row], test: list[Row]) -> None:
    sources = {"train": source_of(train), "val": source_of([*dev]), "test_2016": source_of([*test])}
    sides, reasons = read_all(Partition(sources, BOTH, 1, 0.3, 0.3))
    check_no_leak(sentences_of(sides))
    assert [row for _, row in sides["test_2016"]] == test
    assert sum(map(len, sides.values())) + reasons.total() == len(train) + len(dev) + len(test)


@settings(deadline=None, max_examples=40)
@given(ROWS, st.lists(st.builds(pair, WORDS, WORDS), min_size=1), st.integers(0, 20))
def test_a_dev_side_cut_beside_an_official_test_does_not_leak(
    rows: list[Row | str], test: list[Row], seed: int
) -> None:
    partition = Partition({"train": source_of(rows), "test": source_of([*test])}, BOTH, seed, 0.3, 0.3)
    assert partition.splits == ("train", "test", "dev")
    sides, reasons = read_all(partition)
    check_no_leak(sentences_of(sides))
    assert [row for _, row in sides["test"]] == test
    assert sum(map(len, sides.values())) + reasons.total() == len(rows) + len(test)


def test_the_order_of_lines_does_not_change_the_sides() -> None:
    rows: list[Row | str] = [pair(f"de {n // 2}", f"en {n}") for n in range(60)]
    forward, _ = read_all(Partition({"train": source_of(rows)}, BOTH, 1, 0.3, 0.3))
    backward, _ = read_all(Partition({"train": source_of(rows[::-1])}, BOTH, 1, 0.3, 0.3))
    assert {name: sorted(map(repr, part)) for name, part in forward.items()} == {
        name: sorted(map(repr, part)) for name, part in backward.items()
    }
    assert all(forward.values())


def test_official_splits_have_the_line_as_key() -> None:
    sources = {name: source_of([EMPTY, pair(name, f"{name} en")]) for name in ("train", "val", "test")}
    sides, reasons = read_all(Partition(sources, BOTH, 1, 0.3, 0.3))
    assert {name: [key for key, _ in part] for name, part in sides.items()} == {
        "train": ["train:2"],
        "val": ["val:2"],
        "test": ["test:2"],
    }
    assert reasons == {EMPTY: 3}


def test_train_loses_what_stands_in_dev_or_test_and_its_duplicates() -> None:
    sources = {
        "train": source_of([pair("a", "b"), pair("a", "b"), pair("c", "d"), pair("e", "g")]),
        "val": source_of([pair("c", "x")]),
        "test": source_of([pair("y", "g"), pair("y", "g")]),
    }
    sides, reasons = read_all(Partition(sources, BOTH, 1, 0.3, 0.3))
    assert [key for key, _ in sides["train"]] == ["train:1"]
    assert len(sides["test"]) == 2  # a test set is never touched
    assert reasons == {DUPLICATES: 1, HELD_OUT: 2}


def test_a_paraphrase_that_is_held_out_goes_and_its_meaning_stays() -> None:
    many: Row = {"de": ("a", "a", "c"), "en": ("b",)}
    sources = {"train": source_of([many]), "val": source_of([pair("x", "y")]), "test": source_of([pair("c", "d")])}
    sides, reasons = read_all(Partition(sources, BOTH, 1, 0.0, 0.0))
    assert sides["train"] == [("train:1", {"de": ("a",), "en": ("b",)})]
    assert reasons == {REPEATED: 1, HELD_OUT_SENTENCES: 1}


def test_a_test_set_alone_is_a_corpus() -> None:
    assert Partition({"test": source_of([pair("a", "b")])}, BOTH, 1, 0.02, 0.02).splits == ("test",)


def test_one_chain_of_most_lines_stays_in_train() -> None:
    rows: list[Row | str] = [pair("Ja.", f"answer {n}") for n in range(150)] + [
        pair(f"d{n}", f"e{n}") for n in range(50)
    ]
    for seed in range(10):
        sides, _ = read_all(Partition({"train": source_of(rows)}, BOTH, seed, 0.3, 0.3))
        assert len(sides["train"]) >= 150


def test_bad_shares_are_refused_before_reading() -> None:
    with pytest.raises(CorpusError, match="must leave some for training"):
        Partition({"train": source_of([])}, BOTH, 1, 0.6, 0.6)
