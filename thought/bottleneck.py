"""States of a sentence -> its thought: the only thing the decoder will ever see of it.

`Bottleneck(states (B, S, H), lengths (B,)) -> Memory`. With `bottleneck = 1` the memory is one vector,
with `k` it is k vectors, and with "none" it is every state: the attention control.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from thought.config import ModelConfig


class Memory(NamedTuple):
    """What the decoder sees: vectors, and which of them are only padding."""

    vectors: Tensor  # (B, K, Z), float32
    is_padding: Tensor  # (B, K), never true where K is the bottleneck's


class Bottleneck(nn.Module):
    """Pool states over time, project to Z, normalise.

    Pooling is "max" as in LASER (Artetxe & Schwenk 2019, arXiv:1812.10464), "mean", "last" (the two
    ends of a bidirectional GRU, as in Sutskever et al. 2014) or "attention" with K learned queries
    (Lin et al. 2017, arXiv:1703.03130).
    """

    def __init__(self, config: ModelConfig, state_size: int) -> None:
        super().__init__()
        self.kind = config.bottleneck
        self.pooling = config.pooling
        self.heads = config.heads if state_size % config.heads == 0 else 1
        self.is_bidirectional = config.encoder == "gru"
        self.project = nn.Linear(state_size, config.thought_size)
        self.norm = nn.LayerNorm(config.thought_size)
        if self.pooling == "attention" and self.kind != "none":
            self.scores = nn.Linear(state_size, self.kind * self.heads)

    def forward(self, states: Tensor, lengths: Tensor) -> Memory:
        """(B, S, H) and (B,) -> Memory of K vectors a row."""
        steps = torch.arange(states.shape[1], device=states.device)  # (S,)
        is_padding = steps >= lengths[:, None]  # (B, S)
        if self.kind == "none":
            return Memory(self.norm(self.project(states).float()), is_padding)
        pooled = self._pool(states, lengths, is_padding)  # (B, K, H)
        thoughts = self.norm(self.project(pooled).float())  # (B, K, Z)
        return Memory(thoughts, torch.zeros(thoughts.shape[:2], dtype=torch.bool, device=states.device))

    def _pool(self, states: Tensor, lengths: Tensor, is_padding: Tensor) -> Tensor:
        if self.pooling == "max":
            return states.masked_fill(is_padding[..., None], float("-inf")).amax(dim=1, keepdim=True)  # (B, 1, H)
        if self.pooling == "mean":
            return states.masked_fill(is_padding[..., None], 0).sum(dim=1, keepdim=True) / lengths[:, None, None]
        if self.pooling == "last":
            rows = torch.arange(len(states), device=states.device)
            if not self.is_bidirectional:
                return states[rows, lengths - 1][:, None]  # (B, 1, H)
            half = states.shape[-1] // 2
            return torch.cat([states[rows, lengths - 1, :half], states[:, 0, half:]], dim=-1)[:, None]  # (B, 1, H)
        scores = self.scores(states).float() / math.sqrt(self.heads)  # (B, S, K * heads)
        weights = scores.masked_fill(is_padding[..., None], float("-inf")).softmax(dim=1).to(states.dtype)
        by_head = states.reshape(*states.shape[:2], self.heads, -1)  # (B, S, heads, H / heads)
        by_thought = weights.view(*weights.shape[:2], -1, self.heads)  # (B, S, K, heads)
        mixed = torch.einsum("bskh,bshd->bkhd", by_thought, by_head)  # (B, K, heads, H / heads)
        return mixed.flatten(2)  # (B, K, H)
