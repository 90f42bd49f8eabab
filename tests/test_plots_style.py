"""One look: colours that differ, fonts that are there, nothing global changed."""

from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib.colors import to_rgb

from thought.errors import ScoringError
from thought.plots.style import LOOKS, axes, colour_of, figure, fonts, look, title


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", LOOKS)
def test_text_and_marks_can_be_told_from_the_paper(theme: str) -> None:
    chosen = look(theme)
    assert contrast(chosen.ink, chosen.paper) > 12
    assert contrast(chosen.soft, chosen.paper) > 4.5
    assert all(contrast(colour, chosen.paper) > 2.7 for colour in chosen.colours)
    assert len(set(chosen.colours)) == len(chosen.colours) == 8


def test_an_unknown_theme_names_the_nearest() -> None:
    with pytest.raises(ScoringError, match="did you mean dark"):
        look("drak")


def test_colours_go_by_order_of_appearance_and_come_round_again() -> None:
    colours = colour_of(["b", "a", "b", *map(str, range(7))], "light")
    assert list(colours)[:2] == ["b", "a"]
    assert colours["b"] == LOOKS["light"].colours[0]
    assert colours["6"] == LOOKS["light"].colours[0]


def test_fonts_begin_with_the_one_that_is_always_there() -> None:
    assert fonts()[0] == "DejaVu Sans"


def test_nothing_global_is_changed() -> None:
    before = dict(mpl.rcParams)
    made = figure("dark", 2.0)
    title(axes(made, "dark"), "Žluťoučký kůň", "dark")
    made.draw_without_rendering()
    assert dict(mpl.rcParams) == before
