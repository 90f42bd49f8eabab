"""A text file -> its lines, in bounded memory; what cannot be a line of text is named or counted.

Plain, gzip (known by its first bytes, not by its name) and members of a zip archive read alike. A
line longer than `LONGEST_LINE` bytes comes back as None: the reader has thrown it away piece by
piece, so that one line of a gigabyte costs no gigabyte. An archive that expands as no text does
(a zip bomb) raises. Carriage returns before the line feed and a byte order mark at the start go.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from thought.errors import CorpusError

LONGEST_LINE = 1 << 18  # bytes; a sentence is far shorter, a row of a dozen languages too
LARGEST_RATIO = 200  # of text to its compressed bytes; real text reaches 3 to 30
FREE_SIZE = 1 << 26  # bytes an archive may expand to before the ratio counts


@dataclass(frozen=True)
class TextFile:
    """Where lines come from: a file, or one member of a zip archive."""

    path: Path
    member: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.member}" if self.member else str(self.path)


def read_lines(source: TextFile) -> Iterator[str | None]:
    """Yield the lines of a UTF-8 file without their ends; None stands for a line too long to hold.

    Raises
    ------
    CorpusError
        If the file is missing, unreadable, a folder, a damaged archive, or not UTF-8; the message
        names file, line and byte.
    """
    number = 0
    try:
        with _opened(source) as stream:
            limit = _largest_size(source)
            size = 0
            while piece := stream.readline(LONGEST_LINE):
                number += 1
                line: str | None = None
                if len(piece) < LONGEST_LINE or piece.endswith(b"\n"):
                    line = _decoded(piece, source, number)
                while not piece.endswith(b"\n"):
                    size += len(piece)
                    _check_size(size, limit, source)
                    piece = stream.readline(LONGEST_LINE)
                    if not piece:
                        break
                size += len(piece)
                _check_size(size, limit, source)
                yield line
    except (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile) as error:
        raise CorpusError(
            f"{source} is damaged or cut off after line {number:,}: {error or 'unexpected end'}; fetch it again"
        ) from error
    except (NotImplementedError, RuntimeError) as error:  # how zipfile says unknown compression and password
        raise CorpusError(f"cannot unpack {source}: {error}; repack it as a plain zip or gzip file") from error
    except OSError as error:
        raise CorpusError(f"cannot read {source}: {error.strerror or error}") from error


def require_file(path: Path) -> Path:
    """Return `path` if it is a file that can be opened, else raise what is wrong with it."""
    if path.is_dir():
        raise CorpusError(f"{path} is a folder; expected a file of text")
    if not path.exists():
        raise CorpusError(f"{path} does not exist")
    return path


def _opened(source: TextFile) -> IO[bytes] | gzip.GzipFile:
    path = require_file(source.path)
    if source.member:
        # The member keeps the archive open and closes it with itself.
        with zipfile.ZipFile(path) as archive:
            return archive.open(source.member)
    with path.open("rb") as start:
        is_gzip = start.read(2) == b"\x1f\x8b"
    if is_gzip:
        return gzip.open(path, "rb")
    if path.suffix == ".gz" and path.stat().st_size > 0:
        raise CorpusError(f"{path} is not a gzip file though its name says so; fetch it again or rename it")
    return path.open("rb")


def _largest_size(source: TextFile) -> int:
    """Bytes of text to accept from a source: unbounded for plain files, which are what they are."""
    return FREE_SIZE + LARGEST_RATIO * source.path.stat().st_size


def _check_size(size: int, limit: int, source: TextFile) -> None:
    if size > limit:
        raise CorpusError(
            f"{source} expands to more than {limit:,} bytes, over {LARGEST_RATIO} times its size: this is no text"
        )


def _decoded(piece: bytes, source: TextFile, number: int) -> str:
    try:
        line = piece.decode("utf-8")
    except UnicodeDecodeError as error:
        utf16 = number == 1 and piece[:2] in (b"\xff\xfe", b"\xfe\xff")
        guess = "utf-16" if utf16 else "latin1"
        raise CorpusError(
            f"{source}, line {number:,}, byte {error.start + 1}: 0x{piece[error.start]:02x} is not UTF-8; "
            f"expected UTF-8, convert the file, for example with: iconv -f {guess} -t utf-8"
        ) from error
    if number == 1:
        line = line.removeprefix("\ufeff")
    return line.rstrip("\r\n")
