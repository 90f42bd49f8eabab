from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import CODES, MEANINGS, merging_film
from hypothesis import given, settings
from hypothesis import strategies as st

from thought.errors import ScoringError
from thought.film import _turned, between, choose_joined, clock, follow, place, reach
from thought.space import Space


def language_share(points: np.ndarray, codes: tuple[str, ...]) -> float:
    """Share of the variance that lies between the means of the languages."""
    means = {code: points[[other == code for other in codes]].mean(axis=0) for code in set(codes)}
    between_means = np.array([means[code] for code in codes]) - points.mean(axis=0)
    return float((between_means**2).sum() / ((points - points.mean(axis=0)) ** 2).sum())


def test_film_time_is_even_at_first_and_runs_by_doublings_later():
    assert clock(np.array([0, 8, 24, 56])).tolist() == [0.0, 1.0, 2.0, 3.0]
    assert clock(2**21) - clock(2**20) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("basis", ["procrustes", "pca"])
def test_the_last_snapshot_lies_on_its_two_principal_components(basis):
    film = merging_film()
    centred = film.thoughts[-1] - film.thoughts[-1].mean(axis=0)
    variances = np.linalg.svd(centred, compute_uv=False) ** 2
    points = place(film, basis)[-1]
    assert (points**2).sum(axis=0)[1] / (points**2).sum(axis=0)[0] == pytest.approx(
        variances[1] / variances[0], rel=1e-3
    )
    assert points[:, 0] @ points[:, 1] == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("basis", ["procrustes", "pca"])
def test_every_snapshot_is_centred_and_nine_tenths_lie_within_one(basis):
    points = place(merging_film(), basis)
    assert points.shape == (4, MEANINGS * len(CODES), 2)
    np.testing.assert_allclose(points.mean(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(np.quantile(np.linalg.norm(points, axis=2), 0.9, axis=1), 1)


def test_the_language_clouds_are_apart_at_first_and_merge():
    film = merging_film()
    shares = [language_share(points, film.space.languages) for points in place(film)]
    assert shares[0] > 0.9
    assert shares[-1] < 0.01


def test_in_one_basis_every_snapshot_is_the_same_projection():
    film = merging_film()
    doubled = replace(
        film, thoughts=np.concatenate([film.thoughts[-1:] * 3 + 5, film.thoughts[-1:]]), steps=np.array([1, 2])
    )
    first, last = place(doubled, "pca")
    np.testing.assert_allclose(first, last, atol=1e-5)


def test_procrustes_undoes_a_turn_of_the_space():
    film = merging_film()
    turn = np.linalg.qr(np.random.default_rng(7).normal(size=(8, 8)))[0].astype(np.float32)
    turned = replace(film, thoughts=np.stack([film.thoughts[-1] @ turn, film.thoughts[-1]]), steps=np.array([1, 2]))
    first, last = place(turned, "procrustes")
    np.testing.assert_allclose(first, last, atol=1e-4)
    assert not np.allclose(*place(turned, "pca"), atol=0.1)


@pytest.mark.parametrize("mirror", [1, -1])
def test_points_that_were_turned_or_mirrored_are_turned_back(mirror):
    reference = np.random.default_rng(3).normal(size=(9, 2))
    turn = np.array([[np.cos(0.7), -np.sin(0.7)], [np.sin(0.7), np.cos(0.7)]]) * [1, mirror]
    np.testing.assert_allclose(_turned(reference @ turn, reference), reference, atol=1e-12)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["procrustes", "pca"]))
def test_the_order_of_sentences_is_irrelevant(seed, basis):
    film = merging_film()
    order = np.random.default_rng(seed).permutation(len(film.space))
    shuffled = replace(film, space=film.space.select(order), thoughts=film.thoughts[:, order])
    np.testing.assert_allclose(abs(place(shuffled, basis)), abs(place(film, basis)[:, order]), atol=1e-3)


def test_points_in_one_place_stay_there():
    film = merging_film()
    thoughts = film.thoughts.copy()
    thoughts[1] = 1.0
    assert not place(replace(film, thoughts=thoughts))[1].any()


@pytest.mark.parametrize(("rows", "width"), [(1, 8), (2, 8), (36, 1)])
def test_a_plane_is_found_even_for_a_line_or_a_point(rows, width):
    film = merging_film()
    space = film.space.select(np.arange(rows))
    points = place(replace(film, space=space, thoughts=film.thoughts[:, :rows, :width]))
    assert points.shape == (4, rows, 2)
    assert np.isfinite(points).all()


@pytest.mark.parametrize(("change", "message"), [
    ({"thoughts": np.ones((1, 36, 8)), "steps": np.array([0])}, "at least 2 snapshots, got 1"),
    ({"thoughts": np.full((4, 36, 8), np.nan)}, "NaN or infinity"),
])  # fmt: skip
def test_what_is_no_film_is_refused(change, message):
    with pytest.raises(ScoringError, match=message):
        place(replace(merging_film(), **change))


def test_an_unknown_basis_is_refused():
    with pytest.raises(ScoringError, match="unknown basis procrusts; did you mean procrustes"):
        place(merging_film(), "procrusts")  # type: ignore[arg-type]


def test_between_passes_through_what_is_known():
    times, values = clock(np.array([0, 3, 4, 50])), np.random.default_rng(1).normal(size=(4, 5, 2))
    for time, value in zip(times, values, strict=True):
        np.testing.assert_allclose(between(times, values, time), value, atol=1e-12)
    np.testing.assert_allclose(between(times, values, -1), values[0])
    np.testing.assert_allclose(between(times, values, 99), values[-1])


def test_between_is_exact_on_a_straight_way_and_smooth_on_any():
    times = np.array([0.0, 1.0, 1.5, 4.0])
    straight = np.outer(times, [2.0, -1.0])
    np.testing.assert_allclose(between(times, straight, 0.7), [1.4, -0.7])
    values = np.array([0.0, 1.0, -1.0, 2.0])
    before, at, after = (between(times, values, 1.5 + shift) for shift in (-1e-5, 0, 1e-5))
    assert (at - before) / 1e-5 == pytest.approx((after - at) / 1e-5, abs=1e-3)  # no kink in a snapshot


def test_the_curves_say_what_the_film_shows():
    bleu, found, probe = follow(merging_film())
    assert (bleu.name, bleu.steps.tolist(), bleu.values.tolist(), bleu.is_share) == (
        "BLEU",
        [64, 512],
        [3.0, 20.0],
        False,
    )
    assert (found.name, found.chance) == ("P@1", 1 / MEANINGS)
    assert found.values[0] < 0.4
    assert found.values[-1] == 1
    assert (probe.name, probe.chance) == ("language probe", 1 / 3)
    assert probe.values[0] == 1
    assert probe.values[-1] < 0.65


def test_of_many_snapshots_the_probe_reads_some_with_the_first_and_the_last():
    film = merging_film(tuple(range(40)))
    probe = follow(film)[-1]
    assert len(probe.steps) == 24
    assert (probe.steps[0], probe.steps[-1]) == (0, 39)


def test_one_language_has_no_translations_to_follow():
    film = merging_film()
    rows = film.space.rows("de")
    alone = replace(film, space=film.space.select(rows), thoughts=film.thoughts[:, rows], facts={})
    assert follow(alone) == []


def test_too_few_meanings_leave_the_probe_out():
    film = merging_film()
    few = replace(film, space=film.space.select(np.arange(9)), thoughts=film.thoughts[:, :9])
    assert [curve.name for curve in follow(few)] == ["BLEU", "P@1"]


def test_joined_meanings_lie_far_apart():
    corners = np.array([[0, 0], [0.1, 0], [9, 0], [9, 0.1], [0, 9], [-9, 0], [0, 0.2]])
    points = np.repeat(corners, 2, axis=0)
    space = Space(("x",) * 14, ("en", "de") * 7, np.repeat(np.arange(10, 17), 2), np.zeros((14, 1)))
    assert choose_joined(space, points, 3) == [13, 15, 14]  # the farthest out, the farthest from it, then from both
    assert sorted(choose_joined(space, points, 99)) == [*range(10, 17)]


def test_a_meaning_said_once_is_not_joined():
    space = Space(("x",) * 3, ("en", "en", "de"), np.array([0, 1, 1]), np.zeros((3, 1)))
    assert choose_joined(space, np.array([[9.0, 9.0], [1.0, 0.0], [0.0, 1.0]])) == [1]


def test_the_window_holds_all_but_a_few_outliers():
    points = np.zeros((2, 1000, 2))
    points[0, :, 0] = np.linspace(0, 2, 1000)
    points[1, :5] = 500
    assert 1.9 < reach(points) < 2.2


def test_inputs_are_not_changed():
    film = merging_film()
    film.thoughts.flags.writeable = False
    place(film)
    follow(film)
