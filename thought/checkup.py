"""The command `thought doctor`: what stands in the way on this machine, and what is wrong with a run."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Exit, Option

from thought.commands import Device, Json, Weights
from thought.completion import complete_runs
from thought.doctor import Degeneration, Direction, Finding, direction_name
from thought.errors import ThoughtError, nearest
from thought.machine import look_at_machine
from thought.runs import METRICS, RUNS, WEIGHTS, find_run
from thought.streams import STDIN, as_one_line, read_texts, write_text
from thought.trial import KINDS, SENTENCES, Sentences, look_at_files, look_at_output

NARROWEST = 30  # columns of text worth wrapping into

_RUN: Any = {"metavar": "RUN", "help": "A run folder, or its name under runs/.", "autocompletion": complete_runs}
Run = Annotated[str | None, Argument(**_RUN)]
Text = Annotated[str | None, Option(metavar="FILE", help="Sentences to try a run on, one a line; - is standard input.")]
From = Annotated[str | None, Option("--from", metavar="LANG", help="Language of --text, such as en.")]


def doctor(
    run: Run = None,
    text: Text = None,
    source: From = None,
    as_json: Json = False,
    device: Device = "auto",
    weights: Weights = "best",
) -> None:
    """Look for what is wrong with this machine, and with a run.

    A run is tried on dev sentences of its corpus, or on --text. The exit status is 1 if there is a problem.

    thought doctor RUN
    """
    folder = None if run is None else _run_folder(run)
    if folder is None and (text or source):
        raise ThoughtError("--text and --from are for trying a run; name the run too")
    if weights not in KINDS:
        raise ThoughtError(f"unknown weights {weights}{nearest(weights, KINDS)}")
    if device != "auto":
        with suppress(ImportError, OSError):  # a torch that cannot be imported is a finding
            from thought.hardware import resolve_device

            resolve_device(device)
    lines = list(islice(filter(str.strip, read_texts([text])), SENTENCES)) if text else []
    parts: dict[str, list[Finding]] = {}
    measured: dict[Direction, Degeneration] = {}
    looks: dict[str, Callable[[], list[Finding]]] = {"This machine": look_at_machine}
    if folder is not None:
        where = "standard input" if text == STDIN else str(text)
        given = Sentences({source or "": lines}, where) if text else None
        looks[f"Files of {folder}"] = lambda: look_at_files(folder)
        looks[f"Output of {folder}"] = lambda: look_at_output(folder, given, measured, device=device, weights=weights)
    for part, look in looks.items():
        parts[part] = look()
        if not as_json:
            write_text(f"{part}\n{drawn(parts[part])}\n")
    marks = Counter(one.mark for findings in parts.values() for one in findings)
    if as_json:
        values: dict[str, Any] = {"run": folder and str(folder), "problems": marks["problem"], "notes": marks["note"]}
        values["findings"] = [{"part": part, **asdict(one)} for part, findings in parts.items() for one in findings]
        values["directions"] = {direction_name(pair): asdict(one) for pair, one in measured.items()}
        write_text(json.dumps(values, ensure_ascii=False, indent=2))
    else:
        write_text(f"{marks['problem'] or 'no'} problem{'s' * (marks['problem'] > 1)}, {marks['note']} to note")
    raise Exit(1 if marks["problem"] else 0)


def drawn(findings: Sequence[Finding]) -> str:
    """Findings in three columns: one line each in a pipe, wrapped on a terminal."""
    column = max((len(one.about) for one in findings), default=0) + 2
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    lines = []
    for one in findings:
        start = f"{one.mark:<9}{one.about:<{column}}"
        said = [as_one_line(one.found), *([f"-> {as_one_line(one.remedy)}"] if one.remedy else [])]
        width = columns - len(start)
        if width < NARROWEST:
            lines.append(start + " ".join(said))
            continue
        wrapped = [line for text in said for line in textwrap.wrap(text, width, subsequent_indent="  ")]
        lines.append(start + f"\n{' ' * len(start)}".join(wrapped))
    return "\n".join(lines)


def _run_folder(name: str) -> Path:
    """Return the folder of a run, also of one whose settings are lost."""
    for folder in (Path(name), RUNS / name):
        if any((folder / part).is_file() for part in (*WEIGHTS, METRICS, "tokenizer.model")):
            return folder
    return find_run(name)
