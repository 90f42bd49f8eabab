"""Sentences with one thing changed -> how often thoughts and decoded sentences notice.

The idea is that of xsim++ (Chen, Heffernan, Çelebi, Mourachko & Schwenk 2023, arXiv:2306.12907): other sentences are
easy to tell from a translation; the same with red for blue, or with dog and man exchanged, is not. There English
sentences are changed; here those of any language that has rules (`thought.lexicon`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np

from thought.errors import ConfigError, ScoringError, nearest
from thought.geometry.cosine import TIE, blocks, check_rows, cosines
from thought.grammar import Lexicon
from thought.lexicon import languages, load
from thought.rewriting import rewrite
from thought.space import Encodes, Space

ALL = "all"  # targets, of a row that sums them up


class Decodes(Protocol):
    """What is asked of a `Translator` here beside `encode`."""

    def decode(self, thoughts: np.ndarray, to: str, /, *, beam: int = 1) -> list[str]:
        """(N, Z) -> N sentences of a language."""


@dataclass(frozen=True)
class Swap:
    """A sentence, and the same with one thing changed."""

    kind: str  # such as "colour"
    language: str
    index: int  # of the sentence among those given
    text: str
    swapped: str
    before: tuple[str, ...]  # concepts the text says, in this order; none where one is put in
    after: tuple[str, ...]  # concepts the swapped one says in their place


@dataclass(frozen=True)
class SwapRow:
    """How well one kind of change in one language is noticed."""

    kind: str
    language: str  # of the changed sentences
    target: str  # language of the translations; "all" for the mean over cases of all
    count: int  # changed sentences with such a translation
    nearer: float  # 0 to 1, share of translations nearer to the sentence than to its swap; chance 0.5
    xsim: float  # 0 to 1, an error: translations whose nearest sentence is another; chance 1 - 1/N
    xsim_hard: float  # 0 to 1, an error: the same with the swaps among the candidates (xsim++)
    decoded: int  # cases that were decoded and can be judged
    kept: float | None  # 0 to 1, share of these that keep the distinction; None for none


@dataclass(frozen=True)
class SwapReport:
    """All scores: one row a kind and language, and the same by language of the translations."""

    rows: tuple[SwapRow, ...]
    pairs: tuple[SwapRow, ...]


def make_swaps(texts: Sequence[str], language: str | Lexicon, kinds: Iterable[str] = ()) -> list[Swap]:
    """Change one thing in every sentence in which that is safe.

    Parameters
    ----------
    texts : sequence of str
    language : str or Lexicon
        A code, or the rules themselves.
    kinds : iterable of str
        Such as "colour" or "actors"; by default all the language has rules for.

    Returns
    -------
    list of Swap
        At most one a kind and sentence, kind by kind, always the same ones.

    Raises
    ------
    ConfigError
        If the language has no rules, or none of a kind.

    Examples
    --------
    >>> [swap.swapped for swap in make_swaps(["Une femme en robe rouge."], "fr", ["colour", "gender"])]
    ['Une femme en robe jaune.', 'Un homme en robe rouge.']
    """
    lexicon = load(language) if isinstance(language, str) else language
    chosen = tuple(dict.fromkeys(kinds)) or lexicon.swaps
    _require_kinds(chosen, lexicon.swaps, lexicon.language)
    made = []
    for kind in chosen:
        for index, text in enumerate(texts):
            change = rewrite(text, lexicon, kind)
            if change is not None:
                made.append(Swap(kind, lexicon.language, index, text, change.text, change.before, change.after))
    return made


def run_swaps(
    translator: Encodes,
    space: Space,
    kinds: Iterable[str] = (),
    *,
    most_decoded: int = 50,
    beam: int = 1,
    lexicons: Mapping[str, Lexicon] | None = None,
) -> SwapReport:
    """Change sentences, and see whether their translations and what is decoded from them notice.

    >>> from thought.floors import RandomVectors
    >>> space = Space(("a man runs", "ein Mann rennt"), ("en", "de"), np.array([0, 0]), np.eye(2))
    >>> [(one.kind, one.language) for one in run_swaps(RandomVectors(size=2), space, most_decoded=0).rows]
    [('gender', 'en'), ('gender', 'de')]

    A case is a sentence x, its swap x', and its translation t in another language, as thoughts. It is `nearer` if
    cos(x, t) > cos(x', t), and a tie counts a half: a space collapsed to a point scores chance, 0.5. For `xsim` every
    t looks for its x among all N sentences of that language, for `xsim_hard` also among all swaps of the kind; there,
    too, a tie of m counts 1/m. Floor: an untrained encoder scores near 0.5, but 0.1 where a word is put in (negation).

    A distinction is `kept` if what is decoded from x says the concepts of x and not those of x', and the reverse, in
    words that the rules of the other language know; where actors change places, if each is decoded in its own order.
    This is asked only where t itself says what x says. A decoder that always writes the same scores 0.

    Parameters
    ----------
    translator : Translator, or anything with its `encode`
        Encodes the swaps; the sentences have their thoughts. Unless `most_decoded` is 0, it also needs `decode`.
    space : Space
        First wordings are taken. A language without rules serves for translations only.
    kinds : iterable of str
        By default all that any of the languages has.
    most_decoded, beam : int
        Cases a kind and pair of languages, spread evenly, 0 decodes nothing; width of the search.
    lexicons : mapping of code to Lexicon, optional
        Further rules, or other ones.

    Returns
    -------
    SwapReport, kind by kind; kinds without a case have no row

    Raises
    ------
    ScoringError
        If there are fewer than two languages, no rules (of a kind: `ConfigError`), no cases, or a value is not finite.
    """
    check_rows(space.thoughts)
    known = {**dict.fromkeys(languages()), **(lexicons or {})}
    rules = {code: known[code] or load(code) for code in space.codes if code in known}
    if len(space.codes) < 2 or not rules:
        raise ScoringError(
            f"swaps need two languages, one with rules ({', '.join(known)}), got {', '.join(space.codes)}"
        )
    every = tuple(dict.fromkeys(kind for lexicon in rules.values() for kind in lexicon.swaps))
    chosen = tuple(dict.fromkeys(kinds)) or every
    _require_kinds(chosen, every, ", ".join(rules))
    space = space.first()
    judge = _Judge(translator, rules, most_decoded, beam)
    pairs: list[SwapRow] = []
    for code, lexicon in rules.items():
        texts = [space.texts[row] for row in space.rows(code)]
        said = set(texts)
        some = [kind for kind in chosen if kind in lexicon.swaps]
        made = make_swaps(texts, lexicon, some) if some else []
        swaps = [swap for swap in made if swap.swapped not in said]  # else it is true of another sentence
        if swaps:
            thoughts = np.asarray(translator.encode([swap.swapped for swap in swaps]))
            check_rows(thoughts, "thoughts of swaps")
            pairs += _compared(space, code, swaps, thoughts, judge)
    if not pairs:
        raise ScoringError(f"none of {len(space)} sentences with a translation could be changed")
    pairs.sort(key=lambda row: chosen.index(row.kind))
    groups = dict.fromkeys((row.kind, row.language) for row in pairs)
    rows = (_summed([row for row in pairs if (row.kind, row.language) == group]) for group in groups)
    return SwapReport(tuple(rows), tuple(pairs))


def _require_kinds(kinds: Iterable[str], known: Iterable[str], where: str) -> None:
    for kind in kinds:
        if kind not in known:
            raise ConfigError(f"{where} has no rules for swaps of {kind!r}{nearest(kind, known)}")


@dataclass(frozen=True, eq=False)
class _Cases:
    """Swaps of one kind beside their translations into one language."""

    swaps: Sequence[Swap]  # n
    translations: Sequence[str]
    true: np.ndarray  # (n, Z), of the sentences
    false: np.ndarray  # (n, Z), of the swapped ones
    queries: np.ndarray  # (n, Z), of the translations


def _compared(space: Space, code: str, swaps: Sequence[Swap], changed: np.ndarray, judge: _Judge) -> list[SwapRow]:
    """Compare the swaps of one language with the translations into each other one."""
    own = space.rows(code)
    found = []
    for target in space.codes:
        translation = dict(zip(*(rows.tolist() for rows in space.pair(code, target)), strict=True))
        kinds: dict[str, list[int]] = {}
        for number, swap in enumerate(swaps):
            if target != code and int(own[swap.index]) in translation:
                kinds.setdefault(swap.kind, []).append(number)
        sets = []
        for numbers in kinds.values():
            rows = [int(own[swaps[number].index]) for number in numbers]
            others = [translation[row] for row in rows]
            texts = [space.texts[row] for row in others]
            chosen = [swaps[number] for number in numbers]
            sets.append(_Cases(chosen, texts, space.thoughts[rows], changed[numbers], space.thoughts[others]))
        judged = judge.kept(sets, target)
        found += [_row(cases, space.thoughts[own], target, *kept) for cases, kept in zip(sets, judged, strict=True)]
    return found


def _row(cases: _Cases, candidates: np.ndarray, target: str, decoded: int, kept: int) -> SwapRow:
    right, wrong = cosines(cases.true, cases.queries), cosines(cases.false, cases.queries)  # (n,)
    nearer = np.where(np.abs(right - wrong) <= TIE, 0.5, right > wrong).mean()
    better, equal = _rivals(cases.queries, candidates, right)
    hard_better, hard_equal = _rivals(cases.queries, cases.false, right)
    easy, hard = 1 - _first(better, equal), 1 - _first(better + hard_better, equal + hard_equal)
    swap, count = cases.swaps[0], len(cases.swaps)
    share = kept / decoded if decoded else None
    return SwapRow(swap.kind, swap.language, target, count, float(nearer), easy, hard, decoded, share)


def _rivals(queries: np.ndarray, candidates: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each query: how many candidates are nearer than its own, and how many as near."""
    better, equal = np.zeros((2, len(queries)), dtype=np.int64)
    for rows, _, cosine in blocks(queries, candidates):
        nearer = np.count_nonzero(cosine > own[rows, None] + TIE, axis=1)
        better[rows] += nearer
        equal[rows] += np.count_nonzero(cosine >= own[rows, None] - TIE, axis=1) - nearer
    return better, equal


def _first(better: np.ndarray, equal: np.ndarray) -> float:
    """Share that comes first when ties are broken by lot."""
    return float(np.where(better == 0, 1 / np.maximum(equal, 1), 0).mean())


def _summed(rows: Sequence[SwapRow]) -> SwapRow:
    """Rows of all targets as one: every case counts the same."""
    counts = np.array([row.count for row in rows], dtype=np.float64)
    nearer, xsim, hard = (
        float(counts @ [getattr(row, name) for row in rows] / counts.sum()) for name in ("nearer", "xsim", "xsim_hard")
    )
    decoded = sum(row.decoded for row in rows)
    share = sum(row.kept * row.decoded for row in rows if row.kept is not None) / decoded if decoded else None
    return SwapRow(rows[0].kind, rows[0].language, ALL, int(counts.max()), nearer, xsim, hard, decoded, share)


class _Judge:
    """Decodes sentences and swaps, and sees whether they say different things."""

    def __init__(self, translator: object, rules: Mapping[str, Lexicon], most: int, beam: int) -> None:
        if most and not hasattr(translator, "decode"):
            raise ScoringError("what encodes cannot decode: set most_decoded = 0")
        self.decoder = cast(Decodes, translator)
        self.rules = rules
        self.most, self.beam = most, beam

    def kept(self, sets: Sequence[_Cases], target: str) -> list[tuple[int, int]]:
        """For each kind: cases judged in a language, and how many of them keep the distinction."""
        lexicon = self.rules.get(target)
        fit = [self._fit(cases, lexicon) if lexicon and self.most else [] for cases in sets]
        if lexicon is None or not any(fit):
            return [(0, 0)] * len(sets)
        thoughts = [side[rows] for cases, rows in zip(sets, fit, strict=True) for side in (cases.true, cases.false)]
        written = iter(self.decoder.decode(np.concatenate(thoughts), target, beam=self.beam))  # all at once: quicker
        found = []
        for cases, rows in zip(sets, fit, strict=True):
            old, new = ([next(written) for _ in rows] for _ in range(2))
            kept = 0
            for row, true, false in zip(rows, old, new, strict=True):
                before, after = cases.swaps[row].before, cases.swaps[row].after
                kept += _tells(true, before, after, lexicon) and _tells(false, after, before, lexicon)
            found.append((len(rows), kept))
        return found

    def _fit(self, cases: _Cases, lexicon: Lexicon) -> list[int]:
        """Cases whose translation says what the sentence says, at most so many, spread evenly."""
        both = enumerate(zip(cases.swaps, cases.translations, strict=True))
        fit = [row for row, (swap, text) in both if _tells(text, swap.before, swap.after, lexicon)]
        return fit[:: -(-len(fit) // self.most)] if fit else []


def _tells(text: str, said: Sequence[str], unsaid: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether a sentence says these concepts and none of the others; False where the language does not know one."""
    if not lexicon.concepts.keys() >= {*said, *unsaid}:
        return False
    return lexicon.says(text, said) and not any(lexicon.says(text, [other]) for other in unsaid if other not in said)
