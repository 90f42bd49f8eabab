"""Figures of distances: matrices, distributions, spectra."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from spaces import small_space

from thought.errors import ScoringError
from thought.plots import distances
from thought.plots.style import LOOKS, WIDTH
from thought.space import Space

RNG = np.random.default_rng(1)
SAME, DIFFERENT = RNG.normal(0.8, 0.08, 400).clip(-1, 1), RNG.normal(0.1, 0.15, 3_000).clip(-1, 1)


def words(figure):
    inside = [text.get_text() for axes in figure.axes for text in axes.texts]
    return "\n".join([*(text.get_text() for text in figure.texts), *inside])


@pytest.mark.parametrize("theme", LOOKS)
def test_a_matrix_puts_a_meaning_together_and_writes_its_cosines(theme):
    mixed = small_space(3, ("en", "de")).select([5, 0, 2, 4, 1, 3])  # meanings 2 0 1 2 0 1
    figure = distances.similarity_matrix(mixed, theme=theme)
    (axes,) = figure.axes
    assert len(axes.images) == 9  # a block for each two meanings
    blocks = [np.asarray(image.get_array()) for image in axes.images]
    assert all(block.min() > 0.99 for block in blocks[::4])
    unit = mixed.thoughts / np.linalg.norm(mixed.thoughts, axis=1, keepdims=True)
    assert np.allclose(blocks[1], unit[[0, 3]] @ unit[[4, 1]].T, atol=1e-6)  # German was first
    assert len(axes.texts) == 36
    assert axes.texts[0].get_text() == "1"
    codes = [text.get_text() for text in figure.texts if text.get_text() in ("en", "de")]
    assert len(codes) == 12


def test_blue_is_above_zero_and_orange_below():
    thoughts = np.array([[1.0, 0.0], [-1.0, 0.0]], dtype=np.float32)
    space = Space(("a", "b"), ("en", "de"), np.array([0, 0]), thoughts)
    (image,) = distances.similarity_matrix(space).axes[0].images
    colours = image.cmap(image.norm(np.array([1.0, 0.0, -1.0])))[:, :3]
    light = LOOKS["light"]
    expected = (light.ramp[-1], light.ramp[0], light.colours[1])
    assert np.allclose(colours, [to_rgb(colour) for colour in expected], atol=0.02)


def test_the_title_says_how_meanings_differ():
    thoughts = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    space = Space(tuple("abcd"), ("en", "de") * 2, np.array([4, 4, 9, 9]), thoughts)
    assert "within a meaning 1.00, between 0.00" in words(distances.similarity_matrix(space))


@pytest.mark.parametrize("count", [2, 3, 5, 10])
def test_matrices_of_all_sizes_fit_the_width(count):
    figure = distances.similarity_matrix(small_space(count, ("en", "de"), wordings=2))
    width, _ = figure.get_size_inches()
    assert width == WIDTH
    (axes,) = figure.axes
    assert axes.get_position().x1 <= 1
    assert bool(axes.texts) == (4 * count <= distances.WRITTEN)
    assert all(text.get_window_extent().x0 >= 0 for text in figure.texts)


def test_a_matrix_nobody_can_read_is_refused():
    with pytest.raises(ScoringError, match="2 to 40 sentences, got 66; take some"):
        distances.similarity_matrix(small_space(33))
    with pytest.raises(ScoringError, match="got 1"):
        distances.similarity_matrix(small_space(1).select([0]))
    space = small_space(2)
    with pytest.raises(ScoringError, match="NaN"):
        distances.similarity_matrix(space.with_thoughts(np.full((4, 3), np.nan)))


@pytest.mark.parametrize("theme", LOOKS)
def test_curves_have_one_area_and_the_threshold_its_place(theme):
    figure = distances.distance_distributions(SAME, DIFFERENT, paraphrases=SAME - 0.3, threshold=0.4, theme=theme)
    (axes,) = figure.axes
    *curves, line = axes.lines
    assert [float(np.trapezoid(*reversed(curve.get_data()))) for curve in curves] == pytest.approx([1] * 3, abs=0.03)
    assert list(line.get_xdata()) == [0.4, 0.4]
    said = words(figure)
    assert "same from 0.40 on" in said
    assert f"{100 * (DIFFERENT >= 0.4).mean():.0f} % of random pairs" in said
    assert "3,000 pairs" in said
    figure.savefig(io.BytesIO(), format="svg")


def test_the_area_under_the_curve_is_how_often_a_pair_is_nearer():
    figure = distances.distance_distributions(np.array([0.9, 0.5]), np.array([0.5, 0.1, 0.7]))
    expected = np.mean([1, 1, 1, 0.5, 1, 0])
    assert f"ROC AUC {expected:.4f}" in words(figure)
    assert "75 % of the time" in words(figure)
    assert "ROC AUC 0.1234" in words(distances.distance_distributions(SAME, DIFFERENT, auc=0.1234))


@given(st.lists(st.integers(0, 9), min_size=2, max_size=15), st.lists(st.integers(0, 9), min_size=2, max_size=15))
def test_the_area_by_ranks_is_that_of_all_pairs(same, different):
    first, second = np.array(same, dtype=float), np.array(different, dtype=float)
    pairs = (first[:, None] > second).mean() + (first[:, None] == second).mean() / 2
    assert distances._area(first, second) == pytest.approx(pairs)


def test_nearly_all_is_not_all():
    assert distances._share(1.0) == "100 %"
    assert distances._share(0.99999) == "99.99 %"
    assert distances._share(0.995) == "99.5 %"
    assert distances._share(0.414) == "41 %"
    assert distances._share(0.0) == "0 %"


def test_smoothing_keeps_the_count():
    counts = np.array([0, 0, 5, 0, 90, 3, 0, 0, 1, 7.0])
    assert distances._smooth(counts).sum() == pytest.approx(counts.sum())
    assert len(distances._smooth(counts)) == len(counts)


@pytest.mark.parametrize(
    ("same", "message"),
    [
        (np.array([np.nan, 0.5]), "translations hold NaN or infinity, first at 0"),
        (np.array([0.5]), "N >= 2"),
        (np.zeros((3, 3)), "shape"),
    ],
)
def test_cosines_that_are_none_are_named(same, message):
    with pytest.raises(ScoringError, match=message):
        distances.distance_distributions(same, DIFFERENT)


def test_equal_cosines_are_drawn():
    distances.distance_distributions(np.ones(5), np.ones(5), threshold=1.0).savefig(io.BytesIO())
    distances.distance_distributions(np.ones(5), -np.ones(5), threshold=-1.0).savefig(io.BytesIO())


@pytest.mark.parametrize("theme", LOOKS)
def test_a_spectrum_says_how_many_components_hold_half(theme):
    figure = distances.spectrum(np.array([0.4, 0.3, 0.2, 0.1]), theme=theme)
    left, right = figure.axes
    assert "3 of 4 components hold 90 %" in words(figure)
    assert {"2 hold 50 %", "3 hold 90 %"} <= {text.get_text() for text in right.texts}
    assert right.lines[0].get_ydata().tolist() == pytest.approx([40, 70, 90, 100])
    assert left.lines[0].get_ydata().tolist() == pytest.approx([40, 30, 20, 10])
    assert left.lines[1].get_ydata()[0] == 25


def test_a_spectrum_of_one_component_and_one_with_zeros_are_drawn():
    distances.spectrum(np.array([1.0])).savefig(io.BytesIO())
    distances.spectrum(np.array([0.6, 0.4, 0.0, 0.0])).savefig(io.BytesIO(), format="svg")


@pytest.mark.parametrize(
    ("shares", "message"),
    [([np.nan], "finite shares"), ([], "finite shares"), ([0.2, 0.8], "must fall"), ([0.5, 0.1], "the sum 1, got 0.6")],
)
def test_shares_that_are_none_are_refused(shares, message):
    with pytest.raises(ScoringError, match=message):
        distances.spectrum(np.array(shares))


def test_nothing_given_is_changed():
    space, same = small_space(3), SAME.copy()
    before = space.thoughts.copy()
    distances.similarity_matrix(space)
    distances.distance_distributions(same, DIFFERENT)
    assert np.array_equal(space.thoughts, before)
    assert np.array_equal(same, SAME)
