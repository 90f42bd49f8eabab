"""A report -> Markdown and one self-contained HTML page: tables, figures, and a plain sentence on each number."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any

from thought.evaluation.parts import Cell, Part, Table
from thought.evaluation.report import Report

if TYPE_CHECKING:
    from matplotlib.figure import Figure

THEMES = ("light", "dark")
_DOTS = 160  # an inch of a figure in the page


def to_markdown(report: Report, *, figures: Mapping[str, str] | None = None) -> str:
    """Write a report as Markdown.

    Parameters
    ----------
    report : Report
    figures : mapping of str to str, optional
        Name of a figure -> path or address to show it from.
    """
    lines = [f"# {_title(report)}", "", _facts(report), ""]
    for part in report.parts.values():
        lines += [f"## {part.title}", "", part.sentence, ""]
        for table in part.tables:
            lines += [f"**{table.title}**", "", *_markdown(table), ""]
        lines += [f"![{name}]({figures[name]})" for name in part.figures if figures and name in figures]
        lines += ["", *(f"*{note}*  " for note in part.notes), ""]
    lines += [f"* {name} was left out: {why}" for name, why in report.skipped.items()]
    return "\n".join(lines).rstrip() + "\n"


def to_html(report: Report) -> str:
    """Write a report as a page that needs nothing else: style and figures, light and dark, are inside."""
    style = (resources.files("thought") / "pages" / "report.css").read_text("utf-8")
    links = "".join(f'<a href="#{name}">{html.escape(part.title)}</a>' for name, part in report.parts.items())
    body = "".join(_section(name, part) for name, part in report.parts.items())
    left = "".join(f"<li>{html.escape(name)}: {html.escape(why)}</li>" for name, why in report.skipped.items())
    skipped = f"<section><h2>Left out</h2><ul>{left}</ul></section>" if left else ""
    title = html.escape(_title(report))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width">'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        f'img-src data:"><title>{title}</title><style>{style}</style></head><body><header><h1>{title}</h1>'
        f"<p>{html.escape(_facts(report))}</p><nav>{links}</nav></header><main>{body}{skipped}</main></body></html>\n"
    )


def draw(report: Report, theme: str) -> dict[str, Figure]:
    """Draw all figures of a report, by name."""
    return {name: make(theme=theme) for part in report.parts.values() for name, make in part.figures.items()}


def _title(report: Report) -> str:
    about = report.about
    target = ":".join(str(about[key]) for key in ("corpus", "split") if about.get(key))
    return " on ".join(part for part in (str(about.get("run") or "A run"), target) if part)


def _facts(report: Report) -> str:
    step = f"step {report.about['step']:,}, " if report.about.get("step") else ""
    seconds = sum(report.seconds.values())
    return f"{step}{report.meanings:,} meanings, seed {report.seed}, measured in {seconds:.0f} s on {report.hardware}."


def _section(name: str, part: Part) -> str:
    figures = "".join(_picture(title, make) for title, make in part.figures.items())
    tables = "".join(_table(table) for table in part.tables)
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in part.notes)
    listed = f'<ul class="notes">{notes}</ul>' if notes else ""
    return (
        f'<section id="{name}"><h2>{html.escape(part.title)}</h2><p class="says">{html.escape(part.sentence)}</p>'
        f"{figures}{tables}{listed}</section>"
    )


def _picture(name: str, make: Any) -> str:
    light, dark = (_png(make(theme=theme)) for theme in THEMES)
    return (
        f'<figure><picture><source srcset="{dark}" media="(prefers-color-scheme: dark)">'
        f'<img src="{light}" alt="{html.escape(name)}"></picture></figure>'
    )


def _png(figure: Figure) -> str:
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=_DOTS, facecolor=figure.get_facecolor())
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode('ascii')}"


def _table(table: Table) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in table.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td{_kind(cell)}>{html.escape(shown(cell, table.digits))}</td>" for cell in row) + "</tr>"
        for row in table.rows
    )
    title = f"<caption>{html.escape(table.title)}</caption>"
    return f'<div class="table"><table>{title}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _kind(cell: Cell) -> str:
    return ' class="number"' if isinstance(cell, int | float) or cell is None else ""


def _markdown(table: Table) -> list[str]:
    is_number = [any(isinstance(row[place], int | float) for row in table.rows) for place in range(len(table.columns))]
    rule = "|".join("---:" if number else "---" for number in is_number)
    rows = [
        "| " + " | ".join(shown(cell, table.digits).replace("|", "\\|") for cell in row) + " |" for row in table.rows
    ]
    return ["| " + " | ".join(table.columns) + " |", f"|{rule}|", *rows]


def shown(cell: Cell, digits: int) -> str:
    """A cell as text: None is a dash, a float has so many digits, a count has commas."""
    if cell is None or cell != cell:
        return "-"
    if isinstance(cell, float):
        return f"{cell:.{digits}f}"
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)
