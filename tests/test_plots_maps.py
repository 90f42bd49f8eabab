"""Maps: what is drawn, for which rows, in which colours."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba
from spaces import small_space

from thought.errors import ScoringError
from thought.plots import maps
from thought.plots.style import LOOKS, fonts
from thought.space import Space

SPACE = small_space(6, ("en", "de"))
POINTS = SPACE.thoughts[:, :2].astype(float)


def marks(figure, place=0):
    return [item for item in figure.axes[place].collections if isinstance(item, PathCollection)]


def lines(figure, place=0):
    return [
        line
        for item in figure.axes[place].collections
        if isinstance(item, LineCollection)
        for line in item.get_segments()
    ]


@pytest.mark.parametrize("theme", LOOKS)
def test_each_sentence_is_a_point_in_the_colour_of_its_language(theme):
    figure = maps.map_of_thoughts(POINTS, SPACE, theme=theme, caption="t-SNE, seed 1")
    english, german = marks(figure)
    assert np.allclose(english.get_offsets(), POINTS[SPACE.rows("en")])
    assert tuple(german.get_facecolor()[0]) == to_rgba(LOOKS[theme].colours[1])
    assert figure.get_facecolor() == to_rgba(LOOKS[theme].paper)
    assert figure.get_supxlabel() == "t-SNE, seed 1"


def test_sentences_of_one_meaning_are_joined_in_their_middle():
    joined = lines(maps.map_of_thoughts(POINTS, SPACE))
    assert len(joined) == 12
    middle = POINTS[:2].mean(axis=0)
    assert all(np.allclose(line[1], middle) for line in joined[:2])
    assert not lines(maps.map_of_thoughts(POINTS, SPACE, join=False))


def test_a_meaning_said_once_has_no_line():
    alone = SPACE.select([0, 1, 2])
    assert len(lines(maps.map_of_thoughts(POINTS[:3], alone))) == 2


def test_by_meaning_few_are_picked_out_and_the_rest_is_grey():
    space = small_space(40, ("en", "de"))
    grey, *picked = marks(maps.map_of_thoughts(space.thoughts[:, :2], space, colour_by="meaning"))
    assert len(picked) == 12
    assert len(grey.get_offsets()) == 80 - 24
    assert all(len(item.get_offsets()) == 2 for item in picked)


def test_the_control_has_the_same_points_and_other_lines():
    control = replace(SPACE, meanings=np.roll(SPACE.meanings, 1))
    figure = maps.map_with_control(POINTS, SPACE, control)
    assert len(figure.axes) == 2
    assert [len(lines(figure, place)) for place in (0, 1)] == [12, 12]
    assert not np.allclose(lines(figure, 0), lines(figure, 1))
    assert np.allclose(marks(figure, 0)[0].get_offsets(), marks(figure, 1)[0].get_offsets())


def test_before_and_after_show_both_maps():
    figure = maps.before_and_after(POINTS, -POINTS, SPACE, captions=("a", "b"))
    first, second = (marks(figure, place)[0].get_offsets() for place in (0, 1))
    assert np.allclose(first, -second)
    assert figure.get_supxlabel() == "a\nb"


def test_three_dimensions_are_drawn_as_such():
    figure = maps.map_of_thoughts(SPACE.thoughts[:, :3], SPACE)
    assert figure.axes[0].name == "3d"
    figure.savefig(io.BytesIO(), format="png")


def test_groups_have_a_hull_each():
    space = small_space(8, ("en",), wordings=5)
    figure = maps.map_of_groups(space.thoughts[:, :2], space, groups=3)
    assert len(figure.axes[0].patches) == 3
    assert len(figure.axes[0].texts) == 3


@given(points=arrays(np.float64, st.tuples(st.integers(1, 12), st.just(2)), elements=st.integers(-5, 5)))
def test_a_hull_holds_all_its_points(points):
    outline = points[maps.hull(points)]
    if len(outline) < 3:
        return
    for first, second in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        side = (second - first)[0] * (points - first)[:, 1] - (second - first)[1] * (points - first)[:, 0]
        assert (side >= -1e-9).all()


def test_a_hull_by_hand():
    points = np.array([[0, 0], [2, 0], [2, 2], [0, 2], [1, 1], [1, 0]], dtype=float)
    assert maps.hull(points) == [0, 1, 2, 3]
    assert maps.hull(points[:1]) == [0]


def test_what_is_picked_out_is_far_apart_and_said_more_than_once():
    space = small_space(30, ("en", "de")).select(np.arange(59))  # the last meaning is said once
    picked = maps.far_apart(space.thoughts[:, :2].astype(float), space, 5)
    assert len(picked) == 5
    assert 29 not in picked
    assert all(len(rows) == 2 for rows in picked.values())


@pytest.mark.filterwarnings("error")
def test_diacritics_and_where_there_is_a_font_chinese_characters_render():
    languages = ("cs", "ja") if len(fonts()) > 1 and any("CJK" in name for name in fonts()) else ("cs", "de")
    space = small_space(6, languages)
    figure = maps.map_of_thoughts(space.thoughts[:, :2], space, labels=3)
    for form in ("png", "svg"):
        content = io.BytesIO()
        figure.savefig(content, format=form)
        assert len(content.getvalue()) > 1_000


def test_nothing_given_is_changed():
    points, meanings = POINTS.copy(), SPACE.meanings.copy()
    maps.map_of_thoughts(POINTS, SPACE, colour_by="meaning")
    assert np.array_equal(points, POINTS)
    assert np.array_equal(meanings, SPACE.meanings)


def test_one_sentence_is_a_map():
    maps.map_of_thoughts(POINTS[:1], SPACE.select([0])).savefig(io.BytesIO(), format="png")


@pytest.mark.parametrize(
    ("points", "options", "message"),
    [
        (POINTS[:3], {}, "expected a point"),
        (np.where(POINTS > 0, np.nan, POINTS), {}, "NaN"),
        (POINTS[:, :1], {}, "2 or 3 numbers"),
        (POINTS, {"colour_by": "langauge"}, "did you mean language"),
        (POINTS, {"theme": "blue"}, "unknown theme"),
    ],
)
def test_mistakes_are_named(points, options, message):
    with pytest.raises(ScoringError, match=message):
        maps.map_of_thoughts(points, SPACE, **options)


def test_nothing_to_draw_is_said():
    empty = Space((), (), np.zeros(0, dtype=np.int64), np.zeros((0, 2), dtype=np.float32))
    with pytest.raises(ScoringError, match="no sentences"):
        maps.map_of_thoughts(np.zeros((0, 2)), empty)
    with pytest.raises(ScoringError, match="control has"):
        maps.map_with_control(POINTS, SPACE, SPACE.select([0]))
