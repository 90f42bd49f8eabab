"""Run folders by name: where a run goes, which one a person means, what is in it.

Reads settings and the headers of weights files, never the weights: it answers at once.
"""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from thought.config import FORMAT, Config, from_dict
from thought.errors import CheckpointError, CorpusError, ThoughtError, nearest

RUNS = Path("runs")
SETTINGS = "config.json"
WEIGHTS = ("model.safetensors", "averaged.safetensors", "last.safetensors")
METRICS = "metrics.jsonl"
_PARTS = (*WEIGHTS, METRICS, "tokenizer.model", "report.json", "resume", "prepared", "snapshots", "figures", SETTINGS)

_LARGEST_HEADER = 100_000_000  # bytes; the limit safetensors itself sets


def name_run(config: Config, preset: str) -> str:
    """Name a run after its corpus, languages and preset, such as "multi30k-de-en-small"."""
    paths = [Path(part.strip()) for part in config.data.corpus.split(",")]
    corpus = paths[0].name.partition(".")[0] or "corpus"
    languages = "-".join(config.data.languages)
    if len(config.data.directions) == 1:
        languages = config.data.directions[0].replace("-", "-to-")  # not the name of a run both ways
    parts = (corpus, languages, Path(preset).stem)
    return re.sub(r"[^\w.-]+", "-", "-".join(part for part in parts if part)).strip("-.")


def find_run(name: str) -> Path:
    """Return the run folder a person means: a path, or a name under `runs`.

    Raises
    ------
    CheckpointError
        If there is none; the message has the nearest name.
    """
    for folder in (Path(name), RUNS / name):
        if (folder / SETTINGS).is_file():
            return folder
    if Path(name).is_dir():
        raise CheckpointError(f"{name} is no run: it has no {SETTINGS}{_nearest_run(name)}")
    raise CheckpointError(f"there is no run {name}{_nearest_run(name) or '; train one with: thought train'}")


def claim(folder: Path, *, fresh: bool = False) -> None:
    """Make sure that a new run may go into `folder`; with `fresh`, remove the run that is there.

    Raises
    ------
    CheckpointError
        If the folder holds a run, or anything else that is not for us to mix with.
    """
    if folder.exists() and not folder.is_dir():
        raise CheckpointError(f"{folder} is a file; expected a folder for the run")
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / SETTINGS).is_file():
        raise CheckpointError(f"{folder} holds files that are no run; choose another folder with --out")
    if not fresh:
        raise CheckpointError(
            f"{folder} already holds a run; go on with: thought train --resume {folder} (or start anew with --fresh)"
        )
    read_config(folder)  # somebody else's config.json raises before anything is removed
    try:
        _remove_parts(folder)
    except OSError as error:
        raise CheckpointError(f"cannot empty {folder}: {error.strerror or error}") from error


def release(folder: Path) -> None:
    """Remove a run that ended before it learned anything, so that the same command can be tried again."""
    has_learned = any((folder / name).exists() for name in (*WEIGHTS, "resume"))
    if has_learned or not folder.is_dir():
        return
    with suppress(OSError):
        _remove_parts(folder)
        folder.rmdir()  # stays if there is anything else in it


def read_settings(folder: Path) -> dict[str, Any]:
    """Read the settings file of a run as it stands, checking that this version can read the run.

    Raises
    ------
    CheckpointError
        If the file is unreadable, no JSON, or of a newer format.
    """
    path = folder / SETTINGS
    try:
        values = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise CheckpointError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise CheckpointError(f"{path} is damaged: {error}") from error
    if not isinstance(values, dict):
        raise CheckpointError(f"{path} is damaged: expected an object, got {type(values).__name__}")
    found = values.get("format")
    if not isinstance(found, int):
        raise CheckpointError(f"{path} was not written by this package: it names no format")
    if found > FORMAT:
        raise CheckpointError(
            f"{folder} is of format {found}, newer than {FORMAT}, the last one known here; upgrade thought"
        )
    return values


def read_config(folder: Path) -> Config:
    """Read the `Config` of a run."""
    values = read_settings(folder)
    try:
        return from_dict({name: value for name, value in values.items() if name != "format"})
    except ThoughtError as error:
        raise CheckpointError(f"{folder / SETTINGS}: {error}") from error


def describe(folder: Path) -> dict[str, Any]:
    """Tell what is in a run folder, as plain values fit for JSON.

    Raises
    ------
    CheckpointError
        If the settings or the header of the weights cannot be read.
    """
    values = read_settings(folder)
    config = read_config(folder)
    weights = next((folder / name for name in WEIGHTS if (folder / name).is_file()), None)
    shapes, facts = ({}, {}) if weights is None else read_header(weights)
    evaluations = [record for record in _metrics(folder) if record.get("bleu") is not None]
    languages = _languages(folder) or config.data.languages
    steps = [int(record["step"]) for record in _metrics(folder) if "step" in record]
    return {
        "run": str(folder),
        "format": values["format"],
        "languages": list(languages),
        "step": max([*steps, int(facts.get("step", 0))]),
        "thoughts": config.model.bottleneck,
        "thought size": config.model.thought_size,
        "weights": sum(math.prod(shape) for shape in shapes.values()),
        "best": max(evaluations, key=lambda record: float(record["bleu"]) + float(record.get("chrf", 0)), default=None),
        "settings": {name: part for name, part in values.items() if name != "format"},
        "files": {path.relative_to(folder).as_posix(): path.stat().st_size for path in _files(folder)},
    }


def read_header(path: Path) -> tuple[dict[str, tuple[int, ...]], dict[str, Any]]:
    """Read names and shapes of the tensors in a safetensors file, and the facts stored beside them.

    Raises
    ------
    CheckpointError
        If there is no such header, or fewer bytes behind it than it says.
    """
    try:
        with path.open("rb") as stream:
            size = int.from_bytes(stream.read(8), "little")
            if size > _LARGEST_HEADER:
                raise ValueError(f"a header of {size:,} bytes")
            header = json.loads(stream.read(size))
        metadata = header.pop("__metadata__", {})
        end = 8 + size + max((entry["data_offsets"][1] for entry in header.values()), default=0)
        if path.stat().st_size != end:
            raise ValueError(f"{path.stat().st_size:,} bytes, expected {end:,}")
        shapes = {name: tuple(entry["shape"]) for name, entry in header.items()}
        return shapes, dict(json.loads(metadata.get("facts", "{}")))
    except OSError as error:
        raise CheckpointError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise CheckpointError(f"{path} is damaged or no safetensors file: {error}") from error


def parse_target(target: str) -> tuple[str, str]:
    """Split "multi30k:val" into corpus and split; the split is "test" unless given.

    Raises
    ------
    CorpusError
        If nothing stands before the colon.
    """
    corpus, colon, split = target.rpartition(":")
    if not colon or any(sign in split for sign in "/\\.="):  # the colon belongs to a path, or to options
        return target, "test"
    if not corpus:
        raise CorpusError(f"{target} names no corpus; expected CORPUS or CORPUS:SPLIT, such as multi30k:test")
    return corpus, split or "test"


def list_runs(folder: Path = RUNS) -> list[str]:
    """Names of the runs in a folder."""
    return sorted(path.parent.name for path in folder.glob(f"*/{SETTINGS}"))


def _remove_parts(folder: Path) -> None:
    for path in (folder / name for name in _PARTS):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _languages(folder: Path) -> tuple[str, ...]:
    """Languages of the subword model, which knows them also where the settings say "all"."""
    path = folder / "tokenizer.model"
    if not path.is_file():
        return ()
    from thought.tokenizer import Tokenizer

    return Tokenizer.load(path).languages


def _nearest_run(name: str) -> str:
    if Path(name).name == name:
        return nearest(name, list_runs())
    parent = Path(name).parent
    return nearest(name, [(parent / known).as_posix() for known in list_runs(parent)])


def _metrics(folder: Path) -> Iterator[dict[str, Any]]:
    try:
        text = (folder / METRICS).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return
    for line in text.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue  # the last line of a run that was killed while writing it
        if isinstance(record, dict):
            yield record


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
