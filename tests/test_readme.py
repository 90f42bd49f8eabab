"""The pages a newcomer reads first are true: blocks are run or parsed, links and names lead somewhere."""

from __future__ import annotations

import ast
import functools
import importlib.util
import inspect
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from films import merging_film
from PIL import Image

import thought as package
from thought import cli, launcher
from thought.config import load_config
from thought.corpus import open_corpus

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "CONTRIBUTING.md", "data/README.md")
LARGEST = 600_000  # bytes of a picture
PLACEHOLDERS = {"RUN", "NAME", "FILE", "FILE.jsonl", "FOLDER"}
QUICK = {"translate", "encode", "decode", "info", "list_corpora", "show_corpus", "write_corpus"}  # are really run
FOLDERS = ("thought/", "tests/", "data/", "docs/", "notebooks/")


# What a page consists of


@cache
def text_of(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def blocks(page: str) -> list[tuple[str, str]]:
    """Language and content of every fenced block."""
    return re.findall(r"^```([^\n]*)\n(.*?)^```$", text_of(page), flags=re.MULTILINE | re.DOTALL)


def prose(page: str) -> str:
    """The page without its blocks."""
    return re.sub(r"^```.*?^```$", "", text_of(page), flags=re.MULTILINE | re.DOTALL)


def spans(text: str) -> list[str]:
    """What stands between backticks in a line of prose."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)]


def commands(page: str) -> Iterator[str]:
    """Every command of the page: lines of shell blocks, continued ones joined, and spans that begin like one."""
    for language, content in blocks(page):
        if language in ("sh", "bash"):
            yield from (line.partition("  #")[0].rstrip() for line in content.replace("\\\n", " ").splitlines() if line)
    for span in spans(prose(page)):
        if span.split()[0] in CHECKS and " " in span:
            is_name = span.startswith("thought ") and span.count(" ") == 1 and "--" not in span  # without its arguments
            yield f"{span} --help" if is_name else span.removesuffix(" ...")


def stages(line: str) -> list[list[str]]:
    """Words of a command line, part by part where it is a pipe."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    parts: list[list[str]] = [[]]
    for word in lexer:
        if word in ("|", "&&", ";"):
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


# Where commands and Python are tried


@pytest.fixture(scope="session")
def run_of_four(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of random weights with the languages of the microworld and thoughts of 256 numbers."""
    import torch

    from thought.model import Model
    from thought.tokenizer import Tokenizer
    from thought.translator import Translator

    sizes = ["tokenizer.vocabulary_size=400", *(f"model.{part}_size=8" for part in ("embedding", "encoder", "decoder"))]
    config = load_config("tiny", [*sizes, "model.thought_size=256", "data.corpus=microworld:size=100"])
    meanings = list(islice(open_corpus(config.data.corpus).read("train"), 90))
    texts = [text for meaning in meanings for wordings in meaning.sentences.values() for text in wordings]
    tokenizer = Tokenizer.train(texts, ("cs", "de", "en", "fr"), config.tokenizer)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = Model(config.model, tokenizer.vocabulary_size)
    folder = tmp_path_factory.mktemp("readme") / "run"
    Translator(model, tokenizer, config, step=7).save(folder)
    return folder


@pytest.fixture
def place(run_of_four: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Go to an empty folder with a text and thoughts in it; return what puts a run where a name points."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("THOUGHT_DATA", str(tmp_path / "corpora"))
    Path("text.txt").write_text("The bear is swimming.\nDer Bär schwimmt.\n", "utf-8")
    np.save("thoughts.npy", np.random.default_rng(1).normal(size=(2, 256)).astype(np.float32))

    def put(name: str) -> Path:
        folder = Path(name) if "/" in name or name in PLACEHOLDERS else Path("runs") / name
        if not folder.exists():
            shutil.copytree(run_of_four, folder)
        return folder

    return put


class Told(Exception):
    """What `thought train` would have begun."""


@pytest.fixture
def heard(
    place: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> list[tuple[Callable[..., Any], dict[str, Any]]]:
    """Let the command line parse whatever it is given, and note what it would have called."""
    found: list[tuple[Callable[..., Any], dict[str, Any]]] = []

    def noting(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def note(**given: Any) -> None:
            found.append((function, given))

        return note

    def begin(config: object, folder: Path, *, resume: bool) -> None:
        raise Told(folder)

    for app in (cli.app, cli.data):
        for info in app.registered_commands:
            assert info.callback is not None
            monkeypatch.setattr(info, "callback", noting(info.callback))
    monkeypatch.setattr(launcher, "_trained", begin)
    return found


@pytest.fixture
def bench(place: Any, heard: Any, thought: Any, capfdbinary: Any) -> dict[str, Any]:
    """All that a check may need."""
    return {"place": place, "heard": heard, "thought": thought, "made": set(), "used": set()}


def check_thought(words: list[str], stdin: str, bench: dict[str, Any]) -> None:
    """The real command line takes every word; settings are real ones; what is quick is run on a tiny model."""
    if words[0].startswith("--"):  # --install-completion must not be tried
        assert words[0] in options(())
        return
    result = bench["thought"](*words)
    assert result.status == 0, result.err
    if words[-1] == "--help":
        return
    function, given = bench["heard"].pop()
    name = function.__name__
    for key in ("run", "resume"):
        if given.get(key):
            bench["used"].add(bench["place"](given[key]).as_posix())
    if name == "train":
        with pytest.raises(Told) as told:
            function(**given)
        bench["made"].add(told.value.args[0].as_posix())
    if name in QUICK and given.get("name") not in {*PLACEHOLDERS, "multi30k"}:
        for app in (cli.app, cli.data):
            for info in app.registered_commands:
                info.callback = inspect.unwrap(info.callback)  # type: ignore[arg-type]
        done = bench["thought"](*words, stdin=stdin)
        assert done.status == 0, done.err


def check_make(words: list[str], stdin: str, bench: dict[str, Any]) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE)
    for word in words:
        assert "=" in word or word in targets, f"make {word}: there are {', '.join(targets)}"


def check_pip(words: list[str], stdin: str, bench: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert words[0] == "install"
    for word in words[1:]:
        asked = re.fullmatch(r"\.(?:\[([\w,-]+)\])?", word)
        if asked and asked[1]:
            assert set(asked[1].split(",")) <= set(project["optional-dependencies"])
        assert asked or word in {"--target", "--editable", "-e", *PLACEHOLDERS}, f"pip install {word}"


def check_python(words: list[str], stdin: str, bench: dict[str, Any]) -> None:
    """The script is there, answers --help, and its help names every option."""
    if words[:2] == ["-m", "thought"]:
        return check_thought(words[2:], stdin, bench)
    file = ROOT / words[0]
    assert file.is_file(), f"there is no {words[0]}"
    for word in words[1:]:
        assert not word.startswith("-") or word in re.findall(r"-[\w-]+", help_of(file)), f"{words[0]} knows no {word}"
    return None


@cache
def help_of(script: Path) -> str:
    asked = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr
    return asked.stdout


def check_torchrun(words: list[str], stdin: str, bench: dict[str, Any]) -> None:
    assert words[:2] == ["--nproc-per-node", "2"]
    check_python(words[2:], stdin, bench)


CHECKS: dict[str, Callable[[list[str], str, dict[str, Any]], None]] = {
    "thought": check_thought,
    "make": check_make,
    "pip": check_pip,
    "python": check_python,
    "torchrun": check_torchrun,
}


def options(words: tuple[str, ...] | None) -> set[str]:
    """Options of the command itself, or with None those of all commands."""
    import typer

    command: Any = typer.main.get_command(cli.app)
    found = [command] if words is not None else [command, *command.commands.values()]
    found += [] if words is not None else list(command.commands["data"].commands.values())
    return {name for one in found for parameter in one.params for name in (*parameter.opts, *parameter.secondary_opts)}


def check(line: str, bench: dict[str, Any]) -> None:
    """Check one command line, whatever it is."""
    stdin = ""
    for program, *words in stages(line):
        if program == "echo":
            stdin = f"{' '.join(words)}\n"
            continue
        assert program in CHECKS, f"no test knows how to check {program!r} in: {line}"
        CHECKS[program](words, stdin, bench)


@pytest.mark.parametrize(("page", "line"), [(page, line) for page in PAGES for line in commands(page)])
def test_every_command_is_one_that_the_package_understands(page: str, line: str, bench: dict[str, Any]) -> None:
    check(line, bench)


def test_every_run_that_a_command_uses_was_made_by_another(bench: dict[str, Any]) -> None:
    for line in commands("README.md"):
        for program, *words in stages(line):
            if program == "thought" and words[0] in ("train", "evaluate"):
                check_thought(words, "", bench)
    named = {*re.findall(r"\bruns/[\w-]+", text_of("README.md")), *bench["used"]}
    assert named <= bench["made"] | {"RUN", "runs/demo", "runs/distilled"}


@pytest.mark.parametrize(
    "line",
    ["thought trian small", "thought map RUN --colour-by language --size 3", "thought train small model.thoughtsize=4",
     "make deno", "python notebooks/distill.py", "pip install .[fast]", "pip install thoughts", "brew install thought",
     "python notebooks/distil.py runs/control --too x.tsv", "thought translate RUN --to eo"],
)  # fmt: skip
def test_a_command_that_is_wrong_is_found(line: str, bench: dict[str, Any]) -> None:
    with pytest.raises((AssertionError, package.ThoughtError)):
        check(line, bench)


# Python


def promised(line: str) -> Any:
    """The value that the comment behind an expression shows: a tuple, list, number or truth value; else None."""
    said = re.search(r"  # (\(.*?\)|\[.*?\]|True|False|-?\d[\d.]*)(?=$|[,:; ])", line)
    return ast.literal_eval(said[1]) if said else None


def shape(value: Any) -> Any:
    """What of a value has to be as promised: truth and whole numbers themselves, of the rest the kind and length."""
    if isinstance(value, tuple | list):
        return [type(value), *map(shape, value)]
    return value if isinstance(value, bool | int) else type(value)


def run_block(source: str) -> int:
    """Run a block statement by statement; return how many comments promised a value, and kept it."""
    names: dict[str, Any] = {"__name__": "readme"}
    lines, kept = source.splitlines(), 0
    for node in ast.parse(source).body:
        if not isinstance(node, ast.Expr):
            exec(compile(ast.Module([node], []), "README.md", "exec"), names)  # noqa: S102
            continue
        value = eval(compile(ast.Expression(node.value), "README.md", "eval"), names)  # noqa: S307
        wanted = promised(lines[(node.end_lineno or 1) - 1])
        assert wanted is None or shape(value) == shape(wanted), f"{ast.unparse(node)} is {value!r}, not {wanted!r}"
        kept += wanted is not None
    return kept


@pytest.mark.parametrize(
    "source", [content for page in PAGES for language, content in blocks(page) if language == "python"]
)
def test_every_block_of_python_runs(source: str, place: Callable[[str], Path]) -> None:
    for name in re.findall(r'"(runs/[\w-]+)"', source):
        place(name)
    run_block(source)


def test_a_comment_that_shows_another_shape_is_found() -> None:
    assert run_block("thoughts = [[1, 2], [3, 4]]\nlen(thoughts)  # 2\n(1, 2)  # (1, 2), two\n[1.5]  # [2.5]") == 3
    with pytest.raises(AssertionError, match="not 3"):
        run_block("len([1, 2])  # 3")


def test_some_comment_promises_a_value() -> None:
    assert any(promised(line) for _, content in blocks("README.md") for line in content.splitlines())


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_in_a_language_that_is_tested(page: str) -> None:
    assert {language for language, _ in blocks(page)} <= {"python", "sh", "bash", "text"}
    assert text_of(page).count("```") == 2 * len(blocks(page)), "a fence is not closed"


# Names


def names_in(file: Path) -> set[str]:
    """Functions, classes, methods, fields and constants that a file defines: "Model", "Model.forward", "CHUNK"."""
    found: set[str] = set()

    def visit(body: list[ast.stmt], above: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found.add(f"{above}{node.name}")
                if isinstance(node, ast.ClassDef):
                    visit(node.body, f"{node.name}.")
            elif isinstance(node, ast.AnnAssign | ast.Assign):
                targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
                found.update(f"{above}{ast.unparse(target)}" for target in targets)

    visit(ast.parse(file.read_text("utf-8")).body, "")
    return found


def answers() -> list[str]:
    return re.findall(r"<summary>Answer</summary>(.*?)</details>", text_of("CONTRIBUTING.md"), flags=re.DOTALL)


def test_there_are_ten_questions_and_each_has_an_answer() -> None:
    questions = re.findall(r"^\*\*(\d+)\. ", text_of("CONTRIBUTING.md"), flags=re.MULTILINE)
    assert questions == [str(number) for number in range(1, 11)]
    assert len(answers()) == 10


@pytest.mark.parametrize("answer", answers(), ids=range(1, len(answers()) + 1))
def test_every_file_and_name_of_an_answer_exists(answer: str) -> None:
    files = [span for span in spans(answer) if span.endswith(".py")]
    assert files
    known = set().union(*(names_in(ROOT / file) for file in files))
    sources = [" ".join((ROOT / file).read_text("utf-8").split()) for file in files]
    dotted = [span for span in spans(answer) if re.fullmatch(r"[A-Za-z_][\w.]*", span) and span not in files]
    settings = {f"{section}.{key}" for section, part in vars(load_config("small")).items() for key in vars(part)}
    assert any(span in known for span in dotted), "the answer names no function"
    for span in spans(answer):
        if span in files or span in known or span.partition("=")[0] in settings or span.split()[0] in CHECKS:
            continue
        assert any(span in source for source in sources), f"{span} stands in none of {', '.join(files)}"


@pytest.mark.parametrize("page", PAGES)
def test_every_name_in_the_prose_exists(page: str) -> None:
    for span in spans(prose(page)):
        if re.fullmatch(r"thought(\.[a-z_]\w*)+(\.[A-Z]\w*)?(\(.*\))?", span):
            module, _, name = span.rpartition(".") if re.search(r"\.[A-Z]", span) else (span, "", "")
            found = importlib.import_module(module)
            assert not name or hasattr(found, name), f"{module} has no {name}"
        elif re.fullmatch(r"(data|tokenizer|model|loss|training)\.[a-z_]+(=[^ ]+)?", span):
            setting, sign, _ = span.partition("=")
            section, _, key = setting.partition(".")
            assert hasattr(getattr(load_config("small"), section), key), f"there is no setting {setting}"
            load_config("small", ["loss.align=none", span] if sign else [])
        elif span.startswith(FOLDERS):
            assert any(ROOT.glob(span.rstrip("/"))), f"there is no {span}"
        elif span.startswith("--"):
            assert span.split()[0] in options(None), f"no command has {span}"


# The tree of files


def tree() -> list[tuple[list[str], str]]:
    """Names and what is said of them, entry by entry, as paths from the root."""
    content = next(content for language, content in blocks("README.md") if "# text in" in content)
    entries: list[tuple[list[str], str]] = []
    for line in content.splitlines():
        stem, _, said = line.strip().partition("  ")
        if line.startswith("   "):  # goes on with the line above
            entries[-1] = (entries[-1][0], line.strip())
        elif not line.startswith("thought/   "):  # the head of a group
            above = "thought/" if line.startswith("  ") else ""
            entries.append(([f"{above}{name}" for name in re.split(r", +", stem) if name], said.strip()))
    return entries


def test_every_file_of_the_tree_exists() -> None:
    for name in (name for names, _ in tree() for name in names):
        assert any(ROOT.glob(name.rstrip("/"))), f"there is no {name}"


def test_every_module_stands_in_the_tree_once() -> None:
    listed = sorted(name.rstrip("/") for names, _ in tree() for name in names if name.startswith("thought/"))
    assert len(set(listed)) == len(listed)
    here = {path.relative_to(ROOT).as_posix() for path in (ROOT / "thought").glob("*.py")}
    here |= {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "thought").glob("*/__init__.py")}
    missing = here - set(listed) - {"thought/__init__.py", "thought/__main__.py"}
    assert not missing, f"not in the tree of README.md: {', '.join(sorted(missing))}"


@pytest.mark.parametrize(("name", "said"), [(names[0], said) for names, said in tree() if len(names) == 1])
def test_a_line_of_the_tree_is_what_the_file_says_of_itself(name: str, said: str) -> None:
    assert said
    if name.endswith(".py"):
        stated = (ast.get_docstring(ast.parse((ROOT / name).read_text("utf-8"))) or "").split("\n")[0]
        assert stated.startswith(said.removesuffix(".")), f"{name} says: {stated}"


def test_the_drawing_is_that_of_the_model() -> None:
    drawn = next(content for language, content in blocks("README.md") if "--encoder-->" in content)
    assert " ".join(drawn.split()) in " ".join((ROOT / "thought/model.py").read_text("utf-8").split())


# Links and pictures


def links(page: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", prose(page)) + re.findall(r'(?:src|href)="([^"]+)"', prose(page))


def anchors(page: str) -> set[str]:
    """Names that GitHub gives to the headings."""
    heads = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize(("page", "link"), [(page, link) for page in (*PAGES, "CHANGELOG.md") for link in links(page)])
def test_every_link_leads_somewhere(page: str, link: str) -> None:
    if link.startswith("https://"):
        return
    file, _, anchor = link.partition("#")
    target = (ROOT / page).parent / file if file else ROOT / page
    assert target.exists(), f"{page} links to {link}"
    assert not anchor or anchor in anchors(target.relative_to(ROOT).as_posix()), f"{page} links to {link}"


def test_every_picture_is_small_and_says_in_words_what_is_seen() -> None:
    found = re.findall(r'<img src="([^"]+)" width="(\d+)" alt="([^"]+)">', text_of("README.md"))
    assert len(found) == text_of("README.md").count("<img") > 0
    for name, width, said in found:
        with Image.open(ROOT / name) as picture:
            assert picture.width >= 1.5 * int(width), f"{name} would be blurred on a sharp screen"
            assert picture.format != "GIF" or (picture.info["loop"] == 0 and picture.n_frames > 10)  # type: ignore[attr-defined]
        assert (ROOT / name).stat().st_size < LARGEST
        assert len(said) > 80


@pytest.mark.parametrize("page", PAGES)
def test_folds_open_and_close_and_hold_markdown(page: str) -> None:
    text = text_of(page)
    assert text.count("<details>") == text.count("</details>") == len(re.findall(r"</summary>\n\n", text))


def test_the_pictures_are_drawn_from_the_snapshots_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("pictures", ROOT / "docs" / "pictures.py")
    assert spec is not None
    assert spec.loader is not None
    pictures: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pictures)
    monkeypatch.setattr(pictures, "SECONDS", 0.5)
    (tmp_path / "front.png").write_bytes(pictures.front(merging_film(), 150, 1))
    pictures.make_film(merging_film(), tmp_path / "forming.gif", 150)
    for name in ("front.png", "forming.gif"):
        assert 10_000 < pictures.check(tmp_path / name) < LARGEST


# What is packed


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_the_archive_of_sources_has_all_that_its_front_page_shows() -> None:
    packed = project()["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert all((ROOT / name.lstrip("/")).exists() for name in packed)
    for page in ("README.md", "CONTRIBUTING.md"):
        for link in links(page):
            if not link.startswith(("https://", "#")):
                held = any(f"/{link}/".startswith(f"{name}/") for name in packed)
                assert held, f"{page} links to {link}, which the archive leaves out: see sdist in pyproject.toml"


def test_the_wheel_has_the_package_and_the_data_that_comes_with_it() -> None:
    wheel = project()["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["thought"]
    for source, target in wheel["force-include"].items():
        assert (ROOT / source).exists()
        assert target == f"thought/{source}"


def test_the_citation_and_the_changelog_name_this_version() -> None:
    cited = dict(
        re.findall(r'^([\w-]+): "?([^"\n]+)"?$', (ROOT / "CITATION.cff").read_text("utf-8"), flags=re.MULTILINE)
    )
    assert (cited["cff-version"], cited["type"], cited["license"]) == (
        "1.2.0",
        "software",
        project()["project"]["license"],
    )
    assert cited["version"] == package.__version__
    assert package.__version__ in text_of("CHANGELOG.md")
