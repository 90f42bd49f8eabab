"""Ids of sentences in, rows of one length out."""

from __future__ import annotations

import torch

from thought.padding import Aligned, Batch, pad, rounded, source_batch
from thought.tokenizer import END, PAD


def test_rows_are_filled_up_to_a_multiple_of_four() -> None:
    assert pad([[5, 6, 7, 8, 9], [5]]).tolist() == [[5, 6, 7, 8, 9, PAD, PAD, PAD], [5] + [PAD] * 7]
    assert pad([]).shape == (0, 4)


def test_lengths_are_rounded_up() -> None:
    assert rounded([1, 4, 5, 8]).tolist() == [4, 4, 8, 8]


def test_sources_end_and_say_how_long_they_are() -> None:
    tokens, lengths = source_batch([[5, 6], []])
    assert tokens.tolist() == [[5, 6, END, PAD], [END, PAD, PAD, PAD]]
    assert lengths.tolist() == [3, 1]


def test_a_batch_counts_real_target_tokens_and_all_rows_that_are_compared() -> None:
    target = torch.tensor([[5, END, PAD, PAD], [PAD] * 4])
    batch = Batch(*source_batch([[5], [6]]), target, target, is_paired=True)
    assert batch.target_tokens == 2
    assert batch.aligned_rows == 2
    more = Batch(*source_batch([[5], [6]]), target, target, True, Aligned((source_batch([[7], [8]]),), torch.arange(2)))
    assert more.aligned_rows == 4
    assert more.to(torch.device("cpu")).aligned_rows == 4
