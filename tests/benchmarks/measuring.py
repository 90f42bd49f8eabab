"""What all benchmarks share: interleaved rounds in processes of their own, medians, tables, the machine's rate."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from thought.evaluation.translation import hardware

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
out, err = Console(width=150), Console(stderr=True)


class Stop(Exception):
    """Leave a training loop from inside: all that was to be counted is counted."""


@dataclass(frozen=True)
class System:
    """One thing to be measured: a script that prints one line of JSON last."""

    name: str
    script: str
    arguments: tuple[str, ...] = ()
    needs: str = ""  # a module of somebody else, which may be missing


def arguments(text: str, *, rounds: int = 3) -> argparse.ArgumentParser:
    """Options every benchmark has."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write all numbers here as well")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=rounds, help="A B C A B C ...: every system once a round")
    parser.add_argument("--others", type=Path, default=None, help="folder of pip install --target with other systems")
    parser.add_argument("--only", nargs="+", default=[], help="systems whose names contain one of these")
    return parser


def interleave(systems: Sequence[System], options: argparse.Namespace) -> dict[str, list[dict[str, Any]]]:
    """Run every system once a round; return the numbers of all rounds."""
    chosen = [system for system in systems if not options.only or any(part in system.name for part in options.only)]
    present = [system for system in chosen if not system.needs or _is_installed(system.needs, options)]
    for system in chosen:
        if system not in present:
            err.print(
                f"{system.name}: not measured, {system.needs} is not installed (pip install --target ... --others)"
            )
    found: dict[str, list[dict[str, Any]]] = {system.name: [] for system in present}
    for number in range(options.rounds):
        for system in present:
            began = time.monotonic()
            found[system.name].append(run(system, options))
            took = time.monotonic() - began
            err.print(f"round {number + 1} of {options.rounds}: {system.name}, {took:.0f} s", highlight=False)
    return found


def run(system: System, options: argparse.Namespace) -> dict[str, Any]:
    """Run one system in its own process on `options.threads` threads; return what it printed last."""
    command = [sys.executable, str(HERE / system.script), *system.arguments, "--threads", str(options.threads)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(options), check=False)
    if done.returncode:
        raise SystemExit(f"{system.name} failed:\n{done.stderr[-3000:]}")
    values: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return values


def median(rounds: Sequence[Mapping[str, Any]], *path: str) -> float:
    """Median over rounds of the number at a path of keys."""
    numbers = []
    for values in rounds:
        value: Any = values
        for key in path:
            value = value[key]
        numbers.append(float(value))
    return statistics.median(numbers)


def report(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()) -> None:
    """Print a table with the machine under it."""
    table = Table(title=title, title_justify="left")
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index == 0 else "right")
    for row in rows:
        table.add_row(*row)
    out.print(table)
    for note in (*notes, hardware()):
        out.print(note, highlight=False)


def save(options: argparse.Namespace, values: Mapping[str, Any]) -> None:
    """Write the numbers of all rounds as JSON, where asked for."""
    if options.json is not None:
        facts = {"hardware": hardware(), "threads": options.threads, "load": os.getloadavg(), **values}
        options.json.write_text(json.dumps(facts, indent=2) + "\n", "utf-8")


def environment(options: argparse.Namespace) -> dict[str, str]:
    """Variables for a process that finds this package and the other systems and keeps to the threads."""
    paths = [str(REPOSITORY), *([str(options.others)] if options.others else []), os.environ.get("PYTHONPATH", "")]
    threads = {name: str(options.threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    return {**os.environ, **threads, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}


def _is_installed(module: str, options: argparse.Namespace) -> bool:
    command = [sys.executable, "-c", f"import importlib.util, sys; sys.exit(not importlib.util.find_spec({module!r}))"]
    return subprocess.run(command, env=environment(options), check=False).returncode == 0
