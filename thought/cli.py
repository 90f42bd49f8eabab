"""The command `thought`: what a person types, and what is said when that went wrong.

A mistake of the person (anything that raises `ThoughtError`, and misspelt commands and options) is
one line on standard error and exit status 2; Ctrl-C is 130; a traceback is a bug in the package.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer import Argument, Option

from thought import __version__
from thought.checkup import doctor
from thought.commands import Json, Output, decode, encode, info, translate
from thought.completion import complete_corpora
from thought.demonstrating import demo
from thought.errors import CorpusError, ThoughtError, nearest
from thought.launcher import INTERRUPTED, is_first_process, train
from thought.looking import draw_map, evaluate, export, movie
from thought.streams import as_one_line, opened_output, write_text

if TYPE_CHECKING:
    from thought.registry import Entry

MISTAKE = 2  # exit status of everything a person can put right
TRACEBACK = "--traceback"

_NAMES: Any = {"autocompletion": complete_corpora, "show_default": False}
Name = Annotated[str, Argument(metavar="NAME", help="A name of `thought data list`.", **_NAMES)]
Corpus = Annotated[str, Argument(metavar="CORPUS", help="A name of `thought data list`, or your files.", **_NAMES)]

_PLAIN: Any = {"pretty_exceptions_enable": False, "rich_markup_mode": None}
app = typer.Typer(help="One vector between encoder and decoder: train it, score it, look at it.", **_PLAIN)
data = typer.Typer(help="Corpora: list, get, show, write.", add_completion=False, **_PLAIN)
app.add_typer(data, name="data")
for command in (demo, train, translate, encode, decode, evaluate, movie, export, info, doctor):
    app.command()(command)
app.command("map")(draw_map)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    shows_traceback = TRACEBACK in words or os.environ.get("THOUGHT_DEBUG", "0") not in ("", "0")
    words = [word for word in words if word != TRACEBACK] or ["--help"]
    try:
        status = app(args=words, prog_name="thought", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except (ThoughtError, OSError) as error:
        status = _fail(_message(error), error if shows_traceback else None)
    except Exception as error:
        if not hasattr(error, "format_message"):  # how every version of typer marks mistakes in options
            raise
        status = _fail(_usage_message(error), error if shows_traceback else None)
    sys.exit(status if isinstance(status, int) else 0)


def _print_version(wanted: bool) -> None:
    if wanted:
        write_text(f"thought {__version__}")
        raise typer.Exit


@app.callback()
def thought(
    version: Annotated[bool, Option("--version", help="Print it and exit.", callback=_print_version)] = False,
    show: Annotated[bool, Option(TRACEBACK, help="Show where in the code a mistake was noticed.")] = False,
) -> None:
    """One vector between encoder and decoder: train it, score it, look at it."""


@data.command("list")
def list_corpora(as_json: Json = False) -> None:
    """List the corpora that have a name."""
    from thought import display, registry

    if as_json:
        found = [_facts(entry) for entry in registry.entries()]
        write_text(json.dumps(found, ensure_ascii=False, indent=2))
        return
    rows = []
    for entry in registry.entries():
        is_here = "yes" if _place(entry) is not None else "no"
        rows.append((entry.name, " ".join(entry.languages), is_here, entry.size or None, entry.title))
    write_text(display.table(("name", "languages", "here", "bytes", "what"), rows))


@data.command("get")
def get_corpus(name: Name) -> None:
    """Fetch a corpus, check it, and keep it."""
    from thought import display, registry

    entry = registry.find(name)
    with display.bar(name, unit="bytes") as tell:
        folder = registry.fetch(entry, progress=tell)
    if entry.checked < len(entry.files):
        display.note(f"checked {entry.checked} of {len(entry.files)} files; the source changes the others now and then")
    write_text(str(folder))


@data.command("show")
def show_corpus(name: Corpus, as_json: Json = False) -> None:
    """Show what a corpus is, whose it is, and its first meanings."""
    from thought import display, registry
    from thought.corpus import open_corpus

    entry = {known.name: known for known in registry.entries()}.get(name)
    values = {} if entry is None else _facts(entry)
    samples: list[dict[str, list[str]]] = []
    if entry is None or _place(entry) is not None:
        corpus = open_corpus(name)
        first = itertools.islice(corpus.read(corpus.splits[0]), 3)
        samples = [{code: list(texts) for code, texts in one.sentences.items()} for one in first]
        values |= {"languages": list(corpus.languages), "splits": list(corpus.splits)}
    if as_json:
        write_text(json.dumps({**values, "first": samples}, ensure_ascii=False, indent=2))
        return
    lines = ["\n".join(f"{code}  {text}" for code, texts in one.items() for text in texts) for one in samples]
    write_text("\n\n".join([display.facts(values), *lines]))


@data.command("write")
def write_corpus(
    name: Corpus,
    split: Annotated[str, Option(help="train, dev, test, or a split the corpus names.")] = "train",
    langs: Annotated[str | None, Option(metavar="DE,EN", help="Languages to keep; default all.")] = None,
    output: Output = None,
) -> None:
    """Write a split as JSON Lines, a meaning a line; those of the microworld with their frames.

    thought data write microworld:size=1000,seed=7 -o world.jsonl
    """
    from thought.corpus import open_corpus
    from thought.microworld.frames import parse_key
    from thought.microworld.reader import Microworld

    corpus = open_corpus(name, languages=langs.split(",") if langs else ())
    with opened_output(output) as stream:
        for meaning in corpus.read(split):
            record: dict[str, Any] = {"meaning": meaning.key}
            if isinstance(corpus.reader, Microworld):
                record["frame"] = parse_key(meaning.key).labels()
            stream.write(f"{json.dumps({**record, **meaning.sentences}, ensure_ascii=False)}\n".encode())


def _facts(entry: Entry) -> dict[str, Any]:
    names = ("name", "title", "languages", "homepage", "licence", "citation", "size", "checked")
    place = _place(entry)
    here = None if place is None else str(place)
    return {**{name: getattr(entry, name) for name in names}, "files": len(entry.files), "here": here}


def _place(entry: Entry) -> Path | None:
    """Return where a corpus lies on this machine, None if it does not."""
    from thought import registry

    with suppress(CorpusError):
        return registry.locate(entry.name)
    return None


def _message(error: Exception) -> str:
    if isinstance(error, OSError):  # the border it came through should have named it better
        return f"{error.strerror or error}: {error.filename}" if error.filename else str(error)
    return str(error)


def _usage_message(error: Any) -> str:
    """Say what was wrong with the words typed, with the nearest word that would have been right."""
    message = str(error.format_message()).rstrip(".")
    context = getattr(error, "ctx", None)
    misspelt = getattr(error, "option_name", None)
    if context is not None and misspelt is not None and type(error).__name__ == "NoSuchOption":
        known = [word for parameter in context.command.params for word in parameter.opts if word.startswith("--")]
        message = f"no such option {misspelt}{nearest(misspelt, known)}"
    where = context.command_path if context is not None else "thought"
    return f"{message} (see {where} --help)"


def _fail(message: str, error: BaseException | None) -> int:
    if error is not None:
        traceback.print_exception(error)
    rank = "" if is_first_process() else f" (process {os.environ['RANK']})"
    print(f"thought{rank}: {as_one_line(message)}", file=sys.stderr)
    return MISTAKE
