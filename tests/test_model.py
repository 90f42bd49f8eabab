"""The idea itself: one vector is the only path from a sentence to its translation."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from worlds import combinations, name_of, tiny, toy_model

from thought.bottleneck import Memory
from thought.loss import translation_loss
from thought.model import Model, as_memory
from thought.padding import Batch, source_batch

every_model = pytest.mark.parametrize("overrides", combinations(), ids=name_of)
with_a_thought = pytest.mark.parametrize(
    "overrides", [row for row in combinations() if "model.bottleneck=none" not in row], ids=name_of
)
SENTENCES = [[7], [8, 9, 10], [11, 12, 13, 14, 7, 8, 9], [10, 10]]
TARGET = torch.tensor([[3, 7, 8], [4, 9, 9], [3, 6, 11], [5, 5, 5]])


def blank(model: Model) -> None:
    """Replace whatever the bottleneck says by one and the same memory."""

    def replaced(module: torch.nn.Module, given: object, memory: Memory) -> Memory:
        return Memory(torch.full_like(memory.vectors, 0.5).detach(), memory.is_padding)

    model.bottleneck.register_forward_hook(replaced)


@with_a_thought
def test_the_thought_is_the_only_path(overrides: tuple[str, ...]) -> None:
    model = toy_model(*overrides)
    here, there = source_batch(SENTENCES), source_batch([[15, 16], [17], [18, 9, 9, 9, 9, 9, 9, 9, 9], [7, 8]])
    assert not torch.allclose(model(*here, TARGET), model(*there, TARGET))
    blank(model)
    assert torch.equal(model(*here, TARGET), model(*there, TARGET))


@with_a_thought
def test_no_gradient_goes_around_the_thought(overrides: tuple[str, ...]) -> None:
    model = toy_model(*overrides)
    states: list[Tensor] = []

    def watch(module: torch.nn.Module, given: object, result: Tensor) -> Tensor:
        states.append(result.detach().requires_grad_())
        return states[-1]

    model.encoder.register_forward_hook(watch)
    model(*source_batch(SENTENCES), TARGET).square().sum().backward()
    assert states[0].grad is not None
    assert states[0].grad.any()
    blank(model)
    model(*source_batch(SENTENCES), TARGET).square().sum().backward()
    assert states[1].grad is None


@every_model
def test_padding_and_batching_do_not_change_a_thought(overrides: tuple[str, ...]) -> None:
    model = toy_model(*overrides)
    source, lengths = source_batch(SENTENCES)
    together = model.think(source, lengths)
    wider = model.think(torch.nn.functional.pad(source, (0, 5)), lengths)
    for row, sentence in enumerate(SENTENCES):
        alone = model.think(*source_batch([sentence]))
        count = int((~alone.is_padding).sum())
        for memory in (together, wider):
            torch.testing.assert_close(memory.vectors[row, :count], alone.vectors[0, :count], rtol=1e-5, atol=1e-5)
            assert not memory.is_padding[row, :count].any()
            assert memory.is_padding[row, count:].all()


@every_model
def test_steps_in_a_loop_give_the_forward(overrides: tuple[str, ...]) -> None:
    model = toy_model(*overrides)
    source = source_batch(SENTENCES)
    logits = model(*source, TARGET)  # (B, T, V)
    assert logits.shape == (4, 3, 20)
    state = model.decoder.start(model.think(*source))
    for position in range(3):
        step_logits, state = model.decoder.step(TARGET[:, position], state)
        torch.testing.assert_close(step_logits, logits[:, position], rtol=1e-4, atol=1e-5)


@every_model
def test_source_target_and_output_share_one_table(overrides: tuple[str, ...]) -> None:
    model = toy_model(*overrides)
    tables = (model.embedding, model.encoder.embedding, model.decoder.embedding, model.decoder.output.embedding)
    assert len({table.weight.data_ptr() for table in tables}) == 1
    named = [name for name, weight in model.named_parameters() if weight.shape == model.embedding.weight.shape]
    assert named == ["embedding.weight"]


@every_model
def test_training_reaches_every_weight(overrides: tuple[str, ...]) -> None:
    model = toy_model(*overrides, "model.encoder_layers=2", "model.decoder_layers=2").train()
    source, lengths = source_batch(SENTENCES)
    batch = Batch(source, lengths, TARGET, torch.tensor([[7, 8, 2], [9, 9, 2], [6, 11, 2], [5, 5, 2]]), is_paired=False)
    translation_loss(model, batch, tiny().loss).translation.backward()
    untouched = {name for name, weight in model.named_parameters() if weight.grad is None or not weight.grad.any()}
    is_one = "model.bottleneck=1" in overrides
    # attention over one thought asks nothing of it: there is no query, nor a norm before the query
    queries = ("attention.query.", "over_memory.query.", "memory_norm.")
    assert {name for name in untouched if not any(part in name for part in queries)} == set()
    assert is_one or not untouched


@pytest.mark.parametrize("count", [1, 3])
def test_a_thought_from_outside_is_written_like_one_from_inside(count: int) -> None:
    model = toy_model(f"model.bottleneck={count}", "model.pooling=attention")
    memory = model.think(*source_batch(SENTENCES))
    outside = as_memory(memory.vectors[:, 0] if count == 1 else memory.vectors)
    assert torch.equal(outside.vectors, memory.vectors)
    assert torch.equal(outside.is_padding, memory.is_padding)


def test_the_thought_has_one_size_however_long_the_sentence() -> None:
    model = toy_model()
    sizes = {model.think(*source_batch([[7] * length])).vectors.shape for length in (0, 1, 5, 60)}
    assert sizes == {(1, 1, 12)}
