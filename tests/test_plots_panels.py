"""One map on a sheet: scale, colours and places."""

from __future__ import annotations

import numpy as np
import pytest
from spaces import small_space

from thought.plots.panels import draw, lay_axes, scale_of, size_of
from thought.plots.style import MARKERS, look, sheet

SPACE = small_space(6, ("en", "de"))
POINTS = SPACE.thoughts[:, :2].astype(float)


def test_the_scale_fits_the_tighter_side():
    points = np.array([[0.0, 0.0], [4.0, 1.0]])
    assert scale_of(points, 2.0, 2.0) == pytest.approx(1.08 * 2)
    assert scale_of(points, 8.0, 0.5) == pytest.approx(1.08 * 2)
    assert scale_of(np.zeros((3, 2)), 1.0, 1.0) == 1.0


def test_points_shrink_as_they_become_many():
    sizes = [size_of(np.zeros((count, 2))) for count in (4, 100, 1_000, 100_000)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 60
    assert sizes[-1] == 6


def test_every_row_has_the_colour_of_its_language_and_some_that_of_their_meaning():
    made = sheet("light", 3.0, title="Seen")
    axes = lay_axes(made, (0, 3, 3), POINTS, scale_of(POINTS, 3, 3))
    by_language = draw(axes, made.look, POINTS, SPACE, "language", True)
    assert len(set(by_language.values())) == 2
    assert set(by_language) == set(range(12))
    many = small_space(20, ("en", "de"))
    by_meaning = draw(axes, look("dark"), many.thoughts[:, :2], many, "meaning", False)
    assert len(by_meaning) == 14
    assert all(by_meaning[row] == by_meaning[row + 1] for row in by_meaning if row % 2 == 0)


def test_shapes_differ():
    assert len(set(MARKERS)) == len(MARKERS)
