"""Walks: neighbours, paths, analogies, and a map as a page of sentences."""

from __future__ import annotations

import numpy as np
import pytest
from bags import Bags, PairedBags, bag
from worlds import toy_texts, toy_translator

from thought.errors import ScoringError
from thought.projection import Projection
from thought.space import Space
from thought.walks import analogy, decode_grid, interpolate, neighbours, say, think

TEXTS = ("a man runs", "a woman runs", "the dog sleeps here", "THE DOG SLEEPS", "a cat sings")
SPACE = Space(TEXTS, ("en", "en", "en", "up", "en"), np.array([0, 1, 2, 2, 3]), Bags().encode(TEXTS))


def test_what_says_its_thought_is_believed() -> None:
    walk = say(Bags(), np.stack([bag("a man runs"), bag("a man runs") * 3, bag("a man runs") * 0.4]))
    assert walk.texts == {"en": ("a man runs", "a man runs", ""), "up": ("A MAN RUNS", "A MAN RUNS", "")}
    np.testing.assert_allclose(walk.confidences["en"], [1, 1, 0], atol=1e-6)
    half_said = bag("a man runs") + 0.4 * bag("sings")  # three words of length one and one of 0.4
    np.testing.assert_allclose(say(Bags(), half_said[None], "en").confidences["en"], 3 / np.sqrt(3 * 3.16), rtol=1e-6)


def test_the_languages_to_write_can_be_chosen() -> None:
    thoughts = SPACE.thoughts[:1]
    assert list(say(Bags(), thoughts).texts) == ["en", "up"]
    assert list(say(Bags(), thoughts, "up").texts) == ["up"]
    assert list(say(Bags(), thoughts, ["up", "en"]).texts) == ["up", "en"]


def test_a_sentence_of_the_space_finds_itself_first() -> None:
    found = neighbours(SPACE, "a woman runs", 3, encoder=Bags())
    assert [one.text for one in found] == ["a woman runs", "a man runs", "a cat sings"]
    np.testing.assert_allclose([one.cosine for one in found], [1, 2 / 3, 1 / 3], rtol=1e-6)
    assert (found[0].row, found[0].language, found[0].meaning) == (1, "en", 1)


def test_a_thought_needs_no_encoder() -> None:
    by_text = neighbours(SPACE, "the dog", 2, encoder=Bags())
    assert neighbours(SPACE, bag("the dog"), 2) == by_text
    assert neighbours(SPACE, 5 * bag("the dog"), 2)[0].text == "THE DOG SLEEPS"


def test_neighbours_can_be_of_one_language() -> None:
    (found,) = neighbours(SPACE, "a man runs", 1, encoder=Bags(), language="up")
    assert (found.text, found.row) == ("THE DOG SLEEPS", 3)


def test_neighbours_that_cannot_be_found_say_why() -> None:
    with pytest.raises(ScoringError, match=r"takes the encoder that made the space"):
        neighbours(SPACE, "a man")
    with pytest.raises(ScoringError, match="no sentence is in 'ep'"):
        neighbours(SPACE, bag("a man"), language="ep")
    with pytest.raises(ScoringError, match=r"k must lie in \[1, 5\] with 5 targets, got 6"):
        neighbours(SPACE, bag("a man"), 6)
    with pytest.raises(ScoringError, match="widths differ"):
        neighbours(SPACE, np.ones(3))
    with pytest.raises(ScoringError, match="NaN"):
        neighbours(SPACE, np.full(11, np.nan))


def test_a_path_leads_from_one_sentence_to_the_other() -> None:
    walk = interpolate(Bags(), "a man runs", "a man sleeps", 5, "en")
    assert walk.texts["en"] == ("a man runs", "a man runs", "a man", "a man sleeps", "a man sleeps")
    np.testing.assert_allclose(walk.thoughts[1], bag("a man") + 0.75 * bag("runs") + 0.25 * bag("sleeps"))
    np.testing.assert_allclose(walk.confidences["en"][[0, 2, 4]], [1, 2 / np.sqrt(2 * 2.5), 1], rtol=1e-6)


@pytest.mark.parametrize("how", ["linear", "spherical"])
def test_the_ends_of_a_path_are_what_decoding_them_gives(how: str) -> None:
    ends = [bag("the cat sings"), "a dog runs there"]
    walk = interpolate(Bags(), *ends, 3, how=how)  # type: ignore[arg-type]
    for code in ("en", "up"):
        assert [walk.texts[code][0], walk.texts[code][-1]] == Bags().decode(think(Bags(), ends), code)


def test_the_two_ways_differ_in_the_middle_alone() -> None:
    line, arc = (interpolate(Bags(), "a man", "the dog", 3, "en", how=how) for how in ("linear", "spherical"))
    np.testing.assert_allclose(np.linalg.norm(line.thoughts, axis=1), [np.sqrt(2), 1, np.sqrt(2)], rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(arc.thoughts, axis=1), np.sqrt([2, 2, 2]), rtol=1e-6)
    assert line.texts["en"][1] == ""
    assert arc.texts["en"][1] == "a the man dog"


def test_a_path_has_two_ends() -> None:
    with pytest.raises(ScoringError, match="at least 2 steps, got 1"):
        interpolate(Bags(), "a man", "a dog", 1)
    with pytest.raises(ScoringError, match=r"differ in shape: \(11,\), \(3,\)"):
        interpolate(Bags(), "a man", np.zeros(3))


def test_a_man_is_to_a_woman_as_a_man_who_sings_is_to_a_woman_who_sings() -> None:
    walk = analogy(Bags(), "a man runs", "a woman runs", "the man sings there")
    assert walk.texts == {"en": ("the woman sings there",), "up": ("THE WOMAN SINGS THERE",)}
    np.testing.assert_allclose(walk.confidences["up"], [1], rtol=1e-6)
    assert analogy(Bags(), "a man", bag("a dog"), "the man", "en").texts["en"] == ("the dog",)


def test_several_vectors_a_sentence_walk_as_well() -> None:
    walk = interpolate(PairedBags(), "a man runs", "a man sleeps", 3, "en")
    assert walk.thoughts.shape == (3, 2, 11)
    assert walk.texts["en"] == ("a man runs", "a man", "a man sleeps")
    assert analogy(PairedBags(), "a man", "a dog", "the man", "en").texts["en"] == ("the dog",)


class Plane:
    """A map whose place (x, y) is the thought of x times "a" and y times "the"."""

    def inverse(self, points: np.ndarray, /) -> np.ndarray:
        return points[:, :1] * bag("a") + points[:, 1:] * bag("the")


def test_a_page_lies_as_the_map_does() -> None:
    points = np.array([[0.0, 0.0], [2.0, 2.0], [1.0, 0.5]])
    grid = decode_grid(Bags(), Plane(), points, "en", n=2)
    assert grid.places.tolist() == [[[0.5, 1.5], [1.5, 1.5]], [[0.5, 0.5], [1.5, 0.5]]]
    assert grid.texts == (("the", "a the"), ("", "a"))
    assert grid.confidences.shape == (2, 2)
    np.testing.assert_allclose(grid.confidences[0, 1], 1, rtol=1e-6)
    assert decode_grid(Bags(), Plane(), points, "up", n=1).texts == (("A THE",),)


def test_a_page_of_a_real_map() -> None:
    projection = Projection("pca").fit(SPACE.thoughts)
    grid = decode_grid(Bags(), projection, projection.points, "en", n=3)
    assert [len(row) for row in grid.texts] == [3, 3, 3]
    assert grid.places[0, 0, 1] > grid.places[2, 0, 1]  # up is up
    assert grid.places[0, 0, 0] < grid.places[0, 2, 0]


def test_a_page_needs_a_flat_map() -> None:
    with pytest.raises(ScoringError, match=r"two dimensions, got points \(4, 3\)"):
        decode_grid(Bags(), Plane(), np.zeros((4, 3)), "en")
    with pytest.raises(ScoringError, match="at least 1 cell a side, got 0"):
        decode_grid(Bags(), Plane(), np.zeros((4, 2)), "en", n=0)
    with pytest.raises(ScoringError, match="points hold NaN"):
        decode_grid(Bags(), Plane(), np.full((4, 2), np.nan), "en")


def test_nothing_and_what_is_no_number_cannot_be_said() -> None:
    with pytest.raises(ScoringError, match="must be of shape"):
        say(Bags(), np.zeros((0, 11)))
    with pytest.raises(ScoringError, match="NaN"):
        say(Bags(), np.full((1, 11), np.nan))


def test_a_translator_walks() -> None:
    translator, texts = toy_translator("data.longest=6"), toy_texts(3)
    walk = interpolate(translator, texts[0], texts[1], 3)
    assert {code: len(said) for code, said in walk.texts.items()} == {"aa": 3, "bb": 3, "cc": 3}
    assert list(walk.texts["bb"]) == translator.decode(walk.thoughts, "bb")
    read = translator.encode(walk.texts["cc"])
    expected = (read * walk.thoughts).sum(1) / np.linalg.norm(read, axis=1) / np.linalg.norm(walk.thoughts, axis=1)
    np.testing.assert_allclose(walk.confidences["cc"], expected, rtol=1e-4)
    many = toy_translator("model.bottleneck=3", "model.pooling=attention", "data.longest=6")
    assert analogy(many, *texts).thoughts.shape == (1, 3, 12)
