from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from thought.errors import ScoringError
from thought.geometry import spread
from thought.geometry.spread import effective_dimension, intrinsic_dimension, spectrum, uniformity


def flat(rows: int, dimensions: int, width: int, seed: int = 1) -> np.ndarray:
    """Rows evenly in a cube of few dimensions that stands askew in a wide space."""
    rng = np.random.default_rng(seed)
    frame, _ = np.linalg.qr(rng.normal(size=(width, dimensions)))
    return rng.uniform(size=(rows, dimensions)) @ frame.T


def test_uniformity_of_three_rows_one_can_check_on_paper():
    thoughts = np.array([[1.0, 0.0], [0.0, 5.0], [-2.0, 0.0]])  # squared distances 2, 2 and 4
    assert uniformity(thoughts) == pytest.approx(np.log((2 * np.exp(-4) + np.exp(-8)) / 3))


def test_uniformity_in_blocks_is_that_in_one_piece(monkeypatch):
    thoughts = np.random.default_rng(1).normal(size=(50, 4))
    whole = uniformity(thoughts)
    monkeypatch.setattr(spread, "CELLS", 170)
    assert uniformity(thoughts) == pytest.approx(whole)


def test_uniformity_goes_from_collapsed_to_even():
    rng = np.random.default_rng(1)
    assert uniformity(np.ones((9, 4))) == pytest.approx(0)
    assert uniformity(np.array([[1.0], [-1.0]])) == pytest.approx(-8)
    even = rng.normal(size=(2000, 64))
    assert uniformity(even) == pytest.approx(-4 + 8 / 64, abs=0.01)
    assert uniformity(even + 1) > uniformity(even) + 0.5


def test_a_sample_estimates_the_uniformity_of_all():
    thoughts = np.random.default_rng(1).normal(size=(1500, 16))
    assert uniformity(thoughts, most=500) == pytest.approx(uniformity(thoughts), abs=0.02)
    assert uniformity(thoughts, most=500, seed=1) == uniformity(thoughts, most=500, seed=1)
    assert uniformity(thoughts, most=500, seed=1) != uniformity(thoughts, most=500, seed=2)


@pytest.mark.parametrize("dimensions", [1, 2, 5])
def test_the_dimension_of_a_cube_is_found_in_a_wide_space(dimensions):
    found = intrinsic_dimension(flat(2000, dimensions, 40))
    assert found == pytest.approx(dimensions, rel=0.1)


def test_the_dimension_is_the_slope_of_the_paper():
    thoughts = np.random.default_rng(1).normal(size=(30, 3))
    distances = np.sort(np.linalg.norm(thoughts[:, None] - thoughts, axis=2), axis=1)
    across = np.log(np.sort(distances[:, 2] / distances[:, 1]))[:24]
    up = -np.log(1 - np.arange(1, 25) / 31)
    assert intrinsic_dimension(thoughts, discard=0.2) == pytest.approx((across @ up) / (across @ across))


def test_copies_count_once_even_if_they_differ_by_rounding():
    thoughts = flat(400, 3, 20).astype(np.float32)
    alone = intrinsic_dimension(thoughts)
    again = thoughts[:200] * np.float32(1 + 1e-6)
    assert intrinsic_dimension(np.concatenate([thoughts, again, again])) == pytest.approx(alone, rel=1e-3)


def test_the_dimension_does_not_see_scale_or_place_or_blocks(monkeypatch):
    thoughts = flat(300, 3, 10)
    alone = intrinsic_dimension(thoughts)
    assert intrinsic_dimension(1e-4 * thoughts) == pytest.approx(alone)
    assert intrinsic_dimension(thoughts + 50) == pytest.approx(alone, rel=1e-3)
    monkeypatch.setattr(spread, "CELLS", 1000)
    assert intrinsic_dimension(thoughts) == pytest.approx(alone)


def test_beyond_most_rows_some_are_drawn():
    thoughts = flat(900, 2, 6)
    assert intrinsic_dimension(thoughts, most=300) == pytest.approx(2, rel=0.2)


def test_a_spectrum_one_can_check_on_paper():
    assert spectrum(np.array([[3.0, 1, 0], [-3, 1, 0], [0, 2, 0], [0, 0, 0]])) == pytest.approx([0.9, 0.1, 0.0])


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.integers(2, 20), st.integers(1, 20))
def test_the_spectrum_is_that_of_sklearn_and_sums_to_one(seed, rows, width):
    thoughts = np.random.default_rng(seed).normal(size=(rows, width)) + 3
    shares = spectrum(thoughts)
    assert shares.shape == (min(rows - 1, width),)
    assert shares.sum() == pytest.approx(1)
    assert (np.diff(shares) <= 1e-12).all()
    assert shares == pytest.approx(PCA().fit(thoughts).explained_variance_ratio_[: len(shares)], abs=1e-9)


def test_the_effective_dimension_counts_equal_components():
    assert effective_dimension(np.array([0.25] * 4)) == pytest.approx(4)
    assert effective_dimension(np.array([1.0, 0.0, 0.0])) == pytest.approx(1)
    noise = np.random.default_rng(1).normal(size=(400, 200))
    assert effective_dimension(spectrum(noise)) == pytest.approx(200 / (1 + 200 / 400), rel=0.03)


def test_inputs_are_not_changed():
    thoughts = flat(50, 3, 5)
    before = thoughts.copy()
    thoughts.flags.writeable = False
    uniformity(thoughts)
    intrinsic_dimension(thoughts)
    spectrum(thoughts)
    assert np.array_equal(before, thoughts)


@pytest.mark.parametrize("measure", [uniformity, intrinsic_dimension, spectrum])
def test_too_few_rows_and_values_that_are_not_finite_are_named(measure):
    for few in (0, 1):
        with pytest.raises(ScoringError, match=r"must"):
            measure(np.ones((few, 3)))
    with pytest.raises(ScoringError, match="NaN or infinity, first in row 2 of 4"):
        measure(np.array([[1.0], [2.0], [np.nan], [3.0]]))


def test_what_has_no_dimension_is_refused():
    with pytest.raises(ScoringError, match="at least 3 distinct rows, got 2 of 9"):
        intrinsic_dimension(np.array([[0.0, 1.0]] * 5 + [[1.0, 0.0]] * 4))
    with pytest.raises(ScoringError, match="at least 3 distinct rows, got 1 of 5"):
        intrinsic_dimension(np.full((5, 3), 0.1))
    with pytest.raises(ScoringError, match="two equally near neighbours"):
        intrinsic_dimension(np.eye(5))
    with pytest.raises(ScoringError, match=r"discard must lie in \[0, 1\), got 1"):
        intrinsic_dimension(flat(9, 2, 2), discard=1)
    with pytest.raises(ScoringError, match="all 5 thoughts are equal"):
        spectrum(np.full((5, 3), 0.1, dtype=np.float32))
