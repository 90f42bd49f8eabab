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
    from thought.evaluation import Report
    from thought.scoring import Score

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
        is_number = any(isinstance(cell, int | float) for cell in cells)
        drawn.add_column(escape(column), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(_cell(value) for value in row))
    return render(drawn)


def facts(values: Mapping[str, object]) -> str:
    """Draw names and values, one a line."""
    width = max((len(name) for name in values), default=0)
    return "\n".join(f"{name:<{width}}  {_plain(value)}" for name, value in values.items())


def square(languages: Sequence[str], cells: Sequence[Sequence[float | None]], *, title: str, scale: float = 1.0) -> str:
    """Draw a square of numbers: rows are read, columns are written."""
    rows = []
    for language, line in zip(languages, cells, strict=True):
        rows.append([language, *(None if cell is None else cell * scale for cell in line)])
    return table(("from \\ to", *languages), rows, title=title)


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
    """Draw all numbers of an evaluation: squares of BLEU and P@1, a row a direction, signatures."""
    protocol = report.protocols[0]
    beam = "greedy" if report.beam == 1 else f"beam {report.beam}"
    blocks = [f"{title}: {report.meanings:,} meanings, {beam}, {report.seconds:.0f} s, {report.hardware}"]
    if len(report.directions) > 1:
        blocks.append(square(report.languages, report.table("bleu"), title=f"BLEU, {protocol}"))
        if any(one.p_at_1 is not None for one in report.directions):
            blocks.append(square(report.languages, report.table("p_at_1"), title="P@1, %", scale=100.0))
    rows = []
    signatures: dict[str, None] = {}
    for one in report.directions:
        for name, scores in one.scores.items():
            found = 100 * one.p_at_1 if one.p_at_1 is not None else None
            cells = [_with_interval(score) for score in (scores.bleu, scores.chrf, scores.ter)]
            rows.append((one.name, name, *cells, found, one.sentences, "zero-shot" if one.is_zero_shot else ""))
            for measure, score in (("BLEU", scores.bleu), ("chrF", scores.chrf), ("TER", scores.ter)):
                signatures[f"{measure}: {score.signature}"] = None  # each once, in this order
    columns = ("direction", "protocol", "BLEU", "chrF", "TER", "P@1, %", "sentences", "")
    warnings = "\n".join(f"warning: {line}" for line in report.warnings)
    return "\n\n".join(block for block in (*blocks, table(columns, rows), "\n".join(signatures), warnings) if block)


def _cell(value: object) -> str:
    return escape(_plain(value))


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


def _with_interval(score: Score) -> float | str:
    if score.low is None or score.high is None:
        return score.value
    return f"{score.value:.1f} [{score.low:.1f}, {score.high:.1f}]"
