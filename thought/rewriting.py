"""A sentence and the rules of its language -> the sentence with one thing changed, or nothing where that is not safe.

Only what the rules cover is changed: a word with two possible replacements, a noun whose article no template knows, or
a sentence that repairs would alter by themselves is left alone rather than broken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from thought.grammar import Lexicon, Pattern, Rule
from thought.inflection import Phrase, find_phrases, write_phrase


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


def _by_words(text: str, rule: Rule, lexicon: Lexicon) -> Change | None:
    """Put form i of one concept in the place of form i of another."""
    said = _said(text, rule, lexicon)
    choices = [[(concept, target)] for concept in said for target in rule.to[concept]]
    if said and rule.together:
        choices = [] if _is_mixed(text, rule, lexicon) else [[(concept, rule.to[concept][0]) for concept in said]]
    for chosen in choices:
        if any(lexicon.concepts[target].pattern.search(text) for _, target in chosen):
            continue
        edits: list[tuple[int, int, str]] = []
        is_clear = True
        for concept, target in chosen:
            old, new = lexicon.concepts[concept], lexicon.concepts[target]
            for match in old.pattern.finditer(text):
                images = _images(match[0], old.forms, new.forms)
                is_clear = is_clear and len(images) == 1
                edits += [(match.start(), match.end(), image) for image in images]
        if is_clear:
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
        phrases = [phrase for phrase in find_phrases(text, lexicon, concept) if phrase.slot in replaced]
        for match in lexicon.concepts[concept].pattern.finditer(text):
            covering = [phrase for phrase in phrases if phrase.covers(*match.span())]
            longest = max((phrase.end - phrase.start for phrase in covering), default=0)
            covering = _likely(text, [phrase for phrase in covering if phrase.end - phrase.start == longest], lexicon)
            written = {write_phrase(phrase, target, phrase.slot, lexicon) for phrase in covering}
            if len(written) != 1 or None in written or not {phrase.slot for phrase in covering} <= slots:
                return None
            edits.add((covering[0].start, covering[0].end, str(written.pop())))
    return Change(_edited(text, sorted(edits)), (said[0],), (rule.to[said[0]][0],))


def _by_exchange(text: str, rule: Rule, lexicon: Lexicon) -> Change | None:
    """Let two phrases change places, each in the case of the other."""
    named_once = [name for name in rule.nouns if len(lexicon.concepts[name].pattern.findall(text)) == 1]
    found = [phrase for concept in named_once for phrase in find_phrases(text, lexicon, concept)]
    found.sort(key=lambda phrase: (phrase.start, -phrase.end))
    for first in found:
        for second in found:
            between = text[first.end : second.start]
            if second.start < first.end or first.concept == second.concept:
                continue
            if (first.slot, second.slot) not in rule.places or not any(gap.fullmatch(between) for gap in rule.between):
                continue
            one = write_phrase(second, second.noun, first.slot, lexicon)
            other = write_phrase(first, first.noun, second.slot, lexicon)
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


def _likely(text: str, phrases: list[Phrase], lexicon: Lexicon) -> list[Phrase]:
    """Of phrases that stand in one place, those whose slot fits what stands before it, if that decides."""
    if len({phrase.slot for phrase in phrases}) > 1:
        for before, slots in lexicon.contexts:
            if before.search(text[: phrases[0].start]):
                return [phrase for phrase in phrases if phrase.slot in slots] or phrases
    return phrases


@cache
def _replaced_slots(lexicon: Lexicon) -> set[str]:
    """Slots in which phrases are replaced; others serve exchanges only, and do not make a phrase ambiguous."""
    every = {slot for slots in lexicon.phrases.values() for slot in slots}
    rules = [rule for rules in lexicon.swaps.values() for rule in rules if rule.by == "phrases"]
    return {slot for rule in rules for slot in rule.slots or every}


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
        edits = [(match.start(), match.end(), match.expand(repair.put)) for match in repair.find.finditer(text)]
        text = _edited(text, edits)
    return text
