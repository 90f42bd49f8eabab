"""Training -> the thoughts of a few fixed sentences at log-spaced steps, kept to be watched later as a film.

A run folder gets `snapshots/probe.json` (the sentences, once) and `snapshots/STEP.npz` (their thoughts
and what else is known at that step). A file is moved into place whole; torch is not needed to read it.
"""

from __future__ import annotations

import io
import json
import math
import os
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thought.corpus import Meaning
from thought.errors import CheckpointError
from thought.space import Space

FORMAT = 1
PER_DOUBLING = 4  # snapshots while the step doubles: 40 in 2,000 steps, 59 in 50,000
MOST_MEANINGS = 100
MOST_SENTENCES = 400  # 60 snapshots of 400 thoughts of 1,024 numbers take 49 MB
_EVALUATED = ("bleu", "chrf", "p_at_1")  # read from the evaluations in metrics.jsonl
_HALF = (1e-2, 6e4)  # largest number of a snapshot that float16 holds well; others are kept in float32


@dataclass(frozen=True, eq=False)
class Film:
    """F snapshots of the same N sentences, in the order of training."""

    space: Space  # the sentences, with their thoughts at the end
    steps: np.ndarray  # (F,), int64, rising; optimizer steps
    thoughts: np.ndarray  # (F, N, Z), float32
    facts: Mapping[str, Mapping[int, float]]  # name, such as "bleu", -> step -> value, where it is known

    def __len__(self) -> int:
        return len(self.steps)


def is_due(step: int) -> bool:
    """Whether a snapshot belongs at a step: 0 to 8, then four while the step doubles.

    A pure function, so that a run that was resumed keeps the snapshots of one that was not.

    Examples
    --------
    >>> [step for step in range(40) if is_due(step)]
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 16, 19, 23, 27, 32, 38]
    """
    if step < 9:
        return step >= 0
    power = round(PER_DOUBLING * math.log2(step))
    return round(2 ** (power / PER_DOUBLING)) == step


def choose_probes(meanings: Iterable[Meaning], languages: Iterable[str] = ()) -> Space:
    """Take the first meanings that have every language: at most 100, and 400 sentences in all.

    Parameters
    ----------
    meanings : iterable of Meaning
        Of dev: sentences the model does not train on.
    languages : iterable of str
        Codes every meaning must have; the default is those of the first meaning.

    Returns
    -------
    Space
        The first wording of each in each language, meaning by meaning; its thoughts are still empty, (N, 0).

    Raises
    ------
    CheckpointError
        If no meaning has every language, or there are more than 400 languages.
    """
    codes = tuple(languages)
    chosen: list[Meaning] = []
    for meaning in meanings:
        codes = codes or tuple(meaning.sentences)
        if len(chosen) >= min(MOST_MEANINGS, MOST_SENTENCES // max(len(codes), 1)):
            break
        if all(meaning.sentences.get(code) for code in codes):
            chosen.append(meaning)
    if not chosen:
        raise CheckpointError(f"no meaning has a sentence in each of {', '.join(codes) or 'its languages'} to follow")
    texts = tuple(meaning.sentences[code][0] for meaning in chosen for code in codes)
    numbers = np.repeat(np.arange(len(chosen), dtype=np.int64), len(codes))
    return Space(texts, codes * len(chosen), numbers, np.zeros((len(texts), 0), dtype=np.float32))


class Snapshots:
    """The snapshots of one run, as training writes them.

    Parameters
    ----------
    folder : Path
        Of the run.
    probes : Space
        From `choose_probes`. If the run has some already, as when it is resumed, those are kept.

    Raises
    ------
    CheckpointError
        If there are more than 400 sentences, or the folder cannot be read or written.
    """

    def __init__(self, folder: Path, probes: Space) -> None:
        self.folder = folder / "snapshots"
        path = self.folder / "probe.json"
        if path.exists():
            self.probes = _read_probes(path)
            return
        if not 1 <= len(probes) <= MOST_SENTENCES:
            raise CheckpointError(f"a run is followed by 1 to {MOST_SENTENCES} sentences, got {len(probes)}")
        self.probes = probes
        columns = {"texts": probes.texts, "languages": probes.languages, "meanings": probes.meanings.tolist()}
        _write(path, json.dumps({"format": FORMAT, **columns}, ensure_ascii=False, indent=0).encode())

    @property
    def texts(self) -> list[str]:
        """The N sentences to encode."""
        return list(self.probes.texts)

    def save(self, step: int, thoughts: np.ndarray, facts: Mapping[str, float] | None = None) -> Path:
        """Keep the thoughts of the probe sentences after a step.

        Parameters
        ----------
        step : int
            Optimizer steps so far.
        thoughts : ndarray of shape (N, Z)
            Kept in float16 (relative error 0.0005), or in float32 where their size asks for it.
        facts : mapping, optional
            Numbers known at this step, such as {"nats": 2.1}.

        Raises
        ------
        CheckpointError
            If the shape does not fit, a number is not finite, or the file cannot be written.
        """
        thoughts = np.asarray(thoughts)
        if step < 0 or thoughts.ndim != 2 or len(thoughts) != len(self.probes) or not np.isfinite(thoughts).all():
            raise CheckpointError(
                f"a snapshot needs a step >= 0 and finite thoughts ({len(self.probes)}, Z), "
                f"got step {step} and {'finite' if np.isfinite(thoughts).all() else 'NaN or infinite'} {thoughts.shape}"
            )
        largest = float(np.abs(thoughts).max(initial=0))
        kind = np.float16 if _HALF[0] <= largest <= _HALF[1] or largest == 0 else np.float32
        names, values = np.array(list(facts or {}), dtype=str), np.array(list((facts or {}).values()), dtype=np.float64)
        content = io.BytesIO()
        np.savez(content, thoughts=thoughts.astype(kind), names=names, values=values)
        path = self.folder / f"{step:08d}.npz"
        _write(path, content.getvalue())
        return path

    def forget_after(self, step: int) -> None:
        """Drop the snapshots behind the step a run goes on from."""
        for number, path in _found(self.folder):
            if number > step:
                path.unlink(missing_ok=True)


def load(folder: str | Path) -> Film:
    """Read the film of a run.

    Facts were saved beside the thoughts. What of BLEU, chrF and P@1 was not is read from the evaluations in the
    run's `metrics.jsonl`: means over directions, of all the dev meanings that training evaluates on.

    Parameters
    ----------
    folder : str or Path
        Of the run.

    Raises
    ------
    CheckpointError
        If the run has no snapshots, one is damaged, or they do not fit together.
    """
    where = Path(folder) / "snapshots"
    if not (where / "probe.json").exists():
        raise CheckpointError(f"{folder} has no snapshots to make a film of: train it anew with this version")
    probes, found = _read_probes(where / "probe.json"), _found(where)
    if not found:
        raise CheckpointError(f"{where} holds no snapshots yet: training writes the first before its first step")
    frames: list[np.ndarray] = []
    facts: dict[str, dict[int, float]] = {}
    for step, path in found:
        thoughts, known = _read_snapshot(path)
        if thoughts.ndim != 2 or len(thoughts) != len(probes) or thoughts.shape != (frames or [thoughts])[0].shape:
            raise CheckpointError(
                f"{path} holds thoughts {thoughts.shape} of {len(probes)} sentences, unlike the rest; delete it"
            )
        frames.append(thoughts)
        for name, value in known.items():
            facts.setdefault(name, {})[step] = value
    steps = np.array([step for step, _ in found], dtype=np.int64)
    evaluated = _read_metrics(Path(folder) / "metrics.jsonl")
    return Film(probes.with_thoughts(frames[-1]), steps, np.stack(frames), {**evaluated, **facts})


def _found(folder: Path) -> list[tuple[int, Path]]:
    """Steps and files of the snapshots in a folder, in order of steps."""
    return sorted((int(path.stem), path) for path in folder.glob("*.npz") if path.stem.isdecimal())


def _read_probes(path: Path) -> Space:
    try:
        values = json.loads(path.read_text("utf-8"))
        if int(values["format"]) > FORMAT:
            raise CheckpointError(f"{path} has format {values['format']}, this version reads up to {FORMAT}; upgrade")
        meanings = np.array(values["meanings"], dtype=np.int64)
        empty = np.zeros((len(values["texts"]), 0), dtype=np.float32)
        return Space(tuple(values["texts"]), tuple(values["languages"]), meanings, empty)
    except CheckpointError:
        raise
    except Exception as error:
        raise CheckpointError(f"{path} is damaged: {error}; without it the snapshots beside it are lost") from error


def _read_snapshot(path: Path) -> tuple[np.ndarray, dict[str, float]]:
    """Thoughts (N, Z) in float32, and facts; the archive's checksums are checked on the way."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            thoughts = archive["thoughts"].astype(np.float32)
            known = zip(archive["names"].tolist(), archive["values"].tolist(), strict=True)
            return thoughts, {str(name): float(value) for name, value in known}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{path} is damaged: {error}; delete it, and the film will do without it") from error


def _read_metrics(path: Path) -> dict[str, dict[int, float]]:
    """Scores of the evaluations; a line that was cut off is left out, as is a run that never was evaluated."""
    facts: dict[str, dict[int, float]] = {}
    try:
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
    except (OSError, ValueError) as error:
        raise CheckpointError(f"cannot read {path}: {error}") from error
    for line in lines:
        with suppress(ValueError):
            record = json.loads(line)
            if record.get("event") == "evaluation" and record.get("is_averaged", True):
                for name in _EVALUATED:
                    if record.get(name) is not None:
                        facts.setdefault(name, {})[int(record["step"])] = float(record[name])
    return facts


def _write(path: Path, content: bytes) -> None:
    """Write a small file, whole or not at all."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise CheckpointError(f"cannot save {path}: {error.strerror}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()
