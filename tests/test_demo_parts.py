from __future__ import annotations

import math

import pytest

from thought.demo.parts import (
    badge,
    bars,
    codes_of,
    decimal,
    escape,
    fold,
    heat_table,
    language_name,
    mean,
    meter,
    percent,
    score,
    sentence,
    shared,
    slot_name,
    slots_of,
    told_apart,
)

NASTY = "<script>alert('x')</script>"


@pytest.mark.parametrize(("share", "written"), [
    (0.9384, "93.8 %"), (1.0, "100.0 %"), (0.0, "0.0 %"), (0.001, "0.1 %"), (0.00012, "0.012 %"), (math.nan, "–"),
])  # fmt: skip
def test_shares_are_written_in_percent_and_small_ones_are_not_rounded_to_nothing(share, written):
    assert percent(share) == written


def test_what_was_not_measured_is_a_dash():
    assert (decimal(math.nan), score(math.nan), percent(math.inf)) == ("–", "–", "–")
    assert (decimal(0.95214), score(97.96)) == ("0.952", "98.0")


def test_a_mean_leaves_out_what_was_not_measured():
    assert mean([1.0, math.nan, 3.0]) == 2.0
    assert math.isnan(mean([]))


def test_words_that_the_other_text_lacks_are_marked_whatever_their_case_and_stops():
    assert told_apart("The dog sleeps.", "the cat sleeps", "new") == (
        '<span>The</span> <b class="new">dog</b> <span>sleeps.</span>'
    )


def test_shared_words_are_marked_as_often_as_they_stand_in_the_other_text():
    assert shared("die die Hüte", "Die Hüte", "hit") == (
        '<b class="hit">die</b> <span>die</span> <b class="hit">Hüte</b>'
    )


@pytest.mark.parametrize("made", [
    escape(NASTY), sentence(NASTY, NASTY), badge(NASTY, ["en"]), shared(NASTY, NASTY, "hit"), fold(NASTY, ""),
    told_apart(NASTY, "", "new"), slots_of({NASTY: NASTY}), bars(NASTY, [(NASTY, 0.5, NASTY, "")]),
])  # fmt: skip
def test_every_word_of_data_is_escaped(made):
    assert "<script" not in made
    assert "&lt;script" in made


def test_a_quote_cannot_leave_its_attribute():
    assert '" onclick="' not in sentence("a", '" onclick="') + badge('" onclick="', [])


@pytest.mark.parametrize(("share", "width"), [(0.5, "50.00%"), (-1.0, "0.00%"), (7.0, "100.00%"), (math.nan, "0%")])
def test_a_bar_stays_in_its_place(share, width):
    assert f"width:{width}" in meter(share)


def test_chance_is_a_tick_on_the_bar():
    assert 'class="chance" style="left:25.00%"' in meter(0.9, chance=0.25)
    assert "chance" not in meter(0.9)


def test_cells_are_shaded_from_the_lowest_to_the_highest_and_the_diagonal_is_empty():
    made = heat_table({"en-de": 10.0, "de-en": 20.0}, ["en", "de"], caption="c", low=10.0, high=20.0)
    assert '<td class="r0">10.0</td>' in made
    assert '<td class="r8">20.0</td>' in made
    assert made.count('<td class="none">–</td>') == 2


def test_equal_values_have_one_shade_and_unknown_ones_none():
    made = heat_table({"en-de": 5.0, "de-en": math.nan}, ["en", "de"], caption="c", low=5.0, high=5.0)
    assert made.count('class="r8"') == 1
    assert made.count('class="none"') == 3


def test_slots_are_said_in_plain_words():
    assert slot_name("agent") == "who does it"
    assert slot_name("agent.count") == "who does it: how many"
    assert slot_name("colour") == "colour"


def test_a_frame_says_first_what_happens_and_who_does_it():
    made = slots_of({"tense": "past", "agent.count": "two", "agent": "dog", "verb": "run"})
    order = [made.index(f"<i>{slot}</i>") for slot in ("verb", "agent", "agent.count", "tense")]
    assert order == sorted(order)


def test_languages_keep_their_order_and_unknown_ones_come_last():
    assert codes_of({"xx": 1, "de": 1, "en": 1}, ["en", "de", "fr"]) == ["en", "de", "xx"]
    assert language_name("cs") == "Czech"
    assert language_name("xx") == "xx"
