"""Sentences before and after an edit -> how well one direction makes it on sentences it was not estimated from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from thought.errors import ScoringError
from thought.geometry.cosine import TIE, cosines, unit
from thought.moves import apply, direction, flat
from thought.walks import Speaks

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class EditOutcome:
    """Where held-out sentences arrive by one way of moving them."""

    nearer: float  # share, 0 to 1, that end nearer to the edited sentence than to the one they came from
    p_at_1: float  # share, 0 to 1, whose nearest candidate is the edited sentence, the one they came from left out
    p_at_1_with_input: float  # the same with it among the candidates
    mean_reciprocal_rank: float  # 0 to 1, of the edited sentence, the one they came from left out
    edited: float | None  # share, 0 to 1, whose decoded sentence has the new words and none of the old
    written: float | None  # share, 0 to 1, whose decoded sentence is the edited one word for word


@dataclass(frozen=True)
class EditGrade:
    """How well a direction, estimated from one half of the pairs, edits the other half."""

    moved: EditOutcome  # along the direction
    random: EditOutcome  # along random directions of equal length, mean of all
    unrelated: EditOutcome  # along differences of two random sentences, of equal length, mean of all
    unmoved: EditOutcome  # not at all
    chance: float  # of p_at_1, 0 to 1: a candidate drawn by lot
    agreement: float  # -1 to 1, mean cosine of what changes in a held-out pair with the direction; chance is 0
    fitted: int  # pairs the direction is estimated from
    held_out: int  # pairs graded
    candidates: int  # sentences to choose from, the one left out not counted
    draws: int  # random directions of each kind
    seed: int


def edit_pairs(texts: Sequence[str], words: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Make examples of an edit by replacing whole words: sentences before and after it.

    Parameters
    ----------
    texts : sequence of str
        Each counts once; one in which nothing is replaced is left out.
    words : mapping of str -> str
        Such as {"man": "woman", "in front of": "behind"}; capitals count, and the longest that fits is replaced.

    Raises
    ------
    ScoringError
        If there is nothing to replace.

    Examples
    --------
    >>> edit_pairs(["A man runs.", "Many dogs run."], {"man": "woman"})
    (['A man runs.'], ['A woman runs.'])
    """
    if not words or "" in words:
        raise ScoringError("an edit needs at least one word to replace, and none that is empty")
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})(?!\w)")
    edited = {text: pattern.sub(lambda found: words[found[0]], text) for text in texts}
    changed = {text: other for text, other in edited.items() if other != text}
    return list(changed), list(changed.values())


def grade_edits(
    translator: Speaks,
    first: Sequence[str],
    second: Sequence[str],
    to: str = "",
    *,
    others: Sequence[str] = (),
    strength: float = 1.0,
    draws: int = 5,
    seed: int = 1,
) -> EditGrade:
    """Estimate an edit from half of the pairs and grade it on the other half.

    Parameters
    ----------
    translator : Translator
    first, second : sequences of N str
        Sentences before and after the edit, as of `edit_pairs`. Equal pairs count once, and those in which
        nothing changes not at all.
    to : str
        Language of the pairs, in which moved thoughts are decoded; empty decodes nothing.
    others : sequence of str
        More candidates, beside both sentences of every held-out pair.
    strength : float
        Times the direction's length.
    draws : int
        Random directions of each kind.
    seed : int
        Of the halves and of the random directions.

    Returns
    -------
    EditGrade
        Its floors are `unmoved`, `random` and `unrelated`: the edit is what `moved` adds to them. Without
        moving no thought is nearer to another sentence than to its own, so there `nearer` is 0.

    Raises
    ------
    ScoringError
        If the two differ in length, fewer than 4 pairs are left, or a thought is not finite.
    """
    if len(first) != len(second):
        raise ScoringError(f"{len(first)} sentences before an edit do not fit {len(second)} after it")
    pairs = [(one, two) for one, two in dict.fromkeys(zip(first, second, strict=True)) if one != two]
    if len(pairs) < 4:
        raise ScoringError(f"to grade an edit takes at least 4 different pairs, got {len(pairs)}")
    if draws < 1:
        raise ScoringError(f"draws must be at least 1, got {draws}")
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(pairs)).tolist()
    fitted, held = ([pairs[row] for row in rows] for rows in (order[: len(order) // 2], order[len(order) // 2 :]))
    before, after = (np.asarray(translator.encode([pair[side] for pair in fitted])) for side in (0, 1))
    step = direction(before, after)  # (Z,)
    exam = _Exam(translator, to, held, others)
    size = abs(strength) * float(np.linalg.norm(step))
    random, unrelated = [], []
    for _ in range(draws):
        random.append(exam.take(_scaled(generator.standard_normal(step.shape), size)))
        one, two = generator.choice(len(exam.thoughts), 2, replace=False)
        unrelated.append(exam.take(_scaled(exam.thoughts[one] - exam.thoughts[two], size)))
    changes = flat(exam.thoughts[exam.after] - exam.thoughts[exam.before])
    along = np.broadcast_to(step.reshape(1, -1), changes.shape)
    return EditGrade(
        moved=exam.take(strength * step), random=_mean(random), unrelated=_mean(unrelated),
        unmoved=exam.take(0 * step), chance=1 / (len(exam.texts) - 1), agreement=float(cosines(changes, along).mean()),
        fitted=len(fitted), held_out=len(held), candidates=len(exam.texts) - 1, draws=draws, seed=seed,
    )  # fmt: skip


def ranks(cosine: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far from the top each row's own column stands: (N, M), (N,) -> P@1 (N,) and ranks (N,).

    Where m columns are equally near, the own among them, P@1 is 1/m and the rank their middle one, as if the tie
    were broken by lot.
    """
    mine = cosine[np.arange(len(cosine)), own][:, None]  # (N, 1)
    above = (cosine > mine + TIE).sum(axis=1)
    equal = (np.abs(cosine - mine) <= TIE).sum(axis=1)  # the own is one of them
    return np.where(above == 0, 1 / equal, 0.0), above + (equal + 1) / 2


class _Exam:
    """Held-out pairs among candidates, and where their first sentences arrive when they are moved."""

    def __init__(self, translator: Speaks, to: str, pairs: Sequence[tuple[str, str]], others: Sequence[str]) -> None:
        self.translator, self.to, self.pairs = translator, to, pairs
        self.texts = list(dict.fromkeys([*(text for pair in pairs for text in pair), *others]))  # M
        self.thoughts = np.asarray(translator.encode(self.texts))  # (M, Z)
        at = {text: row for row, text in enumerate(self.texts)}
        self.before, self.after = (np.array([at[pair[side]] for pair in pairs]) for side in (0, 1))  # (N,), (N,)

    def take(self, step: np.ndarray) -> EditOutcome:
        """Move every first sentence by a step and grade where it arrives."""
        moved = apply(self.thoughts[self.before], step.astype(self.thoughts.dtype))
        cosine = unit(flat(moved)) @ unit(flat(self.thoughts)).T  # (N, M)
        rows = np.arange(len(cosine))
        nearer = cosine[rows, self.after] > cosine[rows, self.before] + TIE
        with_input, _ = ranks(cosine, self.after)
        cosine[rows, self.before] = -2  # below all
        found, rank = ranks(cosine, self.after)
        edited, written = self._write(moved)
        return EditOutcome(
            nearer=float(nearer.mean()), p_at_1=float(found.mean()), p_at_1_with_input=float(with_input.mean()),
            mean_reciprocal_rank=float((1 / rank).mean()), edited=edited, written=written,
        )  # fmt: skip

    def _write(self, moved: np.ndarray) -> tuple[float | None, float | None]:
        if not self.to:
            return None, None
        outputs = self.translator.decode(moved, self.to)
        both = list(zip(self.pairs, outputs, strict=True))
        edited = [is_edited(before, after, text) for (before, after), text in both]
        return float(np.mean(edited)), float(np.mean([text == after for (_, after), text in both]))


def is_edited(before: str, after: str, text: str) -> bool:
    """Whether a text has the words that an edit brings and none of those it takes away, whatever else it says."""
    old, new, said = (set(_WORD.findall(sentence.lower())) for sentence in (before, after, text))
    if old == new:  # an edit of their order
        return text == after
    return new - old <= said and not (old - new) & said


def _scaled(step: np.ndarray, size: float) -> np.ndarray:
    length = float(np.linalg.norm(step))
    return step * (size / length if length > 0 else 0.0)


def _mean(outcomes: Sequence[EditOutcome]) -> EditOutcome:
    rows = [(one.nearer, one.p_at_1, one.p_at_1_with_input, one.mean_reciprocal_rank) for one in outcomes]
    edited = [one.edited for one in outcomes if one.edited is not None]
    written = [one.written for one in outcomes if one.written is not None]
    nearer, found, with_input, rank = np.mean(rows, axis=0).tolist()
    said = [float(np.mean(values)) if values else None for values in (edited, written)]
    return EditOutcome(nearer, found, with_input, rank, said[0], said[1])
