"""Screens that write into memory, and what there is to show on them."""

from __future__ import annotations

import io
from typing import Any

from demos import fake_results
from rich.console import Console, RenderableType

from thought.demo.results import Example, Moment, Results

CODES = ("en", "de")
WATCHED = {"from": "en", "to": "de", "source": "A dog [bold]runs[/bold].", "plain": "Ein Hund rennt."}
EXAMPLE = Example(
    frame={"agent.count": "two", "verb": "look_for", "agent": "dog", "tense": "past"},
    sentences={
        "en": ["Two dogs ran.", "Two dogs were running.", "It was two dogs that ran.", "Fourth."],
        "de": ["Eins."],
    },
)


def screen(*, is_terminal: bool, width: int = 80) -> Console:
    colours = "truecolor" if is_terminal else None
    return Console(file=io.StringIO(), force_terminal=is_terminal, width=width, height=40, color_system=colours)


def text(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def drawn(item: RenderableType, width: int = 80) -> list[str]:
    console = screen(is_terminal=False, width=width)
    console.print(item)
    return [line.rstrip() for line in text(console).rstrip("\n").split("\n")]


def record(step: int, seconds: float, **others: Any) -> dict[str, Any]:
    return {"step": step, "seconds": seconds, "seconds_left": 61.0, "tokens_per_second": 11_240.0, **others}


def moment(step: int, translation: str, **others: Any) -> Moment:
    values: dict[str, Any] = {"seconds": float(step), "p_at_1": 0.5, "bleu": 50.0, **others}
    return Moment(step=step, translation=translation, **values)


def results(**changes: Any) -> Results:
    return fake_results(2, **changes)
