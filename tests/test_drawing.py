"""Rows drawn from meanings: only what may be trained, paired, noised and hidden as the settings say."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from batches import SIZE, all_rows, directions_of, epoch_of, language_of, number_of, said
from worlds import LANGUAGES, tiny, toy_corpus, toy_store, toy_tokenizer

from thought import batching
from thought.batching import Batches, Position
from thought.corpus import Meaning
from thought.errors import CorpusError
from thought.store import Store, prepare
from thought.tokenizer import END, PAD, UNKNOWN


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return toy_store(tmp_path_factory.mktemp("store"), SIZE)


@pytest.fixture
def small_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pools of 7 meanings: an epoch of 20 has three."""
    monkeypatch.setattr(batching, "POOL", 7)


def test_the_encoder_is_never_told_a_language(store: Store) -> None:
    tags = set(toy_tokenizer().tags.values())
    for batch in epoch_of(Batches(store, toy_tokenizer(), tiny("loss.source_dropout=0.2"))):
        assert not tags & set(batch.source.flatten().tolist())


def test_source_and_target_say_the_same_and_the_tag_names_the_language(store: Store) -> None:
    for source, language, target in all_rows(Batches(store, toy_tokenizer(), tiny())):
        assert number_of(source) == number_of(target)
        assert language == language_of(target)
        assert source != target


def test_without_directions_any_language_goes_to_any_and_to_paraphrases(store: Store) -> None:
    batches = Batches(store, toy_tokenizer(), tiny())
    found = directions_of([row for epoch in range(12) for row in all_rows(batches, epoch)])
    every = {f"{source}-{target}" for source in LANGUAGES for target in LANGUAGES if source != target}
    assert set(found) == every | {"aa-aa"}  # only aa has two wordings


def test_no_hash_decides_the_order_in_which_directions_are_drawn(store: Store) -> None:
    """Processes have different hashes, and a direction is drawn by its place."""
    directions = Batches(store, toy_tokenizer(), tiny("data.directions=cc-bb,aa-bb,bb-aa,aa-cc")).directions
    assert directions == [(0, 1), (0, 2), (1, 0), (2, 1)]


def test_only_named_directions_are_trained(store: Store) -> None:
    batches = Batches(store, toy_tokenizer(), tiny("data.directions=aa-bb,cc-bb"))
    found = directions_of([row for epoch in range(4) for row in all_rows(batches, epoch)])
    assert set(found) == {"aa-bb", "cc-bb"}


@pytest.mark.parametrize("align", ["none", "infonce"])
def test_a_direction_held_out_is_never_trained(store: Store, align: str) -> None:
    batches = Batches(store, toy_tokenizer(), tiny("data.hold_out=aa-bb", f"loss.align={align}"))
    rows = [row for epoch in range(12) for row in all_rows(batches, epoch) if row[2]]  # those with a target
    found = directions_of(rows)
    assert "aa-bb" not in found
    assert {"bb-aa", "aa-cc", "cc-bb"} <= set(found)


def test_without_paraphrases_only_the_first_wording_is_drawn(store: Store) -> None:
    batches = Batches(store, toy_tokenizer(), tiny("data.paraphrase_share=0"))
    texts = {text for epoch in range(8) for row in all_rows(batches, epoch) for text in (row[0], row[2])}
    assert not any(" su " in text for text in texts)
    batches = Batches(store, toy_tokenizer(), tiny("data.paraphrase_share=1"))
    assert any(" su " in text for epoch in range(8) for row in all_rows(batches, epoch) for text in (row[0], row[2]))


def test_a_paraphrase_is_never_the_sentence_itself(store: Store) -> None:
    batches = Batches(store, toy_tokenizer(), tiny("data.directions=aa-aa"))
    rows = [row for epoch in range(6) for row in all_rows(batches, epoch)]
    assert len(rows) == 6 * SIZE / 2  # only every other meaning has two wordings
    assert all(source != target for source, _, target in rows)


@pytest.mark.usefixtures("small_pools")
def test_paired_rows_are_two_sentences_of_one_meaning_each_asked_for_the_other(store: Store) -> None:
    batches = Batches(store, toy_tokenizer(), tiny("loss.align=infonce"))
    numbers = []
    for batch in epoch_of(batches):
        assert batch.is_paired
        rows = said(batch)
        for there, back in zip(rows[0::2], rows[1::2], strict=True):
            assert (there[0], there[2]) == (back[2], back[0])
            assert number_of(there[0]) == number_of(back[0])
            numbers.append(number_of(there[0]))
    assert sorted(numbers) == list(range(SIZE))


def test_the_other_way_of_a_pair_is_only_encoded_where_it_may_not_be_trained(store: Store) -> None:
    batches = Batches(store, toy_tokenizer(), tiny("loss.align=mse", "data.directions=aa-bb"))
    for batch in epoch_of(batches):
        rows = said(batch)
        for there, back in zip(rows[0::2], rows[1::2], strict=True):
            assert back[0] == there[2]
            assert back[2] == ""
        assert not (batch.target_out[1::2] != PAD).any()
        assert batch.target_tokens == int((batch.target_out[0::2] != PAD).sum())


def test_pairs_are_drawn_into_the_same_languages_with_and_without_alignment(store: Store) -> None:
    shares = []
    for extra in ((), ("loss.align=infonce",)):
        batches = Batches(store, toy_tokenizer(), tiny("training.batch_tokens=5000", *extra))
        first = torch.cat([batch.target_in[:, 0] for epoch in range(12) for batch in epoch_of(batches, epoch)])
        shares.append([float((first == tag).float().mean()) for tag in toy_tokenizer().tags.values()])
    assert shares[0] == pytest.approx(shares[1], abs=0.12)


def test_pairs_that_are_only_aligned_say_the_same_in_any_two_wordings(store: Store) -> None:
    batches = Batches(
        store, toy_tokenizer(), tiny("loss.align=infonce", "loss.align_meanings=9", "data.hold_out=aa-bb")
    )
    for batch in epoch_of(batches):
        assert batch.aligned is not None
        assert batch.aligned_rows == len(batch.source) + 18
        chunks = [(tokens.tolist(), lengths.tolist()) for tokens, lengths in batch.aligned.chunks]
        rows = [row[:length] for chunk in chunks for row, length in zip(*chunk, strict=True)]
        texts = toy_tokenizer().decode([rows[place] for place in batch.aligned.places.tolist()])
        for first, second in zip(texts[::2], texts[1::2], strict=True):
            assert number_of(first) == number_of(second)
            assert first != second


def test_processes_share_the_pairs_that_are_only_aligned(store: Store) -> None:
    config = tiny("loss.align=infonce", "loss.align_meanings=9")
    whole, *parts = (
        [batch.aligned for batch in epoch_of(Batches(store, toy_tokenizer(), config, rank=rank, processes=processes))]
        for rank, processes in ((0, 1), (0, 2), (1, 2))
    )
    for one, first, second in zip(whole, *parts, strict=True):
        assert len(first.places) + len(second.places) == len(one.places) == 18


def test_denoising_rows_rebuild_their_own_sentence_from_most_of_its_tokens(store: Store) -> None:
    batches = Batches(store, toy_tokenizer(), tiny("loss.denoising=1"))
    lost = tokens = moved = 0
    for epoch in range(6):
        for batch in epoch_of(batches, epoch):
            for source, target in zip(batch.source.tolist(), batch.target_out.tolist(), strict=True):
                noised, whole = source[: source.index(END)], target[: target.index(END)]
                assert noised
                assert not Counter(noised) - Counter(whole)  # nothing is made up
                lost, tokens = lost + len(whole) - len(noised), tokens + len(whole)
                moved += noised != [token for token in whole if token in noised]
            assert all(language == language_of(target) for _, language, target in said(batch))
    assert lost / tokens == pytest.approx(batching.LOST, abs=0.05)
    assert moved > 10


def test_a_noised_token_moves_less_than_three_places(store: Store) -> None:
    batches = Batches(store, toy_tokenizer(), tiny("loss.denoising=1"))
    ids, generator = np.arange(1000, dtype=np.uint16), np.random.default_rng(1)
    noised = batches._noised(ids, generator).astype(int)
    kept = np.sort(noised)
    assert np.abs(noised - kept).max() > 0
    assert np.abs(np.searchsorted(kept, noised) - np.arange(len(noised))).max() < batching.SHUFFLE
    assert len(noised) == pytest.approx(900, abs=40)


def test_a_share_of_rows_is_denoising(store: Store) -> None:
    batches = Batches(store, toy_tokenizer(), tiny("loss.denoising=0.3", "data.directions=bb-aa"))
    rows = [row for epoch in range(8) for row in all_rows(batches, epoch)]
    share = sum(language != "aa" or not source.endswith(tuple("aeiou")) for source, language, _ in rows) / len(rows)
    assert 0.1 < share < 0.9
    plain = Batches(store, toy_tokenizer(), tiny("loss.denoising=0", "data.directions=bb-aa"))
    assert {language for _, language, _ in all_rows(plain)} == {"aa"}


@pytest.mark.parametrize(("setting", "side"), [("word_dropout", "target_in"), ("source_dropout", "source")])
def test_hidden_tokens_are_a_share_of_one_side_and_never_tag_end_or_padding(
    store: Store, setting: str, side: str
) -> None:
    plain, hidden = (
        epoch_of(Batches(store, toy_tokenizer(), tiny(f"loss.{setting}={share}", "training.batch_tokens=5000")))[0]
        for share in (0, 0.4)
    )
    before, after = getattr(plain, side), getattr(hidden, side)
    changed = before != after
    assert (after[changed] == UNKNOWN).all()
    may_change = before > END
    if side == "target_in":
        may_change[:, 0] = False
    assert not (changed & ~may_change).any()
    assert float(changed.sum() / may_change.sum()) == pytest.approx(0.4, abs=0.1)
    other = "source" if side == "target_in" else "target_in"
    assert torch.equal(getattr(plain, other), getattr(hidden, other))
    assert torch.equal(plain.target_out, hidden.target_out)


@pytest.mark.parametrize("setting", ["directions", "hold_out"])
def test_a_direction_of_a_language_the_corpus_lacks_says_what_it_has(store: Store, setting: str) -> None:
    with pytest.raises(CorpusError, match="direction aa-xx needs languages the corpus lacks: it has aa, bb, cc"):
        Batches(store, toy_tokenizer(), tiny(f"data.{setting}=aa-xx"))


@pytest.mark.parametrize("settings", [("data.directions=bb-bb",), ("data.directions=aa-bb", "data.hold_out=aa-bb")])
def test_directions_that_leave_nothing_to_train_end_instead_of_turning_for_ever(
    store: Store, settings: tuple[str, ...]
) -> None:
    with pytest.raises(CorpusError, match="no meaning has a direction that may be trained"):
        next(Batches(store, toy_tokenizer(), tiny(*settings)).stream(Position()))


def test_a_meaning_that_lacks_a_language_is_passed_over(tmp_path: Path) -> None:
    meanings = [*toy_corpus(3, 0).read("train"), Meaning("x", {"aa": ("rabe",), "cc": ("rabeo",)})]
    store = prepare(meanings, toy_tokenizer(), tmp_path, "train", config=tiny().tokenizer, longest=30)
    assert len(all_rows(Batches(store, toy_tokenizer(), tiny("data.directions=aa-bb")))) == 3
