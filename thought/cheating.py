"""The cheating meter: whether the decoder reads its thought, or only writes likely sentences.

A decoder that has learned its language by heart writes fluent text whatever it is given. So it is
given the wrong thing on purpose: the thought of another sentence, of another sentence of the same
length, the mean of all thoughts, nothing, and its own thought under growing noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from thought.errors import ScoringError
from thought.scoring import score_translations

RIGHT, SHUFFLED, LENGTH, MEAN, NONE = "right", "shuffled", "equal length", "mean", "none"
FEW = 2.0  # BLEU that another sentence's thought may earn: what captions share by chance
LITTLE = 0.1  # bits a token: less than this tells nothing

Progress = Callable[[str, int, int], None]  # what is done, parts done, parts in all


class Writes(Protocol):
    """What is asked of a `Translator` here; a table can be dressed up as one in a test."""

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        """N texts -> (N, Z), or (N, K, Z)."""

    def decode(self, thoughts: np.ndarray, to: str, /) -> list[str]:
        """Thoughts -> N texts."""

    def score(self, sources: np.ndarray, targets: Sequence[str], to: str, /) -> np.ndarray:
        """Log-probability in nats of N targets given thoughts: (N,)."""

    def token_counts(self, texts: Sequence[str], /) -> np.ndarray:
        """Tokens that `score` sums over: (N,)."""


@dataclass(frozen=True)
class Condition:
    """What comes out if the decoder is given this."""

    name: str  # "right", "shuffled", "equal length", "mean", "none" or "noise 0.5"
    bleu: float  # 0 to 100, sacrebleu 13a
    bits_per_token: float  # of the references, their ends counted; at least 0, less is better
    noise: float | None = None  # standard deviation, in those of the thoughts


@dataclass(frozen=True)
class CheatingReport:
    """The conditions, and what they say together."""

    conditions: tuple[Condition, ...]
    to: str  # language written
    sentences: int
    tokens: int  # of the references, their ends counted
    exact_length: float  # share of sentences, 0 to 1, whose "equal length" is equal to the token
    spread: float  # standard deviation of thoughts around their mean, per number: the unit of noise
    seed: int
    signature: str  # of BLEU

    def __getitem__(self, name: str) -> Condition:
        """Return the condition of a name."""
        found = [condition for condition in self.conditions if condition.name == name]
        if not found:
            raise ScoringError(f"no condition {name}; there are {', '.join(one.name for one in self.conditions)}")
        return found[0]

    @property
    def told(self) -> float:
        """Bits a token that the thought tells the decoder: cost without any of its own, less the cost with it."""
        blind = min(self[name].bits_per_token for name in (MEAN, NONE))
        return blind - self[RIGHT].bits_per_token

    @property
    def verdict(self) -> str:
        """One plain sentence."""
        right, shuffled = self[RIGHT], self[SHUFFLED]
        facts = (
            f"with another sentence's thought BLEU goes from {right.bleu:.1f} to {shuffled.bleu:.1f}, "
            f"and the thought saves {self.told:.2f} bits a token"
        )
        if self.told < LITTLE:
            return f"The decoder does not read its thought: {facts}."
        if shuffled.bleu > max(FEW, right.bleu / 2):
            return f"The decoder writes by heart and reads little of its thought: {facts}."
        if shuffled.bleu > FEW:
            return f"The decoder reads its thought, but part of what it writes it knows by heart: {facts}."
        if right.bleu <= FEW:
            return f"The decoder reads its thought, yet its translations are too poor to judge by: {facts}."
        return f"The decoder reads its thought: {facts}."


def measure_cheating(
    translator: Writes,
    sources: Sequence[str],
    references: Sequence[str],
    to: str,
    *,
    seed: int = 1,
    noises: Sequence[float] = (0.5, 1, 2, 4, 8),
    progress: Progress | None = None,
) -> CheatingReport:
    """Measure translations and the price of the references while the decoder is given right and wrong thoughts.

    * right: the thought of the source. The ceiling.
    * shuffled: the thought of another sentence, never one with the same reference. BLEU is what
      captions share by chance: at most about 2 where the decoder is honest.
    * equal length: the same, among sentences whose references have as many tokens; where there is
      none, the nearest length. What it is better than "shuffled" is what length alone tells.
    * mean: the mean of all thoughts; none: zeros. Bits per token are those of a plain language model:
      the floor a thought has to beat. (One that knows nothing pays log2 of the vocabulary.)
    * noise n: the right thought plus normal noise of n times the standard deviation of the thoughts
      around their mean, per number; noise 1 is as large as what tells one thought from another.

    In the family of tests of posterior collapse (Bowman et al. 2016, arXiv:1511.06349), where the
    decoder that ignores its latent variable was first described.

    Parameters
    ----------
    translator : Translator
    sources, references : sequences of N str, N >= 2
    to : str
        Language of the references.
    seed : int
        Of shuffling and noise.
    noises : sequence of float >= 0
    progress : callable, optional
        Called with (what, parts done, parts in all) after each condition.

    Returns
    -------
    CheatingReport
        BLEU 0 to 100, and bits a token, for each condition; `verdict` says it in a sentence.

    Raises
    ------
    ScoringError
        If the two differ in length, a thought is not finite, all thoughts are equal, or more than half of
        the sentences have one and the same reference: then there is no other to take.

    Examples
    --------
    >>> from thought import Translator
    >>> translator = Translator.load("runs/tiny")  # random weights
    >>> sources, references = ["der Hund rennt.", "der Vogel singt."], ["a dog runs.", "a bird sings."]
    >>> report = measure_cheating(translator, sources, references, "en", noises=(1,))
    >>> [condition.name for condition in report.conditions]
    ['right', 'shuffled', 'equal length', 'mean', 'none', 'noise 1']
    >>> report["right"].bleu, report.sentences
    (0.0, 2)
    """
    if len(sources) != len(references):
        raise ScoringError(f"{len(sources)} sources do not fit {len(references)} references")
    if len(sources) < 2:
        raise ScoringError(f"to shuffle thoughts takes at least two sentences, got {len(sources)}")
    if any(not 0 <= noise < math.inf for noise in noises):
        raise ScoringError(f"noises must be finite and not negative, got {', '.join(map(str, noises))}")
    thoughts = np.asarray(translator.encode(list(sources)))
    if not np.isfinite(thoughts).all():
        raise ScoringError("thoughts hold NaN or infinity")
    mean = thoughts.mean(axis=0, keepdims=True)
    spread = float(np.sqrt(((thoughts - mean) ** 2).mean()))
    if not spread > 0:
        raise ScoringError(f"all {len(thoughts)} thoughts are equal: there is nothing to shuffle")
    counts = translator.token_counts(references)
    generator = np.random.default_rng(seed)
    others = derange(references, generator)
    alike = _of_equal_length(references, counts, generator)
    given = {
        RIGHT: thoughts,
        SHUFFLED: thoughts[others],
        LENGTH: thoughts[alike],
        MEAN: np.broadcast_to(mean, thoughts.shape).astype(thoughts.dtype),
        NONE: np.zeros_like(thoughts),
    }
    strengths = {f"noise {noise:g}": float(noise) for noise in noises}
    tell = progress or (lambda what, done, total: None)
    found, signature = [], ""
    for name in (*given, *strengths):
        vectors = given.get(name)
        if vectors is None:
            noise = generator.standard_normal(thoughts.shape, dtype=np.float32)
            vectors = thoughts + np.float32(strengths[name] * spread) * noise
        bleu, bits, signature = _measure(translator, vectors, references, to, int(counts.sum()))
        found.append(Condition(name, bleu, bits, strengths.get(name)))
        tell(f"thought: {name}", len(found), len(given) + len(strengths))
    exact = float((counts[alike] == counts).mean())
    return CheatingReport(tuple(found), to, len(sources), int(counts.sum()), exact, spread, seed, signature)


def derange(labels: Sequence[object], generator: np.random.Generator) -> np.ndarray:
    """For each row another at random, never one of the same label; each row is taken once.

    Rows of one label stand together in a random order of labels; each takes the row as far on as the
    largest group is large, which is outside its own.

    Raises
    ------
    ScoringError
        If more than half of the rows have one label: then it cannot be done.
    """
    groups: dict[object, list[int]] = {}
    for row in generator.permutation(len(labels)).tolist():
        groups.setdefault(labels[row], []).append(row)
    order = np.array([row for rows in groups.values() for row in rows], dtype=np.int64)
    largest = max(len(rows) for rows in groups.values())
    if 2 * largest > len(labels):
        raise ScoringError(f"{largest} of {len(labels)} sentences are the same: too few others to shuffle with")
    others = np.empty_like(order)
    others[order] = np.roll(order, -largest)
    return others


def _of_equal_length(references: Sequence[str], counts: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """For each row another at random of as many tokens, or the nearest number, with another reference: (N,)."""
    _, labels = np.unique(np.array(references, dtype=object), return_inverse=True)
    alike = np.empty(len(counts), dtype=np.int64)
    for row in range(len(counts)):
        distance = np.abs(counts - counts[row]).astype(float)
        distance[labels == labels[row]] = np.inf
        alike[row] = generator.choice(np.flatnonzero(distance == distance.min()))
    return alike


def _measure(
    translator: Writes, thoughts: np.ndarray, references: Sequence[str], to: str, tokens: int
) -> tuple[float, float, str]:
    if (thoughts == thoughts[:1]).all():
        outputs = translator.decode(thoughts[:1], to) * len(thoughts)
    else:
        outputs = translator.decode(thoughts, to)
    bleu = score_translations(outputs, references).bleu
    nats = -float(translator.score(thoughts, references, to).sum())
    return bleu.value, nats / tokens / math.log(2), bleu.signature
