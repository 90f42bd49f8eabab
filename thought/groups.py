"""Rows that share a sentence -> one group, in memory that hardly grows with the corpus.

Two rows belong together if a sentence stands in both, and groups chain: a-b and b-c are one. Held in
memory are 4 bytes a row (the parent of the row in the forest of groups) and, for a moment, 8 more
(the name of its group); all else goes through temporary files. Hashes of sentences are dealt into
files by their first bits, so that equal ones meet in the same file, and each file is sorted by
itself. Two million pairs need about 70 MB of disk and 50 MB of memory for the time of one pass.

A group is named by the least hash of its sentences: the name does not depend on the order of lines.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

import numpy as np

from thought.errors import CorpusError
from thought.rows import Row, Source, restrict

KEPT, DUPLICATE, LEAK = 0, 1, 2  # marks of a row
BUCKETS = 64  # temporary files; each holds one 64th of the hashes
CHUNK = 1 << 15  # hashes in memory before they go to the files
LARGE = 0.01  # share of all rows from which on a group is large: such chains are no longer one meaning
FEWEST_LARGE = 100  # rows a large group has at least

Links = Callable[[], Iterable[tuple[np.ndarray, np.ndarray]]]  # rows that belong together, block by block

_RECORD = np.dtype([("hash", "<u8"), ("row", "<u4")])
_ENTRY = np.dtype([("group", "<u8"), ("mark", "u1")])


def digest(text: str) -> bytes:
    """Return 8 bytes that stand for a sentence: one collision in 10^5 corpora of 20 million."""
    return blake2b(text.encode(), digest_size=8).digest()


def scratch_folder(owner: object) -> Path:
    """Make a temporary folder that goes when its owner does."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="thought-"))
    except OSError as error:
        raise no_room(Path(tempfile.gettempdir()), error) from error
    weakref.finalize(owner, _remove, folder, os.getpid())
    return folder


def _remove(folder: Path, maker: int) -> None:
    """Delete a folder, but not from a forked child that merely inherited its owner."""
    if os.getpid() == maker:
        shutil.rmtree(folder, ignore_errors=True)


def no_room(folder: Path, error: OSError) -> CorpusError:
    """Return the error of a disk that takes no more."""
    reason = error.strerror or error
    return CorpusError(f"cannot write temporary files to {folder}: {reason}; set TMPDIR to a folder with room")


class Buckets:
    """Pairs (hash, row) on disk, read back sorted by hash, then row."""

    def __init__(self, folder: Path, name: str) -> None:
        self._paths = [folder / f"{name}.{number}" for number in range(BUCKETS)]
        self._hashes = bytearray()
        self._rows = array("I")
        self._is_spilled = False

    def add(self, hashes: Sequence[bytes], row: int) -> None:
        """Take a pair for each of these hashes."""
        for hashed in hashes:
            self._hashes += hashed
            self._rows.append(row)
        if len(self._rows) >= CHUNK:
            self._flush()

    def read(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield (hashes, rows) file by file; equal hashes always come together."""
        if not self._is_spilled:  # a small corpus needs no files
            yield _sorted(self._records())
            return
        self._flush()
        for path in self._paths:
            if path.exists():
                yield _sorted(np.fromfile(path, _RECORD))

    def remove(self) -> None:
        """Delete the files."""
        for path in self._paths:
            path.unlink(missing_ok=True)

    def _records(self) -> np.ndarray:
        records = np.empty(len(self._rows), _RECORD)
        records["hash"] = np.frombuffer(self._hashes, "<u8")
        records["row"] = self._rows
        return records

    def _flush(self) -> None:
        records = self._records()
        bucket = (records["hash"] >> np.uint64(58)).astype(np.uint8)  # the first 6 bits: 64 files
        order = np.argsort(bucket, kind="stable")
        starts = np.searchsorted(bucket[order], np.arange(BUCKETS + 1))
        for number, path in enumerate(self._paths):
            part = records[order[starts[number] : starts[number + 1]]]
            if len(part):
                with path.open("ab") as file:
                    file.write(part.tobytes())
        self._is_spilled = True
        self._hashes = bytearray()
        self._rows = array("I")


def _sorted(records: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.lexsort((records["row"], records["hash"]))
    return records["hash"][order], records["row"][order]


def unite(parent: np.ndarray, left: np.ndarray, right: np.ndarray) -> None:
    """Join the groups of `left[i]` and `right[i]` for all i, in place.

    Parameters
    ----------
    parent : int32 ndarray of shape (N,)
        Least row of the group of each row; `arange(N)` at first.
    left, right : integer ndarray of shape (M,)
        Rows that belong together.
    """
    while len(left):
        first, second = parent[left], parent[right]
        apart = first != second
        left, right, first, second = left[apart], right[apart], first[apart], second[apart]
        # Roots only ever hang below smaller ones, so no circle can close; of several joins of one
        # root in one round the least wins, and the others are seen again in the next round.
        np.minimum.at(parent, np.maximum(first, second), np.minimum(first, second))
        while True:
            above = parent[parent]
            if np.array_equal(above, parent):
                break
            parent[:] = above


class Grouping:
    """For each row of a source, in its order: the name of its group and its mark."""

    size: int  # rows, those dropped too
    large: frozenset[int]  # names of groups with more than `LARGE` of all rows

    def __init__(
        self,
        source: Source,
        languages: tuple[str, ...],
        *,
        fewest: int = 2,
        held_out: Collection[bytes] = frozenset(),
        links: Links | None = None,
    ) -> None:
        """Read the source once.

        Parameters
        ----------
        source : Source
        languages : tuple of str
            Rows are cut down to these; the groups are those of all languages of the source.
        fewest : int
            Sentences a row then needs to be of use.
        held_out : collection of bytes
            Digests of sentences of dev and test: a row whose first sentence of a language is among
            them is marked LEAK. A row equal to an earlier one is marked DUPLICATE.
        links : callable
            Further pairs of rows that belong together: each call yields them from the first.

        Raises
        ------
        CorpusError
            If the source cannot be read, no row of it is of use, or the disk is full.
        """
        folder = scratch_folder(self)
        self._source = source
        self._languages = languages
        self._fewest = fewest
        self._path = folder / "rows"
        sentences, rows = Buckets(folder, "sentences"), Buckets(folder, "duplicates")
        try:
            leaks = self._spread(sentences, rows, held_out)
            self._write(sentences, rows, leaks, links)
        except OSError as error:
            raise no_room(folder, error) from error
        finally:
            sentences.remove()
            rows.remove()

    def read(self) -> Iterator[tuple[Row | str, int, int]]:
        """Yield (row, group, mark) for each line of the source, also for those dropped."""
        left = self.size
        rows = self._source.read()
        with self._path.open("rb") as file:
            for group, mark in _entries(file):
                row = next(rows, None)
                if row is None:
                    break
                left -= 1
                yield restrict(row, self._languages, self._fewest), group, mark
        if left or next(rows, None) is not None:
            raise CorpusError(f"{self._source.name} changed while it was read; start again")

    def _spread(self, sentences: Buckets, rows: Buckets, held_out: Collection[bytes]) -> array[int]:
        """Deal the hashes of all rows into buckets; return the rows that leak."""
        leaks = array("I")
        number, useful = -1, 0
        for number, row in enumerate(self._source.read()):
            if isinstance(row, str):
                continue
            hashes = {language: [digest(text) for text in texts] for language, texts in row.items()}
            for part in hashes.values():
                sentences.add(part, number)
            row = restrict(row, self._languages, self._fewest)
            if isinstance(row, str):
                continue
            useful += 1
            whole = b"".join([language.encode() + hashed for language in sorted(row) for hashed in hashes[language]])
            rows.add([blake2b(whole, digest_size=8).digest()], number)
            if held_out and any(hashes[language][0] in held_out for language in row):
                leaks.append(number)
        self.size = number + 1
        if not useful:
            raise CorpusError(f"{self._source.name} has no usable line among {self.size:,}")
        return leaks

    def _write(self, sentences: Buckets, rows: Buckets, leaks: array[int], links: Links | None) -> None:
        parent = np.arange(self.size, dtype=np.int32)
        for hashes, numbers in sentences.read():
            same = np.flatnonzero(hashes[1:] == hashes[:-1])
            unite(parent, numbers[same], numbers[same + 1])
        for left, right in links() if links else ():
            unite(parent, left, right)
        large = np.flatnonzero(np.bincount(parent) > max(FEWEST_LARGE, LARGE * self.size))
        name = np.full(self.size, np.iinfo(np.uint64).max, np.uint64)
        for hashes, numbers in sentences.read():
            np.minimum.at(name, parent[numbers], hashes)
        self.large = frozenset(name[large].tolist())
        mark = np.zeros(self.size, np.uint8)
        for hashes, numbers in rows.read():
            mark[numbers[1:][hashes[1:] == hashes[:-1]]] = DUPLICATE
        mark[np.array(leaks, np.int64)] = LEAK
        with self._path.open("wb") as file:
            for start in range(0, self.size, CHUNK):
                part = slice(start, start + CHUNK)
                entries = np.empty(len(parent[part]), _ENTRY)
                entries["group"], entries["mark"] = name[parent[part]], mark[part]
                file.write(entries.tobytes())


def _entries(file: BinaryIO) -> Iterator[tuple[int, int]]:
    while len(entries := np.fromfile(file, _ENTRY, CHUNK)):
        yield from entries.tolist()
