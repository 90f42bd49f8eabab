"""A small world whose meanings are known exactly, said in every language that has a table of its own.

A meaning is a `Frame`: who does what to whom, with what, where, when, how many. `World` counts the
frames there are; `Tongue` reads the table of one language; `wordings` says a frame in it, in every
true way; `measure_meanings` tells whether a sentence is one of these, and what it lost if it is not.
The world and its languages are the TOML files of `data/microworld`.
"""

from thought.microworld.frames import Frame
from thought.microworld.meanings import MeaningAccuracy, measure_meanings
from thought.microworld.tongue import Tongue, load_tongue
from thought.microworld.wording import wordings
from thought.microworld.world import World, load_world

__all__ = [
    "Frame",
    "MeaningAccuracy",
    "Tongue",
    "World",
    "load_tongue",
    "load_world",
    "measure_meanings",
    "wordings",
]
