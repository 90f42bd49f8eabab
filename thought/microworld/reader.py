"""The microworld as a corpus: splits of meanings with a few wordings each, written while they are read.

"microworld:size=50000,seed=7" names one. Nothing is kept: a split of any size is a stream.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, partial
from itertools import islice

from thought.errors import CorpusError, nearest
from thought.languages import choose_languages
from thought.microworld.frames import Frame
from thought.microworld.sides import SIDES, hashed, lacks_passive
from thought.microworld.tongue import Tongue, load_tongue, spoken
from thought.microworld.wording import plans
from thought.microworld.world import World, load_world
from thought.workers import in_processes

Row = tuple[str, dict[str, tuple[str, ...]]]

NAME = "microworld"
ALONE = 2_000  # meanings of a split that one process writes before it looks for help
_MOST_DIGITS = 12


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the name of a microworld may ask for."""

    size: int = 50_000  # meanings to train on
    seed: int = 1  # which they are; the other splits do not depend on it
    wordings: int = 4  # of a meaning in a language, at most; the plain one is the first
    test: int = 1_000  # meanings of each other split
    details: int = 99  # of a meaning, at most: counts, adjectives, a modal, a place, a goal, a time

    def __post_init__(self) -> None:
        for name, least in (("size", 1), ("seed", 0), ("wordings", 1), ("test", 1), ("details", 0)):
            if not least <= getattr(self, name) <= 10**9:
                raise CorpusError(f"microworld: {name} must lie in [{least}, 10^9], got {getattr(self, name)}")


def parse_options(text: str) -> Options:
    """Read "size=50000,seed=7".

    Raises
    ------
    CorpusError
        If a name is unknown or a value no whole number.
    """
    known = [field.name for field in fields(Options)]
    given: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name not in known:
            raise CorpusError(f"microworld has no option {name}{nearest(name, known)}")
        if name in given:
            raise CorpusError(f"microworld: {name} is given twice")
        digits = value.replace("_", "")
        if not digits.isdecimal() or len(digits) > _MOST_DIGITS:
            raise CorpusError(f"microworld: {name} must be a whole number of at most 10^9, got {value[:40]!r}")
        given[name] = int(digits)
    return Options(**given)


class Microworld:
    """Splits of the world in some languages; a reader for `thought.corpus.Corpus`."""

    splits: tuple[str, ...] = SIDES
    is_shuffled = True

    def __init__(self, options: Options, languages: Sequence[str] = ()) -> None:
        self.options = options
        self.languages = choose_languages(languages, spoken(), NAME)

    @cached_property
    def world(self) -> World:
        """What there is."""
        return load_world()

    @cached_property
    def tongues(self) -> tuple[Tongue, ...]:
        """The tables of the languages chosen."""
        return tuple(load_tongue(code) for code in self.languages)

    def frames(self, split: str) -> Iterator[Frame]:
        """Yield the frames of a split."""
        count, seed = (self.options.size, self.options.seed) if split == "train" else (self.options.test, 0)
        return islice(self.world.frames(seed, split, self.options.details), count)

    def read(self, split: str, trimmed: Counter[str]) -> Iterator[Row]:
        """Yield the key of each meaning, which is its frame, and some of its wordings."""
        frames, write = self.frames(split), partial(self._row, may_bar=split != "test_compositional")
        yield from map(write, islice(frames, ALONE))  # few readers want more
        yield from in_processes(write, frames)

    def _row(self, frame: Frame, *, may_bar: bool) -> Row:
        barred = may_bar and lacks_passive(frame.slots["verb"])
        return frame.key, {tongue.code: self._some(frame, tongue, barred) for tongue in self.tongues}

    def _some(self, frame: Frame, tongue: Tongue, without_passive: bool) -> tuple[str, ...]:
        """Return the plain wording and others drawn at random, the same at every reading."""
        ways = list(plans(frame, tongue))
        found = {ways[0].say().text: None}
        rest = [way for way in ways[1:] if not (without_passive and "passive" in way.construction.adds)]
        bits = hashed(self.options.seed, frame.key, tongue.code)
        while rest and len(found) < self.options.wordings:
            bits, place = divmod(bits, len(rest))
            found[rest.pop(place).say().text] = None
        return tuple(found)
