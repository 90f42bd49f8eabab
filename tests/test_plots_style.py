"""One look: colours that all eyes can tell apart, words in their places, nothing global changed."""

from __future__ import annotations

from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb

from thought.errors import ScoringError
from thought.plots.style import LOOKS, MARGIN, WIDTH, colours_of, look, sheet, spread

# How colours are seen without one of the three kinds of cones: Machado et al. 2009, severity 1, on linear RGB.
EYES = {
    "all": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "deuteranopia": [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
    "tritanopia": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}


def linear(colour: str) -> np.ndarray:
    part = np.array(to_rgb(colour))
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Ottosson 2020: equal distances look equally different; black to white is 1."""
    to_cones = np.array([[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]])
    to_lab = np.array([[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]])
    return to_lab @ np.cbrt(to_cones @ np.clip(rgb, 0, 1))


def nearest_two(colours: tuple[str, ...]) -> float:
    seen = [[oklab(np.array(eye) @ linear(colour)) for colour in colours] for eye in EYES.values()]
    return min(float(np.linalg.norm(a - b)) for row in seen for a, b in combinations(row, 2))


def contrast(first: str, second: str) -> float:
    """Of WCAG 2: 1 to 21."""
    dark, light = sorted(float(np.array([0.2126, 0.7152, 0.0722]) @ linear(one)) for one in (first, second))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", LOOKS)
def test_text_and_marks_stand_out_from_the_paper(theme):
    chosen = look(theme)
    assert contrast(chosen.ink, chosen.paper) > 12
    assert contrast(chosen.soft, chosen.paper) > 4.5
    assert all(contrast(colour, chosen.paper) > 3 for colour in chosen.colours)


@pytest.mark.parametrize("theme", LOOKS)
def test_the_first_colours_are_told_apart_by_all_eyes(theme):
    colours = look(theme).colours
    assert nearest_two(colours[:4]) > 0.085  # the palette of Okabe & Ito has 0.04 among these hues
    assert nearest_two(colours[:6]) > 0.07
    assert len(set(colours)) == 8


@pytest.mark.parametrize("theme", LOOKS)
def test_lightness_of_the_ramp_goes_one_way_in_even_steps(theme):
    steps = np.diff([oklab(linear(colour))[0] for colour in look(theme).ramp])
    assert (steps < 0).all() or (steps > 0).all()
    assert np.abs(steps).max() < 1.6 * np.abs(steps).min()


def test_an_unknown_theme_names_the_nearest():
    with pytest.raises(ScoringError, match="did you mean dark"):
        look("drak")


def test_colours_go_by_order_of_appearance_and_come_round_again():
    chosen = look("light")
    hues = colours_of(["b", "a", "b", *map(str, range(7))], chosen)
    assert list(hues)[:2] == ["b", "a"]
    assert hues["b"] == hues["6"] == chosen.colours[0]


def test_a_sheet_grows_with_its_words_and_keeps_its_place_free():
    short, long = (sheet("light", 2.0, title="Seen", caption=text) for text in ("short", "a long caption " * 40))
    assert short.height == long.height == 2.0
    assert short.figure.get_size_inches()[0] == long.figure.get_size_inches()[0] == WIDTH
    assert long.figure.get_size_inches()[1] > short.figure.get_size_inches()[1]


def test_words_of_a_sheet_stay_within_it_and_off_the_free_place():
    made = sheet("dark", 1.5, title="What is seen " * 12, subtitle="how to read it " * 12, caption="method, seed " * 30)
    *heads, caption = [text.get_window_extent() for text in made.figure.texts]
    dpi, (width, height) = made.figure.dpi, made.figure.get_size_inches()
    assert all(box.x0 >= 0 and box.x1 <= (width - MARGIN / 2) * dpi for box in (*heads, caption))
    assert caption.y0 > 0
    assert caption.y1 < made.bottom * dpi
    assert min(box.y0 for box in heads) > (made.bottom + made.height) * dpi
    assert max(box.y1 for box in heads) < height * dpi
    assert heads[0].y0 > heads[1].y1


def test_axes_stand_where_they_are_put_in_inches():
    made = sheet("light", 2.0, title="Seen")
    box = made.axes(1.0, 0.5, 2.0, 1.0).get_position().bounds
    width, height = made.figure.get_size_inches()
    found = np.array(box) * [width, height, width, height]
    assert found.tolist() == pytest.approx([MARGIN + 1, made.bottom + 0.5, 2, 1])


def test_nothing_global_is_changed():
    before = dict(mpl.rcParams)
    made = sheet("dark", 2.0, title="Žluťoučký kůň", caption="seed 1")
    made.axes(0, 0, 2, 2, grid="y").plot([1, 2])
    made.figure.draw_without_rendering()
    assert dict(mpl.rcParams) == before


@given(st.lists(st.floats(-100, 100), max_size=12), st.floats(0.1, 20))
def test_places_moved_apart_keep_their_order_and_their_mean(places, gap):
    found = spread(places, gap)
    order = np.argsort(places, kind="stable")
    assert (np.diff(found[order]) >= gap - 1e-6).all()
    if places:
        assert found.mean() == pytest.approx(np.mean(places), abs=1e-6)


def test_places_that_are_far_enough_apart_stay():
    assert spread([5.0, 1.0, 3.0], 1.0).tolist() == [5, 1, 3]
    assert spread([1.0, 1.0], 1.0).tolist() == [0.5, 1.5]
