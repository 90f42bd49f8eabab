"""Rows that share a sentence are one group, however long the chain."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thought import groups
from thought.errors import CorpusError
from thought.groups import DUPLICATE, KEPT, LEAK, Buckets, Grouping, digest, unite
from thought.rows import EMPTY, Row, Source

BOTH = ("de", "en")


def source_of(pairs: list[tuple[str, str] | str]) -> Source:
    rows: list[Row | str] = [pair if isinstance(pair, str) else {"de": (pair[0],), "en": (pair[1],)} for pair in pairs]
    return Source("rows", BOTH, lambda: iter(rows))


def groups_by_hand(size: int, links: list[tuple[int, int]]) -> list[int]:
    """Slow and plain: give every row the least row it can reach."""
    found = list(range(size))
    for _ in range(size):
        for left, right in links:
            found[left] = found[right] = min(found[left], found[right])
    return found


LINKS = st.integers(1, 12).flatmap(
    lambda size: st.tuples(st.just(size), st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1))))
)


@settings(deadline=None, max_examples=50)
@given(LINKS)
def test_uniting_links_finds_the_groups_found_by_hand(drawn: tuple[int, list[tuple[int, int]]]) -> None:
    size, links = drawn
    parent = np.arange(size, dtype=np.int32)
    ends = np.array(links, np.int64).reshape(-1, 2)
    unite(parent, ends[:, 0], ends[:, 1])
    assert parent.tolist() == groups_by_hand(size, links)


@settings(deadline=None, max_examples=50)
@given(LINKS, st.integers(0, 20))
def test_links_may_come_in_two_parts(drawn: tuple[int, list[tuple[int, int]]], cut: int) -> None:
    size, links = drawn
    parent = np.arange(size, dtype=np.int32)
    for part in (links[:cut], links[cut:]):
        ends = np.array(part, np.int64).reshape(-1, 2)
        unite(parent, ends[:, 0], ends[:, 1])
    assert parent.tolist() == groups_by_hand(size, links)


def test_a_chain_of_a_hundred_thousand_is_one_group() -> None:
    size = 100_000
    order = np.random.default_rng(1).permutation(size)
    parent = np.arange(size, dtype=np.int32)
    unite(parent, order[:-1], order[1:])
    assert not parent.any()


def test_buckets_give_equal_hashes_together_with_their_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "CHUNK", 7)
    buckets = Buckets(tmp_path, "b")
    words = [f"word {number % 40}" for number in range(100)]
    for row, word in enumerate(words):
        buckets.add([digest(word)], row)
    found: dict[int, list[int]] = {}
    for hashes, rows in buckets.read():
        assert not set(hashes.tolist()) & found.keys()
        for hashed, row in zip(hashes.tolist(), rows.tolist(), strict=True):
            found.setdefault(hashed, []).append(row)
    expected = {int.from_bytes(digest(f"word {n}"), "little"): list(range(n, 100, 40)) for n in range(40)}
    assert found == expected
    buckets.remove()
    assert not list(tmp_path.iterdir())


def test_rows_that_share_a_sentence_share_the_group() -> None:
    grouping = Grouping(source_of([("a", "b"), ("c", "d"), ("e", "b"), ("e", "f"), "empty", ("d", "g")]), BOTH)
    names = [group for _, group, _ in grouping.read()]
    assert names[0] == names[2] == names[3]
    assert names[1] == names[5]
    assert names[0] != names[1]


def test_a_group_is_named_alike_in_any_order() -> None:
    pairs: list[tuple[str, str] | str] = [("a", "b"), ("c", "d"), ("e", "b"), ("e", "f")]
    forward = {repr(row): group for row, group, _ in Grouping(source_of(pairs), BOTH).read()}
    backward = {repr(row): group for row, group, _ in Grouping(source_of(pairs[::-1]), BOTH).read()}
    assert forward == backward


def test_the_second_of_equal_rows_is_a_duplicate() -> None:
    grouping = Grouping(source_of([("a", "b"), ("a", "c"), ("a", "b"), ("b", "a")]), BOTH)
    assert [mark for *_, mark in grouping.read()] == [KEPT, KEPT, DUPLICATE, KEPT]


def test_equal_rows_of_json_may_have_their_languages_in_any_order() -> None:
    rows: list[Row | str] = [{"de": ("a",), "en": ("b",)}, {"en": ("b",), "de": ("a",)}]
    grouping = Grouping(Source("rows", BOTH, lambda: iter(rows)), BOTH)
    assert [mark for *_, mark in grouping.read()] == [KEPT, DUPLICATE]


def test_a_row_with_a_held_out_sentence_leaks() -> None:
    grouping = Grouping(source_of([("a", "b"), ("c", "d")]), BOTH, held_out={digest("d")})
    assert [mark for *_, mark in grouping.read()] == [KEPT, LEAK]


def test_a_group_of_many_rows_is_large() -> None:
    pairs: list[tuple[str, str] | str] = [("Ja.", f"answer {n}") for n in range(groups.FEWEST_LARGE + 1)]
    pairs += [(f"de {n}", f"en {n}") for n in range(50)]
    grouping = Grouping(source_of(pairs), BOTH)
    names = [group for _, group, _ in grouping.read()]
    assert grouping.large == {names[0]}


def test_a_language_not_chosen_groups_all_the_same() -> None:
    rows: list[Row | str] = [
        {"de": ("a",), "en": ("b",), "fr": ("x",)},
        {"de": ("c",), "en": ("d",), "fr": ("x",)},
        {"de": ("a",), "en": ("b",), "fr": ("y",)},
        {"de": ("e",), "fr": ("y",)},
    ]
    source = Source("rows", ("de", "en", "fr"), lambda: iter(rows))
    found = list(Grouping(source, BOTH).read())
    assert [row for row, *_ in found] == [
        {"de": ("a",), "en": ("b",)},
        {"de": ("c",), "en": ("d",)},
        {"de": ("a",), "en": ("b",)},
        EMPTY,
    ]
    assert [mark for *_, mark in found] == [KEPT, KEPT, DUPLICATE, KEPT]
    names = [group for _, group, _ in Grouping(source, ("de", "en", "fr")).read()]
    assert [group for _, group, _ in found] == names
    assert len(set(names)) == 1


def test_a_source_without_a_usable_line_is_refused() -> None:
    with pytest.raises(CorpusError, match="rows has no usable line among 2"):
        Grouping(source_of(["empty", "empty"]), BOTH)


def test_a_source_that_changes_between_two_readings_is_noticed() -> None:
    lengths = iter([2, 3])

    def read() -> Iterator[Row | str]:
        return iter([{"de": ("a",), "en": (str(n),)} for n in range(next(lengths))])

    with pytest.raises(CorpusError, match="rows changed while it was read"):
        list(Grouping(Source("rows", BOTH, read), BOTH).read())


def test_temporary_files_go_with_the_grouping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    grouping = Grouping(source_of([("a", "b")]), BOTH)
    assert [path.name for path in tmp_path.glob("*/*")] == ["rows"]
    del grouping
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_temporary_files_outlive_a_forked_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    grouping = Grouping(source_of([("a", "b")]), BOTH)
    monkeypatch.setattr("os.getpid", lambda: 0)  # what the child sees is another number
    del grouping
    gc.collect()
    assert [path.name for path in tmp_path.glob("*/*")] == ["rows"]


def test_a_temporary_folder_that_takes_nothing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(CorpusError, match=r"cannot write temporary files to .*missing.*set TMPDIR"):
        Grouping(source_of([("a", "b")]), BOTH)
