"""The output loss in chunks against torch's cross-entropy of whole logits."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from thought import cross_entropy
from thought.cross_entropy import output_loss


def output_case(rows: int) -> tuple[list[Tensor], Tensor]:
    torch.manual_seed(4)
    tensors = [torch.randn(rows, 4), torch.randn(11, 4), torch.randn(11)]
    return [tensor.requires_grad_() for tensor in tensors], torch.randint(0, 11, (rows,))


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("chunk", [1, 3, 7, 1024])
def test_output_loss_is_cross_entropy_over_however_many_chunks(
    smoothing: float, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cross_entropy, "CHUNK", chunk)
    given, targets = output_case(7)
    loss, losses = output_loss(*given, targets, smoothing)
    features, weight, bias = (tensor.double() for tensor in given)
    logits = features @ weight.t() + bias
    expected = F.cross_entropy(logits, targets, label_smoothing=smoothing, reduction="sum")
    torch.testing.assert_close(loss.double(), expected, rtol=1e-5, atol=1e-5)
    each = F.cross_entropy(logits, targets, reduction="none")
    torch.testing.assert_close(losses.double(), each, rtol=1e-5, atol=1e-5)
    ours = torch.autograd.grad(loss * 0.25, given)  # any scale from outside
    theirs = torch.autograd.grad(expected * 0.25, given)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_output_loss_of_a_clueless_model_is_chance() -> None:
    targets = torch.tensor([0, 1, 2])
    loss, losses = output_loss(torch.zeros(3, 4), torch.randn(11, 4), torch.zeros(11), targets, 0.1)
    torch.testing.assert_close(losses, torch.full((3,), math.log(11)))
    assert loss.item() == pytest.approx(3 * math.log(11))
    assert not loss.requires_grad


def test_output_loss_of_no_rows_is_zero_and_so_are_its_gradients() -> None:
    given, targets = output_case(0)
    loss, losses = output_loss(*given, targets, 0.1)
    loss.backward()
    assert loss.item() == 0
    assert losses.shape == (0,)
    assert all(not tensor.grad.any() for tensor in given if tensor.grad is not None)


def test_output_loss_stands_large_logits() -> None:
    features = torch.tensor([[1000.0], [-1000.0]], requires_grad=True)
    loss, losses = output_loss(features, torch.tensor([[1.0], [0.0]]), torch.zeros(2), torch.tensor([0, 0]), 0.0)
    loss.backward()
    assert losses.tolist() == [0.0, 1000.0]
    assert features.grad is not None
    assert features.grad.tolist() == [[0.0], [-1.0]]


def test_output_loss_in_half_precision_is_near() -> None:
    given, targets = output_case(40)
    expected, _ = output_loss(*given, targets, 0.1)
    with torch.autocast("cpu", torch.bfloat16):
        loss, _ = output_loss(*given, targets, 0.1)
    gradients = torch.autograd.grad(loss, given)
    assert [gradient.dtype for gradient in gradients] == [torch.float32] * 3
    torch.testing.assert_close(loss, expected, rtol=0.02, atol=0.0)
    torch.testing.assert_close(gradients, torch.autograd.grad(expected, given), rtol=0.05, atol=0.1)
