"""Meanings, a training and a walk, drawn line by line."""

from __future__ import annotations

import math

import pytest
from rich.cells import cell_len
from screens import CODES, EXAMPLE, WATCHED, drawn, moment, record, results

from thought.demo.results import Example, Walk
from thought.demo.scenes import clean, climbing, clock, compared, learned, learning, meaning, sparkline, steps


def test_a_meaning_shows_its_slots_as_tags_and_three_wordings_of_each_language() -> None:
    assert drawn(meaning(EXAMPLE, CODES, 60), 60) == [
        "",
        "   verb  look for    agent  two dog    tense  past",
        "  ● en  Two dogs ran.                                 4 ways",
        "        Two dogs were running.",
        "        It was two dogs that ran.",
        "  ■ de  Eins.                                          1 way",
    ]


def test_every_slot_of_a_frame_is_told() -> None:
    frame = {"verb": "give", "agent": "cook", "agent.adjective": "old", "unheard.of": "this", "new slot": "that"}
    said = " ".join(drawn(meaning(Example(frame=frame, sentences={}), CODES, 40), 40)).split()
    assert " ".join(said) == "verb give agent old cook unheard.of this new slot that"


def test_words_that_are_right_already_look_different_each_as_often_as_it_is_true() -> None:
    said = compared("ein Koch Hund Hund", "Ein Hund rennt.")
    styles = {said.plain[span.start : span.end]: span.style for span in said.spans}
    assert said.plain == "ein Koch Hund Hund"
    right, wrong = styles["ein"], styles["Koch"]
    assert right != wrong
    assert [span.style for span in said.spans] == [right, wrong, right, wrong]
    assert compared("", "Ein Hund.").plain == "–"
    assert compared("der " * 90, "Ein Hund.").plain == "der der der der der der …", "it has no end yet"


def test_sparklines_are_known_by_hand() -> None:
    assert sparkline([0, 35, 70, 100], 100, 10) == "▁▃▆█"
    assert sparkline([0.0, math.nan, 2.0, -1.0], 1.0, 10) == "▁ █▁"
    assert sparkline([0, 0, 0, 0, 100], 100, 2) == "▁█", "the first and the last stay"
    assert sparkline([0, 100], 100, 1) == "█"
    assert sparkline([], 1.0, 10) == ""
    assert (clock(84), clock(-3), clock(math.nan)) == ("1:24", "0:00", "–")


def test_the_panel_shows_time_left_the_sentence_now_and_before_and_the_scores() -> None:
    moments = [
        moment(1, "Die."),
        moment(30, "Die."),
        moment(60, "Ein Koch."),
        moment(90, "Ein Hund rennt.", p_at_1=1.0),
    ]
    lines = [line.strip("│ ") for line in drawn(learning(record(90, 90.0), moments, WATCHED, CODES, 80))[1:-1]]
    assert lines[0].startswith("step 90  ━")
    assert lines[0].endswith("1:01 left  11,240 tokens/s")
    assert lines[2:6] == [
        "● en  A dog [bold]runs[/bold].",
        f"■ de  {'Ein Hund rennt.':<62}  1:30",
        f"{'Ein Koch.':<62}  1:00",
        f"{'Die.':<62}  0:01",
    ]
    assert lines[-2] == f"P@1   {'▅▅▅█':<24}  100.0 %  its translation is nearest"
    assert lines[-1].startswith(f"BLEU  {'▅▅▅▅':<24}     50.0  ")


def test_scores_climb_through_moments_at_which_bleu_was_not_measured() -> None:
    found = [(0.0, None), (0.35, None), (0.7, 35.0), (1.0, None)]
    moments = [moment(step, "Wort.", p_at_1=near, bleu=words) for step, (near, words) in enumerate(found)]
    lines = drawn(climbing(moments, 60))
    assert lines[0].startswith(f"P@1   {'▁▃▆█':<24}  100.0 %")
    assert lines[1].startswith(f"BLEU  {'  ▃▃':<24}     35.0")
    assert drawn(climbing(moments[:2], 60))[1].split() == ["BLEU", "–"]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_panel_keeps_its_frame_however_long_the_sentence_and_early_the_hour(width: int) -> None:
    long = {**WATCHED, "source": "very " * 80 + "long", "plain": "sehr lang"}
    for moments in ([], [moment(1, "sehr " * 60), moment(2, "Donau" * 60, p_at_1=math.nan, bleu=math.nan)]):
        lines = drawn(learning(record(1, 0.0, seconds_left=None), moments, long, CODES, width), width)
        assert {cell_len(line) for line in lines} == {width}
        assert lines[0] == f"╭{'─' * (width - 2)}╮"


def test_training_leaves_a_record_of_a_few_moments_with_the_first_and_the_last() -> None:
    moments = [moment(step, f"Wort {step}.") for step in range(1, 60)]
    lines = drawn(learned(moments, WATCHED, CODES, 80))
    told = [line.split()[-2] for line in lines if "Wort" in line]
    assert told[0] == "1."
    assert told[-1] == "59."
    assert len(told) == 7


def test_a_walk_tells_what_changes_and_says_so_where_nothing_does() -> None:
    here, there = {"en": "A [red] dog.", "de": "Ein Hund."}, {"en": "A cat.", "de": "Eine Katze."}
    places = [{"share": 0.0, **here}, {"share": 0.5, **here}, {"share": 1.0, **there}]
    walk = Walk(start=here["en"], end=there["en"], steps=places)
    assert drawn(steps(walk, CODES)) == [
        "",
        "  from A [red] dog.",
        "    to A cat.",
        "",
        "    0 %  ● en  A [red] dog.",
        "         ■ de  Ein Hund.",
        "   50 %        the same",
        "  100 %  ● en  A cat.",
        "         ■ de  Eine Katze.",
    ]


def test_characters_that_steer_a_terminal_are_spaces() -> None:
    assert clean("a\x1b[31m\r\n\u2028b\ud800") == "a [31m   b "
    assert clean("Czech ř, fi ﬁ, 犬") == "Czech ř, fi ﬁ, 犬"


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_sentence_is_cut_or_wider_than_the_screen(width: int) -> None:
    found = results()
    items = [meaning(example, found.languages, width) for example in found.examples]
    items += [learned(found.moments, found.watched, found.languages, width), steps(found.walk, found.languages)]
    for item in items:
        whole, fitted = drawn(item, 400), drawn(item, width)
        assert max(map(cell_len, fitted)) <= width
        assert sorted("".join(whole).replace(" ", "")) == sorted("".join(fitted).replace(" ", ""))
