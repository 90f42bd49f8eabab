from __future__ import annotations

from dataclasses import replace

import pytest
from demos import fake_results, side_of

from thought.demo.scores import METRICS, ladders, mistakes, tables, title_of

PLAIN = {"from": "en", "to": "de", "source": "A dog.", "output": "Ein Hund.", "plain": "Ein Hund.", "lost": ""}


def with_side(**changes):
    return fake_results(4, sides={"test": replace(side_of(1000, 0.94, 1), **changes)})


def test_every_score_of_every_direction_stands_in_a_table():
    results = fake_results(4)
    made = tables(results)
    assert made.count("<table") == len(METRICS) * len(results.sides)
    for side in results.sides.values():
        for value in (*side.bleu.values(), *side.chrf.values()):
            assert f">{value:.1f}</td>" in made
        for share in (*side.accuracy.values(), *side.p_at_1.values()):
            assert f">{100 * share:.1f}</td>" in made


def test_a_table_says_its_mean_and_its_signature():
    directions = {"en-de": 10.0, "de-en": 30.0}
    made = tables(with_side(bleu=directions, signatures={"bleu": "nrefs:var|<tok>"}))
    assert "<strong>20.0</strong>" in made
    assert "<code>nrefs:var|&lt;tok&gt;</code>" in made


def test_scores_stand_beside_chance_floors_and_the_cheating_meter():
    made = ladders(fake_results(4))
    for text in ("12.7 %", "3.1 %", "0.1 %", "0.052", "0.004", "another sentence&#x27;s thought", "becomes 5.6."):
        assert text in made


def test_a_floor_that_was_not_measured_is_left_out():
    made = ladders(fake_results(4, floors={}, cheating={}))
    assert "TF-IDF" not in made
    assert "chance" in made
    assert "becomes –." in made


def test_losses_are_ordered_and_several_slots_come_last():
    made = mistakes(with_side(lost={"several slots": 50, "tense": 3, "agent": 9}, judged=62, samples=[]))
    order = [made.index(name) for name in ("agent (", "tense (", "several slots (")]
    assert order == sorted(order)
    assert "62 wrong translations" in made


def test_where_nothing_was_wrong_the_page_says_so():
    made = mistakes(with_side(lost={}, judged=0, samples=[PLAIN]))
    assert "no wrong translation was looked at" in made
    assert "Wrong ones" not in made
    assert "And right ones" in made


def test_a_wrong_translation_marks_the_words_that_differ_and_what_it_lost():
    wrong = {**PLAIN, "output": "Ein Fuchs.", "lost": "agent"}
    made = mistakes(with_side(samples=[wrong]))
    assert '<b class="lost">Fuchs.</b>' in made
    assert '<b class="kept">Hund.</b>' in made
    assert "lost: agent (who does it)" in made


def test_a_right_translation_in_other_words_has_no_word_marked():
    made = mistakes(with_side(samples=[{**PLAIN, "output": "Es ist wahr: ein Hund."}]))
    assert 'class="lost"' not in made
    assert "Es ist wahr: ein Hund." in made


@pytest.mark.parametrize(("verdict", "kind"), [("yes", "right"), ("", "wrong")])
def test_a_sample_without_its_loss_may_say_whether_it_is_right(verdict, kind):
    sample = {name: value for name, value in PLAIN.items() if name != "lost"}
    assert f'<p class="{kind}">' in mistakes(with_side(samples=[{**sample, "is_right": verdict}]))


def test_an_output_of_nothing_is_seen():
    assert "(nothing)" in mistakes(with_side(samples=[{**PLAIN, "output": "", "lost": "several slots"}]))


def test_the_first_wrong_ones_are_seen_and_the_others_folded():
    samples = [{**PLAIN, "output": f"Falsch{number}.", "lost": "agent"} for number in range(9)]
    made = mistakes(with_side(samples=samples))
    assert "3 more wrong ones" in made
    assert made.index("Falsch5.") < made.index("<details") < made.index("Falsch6.")


def test_a_side_without_a_title_has_its_own_name():
    assert title_of("dev") == "dev"
    assert title_of("test") == "Unseen meanings"
