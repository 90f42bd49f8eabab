"""Sources -> train, dev and test, row by row: official sides are kept, missing ones cut from train.

What guarantees that no sentence stands on two sides: the sides cut from train are unions of groups
of rows that share a sentence, and where sides are official, dev loses what stands in test, and
train what stands in dev or test. Test is never touched, dev only by that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from thought.groups import DUPLICATE, LEAK, Grouping, digest
from thought.rows import Row, Source, restrict
from thought.splits import key_of, side_of, split_of

DUPLICATES = "duplicates"
HELD_OUT = "also in dev or test"
REPEATED = "sentences that repeat one of their meaning"
HELD_OUT_SENTENCES = "sentences also in dev or test"

Item = tuple[str, Row] | str  # (key, row), or the reason for which a line was dropped


class Partition:
    """One source an official split, shares of train for the sides that are missing; rows in some languages."""

    is_shuffled = False

    def __init__(
        self, sources: Mapping[str, Source], languages: tuple[str, ...], seed: int, dev_share: float, test_share: float
    ) -> None:
        split_of("", seed, dev_share, test_share)  # raises now, not in the middle of reading
        self._sources = dict(sources)
        self._languages = languages
        self._fewest = min(2, len(languages))
        self._seed = seed
        sides = {side_of(name) for name in sources}
        self._is_cut = "train" in sources and sides != {"train", "dev", "test"}
        self._shares = (0.0 if "dev" in sides else dev_share, 0.0 if "test" in sides else test_share)
        cut = [side for side in ("dev", "test") if side not in sides] if self._is_cut else []
        self.splits = (*sorted(self._sources, key=lambda name: (name != "train", name)), *cut)
        self._groupings: dict[str, Grouping] = {}
        self._held_out: dict[str, frozenset[bytes]] = {}

    def read(self, split: str, trimmed: Counter[str]) -> Iterator[Item]:
        """Yield the rows of a split with their keys; count single sentences left out in `trimmed`.

        Rows that share a sentence share the key, but for official splits, where it is the line.
        Lines without use have no side: where sides are cut from train, they count with train.
        """
        if split not in self._sources:
            return self._read_cut(split, trimmed)
        if side_of(split) != "train":
            return self._read_official(split, trimmed)
        if split == "train" and self._is_cut:
            return self._read_cut("train", trimmed)
        return self._read_train(split, trimmed)

    def _read_official(self, split: str, trimmed: Counter[str]) -> Iterator[Item]:
        held_out = self._held_out_from(split)
        for number, full in enumerate(self._sources[split].read(), 1):
            row = restrict(full, self._languages, self._fewest)
            if isinstance(row, str):
                yield row
            elif held_out and any(digest(texts[0]) in held_out for texts in row.values()):
                yield HELD_OUT
            else:
                yield f"{split}:{number}", trim(row, held_out, trimmed)

    def _read_train(self, split: str, trimmed: Counter[str]) -> Iterator[Item]:
        held_out = self._held_out_from(split)
        for number, (row, _, mark) in enumerate(self._grouping(split).read(), 1):
            yield row if isinstance(row, str) else _judged(f"{split}:{number}", row, mark, held_out, trimmed)

    def _read_cut(self, side: str, trimmed: Counter[str]) -> Iterator[Item]:
        """Yield the rows of train whose group falls on this side."""
        grouping = self._grouping("train")
        held_out = self._held_out_from("train")
        for row, group, mark in grouping.read():
            if isinstance(row, str):
                if side == "train":
                    yield row
                continue
            key = key_of(group, group in grouping.large, self._seed, *self._shares)
            if split_of(key, self._seed, *self._shares) == side:
                yield _judged(key, row, mark, held_out, trimmed)

    def _grouping(self, split: str) -> Grouping:
        if split not in self._groupings:
            held_out = self._held_out_from(split)
            source = self._sources[split]
            self._groupings[split] = Grouping(source, self._languages, fewest=self._fewest, held_out=held_out)
        return self._groupings[split]

    def _held_out_from(self, split: str) -> frozenset[bytes]:
        """Digests of the sentences that a split must not contain: official test, for train dev too.

        They are held in memory, about 70 bytes each: official test sets have thousands of lines.
        """
        barred = {"train": ("dev", "test"), "dev": ("test",), "test": ()}[side_of(split)]
        if split not in self._held_out:
            sources = [source for name, source in self._sources.items() if side_of(name) in barred]
            rows = (row for source in sources for row in source.read() if not isinstance(row, str))
            self._held_out[split] = frozenset(digest(text) for row in rows for texts in row.values() for text in texts)
        return self._held_out[split]


def _judged(key: str, row: Row, mark: int, held_out: frozenset[bytes], trimmed: Counter[str]) -> Item:
    if mark == LEAK:
        return HELD_OUT
    if mark == DUPLICATE:
        return DUPLICATES
    return key, trim(row, held_out, trimmed)


def trim(row: Row, held_out: frozenset[bytes], trimmed: Counter[str]) -> Row:
    """Leave out sentences that repeat one of their language and further ones that are held out."""
    if max(map(len, row.values())) == 1:
        return row
    result = {}
    for language, texts in row.items():
        unique = tuple(dict.fromkeys(texts))
        fitting = unique[:1] + tuple(text for text in unique[1:] if digest(text) not in held_out)
        trimmed[REPEATED] += len(texts) - len(unique)
        trimmed[HELD_OUT_SENTENCES] += len(unique) - len(fitting)
        result[language] = fitting
    return result
