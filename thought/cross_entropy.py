"""Features -> cross-entropy over the vocabulary, without ever holding logits of all rows.

The last layer is the dearest of a translator: its logits are (B * T, V). They are made and used up
in chunks of rows, and their gradients with them.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from thought.hardware import product_type

CHUNK = 256  # rows of logits alive at once: (CHUNK, V)


class _OutputLoss(torch.autograd.Function):
    """Softmax cross-entropy behind a linear layer, in chunks of rows, gradients made on the way."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor,
                smoothing: float) -> tuple[Tensor, Tensor]:  # fmt: skip
        low = product_type(features.device)
        count = len(targets)
        spare = -count % max(1, CHUNK // 2)  # rows of zeros: few shapes of matrix products are fast ones
        weight_low, features_low = weight.to(low), F.pad(features.to(low), (0, 0, 0, spare))  # (V, E), (N, E)
        targets = F.pad(targets, (0, spare))  # (N,)
        is_training = any(ctx.needs_input_grad)
        d_features = torch.empty_like(features_low, dtype=torch.float32) if is_training else None
        d_weight, d_bias = torch.zeros_like(weight), torch.zeros_like(bias)
        smoothed = features.new_zeros((), dtype=torch.float32)
        losses = torch.empty(len(targets), dtype=torch.float32, device=features.device)  # (N,)
        logits = features_low.new_empty((CHUNK, len(weight)))  # these two stay in the cache from chunk to chunk
        chances = torch.empty_like(logits, dtype=torch.float32)
        for start in range(0, len(targets), CHUNK):
            rows = slice(start, start + CHUNK)
            wanted = targets[rows, None]  # (C, 1)
            size = len(wanted)
            torch.addmm(bias.to(low), features_low[rows], weight_low.t(), out=logits[:size])  # (C, V)
            highest, best = logits[:size].max(dim=-1, keepdim=True)
            right = logits[:size].gather(1, wanted).float()  # (C, 1)
            mean = logits[:size].mean(dim=-1, keepdim=True, dtype=torch.float32) if smoothing else right
            chances[:size].copy_(logits[:size])
            torch.softmax(chances[:size], dim=-1, out=chances[:size])
            normaliser = (
                highest.float() - chances[:size].gather(1, best).log()
            )  # (C, 1), log of the sum of exponentials
            losses[rows] = (normaliser - right).squeeze(1)
            loss = (1 - smoothing) * (normaliser - right) + smoothing * (normaliser - mean)  # (C, 1)
            smoothed += loss[: count - start].sum()
            if d_features is not None:
                if smoothing:
                    chances[:size] -= smoothing / len(weight)
                chances[:size].scatter_add_(1, wanted, torch.full_like(right, smoothing - 1))
                chances[count - start : size] = 0
                d_bias += chances[:size].sum(dim=0)
                surplus = logits[:size].copy_(chances[:size])
                d_features[rows] = surplus @ weight_low
                d_weight += surplus.t() @ features_low[rows]
        ctx.save_for_backward(d_features if d_features is None else d_features[:count], d_weight, d_bias)
        losses = losses[:count]
        ctx.mark_non_differentiable(losses)
        return smoothed, losses

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        scale = gradients[0]
        d_features, d_weight, d_bias = ctx.saved_tensors
        return d_features * scale, d_weight * scale, d_bias * scale, None, None


def output_loss(
    features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, smoothing: float
) -> tuple[Tensor, Tensor]:
    """Cross-entropy of `features @ weight.T + bias` against `targets`, never holding (N, V) at once.

    Parameters
    ----------
    features : Tensor of shape (N, E)
    weight, bias : Tensors of shape (V, E) and (V,)
    targets : Tensor of shape (N,)
    smoothing : float in [0, 1)
        Mass given to the uniform distribution (Szegedy et al. 2016, arXiv:1512.00567, section 7).

    Returns
    -------
    loss : Tensor of shape ()
        Sum over rows, in nats, smoothed; the only part with a gradient.
    losses : Tensor of shape (N,)
        Negative log-likelihood of each target, in nats, without smoothing. Chance is log V.
    """
    result: tuple[Tensor, Tensor] = _OutputLoss.apply(features, weight, bias, targets, smoothing)  # type: ignore[no-untyped-call]
    return result
