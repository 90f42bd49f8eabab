"""Tables are plain text that says what the numbers are; what is not a result goes to standard error."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from thought import display
from thought.evaluation.parts import Part, Table, square
from thought.evaluation.report import Report


def report(*tables: Table, notes: tuple[str, ...] = (), skipped: dict[str, str] | None = None) -> Report:
    part = Part("Thoughts are written", "BLEU is 30.0.", {}, tables, notes=notes)
    return Report({"translation": part}, skipped or {}, {}, 5, 1, {"shared": 0.5, "translation": 1.6}, "a machine")


def test_a_table_aligns_words_left_and_numbers_right() -> None:
    drawn = display.table(("name", "size"), [("a", 1_000_000), ("bc", None), ("d", 2.25)])
    assert drawn.split("\n") == ["name       size", "a     1,000,000", "bc            -", "d           2.2"]


def test_brackets_in_text_are_text() -> None:
    assert "[red]x[/red]" in display.table(("[b]",), [("[red]x[/red]",)])


def test_facts_are_one_a_line() -> None:
    assert display.facts({"name": "x", "languages": ["de", "en"], "size": 1_000}).split("\n") == [
        "name       x",
        "languages  de, en",
        "size       1,000",
    ]


def test_a_report_shows_its_parts_and_what_was_left_out() -> None:
    squares = square("BLEU, 13a", ("de", "en"), {"de-en": 30.04})
    drawn = display.draw_report(report(squares, notes=("BLEU: b|version:1",), skipped={"swaps": "no rules"}), "runs/x")
    assert [" ".join(line.split()) for line in drawn.split("\n") if line] == [
        "runs/x: 5 meanings, seed 1, 2 s, a machine",
        "THOUGHTS ARE WRITTEN",
        "BLEU is 30.0.",
        "BLEU, 13a",
        "from \\ to de en",
        "de - 30.0",
        "en - -",
        "BLEU: b|version:1",
        "swaps was left out: no rules",
    ]


def test_numbers_of_a_report_have_the_digits_of_their_table() -> None:
    drawn = display.draw_report(report(Table("x", ("what", "share"), (("a", 0.12345), ("b", None)), 3)), "x")
    assert ["a", "0.123"] in [line.split() for line in drawn.split("\n")]


def test_notes_go_to_standard_error_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    display.note("kept 3 of 4; [skipped] a very " + "long " * 60 + "line")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("kept 3 of 4; [skipped] a very long")


def test_a_bar_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with display.bar("reading", unit="bytes") as tell:
        tell(1, 2)
        tell("train.gz", 2, 0)
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_a_terminal_names_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.StringIO()
    monkeypatch.setattr(display, "console", lambda: Console(file=buffer, force_terminal=True, width=80))
    with display.bar("reading") as tell:
        tell("de-en", 1, 2)
    assert "de-en" in buffer.getvalue()
    assert "1/2" in buffer.getvalue()
