"""Multi30k: image captions in four languages (task 1) and five more a language and image (task 2).

Reads the layout of the upstream repository (multi30k/dataset, data/task1/raw and data/task2/raw):
`task1/train.de.gz`, `task2/train.1.de.gz`, any split name, any language. Elliott et al. (2016),
arXiv:1605.00459; Elliott et al. (2017), arXiv:1710.07177; Barrault et al. (2018).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import zip_longest
from pathlib import Path

from thought.errors import CorpusError
from thought.formats import Files, choose_files
from thought.lines import TextFile
from thought.rows import EMPTY, Row, Source, read_parallel

_TASK1 = re.compile(r"(?P<split>[a-z0-9_]+)\.(?P<language>[a-z]{2})(\.gz)?")
_TASK2 = re.compile(r"(?P<split>[a-z0-9_]+)\.(?P<number>\d)\.(?P<language>[a-z]{2})(\.gz)?")


def is_multi30k(folder: Path) -> bool:
    """Whether the folder has the layout of Multi30k."""
    return (folder / "task1").is_dir() and bool(find_splits(folder))


def find_splits(folder: Path) -> dict[str, dict[str, TextFile]]:
    """Map each split of task 1 to its file of each language: {"train": {"de": ..., "en": ...}}."""
    splits: dict[str, dict[str, TextFile]] = {}
    for path in sorted(_raw(folder / "task1").iterdir()):
        match = _TASK1.fullmatch(path.name)
        if match:
            splits.setdefault(match["split"], {})[match["language"]] = TextFile(path)
    return splits


def open_splits(folder: Path, languages: Sequence[str] = (), *, paraphrases: bool = False) -> dict[str, Source]:
    """Return the rows of every split; the first sentence of each language is that of task 1.

    With `paraphrases`, the captions of task 2 follow it (one English caption of each image repeats
    the line of task 1 word for word; whoever reads the rows takes it out).
    """
    chosen, splits = choose_files(find_splits(folder), languages, str(folder))
    sources = {}
    for split, files in splits.items():
        captions = _find_captions(folder, split, chosen) if paraphrases else []
        sources[split] = Source(f"{folder}, {split}", chosen, partial(_read_both, files, captions))
    return sources


def is_captions(folder: Path) -> bool:
    """Whether the folder is that of task 2: `train.1.de.gz`, five captions a language of one image each."""
    return folder.is_dir() and any(_TASK2.fullmatch(path.name) for path in folder.iterdir())


def open_captions(folder: Path, languages: Sequence[str] = ()) -> dict[str, Source]:
    """Return the rows of every split of task 2 alone: an image is a meaning, its captions are wordings."""
    found: dict[str, dict[str, dict[str, TextFile]]] = {}
    for path in sorted(folder.iterdir()):
        match = _TASK2.fullmatch(path.name)
        if match:
            found.setdefault(match["split"], {}).setdefault(match["number"], {})[match["language"]] = TextFile(path)
    first = {split: next(iter(parts.values())) for split, parts in found.items()}
    chosen, splits = choose_files(first, languages, str(folder))
    sources = {}
    for split in splits:
        parts = [{code: file for code, file in part.items() if code in chosen} for part in found[split].values()]
        sources[split] = Source(f"{folder}, {split}", chosen, partial(_read_both, parts[0], parts[1:]))
    return sources


def _raw(folder: Path) -> Path:
    """The upstream checkout keeps its text one folder deeper."""
    return folder / "raw" if (folder / "raw").is_dir() else folder


def _find_captions(folder: Path, split: str, languages: tuple[str, ...]) -> list[dict[str, TextFile]]:
    """Return the files of task 2 of a split, one mapping a caption number."""
    found: dict[str, dict[str, TextFile]] = {}
    task2 = _raw(folder / "task2")
    for path in sorted(task2.iterdir()) if task2.is_dir() else []:
        match = _TASK2.fullmatch(path.name)
        # Task 2 calls test_2016_flickr "test_2016".
        if match and match["language"] in languages and match["split"] in (split, split.removesuffix("_flickr")):
            found.setdefault(match["number"], {}).setdefault(match["language"], TextFile(path))
    return [found[number] for number in sorted(found)]


def _read_both(files: Files, captions: list[dict[str, TextFile]]) -> Iterator[Row | str]:
    streams = [read_parallel(files), *(read_parallel(part) for part in captions)]
    for parts in zip_longest(*streams):
        if None in parts:
            raise CorpusError(f"task 2 has another number of lines than {next(iter(files.values()))}; fetch both again")
        reasons = [part for part in parts if isinstance(part, str) and (part is parts[0] or part != EMPTY)]
        if reasons:
            yield reasons[0]
            continue
        merged: dict[str, tuple[str, ...]] = {}
        for part in parts:
            for language, texts in part.items() if not isinstance(part, str) else ():
                merged[language] = merged.get(language, ()) + texts
        yield merged
