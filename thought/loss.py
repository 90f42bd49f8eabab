"""What training minimises: translation through the thought, and thoughts of one meaning close together.

Losses are sums; whoever calls divides by the counts of the whole batch, so that it makes no
difference over how many processes or accumulated parts a batch is spread.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from thought.config import LossConfig
from thought.cross_entropy import output_loss
from thought.decoder import Output
from thought.model import Model
from thought.padding import Batch
from thought.pieces import Pieces
from thought.tokenizer import PAD


class Losses(NamedTuple):
    """Sums over a batch."""

    translation: Tensor  # nats, smoothed, over target tokens
    likelihood: Tensor  # nats, not smoothed, over target tokens; no gradient
    thoughts: Tensor | None  # (B + P, Z), where thoughts are to be aligned


def translation_loss(model: Model, batch: Batch, config: LossConfig, pieces: Pieces | None = None) -> Losses:
    """Cross-entropy of the target given the thought of the source, among all pieces or those of its language."""
    memory = model.think(batch.source, batch.source_length)  # (B, K, Z)
    features = model.decoder(memory, batch.target_in)  # (B, T, E)
    loss, losses = _target_loss(model.decoder.output, features, batch, config.label_smoothing, pieces)
    thoughts = memory.vectors[:, 0] if batch.is_paired else None  # (B, Z)
    if thoughts is not None and batch.aligned is not None:
        more = [model.think(source, lengths).vectors[:, 0] for source, lengths in batch.aligned.chunks]
        thoughts = torch.cat([thoughts, torch.cat(more)[batch.aligned.places]])  # (B + P, Z)
    return Losses(loss, losses.sum(), thoughts)


def _target_loss(
    output: Output, features: Tensor, batch: Batch, smoothing: float, pieces: Pieces | None
) -> tuple[Tensor, Tensor]:
    """What `output_loss` returns, for all targets; rows that write one language are taken together."""
    is_target = batch.target_out != PAD  # (B, T)
    targets, features = batch.target_out[is_target], features[is_target]  # (N,), (N, E), without padding
    if pieces is None or not len(targets):
        return output_loss(features, output.embedding.weight, output.bias, targets, smoothing)
    tags, order = batch.target_in[:, :1].expand_as(is_target)[is_target].sort(stable=True)  # (N,), (N,)
    found, counts = (part.tolist() for part in torch.unique_consecutive(tags, return_counts=True))
    parts = []
    for tag, wanted, rows in zip(
        found, torch.split(targets[order], counts), torch.split(features[order], counts), strict=True
    ):
        own = pieces.of(tag)  # (P,)
        weight, bias = output.embedding.weight[own], output.bias[own]  # (P, E), (P,)
        parts.append(output_loss(rows, weight, bias, pieces.places(tag, wanted), smoothing))
    return torch.stack([loss for loss, _ in parts]).sum(), torch.cat([losses for _, losses in parts])


def alignment_loss(thoughts: Tensor, config: LossConfig) -> Tensor:
    """Sum over rows of how far the thoughts of a meaning are from each other.

    Parameters
    ----------
    thoughts : Tensor of shape (B, Z)
        Rows 2i and 2i + 1 are two sentences of one meaning.
    config : LossConfig
        "mse" is the mean squared difference, as in SONAR (Duquenne et al. 2023, arXiv:2308.11466);
        "infonce" asks each row to find its partner among all rows by cosine / temperature (van den
        Oord et al. 2018, arXiv:1807.03748), both ways, in nats: chance is log(B / 2).
    """
    first, second = thoughts[0::2], thoughts[1::2]  # (B / 2, Z)
    if config.align == "mse":
        return 2 * (first - second).square().mean(dim=-1).sum()
    first, second = F.normalize(first.float(), dim=-1), F.normalize(second.float(), dim=-1)
    scores = first @ second.t() / config.align_temperature  # (B / 2, B / 2)
    partner = torch.arange(len(scores), device=scores.device)
    there = F.cross_entropy(scores, partner, reduction="sum")
    return there + F.cross_entropy(scores.t(), partner, reduction="sum")
