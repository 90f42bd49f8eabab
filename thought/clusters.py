"""Sentences that are linked or equal -> one meaning each, for corpora of many wordings.

Tatoeba says "Go away!" in a dozen ways on as many lines. Lines that share a sentence, or whose
sentences are linked, are gathered into one meaning. They stand far apart in the file, so the text
goes to a temporary file first and is read from there group by group; memory holds 16 bytes a line.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from thought.groups import Grouping, Links, no_room, scratch_folder
from thought.partition import Item, trim
from thought.rows import Row, Source
from thought.splits import key_of, split_of

JOINED = "joined to the meaning of another line"
ALONE = "without a translation"
LARGEST = 1_000  # lines a meaning; a longer chain is no longer one meaning and is cut into pieces


class Clusters:
    """A source whose groups of rows are the meanings; the sides are shares of the groups."""

    splits: tuple[str, ...] = ("train", "dev", "test")
    is_shuffled = False

    def __init__(
        self,
        source: Source,
        languages: tuple[str, ...],
        seed: int,
        dev_share: float,
        test_share: float,
        *,
        links: Links | None = None,
    ) -> None:
        split_of("", seed, dev_share, test_share)  # raises now, not in the middle of reading
        self._source = source
        self._languages = languages
        self._links = links
        self._seed = seed
        self._shares = (dev_share, test_share)
        self._spool: _Spool | None = None

    def read(self, split: str, trimmed: Counter[str]) -> Iterator[Item]:
        """Yield one row a group of this side, in the order of the groups' names.

        Of the lines of one meaning the first counts as kept, the others as joined. Lines without
        use have no side: they count with train.
        """
        if self._spool is None:
            self._spool = _Spool(Grouping(self._source, self._languages, fewest=1, links=self._links))
        spool = self._spool
        if split == "train":
            yield from spool.dropped.elements()
        for group, rows in spool.read():
            key = key_of(group, group in spool.large, self._seed, *self._shares)
            if split_of(key, self._seed, *self._shares) == split:
                yield from self._joined(key, rows, trimmed)

    def _joined(self, key: str, rows: list[Row], trimmed: Counter[str]) -> Iterator[Item]:
        merged: dict[str, tuple[str, ...]] = {}
        for row in rows:
            for language, texts in row.items():
                merged[language] = merged.get(language, ()) + texts
        result = trim(merged, frozenset(), Counter() if len(rows) > 1 else trimmed)
        is_alone = sum(map(len, result.values())) < min(2, len(self._languages))
        yield from [JOINED] * (len(rows) - 1)
        yield ALONE if is_alone else (key, result)


class _Spool:
    """The rows of a grouping on disk, to be read group by group."""

    def __init__(self, grouping: Grouping) -> None:
        folder = scratch_folder(self)
        self.large = grouping.large
        self.dropped: Counter[str] = Counter()
        self._path = folder / "spool"
        starts = np.empty(grouping.size, np.int64)
        names = np.empty(grouping.size, np.uint64)
        useful = 0
        try:
            with self._path.open("wb") as file:
                for row, group, _ in grouping.read():
                    if isinstance(row, str):
                        self.dropped[row] += 1
                        continue
                    starts[useful], names[useful] = file.tell(), group
                    useful += 1
                    file.write(json.dumps(dict(row), ensure_ascii=False).encode() + b"\n")
        except OSError as error:
            raise no_room(folder, error) from error
        order = np.argsort(names[:useful], kind="stable")
        self._starts, self._names = starts[order], names[order]

    def read(self) -> Iterator[tuple[int, list[Row]]]:
        """Yield (name of the group, its rows in the order of the corpus)."""
        bounds = np.flatnonzero(self._names[1:] != self._names[:-1]) + 1
        begin = 0
        with self._path.open("rb") as file:
            for end in (*bounds.tolist(), len(self._names)):
                for first in range(begin, end, LARGEST):
                    yield int(self._names[begin]), _rows_at(file, self._starts[first : min(first + LARGEST, end)])
                begin = end


def _rows_at(file: BinaryIO, starts: np.ndarray) -> list[Row]:
    rows: list[Row] = []
    for start in starts.tolist():
        file.seek(start)
        row = json.loads(file.readline())
        rows.append({language: tuple(texts) for language, texts in row.items()})
    return rows
