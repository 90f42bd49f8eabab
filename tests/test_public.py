"""The package as a person meets it: names, where they come from, what they cost, what they say of themselves."""

from __future__ import annotations

import ast
import doctest
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import thought

PACKAGE = Path(thought.__file__).parent
TREE = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
HEAVY = {"torch", "numpy", "sklearn", "scipy", "matplotlib", "sacrebleu", "sentencepiece", "typer", "rich"}


def in_a_new_process(code: str) -> str:
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return found.stdout.strip()


def seen_by_type_checkers() -> dict[str, str]:
    """Name -> module, as written in the block that only type checkers read."""
    imports = [node for node in ast.walk(TREE) if isinstance(node, ast.ImportFrom) and node.module != "typing"]
    pairs = [(alias.name, str(node.module)) for node in imports if node.col_offset == 4 for alias in node.names]
    return dict(pairs)


@pytest.mark.parametrize("name", thought.__all__)
def test_a_public_name_is_what_its_module_defines(name: str) -> None:
    module = seen_by_type_checkers()[name]
    assert getattr(thought, name) is getattr(import_module(module), name)
    assert getattr(thought, name).__module__ == module  # defined there, not passed on


def test_editors_see_the_names_that_there_are() -> None:
    assert sorted(seen_by_type_checkers()) == thought.__all__ == sorted(thought._HOMES)
    assert {f"thought.{home}" for home in thought._HOMES.values()} == set(seen_by_type_checkers().values())


def test_no_public_name_is_also_a_module() -> None:
    modules = {path.stem for path in PACKAGE.iterdir()}  # folders, too: to Python any is a package
    assert not modules & set(thought.__all__)


@pytest.mark.parametrize("name", thought._MODULES)
def test_a_module_is_reached_through_the_package(name: str) -> None:
    assert getattr(thought, name) is import_module(f"thought.{name}")


def test_the_package_alone_imports_nothing_heavy() -> None:
    loaded = in_a_new_process("import thought, sys; print(*sys.modules)").split()
    assert not HEAVY & set(loaded)
    assert [name for name in loaded if name.startswith("thought")] == ["thought"]


def test_a_name_brings_only_what_it_needs() -> None:
    loaded = in_a_new_process("from thought import load_config; import sys; print(*sys.modules)")
    assert not HEAVY & set(loaded.split())
    loaded = in_a_new_process("import thought; thought.Space; import sys; print(*sys.modules)")
    assert not {"torch", "sklearn", "matplotlib"} & set(loaded.split())


def test_modules_are_reached_without_an_import_of_their_own() -> None:
    code = "import thought; print(thought.geometry.cosine.__name__, thought.plots.__name__, thought.scoring.__name__)"
    assert in_a_new_process(code) == "thought.geometry.cosine thought.plots thought.scoring"


def test_all_names_come_with_a_star() -> None:
    code = "from thought import *; print(sorted(name for name in dir() if not name.startswith('__')))"
    assert ast.literal_eval(in_a_new_process(code)) == thought.__all__


def test_dir_lists_names_and_modules_before_they_are_asked_for() -> None:
    listed = ast.literal_eval(in_a_new_process("import thought; print(dir(thought))"))
    assert set(thought.__all__) | set(thought._MODULES) | {"__version__"} <= set(listed)


@pytest.mark.parametrize(
    ("misspelt", "meant"), [("Tranlator", "Translator"), ("open_corpora", "open_corpus"), ("geometri", "geometry")]
)
def test_a_misspelt_name_is_answered_with_the_nearest(misspelt: str, meant: str) -> None:
    with pytest.raises(
        AttributeError, match=f"module 'thought' has no attribute '{misspelt}'; did you mean {meant}\\?"
    ):
        getattr(thought, misspelt)


def test_the_nearest_name_is_said_once() -> None:
    command = [sys.executable, "-c", "import thought; thought.Tranlator"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    assert said.count("did you mean") + said.count("Did you mean") == 1


def test_a_misspelt_name_cannot_be_imported() -> None:
    with pytest.raises(ImportError, match="cannot import name 'Tranlator'"):
        from thought import Tranlator  # type: ignore[attr-defined]  # noqa: F401


def test_hidden_modules_can_still_be_imported() -> None:
    assert in_a_new_process("from thought import padding; print(padding.__name__)") == "thought.padding"


@pytest.mark.parametrize("name", thought.__all__)
def test_the_page_of_the_package_names_every_public_name(name: str) -> None:
    assert thought.__doc__ is not None
    assert f"`{name}`" in thought.__doc__


@pytest.mark.parametrize("name", thought.__all__)
def test_every_public_name_has_an_example(name: str) -> None:
    module = import_module(f"thought.{thought._HOMES[name]}")
    found = doctest.DocTestFinder().find(getattr(thought, name), name, module=module)
    assert any(test.examples for test in found), f"{name} shows no example"


@pytest.mark.parametrize("name", [name for name in thought.__all__ if inspect.isfunction(getattr(thought, name))])
def test_every_public_function_tells_of_its_parameters(name: str) -> None:
    function = getattr(thought, name)
    said = inspect.getdoc(function) or ""
    for parameter in inspect.signature(function).parameters:
        assert parameter in said, f"{name} does not say what {parameter} is"


@pytest.mark.slow
def test_the_documentation_is_written_without_a_warning(tmp_path: Path) -> None:
    modules = ["thought", *(f"thought.{name}" for name in thought._MODULES)]
    options = ["--docformat", "numpy", "--no-math", "--output-directory", str(tmp_path)]  # as `make docs` does
    command = [sys.executable, "-W", "error", "-m", "pdoc", *options, *modules]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stderr == ""
    page = (tmp_path / "thought.html").read_text("utf-8")
    for name in thought.__all__:
        assert f'id="{name}"' in page
    assert {path.stem for path in (tmp_path / "thought").iterdir()} == set(thought._MODULES)


def test_help_reads_like_a_page() -> None:
    page = in_a_new_process("import thought; help(thought)")
    assert "source tokens --encoder--> states --bottleneck--> thought --decoder--> target tokens" in page
    assert ">>> translator = Translator.load(" in page
    assert "class Translator" in page  # pydoc follows `__all__`, which makes the names real
