"""What Tab offers: called as functions, and through the protocol that bash, zsh and fish speak."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from thought.completion import complete_corpora, complete_languages, complete_presets, complete_runs


@dataclass
class Line:
    """What typer hands over: the words before, by name, and those it could not name."""

    params: dict[str, str | None] = field(default_factory=dict)
    args: list[str] = field(default_factory=list)


def words(offers: list[tuple[str, str]]) -> list[str]:
    return [word for word, _ in offers]


@pytest.fixture
def folder(tmp_path: Path, saved_run: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with runs `four`, `five` and `six`, and `fold`, which is none."""
    for name in ("four", "five", "six"):
        shutil.copytree(saved_run, tmp_path / "runs" / name)
    (tmp_path / "runs" / "fold").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_runs_that_start_so_are_offered(folder: Path) -> None:
    assert words(complete_runs("")) == ["five", "four", "six"]
    assert words(complete_runs("fo")) == ["four"]
    assert words(complete_runs("nine")) == []


def test_a_path_is_gone_on_with(folder: Path) -> None:
    assert words(complete_runs("runs/f")) == ["runs/five", "runs/four"]
    assert words(complete_runs(f"{folder}/runs/s")) == [f"{folder}/runs/six"]


def test_a_run_tells_its_corpus(folder: Path) -> None:
    assert complete_runs("six") == [("six", "multi30k")]


def test_a_damaged_run_is_offered_without_a_word(folder: Path) -> None:
    (folder / "runs" / "six" / "config.json").write_text("{", "utf-8")
    assert complete_runs("six") == [("six", "")]


def test_without_runs_nothing_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert complete_runs("") == complete_runs("/nowhere/at/all") == complete_runs("~/x") == []


def test_registered_corpora_are_offered_with_their_titles() -> None:
    ((name, title),) = complete_corpora("multi")
    assert name == "multi30k"
    assert title.startswith("Multi30k")
    assert len(complete_corpora("")) > 1
    assert complete_corpora("my.tsv") == []


def test_presets_are_offered_with_their_first_line() -> None:
    assert words(complete_presets("")) == ["base", "demo", "small", "tiny"]
    assert complete_presets("t") == [
        ("tiny", "Seconds on any machine: to see every part run once, and for tests. It translates badly.")
    ]


def test_languages_are_those_of_the_run_before(folder: Path) -> None:
    assert words(complete_languages(Line({"run": "four"}), "")) == ["de", "en"]
    assert words(complete_languages(Line({"run": "four"}), "e")) == ["en"]
    assert words(complete_languages(Line({"run": None}, ["four"]), "")) == ["de", "en"]


@pytest.mark.parametrize("run", [None, "", "nine"])
def test_without_a_run_no_language_is_offered(folder: Path, run: str | None) -> None:
    assert complete_languages(Line({"run": run}), "") == complete_languages(Line(), "") == []


def test_nothing_heavy_is_imported(folder: Path) -> None:
    code = (
        "import sys; from thought import completion as c; c.complete_runs(''); c.complete_corpora('');"
        "c.complete_presets(''); print(*{'torch', 'rich', 'numpy', 'sentencepiece', 'typer'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


def asked(shell: str, line: str, **variables: str) -> list[str]:
    """What the shell is told for a line, its last word unfinished."""
    environment = {**os.environ, **variables, "_THOUGHT_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": line}
    environment |= {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    found = subprocess.run(
        [sys.executable, "-m", "thought"], env=environment, capture_output=True, text=True, check=True
    )
    assert found.stderr == ""
    return found.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("thought tra", {"train", "translate"}),
        ("thought translate fo", {"four"}),
        ("thought translate four --to ", {"de", "en"}),
        ("thought evaluate four --on multi", {"multi30k"}),
        ("thought train t", {"tiny"}),
        ("thought train tiny --data multi", {"multi30k"}),
        ("thought train --resume fi", {"five"}),
        ("thought data ", {"list", "get", "show", "write"}),
        ("thought train --dir", {"--direction"}),
    ],
)
def test_bash_is_offered_what_fits(folder: Path, line: str, offered: set[str]) -> None:
    assert set(asked("bash", line)) == offered


def test_zsh_shows_what_a_word_means(folder: Path) -> None:
    said = "\n".join(asked("zsh", "thought train t"))
    assert '"tiny":"Seconds on any machine\\\\: to see' in said


def test_fish_shows_what_a_word_means(folder: Path) -> None:
    said = asked("fish", "thought info si", _TYPER_COMPLETE_FISH_ACTION="get-args")
    assert said == ["six\tmulti30k"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_is_shown(shell: str) -> None:
    environment = {**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    command = [sys.executable, "-m", "thought", "--show-completion", shell]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert f"_THOUGHT_COMPLETE=complete_{shell}" in found.stdout
