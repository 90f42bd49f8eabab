"""Text to ids and back: nothing is unknown, and no text is a tag."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import pytest
import sentencepiece
from hypothesis import given
from hypothesis import strategies as st
from worlds import LANGUAGES, tiny, toy_corpus, toy_texts, toy_tokenizer

from thought.errors import TokenizerError
from thought.tokenizer import END, PAD, SPECIALS, UNKNOWN, Tokenizer

CONFIG = tiny().tokenizer
STRANGE = [
    "👩‍🚀 🇪🇺 ☃️",  # emoji of several code points
    "שלום עולם",
    "مرحبا بالعالم",
    "你好，世界",
    "नमस्ते",
    "ﬁne ① ｆｕｌｌ",  # NFKC writes them plainly
    "a\u0301 \u1e69",
    "tab\there",
    "bell\x07 escape\x1b[31m delete\x7f",
    "\U0010ffff \U000e0001",
    "zero\u200bwidth \ufeff mark",
    "right\u202eto left",
]


def test_nothing_is_ever_unknown() -> None:
    for row in toy_tokenizer().encode(STRANGE):
        assert row
        assert UNKNOWN not in row


@pytest.mark.parametrize("text", STRANGE[:7])
def test_text_in_any_script_comes_back_normalised(text: str) -> None:
    assert toy_tokenizer().decode(toy_tokenizer().encode([text])) == [normalised(text)]


def normalised(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "Po", "Zs"], max_codepoint=0x2FFF), max_size=40))
def test_letters_and_figures_come_back_normalised(text: str) -> None:
    tokenizer = toy_tokenizer()
    (row,) = tokenizer.encode([text])
    (written,) = tokenizer.decode([row])
    assert UNKNOWN not in row
    assert unicodedata.normalize("NFKC", written) == normalised(text)


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_text_gives_ids_that_the_model_may_write_and_that_are_stable(text: str) -> None:
    tokenizer = toy_tokenizer()
    (row,) = tokenizer.encode([text])
    forbidden = {PAD, UNKNOWN, END, *tokenizer.tags.values()}
    assert not forbidden & set(row)
    assert all(0 <= token < tokenizer.vocabulary_size for token in row)
    (written,) = tokenizer.decode([row])
    assert tokenizer.decode(tokenizer.encode([written])) == [written]


@pytest.mark.parametrize("text", ["<2aa>", "x<2bb>", "<pad>", "<unk>", "</s>", "<s>", "<0x41>", "▁", "<2aa> rabe </s>"])
def test_no_text_is_a_tag_or_a_special(text: str) -> None:
    tokenizer = toy_tokenizer()
    (row,) = tokenizer.encode([text])
    assert not {PAD, UNKNOWN, END, *tokenizer.tags.values()} & set(row)
    if text != "▁":  # sentencepiece's own sign for a space
        assert tokenizer.decode([row]) == [text]


@pytest.mark.parametrize("text", ["", " ", "   ", "\u3000 \xa0"])
def test_nothing_gives_no_ids(text: str) -> None:
    assert toy_tokenizer().encode([text]) == [[]]


@pytest.mark.parametrize("text", ["a\0b", "\0", "a \0"])
def test_a_nul_character_neither_cuts_the_text_nor_is_unknown(text: str) -> None:
    tokenizer = toy_tokenizer()
    (row,) = tokenizer.encode([text])
    assert UNKNOWN not in row
    assert tokenizer.decode([row])[0].replace("\0", "").split() == text.replace("\0", "").split()


def test_half_a_surrogate_pair_is_no_text_and_says_so() -> None:
    with pytest.raises(TokenizerError, match="not valid Unicode text: 'half "):
        toy_tokenizer().encode(["fine", "half \ud83d"])
    with pytest.raises(TokenizerError, match="not valid Unicode text: None"):
        toy_tokenizer().encode(["fine", None])


def test_decoding_skips_specials_and_tags() -> None:
    tokenizer = toy_tokenizer()
    (row,) = tokenizer.encode(["rabe vira"])
    assert tokenizer.decode([[PAD, tokenizer.tag("aa"), *row, END, PAD], []]) == ["rabe vira", ""]


def test_ids_of_bytes_that_are_no_text_are_still_written() -> None:
    tokenizer = toy_tokenizer()
    (row,) = tokenizer.encode(["😀"])
    assert all(isinstance(text, str) for text in tokenizer.decode([row[:-1], row[::-1], row[-1:]]))
    tokenizer.decode([[index] for index in range(tokenizer.vocabulary_size)])[0].encode()


def test_languages_have_their_tags_in_order() -> None:
    tokenizer = toy_tokenizer()
    assert tokenizer.languages == LANGUAGES
    assert [tokenizer.tag(language) for language in LANGUAGES] == [SPECIALS, SPECIALS + 1, SPECIALS + 2]


@pytest.mark.parametrize(("name", "message"), [
    ("aaa", "unknown language aaa; did you mean aa?"),
    ("zz", "unknown language zz; known: aa, bb, cc"),
    ("", "unknown language "),
])  # fmt: skip
def test_an_unknown_language_names_the_nearest(name: str, message: str) -> None:
    with pytest.raises(TokenizerError) as caught:
        toy_tokenizer().tag(name)
    assert str(caught.value).startswith(message)


def test_the_best_segmentation_is_the_same_alone_and_in_company() -> None:
    tokenizer, texts = toy_tokenizer(), toy_texts()
    assert tokenizer.encode(texts) == [tokenizer.encode([text])[0] for text in texts]
    assert tokenizer.encode([]) == []
    assert tokenizer.decode([]) == []


def test_a_seed_makes_drawn_segmentations_reproducible() -> None:
    tokenizer, texts = toy_tokenizer(), toy_texts() * 3
    first = tokenizer.sample(texts, 0.2, seed=1)
    assert tokenizer.sample(texts, 0.2, seed=1) == first
    assert tokenizer.sample(texts, 0.2, seed=2) != first
    assert tokenizer.decode(first) == texts


def test_drawn_segmentations_are_often_not_the_best_and_less_so_at_a_high_temperature() -> None:
    tokenizer, texts = toy_tokenizer(), toy_texts() * 5
    best = tokenizer.encode(texts)
    wild, tame = (
        sum(row != other for row, other in zip(tokenizer.sample(texts, temperature, 1), best, strict=True))
        for temperature in (0.1, 20.0)
    )
    assert wild > len(texts) / 2
    assert tame < wild


def test_training_twice_gives_the_same_bytes() -> None:
    texts = [text for meaning in toy_corpus().read("train") for text in meaning.sentences["aa"]]
    assert Tokenizer.train(texts, ("aa",), CONFIG, 1).model == Tokenizer.train(texts, ("aa",), CONFIG, 1).model


def test_three_sentences_are_enough() -> None:
    tokenizer = Tokenizer.train(["one two", "eins zwei", "un deux"], ("en", "de", "fr"), CONFIG)
    assert tokenizer.decode(tokenizer.encode(["deux eins 2"])) == ["deux eins 2"]
    assert tokenizer.vocabulary_size <= CONFIG.vocabulary_size


def test_a_sample_of_many_sentences_is_enough() -> None:
    texts = [f"{who} {number}" for who in ("rabe", "kilu") for number in range(300)]
    config = tiny("tokenizer.sample_size=50").tokenizer
    assert Tokenizer.train(texts, ("aa",), config).decode([[]]) == [""]


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.model"
    path.write_bytes(toy_tokenizer().model)
    loaded = Tokenizer.load(path)
    assert loaded.encode(toy_texts()) == toy_tokenizer().encode(toy_texts())
    assert loaded.languages == LANGUAGES


@pytest.mark.parametrize("sentences", [[], ["", "  "]])
def test_no_text_cannot_be_learned_from(sentences: list[str]) -> None:
    with pytest.raises(TokenizerError, match="there is no text to train the subword model on"):
        Tokenizer.train(sentences, ("aa",), CONFIG)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match=r"cannot read the tokenizer .*tokenizer\.model: No such file"):
        Tokenizer.load(tmp_path / "tokenizer.model")


@pytest.mark.parametrize("content", [b"", b"no model", b"\0" * 100])
def test_bytes_that_are_no_model_say_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "tokenizer.model").write_bytes(content)
    with pytest.raises(TokenizerError, match=r"tokenizer\.model: "):
        Tokenizer.load(tmp_path / "tokenizer.model")


def test_a_model_of_someone_else_has_no_tags() -> None:
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(toy_texts()), model_writer=written, vocab_size=40, hard_vocab_limit=False, minloglevel=2
    )
    with pytest.raises(TokenizerError, match="no language tags"):
        Tokenizer(written.getvalue())
