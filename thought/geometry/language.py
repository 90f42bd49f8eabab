"""Thoughts and their languages -> how much of the space is language instead of meaning, and the space without it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from thought.errors import ScoringError
from thought.geometry.clusters import numbered
from thought.geometry.cosine import check_rows
from thought.geometry.probes import Probe, tell_apart

BLOCK = 4_096  # rows that are squared at once


@dataclass(frozen=True)
class LanguageShare:
    """Where the variance of thoughts lies. The shares sum to 1, and so do those of chance."""

    language: float  # between the means of languages
    meaning: float  # between the means of meanings
    rest: float  # what is left: wordings, and languages that differ in how they say some of the meanings
    chance_language: float  # of random rows: (languages - 1) / (rows - 1)
    chance_meaning: float  # (meanings - 1) / (rows - 1)
    chance_rest: float
    count: int  # rows used


def centre(thoughts: np.ndarray, languages: np.ndarray) -> np.ndarray:
    """Replace the mean of each language by the mean of all rows (as in Libovicky et al. 2020, arXiv:2004.05160).

    A language that is a constant shift is gone after it. The means are those of these very rows: retrieval
    and maps may use them, but a probe for the language must not; it would score BELOW chance, because a tested row is
    in the mean that is taken off it. `probe_language(..., centred=True)` keeps them apart.

    Parameters
    ----------
    thoughts : ndarray of shape (N, Z)
        Not changed.
    languages : array of shape (N,)
        Code of each row.

    Returns
    -------
    ndarray of shape (N, Z)
        In the type of the input, float32 at least. With one language nothing changes, and a warning says so; so
        does one for a language of a single sentence, of which nothing is left.

    Raises
    ------
    ScoringError
        If a value is not finite or the lengths differ.

    Examples
    --------
    >>> centre(np.array([[0.0], [2.0], [10.0], [12.0]]), np.array(["de", "de", "en", "en"])).ravel()
    array([5., 7., 5., 7.])
    """
    thoughts = np.asarray(thoughts)
    check_rows(thoughts)
    codes, numbers, sizes = numbered(languages, len(thoughts), "languages")
    if len(codes) < 2:
        warnings.warn(f"all sentences are in {codes[0]}: centring changes nothing", stacklevel=2)
    elif sizes.min() < 2:
        alone = ", ".join(str(code) for code in codes[sizes < 2][:10])
        warnings.warn(f"one sentence only in {alone}: centring leaves nothing of it", stacklevel=2)
    found = thoughts.astype(np.result_type(thoughts.dtype, np.float32))
    everywhere = thoughts.mean(axis=0, dtype=np.float64)
    for number in range(len(codes)):
        rows = np.flatnonzero(numbers == number)
        shift = everywhere - thoughts[rows].mean(axis=0, dtype=np.float64)  # (Z,)
        found[rows] += shift.astype(found.dtype)
    return found


def language_share(thoughts: np.ndarray, languages: np.ndarray, meanings: np.ndarray) -> LanguageShare:
    """Divide the variance of the thoughts among language, meaning, and the rest.

    The two-way analysis of variance with as many rows in each cell, where the parts are orthogonal: squares
    of the language means around the grand mean, of the meaning means, and what remains of the total. Where sentences
    are missing, the data are reduced to a balanced table (meanings said in all languages, the first so
    many wordings of each), with a warning that says how many rows are left.

    Parameters
    ----------
    thoughts : ndarray of shape (N, Z)
        Taken as they are; give `unit(thoughts)` for the variance of directions.
    languages, meanings : arrays of shape (N,)

    Returns
    -------
    LanguageShare
        Shares in [0, 1], 0 being the floor. Random rows do not have 0 but, by their degrees of freedom, (L - 1) /
        (N - 1) for L languages, (M - 1) / (N - 1) for M meanings, and the rest: with one sentence
        for each of 4 languages a meaning has 25 % by chance. A small share does not hide a language: 0.06 % of
        the variance has been enough for a probe to tell four languages in 99.6 % of cases (`probe_language`).

    Raises
    ------
    ScoringError
        If there are fewer than 2 languages, fewer than 2 meanings said in all of them, or no variance at all.

    Examples
    --------
    >>> thoughts = np.array([[0.0, 0.0], [0.0, 2.0], [4.0, 0.0], [4.0, 2.0]])
    >>> found = language_share(thoughts, np.array(["de", "en", "de", "en"]), np.array([0, 0, 1, 1]))
    >>> found.language, found.meaning, found.rest
    (0.2, 0.8, 0.0)
    """
    thoughts = np.asarray(thoughts)
    check_rows(thoughts)
    codes, spoken, _ = numbered(languages, len(thoughts), "languages")
    meant = numbered(meanings, len(thoughts), "meanings")[1]
    if len(codes) < 2:
        raise ScoringError(f"the share of languages needs at least 2 of them, got {codes[0]} only")
    rows, wordings = _balanced(spoken, meant)
    kept = len(rows) // (len(codes) * wordings) if wordings else 0
    if kept < 2:
        raise ScoringError(f"at least 2 meanings must be said in all of {', '.join(map(str, codes))}, got {kept}")
    if len(rows) < len(thoughts):
        warnings.warn(
            f"not every meaning is said as often in all languages: {len(rows)} of {len(thoughts)} "
            f"rows are used, {wordings} a language of {kept} meanings",
            stacklevel=2,
        )
    table = thoughts[rows].reshape(kept, len(codes), wordings, -1).astype(np.float64)
    table = table - table.mean(axis=(0, 1, 2))
    total = float(np.einsum("mlwz,mlwz->", table, table))
    if total == 0:
        raise ScoringError("all thoughts are equal: there is no variance to share out")
    of_language = float(np.square(table.mean(axis=(0, 2))).sum()) * kept * wordings / total
    of_meaning = float(np.square(table.mean(axis=(1, 2))).sum()) * len(codes) * wordings / total
    chance_language, chance_meaning = (len(codes) - 1) / (len(rows) - 1), (kept - 1) / (len(rows) - 1)
    rest, chance_rest = max(0.0, 1 - of_language - of_meaning), 1 - chance_language - chance_meaning
    return LanguageShare(of_language, of_meaning, rest, chance_language, chance_meaning, chance_rest, len(rows))


def _balanced(spoken: np.ndarray, meant: np.ndarray) -> tuple[np.ndarray, int]:
    """Rows by (meaning, language, wording), as many wordings in each, and that number."""
    languages = int(spoken.max()) + 1
    sizes = np.zeros((int(meant.max()) + 1, languages), dtype=np.int64)
    np.add.at(sizes, (meant, spoken), 1)
    is_kept: np.ndarray = sizes.min(axis=1) > 0  # (M,)
    if not is_kept.any():
        return np.zeros(0, dtype=np.int64), 0
    wordings = int(sizes[is_kept].min())
    order = np.lexsort((np.arange(len(meant)), spoken, meant))
    cells = meant[order] * languages + spoken[order]
    place = np.arange(len(cells)) - np.searchsorted(cells, cells)  # of a row in its cell
    return order[is_kept[meant[order]] & (place < wordings)], wordings


def probe_language(
    thoughts: np.ndarray,
    languages: np.ndarray,
    meanings: np.ndarray,
    *,
    folds: int = 5,
    seed: int = 1,
    centred: bool = False,
) -> Probe:
    """Tell the language from the thought: `probe` with all sentences of a meaning in one fold.

    Parameters
    ----------
    thoughts : ndarray of shape (N, Z)
    languages, meanings : arrays of shape (N,)
        The control shuffles languages within and among meanings.
    folds, seed : int
        As in `probe`.
    centred : bool
        Take the means of the languages out first, without a look at tested meanings: off the tested rows, the means
        over all training folds; the probe itself is fitted to half of the training meanings, centred by
        the means over the other half. A linear probe lives on differences of means, so whatever language is as a
        constant shift ends at chance. What that cannot show is language that is not a shift: look at retrieval
        before and after `centre`, too.

    Returns
    -------
    Probe
        `score` is balanced accuracy. Chance is 1 / languages, floor 0; below chance, something leaks. 1 is a space in
        which every sentence shows its language.

    Raises
    ------
    ScoringError
        If there are fewer than 2 languages, fewer than 3 meanings or folds, or a value is not finite.

    Examples
    --------
    >>> thoughts = np.random.default_rng(1).normal(size=(100, 4))
    >>> languages, meanings = np.array(["de", "en"] * 50), np.arange(100) // 2
    >>> thoughts[::2, 0] += 8  # a shift that gives German away
    >>> probe_language(thoughts, languages, meanings).score
    1.0
    >>> probe_language(thoughts, languages, meanings, centred=True).score < 0.7
    True
    """
    thoughts, languages = np.asarray(thoughts), np.asarray(languages)
    check_rows(thoughts)
    numbered(meanings, len(thoughts), "meanings")
    codes = numbered(languages, len(thoughts), "languages")[0]
    if len(codes) < 2:
        raise ScoringError(f"a probe for languages needs at least 2 of them, got {codes[0]} only")
    return tell_apart(thoughts, languages, np.asarray(meanings), folds=folds, seed=seed, centred=centred)
