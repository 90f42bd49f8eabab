"""Gradients -> better weights: AdamW, or Muon for the matrices of layers; and gradients of bounded size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from thought.config import TrainingConfig

MOMENTUM = 0.95  # of a step
SIZE = 0.12  # root mean square of a matrix's step at a learning rate of 1, beside about 1 of AdamW
EVERY = 3  # gradients between two steps of a matrix, which is the longer for it: orthogonal steps are dear
# Odd polynomials of degree 5 that take singular values in (0, 1] close to 1, to be applied one after the other.
POLYNOMIALS = (
    (3.9486908534822946, -2.908902115962949, 0.5518191394370137),
    (3.3184196573706015, -2.488488024314874, 0.51004894012372),
    (2.300652019954817, -1.6689039845747493, 0.4188073119525673),
)


class Muon(torch.optim.AdamW):
    """AdamW whose groups may ask for orthogonal steps instead (Jordan et al. 2024, "Muon").

    A step of such a matrix is its momentum with all singular values set to about one, so that
    directions in which gradients are small are learned as fast as the others. The size of steps
    is that of Liu et al. (2025, arXiv:2502.16982), so that one learning rate serves both kinds.

    Parameters
    ----------
    groups : list of dict
        As for AdamW; `is_orthogonal` says which kind of step a group takes.
    learning_rate : float
    precision : torch.dtype
        Of the matrix products that make steps orthogonal.
    """

    def __init__(self, groups: list[dict[str, Any]], learning_rate: float, precision: torch.dtype) -> None:
        super().__init__(groups, lr=learning_rate, betas=(0.9, 0.98), fused=True)
        self.precision = precision

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Take a step of each kind."""
        for group in self.param_groups:
            if group["is_orthogonal"]:
                self._turn(group["params"], group)
        super().step(closure)

    def _turn(self, weights: Sequence[Tensor], group: dict[str, Any]) -> None:
        """Step matrices along their orthogonal momentum, those of one shape together; AdamW will not see them."""
        gradients = {weight: weight.grad for weight in weights if weight.grad is not None}
        by_shape: dict[torch.Size, list[Tensor]] = {}
        for weight in gradients:
            if self._is_due(weight, gradients[weight]):
                by_shape.setdefault(weight.shape, []).append(weight)
        for shape, alike in by_shape.items():
            ahead = [
                torch.lerp(gradients[weight], self.state[weight]["momentum"], MOMENTUM) for weight in alike
            ]  # as Nesterov
            directions = orthogonal(torch.stack(ahead), self.precision).unbind()
            if group["weight_decay"]:
                torch._foreach_mul_(alike, 1 - EVERY * group["lr"] * group["weight_decay"])
            torch._foreach_add_(alike, directions, alpha=-EVERY * group["lr"] * SIZE * max(shape[-2:]) ** 0.5)
        for weight in gradients:
            weight.grad = None

    def _is_due(self, weight: Tensor, gradient: Tensor) -> bool:
        """Follow the mean of gradients; say whether it is this weight's turn, which never comes for one not in use."""
        state = self.state[weight]
        if not state:
            if not gradient.any():
                return False
            state["momentum"], state["step"] = torch.zeros_like(weight), torch.tensor(0.0)
        state["momentum"].lerp_(gradient, 1 - MOMENTUM)
        state["step"] += 1
        return bool(state["step"] % EVERY == 0)


def orthogonal(matrices: Tensor, precision: torch.dtype = torch.float32) -> Tensor:
    """Set all singular values to about one: (..., R, C) -> (..., R, C) in float32.

    By three polynomials (Amsel et al. 2025, arXiv:2505.16932), with products in the given precision: of
    matrices whose singular values spread over three powers of ten the larger third comes out between
    0.9 and 1.2. A matrix of zeros stays one.
    """
    is_tall = matrices.shape[-2] > matrices.shape[-1]
    rows = matrices.mT if is_tall else matrices  # the product with itself is the smaller one
    rows = (
        (rows / rows.norm(dim=(-2, -1), keepdim=True).clamp_min(1e-7)).to(precision).reshape(-1, *rows.shape[-2:])
    )  # (M, R, C)
    for index, (first, third, fifth) in enumerate(POLYNOMIALS):
        square = torch.bmm(rows, rows.mT)  # (M, R, R)
        if index == 0:  # the norm of the square is a closer bound of the largest singular value
            bound = 1.02 * square.float().norm(dim=(-2, -1), keepdim=True).clamp_min(1e-7)
            square, rows = (square / bound).to(precision), (rows / bound.sqrt()).to(precision)
        change = torch.baddbmm(square, square, square, beta=third, alpha=fifth)
        rows = torch.baddbmm(rows, change, rows, beta=first)
    result = rows.float().view(matrices.mT.shape if is_tall else matrices.shape)
    return result.mT if is_tall else result


def build_optimizer(model: nn.Module, config: TrainingConfig, precision: torch.dtype = torch.float32) -> Muon:
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019, arXiv:1711.05101), or Muon for matrices of layers.

    Biases and scales of norms are not pulled to zero: they do not make a model more complex. Rows of
    an embedding table are no directions of a map, so they are stepped by AdamW in any case.
    """
    tables = {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)}
    groups: dict[str, list[Tensor]] = {"vectors": [], "tables": [], "matrices": []}
    for weight in model.parameters():
        is_vector = weight.dim() < 2 or weight.shape[-2] == 1
        kind = "vectors" if is_vector else "tables" if id(weight) in tables else "matrices"
        groups[kind].append(weight)
    return Muon(
        [
            {
                "params": weights,
                "weight_decay": 0.0 if kind == "vectors" else config.weight_decay,
                "is_orthogonal": kind == "matrices" and config.optimizer == "muon",
            }
            for kind, weights in groups.items()
            if weights
        ],
        config.learning_rate,
        precision,
    )


def clip(gradients: Sequence[Tensor], norm: float, largest: float) -> None:
    """Scale gradients down, in place, if their norm is over the largest allowed; 0 allows any."""
    if largest and norm > largest:
        torch._foreach_mul_(list(gradients), largest / norm)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of the next step."""
    for group in optimizer.param_groups:
        group["lr"] = rate
