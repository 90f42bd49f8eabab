"""Every notebook asks a question, shows only what the package does, and answers with numbers that it has measured.

What can be read off the files is tested always; `make notebooks` also runs them, shortened, each in a clean kernel.
"""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from test_architecture import functions, length

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LARGEST = 1_000_000  # bytes, outputs counted
LONGEST_FUNCTION = 10  # lines, docstring not counted
SECONDS_A_CELL = 600  # quick ones take less than a minute; a busy machine may take its time

each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

MAGIC = re.compile(r"^\s*[%!]")
OF_A_MACHINE = re.compile(r"(?<![\w.])/(?:home|root|Users|work|tmp|mnt|opt)/\w|[A-Z]:\\\\?Users")
LEVEL = re.compile(r"(?i)\b(?:chance|below|above|than|least|hold)\s+\d?[05] %")  # "chance 50 %", "below 95 %"
MEASURED = re.compile(r"\d[.,]\d|\d\s*%")  # 12.5, 2,400 or 37 %: written by hand it would be a guess


@cache
def read(path: Path) -> dict[str, Any]:
    """The notebook as it stands in its file, the text of its cells and outputs joined."""
    notebook: dict[str, Any] = json.loads(path.read_text("utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == "code"]


def parse(source: str) -> ast.Module:
    """A cell as Python; a magic command becomes `pass`."""
    lines = [re.sub(r"\S.*", "pass", line) if MAGIC.match(line) else line for line in source.split("\n")]
    return ast.parse("\n".join(lines))


def said(cell: dict[str, Any]) -> str:
    """What a reader sees of a cell's outputs as text; pictures are left out."""
    found = []
    for output in cell["outputs"]:
        found.append("".join(output.get("text", "")))
        data = output.get("data", {})
        found += ["".join(content) for kind, content in data.items() if kind.startswith("text/")]
    return "\n".join(found)


def literals(tree: ast.AST) -> list[str]:
    """All text in the code, also between the braces of f-strings, but not how values are formatted."""
    formats = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None
        for part in ast.walk(node.format_spec)
    }
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in formats)
    return [node.value for node in constants if isinstance(node.value, str)]


def guesses(source: str) -> list[str]:
    """Numbers that stand in the text of a cell and look measured."""
    return [found for text in literals(parse(source)) for found in MEASURED.findall(LEVEL.sub("", text))]


def noise(cell: dict[str, Any]) -> list[str]:
    """Errors, and what went to standard error: warnings and bars of libraries."""
    return [
        "".join(output.get("text", output.get("traceback", "")))
        for output in cell["outputs"]
        if output["output_type"] == "error" or output.get("name") == "stderr"
    ]


@each
def test_a_notebook_opens_with_its_question(path: Path) -> None:
    first = read(path)["cells"][0]
    title = first["source"].split("\n")[0]
    assert first["cell_type"] == "markdown"
    assert re.fullmatch(r"# .+\?", title), f"expected a question as title, got {title!r}"


@each
def test_the_second_cell_installs_the_package_and_is_the_same_in_all(path: Path) -> None:
    second, model = (read(one)["cells"][1] for one in (path, NOTEBOOKS[0]))
    assert second["cell_type"] == "code"
    assert second["source"] == model["source"]
    assert "%pip install" in second["source"]
    assert "THOUGHT_QUICK" in second["source"]


@each
def test_every_cell_of_code_is_announced(path: Path) -> None:
    cells = read(path)["cells"][1:]  # the first of code stands under the question
    for before, cell in pairwise(cells):
        is_announced = cell["cell_type"] == "markdown" or before["cell_type"] == "markdown"
        assert is_announced, f"no text before the cell that begins {cell['source'][:60]!r}"


@each
def test_the_package_does_and_the_notebook_shows(path: Path) -> None:
    for cell in code_cells(path):
        tree = parse(cell["source"])
        assert not any(isinstance(node, ast.ClassDef) for node in ast.walk(tree)), "a class belongs in the package"
        long = {node.name: length(node) for node in functions(tree) if length(node) > LONGEST_FUNCTION}
        assert not long, f"belongs in the package: {long}"


@each
def test_everything_it_imports_from_the_package_is_there(path: Path) -> None:
    for cell in code_cells(path):
        for node in ast.walk(parse(cell["source"])):
            if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] == "thought":
                module = import_module(str(node.module))
                missing = [alias.name for alias in node.names if not hasattr(module, alias.name)]
                assert not missing, f"{node.module} has no {', '.join(missing)}"
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name.partition(".")[0] == "thought":
                        import_module(alias.name)


@each
def test_the_answer_is_composed_of_what_was_measured(path: Path) -> None:
    source = code_cells(path)[-1]["source"]
    assert "Markdown" in {node.id for node in ast.walk(parse(source)) if isinstance(node, ast.Name)}
    assert not guesses(source), "numbers typed by hand in the answer"


@each
def test_a_notebook_ends_with_something_to_try(path: Path) -> None:
    last = read(path)["cells"][-1]
    assert last["cell_type"] == "markdown"
    assert "Try next" in last["source"]
    assert 3 <= len(re.findall(r"(?m)^\d\. ", last["source"])) <= 4


@each
def test_links_to_other_notebooks_lead_somewhere(path: Path) -> None:
    text = "\n".join(cell["source"] for cell in read(path)["cells"] if cell["cell_type"] == "markdown")
    for name in re.findall(r"\]\(([^):]+\.ipynb)\)", text):
        is_to_come = name[:2] > NOTEBOOKS[-1].name[:2]
        assert is_to_come or (path.parent / name).exists(), f"there is no {name}"


@each
def test_a_notebook_is_small_and_of_no_machine(path: Path) -> None:
    assert path.stat().st_size < LARGEST
    notebook = read(path)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    texts = [cell["source"] for cell in notebook["cells"]] + [said(cell) for cell in code_cells(path)]
    found = [match.group() for text in texts for match in OF_A_MACHINE.finditer(text)]
    assert not found, f"paths of a machine: {found}"


@each
def test_a_notebook_is_kept_as_it_ran_from_top_to_bottom(path: Path) -> None:
    cells = code_cells(path)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1)), "run it once more, in order"
    assert said(cells[-1]), "the answer is not shown"
    assert [text for cell in cells for text in noise(cell)] == []


@pytest.mark.parametrize("guess", ['f"BLEU is 37.2 {x}"', '"in 37 % of them"', 'f"{x:.1f} of 2,400"', '"chance 0.2 %"'])
def test_a_number_typed_by_hand_is_found(guess: str) -> None:
    assert guesses(guess)


def test_what_is_measured_and_what_is_a_level_may_stand_in_an_answer() -> None:
    assert not guesses(
        'f"{100 * share:.1f} % of {count:,} in 4 languages (chance 50 %), seed {seed}; above 95 %: {names}"'
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder all notebooks run in, one after another: what the first trains the next ones find."""
    return tmp_path_factory.mktemp("desk")


@pytest.mark.notebooks
@pytest.mark.filterwarnings("default:::(jupyter|nb|zmq|tornado|traitlets|asyncio|ipykernel)")  # theirs, not ours
@each
def test_a_notebook_runs_from_top_to_bottom(path: Path, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("THOUGHT_QUICK", "1")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody is there: the network is out of reach
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(desk / "jupyter"))  # a person's own kernels and settings are not asked
    before = path.read_bytes()
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=SECONDS_A_CELL,
        startup_timeout=SECONDS_A_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(desk)}},
    ).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [text for cell in cells for text in noise(cell)] == []
    assert said(cells[-1])
    assert path.read_bytes() == before
