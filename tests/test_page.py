from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thought import page
from thought.errors import ScoringError
from thought.page import as_json, map_page
from thought.space import Space

PLOTLY = page._plotly
SCRIPT = Path(page.__file__).parent / "pages" / "map.js"
NAMESPACE = "http://www.w3.org/2000/svg"  # a name that nothing is ever fetched from
NASTY = (
    "</script><script>alert(1)</script>",
    "\"quotes\" and 'apostrophes' \\ and \\n",
    "<b>bold</b> &amp; <!-- no comment",
    "line\u2028ends\u2029here\nand here",
    "{{TITLE}} {{DATA}} \\g<0> \\1",
    "日本語 Čeština العربية 🐕",
)


class Reader(HTMLParser):
    """Collects elements with their attributes, and the text inside scripts, styles and the rest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag if tag != "script" else f"script {dict(attrs).get('id', '')}".strip())

    def handle_data(self, data):
        if self._open:
            self.inside.setdefault(self._open[-1], []).append(data)

    def data(self):
        return json.loads("".join(self.inside["script data"]))


def space_of(texts=NASTY, languages=None) -> Space:
    codes = languages or tuple("en" if row % 2 == 0 else "de" for row in range(len(texts)))
    return Space(tuple(texts), tuple(codes), np.arange(len(texts)) // 2, np.zeros((len(texts), 3), dtype=np.float32))


def points_of(count: int, dimensions: int = 2) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(count, dimensions))


@pytest.fixture(autouse=True, scope="module")
def short_plotly():
    """Keep the 5 MB of plotly out of the tests that do not look at it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "_plotly", lambda: "window.Plotly = null;")
        yield


@pytest.fixture(scope="module")
def whole():
    """A page with all of its code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "_plotly", PLOTLY)
        return Reader(map_page(space_of(), {"PCA": points_of(6)}))


def test_every_sentence_arrives_as_it_was_written():
    read = Reader(map_page(space_of(), {"PCA": points_of(6)})).data()
    assert tuple(read["texts"]) == NASTY
    assert read["languages"] == ["en", "de"]
    assert read["language"] == [0, 1, 0, 1, 0, 1]
    assert read["meanings"] == [0, 0, 1, 1, 2, 2]


def test_no_sentence_adds_an_element_to_the_page():
    plain = Reader(map_page(space_of(["a"] * 6), {"PCA": points_of(6)}))
    nasty = Reader(map_page(space_of(), {"PCA": points_of(6)}))
    assert nasty.elements == plain.elements


@settings(max_examples=30)
@given(st.text(), st.text())
def test_no_text_whatever_leaves_its_place(sentence, title):
    text = map_page(
        space_of([sentence, "b"]), {sentence: points_of(2)}, title=title, note=title, captions={sentence: title}
    )
    read = Reader(text)
    assert len(read.elements) == len(Reader(map_page(space_of(["a", "b"]), {"PCA": points_of(2)})).elements)
    assert read.data()["texts"][0] == sentence
    assert read.data()["maps"][0]["caption"] == title


def test_title_and_note_are_escaped():
    text = map_page(space_of(), {"PCA": points_of(6)}, title="<i>A & B</i>", note='"so" <b>')
    assert "<title>&lt;i&gt;A &amp; B&lt;/i&gt;</title>" in text
    assert '<p id="note">&quot;so&quot; &lt;b&gt;</p>' in text


def test_what_looks_like_a_place_of_the_template_is_not_filled_again():
    text = map_page(space_of(), {"PCA": points_of(6)}, title="{{NOTE}}", note="{{DATA}} {{TITLE}}")
    assert "<title>{{NOTE}}</title>" in text
    assert '<p id="note">{{DATA}} {{TITLE}}</p>' in text


def test_json_in_a_script_has_no_sign_that_could_close_it():
    text = as_json({"texts": NASTY})
    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text) == {"texts": list(NASTY)}


def test_the_page_asks_no_network_for_anything(whole):
    asking = ("src", "href", "action", "data", "poster", "srcset")
    addresses = [value for _, given in whole.elements for name, value in given.items() if name in asking]
    assert addresses == ["data:,"]  # the empty icon, or a browser would ask a server for one
    assert not [tag for tag, _ in whole.elements if tag in ("iframe", "object", "embed", "img", "base")]
    assert not re.search(r"url\(|@import|https?:", "".join(whole.inside["style"]))
    assert not re.search(r"https?:|fetch\(|XMLHttp|import\(", SCRIPT.read_text("utf-8").replace(NAMESPACE, ""))


def test_the_page_forbids_itself_the_network_and_holds_all_its_code(whole):
    (policy,) = (attributes["content"] for tag, attributes in whole.elements if "http-equiv" in attributes)
    assert policy.startswith("default-src 'none';")
    assert not re.search(r"http|\*|connect-src", policy)
    scripts = "".join(whole.inside["script"])
    assert "plotly.js v" in scripts
    assert len(scripts) > 1_000_000


def test_points_are_scaled_alike_in_all_directions_to_fit_between_minus_one_and_one():
    points = np.array([[10.0, 5.0], [30.0, 5.0], [20.0, 15.0], [20.0, 9.0]])
    (drawn,) = Reader(map_page(space_of("abcd"), {"PCA": points})).data()["maps"]
    assert drawn["columns"] == [[-1.0, 1.0, 0.0, 0.0], [-0.5, -0.5, 0.5, -0.1]]


def test_maps_keep_their_order_names_captions_and_dimensions():
    maps = {"t-SNE": points_of(6), "PCA": points_of(6), "PCA 3-D": points_of(6, 3)}
    read = Reader(map_page(space_of(), maps, captions={"PCA": "9 % of the variance"})).data()["maps"]
    assert [(one["name"], one["caption"], len(one["columns"])) for one in read] == [
        ("t-SNE", "", 2), ("PCA", "9 % of the variance", 2), ("PCA 3-D", "", 3),
    ]  # fmt: skip


@pytest.mark.parametrize("count", [1, 2])
def test_points_in_one_place_are_drawn_in_the_middle(count):
    (drawn,) = Reader(map_page(space_of("ab"[:count]), {"PCA": np.full((count, 2), 7.0)})).data()["maps"]
    assert drawn["columns"] == [[0.0] * count] * 2


def test_one_language_and_equal_sentences_are_fine():
    read = Reader(map_page(space_of(["same"] * 4, ["en"] * 4), {"PCA": points_of(4)})).data()
    assert read["languages"] == ["en"]
    assert read["texts"] == ["same"] * 4


def test_the_theme_is_that_of_the_reader_unless_it_is_named():
    assert '<html lang="en" data-theme="auto">' in map_page(space_of(), {"PCA": points_of(6)})
    assert '<html lang="en" data-theme="dark">' in map_page(space_of(), {"PCA": points_of(6)}, theme="dark")


def test_four_thousand_sentences_take_less_than_a_megabyte_beside_the_code():
    space = space_of(["Two dogs play in the snow near a wooden fence."] * 4_000)
    assert len(map_page(space, {"PCA": points_of(4_000), "t-SNE": points_of(4_000)})) < 1e6


def test_every_place_of_a_template_is_filled():
    text = map_page(space_of(["a", "b"]), {"PCA": points_of(2)})
    assert not re.search(r"\{\{[A-Z]+\}\}", text)


@pytest.mark.parametrize(("maps", "message"), [
    ({}, "needs at least one map"),
    ({"PCA": np.zeros((5, 2))}, r"map PCA must be of shape \(6, 2\) or \(6, 3\), got \(5, 2\)"),
    ({"PCA": np.zeros((6, 4))}, r"map PCA must be .* got \(6, 4\)"),
    ({"PCA": np.zeros(6)}, r"map PCA must be .* got \(6,\)"),
    ({"PCA": np.array([[0, 0]] * 5 + [[0, np.nan]])}, "map PCA holds NaN or infinity, first in row 5 of 6"),
])  # fmt: skip
def test_maps_that_do_not_fit_are_refused(maps, message):
    with pytest.raises(ScoringError, match=message):
        map_page(space_of(), maps)


def test_a_caption_of_no_map_is_refused():
    with pytest.raises(ScoringError, match="there is no map PCS to put a caption under; did you mean PCA"):
        map_page(space_of(), {"PCA": points_of(6)}, captions={"PCS": "?"})


def test_an_unknown_theme_is_refused():
    with pytest.raises(ScoringError, match="unknown theme drak; did you mean dark"):
        map_page(space_of(), {"PCA": points_of(6)}, theme="drak")  # type: ignore[arg-type]


def test_no_sentences_are_refused():
    with pytest.raises(ScoringError, match="there are no sentences to draw"):
        map_page(Space((), (), np.zeros(0, dtype=np.int64), np.zeros((0, 3))), {"PCA": np.zeros((0, 2))})


def test_inputs_are_not_changed():
    points = points_of(6)
    before = points.copy()
    points.flags.writeable = False
    map_page(space_of(), {"PCA": points})
    assert np.array_equal(points, before)
