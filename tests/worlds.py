"""Tiny worlds: meanings in three made-up languages, a tokenizer, settings and a trained run, in milliseconds.

Every meaning is "who does what to whom, and where". `aa` says it in this order, `bb` backwards with
every word reversed, `cc` puts the verb first and ends words with "o". Every other meaning has a
second wording in `aa`. So the meaning of a sentence can be read off its words.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import torch

from thought.config import Config, load_config
from thought.corpus import Corpus, Meaning
from thought.model import Model
from thought.pieces import Pieces
from thought.store import Store, prepare
from thought.tokenizer import Tokenizer
from thought.translator import Translator

LANGUAGES = ("aa", "bb", "cc")
WHO = ("rabe", "kilu", "domi", "sanu", "tepo")
WHAT = ("vira", "lomu", "zeki", "puna")
WHERE = ("mato", "solu", "nepi")

SETTINGS = (
    "tokenizer.vocabulary_size=400", "tokenizer.variants=0", "tokenizer.sample_size=1000",
    "data.corpus=toy", "data.directions=", "data.hold_out=", "data.paraphrase_share=1", "data.longest=30",
    "model.encoder=gru", "model.decoder=gru", "model.embedding_size=8", "model.encoder_size=8", "model.decoder_size=8",
    "model.thought_size=12", "model.encoder_layers=1", "model.decoder_layers=1", "model.heads=2", "model.pooling=max",
    "model.bottleneck=1", "model.dropout=0.1",
    "loss.label_smoothing=0.1", "loss.word_dropout=0", "loss.source_dropout=0", "loss.denoising=0", "loss.align=none",
    "training.seed=1", "training.steps=4", "training.epochs=0", "training.minutes=0", "training.batch_tokens=120",
    "training.accumulate=1", "training.learning_rate=0.005", "training.warmup=2", "training.decay=linear",
    "training.average=0.9", "training.evaluate_every=1000", "training.evaluate_meanings=4", "training.save_every=1000",
    "training.patience=0", "training.device=cpu", "training.precision=float32", "training.threads=0",
)  # fmt: skip


def tiny(*overrides: str) -> Config:
    """Settings small enough for a test, with overrides such as "model.bottleneck=3"."""
    return load_config("tiny", [*SETTINGS, *overrides])


def combinations() -> list[tuple[str, ...]]:
    """Overrides for every encoder, decoder, pooling and bottleneck that go together."""
    bottlenecks = [("1", pooling) for pooling in ("attention", "mean", "max", "last")]
    return [
        (f"model.encoder={encoder}", f"model.decoder={decoder}", f"model.bottleneck={size}", f"model.pooling={pooling}")
        for encoder in ("gru", "transformer")
        for decoder in ("gru", "transformer")
        for size, pooling in [*bottlenecks, ("3", "attention"), ("none", "max")]
    ]


def name_of(overrides: tuple[str, ...]) -> str:
    """A combination as the name of a test: gru-gru-1-max."""
    return "-".join(override.partition("=")[2] for override in overrides)


@functools.cache
def toy_meaning(number: int) -> Meaning:
    """Meaning 0 to 79 in all three languages."""
    who, what, whom = WHO[number % 5], WHAT[number // 5 % 4], WHO[(number + 1 + number // 20) % 5]
    where = WHERE[number % 3]
    wordings = [f"{who} {what} {whom} {where}"] + ([f"{where} {whom} su {what} {who}"] if number % 2 == 0 else [])
    sentences = {
        "aa": tuple(wordings),
        "bb": (wordings[0][::-1],),
        "cc": (f"{what}o {who}o {whom}o {where}o",),
    }
    return Meaning(f"meaning {number}", sentences)


class ToyReader:
    """Meanings in memory, as a corpus reads them from files."""

    splits = ("train", "dev", "test")
    is_shuffled = False

    def __init__(self, meanings: dict[str, list[Meaning]]) -> None:
        self.meanings = meanings

    def read(self, split: str, trimmed: Counter[str]) -> Iterator[tuple[str, dict[str, tuple[str, ...]]]]:
        for meaning in self.meanings.get(split, []):
            yield meaning.key, dict(meaning.sentences)


def toy_corpus(size: int = 20, dev_size: int = 4) -> Corpus:
    """The first `size` meanings to train on and the next to watch by."""
    meanings = [toy_meaning(number) for number in range(size + dev_size)]
    return Corpus("toy", LANGUAGES, ToyReader({"train": meanings[:size], "dev": meanings[size:]}))


@functools.cache
def toy_tokenizer() -> Tokenizer:
    """A subword model of the three languages."""
    texts = [
        text
        for meaning in toy_corpus(80, 0).read("train")
        for sentences in meaning.sentences.values()
        for text in sentences
    ]
    return Tokenizer.train(texts, LANGUAGES, tiny().tokenizer, seed=1)


def toy_store(folder: Path, size: int = 20, *overrides: str) -> Store:
    """The first `size` meanings as ids on disk."""
    config = tiny(*overrides)
    meanings = toy_corpus(size, 0).read("train")
    return prepare(meanings, toy_tokenizer(), folder, "train", config=config.tokenizer, longest=config.data.longest)


def toy_model(*overrides: str, vocabulary_size: int = 20, seed: int = 1) -> Model:
    """A random model that does not drop anything: eval mode."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Model(tiny(*overrides).model, vocabulary_size).eval()


def toy_translator(*overrides: str) -> Translator:
    """A random translator of the three languages, with opinions: not every token is as likely as any other."""
    tokenizer = toy_tokenizer()
    model = toy_model(*overrides, vocabulary_size=tokenizer.vocabulary_size)
    with torch.no_grad():
        model.embedding.weight.mul_(4)
    return Translator(model, tokenizer, tiny(*overrides), precision="float32", step=7)


def toy_texts(count: int = 12) -> list[str]:
    """Sentences of different languages and lengths."""
    texts = [toy_meaning(number).sentences[LANGUAGES[number % 3]][0] for number in range(count)]
    return [" ".join([text] * (1 + number % 3)) for number, text in enumerate(texts)]


OWN = "model.output=language"


def toy_pieces() -> Pieces:
    """A third of the pieces for each of two languages, all of them for the last."""
    first, size = 6, toy_tokenizer().vocabulary_size
    third = (size - first) // 3
    parts = (range(first, first + third), range(first + third, first + 2 * third), range(first, size))
    return Pieces(dict(zip(LANGUAGES, parts, strict=True)), toy_tokenizer(), torch.device("cpu"))


def own_translator(*overrides: str) -> Translator:
    plain = toy_translator(*overrides)
    return Translator(
        plain.model, plain.tokenizer, tiny(OWN, *overrides), precision="float32", step=7, pieces=toy_pieces()
    )
