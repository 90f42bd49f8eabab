"""A run -> findings: whether its files load and are whole, and what it writes when it is tried.

It is tried on sentences it was not trained on. Each look is guarded: what is missing or broken becomes a
finding.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice, permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from thought.doctor import (
    Degeneration,
    Direction,
    Finding,
    alikeness,
    degenerate,
    direction_name,
    judge,
    judge_alikeness,
    judge_scores,
    words_of,
)
from thought.errors import CheckpointError, CorpusError, ThoughtError, nearest
from thought.machine import guarded
from thought.runs import METRICS, SETTINGS, read_config, read_header

if TYPE_CHECKING:
    from thought.config import Config
    from thought.translator import Translator

SENTENCES = 64  # a direction at most: they take seconds, and one odd sentence is 1.6 %
FEWEST = 20  # sentences to judge by: of fewer, one is more than the smallest limit, 5 %
MOST_DIRECTIONS = 30  # of a run in many languages
WORDS_FROM = 1_000  # dev sentences a language, whose words tell it from the others
KINDS = {"best": "model.safetensors", "averaged": "averaged.safetensors", "last": "last.safetensors"}


@dataclass(frozen=True)
class Sentences:
    """What a run is tried on: a language ("" if unknown) -> its sentences, and the words that tell it from others."""

    texts: Mapping[str, Sequence[str]]
    where: str
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)


def look_at_files(folder: Path) -> list[Finding]:
    """Look at each file of a run: whether it loads and is whole, and whether the scores are sensible."""
    findings = []
    for name, read in _FILES.items():
        if name in _NEEDED or (folder / name).exists():
            remedy = _REMEDIES.get(name, _other_weights(folder, name))
            findings += guarded(name, partial(_read, read, folder / name, name), remedy)
    findings += guarded(METRICS, lambda: _metrics(folder))
    for path in sorted(folder.rglob("*.partial")):
        findings.append(Finding(path.name, "note", "half written by a process that was killed", f"rm {path}"))
    return findings


def look_at_output(
    folder: Path,
    given: Sentences | None,
    measured: dict[Direction, Degeneration],
    *,
    device: str = "auto",
    weights: str = "best",
) -> list[Finding]:
    """Translate some sentences in each direction and look at what comes out.

    Parameters
    ----------
    folder : Path
        Of the run.
    given : Sentences, optional
        What to try it on; else dev of its corpus, else the sentences of its snapshots.
    measured : dict
        Takes what was measured, direction by direction.
    device, weights : str
        As for `thought translate`.
    """
    try:
        from thought.translator import Translator

        translator = Translator.load(folder, device=device, weights=cast("Any", weights))
    except Exception:  # the files have been looked at: this is no second problem
        return [Finding("model", "note", "not tried: it does not load", "see its files above")]
    return guarded("output", lambda: _tried(translator, folder, given, measured), "see its files above")


def _tried(
    translator: Translator, folder: Path, given: Sentences | None, measured: dict[Direction, Degeneration]
) -> list[Finding]:
    trained = trained_directions(translator)
    sentences = find_sentences(folder, translator.config)
    if given is not None:
        sources = {source for source, _ in trained}
        texts = {source or (sources.pop() if len(sources) == 1 else ""): some for source, some in given.texts.items()}
        sentences = replace(given, texts=texts, words=sentences.words)
    texts = {code: list(dict.fromkeys(some))[:SENTENCES] for code, some in sentences.texts.items()}
    texts = {code: some for code, some in texts.items() if len(some) >= FEWEST}
    if not texts:
        got = f"fewer than {FEWEST} different sentences in {sentences.where}"
        found = f"not tried: {got if sentences.where else 'no text at hand, neither dev of its corpus nor snapshots'}"
        remedy = f"thought doctor {folder} --text FILE --from LANG, a sentence a line"
        return [Finding("sentences", "note", found, remedy)]
    pairs = [pair for pair in trained if pair[0] in texts]
    if "" in texts:
        pairs = [("", target) for target in dict.fromkeys(target for _, target in trained)]
    if not pairs:
        known = nearest(next(iter(texts)), {source for source, _ in trained})
        return [Finding("sentences", "note", f"not tried: it was not trained to read {', '.join(texts)}{known}")]
    measured |= try_out(translator, replace(sentences, texts=texts), pairs)
    count, distinct = (sum(getattr(one, name) for one in measured.values()) for name in ("sentences", "distinct"))
    names = ", ".join(direction_name(pair) for pair in pairs)
    found = f"{count:,} of {sentences.where}, {names}: {distinct:,} different outputs"
    findings = [Finding("sentences", "ok", found)]
    if "" in texts:
        found = "nobody said in which language, so copies are not looked for"
        findings.append(Finding("language of the text", "note", found, "add --from LANG"))
    findings += judge(measured)
    if translator.config.model.bottleneck != "none":
        read = [texts[source] for source in dict.fromkeys(source for source, _ in pairs)]
        cosines = [alikeness(translator.encode(some).reshape(len(some), -1)) for some in read]
        findings.append(judge_alikeness(max(cosines)))
    return findings


def trained_directions(translator: Translator) -> list[Direction]:
    """Directions the model was trained in: those named, else all, but those held out; the first 30."""
    data = translator.config.data
    named = [tuple(pair.split("-")) for pair in data.directions] or list(permutations(translator.languages, 2))
    held = {tuple(pair.split("-")) for pair in data.hold_out}
    return [(pair[0], pair[1]) for pair in named if pair not in held and pair[0] != pair[1]][:MOST_DIRECTIONS]


def try_out(translator: Translator, sentences: Sentences, pairs: Sequence[Direction]) -> dict[Direction, Degeneration]:
    """Translate the sentences in each direction, greedily, and measure what was written."""
    longest, found = translator.config.data.longest, {}
    for source, target in pairs:
        texts = sentences.texts[source]
        outputs = translator.translate(texts, target)
        shorter = translator.translate(texts, target, longest=longest - 1)  # only what met the limit differs
        others = [words for language, words in sentences.words.items() if language != target]
        found[source, target] = degenerate(
            outputs,
            texts,
            is_cut=[output != short for output, short in zip(outputs, shorter, strict=True)],
            own=sentences.words.get(target, frozenset()),
            others=frozenset().union(*others),
            may_copy=not source,
        )
    return found


def find_sentences(folder: Path, config: Config) -> Sentences:
    """Sentences a run was not trained on: dev of its corpus, else those its snapshots follow, else none."""
    with suppress(ThoughtError, OSError):
        return _with_words(_dev(config), f"dev of {config.data.corpus}")
    with suppress(ThoughtError, OSError):
        from thought.snapshots import load

        space = load(folder).space
        texts = {code: list(space.select(space.rows(code)).texts) for code in space.codes}
        return _with_words(texts, "the snapshots")
    return Sentences({}, "")


def _with_words(texts: dict[str, list[str]], where: str) -> Sentences:
    return Sentences(texts, where, {code: words_of(some) for code, some in texts.items()})


def _dev(config: Config) -> dict[str, list[str]]:
    from thought.corpus import open_corpus

    data = config.data
    corpus = open_corpus(
        data.corpus,
        languages=data.languages,
        seed=config.training.seed,
        dev_share=data.dev_share,
        test_share=data.test_share,
    )
    meanings = list(islice(corpus.read("dev"), WORDS_FROM))
    if len(meanings) < FEWEST:
        raise CorpusError(f"{data.corpus} has only {len(meanings)} dev meanings")
    return {code: [one.sentences[code][0] for one in meanings if one.sentences.get(code)] for code in corpus.languages}


def _read(read: Callable[[Path], str], path: Path, name: str) -> list[Finding]:
    return [Finding(name, "ok", read(path))]


def _settings(path: Path) -> str:
    return f"trained on {read_config(path.parent).data.corpus}"


def _tokenizer(path: Path) -> str:
    from thought.tokenizer import Tokenizer

    tokenizer = Tokenizer.load(path)
    return f"{tokenizer.vocabulary_size:,} subwords for {', '.join(tokenizer.languages)}"


def _weights(path: Path) -> str:
    from thought.checkpoint import load_tensors

    if not path.exists():
        raise CheckpointError("is not there")
    tensors, facts = load_tensors(path)
    broken = [name for name, tensor in tensors.items() if not tensor.isfinite().all()]
    if broken:
        raise CheckpointError(f"NaN or infinity in {len(broken)} of {len(tensors)} tensors, such as {broken[0]}")
    if not any(tensor.any() for tensor in tensors.values() if tensor.dim() > 1):  # one alone may start so
        raise CheckpointError("nothing but zeros in every matrix")
    count = sum(tensor.numel() for tensor in tensors.values())
    return f"{count:,} weights, all finite, of step {facts.get('step', '?')}"


def _state(path: Path) -> str:
    return f"can be resumed from step {read_header(path)[1]['step']}"


def _prepared(path: Path) -> str:
    from thought.store import Store

    return f"{len(Store(path, 'train')):,} meanings to train on"


def _snapshots(path: Path) -> str:
    from thought.snapshots import load

    return f"{len(load(path.parent))} of training"


def _report(path: Path) -> str:
    from thought.evaluation.report import SCHEMA

    schema = json.loads(path.read_text("utf-8"))["schema"]
    if schema > SCHEMA:
        raise CheckpointError(f"is of schema {schema}, newer than {SCHEMA}; upgrade thought")
    return f"schema {schema}"


def _metrics(folder: Path) -> list[Finding]:
    """Look at what training wrote down; a run saved by `Translator.save` has none."""
    findings, records = [], []
    lines = (folder / METRICS).read_text("utf-8").splitlines() if (folder / METRICS).exists() else []
    for number, line in enumerate(lines, start=1):
        try:
            records.append(dict(json.loads(line)))
        except (ValueError, TypeError):
            found, remedy = f"line {number:,} of {len(lines):,} is cut off", f"thought train --resume {folder} drops it"
            findings.append(Finding(METRICS, "note", found, remedy))
    meanings = 0
    with suppress(ThoughtError):
        config = read_config(folder)
        meanings = 0 if config.data.directions else config.training.evaluate_meanings
    return findings + judge_scores(records, meanings=meanings)


def _other_weights(folder: Path, name: str) -> str:
    """What to type to try other weights than those in a file, if there are any."""
    others = [kind for kind, file in KINDS.items() if file != name and (folder / file).exists()]
    return f"thought doctor {folder} --weights {others[0]}" if others else "train anew"


_NEEDED = (SETTINGS, "tokenizer.model", "model.safetensors")
_FILES: dict[str, Callable[[Path], str]] = {
    SETTINGS: _settings,
    "tokenizer.model": _tokenizer,
    "model.safetensors": _weights,
    "averaged.safetensors": _weights,
    "last.safetensors": _weights,
    "resume/state.safetensors": _state,
    "prepared": _prepared,
    "snapshots": _snapshots,
    "report.json": _report,
}
_REMEDIES = {  # of files that are damaged; weights may be replaced by other ones
    SETTINGS: "copy it from a backup: without it the sizes of the model are not known",
    "tokenizer.model": "copy it from a backup: no other one fits the weights",
    "resume/state.safetensors": "delete it: the run still translates, but cannot be resumed",
    "prepared": "delete the folder: training prepares it again",
    "snapshots": "delete the folder: only the film is lost",
    "report.json": "thought evaluate RUN writes it anew",
}
