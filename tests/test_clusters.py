"""Lines that share a sentence become one meaning."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thought import clusters
from thought.clusters import ALONE, JOINED, Clusters
from thought.rows import EMPTY, Row, Source
from thought.splits import check_no_leak


def source_of(rows: list[Row | str]) -> Source:
    return Source("rows", ("de", "en"), lambda: iter(rows))


def pair(german: str, english: str) -> Row:
    return {"de": (german,), "en": (english,)}


def read(rows: list[Row | str], seed: int = 1, share: float = 0.0) -> tuple[dict[str, list[Row]], Counter[str]]:
    reader = Clusters(source_of(rows), ("de", "en"), seed, share, share)
    sides: dict[str, list[Row]] = {}
    reasons: Counter[str] = Counter()
    for split in reader.splits:
        items = list(reader.read(split, Counter()))
        reasons.update(item for item in items if isinstance(item, str))
        sides[split] = [item[1] for item in items if not isinstance(item, str)]
    return sides, reasons


def test_lines_that_share_a_sentence_become_one_meaning() -> None:
    sides, reasons = read(
        [pair("Geh!", "Go!"), pair("Ja.", "Yes."), EMPTY, pair("Hau ab!", "Go!"), pair("Hau ab!", "Beat it!")]
    )
    assert sorted(sides["train"], key=repr) == [
        {"de": ("Geh!", "Hau ab!"), "en": ("Go!", "Beat it!")},
        {"de": ("Ja.",), "en": ("Yes.",)},
    ]
    assert reasons == {JOINED: 2, EMPTY: 1}


def test_a_sentence_without_another_is_alone() -> None:
    sides, reasons = read([pair("Geh!", "Go!"), {"de": ("Nein.",)}, {"de": ("Nein.",)}])
    assert sides["train"] == [pair("Geh!", "Go!")]
    assert reasons == {ALONE: 1, JOINED: 1}


def test_a_chain_beyond_measure_is_cut_but_stays_on_one_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "LARGEST", 4)
    for seed in range(5):
        sides, reasons = read([pair("Ja.", f"answer {n}") for n in range(10)], seed, 0.4)
        assert sorted(len(part) for part in sides.values()) == [0, 0, 3]
        assert reasons == {JOINED: 7}


def test_text_comes_back_from_the_temporary_file_as_it_was() -> None:
    row = pair("„שלום“ 👩‍👩‍👧\u2028\\n", 'a "quote"\t\u0085')
    assert read([row])[0]["train"] == [row]


WORDS = st.sampled_from([f"word {number}" for number in range(40)])
ROWS = st.lists(st.builds(pair, WORDS, WORDS), min_size=1, max_size=30)


@settings(deadline=None, max_examples=40)
@given(ROWS, st.integers(0, 50))
def test_no_sentence_stands_in_two_meanings_and_no_line_is_lost(rows: list[Row | str], seed: int) -> None:
    sides, reasons = read(rows, seed, 0.3)
    meanings = [{text for texts in row.values() for text in texts} for part in sides.values() for row in part]
    check_no_leak({str(number): sorted(texts) for number, texts in enumerate(meanings)})
    assert set.union(*meanings) == {
        text for row in rows if not isinstance(row, str) for texts in row.values() for text in texts
    }
    assert len(meanings) + reasons.total() == len(rows)
