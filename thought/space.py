"""Sentences and their thoughts, row by row: the one table that measures, maps and walks read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from thought.corpus import Meaning
from thought.errors import ScoringError


class Encodes(Protocol):
    """What is asked of a `Translator` here; character TF-IDF can be dressed up as one."""

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        """N texts -> (N, Z)."""


@dataclass(frozen=True, eq=False)
class Space:
    """N sentences: what each says, in which language, and its thought.

    Rows that carry the same number in `meanings` say the same. Nothing here is ever changed.
    """

    texts: tuple[str, ...]  # N
    languages: tuple[str, ...]  # N codes, such as "de"
    meanings: np.ndarray  # (N,), int64, numbered from 0 in order of appearance
    thoughts: np.ndarray  # (N, Z), float32

    def __post_init__(self) -> None:
        counts = {len(self.texts), len(self.languages), len(self.meanings), len(self.thoughts)}
        if len(counts) > 1 or self.thoughts.ndim != 2:
            raise ScoringError(
                f"a space needs one text, language, meaning and thought (N, Z) a row, got {len(self.texts)} texts, "
                f"{len(self.languages)} languages, {len(self.meanings)} meanings, thoughts {self.thoughts.shape}"
            )

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def codes(self) -> tuple[str, ...]:
        """Languages that occur, in order of appearance."""
        return tuple(dict.fromkeys(self.languages))

    def rows(self, language: str) -> np.ndarray:
        """Indices of the rows in a language, in order: (n,)."""
        return np.flatnonzero(np.array(self.languages, dtype=object) == language)

    def select(self, rows: Sequence[int] | np.ndarray) -> Space:
        """Only these rows, in this order; meanings keep their numbers."""
        return Space(
            tuple(self.texts[row] for row in rows),
            tuple(self.languages[row] for row in rows),
            self.meanings[rows],
            self.thoughts[rows],
        )

    def first(self) -> Space:
        """Only the first wording of each meaning in each language."""
        seen: dict[tuple[int, str], int] = {}
        for row, key in enumerate(zip(self.meanings.tolist(), self.languages, strict=True)):
            seen.setdefault(key, row)
        return self.select(sorted(seen.values()))

    def pair(self, source: str, target: str) -> tuple[np.ndarray, np.ndarray]:
        """Rows of two languages that say the same, first wordings: (n,), (n,), row i beside row i."""
        where: list[dict[int, int]] = []
        for code in (source, target):
            places: dict[int, int] = {}
            for row in self.rows(code).tolist():
                places.setdefault(int(self.meanings[row]), row)
            where.append(places)
        shared = [meaning for meaning in where[0] if meaning in where[1]]
        return (
            np.array([where[0][meaning] for meaning in shared], dtype=np.int64),
            np.array([where[1][meaning] for meaning in shared], dtype=np.int64),
        )

    def with_thoughts(self, thoughts: np.ndarray) -> Space:
        """The same sentences with other thoughts, such as a baseline's: (N, Z')."""
        return Space(self.texts, self.languages, self.meanings, thoughts)


def encode_meanings(
    encoder: Encodes, meanings: Iterable[Meaning], languages: Sequence[str] = (), *, wordings: int = 1
) -> Space:
    """Encode meanings into a space.

    Parameters
    ----------
    encoder : Translator, or anything with its `encode`
    meanings : iterable of Meaning
        Numbered in order; empty sentences and other languages are left out.
    languages : sequence of str
        Codes to take; the default is all.
    wordings : int
        Sentences a meaning and language at most; 0 takes all.

    Raises
    ------
    ScoringError
        If nothing is left to encode.
    """
    texts, codes, numbers = [], [], []
    for number, meaning in enumerate(meanings):
        for code in languages or meaning.sentences:
            said = [text for text in meaning.sentences.get(code, ()) if text.strip()]
            for text in said[: wordings or None]:
                texts.append(text)
                codes.append(code)
                numbers.append(number)
    if not texts:
        raise ScoringError("there are no sentences to encode")
    return Space(tuple(texts), tuple(codes), np.array(numbers, dtype=np.int64), encoder.encode(texts))
