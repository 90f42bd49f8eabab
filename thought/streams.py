"""Text in, text out, as a stream: files, standard input and output, one sentence a line.

Input is UTF-8 and ends its lines with a line feed, nothing else: there are as many sentences as a
person sees lines. Output into a file appears under its name only when it is complete; a reader of
a pipe that has read enough (`| head`) ends the command without a word.
"""

from __future__ import annotations

import gzip
import itertools
import os
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TypeVar, cast

from thought.errors import CorpusError, ThoughtError

LONGEST_LINE = 1 << 18  # bytes; a sentence is far shorter
STDIN = "-"

Item = TypeVar("Item")


def read_texts(names: Sequence[str]) -> Iterator[str]:
    """Yield the lines of files, one after the other; "-" and no names at all mean standard input.

    Raises
    ------
    CorpusError
        If a file cannot be read, or a line is no text: not UTF-8, with a NUL, or endless. The
        message names file, line and byte.
    """
    for name in names or (STDIN,):
        if name == STDIN:
            yield from _lines(sys.stdin.buffer, "standard input")
            continue
        try:
            with _opened(Path(name)) as stream:
                yield from _lines(stream, name)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise CorpusError(f"{name} is a damaged or cut off gzip file: {error}") from error
        except OSError as error:
            raise CorpusError(f"cannot read {name}: {error.strerror or error}") from error


def in_chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield lists of `size` items, the last one shorter; never an empty one."""
    iterator = iter(items)
    while chunk := list(itertools.islice(iterator, size)):
        yield chunk


def as_one_line(text: str) -> str:
    """Return `text` with everything that some program takes for the end of a line as a space."""
    return " ".join(text.splitlines())


def write_text(text: str) -> None:
    """Write `text` and a line feed to standard output, as UTF-8 whatever the locale says."""
    with opened_output(None) as stream:
        stream.write(f"{text}\n".encode())


@contextmanager
def opened_output(name: str | Path | None) -> Iterator[IO[bytes]]:
    """Open a file that appears when the block ends well, or standard output for None and "-".

    Raises
    ------
    ThoughtError
        If the file cannot be written; what stood under its name before is untouched.
    """
    if name is None or str(name) == STDIN:
        with _standard_output() as stream:
            yield stream
        return
    path = Path(name).resolve()
    if path.exists() and not path.is_file():  # a folder, or a device such as /dev/null
        with _opened_for_writing(path) as stream:
            yield stream
        return
    with _opened_for_writing(path.parent, prefix=f".{path.name}.") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
        Path(stream.name).chmod(0o666 & ~_umask())
        os.replace(stream.name, path)


@contextmanager
def _opened_for_writing(path: Path, prefix: str = "") -> Iterator[IO[bytes]]:
    """Open `path`, or with a prefix a temporary file in the folder `path`, and name what goes wrong."""
    stream: IO[bytes] | None = None
    try:
        # A temporary file has to outlive this line, and to vanish below if the block fails.
        stream = tempfile.NamedTemporaryFile(dir=path, prefix=prefix, delete=False) if prefix else path.open("wb")  # noqa: SIM115
        yield stream
    except OSError as error:
        raise ThoughtError(f"cannot write to {path}: {error.strerror or error}") from error
    finally:
        if stream is not None:
            with suppress(OSError):
                stream.close()
            if prefix:
                Path(stream.name).unlink(missing_ok=True)


@contextmanager
def _standard_output() -> Iterator[IO[bytes]]:
    sys.stdout.flush()
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _close_standard_output()
        raise SystemExit(141) from None  # 128 + SIGPIPE, what a shell reports for other filters
    except OSError as error:
        _close_standard_output()
        raise ThoughtError(f"cannot write to standard output: {error.strerror or error}") from error


def _close_standard_output() -> None:
    """Send what is left nowhere, lest Python complain of it at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    if path.is_dir():
        raise CorpusError(f"{path} is a folder; expected a file of text")
    with path.open("rb") as stream:
        if stream.peek(2)[:2] != b"\x1f\x8b":
            yield stream
            return
        with gzip.GzipFile(fileobj=stream) as unpacked:
            yield cast("IO[bytes]", unpacked)


def _lines(stream: IO[bytes], name: str) -> Iterator[str]:
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            raise CorpusError(f"{name}, line {number:,} is longer than {LONGEST_LINE:,} bytes; expected one sentence")
        yield _decoded(line, name, number)


def _decoded(line: bytes, name: str, number: int) -> str:
    line = line.removesuffix(b"\n").removesuffix(b"\r")
    if b"\0" in line:
        place = line.index(b"\0") + 1
        raise CorpusError(f"{name}, line {number:,}, byte {place:,}: a NUL character; expected text as UTF-8")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = line[error.start]
        raise CorpusError(
            f"{name}, line {number:,}, byte {error.start + 1:,}: 0x{byte:02x} is not UTF-8; "
            "convert the text, for example with iconv -f latin1 -t utf-8"
        ) from error
    return text.removeprefix("\ufeff") if number == 1 else text
