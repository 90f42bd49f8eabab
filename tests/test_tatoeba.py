"""Tatoeba exports: sentences and links to meanings."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from thought import tatoeba
from thought.clusters import ALONE, JOINED, Clusters
from thought.errors import CorpusError
from thought.rows import Row
from thought.tatoeba import UNKNOWN_LANGUAGE, find_exports, open_exports

SENTENCES = (
    "9\tdeu\tGeh!\n2\teng\tGo!\n3\tfra\tVa !\n40\tdeu\tHau ab!\n5\teng\tYes.\n6\t\\N\t?\n7\tdeu\tNein.\n8\teng\tGo!\n"
)
LINKS = "2\t9\n9\t2\n9\t3\n3\t40\n8\t40\n40\t8\n5\t99\n"


def write(folder: Path, sentences: str = SENTENCES, links: str = LINKS) -> Path:
    (folder / "sentences.csv").write_text(sentences, "utf-8")
    (folder / "links.csv").write_text(links, "utf-8")
    return folder


def read(folder: Path, *languages: str) -> tuple[list[Row], Counter[str]]:
    found = find_exports(folder)
    assert found is not None
    source, links = open_exports(*found, languages)
    items = list(Clusters(source, source.languages, 1, 0.0, 0.0, links=links).read("train", Counter()))
    rows = [item[1] for item in items if not isinstance(item, str)]
    return sorted(rows, key=repr), Counter(item for item in items if isinstance(item, str))


@pytest.mark.parametrize("block", [1, 1 << 16])
def test_linked_or_equal_sentences_become_one_meaning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(tatoeba, "BLOCK", block)
    rows, reasons = read(write(tmp_path), "de", "en")
    assert rows == [{"de": ("Geh!", "Hau ab!"), "en": ("Go!",)}]
    # 40 and 9 are joined by the equal sentences 2 and 8; 5 and 7 have no translation.
    assert reasons == {JOINED: 3, ALONE: 2, UNKNOWN_LANGUAGE: 1}


def test_a_language_not_chosen_links_nothing(tmp_path: Path) -> None:
    rows, _ = read(write(tmp_path, links="9\t3\n3\t40\n2\t9\n"), "de", "en")
    assert rows == [{"de": ("Geh!",), "en": ("Go!",)}]
    rows, _ = read(tmp_path, "de", "en", "fr")
    assert rows == [{"de": ("Geh!", "Hau ab!"), "en": ("Go!",), "fr": ("Va !",)}]


def test_all_languages_are_found_when_none_is_named(tmp_path: Path) -> None:
    found = find_exports(write(tmp_path))
    assert found is not None
    assert open_exports(*found)[0].languages == ("de", "en", "fr")


def test_exports_are_found_from_the_folder_or_either_file(tmp_path: Path) -> None:
    write(tmp_path)
    expected = find_exports(tmp_path)
    assert expected is not None
    assert find_exports(tmp_path / "sentences.csv") == find_exports(tmp_path / "links.csv") == expected
    assert find_exports(tmp_path / "other.csv") is None
    (tmp_path / "links.csv").unlink()
    assert find_exports(tmp_path) is None


def test_a_malformed_sentence_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        CorpusError, match=r"sentences\.csv, line 2: expected number, tab, language, tab, sentence, got 'x"
    ):
        read(write(tmp_path, "1\tdeu\tGeh!\nx\tdeu\tGeh!\n"), "de")


def test_a_malformed_link_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"links\.csv, line 2: expected number, tab, number, got '9'"):
        read(write(tmp_path, links="2\t9\n9\n"), "de", "en")
