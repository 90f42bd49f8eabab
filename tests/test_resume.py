"""State of a run: what goes into the file comes out of it, and what does not fit is named."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from worlds import tiny

from thought.batching import Position
from thought.errors import CheckpointError
from thought.model import Model
from thought.resume import State, load_state, save_state, state_path


def trained(seed: int, *settings: str, steps: int = 2) -> tuple[Model, dict[str, torch.Tensor], torch.optim.Optimizer]:
    """A model that has seen a few steps, its average and its optimizer."""
    torch.manual_seed(seed)
    model = Model(tiny(*settings).model, 20)
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    for _ in range(steps):
        for weight in model.parameters():
            weight.grad = torch.randn_like(weight)
        optimizer.step()
    return model, {name: torch.randn_like(weight) for name, weight in model.named_parameters()}, optimizer


def test_weights_average_moments_and_state_come_back_in_the_same_bits(tmp_path: Path) -> None:
    model, average, optimizer = trained(1)
    state = State(step=7, seconds=1.5, position=Position(1, 2, 3, 0.25), best={"step": 5, "bleu": 9.5}, worse=2)
    save_state(tmp_path, model, average, optimizer, state)
    other, other_average, other_optimizer = trained(2, steps=0)
    loaded = load_state(tmp_path, other, other_average, other_optimizer)
    assert loaded == state
    for ours, theirs in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(ours, theirs)
        for kind, moment in optimizer.state[ours].items():
            assert torch.equal(moment, other_optimizer.state[theirs][kind])
    assert all(torch.equal(average[name], other_average[name]) for name in average)


def test_the_next_step_is_the_same_too(tmp_path: Path) -> None:
    model, average, optimizer = trained(1)
    save_state(tmp_path, model, average, optimizer, State())
    other, other_average, other_optimizer = trained(2, steps=0)
    load_state(tmp_path, other, other_average, other_optimizer)
    for each, its_optimizer in ((model, optimizer), (other, other_optimizer)):
        for weight in each.parameters():
            weight.grad = torch.ones_like(weight)
        its_optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))


def test_a_state_of_another_model_is_refused(tmp_path: Path) -> None:
    save_state(tmp_path, *trained(1), State())
    with pytest.raises(CheckpointError, match="shape"):
        load_state(tmp_path, *trained(1, "model.thought_size=16", steps=0))


def test_a_run_without_a_state_says_so(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no"):
        load_state(tmp_path, *trained(1, steps=0))
    assert state_path(tmp_path).name == "state.safetensors"
