"""Training is shown as a live bar on a terminal, as a part of a notebook's page, as a few plain lines in a file."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pages import open_page
from rich.console import Console

from thought.config import load_config
from thought.progress import BETWEEN_DRAWINGS, BETWEEN_LINES, Progress, TrainingProgress
from thought.rehearsal import Sample
from thought.schedule import FAR
from thought.training import train

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


def test_a_bar_that_nobody_would_stop_is_not_begun() -> None:
    console = screen(is_terminal=True)
    TrainingProgress(screen=console).progress(record(1, 1.0))
    assert text(console) == "step 1 of 100  loss 3.500  2,800 tokens/s  0:01  1:01 left\n"


def test_progress_outside_of_notebooks_is_that_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("opening") as progress:
        progress.note("a note")
        progress.progress(record(1, 0.0))
        progress.evaluation(evaluation(1), [SAMPLE])
    said = capsys.readouterr().err
    console = screen(is_terminal=False)
    with TrainingProgress("opening", console) as plain:
        plain.note("a note")
        plain.progress(record(1, 0.0))
        plain.evaluation(evaluation(1), [SAMPLE])
    assert said == text(console)


def test_a_page_is_drawn_at_most_every_half_second(monkeypatch: pytest.MonkeyPatch) -> None:
    page, progress = open_page(monkeypatch), Progress()
    for step in range(1, 101):
        progress.progress(record(step, BETWEEN_DRAWINGS * step / 40))
    assert len(page.outputs[0]) == 3, "at steps 1, 41 and 81"
    progress.evaluation(evaluation(100), [SAMPLE])
    assert len(page.outputs[0]) == 4, "an evaluation is seen at once"
    assert "] step 100 of 100 · 1:01 left · loss 3.500 · 2,800 tokens/s" in page.text, "and the bar has moved with it"


def test_a_page_has_all_scores_and_the_latest_translations(monkeypatch: pytest.MonkeyPatch) -> None:
    page, progress = open_page(monkeypatch), Progress("opening")
    progress.note("8,000 pieces")
    progress.progress(record(500, 61.0))
    progress.evaluation(evaluation(500), [replace(SAMPLE, translation="A hen.")])
    progress.evaluation(evaluation(1_000, is_best=False), [SAMPLE])
    assert page.text.split("\n") == [
        "opening",
        f"[{'#' * 20}{' ' * 20}] step 500 · 1:01 left · loss 3.500 · 2,800 tokens/s",
        " step  minutes  BLEU  chrF   P@1",
        "  500      1.5  28.3  50.1  98.7  best",
        "1,000      1.5  28.3  50.1  98.7",
        "de-en: Ein Hund [rennt].",
        "→ A cat runs.",
        "reference: A dog runs.",
        "8,000 pieces",
    ]


def test_a_page_stays_small_however_long_training_is(monkeypatch: pytest.MonkeyPatch) -> None:
    page, progress = open_page(monkeypatch), Progress()
    for step in range(1, 1_001):
        progress.evaluation(evaluation(step), [SAMPLE])
    assert "1,000" in page.text
    assert len(page.html) < 20_000


def test_a_page_says_that_training_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    page, progress = open_page(monkeypatch), Progress()
    progress.progress(record(100, 88.0, seconds_left=2.0))
    progress.evaluation(evaluation(100, is_averaged=True), [SAMPLE])
    assert "left" in page.text
    progress.evaluation(evaluation(100, is_averaged=False), [SAMPLE])
    assert page.text.startswith(f"[{'#' * 40}] step 100 of 100 · trained for 1:30 minutes")


def test_a_page_says_what_stopped_training(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch)
    with pytest.raises(ZeroDivisionError), Progress() as progress:
        progress.progress(record(1, 1.0))
        progress.progress(record(2, 1.1))
        raise ZeroDivisionError
    assert "step 2 of 100 · stopped by ZeroDivisionError" in page.text


def test_a_page_shows_translations_that_look_like_html(monkeypatch: pytest.MonkeyPatch) -> None:
    page, progress = open_page(monkeypatch), Progress()
    progress.note("<i>")
    progress.evaluation(evaluation(1), [Sample("a-b", "<b>", "<script>", "&amp;")])
    for shown in ("&lt;i&gt;", "&lt;b&gt;", "&lt;script&gt;", "&amp;amp;"):
        assert shown in page.html


@pytest.mark.parametrize("is_notebook", [False, True])
def test_training_needs_nothing_but_the_listener(
    corpus_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_notebook: bool
) -> None:
    console = io.StringIO()
    monkeypatch.setattr(sys, "stderr", console)
    page = open_page(monkeypatch) if is_notebook else None
    config = load_config("tiny", [f"data.corpus={corpus_file}", "training.steps=3"])
    train(config, tmp_path / "run", listener=Progress())
    said = page.text if page is not None else console.getvalue()
    assert ("trained for" in said) is is_notebook
    assert "step 3 of 3" in said or not is_notebook
    assert "BLEU" in said
    assert (console.getvalue() == "") is is_notebook


def test_a_run_that_is_finished_shows_its_notes_only(
    corpus_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load_config("tiny", [f"data.corpus={corpus_file}", "training.steps=2"])
    train(config, tmp_path / "run")
    page = open_page(monkeypatch)
    train(config, tmp_path / "run", resume=True, listener=Progress())
    assert page.text.endswith("going on from step 2")
    assert "BLEU" not in page.text
