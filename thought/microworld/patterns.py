"""The parts of a language's table: conditions, patterns with references, words, shapes of sentences.

Each is read from text a person writes; a mistake in it is a ValueError, to which `tongue` adds the
file, the section and the row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

Row = TypeVar("Row")

Tags = frozenset[str]
Part = str | tuple[str, Tags]  # text, or a reference and the tags it asks for
Pattern = tuple[Part, ...]

_REFERENCE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Condition:
    """Tags that must hold and tags that must not."""

    needed: Tags
    barred: Tags

    def holds(self, tags: Tags) -> bool:
        """Whether a set of tags meets the condition."""
        return self.needed <= tags and not self.barred & tags


Choice = tuple[tuple[Condition, Pattern], ...]
Changes = tuple[tuple[Condition, Tags], ...]


@dataclass(frozen=True, eq=False)
class Word:
    """A word with its forms by column, its tags, and symbols that are its own."""

    forms: Mapping[str, str]
    tags: Tags
    symbols: Mapping[str, Choice] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Shape:
    """A construction of a sentence or a chain of verbs: when it fits, and its patterns by name."""

    name: str
    when: Condition
    adds: Tags
    subject: str
    chains: Tags  # names of chains it can be built with; empty for all
    patterns: Mapping[str, Choice]


def parse_condition(text: str) -> Condition:
    """Read "past !sg" into what must hold and what must not."""
    words = parse_text(text).split()
    barred = frozenset(word[1:] for word in words if word.startswith("!"))
    return Condition(frozenset(word for word in words if not word.startswith("!")), barred)


def parse_pattern(text: str) -> Pattern:
    """Read "{agent nom} sleeps" into text and references.

    Raises
    ------
    ValueError
        If a brace is open, or a reference has no name.
    """
    pieces = _REFERENCE.split(parse_text(text))
    if any("{" in piece or "}" in piece for piece in pieces) or any(not piece.strip() for piece in pieces[1::2]):
        raise ValueError(f'braces do not pair in "{text}"')
    parts: list[Part] = []
    for number, piece in enumerate(pieces):
        if number % 2:
            name, *tags = piece.split()
            parts.append((name, frozenset(tags)))
        elif piece:
            parts.append(piece)
    return tuple(parts)


def parse_choice(rows: str | Mapping[str, str]) -> Choice:
    """Read a pattern, or a table of patterns by conditions."""
    if isinstance(rows, str):
        return ((parse_condition(""), parse_pattern(rows)),)
    return tuple((parse_condition(key), parse_pattern(text)) for key, text in _table(rows).items())


def parse_ways(text: str) -> tuple[Pattern, ...]:
    """Read patterns that mean the same, parted by slashes."""
    return tuple(parse_pattern(way) for way in parse_text(text).split(" / "))


def parse_tags(text: str) -> Tags:
    """Read tags parted by spaces."""
    return frozenset(parse_text(text).split())


def parse_words(row: str | Mapping[str, str | Mapping[str, str]], columns: Sequence[str]) -> tuple[Word, ...]:
    """Read synonyms: "kid kids / child children", or a table whose "is" is that, with symbols of their own.

    Raises
    ------
    ValueError
        If a synonym has fewer forms than there are columns.
    """
    rows = {"is": row} if isinstance(row, str) else _table(row)
    own = {name: parse_choice(choice) for name, choice in rows.items() if name != "is"}
    found = []
    for way in parse_text(rows.get("is")).split(" / "):
        cells = way.split()
        if len(cells) < len(columns):
            raise ValueError(f"expected the forms {', '.join(columns)}, got {way!r}")
        forms = ("" if cell == "-" else cell.replace("_", " ") for cell in cells[: len(columns)])
        found.append(Word(dict(zip(columns, forms, strict=True)), frozenset(cells[len(columns) :]), own))
    return tuple(found)


def parse_shape(rows: Mapping[str, str | Mapping[str, str]]) -> Shape:
    """Read a construction or a chain of verbs, whose name is not in its rows."""
    special = {key: parse_text(_table(rows).get(key, "")) for key in ("when", "adds", "subject", "chains")}
    return Shape(
        name="",
        when=parse_condition(special["when"]),
        adds=parse_tags(special["adds"]),
        subject=special["subject"] or "agent",
        chains=parse_tags(special["chains"]),
        patterns={key: parse_choice(value) for key, value in rows.items() if key not in special},
    )


def parse_text(value: object) -> str:
    """Return what is text already; anything else is a mistake in a table."""
    if isinstance(value, str):
        return value
    raise ValueError(f"expected text in quotes, got {value}")


def _table(value: Mapping[str, Row]) -> Mapping[str, Row]:
    if isinstance(value, Mapping):
        return value
    raise ValueError(f"expected text in quotes or a table in braces, got {value}")
