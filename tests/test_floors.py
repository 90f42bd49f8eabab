"""Floors: vectors that know nothing of meaning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from spaces import small_space
from worlds import toy_texts, toy_translator

from thought import floors as module
from thought.corpus import open_corpus
from thought.errors import ScoringError
from thought.floors import CharacterTfidf, RandomVectors, floors
from thought.geometry.retrieval import retrieval_accuracy
from thought.space import encode_meanings

TEXTS = ["ein Hund läuft", "a dog runs", "a Dog runs.", "un chien court", "", "pes běží", "a dog runs", "犬が走る"]


def sparse(fitted: list[str], texts: list[str]) -> np.ndarray:
    """TF-IDF as scikit-learn gives it, ten thousand numbers wide and never rotated."""
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True).fit(dict.fromkeys(fitted))
    return np.asarray(vectorizer.transform([*texts, ""]).toarray())[:-1]  # it takes no empty list


def test_the_rotation_changes_no_cosine() -> None:
    rows, plain = CharacterTfidf(TEXTS).encode(TEXTS), sparse(TEXTS, TEXTS)
    assert rows.dtype == np.float32
    assert rows.shape == (8, 7)  # as many numbers as different texts, instead of hundreds
    np.testing.assert_allclose(rows @ rows.T, plain @ plain.T, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text("abc d", max_size=12), min_size=1, max_size=12), st.lists(st.text("abc d", max_size=12)))
def test_of_other_texts_the_cosines_with_fitted_ones_are_exact(fitted: list[str], others: list[str]) -> None:
    fitted = [*fitted, "abcd"]
    floor = CharacterTfidf(fitted)
    both = floor.encode(others) @ floor.encode(fitted).T
    np.testing.assert_allclose(both, sparse(fitted, others) @ sparse(fitted, fitted).T, atol=2e-4)
    lengths = np.linalg.norm(floor.encode(others), axis=1) if others else np.zeros(1)
    assert (lengths <= 1 + 1e-4).all()


def test_a_text_has_the_same_vector_in_any_call() -> None:
    floor = CharacterTfidf(TEXTS)
    whole = floor.encode([*TEXTS, "the dog", "mon chien"])
    for row, text in enumerate([*TEXTS, "the dog", "mon chien"]):
        np.testing.assert_allclose(floor.encode([text])[0], whole[row], atol=1e-6)


def test_what_has_no_words_is_a_zero_row() -> None:
    floor = CharacterTfidf(TEXTS)
    assert not floor.encode(["", "   ", "xyz"]).any()
    assert floor.encode([]).shape == (0, 7)


def test_shared_spelling_is_found_and_shared_meaning_is_not() -> None:
    left = ["Fußball im Park", "Polizei und Hunde", "Zug"]
    right = ["football in the park", "police and dogs", "train"]
    floor = CharacterTfidf([*left, *right])
    queries, targets = floor.encode(left), floor.encode(right)
    assert (queries @ targets.T).argmax(axis=1).tolist()[:2] == [0, 1]
    assert queries[2] @ targets[2] == pytest.approx(0, abs=1e-4)


def test_of_too_many_texts_an_even_sample_is_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FITTED", 3)
    texts = [f"text{letter}" for letter in "abcdefg"]
    floor = CharacterTfidf(texts)
    assert floor.encode(texts).shape == (7, 3)
    assert list(floor._known) == ["texta", "textd", "textg"]


@pytest.mark.parametrize(("other", "there", "back"), [("de", 0.343, 0.343), ("fr", 0.334, 0.342), ("cs", 0.169, 0.165)])
def test_shared_spelling_alone_finds_what_is_known_of_it(multi30k: Path, other: str, there: float, back: float) -> None:
    meanings = list(open_corpus(str(multi30k), languages=("en", other)).read("test_2016_flickr"))
    texts = [text for meaning in meanings for said in meaning.sentences.values() for text in said]
    space = encode_meanings(CharacterTfidf(texts), meanings)
    found = []
    for pair in (("en", other), (other, "en")):
        rows, others = space.pair(*pair)
        found.append(retrieval_accuracy(space.thoughts[rows], space.thoughts[others]))
    assert found == pytest.approx([there, back], abs=0.002)


@pytest.mark.parametrize("texts", [[], [""], [" ", ""]])
def test_without_a_word_there_is_nothing_to_count(texts: list[str]) -> None:
    with pytest.raises(ScoringError, match=f"none of {len(texts)} texts has a word"):
        CharacterTfidf(texts)


def test_equal_sentences_have_equal_random_vectors_and_others_have_not() -> None:
    floor = RandomVectors(seed=3, size=2_000)
    rows = floor.encode(["a dog", "a cat", "a dog", ""])
    assert rows.shape == (4, 2_000)
    assert rows.dtype == np.float32
    assert np.array_equal(rows[0], rows[2])
    assert np.array_equal(RandomVectors(seed=3, size=2_000).encode(["a cat"])[0], rows[1])
    assert abs(np.corrcoef(rows[[0, 1, 3]])[np.triu_indices(3, 1)]).max() < 0.1
    assert not np.allclose(RandomVectors(seed=4, size=2_000).encode(["a dog"]), rows[0])
    assert rows.mean() == pytest.approx(0, abs=0.05)
    assert rows.std() == pytest.approx(1, abs=0.05)
    assert RandomVectors().encode([]).shape == (0, 512)


def test_random_vectors_find_only_what_is_equal() -> None:
    floor = RandomVectors()
    texts = [f"sentence {number}" for number in range(200)]
    assert retrieval_accuracy(floor.encode(texts), floor.encode(texts)) == 1
    others = floor.encode([text.upper() for text in texts])
    assert retrieval_accuracy(floor.encode(texts), others) < 0.05


def test_a_random_vector_has_numbers() -> None:
    with pytest.raises(ScoringError, match="at least one number, got size 0"):
        RandomVectors(size=0)


def test_all_floors_carry_the_same_sentences() -> None:
    space = small_space()
    found = floors(space, untrained=RandomVectors(seed=9, size=5), seed=2)
    assert {name: floor.thoughts.shape for name, floor in found.items()} == {
        "character TF-IDF": (12, 12),
        "untrained encoder": (12, 5),
        "random vectors": (12, 8),
    }
    for floor in found.values():
        assert (floor.texts, floor.languages) == (space.texts, space.languages)
        assert floor.meanings is space.meanings
    assert list(floors(space)) == ["character TF-IDF", "random vectors"]
    assert np.array_equal(floors(space, seed=2)["random vectors"].thoughts, found["random vectors"].thoughts)


def test_an_untrained_translator_is_a_floor() -> None:
    space = small_space()
    translator = toy_translator()
    thoughts = floors(space, untrained=translator.untrained())["untrained encoder"].thoughts
    assert thoughts.shape == (12, 12)
    assert not np.allclose(translator.untrained().encode(toy_texts(3)), translator.encode(toy_texts(3)))
