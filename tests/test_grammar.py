from __future__ import annotations

import tomllib

import pytest

from thought.errors import ConfigError
from thought.grammar import Lexicon, read

SMALL = r"""
everyday = ["dog"]
repairs = [['\ba (?=[aeiou])', 'an ']]
never = ['\ban? an?\b']

[lists]
verb = ["run", "running"]
stem = ["big", "red"]

[endings]
all = ["", "er"]

[concepts]
red = ["red~all"]
blue = ["blue~all", "/azure?/"]
dog = ["hound"]

[agreement]
columns = ["one", "many"]
rows = [["{stem}", "{stem}s"], ["-o", "-i"], ["only", ""]]

[phrases.noun]
one = ["a <one>* {}"]

[nouns]
dog = [{ noun = ["dog"] }]

[[swaps.colour]]
by = "words"
to = { red = ["blue"] }
"""


def small() -> Lexicon:
    return read(tomllib.loads(SMALL), "xx", "xx.toml")


def edited(old: str, new: str) -> Lexicon:
    assert old in SMALL
    return read(tomllib.loads(SMALL.replace(old, new)), "xx", "xx.toml")


def test_a_stem_takes_its_endings_in_order():
    assert small().concepts["red"].forms == ("red", "reder")


def test_a_regular_expression_is_found_but_has_no_form_to_swap():
    blue = small().concepts["blue"]
    assert blue.forms == ("blue", "blueer")
    assert blue.pattern.search("an azur sky")


def test_concepts_are_whole_words_in_any_case():
    lexicon = small()
    assert lexicon.says("Red!", ["red"])
    assert not lexicon.says("reddish", ["red"])
    assert not lexicon.says("red-blue", ["red"])


def test_nouns_say_their_concept_without_being_listed_again():
    lexicon = small()
    assert lexicon.says("a dog", ["dog"])
    assert lexicon.says("a hound", ["dog"])


def test_several_concepts_are_said_in_their_order():
    lexicon = small()
    assert lexicon.says("red and blue", ["red", "blue"])
    assert not lexicon.says("blue and red", ["red", "blue"])
    assert lexicon.says("nothing at all", [])


def test_a_concept_without_words_is_never_said():
    assert not edited('dog = ["hound"]', 'dog = ["hound"]\ncat = []').says("anything", ["cat"])


def test_a_row_with_the_name_of_a_list_stands_for_a_row_a_word():
    rows = small().agreement
    assert {"one": "big", "many": "bigs"} in rows
    assert {"one": "red", "many": "reds"} in rows
    assert len(rows) == 4


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('everyday = ["dog"]', 'everyday = ["dgo"]', "xx.toml: everyday: unknown 'dgo'; did you mean dog?"),
        ('"red~all"', '"red~al"', "concepts.red: 'red~al' has no endings 'al'; did you mean all?"),
        ('"red~all"', '"", "red"', "xx.toml: concepts.red: a word is empty"),
        ('"/azure?/"', '"/azure(/"', "concepts.blue: 'azure(' is no regular expression"),
        ('"/azure?/"', '"/{verbs}/"', "concepts.blue: unknown 'verbs'; did you mean verb?"),
        ('["-o", "-i"]', '["-o"]', "xx.toml: agreement.rows[1]: expected 2 words, got ['-o']"),
        ('["-o", "-i"]', "3", "xx.toml: agreement.rows[1]: expected a list of words, got 3"),
        ('"a <one>* {}"', '"a <on>* {}"', "phrases.noun.one: unknown 'on'; did you mean one?"),
        ('"a <one>* {}"', '"a dog"', "phrases.noun.one: 'a dog' must have one {} for the noun"),
        ('{ noun = ["dog"] }', '{ noun = ["dog", "dogs"] }', "nouns.dog.noun: expected 1 words"),
        ('{ noun = ["dog"] }', '{ nuon = ["dog"] }', "nouns.dog: unknown 'nuon'; did you mean noun?"),
        ('by = "words"', 'by = "magic"', "swaps.colour.by: expected one of words, phrases, exchange, patterns"),
        ('by = "words"', 'by = "exchange"', 'swaps.colour.nouns: is missing; by = "exchange" needs it'),
        ('red = ["blue"]', 'red = ["bleu"]', "swaps.colour.to: unknown 'bleu'; did you mean blue?"),
        ('by = "words"', 'by = "words"\nslots = ["two"]', "swaps.colour: unknown 'two'"),
        ('by = "words"', 'by = "words"\ntogether = "yes"', "swaps.colour.together: expected true or false"),
        ('by = "words"', 'by = "words"\nalso = [["a(", "b"]]', "swaps.colour.also[0]: 'a(' is no regular expression"),
        ("'an ']]", r"'\2']]", r"repairs[0]: '\\2'"),
        ('verb = ["run", "running"]', "verb = []", "lists.verb: needs words, none of them empty"),
        ("[lists]", "[list]", "xx.toml: unknown 'list'; did you mean lists?"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(old, new, message):
    with pytest.raises(ConfigError) as raised:
        edited(old, new)
    assert message in str(raised.value)


def test_classes_of_one_slot_need_templates_that_can_replace_each_other():
    with pytest.raises(ConfigError, match="one replaces another"):
        edited("[nouns]", '[phrases.other]\none = ["a {}"]\n\n[nouns]')


def test_contexts_name_slots_that_exist():
    with pytest.raises(ConfigError, match=r"contexts\.slots: unknown 'two'"):
        edited("[lists]", '[[contexts]]\nbefore = "^"\nslots = ["two"]\n\n[lists]')
