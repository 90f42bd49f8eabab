"""Bad input through the command line: a clear line or a counted skip, never a traceback or a silent loss."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from phrases import sentences

PAIRS = sentences()
TINY = ("tokenizer.vocabulary_size=320", "training.evaluate_meanings=4", "model.thought_size=8", "data.longest=30")
WORDS = ("train", "tiny", "--steps", "2", "--name", "x", *TINY)


def table(*rows: str) -> bytes:
    """Return a TSV file of the tiny world with more rows in the middle."""
    lines = [f"{english}\t{german}" for english, german in PAIRS]
    middle = len(lines) // 2
    return "\n".join(["en\tde", *lines[:middle], *rows, *lines[middle:], ""]).encode()


def train_on(thought: Any, folder: Path, content: bytes, *others: str) -> Any:
    (folder / "my.tsv").write_bytes(content)
    return thought(*WORDS, "--data", "my.tsv", *others)


def is_one_line_about(result: Any, *words: str) -> bool:
    """Whether a command ended as a mistake should: status 2, nothing but one line, all of the words in it."""
    assert result.out == ""
    assert result.status == 2, result.err
    assert result.err.count("\n") == 1, result.err
    assert result.err.startswith("thought: ")
    missing = [word for word in words if word not in result.err]
    assert not missing, f"{missing} not in {result.err!r}"
    return True


@pytest.mark.parametrize(
    "words",
    [
        ("train", "tiny", "--data", "nowhere.tsv"),
        ("train", "tiny", "--data", "nowhere.de,nowhere.en"),
        ("train", "nowhere.toml", "--data", "my.tsv"),
        ("translate", "nowhere", "--to", "de"),
        ("evaluate", "nowhere"),
        ("info", "nowhere"),
        ("data", "show", "nowhere"),
    ],
)
def test_a_missing_file_is_named(thought: Any, words: tuple[str, ...]) -> None:
    assert is_one_line_about(thought(*words), "nowhere")


@pytest.mark.parametrize("words", [("translate", "--to", "de"), ("encode",), ("decode", "--to", "de")])
def test_a_missing_file_for_a_run_is_named(thought: Any, saved_run: Path, words: tuple[str, ...]) -> None:
    command, *options = words
    assert is_one_line_about(thought(command, saved_run, "nowhere.txt", *options), "nowhere.txt", "No such file")


def test_a_wrong_encoding_names_file_line_and_byte(thought: Any, tmp_path: Path) -> None:
    content = table("ein Hund\ta dog").replace(b"ein Hund", b"ein K\xe4fer")
    line = 2 + len(PAIRS) // 2
    result = train_on(thought, tmp_path, content)
    assert is_one_line_about(result, "my.tsv", f"line {line}", "byte 6: 0xe4 is not UTF-8", "iconv")


def test_utf16_is_no_text_either(thought: Any, tmp_path: Path) -> None:
    assert is_one_line_about(train_on(thought, tmp_path, table().decode().encode("utf-16")), "my.tsv", "line 1", "byte")


def test_a_wrong_encoding_on_standard_input_names_line_and_byte(thought: Any, saved_run: Path) -> None:
    result = thought("translate", saved_run, "--to", "de", stdin=b"a dog\nschl\xe4ft\n")
    assert is_one_line_about(result, "standard input, line 2, byte 5: 0xe4 is not UTF-8")


def test_unequal_line_counts_name_both(thought: Any, tmp_path: Path) -> None:
    for code, lines in (("de", 70), ("en", 72)):
        (tmp_path / f"train.{code}").write_text("".join(f"{code} {number}\n" for number in range(lines)), "utf-8")
    result = thought(*WORDS, "--data", "train.de,train.en")
    assert is_one_line_about(result, "train.de has 70 lines", "train.en has 72 lines")


def test_a_ragged_table_names_the_line(thought: Any, tmp_path: Path) -> None:
    line = 2 + len(PAIRS) // 2
    for row, cells in (("one cell", 1), ("a\tb\tc", 3)):
        result = train_on(thought, tmp_path, table(row))
        assert is_one_line_about(result, "my.tsv", f"line {line}", f"expected 2 cells as in the header, got {cells}")


def test_after_a_mistake_in_the_corpus_the_same_command_can_be_given_again(thought: Any, tmp_path: Path) -> None:
    assert train_on(thought, tmp_path, table("one cell")).status == 2
    assert not (tmp_path / "runs" / "x").exists()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("", "empty"),
        ("\t", "empty"),
        (f"{'x' * 1_000_000}\t{'y' * 1_000_000}", "too long"),
        ("a dog\0 runs.\tder Hund rennt.", "with a NUL character"),
    ],
    ids=["empty line", "empty cells", "1 MB line", "NUL"],
)
def test_a_line_that_says_nothing_is_skipped_and_counted(thought: Any, tmp_path: Path, row: str, reason: str) -> None:
    result = train_on(thought, tmp_path, table(row))
    assert result.status == 0, result.err
    assert f"skipped 1 {reason}" in result.err


def test_lines_no_reader_can_hold_are_refused_before_they_are_held(thought: Any, saved_run: Path) -> None:
    result = thought("translate", saved_run, "--to", "de", stdin=b"a dog\n" + b"x" * 1_000_000 + b"\na cat\n")
    assert is_one_line_about(result, "standard input, line 2 is longer than 262,144 bytes")


def test_a_nul_on_standard_input_names_line_and_byte(thought: Any, saved_run: Path) -> None:
    result = thought("encode", saved_run, stdin=b"a dog\na\0cat\n")
    assert is_one_line_about(result, "standard input, line 2, byte 2: a NUL character")


SCRIPTS = {
    "emoji": "\U0001f642\U0001f469\u200d\U0001f469\u200d\U0001f467 a dog",
    "arabic": "كلب كبير يركض",
    "hebrew with a mark": "הכלב רץ\u200f",
    "combining": "e\u0301\u200b\ufeff",
    "replacement": "\ufffd",
    "control": "\x7f\x1b[31m",
}


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=list(SCRIPTS))
def test_any_script_is_read_and_written_one_line_each(thought: Any, saved_run: Path, text: str) -> None:
    result = thought("translate", saved_run, "--to", "de", "--json", stdin=f"{text}\nx\n")
    assert (result.status, result.err) == (0, "")
    assert len(result.lines) == 2


def test_any_script_can_be_trained_on(thought: Any, tmp_path: Path) -> None:
    result = train_on(thought, tmp_path, table("🙂 dog\tכלב 🙂", "كلب\t狗"))
    assert result.status == 0, result.err
    assert "skipped" not in result.err


def test_three_sentences_are_enough_to_run(thought: Any, tmp_path: Path) -> None:
    rows = "en\tde\n" + "".join(f"{english}\t{german}\n" for english, german in PAIRS[:3])
    result = train_on(thought, tmp_path, rows.encode())
    assert result.status in (0, 2)
    assert "Traceback" not in result.err
    if result.status == 2:
        assert is_one_line_about(result, "my.tsv")


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"en\tde\n", b"en\na dog\n", b"no header\tat all\n", b"en\ten\na\tb\n"]
)
def test_a_corpus_without_anything_to_translate_is_refused(thought: Any, tmp_path: Path, content: bytes) -> None:
    assert is_one_line_about(train_on(thought, tmp_path, content))


def test_an_unknown_language_names_those_that_are_there(thought: Any, tmp_path: Path, saved_run: Path) -> None:
    assert is_one_line_about(train_on(thought, tmp_path, table(), "--langs", "de,fr"), "fr", "known: de, en")
    assert is_one_line_about(train_on(thought, tmp_path, table(), "--direction", "de-fr"), "fr")
    assert is_one_line_about(thought("translate", saved_run, "--to", "fr"), "does not write fr; known: de, en")
    assert is_one_line_about(thought("evaluate", saved_run, "--on", "my.tsv", "--langs", "de,fr"), "fr")
    assert is_one_line_about(thought("evaluate", saved_run, "--on", "my.tsv:train", "--direction", "de-fr"), "fr")


def test_an_unknown_setting_names_the_nearest(thought: Any, tmp_path: Path) -> None:
    result = train_on(thought, tmp_path, table(), "model.tought_size=3")
    assert is_one_line_about(result, "unknown setting model.tought_size; did you mean model.thought_size?")


@pytest.fixture
def run(saved_run: Path, tmp_path: Path) -> Path:
    """Copy the run of random weights, to damage it."""
    return Path(shutil.copytree(saved_run, tmp_path / "damaged"))


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.model", "config.json"])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_a_file_of_a_run_that_was_cut_off_is_named(thought: Any, run: Path, name: str, share: float) -> None:
    content = (run / name).read_bytes()
    (run / name).write_bytes(content[: int(share * len(content))])
    assert is_one_line_about(thought("translate", run, "--to", "de", stdin="a dog\n"), name)


@pytest.mark.parametrize("place", [0, 7, 8, 60, -2_000, -1])
def test_a_bit_that_flipped_in_the_weights_is_noticed(thought: Any, run: Path, place: int) -> None:
    content = bytearray((run / "model.safetensors").read_bytes())
    content[place] ^= 1
    (run / "model.safetensors").write_bytes(content)
    assert is_one_line_about(thought("translate", run, "--to", "de", stdin="a dog\n"), "model.safetensors")


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.model", "config.json"])
def test_a_file_of_a_run_that_is_missing_is_named(thought: Any, run: Path, name: str) -> None:
    (run / name).unlink()
    assert is_one_line_about(thought("translate", run, "--to", "de", stdin="a dog\n"), name)


@pytest.mark.parametrize("words", [("translate", "--to", "de"), ("info",), ("evaluate",)])
def test_a_run_of_a_newer_format_says_so(thought: Any, run: Path, words: tuple[str, ...]) -> None:
    settings = (run / "config.json").read_text("utf-8")
    (run / "config.json").write_text(settings.replace('"format": 1', '"format": 99'), "utf-8")
    command, *options = words
    assert is_one_line_about(thought(command, run, *options), "format 99", "upgrade")


def test_weights_of_a_newer_format_say_so(thought: Any, run: Path) -> None:
    path = run / "model.safetensors"
    content = path.read_bytes()
    assert content.count(b'"format":"1"') == 1
    path.write_bytes(content.replace(b'"format":"1"', b'"format":"9"'))
    assert is_one_line_about(thought("translate", run, "--to", "de"), "model.safetensors", "format 9", "upgrade")


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_the_old_checkpoint_survives_a_full_disk(thought: Any, tmp_path: Path) -> None:
    assert train_on(thought, tmp_path, table()).status == 0
    folder = tmp_path / "runs" / "x"
    files = [folder / "model.safetensors", folder / "resume" / "state.safetensors"]
    before = [path.read_bytes() for path in files]
    with full_disk(20_000):
        result = thought("train", "--resume", "x", "--steps", "4")
    assert result.status == 2
    assert result.err.endswith("\n")
    assert "cannot save" in result.err.split("\n")[-2]
    assert [path.read_bytes() for path in files] == before
    assert not list(folder.rglob("*.partial"))
    assert thought("translate", "x", "--to", "de", stdin="a dog\n").status == 0
    assert thought("train", "--resume", "x", "--steps", "4").status == 0


def test_a_translation_that_does_not_fit_the_disk_leaves_the_old_one(
    thought: Any, saved_run: Path, tmp_path: Path
) -> None:
    (tmp_path / "out.tsv").write_text("old", "utf-8")
    with full_disk(1_000):
        result = thought("encode", saved_run, "-o", "out.tsv", stdin="a dog\n" * 1_000)
    assert is_one_line_about(result, "cannot write to")
    assert (tmp_path / "out.tsv").read_text("utf-8") == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"out.tsv"}


def test_a_folder_that_cannot_be_made_is_named(thought: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "my.tsv").write_bytes(table())
    words = ("train", "tiny", "--steps", "2", "--data", "my.tsv", *TINY, "--out", "file/run")
    assert is_one_line_about(thought(*words), "file/run")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named(thought: Any, tmp_path: Path, saved_run: Path) -> None:
    (tmp_path / "my.tsv").write_bytes(table())
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    try:
        words = ("train", "tiny", "--steps", "2", "--data", "my.tsv", *TINY, "--out", "locked/run")
        assert is_one_line_about(thought(*words), "locked", "Permission denied")
        result = thought("translate", saved_run, "--to", "de", "-o", "locked/out.txt", stdin="a dog\n")
        assert is_one_line_about(result, "locked", "Permission denied")
    finally:
        folder.chmod(0o700)
