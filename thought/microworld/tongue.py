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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

from thought.errors import CorpusError, nearest
from thought.homes import data_file
from thought.microworld.patterns import (
    Changes,
    Choice,
    Pattern,
    Shape,
    Tags,
    Word,
    parse_choice,
    parse_condition,
    parse_pattern,
    parse_shape,
    parse_tags,
    parse_text,
    parse_ways,
    parse_words,
)

ROLES = ("agent", "patient", "recipient", "instrument", "ground", "standard")  # slots that hold a noun
FORMAT = 1  # of the tables; raised when an old one can no longer be read

_NEEDED = {
    "language",
    "counts",
    "columns",
    "nouns",
    "inflection",
    "verbs",
    "symbols",
    "chains",
    "constructions",
    "ends",
}
_SECTIONS = {*_NEEDED, "features", "agreement", "shifts", "adjectives", "phrases", "sandhi"}

_CLASSES = ("noun", "verb", "adjective")

Read = TypeVar("Read")


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
    agreement: Changes  # what a subject asks of its verb, where not its own tags
    shifts: Changes  # nouns whose tags depend on their count
    constructions: tuple[Shape, ...]
    chains: tuple[Shape, ...]
    sandhi: tuple[tuple[re.Pattern[str], str], ...]
    ends: Choice
    # what was made before, as most of it comes again
    memory: dict[Any, str] = field(default_factory=dict, repr=False)  # phrases
    agreed: dict[Any, Tags] = field(default_factory=dict, repr=False)  # what nouns ask of their verb
    shapes: dict[Tags, tuple[Any, ...]] = field(default_factory=dict, repr=False)  # of clauses
    outlines: dict[Any, tuple[Pattern, Pattern]] = field(default_factory=dict, repr=False)  # of sentences

    @cached_property
    def tested(self) -> Tags:
        """Tags that a condition or a reference names: no other has a say in how a sentence is built."""
        shapes = (*self.constructions, *self.chains)
        choices = [*self.symbols.values(), *self.inflection.values(), self.ends]
        choices += [choice for shape in shapes for choice in shape.patterns.values()]
        choices += [choice for words in self.verbs.values() for word in words for choice in word.symbols.values()]
        conditions = [shape.when for shape in shapes]
        conditions += [condition for choice in choices for condition, _ in choice]
        patterns = [pattern for choice in choices for _, pattern in choice]
        patterns += [way for phrases in self.phrases.values() for ways in phrases.values() for way in ways]
        asked = (part[1] for pattern in patterns for part in pattern if not isinstance(part, str))
        return frozenset().union(*(each.needed | each.barred for each in conditions), *asked)

    def with_tags(self, tags: Tags, given: Tags) -> Tags:
        """Add tags; of each group of features the given one replaces the other."""
        if given <= tags:
            return tags
        excluded = frozenset().union(*(self.groups.get(tag, frozenset()) for tag in given))
        return (tags - excluded) | given

    def changed(self, tags: Tags, changes: Changes) -> Tags:
        """Apply the first of some changes whose condition holds."""
        for condition, given in changes:
            if condition.holds(tags):
                return self.with_tags(tags, given)
        return tags


def spoken() -> tuple[str, ...]:
    """Return the codes of the languages whose tables come with the package."""
    folder = data_file("microworld/world.toml").parent
    return tuple(sorted(path.stem for path in folder.glob("*.toml") if path.stem != "world"))


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
    if path.suffix == ".toml":
        return _read(path)
    if source not in spoken():
        raise CorpusError(f"microworld does not speak {source}{nearest(str(source), spoken())}")
    return _read(data_file(f"microworld/{source}.toml"))


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
    unknown, missing = sorted(set(table) - _SECTIONS), sorted(_NEEDED - set(table))
    if unknown:
        raise CorpusError(f"{path} has an unknown section {unknown[0]}{nearest(unknown[0], _SECTIONS)}")
    if missing:
        raise CorpusError(f"{path} lacks the sections {', '.join(missing)}")
    try:
        tongue = _build(table)
        _check(tongue)
    except ValueError as error:
        raise CorpusError(f"{path}, {error}") from error
    return tongue


def _build(table: Mapping[str, Any]) -> Tongue:
    columns = _rows(table, "columns", lambda row: parse_text(row).split())
    words = {name: _rows(table, f"{name}s", partial(parse_words, columns=columns.get(name, []))) for name in _CLASSES}
    for section, row in (("language", "code"), ("language", "name"), ("symbols", "phrase")):
        if row not in _rows(table, section, lambda rows: rows):
            raise ValueError(f"[{section}] has no row {row}")
    language = _rows(table, "language", parse_text)
    groups = _rows(table, "features", parse_tags)
    return Tongue(
        code=language["code"],
        name=language["name"],
        groups={tag: tags - {tag} for tags in groups.values() for tag in tags},
        nouns=words["noun"],
        verbs=words["verb"],
        adjectives=words["adjective"],
        phrases={slot: _rows(table, f"phrases.{slot}", parse_ways) for slot in table.get("phrases", {})},
        counts=_rows(table, "counts", parse_tags),
        inflection=_rows(table, "inflection", parse_choice),
        symbols=_rows(table, "symbols", parse_choice),
        agreement=_changes(table, "agreement"),
        shifts=_changes(table, "shifts"),
        constructions=_shapes(table, "constructions", "pattern"),
        chains=_shapes(table, "chains", "finite"),
        sandhi=_sandhi(table),
        ends=tuple((parse_condition(key), way) for key, way in _rows(table, "ends", parse_pattern).items()),
    )


def _rows(table: Mapping[str, Any], section: str, read: Callable[[Any], Read]) -> dict[str, Read]:
    """Read each row of a section such as "nouns" or "phrases.place"; a mistake is told with its place."""
    rows: Any = table
    for name in section.split("."):
        rows = rows.get(name, {}) if isinstance(rows, Mapping) else None
    if not isinstance(rows, Mapping):
        raise ValueError(f"[{section}] holds no rows")
    found = {}
    for key, row in rows.items():
        try:
            found[key] = read(row)
        except ValueError as error:
            raise ValueError(f"[{section}] {key}: {error}") from error
    return found


def _changes(table: Mapping[str, Any], section: str) -> Changes:
    return tuple((parse_condition(key), tags) for key, tags in _rows(table, section, parse_tags).items())


def _sandhi(table: Mapping[str, Any]) -> tuple[tuple[re.Pattern[str], str], ...]:
    found = []
    for old, new in _rows(table, "sandhi", parse_text).items():
        try:
            re.sub(old, new, "")
            found.append((re.compile(old), new))
        except re.error as error:
            raise ValueError(f"[sandhi] {old}: {error}") from error
    return tuple(found)


def _shapes(table: Mapping[str, Any], section: str, needed: str) -> tuple[Shape, ...]:
    shapes = _rows(table, section, parse_shape)
    for name, shape in shapes.items():
        if needed not in shape.patterns:
            raise ValueError(f"[{section}] {name}: expected a row {needed}")
    return tuple(replace(shape, name=name) for name, shape in shapes.items())


def _check(tongue: Tongue) -> None:
    """Raise ValueError if a pattern refers to what the table does not have."""
    verbs = [word for words in tongue.verbs.values() for word in words]
    known = {*ROLES, "quality", "noun", "adjective", *tongue.phrases, *tongue.symbols}
    known.update(*(word.forms for word in verbs), *(word.symbols for word in verbs))
    known.update(*(chain.patterns for chain in tongue.chains))
    for place, pattern in _patterns(tongue):
        for name in (part[0] for part in pattern if not isinstance(part, str)):
            if name not in known:
                raise ValueError(f"{place}: nothing is called {{{name}}}{nearest(name, known)}")
    for kind, words in (("noun", tongue.nouns), ("adjective", tongue.adjectives)):
        if words and kind not in tongue.inflection:
            raise ValueError(f"[inflection] has no row {kind}")
        columns = {name for ways in words.values() for word in ways for name in word.forms}
        for _, pattern in tongue.inflection.get(kind, ()):
            for name in (part[0] for part in pattern if not isinstance(part, str)):
                if name not in columns:
                    raise ValueError(f"[inflection] {kind}: no column is called {{{name}}}{nearest(name, columns)}")


def _patterns(tongue: Tongue) -> Iterator[tuple[str, Pattern]]:
    """Yield every pattern of a table that is about sentences, with its place."""
    rows = [(f"[symbols] {name}", choice) for name, choice in tongue.symbols.items()]
    for section, shapes in (("constructions", tongue.constructions), ("chains", tongue.chains)):
        rows += [(f"[{section}] {shape.name}", choice) for shape in shapes for choice in shape.patterns.values()]
    for key, words in tongue.verbs.items():
        rows += [(f"[verbs] {key}", choice) for word in words for choice in word.symbols.values()]
    yield from ((place, pattern) for place, choice in [*rows, ("[ends]", tongue.ends)] for _, pattern in choice)
    for slot, phrases in tongue.phrases.items():
        yield from ((f"[phrases.{slot}] {value}", way) for value, ways in phrases.items() for way in ways)
