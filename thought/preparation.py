"""Corpus -> tokenizer, token store and dev meanings of a run: all that training reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from thought import checkpoint
from thought.batching import POOL
from thought.config import Config
from thought.corpus import Corpus, Meaning, open_corpus
from thought.distributed import Group
from thought.errors import CheckpointError, CorpusError
from thought.rehearsal import Listener
from thought.snapshots import choose_probes
from thought.space import Space
from thought.store import Store, prepare
from thought.tokenizer import Tokenizer


@dataclass(frozen=True)
class Prepared:
    """What a run trains on and is watched by."""

    tokenizer: Tokenizer
    store: Store
    dev: tuple[Meaning, ...]
    directions: tuple[tuple[str, str], ...]  # that dev is translated in
    pieces: Mapping[str, Sequence[int]] | None  # of each language, where it is written with no others

    @property
    def probes(self) -> Space:
        """Sentences whose thoughts are kept while the model learns."""
        return choose_probes(self.dev, dict.fromkeys(code for pair in self.directions for code in pair))

    @property
    def pools(self) -> int:
        """Pools an epoch has."""
        return -(-len(self.store) // POOL)


def prepare_run(
    config: Config, folder: Path, corpus: Corpus | None, group: Group, listener: Listener, *, resume: bool
) -> Prepared:
    """Train the tokenizer and fill the store, or open those the folder has.

    Raises
    ------
    CorpusError
        If the corpus has too little to train or to evaluate on.
    CheckpointError
        If the folder holds another run, or cannot be written.
    """
    data = config.data
    if corpus is None:
        corpus = open_corpus(
            data.corpus, languages=data.languages, paraphrases=data.paraphrases, seed=config.training.seed,
            dev_share=data.dev_share, test_share=data.test_share,
        )  # fmt: skip
    is_there = (folder / "config.json").exists()
    if group.is_first and is_there and not resume:  # to the others it may be that of the first
        raise CheckpointError(f"{folder} holds a run already: resume it, or choose another name")
    directions = _directions(config, corpus.languages)
    if group.is_first:
        checkpoint.save_config(folder, config)
        if not (folder / "tokenizer.model").exists():
            tokenizer = Tokenizer.train(
                _texts(corpus, config), corpus.languages, config.tokenizer, config.training.seed
            )
            checkpoint.save_bytes(folder / "tokenizer.model", tokenizer.model)
            listener.note(f"{tokenizer.vocabulary_size:,} subwords for {', '.join(corpus.languages)}")
        if not (folder / "prepared" / "train.json").exists():
            tokenizer = Tokenizer.load(folder / "tokenizer.model")
            prepare(
                corpus.read("train"), tokenizer, folder / "prepared", "train",
                config=config.tokenizer, longest=data.longest, seed=config.training.seed, dropped=corpus.skipped,
            )  # fmt: skip
    group.wait()
    store = Store(folder / "prepared", "train")
    listener.note(_counts(store))
    tokenizer = Tokenizer.load(folder / "tokenizer.model")
    pieces = store.pieces if config.model.output == "language" else None
    return Prepared(tokenizer, store, _dev(config, corpus, directions), directions, pieces)


def _texts(corpus: Corpus, config: Config) -> Iterator[str]:
    """All sentences to draw a sample from, or as many as it takes where those are a sample already."""
    rows = (meaning.sentences.values() for meaning in corpus.read("train"))
    texts = (text for row in rows for sentences in row for text in sentences)
    return islice(texts, config.tokenizer.sample_size) if corpus.reader.is_shuffled else texts


def _dev(config: Config, corpus: Corpus, directions: tuple[tuple[str, str], ...]) -> tuple[Meaning, ...]:
    """The first dev meanings that have every language; a tiny corpus without dev shows its training text."""
    codes = {code for pair in directions for code in pair}
    for split in ("dev", "train"):
        whole = (meaning for meaning in corpus.read(split) if codes <= set(meaning.sentences))
        found = tuple(islice(whole, config.training.evaluate_meanings or None))
        if found:
            return found
    raise CorpusError(
        f"no meaning of {corpus.name} has a sentence in each of {', '.join(sorted(codes))} to evaluate on"
    )


def _directions(config: Config, languages: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    named = [tuple(pair.split("-")) for pair in config.data.directions]
    every = [(source, target) for source in languages for target in languages if source != target]
    chosen = [(source, target) for source, target in named if source != target] or every
    if not chosen:
        raise CorpusError(f"need two languages to translate, got {', '.join(languages) or 'none'}")
    return tuple(chosen)


def _counts(store: Store) -> str:
    facts = store.facts
    parts = [f"{facts['meanings']:,} meanings, {facts['sentences']:,} sentences, {facts['tokens']:,} tokens"]
    return "; ".join(parts + [f"skipped {count:,} {reason}" for reason, count in facts["skipped"].items() if count])
