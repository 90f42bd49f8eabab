"""A notebook's page is one output that is drawn anew, as HTML and as text."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from pages import Page, open_page, pretend

from thought.jupyter import Block, Sheet, bar, in_notebook, lines, table


class Balance(HTMLParser):
    """Counts what is opened and closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_a_plain_process_is_no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not in_notebook()


@pytest.mark.parametrize("shell", [None, SimpleNamespace(), SimpleNamespace(kernel=None)])
def test_ipython_without_a_kernel_is_no_notebook(monkeypatch: pytest.MonkeyPatch, shell: object) -> None:
    pretend(monkeypatch, shell, Page())  # loaded by a library; a shell on a terminal; a shell that has ended
    assert not in_notebook()


def test_a_kernel_is_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    open_page(monkeypatch)
    assert in_notebook()


def test_looking_for_a_notebook_does_not_load_ipython() -> None:
    code = "from thought import jupyter; jupyter.in_notebook(); import sys; print('IPython' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"


@pytest.mark.parametrize(("share", "width", "marks"), [(0.0, "0.0", 0), (0.25, "25.0", 10), (1.7, "100.0", 40)])
def test_a_bar_is_as_long_as_its_share(share: float, width: str, marks: int) -> None:
    drawn = bar(share, "words")
    assert f"width: {width}%" in drawn.html
    assert drawn.text == f"[{'#' * marks}{' ' * (40 - marks)}] words"


def test_a_bar_that_knows_no_share_is_empty() -> None:
    assert bar(None, "step 1") == bar(0.0, "step 1")


def test_a_table_has_its_numbers_under_one_another() -> None:
    drawn = table(("step", "BLEU"), [["9", "1.5"], ["1,000", "28.3"]])
    assert drawn.text == " step  BLEU\n    9   1.5\n1,000  28.3"
    assert drawn.html.count("<tr>") == 3
    assert Balance(drawn.html).words == ["step", "BLEU", "9", "1.5", "1,000", "28.3"]


def test_a_table_may_have_no_rows_yet() -> None:
    assert table(("step", "BLEU"), []).text == "step  BLEU"


NASTY = '<img src=x onerror="alert(1)"> & co'


@pytest.mark.parametrize("drawn", [bar(0.5, NASTY), lines([NASTY]), table((NASTY,), []), table(("a",), [[NASTY]])])
def test_what_looks_like_html_is_shown_and_not_obeyed(drawn: Block) -> None:
    parsed = Balance(drawn.html)
    assert parsed.open == []
    assert NASTY in "".join(parsed.words)
    assert NASTY in drawn.text


def test_a_sheet_is_one_output_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    page, sheet = open_page(monkeypatch), Sheet()
    assert page.outputs == []
    sheet.show([lines(["first"])])
    sheet.show([lines(["second"]), lines(["third"], is_grey=True)])
    assert page.text == "second\nthird"
    assert "first" not in page.html
    assert Balance(page.html).words == ["second", "third"]


def test_two_sheets_are_two_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch)
    for word in ("one", "two"):
        Sheet().show([lines([word])])
    assert [drawings[0]["text/plain"] for drawings in page.outputs] == ["one", "two"]
