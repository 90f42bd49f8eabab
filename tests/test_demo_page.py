from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from demos import CODES, fake_results, maps_of, side_of

from thought import page as pages
from thought.demo.page import FILE, demo_page, write_page
from thought.demo.results import Example, Walk, load_results, save_results
from thought.demo.sketches import WIDE, places
from thought.errors import ScoringError

NASTY = "</script><script>alert(1)</script> <img src=x onerror=alert(2)> \"'& {{TITLE}} {{DATA}}\u2028"
EMPTY = {"area", "br", "hr", "img", "input", "link", "meta"}
SCRIPT = Path(pages.__file__).parent / "pages" / "demo.js"
RUN = Path("runs/demo")


class Reader(HTMLParser):
    """Elements with their attributes, and the text inside each kind; those not closed in order are named."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.astray: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.astray.append(tag)

    def handle_data(self, data):
        if self.open:
            self.inside.setdefault(self.open[-1], []).append(data)

    def named(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self):
        return " ".join(" ".join(words) for tag, words in self.inside.items() if tag not in ("script", "style"))


@pytest.fixture(scope="module")
def text():
    return demo_page(fake_results(), RUN)


@pytest.fixture(scope="module")
def read(text):
    return Reader(text)


def nasty_results():
    """Results in which every text is an attack."""
    results = fake_results(4)
    sample = dict.fromkeys(("from", "to", "source", "output", "plain", "lost"), NASTY)
    side = replace(
        side_of(10, 0.5, 1), samples=[sample, {**sample, "lost": ""}], lost={NASTY: 1}, signatures={"bleu": NASTY}
    )
    return replace(
        results,
        version=NASTY,
        machine=NASTY,
        settings={NASTY: {NASTY: NASTY}},
        examples=[Example(frame={NASTY: NASTY}, sentences={"en": [NASTY, NASTY], NASTY: [NASTY]})],
        watched={"from": NASTY, "to": NASTY, "source": NASTY, "plain": NASTY},
        moments=[replace(moment, translation=NASTY) for moment in results.moments],
        sides={"test": side, NASTY: side},
        walk=Walk(start=NASTY, end=NASTY, steps=[{"share": 0.0, "en": NASTY, NASTY: NASTY}]),
        maps=[replace(drawn, texts=[NASTY] * len(drawn.texts), method=NASTY, moment=NASTY) for drawn in results.maps],
        seconds={**results.seconds, NASTY: 1.0},
    )


def test_the_page_is_written_whole_into_the_run(tmp_path):
    path = write_page(fake_results(), tmp_path / "demo")
    assert path == tmp_path / "demo" / FILE
    assert path.read_text("utf-8") == demo_page(fake_results(), tmp_path / "demo")
    assert [found.name for found in path.parent.iterdir()] == [FILE]


def test_the_page_is_the_same_for_results_that_were_saved_and_loaded(tmp_path):
    results = fake_results()
    save_results(results, tmp_path)
    assert demo_page(load_results(tmp_path), RUN) == demo_page(results, RUN)


def test_a_page_of_a_thousand_sentences_a_map_is_below_a_megabyte_and_a_half():
    assert len(demo_page(fake_results(250), RUN).encode()) < 1.5e6


def test_all_elements_are_closed_in_order(read):
    assert not read.astray
    assert not read.open


def test_no_text_whatever_adds_a_script_an_image_or_a_handler():
    found = Reader(demo_page(nasty_results(), Path(NASTY.replace("/", "")) / "x"))
    assert len(found.named("script")) == 2
    assert not found.named("img")
    assert not [name for _, attributes in found.elements for name in attributes if name.startswith("on")]
    assert not found.astray
    assert "<script>alert(1)</script>" in found.text  # to be read, not run


def test_sentences_on_maps_arrive_in_the_script_as_they_were_written():
    data = json.loads(Reader(demo_page(nasty_results(), RUN)).inside["script"][0])
    assert data["texts"] == [NASTY]


def test_what_looks_like_a_place_of_the_template_is_not_filled_and_every_place_is(text):
    assert not re.search(r"\{\{[A-Z]+\}\}", text)
    assert "{{TITLE}}" in Reader(demo_page(nasty_results(), RUN)).text


def test_the_page_asks_no_network_for_anything(read):
    asking = ("src", "action", "data", "poster", "srcset", "href")
    addresses = [value for _, given in read.elements for name, value in given.items() if name in asking]
    assert [address for address in addresses if not address.startswith("#")] == ["data:,"]
    assert not re.search(r"url\(|@import|https?:", "".join(read.inside["style"]))
    script = SCRIPT.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|fetch\(|XMLHttp|import\(|innerHTML|insertAdjacent|document\.write", script)


def test_the_page_forbids_itself_the_network(read):
    (policy,) = (given["content"] for given in read.named("meta") if "http-equiv" in given)
    assert policy.startswith("default-src 'none';")
    assert not re.search(r"http|\*|connect-src", policy)


def test_the_story_is_told_without_a_script(read):
    results = fake_results()
    for example in results.examples:
        assert all(sentence in read.text for texts in example.sentences.values() for sentence in texts)
    for side in results.sides.values():
        assert all(f"{value:.1f}" in read.text for value in side.bleu.values())
    assert "Trustworthiness 0.975" in read.text
    assert "step 2,071" in read.text
    assert "100 %" in read.text


def test_what_needs_a_script_is_hidden_without_one(read):
    hidden = [given for tag, given in read.elements if tag == "button" or given.get("type") == "range"]
    assert hidden
    assert "html:not(.js) .live { display: none !important; }" in "".join(read.inside["style"])
    opened = [given.get("id") for _, given in read.elements if "live" in (given.get("class") or "").split()]
    assert opened == ["theme", "time-controls", "said", "walk-controls"]


def test_every_control_and_picture_has_a_name(read):
    for tag, given in read.elements:
        if tag == "button":
            assert given.get("aria-label") or given.get("id") == "any"
        if given.get("role") == "img" or given.get("type") == "range":
            assert given.get("aria-label")
        if tag == "svg" and given.get("role") != "img":
            assert given.get("aria-hidden") == "true"
    headings = [given["aria-labelledby"] for given in read.named("section")]
    assert headings == [given["id"] for given in read.named("h2")]


def test_sentences_say_their_language(read):
    assert set(CODES) <= {given.get("lang") for given in read.named("q")}


def test_no_identifier_is_given_twice(read):
    names = [given["id"] for _, given in read.elements if "id" in given]
    assert len(names) == len(set(names))


def test_the_script_finds_every_element_it_asks_for(read):
    asked = set(re.findall(r'\$\("([\w-]+)"\)', SCRIPT.read_text("utf-8")))
    assert asked <= {given.get("id") for _, given in read.elements}


def test_points_of_the_script_are_those_of_the_pictures(read):
    data = json.loads(read.inside["script"][0])
    drawn = maps_of(12)
    assert data["maps"][0]["places"] == [value for place in places(drawn[0]) for value in place]
    assert data["maps"][2]["places"] == [value for place in places(drawn[2], WIDE) for value in place]
    assert data["maps"][2]["groups"] == drawn[2].groups
    assert [data["texts"][number] for number in data["maps"][1]["texts"]] == drawn[1].texts
    assert data["maps"][0]["languages"] == [CODES.index(code) for code in drawn[0].languages]


@pytest.mark.parametrize(("folder", "run"), [
    (Path("runs/demo"), "runs/demo"), (Path("/home/somebody/runs/lesson"), "runs/lesson"), (Path("my run"), "'my run'"),
])  # fmt: skip
def test_commands_name_the_run_and_nobodys_home(folder, run):
    (block,) = re.findall(r"<pre.*?thought</span> <span>map.*?</pre>", demo_page(fake_results(4), folder))[:1]
    assert Reader(block).text.split(" ", 1)  # spans of words
    plain = re.sub(r"<[^>]+>", "", block.rsplit("<pre", 1)[1].split(">", 1)[1]).replace("&#x27;", "'")
    assert plain == f"thought map {run} --on microworld"


def test_a_sentence_in_a_command_cannot_end_its_quotes():
    example = Example(frame={}, sentences={"en": ["It's $HOME; rm"]})
    made = demo_page(fake_results(4, examples=[example]), RUN)
    command = re.sub(r"<[^>]+>", "", made.split('<ol id="commands">')[1].split("</pre>")[0]).replace("&#x27;", "'")
    assert """echo 'It'"'"'s $HOME; rm' | thought""" in command.replace("&quot;", '"')


def test_settings_seed_machine_and_seconds_are_told(read):
    for fact in ("2 cores of nothing, bf16", "model.encoder", "1,234,567", "138.0", "thought 0.0.0"):
        assert fact in read.text


def test_what_was_not_measured_does_not_break_the_page():
    results = fake_results(4, maps=[], moments=[], floors={}, cheating={}, examples=[])
    results = replace(results, walk=Walk(start="a", end="b", steps=[]), sides={"test": side_of(1, 1.0, 1)})
    assert not Reader(demo_page(results, RUN)).astray


def test_results_without_scores_are_refused():
    with pytest.raises(ScoringError, match="hold no scores"):
        demo_page(fake_results(4, sides={}), RUN)


def test_text_on_every_shade_can_be_read(read):
    style = "".join(read.inside["style"])

    def light(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    pairs = re.findall(r"--r(\d):(#\w{6});--t\1:(#000|#fff)", style)
    assert len(pairs) >= 2 * 9
    for _, ground, ink in pairs:
        low, high = sorted((light(ground), 0.0 if ink == "#000" else 1.0))
        assert (high + 0.05) / (low + 0.05) >= 4.5
