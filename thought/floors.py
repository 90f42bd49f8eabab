"""Sentences -> vectors that know nothing of meaning: what any figure about thoughts has to beat.

Everything here has the `encode` of a `Translator`. A third floor, an untrained encoder of the same
shape, is `Translator.untrained`: whoever has a translator has it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from thought.errors import ScoringError
from thought.space import Encodes, Space

MOST_FITTED = 10_000  # distinct texts: 0.8 GB
_ROWS_AT_ONCE = 500
_RIDGE = 1e-10  # keeps equal rows apart; cosines change by no more


class CharacterTfidf:
    """Sentences as bags of their characters: what shared spelling alone is worth.

    TF-IDF with sublinear counts over the 2- to 5-grams inside words (scikit-learn's `char_wb`). The
    sparse rows, some ten thousand numbers wide, are then turned into the coordinates of the subspace
    that the fitted texts span. A rotation changes no cosine, so between fitted texts nothing is
    approximated, while a truncated decomposition or a random projection would change the figures. Of
    other texts the part that lies in that subspace is kept.

    On Multi30k test_2016_flickr, fitted on the two languages compared, retrieval finds 34.3 / 34.3 %
    en-de, 33.4 / 34.2 % en-fr and 16.9 / 16.5 % en-cs.

    Parameters
    ----------
    texts : sequence of str
        To fit on: best those that will be encoded. Above 10,000 distinct ones, 10,000 spread evenly
        over them are taken. Fitting n texts costs O(n^3): 4,000 take 3 seconds of one core.

    Raises
    ------
    ScoringError
        If no text has a word to count.

    Examples
    --------
    >>> floor = CharacterTfidf(["a dog", "a dog runs", "un chat"])
    >>> floor.encode(["a dog", "un chat"]).shape
    (2, 3)
    """

    def __init__(self, texts: Sequence[str]) -> None:
        from scipy.linalg import cholesky
        from sklearn.feature_extraction.text import TfidfVectorizer

        distinct = list(dict.fromkeys(texts))
        chosen = np.linspace(0, len(distinct) - 1, min(len(distinct), MOST_FITTED)).round().astype(int)
        fitted = [distinct[row] for row in chosen.tolist()]
        self._vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
        try:
            self._rows = self._vectorizer.fit_transform(fitted)  # (n, n-grams), sparse
        except ValueError as error:  # empty vocabulary
            raise ScoringError(f"none of {len(texts)} texts has a word to count characters of") from error
        gram = np.empty((len(fitted), len(fitted)))  # (n, n)
        for start in range(0, len(fitted), _ROWS_AT_ONCE):  # products of sparse rows are not sparse
            gram[start : start + _ROWS_AT_ONCE] = (self._rows[start : start + _ROWS_AT_ONCE] @ self._rows.T).toarray()
        gram[np.diag_indices_from(gram)] += _RIDGE
        self._basis = cholesky(gram, lower=True, overwrite_a=True)  # (n, n): row i is fitted text i in coordinates
        self._basis[self._rows.getnnz(axis=1) == 0] = 0
        self._known = {text: row for row, text in enumerate(fitted)}

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        """N texts -> (N, n) float32, where n texts were fitted. A text without a known n-gram is a zero row."""
        found = np.zeros((len(texts), len(self._known)), dtype=np.float32)
        at = np.array([self._known.get(text, -1) for text in texts], dtype=np.int64)
        found[at >= 0] = self._basis[at[at >= 0]]
        strange = np.flatnonzero(at < 0)
        if len(strange):
            found[strange] = self._project([texts[row] for row in strange.tolist()])
        return found

    def _project(self, texts: list[str]) -> np.ndarray:
        from scipy.linalg import solve_triangular

        shared = (self._rows @ self._vectorizer.transform(texts).T).toarray()  # (n, N), cosines
        basis = self._basis + np.diag(np.where(self._basis.diagonal() == 0, 1.0, 0.0))  # fitted texts without words
        coordinates: np.ndarray = solve_triangular(basis, shared, lower=True, overwrite_b=True).T  # (N, n)
        return coordinates


class RandomVectors:
    """Sentences as random directions: what an encoder gets that knows nothing but whether two texts are equal.

    A text's vector is drawn from a normal distribution seeded by a hash of (seed, text), so it is the
    same in every call and on every machine, and that of any other text is unrelated. Every measure is
    at its chance level, but for sentences that stand word for word on both sides.

    Parameters
    ----------
    seed : int
    size : int
        Numbers a vector, Z.
    """

    def __init__(self, seed: int = 1, size: int = 512) -> None:
        if size < 1:
            raise ScoringError(f"a vector needs at least one number, got size {size}")
        self.seed = seed
        self.size = size

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        """N texts -> (N, Z) float32 of mean 0 and variance 1."""
        rows = np.empty((len(texts), self.size), dtype=np.float32)
        for row, text in enumerate(texts):
            digest = hashlib.sha256(f"{self.seed} {text}".encode("utf-8", "surrogatepass")).digest()
            rows[row] = np.random.default_rng(int.from_bytes(digest)).standard_normal(self.size, dtype=np.float32)
        return rows


def floors(space: Space, *, untrained: Encodes | None = None, seed: int = 1) -> dict[str, Space]:
    """Return the same sentences with the vectors of every floor, to be measured as the thoughts are.

    Parameters
    ----------
    space : Space
        Its texts are what character TF-IDF is fitted on.
    untrained : Encodes, optional
        Such as `translator.untrained()`.
    seed : int
        Of the random vectors, which are as wide as the thoughts.

    Returns
    -------
    dict of name -> Space
        "character TF-IDF", "untrained encoder" where there is one, "random vectors".

    Raises
    ------
    ScoringError
        If no text has a word, or the untrained encoder gives more than one vector a sentence.
    """
    encoders: dict[str, Any] = {"character TF-IDF": CharacterTfidf(space.texts)}
    if untrained is not None:
        encoders["untrained encoder"] = untrained
    encoders["random vectors"] = RandomVectors(seed, space.thoughts.shape[1])
    return {name: space.with_thoughts(encoder.encode(space.texts)) for name, encoder in encoders.items()}
