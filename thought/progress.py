"""What a person sees while a model trains: a bar, a row of scores and three sentences an evaluation.

On a terminal the bar is live, in a notebook it is a part of the page; in a log file there is a plain line
now and then. Terminals and files are served on standard error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as LiveBar

from thought import jupyter
from thought.display import console
from thought.rehearsal import Listener, Sample
from thought.schedule import FAR

BETWEEN_LINES = 10.0  # seconds of training between two plain lines
BETWEEN_DRAWINGS = 0.5  # seconds of training between two drawings of a notebook's page
_ROWS = 12  # evaluations a notebook's page shows, the latest
_COLUMNS = ("step", "minutes", "BLEU", "chrF", "P@1")


class Progress(Listener):
    """Shows training to a person: on the page of a notebook, on a terminal, or line by line in a log file.

    The bar of a terminal is live only inside `with Progress() as progress:`, which puts the terminal right at
    the end, also after an error; elsewhere a line is written now and then. A notebook needs no `with`.

    Parameters
    ----------
    opening : str
        Said before anything else is; a run that cannot start leaves it unsaid.

    Examples
    --------
    >>> from pathlib import Path
    >>> from thought import load_config, train
    >>> config = load_config("tiny", ["data.corpus=my.tsv", "training.steps=2"])
    >>> train(config, Path("shown"), listener=Progress()).step
    2
    """

    def __init__(self, opening: str = "") -> None:
        self._face = NotebookProgress(opening) if jupyter.in_notebook() else TrainingProgress(opening)

    def __enter__(self) -> Self:
        self._face.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._face.__exit__(kind, error, trace)

    def note(self, text: str) -> None:
        """Say something once, such as what was skipped."""
        self._face.note(text)

    def progress(self, record: Mapping[str, float]) -> None:
        """Show how far training is."""
        self._face.progress(record)

    def evaluation(self, record: Mapping[str, Any], samples: Sequence[Sample]) -> None:
        """Show scores and what the model now says for some sentences."""
        self._face.evaluation(record, samples)


class TrainingProgress(Listener):
    """Shows training on a terminal or in a log file; inside a `with` block a terminal's bar is live.

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
        self._bar: LiveBar | None = None
        self._is_live = False  # a bar that nobody would stop is not begun
        self._evaluations = 0
        self._last_line = float("-inf")  # seconds of training at which a plain line was written

    def __enter__(self) -> Self:
        self._is_live = self._screen.is_terminal
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_live = False
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def note(self, text: str) -> None:
        """Say something once, such as what was skipped."""
        self._say(text)

    def progress(self, record: Mapping[str, float]) -> None:
        """Move the bar, or write a line if the last one is old enough."""
        if self._is_live:
            self._move(record)
        elif record["seconds"] - self._last_line >= BETWEEN_LINES:
            self._last_line = record["seconds"]
            self._say(f"step {_step(record)}  {_speed(record)}  {_clock(record['seconds'])}{_left(record)}")

    def evaluation(self, record: Mapping[str, Any], samples: Sequence[Sample]) -> None:
        """Write a row of scores and what the model now says for some sentences."""
        if self._evaluations == 0:
            self._say(_aligned(_COLUMNS))
        self._evaluations += 1
        *cells, mark = _row(record)
        self._say(f"{_aligned(cells)}  {mark}".rstrip())
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
            self._bar = LiveBar(*columns, console=self._screen, transient=True, redirect_stdout=False)
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


class NotebookProgress(Listener):
    """Shows training as one output of a notebook's cell: a bar, and under it the scores so far."""

    def __init__(self, opening: str = "") -> None:
        self._sheet = jupyter.Sheet()
        self._opening = opening
        self._notes: list[str] = []
        self._rows: list[list[str]] = []
        self._samples: Sequence[Sample] = ()
        self._last: Mapping[str, Any] = {}
        self._ended = ""  # how, once it has
        self._drawn = float("-inf")  # seconds of training at which the page was drawn

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._last:
            self._ended = f"stopped by {kind.__name__}" if kind is not None else self._ended
            self._draw()

    def note(self, text: str) -> None:
        """Say something once, under the rest."""
        self._notes.append(text)
        self._draw()

    def progress(self, record: Mapping[str, float]) -> None:
        """Move the bar, unless it has just been moved."""
        self._last = record
        if record["seconds"] - self._drawn >= BETWEEN_DRAWINGS:
            self._draw()

    def evaluation(self, record: Mapping[str, Any], samples: Sequence[Sample]) -> None:
        """Add a row of scores, and show what the model now says for some sentences."""
        self._rows.append(_row(record))
        self._samples = samples
        if not record.get("is_averaged", True):  # the last weights are scored only once a run has ended
            self._ended = f"trained for {_clock(record['seconds'])} minutes"
        self._draw()

    def _draw(self) -> None:
        self._drawn = self._last.get("seconds", float("-inf"))
        blocks = [jupyter.lines([self._opening])] if self._opening else []
        if self._last:
            state = self._ended or _left(self._last).strip()
            words = filter(None, (f"step {_step(self._last)}", state, _speed(self._last).replace("  ", " · ")))
            blocks.append(jupyter.bar(self._share(), " · ".join(words)))
        if self._rows:
            blocks.append(jupyter.table((*_COLUMNS, ""), self._rows[-_ROWS:]))
        for sample in self._samples:
            texts = (f"{sample.direction}: {sample.source}", f"→ {sample.translation}")
            blocks += [jupyter.lines(texts), jupyter.lines([f"reference: {sample.reference}"], is_grey=True)]
        if self._notes:
            blocks.append(jupyter.lines(self._notes, is_grey=True))
        self._sheet.show(blocks)

    def _share(self) -> float | None:
        """Share of the time that is over; time, because a budget in minutes has no known number of steps."""
        seconds, left = self._last["seconds"], self._last.get("seconds_left")
        if self._ended.startswith("trained"):
            return 1.0
        return seconds / max(seconds + left, 1e-9) if left is not None else None


def _row(record: Mapping[str, Any]) -> list[str]:
    """An evaluation as cells under `_COLUMNS`, and a mark if it is the best so far."""
    share = record.get("p_at_1")
    retrieved = "-" if share is None else f"{100 * share:.1f}"
    numbers = [f"{record['seconds'] / 60:.1f}", f"{record['bleu']:.1f}", f"{record['chrf']:.1f}", retrieved]
    return [f"{int(record['step']):,}", *numbers, "best" if record.get("is_best") else ""]


def _aligned(cells: Sequence[str]) -> str:
    step, minutes, *scores = cells
    return f"{step:>9} {minutes:>8} " + " ".join(f"{score:>6}" for score in scores)


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
