"""What a person sees while a model trains: a bar, a row of scores and three sentences an evaluation.

On a terminal the bar is live; in a log file there is a plain line now and then. All of it goes to
standard error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn

from thought.display import console
from thought.rehearsal import Listener, Sample
from thought.schedule import FAR

BETWEEN_LINES = 10.0  # seconds of training between two plain lines
_COLUMNS = f"{'step':>9} {'minutes':>8} {'BLEU':>6} {'chrF':>6} {'P@1':>6}"


class TrainingProgress(Listener):
    """Shows training as it goes; a context manager, which puts the terminal right at the end.

    Parameters
    ----------
    opening : str
        Said before anything else is; a run that cannot start leaves it unsaid.
    screen : rich.console.Console, optional
        Where to show it; standard error unless given.
    """

    def __init__(self, opening: str = "", screen: Console | None = None) -> None:
        self._screen = screen or console()
        self._opening = opening
        self._bar: Progress | None = None
        self._evaluations = 0
        self._last_line = float("-inf")  # seconds of training at which a plain line was written

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def note(self, text: str) -> None:
        """Say something once, such as what was skipped."""
        self._say(text)

    def progress(self, record: Mapping[str, float]) -> None:
        """Move the bar, or write a line if the last one is old enough."""
        if self._screen.is_terminal:
            self._move(record)
        elif record["seconds"] - self._last_line >= BETWEEN_LINES:
            self._last_line = record["seconds"]
            self._say(f"step {_step(record)}  {_speed(record)}  {_clock(record['seconds'])}{_left(record)}")

    def evaluation(self, record: Mapping[str, Any], samples: Sequence[Sample]) -> None:
        """Write a row of scores and what the model now says for some sentences."""
        if self._evaluations == 0:
            self._say(_COLUMNS)
        self._evaluations += 1
        share = record.get("p_at_1")
        retrieved = "-" if share is None else f"{100 * share:.1f}"
        scores = f"{record['bleu']:6.1f} {record['chrf']:6.1f} {retrieved:>6}"
        best = "  best" if record.get("is_best") else ""
        self._say(f"{int(record['step']):>9,} {record['seconds'] / 60:8.1f} {scores}{best}")
        for sample in samples:
            self._say(f"    {sample.direction}  {sample.source}")
            self._say(f"{'reference':>13}  {sample.reference}")
            self._say(f"{'translation':>13}  {sample.translation}")

    def _say(self, text: str) -> None:
        if self._opening:
            opening, self._opening = self._opening, ""
            self._say(opening)
        self._screen.print(escape(text), highlight=False)

    def _move(self, record: Mapping[str, float]) -> None:
        if self._bar is None:
            columns = (TextColumn("step {task.fields[step]}"), BarColumn(), TextColumn("{task.fields[state]}"))
            self._bar = Progress(*columns, console=self._screen, transient=True, redirect_stdout=False)
            self._bar.add_task("training", total=None, step="", state="")
            self._bar.start()
        # Time, not steps, is what the bar shows: a budget in minutes has no known number of steps.
        seconds = record["seconds"]
        self._bar.update(
            self._bar.task_ids[0],
            completed=seconds,
            total=seconds + record["seconds_left"] if record.get("seconds_left") is not None else None,
            step=_step(record),
            state=f"{_speed(record)}{_left(record)}",
        )


def _step(record: Mapping[str, float]) -> str:
    steps = record.get("steps", 0)
    is_planned = record["step"] <= steps < FAR  # a budget in minutes has no plan until the speed is known
    return f"{int(record['step']):,}" + (f" of {int(steps):,}" if is_planned else "")


def _speed(record: Mapping[str, float]) -> str:
    return f"loss {record['loss']:.3f}  {record['tokens_per_second']:,.0f} tokens/s"


def _left(record: Mapping[str, float]) -> str:
    seconds = record.get("seconds_left")
    return "" if seconds is None else f"  {_clock(seconds)} left"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
