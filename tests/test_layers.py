"""Our layers against torch's own, against float64 and against numbers done by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from thought.layers import GRU, Attention, Dropout

BATCH, STEPS, INPUTS, SIZE, CONSTANT = 4, 5, 3, 6, 2
RAGGED = torch.tensor([5, 3, 1, 4])
FULL = torch.tensor([5, 5, 5, 5])


def is_real(lengths: Tensor) -> Tensor:
    """(B, T, 1), true where a step is no padding."""
    return (torch.arange(STEPS) < lengths[:, None])[..., None]


def reference_gru(layer: GRU) -> nn.GRU:
    """torch's layer in float64 with our weights; a constant is part of its input."""
    inputs = INPUTS + (CONSTANT if layer.constant is not None else 0)
    result = nn.GRU(inputs, SIZE, batch_first=True, bidirectional=layer.directions == 2).double()
    with torch.no_grad():
        for direction, suffix in enumerate(("l0", "l0_reverse")[: layer.directions]):
            rows = slice(direction * 3 * SIZE, (direction + 1) * 3 * SIZE)
            weights = [layer.input.weight[rows]] + ([layer.constant.weight] if layer.constant is not None else [])
            getattr(result, f"weight_ih_{suffix}").copy_(torch.cat(weights, dim=1))
            getattr(result, f"bias_ih_{suffix}").copy_(layer.input.bias[rows])
            getattr(result, f"weight_hh_{suffix}").copy_(layer.recurrent[direction].t())
            getattr(result, f"bias_hh_{suffix}").zero_()
            getattr(result, f"bias_hh_{suffix}")[2 * SIZE :] = layer.proposal_bias[direction, 0]
    return result


def gru_case(directions: int, has_constant: bool) -> tuple[GRU, dict[str, Tensor]]:
    torch.manual_seed(3)
    layer = GRU(INPUTS, SIZE, constant_size=CONSTANT if has_constant else 0, is_bidirectional=directions == 2)
    nn.init.normal_(layer.proposal_bias)
    given = {"inputs": torch.randn(BATCH, STEPS, INPUTS, requires_grad=True)}
    if has_constant:
        given["constant"] = torch.randn(BATCH, CONSTANT, requires_grad=True)
        given["first"] = torch.randn(BATCH, SIZE, requires_grad=True)
    return layer, given


CASES = [(1, False), (1, True), (2, False)]


@pytest.mark.parametrize("lengths", [RAGGED, FULL], ids=["ragged", "full"])
@pytest.mark.parametrize(("directions", "has_constant"), CASES)
def test_our_gru_is_that_of_torch_in_states_and_gradients(directions: int, has_constant: bool, lengths: Tensor) -> None:
    layer, given = gru_case(directions, has_constant)
    reference = reference_gru(layer)
    inputs = given["inputs"].double()
    if has_constant:
        inputs = torch.cat([inputs, given["constant"].double()[:, None].expand(-1, STEPS, -1)], dim=-1)
    first = given["first"].double()[None] if has_constant else None
    packed = nn.utils.rnn.pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    expected, _ = nn.utils.rnn.pad_packed_sequence(reference(packed, first)[0], batch_first=True, total_length=STEPS)
    states = layer(given["inputs"], lengths=lengths, constant=given.get("constant"), first=given.get("first"))
    assert states.dtype == torch.float32
    torch.testing.assert_close(states * is_real(lengths), expected.float(), rtol=1e-5, atol=1e-6)

    upstream = torch.randn(states.shape) * is_real(lengths)
    ours = torch.autograd.grad((states * upstream).sum(), [*given.values(), layer.recurrent, layer.proposal_bias])
    names = ["l0", "l0_reverse"][:directions]
    theirs = torch.autograd.grad(
        (expected * upstream).sum(),
        [*given.values(), *(getattr(reference, f"{kind}_hh_{name}") for kind in ("weight", "bias") for name in names)],
    )
    count = len(given)
    for mine, other in zip(ours[:count], theirs[:count], strict=True):
        torch.testing.assert_close(mine, other.float(), rtol=1e-4, atol=1e-5)
    weight, bias = ours[count:]
    for direction in range(directions):
        torch.testing.assert_close(weight[direction], theirs[count + direction].t().float(), rtol=1e-4, atol=1e-5)
        other = theirs[count + directions + direction][2 * SIZE :].float()
        torch.testing.assert_close(bias[direction, 0], other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("directions", "has_constant"), CASES)
def test_the_kernels_for_a_gpu_compute_the_same_layer(directions: int, has_constant: bool) -> None:
    layer, given = gru_case(directions, has_constant)
    lengths = RAGGED if directions == 2 else FULL
    states = layer(given["inputs"], lengths=lengths, constant=given.get("constant"), first=given.get("first"))
    first = given.get("first", torch.zeros(BATCH, SIZE)).expand(directions, -1, -1)
    expected = layer._built_in(given["inputs"], lengths, given.get("constant"), first)
    torch.testing.assert_close(states * is_real(lengths), expected, rtol=1e-5, atol=1e-6)
    upstream = torch.randn(states.shape) * is_real(lengths)
    wanted = [*given.values(), *layer.parameters()]
    ours = torch.autograd.grad((states * upstream).sum(), wanted)
    theirs = torch.autograd.grad((expected * upstream).sum(), wanted)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("directions", [1, 2])
def test_what_stands_behind_the_end_of_a_row_changes_none_of_its_states(directions: int) -> None:
    layer, given = gru_case(directions, has_constant=False)
    inputs = given["inputs"].detach()
    other = torch.where(is_real(RAGGED), inputs, torch.full_like(inputs, 9.0))
    states, changed = layer(inputs, lengths=RAGGED), layer(other, lengths=RAGGED)
    assert torch.equal(states * is_real(RAGGED), changed * is_real(RAGGED))


def test_a_row_of_a_gru_is_the_same_alone() -> None:
    layer, given = gru_case(2, has_constant=False)
    states = layer(given["inputs"], lengths=RAGGED)
    for row, length in enumerate(RAGGED.tolist()):
        alone = layer(given["inputs"][row : row + 1, :length])
        torch.testing.assert_close(states[row : row + 1, :length], alone, rtol=1e-5, atol=1e-6)


def test_steps_of_a_gru_in_a_loop_give_its_forward() -> None:
    layer, given = gru_case(1, has_constant=True)
    states = layer(given["inputs"], constant=given["constant"], first=given["first"])
    state = given["first"]
    gates = layer.input_gates(given["inputs"]) + layer.constant_gates(given["constant"])[:, None]
    for step in range(STEPS):
        state = layer.step(gates[:, step], state)
        torch.testing.assert_close(state, states[:, step], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("directions", [1, 2])
def test_a_gru_that_remembers_nothing_for_learning_gives_the_same_states(directions: int) -> None:
    layer, given = gru_case(directions, has_constant=False)
    states = layer(given["inputs"], lengths=RAGGED)
    with torch.no_grad():
        again = layer(given["inputs"], lengths=RAGGED)
    torch.testing.assert_close(again, states, rtol=1e-6, atol=1e-6)


def test_a_gru_cell_by_hand() -> None:
    layer = GRU(1, 1)
    with torch.no_grad():
        layer.input.weight.copy_(torch.tensor([[0.0], [0.0], [1.0]]))
        layer.input.bias.copy_(torch.tensor([0.0, math.log(3), 0.0]))  # update gate 3/4
        layer.recurrent.zero_()
        layer.proposal_bias.fill_(2.0)  # behind a reset gate of 1/2: adds 1
    states = layer(torch.tensor([[[-1.0], [0.0]]]), first=torch.tensor([[0.8]]))
    second = 0.75 * 0.6 + 0.25 * math.tanh(1)  # the first proposal is tanh(-1 + 1) = 0
    torch.testing.assert_close(states[0, :, 0], torch.tensor([0.6, second]))


@pytest.mark.parametrize("directions", [1, 2])
def test_half_precision_stays_near_and_states_stay_float32(directions: int) -> None:
    layer, given = gru_case(directions, has_constant=False)
    expected = layer(given["inputs"], lengths=RAGGED)
    with torch.autocast("cpu", torch.bfloat16):
        states = layer(given["inputs"], lengths=RAGGED)
    states.sum().backward()
    assert states.dtype == torch.float32
    assert layer.recurrent.grad is not None
    assert layer.recurrent.grad.dtype == torch.float32
    torch.testing.assert_close(states * is_real(RAGGED), expected * is_real(RAGGED), rtol=0.05, atol=0.05)


@pytest.mark.parametrize("is_shared", [True, False])
def test_dropout_keeps_the_expectation_and_its_input(is_shared: bool) -> None:
    torch.manual_seed(5)
    ones = torch.ones(100, 3, 333)  # not a multiple of eight
    dropped = Dropout(0.25, is_shared=is_shared)(ones)
    assert float(dropped.mean()) == pytest.approx(1, abs=0.02)
    assert torch.all(ones == 1)
    assert sorted(set(dropped.flatten().tolist())) == pytest.approx([0, 4 / 3])
    assert float((dropped == 0).float().mean()) == pytest.approx(0.25, abs=0.01)


def test_a_shared_mask_serves_all_steps_of_a_row_and_no_other_row() -> None:
    torch.manual_seed(6)
    dropped = Dropout(0.5, is_shared=True)(torch.ones(2, 4, 64))
    assert all(torch.equal(dropped[:, 0], dropped[:, step]) for step in range(4))
    assert not torch.equal(dropped[0], dropped[1])
    own = Dropout(0.5, is_shared=False)(torch.ones(2, 4, 64))
    assert not torch.equal(own[:, 0], own[:, 1])


@pytest.mark.parametrize("is_shared", [True, False])
def test_dropout_does_nothing_outside_training_or_with_nothing_to_drop(is_shared: bool) -> None:
    inputs = torch.randn(2, 3, 4)
    assert Dropout(0.5, is_shared=is_shared).eval()(inputs) is inputs
    assert Dropout(0.0, is_shared=is_shared)(inputs) is inputs


@pytest.mark.parametrize("is_shared", [True, False])
def test_dropout_stays_finite_for_every_share_that_settings_allow(is_shared: bool) -> None:
    assert torch.isfinite(Dropout(0.9999, is_shared=is_shared)(torch.ones(2, 3, 4))).all()


@pytest.mark.parametrize("is_shared", [True, False])
def test_gradients_pass_where_dropout_kept(is_shared: bool) -> None:
    inputs = torch.ones(2, 3, 40, requires_grad=True)
    dropped = Dropout(0.5, is_shared=is_shared)(inputs)
    dropped.sum().backward()
    assert torch.equal(inputs.grad, dropped.detach())


def test_attention_over_one_vector_is_that_vector() -> None:
    attention = Attention(6, 4, 2)
    memory = torch.randn(2, 1, 4)
    keys, values = attention.remember(memory)
    mixed = attention(torch.randn(2, 3, 6), keys, values)
    expected = attention.merge(values).expand(-1, 3, -1)
    assert torch.equal(mixed, expected)
    beside = torch.cat([memory, torch.randn(2, 1, 4)], dim=1)  # the way of many vectors, all but one hidden
    is_hidden = torch.tensor([False, True])[None, None, None]
    others = attention(torch.randn(2, 3, 6), *attention.remember(beside), is_hidden)
    torch.testing.assert_close(others, expected, rtol=1e-5, atol=1e-6)


def test_attention_is_that_of_torch_head_by_head() -> None:
    torch.manual_seed(7)
    attention = Attention(6, 4, 2)
    queries, memory = torch.randn(2, 3, 6), torch.randn(2, 5, 4)
    is_hidden = torch.arange(5) >= torch.tensor([5, 2])[:, None]  # (B, K)
    mixed = attention(queries, *attention.remember(memory), is_hidden[:, None, None])
    keys, values = attention.key_value(memory).chunk(2, dim=-1)
    heads = [
        F.scaled_dot_product_attention(query, key, value, attn_mask=~is_hidden[:, None])
        for query, key, value in zip(
            attention.query(queries).split(3, dim=-1), keys.split(3, dim=-1), values.split(3, dim=-1), strict=True
        )
    ]
    torch.testing.assert_close(mixed, attention.merge(torch.cat(heads, dim=-1)), rtol=1e-5, atol=1e-6)
