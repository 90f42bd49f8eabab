"""Ids of sentences -> padded tensors, and the batches that training hands to the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from thought.errors import ThoughtError
from thought.tokenizer import END, PAD

STEPS = 4  # lengths are multiples of it


@dataclass(frozen=True)
class Aligned:
    """Pairs of sentences that are only encoded, in chunks of like length."""

    chunks: tuple[tuple[Tensor, Tensor], ...]  # each (b, S) tokens and (b,) lengths
    places: Tensor  # (P,): row i of all P rows stands at places[i] of the chunks; 2i and 2i + 1 are one meaning

    def to(self, device: torch.device) -> Aligned:
        """Return the pairs on another device."""
        chunks = tuple((source.to(device), lengths.to(device)) for source, lengths in self.chunks)
        return Aligned(chunks, self.places.to(device))


@dataclass(frozen=True)
class Batch:
    """Padded rows. Where `is_paired`, rows 2i and 2i + 1 are two sentences of one meaning."""

    source: Tensor  # (B, S), ends with END
    source_length: Tensor  # (B,)
    target_in: Tensor  # (B, T), starts with the tag of the language to write
    target_out: Tensor  # (B, T), ends with END; all PAD where a row is only encoded
    is_paired: bool
    aligned: Aligned | None = None  # more pairs, for the alignment alone

    def to(self, device: torch.device) -> Batch:
        """Return the batch on another device."""
        return Batch(
            self.source.to(device, non_blocking=True),
            self.source_length.to(device, non_blocking=True),
            self.target_in.to(device, non_blocking=True),
            self.target_out.to(device, non_blocking=True),
            self.is_paired,
            self.aligned.to(device) if self.aligned is not None else None,
        )

    @property
    def aligned_rows(self) -> int:
        """Rows whose thoughts are compared: those of the batch and those only encoded."""
        return len(self.source) + (len(self.aligned.places) if self.aligned is not None else 0)

    @property
    def target_tokens(self) -> int:
        """Tokens the decoder is asked for, ends included, padding not."""
        return int((self.target_out != PAD).sum())


def pad(sequences: Sequence[Sequence[int] | np.ndarray]) -> Tensor:
    """Stack sequences of ids to (B, T), filled up with PAD to a multiple of STEPS."""
    longest = max((len(sequence) for sequence in sequences), default=1)
    rows = np.full((len(sequences), int(rounded([longest])[0])), PAD, dtype=np.int64)
    for row, sequence in zip(rows, sequences, strict=True):
        row[: len(sequence)] = sequence
    return torch.from_numpy(rows)


def source_batch(sequences: Sequence[Sequence[int] | np.ndarray]) -> tuple[Tensor, Tensor]:
    """Ids without end -> (B, S) with END and padding, and lengths (B,)."""
    ended = [np.append(np.asarray(sequence, dtype=np.int64), END) for sequence in sequences]
    return pad(ended), torch.tensor([len(sequence) for sequence in ended], dtype=torch.int64)


def rounded(lengths: Sequence[int]) -> np.ndarray:
    """Lengths rounded up to a multiple of STEPS: every new shape of a product costs a compiled kernel."""
    return -(-np.asarray(lengths, dtype=np.int64) // STEPS) * STEPS


def require_rows(batch_size: int) -> None:
    """Raise a `ThoughtError` for a batch of no rows."""
    if batch_size < 1:
        raise ThoughtError(f"batch_size must be at least 1, got {batch_size}")


def length_batches(ids: list[list[int]], batch_size: int) -> list[list[int]]:
    """Places of the rows of each batch, rows of like length together, the longest first."""
    require_rows(batch_size)
    order = sorted(range(len(ids)), key=lambda index: len(ids[index]), reverse=True)
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
