"""A frame and a language -> the sentences that say it, the plain one first.

A wording is a construction ("it is ... who"), a chain of verbs ("is washing", "washes") and a choice
of synonyms. All wordings of a frame are true of the same thing; no two frames share one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from thought.errors import CorpusError
from thought.microworld.frames import SINGLE, Frame
from thought.microworld.patterns import Choice, Part, Pattern, Shape, Tags, Word
from thought.microworld.tongue import ROLES, Tongue

COUNTS = tuple(f"{role}.count" for role in ROLES)
ADJECTIVES = ("quality", *(f"{role}.adjective" for role in ROLES))
DEEPEST = 24  # references within references; more is a circle in a table
MOST_OUTLINES = 16_000  # remembered of a language: about 25 MB; the frequent ones come first

Ways = TypeVar("Ways")


@dataclass(frozen=True)
class Wording:
    """A sentence, and how it was made."""

    text: str
    construction: str
    chain: str


def wordings(frame: Frame, tongue: Tongue) -> tuple[Wording, ...]:
    """Say a frame in every way a language has, each text once, the plain way first.

    Raises
    ------
    CorpusError
        If the table has no word or no construction for what the frame holds.
    """
    found: dict[str, Wording] = {}
    for plan in plans(frame, tongue):
        wording = plan.say()
        found.setdefault(wording.text, wording)
    if not found:
        raise CorpusError(f"the table of {tongue.name} has no construction for: {frame.key}")
    return tuple(found.values())


def plans(frame: Frame, tongue: Tongue) -> Iterator[Plan]:
    """Yield the ways to say a frame before any is said: the first is the plain one.

    Raises
    ------
    CorpusError
        If the table has no word for what the frame holds.
    """
    verbs = _ways(tongue, tongue.verbs, "verb", frame.get("verb"))
    counts: dict[str, int] = {}
    for slot, value in frame.slots.items():
        if slot in ROLES:
            counts[slot] = len(_ways(tongue, tongue.nouns, slot, value))
        elif slot in tongue.phrases:
            counts[slot] = len(_ways(tongue, tongue.phrases[slot], slot, value))
        elif slot in ADJECTIVES:
            _ways(tongue, tongue.adjectives, slot, value)
        elif slot in COUNTS:
            _ways(tongue, tongue.counts, slot, value)
    for verb in verbs:
        base = _tags_of(frame, verb) & tongue.tested
        if base not in tongue.shapes:
            tongue.shapes[base] = tuple(_shapes(tongue, base))
        shapes = tongue.shapes[base]
        for picks in itertools.product(*map(range, counts.values())):
            chosen = dict(zip(counts, picks, strict=True))
            for construction, chain, tags in shapes:
                yield Plan(frame, tongue, construction, chain, verb, chosen, tags)


def _shapes(tongue: Tongue, base: Tags) -> Iterator[tuple[Shape, Shape, Tags]]:
    """Yield the constructions that fit a clause, with each chain of verbs that fits them."""
    for construction in tongue.constructions:
        if not construction.when.holds(base):
            continue
        tags = base | construction.adds
        for chain in tongue.chains:
            if chain.when.holds(tags) and (not construction.chains or chain.name in construction.chains):
                yield construction, chain, tags | chain.adds | {chain.name}


def _ways(tongue: Tongue, table: Mapping[str, Ways], slot: str, value: str) -> Ways:
    if value not in table:
        raise CorpusError(f"the table of {tongue.name} has no {slot} {value or 'for a frame without one'}")
    return table[value]


def _tags_of(frame: Frame, verb: Word) -> Tags:
    """Tags of a clause: all that constructions, chains and symbols may ask for."""
    slots = frame.slots
    values = (frame.kind, frame.get("tense"), frame.get("polarity"), frame.get("mood"), slots["verb"])
    pairs = (f"{slot}={value}" for slot, value in slots.items())
    return frozenset((*values, slots.get("modality", "plain"), slots.get("dimension", ""), *slots, *pairs, *verb.tags))


def inflect(tongue: Tongue, name: str, word: Word, key: str, tags: Tags) -> str:
    """Return a form of a word, the first row of its inflection that fits.

    Parameters
    ----------
    name : str
        "noun" or "adjective".
    word : Word
    key : str
        What it means, a tag like those of its row.
    tags : Tags
        What is asked for.

    Raises
    ------
    CorpusError
        If no row fits.
    """
    for condition, pattern in tongue.inflection[name]:
        if condition.holds(tags | word.tags | {key}):
            return "".join(part if isinstance(part, str) else word.forms[part[0]] for part in pattern)
    raise CorpusError(f"the table of {tongue.name} has no form of {key} for {', '.join(sorted(tags))}")


@dataclass(frozen=True)
class Plan:
    """One way to say a frame."""

    frame: Frame
    tongue: Tongue
    construction: Shape
    chain: Shape
    verb: Word
    picks: dict[str, int]  # slot of a noun or a phrase -> which of its synonyms
    tags: Tags

    def say(self) -> Wording:
        """Say it."""
        said, end = self._outline()
        text = " ".join(self._fill(said).split()).replace(" ,", ",") + self._fill(end)
        for old, new in self.tongue.sandhi:
            text = old.sub(new, text)
        return Wording(text[:1].upper() + text[1:], self.construction.name, self.chain.name)

    def _outline(self) -> tuple[Pattern, Pattern]:
        """The sentence and its end, in which the words of this frame are left open; most were made before."""
        agreed = self._agreement(self.construction.subject)
        key = (self.construction, self.chain, self.verb, self.tags, agreed)
        found = self.tongue.outlines.get(key)
        if found is None:
            pattern, tags = self.construction.patterns["pattern"], self.tags | agreed
            found = self._choose(pattern, tags, 0), self._choose(self.tongue.ends, tags, 0)
            if len(self.tongue.outlines) < MOST_OUTLINES:
                self.tongue.outlines[key] = found
        return found

    def _fill(self, outline: Pattern) -> str:
        return "".join([part if isinstance(part, str) else self._word(*part) for part in outline])

    def _word(self, name: str, tags: Tags) -> str:
        """Say what this frame has in a place that was left open."""
        value = self.frame.slots.get(name, "")
        if not value:
            return ""
        if name in ROLES:
            return self._noun_phrase(name, tags)
        if name == "quality":
            return inflect(self.tongue, "adjective", self.tongue.adjectives[value][0], value, tags)
        return self._fill(self._expand(self.tongue.phrases[name][value][self.picks[name]], tags, 0))

    def _choose(self, choice: Choice, tags: Tags, depth: int) -> Pattern:
        for condition, pattern in choice:
            if condition.holds(tags):
                return self._expand(pattern, tags, depth)
        return ()

    def _expand(self, pattern: Pattern, tags: Tags, depth: int) -> Pattern:
        """Put in what references stand for, as far as it does not depend on the words of a frame."""
        if depth > DEEPEST:
            raise CorpusError(f"the table of {self.tongue.name} refers to itself in a circle: {pattern}")
        found: list[Part] = []
        for part in pattern:
            for piece in (part,) if isinstance(part, str) else self._resolve(part[0], part[1], tags, depth + 1):
                if isinstance(piece, str) and found and isinstance(found[-1], str):
                    found[-1] += piece
                else:
                    found.append(piece)
        return tuple(found)

    def _resolve(self, name: str, asked: Tags, tags: Tags, depth: int) -> Pattern:
        if name in ROLES:
            return ((name, asked),)
        if name in self.tongue.phrases:
            return ((name, tags),)
        if name == "quality":
            return ((name, tags | asked),)
        given = self.tongue.with_tags(tags, asked) if asked else tags
        for symbols in (self.chain.patterns, self.verb.symbols, self.tongue.symbols):
            if name in symbols:
                return self._choose(symbols[name], given, depth)
        if name in self.verb.forms:
            return (self.verb.forms[name],)
        raise CorpusError(
            f"the table of {self.tongue.name} does not say what {{{name}}} is in {self.construction.name}"
        )

    def _agreement(self, slot: str) -> Tags:
        """Tags the subject asks its verb for: number, gender."""
        noun = self.frame.slots.get(slot)
        if noun is None:
            return frozenset()
        key = (noun, self.picks[slot], self._count(slot))
        agreed = self.tongue.agreed
        if key not in agreed:
            tags = _tags_of_noun(self.tongue, self.tongue.nouns[noun][key[1]], noun, key[2])
            agreed[key] = self.tongue.changed(tags, self.tongue.agreement) & self.tongue.tested
        return agreed[key]

    def _count(self, slot: str) -> str:
        return self.frame.slots.get(f"{slot}.count", SINGLE)

    def _noun_phrase(self, slot: str, asked: Tags) -> str:
        """Say a noun with its count and its adjective; most were said before and are remembered."""
        slots = self.frame.slots
        noun, count, adjective = slots[slot], self._count(slot), slots.get(f"{slot}.adjective", "")
        key = (noun, self.picks[slot], count, adjective, asked)
        memory = self.tongue.memory
        if key not in memory:
            word = self.tongue.nouns[noun][self.picks[slot]]
            tags = _tags_of_noun(self.tongue, word, noun, count) | {"the"}
            if adjective:
                tags |= self.tongue.adjectives[adjective][0].tags | {"described"}
            phrase = _NounPhrase(self.tongue, word, noun, adjective)
            memory[key] = phrase.say(self.tongue.symbols["phrase"], self.tongue.with_tags(tags, asked), 0)
        return memory[key]


def _tags_of_noun(tongue: Tongue, word: Word, noun: str, count: str) -> Tags:
    return tongue.changed(word.tags | tongue.counts[count] | {count, noun}, tongue.shifts)


@dataclass(frozen=True)
class _NounPhrase:
    """The inside of a noun phrase, where {noun} and {adjective} are its own words."""

    tongue: Tongue
    word: Word
    noun: str
    adjective: str

    def say(self, choice: Choice, tags: Tags, depth: int) -> str:
        """Say the first of some patterns that fits."""
        for condition, pattern in choice:
            if condition.holds(tags):
                return "".join(
                    part if isinstance(part, str) else self._resolve(part[0], part[1], tags, depth + 1)
                    for part in pattern
                )
        return ""

    def _resolve(self, name: str, asked: Tags, tags: Tags, depth: int) -> str:
        given = self.tongue.with_tags(tags, asked) if asked else tags
        if name == "noun":
            return inflect(self.tongue, "noun", self.word, self.noun, given)
        if name == "adjective":
            if not self.adjective:
                return ""
            word = self.tongue.adjectives[self.adjective][0]
            return inflect(self.tongue, "adjective", word, self.adjective, given)
        if depth > DEEPEST or name not in self.tongue.symbols:
            raise CorpusError(f"the table of {self.tongue.name} does not say what {{{name}}} is in a phrase")
        return self.say(self.tongue.symbols[name], given, depth)
