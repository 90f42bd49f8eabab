"""Thoughts in files, as a stream: .npy for programs, TSV and JSON Lines for pipes and people.

A .npy file never holds pickled objects here, neither written nor read. Numbers as text have the
nine digits that give every float32 back exactly.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np

from thought.errors import ThoughtError, nearest
from thought.streams import STDIN, in_chunks, read_texts

Format = Literal["npy", "tsv", "jsonl"]
FORMATS: tuple[Format, ...] = ("npy", "tsv", "jsonl")
CHUNK = 1_024  # thoughts held at once

_MAGIC = b"\x93NUMPY"


def choose_format(name: str | None, wanted: str | None) -> Format:
    """Return the format asked for, or the one a file name says, or TSV for a pipe."""
    if wanted is None:
        wanted = Path(name).suffix.removeprefix(".") if name and name != STDIN else "tsv"
        if wanted not in FORMATS:
            raise ThoughtError(f"cannot tell the format of {name}; end it in .npy, .tsv or .jsonl, or give --format")
    for known in FORMATS:
        if wanted == known:
            return known
    raise ThoughtError(f"unknown format {wanted}{nearest(wanted, FORMATS)}")


def write_npy(stream: IO[bytes], chunks: Iterable[np.ndarray], width: Sequence[int]) -> int:
    """Write thoughts of unknown number as one float32 array; return how many there were.

    Parameters
    ----------
    stream : binary file
        At its start, and able to seek: the header is written again when the number is known.
    chunks : iterable of ndarray of shape (n, *width)
    width : sequence of int
        Shape of one thought: (Z,) or (K, Z).
    """
    start = _header(0, width)
    stream.write(start)
    rows = 0
    for chunk in chunks:
        stream.write(np.ascontiguousarray(chunk, dtype="<f4").tobytes())
        rows += len(chunk)
    header = _header(rows, width)
    if len(header) != len(start):
        raise RuntimeError(f"the header of a .npy file grew from {len(start)} to {len(header)} bytes")
    stream.seek(0)
    stream.write(header)
    return rows


def write_lines(stream: IO[bytes], texts: Sequence[str], thoughts: np.ndarray, form: Format) -> None:
    """Write one line a thought: its numbers between tabs, or a JSON object with its text."""
    for text, thought in zip(texts, thoughts, strict=True):
        numbers = [f"{number:.9g}" for number in thought.ravel().tolist()]
        line = "\t".join(numbers)
        if form == "jsonl":
            line = json.dumps({"text": text, "thought": thought.astype(float).tolist()}, ensure_ascii=False)
        stream.write(f"{line}\n".encode())


def read_thoughts(name: str, width: Sequence[int]) -> Iterator[np.ndarray]:
    """Yield thoughts of a .npy, TSV or JSON Lines file, some at a time; "-" is text on standard input.

    Parameters
    ----------
    name : str
    width : sequence of int
        Shape of one thought: (Z,) or (K, Z).

    Yields
    ------
    ndarray of shape (n, *width), float32

    Raises
    ------
    ThoughtError
        If the file cannot be read, or holds anything but finite thoughts of this shape.
    """
    first = 1
    chunks = _npy_chunks(Path(name), tuple(width)) if _is_npy(name) else _text_chunks(name, tuple(width))
    for chunk in chunks:
        is_finite = np.isfinite(chunk).reshape(len(chunk), -1).all(axis=1)
        if not is_finite.all():
            raise ThoughtError(f"{name}, row {first + int(np.argmin(is_finite)):,} has numbers that are not finite")
        first += len(chunk)
        yield chunk


def _header(rows: int, width: Sequence[int]) -> bytes:
    # numpy pads this header so that the first axis may grow in place
    buffer = io.BytesIO()
    shape = {"descr": "<f4", "fortran_order": False, "shape": (rows, *width)}
    np.lib.format.write_array_header_1_0(buffer, shape)
    return buffer.getvalue()


def _is_npy(name: str) -> bool:
    if name == STDIN:
        return False
    try:
        with Path(name).open("rb") as stream:
            return stream.read(len(_MAGIC)) == _MAGIC or name.endswith(".npy")
    except OSError as error:
        raise ThoughtError(f"cannot read {name}: {error.strerror or error}") from error


def _npy_chunks(path: Path, width: tuple[int, ...]) -> Iterator[np.ndarray]:
    try:
        thoughts = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        is_pickled = any(word in str(error) for word in ("allow_pickle", "Python objects"))
        what = "holds pickled objects" if is_pickled else "is damaged, cut off or no .npy file"
        raise ThoughtError(f"{path} {what}; expected numbers of shape {_shape(width)}") from error
    if not isinstance(thoughts, np.ndarray) or thoughts.shape[1:] != width or thoughts.ndim != len(width) + 1:
        found = getattr(thoughts, "shape", "an archive")
        raise ThoughtError(f"thoughts in {path} have the shape {found}, expected {_shape(width)}")
    if thoughts.dtype.kind not in "fiu":
        raise ThoughtError(f"thoughts in {path} are of type {thoughts.dtype}, expected float32")
    for start in range(0, len(thoughts), CHUNK):
        with np.errstate(over="ignore"):  # a float64 too large becomes infinite, which is named above
            yield np.array(thoughts[start : start + CHUNK], dtype=np.float32)


def _text_chunks(name: str, width: tuple[int, ...]) -> Iterator[np.ndarray]:
    lines = enumerate(read_texts((name,)), start=1)
    for chunk in in_chunks(lines, CHUNK):
        yield np.stack([_parsed(line, f"{name}, line {number:,}", width) for number, line in chunk])


def _parsed(line: str, where: str, width: tuple[int, ...]) -> np.ndarray:
    try:
        values: Any = line.split("\t")
        if line.startswith(("{", "[")):
            values = json.loads(line)
            values = values["thought"] if isinstance(values, dict) else values
        with np.errstate(over="ignore"):
            thought = np.array(values, dtype=np.float64).astype(np.float32)
    except (ValueError, TypeError, KeyError) as error:
        raise ThoughtError(f"{where}: expected numbers between tabs, or JSON with a list called thought") from error
    expected = int(np.prod(width))
    if thought.size != expected:
        raise ThoughtError(f"{where}: {thought.size} numbers, expected {expected}")
    return thought.reshape(width)


def _shape(width: tuple[int, ...]) -> str:
    return f"(N, {', '.join(str(size) for size in width)})"
