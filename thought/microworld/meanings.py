"""Sentences -> the share that says exactly what was meant, and what the others lost.

No real corpus allows this score: a frame is known to the last slot, and so are all its true wordings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from thought.errors import ScoringError
from thought.microworld.frames import Frame
from thought.microworld.tongue import Tongue
from thought.microworld.wording import plans, wordings
from thought.microworld.world import World

SEVERAL = "several slots"  # no frame that differs in one slot says it
MOST_JUDGED = 20  # wrong sentences whose loss is looked for; the shares are of these


@dataclass(frozen=True)
class MeaningAccuracy:
    """How many sentences say what was meant.

    Attributes
    ----------
    accuracy : float in [0, 1]
        Share of outputs that are, letter by letter, a true wording of their own frame. Chance is the
        share of a random frame's wordings, below 1e-6.
    sentences : int
        Outputs judged.
    lost : Mapping of str to int
        Of the wrong outputs looked at: the slot in which what they say differs from what was meant
        ("tense", "agent.count", ...), `SEVERAL` if there is no frame one slot away that says it.
    judged : int
        Wrong outputs looked at.
    """

    accuracy: float
    sentences: int
    lost: Mapping[str, int] = field(default_factory=dict)
    judged: int = 0


def measure_meanings(
    outputs: Sequence[str],
    frames: Sequence[Frame],
    tongue: Tongue,
    *,
    world: World | None = None,
    true: Sequence[Sequence[str]] | None = None,
) -> MeaningAccuracy:
    """Share of outputs that are one of the true wordings of the right frame.

    Parameters
    ----------
    outputs : sequence of N str
    frames : sequence of N Frame
        What output i was to say.
    tongue : Tongue
        The language of the outputs.
    world : World, optional
        If given, wrong outputs are compared with the frames one slot away, to tell what was lost.
    true : sequence of N sequences of str, optional
        The wordings of each frame, where they have been made already.

    Raises
    ------
    ScoringError
        If the numbers of outputs, frames and wordings differ, or there are none.

    Examples
    --------
    >>> from thought.microworld.frames import parse_key
    >>> from thought.microworld.tongue import load_tongue
    >>> sleeps = parse_key("intransitive verb=sleep agent=dog")
    >>> measure_meanings(["The dog sleeps.", "The cat sleeps."], [sleeps, sleeps], load_tongue("en")).accuracy
    0.5
    """
    if len(outputs) != len(frames) or not outputs:
        raise ScoringError(f"expected an output for each frame, got {len(outputs)} outputs and {len(frames)} frames")
    if true is not None and len(true) != len(frames):
        raise ScoringError(
            f"expected wordings for each frame, got {len(true)} sets of wordings and {len(frames)} frames"
        )
    if true is None:
        true = [[wording.text for wording in wordings(frame, tongue)] for frame in frames]
    wrong = [
        (output, frame) for output, frame, texts in zip(outputs, frames, true, strict=True) if output not in set(texts)
    ]
    judged = wrong[:MOST_JUDGED] if world is not None else []
    lost = Counter(lost_slot(output, frame, tongue, world) for output, frame in judged if world is not None)
    return MeaningAccuracy(
        (len(outputs) - len(wrong)) / len(outputs), len(outputs), dict(lost.most_common()), len(judged)
    )


def lost_slot(output: str, frame: Frame, tongue: Tongue, world: World) -> str:
    """Return the one slot in which an output says something else than the frame, or `SEVERAL`.

    The frames one slot away are said in the constructions of the frame's own wordings, the plain one
    first, until one of them is the output.
    """
    words = set(output.lower().rstrip(".?! ").split())
    for slot, near in neighbours(frame, world):
        for number, plan in enumerate(plans(near, tongue)):
            text = plan.say().text
            if text == output:
                return slot
            if number == 0 and len(words ^ set(text.lower().rstrip(".?! ").split())) > _FAR:
                break  # its other wordings would hardly be nearer
    return SEVERAL


_FAR = 8  # words that may differ between an output and the plain wording of what it says


def neighbours(frame: Frame, world: World) -> Iterator[tuple[str, Frame]]:
    """Yield every frame that differs from one in a single slot, with the slot."""
    for slot, values in world.alternatives(frame).items():
        for value in values:
            if value != frame.get(slot):
                yield slot, frame.changed(slot, value)
