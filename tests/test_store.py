"""Token ids on disk: what goes in comes out, and damage is noticed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from worlds import LANGUAGES, tiny, toy_corpus, toy_store, toy_tokenizer

from thought.corpus import Meaning
from thought.errors import StoreError
from thought.store import CHUNK, Store, prepare


def stored(folder: Path, meanings: list[Meaning], *, longest: int = 30, variants: int = 0, **rest: object) -> Store:
    config = tiny(f"tokenizer.variants={variants}").tokenizer
    return prepare(meanings, toy_tokenizer(), folder, "train", config=config, longest=longest, **rest)


def texts_of(store: Store, index: int) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for sentence in store.read(index):
        written = toy_tokenizer().decode([sentence.variants[0].tolist()])[0]
        texts.setdefault(LANGUAGES[sentence.language], []).append(written)
    return texts


def plain(sentences: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {language: list(texts) for language, texts in sentences.items()}


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    meanings = list(toy_corpus(20, 0).read("train"))
    store = stored(tmp_path, meanings)
    assert len(store) == 20
    assert [texts_of(store, index) for index in range(20)] == [plain(meaning.sentences) for meaning in meanings]
    ids = [sentence.variants[0].tolist() for sentence in store.read(3)]
    assert ids == toy_tokenizer().encode([text for texts in meanings[3].sentences.values() for text in texts])
    assert store.facts["sentences"] == 70
    assert store.facts["tokens"] == sum(
        len(sentence.variants[0]) for index in range(20) for sentence in store.read(index)
    )


def test_meanings_may_be_read_in_any_order_by_anyone_who_opens_the_folder(tmp_path: Path) -> None:
    stored(tmp_path, list(toy_corpus(20, 0).read("train")))
    store, other = Store(tmp_path, "train"), Store(tmp_path, "train")
    assert texts_of(store, 17) == texts_of(other, 17)
    assert texts_of(store, 2) != texts_of(store, 17)


def test_more_meanings_than_a_chunk_keep_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CHUNK > 7
    monkeypatch.setattr("thought.store.CHUNK", 7)
    heard: list[int] = []
    meanings = list(toy_corpus(20, 0).read("train"))
    store = stored(tmp_path, meanings, progress=heard.append)
    assert [texts_of(store, index) for index in range(20)] == [plain(meaning.sentences) for meaning in meanings]
    assert heard == [7, 14, 20]


def test_drawn_segmentations_stand_behind_the_best_and_say_the_same(tmp_path: Path) -> None:
    store = stored(tmp_path, list(toy_corpus(20, 0).read("train")), variants=3)
    sentences = [sentence for index in range(20) for sentence in store.read(index)]
    tokenizer, differing = toy_tokenizer(), 0
    for sentence in sentences:
        assert len(sentence.variants) == 4
        texts = {tokenizer.decode([variant.tolist()])[0] for variant in sentence.variants}
        assert len(texts) == 1
        assert tokenizer.encode(list(texts)) == [sentence.variants[0].tolist()]
        differing += len({variant.tobytes() for variant in sentence.variants}) > 1
    assert differing > 10


def test_the_seed_decides_the_drawn_segmentations(tmp_path: Path) -> None:
    meanings = list(toy_corpus(20, 0).read("train"))
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        stored(tmp_path / name, meanings, variants=2, seed=seed)
    contents = {name: (tmp_path / name / "train.ids").read_bytes() for name in ("one", "same", "other")}
    assert contents["one"] == contents["same"]
    assert contents["one"] != contents["other"]


def test_a_sentence_too_long_is_left_out_and_counted(tmp_path: Path) -> None:
    long = " ".join(["rabe"] * 40)
    meanings = [
        Meaning("1", {"aa": ("rabe",), "bb": ("ebar",), "cc": (long,)}),
        Meaning("2", {"aa": ("rabe",), "bb": (long,)}),  # one sentence is left: no pair
        Meaning("3", {"aa": ("rabe",), "bb": ("ebar",)}),
    ]
    store = stored(tmp_path, meanings, longest=20)
    assert [texts_of(store, index) for index in range(2)] == [{"aa": ["rabe"], "bb": ["ebar"]}] * 2
    assert store.facts["skipped"] == {"sentences over 20 tokens": 2, "meanings with fewer than two sentences": 1}


def test_a_sentence_of_exactly_the_longest_length_is_kept(tmp_path: Path) -> None:
    meanings = [Meaning("1", {"aa": ("rabe vira kilu",), "bb": ("ulik ariv ebar",)})]
    longest = max(map(len, toy_tokenizer().encode(["rabe vira kilu", "ulik ariv ebar"])))
    assert len(stored(tmp_path / "fits", meanings, longest=longest)) == 1
    assert len(stored(tmp_path / "not", meanings, longest=longest - 1)) == 0


def test_a_drawn_segmentation_too_long_gives_way_to_the_best(tmp_path: Path) -> None:
    meanings = list(toy_corpus(20, 0).read("train"))
    longest = max(len(row) for meaning in meanings for texts in meaning.sentences.values()
                  for row in toy_tokenizer().encode(texts))  # fmt: skip
    store = stored(tmp_path, meanings, longest=longest, variants=8)
    lengths = [len(variant) for index in range(20) for sentence in store.read(index) for variant in sentence.variants]
    assert max(lengths) <= longest


def test_a_sentence_without_a_token_is_counted(tmp_path: Path) -> None:
    store = stored(tmp_path, [Meaning("1", {"aa": ("rabe", " "), "bb": ("ebar",)})])
    assert store.facts["skipped"] == {"sentences without a token": 1}
    assert texts_of(store, 0) == {"aa": ["rabe"], "bb": ["ebar"]}


def test_an_empty_corpus_is_an_empty_store(tmp_path: Path) -> None:
    assert len(stored(tmp_path, [])) == 0


def test_reading_maps_no_file_into_memory(tmp_path: Path) -> None:
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("needs /proc")
    store = toy_store(tmp_path)
    sentence = store.read(1)[0]
    assert isinstance(sentence.variants[0], np.ndarray)
    assert str(tmp_path) not in maps.read_text()


@pytest.mark.parametrize("name", ["train.ids", "train.offsets"])
@pytest.mark.parametrize("change", [-1, 1])
def test_a_file_of_the_wrong_size_is_noticed_at_once(tmp_path: Path, name: str, change: int) -> None:
    toy_store(tmp_path)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[:-1] if change < 0 else content + b"\0")
    with pytest.raises(StoreError, match=r"train\.ids is truncated: .* expected .*; delete .* to prepare again"):
        Store(tmp_path, "train")


@pytest.mark.parametrize("name", ["train.ids", "train.offsets", "train.json"])
def test_a_missing_file_says_how_to_go_on(tmp_path: Path, name: str) -> None:
    toy_store(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(StoreError, match=r"cannot read prepared data .*; delete .* to prepare again"):
        Store(tmp_path, "train")


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"meanings": 20}', '"words"'])
def test_counts_that_are_damaged_say_so(tmp_path: Path, content: str) -> None:
    toy_store(tmp_path)
    (tmp_path / "train.json").write_text(content)
    with pytest.raises(StoreError, match="delete"):
        Store(tmp_path, "train")


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    facts = toy_store(tmp_path).facts
    (tmp_path / "train.json").write_text(json.dumps({**facts, "format": 2}))
    with pytest.raises(StoreError, match="has format 2, this version reads 1"):
        Store(tmp_path, "train")


def test_a_store_that_was_not_finished_does_not_open(tmp_path: Path) -> None:
    def interrupted() -> object:
        yield from toy_corpus(5, 0).read("train")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stored(tmp_path, interrupted())
    with pytest.raises(StoreError):
        Store(tmp_path, "train")
    assert len(stored(tmp_path, list(toy_corpus(5, 0).read("train")))) == 5


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot write prepared data to"):
        toy_store(tmp_path / "file" / "prepared")
