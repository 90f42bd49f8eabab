"""Tables and lines of numbers, beside what chance gives; nothing is cut on a narrow screen."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from rich.cells import cell_len
from screens import drawn, results

from thought.demo.scoreboard import findings, losses, score_tables, small_print


def test_score_tables_have_a_row_for_what_is_read_and_means() -> None:
    side = results().sides["test"]
    values = {"en-de": 0.9, "de-en": 0.7}
    both = {"test": replace(side, accuracy=values, bleu={"en-de": math.nan}, chrf={})}
    lines = drawn(score_tables(results(languages=["en", "de"], sides=both), 80))
    assert lines[1:7] == [
        "  Meaning accuracy, %  letter by letter a true wording of the right meaning",
        "  Unseen meanings",
        "        ● en  ■ de  mean",
        "  ● en     ·  90.0  90.0",
        "  ■ de  70.0     ·  70.0",
        "  mean  70.0  90.0  80.0",
    ]
    assert "  mean     –     –     –" in lines, "an unknown score is a dash"


def test_tables_stand_side_by_side_where_there_is_room() -> None:
    wide, narrow = drawn(score_tables(results(), 80)), drawn(score_tables(results(), 60), 60)
    assert any("Unseen meanings" in line and "New combinations" in line for line in wide)
    assert not any("Unseen meanings" in line and "New combinations" in line for line in narrow)
    assert [line.split()[1] for line in narrow if "● en     ·" in line] == ["en"] * 6, "no row is cut"
    assert sum(line.startswith("  mean") for line in narrow) == 6


@pytest.mark.parametrize("width", [60, 80, 100])
def test_nothing_is_cut_and_nothing_is_wider_than_the_screen(width: int) -> None:
    found = results()
    items = [score_tables(found, width), findings(found), losses(found, width), small_print(found)]
    for item in items:
        whole, fitted = drawn(item, 400), drawn(item, width)
        assert max(map(cell_len, fitted)) <= width
        assert sorted("".join(whole).replace(" ", "")) == sorted("".join(fitted).replace(" ", ""))


def test_each_finding_is_one_line_beside_its_chance() -> None:
    lines = drawn(findings(results()))
    assert lines[1].split() == ["Unseen", "New"]
    assert [line.split("  ")[1] for line in lines[2:]] == [
        "P@1", "MAP@R", "untrained", "spelling", "cheating", "no thought", "own thought",
    ]  # fmt: skip
    assert lines[2].endswith("nearest thought is its translation; chance 0.1 %")
    assert lines[3].endswith("nearest thoughts are paraphrases; chance 0.004")
    assert "12.7 %" in lines[5]


def test_what_is_lost_is_counted_side_by_side_and_the_rest_together() -> None:
    side = results().sides["test"]
    many = {f"slot{number:02}": 20 - number for number in range(11)}
    sides = {"test": replace(side, lost={**many, "several slots": 99}), "test_compositional": replace(side, lost={})}
    lines = drawn(losses(results(sides=sides), 80))
    assert lines[1] == "  What wrong translations lost  100 + 100 were looked at"
    assert lines[3].split()[:3] == ["slot00", "20", "0"]
    assert lines[-1].split() == ["4", "others", str(12 + 11 + 10 + 99), "0"]
    perfect = {name: replace(side, lost={}, judged=0) for name, side in sides.items()}
    assert drawn(losses(results(sides=perfect), 80))[1:] == ["  What wrong translations lost  0 + 0 were looked at"]


def test_signatures_stand_whole_at_the_end_and_once() -> None:
    lines = drawn(small_print(results()), 60)
    signatures = "".join(line.strip() for line in lines).replace(" ", "")
    assert signatures.count("bleunrefs:var|case:mixed|eff:no|tok:13a|smooth:exp|version:0.0.0") == 1
    assert signatures.count("nw:0|space:no") == 1
