from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from thought.corpus import Meaning
from thought.errors import ScoringError
from thought.space import Space, encode_meanings


class Lengths:
    """An encoder of two numbers: how long a sentence is, and how many words it has."""

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        return np.array([[len(text), len(text.split())] for text in texts], dtype=np.float32)


class Twice(Lengths):
    """An encoder of two vectors a sentence."""

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        return np.stack([super().encode(texts)] * 2, axis=1)


MEANINGS = (
    Meaning("a", {"en": ("A dog.", "One dog."), "de": ("Ein Hund.",)}),
    Meaning("b", {"de": ("Ja.", "Doch."), "cs": ("Ano.",)}),
    Meaning("c", {"en": ("No.", "  "), "de": ("Nein.",), "cs": ("Ne.",)}),
)


@pytest.fixture
def space() -> Space:
    return encode_meanings(Lengths(), MEANINGS, wordings=0)


def test_a_row_says_what_its_meaning_says_in_its_language(space):
    assert space.texts == ("A dog.", "One dog.", "Ein Hund.", "Ja.", "Doch.", "Ano.", "No.", "Nein.", "Ne.")
    assert space.languages == ("en", "en", "de", "de", "de", "cs", "en", "de", "cs")
    assert space.meanings.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert space.thoughts[2].tolist() == [9, 2]
    assert len(space) == 9


def test_by_default_one_wording_stands_for_all():
    assert encode_meanings(Lengths(), MEANINGS).texts == ("A dog.", "Ein Hund.", "Ja.", "Ano.", "No.", "Nein.", "Ne.")


def test_only_the_languages_asked_for_are_encoded_in_that_order_and_once():
    space = encode_meanings(Lengths(), MEANINGS, ["cs", "en", "cs"])
    assert space.texts == ("A dog.", "Ano.", "Ne.", "No.")
    assert space.meanings.tolist() == [0, 1, 2, 2]


def test_a_stream_of_meanings_is_read_once():
    assert len(encode_meanings(Lengths(), iter(MEANINGS), wordings=2)) == 9


def test_languages_come_in_order_of_appearance(space):
    assert space.codes == ("en", "de", "cs")


def test_rows_of_a_language(space):
    assert space.rows("en").tolist() == [0, 1, 6]
    assert space.rows("cs").tolist() == [5, 8]


def test_a_language_that_does_not_occur_is_named_with_those_that_do(space):
    with pytest.raises(ScoringError, match="no sentence is in 'ge'; there are: en, de, cs"):
        space.rows("ge")
    with pytest.raises(ScoringError, match="no sentence is in 'fr'; there are: en, de, cs"):
        space.pair("en", "fr")


def test_a_pair_puts_first_wordings_of_one_meaning_side_by_side(space):
    english, german = space.pair("en", "de")
    assert [space.texts[row] for row in english] == ["A dog.", "No."]
    assert [space.texts[row] for row in german] == ["Ein Hund.", "Nein."]
    back = space.pair("de", "en")
    assert back[0].tolist() == german.tolist()
    assert back[1].tolist() == english.tolist()


def test_languages_that_share_no_meaning_make_an_empty_pair(space):
    apart = space.select([0, 5])
    english, czech = apart.pair("en", "cs")
    assert english.tolist() == czech.tolist() == []
    assert apart.thoughts[english].shape == (0, 2)


def test_a_selection_keeps_order_and_numbers(space):
    some = space.select(np.array([8, 0]))
    assert some.texts == ("Ne.", "A dog.")
    assert some.languages == ("cs", "en")
    assert some.meanings.tolist() == [2, 0]
    assert np.array_equal(some.thoughts, space.thoughts[[8, 0]])


def test_a_mask_selects_where_it_is_true(space):
    assert space.select(space.meanings == 1).texts == ("Ja.", "Doch.", "Ano.")
    with pytest.raises(ScoringError, match="a mask needs one value for each of 9 rows, got 2"):
        space.select(np.array([True, False]))


def test_nothing_can_be_selected(space):
    nothing = space.select([])
    assert len(nothing) == 0
    assert nothing.codes == ()
    assert nothing.thoughts.shape == (0, 2)


def test_first_wordings_are_one_a_meaning_and_language(space):
    assert space.first().texts == encode_meanings(Lengths(), MEANINGS).texts


def test_other_thoughts_can_take_the_place_of_these(space):
    other = space.with_thoughts(np.ones((9, 5)))
    assert other.thoughts.shape == (9, 5)
    assert other.texts == space.texts
    assert space.thoughts.shape == (9, 2)
    with pytest.raises(ScoringError, match=r"9 languages, meanings \(9,\), thoughts \(8, 5\)"):
        space.with_thoughts(np.ones((8, 5)))


def test_a_space_cannot_be_changed(space):
    with pytest.raises(AttributeError):
        space.texts = ()


def test_a_table_of_meanings_is_refused():
    with pytest.raises(ScoringError, match=r"meanings \(1, 2\)"):
        Space(("a",), ("en",), np.array([[0, 1]]), np.ones((1, 2)))


def test_several_vectors_a_sentence_are_no_thought():
    with pytest.raises(ScoringError, match=r"thought \(N, Z\) a row, got 7 texts, .* thoughts \(7, 2, 2\)"):
        encode_meanings(Twice(), MEANINGS)


def test_nothing_to_encode_is_refused():
    with pytest.raises(ScoringError, match="there are no sentences to encode"):
        encode_meanings(Lengths(), [])
    with pytest.raises(ScoringError, match="there are no sentences in fr, cs to encode"):
        encode_meanings(Lengths(), MEANINGS[:1], ["fr", "cs"])


def test_fewer_than_no_wordings_are_refused():
    with pytest.raises(ScoringError, match="wordings must be at least 0, got -1"):
        encode_meanings(Lengths(), MEANINGS, wordings=-1)
