from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thought.errors import ConfigError, ScoringError
from thought.lexicon import labels, languages, load

KINDS = ("colour", "number", "gender", "side", "place", "actors", "negation")

DOG = {"en": "A black dog.", "de": "Ein schwarzer Hund.", "fr": "Un chien noir.", "cs": "Černý pes."}
STREET = {
    "en": "Two women walk in the street.",
    "de": "Zwei Frauen gehen auf der Straße.",
    "fr": "Deux femmes marchent dans la rue.",
    "cs": "Dvě ženy jdou po ulici.",
}
NEGATED = {
    "en": "The man is not asleep.",
    "de": "Der Mann schläft nicht.",
    "fr": "L'homme ne dort pas.",
    "cs": "Muž nespí.",
}
ASKED = {"en": "Who is this?", "de": "Wer ist das?", "fr": "Qui est-ce ?", "cs": "Kdo je to?"}


def test_four_languages_come_with_the_package():
    assert languages() == ("cs", "de", "en", "fr")


@pytest.mark.parametrize("language", ["cs", "de", "en", "fr"])
def test_every_language_has_the_same_kinds_and_the_labels_of_probes(language):
    lexicon = load(language)
    assert tuple(sorted(lexicon.swaps)) == tuple(sorted(KINDS))
    assert {"number", "negation", "question", *lexicon.everyday} <= lexicon.concepts.keys()
    assert lexicon.everyday == load("en").everyday


def test_rules_of_the_package_are_read_once():
    assert load("de") is load("de")


@pytest.mark.parametrize("language", ["cs", "de", "en", "fr"])
def test_the_same_concepts_are_found_in_every_language(language):
    lexicon = load(language)
    assert lexicon.says(DOG[language], ["dog"])
    assert lexicon.says(DOG[language], ["black"])
    assert not lexicon.says(DOG[language], ["woman"])
    assert all(lexicon.says(STREET[language], [concept]) for concept in ("two", "number", "woman", "street"))
    assert lexicon.says(NEGATED[language], ["negation"])
    assert not lexicon.says(STREET[language], ["negation"])
    assert lexicon.says(ASKED[language], ["question"])
    assert not lexicon.says(NEGATED[language], ["question"])


def test_a_word_is_found_only_as_a_whole():
    assert not load("en").says("A redwood and a hotdog.", ["red"])
    assert not load("en").says("A redwood and a hotdog.", ["dog"])
    assert not load("cs").says("Nese nebo nechá něco.", ["negation"])  # words that begin like a negated verb


def test_labels_are_the_same_for_translations():
    codes = list(DOG)
    texts = [sentences[code] for sentences in (DOG, STREET, NEGATED, ASKED) for code in codes]
    found = labels(texts, codes * 4)
    for name in ("dog", "black", "woman", "number", "negation", "question", "man"):
        rows = found[name].reshape(4, 4)  # sentences by languages
        assert (rows == rows[:, :1]).all(), name
        assert rows[:, 0].sum() == 1


def test_length_is_in_words():
    found = labels(["one two three", "one"], ["en", "en"])
    assert found["length"].tolist() == [3.0, 1.0]
    assert found["length"].dtype == np.float64


def test_what_all_sentences_share_is_no_label():
    found = labels(["A dog.", "Two dogs."], ["en", "en"])
    assert "dog" not in found
    assert "question" not in found
    assert found["number"].tolist() == [False, True]


def test_nothing_gives_no_labels():
    assert labels([], []) == {}
    assert labels(["A dog."], ["en"]) == {}


def test_chosen_concepts_take_the_place_of_the_everyday_ones():
    found = labels(["A bull.", "A dog."], ["en", "en"], ["bull"])
    assert found["bull"].tolist() == [True, False]
    assert "dog" not in found


def test_a_concept_that_only_some_languages_know_is_left_out_with_a_warning(tmp_path):
    (tmp_path / "eo.toml").write_text('[concepts]\ndog = ["hundo"]\n', "utf-8")
    rules = {"eo": load(tmp_path / "eo.toml")}
    texts, codes = ["A dog.", "La hundo.", "Kato."], ["en", "eo", "eo"]
    with pytest.warns(UserWarning, match="'cat' is not in the rules of eo: left out"):
        found = labels(texts, codes, ["dog", "cat"], lexicons=rules)
    assert found["dog"].tolist() == [True, True, False]
    assert "cat" not in found
    assert "number" not in found  # nobody asked, so nobody is warned


def test_a_concept_that_nobody_knows_is_an_error():
    with pytest.raises(ConfigError, match="'dgo' is in the rules of none of en; did you mean dog?"):
        labels(["A dog."], ["en"], ["dgo"])


def test_a_language_without_rules_is_an_error_that_says_what_to_do():
    with pytest.raises(ConfigError, match="there are no rules for 'ed'; did you mean en.*adds it"):
        labels(["Un perro."], ["ed"])


def test_texts_and_languages_must_be_as_many():
    with pytest.raises(ScoringError, match="got 1 for 2"):
        labels(["a", "b"], ["en"])


def test_a_file_that_is_not_there_or_not_toml_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot read the rules in .*es\.toml"):
        load(tmp_path / "es.toml")
    (tmp_path / "es.toml").write_text("a = = b", "utf-8")
    with pytest.raises(ConfigError, match=r"es\.toml: Invalid value"):
        load(tmp_path / "es.toml")
    (tmp_path / "es.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot read"):
        load(str(tmp_path / "es.toml"))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=8))
def test_any_text_has_labels(texts):
    found = labels(texts, ["de"] * len(texts))
    assert all(len(values) == len(texts) for values in found.values())
