"""What a person sees in the terminal while `thought demo` runs: five chapters, the second of them live.

Everything said while it works goes to standard error, results and the path of the page to standard output. Where
there is no terminal, and where colours are not wanted, plain lines tell the same.
"""

from __future__ import annotations

import math
import os
import shlex
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.text import Text

from thought.demo.lesson import Witness
from thought.demo.parts import percent, score
from thought.demo.results import CHAPTERS, Example, Moment, Results, Walk
from thought.demo.scenes import WIDEST, clean, clock, heading, latest_bleu, learned, learning, meaning, steps, time_left
from thought.demo.scoreboard import findings, losses, score_tables, small_print
from thought.display import WIDEST as WIDEST_LOG
from thought.progress import BETWEEN_LINES
from thought.runs import RUNS
from thought.streams import write_text

BETWEEN_DRAWINGS = 0.5  # seconds on the clock between two drawings of the panel: training needs the cores


class Story(Witness):
    """Tells the lesson as it goes; a context manager, which puts the terminal right at the end.

    Parameters
    ----------
    screen : rich.console.Console, optional
        Where to tell what is going on; standard error unless given.
    aside : bool
        Tell the results there as well, because standard output is for something else.
    now : callable
        Seconds on a clock that never goes back.

    Attributes
    ----------
    moments : list of Moment
        How far the model was, one a step.
    """

    def __init__(
        self, screen: Console | None = None, *, aside: bool = False, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.moments: list[Moment] = []
        self._screen = screen or console_on(sys.stderr)
        self._aside, self._now = aside, now
        self._is_live = self._screen.is_terminal and not self._screen.is_dumb_terminal
        self._live: Live | None = None
        self._chapter = ""
        self._number = 0
        self._codes: list[str] = []
        self._record: Mapping[str, float] = {}
        self._watched: dict[str, str] = {}
        self._drawn = -math.inf  # when the panel was drawn
        self._told = -math.inf  # seconds of training at which a plain line was written
        self._untold = False  # whether there is a moment after that line

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_learning()

    def chapter(self, title: str) -> None:
        """Begin a chapter; one that has begun is not begun again."""
        if title == self._chapter:
            return
        self._end_learning()
        self._chapter = title
        self._number = CHAPTERS.index(title) + 1 if title in CHAPTERS else self._number + 1
        if self._is_live:
            self._draw(Text(), heading(self._number, title, self._width))
        else:
            self._say(f"{self._number}. {title}")

    def examples(self, examples: Sequence[Example]) -> None:
        """Show meanings: the slots of each, and its wordings in every language."""
        for example in examples:
            self._codes += [code for code in example.sentences if code not in self._codes]
        for example in examples:
            self._draw(meaning(example, self._codes, self._width))

    def note(self, text: str) -> None:
        """Say something once, above the panel while that is live."""
        self._say(f"  {text}", style="dim")

    def progress(self, record: Mapping[str, float]) -> None:
        """Move the bar, or write a line if the last one is old enough."""
        self._record = record
        if self._is_live:
            self._refresh()
        elif record["seconds"] - self._told >= BETWEEN_LINES:
            self._tell(record)

    def moment(self, moment: Moment, watched: Mapping[str, str]) -> None:
        """Keep the moment; show how the watched sentence is translated now, and the scores."""
        if not self._watched:
            self._codes += [code for code in (watched["from"], watched["to"]) if code not in self._codes]
            if not self._is_live:
                self._say(f"  watching {watched['from']}-{watched['to']}: {watched['source']}  =>  {watched['plain']}")
        self._watched = dict(watched)
        if self.moments and self.moments[-1].step == moment.step:
            self.moments.pop()
        self.moments.append(moment)
        self._untold = True
        if self._is_live:
            self._refresh(at_once=True)

    def recall(self, results: Results) -> None:
        """Show how an earlier run learned, from its results."""
        self._codes = [*results.languages]
        if results.moments and results.watched.get("to"):
            self._draw(learned(results.moments, results.watched, self._codes, self._width))

    def results(self, results: Results) -> None:
        """Write tables of scores, what stands beside them, what was lost, and what it all depends on."""
        self._end_learning()
        self._codes = [*results.languages]
        width = self._width if self._aside else min(WIDEST, console_on(sys.stdout).width)
        self._write(score_tables(results, width), findings(results), losses(results, width), small_print(results))

    def walk(self, walk: Walk) -> None:
        """Write what lies between two thoughts, in every language."""
        self._codes += [code for step in walk.steps[:1] for code in step if code not in ("share", *self._codes)]
        self._write(steps(walk, self._codes))

    def closing(self, page: Path, results: Results) -> None:
        """Say where the page is, and what to try next as commands to copy."""
        self._say("")
        self._say("  All of this, with maps of the thoughts, is on one page that needs no network:")
        self._write(Text(str(page), style="bold", no_wrap=True, overflow="ignore"))
        self._say("")
        self._say("  Try next:")
        for what, command in _commands(page, results):
            self._say(f"  {what}", style="dim")
            self._say(f"    {command}", style="bold", is_whole=True)

    @property
    def _width(self) -> int:
        return min(WIDEST, self._screen.width)

    def _say(self, text: str, style: str = "", *, is_whole: bool = False) -> None:
        """Write a line; one that is whole, such as a command, can be copied however narrow the screen is."""
        drawn = Text(clean(text.strip()), style=style)
        indent = len(text) - len(text.lstrip())
        if is_whole or not self._is_live:
            self._screen.print(Text(" " * indent) + drawn, soft_wrap=True)
        else:
            self._draw(Padding(drawn, (0, 0, 0, indent)))

    def _draw(self, *items: RenderableType) -> None:
        for item in items:
            self._screen.print(item, width=self._width)

    def _write(self, *items: RenderableType) -> None:
        """Write results, to standard output unless that is for something else."""
        if self._aside:
            self._draw(*items)
            return
        paper = console_on(sys.stdout)
        with paper.capture() as taken:
            for item in items:
                paper.print(item, width=min(WIDEST, paper.width), crop=False)
        write_text("\n".join(line.rstrip() for line in taken.get().rstrip("\n").split("\n")))

    def _refresh(self, *, at_once: bool = False) -> None:
        if not at_once and self._now() - self._drawn < BETWEEN_DRAWINGS:
            return
        self._drawn = self._now()
        if self._live is None:  # no thread of its own draws it: there is nothing new between two steps
            self._live = Live(console=self._screen, auto_refresh=False, transient=True, redirect_stdout=False)
            self._live.start()
        width = min(WIDEST, self._screen.width - len("^C"))  # which must not wrap, or a line of the panel would stay
        panel = learning(self._record, self.moments, self._watched, self._codes, width)
        self._live.update(panel, refresh=True)

    def _tell(self, record: Mapping[str, float]) -> None:
        seconds, left = record["seconds"], time_left(record)
        self._told, self._untold = seconds, False
        parts = [f"  {clock(seconds)}", f"step {int(record['step']):,}"]
        if "tokens_per_second" in record:
            parts.append(f"{record['tokens_per_second']:,.0f} tokens/s")
        if math.isfinite(left):
            parts.append(f"{clock(left)} left")
        if self.moments:
            last = self.moments[-1]
            bleu = latest_bleu(self.moments)
            parts += [f"P@1 {percent(last.p_at_1)}", f"BLEU {score(bleu)}", last.translation or "–"]
        self._say("  ".join(parts))

    def _end_learning(self) -> None:
        """Give the screen back, and leave a record of what was learned."""
        if self._live is not None:
            self._live.stop()
            self._live = None
            if self.moments and self._watched:
                self._draw(learned(self.moments, self._watched, self._codes, self._width))
        if self._untold and not self._is_live:
            last = self.moments[-1]
            self._tell({"seconds": last.seconds, "step": last.step})


def console_on(stream: TextIO) -> Console:
    """Return a console on a stream; it is a terminal if the stream is one where colours are wanted."""
    is_utf = (stream.encoding or "").lower().replace("-", "") == "utf8"
    is_wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") not in ("dumb", "unknown")
    is_terminal = stream.isatty() and is_wanted and is_utf
    width = None if is_terminal else WIDEST_LOG
    return Console(file=stream, force_terminal=is_terminal, width=width, highlight=False, emoji=False, markup=False)


def _commands(page: Path, results: Results) -> list[tuple[str, str]]:
    """Return three things to do next: what for, and the command."""
    folder = page.parent
    where = "" if folder == RUNS / "demo" else f" --out {shlex.quote(str(folder))}"
    target = next((code for code in reversed(results.languages) if code != results.watched.get("from")), "en")
    asked = shlex.quote(clean(results.watched.get("source") or results.walk.start))
    translating = f"echo {asked} | thought translate {shlex.quote(str(folder))} --to {target}"
    training = "thought data get multi30k && thought train small --data multi30k --langs de,en"
    return [
        ("look at the page", f"thought demo{where} --open"),
        ("say it in another language, or try a sentence of your own", translating),
        ("train on captions that people wrote", training),
    ]
