"""What stands in batches, read back as text: for tests of batching."""

from __future__ import annotations

from collections import Counter

from worlds import toy_meaning, toy_tokenizer

from thought import batching
from thought.batching import Batches, Position
from thought.padding import Batch
from thought.tokenizer import PAD

SIZE = 20  # meanings in the stores of these tests
Said = tuple[str, str, str]  # source text, language to write, target text


def epoch_of(batches: Batches, epoch: int = 0) -> list[Batch]:
    """All batches of an epoch."""
    found = []
    for batch, after in batches.stream(Position(epoch)):
        found.append(batch)
        is_last = after.pool * batching.POOL >= len(batches.store) and after.batch == 0
        if is_last:
            return found
    raise AssertionError


def said(batch: Batch) -> list[Said]:
    """Rows of a batch as text."""
    tokenizer = toy_tokenizer()
    tags = {index: language for language, index in tokenizer.tags.items()}
    sources = tokenizer.decode([[t for t in row if t != PAD] for row in batch.source.tolist()])
    targets = tokenizer.decode([[t for t in row if t != PAD] for row in batch.target_out.tolist()])
    languages = [tags[row[0]] for row in batch.target_in.tolist()]
    return list(zip(sources, languages, targets, strict=True))


KNOWN = {
    text: (language, number)
    for number in range(SIZE)
    for language, texts in toy_meaning(number).sentences.items()
    for text in texts
}


def language_of(text: str) -> str:
    """The made-up language of a sentence of the toy corpus."""
    return KNOWN[text][0]


def number_of(text: str) -> int:
    """The meaning of a sentence of the toy corpus."""
    return KNOWN[text][1]


def ids_of(batch: Batch) -> list[tuple[tuple[int, ...], ...]]:
    """Rows of a batch as ids without padding."""
    parts = (batch.source.tolist(), batch.target_in.tolist(), batch.target_out.tolist())
    return [tuple(tuple(token for token in part if token != PAD) for part in row) for row in zip(*parts, strict=True)]


def all_rows(batches: Batches, epoch: int = 0) -> list[Said]:
    return [row for batch in epoch_of(batches, epoch) for row in said(batch)]


def directions_of(rows: list[Said]) -> Counter[str]:
    return Counter(f"{language_of(source)}-{language}" for source, language, _ in rows)
