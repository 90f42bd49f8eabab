"""Output that no good translator writes is recognised, measured by hand-made outputs."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thought import doctor
from thought.doctor import Degeneration, alikeness, degenerate, judge, judge_alikeness, judge_scores, loop_share
from thought.errors import ScoringError, ThoughtError

GOOD = ["A dog runs over the grass.", "Two men sit on a bench.", "A woman reads.", "Children play in the snow."]
READ = ["Ein Hund rennt über das Gras.", "Zwei Männer sitzen auf einer Bank.", "Eine Frau liest.", "Kinder spielen."]


def marks(found: Degeneration) -> dict[str, str]:
    return {one.about: one.mark for one in judge({("de", "en"): found})}


def test_good_translations_are_not_degenerate() -> None:
    found = degenerate(GOOD, READ, is_cut=[False] * 4, own={"a", "the"}, others={"ein", "das"})
    assert (found.sentences, found.distinct, found.examples) == (4, 4, {})
    assert (found.empty, found.looped, found.copied, found.shared, found.cut, found.foreign) == (0, 0, 0, 0, 0, 0)
    assert set(marks(found).values()) == {"ok"}


@pytest.mark.parametrize("output", ["", "   ", "...", "?! -"])
def test_an_output_without_letter_and_digit_is_empty(output: str) -> None:
    found = degenerate([output, *GOOD[1:]], READ)
    assert found.empty == 0.25
    assert found.examples["empty"] == (READ[0], output)
    assert marks(found)["outputs without a word"] == "problem"


@pytest.mark.parametrize("output", ["犬", "7", "Ja"])
def test_one_word_in_any_script_is_not_empty(output: str) -> None:
    assert degenerate([output], ["Yes, he said."]).empty == 0


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", 0),
        ("a a", 0),  # twice is no loop
        ("a a a", 1),
        ("A a a", 1),
        ("one two two two", 0.75),
        ("a dog and a dog", 0),
        ("a dog a dog a dog", 1),
        ("x a dog a dog a dog a y z", 0.7),  # 7 of 10: a loop may stop amid its phrase
        ("b b b c c c c", 4 / 7),  # the longest of two
        ("T-T-T-T", 1),
        ("一个人一个人一个人一个人一个人一个人一个人", 1),  # a script without spaces
        ("A" + " " * 99, 0.99),
        ("1 2 3 4 5 6 7 8 " * 3, 1),
        ("1 2 3 4 5 6 7 8 9 " * 3, 0),  # longer than any phrase a decoder is stuck in
        ("Yes... wait!!!", 0),
    ],
)
def test_a_loop_is_a_phrase_three_times_in_a_row(text: str, share: float) -> None:
    assert loop_share(text) == pytest.approx(share)


@given(st.lists(st.sampled_from("abc"), max_size=12))
def test_loops_are_those_that_a_plain_search_finds(words: list[str]) -> None:
    longest = 0
    for size in range(1, len(words) // 3 + 1):
        for start in range(len(words)):
            for end in range(start + 3 * size, len(words) + 1):
                if all(words[place] == words[place - size] for place in range(start + size, end)):
                    longest = max(longest, end - start)
    assert loop_share(" ".join(words)) == pytest.approx(longest / len(words) if words else 0)


def test_an_output_is_looped_if_the_loop_is_more_than_half_of_it_and_the_source_has_none() -> None:
    assert degenerate(["a man in in in in"], ["Ein Mann in der Stadt"]).looped == 1  # 4 of 6
    assert degenerate(["a man here in in in"], ["Ein Mann"]).looped == 0  # 3 of 6
    assert degenerate(["no no no no"], ["nein nein nein nein"]).looped == 0


def test_a_copy_differs_at_most_in_case_and_punctuation_and_has_three_words() -> None:
    assert degenerate(["ein hund RENNT"], ["Ein Hund rennt."]).copied == 1
    assert degenerate(["Angela Merkel"], ["Angela Merkel."]).copied == 0
    assert degenerate(["Ein Hund rennt schnell."], ["Ein Hund rennt."]).copied == 0


def test_copies_are_not_judged_where_the_source_may_be_in_the_language_to_write() -> None:
    found = degenerate(READ, READ, may_copy=True)
    assert found.copied is None
    assert "copies of the source" not in marks(found)
    assert "copied" not in found.examples


def test_one_output_for_different_sources_is_collapse() -> None:
    found = degenerate(["A man."] * 3 + ["A dog."], READ)
    assert (found.distinct, found.shared) == (2, 0.75)
    assert marks(found)["one output for several sources"] == "problem"


def test_equal_sources_may_have_equal_outputs_and_empty_ones_count_as_empty_only() -> None:
    assert degenerate(["A man.", "A man."], ["Ein Mann.", "ein Mann"]).shared == 0
    assert degenerate(["", ""], ["Ein Mann.", "Ein Hund."]).shared == 0


def test_outputs_cut_off_are_counted_only_if_that_is_known() -> None:
    assert degenerate(GOOD, READ).cut is None
    found = degenerate(GOOD, READ, is_cut=[False, True, False, False])
    assert found.cut == 0.25
    assert found.examples["cut"] == (READ[1], GOOD[1])


def test_words_of_another_language_alone_make_an_output_foreign() -> None:
    words: Any = {"own": {"a", "dog", "in", "man"}, "others": {"ein", "hund", "in", "mann"}}
    assert degenerate(["Ein Hund in"], ["x"], **words).foreign == 1
    assert degenerate(["A dog in"], ["x"], **words).foreign == 0
    assert degenerate(["A Hund"], ["x"], **words).foreign == 0  # as many as of its own
    assert degenerate(["in in xyz"], ["x"], **words).foreign == 0  # in both, or in none
    assert degenerate(["Ein Hund"], ["x"], own=words["own"]).foreign is None


def test_the_order_of_rows_does_not_matter_to_any_share() -> None:
    outputs, sources = [*GOOD, "a a a a", "", "A woman reads."], [*READ, "eins", "zwei", "drei"]
    places = random.Random(1).sample(range(7), 7)
    one = degenerate(outputs, sources)
    other = degenerate([outputs[place] for place in places], [sources[place] for place in places])
    for name in ("empty", "looped", "copied", "shared", "distinct"):
        assert getattr(one, name) == getattr(other, name)


@pytest.mark.parametrize(("outputs", "sources"), [([], []), (["a"], []), (["a"], ["b", "c"])])
def test_each_source_needs_its_output(outputs: list[str], sources: list[str]) -> None:
    with pytest.raises(ThoughtError, match="one output for each"):
        degenerate(outputs, sources)


def test_the_worst_direction_decides_and_is_named_with_an_example() -> None:
    good = degenerate(GOOD * 25, [f"{number} {text}" for number, text in enumerate(READ * 25)])
    bad = degenerate([""] * 2 + GOOD[:2], READ)
    finding = judge({("de", "en"): good, ("en", "de"): bad})[0]
    assert (finding.about, finding.mark) == ("outputs without a word", "problem")
    assert finding.found.startswith("1.9 % of 104, most in en-de, 50.0 % (limit 5 %), such as 'Ein Hund rennt")
    assert "train longer" in finding.remedy


def test_a_share_at_the_limit_is_no_problem() -> None:
    outputs = ["", *(f"word {number}" for number in range(19))]
    assert marks(degenerate(outputs, [f"Wort {number} hier" for number in range(20)]))["outputs without a word"] == "ok"


def test_every_ill_has_a_share_a_limit_and_a_remedy() -> None:
    fields = set(Degeneration.__dataclass_fields__) - {"sentences", "distinct", "examples"}
    assert set(doctor.ILLS) == fields
    assert all(0 < most < 1 and remedy for _, most, remedy in doctor.ILLS.values())


def test_equal_thoughts_are_alike_and_opposite_ones_are_not() -> None:
    assert alikeness(np.ones((4, 3))) == pytest.approx(1)
    assert alikeness(np.array([[1.0, 0.0], [0.0, 2.0]])) == pytest.approx(0)
    assert alikeness(np.array([[1.0, 0.0], [-3.0, 0.0]])) == pytest.approx(-1)
    assert alikeness(np.zeros((3, 2))) == pytest.approx(1)
    assert alikeness(np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0]])) == pytest.approx(1 / 3)


def test_alikeness_is_the_mean_of_all_pairs() -> None:
    rows = np.random.default_rng(1).normal(size=(7, 5)) + 0.5
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    pairs = [units[i] @ units[j] for i in range(7) for j in range(7) if i != j]
    assert alikeness(rows) == pytest.approx(np.mean(pairs))
    with pytest.raises(ScoringError):
        alikeness(rows[:1])


def test_a_collapsed_space_is_a_problem_and_a_trained_one_is_not() -> None:
    assert judge_alikeness(0.999).mark == "problem"
    assert judge_alikeness(0.5).mark == "ok"


def evaluation(**scores: float) -> dict[str, Any]:
    return {"event": "evaluation", "step": 9, **scores}


@pytest.mark.parametrize(
    ("records", "mark", "says"),
    [
        ([], "note", "none is written down"),
        ([evaluation(bleu=18.1, chrf=39.7, p_at_1=0.985)], "ok", "BLEU 18.1, chrF 39.7, P@1 98.5 % at step 9"),
        ([evaluation(bleu=0.06)], "problem", "nothing is translated"),
        ([evaluation(bleu=math.nan)], "problem", "no such scores"),
        ([evaluation(bleu=120.0)], "problem", "no such scores"),
        ([evaluation(bleu=20.0, p_at_1=1.5)], "problem", "no such scores"),
        ([evaluation(bleu=90.0)], "note", "people reach less"),
        ([evaluation(bleu=20.0), evaluation(bleu=15.0)], "note", "the best was BLEU 20.0"),
        ([evaluation(bleu=20.0), evaluation(bleu=17.0)], "ok", "BLEU 17.0"),
        ([evaluation(bleu=20.0, p_at_1=0.009)], "note", "do not find each other"),
        ([evaluation(bleu=20.0, p_at_1=0.01)], "ok", "P@1 1.0 %"),
    ],
)
def test_the_last_evaluation_is_judged(records: list[dict[str, Any]], mark: str, says: str) -> None:
    (finding,) = judge_scores(records, meanings=500)
    assert finding.mark == mark
    assert says in finding.found


def test_p_at_1_is_not_judged_where_a_language_is_never_read() -> None:
    assert judge_scores([evaluation(bleu=20.0, p_at_1=0.0)])[0].mark == "ok"


def test_a_loss_that_was_no_number_is_a_problem() -> None:
    record = json.loads('{"event": "progress", "step": 3, "loss": NaN}')
    assert [one.mark for one in judge_scores([record, evaluation(bleu=20.0)])] == ["problem", "ok"]
