"""Decoders: one step at a time or all at once, and nothing of the future."""

from __future__ import annotations

import inspect

import pytest
import torch
from worlds import toy_model

from thought.bottleneck import Memory
from thought.decoder import GRUDecoder, TransformerDecoder

KINDS = ["gru", "transformer"]
TARGET = torch.tensor([[3, 7, 8, 9], [4, 9, 9, 2], [5, 6, 11, 12]])  # starts with a tag


def memory_of(count: int) -> Memory:
    """Three rows of `count` thoughts; where there are several, the second row has fewer."""
    generator = torch.Generator().manual_seed(8)
    is_padding = torch.zeros(3, count, dtype=torch.bool)
    is_padding[1, 1:] = count > 1
    return Memory(torch.randn(3, count, 12, generator=generator), is_padding)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_steps_in_a_loop_give_the_forward(kind: str, layers: int, count: int) -> None:
    decoder = toy_model(f"model.decoder={kind}", f"model.decoder_layers={layers}").decoder
    memory = memory_of(count)
    logits = decoder.output(decoder(memory, TARGET))  # (B, T, V)
    state = decoder.start(memory)
    for position in range(TARGET.shape[1]):
        step_logits, state = decoder.step(TARGET[:, position], state)
        torch.testing.assert_close(step_logits, logits[:, position], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_has_the_batch_first_so_that_search_can_reorder_it(kind: str) -> None:
    decoder, memory = toy_model(f"model.decoder={kind}", "model.decoder_layers=2").decoder, memory_of(3)
    _, state = decoder.step(TARGET[:, 0], decoder.start(memory))
    assert all(len(part) == 3 for part in state)
    expected, _ = decoder.step(TARGET[:, 1], state)
    order = torch.tensor([2, 0, 0])
    logits, _ = decoder.step(TARGET[order, 1], tuple(part[order] for part in state))
    torch.testing.assert_close(logits, expected[order], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_stepping_does_not_change_the_state_it_was_given(kind: str) -> None:
    decoder = toy_model(f"model.decoder={kind}").decoder
    state = decoder.start(memory_of(3))
    before = [part.clone() for part in state]
    decoder.step(TARGET[:, 0], state)
    assert all(torch.equal(part, old) for part, old in zip(state, before, strict=True))


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_no_position_sees_the_tokens_behind_it(kind: str, count: int) -> None:
    decoder, memory = toy_model(f"model.decoder={kind}", "model.decoder_layers=2").decoder, memory_of(count)
    features = decoder(memory, TARGET)
    changed = TARGET.clone()
    changed[:, 2] = 13
    others = decoder(memory, changed)
    torch.testing.assert_close(features[:, :2], others[:, :2], rtol=1e-5, atol=1e-6)
    assert not torch.allclose(features[:, 2], others[:, 2])
    assert not torch.allclose(features[:, 3], others[:, 3])


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_token_and_the_thought_decide_what_is_written(kind: str) -> None:
    decoder, memory = toy_model(f"model.decoder={kind}").decoder, memory_of(1)
    features = decoder(memory, TARGET)
    other_language = TARGET.clone()
    other_language[:, 0] = 4
    assert not torch.allclose(features[0], decoder(memory, other_language)[0])
    assert not torch.allclose(features, decoder(Memory(-memory.vectors, memory.is_padding), TARGET))


@pytest.mark.parametrize("kind", KINDS)
def test_padding_of_the_memory_says_nothing(kind: str) -> None:
    decoder, memory = toy_model(f"model.decoder={kind}").decoder, memory_of(3)
    other = Memory(memory.vectors.masked_fill(memory.is_padding[..., None], 55.0), memory.is_padding)
    features = decoder(memory, TARGET)
    torch.testing.assert_close(features, decoder(other, TARGET), rtol=1e-5, atol=1e-6)
    without = Memory(memory.vectors[1:2, :1], memory.is_padding[1:2, :1])
    torch.testing.assert_close(features[1:2], decoder(without, TARGET[1:2]), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("decoder", [GRUDecoder, TransformerDecoder])
def test_the_decoder_is_given_the_memory_and_the_target_and_no_source(decoder: type) -> None:
    assert list(inspect.signature(decoder.forward).parameters) == ["self", "memory", "target_in"]
    assert list(inspect.signature(decoder.start).parameters) == ["self", "memory"]


@pytest.mark.parametrize("kind", KINDS)
def test_logits_are_features_times_the_embedding_table(kind: str) -> None:
    model = toy_model(f"model.decoder={kind}")
    torch.nn.init.normal_(model.decoder.output.bias)
    features = torch.randn(2, 8)
    expected = features @ model.embedding.weight.t() + model.decoder.output.bias
    torch.testing.assert_close(model.decoder.output(features), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_of_thoughts_is_written_the_same_alone(kind: str) -> None:
    decoder, memory = toy_model(f"model.decoder={kind}").decoder, memory_of(3)
    features = decoder(memory, TARGET)
    for row in range(3):
        alone = Memory(memory.vectors[row : row + 1], memory.is_padding[row : row + 1])
        torch.testing.assert_close(features[row : row + 1], decoder(alone, TARGET[row : row + 1]), rtol=1e-5, atol=1e-5)
