"""Token ids on disk: a corpus is turned into ids once, and training reads only that.

Two files a split. `SPLIT.ids` holds one record a meaning: a header (number of sentences, then
language and length of each) and the ids of the sentences one after the other. `SPLIT.offsets`
holds where each record starts. Records are read with `pread`, not mapped into memory: what has
been read once does not stay, so memory does not grow with the corpus.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, islice, pairwise
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol

import numpy as np

from thought.config import TokenizerConfig
from thought.corpus import Meaning
from thought.errors import StoreError
from thought.tokenizer import Tokenizer

FORMAT = 1
CHUNK = 2_000  # meanings turned into ids at a time


class Sentence(NamedTuple):
    """One wording: the index of its language and its segmentations, the best one first."""

    language: int
    variants: tuple[np.ndarray, ...]


class Counts(Protocol):
    """What `prepare` tells while it works: meanings so far."""

    def __call__(self, meanings: int, /) -> None:
        """Hear the count."""


class Store:
    """Read access to one prepared split."""

    def __init__(self, folder: Path, split: str) -> None:
        self.path = folder / f"{split}.ids"
        try:
            self.facts = json.loads((folder / f"{split}.json").read_text("utf-8"))
            self._ids = os.open(self.path, os.O_RDONLY)
            self._offsets = os.open(folder / f"{split}.offsets", os.O_RDONLY)
        except (OSError, ValueError) as error:
            raise StoreError(
                f"cannot read prepared data {self.path}: {error}; delete {folder} to prepare again"
            ) from error
        try:
            found_format, size, size_in_bytes = (int(self.facts[name]) for name in ("format", "meanings", "bytes"))
        except (KeyError, TypeError, ValueError) as error:
            raise StoreError(f"{folder / split}.json is damaged; delete {folder} to prepare again") from error
        if found_format != FORMAT:
            raise StoreError(f"{self.path} has format {found_format}, this version reads {FORMAT}; delete {folder}")
        self.size: int = size
        expected = (8 * (size + 1), size_in_bytes)
        found = (os.fstat(self._offsets).st_size, os.fstat(self._ids).st_size)
        if expected != found:
            raise StoreError(
                f"{self.path} is truncated: {found} bytes, expected {expected}; delete {folder} to prepare again"
            )

    def __len__(self) -> int:
        return self.size

    def __del__(self) -> None:
        for name in ("_ids", "_offsets"):
            if hasattr(self, name):
                os.close(getattr(self, name))

    @property
    def pieces(self) -> Mapping[str, Sequence[int]]:
        """Ids of all pieces that sentences of each language are made of, in their best segmentation."""
        try:
            return dict(self.facts["pieces"])
        except (KeyError, TypeError, ValueError) as error:
            raise StoreError(f"{self.path} does not tell the pieces of languages; delete its folder") from error

    def read(self, index: int) -> list[Sentence]:
        """Return the sentences of meaning `index`."""
        start, end = np.frombuffer(os.pread(self._offsets, 16, 8 * index), dtype=np.int64)
        record = np.frombuffer(os.pread(self._ids, int(end - start), int(start)), dtype=np.uint16)
        count, variants = int(record[0]), int(record[1])
        at = 2 + count * (1 + variants)
        header = record[2:at].reshape(count, 1 + variants)
        sentences = []
        for language, *lengths in header.tolist():
            cuts = list(accumulate(lengths, initial=at))  # plain numbers: this runs for every sentence of every epoch
            sentences.append(Sentence(language, tuple(record[start:end] for start, end in pairwise(cuts))))
            at = cuts[-1]
        return sentences


def prepare(
    meanings: Iterable[Meaning],
    tokenizer: Tokenizer,
    folder: Path,
    split: str,
    *,
    config: TokenizerConfig,
    longest: int,
    seed: int = 1,
    dropped: Mapping[str, int] | None = None,
    progress: Counts | None = None,
) -> Store:
    """Write the meanings as token ids and return them opened.

    Sentences of more than `longest` tokens are left out and counted; so are meanings with fewer
    than two sentences left. The counts stand in `SPLIT.json`, with those of `dropped`, in which the
    reader of the meanings counts while it reads. It is written last: its presence says that the
    other two files are whole.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    skipped: Counter[str] = Counter()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / f"{split}.ids", "wb") as ids, open(folder / f"{split}.offsets", "wb") as offsets:
            rules = (config, longest, seed)
            facts: dict[str, Any] = _write(_chunks(meanings), tokenizer, (ids, offsets), rules, skipped, progress)
        facts = {**facts, "format": FORMAT, "skipped": {**(dropped or {}), **skipped}}
        temporary = folder / f"{split}.json.partial"
        temporary.write_text(json.dumps(facts), "utf-8")
        os.replace(temporary, folder / f"{split}.json")
    except OSError as error:
        raise StoreError(f"cannot write prepared data to {folder}: {error.strerror}") from error
    return Store(folder, split)


def _chunks(meanings: Iterable[Meaning]) -> Iterator[list[Meaning]]:
    iterator = iter(meanings)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def _write(
    chunks: Iterator[list[Meaning]],
    tokenizer: Tokenizer,
    files: tuple[BinaryIO, BinaryIO],
    rules: tuple[TokenizerConfig, int, int],
    skipped: Counter[str],
    progress: Counts | None,
) -> dict[str, Any]:
    ids, offsets = files
    config, longest, seed = rules
    position, count, tokens, sentences = 0, 0, 0, 0
    pieces: dict[str, set[int]] = {language: set() for language in tokenizer.languages}
    offsets.write(np.int64(0).tobytes())
    for chunk_index, chunk in enumerate(chunks):
        rows = [
            (language, text) for meaning in chunk for language, texts in meaning.sentences.items() for text in texts
        ]
        drawn = _segmentations([text for _, text in rows], tokenizer, config, seed + 1_000_003 * chunk_index)
        at = 0
        for meaning in chunk:
            size = sum(len(texts) for texts in meaning.sentences.values())
            kept = []
            for (language, _), variants in zip(rows[at : at + size], drawn[at : at + size], strict=True):
                if len(variants[0]) > longest:
                    skipped[f"sentences over {longest} tokens"] += 1
                elif not variants[0]:
                    skipped["sentences without a token"] += 1
                else:
                    kept.append((tokenizer.languages.index(language), variants))
                    pieces[language].update(variants[0])
            at += size
            if len(kept) < 2:
                skipped["meanings with fewer than two sentences"] += 1
                continue
            record = _record(kept, longest)
            ids.write(record)
            position += len(record)
            offsets.write(np.int64(position).tobytes())
            count, sentences = count + 1, sentences + len(kept)
            tokens += sum(len(variants[0]) for _, variants in kept)
        if progress is not None:
            progress(count)
    own = {language: sorted(ids) for language, ids in pieces.items()}
    return {"meanings": count, "sentences": sentences, "tokens": tokens, "bytes": position, "pieces": own}


def _segmentations(
    texts: list[str], tokenizer: Tokenizer, config: TokenizerConfig, seed: int
) -> list[tuple[list[int], ...]]:
    best = tokenizer.encode(texts)
    drawn = [tokenizer.sample(texts, config.temperature, seed + 7_919 * index) for index in range(config.variants)]
    return list(zip(best, *drawn, strict=True))


def _record(sentences: Sequence[tuple[int, tuple[list[int], ...]]], longest: int) -> bytes:
    """Header and ids of one meaning; a drawn segmentation that is too long gives way to the best."""
    fitting = [
        (language, [variant if 0 < len(variant) <= longest else variants[0] for variant in variants])
        for language, variants in sentences
    ]
    header = [len(fitting), len(fitting[0][1])]
    for language, variants in fitting:
        header += [language, *(len(variant) for variant in variants)]
    flat = [token for _, variants in fitting for variant in variants for token in variant]
    return np.array(header + flat, dtype=np.uint16).tobytes()
