"""Figures of distances: matrices, distributions, spectra."""

from __future__ import annotations

import io

import numpy as np
import pytest
from spaces import small_space

from thought.errors import ScoringError
from thought.plots import distances
from thought.plots.style import LOOKS

COSINES = np.random.default_rng(1).uniform(-0.2, 1, 500)


@pytest.mark.parametrize("theme", LOOKS)
def test_a_matrix_has_a_frame_a_meaning_and_its_cosines_written(theme: str) -> None:
    space = small_space(3, ("en", "de"))
    mixed = space.select([5, 0, 2, 4, 1, 3])
    figure = distances.similarity_matrix(mixed, theme=theme)
    (axes,) = figure.axes
    assert len(axes.lines) == 3
    assert len(axes.texts) == 36
    assert axes.texts[0].get_text() == "1.00"
    assert [label.get_text()[-2:] for label in axes.get_yticklabels()] == ["en", "de", "en", "de", "de", "en"]
    matrix = np.asarray(axes.images[0].get_array())
    assert np.allclose(matrix, matrix.T)
    assert matrix[0, 1] > 0.9 > matrix[0, 2]


def test_a_large_matrix_is_refused() -> None:
    with pytest.raises(ScoringError, match="at most 64"):
        distances.similarity_matrix(small_space(33))
    with pytest.raises(ScoringError, match="at least 2"):
        distances.similarity_matrix(small_space(1).select([0]))


def test_distributions_are_in_percent_and_show_the_threshold() -> None:
    figure = distances.distance_distributions(COSINES, COSINES - 0.5, paraphrases=COSINES / 2, threshold=0.4, auc=0.9)
    (axes,) = figure.axes
    *steps, line = axes.lines
    assert [float(np.sum(step.get_ydata())) for step in steps] == pytest.approx([100] * 3, abs=2)
    assert line.get_xdata() == [0.4, 0.4]
    assert "AUC 0.9000" in axes.get_title(loc="left")
    figure.savefig(io.BytesIO(), format="svg")


def test_one_kind_of_pair_is_nothing_to_compare() -> None:
    with pytest.raises(ScoringError, match="one kind"):
        distances.distance_distributions(COSINES, COSINES[:0])
    with pytest.raises(ScoringError, match="NaN"):
        distances.distance_distributions(COSINES, np.array([np.nan, 1.0]))


def test_a_spectrum_says_how_many_components_hold_half() -> None:
    figure = distances.spectrum(np.array([0.4, 0.3, 0.2, 0.1]))
    assert [text.get_text() for text in figure.axes[0].texts] == ["2 hold 50 %", "3 hold 90 %"]
    with pytest.raises(ScoringError, match="finite shares"):
        distances.spectrum(np.array([np.nan]))
