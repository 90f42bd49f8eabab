"""Languages written with their own pieces: the loss, what is written, what is scored, what is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from worlds import (
    LANGUAGES,
    OWN,
    own_translator,
    tiny,
    toy_corpus,
    toy_model,
    toy_pieces,
    toy_store,
    toy_tokenizer,
    toy_translator,
)

from thought.checkpoint import load_tensors, save_tensors
from thought.errors import CheckpointError, StoreError, TokenizerError
from thought.loss import translation_loss
from thought.padding import Batch, source_batch
from thought.pieces import Pieces
from thought.store import Store
from thought.training import train
from thought.translator import Translator

CPU = torch.device("cpu")


def rows() -> Batch:
    """Five rows in three languages, one of them only encoded."""
    generator, size = torch.Generator().manual_seed(1), toy_tokenizer().vocabulary_size
    pieces, tags = toy_pieces(), [4, 3, 5, 3, 4]
    lengths = [3, 5, 2, 0, 4]
    target_out = torch.zeros((5, 6), dtype=torch.long)
    target_in = torch.zeros_like(target_out)
    for row, (tag, length) in enumerate(zip(tags, lengths, strict=True)):
        own = pieces.of(tag)[1:]
        target_in[row, 0] = tag
        if length:
            drawn = own[torch.randint(len(own), (length,), generator=generator)]
            target_in[row, 1 : length + 1] = drawn
            target_out[row, : length + 1] = torch.cat([drawn, torch.tensor([2])])
    sources = [torch.randint(6, size, (1 + row,), generator=generator).tolist() for row in range(5)]
    return Batch(*source_batch(sources), target_in, target_out, is_paired=False)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_is_that_of_a_softmax_over_the_pieces_of_each_rows_language(smoothing: float) -> None:
    model, batch, pieces = toy_model(vocabulary_size=toy_tokenizer().vocabulary_size), rows(), toy_pieces()
    losses = translation_loss(model, batch, tiny(f"loss.label_smoothing={smoothing}").loss, pieces)
    found = torch.autograd.grad(losses.translation, list(model.parameters()), allow_unused=True)
    logits = model(batch.source, batch.source_length, batch.target_in)  # (B, T, V)
    total, plain = torch.zeros(()), torch.zeros(())
    for row, tag in enumerate(batch.target_in[:, 0].tolist()):
        for column, target in enumerate(batch.target_out[row].tolist()):
            if target:
                chances = logits[row, column, pieces.of(tag)].log_softmax(dim=-1)
                right = chances[pieces.of(tag).tolist().index(target)]
                plain = plain - right
                total = total - (1 - smoothing) * right - smoothing * chances.mean()
    torch.testing.assert_close(losses.translation, total)
    torch.testing.assert_close(losses.likelihood, plain.detach())
    expected = torch.autograd.grad(total, list(model.parameters()), allow_unused=True)
    for one, other in zip(found, expected, strict=True):
        if other is not None:
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_a_batch_that_writes_nothing_costs_nothing() -> None:
    model, batch = toy_model(vocabulary_size=toy_tokenizer().vocabulary_size), rows()
    batch.target_out.zero_()
    losses = translation_loss(model, batch, tiny().loss, toy_pieces())
    assert losses.translation.item() == 0
    losses.translation.backward()


def test_a_score_is_a_chance_and_finite_for_foreign_pieces_too() -> None:
    translator, pieces = own_translator(), toy_pieces()
    thought = translator.encode(["rabe vira kilu mato"])
    logits = torch.randn((2, 3, translator.tokenizer.vocabulary_size), generator=torch.Generator().manual_seed(1))
    tempered = pieces.temper(logits, [3, 4])
    for row, tag in enumerate((3, 4)):
        is_foreign = pieces.is_foreign(tag)
        torch.testing.assert_close(tempered[row][:, ~is_foreign], logits[row][:, ~is_foreign])
        least = logits[row][:, ~is_foreign].amin(dim=-1, keepdim=True).expand(-1, int(is_foreign.sum()))
        torch.testing.assert_close(tempered[row][:, is_foreign], least)
    texts = [text for meaning in toy_corpus(9, 0).read("train") for row in meaning.sentences.values() for text in row]
    for code in LANGUAGES:
        scores = translator.score(np.repeat(thought, len(texts), axis=0), texts, code)
        assert np.isfinite(scores).all()
        assert (scores < 0).all()


def test_a_score_is_the_sum_of_log_chances_of_the_tempered_logits() -> None:
    translator = own_translator()
    text, code = "kilu lomu domi solu", LANGUAGES[0]
    ids = translator.tokenizer.encode([text])[0]
    thought = translator.encode([text])
    tag = translator.tokenizer.tag(code)
    with torch.no_grad():
        logits = translator.model(*source_batch([ids]), torch.tensor([[tag, *ids]]))  # (1, T, V)
        expected = -F.cross_entropy(toy_pieces().temper(logits, [tag])[0], torch.tensor([*ids, 2]), reduction="sum")
    assert translator.score(thought, [text], code)[0] == pytest.approx(float(expected), rel=1e-5)


def test_the_store_tells_the_pieces_of_each_language(tmp_path: Path) -> None:
    store, tokenizer = toy_store(tmp_path, 20), toy_tokenizer()
    expected: dict[str, set[int]] = {code: set() for code in LANGUAGES}
    for meaning in toy_corpus(20, 0).read("train"):
        for code, texts in meaning.sentences.items():
            expected[code].update(*tokenizer.encode(list(texts)))
    assert {code: set(ids) for code, ids in store.pieces.items()} == expected
    assert Store(tmp_path, "train").pieces == store.pieces


def test_a_store_without_pieces_says_how_to_go_on(tmp_path: Path) -> None:
    store = toy_store(tmp_path, 3)
    del store.facts["pieces"]
    with pytest.raises(StoreError, match="delete"):
        _ = store.pieces


def test_a_run_with_pieces_is_trained_saved_and_opened(tmp_path: Path) -> None:
    config = tiny(OWN, "training.steps=6", "training.evaluate_every=3")
    train(config, tmp_path / "run", corpus=toy_corpus())
    for weights in ("best", "last", "averaged"):
        opened = Translator.load(tmp_path / "run", device="cpu", weights=weights)  # type: ignore[arg-type]
        assert opened.pieces is not None
        assert opened.pieces.own == {
            code: sorted(ids) for code, ids in Store(tmp_path / "run" / "prepared", "train").pieces.items()
        }
    opened.save(tmp_path / "copy")
    again = Translator.load(tmp_path / "copy", device="cpu")
    assert again.pieces is not None
    assert again.pieces.own == opened.pieces.own
    texts = ["rabe vira kilu mato", "domi lomu sanu solu"]
    assert again.translate(texts, "bb", beam=2) == opened.translate(texts, "bb", beam=2)
    assert opened.untrained(3).pieces is opened.pieces


@pytest.mark.parametrize("own", [None, {}, {"aa": [6]}, {"aa": [6], "bb": [6], "cc": []}], ids=str)
def test_weights_without_their_pieces_are_refused(tmp_path: Path, own: dict[str, list[int]] | None) -> None:
    own_translator().save(tmp_path / "run")
    path = tmp_path / "run" / "model.safetensors"
    save_tensors(path, load_tensors(path)[0], {"step": 7, "pieces": own})
    with pytest.raises(TokenizerError, match="no pieces of .*cc"):
        Translator.load(tmp_path / "run", device="cpu")


def test_a_translator_has_pieces_where_its_settings_say_so_and_only_there() -> None:
    plain = toy_translator()
    with pytest.raises(CheckpointError, match="pieces"):
        Translator(plain.model, plain.tokenizer, tiny(OWN))
    with pytest.raises(CheckpointError, match="pieces"):
        Translator(plain.model, plain.tokenizer, tiny(), pieces=toy_pieces())


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"aa": [7], "bb": [8]}, "cc"),
        ({"aa": [7], "bb": [8], "cc": []}, "cc"),
        ({"aa": [7], "bb": [5], "cc": [9]}, "bb"),
        ({"aa": [7], "bb": [8], "cc": [100_000]}, "cc"),
    ],
    ids=["missing", "empty", "tag", "beyond"],
)
def test_pieces_that_do_not_fit_the_tokenizer_are_refused(own: dict[str, list[int]], message: str) -> None:
    with pytest.raises(TokenizerError, match=message):
        Pieces(own, toy_tokenizer(), CPU)


def test_places_are_where_pieces_stand_among_their_own() -> None:
    pieces = Pieces({"aa": [9, 7], "bb": [2, 8], "cc": [11]}, toy_tokenizer(), CPU)
    assert pieces.of(3).tolist() == [2, 7, 9]
    assert pieces.places(3, torch.tensor([9, 2, 8, 7])).tolist() == [2, 0, -1, 1]
    assert pieces.of(4).tolist() == [2, 8]
    assert (~pieces.is_foreign(4)).nonzero()[:, 0].tolist() == [2, 8]
