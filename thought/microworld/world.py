"""Which frames there are: drawn from `world.toml`, each once, in a random order, without keeping any.

The frames of one *schema* (a kind, which adjuncts it has, how its nouns are counted and described)
are numbered, so that number i is a frame. A stream walks through the numbers by a permutation that
is a pure function of the seed (a Feistel network: Black & Rogaway 2002, "Ciphers with arbitrary
finite domains"), so no frame comes twice and nothing has to be remembered.

On which side of the split a frame stands, `sides` says.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from math import prod
from typing import Any

from thought.errors import CorpusError, nearest
from thought.homes import data_file
from thought.microworld.frames import SINGLE, Frame
from thought.microworld.schemas import Schema, Slots, permuted
from thought.microworld.sides import SIDES, hashed, side_of

Choice = tuple[
    str, str, tuple[bool, ...], tuple[bool, ...]
]  # kind, stance, which options, which of counts and adjectives
FORMAT = 1  # of world.toml; raised when an old one can no longer be read


@dataclass(frozen=True)
class World:
    """All there is to say; made by `load_world`."""

    table: Mapping[str, Any]

    def frames(self, seed: int = 1, side: str = "train", details: int | None = None) -> Iterator[Frame]:
        """Yield the frames of a side, each once, in an order that depends on the seed alone.

        Parameters
        ----------
        seed : int
        side : str
            "train", "dev", "test" or "test_compositional".
        details : int, optional
            Most a frame may have, of what can be left out: counts, adjectives, a modal, a place, a goal, a time.

        Raises
        ------
        CorpusError
            If there is no such side.
        """
        if side not in SIDES:
            raise CorpusError(f"microworld has no split {side}{nearest(side, SIDES)}")
        met: dict[Choice, int] = {}
        exhausted = 0
        for turn in itertools.count():
            choice = self._draw(hashed(seed, turn))
            if details is not None and self._details(choice) > details:
                continue
            schema = self._schema(choice)
            index = met.get(choice, 0)
            if index >= schema.size:
                exhausted += 1
                if exhausted > _PATIENCE:
                    return
                continue
            met[choice] = index + 1
            frame = schema.frame(permuted(index, schema.size, hashed(seed, choice)))
            if frame is not None and side_of(frame) == side:
                exhausted = 0
                yield frame

    def count(self, details: int | None = None) -> int:
        """Return the number of frames there are, on all sides, with at most so many details."""
        cores: dict[tuple[str, tuple[str, ...]], int] = {}  # many schemas share one
        total = 0
        for choice in self._choices():
            if details is not None and self._details(choice) > details:
                continue
            schema = self._schema(choice)
            key = (schema.kind, schema.adjectives)
            if key not in cores:
                cores[key] = schema.frames // prod(map(len, schema.digits))
            total += cores[key] * prod(map(len, schema.digits))
        return total

    def alternatives(self, frame: Frame) -> dict[str, tuple[str, ...]]:
        """Return slot -> values it could hold if no other slot changed, its own among them; "" is none.

        What the world never says is left out: modals of "be", of the future and of tools, "must not",
        questions with "not". Only a verb is changed whatever its nouns: "reads the soup" is wrong, but
        it is "read" that is wrong.
        """
        table, found = self.table, {}
        verbs, shares = table["verbs"][frame.kind], table["kinds"][frame.kind]
        if len(verbs) > 1:
            found["verb"] = tuple(verbs)
        for role, names in verbs.get(frame.slots["verb"], {}).items():
            if role != "quality":
                found[role] = self._named(names)
        for slot in ("agent", "patient", "recipient"):
            if slot in frame.slots and frame.kind != "comparison":
                found[f"{slot}.count"] = (SINGLE, *table["values"]["count"].split())
                found[f"{slot}.adjective"] = ("", *self._adjectives[frame.slots[slot]])
        if frame.kind == "quality":
            found["quality"] = self._adjectives[frame.slots["agent"]]
        for slot in _ADJUNCTS:
            if shares.get(slot, 0) > 0:
                found[slot] = (*([""] if shares[slot] < 1 else []), *self._adjuncts(frame.kind, slot))
        return found | self._stances(frame, shares.get("modality", 0) > 0)

    def schemas(self) -> Iterator[Schema]:
        """Yield all schemas, each of which holds frames no other holds."""
        return map(self._schema, self._choices())

    def _choices(self) -> Iterator[Choice]:
        """Yield what `_draw` can return, each once."""
        for kind, values in self.table["kinds"].items():
            flags = [(False, True) if 0 < values.get(name, 0) < 1 else (name in values,) for name in _OPTIONS]
            shares = [share for role in self._roles(kind) for share in self._shares(kind, role)]
            options = itertools.product(*flags, *[(False, True) if share else (False,) for share in shares])
            for drawn in options:
                for stance in sorted(set(self.table["values"]["stance"].split())):
                    yield (kind, stance, drawn[: len(_OPTIONS)], drawn[len(_OPTIONS) :])

    def _details(self, choice: Choice) -> int:
        """Count what a choice says that could be left out."""
        kind, _, options, drawn = choice
        must = [name for name in _OPTIONS if self.table["kinds"][kind].get(name, 0) >= 1]
        return sum(options) - len(must) + sum(drawn)

    def _stances(self, frame: Frame, has_modals: bool) -> dict[str, tuple[str, ...]]:
        """Values of tense, modality, polarity and mood that go with the others of a frame."""
        modality, stances = frame.get("modality"), (frame.get("polarity"), frame.get("mood"))
        found = {"tense": self._tenses(bool(modality))}
        if has_modals and frame.get("tense") in self._tenses(True):
            found["modality"] = ("", *self._modals(stances[0]))
        if stances[1] == "statement" and (not modality or modality in self._modals("negative")):
            found["polarity"] = ("positive", "negative")
        if stances[0] == "positive":
            found["mood"] = ("statement", "question")
        return found

    def _tenses(self, has_modal: bool) -> tuple[str, ...]:
        tenses = self.table["values"]["tense"].split()
        return tuple(tense for tense in tenses if not (has_modal and tense == "future"))

    def _modals(self, stance: str) -> tuple[str, ...]:
        """Modals that go with a stance: "must not" and "muss nicht" are no translations."""
        modals = self.table["values"]["modality"].split()
        return tuple(modal for modal in modals if not (stance == "negative" and modal == "must"))

    def _adjuncts(self, kind: str, slot: str) -> tuple[str, ...]:
        """Places, goals or times that go with a kind."""
        if slot == "time":
            return tuple(self.table["times"]["all"].split())
        row = "indoors" if slot == "place" and kind != "intransitive" else "all"
        return tuple(self.table["places"][row].split())

    def _named(self, names: str) -> tuple[str, ...]:
        """Nouns, each once, of a row that names classes, or single nouns."""
        classes = self.table["nouns"]
        return tuple(dict.fromkeys(noun for name in names.split() for noun in classes.get(name, name).split()))

    def _roles(self, kind: str) -> list[str]:
        """Roles of a kind whose nouns can be counted and described."""
        row = next(iter(self.table["verbs"][kind].values()))
        return [role for role in self.table["phrases"] if role in row and kind != "comparison"]

    def _shares(self, kind: str, role: str) -> tuple[float, float]:
        """How often a noun is counted and described; "the old man is tired" is not drawn."""
        row = self.table["phrases"][role]
        return (row["counted"], 0.0 if kind == "quality" else row["described"])

    def _draw(self, bits: int) -> Choice:
        """Choose a schema by random bits: its kind, stance, adjuncts, and how its nouns are said."""
        kinds = self._kinds
        bits, place = divmod(bits, len(kinds))
        kind = kinds[place]
        stances = self.table["values"]["stance"].split()
        bits, place = divmod(bits, len(stances))
        stance = stances[place]
        flags = []
        for share in self._drawn[kind]:
            bits, drawn = divmod(bits, 50)
            flags.append(drawn < 50 * share)
        return (kind, stance, tuple(flags[: len(_OPTIONS)]), tuple(flags[len(_OPTIONS) :]))

    @cached_property
    def _drawn(self) -> dict[str, list[float]]:
        """Kind -> how often each of its options is drawn: adjuncts, then nouns counted and described."""
        found = {}
        for kind, row in self.table["kinds"].items():
            found[kind] = [row.get(name, 0.0) for name in _OPTIONS]
            found[kind] += [share for role in self._roles(kind) for share in self._shares(kind, role)]
        return found

    @cached_property
    def _kinds(self) -> list[str]:
        return [kind for kind, row in self.table["kinds"].items() for _ in range(row["weight"])]

    @cached_property
    def _made(self) -> dict[Choice, Schema]:
        return {}

    @cached_property
    def _cores(self) -> dict[str, tuple[Slots, ...]]:
        return {}

    def _schema(self, choice: Choice) -> Schema:
        if choice not in self._made:
            self._made[choice] = self._make_schema(*choice)
        return self._made[choice]

    def _make_schema(self, kind: str, stance: str, options: Sequence[bool], drawn: Sequence[bool]) -> Schema:
        has = dict(zip(_OPTIONS, options, strict=True))
        roles = self._roles(kind)
        described = [f"{role}.adjective" for role, flag in zip(roles, drawn[1::2], strict=True) if flag]
        digits = [
            _digit(f"{role}.count", self.table["values"]["count"].split())
            for role, flag in zip(roles, drawn[0::2], strict=True)
            if flag
        ]
        digits.append(_digit("tense", self._tenses(has["modality"])))
        if has["modality"]:
            digits.append(_digit("modality", self._modals(stance)))
        digits += [_digit(slot, self._adjuncts(kind, slot)) for slot in _ADJUNCTS if has[slot]]
        if stance != "positive":
            digits.append(_digit({"negative": "polarity", "question": "mood"}[stance], [stance]))
        if kind == "quality":
            described = ["quality"]
        if kind not in self._cores:
            self._cores[kind] = self._core(kind)
        return Schema(kind, self._cores[kind], tuple(digits), tuple(described), self._adjectives, self._most)

    def _core(self, kind: str) -> tuple[Slots, ...]:
        """Return each verb with the nouns it can have; no noun is there twice."""
        found: list[Slots] = []
        for verb, row in self.table["verbs"][kind].items():
            roles = [role for role in row if role != "quality"]
            for values in itertools.product(*(self._named(row[role]) for role in roles)):
                if len(set(values)) == len(values):
                    found.append((("verb", verb), *zip(roles, values, strict=True)))
        return tuple(found)

    @cached_property
    def _adjectives(self) -> dict[str, tuple[str, ...]]:
        """Noun -> adjectives: those of the first class it is in, of things if in none of these."""
        found: dict[str, tuple[str, ...]] = {}
        groups = self.table["adjectives"]
        for row in self.table["nouns"].values():
            for noun in row.split():
                group = next((group for group in groups if noun in self.table["nouns"].get(group, "").split()), "thing")
                found[noun] = tuple(groups[group].split())
        return found

    @property
    def _most(self) -> int:
        return max(len(row.split()) for row in self.table["adjectives"].values())


_OPTIONS = ("modality", "goal", "place", "time")
_ADJUNCTS = ("goal", "place", "time")
_PATIENCE = 20_000  # draws without a new frame after which the world is told


@cache
def load_world() -> World:
    """Read the world that comes with the package."""
    table = tomllib.loads(data_file("microworld/world.toml").read_text("utf-8"))
    if table.get("format") != FORMAT:
        raise CorpusError(f"microworld/world.toml: expected format = {FORMAT}, got {table.get('format')}")
    return World(table)


def _digit(slot: str, values: Iterable[str]) -> tuple[Slots, ...]:
    return tuple(((slot, value),) for value in values)
