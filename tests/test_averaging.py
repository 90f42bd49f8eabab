"""The running average of weights, by hand."""

from __future__ import annotations

import pytest
import torch
from worlds import tiny

from thought.averaging import EVERY, RunningAverage
from thought.model import Model


@pytest.fixture
def model() -> Model:
    torch.manual_seed(0)
    return Model(tiny().model, 20)


def fill(model: Model, value: float) -> None:
    for weight in model.parameters():
        weight.data.fill_(value)


def test_it_begins_as_the_weights_and_does_not_share_their_memory(model: Model) -> None:
    average = RunningAverage(model, 0.9)
    before = average.tensors["embedding.weight"].clone()
    fill(model, 7.0)
    torch.testing.assert_close(average.tensors["embedding.weight"], before)


def test_late_steps_move_it_by_the_decay(model: Model) -> None:
    fill(model, 0.0)
    average = RunningAverage(model, 0.9)
    fill(model, 1.0)
    average.follow(1_000 * EVERY)
    expected = torch.full((20, 8), 1 - 0.9**EVERY)
    torch.testing.assert_close(average.tensors["embedding.weight"], expected)


def test_early_steps_are_forgotten_sooner(model: Model) -> None:
    fill(model, 0.0)
    average = RunningAverage(model, 0.999)
    fill(model, 1.0)
    average.follow(0)
    assert float(average.tensors["embedding.weight"][0, 0]) == pytest.approx(0.9)  # keeps 1 / 10


def test_between_updates_nothing_moves(model: Model) -> None:
    fill(model, 0.0)
    average = RunningAverage(model, 0.9)
    fill(model, 1.0)
    average.follow(EVERY + 1)
    assert not any(tensor.any() for tensor in average.tensors.values())


def test_without_decay_it_is_the_last_weights(model: Model) -> None:
    average = RunningAverage(model, 0.0)
    fill(model, 3.0)
    average.follow(EVERY)
    assert all((tensor == 3).all() for tensor in average.tensors.values())


def test_the_model_it_gives_is_another_one(model: Model) -> None:
    average = RunningAverage(model, 0.5)
    fill(model, 5.0)
    given = average.as_model()
    torch.testing.assert_close(given.embedding.weight.data, average.tensors["embedding.weight"])
    assert model.embedding.weight[0, 0].item() == 5.0
    assert given.encoder.embedding is given.embedding, "tied tables stay tied"
