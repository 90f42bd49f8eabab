"""Named corpora: what the list says, where they lie, and that fetching skips what is there."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from thought import registry
from thought.errors import CorpusError
from thought.registry import Entry, data_folder, entries, fetch, find, locate


def test_every_entry_says_whose_it_is_and_where() -> None:
    assert {"multi30k", "tatoeba-de-en", "opus-ted2020-de-en"} <= {entry.name for entry in entries()}
    for entry in entries():
        assert entry.title
        assert entry.licence
        assert entry.citation
        assert entry.own or urlsplit(entry.homepage).scheme == "https"
        assert not (entry.own and entry.files)
        for file in entry.files:
            assert all(urlsplit(address).scheme == "https" for address in file.addresses)
            assert not Path(file.path).is_absolute()
            assert ".." not in Path(file.path).parts
            assert len(file.sha256) in (0, 64)


def test_multi30k_is_checked_but_for_the_test_sets_of_2017() -> None:
    entry = find("multi30k")
    unchecked = {file.path.split(".")[0] for file in entry.files if not file.sha256}
    assert unchecked == {"task1/test_2017_flickr", "task1/test_2017_mscoco"}
    assert entry.checked == 42
    assert entry.size == 8_688_191
    assert (
        entry.files[0]
        .addresses[0]
        .startswith("https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/")
    )


def test_an_unknown_name_has_a_nearest() -> None:
    with pytest.raises(CorpusError, match="no registered corpus multi30; did you mean multi30k"):
        find("multi30")


def test_the_data_folder_is_the_one_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THOUGHT_DATA", "~/corpora")
    assert data_folder() == Path.home() / "corpora"


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "given/thought"),
        ("linux", "", ".cache/thought"),
        ("darwin", "", "Library/Caches/thought"),
        ("win32", "LOCALAPPDATA", "given/thought"),
        ("win32", "", "AppData/Local/thought"),
    ],
)
def test_without_one_it_is_the_cache_of_the_platform(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, variable: str, expected: str
) -> None:
    for name in ("THOUGHT_DATA", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "given"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(sys, "platform", platform)
    assert data_folder() == tmp_path / expected


def test_a_corpus_is_located_under_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THOUGHT_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert locate("no-such-name") is None
    with pytest.raises(CorpusError, match=r"multi30k is not in .*thought data get multi30k"):
        locate("multi30k")
    (tmp_path / "tatoeba").mkdir()
    (tmp_path / "tatoeba" / "deu.txt").touch()
    assert locate("tatoeba-de-en") == tmp_path / "tatoeba" / "deu.txt"
    (tmp_path / "tatoeba" / "deu-eng.tsv.gz").touch()
    assert locate("tatoeba-de-en") == tmp_path / "tatoeba" / "deu-eng.tsv.gz"


def test_a_folder_of_that_name_here_is_taken_if_nothing_was_fetched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("THOUGHT_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "multi30k").mkdir()
    assert locate("multi30k") is None


def test_fetching_skips_a_corpus_put_there_by_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    called: list[str] = []
    monkeypatch.setattr(registry, "download", lambda file, target, progress: called.append(file.path))
    entry: Entry = find("tatoeba-de-en")
    assert fetch(entry, tmp_path) == tmp_path / "tatoeba"
    assert called == ["deu-eng.zip"]
    (tmp_path / "tatoeba").mkdir()
    (tmp_path / "tatoeba" / "deu.txt").touch()
    fetch(entry, tmp_path)
    assert called == ["deu-eng.zip"]
