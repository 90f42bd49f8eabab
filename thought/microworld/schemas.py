"""Frames of one shape, numbered: a number becomes a frame, and a permutation shuffles the numbers.

Nothing is kept and nothing comes twice: a stream of frames is a count from 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod

from thought.microworld.frames import Frame, make_frame

Slots = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Schema:
    """Frames of one kind with the same slots, numbered from 0.

    Attributes
    ----------
    core : tuple of Slots
        The verb with its nouns, where one depends on the other.
    digits : tuple of tuple of Slots
        What can be said besides, each independent of the rest.
    adjectives : tuple of str
        Slots that take an adjective of their noun's class: "agent.adjective", "quality".
    choices : Mapping of str to tuple of str
        Noun -> the adjectives it can have.
    most : int
        Adjectives the richest noun can have; the numbers leave room for so many.
    """

    kind: str
    core: tuple[Slots, ...]
    digits: tuple[tuple[Slots, ...], ...]
    adjectives: tuple[str, ...]
    choices: Mapping[str, tuple[str, ...]]
    most: int

    @cached_property
    def size(self) -> int:
        """Numbers there are; some stand for no frame."""
        return len(self.core) * prod(map(len, self.digits)) * prod([self.most] * len(self.adjectives))

    @property
    def frames(self) -> int:
        """Number of frames, counted without making them."""
        of_core = 0
        for slots in self.core:
            nouns = dict(slots)
            of_core += prod(len(self.choices[nouns[_noun_of(name)]]) for name in self.adjectives)
        return of_core * prod(map(len, self.digits))

    def frame(self, number: int) -> Frame | None:
        """Return the frame with a number, None if the number stands for none."""
        number, place = divmod(number, len(self.core))
        slots = dict(self.core[place])
        for digit in self.digits:
            number, place = divmod(number, len(digit))
            slots |= digit[place]
        for name in self.adjectives:
            number, place = divmod(number, self.most)
            choices = self.choices[slots[_noun_of(name)]]
            if place >= len(choices):
                return None
            slots[name] = choices[place]
        return make_frame(self.kind, slots)


def permuted(index: int, size: int, key: int) -> int:
    """Return where a permutation of range(size) puts an index; the key chooses the permutation."""
    half = max(1, (max(size - 1, 1).bit_length() + 1) // 2)
    mask = (1 << half) - 1
    while True:  # until the walk is back within the range: less than four turns on average
        left, right = index >> half, index & mask
        for turn in range(4):
            mixed = (right * 0x9E3779B1 + (key >> (16 * turn)) + turn) * 0x85EBCA77 & 0xFFFFFFFFFFFF
            left, right = right, left ^ ((mixed >> 13) ^ (mixed >> 29)) & mask
        index = left << half | right
        if index < size:
            return index


def _noun_of(slot: str) -> str:
    return "agent" if slot == "quality" else slot.partition(".")[0]
