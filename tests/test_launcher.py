"""`thought train`: what is typed becomes settings and a folder, and the end says how to go on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import thought.cli
from thought.config import Config, load_config
from thought.errors import ConfigError
from thought.launcher import compose, reconsider, split_arguments
from thought.runs import read_config
from thought.training import Outcome

TINY = ("tokenizer.vocabulary_size=320", "training.evaluate_meanings=4", "model.thought_size=8", "data.longest=20")


class FakeTraining:
    """Stands for the hours of training; remembers what it was asked for."""

    def __init__(self, stopped: str = "steps") -> None:
        self.stopped = stopped
        self.calls: list[tuple[Config, Path, bool]] = []

    def __call__(self, config: Config, folder: Path, *, resume: bool, listener: Any = None) -> Outcome:
        self.calls.append((config, folder, resume))
        if listener is not None:
            listener.note("230 meanings")
        best: Mapping[str, Any] = {"step": 40, "bleu": 28.3, "directions": {"de-en": {}}}
        return Outcome(folder, 60, 12.34, self.stopped, best)  # type: ignore[arg-type]


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> FakeTraining:
    fake = FakeTraining()
    monkeypatch.setattr("thought.training.train", fake)
    return fake


def test_the_preset_is_the_word_without_an_equals_sign() -> None:
    assert split_arguments(["model.dropout=0", "tiny", "a.b=c"]) == ("tiny", ["model.dropout=0", "a.b=c"])
    assert split_arguments([]) == ("small", [])
    with pytest.raises(ConfigError, match="expected one preset, got a and b"):
        split_arguments(["a", "b"])


def test_options_win_over_the_preset_and_overrides_over_options() -> None:
    config = compose("tiny", {"training.seed": 5, "data.corpus": "my.tsv"}, ["training.seed=6"])
    assert (config.training.seed, config.data.corpus) == (6, "my.tsv")


def test_a_budget_that_is_typed_stands_alone() -> None:
    budget = compose("small", {"training.steps": 100}).training
    assert (budget.steps, budget.minutes, budget.epochs) == (100, 0, 0)


def test_a_direction_brings_its_languages() -> None:
    assert compose("tiny", {"data.directions": "de-en,fr-en"}).data.languages == ("de", "en", "fr")
    both = {"data.directions": "de-en", "data.languages": "cs,de,en"}
    assert compose("tiny", both).data.languages == ("cs", "de", "en")


def test_going_on_changes_the_budget_and_nothing_else() -> None:
    before = load_config("tiny", ["training.seed=4", "model.dropout=0.25"])
    after = reconsider(before, {"training.minutes": 2.0, "training.steps": None, "data.corpus": None})
    assert (after.training.minutes, after.training.steps, after.training.seed) == (2.0, 0, 4)
    assert after.model == before.model
    assert reconsider(before, {"training.steps": None}) == before


def test_the_shortest_command_is_enough(thought: Any, training: FakeTraining) -> None:
    result = thought("train", "small", "--data", "multi30k", "--langs", "de,en")
    [(config, folder, resume)] = training.calls
    assert result.status == 0
    assert (config.data.corpus, config.data.languages) == ("multi30k", ("de", "en"))
    assert (folder, resume) == (Path("runs/multi30k-de-en-small"), False)
    assert "runs/multi30k-de-en-small" in result.out
    assert result.err.startswith("training in runs/multi30k-de-en-small\n230 meanings\n")


def test_a_file_alone_is_trained_on_with_the_small_preset(thought: Any, training: FakeTraining) -> None:
    thought("train", "--data", "my.tsv")
    [(config, folder, _)] = training.calls
    assert config.model == load_config("small").model
    assert folder == Path("runs/my-small")


def test_all_options_reach_the_settings(thought: Any, training: FakeTraining, tmp_path: Path) -> None:
    options = {"--langs": "de,en,fr", "--minutes": 2.5, "--seed": 7, "--device": "cpu", "--out": tmp_path / "x"}
    words = [word for option in options.items() for word in option]
    words += ["--direction", "de-en", "--direction", "fr-en"]
    thought("train", "tiny", *words, "model.thought_size=16", "data.hold_out=en-fr")
    [(config, folder, _)] = training.calls
    assert config.data.directions == ("de-en", "fr-en")
    assert config.data.hold_out == ("en-fr",)
    assert (config.training.minutes, config.training.steps) == (2.5, 0)
    assert (config.training.seed, config.training.device) == (7, "cpu")
    assert (config.model.thought_size, folder) == (16, tmp_path / "x")


def test_the_outcome_as_json(thought: Any, training: FakeTraining) -> None:
    result = thought("train", "tiny", "--name", "x", "--json")
    assert json.loads(result.out) == {
        "run": "runs/x",
        "stopped": "steps",
        "step": 60,
        "seconds": 12.3,
        "best": {"step": 40, "bleu": 28.3},
    }


def test_an_interrupted_run_says_how_to_go_on(thought: Any, training: FakeTraining) -> None:
    training.stopped = "interrupted"
    result = thought("train", "tiny", "--name", "x")
    assert result.status == 130
    assert result.err.endswith("interrupted and saved; go on with: thought train --resume runs/x\n")


def test_ctrl_c_before_the_first_step_says_so(thought: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("thought.training.train", interrupted)
    result = thought("train", "tiny", "--name", "x")
    assert result.status == 130
    assert "interrupted before the first step; start with: thought train --resume runs/x" in result.err


def test_only_the_first_of_several_processes_speaks(
    thought: Any, training: FakeTraining, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "1")
    result = thought("train", "tiny", "--name", "x")
    assert (result.status, result.out, result.err) == (0, "", "")
    assert len(training.calls) == 1


def test_a_run_is_gone_on_with_by_name(thought: Any, training: FakeTraining, saved_run: Path, tmp_path: Path) -> None:
    shutil.copytree(saved_run, tmp_path / "runs" / "mine")
    result = thought("train", "--resume", "mine", "--steps", "99", "--device", "cpu")
    [(config, folder, resume)] = training.calls
    assert (folder, resume) == (Path("runs/mine"), True)
    assert (config.training.steps, config.model) == (99, read_config(saved_run).model)
    assert result.err.startswith("going on in runs/mine\n")


def test_what_has_no_shape_may_change_under_way(
    thought: Any, training: FakeTraining, saved_run: Path, tmp_path: Path
) -> None:
    shutil.copytree(saved_run, tmp_path / "runs" / "mine")
    result = thought("train", "--resume", "mine", "--minutes", "5", "loss.denoising=0.25", "model.dropout=0.5")
    [(config, _, _)] = training.calls
    assert result.status == 0
    assert (config.loss.denoising, config.model.dropout, config.training.minutes) == (0.25, 0.5, 5.0)


def test_a_run_is_not_overwritten_but_for_fresh(
    thought: Any, training: FakeTraining, saved_run: Path, tmp_path: Path
) -> None:
    shutil.copytree(saved_run, tmp_path / "runs" / "mine")
    result = thought("train", "tiny", "--name", "mine")
    assert result.status == 2
    assert "thought train --resume runs/mine" in result.err
    assert thought("train", "tiny", "--name", "mine", "--fresh").status == 0
    assert list((tmp_path / "runs" / "mine").iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("smal", "unknown preset smal; did you mean small?"),
        ("my.tsv", "a corpus goes after --data"),
        ("tiny small", "expected one preset, got tiny and small"),
        ("tiny model.tought_size=3", "did you mean model.thought_size?"),
        ("tiny --name a --out b", "give one of them"),
        ("tiny --name a/b", "for a path there is --out"),
        ("tiny --direction de", "a direction is written like de-en, got 'de'"),
        ("tiny --minutes -1", "training.minutes must not be negative"),
        ("tiny --minutes nan", "training.minutes must be a finite number"),
        ("tiny --steps 0", "training has no end"),
        ("--resume nowhere", "there is no run nowhere"),
        ("--resume x --data y --seed 2", "may differ, got --data, --seed"),
        ("tiny --resume x", "may differ, got tiny"),
        ("--resume x model.thought_size=3 training.seed=2", "may differ, got model.thought_size=3, training.seed=2"),
        ("--resume x --name y --fresh", "got --name, --fresh"),
    ],
)
def test_a_mistake_is_one_line_before_anything_starts(
    thought: Any, training: FakeTraining, words: str, message: str
) -> None:
    result = thought("train", *words.split())
    assert result.status == 2
    assert message in result.err
    assert result.err.count("\n") == 1
    assert training.calls == []


def test_a_small_world_is_trained_translated_and_scored(thought: Any, corpus_file: Path) -> None:
    trained = thought("train", "tiny", "--data", corpus_file, "--steps", "6", "--name", "world", *TINY)
    assert trained.status == 0, trained.err
    assert "BLEU" in trained.err
    assert trained.err.count("reference") == 2
    assert thought("info", "world", "--json").status == 0
    translated = thought("translate", "world", "--to", "de", stdin="a big dog runs.\n\na cat.\n")
    assert len(translated.lines) == 3
    scored = thought("evaluate", "world", "--json", "--on", f"{corpus_file}:train", "--limit", "5")
    assert set(json.loads(scored.out)["parts"]["translation"]["directions"]) == {"de-en", "en-de"}


def shell(words: list[str], folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(thought.cli.__file__).parent.parent), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-u", "-m", "thought", *words]
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=folder, env=environment, **pipes)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "term"])
def test_a_signal_saves_and_the_run_goes_on_from_there(
    tmp_path: Path, corpus_file: Path, number: signal.Signals
) -> None:
    words = ["train", "tiny", "--data", str(corpus_file), "--name", "x", "--minutes", "5", *TINY]
    with shell(words, tmp_path) as process:
        assert process.stderr is not None
        seen = ""
        while "best" not in seen:  # the first evaluation is done: training is under way
            line = process.stderr.readline()
            assert line, f"ended early: {seen}"
            seen += line
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "stopped  interrupted" in out
    assert "go on with: thought train --resume runs/x" in err
    with shell(["train", "--resume", "x", "--steps", "70", "--json"], tmp_path) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert json.loads(out)["step"] >= 70
