"""Lines in, lines out: nothing lost, nothing guessed, and files that appear only when they are whole."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thought.errors import CorpusError, ThoughtError
from thought.streams import LONGEST_LINE, as_one_line, in_chunks, opened_output, read_texts, write_text


def write(folder: Path, content: bytes, name: str = "text.txt") -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"one\ntwo\n", ["one", "two"]),
        (b"one\ntwo", ["one", "two"]),
        (b"one\r\ntwo\r\n", ["one", "two"]),
        (b"\n\none\n\n", ["", "", "one", ""]),
        (b"\xef\xbb\xbfone\n", ["one"]),
        ("a\u2028b\x0bc\x85d\n".encode(), ["a\u2028b\x0bc\x85d"]),
        ("🙂 שלום\n".encode(), ["🙂 שלום"]),
    ],
)
def test_only_a_line_feed_ends_a_line(tmp_path: Path, content: bytes, lines: list[str]) -> None:
    assert list(read_texts([write(tmp_path, content)])) == lines


def test_files_follow_each_other_and_may_be_gzip(tmp_path: Path) -> None:
    first = write(tmp_path, gzip.compress(b"one\ntwo\n"), "first.gz")
    second = write(tmp_path, b"three\n")
    assert list(read_texts([first, second])) == ["one", "two", "three"]


@pytest.mark.parametrize("names", [[], ["-"]])
def test_no_name_and_a_dash_are_standard_input(monkeypatch: pytest.MonkeyPatch, names: list[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"one\ntwo\n")))
    assert list(read_texts(names)) == ["one", "two"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"one\ntw\0o\n", "line 2, byte 3: a NUL character"),
        (b"one\ntw\xffo\n", "line 2, byte 3: 0xff is not UTF-8"),
        ("one\n".encode("utf-16"), "line 1, byte"),
        (b"one\n" + b"x" * 1_000_000, "line 2 is longer than 262,144 bytes"),
        (gzip.compress(b"one\n" * 1_000)[:-9], "is a damaged or cut off gzip file"),
    ],
)
def test_what_is_no_text_is_named_by_line_and_byte(tmp_path: Path, content: bytes, message: str) -> None:
    name = write(tmp_path, content)
    with pytest.raises(CorpusError) as caught:
        list(read_texts([name]))
    assert name in str(caught.value)
    assert message in str(caught.value)


def test_the_longest_line_that_is_allowed_is_read(tmp_path: Path) -> None:
    content = b"x" * (LONGEST_LINE - 1) + b"\ny\n"
    assert [len(line) for line in read_texts([write(tmp_path, content)])] == [LONGEST_LINE - 1, 1]


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"cannot read .*nowhere: No such file"):
        list(read_texts([str(tmp_path / "nowhere")]))
    with pytest.raises(CorpusError, match="is a folder"):
        list(read_texts([str(tmp_path)]))


def test_reading_does_not_run_ahead(tmp_path: Path) -> None:
    lines = read_texts([write(tmp_path, b"one\n\xff\n")])
    assert next(lines) == "one"


@given(st.lists(st.text(st.characters(exclude_characters="\n\r\0", codec="utf-8"))), st.integers(1, 5))
def test_chunks_in_order_are_the_items(items: list[str], size: int) -> None:
    chunks = list(in_chunks(items, size))
    assert [item for chunk in chunks for item in chunk] == items
    assert all(len(chunk) == size for chunk in chunks[:-1])
    assert all(chunks)


@given(st.text())
def test_one_line_is_one_line_for_every_program(text: str) -> None:
    assert len(as_one_line(text).splitlines()) <= 1


def test_output_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), opened_output(path) as stream:
        stream.write(b"half")
        raise ZeroDivisionError
    assert path.read_bytes() == b"old"
    with opened_output(path) as stream:
        stream.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert [item.name for item in tmp_path.iterdir()] == ["out.txt"]


def test_output_can_be_read_by_others_as_the_mask_of_the_process_says(tmp_path: Path) -> None:
    with opened_output(tmp_path / "out.txt") as stream:
        stream.write(b"text")
    (tmp_path / "like.txt").touch()
    assert (tmp_path / "out.txt").stat().st_mode == (tmp_path / "like.txt").stat().st_mode


def test_output_into_a_folder_or_nowhere_is_a_clear_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere" / "out.txt"):
        with pytest.raises(ThoughtError, match="cannot write to"), opened_output(path):
            pass


def test_a_device_is_written_to_and_not_replaced() -> None:
    with opened_output("/dev/null") as stream:
        stream.write(b"text")
    assert Path("/dev/null").is_char_device()


def test_results_are_utf8_whatever_the_locale_says(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_text("schläft 🙂")
    assert capfdbinary.readouterr().out == "schläft 🙂\n".encode()
