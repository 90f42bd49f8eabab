"""One base for all mistakes, and the nearest name in the message."""

from __future__ import annotations

import inspect

import pytest

from thought import errors
from thought.errors import MOST_NAMES, ThoughtError, nearest

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_is_a_thought_error_and_says_what_it_is_for(kind: type[Exception]) -> None:
    assert issubclass(kind, ThoughtError)
    assert kind.__doc__


def test_the_closest_name_is_offered() -> None:
    assert nearest("thougt_size", ["thought_size", "dropout"]) == "; did you mean thought_size?"


def test_a_few_names_are_listed_when_none_is_close() -> None:
    assert nearest("xyz", ["en", "de"]) == "; known: de, en"


def test_many_names_are_not_listed() -> None:
    assert nearest("xyz", [f"language {number}" for number in range(MOST_NAMES + 1)]) == ""


def test_nothing_is_offered_where_nothing_is_known() -> None:
    assert nearest("xyz", []) == ""
