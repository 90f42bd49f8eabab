"""Batches: a pure function of seed and position, within the budget, and only what may be trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import LANGUAGES, tiny, toy_corpus, toy_meaning, toy_store, toy_tokenizer

from thought import batching
from thought.batching import Batch, Batches, Position, pad, source_batch
from thought.corpus import Meaning
from thought.errors import CorpusError
from thought.store import Store, prepare
from thought.tokenizer import END, PAD, UNKNOWN

SIZE = 20
Said = tuple[str, str, str]  # source text, language to write, target text


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return toy_store(tmp_path_factory.mktemp("store"), SIZE)


@pytest.fixture
def small_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pools of 7 meanings: an epoch of 20 has three."""
    monkeypatch.setattr(batching, "POOL", 7)


def epoch_of(batches: Batches, epoch: int = 0) -> list[Batch]:
    """All batches of an epoch."""
    found = []
    for batch, after in batches.stream(Position(epoch)):
        found.append(batch)
        is_last = after.pool * batching.POOL >= len(batches.store) and after.batch == 0
        if is_last:
            return found
    raise AssertionError


def said(batch: Batch) -> list[Said]:
    """Rows of a batch as text."""
    tokenizer = toy_tokenizer()
    tags = {index: language for language, index in tokenizer.tags.items()}
    sources = tokenizer.decode([[t for t in row if t != PAD] for row in batch.source.tolist()])
    targets = tokenizer.decode([[t for t in row if t != PAD] for row in batch.target_out.tolist()])
    languages = [tags[row[0]] for row in batch.target_in.tolist()]
    return list(zip(sources, languages, targets, strict=True))


KNOWN = {
    text: (language, number)
    for number in range(SIZE)
    for language, texts in toy_meaning(number).sentences.items()
    for text in texts
}


def language_of(text: str) -> str:
    """The made-up language of a sentence of the toy corpus."""
    return KNOWN[text][0]


def number_of(text: str) -> int:
    """The meaning of a sentence of the toy corpus."""
    return KNOWN[text][1]


def ids_of(batch: Batch) -> list[tuple[tuple[int, ...], ...]]:
    """Rows of a batch as ids without padding."""
    parts = (batch.source.tolist(), batch.target_in.tolist(), batch.target_out.tolist())
    return [tuple(tuple(token for token in part if token != PAD) for part in row) for row in zip(*parts, strict=True)]


def all_rows(batches: Batches, epoch: int = 0) -> list[Said]:
    return [row for batch in epoch_of(batches, epoch) for row in said(batch)]


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


def test_the_encoder_is_never_told_a_language(store: Store) -> None:
    tags = set(toy_tokenizer().tags.values())
    for batch in epoch_of(Batches(store, toy_tokenizer(), tiny("loss.source_dropout=0.2"))):
        assert not tags & set(batch.source.flatten().tolist())


def test_source_and_target_say_the_same_and_the_tag_names_the_language(store: Store) -> None:
    for source, language, target in all_rows(Batches(store, toy_tokenizer(), tiny())):
        assert number_of(source) == number_of(target)
        assert language == language_of(target)
        assert source != target


@pytest.mark.usefixtures("small_pools")
@pytest.mark.parametrize("epoch", [0, 1])
def test_every_meaning_comes_once_an_epoch(store: Store, epoch: int) -> None:
    rows = all_rows(Batches(store, toy_tokenizer(), tiny()), epoch)
    assert sorted(number_of(source) for source, _, _ in rows) == list(range(SIZE))


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


@pytest.mark.parametrize("budget", [1, 30, 60, 1000])
def test_padded_tokens_keep_to_the_budget_unless_one_row_is_larger(store: Store, budget: int) -> None:
    for batch in epoch_of(Batches(store, toy_tokenizer(), tiny(f"training.batch_tokens={budget}"))):
        assert max(batch.target_in.numel(), batch.source.numel()) <= budget or len(batch.source) == 1


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


def directions_of(rows: list[Said]) -> Counter[str]:
    return Counter(f"{language_of(source)}-{language}" for source, language, _ in rows)


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
    plain, paired = (
        [row for epoch in range(12) for row in all_rows(Batches(store, toy_tokenizer(), tiny(*extra)), epoch)]
        for extra in ((), ("loss.align=infonce",))
    )
    shares = [Counter(language for _, language, _ in rows) for rows in (plain, paired)]
    for language in LANGUAGES:
        ratio = [count[language] / sum(count.values()) for count in shares]
        assert ratio[0] == pytest.approx(ratio[1], abs=0.12)


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
