"""The file of the demo's results: whole, versioned, and read back as it was written."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from demos import fake_results

from thought.demo.results import CHAPTERS, FILE, SCHEMA, load_results, save_results
from thought.errors import ScoringError


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    results = fake_results()
    path = save_results(results, tmp_path)
    assert path == tmp_path / FILE
    assert dataclasses.asdict(load_results(tmp_path)) == json.loads(json.dumps(dataclasses.asdict(results)))


def test_nothing_else_is_left_beside_them(tmp_path: Path) -> None:
    save_results(fake_results(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_folder_without_results_says_so(tmp_path: Path) -> None:
    with pytest.raises(ScoringError, match="no results of a demo"):
        load_results(tmp_path)


@pytest.mark.parametrize("text", ["", "[", "[]", "{}", '{"schema": 0}', f'{{"schema": {SCHEMA}}}'])
def test_what_is_no_file_of_results_says_what_to_do(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text, "utf-8")
    with pytest.raises(ScoringError, match="--fresh"):
        load_results(tmp_path)


def test_the_story_has_five_chapters() -> None:
    assert len(set(CHAPTERS)) == 5
