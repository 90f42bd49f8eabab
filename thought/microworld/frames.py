"""Frames: meanings written down slot by slot, and nothing of any language.

A frame has a kind (what sort of thing is said) and slots. Its key is a line a person can read, such
as "transitive verb=wash agent=woman patient=car patient.count=two tense=past"; it is the key of the
meaning in a corpus, so every sentence comes with exact labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from thought.errors import CorpusError, nearest

DEFAULTS = {"tense": "present", "polarity": "positive", "mood": "statement"}  # not written in a key
SINGLE = "one"  # the count a noun has where none is written


@dataclass(frozen=True)
class Frame:
    """One meaning.

    Attributes
    ----------
    kind : str
        Sort of statement: "intransitive", "transitive", "giving", "motion", "location", ...
    pairs : tuple of (str, str)
        Slot and value, in the order in which the world draws them. A slot "agent" holds a noun;
        "agent.count" and "agent.adjective" say more of it. What holds a default is left out.
    """

    kind: str
    pairs: tuple[tuple[str, str], ...]

    @cached_property
    def slots(self) -> Mapping[str, str]:
        """Slot -> value, without the defaults."""
        return dict(self.pairs)

    @property
    def key(self) -> str:
        """The frame as one line; `parse_key` reads it again."""
        return " ".join((self.kind, *(f"{slot}={value}" for slot, value in self.pairs)))

    def get(self, slot: str) -> str:
        """Return the value of a slot, its default where it has one, else ""."""
        if slot in self.slots:
            return self.slots[slot]
        has_noun = slot.partition(".")[0] in self.slots
        return _default(slot) if has_noun or slot in DEFAULTS else ""

    def changed(self, slot: str, value: str) -> Frame:
        """Return the frame with another value in a slot, "" to empty it."""
        return make_frame(self.kind, {**self.slots, slot: value})

    def labels(self) -> dict[str, str]:
        """Return every slot of the frame with its value, defaults written out: labels for probes."""
        found = {"kind": self.kind, **DEFAULTS, **self.slots}
        nouns = [slot for slot in ("agent", "patient", "recipient") if slot in self.slots]
        return {**{f"{slot}.count": SINGLE for slot in nouns}, **found}


_ORDER = (
    *("verb", "modality", "agent", "patient", "recipient", "instrument", "relation", "ground", "quality"),
    *("dimension", "standard", "goal", "vehicle", "place", "time", "tense", "polarity", "mood"),
)
_DETAILS = ("", "count", "adjective")


def make_frame(kind: str, slots: Mapping[str, str]) -> Frame:
    """Put slots in their order and leave out empty ones and defaults: equal meanings are equal frames.

    Raises
    ------
    CorpusError
        If no frame has such a slot.
    """
    pairs = ((slot, value) for slot, value in slots.items() if value and _default(slot) != value)
    return Frame(kind, tuple(sorted(pairs, key=lambda pair: _place(pair[0]))))


def _default(slot: str) -> str:
    return SINGLE if slot.endswith(".count") else DEFAULTS.get(slot, "")


def _place(slot: str) -> tuple[int, str]:
    noun, _, detail = slot.partition(".")
    if noun not in _ORDER or detail not in _DETAILS:
        raise CorpusError(f"no frame has a slot {slot}{nearest(slot, _ORDER)}")
    return (_ORDER.index(noun), slot)


def parse_key(key: str) -> Frame:
    """Read a frame from its key.

    Raises
    ------
    CorpusError
        If the line is not the key of a frame: a slot is unknown, empty or there twice.
    """
    kind, *rest = key.split() or [""]
    pairs = [part.partition("=") for part in rest]
    slots = {slot: value for slot, _, value in pairs}
    if not kind or "=" in kind or len(slots) < len(pairs) or not all(slot and value for slot, value in slots.items()):
        raise CorpusError(f'not the key of a frame: "{key[:80]}"; expected one such as "transitive verb=eat agent=dog"')
    return make_frame(kind, slots)


def differences(one: Frame, other: Frame) -> tuple[str, ...]:
    """Return the slots in which two frames differ, "kind" the first."""
    slots: Iterable[str] = dict.fromkeys((*one.slots, *other.slots))
    kind = ("kind",) if one.kind != other.kind else ()
    return (*kind, *(slot for slot in slots if one.get(slot) != other.get(slot)))
