"""Multi30k in its own layout, on a copy small enough to check by hand and on the real one."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from thought.corpus import open_corpus
from thought.errors import CorpusError
from thought.multi30k import is_multi30k, open_splits
from thought.partition import HELD_OUT_SENTENCES, REPEATED
from thought.splits import check_no_leak

LANGUAGES = ("cs", "de", "en", "fr")


def write(folder: Path, name: str, *lines: str) -> None:
    path = folder / f"{name}.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for split, count in (("train", 3), ("val", 2), ("test_2016_flickr", 2)):
        for language in LANGUAGES:
            write(tmp_path, f"task1/{split}.{language}", *[f"{split} {language} {n}" for n in range(count)])
        for language in ("de", "en"):
            for number in range(1, 6):
                texts = [f"{split} {language} {n} caption {number}" for n in range(count)]
                if language == "en" and number == 2:
                    texts = [f"{split} en {n}" for n in range(count)]  # task 1 was taken from here
                write(tmp_path, f"task2/{split.removesuffix('_flickr')}.{number}.{language}", *texts)
    for language in ("de", "en", "fr"):
        write(tmp_path, f"task1/test_2017_mscoco.{language}", f"coco {language}")
    return tmp_path


def test_the_splits_are_the_official_ones(folder: Path) -> None:
    corpus = open_corpus(str(folder))
    assert corpus.languages == LANGUAGES
    assert corpus.splits == ("train", "test_2016_flickr", "test_2017_mscoco", "val")
    assert [meaning.key for meaning in corpus.read("dev")] == ["val:1", "val:2"]
    assert [meaning.key for meaning in corpus.read("test")] == ["test_2016_flickr:1", "test_2016_flickr:2"]
    assert next(corpus.read("train")).sentences == {language: (f"train {language} 0",) for language in LANGUAGES}


def test_a_split_without_a_language_has_the_others(folder: Path) -> None:
    meaning = next(open_corpus(str(folder)).read("test_2017_mscoco"))
    assert meaning.sentences == {language: (f"coco {language}",) for language in ("de", "en", "fr")}
    assert "test_2017_mscoco" not in open_corpus(str(folder), languages=("cs", "de")).splits


def test_paraphrases_follow_the_line_of_task_1_which_stands_once(folder: Path) -> None:
    corpus = open_corpus(str(folder), languages=("de", "en"), paraphrases=True)
    first, *_ = corpus.read("test")
    name = "test_2016_flickr"
    assert first.sentences["en"] == (f"{name} en 0", *[f"{name} en 0 caption {n}" for n in (1, 3, 4, 5)])
    assert first.sentences["de"] == (f"{name} de 0", *[f"{name} de 0 caption {n}" for n in (1, 2, 3, 4, 5)])
    assert corpus.trimmed == {REPEATED: 2, HELD_OUT_SENTENCES: 0}
    assert corpus.report() == "kept 2 of 2; 2 sentences that repeat one of their meaning"


def test_the_captions_alone_are_a_corpus_of_paraphrases(folder: Path) -> None:
    corpus = open_corpus(str(folder / "task2"))
    assert corpus.languages == ("de", "en")
    assert corpus.splits == ("train", "test_2016", "val")
    first, *rest = corpus.read("test")
    assert len(rest) == 1
    assert first.sentences["de"] == tuple(f"test_2016_flickr de 0 caption {n}" for n in (1, 2, 3, 4, 5))
    assert len(first.sentences["en"]) == 5


def test_the_captions_are_found_under_the_registered_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THOUGHT_DATA", str(folder.parent))
    folder.rename(folder.parent / "multi30k")
    assert [meaning.key for meaning in open_corpus("multi30k/task2", languages=("en",)).read("val")] == [
        "val:1",
        "val:2",
    ]


def test_captions_of_other_languages_are_not_read(folder: Path) -> None:
    meaning = next(open_corpus(str(folder), languages=("cs", "fr"), paraphrases=True).read())
    assert meaning.sentences == {"cs": ("train cs 0",), "fr": ("train fr 0",)}


def test_plain_files_and_the_upstream_folders_are_read_too(tmp_path: Path) -> None:
    for language in ("de", "en"):
        (tmp_path / "task1" / "raw").mkdir(parents=True, exist_ok=True)
        (tmp_path / "task1" / "raw" / f"train.{language}").write_text("one\n")
    assert is_multi30k(tmp_path)
    assert list(open_splits(tmp_path)["train"].read()) == [{"de": ("one",), "en": ("one",)}]


def test_captions_of_another_length_are_refused(folder: Path) -> None:
    write(folder, "task2/val.3.de", "only one")
    write(folder, "task2/val.3.en", "only one")
    corpus = open_corpus(str(folder), languages=("de", "en"), paraphrases=True)
    with pytest.raises(CorpusError, match="task 2 has another number of lines than"):
        list(corpus.read("val"))


def test_another_folder_is_not_multi30k(tmp_path: Path) -> None:
    assert not is_multi30k(tmp_path)
    (tmp_path / "task1").mkdir()
    assert not is_multi30k(tmp_path)


@pytest.fixture
def real() -> str:
    folder = Path(os.environ.get("THOUGHT_DATA", "")) / "multi30k"
    if not os.environ.get("THOUGHT_DATA") or not (folder / "task1" / "train.cs.gz").exists():
        pytest.skip("set THOUGHT_DATA to a folder with multi30k")
    return str(folder)


def test_the_real_corpus_is_kept_but_for_six_lines(real: str) -> None:
    corpus = open_corpus(real)
    sides = {split: list(corpus.read(split)) for split in ("test_2016_flickr", "val", "train")}
    assert {split: len(part) for split, part in sides.items()} == {
        "test_2016_flickr": 1_000,
        "val": 1_014,
        "train": 28_994,
    }
    assert corpus.report() == "kept 28,994 of 29,000; 4 also in dev or test, 2 duplicates"


@pytest.mark.slow
def test_the_real_corpus_with_paraphrases_does_not_leak(real: str) -> None:
    corpus = open_corpus(real, languages=("de", "en"), paraphrases=True)
    sides = {
        split: [t for m in corpus.read(split) for ts in m.sentences.values() for t in ts] for split in corpus.splits
    }
    check_no_leak(sides)
    assert len(sides["train"]) > 280_000
