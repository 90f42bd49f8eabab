"""Lines to rows: nothing is lost without a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from thought.errors import CorpusError
from thought.lines import TextFile
from thought.rows import EMPTY, LONGEST_SENTENCE, NUL, TOO_LONG, make_row, read_parallel, restrict


def test_a_row_holds_the_sentences_of_each_language() -> None:
    cells = [("de", " Hallo! "), ("en", "Hello!"), ("en", "Hi!"), ("fr", "")]
    assert make_row(cells) == {"de": ("Hallo!",), "en": ("Hello!", "Hi!")}


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", EMPTY), (" \u3000", EMPTY), ("a\0b", NUL), (None, TOO_LONG), ("x" * (LONGEST_SENTENCE + 1), TOO_LONG)],
)
def test_a_line_of_no_use_says_why(text: str | None, reason: str) -> None:
    cells = [("de", text), ("en", "Hello!" if reason != EMPTY else "")]
    assert make_row(cells) == reason


def test_the_longest_sentence_still_counts() -> None:
    assert isinstance(make_row([("de", "x" * LONGEST_SENTENCE), ("en", "Hello!")]), dict)


def test_a_row_is_cut_down_to_the_languages_asked_for() -> None:
    row = {"cs": ("Ahoj!",), "de": ("Hallo!",), "en": ("Hello!", "Hi!")}
    assert restrict(row, ("de", "en"), 2) == {"de": ("Hallo!",), "en": ("Hello!", "Hi!")}
    assert restrict(row, ("de",), 1) == {"de": ("Hallo!",)}
    assert restrict(row, ("en", "fr"), 2) == {"en": ("Hello!", "Hi!")}  # two wordings are a pair
    assert restrict(row, ("de", "fr"), 2) == EMPTY
    assert restrict(TOO_LONG, ("de", "en"), 2) == TOO_LONG


def test_parallel_files_of_unequal_length_name_both_counts(tmp_path: Path) -> None:
    (tmp_path / "a.de").write_text("eins\nzwei\ndrei\n")
    (tmp_path / "a.en").write_text("one\ntwo\n")
    files = {code: TextFile(tmp_path / f"a.{code}") for code in ("de", "en")}
    with pytest.raises(CorpusError, match=r"a\.de has 3 lines, .*a\.en has 2 lines"):
        list(read_parallel(files))


def test_a_row_keeps_its_place_behind_lines_that_are_dropped(tmp_path: Path) -> None:
    (tmp_path / "a.de").write_text("eins\n\ndrei\n")
    (tmp_path / "a.en").write_text("one\ntwo\nthree\n")
    files = {code: TextFile(tmp_path / f"a.{code}") for code in ("de", "en")}
    assert list(read_parallel(files)) == [
        {"de": ("eins",), "en": ("one",)},
        {"en": ("two",)},
        {"de": ("drei",), "en": ("three",)},
    ]
