"""Maps: what is drawn, for which rows, in which colours, and what the words say."""

from __future__ import annotations

import io
import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from spaces import small_space

from thought.errors import ScoringError
from thought.plots import maps
from thought.plots.style import LOOKS
from thought.plots.words import fonts
from thought.space import Space

SPACE = small_space(6, ("en", "de"))
POINTS = SPACE.thoughts[:, :2].astype(float)
FOUR = small_space(5, ("en", "de", "cs", "ja") if len(fonts()) > 1 else ("en", "de", "cs"))
HAS_CJK = any("CJK" in name for name in fonts())


def marks(figure, place=0):
    return [item for item in figure.axes[place].collections if isinstance(item, PathCollection)]


def segments(figure, place=0):
    return [
        line
        for item in figure.axes[place].collections
        if isinstance(item, LineCollection)
        for line in item.get_segments()
    ]


def words(figure):
    return "\n".join(text.get_text() for text in figure.texts)


@pytest.mark.parametrize("theme", LOOKS)
def test_each_sentence_is_a_point_in_the_colour_of_its_language(theme):
    figure = maps.map_of_thoughts(POINTS, SPACE, theme=theme, caption="t-SNE, seed 1")
    (dots,) = marks(figure)
    assert len(dots.get_offsets()) == 12
    for point, colour in zip(dots.get_offsets(), dots.get_facecolor(), strict=True):
        row = int(np.abs(POINTS - point).sum(axis=1).argmin())
        expected = to_rgba(LOOKS[theme].colours[["en", "de"].index(SPACE.languages[row])])
        assert tuple(colour[:3]) == expected[:3]
    assert figure.get_facecolor() == to_rgba(LOOKS[theme].paper)
    assert "t-SNE, seed 1" in words(figure)
    assert "6 meanings in 2 languages" in words(figure)


def test_a_pair_has_one_line_from_one_sentence_to_the_other():
    joined = segments(maps.map_of_thoughts(POINTS, SPACE))
    assert len(joined) == 6
    assert np.allclose(joined[0], POINTS[:2])
    assert not segments(maps.map_of_thoughts(POINTS, SPACE, join=False))


def test_four_sentences_of_a_meaning_are_joined_in_their_middle():
    points = FOUR.thoughts[:, :2].astype(float)
    joined = segments(maps.map_of_thoughts(points, FOUR))
    each = len(FOUR.codes)
    assert len(joined) == 5 * each
    assert all(np.allclose(line[1], points[:each].mean(axis=0)) for line in joined[:each])


def test_the_words_say_how_long_the_lines_are():
    space = small_space(2, ("en", "de"))
    points = np.array([[0.0, 0.0], [1.0, 0.0], [10.0, 0.0], [10.0, 3.0]])
    assert "Half of the lines are shorter than 20 % of the map's width." in words(maps.map_of_thoughts(points, space))


def test_by_meaning_seven_have_a_colour_and_the_rest_is_grey():
    space = small_space(40, ("en", "de"))
    figure = maps.map_of_thoughts(space.thoughts[:, :2], space, colour_by="meaning")
    grey, *shapes = marks(figure)
    assert len(grey.get_offsets()) == 80 - 14
    assert tuple(grey.get_facecolor()[0][:3]) == to_rgba(LOOKS["light"].faint)[:3]
    assert [len(item.get_offsets()) for item in shapes] == [7, 7]  # a shape a language
    assert len({tuple(colour) for colour in shapes[0].get_facecolor()}) == 7
    assert "7 of 40 meanings are coloured." in words(figure)
    assert shapes[0].get_paths()[0].vertices.shape != shapes[1].get_paths()[0].vertices.shape


def test_few_meanings_all_have_a_colour():
    *shapes, last = marks(maps.map_of_thoughts(POINTS, SPACE, colour_by="meaning"))
    assert len(shapes) == 1
    assert sum(len(item.get_offsets()) for item in (*shapes, last)) == 12


def test_labels_are_sentences_of_the_first_language():
    figure = maps.map_of_thoughts(POINTS, SPACE, labels=4)
    shown = [text.get_text() for text in figure.texts if "a dog runs" in text.get_text()]
    assert len(shown) == 4
    assert "ein Hund" not in words(figure)
    assert "a dog" not in words(maps.map_of_thoughts(POINTS, SPACE, labels=0))


def test_labels_do_not_overlap_and_stay_on_the_map():
    space = small_space(60, ("en", "de"))
    figure = maps.map_of_thoughts(space.thoughts[:, :2], space, labels=8)
    boxes = [text.get_window_extent() for text in figure.texts if "a dog" in text.get_text()]
    assert len(boxes) > 4
    assert not any(first.overlaps(second) for place, first in enumerate(boxes) for second in boxes[:place])
    area = figure.axes[0].get_window_extent()
    assert all(
        area.x0 <= box.x0 and box.x1 <= area.x1 + 2 and area.y0 - 2 <= box.y0 and box.y1 <= area.y1 + 2 for box in boxes
    )


def test_the_scale_is_the_same_across_and_up_and_all_points_are_seen():
    figure = maps.map_of_thoughts(POINTS * [1, 20], SPACE)
    (axes,) = figure.axes
    width, height = axes.bbox.size
    assert np.ptp(axes.get_xlim()) / width == pytest.approx(np.ptp(axes.get_ylim()) / height)
    for limits, places in zip((axes.get_xlim(), axes.get_ylim()), (POINTS * [1, 20]).T, strict=True):
        assert limits[0] < places.min() < places.max() < limits[1]


def test_the_control_has_the_same_points_and_other_lines():
    control = replace(
        SPACE, meanings=np.where(np.array(SPACE.languages) == "de", np.roll(SPACE.meanings, 2), SPACE.meanings)
    )
    figure = maps.map_with_control(POINTS, SPACE, control)
    assert [len(segments(figure, place)) for place in (0, 1)] == [6, 6]
    assert not np.allclose(segments(figure, 0), segments(figure, 1))
    assert np.allclose(marks(figure, 0)[0].get_offsets(), marks(figure, 1)[0].get_offsets())
    lengths = [np.median(np.linalg.norm(np.diff(segments(figure, place), axis=1), axis=2)) for place in (0, 1)]
    assert lengths[1] > 10 * lengths[0]
    assert f"{lengths[1] / lengths[0]:.0f} times closer" in words(figure)


def test_a_map_no_better_than_its_control_says_so():
    assert "hardly closer" in words(maps.map_with_control(POINTS, SPACE, SPACE))


def test_translations_at_one_place_are_far_closer():
    points = np.repeat(POINTS[::2], 2, axis=0)
    control = replace(
        SPACE, meanings=np.where(np.array(SPACE.languages) == "de", np.roll(SPACE.meanings, 2), SPACE.meanings)
    )
    assert "far closer" in words(maps.map_with_control(points, SPACE, control))


def test_before_and_after_have_one_scale():
    figure = maps.before_and_after(POINTS, POINTS / 10 + 3, SPACE, names=("raw", "small"), captions=("a", "b"))
    spans = [np.ptp(axes.get_xlim()) for axes in figure.axes]
    assert spans[0] == pytest.approx(spans[1])
    assert spans[0] > np.ptp(POINTS, axis=0).max()
    assert all(word in words(figure) for word in ("raw", "small", "a\nb"))


@pytest.mark.parametrize("colour_by", ["language", "meaning"])
def test_three_dimensions_are_drawn_as_such(colour_by):
    points = SPACE.thoughts[:, :3]
    for figure in (
        maps.map_of_thoughts(points, SPACE, colour_by=colour_by),
        maps.map_with_control(points, SPACE, SPACE, colour_by=colour_by),
    ):
        assert figure.axes[0].name == "3d"
        figure.savefig(io.BytesIO(), format="png")


def test_labels_in_three_dimensions_stand_at_their_points():
    figure = maps.map_of_thoughts(SPACE.thoughts[:, :3], SPACE, labels=1)
    figure.canvas.draw()
    (label,) = [text for text in figure.texts if "a dog" in text.get_text()]
    assert figure.axes[0].get_window_extent().overlaps(label.get_window_extent())


def test_groups_have_a_hull_each_and_strangers_inside_are_counted():
    space = small_space(3, ("en",), wordings=4)
    points = np.array(
        [[0, 0], [4, 0], [4, 4], [0, 4], [2, 2], [9, 0], [9, 9], [0, 9], [2, 8], [4, 8], [4, 9], [2, 9]], float
    )
    figure = maps.map_of_groups(points, space, groups=1)
    assert len(figure.axes[0].patches) == 1
    assert "1 of 3 meanings" in words(figure)
    every = maps.map_of_groups(points, space, groups=3)
    assert len(every.axes[0].patches) == 3
    assert len({patch.get_facecolor() for patch in every.axes[0].patches}) == 3
    # the second group's hull holds one corner of the first, and the last group, and the first holds one of its own
    assert "12 in all" in words(every)


def test_dozens_of_languages_do_not_leave_the_sheet():
    codes = [f"{first}{second}" for first in "abcdefg" for second in "abcdef"]
    rows = np.arange(len(codes))
    space = Space(tuple(codes), tuple(codes), rows, np.random.default_rng(1).normal(size=(len(codes), 2)))
    figure = maps.map_of_thoughts(space.thoughts, space, labels=0)
    right = figure.bbox.width
    assert all(text.get_window_extent().x1 < right for text in figure.texts)
    assert "…" in words(figure)


@pytest.mark.parametrize("count", [1, 2, 4, 4_000])
def test_any_number_of_sentences_is_drawn(count):
    points = np.random.default_rng(1).normal(size=(count, 2))
    space = Space(("a dog",) * count, ("en", "de") * (count // 2) or ("en",), np.arange(count) // 2, points)
    (dots,) = marks(maps.map_of_thoughts(points, space))
    assert len(dots.get_offsets()) == count
    assert dots.get_sizes()[0] == (60 if count < 10 else pytest.approx(380 / math.sqrt(count), abs=0.1))


def test_copies_of_one_point_are_drawn():
    maps.map_of_thoughts(np.ones((12, 2)), SPACE).savefig(io.BytesIO(), format="png")
    maps.map_with_control(np.ones((12, 3)), SPACE, SPACE).savefig(io.BytesIO(), format="png")
    maps.map_of_groups(np.ones((12, 2)), SPACE).savefig(io.BytesIO(), format="png")


@pytest.mark.skipif(not HAS_CJK, reason="no font for Chinese is installed")
def test_every_script_is_drawn_in_png_and_svg():
    space = replace(FOUR, texts=("犬が走る、雪の中", "пёс бежит", "pes běží, žluťoučký", "$5 or $6") * 5)
    figure = maps.map_of_thoughts(FOUR.thoughts[:, :2], space, caption="音 ž")
    for form in ("png", "svg"):
        content = io.BytesIO()
        figure.savefig(content, format=form)
        assert len(content.getvalue()) > 1_000


def test_nothing_given_is_changed():
    points, meanings = POINTS.copy(), SPACE.meanings.copy()
    points.flags.writeable = False
    for colour_by in ("language", "meaning"):
        maps.map_of_thoughts(points, SPACE, colour_by=colour_by)
    maps.map_of_groups(points, SPACE)
    assert np.array_equal(points, POINTS)
    assert np.array_equal(meanings, SPACE.meanings)


@pytest.mark.parametrize(
    ("points", "options", "message"),
    [
        (POINTS[:3], {}, "expected a point of 2 or 3 numbers for each of 12"),
        (np.where(POINTS > 0, np.nan, POINTS), {}, "points hold NaN"),
        (POINTS[:, :1], {}, "2 or 3 numbers"),
        (POINTS, {"colour_by": "langauge"}, "did you mean language"),
        (POINTS, {"theme": "blue"}, "unknown theme"),
    ],
)
def test_mistakes_are_named(points, options, message):
    with pytest.raises(ScoringError, match=message):
        maps.map_of_thoughts(points, SPACE, **options)


def test_what_cannot_be_drawn_is_said():
    empty = Space((), (), np.zeros(0, dtype=np.int64), np.zeros((0, 2), dtype=np.float32))
    with pytest.raises(ScoringError, match="no sentences"):
        maps.map_of_thoughts(np.zeros((0, 2)), empty)
    with pytest.raises(ScoringError, match="control has 1 sentences, the map 12"):
        maps.map_with_control(POINTS, SPACE, SPACE.select([0]))
    with pytest.raises(ScoringError, match="no meaning has two"):
        maps.map_of_groups(POINTS[::2], SPACE.select(SPACE.rows("en")))
    with pytest.raises(ScoringError, match="on the plane"):
        maps.map_of_groups(SPACE.thoughts[:, :3], SPACE)
    with pytest.raises(ScoringError, match="shapes differ"):
        maps.before_and_after(POINTS, SPACE.thoughts[:, :3], SPACE)


def test_figures_are_made_without_pyplot():
    code = "import sys, thought.plots; print('matplotlib.pyplot' in sys.modules, 'torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert found == ["False", "False"]
    assert type(maps.map_of_thoughts(POINTS, SPACE)) is Figure
