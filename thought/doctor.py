"""Outputs, thoughts and scores of a run -> findings: whether it translates or has degenerated.

A model that failed to learn fails in a few known ways: it writes nothing, or one phrase over and over,
or the same sentence whatever it read, or what it read. Each is measured by a pure function of sources and
outputs, and compared with a threshold that is named here with its reason. Nothing here reads or prints.
"""

from __future__ import annotations

import itertools
import math
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from thought.errors import ThoughtError

if TYPE_CHECKING:
    import numpy as np

Mark = Literal["ok", "note", "problem"]
Words = tuple[str, ...]
Direction = tuple[str, str]  # source and target; the source is "" where nobody said what it is

LOOP_TIMES = 3  # in a row make a loop: twice is also said by people ("a man and a man")
LOOP_WORDS = 8  # of the phrase that is repeated; decoders get stuck in shorter ones
LOOP_SHARE = 0.5  # of an output: then the loop is what it says
LONGEST_WORD = 20  # letters a word in the mean: beyond it the script has no spaces, and letters are compared
LEAST_COPIED = 3  # words of a source: a name or a number is rightly its own translation

# Largest shares of a direction's outputs that are no problem. Of 64 outputs one is 1.6 %: a healthy run must not
# fail by one odd sentence. "Trained" are seven runs of BLEU 12 to 42, on 64 dev sentences in the worst direction;
# "stopped" is one stopped after 35 steps, BLEU 0.06.
MOST_EMPTY = 0.05  # a translation has words; trained 0
MOST_LOOPED = 0.10  # trained up to 0.016, stopped 1
MOST_COPIED = 0.10  # languages differ in more than names; trained 0
MOST_SHARED = 0.25  # like captions may rightly become one; trained up to 0.031, stopped 1
MOST_CUT = 0.05  # a model that does not end its sentences is stuck; trained up to 0.016, stopped 1
MOST_FOREIGN = 0.10  # names and loan words mislead a count of words; trained 0
MOST_ALIKE = 0.80  # mean cosine; trained 0.03 to 0.52, an untrained encoder 0.90, stopped 0.999
LEAST_BLEU = 1.0  # words of the right language in any order get less
MOST_BLEU = 75.0  # one human translation against another rarely gets there
DEEPEST_FALL = 0.8  # of the best BLEU: evaluations vary by a few percent, not by a fifth
LEAST_FOUND = 5  # times the P@1 of chance

ILLS = {  # field of a Degeneration -> what it is, the most that is no problem, what to do
    "empty": ("outputs without a word", MOST_EMPTY, "train longer; look for empty sentences in the corpus"),
    "looped": (
        "a phrase repeated", MOST_LOOPED,
        "train longer, or anew with a lower training.learning_rate; until then a beam helps a little",
    ),
    "copied": (
        "copies of the source", MOST_COPIED,
        "look for sentences that are the same on both sides of the corpus; lower loss.denoising",
    ),
    "shared": (
        "one output for several sources", MOST_SHARED,
        "train longer, or anew with a lower training.learning_rate and loss.word_dropout=0.2; is the corpus parallel?",
    ),
    "cut": ("cut off at the limit", MOST_CUT, "train longer; raise data.longest if true sentences are as long"),
    "foreign": (
        "in the wrong language", MOST_FOREIGN,
        "train longer; check that each column of the corpus is in its language",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing looked at: how it stands, and what to do about it."""

    about: str
    mark: Mark
    found: str
    remedy: str = ""


@dataclass(frozen=True)
class Degeneration:
    """Shares in [0, 1] of N outputs that no good translator writes; None where it cannot be told."""

    sentences: int  # N
    distinct: int  # different outputs
    empty: float  # no letter and no digit
    looped: float  # a phrase of at most 8 words, 3 times or more in a row, is more than half of the output
    copied: float | None  # the words of the source, if that has at least 3
    shared: float  # of different sources: their output is that of another source too
    cut: float | None  # stopped by the limit on length
    foreign: float | None  # more words that only another language has than words that only its own has
    examples: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # ill -> first source and output with it


def degenerate(
    outputs: Sequence[str],
    sources: Sequence[str],
    *,
    is_cut: Sequence[bool] | None = None,
    own: Collection[str] = (),
    others: Collection[str] = (),
    may_copy: bool = False,
) -> Degeneration:
    """Measure how degenerate the outputs of one direction are.

    Parameters
    ----------
    outputs, sources : sequence of N str
    is_cut : sequence of N bool, optional
        Whether each output was stopped by the limit on length.
    own, others : collection of str
        Lower-cased words of the language to be written, and of the other languages.
    may_copy : bool
        The source may be in the language to be written.

    Raises
    ------
    ThoughtError
        If there are no outputs, or not one for each source.

    Examples
    --------
    >>> found = degenerate(["a a a a", "A dog.", "A dog."], ["ein Hund", "eine Katze", "ein Ball"])
    >>> found.distinct, round(found.looped, 2), round(found.shared, 2)
    (2, 0.33, 0.67)
    """
    if not outputs or len({len(outputs), len(sources), len(outputs if is_cut is None else is_cut)}) > 1:
        raise ThoughtError(f"need one output for each of at least one source, got {len(outputs)} for {len(sources)}")
    readers: dict[Words, set[Words]] = defaultdict(set)  # output -> the different sources it was written for
    for output, source in zip(outputs, sources, strict=True):
        readers[_words(output)].add(_words(source))
    pairs = list(zip(outputs, sources, strict=True))
    is_ill: dict[str, list[bool]] = {
        "empty": [not _words(output) for output in outputs],
        "looped": [loop_share(output) > LOOP_SHARE >= loop_share(source) for output, source in pairs],
        "copied": [
            _words(output) == _words(source) and len(_words(source)) >= LEAST_COPIED for output, source in pairs
        ],
        "shared": [len(readers[_words(output)]) > 1 and bool(_words(output)) for output in outputs],
        "cut": list(is_cut or ()),
        "foreign": [_is_foreign(output, set(own), set(others)) for output in outputs],
    }
    told = {name for name, flags in is_ill.items() if flags}
    told -= {"copied"} if may_copy else set()
    told -= set() if own and others else {"foreign"}
    firsts = {name: next(itertools.compress(pairs, is_ill[name]), None) for name in ILLS if name in told}
    return Degeneration(
        sentences=len(outputs),
        distinct=len(set(outputs)),
        empty=_share(is_ill["empty"]),
        looped=_share(is_ill["looped"]),
        shared=_share(is_ill["shared"]),
        copied=_share(is_ill["copied"]) if "copied" in told else None,
        cut=_share(is_ill["cut"]) if "cut" in told else None,
        foreign=_share(is_ill["foreign"]) if "foreign" in told else None,
        examples={name: (pair[1], pair[0]) for name, pair in firsts.items() if pair is not None},
    )


def loop_share(text: str) -> float:
    """Share of a text that its longest loop covers: a phrase of at most 8 words, 3 times or more in a row.

    Letters are compared instead of words where words are longer than 20 letters in the mean: a script
    without spaces, or a text of almost nothing but spaces.

    >>> loop_share("a dog and a dog"), loop_share("a dog a dog a dog"), loop_share("one two two two")
    (0.0, 1.0, 0.75)
    """
    words = text.casefold().replace("-", " ").split()
    units = words if len(text) <= LONGEST_WORD * len(words) else list(text)
    longest = 0
    for size in range(1, min(LOOP_WORDS, len(units) // LOOP_TIMES) + 1):
        repeated = 0  # units in a row that stand also `size` places before
        for now, before in zip(units[size:], units, strict=False):
            repeated = repeated + 1 if now == before else 0
            if repeated >= (LOOP_TIMES - 1) * size:
                longest = max(longest, repeated + size)
    return longest / len(units) if units else 0.0


def alikeness(thoughts: np.ndarray) -> float:
    """Mean cosine of all pairs of different rows, (N, Z): 1 is a collapsed space, random directions have 0.

    Rows of zeros count as alike. `ScoringError` for fewer than two rows, or NaN.
    """
    import numpy as np

    from thought.geometry.cosine import check_rows, unit

    check_rows(thoughts, least=2)
    units = unit(np.asarray(thoughts, dtype=np.float64))
    total, zeros = units.sum(axis=0), int((np.abs(units).max(axis=1) == 0).sum())
    count = len(units)
    found = total @ total - (count - zeros) + zeros * (zeros - 1)
    return float(found / (count * (count - 1)))


def judge(found: Mapping[Direction, Degeneration]) -> list[Finding]:
    """Compare the worst direction with each threshold: a finding for each of `ILLS`."""
    findings = []
    for name, (about, most, remedy) in ILLS.items():
        shares = {pair: getattr(one, name) for pair, one in found.items() if getattr(one, name) is not None}
        if not shares:
            continue
        worst = max(shares, key=lambda pair: shares[pair])
        sentences = {pair: found[pair].sentences for pair in shares}
        mean = sum(shares[pair] * count for pair, count in sentences.items()) / sum(sentences.values())
        text = f"{100 * mean:.1f} % of {sum(sentences.values()):,}"
        if len(shares) > 1 and shares[worst] > 0:
            text += f", most in {direction_name(worst)}, {100 * shares[worst]:.1f} %"
        text += f" (limit {100 * most:.0f} %)"
        if shares[worst] <= most:
            findings.append(Finding(about, "ok", text))
            continue
        source, output = (_shortened(text) for text in found[worst].examples[name])
        text += f", such as {source!r} -> {output!r}"
        findings.append(Finding(about, "problem", text, remedy))
    return findings


def judge_alikeness(cosine: float) -> Finding:
    """Compare the mean cosine of the thoughts of different sentences with its threshold."""
    text = f"mean cosine {cosine:.2f} between different sentences (limit {MOST_ALIKE})"
    if cosine <= MOST_ALIKE:
        return Finding("thoughts alike", "ok", text)
    remedy = "train longer, or anew with a lower training.learning_rate; loss.align=infonce pushes thoughts apart"
    return Finding("thoughts alike", "problem", text, remedy)


def judge_scores(records: Sequence[Mapping[str, Any]], *, meanings: int = 0) -> list[Finding]:
    """Look at a run's metrics: whether the loss is a number and the last evaluation sensible.

    Parameters
    ----------
    records : sequence of mapping
        The lines of `metrics.jsonl`, in order.
    meanings : int
        That P@1 was measured on; 0 does not judge it, as where some language is never read.
    """
    slower = "train anew with a lower training.learning_rate"
    losses = [record["loss"] for record in records if isinstance(record.get("loss"), int | float)]
    findings = []
    if not all(map(math.isfinite, losses)):
        findings.append(Finding("loss", "problem", "became NaN or infinite in training", slower))
    evaluations = [record for record in records if isinstance(record.get("bleu"), int | float)]
    if not evaluations:
        return [*findings, Finding("last evaluation", "note", "none is written down", "thought evaluate RUN")]
    last, best = evaluations[-1], max(record["bleu"] for record in evaluations)
    numbers = {name: last[name] for name in ("bleu", "chrf", "p_at_1") if isinstance(last.get(name), int | float)}
    bleu, found = numbers["bleu"], numbers.get("p_at_1")
    text = f"BLEU {bleu:.1f}" + (f", chrF {numbers['chrf']:.1f}" if "chrf" in numbers else "")
    text += ("" if found is None else f", P@1 {100 * found:.1f} %") + f" at step {last.get('step')}"
    if not all(0 <= value <= (1 if name == "p_at_1" else 100) for name, value in numbers.items()):  # also NaN
        findings.append(Finding("last evaluation", "problem", f"{text}: no such scores are possible", slower))
    elif bleu < LEAST_BLEU:
        findings.append(Finding("last evaluation", "problem", f"{text}; below BLEU {LEAST_BLEU} nothing is translated",
                                f"train longer, or {slower.removeprefix('train ')}"))  # fmt: skip
    elif bleu > MOST_BLEU:
        findings.append(Finding("last evaluation", "note", f"{text}; people reach less", "look for dev text in train"))
    elif bleu < DEEPEST_FALL * best:
        findings.append(Finding("last evaluation", "note", f"{text}; the best was BLEU {best:.1f}", slower))
    elif meanings and found is not None and found * meanings < LEAST_FOUND:
        remedy = "train longer, with loss.align=infonce"
        findings.append(Finding("last evaluation", "note", f"{text}: translations do not find each other", remedy))
    else:
        findings.append(Finding("last evaluation", "ok", text))
    return findings


def direction_name(pair: Direction) -> str:
    """Write a direction as settings do, "de-en"; "? -> en" where the source is unknown."""
    return "-".join(pair) if pair[0] else f"? -> {pair[1]}"


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """Lower-cased words of texts."""
    return frozenset(word for text in texts for word in _words(text))


def _words(text: str) -> Words:
    """Lower-cased words, without punctuation."""
    kept = "".join(letter if letter.isalnum() or unicodedata.combining(letter) else " " for letter in text.casefold())
    return tuple(kept.split())


def _is_foreign(output: str, own: Collection[str], others: Collection[str]) -> bool:
    words = _words(output)
    return sum(word in others and word not in own for word in words) > sum(
        word in own and word not in others for word in words
    )


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags)


def _shortened(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."
