from __future__ import annotations

import json
from collections import Counter
from itertools import permutations

import numpy as np
import pytest

from thought.config import from_dict
from thought.corpus import Meaning
from thought.errors import ScoringError
from thought.evaluation.translation import Translation, hardware, measure_translation
from thought.scoring import score_translations

SENTENCES = {
    "de": ["Ein Hund läuft durch den Schnee.", "Eine Frau singt auf der Bühne.", "Kinder spielen im großen Park."],
    "en": ["A dog runs through the snow.", "A woman sings on the stage.", "Children play in the big park."],
    "fr": ["Un chien court dans la neige.", "Une femme chante sur la scène.", "Des enfants jouent dans le parc."],
}
MEANINGS = [
    Meaning(str(row), {code: (texts[row], f"another wording {row}") for code, texts in SENTENCES.items()})
    for row in range(3)
]
ALL = [f"{source}-{target}" for source, target in permutations(SENTENCES, 2)]


class Dictionary:
    """A translator that knows its sentences by heart: the thought is the number of the meaning, one-hot."""

    languages = ("de", "en", "fr")

    def __init__(self, **settings):
        self.config = from_dict({"training": {"steps": 1}, **settings})
        self.calls = Counter()
        self.answers = {code: list(texts) for code, texts in SENTENCES.items()}

    def number(self, text):
        return next(texts.index(text) for texts in SENTENCES.values() if text in texts)

    def encode(self, texts):
        self.calls["encode"] += 1
        return np.eye(3, dtype=np.float32)[[self.number(text) for text in texts]]

    def decode(self, thoughts, to, *, beam):
        self.calls[f"decode {to}, beam {beam}"] += 1
        return [self.answers[to][number] for number in thoughts.argmax(axis=-1)]

    def translate(self, texts, to, *, beam):
        self.calls["translate"] += 1
        return [self.answers[to][self.number(text)] for text in texts]


def test_a_perfect_translator_gets_perfect_numbers_in_all_directions():
    report = measure_translation(Dictionary(), MEANINGS)
    assert [one.name for one in report.directions] == ALL
    for one in report.directions:
        assert one.scores["13a"].bleu.value == pytest.approx(100)
        assert one.scores["13a"].ter.value == pytest.approx(0)
        assert one.p_at_1 == 1
        assert one.sentences == 3
    assert report.warnings == ()
    assert report.meanings == 3


def test_each_language_is_encoded_once():
    translator = Dictionary()
    measure_translation(translator, MEANINGS, beam=3)
    assert translator.calls == {"encode": 3, "decode de, beam 3": 2, "decode en, beam 3": 2, "decode fr, beam 3": 2}


def test_scores_are_those_of_the_outputs_against_the_first_sentences():
    translator = Dictionary()
    translator.answers["en"] = ["A dog runs in the snow.", "A woman sings on a stage.", "Children are in the park."]
    report = measure_translation(translator, MEANINGS, directions=["de-en"], confidence=True)
    expected = score_translations(translator.answers["en"], SENTENCES["en"], confidence=True)
    assert report.directions[0].scores["13a"] == expected
    assert expected.bleu.value < 90


def test_retrieval_is_of_the_target_given_the_source():
    class Muddled(Dictionary):
        def encode(self, texts):
            thoughts = super().encode(texts)
            return thoughts[[1, 0, 2]] if texts[0].startswith("Un ") else thoughts

    near = {one.name: one.p_at_1 for one in measure_translation(Muddled(), MEANINGS).directions}
    assert near["de-en"] == near["en-de"] == 1
    assert near["de-fr"] == near["fr-en"] == pytest.approx(1 / 3)


def test_a_control_without_a_thought_translates_from_text():
    translator = Dictionary(model={"bottleneck": "none"})
    report = measure_translation(translator, MEANINGS)
    assert translator.calls == {"translate": 6}
    assert all(one.p_at_1 is None for one in report.directions)
    assert report.table("p_at_1") == [[None] * 3] * 3


def test_several_thoughts_a_sentence_are_compared_as_one_long_vector():
    class Several(Dictionary):
        def encode(self, texts):
            return np.stack([super().encode(texts)] * 2, axis=1)  # (N, K, Z)

        def decode(self, thoughts, to, *, beam):
            return super().decode(thoughts[:, 0], to, beam=beam)

    assert measure_translation(Several(), MEANINGS, directions=["de-en"]).directions[0].p_at_1 == 1


def test_a_direction_counts_the_meanings_that_have_both_languages():
    partial = [MEANINGS[0], MEANINGS[1], Meaning("2", {"de": (SENTENCES["de"][2],), "fr": (SENTENCES["fr"][2],)})]
    report = measure_translation(Dictionary(), [Meaning("x", {"en": ("",)}), *partial])
    assert {one.name: one.sentences for one in report.directions if "de" in one.name} == {
        "de-en": 2, "de-fr": 3, "en-de": 2, "fr-de": 3,
    }  # fmt: skip
    assert all(one.p_at_1 == 1 and one.scores["13a"].bleu.value == pytest.approx(100) for one in report.directions)
    assert report.meanings == 4


def test_a_language_no_meaning_has_is_left_out_unless_asked_for():
    bilingual = [Meaning(one.key, {code: one.sentences[code] for code in ("de", "en")}) for one in MEANINGS]
    report = measure_translation(Dictionary(), bilingual)
    assert [one.name for one in report.directions] == ["de-en", "en-de"]
    assert report.languages == ("de", "en")
    with pytest.raises(ScoringError, match="no meaning has a sentence in both languages of de-fr"):
        measure_translation(Dictionary(), bilingual, directions=["de-fr"])


def test_the_default_is_what_was_trained_and_held_out():
    translator = Dictionary(data={"directions": ["de-en", "en-fr"], "hold_out": ["de-fr"]})
    report = measure_translation(translator, MEANINGS)
    assert [(one.name, one.is_zero_shot) for one in report.directions] == [
        ("de-en", False), ("en-fr", False), ("de-fr", True),
    ]  # fmt: skip


def test_reconstruction_is_scored_where_asked_for():
    report = measure_translation(Dictionary(), MEANINGS, directions=["de-de"])
    assert report.directions[0].scores["13a"].bleu.value == pytest.approx(100)
    assert report.warnings == ()  # a copy of the source is right here


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        (["", " ", ""], "100.0% of 3 outputs are empty"),
        (SENTENCES["de"], "100.0% of 3 outputs are copied from the source"),
        (["a man man man man", "x", "y"], "33.3% of 3 outputs are one unit repeated"),
        (["of the of the of the of the", "x", "y"], "33.3% of 3 outputs are one unit repeated"),
        (["這這這這這", "x", "y"], "33.3% of 3 outputs are one unit repeated"),
        (["A man.", "A man.", "A dog."], "66.7% of 3 outputs are one and the same sentence"),
    ],
)
def test_degenerate_outputs_are_named(answers, kind):
    translator = Dictionary()
    translator.answers["en"] = answers
    assert f"de-en: {kind}" in measure_translation(translator, MEANINGS, directions=["de-en"]).warnings


@pytest.mark.parametrize("text", ["10000000 people ...... !!!!!!", "Ha ha ha, a banana in Mississippi.", "no no no"])
def test_ordinary_repetition_is_not_degenerate(text):
    translator = Dictionary()
    translator.answers["en"] = [text, "x", "y"]
    assert measure_translation(translator, MEANINGS, directions=["de-en"]).warnings == ()


def test_protocols_stand_side_by_side():
    pytest.importorskip("spacy")
    report = measure_translation(Dictionary(), MEANINGS, directions=["de-en"], protocols=["13a", "spacy-lower"])
    assert list(report.directions[0].scores) == ["13a", "spacy-lower"]
    assert "pre:spacy-lower|lang:en" in report.directions[0].scores["spacy-lower"].bleu.signature
    assert [row["protocol"] for row in report.rows()] == ["13a", "spacy-lower"]


def test_the_table_has_the_source_down_and_the_target_across():
    translator = Dictionary()
    translator.answers["en"] = ["Nothing at all here.", "No word right.", "Wrong again entirely."]
    bleu = measure_translation(translator, MEANINGS).table("bleu")
    assert bleu[0][0] is bleu[1][1] is bleu[2][2] is None
    assert bleu[0][1] < 50 < bleu[1][0]
    assert bleu[2][1] < 50 < bleu[1][2]


def test_scores_are_plain_json():
    report = measure_translation(Dictionary(), MEANINGS, confidence=True)
    values = json.loads(json.dumps(report.to_dict()))
    assert values["directions"]["de-en"]["scores"]["13a"]["bleu"]["signature"].startswith("nrefs:1|bs:1000")
    assert values["directions"]["de-en"]["p_at_1"] == 1.0
    assert values["meanings"] == 3
    assert values["seconds"] >= 0
    assert "torch" in values["hardware"]


def test_rows_are_flat():
    report: Translation = measure_translation(Dictionary(), MEANINGS, directions=["de-en"])
    assert report.rows() == [
        {"direction": "de-en", "protocol": "13a", "bleu": pytest.approx(100), "chrf": pytest.approx(100),
         "ter": pytest.approx(0), "p_at_1": 1.0, "sentences": 3}
    ]  # fmt: skip


def test_progress_is_told_part_by_part():
    told = []
    measure_translation(Dictionary(), MEANINGS, directions=["de-en"], progress=lambda *part: told.append(part))
    assert told == [("encoding de", 1, 2), ("encoding en", 2, 2), ("translating de-en", 1, 1)]


def test_an_unknown_language_gets_the_nearest_name():
    with pytest.raises(ScoringError, match="unknown language enn in direction de-enn; did you mean en"):
        measure_translation(Dictionary(), MEANINGS, directions=["de-enn"])


@pytest.mark.parametrize("direction", ["de", "", "deen"])
def test_a_direction_without_two_languages_is_refused(direction):
    with pytest.raises(ScoringError, match="unknown language"):
        measure_translation(Dictionary(), MEANINGS, directions=[direction])


def test_nothing_to_evaluate_is_an_error():
    with pytest.raises(ScoringError, match="no meanings"):
        measure_translation(Dictionary(), [])
    with pytest.raises(ScoringError, match="no directions"):
        measure_translation(Dictionary(), MEANINGS, directions=[])
    with pytest.raises(ScoringError, match="in two of the languages de, en, fr"):
        measure_translation(Dictionary(), [Meaning("0", {"de": ("Ein Hund.",)})])
    with pytest.raises(ScoringError, match="protocols must be a list"):
        measure_translation(Dictionary(), MEANINGS, protocols="13a")


def test_an_unknown_protocol_is_an_error_before_anything_is_translated():
    translator = Dictionary()
    with pytest.raises(ScoringError, match="unknown protocol"):
        measure_translation(translator, MEANINGS, protocols=["13b"])
    assert not translator.calls


def test_the_hardware_line_names_cores_and_torch():
    assert "cores, torch" in hardware()
    assert hardware("cpu").endswith(", cpu")
