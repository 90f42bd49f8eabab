"""Batches: a pure function of seed and position, within the budget, shared by processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from batches import SIZE, all_rows, epoch_of, ids_of, number_of, said
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import tiny, toy_store, toy_tokenizer

from thought import batching
from thought.batching import Batches, Position
from thought.corpus import Meaning
from thought.errors import CorpusError
from thought.padding import Batch, pad, source_batch
from thought.store import Store, prepare
from thought.tokenizer import END, PAD


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return toy_store(tmp_path_factory.mktemp("store"), SIZE)


@pytest.fixture
def small_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pools of 7 meanings: an epoch of 20 has three."""
    monkeypatch.setattr(batching, "POOL", 7)


def same(one: Batch, other: Batch) -> bool:
    names = ("source", "source_length", "target_in", "target_out")
    return all(torch.equal(getattr(one, name), getattr(other, name)) for name in names)


def test_padding_by_hand() -> None:
    assert pad([[5, 6, 7], [8], []]).tolist() == [[5, 6, 7, 0], [8, 0, 0, 0], [0, 0, 0, 0]]
    assert pad([[5, 6, 7, 8]]).tolist() == [[5, 6, 7, 8]]
    assert pad([[5, 6, 7, 8, 9]]).shape == (1, 8)  # lengths are multiples of four
    assert pad([]).shape == (0, 4)


def test_a_source_ends_and_knows_its_length() -> None:
    source, lengths = source_batch([[5, 6], [7], []])
    assert source.tolist() == [[5, 6, END, PAD], [7, END, PAD, PAD], [END, PAD, PAD, PAD]]
    assert lengths.tolist() == [3, 2, 1]


def test_a_target_is_read_from_its_tag_and_asked_for_its_end(store: Store) -> None:
    for batch in epoch_of(Batches(store, toy_tokenizer(), tiny())):
        tags = set(toy_tokenizer().tags.values())
        assert set(batch.target_in[:, 0].tolist()) <= tags
        for row_in, row_out in zip(batch.target_in.tolist(), batch.target_out.tolist(), strict=True):
            length = row_out.index(END)
            assert row_in[1 : length + 1] == row_out[:length]
            assert set(row_in[length + 1 :]) <= {PAD}
            assert set(row_out[length + 1 :]) <= {PAD}
        assert batch.target_tokens == int((batch.target_out != PAD).sum())


@pytest.mark.usefixtures("small_pools")
@pytest.mark.parametrize("epoch", [0, 1])
def test_every_meaning_comes_once_an_epoch(store: Store, epoch: int) -> None:
    rows = all_rows(Batches(store, toy_tokenizer(), tiny()), epoch)
    assert sorted(number_of(source) for source, _, _ in rows) == list(range(SIZE))


@pytest.mark.usefixtures("small_pools")
def test_other_meanings_stand_beside_each_other_in_every_epoch(store: Store) -> None:
    batches = Batches(store, toy_tokenizer(), tiny("training.batch_tokens=5000"))  # one batch a pool
    pools = [
        {frozenset(number_of(source) for source, _, _ in said(batch)) for batch in epoch_of(batches, epoch)}
        for epoch in range(2)
    ]
    assert [len(part) for part in pools] == [3, 3]
    assert not pools[0] & pools[1]


@pytest.mark.usefixtures("small_pools")
def test_epochs_and_seeds_differ_in_order(store: Store) -> None:
    batches = Batches(store, toy_tokenizer(), tiny())
    assert all_rows(batches, 0) != all_rows(batches, 1)
    assert all_rows(batches, 0) != all_rows(Batches(store, toy_tokenizer(), tiny("training.seed=2")), 0)


@pytest.mark.usefixtures("small_pools")
@pytest.mark.parametrize("noise", [(), ("loss.denoising=0.5", "loss.word_dropout=0.3", "loss.source_dropout=0.3")])
def test_from_any_position_on_the_same_batches_follow(store: Store, noise: tuple[str, ...]) -> None:
    config = tiny("training.batch_tokens=40", *noise)
    whole = list(islice(Batches(store, toy_tokenizer(), config).stream(Position()), 30))
    assert whole[-1][1].epoch >= 1
    for start in range(29):
        again = list(islice(Batches(store, toy_tokenizer(), config).stream(whole[start][1]), 3))
        for (batch, after), (expected, expected_after) in zip(again, whole[start + 1 :], strict=False):
            assert same(batch, expected)
            assert after == expected_after


@pytest.mark.parametrize(("align", "least"), [("none", 1), ("mse", 2)])
@pytest.mark.parametrize("budget", [1, 30, 60, 1000])
def test_padded_tokens_keep_to_the_budget_unless_one_meaning_is_larger(
    store: Store, budget: int, align: str, least: int
) -> None:
    config = tiny(f"training.batch_tokens={budget}", f"loss.align={align}")
    for batch in epoch_of(Batches(store, toy_tokenizer(), config)):
        assert max(batch.target_in.numel(), batch.source.numel()) <= budget or len(batch.source) == least


def test_a_batch_is_as_large_as_the_budget_allows(store: Store) -> None:
    tokens = sum(batch.target_tokens for batch in epoch_of(Batches(store, toy_tokenizer(), tiny())))
    assert len(epoch_of(Batches(store, toy_tokenizer(), tiny("training.batch_tokens=5000")))) == 1
    assert len(epoch_of(Batches(store, toy_tokenizer(), tiny("training.batch_tokens=100")))) <= 4 * tokens / 100


def test_a_batch_holds_rows_of_like_length(tmp_path: Path) -> None:
    short = [Meaning(str(n), {"aa": ("rabe",), "bb": ("ebar",)}) for n in range(8)]
    long = [Meaning(str(n), {"aa": ("rabe " * 5,), "bb": ("ebar " * 5,)}) for n in range(8, 16)]
    config = tiny("training.batch_tokens=64")
    store = prepare(short + long, toy_tokenizer(), tmp_path, "train", config=config.tokenizer, longest=30)
    for batch in epoch_of(Batches(store, toy_tokenizer(), config)):
        assert len(set(batch.source_length.tolist())) == 1


@settings(max_examples=30)
@given(processes=st.integers(1, 5), align=st.sampled_from(["none", "infonce"]), seed=st.integers(0, 50))
def test_processes_share_the_rows_of_one(store: Store, processes: int, align: str, seed: int) -> None:
    config = tiny(f"loss.align={align}", f"training.seed={seed}", "training.batch_tokens=60")
    whole = epoch_of(Batches(store, toy_tokenizer(), config))
    shares = [
        epoch_of(Batches(store, toy_tokenizer(), config, rank=rank, processes=processes)) for rank in range(processes)
    ]
    assert {len(share) for share in shares} == {len(whole)}
    for index, batch in enumerate(whole):
        parts = [row for share in shares for row in ids_of(share[index])]
        assert Counter(parts) == Counter(ids_of(batch))
        assert sum(share[index].target_tokens for share in shares) == batch.target_tokens
        if align == "infonce":
            assert all(len(share[index].source) % 2 == 0 for share in shares)


def test_a_process_may_have_no_row_of_a_batch(store: Store) -> None:
    config = tiny("training.batch_tokens=1")
    batch = epoch_of(Batches(store, toy_tokenizer(), config, rank=1, processes=2))[0]
    assert len(batch.source) == 0
    assert batch.target_tokens == 0
    assert batch.source_length.dtype == torch.int64


@settings(max_examples=50)
@given(lengths=st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), min_size=1, max_size=40),
       budget=st.integers(1, 120))  # fmt: skip
def test_cutting_keeps_every_row_once_and_the_budget(store: Store, lengths: list[tuple[int, int]], budget: int) -> None:
    batches = Batches(store, toy_tokenizer(), tiny(f"training.batch_tokens={budget}"))
    groups = [(batching.Row(np.zeros(source), np.full(target, number), 0),)
              for number, (source, target) in enumerate(lengths)]  # fmt: skip
    cut = batches._cut(groups, np.random.default_rng(1))
    assert sorted(int(group[0].target[0]) for part in cut for group in part) == list(range(len(lengths)))
    for part in cut:
        batch = pad([np.zeros(1 + max(len(row.source), len(row.target))) for (row,) in part])
        assert len(part) == 1 or batch.numel() <= budget


def test_an_empty_store_cannot_be_trained_on(tmp_path: Path) -> None:
    store = prepare([], toy_tokenizer(), tmp_path, "train", config=tiny().tokenizer, longest=30)
    with pytest.raises(CorpusError, match="no meanings to train on in"):
        Batches(store, toy_tokenizer(), tiny())


def test_moving_a_batch_changes_nothing(store: Store) -> None:
    batch = epoch_of(Batches(store, toy_tokenizer(), tiny()))[0]
    assert same(batch.to(torch.device("cpu")), batch)


def test_reading_a_stream_does_not_touch_the_global_generators(store: Store) -> None:
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    stream: Iterator[tuple[Batch, Position]] = Batches(
        store, toy_tokenizer(), tiny("loss.word_dropout=0.2", "loss.denoising=0.5")
    ).stream(Position())
    next(stream)
    assert torch.equal(torch.get_rng_state(), before)
    assert (np.random.get_state()[1] == numpy_before).all()  # noqa: NPY002
