"""Tables are plain text that says what the numbers are; what is not a result goes to standard error."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from thought import display
from thought.evaluation import Direction, Report
from thought.scoring import Score, Scores


def score(value: float, kind: str, low: float | None = None, high: float | None = None) -> Score:
    return Score(value, f"{kind}|version:1", low, high)


def report(*directions: Direction, warnings: tuple[str, ...] = ()) -> Report:
    return Report(directions, ("de", "en"), 5, 1, ("13a",), 1, 2.0, "a machine", warnings)


def direction(source: str, target: str, bleu: Score, p_at_1: float | None = 0.5) -> Direction:
    scores = {"13a": Scores(bleu, score(50.0, "c"), score(40.0, "t"))}
    return Direction(source, target, 5, scores, p_at_1, {}, False)


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


def test_a_square_says_which_side_is_read() -> None:
    drawn = display.square(["de", "en"], [[None, 0.25], [0.5, None]], title="P@1, %", scale=100)
    assert [line.split() for line in drawn.split("\n")] == [
        ["P@1,", "%"],
        ["from", "\\", "to", "de", "en"],
        ["de", "-", "25.0"],
        ["en", "50.0", "-"],
    ]


def test_a_report_shows_squares_rows_and_each_signature_once() -> None:
    both = (direction("de", "en", score(30.0, "b")), direction("en", "de", score(20.0, "b")))
    drawn = display.draw_report(report(*both, warnings=("de-en: odd",)), "runs/x on multi30k:test")
    assert drawn.startswith("runs/x on multi30k:test: 5 meanings, greedy, 2 s, a machine")
    assert "BLEU, 13a\nfrom \\ to" in drawn
    assert "P@1, %\nfrom \\ to" in drawn
    assert drawn.count("BLEU: b|version:1") == drawn.count("chrF: c|version:1") == drawn.count("TER: t|version:1") == 1
    assert drawn.endswith("warning: de-en: odd")


def test_a_report_on_one_direction_has_no_square_and_shows_intervals() -> None:
    drawn = display.draw_report(report(direction("de", "en", score(30.04, "b", 28.0, 32.0), None)), "x")
    assert "from" not in drawn
    assert "30.0 [28.0, 32.0]" in drawn


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
