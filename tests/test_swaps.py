from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thought.errors import ConfigError, ScoringError
from thought.grammar import read
from thought.lexicon import load
from thought.space import Space
from thought.swaps import Swap, SwapRow, make_swaps, run_swaps

WORDS = ("man", "woman", "dog", "red", "blue", "white", "two", "three", "not")
GERMAN = {"rot": "red", "blau": "blue", "weiß": "white", "Mann": "man", "Frau": "woman", "Hund": "dog",
          "Zwei": "two", "Drei": "three", "nicht": "not"}  # fmt: skip


class Reader:
    """Sees which of a few words a sentence has, in either language, and their order; but for those it is blind to."""

    def __init__(self, *blind: str) -> None:
        self.blind = blind

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([self.one(text) for text in texts], dtype=np.float32)

    def one(self, text: str) -> np.ndarray:
        text = re.sub("|".join(GERMAN), lambda match: GERMAN[match[0]], text)
        row = np.zeros(len(WORDS) + 2)
        places = {word: text.lower().find(word) for word in WORDS if word not in self.blind}
        for number, word in enumerate(WORDS):
            row[number] = places.get(word, -1) >= 0
        if places.get("dog", -1) >= 0 and places.get("man", -1) >= 0:
            row[-1] = 0.5 * np.sign(places["dog"] - places["man"])
        row[-2] = 1  # no sentence is nothing
        return row

    def decode(self, thoughts: np.ndarray, to: str, *, beam: int = 1) -> list[str]:
        german = {english: word for word, english in GERMAN.items()}
        words = [german[word] for word in WORDS] if to == "de" else list(WORDS)
        written = []
        for row in thoughts:
            said = [word for word, is_said in zip(words, row, strict=False) if is_said > 0.5]
            written.append(" ".join(said[::-1] if row[-1] < 0 else said))
        return written


ENGLISH = ["A red dog.", "A white dog.", "Two dogs."]
TRANSLATED = ["Ein rot Hund.", "Ein weiß Hund.", "Zwei Hund."]


def space_of(reader: Reader, english: Sequence[str] = ENGLISH, german: Sequence[str] = TRANSLATED) -> Space:
    texts = (*english, *german)
    numbers = np.array([*range(len(english)), *range(len(german))])
    return Space(texts, ("en",) * len(english) + ("de",) * len(german), numbers, reader.encode(texts))


def row_of(rows: Sequence[SwapRow], kind: str, language: str) -> SwapRow:
    return next(row for row in rows if (row.kind, row.language) == (kind, language))


def test_swaps_come_kind_by_kind_at_most_one_a_sentence():
    swaps = make_swaps(["Two red dogs.", "Nothing here.", "A red cat."], "en", ["number", "colour"])
    assert swaps == [
        Swap("number", "en", 0, "Two red dogs.", "Three red dogs.", ("two",), ("three",)),
        Swap("colour", "en", 0, "Two red dogs.", "Two blue dogs.", ("red",), ("blue",)),
        Swap("colour", "en", 2, "A red cat.", "A blue cat.", ("red",), ("blue",)),
    ]


def test_all_kinds_are_tried_unless_some_are_named():
    assert {swap.kind for swap in make_swaps(["Two red dogs."], "en")} == {"number", "colour"}
    assert make_swaps([], "en") == []


def test_an_unknown_kind_or_language_is_named():
    with pytest.raises(ConfigError, match="en has no rules for swaps of 'color'; did you mean colour?"):
        make_swaps(["A red dog."], "en", ["color"])
    with pytest.raises(ConfigError, match="no rules for 'xx'"):
        make_swaps(["A red dog."], "xx")


def test_a_reader_of_everything_notices_everything():
    reader = Reader()
    report = run_swaps(reader, space_of(reader), ["colour"])
    colour = row_of(report.rows, "colour", "en")
    assert (colour.count, colour.nearer, colour.xsim, colour.xsim_hard) == (2, 1.0, 0.0, 0.0)
    assert (colour.decoded, colour.kept) == (2, 0.5)  # "white" becomes "black", which this decoder cannot write


def test_a_swap_that_another_sentence_says_is_no_case():
    reader = Reader()
    space = space_of(reader, [*ENGLISH, "A blue dog."], [*TRANSLATED, "Ein blau Hund."])  # red for blue is true of it
    assert row_of(run_swaps(reader, space, ["colour"]).rows, "colour", "en").count == 1


def test_a_reader_blind_to_colours_tosses_a_coin():
    reader = Reader("red", "blue", "white")
    colour = row_of(run_swaps(reader, space_of(reader), ["colour"]).rows, "colour", "en")
    assert colour.nearer == 0.5
    assert colour.xsim == pytest.approx(1 - 1 / 2)  # one of two dogs
    assert colour.xsim_hard == pytest.approx(1 - 1 / 4)  # one of two dogs and their two swaps
    assert colour.kept == 0.0


def test_swaps_make_a_search_harder_that_is_easy_among_sentences():
    reader = Reader("red", "blue")
    english, german = ["A red dog.", "Two dogs."], ["Ein rot Hund.", "Zwei Hund."]
    colour = row_of(run_swaps(reader, space_of(reader, english, german), ["colour"]).rows, "colour", "en")
    assert (colour.xsim, colour.xsim_hard) == (0.0, 0.5)


def test_other_kinds_do_not_make_it_harder():
    reader = Reader("two", "three")
    english, german = ["Two red dogs.", "A man."], ["Zwei rot Hund.", "Ein Mann."]
    report = run_swaps(reader, space_of(reader, english, german), ["colour", "number"])
    assert row_of(report.rows, "colour", "en").xsim_hard == 0.0
    assert row_of(report.rows, "number", "en").xsim_hard == 0.5


def test_actors_are_kept_by_their_order():
    english, german = ["The man is pushing the dog."], ["Der Mann schiebt den Hund."]
    sees, blind = Reader(), Reader("man")
    row = row_of(run_swaps(sees, space_of(sees, english, german), ["actors"]).rows, "actors", "en")
    assert (row.count, row.nearer, row.decoded, row.kept) == (1, 1.0, 1, 1.0)
    row = row_of(run_swaps(blind, space_of(blind, english, german), ["actors"]).rows, "actors", "en")
    assert (row.nearer, row.kept) == (0.5, 0.0)


def test_a_negation_is_kept_where_it_is_written_and_only_there():
    english, german = ["A man is sitting in the street."], ["Ein Mann sitzt auf der Straße."]
    sees, deaf = Reader(), Reader("not")
    row = row_of(run_swaps(sees, space_of(sees, english, german), ["negation"]).rows, "negation", "en")
    assert (row.nearer, row.decoded, row.kept) == (1.0, 1, 1.0)
    row = row_of(run_swaps(deaf, space_of(deaf, english, german), ["negation"]).rows, "negation", "en")
    assert (row.nearer, row.decoded, row.kept) == (0.5, 1, 0.0)


def test_only_what_the_translation_says_is_asked_of_the_decoder():
    reader = Reader()
    english, german = ["A red dog.", "A red dog barks."], ["Ein rot Hund.", "Ein Hund bellt."]
    row = row_of(run_swaps(reader, space_of(reader, english, german), ["colour"]).rows, "colour", "en")
    assert (row.count, row.decoded) == (2, 1)


def test_a_decoder_that_always_says_both_keeps_nothing():
    class Babbler(Reader):
        def decode(self, thoughts: np.ndarray, to: str, *, beam: int = 1) -> list[str]:
            return ["rot blau schwarz weiß"] * len(thoughts)

    row = row_of(run_swaps(Babbler(), space_of(Reader()), ["colour"]).rows, "colour", "en")
    assert (row.decoded, row.kept) == (2, 0.0)


def test_so_many_cases_are_decoded_spread_evenly():
    reader = Reader()
    space = space_of(reader, ["A red dog."] * 9, ["Ein rot Hund."] * 9)
    assert row_of(run_swaps(reader, space, ["colour"], most_decoded=4).rows, "colour", "en").decoded == 3
    row = row_of(run_swaps(reader, space, ["colour"], most_decoded=0).rows, "colour", "en")
    assert (row.decoded, row.kept) == (0, None)


def test_what_only_encodes_is_scored_where_nothing_is_decoded():
    class Encoder:
        encode = Reader().encode

    assert run_swaps(Encoder(), space_of(Reader()), ["colour"], most_decoded=0).rows[0].nearer == 1.0
    with pytest.raises(ScoringError, match="most_decoded = 0"):
        run_swaps(Encoder(), space_of(Reader()))


def test_rows_sum_up_the_pairs():
    reader = Reader("red")
    texts = (*ENGLISH, *TRANSLATED, *TRANSLATED[:1])
    numbers = np.array([0, 1, 2, 0, 1, 2, 0])
    space = Space(texts, ("en",) * 3 + ("de",) * 3 + ("xx",), numbers, reader.encode(texts))
    report = run_swaps(reader, space, ["colour"])
    pairs = [pair for pair in report.pairs if pair.language == "en"]
    assert [(pair.target, pair.count) for pair in pairs] == [("de", 2), ("xx", 1)]
    total = row_of(report.rows, "colour", "en")
    assert total.target == "all"
    assert total.nearer == pytest.approx((2 * pairs[0].nearer + pairs[1].nearer) / 3)
    assert pairs[1].decoded == 0  # a language without rules has no words to look for
    assert total.count == 2


def test_sentences_without_a_translation_are_no_cases():
    reader = Reader()
    texts = ("A red dog.", "A white dog.", "Ein rot Hund.")
    space = Space(texts, ("en", "en", "de"), np.array([0, 1, 0]), reader.encode(texts))
    assert row_of(run_swaps(reader, space).rows, "colour", "en").count == 1


def test_rules_of_a_further_language_are_used(tmp_path):
    rules = '[concepts]\nred = ["ruĝa"]\nblue = ["blua"]\n[[swaps.colour]]\nby = "words"\nto = { red = ["blue"] }'
    lexicons = {"eo": read(tomllib.loads(rules), "eo", "eo.toml")}
    reader = Reader()
    texts = ("A red dog.", "Ruĝa hundo.")
    space = Space(texts, ("en", "eo"), np.array([0, 0]), reader.encode(texts))
    report = run_swaps(reader, space, lexicons=lexicons, most_decoded=0)
    assert {(row.kind, row.language) for row in report.rows} == {("colour", "en"), ("colour", "eo")}


def test_thoughts_of_the_space_are_not_changed():
    reader = Reader()
    space = space_of(reader)
    before = space.thoughts.copy()
    run_swaps(reader, space)
    assert (space.thoughts == before).all()


def test_one_language_is_too_few():
    reader = Reader()
    space = Space(("A red dog.",), ("en",), np.array([0]), reader.encode(["A red dog."]))
    with pytest.raises(ScoringError, match=r"two languages, one with rules \(cs, de, en, fr\), got en"):
        run_swaps(reader, space)


def test_languages_without_rules_are_too_few():
    reader = Reader()
    space = Space(("a", "b"), ("xx", "yy"), np.array([0, 0]), reader.encode(["a", "b"]))
    with pytest.raises(ScoringError, match="got xx, yy"):
        run_swaps(reader, space)


def test_nothing_to_change_is_an_error():
    reader = Reader()
    with pytest.raises(ScoringError, match="none of 2 sentences with a translation could be changed"):
        run_swaps(reader, space_of(reader, ["Hello."], ["Hallo."]))


def test_an_unknown_kind_is_an_error_and_one_without_cases_has_no_row():
    reader = Reader()
    with pytest.raises(ConfigError, match="no rules for swaps of 'colors'; did you mean colour?"):
        run_swaps(reader, space_of(reader), ["colors"])
    assert {row.kind for row in run_swaps(reader, space_of(reader)).rows} == {"colour", "number"}


def test_thoughts_that_are_not_numbers_are_an_error():
    reader = Reader()
    space = space_of(reader)
    thoughts = space.thoughts.copy()
    thoughts[1, 0] = np.nan
    with pytest.raises(ScoringError, match="NaN or infinity, first in row 1"):
        run_swaps(reader, space.with_thoughts(thoughts))

    class Broken(Reader):
        def encode(self, texts: Sequence[str]) -> np.ndarray:
            return super().encode(texts) * np.nan

    with pytest.raises(ScoringError, match="thoughts of swaps hold NaN"):
        run_swaps(Broken(), space)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(3)))
def test_the_order_of_sentences_is_irrelevant(order):
    reader = Reader("red")
    rows = run_swaps(reader, space_of(reader), most_decoded=4).rows
    moved = space_of(reader, [ENGLISH[place] for place in order], [TRANSLATED[place] for place in order])
    assert {*run_swaps(reader, moved, most_decoded=4).rows} == {*rows}


def test_every_kind_of_every_language_changes_some_caption():
    captions = {
        "en": ["Two men in red are standing in front of a car to the left.", "A man pushes a child."],
        "de": ["Zwei Männer mit roten Hüten stehen links vor einem Auto.", "Ein Mann schiebt ein Kind."],
        "fr": ["Deux hommes en rouge marchent à gauche devant une maison.", "Un homme pousse un enfant."],
        "cs": ["Dva muži v červeném stojí vlevo před domem.", "Muž tlačí dítě."],
    }  # fmt: skip
    for language, texts in captions.items():
        assert {swap.kind for swap in make_swaps(texts, language)} == set(load(language).swaps), language
