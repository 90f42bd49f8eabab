"""A notebook's kernel for tests that have none: what a cell would show is kept."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

Bundle = dict[str, str]  # kind of content -> content


class Page:
    """What stands on the page: one list of drawings an output, the last of which a reader sees."""

    def __init__(self) -> None:
        self.outputs: list[list[Bundle]] = []

    def display(self, bundle: Bundle, *, raw: bool, display_id: bool) -> Any:
        """Stand in for `IPython.display.display`: show something new, and return what can change it."""
        assert (raw, display_id) == (True, True)
        drawings = [bundle]
        self.outputs.append(drawings)
        return SimpleNamespace(update=lambda changed, *, raw: drawings.append(changed))

    @property
    def html(self) -> str:
        """What a reader sees of the only output."""
        return self._shown["text/html"]

    @property
    def text(self) -> str:
        """What a reader without HTML sees of it."""
        return self._shown["text/plain"]

    @property
    def _shown(self) -> Bundle:
        assert len(self.outputs) == 1
        return self.outputs[0][-1]


def open_page(monkeypatch: pytest.MonkeyPatch) -> Page:
    """Make this process look like a kernel."""
    page = Page()
    pretend(monkeypatch, SimpleNamespace(kernel=object()), page)
    return page


def pretend(monkeypatch: pytest.MonkeyPatch, shell: object, page: Page) -> None:
    """Have IPython loaded, with a shell: None outside of any, or one with a `kernel` or without."""
    ipython, display = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = lambda: shell  # type: ignore[attr-defined]
    display.display = page.display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
