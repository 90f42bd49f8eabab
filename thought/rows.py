"""Lines -> rows: what one line of a corpus says, language by language, or why it says nothing.

Every reader of a format makes a `Source`: it knows its languages and yields its rows as often as
asked, in the same order. A row maps a language to its sentences; a `str` in its place is the reason
for which the line was dropped, to be counted and never lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from thought.errors import CorpusError
from thought.lines import TextFile, read_lines

LONGEST_SENTENCE = 10_000  # characters; what is longer is no sentence

TOO_LONG = "too long"
EMPTY = "empty"
NUL = "with a NUL character"

_MISSING = "\n"  # stands where a file has no more lines; a line never holds its end

Row = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Source:
    """Rows to be read again and again: `read()` starts from the first each time."""

    name: str
    languages: tuple[str, ...]
    read: Callable[[], Iterator[Row | str]]


def make_row(cells: Iterable[tuple[str, str | None]], fewest: int = 2) -> Row | str:
    """Clean the cells (language, text) of one line into a row, or say why the line is dropped.

    Parameters
    ----------
    cells : iterable of (str, str or None)
        A language may come more than once. None is a text too long to read.
    fewest : int
        Sentences a row needs to be of use: 2 for translation, 1 for text of one language.
    """
    found: dict[str, tuple[str, ...]] = {}
    for language, text in cells:
        if text is None or len(text) > LONGEST_SENTENCE:
            return TOO_LONG
        if "\0" in text:
            return NUL
        text = text.strip()
        if text:
            found[language] = (*found[language], text) if language in found else (text,)
    return found if sum(map(len, found.values())) >= fewest else EMPTY


def read_parallel(files: Mapping[str, TextFile], *, fewest: int | None = None) -> Iterator[Row | str]:
    """Yield a row for each line of files that say the same, line by line.

    Raises
    ------
    CorpusError
        If the files have different numbers of lines (both are named), or one cannot be read.
    """
    fewest = min(2, len(files)) if fewest is None else fewest
    streams = [read_lines(file) for file in files.values()]
    for texts in zip_longest(*streams, fillvalue=_MISSING):
        if _MISSING in texts:
            raise CorpusError(_unequal(files))
        yield make_row(zip(files, texts, strict=True), fewest)


def _unequal(files: Mapping[str, TextFile]) -> str:
    """Say how many lines each file has; counting them again is cheap beside a wrong corpus."""
    counts = [f"{file} has {sum(1 for _ in read_lines(file)):,} lines" for file in files.values()]
    return f"parallel files differ in length: {', '.join(counts)}; expected line i of each to say the same"
