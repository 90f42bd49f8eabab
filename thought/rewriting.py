"""A sentence and the rules of its language -> the sentence with one thing changed, or nothing where that is not safe.

Only what the rules cover is changed: a word with two possible replacements, a noun whose article no template knows, or a
sentence the repairs would alter by themselves is left alone rather than broken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from thought.grammar import Lexicon, Pattern, Rule


@dataclass(frozen=True)
class Change:
    """A changed sentence, and which concepts it says in place of which."""

    text: str
    before: tuple[str, ...]  # said by the old sentence, in this order
    after: tuple[str, ...]  # said by the new one


def rewrite(text: str, lexicon: Lexicon, kind: str) -> Change | None:
    """Change one thing a sentence says: the first rule of this kind that can do it does it.

    Parameters
    ----------
    text : str
    lexicon : Lexicon
        Rules of its language.
    kind : str
        Such as "colour"; a kind the language has no rules for changes nothing.

    Returns
    -------
    Change or None
    """
    for rule in lexicon.swaps.get(kind, ()):
        if any(pattern.search(text) for pattern in rule.leave_out):
            continue
        change = _BY[rule.by](text, rule, lexicon)
        if change is not None:
            also = _repaired(_applied(change.text, rule.also), lexicon)
            is_sound = also != text and _repaired(text, lexicon) == text
            if is_sound and not any(broken.search(also) and not broken.search(text) for broken in lexicon.never):
                return Change(also, change.before, change.after)
    return None


@dataclass(frozen=True)
class _Phrase:
    """A noun with its article and adjectives, found in a sentence."""

    start: int
    end: int
    concept: str
    noun: Mapping[str, tuple[str, str]]  # slot -> class, form
    slot: str
    template: int  # which of the slot's
    adjectives: tuple[tuple[str, str], ...]  # column and the words themselves, for each place they can stand

    def covers(self, start: int, end: int) -> bool:
        return self.start <= start and end <= self.end


def _by_words(text: str, rule: Rule, lexicon: Lexicon) -> Change | None:
    """Put form i of one concept in the place of form i of another."""
    said = _said(text, rule, lexicon)
    if rule.together:
        pairs = (
            [[(concept, rule.to[concept][0]) for concept in said]]
            if said and not _is_mixed(text, rule, lexicon)
            else []
        )
    else:
        pairs = [[(concept, target)] for concept in said for target in rule.to[concept]]
    for chosen in pairs:
        if any(lexicon.concepts[target].pattern.search(text) for _, target in chosen):
            continue
        edits: list[tuple[int, int, str]] = []
        for concept, target in chosen:
            for match in lexicon.concepts[concept].pattern.finditer(text):
                images = _images(match[0], lexicon.concepts[concept].forms, lexicon.concepts[target].forms)
                edits += [(match.start(), match.end(), image) for image in images[:1] if len(images) == 1]
        count = sum(1 for concept, _ in chosen for _ in lexicon.concepts[concept].pattern.finditer(text))
        if len(edits) == count:
            return Change(_edited(text, edits), (chosen[0][0],), (chosen[0][1],))
    return None


def _by_phrases(text: str, rule: Rule, lexicon: Lexicon) -> Change | None:
    """Put a noun of another concept in the place of each, with the articles and adjectives it asks for."""
    said = _said(text, rule, lexicon)
    if not said or _is_mixed(text, rule, lexicon):
        return None
    edits: set[tuple[int, int, str]] = set()
    replaced = _replaced_slots(lexicon)
    slots = set(rule.slots) or replaced
    for concept in said:
        target = lexicon.nouns[rule.to[concept][0]][0]
        phrases = [phrase for phrase in _phrases(text, lexicon, concept) if phrase.slot in replaced]
        for match in lexicon.concepts[concept].pattern.finditer(text):
            covering = [phrase for phrase in phrases if phrase.covers(*match.span())]
            longest = max((phrase.end - phrase.start for phrase in covering), default=0)
            covering = _likely(text, [phrase for phrase in covering if phrase.end - phrase.start == longest], lexicon)
            written = {_written(phrase, target, phrase.slot, lexicon) for phrase in covering}
            if len(written) != 1 or None in written or not {phrase.slot for phrase in covering} <= slots:
                return None
            edits.add((covering[0].start, covering[0].end, str(written.pop())))
    return Change(_edited(text, sorted(edits)), (said[0],), (rule.to[said[0]][0],))


def _by_exchange(text: str, rule: Rule, lexicon: Lexicon) -> Change | None:
    """Let two phrases change places, each in the case of the other."""
    named_once = [name for name in rule.nouns if len(lexicon.concepts[name].pattern.findall(text)) == 1]
    found = [phrase for concept in named_once for phrase in _phrases(text, lexicon, concept)]
    found.sort(key=lambda phrase: (phrase.start, -phrase.end))
    for first in found:
        for second in found:
            between = text[first.end : second.start]
            if second.start < first.end or first.concept == second.concept:
                continue
            if (first.slot, second.slot) not in rule.places or not any(gap.fullmatch(between) for gap in rule.between):
                continue
            one = _written(second, second.noun, first.slot, lexicon)
            other = _written(first, first.noun, second.slot, lexicon)
            if one is not None and other is not None:
                edits = [(first.start, first.end, one), (second.start, second.end, other)]
                order = (first.concept, second.concept)
                return Change(_edited(text, edits), order, order[::-1]) if lexicon.says(text, order) else None
    return None


def _by_patterns(text: str, rule: Rule, lexicon: Lexicon) -> Change | None:
    """Replace the first regular expression that is found."""
    if not lexicon.says(text, rule.before) or any(lexicon.says(text, [new]) for new in rule.after):
        return None
    for pattern in rule.patterns:
        changed, count = pattern.find.subn(pattern.put, text, count=1)
        if count and lexicon.says(changed, rule.after) and not any(lexicon.says(changed, [old]) for old in rule.before):
            return Change(changed[:1].upper() + changed[1:] if text[:1].isupper() else changed, rule.before, rule.after)
    return None


_BY = {"words": _by_words, "phrases": _by_phrases, "exchange": _by_exchange, "patterns": _by_patterns}


def _said(text: str, rule: Rule, lexicon: Lexicon) -> list[str]:
    """Concepts of the rule that occur, in order of their first mention."""
    matches = ((lexicon.concepts[concept].pattern.search(text), concept) for concept in rule.to)
    return [concept for _, concept in sorted((match.start(), concept) for match, concept in matches if match)]


def _is_mixed(text: str, rule: Rule, lexicon: Lexicon) -> bool:
    """Whether a sentence says any of what all that occurs is to become: a man and a woman, say."""
    return any(lexicon.concepts[targets[0]].pattern.search(text) for targets in rule.to.values())


def _images(word: str, forms: Sequence[str], others: Sequence[str]) -> list[str]:
    """What can stand in place of a form; nothing where one of its readings has no counterpart."""
    places = [place for place, form in enumerate(forms) if form.lower() == word.lower()]
    if not places or max(places) >= len(others):
        return []
    return sorted({others[place] for place in places})


def _likely(text: str, phrases: list[_Phrase], lexicon: Lexicon) -> list[_Phrase]:
    """Of phrases that stand in one place, those whose slot fits what stands before it, if that decides."""
    if len({phrase.slot for phrase in phrases}) > 1:
        for before, slots in lexicon.contexts:
            if before.search(text[: phrases[0].start]):
                return [phrase for phrase in phrases if phrase.slot in slots] or phrases
    return phrases


def _written(phrase: _Phrase, noun: Mapping[str, tuple[str, str]], slot: str, lexicon: Lexicon) -> str | None:
    """Write the phrase with this noun in this slot; None where the noun has none, or an adjective does not agree."""
    if slot not in noun:
        return None
    kind, form = noun[slot]
    parts = _split(lexicon.phrases[kind][slot][phrase.template])
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


def _phrases(text: str, lexicon: Lexicon, concept: str) -> list[_Phrase]:
    found = []
    for noun, slot, number, columns, pattern in _patterns(lexicon, concept):
        if noun[slot][1][1:] not in text:  # most are not, and this is quicker to see
            continue
        for match in pattern.finditer(text):
            adjectives = tuple(zip(columns, match.groups(), strict=True))
            found.append(_Phrase(match.start(), match.end(), concept, noun, slot, number, adjectives))
    return found


@cache
def _replaced_slots(lexicon: Lexicon) -> set[str]:
    """Slots in which phrases are replaced; others serve exchanges only, and do not make a phrase ambiguous."""
    every = {slot for slots in lexicon.phrases.values() for slot in slots}
    rules = [rule for rules in lexicon.swaps.values() for rule in rules if rule.by == "phrases"]
    return {slot for rule in rules for slot in rule.slots or every}


@cache
def _patterns(
    lexicon: Lexicon, concept: str
) -> list[tuple[Mapping[str, tuple[str, str]], str, int, list[str], re.Pattern[str]]]:
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


def _edited(text: str, edits: Sequence[tuple[int, int, str]]) -> str:
    """The text with these pieces replaced; a piece that began with a capital still does."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + _capital(text[start:end], new) + text[end:]
    return text


def _capital(old: str, new: str) -> str:
    return new[:1].upper() + new[1:] if old[:1].isupper() else new


def _applied(text: str, patterns: Sequence[Pattern]) -> str:
    """All patterns at once, the first listed winning where two meet: what one writes, no other reads."""
    edits: list[tuple[int, int, str]] = []
    for pattern in patterns:
        for match in pattern.find.finditer(text):
            if all(match.end() <= start or end <= match.start() for start, end, _ in edits):
                edits.append((match.start(), match.end(), match.expand(pattern.put)))
    return _edited(text, edits)


def _repaired(text: str, lexicon: Lexicon) -> str:
    for repair in lexicon.repairs:
        text = repair.find.sub(lambda match, put=repair.put: _capital(match[0], match.expand(put)), text)
    return text
