"""`thought doctor`: one line a finding, a status that scripts can read, and never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from phrases import sentences

from thought import checkup
from thought.checkup import drawn
from thought.doctor import Finding

GERMAN = "".join(f"{german}\n" for _, german in sentences())
FINE = [Finding("python", "ok", "3.11")]


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has nothing: these tests are of what is said."""
    monkeypatch.setattr(checkup, "look_at_machine", lambda: FINE)


@pytest.fixture
def run(saved_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved_run, tmp_path / "runs" / "nonsense"))


def test_without_a_run_the_machine_is_looked_at(thought: Any) -> None:
    result = thought("doctor")
    assert (result.status, result.err) == (0, "")
    assert result.lines == ["This machine", "ok       python  3.11", "", "no problem, 0 to note"]


def test_a_problem_is_status_1_and_a_note_is_not(thought: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "look_at_machine", lambda: [Finding("disk", "note", "full", "rm *")])
    result = thought("doctor")
    assert (result.status, result.lines[-1]) == (0, "no problem, 1 to note")
    assert result.lines[1] == "note     disk  full -> rm *"
    monkeypatch.setattr(checkup, "look_at_machine", lambda: [Finding("disk", "problem", "full")] * 2)
    result = thought("doctor")
    assert (result.status, result.lines[-1]) == (1, "2 problems, 0 to note")


def test_a_run_is_found_by_name_and_its_random_weights_are_told_apart(thought: Any, run: Path) -> None:
    result = thought("doctor", "nonsense", "--text", "-", "--from", "de", stdin=GERMAN)
    assert result.status == 1  # random weights write the same for everything
    assert [line for line in result.lines if line.startswith(("Files", "Output"))] == [
        "Files of runs/nonsense", "Output of runs/nonsense",
    ]  # fmt: skip
    assert any("of standard input, de-en" in line for line in result.lines)


def test_everything_is_there_as_json(thought: Any, run: Path) -> None:
    (run / "text.txt").write_text(GERMAN, "utf-8")
    result = thought("doctor", run, "--text", run / "text.txt", "--from", "de", "--json")
    values = json.loads(result.out)
    assert values["run"] == str(run)
    assert values["problems"] == sum(one["mark"] == "problem" for one in values["findings"]) > 0
    assert set(values["findings"][0]) == {"part", "about", "mark", "found", "remedy"}
    assert values["directions"]["de-en"]["sentences"] == len(set(GERMAN.splitlines()[:64]))
    assert result.status == 1
    assert json.loads(thought("doctor", "--json").out)["run"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "there is no run nowhere"),
        (["runs"], "runs is no run: it has no config.json"),
        (["--text", "x"], "name the run too"),
        (["--from", "de"], "name the run too"),
        (["nonsense", "--text", "nowhere.txt"], "cannot read nowhere.txt"),
        (["nonsense", "--weights", "bst"], "unknown weights bst; did you mean best?"),
        (["nonsense", "--device", "gpu"], "unknown device gpu"),
    ],
)
def test_a_mistake_of_the_person_is_status_2_and_one_line(
    thought: Any, run: Path, words: list[str], message: str
) -> None:
    result = thought("doctor", *words)
    assert (result.status, result.out) == (2, "")
    assert message in result.err
    assert result.err.count("\n") == 1


def test_a_run_that_lost_its_settings_is_a_patient_and_no_mistake(thought: Any, run: Path) -> None:
    (run / "config.json").unlink()
    result = thought("doctor", "nonsense")
    assert result.status == 1
    assert any(line.startswith("problem  config.json") for line in result.lines)


def test_a_finding_is_one_line_in_a_pipe_whatever_it_says() -> None:
    findings = [Finding("a", "ok", "x" * 500), Finding("longer", "problem", "two\nlines", "do\nthis")]
    first, second = drawn(findings).split("\n")
    assert first == "ok       a       " + "x" * 500
    assert second == "problem  longer  two lines -> do this"


def test_a_finding_is_wrapped_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((60, 24)))
    lines = drawn([Finding("cores", "note", "word " * 30, "do this")]).split("\n")
    assert all(len(line) <= 60 for line in lines)
    assert lines[0].startswith("note     cores  word")
    assert lines[-1] == " " * 16 + "-> do this"
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((20, 24)))
    assert len(drawn([Finding("cores", "note", "word " * 30)]).split("\n")) == 1  # too narrow to help


def test_a_machine_with_a_broken_torch_is_told_so_and_a_pipe_may_close(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise OSError('libtorch.so: cannot open')\n", "utf-8")
    folders = f"{tmp_path}{os.pathsep}{Path(checkup.__file__).parent.parent}"
    environment = {**os.environ, "PYTHON": sys.executable, "PYTHONPATH": folders}

    def run_shell(command: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, check=False)

    done = run_shell("$PYTHON -W error -m thought doctor")
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"cannot be imported: libtorch.so: cannot open -> pip install" in done.stdout
    done = run_shell("{ $PYTHON -W error -m thought doctor; echo $? >status; } | true")
    assert done.stderr == b""
    assert (tmp_path / "status").read_text().strip() in ("1", "141")
