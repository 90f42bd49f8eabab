"""Vectors that know nothing of meaning, and are what they say."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from spaces import small_space

from thought.corpus import open_corpus
from thought.errors import ScoringError
from thought.floors import CharacterTfidf, RandomVectors, floors
from thought.geometry.cosine import unit
from thought.geometry.retrieval import retrieval_accuracy
from thought.space import encode_meanings
from thought.translator import Translator

TEXTS = ["a dog runs", "a big dog runs", "eine Katze schläft", "une chatte dort", "1 2 3"]


def test_cosines_of_fitted_texts_are_those_of_the_sparse_rows() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    sparse = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True).fit_transform(TEXTS)
    rows = unit(CharacterTfidf(TEXTS).encode(TEXTS))
    np.testing.assert_allclose(rows @ rows.T, (sparse @ sparse.T).toarray(), atol=1e-5)


def test_a_text_that_was_not_fitted_is_near_those_it_is_spelled_like() -> None:
    floor = CharacterTfidf(TEXTS)
    (found,) = floor.encode(["two dogs run"])
    cosines = unit(floor.encode(TEXTS)) @ unit(found[None])[0]
    assert set(np.argsort(-cosines)[:2].tolist()) == {0, 1}
    assert not floor.encode(["ψψψψ"]).any()


def test_texts_without_a_word_cannot_be_counted() -> None:
    with pytest.raises(ScoringError, match="has a word"):
        CharacterTfidf(["", " "])
    floor = CharacterTfidf(["", "a dog"])
    assert not floor.encode([""]).any()


def test_random_vectors_depend_on_text_and_seed_alone() -> None:
    first, again, other = (RandomVectors(seed, 64).encode(["a", "b", "a"]) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert np.array_equal(first[0], first[2])
    assert abs(float((unit(first[:1]) @ unit(first[1:2]).T)[0, 0])) < 0.5
    assert not np.array_equal(first, other)
    with pytest.raises(ScoringError, match="at least one number"):
        RandomVectors(1, 0)


def test_floors_have_the_same_sentences_and_other_thoughts(saved_run: Path) -> None:
    space = small_space(5, ("en", "de"))
    found = floors(space, untrained=Translator.load(saved_run).untrained())
    assert list(found) == ["character TF-IDF", "untrained encoder", "random vectors"]
    for floor in found.values():
        assert floor.texts == space.texts
        assert np.array_equal(floor.meanings, space.meanings)
        assert len(floor.thoughts) == len(space)
    assert found["random vectors"].thoughts.shape == space.thoughts.shape
    assert list(floors(space)) == ["character TF-IDF", "random vectors"]


@pytest.mark.parametrize(("other", "there", "back"), [("de", 0.343, 0.343), ("fr", 0.334, 0.342), ("cs", 0.169, 0.165)])
def test_shared_spelling_alone_finds_what_is_known_of_it(multi30k: Path, other: str, there: float, back: float) -> None:
    meanings = open_corpus(str(multi30k), languages=("en", other)).read("test_2016_flickr")
    texts = [text for meaning in meanings for said in meaning.sentences.values() for text in said]
    meanings = open_corpus(str(multi30k), languages=("en", other)).read("test_2016_flickr")
    space = encode_meanings(CharacterTfidf(texts), meanings)
    found = []
    for pair in permutations(("en", other), 2):
        rows, others = space.pair(*pair)
        found.append(retrieval_accuracy(space.thoughts[rows], space.thoughts[others]))
    assert found == pytest.approx([there, back], abs=0.002)
