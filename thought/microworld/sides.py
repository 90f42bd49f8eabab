"""On which side of the split a frame stands: a hash of the frame alone, the same on every machine.

The test sets are the same whatever the seed and the size, and no training set holds one of their
meanings. Some combinations of parts (a verb with a certain patient, an agent with a certain
adjective, ...) are held out as well: frames that hold one are the `test_compositional` side, though
each part is met in training, apart. So are the passives of some verbs.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b

from thought.microworld.frames import Frame

SIDES = ("train", "dev", "test", "test_compositional")
_HELD_OUT = 16  # one of so many combinations is never trained together
_ONE_SIDE = 32  # one of so many other frames is for dev, another for test
_NO_PASSIVE = 8  # one of so many verbs is never trained in the passive
_PAIRS = (
    ("verb", "patient"),
    ("verb", "agent"),
    ("verb", "time"),
    ("agent", "agent.adjective"),
    ("patient", "patient.adjective"),
    ("relation", "ground"),
)


def hashed(*parts: object) -> int:
    """Return 64 bits that depend on the parts alone, on every machine."""
    return int.from_bytes(blake2b("\0".join(map(str, parts)).encode(), digest_size=8).digest(), "big")


@cache
def is_pair_held_out(one: str, other: str) -> bool:
    """Whether two parts, such as "verb=eat" and "patient=pear", are never trained together."""
    return one != "verb=be" and hashed("pair", one, other) % _HELD_OUT == 0


@cache
def lacks_passive(verb: str) -> bool:
    """Whether training never meets a verb in the passive."""
    return hashed("passive", verb) % _NO_PASSIVE == 0


def is_held_out(frame: Frame) -> bool:
    """Whether a frame joins two parts that training never joins."""
    slots = frame.slots
    return any(
        is_pair_held_out(f"{one}={slots[one]}", f"{other}={slots[other]}")
        for one, other in _PAIRS
        if one in slots and other in slots
    )


def side_of(frame: Frame) -> str:
    """Return the side a frame stands on, one of SIDES, by the frame alone."""
    if is_held_out(frame):
        return "test_compositional"
    share = hashed("side", frame.key) % _ONE_SIDE
    if share == 0 and frame.kind in ("transitive", "giving") and lacks_passive(frame.slots["verb"]):
        return "test_compositional"
    return {0: "test", 1: "dev"}.get(share, "train")
