from __future__ import annotations

import pytest

from thought.errors import ConfigError
from thought.tables import Tables


def test_values_of_the_right_type_are_given_back():
    tables = Tables({"a": {"words": ["x", "y"], "is": True}, "b": [{"c": []}]}, "f.toml", ["a", "b"])
    assert tables.words(tables.table("a"), "words") == ("x", "y")
    assert tables.typed(tables.table("a"), "is", bool, "a", False) is True
    assert tables.tables(tables.values, "b") == [{"c": []}]


def test_what_is_not_there_is_empty():
    tables = Tables({}, "f.toml", ["a"])
    assert tables.words({}, "a") == ()
    assert tables.table("a") == {}
    assert tables.tables({}, "a") == []


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda tables: tables.words({"k": "x"}, "k", "t"), "f.toml: t.k: expected a list of words, got 'x'"),
        (lambda tables: tables.words({"k": [1]}, "k", "t"), "f.toml: t.k: expected a list of words, got [1]"),
        (lambda tables: tables.words({"k": ["x"]}, "k", "t", exactly=2), "f.toml: t.k: expected 2 words, got ['x']"),
        (lambda tables: tables.table("k", {"k": 3}, "t"), "f.toml: t.k: expected a table, got 3"),
        (lambda tables: tables.tables({"k": ["x"]}, "k", "t"), "f.toml: t.k: expected a list of tables, got ['x']"),
        (lambda tables: tables.typed({"k": 1}, "k", bool, "t", False), "f.toml: t.k: expected true or false, got 1"),
        (lambda tables: tables.known(["colur"], ["colour"], "t"), "f.toml: t: unknown 'colur'; did you mean colour?"),
    ],
)
def test_a_message_says_file_key_what_came_and_what_was_expected(read, message):
    with pytest.raises(ConfigError) as raised:
        read(Tables({}, "f.toml", ["a"]))
    assert str(raised.value) == message


def test_an_unknown_key_is_named_with_the_nearest_known_one():
    with pytest.raises(ConfigError, match=r"f\.toml: unknown 'concpts'; did you mean concepts\?"):
        Tables({"concpts": {}}, "f.toml", ["concepts", "nouns"])
