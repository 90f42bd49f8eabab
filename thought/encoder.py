"""Source tokens -> states, one a token: a GRU and a Transformer behind one contract.

`Encoder(tokens (B, S), lengths (B,)) -> states (B, S, H)` with `H = encoder.size`. Neither is told
the language, and in neither does padding reach a state of a real token.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from thought.config import ModelConfig
from thought.layers import GRU, Attention, Dropout


class GRUEncoder(nn.Module):
    """Bidirectional gated recurrent layers (Cho et al. 2014; Bahdanau et al. 2015, arXiv:1409.0473)."""

    def __init__(self, config: ModelConfig, embedding: nn.Embedding) -> None:
        super().__init__()
        self.embedding = embedding
        self.size = 2 * config.encoder_size
        sizes = [config.embedding_size] + [self.size] * (config.encoder_layers - 1)
        self.layers = nn.ModuleList(
            GRU(size, config.encoder_size, is_bidirectional=True, remember=config.remember) for size in sizes
        )
        self.dropout = Dropout(config.dropout, is_shared=True)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Read (B, S) tokens of the given lengths; return states (B, S, H)."""
        states: Tensor = self.dropout(embed(self.embedding, tokens))  # (B, S, E)
        for index, layer in enumerate(self.layers):
            above: Tensor = self.dropout(layer(states, lengths=lengths))  # (B, S, H)
            states = above if index == 0 else states + above
        return states


class TransformerEncoder(nn.Module):
    """Pre-norm self-attention layers (Vaswani et al. 2017; Xiong et al. 2020, arXiv:2002.04745)."""

    def __init__(self, config: ModelConfig, embedding: nn.Embedding) -> None:
        super().__init__()
        self.embedding = embedding
        self.size = config.encoder_size
        self.widen = nn.Linear(config.embedding_size, self.size)
        self.layers = nn.ModuleList(
            TransformerLayer(self.size, config.heads, config.dropout) for _ in range(config.encoder_layers)
        )
        self.norm = nn.LayerNorm(self.size)
        self.dropout = Dropout(config.dropout, is_shared=False)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Read (B, S) tokens of the given lengths; return states (B, S, H)."""
        positions = torch.arange(tokens.shape[1], device=tokens.device)  # (S,)
        is_padding = (positions >= lengths[:, None])[:, None, None]  # (B, 1, 1, S)
        states = self.widen(embed(self.embedding, tokens)) + sinusoids(positions, self.size)
        states = self.dropout(states.float())  # (B, S, H)
        for layer in self.layers:
            states = layer(states, is_padding)
        return self.norm(states)  # type: ignore[no-any-return]


class TransformerLayer(nn.Module):
    """Self-attention and a feed-forward part, each in a residual."""

    def __init__(self, size: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(size, size, heads)
        self.attention_norm = nn.LayerNorm(size)
        self.feed_forward = FeedForward(size, dropout)
        self.dropout = Dropout(dropout, is_shared=False)

    def forward(self, states: Tensor, is_hidden: Tensor) -> Tensor:
        """(B, S, H) -> (B, S, H); `is_hidden` masks keys."""
        normal = self.attention_norm(states)
        keys, values = self.attention.remember(normal)
        states = states + self.dropout(self.attention(normal, keys, values, is_hidden))
        return self.feed_forward(states)  # type: ignore[no-any-return]


class FeedForward(nn.Module):
    """Two layers, four times as wide inside, in a residual; rectified as in Vaswani et al."""

    def __init__(self, size: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(size)
        self.widen = nn.Linear(size, 4 * size)
        self.narrow = nn.Linear(4 * size, size)
        self.dropout = Dropout(dropout, is_shared=False)

    def forward(self, states: Tensor) -> Tensor:
        """(B, T, H) -> (B, T, H)."""
        inner = torch.relu(self.widen(self.norm(states)))  # (B, T, 4H)
        return states + self.dropout(self.narrow(inner))  # type: ignore[no-any-return]


def embed(embedding: nn.Embedding, tokens: Tensor) -> Tensor:
    """Vectors of tokens at unit scale: the table is small because it is also the output layer."""
    return embedding(tokens) * math.sqrt(embedding.embedding_dim)  # type: ignore[no-any-return]


def sinusoids(positions: Tensor, size: int) -> Tensor:
    """Position codes (Vaswani et al. 2017, section 3.5): (T,) -> (T, size)."""
    half = (size + 1) // 2
    rates = torch.exp(torch.arange(half, device=positions.device) * (-math.log(10_000) / half))  # (size / 2,)
    angles = positions[:, None] * rates  # (T, size / 2)
    return torch.cat([angles.sin(), angles.cos()], dim=1)[:, :size]


def build_encoder(config: ModelConfig, embedding: nn.Embedding) -> GRUEncoder | TransformerEncoder:
    """Return the encoder that `config.encoder` names."""
    return (GRUEncoder if config.encoder == "gru" else TransformerEncoder)(config, embedding)
