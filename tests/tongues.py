"""Frames and what languages make of them, for the tests of the microworld."""

from __future__ import annotations

from functools import cache
from itertools import islice
from pathlib import Path

from thought.microworld.frames import Frame, parse_key
from thought.microworld.tongue import Tongue, load_tongue
from thought.microworld.wording import wordings
from thought.microworld.world import load_world

CODES = ("en", "de", "fr", "cs")
TOY = Path(__file__).parent / "toy.toml"


@cache
def frames(count: int, side: str = "train", seed: int = 1) -> tuple[Frame, ...]:
    return tuple(islice(load_world().frames(seed, side), count))


@cache
def tongue(code: str) -> Tongue:
    return load_tongue(TOY if code == "toy" else code)


def texts(code: str, key: str | Frame) -> tuple[str, ...]:
    """Say a frame, or the key of one, in every way."""
    frame = parse_key(key) if isinstance(key, str) else key
    return tuple(wording.text for wording in wordings(frame, tongue(code)))
