from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thought.microworld.patterns import (
    parse_choice,
    parse_condition,
    parse_pattern,
    parse_shape,
    parse_tags,
    parse_ways,
    parse_words,
)

TAGS = st.frozensets(st.sampled_from(["past", "sg", "pl", "nom"]))


@pytest.mark.parametrize(
    ("condition", "tags", "holds"),
    [
        ("", "", True),
        ("", "past", True),
        ("past", "past sg", True),
        ("past sg", "past", False),
        ("!past", "", True),
        ("!past", "past", False),
        ("past !sg", "past pl", True),
        ("past !sg", "past sg", False),
    ],
)
def test_a_condition_asks_for_tags_and_bars_others(condition, tags, holds):
    assert parse_condition(condition).holds(parse_tags(tags)) is holds


@given(TAGS, TAGS)
def test_a_condition_and_its_contrary_never_hold_together(asked, tags):
    if asked:
        needed, barred = parse_condition(" ".join(asked)), parse_condition(" ".join(f"!{tag}" for tag in asked))
        assert not (needed.holds(tags) and barred.holds(tags))


def test_a_pattern_is_text_and_references_with_what_they_ask_for():
    assert parse_pattern("{agent nom} sleeps, {where}") == (
        ("agent", frozenset({"nom"})),
        " sleeps, ",
        ("where", frozenset()),
    )
    assert parse_pattern("at night") == ("at night",)
    assert parse_pattern("") == ()
    assert parse_pattern("{particle}ge{stem pl acc}t")[-2:] == (("stem", frozenset({"pl", "acc"})), "t")


@pytest.mark.parametrize("text", ["{agent", "agent}", "{agent {nom}}", "{}", "a { } b", "}{"])
def test_braces_that_do_not_pair_are_shown(text):
    with pytest.raises(ValueError, match="braces do not pair in"):
        parse_pattern(text)


def test_a_choice_is_read_from_above():
    choice = parse_choice({"past": "was", "!sg": "are", "": "is"})
    assert [pattern for _, pattern in choice] == [("was",), ("are",), ("is",)]
    assert [condition.holds(frozenset({"sg"})) for condition, _ in choice] == [False, False, True]
    assert parse_choice("is") == parse_choice({"": "is"})


def test_ways_are_parted_by_slashes():
    assert parse_ways("in the forest / in the woods") == (("in the forest",), ("in the woods",))
    assert parse_ways("in den/im Wald") == (("in den/im Wald",),)


def test_a_row_of_words_has_forms_then_tags():
    (word,) = parse_words("Junge Jungen m weak", ["one", "more"])
    assert dict(word.forms) == {"one": "Junge", "more": "Jungen"}
    assert word.tags == {"m", "weak"}


def test_synonyms_spaces_and_empty_forms():
    words = parse_words("go_on goes_on - stative / - proceeds proceeded", ["base", "third", "past"])
    assert [tuple(word.forms.values()) for word in words] == [("go on", "goes on", ""), ("", "proceeds", "proceeded")]
    assert [set(word.tags) for word in words] == [{"stative"}, set()]


def test_a_word_can_have_symbols_of_its_own():
    (word,) = parse_words({"is": "help helps dative", "object": "{patient dat}"}, ["base", "third"])
    assert word.tags == {"dative"}
    assert word.symbols == {"object": parse_choice("{patient dat}")}


@pytest.mark.parametrize("row", ["", "sleep", "sleep sleeps / nap"])
def test_a_word_without_all_its_forms_names_them(row):
    with pytest.raises(ValueError, match="expected the forms base, third, got '.*'"):
        parse_words(row, ["base", "third"])


@pytest.mark.parametrize("row", [3, ["a", "b"], {}, {"is": 3}, {"object": "{patient}"}])
def test_a_word_that_is_no_text_is_a_mistake(row):
    with pytest.raises(ValueError, match="expected text in quotes"):
        parse_words(row, ["base"])


def test_a_shape_has_its_conditions_and_the_rest_are_patterns():
    shape = parse_shape({"when": "past !be", "adds": "early", "chains": "a b", "pattern": "{agent}", "rest": {"": "x"}})
    assert shape.when == parse_condition("past !be")
    assert (shape.adds, shape.chains, shape.subject) == ({"early"}, {"a", "b"}, "agent")
    assert shape.patterns == {"pattern": parse_choice("{agent}"), "rest": parse_choice("x")}


@pytest.mark.parametrize("rows", [3, "text", {"when": 3}, {"pattern": 3}, {"pattern": ["a"]}, {"pattern": {"": 3}}])
def test_a_shape_that_is_no_table_of_text_is_a_mistake(rows):
    with pytest.raises(ValueError, match="expected text in quotes"):
        parse_shape(rows)
