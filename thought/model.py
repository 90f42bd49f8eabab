"""The idea in one screen: encoder, bottleneck, decoder.

    source tokens --encoder--> states --bottleneck--> thought --decoder--> target tokens
        (B, S)                (B, S, H)              (B, K, Z)                (B, T)

The decoder is given the thought and the language to write, nothing else. If it is to write a
sentence in any language from that one vector, the vector has to hold what the sentence means.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from thought.bottleneck import Bottleneck, Memory
from thought.config import ModelConfig
from thought.decoder import build_decoder
from thought.encoder import build_encoder
from thought.errors import ThoughtError


class Model(nn.Module):
    """A translator whose sentences pass through one vector (or K, or none: see `ModelConfig`)."""

    def __init__(self, config: ModelConfig, vocabulary_size: int) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(vocabulary_size, config.embedding_size)
        nn.init.normal_(self.embedding.weight, std=config.embedding_size**-0.5)
        self.encoder = build_encoder(config, self.embedding)
        self.bottleneck = Bottleneck(config, self.encoder.size)
        self.decoder = build_decoder(config, self.embedding)

    def think(self, source: Tensor, source_length: Tensor) -> Memory:
        """Read (B, S) tokens; return what the decoder may see of them: the thought (B, K, Z)."""
        return self.bottleneck(self.encoder(source, source_length), source_length)  # type: ignore[no-any-return]

    def forward(self, source: Tensor, source_length: Tensor, target_in: Tensor) -> Tensor:
        """Logits (B, T, V) of the token behind each of `target_in` (B, T)."""
        memory = self.think(source, source_length)  # (B, K, Z): the only path from source to target
        return self.decoder.output(self.decoder(memory, target_in))  # type: ignore[no-any-return]


def check_thoughts(thoughts: Any, config: ModelConfig) -> Tensor:
    """Thoughts from outside as a float32 tensor of the model's shape.

    Raises
    ------
    ThoughtError
        If they are no finite numbers or of another shape, or the model has no thought.
    """
    try:
        vectors = torch.as_tensor(thoughts, dtype=torch.float32).cpu()
    except (TypeError, ValueError, RuntimeError) as error:
        raise ThoughtError(f"thoughts must be an array of numbers: {error}") from error
    if config.bottleneck == "none":
        raise ThoughtError('this model was trained with bottleneck = "none": there is no thought to decode')
    shape = (config.thought_size,) if config.bottleneck == 1 else (int(config.bottleneck), config.thought_size)
    if vectors.dim() != len(shape) + 1 or tuple(vectors.shape[1:]) != shape:
        expected = ", ".join(["N", *map(str, shape)])
        raise ThoughtError(f"thoughts of this model have shape ({expected}), got {tuple(vectors.shape)}")
    if not torch.isfinite(vectors).all():
        raise ThoughtError("thoughts must be finite numbers, got NaN or infinity")
    return vectors


def as_memory(thoughts: Tensor) -> Memory:
    """Thoughts from outside, (B, Z) or (B, K, Z), as the decoder takes them."""
    vectors = thoughts[:, None] if thoughts.dim() == 2 else thoughts  # (B, K, Z)
    return Memory(vectors, torch.zeros(vectors.shape[:2], dtype=torch.bool, device=vectors.device))
