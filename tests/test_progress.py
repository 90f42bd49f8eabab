"""Training is shown as a live bar on a terminal and as a few plain lines in a file."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from thought.progress import BETWEEN_LINES, TrainingProgress
from thought.rehearsal import Sample
from thought.schedule import FAR

SAMPLE = Sample("de-en", "Ein Hund [rennt].", "A dog runs.", "A cat runs.")


def screen(*, is_terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=is_terminal, width=200, soft_wrap=True, color_system=None)


def text(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def record(step: int, seconds: float, **others: Any) -> dict[str, Any]:
    known = {
        "step": step,
        "steps": 100,
        "seconds": seconds,
        "seconds_left": 61.0,
        "loss": 3.5,
        "tokens_per_second": 2_800,
    }
    return {**known, **others}


def evaluation(step: int, **others: Any) -> dict[str, Any]:
    return {"step": step, "seconds": 90.0, "bleu": 28.34, "chrf": 50.06, "p_at_1": 0.987, "is_best": True, **others}


def test_a_log_has_a_line_now_and_then() -> None:
    console = screen(is_terminal=False)
    with TrainingProgress(screen=console) as progress:
        for seconds in (0.0, 1.0, BETWEEN_LINES - 0.1, BETWEEN_LINES, BETWEEN_LINES + 1):
            progress.progress(record(1 + round(seconds), seconds))
    assert text(console).split("\n") == [
        "step 1 of 100  loss 3.500  2,800 tokens/s  0:00  1:01 left",
        "step 11 of 100  loss 3.500  2,800 tokens/s  0:10  1:01 left",
        "",
    ]


def test_a_plan_nobody_knows_yet_is_not_shown() -> None:
    console = screen(is_terminal=False)
    TrainingProgress(screen=console).progress(record(1, 0.0, steps=FAR))
    assert text(console).startswith("step 1  loss")


def test_long_times_have_hours() -> None:
    console = screen(is_terminal=False)
    TrainingProgress(screen=console).progress(record(1, 3_661.0, seconds_left=36_000.0))
    assert text(console).endswith("1:01:01  10:00:00 left\n")


def test_an_evaluation_is_a_row_and_samples_under_one_header() -> None:
    console = screen(is_terminal=False)
    with TrainingProgress(screen=console) as progress:
        progress.evaluation(evaluation(500), [SAMPLE])
        progress.evaluation(evaluation(1_000, is_best=False), [])
    assert text(console).split("\n") == [
        "     step  minutes   BLEU   chrF    P@1",
        "      500      1.5   28.3   50.1   98.7  best",
        "    de-en  Ein Hund [rennt].",
        "    reference  A dog runs.",
        "  translation  A cat runs.",
        "    1,000      1.5   28.3   50.1   98.7",
        "",
    ]


def test_a_model_without_a_thought_has_no_retrieval_to_show() -> None:
    console = screen(is_terminal=False)
    scores = evaluation(500)
    del scores["p_at_1"]
    TrainingProgress(screen=console).evaluation(scores, [])
    assert text(console).split("\n")[1].split() == ["500", "1.5", "28.3", "50.1", "-", "best"]


def test_the_opening_is_said_once_and_only_if_anything_is() -> None:
    console = screen(is_terminal=False)
    with TrainingProgress("training in runs/x", console) as progress:
        assert text(console) == ""
        progress.note("first")
        progress.note("second")
    assert text(console) == "training in runs/x\nfirst\nsecond\n"


def test_a_terminal_shows_a_live_bar_that_ends_with_the_training() -> None:
    console = screen(is_terminal=True)
    with TrainingProgress(screen=console) as progress:
        progress.progress(record(1, 1.0))
        progress.progress(record(2, 2.0, loss=3.25))
        progress.evaluation(evaluation(2), [SAMPLE])
    assert "step 2 of 100" in text(console)
    assert "Ein Hund [rennt]." in text(console)
    console.print("after", end="")
    assert text(console).endswith("after"), "the bar has given the line back"


def test_an_error_in_training_puts_the_terminal_right() -> None:
    console = screen(is_terminal=True)
    with pytest.raises(ZeroDivisionError), TrainingProgress(screen=console) as progress:
        progress.progress(record(1, 1.0))
        raise ZeroDivisionError
    assert "\x1b[?25h" in text(console), "the cursor is visible again"
