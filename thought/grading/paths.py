"""Sentences written where no sentence was, between two and on a grid -> how far they are to be believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from thought.cheating import derange
from thought.errors import ScoringError
from thought.geometry.cosine import TIE, cosines
from thought.moves import How, between, flat
from thought.space import Encodes
from thought.walks import Grid, Speaks, say

CLOSE = 0.25  # quantile of the ends' confidences from which another counts as close


@dataclass(frozen=True)
class Middles:
    """Sentences written halfway between two, and whether they still say the thought they were written from."""

    confidence: float  # -1 to 1, mean cosine of a sentence's thought with that thought
    close: float  # share, 0 to 1, at least as confident as three quarters of the ends


@dataclass(frozen=True)
class InterpolationGrade:
    """How well the space between two sentences is filled."""

    monotone: float  # share of paths, 0 to 1, on which every sentence is at least as far on as the last
    monotone_shuffled: float  # the same between sentences that do not belong together
    monotone_chance: float  # the same with the sentences of each path in random order
    middles: Middles  # of pairs
    middles_shuffled: Middles  # between sentences that do not belong together
    middles_random: Middles  # normal noise with the mean and spread of the thoughts: nowhere in particular
    ends: Middles  # the sentences themselves; 0.75 of them are close by construction
    threshold: float  # -1 to 1, confidence from which one counts as close
    pairs: int
    steps: int
    seed: int


@dataclass(frozen=True)
class GridGrade:
    """Whether the sentences of a page lie where they were written."""

    at_home: float  # share of cells, 0 to 1, whose sentence, placed on the map again, is nearest to its own cell
    chance: float  # of at_home, 0 to 1: a cell drawn by lot
    different: float  # share of cells, 0 to 1, with a sentence that no cell before has
    confidence: float  # -1 to 1, mean of the page


class Places(Protocol):
    """What is asked of a `Projection` here."""

    def transform(self, thoughts: np.ndarray, /) -> np.ndarray:
        """Thoughts (N, Z) -> places (N, 2)."""


def grade_interpolation(
    translator: Speaks,
    first: Sequence[str],
    second: Sequence[str],
    to: str,
    *,
    steps: int = 5,
    how: How = "linear",
    seed: int = 1,
) -> InterpolationGrade:
    """Walk between the sentences of each pair, read what was written on the way, and see where it lies.

    A sentence on the way is as far on as its own thought is nearer to the end than to the start, by
    cosine. The thoughts it is written from go evenly from one end to the other by construction; that
    their sentences follow is no matter of course: where nothing but the two ends can be said, the
    path jumps once, and where the space has holes it goes astray.

    Parameters
    ----------
    translator : Translator
    first, second : sequences of N str
        What belongs together, such as translations or paraphrases, N >= 2.
    to : str
        Language written on the way.
    steps : int, odd and at least 3
        Sentences a path, the ends and the middle counted.
    how : "linear" or "spherical"
    seed : int
        Of the shuffled pairs and of the noise.

    Returns
    -------
    InterpolationGrade
        The floors of `middles` are `middles_shuffled` and `middles_random`, its ceiling is `ends`; the floors of
        `monotone` are 1 / steps! for different sentences, and `monotone_chance` for those that were written.

    Raises
    ------
    ScoringError
        If the two differ in length, there are fewer than two pairs, the number of steps is even or below 3, or more
        than half of the second sentences are one and the same.
    """
    if len(first) != len(second) or len(first) < 2:
        raise ScoringError(f"to grade paths takes two pairs or more, got {len(first)} and {len(second)} sentences")
    if steps < 3 or steps % 2 == 0:
        raise ScoringError(f"a path with a middle has an odd number of steps, at least 3, got {steps}")
    generator = np.random.default_rng(seed)
    starts, stops = (np.asarray(translator.encode(list(texts))) for texts in (first, second))  # (N, Z)
    others = stops[derange(second, generator)]
    paths, shuffled = (_walk(translator, starts, far, to, steps, how) for far in (stops, others))
    ends = paths.confidences[:, [0, -1]].ravel()
    threshold = float(np.quantile(ends, CLOSE))
    noise = generator.standard_normal(starts.shape, dtype=np.float32)
    nowhere = say(translator, starts.mean(axis=0) + starts.std(axis=0) * noise, to).confidences[to]
    middle = steps // 2
    return InterpolationGrade(
        monotone=_monotone(paths.ahead),
        monotone_shuffled=_monotone(shuffled.ahead),
        monotone_chance=_monotone(generator.permuted(paths.ahead, axis=1)),
        middles=_middles(paths.confidences[:, middle], threshold),
        middles_shuffled=_middles(shuffled.confidences[:, middle], threshold),
        middles_random=_middles(nowhere, threshold),
        ends=_middles(ends, threshold),
        threshold=threshold, pairs=len(first), steps=steps, seed=seed,
    )  # fmt: skip


def grade_grid(encoder: Encodes, projection: Places, grid: Grid) -> GridGrade:
    """Read a page of sentences, place each on the map again, and see whether it comes home.

    A page on which neighbouring cells say the same cannot be at home everywhere, so `different` stands beside it.

    Parameters
    ----------
    encoder : Translator, or anything with its `encode`
    projection : Projection, or anything with its `transform`
        The one the page was made with.
    grid : Grid
        Of `thought.walks.decode_grid`, n by n.

    Returns
    -------
    GridGrade
        Chance of `at_home` is 1 / n**2. Of equally near cells the first counts.
    """
    texts = [text for row in grid.texts for text in row]
    distinct = list(dict.fromkeys(texts))
    placed = dict(zip(distinct, projection.transform(np.asarray(encoder.encode(distinct))), strict=True))
    cells = grid.places.reshape(-1, 2)  # (n * n, 2)
    landed = np.array([placed[text] for text in texts])  # (n * n, 2)
    distance = ((landed[:, None] - cells) ** 2).sum(axis=-1)  # (n * n, n * n)
    home = distance.argmin(axis=1) == np.arange(len(cells))
    different = len(distinct) / len(texts)
    return GridGrade(float(home.mean()), 1 / len(cells), different, float(grid.confidences.mean()))


@dataclass(frozen=True)
class _Paths:
    """What was written on N paths: how far on each sentence is, and how confident."""

    ahead: np.ndarray  # (N, S), cosine with the end less that with the start
    confidences: np.ndarray  # (N, S)


def _walk(translator: Speaks, starts: np.ndarray, stops: np.ndarray, to: str, steps: int, how: How) -> _Paths:
    ahead, confidences = [], []
    for share in np.linspace(0, 1, steps):
        thoughts = between(starts, stops, float(share), how)
        read = flat(np.asarray(translator.encode(translator.decode(thoughts, to))))
        ahead.append(cosines(read, flat(stops)) - cosines(read, flat(starts)))
        confidences.append(cosines(read, flat(thoughts)))
    return _Paths(np.stack(ahead, axis=1), np.stack(confidences, axis=1))


def _monotone(ahead: np.ndarray) -> float:
    return float((np.diff(ahead, axis=1) >= -TIE).all(axis=1).mean())


def _middles(confidences: np.ndarray, threshold: float) -> Middles:
    return Middles(float(confidences.mean()), float((confidences >= threshold).mean()))
