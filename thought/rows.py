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
EMPTY = "empty"  # nothing to translate: fewer than two sentences
NUL = "with a NUL character"

_MISSING = "\n"  # stands where a file has no more lines; a line never holds its end

Row = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Source:
    """Rows to be read again and again: `read()` starts from the first each time.

    Rows may have languages beyond those asked for: which sentences belong together must not depend
    on the languages somebody chooses, else train of one choice would meet test of another.
    """

    name: str
    languages: tuple[str, ...]
    read: Callable[[], Iterator[Row | str]]


def make_row(cells: Iterable[tuple[str, str | None]]) -> Row | str:
    """Clean the cells (language, text) of one line into a row, or say why the line is dropped.

    Parameters
    ----------
    cells : iterable of (str, str or None)
        A language may come more than once. None is a text too long to read.
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
    return found or EMPTY


def restrict(row: Row | str, languages: tuple[str, ...], fewest: int) -> Row | str:
    """Return the row in these languages alone, a reason if it then has fewer than `fewest` sentences."""
    if isinstance(row, str):
        return row
    if len(row) == len(languages) >= fewest and all(language in row for language in languages):
        return row
    found = {language: row[language] for language in languages if language in row}
    return found if sum(map(len, found.values())) >= fewest else EMPTY


def read_parallel(files: Mapping[str, TextFile]) -> Iterator[Row | str]:
    """Yield a row for each line of files that say the same, line by line.

    Raises
    ------
    CorpusError
        If the files have different numbers of lines (both are named), or one cannot be read.
    """
    streams = [read_lines(file) for file in files.values()]
    for texts in zip_longest(*streams, fillvalue=_MISSING):
        if _MISSING in texts:
            raise CorpusError(_unequal(files))
        yield make_row(zip(files, texts, strict=True))


def _unequal(files: Mapping[str, TextFile]) -> str:
    """Say how many lines each file has; counting them again is cheap beside a wrong corpus."""
    counts = [f"{file} has {sum(1 for _ in read_lines(file)):,} lines" for file in files.values()]
    return f"parallel files differ in length: {', '.join(counts)}; expected line i of each to say the same"
