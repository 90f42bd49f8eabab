"""Layers that are ours because speed or exactness needs them: dropout, GRU, attention.

All of them keep two promises: padding changes nothing, and a batch gives what its rows give alone.
Matrix products run in the precision of the surrounding autocast; sums over time stay in float32.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from thought.hardware import product_type


class Dropout(nn.Module):
    """Zero a share of the features and scale up the rest.

    With `is_shared` one mask serves all time steps of a row (Gal & Ghahramani 2016,
    arXiv:1512.05287): better for recurrent layers, and T times fewer random numbers. Otherwise
    masks come from random bytes, eight to a draw, so the share is rounded to 1/256.
    """

    def __init__(self, share: float, *, is_shared: bool) -> None:
        super().__init__()
        self.share = share
        self.is_shared = is_shared

    def forward(self, inputs: Tensor) -> Tensor:
        """Mask (B, T, H) while training; return it unchanged otherwise."""
        if not self.training or self.share == 0:
            return inputs
        if self.is_shared:
            shape = (inputs.shape[0], 1, inputs.shape[-1])
            keep = torch.rand(shape, device=inputs.device) >= self.share  # (B, 1, H)
            return inputs * (keep / (1 - self.share)).to(inputs.dtype)
        threshold = min(255, round(256 * self.share))
        draws = torch.empty((inputs.numel() + 7) // 8, dtype=torch.int64, device=inputs.device)
        draws.random_(torch.iinfo(torch.int64).min, None)
        keep = (draws.view(torch.uint8)[: inputs.numel()] >= threshold).view(inputs.shape)
        return inputs * (keep * (256 / (256 - threshold))).to(inputs.dtype)


class _Recurrence(torch.autograd.Function):
    """The part of a GRU that is sequential, for D directions at once, with its own backward.

    The gradient of the recurrent weights is one product over all steps, where autograd would add
    up T small ones; that and batching both directions is worth about 3x on a CPU. What a step's
    backward needs besides the gradient itself is worked out for all steps at once.
    """

    @staticmethod
    def forward(ctx: Any, gates: Tensor, weight: Tensor, bias: Tensor, first: Tensor, is_learning: bool) -> Tensor:
        directions, steps, batch, width = gates.shape  # (D, T, B, 3H)
        size = width // 3
        kept = steps if is_learning else 1  # what no backward will ask for is overwritten, and stays in the cache
        low = gates.dtype
        weight_low = weight.to(low)  # (D, H, 3H)
        bias_low = bias.to(low)  # (D, 1, H)
        states = gates.new_empty((directions, steps + 1, batch, size), dtype=torch.float32)
        reset_update = gates.new_empty((directions, kept, batch, 2 * size))
        carried = gates.new_empty((directions, kept, batch, size))  # what the reset gate lets through
        proposals = torch.empty_like(carried)  # (D, T, B, H)
        states[:, 0] = first
        recurrent = gates.new_empty((directions, batch, width))
        for_gates, for_proposal = recurrent[..., : 2 * size], recurrent[..., 2 * size :]
        into_gates, into_proposal = gates[..., : 2 * size].unbind(1), gates[..., 2 * size :].unbind(1)
        both = reset_update.unbind(1)
        resets, updates = (part.unbind(1) for part in (reset_update[..., :size], reset_update[..., size:]))
        let_through, proposed, state = carried.unbind(1), proposals.unbind(1), states.unbind(1)
        for step in range(steps):
            place = step % kept
            torch.bmm(state[step].to(low), weight_low, out=recurrent)  # (D, B, 3H)
            torch.add(into_gates[step], for_gates, out=both[place]).sigmoid_()
            torch.add(for_proposal, bias_low, out=let_through[place])
            proposal = torch.addcmul(into_proposal[step], resets[place], let_through[place], out=proposed[place])
            torch.lerp(proposal.tanh_().float(), state[step], updates[place].float(), out=state[step + 1])
        ctx.save_for_backward(states, reset_update, carried, proposals, weight_low)
        return states[:, 1:]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        states, reset_update, carried, proposals, weight_low = ctx.saved_tensors
        (gradient,) = gradients  # (D, T, B, H)
        directions, steps, batch, size = gradient.shape
        reset, update = reset_update[..., :size].float(), reset_update[..., size:].float()  # (D, T, B, H)
        proposal, before = proposals.float(), states[:, :-1]
        # how far each input of a step moves its state; side by side, so that both groups the products need are slices
        slopes = proposals.new_empty((directions, steps, batch, 4, size))  # recurrent proposal, reset, update, proposal
        slope = (1 - update) * (1 - proposal.square())
        slopes[..., 3, :] = slope
        slopes[..., 0, :] = slope.mul_(reset)
        slopes[..., 1, :] = slope.mul_(carried).mul_(1 - reset)
        slopes[..., 2, :] = (before - proposal).mul_(update).mul_(1 - update)
        flat = slopes.view(directions, steps, batch, 4 * size)
        into_recurrent, into_gates = flat[..., : 3 * size], flat[..., size:]
        weight_back = weight_low.roll(size, dims=2).transpose(1, 2)  # (D, 3H, H), the proposal's part first
        running = torch.zeros_like(states[:, 0])  # (D, B, H)
        for step in range(steps - 1, -1, -1):
            running = running + gradient[:, step]
            slopes[:, step].mul_(running.to(slopes.dtype)[:, :, None])  # of one type: mixed ones are copied first
            running.mul_(update[:, step]).add_(torch.bmm(into_recurrent[:, step], weight_back))
        rows = into_recurrent.reshape(directions, steps * batch, 3 * size)
        d_weight = torch.bmm(before.to(proposals.dtype).reshape(directions, steps * batch, size).transpose(1, 2), rows)
        d_bias = rows[..., :size].sum(dim=1, dtype=torch.float32)[:, None]  # (D, 1, H)
        return into_gates, d_weight.float().roll(-size, dims=2), d_bias, running, None


class GRU(nn.Module):
    """One gated recurrent layer (Cho et al. 2014, arXiv:1406.1078), in one direction or both.

    It computes what `torch.nn.GRU` computes. Two things differ: `constant` is one vector a row that
    joins every step's input without being multiplied T times, and on a CPU the recurrence runs in
    `_Recurrence`, faster than the built-in layer.
    """

    def __init__(self, input_size: int, size: int, *, constant_size: int = 0, is_bidirectional: bool = False,
                 remember: float = 0.0) -> None:  # fmt: skip
        super().__init__()
        self.size = size
        self.directions = 2 if is_bidirectional else 1
        self.input = nn.Linear(input_size, self.directions * 3 * size)  # gates: reset, update, proposal
        self.constant = nn.Linear(constant_size, 3 * size, bias=False) if constant_size else None
        bound = size**-0.5
        self.recurrent = nn.Parameter(torch.empty(self.directions, size, 3 * size).uniform_(-bound, bound))
        self.proposal_bias = nn.Parameter(torch.zeros(self.directions, 1, size))  # stands behind the reset gate
        with torch.no_grad():  # a gate that begins open to the past learns sooner what is far back
            self.input.bias.view(self.directions, 3, size)[:, 1] += remember

    def forward(self, inputs: Tensor, *, lengths: Tensor | None = None, constant: Tensor | None = None,
                first: Tensor | None = None) -> Tensor:  # fmt: skip
        """Run over (B, T, E); `constant` is (B, C), `first` (B, H); return float32 (B, T, D * H)."""
        if lengths is None:
            lengths = torch.full((len(inputs),), inputs.shape[1], device=inputs.device)
        if first is None:
            first = inputs.new_zeros((len(inputs), self.size))
        first = first.float().expand(self.directions, -1, -1)  # (D, B, H)
        if inputs.device.type != "cpu":
            return self._built_in(inputs, lengths, constant, first)
        is_learning = torch.is_grad_enabled()
        gates = self._gates_of_steps(inputs, lengths, constant)
        states = _Recurrence.apply(gates, self.recurrent, self.proposal_bias, first, is_learning)  # type: ignore[no-untyped-call]
        if self.directions == 2:
            return torch.cat([states[0], _reverse(states[1], lengths)], dim=-1).transpose(0, 1)  # (B, T, 2H)
        result: Tensor = states[0].transpose(0, 1)  # (B, T, H)
        return result

    def _gates_of_steps(self, inputs: Tensor, lengths: Tensor, constant: Tensor | None) -> Tensor:
        """Input gates of all steps, each direction in its own order of time: (D, T, B, 3H)."""
        steps = inputs.transpose(0, 1)  # (T, B, E)
        if self.directions == 1:
            gates: Tensor = self.input(steps)[None]  # (1, T, B, 3H)
            return gates if constant is None else gates + self.constant_gates(constant)
        # the inputs are reversed, not their gates, which are several times as wide
        both = torch.stack([steps, _reverse(steps, lengths)]).flatten(1, 2)  # (2, T * B, E)
        weight = self.input.weight.view(2, 3 * self.size, -1).transpose(1, 2)  # (2, E, 3H)
        products = torch.baddbmm(self.input.bias.view(2, 1, -1), both, weight)  # (2, T * B, 3H)
        return products.view(2, *steps.shape[:2], -1)

    def input_gates(self, inputs: Tensor) -> Tensor:
        """Share of the gates of one step that needs no state: (B, E) -> (B, D * 3H)."""
        return self.input(inputs)  # type: ignore[no-any-return]

    def constant_gates(self, constant: Tensor) -> Tensor:
        """Share of the gates that is the same at every step: (B, C) -> (B, 3H)."""
        if self.constant is None:
            raise TypeError("this layer was built without a constant: give it a constant_size")
        gates: Tensor = self.constant(constant)
        return gates

    def step(self, gates: Tensor, state: Tensor) -> Tensor:
        """One step of a one-directional layer from its input gates: (B, 3H), (B, H) -> (B, H)."""
        recurrent = torch.bmm(state.to(gates.dtype)[None], self.recurrent)[0]  # (B, 3H)
        both = torch.sigmoid(gates[:, : 2 * self.size] + recurrent[:, : 2 * self.size])  # (B, 2H)
        carried = recurrent[:, 2 * self.size :] + self.proposal_bias[0]  # (B, H)
        proposal = torch.tanh(gates[:, 2 * self.size :] + both[:, : self.size] * carried)
        return torch.lerp(proposal.float(), state, both[:, self.size :].float())

    def _built_in(self, inputs: Tensor, lengths: Tensor, constant: Tensor | None, first: Tensor) -> Tensor:
        """The same layer through torch's own kernels, which are the fast ones on a GPU."""
        low = product_type(inputs.device)
        if constant is not None:
            inputs = torch.cat([inputs, constant[:, None].expand(-1, inputs.shape[1], -1).to(inputs.dtype)], dim=-1)
        packed = nn.utils.rnn.pack_padded_sequence(
            inputs.to(low), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        weights = [weight.to(low) for direction in range(self.directions) for weight in self._flat(direction)]
        start = first[:, packed.sorted_indices].to(low).contiguous()
        states, _ = torch._VF.gru(
            packed.data, packed.batch_sizes, start, weights, True, 1, 0.0, self.training, self.directions == 2
        )
        packed = nn.utils.rnn.PackedSequence(states, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        padded, _ = nn.utils.rnn.pad_packed_sequence(packed, batch_first=True, total_length=inputs.shape[1])
        return padded.float()

    def _flat(self, direction: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Weights of a direction in torch's order: input, recurrent, and their biases."""
        rows = slice(3 * self.size * direction, 3 * self.size * (direction + 1))
        weight = self.input.weight[rows]
        if self.constant is not None:
            weight = torch.cat([weight, self.constant.weight], dim=1)
        bias = F.pad(self.proposal_bias[direction, 0], (2 * self.size, 0))
        return weight, self.recurrent[direction].t().contiguous(), self.input.bias[rows], bias


def _reverse(steps_first: Tensor, lengths: Tensor) -> Tensor:
    """Reverse each row of (T, B, H) within its own length; padding stays behind."""
    steps = torch.arange(steps_first.shape[0], device=steps_first.device)[:, None]  # (T, 1)
    mirrored = torch.where(steps < lengths, lengths - 1 - steps, steps)  # (T, B)
    return steps_first[mirrored, torch.arange(steps_first.shape[1], device=steps_first.device)]


class Attention(nn.Module):
    """Multi-head dot-product attention (Vaswani et al. 2017, arXiv:1706.03762, section 3.2).

    Plain batched products: at sentence length they beat flash attention's backward on a CPU.
    """

    def __init__(self, size: int, memory_size: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(size, size)
        self.key_value = nn.Linear(memory_size, 2 * size)
        self.merge = nn.Linear(size, size)

    def remember(self, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of a memory: (B, K, M) -> two of (B, K, H)."""
        keys, values = self.key_value(memory).chunk(2, dim=-1)
        return keys, values

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor, is_hidden: Tensor | None = None) -> Tensor:
        """Attend from (B, T, H) over (B, K, H); `is_hidden`, broadcast to (B, heads, T, K), masks."""
        if keys.shape[1] == 1:  # a softmax over one vector is that vector: the thought itself
            return self.merge(values).expand(-1, queries.shape[1], -1)  # type: ignore[no-any-return]
        query = self._split(self.query(queries))  # (B, heads, T, D)
        scores = query @ self._split(keys).transpose(2, 3) / math.sqrt(query.shape[-1])  # (B, heads, T, K)
        if is_hidden is not None:
            scores = scores.masked_fill(is_hidden, float("-inf"))
        weights = scores.softmax(dim=-1, dtype=torch.float32).to(values.dtype)
        mixed = (weights @ self._split(values)).transpose(1, 2).flatten(2)  # (B, T, H)
        return self.merge(mixed)  # type: ignore[no-any-return]

    def _split(self, rows: Tensor) -> Tensor:
        return rows.reshape(*rows.shape[:2], self.heads, -1).transpose(1, 2)  # (B, heads, K, D)
