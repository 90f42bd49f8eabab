"""What the docstrings show is what happens: every example of the package, module by module."""

from __future__ import annotations

import doctest
import shutil
from importlib import import_module
from pathlib import Path

import pytest
from phrases import sentences

ROOT = Path(__file__).parent.parent
FILES = [path for path in sorted((ROOT / "thought").rglob("*.py")) if ">>> " in path.read_text("utf-8")]
MODULES = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in FILES]


def failures(module: str) -> list[str]:
    """Examples that come out differently, as doctest reports them."""
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    for test in doctest.DocTestFinder().find(import_module(module)):
        runner.run(test, out=said.append)
    assert runner.tries, f"{module} has >>> in it, but no example that is found"
    return said


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, saved_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go to a folder with `my.tsv`, a table in English and German, and `runs/tiny`, a run of random weights."""
    rows = "".join(f"{english}\t{german}\n" for english, german in sentences())
    (tmp_path / "my.tsv").write_text(f"en\tde\n{rows}", "utf-8")
    shutil.copytree(saved_run, tmp_path / "runs" / "tiny")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_come_out_as_written(module: str) -> None:
    said = failures(module)
    assert not said, "".join(said)


def test_an_example_that_is_wrong_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("wrong_example.py").write_text('"""A sum.\n\n>>> 1 + 1\n3\n"""\n', "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert "Expected:\n    3" in "".join(failures("wrong_example"))


def test_an_example_that_warns_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '"""A warning.\n\n>>> import warnings\n>>> warnings.warn("mind the gap")\n"""\n'
    Path("warning_example.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert "UserWarning: mind the gap" in "".join(failures("warning_example"))
