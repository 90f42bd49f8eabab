"""Walks -> how often they go where they should, on examples held out, beside random directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from thought.cheating import derange
from thought.errors import ScoringError
from thought.geometry.cosine import ROWS_AT_ONCE, check_pair, cosines, unit
from thought.walks import Walks, apply, between, direction

_RANDOM = 10  # random directions that an edit is compared with


@dataclass(frozen=True)
class EditGrade:
    """How well a direction, estimated on half of the examples, does on the other half."""

    nearer: float  # 0 to 1, share that the edit moves nearer to their goal than they were
    found: float  # 0 to 1, share whose nearest of all goals and sentences is their goal
    cosine_before: float  # mean, of the sentences with their goals
    cosine_after: float  # mean, of the edited thoughts with their goals
    random_nearer: float  # the same share for random directions of the same length, mean of 10
    random_found: float
    still_found: float  # 0 to 1, `found` without any edit
    learned_on: int
    judged_on: int
    seed: int


@dataclass(frozen=True)
class AnalogyGrade:
    """How often b - a + c is nearest to d, over pairs of held-out examples of one edit."""

    found: float  # 0 to 1, d is the nearest but for a, b and c
    found_among_all: float  # 0 to 1, with a, b and c among the candidates: usually c or b is nearest
    random_found: float  # 0 to 1, b - a replaced by a random direction as long; a, b and c left out
    chance: float  # 0 to 1, of `found`: one of the candidates
    analogies: int
    seed: int


@dataclass(frozen=True)
class InterpolationGrade:
    """Whether the way between two thoughts passes through places that sentences have."""

    confidence: float  # mean round-trip cosine half-way between sentences of one meaning
    confidence_ends: float  # the same at the ends
    confidence_unrelated: float  # half-way between sentences of different meanings
    confidence_random: float  # at random places as far from the mean
    monotone: float  # 0 to 1, share of walks on which what is written only gets farther from the start
    pairs: int
    seed: int


def grade_edit(before: np.ndarray, after: np.ndarray, *, strength: float = 1.0, seed: int = 1) -> EditGrade:
    """Estimate an edit on one half of the examples and judge it on the other.

    Parameters
    ----------
    before, after : ndarray of shape (N, Z), N >= 4
        Thoughts of sentences and of the same sentences edited.
    strength : float
        Of the edit.
    seed : int
        Of the halves and the random directions.

    Returns
    -------
    EditGrade
        Chance of `nearer` is that of random directions, about 0.5 or less: in many dimensions a random step leads
        away. Chance of `found` is one in twice the examples judged.

    Raises
    ------
    ScoringError
        If shapes differ, a value is not finite, or there are fewer than four examples.
    """
    check_pair(before, after)
    if len(before) < 4:
        raise ScoringError(f"to learn an edit and judge it takes at least 4 examples, got {len(before)}")
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(before))
    learn, judge = order[: len(order) // 2], order[len(order) // 2 :]
    edit = direction(before[learn], after[learn])  # (Z,)
    start, goal = before[judge], after[judge]
    candidates = np.concatenate([goal, start])
    plain = cosines(start, goal)
    moved = apply(start, edit, strength)
    found = _is_nearest(moved, candidates)
    random = []
    for _ in range(_RANDOM):
        other = apply(start, _as_long(edit, generator), strength)
        random.append((float((cosines(other, goal) > plain).mean()), float(_is_nearest(other, candidates).mean())))
    nearer, hits = np.mean(random, axis=0).tolist()
    after_edit = cosines(moved, goal)
    return EditGrade(
        float((after_edit > plain).mean()), float(found.mean()), float(plain.mean()), float(after_edit.mean()),
        nearer, hits, float(_is_nearest(start, candidates).mean()), len(learn), len(judge), seed,
    )  # fmt: skip


def grade_analogies(before: np.ndarray, after: np.ndarray, *, most: int = 1_000, seed: int = 1) -> AnalogyGrade:
    """Ask a : b = c : d for pairs of examples of one edit, d to be found among all the sentences.

    Leaving a, b and c out of the candidates flatters (Linzen 2016, arXiv:1606.07736): both are given.

    Parameters
    ----------
    before, after : ndarray of shape (N, Z), N >= 3
        Thoughts of sentences and of the same sentences edited.
    most : int
        Analogies drawn at most.
    seed : int
    """
    check_pair(before, after)
    count = len(before)
    if count < 3:
        raise ScoringError(f"analogies need at least 3 examples of an edit, got {count}")
    generator = np.random.default_rng(seed)
    pairs = np.array([(one, two) for one in range(count) for two in range(count) if one != two])
    pairs = pairs[generator.permutation(len(pairs))[:most]]
    one, two = pairs.T
    candidates = np.concatenate([after, before])  # goal i is row i
    edits = after[one] - before[one]  # (M, Z)
    asked = before[two] + edits
    left_out = np.stack([one, count + one, count + two], axis=1)  # b, a, c
    noise = generator.standard_normal(edits.shape)
    noise *= np.linalg.norm(edits, axis=1, keepdims=True) / np.linalg.norm(noise, axis=1, keepdims=True)
    hits = _is_nearest(asked, candidates, goals=two, left_out=left_out)
    among_all = _is_nearest(asked, candidates, goals=two)
    random = _is_nearest(before[two] + noise, candidates, goals=two, left_out=left_out)
    chance = 1 / (2 * count - 3)
    return AnalogyGrade(float(hits.mean()), float(among_all.mean()), float(random.mean()), chance, len(pairs), seed)


def grade_interpolation(
    translator: Walks, first: np.ndarray, second: np.ndarray, to: str, *, steps: int = 5, seed: int = 1
) -> InterpolationGrade:
    """Walk between sentences that say the same and between others, and see whether the places are those of sentences.

    Parameters
    ----------
    translator : Translator
    first, second : ndarray of shape (N, Z), N >= 2
        Thoughts of N meanings, said in two ways or languages.
    to : str
        Language to write.
    steps : int
        Places of each walk, both ends included, odd.
    seed : int
        Of the pairs of different meanings and the random places.
    """
    check_pair(first, second)
    if len(first) < 2 or steps < 3 or steps % 2 == 0:
        raise ScoringError(f"needs two meanings and an odd number of steps from 3 on, got {len(first)} and {steps}")
    generator = np.random.default_rng(seed)
    others = second[derange(range(len(second)), generator)]
    mean = first.mean(axis=0)
    noise = generator.standard_normal(first.shape)
    far = np.linalg.norm(first - mean, axis=1, keepdims=True)
    random = mean + noise * far / np.linalg.norm(noise, axis=1, keepdims=True)
    walks = np.stack([between(*ends, steps) for ends in zip(first, others, strict=True)]).astype(
        np.float32
    )  # (N, T, Z)
    written = translator.encode(translator.decode(walks.reshape(-1, walks.shape[-1]), to)).reshape(walks.shape)
    from_start = np.stack([cosines(written[:, 0], written[:, step]) for step in range(steps)], axis=1)  # (N, T)
    return InterpolationGrade(
        _confidence(translator, (first + second) / 2, to), _confidence(translator, first, to),
        float(cosines(written[:, steps // 2], walks[:, steps // 2]).mean()), _confidence(translator, random, to),
        float((np.diff(from_start, axis=1) <= 1e-6).all(axis=1).mean()), len(first), seed,
    )  # fmt: skip


def _confidence(translator: Walks, thoughts: np.ndarray, to: str) -> float:
    """Mean cosine of thoughts (N, Z) with the thoughts of what is written from them."""
    thoughts = thoughts.astype(np.float32)
    return float(cosines(translator.encode(translator.decode(thoughts, to)), thoughts).mean())


def _as_long(edit: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A random direction as long as an edit, (Z,)."""
    random = generator.standard_normal(edit.shape)
    found: np.ndarray = random * (np.linalg.norm(edit) / np.linalg.norm(random))
    return found


def _is_nearest(
    queries: np.ndarray, candidates: np.ndarray, *, goals: np.ndarray | None = None, left_out: np.ndarray | None = None
) -> np.ndarray:
    """Whether each query's nearest candidate, by cosine, is its goal, row i unless given: (N,) bool; ties are misses."""
    goals = np.arange(len(queries)) if goals is None else goals
    targets, found = unit(candidates), np.zeros(len(queries), dtype=bool)
    for start in range(0, len(queries), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        cosine = unit(queries[rows]) @ targets.T  # (B, M)
        if left_out is not None:
            np.put_along_axis(cosine, left_out[rows], -np.inf, axis=1)
        own = np.take_along_axis(cosine, goals[rows, None], axis=1)
        np.put_along_axis(cosine, goals[rows, None], -np.inf, axis=1)
        found[rows] = own[:, 0] > cosine.max(axis=1)
    return found
