from __future__ import annotations

import math
import os
import sys

import pytest
import sacrebleu

from thought.errors import ScoringError
from thought.scoring import compare, score_translations

HYPOTHESES = [
    "A man is riding a bicycle down the street.",
    "Two dogs play in the snow.",
    "A woman sings on the stage.",
    "Children run through a park.",
]
REFERENCES = [
    "A man rides a bicycle down the street.",
    "Two dogs are playing in the snow.",
    "A woman sings on a stage.",
    "Some children run through the park.",
]


def test_bleu_of_a_sentence_one_can_check_on_paper():
    found = score_translations(["the cat sat on the mat today"], ["the cat sat on the red mat today"]).bleu.value
    precisions = (7 / 7) * (5 / 6) * (3 / 5) * (2 / 4)
    assert found == pytest.approx(100 * math.exp(1 - 8 / 7) * precisions**0.25)


def test_ter_counts_edits_a_word():
    assert score_translations(["a b c x"], ["a b c d"]).ter.value == pytest.approx(25.0)


def test_a_perfect_translation_has_100_100_and_0():
    scores = score_translations(REFERENCES, REFERENCES)
    assert (scores.bleu.value, scores.chrf.value, scores.ter.value) == pytest.approx((100, 100, 0))


def test_scores_and_signatures_are_sacrebleus_own():
    scores = score_translations(HYPOTHESES, REFERENCES)
    bleu = sacrebleu.BLEU()
    assert scores.bleu.value == bleu.corpus_score(HYPOTHESES, [REFERENCES]).score
    assert scores.bleu.signature == str(bleu.get_signature())
    assert scores.chrf.value == sacrebleu.corpus_chrf(HYPOTHESES, [REFERENCES]).score
    assert scores.ter.value == sacrebleu.corpus_ter(HYPOTHESES, [REFERENCES]).score
    assert "tok:13a" in scores.bleu.signature
    assert scores.bleu.low is scores.bleu.high is scores.bleu.p_value is None


def test_any_of_several_references_will_do():
    several = [[other, reference] for other, reference in zip(HYPOTHESES, REFERENCES, strict=True)]
    scores = score_translations(HYPOTHESES, several)
    assert scores.bleu.value == pytest.approx(100)
    assert "nrefs:2" in scores.bleu.signature


def test_sentences_may_have_different_numbers_of_references():
    several = [REFERENCES[0], [REFERENCES[1], HYPOTHESES[1], "Dogs."], (REFERENCES[2],), REFERENCES[3:]]
    scores = score_translations(HYPOTHESES, several)
    assert scores.bleu.value > score_translations(HYPOTHESES, REFERENCES).bleu.value
    assert "nrefs:var" in scores.bleu.signature


def test_confidence_encloses_the_score_and_follows_the_seed():
    scores = score_translations(HYPOTHESES * 5, REFERENCES * 5, confidence=True)
    for score in (scores.bleu, scores.chrf, scores.ter):
        assert 0 <= score.low < score.value < score.high
        assert "bs:1000|seed:12345" in score.signature
    assert score_translations(HYPOTHESES * 5, REFERENCES * 5, confidence=True) == scores
    other = score_translations(HYPOTHESES * 5, REFERENCES * 5, confidence=True, seed=7)
    assert "seed:7" in other.bleu.signature
    assert other.bleu.low != scores.bleu.low
    assert other.bleu.value == scores.bleu.value == score_translations(HYPOTHESES * 5, REFERENCES * 5).bleu.value


def test_resamples_without_a_single_match_do_not_break_the_bootstrap():
    scores = score_translations(["a b c d", ""], ["a b c d", "e f g h"], confidence=True)
    assert 0 <= scores.bleu.low < scores.bleu.high <= 100


def test_the_environment_is_left_as_it_was(monkeypatch):
    monkeypatch.setenv("SACREBLEU_SEED", "99")
    assert "seed:5" in score_translations(HYPOTHESES, REFERENCES, confidence=True, seed=5).bleu.signature
    assert os.environ["SACREBLEU_SEED"] == "99"
    monkeypatch.delenv("SACREBLEU_SEED")
    score_translations(HYPOTHESES, REFERENCES, confidence=True, seed=5)
    assert "SACREBLEU_SEED" not in os.environ


def test_a_better_system_is_told_from_the_baseline_and_a_twin_is_not():
    systems = {"base": HYPOTHESES * 10, "twin": HYPOTHESES * 10, "best": REFERENCES * 10}
    compared = compare(systems, REFERENCES * 10)
    assert list(compared) == ["base", "twin", "best"]
    assert compared["base"].bleu.p_value is None
    assert compared["best"].bleu.p_value < 0.01
    assert compared["twin"].bleu.p_value == compared["twin"].ter.p_value == 1
    assert compared["best"].bleu.value == pytest.approx(100)
    assert compared["base"] == score_translations(HYPOTHESES * 10, REFERENCES * 10, confidence=True)


def test_spacy_protocol_counts_lower_cased_spacy_tokens():
    pytest.importorskip("spacy")
    score = score_translations(
        ["the dog does n't bark ."], ["The dog doesn't bark."], protocol="spacy-lower", language="en"
    ).bleu
    assert score.value == pytest.approx(100)
    assert "tok:none" in score.signature
    assert "|pre:spacy-lower|lang:en|spacy:" in score.signature
    assert score_translations(["the dog does n't bark ."], ["The dog doesn't bark."]).bleu.value < 50


def test_spacy_protocol_uses_the_tokens_of_the_target_language():
    pytest.importorskip("spacy")
    outputs, references = ["sie sieht z.B. einen Hund"], ["sie sieht z.B. einen Vogel"]
    german = score_translations(outputs, references, protocol="spacy-lower", language="de").bleu.value
    assert german == pytest.approx(100 * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25)  # z.B. is one token of five


def test_moses_protocol_counts_lower_cased_moses_tokens():
    pytest.importorskip("sacremoses")
    score = score_translations(["the dog does n't"], ["The dog does n't"], protocol="moses-lower", language="en").bleu
    assert score.value == pytest.approx(100)
    assert "|pre:moses-lower|lang:en|sacremoses:" in score.signature
    found = score_translations(["hello , you two"], ["Hello, you two"], protocol="moses-lower", language="en").bleu
    assert found.value == pytest.approx(100)


@pytest.mark.parametrize(("protocol", "module"), [("spacy-lower", "spacy"), ("moses-lower", "sacremoses")])
def test_a_missing_tokenizer_is_named_with_its_remedy(monkeypatch, protocol, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ScoringError, match=f"pip install {module}"):
        score_translations(["a"], ["a"], protocol=protocol, language="en")


def test_a_language_spacy_does_not_know_is_named():
    pytest.importorskip("spacy")
    with pytest.raises(ScoringError, match="no tokenizer for the language qq"):
        score_translations(["a"], ["a"], protocol="spacy-lower", language="qq")


def test_protocols_of_tokens_need_the_language():
    with pytest.raises(ScoringError, match="needs the target language"):
        score_translations(["a"], ["a"], protocol="spacy-lower")


def test_an_unknown_protocol_gets_the_nearest_name():
    with pytest.raises(ScoringError, match="did you mean spacy-lower"):
        score_translations(["a"], ["a"], protocol="spacy-lwer")


def test_different_lengths_are_named_both():
    with pytest.raises(ScoringError, match="3 hypotheses do not fit 4 references"):
        score_translations(HYPOTHESES[:3], REFERENCES)
    with pytest.raises(ScoringError, match="3 hypotheses of second do not fit 4 references"):
        compare({"first": HYPOTHESES, "second": HYPOTHESES[:3]}, REFERENCES)


def test_nothing_to_score_is_an_error():
    with pytest.raises(ScoringError, match="nothing to score"):
        score_translations([], [])


@pytest.mark.parametrize("empty", ["", " ", [], ["", ""]])
def test_a_sentence_without_a_reference_is_named(empty):
    with pytest.raises(ScoringError, match="sentence 1"):
        score_translations(["a", "b"], ["a", empty])


def test_one_string_in_place_of_a_list_is_an_error():
    with pytest.raises(ScoringError, match="got one str"):
        score_translations("a dog", "a dog")


def test_a_hypothesis_that_is_no_text_is_named():
    with pytest.raises(ScoringError, match="hypothesis 1 must be str, got NoneType"):
        score_translations(["a", None], ["a", "b"])


def test_a_comparison_needs_two_systems():
    with pytest.raises(ScoringError, match="at least two systems, got 1"):
        compare({"only": HYPOTHESES}, REFERENCES)


def test_seed_zero_would_mean_no_seed_and_is_refused():
    with pytest.raises(ScoringError, match="at least 1"):
        score_translations(HYPOTHESES, REFERENCES, confidence=True, seed=0)


def test_empty_hypotheses_score_zero_without_a_warning():
    assert score_translations(["", ""], ["a b c d", "e f g h"]).bleu.value == 0
