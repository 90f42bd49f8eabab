"""A file of rules -> what it says of a language, checked: concepts, phrases, and ways to change a sentence.

The head of `rules/en.toml` explains every section for those who write one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from thought.errors import ConfigError, nearest

Means = Literal["words", "phrases", "exchange", "patterns"]


@dataclass(frozen=True)
class Concept:
    """The words that say one thing, such as all forms of "red"."""

    forms: tuple[str, ...]  # form i of one concept takes the place of form i of another
    pattern: re.Pattern[str]  # finds any of them, and what is given as /regular expressions/


@dataclass(frozen=True)
class Pattern:
    r"""What to look for, and what to put there; `put` may take groups of `find` as \1, \2."""

    find: re.Pattern[str]
    put: str


@dataclass(frozen=True)
class Rule:
    """One way to change what a sentence says: a `[[swaps.KIND]]` table."""

    by: Means
    to: Mapping[str, tuple[str, ...]]  # concept -> what may take its place; the first that can is taken
    together: bool  # all concepts of `to` that occur are changed, not only the first
    slots: tuple[str, ...]  # of phrases; empty for all
    also: tuple[Pattern, ...]  # what must change with it
    leave_out: tuple[re.Pattern[str], ...]  # a sentence with one of these is not changed
    nouns: tuple[str, ...]  # concepts that may be exchanged
    places: tuple[tuple[str, ...], ...]  # slots of the first and of the second
    between: tuple[re.Pattern[str], ...]  # all that may stand between the two
    patterns: tuple[Pattern, ...]
    before: tuple[str, ...]  # concepts that patterns take away
    after: tuple[str, ...]  # concepts that patterns bring in


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The rules of one language."""

    language: str  # code, such as "de"
    concepts: Mapping[str, Concept]
    agreement: tuple[Mapping[str, str], ...]  # column -> "-ending" or word; one row a way to agree
    phrases: Mapping[str, Mapping[str, tuple[str, ...]]]  # class -> slot -> templates
    nouns: Mapping[str, tuple[Mapping[str, tuple[str, str]], ...]]  # concept -> its nouns: slot -> class, form
    contexts: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]  # what stands before -> slots that can follow
    swaps: Mapping[str, tuple[Rule, ...]]  # kind -> rules, tried in turn
    repairs: tuple[Pattern, ...]  # of what a changed word does to its neighbours
    never: tuple[re.Pattern[str], ...]  # no sentence that a swap has made may hold these
    everyday: tuple[str, ...]  # concepts whose presence is worth a probe

    def says(self, text: str, concepts: Sequence[str]) -> bool:
        """Whether all of these occur, the first mention of each after that of the one before it."""
        last = -1
        for concept in concepts:
            match = self.concepts[concept].pattern.search(text)
            if match is None or match.start() <= last:
                return False
            last = match.start()
        return True


def read(values: Mapping[str, Any], language: str, source: str) -> Lexicon:
    """Check the tables of a file of rules.

    Parameters
    ----------
    values : dict
        As `tomllib` reads them.
    language, source : str
        Code, and name of the file for messages.

    Raises
    ------
    ConfigError
        If a key is unknown, missing, of the wrong type, or names what is not there; the message has file and key.
    """
    return _Reader(values, source).lexicon(language)


_KEYS = ("name", "everyday", "lists", "endings", "concepts", "agreement", "phrases", "nouns", "contexts", "swaps",
         "repairs", "never")  # fmt: skip
_RULE_KEYS = tuple(Rule.__dataclass_fields__)
_NEEDS = {"words": ("to",), "phrases": ("to",), "exchange": ("nouns", "places", "between"), "patterns": ("patterns",)}
_WORD = r"(?<![\w-])(?:{})(?![\w-])"  # whole words only: "blue" is not in "blue-green"


class _Reader:
    """Tables -> `Lexicon`; every message starts with file and key."""

    def __init__(self, values: Mapping[str, Any], source: str) -> None:
        self.source = source
        self.values = values
        self.known(values, _KEYS, "")
        lists = self.table("lists")
        self.lists = {name: self.alternatives(self.words(lists, name, "lists")) for name in lists}

    def lexicon(self, language: str) -> Lexicon:
        concepts = self.concepts()
        agreement = self.agreement()
        phrases = self.phrases({column for row in agreement for column in row})
        nouns = self.nouns(phrases)
        for name, entries in nouns.items():
            forms = (form for entry in entries for _, form in entry.values())
            old = concepts.get(name)
            concepts[name] = self.concept([*(old.forms if old else ()), *forms], f"nouns.{name}", old)
        self.known(dict.fromkeys(self.words(self.values, "everyday")), concepts, "everyday")
        contexts = [
            (self.regex(item.get("before", ""), "contexts", r"(?:{})$"), self.words(item, "slots", "contexts"))
            for item in self.tables(self.values, "contexts")
        ]
        slots = {slot for table in phrases.values() for slot in table}
        for _, named in contexts:
            self.known(dict.fromkeys(named), slots, "contexts.slots")
        kinds = self.table("swaps")
        swaps = {kind: tuple(self.rule(item, f"swaps.{kind}", concepts, nouns, slots)
                             for item in self.tables(kinds, kind, "swaps")) for kind in kinds}  # fmt: skip
        return Lexicon(
            language, concepts, agreement, phrases, nouns, tuple(contexts), swaps,
            self.pairs(self.values, "repairs"),
            tuple(self.regex(text, "never") for text in self.words(self.values, "never")),
            self.words(self.values, "everyday"),
        )  # fmt: skip

    def concepts(self) -> dict[str, Concept]:
        table, endings = self.table("concepts"), self.table("endings")
        found = {}
        for name in table:
            forms: list[str] = []
            for word in self.words(table, name, "concepts"):
                stem, tilde, ending = word.partition("~")
                if tilde and ending not in endings:
                    self.fail(f"concepts.{name}", f"{word!r} has no endings {ending!r}{nearest(ending, endings)}")
                forms += [stem + end for end in self.words(endings, ending, "endings")] if tilde else [word]
            found[name] = self.concept(forms, f"concepts.{name}")
        return found

    def concept(self, forms: Sequence[str], key: str, old: Concept | None = None) -> Concept:
        whole = [re.escape(form) for form in forms if not form.startswith("/")]
        parts = [_WORD.format("|".join(sorted(set(whole), key=len, reverse=True)))] if whole else []
        parts += [form.strip("/") for form in forms if form.startswith("/")]
        parts += [old.pattern.pattern] if old else []
        parts = [part for part in parts if part] or [r"(?!)"]  # nothing says it, rather than everything
        kept = old.forms if old else tuple(form for form in forms if not form.startswith("/"))
        return Concept(kept, self.regex("|".join(parts), key, flags=re.IGNORECASE))

    def agreement(self) -> tuple[Mapping[str, str], ...]:
        table = self.table("agreement")
        if not table:
            return ()
        self.known(table, ("columns", "rows"), "agreement")
        columns = self.words(table, "columns", "agreement")
        rows = [copy for row in self.typed(table, "rows", list, "agreement", []) for copy in self.copies(row)]
        for number, row in enumerate(rows):
            if not isinstance(row, list) or len(row) != len(columns) or not all(isinstance(cell, str) for cell in row):
                self.fail(f"agreement.rows[{number}]", f"expected {len(columns)} words or -endings, got {row!r}")
        return tuple(dict(zip(columns, row, strict=True)) for row in rows)

    def copies(self, row: Any) -> list[Any]:
        """A row of agreement whose cells name a list, once for each of its words."""
        named = sorted(set(re.findall(r"\{([A-Za-z_]+)\}", " ".join(row)))) if isinstance(row, list) else []
        if not named:
            return [row]
        self.known(named, self.lists, "agreement.rows")
        words = self.words(self.values["lists"], named[0], "lists")
        return [[cell.replace(f"{{{named[0]}}}", word) for cell in row] for word in words]

    def phrases(self, columns: set[str]) -> dict[str, dict[str, tuple[str, ...]]]:
        table = self.table("phrases")
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        sizes: dict[str, int] = {}
        for name in table:
            key = f"phrases.{name}"
            slots = self.table(name, table, "phrases")
            found[name] = {slot: self.words(slots, slot, key) for slot in slots}
            for slot, templates in found[name].items():
                if sizes.setdefault(slot, len(templates)) != len(templates):
                    self.fail(f"{key}.{slot}", f"{len(templates)} templates, another class has {sizes[slot]}: they "
                                               "take each other's place, one by one")  # fmt: skip
                for template in templates:
                    if template.count("{}") != 1:
                        self.fail(f"{key}.{slot}", f"{template!r} must have one {{}} for the noun")
                    self.known(dict.fromkeys(re.findall(r"<([^>]*)>", template)), columns, f"{key}.{slot}")
        return found

    def nouns(
        self, phrases: Mapping[str, Mapping[str, tuple[str, ...]]]
    ) -> dict[str, tuple[dict[str, tuple[str, str]], ...]]:
        table = self.table("nouns")
        found = {}
        for name in table:
            key = f"nouns.{name}"
            entries = []
            for item in self.tables(table, name, "nouns"):
                self.known(item, phrases, key)
                entry: dict[str, tuple[str, str]] = {}
                for kind in item:
                    forms = self.words(item, kind, key)
                    if len(forms) != len(phrases[kind]):
                        self.fail(f"{key}.{kind}", f"expected {len(phrases[kind])} forms, for "
                                                   f"{', '.join(phrases[kind])}, got {len(forms)}")  # fmt: skip
                    entry.update({slot: (kind, form) for slot, form in zip(phrases[kind], forms, strict=True)})
                entries.append(entry)
            found[name] = tuple(entries)
        return found

    def rule(self, item: Mapping[str, Any], key: str, concepts: Mapping[str, Any], nouns: Mapping[str, Any],
             slots: Iterable[str]) -> Rule:  # fmt: skip
        self.known(item, _RULE_KEYS, key)
        by = item.get("by")
        if by not in get_args(Means):
            self.fail(f"{key}.by", f"expected one of {', '.join(get_args(Means))}, got {by!r}")
        for need in _NEEDS[by]:
            if need not in item:
                self.fail(f"{key}.{need}", f'is missing; by = "{by}" needs it')
        table = self.table("to", item, key)
        to = {name: self.words(table, name, f"{key}.to") for name in table}
        rule = Rule(
            by, to, self.typed(item, "together", bool, key, False), self.words(item, "slots", key),
            self.pairs(item, "also", key, _WORD, re.IGNORECASE),
            tuple(self.regex(text, f"{key}.leave_out") for text in self.words(item, "leave_out", key)),
            self.words(item, "nouns", key),
            tuple(self.words({"places": pair}, "places", key) for pair in self.typed(item, "places", list, key, [])),
            tuple(self.regex(text, f"{key}.between") for text in self.words(item, "between", key)),
            self.pairs(item, "patterns", key), self.words(item, "before", key), self.words(item, "after", key),
        )  # fmt: skip
        named = {*to, *(target for targets in to.values() for target in targets), *rule.nouns}
        self.known(dict.fromkeys(named), nouns if by in ("phrases", "exchange") else concepts, f"{key}.to")
        self.known(dict.fromkeys((*rule.before, *rule.after)), concepts, key)
        self.known(dict.fromkeys((*rule.slots, *(slot for pair in rule.places for slot in pair))), slots, key)
        return rule

    def pairs(self, table: Mapping[str, Any], key: str, within: str = "", shape: str = "{}",
              flags: int = 0) -> tuple[Pattern, ...]:  # fmt: skip
        where = f"{within}.{key}".lstrip(".")
        found = []
        for number, pair in enumerate(self.typed(table, key, list, within, [])):
            find, put = self.words({"": pair}, "", f"{where}[{number}]", least=2, most=2)
            pattern = self.regex(find, f"{where}[{number}]", shape, flags)
            try:
                re.sub(pattern.pattern + "|", put, "", count=1)  # the empty alternative: does `put` fit the groups?
            except (re.error, IndexError) as error:
                self.fail(f"{where}[{number}]", f"{put!r}: {error}")
            found.append(Pattern(pattern, put))
        return tuple(found)

    def regex(self, text: str, key: str, shape: str = "{}", flags: int = 0) -> re.Pattern[str]:
        whole = text.removeprefix("(?i)")
        flags |= re.IGNORECASE if whole != text else 0
        for name in re.findall(r"\{([A-Za-z_]+)\}", text):
            self.known([name], self.lists, key)
            whole = whole.replace(f"{{{name}}}", self.lists[name])
        try:
            return re.compile(shape.replace("{}", whole), flags)
        except re.error as error:
            return self.fail(key, f"{text!r} is no regular expression: {error}")

    def alternatives(self, words: Sequence[str]) -> str:
        return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"

    def words(self, table: Mapping[str, Any], key: str, within: str = "", least: int = 0,
              most: int = 9_999) -> tuple[str, ...]:  # fmt: skip
        found = table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
            self.fail(f"{within}.{key}", f"expected a list of words, got {found!r}")
        if not least <= len(found) <= most:
            self.fail(f"{within}.{key}", f"expected {least} words, got {len(found)}")
        return tuple(found)

    def table(self, key: str, within: Mapping[str, Any] | None = None, path: str = "") -> dict[str, Any]:
        found: dict[str, Any] = self.typed(self.values if within is None else within, key, dict, path, {})
        return found

    def tables(self, within: Mapping[str, Any], key: str, path: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.typed(within, key, list, path, [])
        if not all(isinstance(item, dict) for item in found):
            self.fail(f"{path}.{key}", f"expected a list of tables, got {found!r}")
        return found

    def typed(self, table: Mapping[str, Any], key: str, kind: type, path: str, default: Any) -> Any:
        found = table.get(key, default)
        if not isinstance(found, kind):
            names = {dict: "a table", list: "a list", bool: "true or false"}
            self.fail(f"{path}.{key}", f"expected {names[kind]}, got {found!r}")
        return found

    def known(self, names: Iterable[str], known: Iterable[str], key: str) -> None:
        for name in names:
            if name not in set(known):
                self.fail(key, f"unknown {name!r}{nearest(name, known)}")

    def fail(self, key: str, message: str) -> Any:
        raise ConfigError(f"{self.source}: {key.strip('.')}: {message}".replace(": : ", ": "))
