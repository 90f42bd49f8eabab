"""Pooling by hand: what the thought is made of, and what it is not."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from worlds import tiny

from thought.bottleneck import Bottleneck

STATES = torch.tensor(
    [
        [[-1.0, -8.0, -3.0, 4.0], [-5.0, -2.0, -7.0, -6.0], [-9.0, -3.0, -2.0, 1.0]],
        [[-1.0, -2.0, -3.0, -4.0], [99.0, 99.0, 99.0, 99.0], [99.0, 99.0, 99.0, 99.0]],
    ]
)
LENGTHS = torch.tensor([3, 1])  # the second row is one state and padding


def bottleneck(*overrides: str) -> Bottleneck:
    """One that projects with the identity."""
    result = Bottleneck(tiny("model.thought_size=4", *overrides).model, 4)
    torch.nn.init.eye_(result.project.weight)
    torch.nn.init.zeros_(result.project.bias)
    return result


def thought(pooled: list[list[float]]) -> Tensor:
    return F.layer_norm(torch.tensor(pooled), (4,))


ALONE = [-1.0, -2.0, -3.0, -4.0]


def test_max_pooling_takes_the_largest_real_number_also_where_all_are_negative() -> None:
    memory = bottleneck("model.pooling=max")(STATES, LENGTHS)
    torch.testing.assert_close(memory.vectors[:, 0], thought([[-1.0, -2.0, -2.0, 4.0], ALONE]))


def test_mean_pooling_divides_by_the_real_length() -> None:
    memory = bottleneck("model.pooling=mean")(STATES, LENGTHS)
    torch.testing.assert_close(memory.vectors[:, 0], thought([[-5.0, -13 / 3, -4.0, -1 / 3], ALONE]))


def test_last_pooling_takes_both_ends_of_a_gru() -> None:
    memory = bottleneck("model.pooling=last")(STATES, LENGTHS)
    torch.testing.assert_close(memory.vectors[:, 0], thought([[-9.0, -3.0, -3.0, 4.0], ALONE]))


def test_last_pooling_takes_the_end_of_a_transformer() -> None:
    memory = bottleneck("model.pooling=last", "model.encoder=transformer")(STATES, LENGTHS)
    torch.testing.assert_close(memory.vectors[:, 0], thought([[-9.0, -3.0, -2.0, 1.0], ALONE]))


def test_attention_that_cares_for_nothing_is_the_mean() -> None:
    pooling = bottleneck("model.pooling=attention")
    torch.nn.init.zeros_(pooling.scores.weight)
    torch.nn.init.zeros_(pooling.scores.bias)
    memory = pooling(STATES, LENGTHS)
    torch.testing.assert_close(memory.vectors[:, 0], thought([[-5.0, -13 / 3, -4.0, -1 / 3], ALONE]))


def test_each_query_and_head_attends_by_itself() -> None:
    pooling = bottleneck("model.pooling=attention", "model.bottleneck=2")  # 2 queries x 2 heads
    torch.nn.init.zeros_(pooling.scores.bias)
    with torch.no_grad():
        pooling.scores.weight.copy_(
            1000 * torch.tensor([[0, 0, 0, 1.0], [1.0, 0, 0, 0], [0, 1.0, 0, 0], [-1.0, 0, 0, 0]])
        )
    vectors = pooling(STATES[:1], LENGTHS[:1]).vectors  # (1, 2, 4): the first half by head 1, the second by head 2
    first = [-1.0, -8.0, -3.0, 4.0]  # steps 0 (largest last number) and 0 (largest first number)
    second = [-5.0, -2.0, -2.0, 1.0]  # steps 1 (largest second number) and 2 (smallest first number)
    torch.testing.assert_close(vectors[0], thought([first, second]))


def test_without_a_bottleneck_the_memory_is_every_state() -> None:
    memory = bottleneck("model.bottleneck=none")(STATES, LENGTHS)
    torch.testing.assert_close(memory.vectors[0], thought(STATES[0].tolist()))
    assert memory.is_padding.tolist() == [[False, False, False], [False, True, True]]


@pytest.mark.parametrize(("count", "pooling"), [(1, "max"), (1, "attention"), (5, "attention")])
def test_the_thought_has_a_fixed_size_and_is_never_padding(count: int, pooling: str) -> None:
    pool = bottleneck(f"model.bottleneck={count}", f"model.pooling={pooling}")
    for steps in (1, 3):
        memory = pool(STATES[:, :steps], LENGTHS.clamp(max=steps))
        assert memory.vectors.shape == (2, count, 4)
        assert memory.is_padding.shape == (2, count)
        assert not memory.is_padding.any()


def test_a_thought_has_mean_zero_and_variance_one() -> None:
    vectors = bottleneck("model.pooling=max")(STATES, LENGTHS).vectors
    torch.testing.assert_close(vectors.mean(dim=-1), torch.zeros(2, 1), rtol=0, atol=1e-6)
    torch.testing.assert_close(vectors.var(dim=-1, unbiased=False), torch.ones(2, 1), rtol=1e-3, atol=0)


@pytest.mark.parametrize("pooling", ["attention", "mean", "max", "last"])
def test_padding_reaches_neither_the_thought_nor_a_gradient(pooling: str) -> None:
    pool = bottleneck(f"model.pooling={pooling}")
    states = STATES.clone().requires_grad_()
    pool(states, LENGTHS).vectors.square().sum().backward()
    assert states.grad is not None
    assert torch.equal(states.grad[1, 1:], torch.zeros(2, 4))
    other = torch.where(STATES == 99, torch.tensor(-55.0), STATES)
    assert torch.equal(pool(STATES, LENGTHS).vectors, pool(other, LENGTHS).vectors)


def test_any_number_of_heads_pools_any_width() -> None:
    pooling = Bottleneck(tiny("model.pooling=attention", "model.heads=4", "model.encoder_size=5").model, 10)
    assert pooling(torch.randn(2, 3, 10), LENGTHS).vectors.shape == (2, 1, 12)
