"""What stands in the way on a machine is found, on machines that are made up here."""

from __future__ import annotations

import os
import shutil
import sys
from collections import namedtuple
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from thought import machine
from thought.doctor import Finding
from thought.errors import CorpusError
from thought.machine import fits, guarded, look_at_machine, usable_cores, usable_memory


def found(about: str) -> Finding:
    return next(one for one in look_at_machine() if one.about == about)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in machine.THREADS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("THOUGHT_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("version", "asked", "is_good"),
    [
        ("2.13.0+cpu", ">=2.4", True),
        ("2.4", ">=2.4.0", True),
        ("2.3.9", ">=2.4", False),
        ("0.9", ">=0.15", False),
        ("3.0rc1", ">=2,<3", False),
        ("2.9", ">=2,<3", True),
        ("1.0", "==1", True),
        ("1.5", "!=1.5", False),
        ("1", "", True),
    ],
)
def test_versions_are_compared_as_numbers(version: str, asked: str, is_good: bool) -> None:
    assert fits(version, asked) is is_good


def test_an_error_is_a_finding_and_its_remedy_stands_behind_the_semicolon() -> None:
    def fail(error: Exception) -> Any:
        raise error

    assert guarded("x", lambda: fail(CorpusError("it is bad; do this"))) == [
        Finding("x", "problem", "it is bad", "do this")
    ]
    assert guarded("x", lambda: fail(CorpusError("it is bad")), "that")[0].remedy == "that"
    assert guarded("x", lambda: fail(KeyError("y")))[0] == Finding("x", "note", "cannot be found out: KeyError: 'y'")


def test_this_very_machine_can_run_its_tests() -> None:
    findings = look_at_machine()
    about = [one.about for one in findings]
    assert {"python", "thought", "torch", "cores", "memory", "numpy", "rich", "typer"} <= set(about)
    assert [one.mark for one in findings if one.about in ("python", "torch", "numpy")] == ["ok"] * 3
    assert not {"pytest", "mypy"} & set(about)  # nobody needs them to use the package
    assert all(one.remedy for one in findings if one.mark == "problem")


REQUIRES = [
    "numpy>=1.26",
    "rich>=999",
    "nonesuch-a>=1",
    "nonesuch-b>=2; extra == 'atlas'",
    "nonesuch-c; extra == 'dev'",
]


def test_packages_are_compared_with_what_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(metadata, "requires", lambda _: REQUIRES)
    monkeypatch.setattr(machine, "PACKAGE", tmp_path / "thought")  # no checkout
    findings = {one.about: one for one in machine._packages()}
    assert {name: one.mark for name, one in findings.items()} == {
        "numpy": "ok", "rich": "problem", "nonesuch-a": "problem", "nonesuch-b": "note",
    }  # fmt: skip
    assert findings["rich"].remedy == "pip install 'rich>=999'"
    assert "optional: extra atlas" in findings["nonesuch-b"].found


def test_a_checkout_that_asks_for_more_than_its_installation_is_noted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(metadata, "requires", lambda _: ["numpy>=1.26"])
    monkeypatch.setattr(machine, "PACKAGE", tmp_path / "thought")
    text = '[project]\nname = "thought"\nrequires-python = ">=3.11"\ndependencies = ["numpy>=1.26", "rich>=13"]\n'
    (tmp_path / "pyproject.toml").write_text(f"{text}[project.optional-dependencies]\n", "utf-8")
    assert (found("thought").mark, found("rich").mark) == ("note", "ok")
    (tmp_path / "pyproject.toml").write_text(text.replace(', "rich>=13"', "") + "[project.optional-dependencies]\n")
    assert found("thought").mark == "ok"


def test_a_package_that_is_not_installed_is_a_note(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing(name: str) -> Any:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "metadata", missing)
    monkeypatch.setattr(machine, "PACKAGE", tmp_path / "thought")
    assert "not installed as a package" in found("thought").found
    assert found("torch").mark == "ok"


def test_python_older_than_asked_for_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.python_version", lambda: "3.10.4")
    assert (found("python").mark, found("python").remedy) == ("problem", "install Python >=3.11")


def test_without_torch_all_else_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torch", "thought.hardware"):
        monkeypatch.setitem(sys.modules, name, None)
    assert found("torch").mark == "problem"
    assert "cannot be imported" in found("torch").found
    assert (found("cores").mark, found("bf16 of the CPU").mark) == ("note", "note")
    assert found("python").mark == "ok"


@pytest.mark.parametrize(("build", "remedy"), [(None, "install a build of torch"), ("12.8", "look at nvidia-smi")])
def test_a_gpu_that_torch_cannot_use_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, build: str | None, remedy: str
) -> None:
    monkeypatch.setattr(machine, "has_gpu", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", build)
    assert found("GPU").mark == "problem"
    assert found("GPU").remedy.startswith(remedy)


def test_no_gpu_is_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "has_gpu", lambda: False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert found("GPU").mark == "ok"


@pytest.mark.parametrize(("is_native", "mark"), [(True, "ok"), (False, "note")])
def test_gpus_are_told_with_memory_and_bf16(monkeypatch: pytest.MonkeyPatch, is_native: bool, mark: str) -> None:
    facts = SimpleNamespace(name="Some GPU", total_memory=16_000_000_000)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: facts)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: is_native)
    assert found("GPU 1").found.startswith("Some GPU, 16.0 GB")
    assert found("GPU 1").mark == mark


@pytest.mark.parametrize(
    ("threads", "variable", "mark", "remedy"),
    [
        (4, None, "ok", ""),
        (2, None, "ok", ""),  # one a physical core
        (2, "2", "note", "unset OMP_NUM_THREADS"),
        (4, "4", "ok", ""),
        (4, "16", "note", "export OMP_NUM_THREADS=4"),
        (8, None, "note", "export OMP_NUM_THREADS=4"),
        (4, "nonsense", "ok", ""),
    ],
)
def test_threads_that_fight_or_idle_are_noted(
    monkeypatch: pytest.MonkeyPatch, threads: int, variable: str | None, mark: str, remedy: str
) -> None:
    monkeypatch.setattr(machine, "usable_cores", lambda: 4)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    if variable is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", variable)
    assert (found("cores").mark, found("cores").remedy) == (mark, remedy)


def test_a_processor_without_bf16_is_told_that_training_is_slower(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": False}, raising=False)
    assert found("bf16 of the CPU").mark == "note"
    assert "4 times slower" in found("bf16 of the CPU").found
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True}, raising=False)
    assert found("bf16 of the CPU").mark == "ok"


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Make an empty tree of control groups and a process in the group /a/b of it."""
    root = tmp_path / "groups"
    (root / "a" / "b").mkdir(parents=True)
    monkeypatch.setattr(machine, "CONTROL_GROUPS", root)
    read = Path.read_text

    def read_text(path: Path, *others: Any) -> str:
        return "0::/a/b\n3:cpu,cpuacct:/c\n" if str(path) == "/proc/self/cgroup" else read(path, *others)

    monkeypatch.setattr(Path, "read_text", read_text)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    return root


def test_cores_are_those_of_the_affinity(groups: Path) -> None:
    (groups / "a" / "cpu.max").write_text("max 100000\n")
    assert usable_cores() == 6


@pytest.mark.parametrize("where", ["a/b", "a", "."])
def test_a_limit_of_any_group_around_the_process_counts(groups: Path, where: str) -> None:
    (groups / where / "cpu.max").write_text("250000 100000\n")
    (groups / where / "memory.max").write_text("1500000000\n")
    assert usable_cores() == 2
    assert usable_memory() == 1_500_000_000
    assert found("memory").mark == "note"


def test_less_than_a_core_is_one(groups: Path) -> None:
    (groups / "cpu.max").write_text("50000 100000\n")
    assert usable_cores() == 1


@pytest.mark.parametrize(("quota", "cores"), [("300000", 3), ("-1", 6)])
def test_the_older_kind_of_group_is_understood(groups: Path, quota: str, cores: int) -> None:
    (groups / "cpu" / "c").mkdir(parents=True)
    (groups / "cpu" / "c" / "cpu.cfs_quota_us").write_text(quota)
    (groups / "cpu" / "c" / "cpu.cfs_period_us").write_text("100000")
    assert usable_cores() == cores


def test_a_system_without_any_of_this_still_has_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    monkeypatch.setattr(machine, "group_limits", lambda *_: (_ for _ in ()).throw(OSError()))
    assert usable_cores() == 1


def test_a_folder_that_cannot_be_written_is_a_problem_for_runs_and_a_note_for_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert (found("runs folder").mark, found("data folder").mark) == ("problem", "note")


def test_a_full_disk_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 9 * 10**8, 10**8))
    assert (found("runs folder").mark, "0.1 GB free" in found("runs folder").found) == ("note", True)


def test_folders_that_are_not_there_yet_are_not_made(tmp_path: Path) -> None:
    assert "made when needed" in found("data folder").found
    assert list(tmp_path.iterdir()) == []


def test_corpora_that_are_here_are_named(tmp_path: Path) -> None:
    assert found("corpora").remedy == "thought data get multi30k"
    (tmp_path / "data" / "multi30k" / "task1").mkdir(parents=True)
    (tmp_path / "data" / "multi30k" / "task1" / "train.de").write_text("x\n")
    assert found("corpora").found.startswith("multi30k, of ")
