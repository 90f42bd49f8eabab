"""Encoders: the two are interchangeable, and padding reaches no state."""

from __future__ import annotations

import inspect
import math

import pytest
import torch
from worlds import toy_model

from thought.encoder import GRUEncoder, TransformerEncoder, embed, sinusoids

KINDS = ["gru", "transformer"]


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_a_sentence_has_one_state_a_token(kind: str, layers: int) -> None:
    encoder = toy_model(f"model.encoder={kind}", f"model.encoder_layers={layers}").encoder
    states = encoder(torch.tensor([[5, 6, 7, 2], [8, 2, 0, 0]]), torch.tensor([4, 2]))
    assert states.shape == (2, 4, encoder.size)
    assert encoder.size == (16 if kind == "gru" else 8)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_padding_reaches_no_state_of_a_token(kind: str, layers: int) -> None:
    encoder = toy_model(f"model.encoder={kind}", f"model.encoder_layers={layers}").encoder
    lengths = torch.tensor([4, 2])
    states = encoder(torch.tensor([[5, 6, 7, 2], [8, 2, 0, 0]]), lengths)
    wider = encoder(torch.tensor([[5, 6, 7, 2, 9, 9], [8, 2, 9, 9, 9, 9]]), lengths)
    torch.testing.assert_close(states[0], wider[0, :4], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(states[1, :2], wider[1, :2], rtol=1e-5, atol=1e-5)
    alone = encoder(torch.tensor([[8, 2]]), torch.tensor([2]))
    torch.testing.assert_close(states[1:, :2], alone, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_state_sees_the_whole_sentence_and_its_order(kind: str) -> None:
    encoder, lengths = toy_model(f"model.encoder={kind}").encoder, torch.tensor([3])
    states = encoder(torch.tensor([[5, 6, 7]]), lengths)
    last_changed = encoder(torch.tensor([[5, 6, 8]]), lengths)
    first_changed = encoder(torch.tensor([[8, 6, 7]]), lengths)
    swapped = encoder(torch.tensor([[6, 5, 7]]), lengths)
    assert not torch.allclose(states[0, 0], last_changed[0, 0])
    assert not torch.allclose(states[0, 2], first_changed[0, 2])
    assert not torch.allclose(states[0, 2], swapped[0, 2])


@pytest.mark.parametrize("encoder", [GRUEncoder, TransformerEncoder])
def test_the_encoder_is_not_told_the_language(encoder: type) -> None:
    assert list(inspect.signature(encoder.forward).parameters) == ["self", "tokens", "lengths"]


@pytest.mark.parametrize("kind", KINDS)
def test_layers_and_dropout_are_those_of_the_settings(kind: str) -> None:
    model = toy_model(f"model.encoder={kind}", "model.encoder_layers=3", "model.dropout=0.5")
    assert len(model.encoder.layers) == 3
    tokens, lengths = torch.tensor([[5, 6, 7]]), torch.tensor([3])
    assert torch.equal(model.encoder(tokens, lengths), model.encoder(tokens, lengths))
    model.train()
    assert not torch.equal(model.encoder(tokens, lengths), model.encoder(tokens, lengths))


def test_embeddings_are_brought_to_unit_scale() -> None:
    table = torch.nn.Embedding(2, 16)
    torch.nn.init.constant_(table.weight, 0.25)
    assert torch.equal(embed(table, torch.tensor([[1]])), torch.ones(1, 1, 16))


def test_position_codes_by_hand() -> None:
    codes = sinusoids(torch.tensor([0, 1, 2]), 4)  # rates 1 and 1/100
    expected = [[0, 0, 1, 1]] + [
        [math.sin(place), math.sin(place / 100), math.cos(place), math.cos(place / 100)] for place in (1, 2)
    ]
    torch.testing.assert_close(codes, torch.tensor(expected, dtype=torch.float32))
    assert sinusoids(torch.tensor([3]), 5).shape == (1, 5)
