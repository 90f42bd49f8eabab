"""The shape of the code: layers, homes of third parties, docstrings, lengths, and what is never done.

Read with the standard library's `ast`; nothing of the package is imported.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "thought"

# A module imports only from those before it, in this order. A new one has to be given its place.
LAYERS = (
    ("errors", "config", "hardware", "homes", "workers"),
    # meanings in
    ("languages", "lines", "rows", "splits", "groups", "partition", "clusters"),
    ("microworld.frames", "microworld.patterns", "microworld.tongue", "microworld.wording", "microworld.schemas"),
    ("microworld.sides", "microworld.world", "microworld.meanings", "microworld.reader", "microworld"),
    ("formats", "multi30k", "tatoeba", "downloads", "registry", "corpus"),
    ("tokenizer", "pieces", "store", "padding", "distributed", "process", "schedule", "prefetch"),
    # text -> thought -> text                    # looking at thoughts and words
    ("layers", "cross_entropy", "batching", "encoder", "bottleneck", "decoder", "scoring", "space"),
    ("geometry.cosine", "geometry.retrieval", "geometry.paraphrases", "geometry.calibration", "geometry.clusters"),
    ("geometry.spread", "geometry.linear", "geometry.probes", "geometry.language", "geometry.distortion", "geometry"),
    ("reduction", "projection", "honesty"),
    ("tables", "grammar", "inflection", "rewriting", "lexicon"),
    ("model", "averaging", "optimizer", "loss", "search", "writing"),
    ("plots.words", "plots.style", "plots.shapes", "plots.panels", "plots.maps", "plots.distances"),
    ("plots.learning", "plots.curves", "plots", "exports", "page"),
    ("checkpoint", "metrics", "snapshots", "translator", "resume"),
    ("floors", "cheating", "swaps", "moves", "walks", "film", "movie"),
    ("grading.edits", "grading.analogies", "grading.paths", "grading"),
    ("rehearsal", "preparation", "training"),
    ("evaluation.parts", "evaluation.translation", "evaluation.spaces", "evaluation.decoding", "evaluation.report"),
    ("evaluation.pages", "evaluation"),
    # what a person sees and types
    (
        "streams",
        "vectors",
        "runs",
        "vectorizer",
        "completion",
        "doctor",
        "machine",
        "trial",
        "display",
        "jupyter",
        "progress",
    ),
    ("demo.results", "demo.measures", "demo.lesson", "demo.sketches", "demo.parts", "demo.scores", "demo.sections"),
    ("demo.page", "demo.scenes", "demo.scoreboard", "demo.story", "demo"),
    ("launcher", "commands", "looking", "checkup", "demonstrating", "cli"),
)
ORDER = [module for layer in LAYERS for module in layer]
ENTRIES = ("__init__", "__main__")  # stand above all
GEOMETRY = {module for module in ORDER if module.startswith("geometry")}
PLOTS = {module for module in ORDER if module.startswith("plots")}

HOMES = {
    "sentencepiece": {"tokenizer"},
    "sacrebleu": {"scoring"},
    "spacy": {"scoring"},
    "sacremoses": {"scoring"},
    "safetensors": {"checkpoint"},
    "sklearn": GEOMETRY | {"reduction", "floors", "vectorizer"},
    "scipy": GEOMETRY | {"reduction", "projection", "floors"},
    "umap": {"reduction"},
    "openTSNE": {"reduction"},
    "matplotlib": PLOTS | {"movie", "evaluation.parts", "evaluation.pages"},
    "PIL": {"movie"},
    "plotly": {"page"},
    "pyarrow": {"exports"},
    "typer": {"cli", "commands", "looking", "launcher", "checkup", "demonstrating"},
    "rich": {"display", "progress", "translator", "demo.story", "demo.scenes", "demo.scoreboard"},
}
WITHOUT_TORCH = GEOMETRY | PLOTS | {"scoring", "space", "projection", "lexicon", "exports", "page", "floors"}
WITHOUT_TORCH |= {
    "cheating",
    "swaps",
    "walks",
    "grading",
    "film",
    "movie",
    "snapshots",
    "corpus",
    "store",
    "vectors",
    "display",
}
WITH_PRINT = {"cli", "display"}

LONGEST_FILE = 300  # lines
LONGEST_FUNCTION = 50  # lines, docstring not counted

FILES = [path.relative_to(PACKAGE).with_suffix("") for path in PACKAGE.rglob("*.py")]
MODULES = sorted(".".join(path.parts).removesuffix(".__init__") for path in FILES)


def file_of(module: str) -> Path:
    folder = PACKAGE / module.replace(".", "/")
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


@cache
def parse(module: str) -> ast.Module:
    return ast.parse(file_of(module).read_text("utf-8"))


@cache
def imports(module: str) -> list[tuple[str, str]]:
    """List (package, name) of everything a module imports, wherever in it."""
    found: list[tuple[str, str]] = []
    for node in ast.walk(parse(module)):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.module or "", alias.name) for alias in node.names]
    return found


def own_imports(module: str) -> set[str]:
    """Names of the package's modules that a module imports."""
    found = set()
    for package, name in imports(module):
        if package == "thought":
            found.add(name)
        elif package.startswith("thought."):
            whole = package.removeprefix("thought.")
            found.add(f"{whole}.{name}" if f"{whole}.{name}" in MODULES else whole)
    return found - {"__version__"}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def public(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """Yield functions, classes and their methods that do not start with an underscore."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            methods = node.body if isinstance(node, ast.ClassDef) else []
            yield from (item for item in methods if isinstance(item, ast.FunctionDef) and not item.name.startswith("_"))


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, its docstring not counted."""
    size = (node.end_lineno or 0) - node.lineno + 1
    if ast.get_docstring(node) is None:
        return size
    return size - ((node.body[0].end_lineno or 0) - node.body[0].lineno + 1)


def test_every_module_has_its_place_in_the_layers() -> None:
    unknown = set(MODULES) - set(ORDER) - set(ENTRIES)
    assert not unknown, f"give {', '.join(sorted(unknown))} a place in LAYERS of tests/test_architecture.py"


@pytest.mark.parametrize("module", [module for module in MODULES if module not in ENTRIES])
def test_a_module_imports_only_from_earlier_ones(module: str) -> None:
    if module not in ORDER:
        pytest.skip("has no place yet; the test above says so")
    later = own_imports(module) - set(ORDER[: ORDER.index(module)])
    assert not later, f"{module} imports {', '.join(sorted(later))}, which come later or do not exist"


@pytest.mark.parametrize("module", MODULES)
def test_names_come_from_the_module_and_never_from_the_package(module: str) -> None:
    names = {name for package, name in imports(module) if package == "thought"} - {"__version__"}
    assert names <= set(MODULES), f"import {', '.join(sorted(names - set(MODULES)))} from where they are defined"
    passed_on = {"geometry", "plots", "evaluation", "grading", "microworld"} & own_imports(module)
    assert not passed_on, f"import from the module that defines it, not from {', '.join(passed_on)}"


@pytest.mark.parametrize("module", MODULES)
def test_third_parties_stay_in_their_homes(module: str) -> None:
    for package in {package.partition(".")[0] for package, _ in imports(module)}:
        assert module in HOMES.get(package, {module}), f"{package} belongs in {', '.join(sorted(HOMES[package]))}"


@pytest.mark.parametrize("module", sorted(WITHOUT_TORCH & set(MODULES)))
def test_what_looks_at_numbers_and_text_does_without_torch(module: str) -> None:
    seen: set[str] = set()
    pending = [module]
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        packages = {package.partition(".")[0] for package, _ in imports(name)}
        assert "torch" not in packages, f"{module} reaches torch through {name}"
        pending += own_imports(name)


def test_every_third_party_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = " ".join([*project["dependencies"], *project["optional-dependencies"]["dev"]])
    distributions = {"mpl_toolkits": "matplotlib", "sklearn": "scikit-learn", "PIL": "pillow", "umap": "umap-learn"}
    for module in MODULES:
        for package, _ in imports(module):
            top = package.partition(".")[0]
            if top not in {"thought", *sys.stdlib_module_names}:
                assert distributions.get(top, top) in named, f"{module} needs {top}, which pyproject.toml does not name"


@pytest.mark.parametrize("module", MODULES)
def test_modules_and_public_names_have_docstrings(module: str) -> None:
    tree = parse(module)
    assert ast.get_docstring(tree), f"{module} does not say what it is"
    missing = [node.name for node in public(tree) if not ast.get_docstring(node)]
    assert not missing, f"without a docstring in {module}: {', '.join(missing)}"


@pytest.mark.parametrize("module", MODULES)
def test_files_and_functions_are_short(module: str) -> None:
    lines = file_of(module).read_text("utf-8").count("\n")
    assert lines <= LONGEST_FILE, f"{module} has {lines} lines"
    lengths = {node.name: length(node) for node in functions(parse(module))}
    long = {name: size for name, size in lengths.items() if size > LONGEST_FUNCTION}
    assert not long, f"too long in {module}: {long}"


@pytest.mark.parametrize("module", MODULES)
def test_the_library_does_not_assert_and_does_not_print(module: str) -> None:
    tree = parse(module)
    asserts = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    assert not asserts, f"assert in {module}, lines {asserts}: raise an error a person can act on"
    prints = [node.lineno for node in calls(tree) if name_of(node) == "print"]
    assert not prints or module in WITH_PRINT, f"print in {module}, lines {prints}: only the command line prints"


@pytest.mark.parametrize("module", MODULES)
def test_nothing_that_is_read_is_ever_executed(module: str) -> None:
    risky = {"pickle", "cPickle", "dill", "marshal", "shelve", "joblib"}
    assert not risky & {package.partition(".")[0] for package, _ in imports(module)}
    for node in calls(parse(module)):
        assert name_of(node) not in {"eval", "exec", "compile", "__import__", "torch.load"}, f"line {node.lineno}"
        if name_of(node) in {"np.load", "numpy.load"}:
            options = {keyword.arg: keyword.value for keyword in node.keywords}
            allowed = options.get("allow_pickle")
            assert isinstance(allowed, ast.Constant)
            assert allowed.value is False


def test_every_module_has_a_test_file_of_its_name() -> None:
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests").glob("test_*.py")}
    packages = {module.partition(".")[0] for module in MODULES if "." in module}  # these only pass names on
    missing = sorted({module.replace(".", "_") for module in set(MODULES) - packages} - set(ENTRIES) - tested)
    assert not missing, f"no tests/test_X.py for {', '.join(missing)}"


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def name_of(call: ast.Call) -> str:
    """Name of what is called, such as "print" or "torch.load"; empty for anything else."""
    return ast.unparse(call.func) if isinstance(call.func, ast.Name | ast.Attribute) else ""
