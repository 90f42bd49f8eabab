"""Snapshots of training -> one plane that all of them lie on, and the numbers to show beside it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import permutations
from typing import Literal

import numpy as np

from thought.errors import ScoringError, nearest
from thought.geometry.language import probe_language
from thought.geometry.retrieval import retrieval_accuracy
from thought.snapshots import Film
from thought.space import Space

Basis = Literal["procrustes", "pca"]
BASES = {
    "procrustes": "Each snapshot in its own two principal components, turned onto those of the next.",
    "pca": "All snapshots in the two principal components of the last.",
}
SLOW_START = 8  # steps: time runs evenly up to here and by doublings after
MOST_PROBED = 24  # snapshots that the language probe reads: each takes about half a second
LEAST_PROBED = 10  # meanings; with fewer the probe says nothing


@dataclass(frozen=True, eq=False)
class Curve:
    """One number while training goes on."""

    name: str
    steps: np.ndarray  # (n,), rising
    values: np.ndarray  # (n,)
    top: float  # of its axis, which begins at 0
    chance: float | None = None
    is_share: bool = True  # 0 to 1, shown in percent; else shown as it is


def clock(steps: np.ndarray) -> np.ndarray:
    """Film time of steps: even for the first 8, then logarithmic; 0 at step 0."""
    return np.log2(1 + np.asarray(steps, dtype=np.float64) / SLOW_START)


def place(film: Film, basis: Basis = "procrustes") -> np.ndarray:
    """Put every snapshot on one plane.

    Each is centred and scaled to the same spread (nine tenths of its points within 1 of the middle): while
    training, thoughts draw together and apart by factors of ten, and a plane in one scale would show a dot.

    Parameters
    ----------
    film : Film
    basis : {"procrustes", "pca"}
        "procrustes" gives each snapshot its own two principal components, then rotates or reflects it onto
        the next one, from the last backwards (Schönemann 1966): it shows what thoughts differ in at that
        time, be it language. "pca" has the two components of the last snapshot for all: it is one fixed
        projection, and blind to whatever later vanished.

    Returns
    -------
    ndarray of shape (F, N, 2), float64

    Raises
    ------
    ScoringError
        If there are fewer than 2 snapshots, a thought is not finite, or the basis is unknown.
    """
    if basis not in BASES:
        raise ScoringError(f"unknown basis {basis}{nearest(basis, BASES)}")
    if len(film) < 2:
        raise ScoringError(f"a film needs at least 2 snapshots, got {len(film)}: train for longer")
    if not np.isfinite(film.thoughts).all():
        raise ScoringError("thoughts of the film hold NaN or infinity")
    last, axes = _principal(film.thoughts[-1])
    points = [_spread(last)]
    for thoughts in film.thoughts[-2::-1]:
        if basis == "pca":
            points.append(_spread((thoughts - thoughts.mean(axis=0)) @ axes))
        else:
            points.append(_turned(_spread(_principal(thoughts)[0]), points[-1]))
    return np.stack(points[::-1])


def between(times: np.ndarray, values: np.ndarray, time: float) -> np.ndarray:
    """Values (F, ...) at a time between those they are known at, (F,), rising: a cubic through all of them."""
    index = int(np.clip(np.searchsorted(times, time, side="right") - 1, 0, len(times) - 2))
    width = times[index + 1] - times[index]
    share = float(np.clip((time - times[index]) / width, 0, 1))
    slopes = []
    for at in (index, index + 1):
        low, high = max(at - 1, 0), min(at + 1, len(times) - 1)
        slopes.append((values[high] - values[low]) / (times[high] - times[low]) * width)
    square, cube = share**2, share**3
    mixed: np.ndarray = (
        (2 * cube - 3 * square + 1) * values[index] + (3 * square - 2 * cube) * values[index + 1]
        + (cube - 2 * square + share) * slopes[0] + (cube - square) * slopes[1]
    )  # fmt: skip
    return mixed


def follow(film: Film) -> list[Curve]:
    """What to draw under the film: BLEU where it is known, P@1, and how well the language can be read off.

    P@1 is the mean over all directions, among the probe sentences (chance 1 / meanings). The language
    probe is balanced accuracy (chance 1 / languages), at up to 24 of the snapshots.
    """
    curves, space = [], film.space
    if known := film.facts.get("bleu"):
        values = np.array(list(known.values()))
        curves.append(Curve("BLEU", np.array(list(known)), values, max(5.0, 1.15 * values.max()), is_share=False))
    pairs = [space.pair(*pair) for pair in permutations(space.codes, 2)]
    pairs = [pair for pair in pairs if len(pair[0]) > 1]
    if pairs:
        found = [np.mean([retrieval_accuracy(x[a], x[b]) for a, b in pairs]) for x in film.thoughts]
        chance = float(np.mean([1 / len(a) for a, _ in pairs]))
        curves.append(Curve("P@1", film.steps, np.array(found), 1.0, chance))
    if len(space.codes) > 1 and len(set(space.meanings.tolist())) >= LEAST_PROBED:
        rows = np.unique(np.linspace(0, len(film) - 1, MOST_PROBED).round().astype(int))
        labels = np.array(space.languages)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of rare languages: they would be said for each snapshot
            read = [probe_language(film.thoughts[row], labels, space.meanings).score for row in rows]
        curves.append(Curve("language probe", film.steps[rows], np.array(read), 1.0, 1 / len(space.codes)))
    return curves


def choose_joined(space: Space, points: np.ndarray, count: int = 8) -> list[int]:
    """Numbers of a few meanings said in more than one language, far from each other at the end: (N, 2) -> at most 8.

    The first is the farthest from the middle, each further one the farthest from those chosen already.
    """
    numbers, inverse, sizes = np.unique(space.meanings, return_inverse=True, return_counts=True)
    centres = np.stack([np.bincount(inverse, points[:, axis]) / sizes for axis in (0, 1)], axis=1)  # (M, 2)
    chosen: list[int] = []
    distance = np.where(sizes > 1, np.linalg.norm(centres, axis=1), -1.0)
    while len(chosen) < count and distance.max(initial=-1) >= 0:
        row = int(distance.argmax())
        apart = np.linalg.norm(centres - centres[row], axis=1)
        distance = np.where(sizes > 1, np.minimum(distance, apart) if chosen else apart, -1.0)
        chosen.append(int(numbers[row]))
        distance[np.isin(numbers, chosen)] = -1.0
    return chosen


def reach(points: np.ndarray) -> float:
    """Half the width of a window that all but a few outliers of a film fit in: (F, N, 2) -> distance."""
    return float(max(1.1, 1.05 * np.quantile(np.linalg.norm(points, axis=-1), 0.985)))


def _principal(thoughts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two largest principal components of the rows, and their axes: (N, Z) -> (N, 2), (Z, 2)."""
    centred = (thoughts - thoughts.mean(axis=0)).astype(np.float64)
    values, vectors = np.linalg.eigh(centred @ centred.T)  # (N, N): there are fewer sentences than numbers in a thought
    left = np.zeros((len(centred), 2))
    found = vectors[:, ::-1][:, :2]
    left[:, : found.shape[1]] = found * np.sqrt(np.maximum(values[::-1][:2], 0))
    left *= np.where(left[np.abs(left).argmax(axis=0), [0, 1]] < 0, -1.0, 1.0)  # the same on every machine
    length = np.linalg.norm(left, axis=0)
    axes = centred.T @ left / np.where(length > 0, length**2, 1)  # (Z, 2)
    return left, axes


def _spread(points: np.ndarray) -> np.ndarray:
    """Centred, and nine tenths of the points within 1 of there; points that coincide stay together."""
    centred = points - points.mean(axis=0)
    distance = np.linalg.norm(centred, axis=1)
    size = float(np.quantile(distance, 0.9)) or float(distance.max())
    return np.asarray(centred / (size if size > 1e-12 else 1.0))


def _turned(points: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Points rotated or reflected to lie as near as can be to the reference, (N, 2)."""
    left, _, right = np.linalg.svd(points.T @ reference)
    return np.asarray(points @ left @ right)
