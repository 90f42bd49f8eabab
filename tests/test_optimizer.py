"""Decay on matrices only, gradients of bounded size, and a rate that is set step by step."""

from __future__ import annotations

import pytest
import torch

from thought.config import TrainingConfig
from thought.optimizer import build_optimizer, clip, set_rate


def test_only_matrices_are_pulled_to_zero() -> None:
    matrix, vector = torch.ones(2, 2, requires_grad=True), torch.ones(2, requires_grad=True)
    optimizer = build_optimizer([matrix, vector], TrainingConfig(steps=1, weight_decay=0.5, learning_rate=0.1))
    matrix.grad, vector.grad = torch.zeros(2, 2), torch.zeros(2)
    optimizer.step()
    assert matrix.tolist() == [[pytest.approx(0.95)] * 2] * 2
    assert vector.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(("largest", "expected"), [(1.0, 0.6), (5.0, 3.0), (6.0, 3.0), (0.0, 3.0)])
def test_gradients_are_scaled_down_to_the_largest_norm_and_never_up(largest: float, expected: float) -> None:
    gradients = [torch.tensor([3.0]), torch.tensor([[4.0]])]
    clip(gradients, 5.0, largest)
    assert float(gradients[0]) == pytest.approx(expected)


def test_a_rate_holds_for_all_weights() -> None:
    optimizer = build_optimizer([torch.ones(2, 2), torch.ones(2)], TrainingConfig(steps=1))
    set_rate(optimizer, 0.25)
    assert [group["lr"] for group in optimizer.param_groups] == [0.25, 0.25]
