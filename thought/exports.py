"""Sentences, thoughts and points -> files for other programs: spreadsheets, TensorBoard's projector, embedding-atlas.

Files are written row by row under a temporary name and moved into place when they are whole. Numbers have the
digits that give every one of them back exactly.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import IO, Any

import numpy as np

from thought.errors import ScoringError, ThoughtError
from thought.geometry.cosine import check_rows, nearest
from thought.space import Space

AXES = ("x", "y", "z")
LINE_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")


def write_csv(path: str | Path, space: Space, points: np.ndarray) -> Path:
    """Write one row a sentence: text, language, meaning, x, y and, on a map of three dimensions, z.

    UTF-8, commas, text in quotes, line feeds between rows: pandas, R and embedding-atlas read it as it is; a
    spreadsheet may have to be told that it is UTF-8.

    Parameters
    ----------
    path : path
    space : Space
        N sentences.
    points : ndarray of shape (N, 2) or (N, 3)

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ScoringError
        If there is no sentence, or not one finite point for each.
    ThoughtError
        If the file cannot be written; what stood there still does.
    """
    check_points(space, points)
    header = ("text", "language", "meaning", *AXES[: points.shape[1]])
    return _write_lines(path, map(_csv_line, chain([header], _rows(space, points))))


def write_json(path: str | Path, space: Space, points: np.ndarray, *, with_thoughts: bool = True) -> Path:
    """Write one JSON document, a list with one object a sentence, each on a line of its own.

    Parameters
    ----------
    path, space, points
        As in `write_csv`.
    with_thoughts : bool
        Also the thought, a list of Z numbers: about 10 kB a sentence with Z = 1,024.

    Returns
    -------
    Path
        The file written: [{"text", "language", "meaning", "x", "y", ("z",) "thought"}, ...].

    Raises
    ------
    ScoringError, ThoughtError
        As in `write_csv`; also if a thought is not finite, which JSON cannot say.
    """
    check_points(space, points)
    if with_thoughts:
        check_rows(space.thoughts)
    names = ("text", "language", "meaning", *AXES[: points.shape[1]])

    def lines() -> Iterator[str]:
        for row, values in enumerate(_rows(space, points)):
            record: dict[str, Any] = dict(zip(names, values, strict=True))
            text = json.dumps(record, ensure_ascii=False)
            if with_thoughts:
                text = f'{text[:-1]}, "thought": [{", ".join(_digits(space.thoughts[row]))}]}}'
            yield ("[\n" if row == 0 else ",\n") + text
        yield "\n]\n"

    return _write_lines(path, lines())


def write_tensorboard(folder: str | Path, space: Space, points: np.ndarray | None = None) -> tuple[Path, Path, Path]:
    """Write what TensorBoard's Embedding Projector opens: `tensorboard --logdir FOLDER`.

    On projector.tensorflow.org choose "Load" and the two TSV files. That program takes the first line of the metadata
    for names only if there is a tab in it; with three columns, there is. It ends rows at line feeds and columns at
    tabs and knows no quotes: such characters in a text become a space.

    Parameters
    ----------
    folder : path
        Made if it is not there.
    space : Space
        Its thoughts are the tensors: the projector makes maps of its own.
    points : ndarray of shape (N, 2) or (N, 3), optional
        Tensors in place of the thoughts.

    Returns
    -------
    tuple of Path
        `tensors.tsv`, `metadata.tsv` (text, language, meaning) and `projector_config.pbtxt`.

    Raises
    ------
    ScoringError
        If there is no sentence, a number is not finite, or a thought is a single number, which the projector refuses.
    ThoughtError
        If the files cannot be written.
    """
    tensors = space.thoughts if points is None else points
    if points is not None:
        check_points(space, points)
    check_rows(tensors)
    if tensors.shape[1] < 2:
        raise ScoringError("the projector needs thoughts of at least 2 numbers, got 1")
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ThoughtError(f"cannot write to {folder}: {error.strerror or error}") from error
    config = (
        'embeddings {\n  tensor_name: "thoughts"\n  tensor_path: "tensors.tsv"\n  metadata_path: "metadata.tsv"\n}\n'
    )
    labels = (
        (LINE_BREAKS.sub(" ", text), LINE_BREAKS.sub(" ", language), str(meaning))
        for text, language, meaning, *_ in _rows(space, np.zeros((len(space), 0)))
    )
    header = ("text", "language", "meaning")
    return (
        _write_lines(folder / "tensors.tsv", ("\t".join(_digits(row)) + "\n" for row in tensors)),
        _write_lines(folder / "metadata.tsv", ("\t".join(row) + "\n" for row in chain([header], labels))),
        _write_lines(folder / "projector_config.pbtxt", [config]),
    )


def write_atlas(path: str | Path, space: Space, points: np.ndarray, *, neighbours: int = 10) -> Path:
    """Write the Parquet file that Apple's embedding-atlas opens, with each sentence's nearest by the cosine.

    `embedding-atlas FILE --text text --x x --y y --neighbors neighbors`, and `--z z` where there is one; or
    https://apple.github.io/embedding-atlas/upload. It takes neighbours as {"ids": rows from 0, "distances": ...},
    nearest first, and only from a file that has such a type: for a CSV use `write_csv`, without them.

    Parameters
    ----------
    path, space, points
        As in `write_csv`.
    neighbours : int
        A sentence at most, itself not counted; 0 leaves the column out. Distances are 1 - cosine, 0 to 2.

    Returns
    -------
    Path
        The file written: text, language, meaning, x, y, (z,) neighbors.

    Raises
    ------
    ScoringError
        As in `write_csv`; also if a thought is not finite, or neighbours is negative.
    ThoughtError
        If pyarrow is not installed (`pip install "thought[atlas]"`), or the file cannot be written.
    """
    check_points(space, points)
    if neighbours < 0:
        raise ScoringError(f"neighbours must be at least 0, got {neighbours}")
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise ThoughtError('Parquet needs pyarrow, which cannot be imported: pip install "thought[atlas]"') from error
    columns: dict[str, Any] = {
        "text": pa.array(space.texts, pa.string()),
        "language": pa.array(space.languages, pa.string()),
        "meaning": pa.array(space.meanings),
    }
    for axis in range(points.shape[1]):
        columns[AXES[axis]] = pa.array(points[:, axis].astype(np.float64))
    if neighbours:
        ids, distances = _nearest(space.thoughts, min(neighbours, len(space) - 1))
        offsets = pa.array(np.arange(len(space) + 1) * ids.shape[1], pa.int32())
        lists = [pa.ListArray.from_arrays(offsets, values.ravel()) for values in (ids, distances)]
        columns["neighbors"] = pa.StructArray.from_arrays(lists, ["ids", "distances"])
    with _replaced(path) as file:
        parquet.write_table(pa.table(columns), file)
    return Path(path)


def check_points(space: Space, points: np.ndarray) -> None:
    """Raise `ScoringError` unless there is one finite point, (N, 2) or (N, 3), for each of at least one sentence."""
    if not len(space):
        raise ScoringError("there are no sentences to write")
    if points.ndim != 2 or len(points) != len(space) or points.shape[1] not in (2, 3):
        raise ScoringError(f"expected a point of 2 or 3 numbers for each of {len(space)} sentences, got {points.shape}")
    check_rows(points, "points")


def _nearest(thoughts: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the nearest other thoughts and 1 - cosine to them: (N, k), (N, k)."""
    if count == 0:
        check_rows(thoughts)
        return np.zeros((len(thoughts), 0), dtype=np.int64), np.zeros((len(thoughts), 0))
    rows, cosine = nearest(thoughts, thoughts, count, is_own=True)
    return rows, 1 - cosine.astype(np.float64)


def _rows(space: Space, points: np.ndarray) -> Iterator[tuple[Any, ...]]:
    """Yield text, language, meaning and coordinates of each sentence."""
    for text, language, meaning, point in zip(space.texts, space.languages, space.meanings, points, strict=True):
        yield text, language, meaning.item(), *point.astype(np.float64).tolist()


def _csv_line(values: Iterable[Any]) -> str:
    line = io.StringIO()
    # all text in quotes: before Python 3.13, a lone carriage return would not be
    csv.writer(line, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC).writerow(values)
    return line.getvalue()


def _digits(numbers: np.ndarray) -> list[str]:
    """Shortest decimal numbers that give these back: nine digits for float32."""
    if numbers.dtype == np.float32:
        return [f"{number:.9g}" for number in numbers.tolist()]
    return [repr(number) for number in numbers.astype(np.float64).tolist()]


def _write_lines(path: str | Path, lines: Iterable[str]) -> Path:
    with _replaced(path) as file:
        for line in lines:
            file.write(line.encode())
    return Path(path)


@contextmanager
def _replaced(path: str | Path) -> Iterator[IO[bytes]]:
    """Open a file that takes its name when the block ends well."""
    path = Path(path)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise ThoughtError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()
