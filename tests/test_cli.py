"""What is typed and what is said: help at once, one line for a mistake, the right exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from thought import __version__, cli
from thought.errors import ThoughtError

COMMANDS = ("train", "translate", "encode", "decode", "evaluate", "info", "data")
HEAVY = ("torch", "numpy", "sacrebleu", "sentencepiece", "sklearn", "matplotlib", "rich")


def modules_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after running `code`."""
    script = f"{code}\nimport sys\nsys.stderr.write(' '.join(name for name in sys.modules if '.' not in name))"
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_help_loads_nothing_heavy() -> None:
    code = "from thought.cli import main\ntry:\n    main(['train', '--help'])\nexcept SystemExit:\n    pass"
    assert not modules_after(code) & set(HEAVY)


def test_the_package_loads_neither_sklearn_nor_matplotlib() -> None:
    assert not modules_after("import thought") & {"sklearn", "matplotlib"}


def test_help_names_every_command(thought: Any) -> None:
    shown = thought("--help")
    assert shown.status == 0
    assert all(f"\n  {command} " in shown.out for command in COMMANDS)


def test_no_words_at_all_show_the_help(thought: Any) -> None:
    assert thought().out == thought("--help").out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(thought: Any, command: str) -> None:
    shown = thought(command, "--help")
    assert shown.status == 0
    assert shown.out.startswith(f"Usage: thought {command}")


def test_version_is_one_line(thought: Any) -> None:
    shown = thought("--version")
    assert (shown.status, shown.out) == (0, f"thought {__version__}\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["trian"], "No such command 'trian'. Did you mean 'train'? (see thought --help)"),
        (["train", "--dta", "x"], "no such option --dta; did you mean --data? (see thought train --help)"),
        (["data"], "Missing command (see thought data --help)"),
        (["data", "lst"], "No such command 'lst'. Did you mean 'list'? (see thought data --help)"),
        (["translate"], "Missing argument 'RUN' (see thought translate --help)"),
        (["translate", "x"], "Missing option '--to' (see thought translate --help)"),
        (["train", "--steps", "many"], "Invalid value for '--steps'"),
        (["translate", "x", "--to", "en", "--beam", "0"], "Invalid value for '--beam'"),
    ],
)
def test_a_mistake_in_the_words_is_one_line_that_helps(thought: Any, words: list[str], message: str) -> None:
    result = thought(*words)
    assert result.status == 2
    assert result.out == ""
    assert result.err.startswith(f"thought: {message}")
    assert result.err.count("\n") == 1


def raising(error: BaseException) -> Any:
    def info(run: str) -> None:
        raise error

    return info


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ThoughtError("first\nsecond"), "thought: first second\n"),
        (FileNotFoundError(2, "No such file or directory", "x.txt"), "thought: No such file or directory: x.txt\n"),
        (OSError("the disk is on fire"), "thought: the disk is on fire\n"),
    ],
)
def test_a_mistake_of_the_person_is_one_line_and_status_2(
    thought: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, line: str
) -> None:
    monkeypatch.setattr("thought.commands.find_run", raising(error))
    result = thought("info", "x")
    assert (result.status, result.out, result.err) == (2, "", line)


def test_ctrl_c_is_status_130_and_silent(thought: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thought.commands.find_run", raising(KeyboardInterrupt()))
    result = thought("info", "x")
    assert (result.status, result.out, result.err) == (130, "", "")


def test_ctrl_c_before_or_after_the_command_is_status_130_too(thought: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(**_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", interrupted)
    assert thought("info", "x").status == 130


def test_a_bug_shows_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thought.commands.find_run", raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        cli.main(["info", "x"])


@pytest.mark.parametrize("way", ["option", "environment"])
def test_a_developer_can_see_where_a_mistake_was_noticed(
    thought: Any, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    words = ["info", "nowhere"]
    if way == "option":
        words.append("--traceback")
    else:
        monkeypatch.setenv("THOUGHT_DEBUG", "1")
    result = thought(*words)
    assert result.status == 2
    assert "Traceback (most recent call last)" in result.err
    assert result.err.endswith("thought: there is no run nowhere; train one with: thought train\n")


def test_of_several_processes_each_names_itself_in_an_error(thought: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    assert thought("info", "nowhere").err.startswith("thought (process 1): ")


def run_shell(command: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHON": sys.executable, "PYTHONPATH": str(Path(cli.__file__).parent.parent)}
    return subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, check=False)


def test_a_reader_that_has_read_enough_ends_the_command_silently(tmp_path: Path) -> None:
    table = "".join(f"the dog number {number}\tder Hund Nummer {number}\n" for number in range(9))
    (tmp_path / "my.tsv").write_text(f"en\tde\n{table}", "utf-8")
    shell = "set -o pipefail; { $PYTHON -W error -m thought data show my.tsv; echo $? >status; } | true"
    done = run_shell(shell, tmp_path)
    assert done.stderr == b""
    assert (tmp_path / "status").read_text().strip() in ("0", "141")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_behind_standard_output_is_one_line(tmp_path: Path) -> None:
    done = run_shell("$PYTHON -W error -m thought data list > /dev/full", tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode() == "thought: cannot write to standard output: No space left on device\n"


def test_corpora_are_listed_with_what_is_here(thought: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THOUGHT_DATA", str(tmp_path / "nothing"))
    listed = thought("data", "list")
    assert listed.status == 0
    assert "multi30k" in listed.out
    entries = {entry["name"]: entry for entry in json.loads(thought("data", "list", "--json").out)}
    assert entries["multi30k"]["languages"] == ["cs", "de", "en", "fr"]
    assert entries["multi30k"]["here"] is None


def test_a_registered_corpus_is_shown_also_where_it_is_not(
    thought: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("THOUGHT_DATA", str(tmp_path / "nothing"))
    shown = thought("data", "show", "multi30k")
    assert shown.status == 0
    assert "Elliott et al. (2016)" in shown.out


def test_own_files_are_shown_with_their_first_meanings(thought: Any, corpus_file: Path) -> None:
    shown = json.loads(thought("data", "show", corpus_file, "--json").out)
    assert shown["languages"] == ["en", "de"]
    assert shown["splits"] == ["train", "dev", "test"]
    assert shown["first"][0]["en"][0].startswith("a big dog")
    assert "a big dog" in thought("data", "show", corpus_file).out


@pytest.mark.parametrize("command", ["get", "show"])
def test_a_misspelt_corpus_names_the_nearest(thought: Any, command: str) -> None:
    result = thought("data", command, "multi3k")
    assert result.status == 2
    assert "did you mean multi30k?" in result.err


def test_get_fetches_and_tells_where(thought: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fetch(entry: Any, folder: Path | None = None, *, progress: Any) -> Path:
        progress(f"{entry.name}/train.gz", 10, 0)
        return tmp_path / entry.folder

    monkeypatch.setattr("thought.registry.fetch", fetch)
    result = thought("data", "get", "multi30k")
    assert result.status == 0
    assert result.out == f"{tmp_path / 'multi30k'}\n"
    assert "checked" in result.err
