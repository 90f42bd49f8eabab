"""Stored meanings -> padded batches of like length, as a pure function of (seed, position).

An epoch passes over all meanings once, in pools: a pool is drawn at random, turned into rows
(source sentence, target sentence), sorted by length, cut into batches of a token budget, and the
batches are shuffled. A `Position` names the next batch; training saves it and goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from thought.config import Config
from thought.errors import CorpusError
from thought.padding import Aligned, Batch, pad, rounded, source_batch
from thought.store import Sentence, Store
from thought.tokenizer import END, PAD, UNKNOWN, Tokenizer

POOL = 8_192  # meanings sorted by length together
ROWS = 8  # sizes of most batches are multiples of it
CHUNK = 64  # sentences of like length that are only encoded, at once
ALIGNED = 2**31  # sets their random numbers apart from those of a process
SHUFFLE = 3  # how far a token moves in a noised sentence (Lample et al. 2018, arXiv:1711.00043)
LOST = 0.1  # share of tokens a noised sentence loses


@dataclass(frozen=True)
class Position:
    """Where in the data training stands: the next batch to read."""

    epoch: int = 0
    pool: int = 0
    batch: int = 0
    share: float = 0.0  # of the pool that lies behind

    def epochs(self, pools: int) -> float:
        """Passes over the data so far, where an epoch has so many pools."""
        return self.epoch + (self.pool + self.share) / pools

    def describe(self, batch: Batch, tokenizer: Tokenizer) -> str:
        """Name this place and the batch behind it, for a message."""
        first = tokenizer.decode([batch.source[0].tolist()])[0] if len(batch.source) else ""
        place = f"epoch {self.epoch} pool {self.pool} batch {self.batch}"
        return f"{place} ({len(batch.source)} rows, the first {first[:60]!r})"


@dataclass(frozen=True)
class Row:
    """One source and one target, as ids; an empty target is encoded but not written."""

    source: np.ndarray
    target: np.ndarray
    language: int


class Batches:
    """All batches of a store, in the order of (seed, epoch).

    Parameters
    ----------
    store : Store
    tokenizer : Tokenizer
    config : Config
        Directions, paraphrases, noise, word dropout and the token budget are read from it.
    rank, processes : int
        This process takes every `processes`-th row (or pair of rows) of each batch.

    Raises
    ------
    CorpusError
        If the store holds no meaning with a direction that may be trained.
    """

    def __init__(
        self, store: Store, tokenizer: Tokenizer, config: Config, *, rank: int = 0, processes: int = 1
    ) -> None:
        self.store = store
        self.tokenizer = tokenizer
        self.config = config
        self.rank = rank
        self.processes = processes
        self.is_paired = config.loss.align != "none"
        self.directions = _allowed(config, tokenizer.languages)
        if not len(store):
            raise CorpusError(f"no meanings to train on in {store.path}: every one was skipped or the corpus is empty")

    def stream(self, position: Position) -> Iterator[tuple[Batch, Position]]:
        """Yield batches from `position` on, for ever, each with the position behind it."""
        epoch, pool, start = position.epoch, position.pool, position.batch
        pools = -(-len(self.store) // POOL)
        found = True
        while True:
            order = np.random.default_rng((self.config.training.seed, epoch)).permutation(len(self.store))
            while pool < pools:
                generator = np.random.default_rng((self.config.training.seed, epoch, pool))
                groups = self._groups(order[pool * POOL : (pool + 1) * POOL], generator)
                found = found or bool(groups)
                batches = self._cut(groups, generator)
                for index in range(start, len(batches)):
                    after = Position(epoch, pool, index + 1, (index + 1) / len(batches))
                    if index + 1 == len(batches):
                        after = Position(epoch, pool + 1)
                    yield self._padded(batches[index], (epoch, pool, index)), after
                pool, start = pool + 1, 0
            if not found:
                raise CorpusError(
                    "no meaning has a direction that may be trained: see data.directions and data.hold_out"
                )
            epoch, pool, found = epoch + 1, 0, False

    def _groups(self, indices: np.ndarray, generator: np.random.Generator) -> list[tuple[Row, ...]]:
        """Rows of each meaning: one, or two that say the same where thoughts are aligned."""
        denoising = self.config.loss.denoising
        groups: list[tuple[Row, ...]] = []
        for index, chance in zip(indices.tolist(), generator.random(len(indices)), strict=True):
            sentences = self.store.read(index)
            if chance < denoising and not self.is_paired:
                groups.append((self._denoising_row(sentences, generator),))
                continue
            group = self._translation_rows(sentences, generator)
            if group and self.is_paired and chance < denoising:
                group = tuple(Row(self._noised(row.source, generator), row.target, row.language) for row in group)
            if group:
                groups.append(group)
        return groups

    def _denoising_row(self, sentences: list[Sentence], generator: np.random.Generator) -> Row:
        sentence = sentences[generator.integers(len(sentences))]
        return Row(self._noised(_variant(sentence, generator), generator), sentence.variants[0], sentence.language)

    def _translation_rows(self, sentences: list[Sentence], generator: np.random.Generator) -> tuple[Row, ...]:
        is_any = generator.random() < self.config.data.paraphrase_share
        pair = self._pair(sentences, generator, is_any=bool(is_any))
        if pair is None:
            return ()
        first, second = pair
        written = {first.language: first, second.language: second}
        if self.config.data.targets == "first":  # as many ways to read, one way to write
            written = {sentence.language: sentence for sentence in reversed(sentences)}
        there = Row(_variant(first, generator), written[second.language].variants[0], second.language)
        if not self.is_paired:
            return (there,)
        is_trained = (second.language, first.language) in self.directions
        back_target = written[first.language].variants[0] if is_trained else np.empty(0, dtype=np.uint16)
        return there, Row(_variant(second, generator), back_target, first.language)

    def _pair(
        self, sentences: list[Sentence], generator: np.random.Generator, *, is_any: bool
    ) -> tuple[Sentence, Sentence] | None:
        """Draw a direction that may be trained, and a wording at each of its ends: the first, or any."""
        wordings: dict[int, list[Sentence]] = {}
        for sentence in sentences:
            wordings.setdefault(sentence.language, []).append(sentence)
        possible = [
            (source, target)
            for source, target in self.directions
            if source in wordings
            and target in wordings
            and (source != target or (is_any and len(wordings[source]) > 1))
        ]
        if not possible:
            return None
        source, target = possible[generator.integers(len(possible))]
        ends = [generator.integers(len(wordings[language])) if is_any else 0 for language in (source, target)]
        if source == target and ends[0] == ends[1]:
            ends[1] = (ends[0] + 1) % len(wordings[source])
        return wordings[source][ends[0]], wordings[target][ends[1]]

    def _aligned(self, position: tuple[int, int, int]) -> Aligned | None:
        """Pairs of any wordings of meanings drawn at random, for the alignment alone."""
        count = self.config.loss.align_meanings if self.is_paired else 0
        if not count:
            return None
        generator = np.random.default_rng((self.config.training.seed, *position, ALIGNED))
        drawn = generator.integers(len(self.store), size=count).tolist()
        pairs = [self._pair(self.store.read(index), generator, is_any=True) for index in drawn]
        kept = [pair for pair in pairs if pair is not None][self.rank :: self.processes]
        rows = [_variant(sentence, generator) for pair in kept for sentence in pair]
        order = np.argsort([len(row) for row in rows], kind="stable")
        starts = range(0, len(rows), CHUNK)
        chunks = tuple(source_batch([rows[row] for row in order[start : start + CHUNK]]) for start in starts)
        return Aligned(chunks, torch.from_numpy(np.argsort(order, kind="stable")))

    def _noised(self, ids: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        keep = generator.random(len(ids)) >= LOST
        kept = ids[keep] if keep.any() else ids
        return kept[np.argsort(np.arange(len(kept)) + generator.uniform(0, SHUFFLE, len(kept)), kind="stable")]

    def _cut(self, groups: list[tuple[Row, ...]], generator: np.random.Generator) -> list[list[tuple[Row, ...]]]:
        """Batches of groups of like length that keep to the token budget.

        Lengths are rounded up and rows down, because every new shape of a matrix product costs a
        compiled kernel: time, and memory that is kept.
        """
        targets = rounded([max(len(row.target) for row in group) + 1 for group in groups])
        lengths = rounded([max(max(len(row.source), len(row.target)) for row in group) + 1 for group in groups])
        budget, width = self.config.training.batch_tokens, 2 if self.is_paired else 1
        limits = np.maximum(1, budget // lengths // width)  # groups a batch
        limits = np.where(limits > ROWS, limits // ROWS * ROWS, limits)
        batches: list[list[tuple[Row, ...]]] = []
        for index in np.lexsort((generator.random(len(groups)), targets, lengths)).tolist():
            if not batches or len(batches[-1]) >= limits[index]:
                batches.append([])
            batches[-1].append(groups[index])
        return [batches[index] for index in generator.permutation(len(batches)).tolist()]

    def _padded(self, groups: list[tuple[Row, ...]], position: tuple[int, int, int]) -> Batch:
        rows = [row for group in groups[self.rank :: self.processes] for row in group]
        tags = [self.tokenizer.tag(self.tokenizer.languages[row.language]) for row in rows]
        source, source_length = source_batch([row.source for row in rows])
        target_in = pad([np.append(tag, row.target) for tag, row in zip(tags, rows, strict=True)])  # (B, T)
        target_out = pad([np.append(row.target, END) if len(row.target) else row.target for row in rows])
        if target_out.shape[1] < target_in.shape[1]:  # every row here is only encoded
            target_out = torch.full_like(target_in, PAD)
        generator = np.random.default_rng((self.config.training.seed, *position, self.rank))
        source = _hidden(source, self.config.loss.source_dropout, generator)
        target_in = torch.cat(
            [target_in[:, :1], _hidden(target_in[:, 1:], self.config.loss.word_dropout, generator)], dim=1
        )
        return Batch(source, source_length, target_in, target_out, self.is_paired, self._aligned(position))


def _allowed(config: Config, languages: tuple[str, ...]) -> list[tuple[int, int]]:
    """Directions that may be trained, as pairs of language indices; a language to itself is a paraphrase.

    They are sorted: one is drawn by its place, and the order of a set differs from process to process.
    """
    data = config.data
    every = {(source, target) for source in languages for target in languages}
    named = {tuple(pair.split("-")) for pair in data.directions + data.hold_out}
    for source, target in sorted(named - every):
        raise CorpusError(
            f"direction {source}-{target} needs languages the corpus lacks: it has {', '.join(languages)}"
        )
    wanted = {tuple(pair.split("-")) for pair in data.directions} or every
    wanted -= {tuple(pair.split("-")) for pair in data.hold_out}
    return sorted((languages.index(source), languages.index(target)) for source, target in wanted)


def _variant(sentence: Sentence, generator: np.random.Generator) -> np.ndarray:
    """One segmentation of a source; targets keep the best, or the decoder would learn to spread its chances."""
    return sentence.variants[generator.integers(len(sentence.variants))]


def _hidden(ids: Tensor, share: float, generator: np.random.Generator) -> Tensor:
    """Replace a share of the tokens by UNKNOWN, which no text produces; padding and END stay."""
    if share == 0:
        return ids
    chosen = torch.from_numpy(generator.random(tuple(ids.shape)) < share) & (ids > END)
    return ids.masked_fill(chosen, UNKNOWN)
