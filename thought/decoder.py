"""Thought -> target tokens: a GRU and a Transformer behind one contract.

* `Decoder(memory, target_in (B, T)) -> features (B, T, E)`, all positions at once, for training.
* `Decoder.start(memory) -> state`, then `Decoder.step(token (B,), state) -> logits (B, V), state`,
  or `Decoder.advance`, which returns features (B, E) in the place of logits.

A state is a tuple of tensors with the batch first, so that search can reorder it without knowing
what is inside. The first token is the tag of the language to write; a loop over `step` gives what
`forward` gives. Logits are features times the embedding table, which is also the input table.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from thought.bottleneck import Memory
from thought.config import ModelConfig
from thought.encoder import FeedForward, embed, sinusoids
from thought.layers import GRU, Attention, Dropout

State = tuple[Tensor, ...]


class Output(nn.Module):
    """Features -> logits over the vocabulary, with the embedding table as weight (Press & Wolf 2017)."""

    def __init__(self, embedding: nn.Embedding) -> None:
        super().__init__()
        self.embedding = embedding
        self.bias = nn.Parameter(torch.zeros(embedding.num_embeddings))

    def forward(self, features: Tensor) -> Tensor:
        """(..., E) -> float32 logits (..., V)."""
        return F.linear(features, self.embedding.weight, self.bias).float()


class GRUDecoder(nn.Module):
    """Gated recurrent layers fed with the thought at every step.

    As in Cho et al. (2014, arXiv:1406.1078, section 2.2) the thought also reaches the output layer
    at every step. What reaches it is attention over the memory, which for one vector is that vector;
    the cell is fed the mean of the memory.
    """

    def __init__(self, config: ModelConfig, embedding: nn.Embedding) -> None:
        super().__init__()
        size, thought = config.decoder_size, config.thought_size
        self.embedding = embedding
        self.output = Output(embedding)
        self.first = nn.Linear(thought, config.decoder_layers * size)
        sizes = [config.embedding_size] + [size] * (config.decoder_layers - 1)
        self.layers = nn.ModuleList(
            GRU(inputs, size, constant_size=thought, remember=config.remember) for inputs in sizes
        )
        heads = config.heads if size % config.heads == 0 else 1
        self.attention = Attention(size, thought, heads)
        self.from_state = nn.Linear(size, config.embedding_size)
        self.from_context = nn.Linear(size, config.embedding_size, bias=False)
        self.from_token = nn.Linear(config.embedding_size, config.embedding_size, bias=False)
        self.dropout = Dropout(config.dropout, is_shared=True)

    def forward(self, memory: Memory, target_in: Tensor) -> Tensor:
        """(B, K, Z) and (B, T) -> features (B, T, E)."""
        constant = self.dropout(_mean(memory)[:, None])[:, 0]  # (B, Z)
        tokens = self.dropout(embed(self.embedding, target_in))  # (B, T, E)
        states = tokens
        for index, (layer, first) in enumerate(zip(self._stack, self._first(constant), strict=True)):
            above = layer(states, constant=constant, first=first)  # (B, T, H)
            states = above if index == 0 else states + above
        keys, values = self.attention.remember(self.dropout(memory.vectors))
        context = self._context(states, keys, values, memory.is_padding)  # (B, T, E)
        return self._features(self.dropout(states), tokens, context)

    def start(self, memory: Memory) -> State:
        """State before the first token: layer states (B, L * H), gates that stay, and what the output sees of memory.

        That is keys, values and mask, or for one vector the context itself, which is then the same at every step.
        """
        constant = _mean(memory)  # (B, Z)
        fixed = torch.cat([layer.constant_gates(constant) for layer in self._stack], dim=-1)  # (B, L * 3H)
        first = torch.cat(self._first(constant), dim=-1)  # (B, L * H)
        keys, values = self.attention.remember(memory.vectors)
        if memory.vectors.shape[1] == 1:
            return first, fixed, self._context(keys, keys, values, memory.is_padding)  # (B, 1, E)
        return first, fixed, keys, values, memory.is_padding

    def step(self, token: Tensor, state: State) -> tuple[Tensor, State]:
        """Score the next token: (B,), state -> (B, V), state."""
        features, after = self.advance(token, state)
        return self.output(features), after

    def advance(self, token: Tensor, state: State) -> tuple[Tensor, State]:
        """Read a token: (B,), state -> features (B, E), state."""
        before, fixed, *seen = state
        tokens = embed(self.embedding, token)  # (B, E)
        count = len(self.layers)
        states, after = tokens, []
        for index, (layer, gates, own) in enumerate(
            zip(self._stack, fixed.chunk(count, dim=-1), before.chunk(count, dim=-1), strict=True)
        ):
            above = layer.step(layer.input_gates(states) + gates, own)  # (B, H)
            after.append(above)
            states = above if index == 0 else states + above
        context = seen[0] if len(seen) == 1 else self._context(states[:, None], *seen)
        features = self._features(states[:, None], tokens[:, None], context)  # (B, 1, E)
        return features[:, 0], (torch.cat(after, dim=-1), fixed, *seen)

    @property
    def _stack(self) -> list[GRU]:
        return cast(list[GRU], list(self.layers))

    def _first(self, constant: Tensor) -> list[Tensor]:
        return list(torch.tanh(self.first(constant).float()).chunk(len(self.layers), dim=-1))

    def _context(self, states: Tensor, keys: Tensor, values: Tensor, is_padding: Tensor) -> Tensor:
        """What the output layer sees of the memory: (B, T, E)."""
        return self.from_context(self.attention(states, keys, values, is_padding[:, None, None]))  # type: ignore[no-any-return]

    def _features(self, states: Tensor, tokens: Tensor, context: Tensor) -> Tensor:
        """What the output layer reads: state, last token and context, (B, T, E)."""
        return self.dropout(self.from_state(states) + self.from_token(tokens) + context)  # type: ignore[no-any-return]


class TransformerDecoder(nn.Module):
    """Pre-norm layers of self-attention and attention over the memory (Vaswani et al. 2017)."""

    def __init__(self, config: ModelConfig, embedding: nn.Embedding) -> None:
        super().__init__()
        size = config.decoder_size
        self.embedding = embedding
        self.output = Output(embedding)
        self.size = size
        self.widen = nn.Linear(config.embedding_size, size)
        self.narrow = nn.Linear(size, config.embedding_size)
        self.layers = nn.ModuleList(
            TransformerDecoderLayer(size, config.thought_size, config.heads, config.dropout)
            for _ in range(config.decoder_layers)
        )
        self.norm = nn.LayerNorm(size)
        self.dropout = Dropout(config.dropout, is_shared=False)

    def forward(self, memory: Memory, target_in: Tensor) -> Tensor:
        """(B, K, Z) and (B, T) -> features (B, T, E)."""
        positions = torch.arange(target_in.shape[1], device=target_in.device)  # (T,)
        is_future = positions > positions[:, None]  # (T, T)
        states = self.widen(embed(self.embedding, target_in)) + sinusoids(positions, self.size)
        states = self.dropout(states.float())  # (B, T, H)
        for layer in self._stack:
            keys, values = layer.over_memory.remember(memory.vectors)
            states = layer(states, (keys, values, memory.is_padding[:, None, None]), is_future)
        return self.narrow(self.norm(states))  # type: ignore[no-any-return]

    def start(self, memory: Memory) -> State:
        """State before the first token: mask, then keys and values of memory and of the past, layer by layer."""
        nothing = memory.vectors.new_empty((len(memory.vectors), 0, self.size))
        state: list[Tensor] = [memory.is_padding]
        for layer in self._stack:
            state += [*layer.over_memory.remember(memory.vectors), nothing, nothing]
        return tuple(state)

    def step(self, token: Tensor, state: State) -> tuple[Tensor, State]:
        """Score the next token: (B,), state -> (B, V), state."""
        features, after = self.advance(token, state)
        return self.output(features), after

    def advance(self, token: Tensor, state: State) -> tuple[Tensor, State]:
        """Read a token: (B,), state -> features (B, E), state."""
        is_padding, *cached = state
        position = torch.tensor([cached[2].shape[1]], device=token.device)  # (1,)
        states = (self.widen(embed(self.embedding, token)[:, None]) + sinusoids(position, self.size)).float()
        after: list[Tensor] = [is_padding]
        for index, layer in enumerate(self._stack):
            keys, values, past_keys, past_values = cached[4 * index : 4 * index + 4]
            new_keys, new_values = layer.over_past.remember(layer.past_norm(states))
            past_keys = torch.cat([past_keys.to(new_keys.dtype), new_keys], dim=1)  # (B, T, H)
            past_values = torch.cat([past_values.to(new_values.dtype), new_values], dim=1)
            after += [keys, values, past_keys, past_values]
            states = layer.write(states, (past_keys, past_values, None), (keys, values, is_padding[:, None, None]))
        return self.narrow(self.norm(states))[:, 0], tuple(after)

    @property
    def _stack(self) -> list[TransformerDecoderLayer]:
        return cast(list[TransformerDecoderLayer], list(self.layers))


Remembered = tuple[Tensor, Tensor, Tensor | None]  # keys, values, mask


class TransformerDecoderLayer(nn.Module):
    """Attention over the past, attention over the memory, and a feed-forward part, each in a residual."""

    def __init__(self, size: int, thought_size: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.over_past = Attention(size, size, heads)
        self.past_norm = nn.LayerNorm(size)
        self.over_memory = Attention(size, thought_size, heads)
        self.memory_norm = nn.LayerNorm(size)
        self.feed_forward = FeedForward(size, dropout)
        self.dropout = Dropout(dropout, is_shared=False)

    def forward(self, states: Tensor, memory: Remembered, is_future: Tensor) -> Tensor:
        """(B, T, H) -> (B, T, H), each position seeing only those before it."""
        keys, values = self.over_past.remember(self.past_norm(states))
        return self.write(states, (keys, values, is_future), memory)

    def write(self, states: Tensor, past: Remembered, memory: Remembered) -> Tensor:
        """The layer for given keys and values of the past."""
        states = states + self.dropout(self.over_past(self.past_norm(states), *past))
        states = states + self.dropout(self.over_memory(self.memory_norm(states), *memory))
        return self.feed_forward(states)  # type: ignore[no-any-return]


def _mean(memory: Memory) -> Tensor:
    """Mean of the vectors that are no padding: (B, K, Z) -> (B, Z)."""
    counts = (~memory.is_padding).sum(dim=1, keepdim=True)  # (B, 1)
    return memory.vectors.masked_fill(memory.is_padding[..., None], 0).sum(dim=1) / counts


def build_decoder(config: ModelConfig, embedding: nn.Embedding) -> GRUDecoder | TransformerDecoder:
    """Return the decoder that `config.decoder` names."""
    return (GRUDecoder if config.decoder == "gru" else TransformerDecoder)(config, embedding)
