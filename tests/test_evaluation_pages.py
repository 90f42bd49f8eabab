"""A report as a page and as Markdown: everything said, nothing run, nothing fetched."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from matplotlib.figure import Figure

from thought.evaluation.pages import draw, shown, to_html, to_markdown
from thought.evaluation.parts import Part, Table
from thought.evaluation.report import Report

NASTY = '<script>alert(1)</script> | & "quoted"'


def make(theme: str) -> Figure:
    figure = Figure(figsize=(1, 1), facecolor="white" if theme == "light" else "black")
    figure.subplots().plot([0, 1])
    return figure


@pytest.fixture
def report() -> Report:
    table = Table("Scores", ("direction", "BLEU", "n"), (("de-en", 30.04, 1_000), (NASTY, None, 2)))
    part = Part(
        "Thoughts are written", f"BLEU is 30.0 {NASTY}.", {"bleu": 30.04}, (table,), {"curve": make}, ("a note",)
    )
    about = {"run": "runs/x", "corpus": "world.tsv", "split": "test", "step": 1_200}
    return Report({"translation": part}, {"swaps": NASTY}, about, 5, 1, {"translation": 2.0}, "a machine")


class Tags(HTMLParser):
    """Collects tags, their addresses and what is not text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "srcset")]


def test_a_page_holds_everything_and_runs_nothing(report: Report) -> None:
    tags = Tags()
    tags.feed(to_html(report))
    assert "script" not in tags.tags
    assert all(address.startswith(("data:image/png;base64,", "#")) for address in tags.addresses)
    assert tags.tags.count("img") == tags.tags.count("source") == 1  # light and dark
    assert tags.tags.count("td") == 6


def test_a_page_says_what_was_measured_and_what_was_left_out(report: Report) -> None:
    page = to_html(report)
    for text in ("runs/x on world.tsv:test", "step 1,200, 5 meanings, seed 1", "30.0", "1,000", "a note", "Left out"):
        assert text in page


def test_markdown_has_the_same_tables_and_sentences(report: Report) -> None:
    text = to_markdown(report, figures={"curve": "figures/curve.png"})
    assert text.startswith("# runs/x on world.tsv:test\n")
    assert "| direction | BLEU | n |\n|---|---:|---:|\n| de-en | 30.0 | 1,000 |\n" in text
    assert "\\|" in text  # a bar in a cell does not end it
    assert "![curve](figures/curve.png)" in text
    assert "* swaps was left out: " in text


def test_figures_are_drawn_in_the_theme_asked_for(report: Report) -> None:
    (figure,) = draw(report, "dark").values()
    assert figure.get_facecolor() == (0, 0, 0, 1)


@pytest.mark.parametrize(
    ("cell", "digits", "text"),
    [(None, 1, "-"), (float("nan"), 1, "-"), (0.12345, 3, "0.123"), (1_000, 1, "1,000"), ("de-en", 1, "de-en")],
)
def test_cells_have_the_digits_of_their_table(cell: object, digits: int, text: str) -> None:
    assert shown(cell, digits) == text
