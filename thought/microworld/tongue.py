"""The table of one language: words, their forms, and the patterns that put them together.

A table is a TOML file without any code. What it holds:

* **Words** stand in rows: the columns that `[columns]` names for the class, then tags such as a gender
  ("Junge Jungen m weak"). A slash parts synonyms, "_" is a space inside a word, "-" is an empty form.
* **Patterns** are text with references in braces: "{agent nom} {finite} {patient acc}". Tags after a
  name ask for a form.
* **Choices** are tables of patterns by conditions, read from above: the first row whose words all
  hold is taken. "past !sg" holds for a past that is no singular; "" always holds.
* **Constructions** are the shapes a whole sentence can have, **chains** those of its verb. The first
  of each that fits is the plain way to say a thing, the others are as true.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from thought.errors import CorpusError
from thought.homes import data_file

ROLES = ("agent", "patient", "recipient", "instrument", "ground", "standard")  # slots that hold a noun
FORMAT = 1  # of the tables; raised when an old one can no longer be read

Tags = frozenset[str]
Part = str | tuple[str, Tags]  # text, or a reference and the tags it asks for
Pattern = tuple[Part, ...]

_REFERENCE = re.compile(r"\{([^{}]*)\}")
_SECTIONS = {"features", "columns", "inflection", "symbols", "agreement", "counts", "adjectives", "nouns", "verbs"}
_SECTIONS |= {"phrases", "constructions", "chains", "sandhi", "ends", "language", "shifts"}


@dataclass(frozen=True)
class Condition:
    """Tags that must hold and tags that must not."""

    needed: Tags
    barred: Tags

    def holds(self, tags: Tags) -> bool:
        """Whether a set of tags meets the condition."""
        return self.needed <= tags and not self.barred & tags


Choice = tuple[tuple[Condition, Pattern], ...]


@dataclass(frozen=True)
class Word:
    """A word with its forms by column, its tags, and symbols that are its own."""

    forms: Mapping[str, str]
    tags: Tags
    symbols: Mapping[str, Choice] = field(default_factory=dict)


@dataclass(frozen=True)
class Shape:
    """A construction of a sentence or a chain of verbs: when it fits, and its patterns by name."""

    name: str
    when: Condition
    adds: Tags
    subject: str
    chains: Tags  # names of chains it can be built with; empty for all
    patterns: Mapping[str, Choice]


@dataclass(frozen=True)
class Tongue:
    """One language, ready to speak; made by `load_tongue`."""

    code: str
    name: str
    groups: Mapping[str, Tags]  # tag -> the tags it excludes
    nouns: Mapping[str, tuple[Word, ...]]
    verbs: Mapping[str, tuple[Word, ...]]
    adjectives: Mapping[str, tuple[Word, ...]]
    phrases: Mapping[str, Mapping[str, tuple[Pattern, ...]]]  # slot -> value -> ways to say it
    counts: Mapping[str, Tags]
    inflection: Mapping[str, Choice]
    symbols: Mapping[str, Choice]
    agreement: tuple[tuple[Condition, Tags], ...]  # what a subject asks of its verb, where not its own tags
    shifts: tuple[tuple[Condition, Tags], ...]  # nouns whose tags depend on their count
    constructions: tuple[Shape, ...]
    chains: tuple[Shape, ...]
    sandhi: tuple[tuple[re.Pattern[str], str], ...]
    ends: Choice
    memory: dict[Any, str] = field(default_factory=dict, repr=False)  # phrases made before: most come again

    def with_tags(self, tags: Tags, given: Tags) -> Tags:
        """Add tags; of each group of features the given one replaces the other."""
        if given <= tags:
            return tags
        excluded = frozenset().union(*(self.groups.get(tag, frozenset()) for tag in given))
        return (tags - excluded) | given

    def changed(self, tags: Tags, changes: tuple[tuple[Condition, Tags], ...]) -> Tags:
        """Apply the first of some changes whose condition holds."""
        for condition, given in changes:
            if condition.holds(tags):
                return self.with_tags(tags, given)
        return tags


def load_tongue(source: str | Path) -> Tongue:
    """Read the table of a language.

    Parameters
    ----------
    source : str or Path
        "en", "de", "fr" or "cs" for those that come with the package, or a TOML file.

    Raises
    ------
    CorpusError
        If there is no such table, or it is malformed; the message has the section and the row.
    """
    path = Path(source)
    if path.suffix != ".toml":
        path = data_file(f"microworld/{source}.toml")
    return _read(path)


@cache
def _read(path: Path) -> Tongue:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise CorpusError(f"no table of a language in {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"{path} is not TOML: {error}") from error
    if table.pop("format", None) != FORMAT:
        raise CorpusError(f"{path}: expected format = {FORMAT}; another version of the package made this table")
    unknown = set(table) - _SECTIONS
    missing = {"language", "nouns", "verbs", "constructions", "chains", "symbols"} - set(table)
    if unknown or missing:
        raise CorpusError(f"{path}: sections unknown: {sorted(unknown)}, missing: {sorted(missing)}")
    try:
        return _build(table)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise CorpusError(f"{path}: {error}") from error


def _build(table: dict[str, Any]) -> Tongue:
    columns = {name: row.split() for name, row in table.get("columns", {}).items()}
    groups: dict[str, Tags] = {}
    for row in table.get("features", {}).values():
        groups |= {tag: frozenset(row.split()) - {tag} for tag in row.split()}
    words = {
        name: {key: _words(key, row, columns[name]) for key, row in table.get(f"{name}s", {}).items()}
        for name in ("noun", "verb", "adjective")
    }
    return Tongue(
        code=table["language"]["code"],
        name=table["language"]["name"],
        groups=groups,
        nouns=words["noun"],
        verbs=words["verb"],
        adjectives=words["adjective"],
        phrases={
            slot: {value: tuple(parse_pattern(way) for way in ways.split(" / ")) for value, ways in rows.items()}
            for slot, rows in table.get("phrases", {}).items()
        },
        counts={name: frozenset(row.split()) for name, row in table["counts"].items()},
        inflection={name: _choice(rows) for name, rows in table.get("inflection", {}).items()},
        symbols={name: _choice(rows) for name, rows in table["symbols"].items()},
        agreement=_changes(table.get("agreement", {})),
        shifts=_changes(table.get("shifts", {})),
        constructions=tuple(_shape(name, rows) for name, rows in table["constructions"].items()),
        chains=tuple(_shape(name, rows) for name, rows in table["chains"].items()),
        sandhi=tuple((re.compile(old), new) for old, new in table.get("sandhi", {}).items()),
        ends=_choice(table["ends"]),
    )


def parse_condition(text: str) -> Condition:
    """Read "past !sg" into what must hold and what must not."""
    words = text.split()
    barred = frozenset(word[1:] for word in words if word.startswith("!"))
    return Condition(frozenset(word for word in words if not word.startswith("!")), barred)


def parse_pattern(text: str) -> Pattern:
    """Read "{agent nom} sleeps" into text and references.

    Raises
    ------
    ValueError
        If a brace is open, or a reference has no name.
    """
    pieces = _REFERENCE.split(text)
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


def _choice(rows: str | Mapping[str, str]) -> Choice:
    if isinstance(rows, str):
        return ((parse_condition(""), parse_pattern(rows)),)
    return tuple((parse_condition(key), parse_pattern(text)) for key, text in rows.items())


def _changes(rows: Mapping[str, str]) -> tuple[tuple[Condition, Tags], ...]:
    return tuple((parse_condition(key), frozenset(row.split())) for key, row in rows.items())


def _words(key: str, row: str | Mapping[str, Any], columns: list[str]) -> tuple[Word, ...]:
    own = {} if isinstance(row, str) else {name: _choice(rows) for name, rows in row.items() if name != "is"}
    text = row if isinstance(row, str) else row["is"]
    found = []
    for way in text.split(" / "):
        cells = way.split()
        if len(cells) < len(columns):
            raise ValueError(f"{key}: expected the forms {', '.join(columns)}, got {way!r}")
        forms = {
            name: "" if cell == "-" else cell.replace("_", " ") for name, cell in zip(columns, cells, strict=False)
        }
        found.append(Word(forms, frozenset(cells[len(columns) :]), own))
    return tuple(found)


def _shape(name: str, rows: Mapping[str, Any]) -> Shape:
    special = {"when", "adds", "subject", "chains"}
    return Shape(
        name=name,
        when=parse_condition(rows.get("when", "")),
        adds=frozenset(rows.get("adds", "").split()),
        subject=rows.get("subject", "agent"),
        chains=frozenset(rows.get("chains", "").split()),
        patterns={key: _choice(value) for key, value in rows.items() if key not in special},
    )
