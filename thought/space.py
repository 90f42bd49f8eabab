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

    Raises
    ------
    ScoringError
        If there is not exactly one of each a row, or thoughts are not of shape (N, Z).

    Examples
    --------
    >>> thoughts = np.array([[3.0, 0.0], [2.0, 1.0], [0.0, 1.0]], dtype=np.float32)
    >>> space = Space(("A dog.", "Ein Hund.", "Eine Katze."), ("en", "de", "de"), np.array([0, 0, 1]), thoughts)
    >>> space.pair("en", "de")
    (array([0]), array([1]))
    >>> space.select(space.rows("de")).texts
    ('Ein Hund.', 'Eine Katze.')
    """

    texts: tuple[str, ...]  # N
    languages: tuple[str, ...]  # N codes, such as "de"
    meanings: np.ndarray  # (N,), int64; any numbers
    thoughts: np.ndarray  # (N, Z), float32; a baseline's may be of another type

    def __post_init__(self) -> None:
        counts = {len(self.texts), len(self.languages), len(self.meanings), len(self.thoughts)}
        if len(counts) > 1 or self.meanings.ndim != 1 or self.thoughts.ndim != 2:
            raise ScoringError(
                f"a space needs one text, language, meaning and thought (N, Z) a row, got {len(self.texts)} texts, "
                f"{len(self.languages)} languages, meanings {self.meanings.shape}, thoughts {self.thoughts.shape}"
            )

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def codes(self) -> tuple[str, ...]:
        """Languages that occur, in order of appearance."""
        return tuple(dict.fromkeys(self.languages))

    def rows(self, language: str) -> np.ndarray:
        """Indices of the rows in a language, in order: (n,). `ScoringError` for a language that does not occur."""
        if language not in self.codes:
            raise ScoringError(f"no sentence is in {language!r}; there are: {', '.join(self.codes) or 'none'}")
        return np.flatnonzero(np.array(self.languages, dtype=object) == language)

    def select(self, rows: Sequence[int] | np.ndarray) -> Space:
        """Only these rows, in this order, or those where a mask (N,) is true; meanings keep their numbers."""
        rows = np.asarray(rows)
        if rows.dtype == bool:
            if len(rows) != len(self):
                raise ScoringError(f"a mask needs one value for each of {len(self)} rows, got {len(rows)}")
            rows = np.flatnonzero(rows)
        if not rows.size:
            rows = rows.astype(np.int64)  # numpy takes an empty list for floats
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
        """Rows of two languages that say the same, first wordings: (n,), (n,), row i beside row i; n may be 0."""
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

    Returns
    -------
    Space
        Rows meaning by meaning; `meanings` counts from 0, those without a row included.

    Raises
    ------
    ScoringError
        If nothing is left to encode, or the encoder gives more than one vector a sentence.

    Examples
    --------
    >>> from thought.floors import CharacterTfidf
    >>> meanings = [Meaning("1", {"en": ("a dog",), "de": ("ein Hund",)}), Meaning("2", {"en": ("a cat",)})]
    >>> space = encode_meanings(CharacterTfidf(["a dog", "ein Hund", "a cat"]), meanings)
    >>> space.texts, space.meanings.tolist(), space.thoughts.shape
    (('a dog', 'ein Hund', 'a cat'), [0, 0, 1], (3, 3))
    """
    if wordings < 0:
        raise ScoringError(f"wordings must be at least 0, got {wordings}")
    texts, codes, numbers = [], [], []
    for number, meaning in enumerate(meanings):
        for code in dict.fromkeys(languages) or meaning.sentences:
            said = [text for text in meaning.sentences.get(code, ()) if text.strip()]
            for text in said[: wordings or None]:
                texts.append(text)
                codes.append(code)
                numbers.append(number)
    if not texts:
        asked = f" in {', '.join(languages)}" if languages else ""
        raise ScoringError(f"there are no sentences{asked} to encode")
    return Space(tuple(texts), tuple(codes), np.array(numbers, dtype=np.int64), encoder.encode(texts))
