"""Lines of text from files as they are: compressed, cut off, in the wrong encoding, endless."""

from __future__ import annotations

import gzip
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from thought import lines
from thought.errors import CorpusError
from thought.lines import TextFile, read_lines, require_file


def write(path: Path, content: bytes) -> TextFile:
    path.write_bytes(content)
    return TextFile(path)


def test_line_ends_and_a_byte_order_mark_are_taken_off(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", b"\xef\xbb\xbfone\r\ntwo\n\nfour")
    assert list(read_lines(file)) == ["one", "two", "", "four"]


def test_separators_of_unicode_do_not_end_a_line(tmp_path: Path) -> None:
    text = "a\u2028b\u0085c\x0cd"
    assert list(read_lines(write(tmp_path / "a.txt", text.encode()))) == [text]


def test_emoji_and_right_to_left_text_come_as_they_are(tmp_path: Path) -> None:
    text = "שלום 👩‍👩‍👧 مرحبا"
    assert list(read_lines(write(tmp_path / "a.txt", text.encode()))) == [text]


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    assert list(read_lines(write(tmp_path / "a.txt", b""))) == []


def test_gzip_is_known_by_its_content_and_not_by_its_name(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", gzip.compress(b"one\ntwo\n"))
    assert list(read_lines(file)) == ["one", "two"]


def test_a_member_of_a_zip_is_read_without_unpacking(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("deep/a.de", "eins\nzwei\n")
    assert list(read_lines(TextFile(tmp_path / "a.zip", "deep/a.de"))) == ["eins", "zwei"]
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_a_line_too_long_is_none_and_the_next_one_is_read(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", b"one\n" + b"x" * 1_000_000 + b"\nthree\n" + b"y" * 1_000_000)
    assert list(read_lines(file)) == ["one", None, "three", None]


@pytest.mark.parametrize("size", [lines.LONGEST_LINE - 1, lines.LONGEST_LINE, lines.LONGEST_LINE + 1])
def test_a_line_at_the_limit_hides_none_of_its_neighbours(tmp_path: Path, size: int) -> None:
    file = write(tmp_path / "a.txt", b"one\n" + b"x" * (size - 1) + b"\nthree\n")
    found = list(read_lines(file))
    assert (found[0], found[2], len(found)) == ("one", "three", 3)
    assert (found[1] is None) == (size > lines.LONGEST_LINE)


def test_a_wrong_encoding_names_file_line_and_byte(tmp_path: Path) -> None:
    file = write(tmp_path / "a.de", "eins\nfünf\n".encode("latin1"))
    with pytest.raises(CorpusError, match=r"a\.de, line 2, byte 2: 0xfc is not UTF-8.*iconv -f latin1"):
        list(read_lines(file))


def test_utf16_is_recognised(tmp_path: Path) -> None:
    file = write(tmp_path / "a.de", "eins\n".encode("utf-16"))
    with pytest.raises(CorpusError, match=r"line 1, byte 1: .*iconv -f utf-16"):
        list(read_lines(file))


def test_a_gzip_cut_off_is_named_with_the_line(tmp_path: Path) -> None:
    packed = gzip.compress("".join(f"sentence {i * i}\n" for i in range(5_000)).encode())
    file = write(tmp_path / "a.gz", packed[: len(packed) // 2])
    with pytest.raises(CorpusError, match=r"a\.gz is damaged or cut off after line \d"):
        list(read_lines(file))


@pytest.mark.parametrize("place", [3, 12, 200, -6])
def test_a_flipped_bit_in_a_gzip_is_never_a_traceback(tmp_path: Path, place: int) -> None:
    packed = bytearray(gzip.compress("".join(f"sentence {i * i}\n" for i in range(5_000)).encode()))
    packed[place] ^= 0x10
    file = write(tmp_path / "a.gz", bytes(packed))
    with suppress(CorpusError):  # a bit of the header may mean nothing
        assert len(list(read_lines(file))) == 5_000


def test_a_name_that_promises_gzip_is_held_to_it(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="is not a gzip file though its name says so"):
        list(read_lines(write(tmp_path / "a.de.gz", b"plain\n")))


def test_an_archive_that_expands_without_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "FREE_SIZE", 1 << 14)
    file = write(tmp_path / "a.gz", gzip.compress(b"\n" * 2_000_000))
    with pytest.raises(CorpusError, match="over 200 times its size: this is no text"):
        for _ in read_lines(file):
            pass


def test_one_endless_line_in_an_archive_is_refused_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "FREE_SIZE", 1 << 14)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.de", b"x" * 2_000_000)
    with pytest.raises(CorpusError, match="this is no text"):
        list(read_lines(TextFile(tmp_path / "a.zip", "a.de")))


def test_an_endless_line_is_refused_before_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "FREE_SIZE", 1 << 14)
    packed = gzip.compress(b"x" * 2_000_000)
    file = write(tmp_path / "a.gz", packed[:-8])  # its end would be an error of its own
    with pytest.raises(CorpusError, match="this is no text"):
        list(read_lines(file))


def test_an_encrypted_zip_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.de", "eins\n")
    content = bytearray(path.read_bytes())
    content[6] |= 1  # the flag in the local header, then in the directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(CorpusError, match="cannot unpack"):
        list(read_lines(TextFile(path, "a.de")))


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"a\.de does not exist"):
        require_file(tmp_path / "a.de")
    with pytest.raises(CorpusError, match="is a folder; expected a file"):
        list(read_lines(TextFile(tmp_path)))
