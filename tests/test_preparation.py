"""From a corpus to all that training reads, once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from worlds import LANGUAGES, ToyReader, tiny, toy_corpus, toy_meaning

from thought.corpus import Corpus, Meaning
from thought.distributed import Group
from thought.errors import CheckpointError, CorpusError
from thought.preparation import Prepared, prepare_run
from thought.rehearsal import Listener


@dataclass
class Notes(Listener):
    """Remembers what it was told."""

    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.notes.append(text)


def prepared(folder: Path, *overrides: str, corpus: Corpus | None = None, resume: bool = False) -> Prepared:
    return prepare_run(tiny(*overrides), folder, corpus or toy_corpus(), Group(), Listener(), resume=resume)


def test_a_run_gets_settings_a_tokenizer_and_a_store(tmp_path: Path) -> None:
    listener = Notes()
    result = prepare_run(tiny(), tmp_path / "run", toy_corpus(20), Group(), listener, resume=False)
    assert {path.name for path in (tmp_path / "run").iterdir()} == {"config.json", "tokenizer.model", "prepared"}
    assert result.tokenizer.languages == LANGUAGES
    assert len(result.store) == 20
    assert result.pools == 1
    assert listener.notes[0].endswith("subwords for aa, bb, cc")
    assert listener.notes[1].startswith("20 meanings, 70 sentences, ")


def test_dev_is_the_first_meanings_of_dev_that_are_whole(tmp_path: Path) -> None:
    result = prepared(tmp_path, corpus=toy_corpus(20, 9))
    assert [meaning.key for meaning in result.dev] == ["meaning 20", "meaning 21", "meaning 22", "meaning 23"]
    halves = [Meaning("half", {"aa": ("rabe",), "bb": ("ebar",)}), toy_meaning(3)]
    corpus = Corpus("toy", LANGUAGES, ToyReader({"train": [toy_meaning(1)], "dev": halves}))
    assert [meaning.key for meaning in prepared(tmp_path / "other", corpus=corpus).dev] == ["meaning 3"]


def test_all_of_dev_is_taken_where_no_number_is_named(tmp_path: Path) -> None:
    assert len(prepared(tmp_path, "training.evaluate_meanings=0", corpus=toy_corpus(20, 9)).dev) == 9


def test_a_corpus_without_dev_is_watched_by_its_training_text(tmp_path: Path) -> None:
    dev = prepared(tmp_path, corpus=toy_corpus(6, 0)).dev
    assert [meaning.key for meaning in dev] == ["meaning 0", "meaning 1", "meaning 2", "meaning 3"]


def test_dev_is_translated_in_every_direction_or_in_those_named(tmp_path: Path) -> None:
    every = {(source, target) for source in LANGUAGES for target in LANGUAGES if source != target}
    assert set(prepared(tmp_path / "every").directions) == every
    named = prepared(tmp_path / "named", "data.directions=bb-aa,aa-aa")
    assert named.directions == (("bb", "aa"),)
    assert prepared(tmp_path / "paraphrases", "data.directions=aa-aa").directions == tuple(
        (source, target) for source in LANGUAGES for target in LANGUAGES if source != target
    )


def test_a_direction_held_out_is_watched_for_it_is_what_one_wants_to_know(tmp_path: Path) -> None:
    assert ("aa", "bb") in prepared(tmp_path, "data.hold_out=aa-bb").directions


def test_a_folder_that_holds_a_run_is_not_written_over(tmp_path: Path) -> None:
    prepared(tmp_path)
    with pytest.raises(CheckpointError, match="holds a run already: resume it, or choose another name"):
        prepared(tmp_path)


def test_going_on_reads_what_is_there_and_prepares_nothing_twice(tmp_path: Path) -> None:
    first = prepared(tmp_path)
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    again = prepared(tmp_path, corpus=toy_corpus(10), resume=True)  # a corpus that has changed meanwhile
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == files
    assert len(again.store) == len(first.store)


def test_preparation_that_was_interrupted_starts_again(tmp_path: Path) -> None:
    class Failing(ToyReader):
        reads = 0

        def read(self, split: str, trimmed: object) -> Iterator[tuple[str, dict[str, tuple[str, ...]]]]:
            self.reads += 1
            for number, item in enumerate(super().read(split, trimmed)):
                if self.reads == 2 and number == 7:  # the first reading trains the tokenizer
                    raise KeyboardInterrupt
                yield item

    meanings = [toy_meaning(number) for number in range(12)]
    with pytest.raises(KeyboardInterrupt):
        prepared(tmp_path, corpus=Corpus("toy", LANGUAGES, Failing({"train": meanings})))
    corpus = Corpus("toy", LANGUAGES, ToyReader({"train": meanings}))
    assert len(prepared(tmp_path, corpus=corpus, resume=True).store) == 12


def test_the_other_processes_do_not_take_the_run_of_the_first_for_an_old_one(tmp_path: Path) -> None:
    class Second(Group):
        def wait(self) -> None:
            """The first process is done already."""

    prepared(tmp_path)
    result = prepare_run(tiny(), tmp_path, toy_corpus(), Second(1, 2), Listener(), resume=False)
    assert len(result.store) == 20


def test_one_language_alone_cannot_be_translated(tmp_path: Path) -> None:
    corpus = Corpus("toy", ("aa",), ToyReader({"train": [Meaning("1", {"aa": ("rabe", "kilu")})]}))
    with pytest.raises(CorpusError, match="need two languages to translate, got aa"):
        prepared(tmp_path, corpus=corpus)


def test_without_one_whole_meaning_there_is_nothing_to_watch(tmp_path: Path) -> None:
    meanings = [Meaning("1", {"aa": ("rabe",), "bb": ("ebar",)}), Meaning("2", {"bb": ("ebar",), "cc": ("rabeo",)})]
    corpus = Corpus("toy", LANGUAGES, ToyReader({"train": meanings}))
    with pytest.raises(CorpusError, match="no meaning of toy has a sentence in each of aa, bb, cc to evaluate on"):
        prepared(tmp_path, corpus=corpus)


def test_sentences_left_out_are_told(tmp_path: Path) -> None:
    listener = Notes()
    prepare_run(tiny("data.longest=6"), tmp_path, toy_corpus(20), Group(), listener, resume=False)
    assert "skipped" in listener.notes[1]
    assert "sentences over 6 tokens" in listener.notes[1]
