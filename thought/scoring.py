"""Translations and references -> BLEU, chrF and TER, each with all that it depends on.

All three are sacrebleu's (Post 2018, arXiv:1804.08771), 0 to 100. BLEU and chrF rise with quality,
TER counts edits and falls. A number without its signature is not comparable with another.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Literal, cast, get_args

from sacrebleu.metrics.base import Metric
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER
from sacrebleu.significance import PairedTest, Result

from thought.errors import ScoringError, nearest

Protocol = Literal["13a", "spacy-lower", "moses-lower"]
References = Sequence[str] | Sequence[Sequence[str]]

SEED = 12345  # of the bootstrap; sacrebleu's own default
RESAMPLES = 1_000  # of the bootstrap; sacrebleu's own default


@dataclass(frozen=True)
class Score:
    """One number, what it depends on, and how far to trust it."""

    value: float  # 0 to 100
    signature: str
    low: float | None = None  # of the 95 % bootstrap interval, where asked for
    high: float | None = None
    p_value: float | None = None  # against the first system, where systems are compared


@dataclass(frozen=True)
class Scores:
    """The three scores of one set of translations."""

    bleu: Score
    chrf: Score
    ter: Score


def score_translations(
    hypotheses: Sequence[str],
    references: References,
    *,
    protocol: Protocol = "13a",
    language: str = "",
    confidence: bool = False,
    seed: int = SEED,
) -> Scores:
    """Score translations against their references.

    Parameters
    ----------
    hypotheses : sequence of N str
        Plain text, as a reader would see it.
    references : sequence of N str, or of N sequences of str
        Item i holds what belongs to hypothesis i. (sacrebleu's own interface is transposed.)
    protocol : "13a", "spacy-lower" or "moses-lower"
        "13a" is sacrebleu's default: mixed case, its own tokens. The others count lower-cased tokens of
        spaCy's blank tokenizer (as bentrevett/pytorch-seq2seq) or sacremoses (as Wu et al. 2021).
    language : str
        Code of the target language, such as "de"; used by the last two protocols only.
    confidence : bool
        Also fill `low` and `high`: 95 % interval of the bootstrap (Koehn 2004), 1,000 resamples.
    seed : int >= 1
        Of the bootstrap.

    Returns
    -------
    Scores
        BLEU, chrF and TER, 0 to 100, each with its signature.

    Raises
    ------
    ScoringError
        If the two differ in length, are empty or not text, or the protocol's tokeniser is missing.

    Examples
    --------
    >>> scores = score_translations(["a dog runs in the park"], ["a dog runs in a park"])
    >>> round(scores.bleu.value, 1), round(scores.chrf.value, 1)
    (53.7, 69.0)
    >>> scores.bleu.signature.partition("|version")[0]
    'nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp'
    """
    tokenise, note = tokenisation(protocol, language)
    streams = _streams(hypotheses, references, tokenise)
    outputs = [tokenise(text) for text in hypotheses]
    if confidence:
        return _bootstrapped({"": outputs}, streams, protocol, note, seed)[""]
    found = [(metric.corpus_score(outputs, streams), metric) for metric in _metrics(protocol)]
    return Scores(*(Score(float(result.score), f"{metric.get_signature()}{note}") for result, metric in found))


def score_alike(systems: Mapping[str, Sequence[str]], references: References) -> dict[str, tuple[Score, Score]]:
    """BLEU and chrF of systems that share their references, which are read once for all of them.

    Where a sentence has dozens of true references, reading them is most of the work.

    Parameters
    ----------
    systems : mapping of name -> N hypotheses
    references : as for `score_translations`

    Returns
    -------
    dict of name -> (BLEU, chrF)
        By the protocol "13a"; the signature of BLEU says "nrefs:var" where sentences differ in their number.

    Raises
    ------
    ScoringError
        As `score_translations`.
    """
    streams: list[list[str]] = []
    for name, hypotheses in systems.items():
        streams = _streams(hypotheses, references, str, name)
    bleu, chrf = BLEU(references=streams), CHRF(references=streams)
    return {
        name: (
            Score(float(bleu.corpus_score(list(hypotheses), None).score), str(bleu.get_signature())),
            Score(float(chrf.corpus_score(list(hypotheses), None).score), str(chrf.get_signature())),
        )
        for name, hypotheses in systems.items()
    }


def compare(
    systems: Mapping[str, Sequence[str]],
    references: References,
    *,
    protocol: Protocol = "13a",
    language: str = "",
    seed: int = SEED,
) -> dict[str, Scores]:
    """Score systems on the same sentences and test each against the first by paired bootstrap.

    Parameters
    ----------
    systems : mapping of name -> N hypotheses
        At least two; the first is the baseline and has no p-value.
    references, protocol, language, seed
        As for `score_translations`.

    Returns
    -------
    dict of name -> Scores
        With `low`, `high` and, but for the baseline, `p_value`: how often a difference as large
        as the one seen would come up between systems that do not differ (Koehn 2004).

    Raises
    ------
    ScoringError
        As `score_translations`, and if there are fewer than two systems.
    """
    if len(systems) < 2:
        raise ScoringError(f"a comparison needs at least two systems, got {len(systems)}")
    tokenise, note = tokenisation(protocol, language)
    streams: list[list[str]] = []
    for name, hypotheses in systems.items():
        streams = _streams(hypotheses, references, tokenise, name)
    named = {name: [tokenise(text) for text in hypotheses] for name, hypotheses in systems.items()}
    return _bootstrapped(named, streams, protocol, note, seed)


def _bootstrapped(
    systems: Mapping[str, list[str]], streams: list[list[str]], protocol: Protocol, note: str, seed: int
) -> dict[str, Scores]:
    """Scores with intervals by sacrebleu's paired bootstrap, which takes one system alone as well.

    `Metric.corpus_score(n_bootstrap=...)` is the other way to an interval, but sacrebleu 2.6 fails in
    it where a resample has no match at all (it mixes float and float32 in `statistics.mean`).
    """
    metrics = {type(metric).__name__: metric for metric in _metrics(protocol)}
    with _seeded(seed):
        test = PairedTest(list(systems.items()), metrics, streams, test_type="bs", n_samples=RESAMPLES)
        signatures, results = test()
    scored = {}
    for row, name in enumerate(systems):
        found = [(key, cast(list[Result], results[key])) for key in signatures]
        scored[name] = Scores(
            *(_score(key, ranked[row], ranked[0], f"{signatures[key]}{note}") for key, ranked in found)
        )
    return scored


def _score(name: str, result: Result, baseline: Result, signature: str) -> Score:
    # sacrebleu's interval is symmetric around the mean and may leave the range of the score
    mean, half = float(result.mean or 0), float(result.ci or 0)
    high = mean + half if name == "TER" else min(100.0, mean + half)
    # equal scores are as near as chance can bring them; sacrebleu counts only greater differences and says 0.001
    p_value = 1.0 if result is not baseline and result.score == baseline.score else result.p_value
    return Score(float(result.score), signature, max(0.0, mean - half), high, p_value)


def _metrics(protocol: Protocol) -> tuple[Metric, Metric, Metric]:
    # force: text tokenised on purpose needs no warning that it is tokenised
    return BLEU(tokenize="13a" if protocol == "13a" else "none", force=True), CHRF(), TER()


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed sacrebleu's bootstrap, which reads its seed from the environment and nowhere else."""
    if seed < 1:
        raise ScoringError(f"the seed of a bootstrap must be at least 1 (sacrebleu takes 0 for none), got {seed}")
    before = os.environ.get("SACREBLEU_SEED")
    os.environ["SACREBLEU_SEED"] = str(seed)
    try:
        yield
    finally:
        if before is None:
            del os.environ["SACREBLEU_SEED"]
        else:
            os.environ["SACREBLEU_SEED"] = before


def _streams(
    hypotheses: Sequence[str], references: References, tokenise: Callable[[str], str], system: str = ""
) -> list[list[str]]:
    """References as sacrebleu wants them: stream j holds the j-th reference of each sentence, or None."""
    where = f" of {system}" if system else ""
    if isinstance(hypotheses, str) or isinstance(references, str):
        raise ScoringError("hypotheses and references must be lists of sentences, got one str")
    if len(hypotheses) != len(references):
        raise ScoringError(f"{len(hypotheses)} hypotheses{where} do not fit {len(references)} references")
    if not len(hypotheses):
        raise ScoringError(f"nothing to score: no hypotheses{where} and no references")
    for row, text in enumerate(hypotheses):
        if not isinstance(text, str):
            raise ScoringError(f"hypothesis {row}{where} must be str, got {type(text).__name__}")
    rows = [_references_of(row, item) for row, item in enumerate(references)]
    most = max(len(texts) for texts in rows)
    padded: list[list[str | None]] = []
    for texts in rows:
        padded.append([*(tokenise(text) for text in texts), *[None] * (most - len(texts))])
    # sacrebleu takes None for a reference that is not there, though its types do not say so
    return [cast(list[str], list(stream)) for stream in zip(*padded, strict=True)]


def _references_of(row: int, item: str | Sequence[str]) -> list[str]:
    texts = [item] if isinstance(item, str) else list(item)
    if not texts or not all(isinstance(text, str) for text in texts):
        raise ScoringError(f"sentence {row} needs a reference or a list of references, got {item!r}")
    if not any(text.strip() for text in texts):
        raise ScoringError(f"every reference of sentence {row} is empty: leave such sentences out")
    return texts


def tokenisation(protocol: str, language: str) -> tuple[Callable[[str], str], str]:
    """What a protocol does to a sentence before sacrebleu sees it, and how the signature says so."""
    if protocol not in get_args(Protocol):
        raise ScoringError(f"unknown protocol {protocol}{nearest(protocol, get_args(Protocol))}")
    if protocol == "13a":
        return str, ""
    if not language:
        raise ScoringError(f"protocol {protocol} needs the target language, such as language='en'")
    tokens, tool = _spacy(language) if protocol == "spacy-lower" else _moses(language)
    # Lower-casing comes last, as in the tutorial: tokenisers look at capitals to know an abbreviation.
    return lambda text: " ".join(tokens(text)).lower(), f"|pre:{protocol}|lang:{language}|{tool}"


def _spacy(language: str) -> tuple[Callable[[str], list[str]], str]:
    try:
        import spacy
    except ImportError as error:
        raise ScoringError("protocol spacy-lower needs spaCy: pip install spacy") from error
    try:
        tokenizer = spacy.blank(language).tokenizer
    except (ImportError, OSError) as error:
        raise ScoringError(f"spaCy has no tokenizer for the language {language}: {error}") from error
    return lambda text: [token.text for token in tokenizer(text)], f"spacy:{version('spacy')}"


def _moses(language: str) -> tuple[Callable[[str], list[str]], str]:
    try:
        import sacremoses
    except ImportError as error:
        raise ScoringError("protocol moses-lower needs sacremoses: pip install sacremoses") from error
    tokenizer = sacremoses.MosesTokenizer(lang=language)
    return lambda text: list(tokenizer.tokenize(text, escape=False)), f"sacremoses:{version('sacremoses')}"
