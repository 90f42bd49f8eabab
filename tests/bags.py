"""A translator one can check on paper: a thought counts the words of a sentence, and is written as those it counts.

The thought of "a man runs" is 1 for each of its three words and 0 for all others; a word counted more
than half a time is written, in the order of the vocabulary. Language "en" writes it as it is, "up" in capitals.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

WORDS = ("a", "the", "man", "woman", "dog", "cat", "runs", "sleeps", "sings", "here", "there")


class Bags:
    """The `Translator` of this world."""

    languages = ("en", "up")

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        rows = [[text.lower().split().count(word) for word in WORDS] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), len(WORDS))

    def decode(self, thoughts: np.ndarray, to: str, /) -> list[str]:
        texts = [" ".join(word for word, count in zip(WORDS, row, strict=True) if count > 0.5) for row in thoughts]
        return [text.upper() for text in texts] if to == "up" else texts


class PairedBags(Bags):
    """The same with two vectors a sentence: the second counts twice."""

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        plain = super().encode(texts)
        return np.stack([plain, 2 * plain], axis=1)  # (N, 2, Z)

    def decode(self, thoughts: np.ndarray, to: str, /) -> list[str]:
        return super().decode(thoughts[:, 1] / 2, to)


def bag(text: str) -> np.ndarray:
    """The thought of one sentence, (Z,)."""
    return np.asarray(Bags().encode([text])[0])
