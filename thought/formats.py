"""Files of text -> sources: TSV and CSV with a header, JSON Lines, plain parallel files, OPUS zips.

Each function takes paths, looks at as little as tells the languages, and returns a `Source` whose
rows are read when asked for.
"""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from thought.errors import CorpusError
from thought.languages import TWO_LETTERS, choose_languages, is_language, normalise_language
from thought.lines import TextFile, read_lines, require_file
from thought.rows import EMPTY, TOO_LONG, Row, Source, make_row, read_parallel
from thought.splits import side_of

NOT_TEXT = "not Unicode text"
_NO_LANGUAGES = {"bak", "bz2", "csv", "ids", "js", "log", "md", "pdf", "py", "rst", "sh", "tsv", "txt", "xml", "zip"}


def open_parallel(files: Sequence[TextFile]) -> Source:
    """Plain files that say the same line by line; the last part of a name is its language.

    Examples
    --------
    `train.de` and `train.en.gz` are German and English.
    """
    found: dict[str, TextFile] = {}
    for file in files:
        language = language_of(file)
        if language is None:
            raise CorpusError(f"cannot tell the language of {file}; expected a name that ends in it, like train.de")
        if language in found:
            raise CorpusError(f"{found[language]} and {file} are both {language}; expected one file a language")
        found[language] = file
    for file in found.values():
        require_file(file.path)
    return Source(",".join(str(file) for file in files), tuple(found), partial(read_parallel, found))


Files = Mapping[str, TextFile]  # of one split, by language


def choose_files(
    found: Mapping[str, Files], languages: Sequence[str], name: str
) -> tuple[tuple[str, ...], dict[str, Files]]:
    """Return the languages chosen, and the splits that have them with their files.

    The languages are those of train. Some splits have fewer (the test sets of Multi30k of 2017 have
    no Czech): a split is there if it has two of the languages chosen, or the only one. Files in other
    languages are read only where a side has to be cut from train.
    """
    present = found.get("train") or max(found.values(), key=len)
    chosen = choose_languages(languages, tuple(present), name)
    fewest = min(2, len(chosen))
    splits = {split: files for split, files in found.items() if len(set(chosen) & set(files)) >= fewest}
    if {side_of(split) for split in splits} == {"train", "dev", "test"}:
        splits = {split: {code: files[code] for code in chosen if code in files} for split, files in splits.items()}
    return chosen, splits


def open_splits(found: Mapping[str, Files], languages: Sequence[str], name: str) -> dict[str, Source]:
    """Plain parallel files of several splits."""
    chosen, splits = choose_files(found, languages, name)
    return {split: Source(f"{name}, {split}", chosen, partial(read_parallel, files)) for split, files in splits.items()}


def language_of(file: TextFile) -> str | None:
    """Return the language in which a file name ends ("train.de.gz" is "de"), None if in none.

    Where the name has a pair, as in "TED.de-en.de", it is one of these: OPUS has "TED.de-en.ids" too.
    """
    *others, code = _name(file).removesuffix(".gz").split(".")
    if not others or not is_language(code) or code.lower() in _NO_LANGUAGES:
        return None
    pair = others[-1].split("-")
    if len(pair) == 2 and all(map(is_language, pair)) and code not in pair:
        return None
    return normalise_language(code)


def stem_of(file: TextFile) -> str:
    """Return the name of a file without its language ("train.de.gz" is "train")."""
    return _name(file).removesuffix(".gz").rpartition(".")[0]


def _name(file: TextFile) -> str:
    return Path(file.member or file.path.name).name


def open_table(path: Path) -> Source:
    """TSV or CSV (by name) whose first line is language codes; a code may head several columns.

    In TSV a tab ends a cell, whatever the quotes. In CSV a cell may stand in double quotes, and a
    record stands on one line.
    """
    file = TextFile(require_file(path))
    header = next(_cells(file), (0, None))[1]
    if header is None:
        raise CorpusError(f"{file} is empty; expected a first line of language codes")
    if not all(is_language(cell) for cell in header) or not header:
        shown = [cell[:30] for cell in header[:5]]
        raise CorpusError(
            f"{file}, line 1: expected a header of language codes, such as de and en, got {shown}; add one "
            "(files of manythings.org need none if they keep a name like deu-eng.tsv)"
        )
    columns = tuple(normalise_language(cell) for cell in header)
    return Source(str(file), tuple(dict.fromkeys(columns)), partial(_read_table, file, columns))


def _read_table(file: TextFile, columns: tuple[str, ...]) -> Iterator[Row | str]:
    lines = _cells(file)
    next(lines, None)
    for number, cells in lines:
        if cells is None:
            yield TOO_LONG
        elif len(cells) == len(columns):
            yield make_row(zip(columns, cells, strict=True))
        elif not any(cell.strip() for cell in cells):
            yield EMPTY
        else:
            raise CorpusError(
                f"{file}, line {number:,}: expected {len(columns)} cells as in the header, got {len(cells)}; "
                "a tab or comma inside a sentence does this, or a missing cell"
            )


def _cells(file: TextFile) -> Iterator[tuple[int, list[str] | None]]:
    """Yield line number and cells; None in their place is a line too long."""
    is_csv = file.path.name.removesuffix(".gz").endswith(".csv")
    for number, line in enumerate(read_lines(file), 1):
        if line is None or (is_csv and len(line) > csv.field_size_limit()):
            yield number, None
        elif not is_csv:
            yield number, line.split("\t")
        elif line.count('"') % 2:
            raise CorpusError(f"{file}, line {number:,}: a quote is opened and not closed; expected one record a line")
        else:
            yield number, next(csv.reader([line]), [])


def open_json_lines(path: Path, wanted: Sequence[str] = ()) -> Source:
    """One JSON object a line: {"de": "Hallo!", "en": ["Hello!", "Hi!"]}, perhaps under "translation".

    Keys that are no language codes are left alone. The whole file is read once to learn which there
    are, or as much as shows that those wanted are there.
    """
    file = TextFile(require_file(path))
    missing = {normalise_language(code) for code in wanted}
    is_hurried = bool(missing)
    present: dict[str, None] = {}
    for item in _read_objects(file):
        if isinstance(item, list):
            present.update(dict.fromkeys(language for language, _ in item))
            missing -= present.keys()
        if is_hurried and not missing:
            break
    if not present:
        raise CorpusError(f'{file} names no language; expected lines such as {{"de": "Hallo!", "en": "Hello!"}}')
    return Source(str(file), tuple(present), partial(_read_json_lines, file))


def _read_json_lines(file: TextFile) -> Iterator[Row | str]:
    for item in _read_objects(file):
        yield item if isinstance(item, str) else make_row(item)


def _read_objects(file: TextFile) -> Iterator[list[tuple[str, str]] | str]:
    """Yield the (language, text) pairs of each line, or the reason to drop it."""
    for number, line in enumerate(read_lines(file), 1):
        if line is None:
            yield TOO_LONG
            continue
        if not line.strip():
            yield EMPTY
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise CorpusError(f"{file}, line {number:,}: not JSON: {error}; expected one object a line") from error
        yield _pairs_of(value, f"{file}, line {number:,}")


def _pairs_of(value: object, where: str) -> list[tuple[str, str]] | str:
    if isinstance(value, dict) and isinstance(value.get("translation"), dict):
        value = value["translation"]
    if not isinstance(value, dict):
        raise CorpusError(f'{where}: expected an object such as {{"de": "Hallo!"}}, got {str(value)[:60]}')
    pairs = []
    for key, given in value.items():
        # "id" is the code of Indonesian and the usual name of a number: text tells them apart.
        if not is_language(key) or given is None or (key == "id" and not isinstance(given, str | list)):
            continue
        texts = given if isinstance(given, list) else [given]
        if not all(isinstance(text, str) for text in texts):
            raise CorpusError(f"{where}: expected text or a list of texts for {key}, got {str(given)[:60]}")
        pairs += [(normalise_language(key), text) for text in texts]
    try:
        "".join(text for _, text in pairs).encode()
    except UnicodeEncodeError:  # JSON can spell half a character, "\ud800"
        return NOT_TEXT
    return pairs


def manythings_language(name: str) -> str | None:
    """Return the language beside English in a file name of manythings.org, None if it is none.

    Examples
    --------
    "deu-eng.tsv.gz", "deu-eng.txt", "eng-deu.tsv" and "deu.txt" are German; "log.txt" is a log.
    """
    stem = name.removesuffix(".gz").removesuffix(".tsv").removesuffix(".txt")
    codes = stem.split("-")
    if stem == name or not 1 <= len(codes) <= 2 or not all(re.fullmatch("[a-z]{3}", code) for code in codes):
        return None
    others = [code for code in codes if code != "eng"]
    if len(others) != 1 or (len(codes) == 1 and others[0] not in TWO_LETTERS):
        return None
    return normalise_language(others[0])


def find_manythings(path: Path) -> TextFile | None:
    """Return the text of manythings.org in a file or a zip archive, None if it is another's."""
    if not path.is_file():
        return None
    members = [TextFile(path, name) for name in _members(path)] if _is_zip(path) else [TextFile(path)]
    return next((file for file in members if manythings_language(_name(file)) is not None), None)


def open_manythings(file: TextFile) -> Source:
    """Lines of English, tab, another language, and perhaps tab, attribution; no header.

    The language is that of the file name, as manythings.org writes it. English comes first.
    """
    other = manythings_language(_name(file))
    if other is None:
        raise CorpusError(f"cannot tell the language of {file}; expected a name such as deu-eng.tsv or deu.txt")
    require_file(file.path)
    return Source(str(file), ("en", other), partial(_read_manythings, file, other))


def _read_manythings(file: TextFile, other: str) -> Iterator[Row | str]:
    for number, line in enumerate(read_lines(file), 1):
        if line is None:
            yield TOO_LONG
        elif not line.strip():
            yield EMPTY
        else:
            cells = line.split("\t")
            if not 2 <= len(cells) <= 3:
                raise CorpusError(
                    f"{file}, line {number:,}: expected English, tab, {other} and perhaps an attribution, "
                    f"got {len(cells)} cells"
                )
            yield make_row(zip(("en", other), cells[:2], strict=True))


def open_zip(path: Path) -> Source:
    """OPUS Moses zip (`NAME.de-en.de` and `NAME.de-en.en`), not unpacked."""
    members = [TextFile(path, name) for name in _members(path)]
    groups: dict[str, list[TextFile]] = {}
    for file in members:
        if language_of(file) is not None:
            groups.setdefault(stem_of(file), []).append(file)
    parallel = {stem: files for stem, files in groups.items() if len(files) > 1}
    if len(parallel) != 1:
        names = ", ".join(file.member for file in members[:8])
        raise CorpusError(
            f"{path} holds {len(parallel)} parallel texts, expected one such as X.de-en.de and X.de-en.en; "
            f"its files are {names or 'none'}"
        )
    return open_parallel(next(iter(parallel.values())))


def _is_zip(path: Path) -> bool:
    return path.name.lower().endswith(".zip")


def _members(path: Path) -> list[str]:
    """Names of the files in a zip archive."""
    try:
        with zipfile.ZipFile(require_file(path)) as archive:
            return [name for name in archive.namelist() if not name.endswith("/")]
    except (zipfile.BadZipFile, OSError) as error:
        raise CorpusError(f"{path} is no zip archive or is cut off: {error}; fetch it again") from error
