from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thought.errors import CheckpointError, ConfigError, ScoringError
from thought.projection import FORMAT, Projection

NEIGHBOUR_METHODS = ("tsne", "opentsne")


def cloud(seed: int = 1, rows: int = 30, width: int = 12) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(rows, width)) * 1.5 ** -np.arange(width) + 0.3).astype(np.float32)


@pytest.fixture(scope="module")
def tsne() -> Projection:
    return Projection("tsne", perplexity=5).fit(cloud())


# PCA


@pytest.mark.parametrize("dimensions", [2, 3])
def test_pca_is_that_of_scikit_learn_but_for_signs(dimensions):
    from sklearn.decomposition import PCA

    thoughts = cloud()
    ours = Projection("pca", dimensions).fit(thoughts)
    theirs = PCA(dimensions).fit(thoughts.astype(np.float64))
    assert np.abs(ours.points) == pytest.approx(np.abs(theirs.transform(thoughts)), abs=1e-5)
    assert ours.explained == pytest.approx(theirs.explained_variance_ratio_, rel=1e-5)
    assert ours.points.dtype == np.float64
    assert ours.is_exact


def test_pca_places_new_thoughts_as_the_fitted():
    thoughts = cloud()
    fitted = Projection().fit(thoughts)
    assert fitted.transform(thoughts) == pytest.approx(fitted.points, abs=1e-12)
    between = (thoughts[:1].astype(np.float64) + thoughts[1:2]) / 2
    assert fitted.transform(between)[0] == pytest.approx(fitted.points[:2].mean(axis=0))


def test_pca_back_and_forth_is_exact_in_the_plane():
    fitted = Projection().fit(cloud())
    points = np.random.default_rng(2).normal(size=(9, 2))
    assert fitted.transform(fitted.inverse(points)) == pytest.approx(points, abs=1e-12)


def test_what_pca_leaves_out_comes_back_as_the_mean():
    thoughts = np.array([[3.0, 1, 7], [-3, 1, 7], [0, 2, 7.5], [0, 0, 6.5], [0, 1, 7]])
    back = Projection().fit(thoughts).inverse(np.zeros((1, 2)))
    assert back[0] == pytest.approx([0, 1, 7])


def test_thoughts_that_fill_a_plane_come_back_whole():
    flat = np.random.default_rng(3).normal(size=(8, 2)) @ np.random.default_rng(4).normal(size=(2, 20)) + 5
    fitted = Projection().fit(flat)
    assert fitted.inverse(fitted.points) == pytest.approx(flat)


@given(st.integers(0, 2**32 - 1))
def test_pca_does_not_depend_on_the_order_of_sentences(seed):
    thoughts = cloud(seed)
    order = np.random.default_rng(seed).permutation(len(thoughts))
    shuffled = Projection().fit(thoughts[order]).points
    assert shuffled == pytest.approx(Projection().fit(thoughts).points[order], abs=1e-5)


# neighbour methods


@pytest.mark.parametrize("method", NEIGHBOUR_METHODS)
@pytest.mark.parametrize("dimensions", [2, 3])
def test_the_same_thoughts_come_to_the_same_places(method, dimensions):
    if method == "opentsne":
        pytest.importorskip("openTSNE")
    first, again = (Projection(method, dimensions, perplexity=5).fit(cloud()) for _ in range(2))
    assert np.array_equal(first.points, again.points)
    assert first.points.shape == (30, dimensions)
    assert first.points.dtype == np.float64
    assert first.explained is None
    assert not first.is_exact


def test_the_length_of_a_thought_does_not_move_it(tsne):
    longer = cloud() * 2.0 ** np.arange(-5, 5).repeat(3)[:, None].astype(np.float32)  # exact in binary
    assert Projection("tsne", perplexity=5).fit(longer).points == pytest.approx(tsne.points)


def test_a_fitted_thought_comes_to_its_own_point_and_back(tsne):
    assert tsne.transform(cloud()) == pytest.approx(tsne.points, abs=1e-9)
    assert tsne.transform(7 * cloud().astype(np.float64)) == pytest.approx(tsne.points, abs=1e-9)
    assert tsne.inverse(tsne.points) == pytest.approx(cloud(), abs=1e-9)


def test_a_new_thought_comes_among_its_neighbours(tsne):
    thoughts = cloud().astype(np.float64)
    rng = np.random.default_rng(5)
    near = thoughts + 1e-3 * rng.normal(size=thoughts.shape)
    moved = np.linalg.norm(tsne.transform(near) - tsne.points, axis=1)
    assert moved.max() < 1e-3 * np.ptp(tsne.points)
    low, high = tsne.points.min(axis=0), tsne.points.max(axis=0)
    anywhere = tsne.transform(rng.normal(size=(50, thoughts.shape[1])))
    assert ((anywhere >= low - 1e-9) & (anywhere <= high + 1e-9)).all()


def test_blocks_give_what_one_piece_gives(tsne, monkeypatch):
    from thought import projection

    whole = tsne.transform(cloud(6))
    monkeypatch.setattr(projection, "ROWS_AT_ONCE", 7)
    assert tsne.transform(cloud(6)) == pytest.approx(whole, abs=1e-9)


def test_a_place_between_two_points_is_a_thought_between(tsne):
    a, b = tsne.points[0], tsne.points[1]
    found = tsne.inverse(np.stack([a, (a + b) / 2, [1e6, 1e6]]))
    low, high = cloud().min(axis=0), cloud().max(axis=0)
    assert np.isfinite(found).all()
    assert ((found >= low - 1e-6) & (found <= high + 1e-6)).all()


def test_duplicates_lie_in_one_place():
    thoughts = np.repeat(cloud(rows=12), 2, axis=0)
    points = Projection("tsne", perplexity=4).fit(thoughts).points
    apart = np.linalg.norm(points[::2] - points[1::2], axis=1)
    assert apart.max() < 0.05 * np.ptp(points)


# doubtful and bad input


def test_a_perplexity_above_what_the_sentences_allow_is_lowered_and_said():
    with pytest.warns(UserWarning, match="a perplexity of 30 is too large for 16 sentences: t-SNE is given 5"):
        fitted = Projection("tsne").fit(cloud(rows=16))
    assert fitted.perplexity == pytest.approx(5)
    assert Projection("tsne", perplexity=5).fit(cloud(rows=16)).points == pytest.approx(fitted.points)


def test_more_neighbours_than_sentences_are_lowered_and_said(monkeypatch):
    from thought import projection

    reached = []
    monkeypatch.setattr(projection, "lay_out", lambda *_, reach, **__: reached.append(reach) or np.zeros((6, 2)))
    with pytest.warns(UserWarning, match="a number of neighbours of 15 is too large for 6 sentences: UMAP is given 5"):
        assert Projection("umap").fit(cloud(rows=6)).neighbours == 5
    assert reached == [5]


@pytest.mark.parametrize("method", ["pca", "tsne", "umap", "opentsne"])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_few_sentences_are_shown_by_principal_components(method, count):
    thoughts = cloud(rows=count)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fitted = Projection(method).fit(thoughts)
    assert len(caught) == (count < 3 if method == "pca" else 1)
    assert all(one.category is UserWarning and one.filename == __file__ for one in caught)
    assert fitted.points.shape == (count, 2)
    assert fitted.points.mean(axis=0) == pytest.approx(0, abs=1e-6)
    assert fitted.transform(thoughts) == pytest.approx(fitted.points, abs=1e-6)
    if count <= 3:
        assert fitted.inverse(fitted.points) == pytest.approx(thoughts, abs=1e-5)


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_copies_of_one_sentence_are_one_point(method):
    thoughts = np.tile(cloud(rows=1), (9, 1))
    with pytest.warns(UserWarning, match="in 0 directions only" if method == "pca" else "not all the same, got 9"):
        fitted = Projection(method).fit(thoughts)
    assert fitted.points == pytest.approx(np.zeros((9, 2)), abs=1e-9)
    assert fitted.transform(thoughts) == pytest.approx(fitted.points, abs=1e-9)


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_thoughts_of_one_number_make_a_line(method):
    thoughts = np.linspace(-1, 1, 12)[:, None]
    if method == "pca":
        with pytest.warns(UserWarning, match="differ in 1 directions only: of 2 axes the rest is empty"):
            assert (Projection().fit(thoughts).points[:, 1] == 0).all()
    else:  # by the cosine there are two places, -1 and 1
        points = Projection("tsne", perplexity=3).fit(thoughts).points
        assert np.isfinite(points).all()


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_what_is_no_thought_is_named(method):
    thoughts = cloud()
    thoughts[4, 2] = np.nan
    with pytest.raises(ScoringError, match="thoughts hold NaN or infinity, first in row 4 of 30"):
        Projection(method).fit(thoughts)
    with pytest.raises(ScoringError, match=r"N, Z >= 1, got \(0, 12\)"):
        Projection(method).fit(thoughts[:0])
    with pytest.raises(ScoringError, match=r"got \(12,\)"):
        Projection(method).fit(thoughts[0])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "tnse"}, "unknown method 'tnse'; did you mean tsne?"),
        ({"dimensions": 4}, "2 or 3 dimensions, got 4"),
        ({"perplexity": 0.5}, "perplexity must be at least 1, got 0.5"),
        ({"perplexity": float("nan")}, "perplexity must be at least 1, got nan"),
        ({"neighbours": 1}, "neighbours must be at least 2, got 1"),
        ({"seed": -1}, "seed must lie in .* got -1"),
    ],
)
def test_a_setting_out_of_range_is_named(settings, message):
    with pytest.raises(ConfigError, match=message):
        Projection(**settings)


def test_a_map_that_is_not_fitted_says_how_to_fit_it():
    for ask in (lambda one: one.points, lambda one: one.transform(cloud()), lambda one: one.save("nowhere")):
        with pytest.raises(ScoringError, match=r"projection = projection.fit\(thoughts\)"):
            ask(Projection())


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_other_widths_and_numbers_are_refused(method):
    fitted = Projection(method, perplexity=5).fit(cloud())
    with pytest.raises(ScoringError, match=r"thoughts are \(30, 5\), the map was fitted to \(N, 12\)"):
        fitted.transform(cloud(width=5))
    with pytest.raises(ScoringError, match=r"points are \(4, 3\), the map has 2 dimensions"):
        fitted.inverse(np.zeros((4, 3)))
    with pytest.raises(ScoringError, match="points hold NaN"):
        fitted.inverse(np.full((1, 2), np.nan))


def test_fitting_changes_neither_the_settings_nor_the_thoughts():
    thoughts, bare = cloud(), Projection("tsne", perplexity=5)
    before = thoughts.copy()
    fitted = bare.fit(thoughts)
    assert np.array_equal(thoughts, before)
    with pytest.raises(ScoringError):
        _ = bare.points
    where = fitted.transform(before[:1])
    thoughts[:] = 0  # what the caller does later with the array is no matter
    assert np.array_equal(fitted.transform(before[:1]), where)


def test_a_map_knows_its_thoughts(tsne):
    for fitted in (tsne, Projection().fit(cloud())):
        assert fitted.is_of(cloud())
        assert not fitted.is_of(cloud()[::-1])
        assert not fitted.is_of(cloud()[:9])
        assert not fitted.is_of(cloud(width=5))
    twice = np.repeat(cloud(), 2, axis=0)
    assert Projection("tsne", perplexity=5).fit(twice).is_of(twice)


# files


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_saved_and_loaded_is_the_same_map(method, tmp_path):
    fitted = Projection(method, 3, seed=5, perplexity=4.25).fit(cloud())
    assert fitted.save(tmp_path / "map.any") == tmp_path / "map.any"
    loaded = Projection.load(tmp_path / "map.any")
    assert repr(loaded) == repr(fitted)
    assert np.array_equal(loaded.points, fitted.points)
    assert np.array_equal(loaded.transform(cloud(7)), fitted.transform(cloud(7)))
    assert np.array_equal(loaded.inverse(fitted.points + 1), fitted.inverse(fitted.points + 1))
    assert loaded.is_of(cloud())
    assert [path.name for path in tmp_path.iterdir()] == ["map.any"]


def test_a_map_is_read_without_the_package_that_made_it(tmp_path, monkeypatch):
    from thought import projection

    monkeypatch.setattr(projection, "lay_out", lambda *_, **__: np.zeros((30, 2)))
    Projection("umap").fit(cloud()).save(tmp_path / "map")
    monkeypatch.setitem(sys.modules, "umap", None)
    assert Projection.load(tmp_path / "map").method == "umap"


def test_two_saves_give_the_same_bytes(tmp_path, tsne):
    assert tsne.save(tmp_path / "a").read_bytes() == tsne.save(tmp_path / "b").read_bytes()


@pytest.mark.parametrize(("owner", "step"), [(np, "savez"), (os, "fsync"), (os, "replace")])
def test_a_save_that_fails_keeps_what_was_there(tmp_path, monkeypatch, tsne, owner, step):
    path = tmp_path / "map"
    path.write_text("older")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(owner, step, full)
    with pytest.raises(CheckpointError, match="cannot save .*map: No space left on device"):
        tsne.save(path)
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(tmp_path, tsne):
    with pytest.raises(CheckpointError, match="No such file"):
        tsne.save(tmp_path / "none" / "map")
    with pytest.raises(CheckpointError, match="there is no .*map"):
        Projection.load(tmp_path / "map")


def rewritten(path: Path, **changes: object) -> Path:
    """Write a map again with other settings or arrays."""
    with np.load(path, allow_pickle=False) as archive:
        arrays = dict(archive)
    facts = json.loads(arrays["facts"].tobytes())
    arrays.update({name: value for name, value in changes.items() if name in arrays})
    facts["format"] = changes.get("format", facts["format"])
    facts["settings"].update(changes.get("settings", {}))
    arrays["facts"] = np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)
    with path.open("wb") as file:
        np.savez(file, **arrays)
    return path


def test_a_newer_file_is_named(tmp_path, tsne):
    path = rewritten(tsne.save(tmp_path / "map"), format=FORMAT + 1, settings={"colour": "red"}, points=np.zeros(0))
    with pytest.raises(CheckpointError, match=f"format {FORMAT + 1}, this version reads {FORMAT}: update the package"):
        Projection.load(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"points": np.zeros((30, 3))},
        {"points": np.zeros((29, 2))},
        {"points": np.full((30, 2), np.nan)},
        {"points": np.zeros(30)},
        {"thoughts": np.array([["a"] * 12] * 30)},
        {"thoughts": cloud(rows=30, width=5)},
        {"settings": {"method": "pca"}},
        {"settings": {"method": "magic"}},
        {"settings": {"colour": "red"}},
        {"settings": {"dimensions": "two"}},
        {"format": "one"},
    ],
)
def test_parts_that_do_not_fit_together_are_refused(tmp_path, tsne, changes):
    path = rewritten(tsne.save(tmp_path / "map"), **changes)
    with pytest.raises(CheckpointError, match="is damaged or no map that Projection.save wrote"):
        Projection.load(path)


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_nothing_in_a_file_is_executed(tmp_path, tsne):
    path = tsne.save(tmp_path / "map")
    with np.load(path) as archive:
        arrays = dict(archive)
    with path.open("wb") as file:
        np.savez(file, **{**arrays, "points": np.array([Trap(tmp_path / "sprung")], dtype=object)})
    with pytest.raises(CheckpointError, match="is damaged or no map"):
        Projection.load(path)
    assert not (tmp_path / "sprung").exists()


def test_a_damaged_file_is_an_error_or_harmless(tmp_path):
    fitted = Projection().fit(cloud(rows=5))
    whole = fitted.save(tmp_path / "map").read_bytes()
    path = tmp_path / "damaged"
    rng = np.random.default_rng(8)
    refused = 0
    for place in [*range(0, len(whole), 11), *range(len(whole) - 60, len(whole))]:
        content = bytearray(whole)
        content[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(content)
        try:
            loaded = Projection.load(path)
        except CheckpointError:
            refused += 1
        else:
            assert np.array_equal(loaded.points, fitted.points)
            assert np.array_equal(loaded.transform(cloud()), fitted.transform(cloud()))
    assert refused > 100
    for length in (0, 1, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError):
            Projection.load(path)
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(CheckpointError):
        Projection.load(path)
