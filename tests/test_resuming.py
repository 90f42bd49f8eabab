"""A run that was stopped, or killed, goes on and ends in the same bits as one that was not."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from sittings import RUN, WEIGHTS, Recorder, bits, child, environment, metrics, run

from thought import training
from thought.errors import CheckpointError
from thought.translator import Translator


@pytest.fixture(autouse=True, scope="module")
def every_step_in_metrics() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(training, "REPORT_EVERY", 1)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, every_step_in_metrics: None) -> Path:
    """Return a run of ten steps that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    assert run(folder).stopped == "steps"
    return folder


def assert_same_run(folder: Path, whole: Path) -> None:
    assert bits(folder) == bits(whole)
    assert metrics(folder) == metrics(whole)


def test_the_same_settings_give_the_same_bits(tmp_path: Path, whole: Path) -> None:
    torch.manual_seed(99)  # the state of the global generator is none of its business
    run(tmp_path)
    assert_same_run(tmp_path, whole)


@pytest.mark.parametrize("stops", [(1,), (4,), (3, 5, 8), (9,)])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_was_stopped_and_resumed_ends_in_the_same_bits(
    tmp_path: Path, whole: Path, stops: tuple[int, ...], number: signal.Signals
) -> None:
    before = [signal.getsignal(kind) for kind in (signal.SIGTERM, signal.SIGINT)]
    for sitting, step in enumerate(stops):
        listener = Recorder(step, lambda: signal.raise_signal(number))
        outcome = run(tmp_path, resume=sitting > 0, listener=listener)
        assert (outcome.stopped, outcome.step) == ("interrupted", step)
    assert run(tmp_path, resume=True).stopped == "steps"
    assert_same_run(tmp_path, whole)
    assert [signal.getsignal(kind) for kind in (signal.SIGTERM, signal.SIGINT)] == before


def test_a_signal_in_the_last_step_does_not_cost_the_last_evaluation(tmp_path: Path, whole: Path) -> None:
    listener = Recorder(10, lambda: signal.raise_signal(signal.SIGTERM))
    run(tmp_path, listener=listener)
    run(tmp_path, resume=True)
    assert_same_run(tmp_path, whole)


def test_a_run_that_was_killed_at_any_moment_and_resumed_ends_in_the_same_bits(tmp_path: Path, whole: Path) -> None:
    command = [sys.executable, *child(tmp_path, *RUN)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == "5":
                process.kill()  # wherever it is by now
                break
        process.communicate()
    assert run(tmp_path, resume=True).step == 10
    assert_same_run(tmp_path, whole)


def test_a_run_that_was_killed_while_saving_and_resumed_ends_in_the_same_bits(tmp_path: Path, whole: Path) -> None:
    """Moved into place: settings, tokenizer, store, probes, snapshots 0 to 3, state 3, snapshot 4, best weights of 4.

    It dies at the twelfth, state 4.
    """
    command = [sys.executable, *child(tmp_path, *RUN, dies_at_replacement=12)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert list(tmp_path.rglob("*.partial"))  # it died with a file half moved
    assert run(tmp_path, resume=True).step == 10
    assert_same_run(tmp_path, whole)


def test_resuming_what_never_started_starts_it(tmp_path: Path, whole: Path) -> None:
    run(tmp_path, resume=True)
    assert_same_run(tmp_path, whole)


def test_resuming_a_finished_run_changes_nothing(tmp_path: Path, whole: Path) -> None:
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    listener = Recorder()
    outcome = run(tmp_path, resume=True, listener=listener)
    assert (outcome.stopped, outcome.step) == ("steps", 10)
    assert not listener.records
    assert_same_run(tmp_path, whole)


def test_a_finished_run_with_a_larger_budget_trains_on(tmp_path: Path, whole: Path) -> None:
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    listener = Recorder()
    assert run(tmp_path, "training.steps=12", resume=True, listener=listener).step == 12
    assert [record["step"] for record in listener.records] == [11, 12]
    assert bits(tmp_path)["last.safetensors embedding.weight"] != bits(whole)["last.safetensors embedding.weight"]


def test_a_run_is_not_written_over_by_a_new_one(tmp_path: Path, whole: Path) -> None:
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    with pytest.raises(CheckpointError, match="holds a run already"):
        run(tmp_path)
    assert_same_run(tmp_path, whole)


def test_a_state_of_another_model_is_refused(tmp_path: Path, whole: Path) -> None:
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    with pytest.raises(CheckpointError, match="do not fit its settings"):
        run(tmp_path, "model.decoder=gru", resume=True)


def test_a_run_folder_holds_what_is_promised_and_nothing_half_done(whole: Path) -> None:
    names = {path.name for path in whole.iterdir()}
    assert names == {*WEIGHTS, "config.json", "tokenizer.model", "metrics.jsonl", "prepared", "resume", "snapshots"}
    assert not list(whole.rglob("*.partial"))
    for weights in ("best", "last", "averaged"):
        translator = Translator.load(whole, device="cpu", weights=weights)
        assert translator.step == (10 if weights != "best" else metrics(whole)[-1]["step"]) or weights == "best"
    assert [record["step"] for record in metrics(whole) if record["event"] == "progress"] == list(range(1, 11))
    assert [record["step"] for record in metrics(whole) if record["event"] == "evaluation"] == [4, 8, 10, 10]


def test_accumulation_takes_so_many_batches_a_step(tmp_path: Path, whole: Path) -> None:
    outcome = run(tmp_path, "training.accumulate=2", "training.steps=3")
    assert outcome.step == 3
    assert metrics(tmp_path)[2]["epoch"] == metrics(whole)[5]["epoch"]
    assert metrics(tmp_path)[0]["loss"] != metrics(whole)[0]["loss"]
