"""Losses on numbers done by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F
from worlds import tiny, toy_model

from thought.loss import alignment_loss, translation_loss
from thought.padding import Aligned, Batch, source_batch

INFONCE = tiny("loss.align=infonce", "loss.align_temperature=0.5").loss
MSE = tiny("loss.align=mse").loss
TARGET_IN = torch.tensor([[3, 7, 8], [4, 9, 0]])
TARGET_OUT = torch.tensor([[7, 8, 2], [9, 2, 0]])


def batch(target_out: torch.Tensor = TARGET_OUT, *, is_paired: bool = False) -> Batch:
    return Batch(*source_batch([[8, 9, 10], [11]]), TARGET_IN, target_out, is_paired)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_translation_loss_is_cross_entropy_over_real_target_tokens(smoothing: float) -> None:
    model, config = toy_model(), tiny(f"loss.label_smoothing={smoothing}").loss
    losses = translation_loss(model, batch(), config)
    logits = model(*source_batch([[8, 9, 10], [11]]), TARGET_IN).flatten(0, 1)
    expected = F.cross_entropy(logits, TARGET_OUT.flatten(), ignore_index=0, label_smoothing=smoothing, reduction="sum")
    torch.testing.assert_close(losses.translation, expected)
    plain = F.cross_entropy(logits, TARGET_OUT.flatten(), ignore_index=0, reduction="sum")
    torch.testing.assert_close(losses.likelihood, plain)
    assert losses.translation.requires_grad
    assert not losses.likelihood.requires_grad


def test_label_smoothing_by_hand() -> None:
    """Chances 1/2, 1/4, 1/4 of three tokens: 0.7 + 0.1 of the mass on the first, 0.1 on each other."""
    model = toy_model(vocabulary_size=3)
    with torch.no_grad():
        model.embedding.weight.zero_()  # logits are the output's bias
        model.decoder.output.bias.copy_(torch.tensor([0.5, 0.25, 0.25]).log())
    one = Batch(*source_batch([[1]]), torch.tensor([[1]]), torch.tensor([[2]]), is_paired=False)
    losses = translation_loss(model, one, tiny("loss.label_smoothing=0.3").loss)
    assert losses.translation.item() == pytest.approx(0.8 * math.log(4) + 0.1 * math.log(4) + 0.1 * math.log(2))
    assert float(losses.likelihood) == pytest.approx(math.log(4))


def test_a_row_that_is_only_encoded_costs_nothing() -> None:
    model, config = toy_model(), tiny().loss
    silent = TARGET_OUT.clone()
    silent[1] = 0
    losses = translation_loss(model, batch(silent, is_paired=True), config)
    alone = Batch(*source_batch([[8, 9, 10]]), TARGET_IN[:1], TARGET_OUT[:1], is_paired=False)
    torch.testing.assert_close(losses.translation, translation_loss(model, alone, config).translation)
    assert losses.thoughts is not None
    assert losses.thoughts.shape == (2, 12)


def test_thoughts_of_pairs_that_are_only_encoded_stand_behind_in_their_own_order() -> None:
    model = toy_model()
    chunks = (source_batch([[9], [12]]), source_batch([[8, 9, 10], [7, 7, 11]]))
    aligned = Aligned(chunks, torch.tensor([2, 0, 1, 3]))
    both = batch(is_paired=True)
    losses = translation_loss(model, replace(both, aligned=aligned), tiny().loss)
    plain = translation_loss(model, both, tiny().loss)
    torch.testing.assert_close(losses.translation, plain.translation)
    alone = model.think(*source_batch([[8, 9, 10], [9], [12], [7, 7, 11]])).vectors[:, 0]
    torch.testing.assert_close(losses.thoughts[2:], alone)
    torch.testing.assert_close(losses.thoughts[:2], plain.thoughts)


def test_thoughts_are_handed_out_only_where_they_are_to_be_aligned() -> None:
    assert translation_loss(toy_model(), batch(), tiny().loss).thoughts is None


def test_infonce_by_hand() -> None:
    """Two meanings at right angles, cosine 1 to the partner and 0 to the other, divided by 1/2."""
    thoughts = torch.tensor([[3.0, 0.0], [5.0, 0.0], [0.0, 2.0], [0.0, 1.0]])  # lengths do not matter
    expected = 4 * math.log(1 + math.exp(-2))
    assert float(alignment_loss(thoughts, INFONCE)) == pytest.approx(expected)


def test_infonce_asks_in_both_directions() -> None:
    """Row 2 is the partner of row 3 but looks like the first meaning: asked from there it is wrong."""
    thoughts = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    there = math.log(1 + math.exp(-2)) + math.log(1 + math.exp(2))  # each first row seeks among [1, 0], [0, 1]
    back = math.log(2) + math.log(2)  # each second row has two equal candidates
    assert float(alignment_loss(thoughts, INFONCE)) == pytest.approx(there + back)


@pytest.mark.parametrize("rows", [2, 8, 64])
def test_infonce_of_thoughts_that_are_all_the_same_is_chance(rows: int) -> None:
    loss = alignment_loss(torch.ones(rows, 5), INFONCE)
    assert loss.item() / rows == pytest.approx(math.log(rows / 2), abs=1e-6)


def test_mse_by_hand() -> None:
    """Differences (1, 3) and (0, 2): means of squares 5 and 2, counted for both rows of a pair."""
    thoughts = torch.tensor([[1.0, 3.0], [0.0, 0.0], [4.0, 1.0], [4.0, 3.0]])
    assert float(alignment_loss(thoughts, MSE)) == pytest.approx(14)


@pytest.mark.parametrize("config", [INFONCE, MSE], ids=["infonce", "mse"])
def test_alignment_pulls_partners_together(config: object) -> None:
    thoughts = torch.randn(6, 4, generator=torch.Generator().manual_seed(9)).requires_grad_()
    loss = alignment_loss(thoughts, config)
    (gradient,) = torch.autograd.grad(loss, thoughts)
    assert alignment_loss(thoughts - 0.01 * gradient, config).item() < loss.item()
    same = thoughts.detach().repeat_interleave(2, dim=0)
    scattered = torch.cat([same, -same.roll(1, dims=0)])[: len(same)].roll(1, dims=0)
    assert float(alignment_loss(same, config)) < float(alignment_loss(scattered, config))


def test_alignment_also_pulls_on_the_first_of_a_pair_by_infonce_in_half_precision() -> None:
    thoughts = torch.randn(4, 3, generator=torch.Generator().manual_seed(9)).to(torch.bfloat16).requires_grad_()
    loss = alignment_loss(thoughts, INFONCE)
    loss.backward()
    assert loss.dtype == torch.float32
    assert thoughts.grad is not None
    assert (thoughts.grad.abs().sum(dim=1) > 0).all()
