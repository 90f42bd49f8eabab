"""Walks in the space of thoughts: neighbours, paths, analogies, edits, and a map as a page of sentences.

Whatever the decoder is given, it writes something. So every sentence found on a walk comes with a
confidence: the cosine of its own thought with the thought it was written from. Sentences the model
was trained on set the scale of it, and `thought.grading` says how often a walk arrives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from thought.errors import ScoringError
from thought.geometry.cosine import check_rows, cosines, nearest
from thought.moves import How, between, flat
from thought.space import Encodes, Space


class Speaks(Protocol):
    """What is asked of a `Translator` here; a table can be dressed up as one in a test."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes it can write."""

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        """N texts -> (N, Z), or (N, K, Z)."""

    def decode(self, thoughts: np.ndarray, to: str, /) -> list[str]:
        """Thoughts -> N texts."""


class Inverts(Protocol):
    """What is asked of a `Projection` here."""

    def inverse(self, points: np.ndarray, /) -> np.ndarray:
        """Places (N, 2) -> thoughts (N, Z)."""


@dataclass(frozen=True)
class Neighbour:
    """A sentence near a thought."""

    text: str
    language: str
    meaning: int  # its number in the space
    row: int  # in the space
    cosine: float  # -1 to 1


@dataclass(frozen=True, eq=False)
class Walk:
    """Thoughts on a walk, in order, and what the decoder makes of each."""

    thoughts: np.ndarray  # (S, Z), or (S, K, Z)
    texts: Mapping[str, tuple[str, ...]]  # language -> S sentences
    confidences: Mapping[str, np.ndarray]  # language -> (S,), -1 to 1: cosine of a sentence's thought with its origin


@dataclass(frozen=True, eq=False)
class Grid:
    """A map as a page of sentences; the first row lies at the top of the map, the first column at its left."""

    places: np.ndarray  # (n, n, 2), on the map
    texts: tuple[tuple[str, ...], ...]  # n rows of n sentences
    confidences: np.ndarray  # (n, n), -1 to 1
    language: str


def say(translator: Speaks, thoughts: np.ndarray, to: str | Sequence[str] = ()) -> Walk:
    """Write thoughts in each of the languages, and read what was written to see whether it says them.

    Parameters
    ----------
    translator : Translator
    thoughts : ndarray of shape (S, Z), or (S, K, Z)
        Not changed.
    to : str or sequence of str
        Languages to write; the default is all.

    Raises
    ------
    ScoringError
        If there are no thoughts, or a value is not finite.
    """
    thoughts = np.asarray(thoughts)
    check_rows(flat(thoughts))
    texts, confidences = {}, {}
    for code in [to] if isinstance(to, str) else to or translator.languages:
        written = translator.decode(thoughts, code)
        texts[code] = tuple(written)
        confidences[code] = cosines(flat(np.asarray(translator.encode(written))), flat(thoughts))
    return Walk(thoughts, texts, confidences)


def neighbours(
    space: Space, query: str | np.ndarray, k: int = 5, *, encoder: Encodes | None = None, language: str = ""
) -> tuple[Neighbour, ...]:
    """Find the k sentences of a space whose thoughts are nearest to a text or a thought, by cosine.

    A text that stands in the space finds itself first. Of N sentences, one drawn by lot is the
    nearest with chance 1/N.

    Parameters
    ----------
    space : Space
    query : str or ndarray of shape (Z,)
    k : int
        At most the sentences there are.
    encoder : Translator, or anything with its `encode`
        The one that made the space; a text needs it, a thought does not.
    language : str
        Look only among sentences of this language.

    Returns
    -------
    tuple of k Neighbour, nearest first

    Raises
    ------
    ScoringError
        If there are fewer than k sentences, none is in the language, the width of the thought is not that of
        the space, or a text comes without an encoder.

    Examples
    --------
    >>> from thought.floors import CharacterTfidf
    >>> texts = ("a dog runs", "a dog sleeps", "ein Hund rennt")
    >>> encoder = CharacterTfidf(texts)
    >>> space = Space(texts, ("en", "en", "de"), np.arange(3), encoder.encode(texts))
    >>> [one.text for one in neighbours(space, "the dog runs", 2, encoder=encoder)]
    ['a dog runs', 'a dog sleeps']
    """
    if isinstance(query, str):
        if encoder is None:
            raise ScoringError("to look for a text takes the encoder that made the space: neighbours(..., encoder=...)")
        query = np.asarray(encoder.encode([query]))[0]
    rows = space.rows(language) if language else np.arange(len(space))
    found, near = nearest(np.asarray(query).reshape(1, -1), space.thoughts[rows], k)
    return tuple(
        Neighbour(space.texts[row], space.languages[row], int(space.meanings[row]), row, float(cosine))
        for row, cosine in zip(rows[found[0]].tolist(), near[0], strict=True)
    )


def interpolate(
    translator: Speaks,
    first: str | np.ndarray,
    second: str | np.ndarray,
    steps: int = 7,
    to: str | Sequence[str] = (),
    *,
    how: How = "linear",
) -> Walk:
    """Walk from one sentence to another and write what lies between, in every language.

    Parameters
    ----------
    translator : Translator
    first, second : str or a thought, (Z,) or (K, Z)
        The ends; both are part of the walk.
    steps : int, at least 2
        Thoughts on the walk, evenly spaced, the ends counted.
    to : str or sequence of str
        Languages to write; the default is all.
    how : "linear" or "spherical"
        See `thought.moves.between`.

    Returns
    -------
    Walk
        With a confidence, -1 to 1, beside every sentence written.

    Raises
    ------
    ScoringError
        If there are fewer than 2 steps, or the two ends do not fit together.

    Examples
    --------
    >>> from thought import Translator
    >>> translator = Translator.load("runs/tiny")
    >>> walk = interpolate(translator, "a dog runs.", "der Vogel singt.", steps=5, to="en")
    >>> walk.thoughts.shape, len(walk.texts["en"]), walk.confidences["en"].shape
    ((5, 4), 5, (5,))
    """
    if steps < 2:
        raise ScoringError(f"a walk from one end to the other takes at least 2 steps, got {steps}")
    ends = think(translator, [first, second])  # (2, Z)
    starts, stops = (np.repeat(end[None], steps, axis=0) for end in ends)  # (S, Z)
    return say(translator, between(starts, stops, np.linspace(0, 1, steps), how), to)


def analogy(
    translator: Speaks,
    a: str | np.ndarray,
    b: str | np.ndarray,
    c: str | np.ndarray,
    to: str | Sequence[str] = (),
) -> Walk:
    """Say what is to c as b is to a: the thought b - a + c, a walk of one step.

    As for words in Mikolov et al. (2013, NAACL, "Linguistic Regularities"). What comes out is often c or b again
    (Linzen 2016, arXiv:1606.07736), so see `thought.grading.grade_analogies` before believing one.

    Parameters
    ----------
    translator : Translator
    a, b, c : str or a thought, (Z,) or (K, Z)
    to : str or sequence of str
        Languages to write; the default is all.

    Returns
    -------
    Walk
        Of one step; its confidence says how far to believe it.

    Raises
    ------
    ScoringError
        If the thoughts differ in shape, or a value is not finite.

    Examples
    --------
    >>> from thought import Translator
    >>> translator = Translator.load("runs/tiny")
    >>> walk = analogy(translator, "a dog runs.", "two dogs run.", "a cat runs.")
    >>> walk.thoughts.shape, sorted(walk.texts)
    ((1, 4), ['de', 'en'])
    """
    thoughts = think(translator, [a, b, c])
    return say(translator, thoughts[1:2] - thoughts[0:1] + thoughts[2:3], to)


def decode_grid(translator: Speaks, projection: Inverts, points: np.ndarray, to: str, *, n: int = 8) -> Grid:
    """Write what would lie at n by n places of a map.

    Parameters
    ----------
    translator : Translator
    projection : Projection, or anything with its `inverse`
        Fitted; of two dimensions.
    points : ndarray of shape (N, 2)
        Where sentences lie; the grid covers them, its places are the middles of n by n equal cells.
    to : str
        Language to write.
    n : int
        Cells a side.

    Raises
    ------
    ScoringError
        If the points are not of two dimensions or not finite, or n is less than 1.
    """
    points = np.asarray(points)
    check_rows(points, "points")
    if points.shape[1] != 2:
        raise ScoringError(f"a page of sentences needs a map of two dimensions, got points {points.shape}")
    if n < 1:
        raise ScoringError(f"a grid has at least 1 cell a side, got {n}")
    low, high = points.min(axis=0), points.max(axis=0)
    middles = (np.arange(n) + 0.5) / n  # of cells, as shares of a side
    across, down = np.meshgrid(middles, middles[::-1])
    places = low + np.stack([across, down], axis=-1) * (high - low)  # (n, n, 2)
    walk = say(translator, projection.inverse(places.reshape(-1, 2)).astype(np.float32), to)
    texts = walk.texts[to]
    rows = tuple(texts[start : start + n] for start in range(0, n * n, n))
    return Grid(places, rows, walk.confidences[to].reshape(n, n), to)


def think(translator: Encodes, items: Sequence[str | np.ndarray]) -> np.ndarray:
    """Thoughts of sentences and of thoughts, in order: (N, Z), or (N, K, Z).

    Raises
    ------
    ScoringError
        If thoughts differ in shape.
    """
    texts = [item for item in items if isinstance(item, str)]
    encoded = iter(np.asarray(translator.encode(texts)) if texts else ())
    rows = [next(encoded) if isinstance(item, str) else np.asarray(item) for item in items]
    if len({row.shape for row in rows}) != 1:
        raise ScoringError(f"thoughts differ in shape: {', '.join(str(row.shape) for row in rows)}")
    return np.stack(rows)
