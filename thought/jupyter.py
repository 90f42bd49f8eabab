"""A notebook's page: one output of a cell that is drawn anew as the work goes on, and stays when it is saved.

What is shown is made of blocks, each of which is drawn twice: as HTML, and as text for readers that show none.
IPython is not a dependency: where it is not loaded already, there is no notebook to draw in.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib import import_module
from typing import Any

_TEXT_WIDTH = 40  # characters of a bar drawn as text
_GREY = "opacity: 0.7; font-size: 90%"
_CELL = "text-align: right; padding: 1px 10px; font-variant-numeric: tabular-nums"


@dataclass(frozen=True)
class Block:
    """One thing to look at, drawn in two ways."""

    html: str
    text: str


def in_notebook() -> bool:
    """Whether this process is a kernel, which shows HTML; nothing is imported to find out."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


def bar(share: float | None, words: str) -> Block:
    """Draw how far the work is, a share in [0, 1] or None if nobody knows, and words beside it."""
    filled = min(max(share or 0.0, 0.0), 1.0)
    inner = f'<div style="width: {100 * filled:.1f}%; height: 100%; border-radius: 3px; background: #3b7dd8"></div>'
    outer = (
        '<div style="height: 10px; max-width: 640px; margin: 4px 0; border-radius: 3px; '
        f'background: rgba(128, 128, 128, 0.25)">{inner}</div>'
    )
    marks = "#" * round(_TEXT_WIDTH * filled)
    return Block(f"<div>{escape(words)}</div>{outer}", f"[{marks:<{_TEXT_WIDTH}}] {words}")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Block:
    """Draw rows of words and numbers under the names of their columns."""
    head = "".join(f'<th style="{_CELL}">{escape(name)}</th>' for name in columns)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in row) + "</tr>" for row in rows
    )
    html = f'<table style="margin: 6px 0"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    texts = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in (columns, *rows)]
    return Block(html, "\n".join(line.rstrip() for line in texts))


def lines(texts: Sequence[str], *, is_grey: bool = False) -> Block:
    """Draw texts one under the other, grey if they matter less."""
    style = f' style="{_GREY}"' if is_grey else ""
    return Block("".join(f"<div{style}>{escape(text)}</div>" for text in texts), "\n".join(texts))


class Sheet:
    """One output of the cell that runs; what is shown later replaces what was shown before."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, blocks: Sequence[Block]) -> None:
        """Draw blocks one under the other, in place of those that are there."""
        html = '<div style="margin: 4px 0">' + "".join(block.html for block in blocks) + "</div>"
        bundle = {"text/html": html, "text/plain": "\n".join(block.text for block in blocks)}
        if self._handle is None:
            self._handle = import_module("IPython.display").display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)
