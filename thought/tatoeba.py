"""Tatoeba exports: sentences.csv (number, language, text) and links.csv (number, number).

Both are separated by tabs in spite of their names, without a header, as downloads.tatoeba.org has
them; further columns are left alone. A sentence is a row, a link joins two rows; whoever reads the
source gathers what is linked or equal into one meaning (see `thought.clusters`).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from thought.errors import CorpusError
from thought.groups import Links
from thought.languages import choose_languages, is_language, normalise_language
from thought.lines import TextFile, read_lines
from thought.rows import EMPTY, TOO_LONG, Row, Source, make_row

UNKNOWN_LANGUAGE = "without a language"
BLOCK = 1 << 16  # links looked up at once


def find_exports(path: Path) -> tuple[TextFile, TextFile] | None:
    """Return the files of sentences and links in a folder, or beside one of them; None if not both are there."""
    folder = path if path.is_dir() else path.parent
    for end in ("", ".gz"):
        sentences, links = folder / f"sentences.csv{end}", folder / f"links.csv{end}"
        if sentences.is_file() and links.is_file() and path in (folder, sentences, links):
            return TextFile(sentences), TextFile(links)
    return None


def open_exports(sentences: TextFile, links: TextFile, languages: Sequence[str] = ()) -> tuple[Source, Links]:
    """Return the sentences in the chosen languages, one a row, and the links between these rows.

    Every export holds some 400 languages; the file is read once to learn which. Sentences in the
    others are no rows and link nothing, or chains through them would make one meaning of very many.
    So the split depends on the choice: score a model on the languages it was trained on.
    """
    present: dict[str, None] = {}
    for item in _read_sentences(sentences):
        if isinstance(item, tuple):
            present[item[1]] = None
    chosen = choose_languages(languages, sorted(present), str(sentences))
    source = Source(str(sentences), chosen, partial(_read_rows, sentences, chosen))
    return source, partial(_read_links, sentences, links, chosen)


def _read_rows(file: TextFile, chosen: tuple[str, ...]) -> Iterator[Row | str]:
    for item in _read_sentences(file):
        if isinstance(item, str):
            yield item
        elif item[1] in chosen:
            yield make_row([item[1:]])


def _read_links(
    sentences: TextFile, links: TextFile, chosen: tuple[str, ...]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield pairs of row numbers, block by block; links to other languages lead nowhere and are left out."""
    numbers = array("q")
    for item in _read_sentences(sentences):
        if isinstance(item, str):
            numbers.append(-1)  # holds the place of a row that was dropped
        elif item[1] in chosen:
            numbers.append(item[0])
    known = np.frombuffer(numbers, np.int64)
    order = np.argsort(known)
    known = known[order]
    pairs = array("q")
    for pair in _read_pairs(links):
        pairs.extend(pair)
        if len(pairs) >= 2 * BLOCK:
            yield _rows_of(pairs, known, order)
            pairs = array("q")
    if pairs:
        yield _rows_of(pairs, known, order)


def _rows_of(pairs: array[int], known: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    wanted = np.frombuffer(pairs, np.int64)
    places = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    is_known = (known[places] == wanted).reshape(-1, 2).all(axis=1)
    rows = order[places].reshape(-1, 2)[is_known]
    return rows[:, 0], rows[:, 1]


def _read_sentences(file: TextFile) -> Iterator[tuple[int, str, str] | str]:
    """Yield (number, language, text) of each line, or the reason to drop it."""
    for line_number, line in enumerate(read_lines(file), 1):
        if line is None:
            yield TOO_LONG
            continue
        if not line.strip():
            yield EMPTY
            continue
        number, _, rest = line.partition("\t")
        language, tab, rest = rest.partition("\t")
        if not number.isdecimal() or not tab:
            raise CorpusError(
                f"{file}, line {line_number:,}: expected number, tab, language, tab, sentence, got {line[:60]!r}"
            )
        if not is_language(language):
            yield UNKNOWN_LANGUAGE  # Tatoeba writes \N for a language nobody has named yet
        else:
            yield int(number), normalise_language(language), rest.partition("\t")[0]


def _read_pairs(file: TextFile) -> Iterator[tuple[int, int]]:
    for line_number, line in enumerate(read_lines(file), 1):
        first, _, second = (line or "").partition("\t")
        if first.isdecimal() and second.strip().isdecimal():
            yield int(first), int(second)
        elif line is None or line.strip():
            raise CorpusError(f"{file}, line {line_number:,}: expected number, tab, number, got {(line or '')[:60]!r}")
