"""Gradients -> better weights: AdamW, with decay on matrices only and gradients of bounded size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from thought.config import TrainingConfig


def build_optimizer(parameters: Iterable[Tensor], config: TrainingConfig) -> torch.optim.AdamW:
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019, arXiv:1711.05101).

    Biases and scales of norms are not pulled to zero: they do not make a model more complex.
    """
    weights = list(parameters)
    groups = [
        {"params": [weight for weight in weights if weight.dim() > 1], "weight_decay": config.weight_decay},
        {"params": [weight for weight in weights if weight.dim() <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.98), fused=True)


def clip(gradients: Sequence[Tensor], norm: float, largest: float) -> None:
    """Scale gradients down, in place, if their norm is over the largest allowed; 0 allows any."""
    if largest and norm > largest:
        torch._foreach_mul_(list(gradients), largest / norm)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of the next step."""
    for group in optimizer.param_groups:
        group["lr"] = rate
