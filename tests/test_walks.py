"""Walks on a plane where every step can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from spaces import small_space
from walkers import Plane

from thought.errors import ScoringError
from thought.projection import Projection
from thought.space import Space
from thought.walks import analogy, apply, between, decode_grid, direction, interpolate, neighbours

EAST, NORTH = np.array([1.0, 0.0]), np.array([0.0, 1.0])
NAMES = tuple(Plane.KNOWN)
SPACE = Space(NAMES, ("en", "en", "de", "de"), np.arange(4), Plane().encode(NAMES))


def test_neighbours_of_a_sentence_begin_with_itself() -> None:
    found = neighbours(SPACE, "north", 2, encoder=Plane())
    assert (found[0].text, found[0].language, found[0].meaning) == ("north", "en", 1)
    assert found[0].cosine == pytest.approx(1)
    assert found[1].cosine == pytest.approx(0)


def test_neighbours_can_be_of_one_language() -> None:
    found = neighbours(SPACE, np.array([0.9, -0.5]), 2, language="de")
    assert [one.text for one in found] == ["south", "west"]


def test_neighbours_of_a_sentence_need_an_encoder() -> None:
    with pytest.raises(ScoringError, match="takes an encoder"):
        neighbours(SPACE, "north", 1)
    with pytest.raises(ScoringError, match="k must lie"):
        neighbours(SPACE, EAST, 5)


def test_a_straight_way_has_even_steps() -> None:
    assert between(EAST, NORTH, 3).tolist() == [[1, 0], [0.5, 0.5], [0, 1]]


def test_a_spherical_way_turns_evenly_and_keeps_its_length() -> None:
    way = between(EAST, 3 * NORTH, 3, "spherical")
    assert way[1] == pytest.approx([2 * np.sqrt(0.5), 2 * np.sqrt(0.5)])
    assert np.linalg.norm(way, axis=1) == pytest.approx([1, 2, 3])


@pytest.mark.parametrize("end", [2 * EAST, -EAST, 0 * EAST])
def test_where_there_is_no_one_turn_the_spherical_way_is_straight(end: np.ndarray) -> None:
    assert between(EAST, end, 5, "spherical") == pytest.approx(between(EAST, end, 5))


def test_a_way_has_two_ends_and_a_known_kind() -> None:
    with pytest.raises(ScoringError, match="2 ends"):
        between(EAST, NORTH, 1)
    with pytest.raises(ScoringError, match="did you mean spherical"):
        between(EAST, NORTH, 3, "sperical")  # type: ignore[arg-type]
    with pytest.raises(ScoringError, match="NaN"):
        between(EAST, NORTH * np.nan, 3)


def test_every_place_is_written_in_every_language_with_its_confidence() -> None:
    walk = interpolate(Plane(), "east", "north", 5, to=["quiet", "loud"])
    assert [step.texts["quiet"] for step in walk] == ["east", "east", "east", "north", "north"]
    assert walk[0].texts["loud"] == "EAST"
    assert [step.confidence["quiet"] for step in walk] == pytest.approx([1, 0.9487, 0.7071, 0.9487, 1], abs=1e-4)


def test_an_analogy_is_a_sum() -> None:
    found = analogy(Plane(), "east", "north", np.array([1.0, -1.0]), to=["quiet"])
    assert found.thought.tolist() == [0, 0]
    found = analogy(Plane(), "east", "west", np.array([2.0, 0.5]), to=["quiet"])
    assert found.thought.tolist() == [0, 0.5]
    assert found.texts == {"quiet": "north"}
    with pytest.raises(ScoringError, match="in a list"):
        analogy(Plane(), "east", "west", "north", to="quiet")


def test_an_edit_is_the_mean_of_what_it_changes() -> None:
    before, after = np.array([[0.0, 0], [1, 1]]), np.array([[2.0, 1], [1, 2]])
    edit = direction(before, after)
    assert edit.tolist() == [1, 1]
    assert apply(before, edit, 0.5).tolist() == [[0.5, 0.5], [1.5, 1.5]]
    assert before.tolist() == [[0, 0], [1, 1]]
    with pytest.raises(ScoringError, match="shapes differ"):
        direction(before, after[:1])
    with pytest.raises(ScoringError, match="does not fit"):
        apply(before, edit[:1])


def test_a_page_begins_at_the_top_left_of_the_map() -> None:
    projection = Projection("pca").fit(SPACE.thoughts)
    page = decode_grid(Plane(), projection, 3, to="quiet")
    assert [len(row) for row in page] == [3, 3, 3]
    top_left = projection.transform(page[0][0].thought[None])[0]
    bottom_right = projection.transform(page[2][2].thought[None])[0]
    assert top_left[0] < bottom_right[0]
    assert top_left[1] > bottom_right[1]
    assert {step.texts["quiet"] for row in page for step in row} <= set(NAMES)


def test_a_page_is_of_the_plane() -> None:
    space = small_space()
    with pytest.raises(ScoringError, match="two dimensions"):
        decode_grid(Plane(), Projection("pca", dimensions=3).fit(space.thoughts), 3, to="quiet")
    with pytest.raises(ScoringError, match="at least one place"):
        decode_grid(Plane(), Projection("pca").fit(space.thoughts), 0, to="quiet")
