"""Every format in, with the mistakes people make in it."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from thought.errors import CorpusError
from thought.formats import (
    NOT_TEXT,
    find_manythings,
    language_of,
    manythings_language,
    open_json_lines,
    open_manythings,
    open_parallel,
    open_table,
    open_zip,
)
from thought.lines import TextFile
from thought.rows import EMPTY, NUL, TOO_LONG

PAIR = {"de": ("Hallo!",), "en": ("Hello!",)}


def write(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_plain_files_take_their_language_from_their_name(tmp_path: Path) -> None:
    files = [TextFile(write(tmp_path / "a.deu.gz", "Hallo!\n")), TextFile(write(tmp_path / "a.en", "Hello!\n"))]
    source = open_parallel(files)
    assert source.languages == ("de", "en")
    assert list(source.read()) == [PAIR]


def test_a_source_is_read_again_from_the_first_row(tmp_path: Path) -> None:
    source = open_table(write(tmp_path / "a.tsv", "de\ten\nHallo!\tHello!\nJa.\tYes.\n"))
    assert list(source.read()) == list(source.read())


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("train.de.gz", "de"),
        ("X.en-pt_BR.pt_BR", "pt-BR"),
        ("X.de-en.de", "de"),
        ("X.de-en.ids", None),
        ("X.de-en.fr", None),
        ("train.kab", "kab"),
        ("README.md", None),
        ("train.txt", None),
        ("de", None),
    ],
)
def test_the_language_of_a_file_is_the_end_of_its_name(name: str, language: str | None) -> None:
    assert language_of(TextFile(Path(name))) == language


def test_plain_files_without_a_language_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"cannot tell the language of .*german"):
        open_parallel([TextFile(write(tmp_path / "a.german", ""))])


def test_two_files_of_one_language_are_refused(tmp_path: Path) -> None:
    files = [TextFile(write(tmp_path / "a.de", "")), TextFile(write(tmp_path / "b.deu", ""))]
    with pytest.raises(CorpusError, match="are both de"):
        open_parallel(files)


@pytest.mark.parametrize("name", ["a.tsv", "a.tsv.gz", "a.txt"])
def test_tsv_has_a_header_of_languages(tmp_path: Path, name: str) -> None:
    source = open_table(write(tmp_path / name, "\ufeffde\tEN\r\nHallo!\tHello!\r\n"))
    assert source.languages == ("de", "en")
    assert list(source.read()) == [PAIR]


def test_quotes_mean_nothing_in_tsv(tmp_path: Path) -> None:
    source = open_table(write(tmp_path / "a.tsv", 'de\ten\n"Hallo!\tHello!"\n'))
    assert list(source.read()) == [{"de": ('"Hallo!',), "en": ('Hello!"',)}]


def test_quotes_hold_a_cell_together_in_csv(tmp_path: Path) -> None:
    source = open_table(write(tmp_path / "a.csv", 'de,en\n"Ja, ""gut"".","Yes, good."\n'))
    assert list(source.read()) == [{"de": ('Ja, "gut".',), "en": ("Yes, good.",)}]


def test_a_quote_left_open_names_the_line(tmp_path: Path) -> None:
    source = open_table(write(tmp_path / "a.csv", 'de,en\nJa.,Yes.\n"Hallo!,Hello!\n'))
    with pytest.raises(CorpusError, match=r"a\.csv, line 3: a quote is opened and not closed"):
        list(source.read())


def test_a_language_may_head_two_columns(tmp_path: Path) -> None:
    source = open_table(write(tmp_path / "a.tsv", "de\ten\ten\nHallo!\tHello!\tHi!\n"))
    assert source.languages == ("de", "en")
    assert list(source.read()) == [{"de": ("Hallo!",), "en": ("Hello!", "Hi!")}]


def test_a_ragged_row_names_file_and_line(tmp_path: Path) -> None:
    source = open_table(write(tmp_path / "a.tsv", "de\ten\nHallo!\tHello!\nJa.\n"))
    with pytest.raises(CorpusError, match=r"a\.tsv, line 3: expected 2 cells as in the header, got 1"):
        list(source.read())


def test_lines_of_no_use_are_counted_by_reason(tmp_path: Path) -> None:
    long = "x" * 1_000_000
    source = open_table(
        write(tmp_path / "a.tsv", f"de\ten\n\n\t\nJa.\t\nHal\0lo!\tHello!\n{long}\tHello!\nHallo!\tHello!\n")
    )
    assert list(source.read()) == [EMPTY, EMPTY, {"de": ("Ja.",)}, NUL, TOO_LONG, PAIR]


def test_a_csv_cell_beyond_the_limit_of_the_reader_is_counted(tmp_path: Path) -> None:
    source = open_table(write(tmp_path / "a.csv", f"de,en\n{'x' * 140_000},Hello!\n"))
    assert list(source.read()) == [TOO_LONG]


@pytest.mark.parametrize("text", ["Go.\tGeh.\nHi.\tHallo!\n", "", "\n"])
def test_a_table_without_a_header_of_codes_says_what_is_expected(tmp_path: Path, text: str) -> None:
    with pytest.raises(CorpusError, match=r"expected a (first line|header) of language codes"):
        open_table(write(tmp_path / "a.tsv", text))


def test_json_lines_hold_a_text_or_several(tmp_path: Path) -> None:
    text = '{"de": "Hallo!", "en": ["Hello!", "Hi!"], "score": 0.5, "id": 7}\n\n{"en": "Yes.", "de": "Ja."}\n'
    source = open_json_lines(write(tmp_path / "a.jsonl", text))
    assert source.languages == ("de", "en")
    assert list(source.read()) == [
        {"de": ("Hallo!",), "en": ("Hello!", "Hi!")},
        EMPTY,
        {"en": ("Yes.",), "de": ("Ja.",)},
    ]


def test_json_lines_of_translation_data_sets_are_understood(tmp_path: Path) -> None:
    text = json.dumps({"id": "0", "translation": {"de": "Hallo!", "en": "Hello!"}})
    assert list(open_json_lines(write(tmp_path / "a.jsonl", text)).read()) == [PAIR]


def test_languages_that_come_late_in_json_lines_are_found(tmp_path: Path) -> None:
    text = '{"de": "Hallo!", "en": "Hello!"}\n' * 5_000 + '{"de": "Ja.", "fr": "Oui."}\n'
    assert open_json_lines(write(tmp_path / "a.jsonl", text)).languages == ("de", "en", "fr")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"de": "Hallo!"', "line 2: not JSON"),
        ("[" * 100_000, "line 2: not JSON"),
        ("7", "line 2: expected an object"),
        ('{"de": {"text": "Hallo!"}}', "line 2: expected text or a list of texts for de"),
    ],
)
def test_a_bad_json_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = write(tmp_path / "a.jsonl", f'{{"de": "Ja.", "en": "Yes."}}\n{line}\n')
    with pytest.raises(CorpusError, match=message):
        list(open_json_lines(path, ["de", "en"]).read())


def test_half_a_character_in_json_is_counted(tmp_path: Path) -> None:
    text = '{"de": "Hallo!", "en": "Hello!"}\n{"de": "\\ud800", "en": "Hello!"}\n'
    assert list(open_json_lines(write(tmp_path / "a.jsonl", text)).read()) == [PAIR, NOT_TEXT]


def test_json_lines_without_languages_say_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="names no language; expected lines such as"):
        open_json_lines(write(tmp_path / "a.jsonl", '{"source": "Hallo!"}\n'))


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("deu-eng.tsv.gz", "de"),
        ("deu.txt", "de"),
        ("eng-fra.tsv", "fr"),
        ("log.txt", None),
        ("ber-eng.txt", "ber"),
        ("_about.txt", None),
        ("de-en.tsv", None),
        ("eng.txt", None),
        ("deu-fra.tsv", None),
        ("corpus.tsv", None),
    ],
)
def test_manythings_files_are_known_by_their_name(name: str, language: str | None) -> None:
    assert manythings_language(name) == language


def test_manythings_has_english_first_and_perhaps_an_attribution(tmp_path: Path) -> None:
    path = write(tmp_path / "deu-eng.tsv", "Hello!\tHallo!\nYes.\tJa.\tCC-BY 2.0 (France)\n")
    source = open_manythings(TextFile(path))
    assert source.languages == ("en", "de")
    assert list(source.read()) == [PAIR, {"de": ("Ja.",), "en": ("Yes.",)}]


def test_manythings_lines_with_other_columns_are_named(tmp_path: Path) -> None:
    source = open_manythings(TextFile(write(tmp_path / "deu-eng.tsv", "Hello!\tHallo!\nYes.\n")))
    with pytest.raises(CorpusError, match=r"deu-eng\.tsv, line 2: expected English, tab, de .* got 1 cells"):
        list(source.read())


def test_a_moses_zip_of_opus_is_read_as_it_is(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "de-en.txt.zip", "w") as archive:
        archive.writestr("README", "about")
        archive.writestr("TED.de-en.de", "Hallo!\n")
        archive.writestr("TED.de-en.en", "Hello!\n")
        archive.writestr("TED.de-en.xml", "<linkGrp/>\n<link/>\n")
        archive.writestr("TED.de-en.ids", "a\tb\n")
        archive.writestr("LICENSE.md", "about")
    source = open_zip(tmp_path / "de-en.txt.zip")
    assert list(source.read()) == [PAIR]


def test_the_zip_of_manythings_is_read_as_it_is(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "deu-eng.zip", "w") as archive:
        archive.writestr("_about.txt", "about")
        archive.writestr("deu.txt", "Hello!\tHallo!\tattribution\n")
    file = find_manythings(tmp_path / "deu-eng.zip")
    assert file == TextFile(tmp_path / "deu-eng.zip", "deu.txt")
    assert list(open_manythings(file).read()) == [PAIR]


def test_a_zip_without_parallel_text_lists_what_it_has(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.md.html", "about")
    with pytest.raises(CorpusError, match=r"holds 0 parallel texts.*readme\.md\.html"):
        open_zip(tmp_path / "a.zip")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and so on", b"<html>404</html>"])
def test_a_damaged_zip_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(CorpusError, match="is no zip archive or is cut off"):
        open_zip(tmp_path / "a.zip")
