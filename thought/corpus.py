"""A corpus is read as meanings: things that can be said in several languages and wordings.

`open_corpus` takes what a person has (a registered name, a file, a folder, parallel files) and finds
out what it is. Reading streams; what is dropped on the way is counted by reason, so that lines kept
and lines skipped add up to the lines of the corpus.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from thought import multi30k, registry, tatoeba
from thought.clusters import Clusters
from thought.errors import CorpusError, nearest
from thought.formats import (
    find_manythings,
    language_of,
    open_json_lines,
    open_manythings,
    open_parallel,
    open_splits,
    open_table,
    open_zip,
    stem_of,
)
from thought.languages import choose_languages
from thought.lines import TextFile, require_file
from thought.microworld.reader import NAME as MICROWORLD
from thought.microworld.reader import Microworld, parse_options
from thought.partition import Item, Partition
from thought.rows import Source
from thought.splits import side_of

NAMES = {  # of the three sides, in the order in which they are looked for
    "train": ("train",),
    "dev": ("dev", "val", "valid", "validation"),
    "test": ("test", "test_2016_flickr"),
}


@dataclass(frozen=True)
class Meaning:
    """One thing that can be said: language code -> the sentences that say it.

    Meanings that share a sentence share the key, but in official splits, where it is the line.
    The first sentence of a language is the official one; others are paraphrases.

    >>> meaning = Meaning("17", {"en": ("A dog runs.", "A dog is running."), "de": ("Ein Hund rennt.",)})
    >>> meaning.sentences["en"][0]
    'A dog runs.'
    """

    key: str
    sentences: Mapping[str, tuple[str, ...]]


class Reader(Protocol):
    """What can be read split by split: keys and rows, and reasons for lines dropped."""

    splits: tuple[str, ...]
    is_shuffled: bool  # the first meanings of a split are like all others

    def read(self, split: str, trimmed: Counter[str]) -> Iterator[Item]:
        """Yield the items of a split from the first; count sentences left out of kept rows."""
        ...


@dataclass
class Corpus:
    """Meanings on disk, read as a stream, again and again in the same order.

    Attributes
    ----------
    skipped : Counter of str
        Lines dropped since `read` was last called, by reason; with `kept` they are all lines.
    trimmed : Counter of str
        Single sentences left out of meanings that were kept, by reason.

    Examples
    --------
    >>> corpus = open_corpus("my.tsv")  # a table with a header: en, de
    >>> corpus.languages, corpus.splits
    (('en', 'de'), ('train', 'dev', 'test'))
    >>> meanings = list(corpus.read("train"))
    >>> corpus.report()
    'kept all 70'
    """

    name: str
    languages: tuple[str, ...]
    reader: Reader
    kept: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    trimmed: Counter[str] = field(default_factory=Counter)

    @property
    def splits(self) -> tuple[str, ...]:
        """Names `read` takes: the official ones, or train, dev and test."""
        return self.reader.splits

    def read(self, split: str = "train") -> Iterator[Meaning]:
        """Yield the meanings of a split; one stream at a time, for the counts are of the last.

        Parameters
        ----------
        split : str
            "train", "dev" and "test" are understood wherever there is such a side; else a name of `splits`.

        Raises
        ------
        CorpusError
            If there is no such split, or the files turn out to be unreadable or malformed.
        """
        name = self._official(split)
        self.kept = 0
        self.skipped.clear()
        self.trimmed.clear()
        return self._stream(name)

    def report(self) -> str:
        """Say what the last `read` kept and skipped: "kept 28,991 of 29,000; 9 duplicates"."""
        total = self.kept + self.skipped.total()
        reasons = [f"{count:,} {reason}" for reason, count in (self.skipped + self.trimmed).most_common()]
        return f"kept {self.kept:,} of {total:,}; {', '.join(reasons)}" if reasons else f"kept all {total:,}"

    def _official(self, split: str) -> str:
        for name in (split, *NAMES.get(split, ())):
            if name in self.splits:
                return name
        for name in self.splits:
            if split in NAMES and side_of(name) == split:
                return name
        raise CorpusError(f"{self.name} has no split {split}{nearest(split, self.splits)}")

    def _stream(self, split: str) -> Iterator[Meaning]:
        for item in self.reader.read(split, self.trimmed):
            if isinstance(item, str):
                self.skipped[item] += 1
            else:
                self.kept += 1
                yield Meaning(*item)


def open_corpus(
    spec: str,
    *,
    languages: Sequence[str] = (),
    paraphrases: bool = False,
    seed: int = 1,
    dev_share: float = 0.02,
    test_share: float = 0.02,
) -> Corpus:
    """Open a corpus by name or by path, whatever its format.

    Parameters
    ----------
    spec : str
        A registered name such as "multi30k", or a folder in one ("multi30k/task2"); a file (.tsv, .csv, .jsonl,
        .zip, each also .gz but the last); a folder with `train.de`, `train.en` and perhaps `dev` and `test`,
        with the layout of Multi30k, or with the Tatoeba exports; or parallel files joined by commas.
    languages : sequence of str
        Codes to keep, in any form ("deu" is "de"); none keeps all.
    paraphrases : bool
        Also loose paraphrases, where the corpus keeps them apart (task 2 of Multi30k).
    seed, dev_share, test_share
        Of the split, for corpora without one of their own; see `thought.splits`.

    Returns
    -------
    Corpus
        Its `read` streams the meanings, split by split.

    Raises
    ------
    CorpusError
        Saying what is missing or malformed, where, and what to do.

    Examples
    --------
    >>> first = next(open_corpus("my.tsv", languages=["de"]).read("train"))
    >>> first.sentences
    {'de': ('der große Hund rennt zu Hause.',)}
    """
    shares = (seed, dev_share, test_share)
    if not spec.strip():
        raise CorpusError("no corpus is named; expected a registered name, a file or a folder")
    name, _, options = spec.partition(":")
    if name == MICROWORLD:
        world = Microworld(parse_options(options), languages)
        return Corpus(spec, world.languages, world)
    path = registry.locate(spec) or Path(spec)
    exports = tatoeba.find_exports(path)
    if exports:
        source, links = tatoeba.open_exports(*exports, languages)
        return Corpus(spec, source.languages, Clusters(source, source.languages, *shares, links=links))
    pairs = find_manythings(path)
    if pairs:
        source = open_manythings(pairs)
        chosen = choose_languages(languages, source.languages, source.name)
        return Corpus(spec, chosen, Clusters(source, chosen, *shares))
    if multi30k.is_multi30k(path):
        sources = multi30k.open_splits(path, languages, paraphrases=paraphrases)
    elif multi30k.is_captions(path):
        sources = multi30k.open_captions(path, languages)
    else:
        sources = _find_sources(spec, path, languages)
    only = next((entry.split for entry in registry.entries() if entry.name == spec), "")
    if only:
        sources = {only: next(iter(sources.values()))}
    source = next(iter(sources.values()))
    chosen = choose_languages(languages, source.languages, source.name)
    return Corpus(spec, chosen, Partition(sources, chosen, *shares))


def _find_sources(spec: str, path: Path, languages: Sequence[str]) -> dict[str, Source]:
    """Return a source a split, for everything that is read line by line."""
    if "," in spec and not path.exists():
        files = [TextFile(require_file(Path(part.strip()))) for part in spec.split(",") if part.strip()]
        stems = {stem_of(file) for file in files}
        name = stems.pop() if len(stems) == 1 else "train"
        return {_split_name(name): open_parallel(files)}
    if path.is_dir():
        return _find_in_folder(path, languages)
    name = path.name.removesuffix(".gz").lower()
    split = _split_name(name.partition(".")[0])
    if not path.exists():
        known = [entry.name for entry in registry.entries()]
        raise CorpusError(f"no corpus {spec}: no such file or folder, nor such a registered name{nearest(spec, known)}")
    if name.endswith(".zip"):
        return {split: open_zip(path)}
    if name.endswith((".jsonl", ".ndjson", ".json")):
        return {split: open_json_lines(path, languages)}
    if name.endswith((".tsv", ".csv", ".txt")):
        return {split: open_table(path)}
    raise CorpusError(
        f"cannot tell the format of {path} by its name; expected .tsv, .csv, .jsonl, .zip (.gz too), a folder, "
        "or parallel files joined by commas such as train.de,train.en"
    )


def _split_name(stem: str) -> str:
    """A file named after dev or test is that split; any other one alone is train."""
    return stem if stem.lower().startswith(("train", "dev", "val", "test")) and side_of(stem) != "train" else "train"


def _find_in_folder(folder: Path, languages: Sequence[str]) -> dict[str, Source]:
    """Return the splits of a folder of parallel files: train.de, train.en, dev.de, ..."""
    groups: dict[str, dict[str, TextFile]] = {}
    for path in sorted(folder.iterdir()):
        language = language_of(TextFile(path)) if path.is_file() else None
        if language is not None:
            groups.setdefault(stem_of(TextFile(path)), {})[language] = TextFile(path)
    texts = {stem: files for stem, files in groups.items() if len(files) > 1}
    if not texts:
        names = ", ".join(sorted(path.name for path in folder.iterdir())[:8]) or "nothing"
        raise CorpusError(f"{folder} holds no parallel files such as train.de and train.en; it has {names}")
    known = {language for files in texts.values() for language in files}
    for stem, files in groups.items():
        (language, file), *_ = files.items()
        if stem not in texts and language in known:  # README.md is no text in the language md
            raise CorpusError(f"{file} is alone; expected {stem} in another language beside it")
    if len(texts) == 1:
        (stem, files), *_ = texts.items()
        return {_split_name(stem): open_parallel(list(files.values()))}
    if "train" not in texts and any(_split_name(stem) == "train" for stem in texts):
        names = ", ".join(list(texts)[:8])
        raise CorpusError(f"cannot tell which files of {folder} are for training; expected train.*, found {names}")
    return open_splits(texts, languages, str(folder))
