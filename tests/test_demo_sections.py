from __future__ import annotations

from dataclasses import replace

from demos import fake_results, maps_of, side_of

from thought.demo.results import Walk
from thought.demo.sections import learning, map_size, maps, meanings, numbers, picture, walk
from thought.demo.sketches import MAP, WIDE


def test_the_three_numbers_are_means_of_all_directions_beside_chance():
    side = replace(side_of(1000, 0.94, 1), accuracy={"en-de": 0.9, "de-en": 0.8}, p_at_1={"en-de": 1.0, "de-en": 0.5})
    made = numbers(fake_results(4, sides={"test": side}))
    assert "85.0<small> %" in made
    assert "75.0<small> %" in made
    assert "0.1 % by chance" in made
    assert f'<p class="big">{side.paraphrase_map:.3f}</p>' in made
    assert "0.1 % with the thoughts dealt out wrongly" in made


def test_a_card_holds_every_wording_and_the_plain_one_stands_outside_the_fold():
    results = fake_results(4)
    made = meanings(results)
    cards = made.split("<article")[1:]
    assert len(cards) == len(results.examples)
    for card, example in zip(cards, results.examples, strict=True):
        for texts in example.sentences.values():
            escaped = [text.replace("'", "&#x27;") for text in texts]
            assert all(f">{text}</q>" in card for text in escaped)
        assert f"{sum(map(len, example.sentences.values()))} true sentences" in card
        plain = example.sentences["en"][0]
        assert card.index(plain) < card.index("<details")


def test_one_wording_has_no_fold():
    example = fake_results(4).examples[0]
    made = meanings(fake_results(4, examples=[replace(example, sentences={"en": ["One."], "de": ["Eins.", "Ein."]})]))
    assert made.count("<details") == 1
    assert "and 1 other wording<" in made


def test_the_picture_shows_first_and_last_wordings_and_the_size_of_the_thought():
    results = fake_results(4)
    made = picture(results)
    for texts in results.examples[0].sentences.values():
        assert texts[0].replace("'", "&#x27;") in made
        assert texts[-1].replace("'", "&#x27;") in made
    assert "<b>256</b>" in made
    assert picture(fake_results(4, examples=[])) == ""


def test_every_moment_of_learning_is_there_without_a_script():
    results = fake_results(4)
    made = learning(results)
    assert made.count("<li data-x=") == len(results.moments)
    assert "138 s" in made
    assert made.count("· BLEU") == sum(moment.bleu is not None for moment in results.moments)
    assert '<b class="hit">Hüte.</b>' in made


def test_a_run_without_moments_says_so():
    assert "no moments" in learning(fake_results(4, moments=[]))


def test_an_empty_translation_is_seen():
    moment = replace(fake_results(4).moments[0], translation="")
    assert ">…</q>" in learning(fake_results(4, moments=[moment]))


def test_maps_of_one_method_stand_side_by_side_and_a_lonely_one_is_wide():
    results = fake_results(4)
    assert [map_size(results, number) for number in range(3)] == [MAP, MAP, WIDE]
    made = maps(results)
    assert made.count('<div class="maps">') == 1
    assert made.count('<div class="maps wide">') == 1
    assert made.count('class="joins"') == 1


def test_every_map_says_how_far_to_believe_it():
    made = maps(fake_results(4))
    for drawn in maps_of(4):
        assert f"Trustworthiness {drawn.trustworthiness:.3f}" in made
        assert f"dealt out at random: {drawn.shuffled:.3f}" in made
    assert "P@1 on the map 99.3 %" in made


def test_a_run_without_maps_says_so():
    assert "no maps" in maps(fake_results(4, maps=[]))


def test_a_walk_marks_the_words_that_are_new():
    steps = [{"share": 0.0, "en": "A dog sleeps."}, {"share": 1.0, "en": "A cat sleeps."}]
    made = walk(fake_results(4, walk=Walk(start="A dog sleeps.", end="A cat sleeps.", steps=steps)))
    assert made.count('class="new"') == 1
    assert '<b class="new">cat</b>' in made
    assert "<b>100 %</b> of the way" in made
