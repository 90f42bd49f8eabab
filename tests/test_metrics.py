"""metrics.jsonl and the speed of the last steps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from thought.errors import CheckpointError
from thought.metrics import WINDOW, Metrics


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text("utf-8").splitlines()]


def test_records_are_appended_with_their_event(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path)
    metrics.log("progress", {"step": 1, "loss": 2.5})
    Metrics(tmp_path).log("evaluation", {"step": 2})
    assert lines(tmp_path) == [{"event": "progress", "step": 1, "loss": 2.5}, {"event": "evaluation", "step": 2}]


def test_a_resumed_run_forgets_what_it_will_do_again_and_a_line_cut_off(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path)
    for step in (1, 2, 3):
        metrics.log("progress", {"step": step})
    with open(metrics.path, "a", encoding="utf-8") as file:
        file.write('{"event": "prog')
    metrics.forget_after(2)
    assert [line["step"] for line in lines(tmp_path)] == [1, 2]


def test_there_is_nothing_to_forget_in_a_new_run(tmp_path: Path) -> None:
    Metrics(tmp_path).forget_after(5)
    assert not (tmp_path / "metrics.jsonl").exists()


def test_speed_is_tokens_behind_the_first_mark_over_the_time_they_took(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path)
    assert metrics.tokens_per_second(10.0, 500) == 0.0
    assert metrics.tokens_per_second(12.0, 100) == pytest.approx(50.0)
    assert metrics.tokens_per_second(14.0, 300) == pytest.approx(100.0)


def test_speed_looks_back_over_a_window_only(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path)
    for second in range(5):
        metrics.tokens_per_second(float(second), 1_000_000)
    speeds = [metrics.tokens_per_second(float(second), 7) for second in range(5, 6 + WINDOW)]
    assert speeds[-1] == pytest.approx(7.0)


def test_a_folder_that_cannot_be_written_is_an_error_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"cannot write .*metrics\.jsonl"):
        Metrics(tmp_path / "missing").log("progress", {"step": 1})
