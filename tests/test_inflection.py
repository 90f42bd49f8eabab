from __future__ import annotations

import pytest

from thought.inflection import Phrase, find_phrases, write_phrase
from thought.lexicon import load


def only(text: str, language: str, concept: str, slot: str) -> Phrase:
    """The longest reading of a phrase in a slot."""
    found = [phrase for phrase in find_phrases(text, load(language), concept) if phrase.slot == slot]
    return max(found, key=lambda phrase: phrase.end - phrase.start)


def written(text: str, language: str, concept: str, slot: str, other: str, other_slot: str = "") -> str | None:
    lexicon = load(language)
    return write_phrase(only(text, language, concept, slot), lexicon.nouns[other][0], other_slot or slot, lexicon)


def test_a_phrase_is_the_noun_with_its_article_and_adjectives():
    text = "Er sieht einen alten, bärtigen Mann."
    phrase = only(text, "de", "man", "accusative")
    assert text[phrase.start : phrase.end] == "einen alten, bärtigen Mann"
    assert phrase.covers(text.index("Mann"), text.index("Mann") + 4)
    assert not phrase.covers(0, 4)


def test_a_form_of_two_cases_is_two_phrases():
    slots = {phrase.slot for phrase in find_phrases("Eine Frau", load("de"), "woman")}
    assert {"nominative", "accusative"} <= slots
    assert "dative" not in slots


def test_an_article_of_another_gender_is_no_phrase():
    singular = {"nominative", "accusative", "dative", "genitive"}
    assert not {phrase.slot for phrase in find_phrases("eine Mann", load("de"), "man")} & singular


@pytest.mark.parametrize(
    ("text", "language", "concept", "slot", "other", "expected"),
    [
        ("ein großer, alter Mann", "de", "man", "nominative", "woman", "eine große, alte Frau"),
        ("einen kleinen Jungen", "de", "boy", "accusative", "girl", "ein kleines Mädchen"),
        ("dem kleinen Mädchen", "de", "girl", "dative", "boy", "dem kleinen Jungen"),
        ("zum alten Mann", "de", "man", "dative", "woman", "zur alten Frau"),
        ("un vieil homme barbu", "fr", "man", "singular", "woman", "une vieille femme barbue"),
        ("deux jeunes femmes assises", "fr", "woman", "plural", "man", "jeunes hommes assis"),
        ("mladého muže", "cs", "man", "accusative", "woman", "mladou ženu"),
        ("mladého muže", "cs", "man", "genitive", "woman", "mladé ženy"),
        ("dva staří muži", "cs", "man", "plural nominative", "woman", "dvě staré ženy"),
    ],
)
def test_articles_and_adjectives_agree_with_the_new_noun(text, language, concept, slot, other, expected):
    assert written(text, language, concept, slot, other) == expected


def test_a_noun_can_be_written_in_another_case():
    assert written("ein kleiner Hund", "de", "dog", "nominative", "dog", "accusative") == "einen kleinen Hund"
    assert written("malou dívku", "cs", "girl", "accusative", "girl", "nominative") == "malá dívka"


def test_what_has_no_such_form_is_not_written():
    assert written("zum alten Mann", "de", "man", "dative", "man", "nominative") is None  # no article goes with "zum"
    assert written("ein Baby", "de", "baby", "nominative", "baby", "plural nominative") is None


def test_verbs_that_end_like_adjectives_stay_out():
    phrase = only("zpívá žena", "cs", "woman", "nominative")
    assert phrase.start == len("zpívá ")


def test_an_adjective_that_began_the_sentence_may_go_to_its_middle():
    assert written("Stojící chlapec", "cs", "boy", "nominative", "boy", "accusative") == "stojícího chlapce"
