from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from demos import CODES, maps_of, moments_of

from thought.demo.results import Map, Moment
from thought.demo.sketches import CURVE, MAP, WIDE, across, curve, marker, places, scatter, shape
from thought.errors import ScoringError

CORNERS = Map(method="PCA", moment="after", points=[[0, 0], [4, 0], [4, 2], [0, 2]], languages=["en", "de", "en", "de"],
              groups=[0, 0, 1, 1], texts=list("abcd"), trustworthiness=1.0, p_at_1=1.0, shuffled=0.5)  # fmt: skip


def moment(seconds: float, p_at_1: float, bleu: float | None) -> Moment:
    return Moment(step=1, seconds=seconds, translation="x", p_at_1=p_at_1, bleu=bleu)


def read(picture: str) -> ET.Element:
    return ET.fromstring(picture)


def test_points_are_scaled_alike_in_both_directions_and_the_second_axis_points_up():
    # 4 wide and 2 high, into 600 x 480 with 16 at the edges: 568 / 4 = 142 to the unit
    assert places(CORNERS) == [(16.0, 382.0), (584.0, 382.0), (584.0, 98.0), (16.0, 98.0)]


def test_points_in_one_place_are_drawn_in_the_middle():
    assert set(places(replace(CORNERS, points=[[7.0, 7.0]] * 4))) == {(MAP[0] / 2, MAP[1] / 2)}


def test_no_point_leaves_its_picture():
    for drawn in maps_of(12):
        for x, y in places(drawn, WIDE):
            assert 0 <= x <= WIDE[0]
            assert 0 <= y <= WIDE[1]


@pytest.mark.parametrize(("changes", "message"), [
    ({"points": [[0, 0]] * 3}, r"as many points as sentences, got 3 and \[4\]"),
    ({"texts": ["a"]}, r"got 4 and \[1, 4\]"),
    ({"points": [[0, math.nan]] * 4}, "the PCA map after training holds NaN"),
    ({"points": [], "languages": [], "groups": [], "texts": []}, "got 0"),
])  # fmt: skip
def test_maps_that_do_not_fit_their_sentences_are_refused(changes, message):
    with pytest.raises(ScoringError, match=message):
        scatter(replace(CORNERS, **changes), CODES, number=0)


def test_a_map_has_a_marker_for_each_sentence_in_the_class_of_its_language():
    drawn = read(scatter(CORNERS, CODES, number=3))
    dots = drawn.find("g[@class='dots']")
    markers = dict.fromkeys(("l0", "l1"), 0)
    for path in dots:
        markers[path.get("class")] += path.get("d").count("M")
    assert markers == {"l0": 2, "l1": 2}
    assert drawn.get("data-map") == "3"


def test_languages_take_turns_at_being_on_top():
    drawn = maps_of(12)[2]
    dots = read(scatter(drawn, CODES, number=0)).find("g[@class='dots']")
    assert len({path.get("class") for path in list(dots)[::4]}) > 1


def test_sentences_of_one_meaning_are_joined_in_their_middle():
    joins = read(scatter(CORNERS, CODES, number=0, is_joined=True)).find("path[@class='joins']").get("d")
    assert joins.count("M") == 4
    assert "M300.0 382.0L16 382" in joins
    assert 'class="joins"' not in scatter(CORNERS, CODES, number=0)


def test_each_of_four_languages_has_a_marker_of_its_own_shape():
    assert len({marker(language) for language in range(4)}) == 4
    assert len({shape(language) for language in range(4)}) == 4
    assert shape(4) == shape(0)


def test_the_curve_goes_from_nothing_to_a_hundred():
    drawn = read(curve([moment(0, 0.0, 0.0), moment(10, 1.0, 100.0)]))
    first, second = (line.get("points") for line in drawn.findall("polyline"))
    assert first == second == "44.0,292.0 458.0,16.0"
    assert "P@1 from 0 to 100, BLEU from 0 to 100" in drawn.get("aria-label")


def test_moments_stand_where_their_seconds_are():
    assert across([moment(0, 0, 0), moment(5, 0, 0), moment(10, 0, 0)]) == [44.0, 251.0, 458.0]
    assert across([moment(0, 0, 0)]) == [44.0]


def test_names_of_two_curves_that_end_together_do_not_touch():
    names = read(curve([moment(0, 0, 0), moment(1, 0.9, 90)])).findall("text[@class='name line0']")
    names += read(curve([moment(0, 0, 0), moment(1, 0.9, 90)])).findall("text[@class='name line1']")
    assert abs(float(names[0].get("y")) - float(names[1].get("y"))) >= 19


def test_a_curve_goes_through_what_was_measured():
    found = [moment(0, 0.0, None), moment(5, 1.0, 50.0), moment(10, 1.0, None)]
    drawn = read(curve(found))
    assert [line.get("points").count(",") for line in drawn.findall("polyline")] == [3, 1]
    assert "P@1 in percent and BLEU over 10 seconds" in drawn.get("aria-label")
    assert "P@1 from 0 to 100, BLEU from 50 to 50" in drawn.get("aria-label")
    alone = read(curve(found[:1]))
    assert len(alone.findall("polyline")) == 1
    assert "BLEU from" not in alone.get("aria-label")


@pytest.mark.parametrize("bleu", [-5.0, 250.0, math.nan, math.inf])
def test_a_score_out_of_bounds_stays_in_the_picture(bleu):
    drawn = curve([moment(0, 0.0, 0.0), moment(1, 0.5, bleu if math.isfinite(bleu) else 0.0), moment(2, 0.5, 50.0)])
    for y in re.findall(r",([\d.]+)", " ".join(line.get("points") for line in read(drawn).findall("polyline"))):
        assert 0 <= float(y) <= CURVE[1]


def test_a_curve_of_nothing_is_refused():
    with pytest.raises(ScoringError, match="no moment of training"):
        curve([])


def test_pictures_are_well_formed():
    read(curve(moments_of()))
    for number, drawn in enumerate(maps_of(12)):
        read(scatter(drawn, CODES, number=number, is_joined=True))
