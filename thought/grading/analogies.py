"""Quadruples of sentences, a is to b as c is to d -> how often b - a + c finds d."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thought.cheating import derange
from thought.errors import ScoringError
from thought.geometry.cosine import unit
from thought.grading.edits import ranks
from thought.moves import flat
from thought.space import Encodes

Quadruple = tuple[str, str, str, str]


@dataclass(frozen=True)
class AnalogyOutcome:
    """How often c + offset is nearest to d."""

    without_inputs: float  # 0 to 1, with a, b and c left out of the candidates, as most papers do
    with_inputs: float  # 0 to 1, among all candidates


@dataclass(frozen=True)
class AnalogyGrade:
    """How often b - a + c finds d."""

    offset: AnalogyOutcome  # b - a
    random: AnalogyOutcome  # random offsets of equal length, mean of all
    unmoved: AnalogyOutcome  # c alone
    chance: float  # of without_inputs, 0 to 1: a candidate drawn by lot
    quadruples: int
    candidates: int  # different sentences
    draws: int  # random offsets a quadruple
    seed: int


def make_quadruples(first: Sequence[str], second: Sequence[str], *, seed: int = 1) -> list[Quadruple]:
    """Set every pair of an edit beside another, drawn by lot: a is to b as c is to d.

    Parameters
    ----------
    first, second : sequences of N str
        Sentences before and after an edit, as of `thought.grading.edits.edit_pairs`.
    seed : int

    Raises
    ------
    ScoringError
        If the two differ in length, or more than half of the first sentences are one and the same.
    """
    if len(first) != len(second) or len(first) < 2:
        raise ScoringError(f"quadruples take two pairs or more, got {len(first)} and {len(second)} sentences")
    others = derange(first, np.random.default_rng(seed)).tolist()
    return [(first[row], second[row], first[other], second[other]) for row, other in enumerate(others)]


def grade_analogies(
    encoder: Encodes, quadruples: Sequence[Quadruple], *, others: Sequence[str] = (), draws: int = 5, seed: int = 1
) -> AnalogyGrade:
    """Grade analogies by what is nearest, by cosine, to b - a + c (Mikolov et al. 2013).

    Leaving a, b and c out of the candidates flatters: then c alone, without any offset, finds d
    wherever d is its nearest neighbour (Linzen 2016, arXiv:1606.07736; Rogers et al. 2017, doi:10.18653/v1/S17-1017).
    So both ways of counting stand here, and c alone, and random offsets.

    Parameters
    ----------
    encoder : Translator, or anything with its `encode`
    quadruples : sequence of (a, b, c, d)
        Sentences; d is to differ from the other three.
    others : sequence of str
        More candidates, beside all sentences of the quadruples.
    draws : int
        Random offsets a quadruple.
    seed : int
        Of the offsets.

    Returns
    -------
    AnalogyGrade
        Its floors are `unmoved` and `random`. Ties are broken by lot.

    Raises
    ------
    ScoringError
        If there are no quadruples, one asks for one of its own inputs, or a thought is not finite.
    """
    if not quadruples or draws < 1:
        raise ScoringError(f"needs a quadruple and a draw at least, got {len(quadruples)} and {draws}")
    for number, four in enumerate(quadruples):
        if four[3] in four[:3]:
            raise ScoringError(f"quadruple {number} asks for one of its own inputs: {four[3]!r}")
    texts = list(dict.fromkeys([*(text for four in quadruples for text in four), *others]))
    at = {text: row for row, text in enumerate(texts)}
    rows = np.array([[at[text] for text in four] for four in quadruples])  # (N, 4)
    thoughts = flat(np.asarray(encoder.encode(texts)))  # (M, Z)
    if not np.isfinite(thoughts).all():
        raise ScoringError("thoughts hold NaN or infinity")
    start, offset = thoughts[rows[:, 2]], thoughts[rows[:, 1]] - thoughts[rows[:, 0]]  # (N, Z)
    sizes = np.linalg.norm(offset, axis=1, keepdims=True)  # (N, 1)
    generator, candidates = np.random.default_rng(seed), unit(thoughts)
    random = []
    for _ in range(draws):
        noise = unit(generator.standard_normal(offset.shape, dtype=np.float32))
        random.append(_outcome(start + sizes * noise, candidates, rows))
    return AnalogyGrade(
        offset=_outcome(start + offset, candidates, rows),
        random=AnalogyOutcome(
            float(np.mean([one.without_inputs for one in random])), float(np.mean([one.with_inputs for one in random]))
        ),
        unmoved=_outcome(start, candidates, rows),
        chance=float(np.mean([1 / (len(texts) - len(set(four[:3]))) for four in quadruples])),
        quadruples=len(quadruples), candidates=len(texts), draws=draws, seed=seed,
    )  # fmt: skip


def _outcome(moved: np.ndarray, candidates: np.ndarray, rows: np.ndarray) -> AnalogyOutcome:
    cosine = unit(moved) @ candidates.T  # (N, M)
    with_inputs, _ = ranks(cosine, rows[:, 3])
    np.put_along_axis(cosine, rows[:, :3], -2, axis=1)  # below all
    without, _ = ranks(cosine, rows[:, 3])
    return AnalogyOutcome(float(without.mean()), float(with_inputs.mean()))
