"""Nouns with their articles and adjectives: found in a sentence, and written in another case or with another noun.

What a phrase looks like is said by templates of the rules, such as "einen <en>* {}": a noun between its article and any
number of adjectives of that form. Template i of one class and case takes the place of template i of another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from thought.grammar import Forms, Lexicon


@dataclass(frozen=True)
class Phrase:
    """A noun with its article and adjectives, found in a sentence."""

    start: int
    end: int
    concept: str
    noun: Forms
    slot: str
    template: int  # which of the slot's
    adjectives: tuple[tuple[str, str], ...]  # column and the words themselves, for each place they can stand

    def covers(self, start: int, end: int) -> bool:
        """Whether all from start to end belongs to the phrase."""
        return self.start <= start and end <= self.end


def find_phrases(text: str, lexicon: Lexicon, concept: str) -> list[Phrase]:
    """Find every reading of every noun of a concept: what may be two cases, or fits two templates, is two phrases."""
    found = []
    for noun, slot, number, columns, pattern in _patterns(lexicon, concept):
        if noun[slot][1][1:] not in text:  # most are not, and this is quicker to see
            continue
        for match in pattern.finditer(text):
            adjectives = tuple(zip(columns, match.groups(), strict=True))
            found.append(Phrase(match.start(), match.end(), concept, noun, slot, number, adjectives))
    return found


def write_phrase(phrase: Phrase, noun: Forms, slot: str, lexicon: Lexicon) -> str | None:
    """Write a phrase with this noun in this slot; None where noun or article have no such form, or an adjective."""
    if slot not in noun:
        return None
    kind, form = noun[slot]
    templates = lexicon.phrases[kind][slot]
    if phrase.template >= len(templates):
        return None
    parts = _split(templates[phrase.template])
    words = []
    adjectives = iter(phrase.adjectives)
    for part in parts:
        if not part.startswith("<"):
            words.append(part.replace("{}", form))
            continue
        column, said = next(adjectives)
        for word in said.split():
            if not phrase.start and not words:
                word = word[:1].lower() + word[1:]  # it may go to another place than the beginning
            bare = word.strip(",")
            agreed = _agreed(bare, column, part[1:-1], lexicon)
            if agreed is None:
                return None
            words.append(word.replace(bare, agreed))
    return " ".join(words).replace("' ", "'")


def _agreed(word: str, column: str, other: str, lexicon: Lexicon) -> str | None:
    """An adjective of one column in the form of another, by the first row that knows it."""
    for row in lexicon.agreement:
        cell, target = row[column], row[other]
        if not cell or not target:
            continue
        if cell.startswith("-") and word.endswith(cell[1:]) and len(word) > len(cell):
            return word[: len(word) - len(cell) + 1] + target[1:]
        if cell.lower() == word.lower():
            return target
    return None


@cache
def _patterns(lexicon: Lexicon, concept: str) -> list[tuple[Forms, str, int, list[str], re.Pattern[str]]]:
    """Every noun, slot and template of a concept with the regular expression that finds it."""
    found = []
    for noun in lexicon.nouns.get(concept, ()):
        for slot, (kind, form) in noun.items():
            for number, template in enumerate(lexicon.phrases[kind][slot]):
                parts = _split(template)
                columns = [part[1:-1] for part in parts if part.startswith("<")]
                found.append((noun, slot, number, columns, _compiled(parts, form, lexicon)))
    return found


def _split(template: str) -> list[str]:
    """Words of a template; "<column>" for the places of adjectives."""
    return [part.removesuffix("*") if part.startswith("<") else part for part in template.split()]


def _compiled(parts: Sequence[str], form: str, lexicon: Lexicon) -> re.Pattern[str]:
    """A template with its noun as a regular expression, with one group for each place of adjectives."""
    pieces, is_past_noun = [], False
    for part in parts:
        if part.startswith("<"):
            cells = "|".join(_cell(row[part[1:-1]]) for row in lexicon.agreement if row[part[1:-1]])
            joined = rf"(?: (?:{cells})\b)*" if is_past_noun else rf"(?:(?:{cells})\b,? )*"
            pieces.append(f"({joined})")
            continue
        is_past_noun = is_past_noun or "{}" in part
        piece = _either(part.replace("{}", form))
        pieces.append(piece if is_past_noun else piece + ("" if part.endswith("'") else " "))
    return re.compile(rf"(?<![\w-]){''.join(pieces)}(?![\w-])")


def _cell(cell: str) -> str:
    """The words a cell of agreement stands for: lower-case, but at the beginning of a sentence."""
    if cell.startswith("-"):
        return rf"(?:\A\w[\w-]*|(?![A-ZÀ-ÖØ-ÞČĎĚŇŘŠŤŮÚÝŽ])\w[\w-]*){re.escape(cell[1:])}"
    return _either(cell)


def _either(word: str) -> str:
    """A word whose first letter may be a capital."""
    return f"[{word[0].upper()}{word[0].lower()}]{re.escape(word[1:])}" if word[:1].isalpha() else re.escape(word)
