"""What a person sees: notes and progress on standard error, tables of results as text.

Functions that make tables return them as text, so that the command line decides where they go.
Nothing here computes a number.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from thought.evaluation.report import Report

WIDEST = 160  # columns of a table that goes into a file or a pipe


class Tell(Protocol):
    """How a part of the work says how far it is."""

    def __call__(self, *state: Any) -> None:
        """Take (done, total) or (what, done, total)."""


def console() -> Console:
    """Return the console on standard error, as it stands at the time of the call."""
    return Console(file=sys.stderr, highlight=False, soft_wrap=True)


def note(text: str) -> None:
    """Say something to the person that is not a result."""
    console().print(escape(text))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> str:
    """Draw a table; numbers stand to the right, None is a dash, a float has one digit after the point."""
    rows = [list(row) for row in rows]
    drawn = Table(title=escape(title) or None, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for place, column in enumerate(columns):
        cells = [row[place] for row in rows]
        is_number = any(isinstance(cell, int | float | _Number) for cell in cells)
        drawn.add_column(escape(column), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(_cell(value) for value in row))
    return render(drawn)


def facts(values: Mapping[str, object]) -> str:
    """Draw names and values, one a line."""
    width = max((len(name) for name in values), default=0)
    return "\n".join(f"{name:<{width}}  {_plain(value)}" for name, value in values.items())


def render(item: object) -> str:
    """Draw anything rich can draw as text, with colours only if standard output is a terminal."""
    is_terminal = sys.stdout.isatty()
    width = None if is_terminal else WIDEST
    buffer = io.StringIO()
    Console(file=buffer, force_terminal=is_terminal, width=width, highlight=False).print(item)
    return "\n".join(line.rstrip() for line in buffer.getvalue().rstrip("\n").split("\n"))


@contextmanager
def bar(what: str, *, unit: str = "") -> Iterator[Tell]:
    """Show a bar on standard error while the block runs, if that is a terminal.

    Yields
    ------
    Tell
    """
    size: ProgressColumn = DownloadColumn() if unit == "bytes" else TextColumn("{task.completed}/{task.total}")
    columns = (TextColumn("{task.description}"), BarColumn(), size, TimeRemainingColumn())
    screen = console()
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task(escape(what), total=None)

        def tell(*state: Any) -> None:
            *words, done, total = state
            description = escape(str(words[0])) if words else None
            progress.update(task, completed=done, total=total or None, description=description)

        yield tell


def draw_report(report: Report, title: str) -> str:
    """Draw all numbers of a report: part by part a sentence, tables and what they depend on."""
    seconds = sum(report.seconds.values())
    blocks = [f"{title}: {report.meanings:,} meanings, seed {report.seed}, {seconds:.0f} s, {report.hardware}"]
    for part in report.parts.values():
        blocks += [f"{part.title.upper()}\n{part.sentence}"]
        for one in part.tables:
            cells = [[_rounded(cell, one.digits) for cell in row] for row in one.rows]
            blocks.append(table(one.columns, cells, title=one.title))
        blocks.append("\n".join(part.notes))
    blocks += [f"{name} was left out: {why}" for name, why in report.skipped.items()]
    return "\n\n".join(block for block in blocks if block)


def _cell(value: object) -> str:
    return escape(_plain(value))


def _rounded(value: object, digits: int) -> object:
    """A float with so many digits after the point, which still counts as a number."""
    return _Number(f"{value:.{digits}f}") if isinstance(value, float) else value


class _Number(str):
    """A number that is written already."""


def _plain(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.1f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or "-"
    return str(value)
