"""A file of rules -> what it says of a language, checked: concepts, phrases, and ways to change a sentence.

The head of `rules/en.toml` explains every section for those who write one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from thought.errors import nearest
from thought.tables import Tables

Means = Literal["words", "phrases", "exchange", "patterns"]
Forms = Mapping[str, tuple[str, str]]  # of a noun: slot -> its class, and the form it has there


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
    nouns: Mapping[str, tuple[Forms, ...]]  # concept -> its nouns, the one to write first
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


class _Reader(Tables):
    """Tables -> `Lexicon`."""

    def __init__(self, values: Mapping[str, Any], source: str) -> None:
        super().__init__(values, source, _KEYS)
        lists = self.table("lists")
        self.lists = {name: self.words(lists, name, "lists") for name in lists}
        for name, words in self.lists.items():
            if not all(words) or not words:
                self.fail(f"lists.{name}", "needs words, none of them empty")

    def lexicon(self, language: str) -> Lexicon:
        concepts = self.concepts()
        agreement = self.agreement()
        phrases = self.phrases({column for row in agreement for column in row})
        nouns = self.nouns(phrases)
        for name, entries in nouns.items():
            forms = (form for entry in entries for _, form in entry.values())
            old = concepts.get(name)
            concepts[name] = self.concept([*(old.forms if old else ()), *forms], f"nouns.{name}", old)
        self.known(self.words(self.values, "everyday"), concepts, "everyday")
        contexts = [
            (self.regex(item.get("before", ""), "contexts", r"(?:{})$"), self.words(item, "slots", "contexts"))
            for item in self.tables(self.values, "contexts")
        ]
        slots = {slot for table in phrases.values() for slot in table}
        for _, named in contexts:
            self.known(named, slots, "contexts.slots")
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
        if not all(forms):
            self.fail(key, "a word is empty")
        whole = [re.escape(form) for form in forms if not form.startswith("/")]
        parts = [_WORD.format("|".join(sorted(set(whole), key=len, reverse=True)))] if whole else []
        given = [form[1:].removesuffix("/") for form in forms if form.startswith("/")]
        parts += [self.regex(text, key).pattern for text in given]
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
        rows: list[Sequence[str]] = []
        for number, row in enumerate(self.typed(table, "rows", list, "agreement", [])):
            cells = self.words({"": row}, "", f"agreement.rows[{number}]", exactly=len(columns))
            rows += self.copies(cells, f"agreement.rows[{number}]")
        return tuple(dict(zip(columns, row, strict=True)) for row in rows)

    def copies(self, cells: tuple[str, ...], key: str) -> list[Sequence[str]]:
        """A row whose cells name a list, once for each of its words."""
        named = sorted(set(re.findall(r"\{([A-Za-z_]+)\}", " ".join(cells))))
        self.known(named, self.lists, key)
        if not named:
            return [cells]
        return [[cell.replace(f"{{{named[0]}}}", word) for cell in cells] for word in self.lists[named[0]]]

    def phrases(self, columns: set[str]) -> dict[str, dict[str, tuple[str, ...]]]:
        table = self.table("phrases")
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        shapes: dict[str, list[int]] = {}
        for name in table:
            key = f"phrases.{name}"
            slots = self.table(name, table, "phrases")
            found[name] = {slot: self.words(slots, slot, key) for slot in slots}
            for slot, templates in found[name].items():
                shape = [len(re.findall("<[^>]*>", template)) for template in templates]
                if shapes.setdefault(slot, shape) != shape:
                    message = "classes need the same templates, with places for adjectives alike: one replaces another"
                    self.fail(f"{key}.{slot}", message)
                for template in templates:
                    if template.count("{}") != 1:
                        self.fail(f"{key}.{slot}", f"{template!r} must have one {{}} for the noun")
                    self.known(re.findall("<([^>]*)>", template), columns, f"{key}.{slot}")
        return found

    def nouns(self, phrases: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, tuple[Forms, ...]]:
        table = self.table("nouns")
        found: dict[str, tuple[Forms, ...]] = {}
        for name in table:
            key = f"nouns.{name}"
            entries = []
            for item in self.tables(table, name, "nouns"):
                self.known(item, phrases, key)
                entry: dict[str, tuple[str, str]] = {}
                for kind in item:
                    forms = self.words(item, kind, key, exactly=len(phrases[kind]))
                    entry.update({slot: (kind, form) for slot, form in zip(phrases[kind], forms, strict=True)})
                entries.append(entry)
            found[name] = tuple(entries)
        return found

    def rule(self, item: Mapping[str, Any], key: str, concepts: Mapping[str, Any], nouns: Mapping[str, Any],
             slots: Iterable[str]) -> Rule:  # fmt: skip
        self.known(item, _RULE_KEYS, key)
        by: Any = item.get("by")
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
            tuple(self.words({"": pair}, "", f"{key}.places", exactly=2)
                  for pair in self.typed(item, "places", list, key, [])),
            tuple(self.regex(text, f"{key}.between") for text in self.words(item, "between", key)),
            self.pairs(item, "patterns", key), self.words(item, "before", key), self.words(item, "after", key),
        )  # fmt: skip
        named = {*to, *(target for targets in to.values() for target in targets), *rule.nouns}
        self.known(sorted(named), nouns if by in ("phrases", "exchange") else concepts, f"{key}.to")
        self.known((*rule.before, *rule.after), concepts, key)
        self.known((*rule.slots, *(slot for pair in rule.places for slot in pair)), slots, key)
        return rule

    def pairs(self, table: Mapping[str, Any], key: str, within: str = "", shape: str = "{}",
              flags: int = 0) -> tuple[Pattern, ...]:  # fmt: skip
        where = f"{within}.{key}".lstrip(".")
        found = []
        for number, pair in enumerate(self.typed(table, key, list, within, [])):
            find, put = self.words({"": pair}, "", f"{where}[{number}]", exactly=2)
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
            longest_first = sorted(self.lists[name], key=len, reverse=True)
            whole = whole.replace(f"{{{name}}}", f"(?:{'|'.join(longest_first)})")
        try:
            return re.compile(shape.replace("{}", whole), flags)
        except re.error as error:
            self.fail(key, f"{text!r} is no regular expression: {error}")
