"""Decay on matrices only, orthogonal steps where asked for, gradients of bounded size, a rate set step by step."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from thought.config import TrainingConfig
from thought.optimizer import EVERY, SIZE, Muon, build_optimizer, clip, orthogonal, set_rate


def small_model() -> nn.Module:
    """A table, a matrix and two vectors."""
    torch.manual_seed(0)
    model = nn.Module()
    model.table, model.layer = nn.Embedding(5, 4), nn.Linear(4, 3)
    model.row = nn.Parameter(torch.ones(1, 4))
    return model


def built(model: nn.Module, kind: str = "adamw", rate: float = 0.1, decay: float = 0.0) -> Muon:
    config = TrainingConfig(steps=1, weight_decay=decay, learning_rate=rate, optimizer=kind)  # type: ignore[arg-type]
    return build_optimizer(model, config)


def step(model: nn.Module, optimizer: Muon, gradients: list[torch.Tensor]) -> None:
    """Step until the matrices had their turn."""
    for _ in range(EVERY):
        for weight, gradient in zip(model.parameters(), gradients, strict=True):
            weight.grad = gradient.clone()
        optimizer.step()


def test_only_matrices_are_pulled_to_zero() -> None:
    model = small_model()
    before = [weight.detach().clone() for weight in model.parameters()]
    optimizer = built(model, decay=0.5)
    for weight in model.parameters():
        weight.grad = torch.zeros_like(weight)
    optimizer.step()
    for weight, old in zip(model.parameters(), before, strict=True):
        is_vector = weight.dim() == 1 or len(weight) == 1
        assert torch.allclose(weight, old if is_vector else 0.95 * old)


def test_muon_pulls_its_matrices_to_zero_as_often_as_adamw_does() -> None:
    free, pulled = small_model(), small_model()
    before = free.layer.weight.detach().clone()
    for model, decay in ((free, 0.0), (pulled, 0.5)):
        step(model, built(model, "muon", decay=decay), [torch.ones_like(weight) for weight in model.parameters()])
    assert torch.allclose(free.layer.weight - pulled.layer.weight, EVERY * 0.05 * before)


def test_a_matrix_that_never_had_a_gradient_stays_as_it_was() -> None:
    model = small_model()
    before = model.layer.weight.detach().clone()
    step(model, built(model, "muon", decay=0.5), [torch.zeros_like(weight) for weight in model.parameters()])
    assert torch.equal(model.layer.weight, before)


def test_without_muon_every_step_is_that_of_adamw() -> None:
    ours, theirs = small_model(), small_model()
    optimizer = built(ours)
    reference = torch.optim.AdamW(theirs.parameters(), lr=0.1, betas=(0.9, 0.98), weight_decay=0.0)
    for _ in range(3):
        for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            one.grad = one.detach().sin()
            other.grad = other.detach().sin()
        optimizer.step()
        reference.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_muon_steps_the_matrices_of_layers_and_adamw_all_else() -> None:
    model = small_model()
    optimizer = built(model, "muon")
    for weight in model.parameters():
        weight.grad = torch.ones_like(weight)
    optimizer.step()
    kinds = {name: set(optimizer.state[weight]) for name, weight in model.named_parameters()}
    assert kinds.pop("layer.weight") == {"momentum", "step"}
    assert all("exp_avg" in kind for kind in kinds.values())


def test_a_muon_step_is_as_large_in_every_direction_of_the_gradient() -> None:
    model = small_model()
    before = model.layer.weight.detach().clone()
    optimizer = built(model, "muon")
    directions, _ = torch.linalg.qr(torch.randn(4, 3))
    gradients = [torch.zeros_like(weight) for weight in model.parameters()]
    place = [name for name, _ in model.named_parameters()].index("layer.weight")
    gradients[place] = torch.diag(torch.tensor([1.0, 0.3, 0.1])) @ directions.t()  # these are its singular values
    step(model, optimizer, gradients)
    moved = (before - model.layer.weight) @ directions / (EVERY * 0.1 * SIZE * 4**0.5)
    assert torch.allclose(moved.diagonal(), torch.ones(3), atol=0.2)
    assert torch.allclose(moved - torch.diag(moved.diagonal()), torch.zeros(3, 3), atol=1e-4)


@pytest.mark.parametrize("shape", [(8, 8), (4, 16), (16, 4), (3, 5, 7)])
def test_an_orthogonal_matrix_keeps_its_directions_whatever_its_shape_and_scale(shape: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    left, sizes, right = torch.linalg.svd(torch.randn(shape), full_matrices=False)
    rows = 1e-6 * (left * (0.5 + sizes / sizes.amax())[..., None, :]) @ right
    assert torch.allclose(orthogonal(rows), left @ right, atol=0.25)
    assert orthogonal(torch.zeros(shape)).abs().max() == 0


@pytest.mark.parametrize(("largest", "expected"), [(1.0, 0.6), (5.0, 3.0), (6.0, 3.0), (0.0, 3.0)])
def test_gradients_are_scaled_down_to_the_largest_norm_and_never_up(largest: float, expected: float) -> None:
    gradients = [torch.tensor([3.0]), torch.tensor([[4.0]])]
    clip(gradients, 5.0, largest)
    assert float(gradients[0]) == pytest.approx(expected)


def test_a_rate_holds_for_all_weights() -> None:
    optimizer = built(small_model(), "muon")
    set_rate(optimizer, 0.25)
    assert [group["lr"] for group in optimizer.param_groups] == [0.25] * 3
