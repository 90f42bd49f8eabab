from __future__ import annotations

import pytest
from tongues import CODES, frames, texts, tongue

from thought.errors import ScoringError
from thought.microworld.frames import differences, parse_key
from thought.microworld.meanings import MOST_JUDGED, SEVERAL, MeaningAccuracy, lost_slot, measure_meanings, neighbours
from thought.microworld.world import load_world

WORLD = load_world()
SLEEPS = parse_key("intransitive verb=sleep agent=dog")
WASHES = parse_key("transitive verb=wash agent=woman patient=car patient.count=two tense=past")


def measure(outputs, *keys, code="en", **options):
    return measure_meanings(
        outputs, [parse_key(key) if isinstance(key, str) else key for key in keys], tongue(code), **options
    )


def test_a_true_wording_is_right_and_any_other_sentence_is_not():
    outputs = ["The dog sleeps.", "The dog is sleeping.", "It is the dog that sleeps.", "The cat sleeps."]
    assert measure(outputs, SLEEPS, SLEEPS, SLEEPS, SLEEPS) == MeaningAccuracy(0.75, 4)


@pytest.mark.parametrize("output", ["the dog sleeps.", "The dog sleeps", "The dog  sleeps.", "The dog sleeps. ", ""])
def test_letter_by_letter(output):
    assert measure([output], SLEEPS).accuracy == 0


def test_an_output_must_say_its_own_frame():
    outputs = [texts("en", SLEEPS)[0], texts("en", WASHES)[0]]
    assert measure(outputs, SLEEPS, WASHES).accuracy == 1
    assert measure(outputs[::-1], SLEEPS, WASHES).accuracy == 0


@pytest.mark.parametrize("code", [*CODES, "toy"])
def test_every_wording_is_right_in_its_language(code):
    for frame in frames(60):
        said = texts(code, frame)
        assert measure(said, *[frame] * len(said), code=code).accuracy == 1


def test_wordings_made_before_give_the_same_score():
    outputs = ["The dog sleeps.", "Nothing."]
    true = [list(texts("en", SLEEPS))] * 2
    assert measure(outputs, SLEEPS, SLEEPS, true=true) == measure(outputs, SLEEPS, SLEEPS)
    assert measure(outputs, SLEEPS, SLEEPS, true=[["Nothing."], ["Nothing."]]).accuracy == 0.5


LOST = {
    "transitive verb=wash agent=woman patient=car patient.count=two tense=past": {
        "The woman painted the two cars.": "verb",  # though in this world nobody paints cars
        "The woman repaired the two cars.": "verb",
        "The man washed the two cars.": "agent",
        "The five women washed the two cars.": "agent.count",
        "The two cars were washed by the tall woman.": "agent.adjective",
        "The woman washed the two coats.": "patient",
        "The woman washed the car.": "patient.count",
        "The woman washed the two red cars.": "patient.adjective",
        "The woman washed the two cars in the garden.": "place",
        "On Monday the woman washed the two cars.": "time",
        "The two cars are being washed by the woman.": "tense",
        "It is not true that the woman washed the two cars.": "polarity",
        "Were the two cars washed by the woman?": "mood",
        "The woman was able to wash the two cars.": "modality",
        "The two women washed the red car.": SEVERAL,
        "The cow barks.": SEVERAL,
        "": SEVERAL,
    },
    "transitive verb=eat agent=man patient=apple place=park time=noon modality=can": {
        "The man can eat the apple at noon.": "place",
        "The man can eat the apple in the park.": "time",
        "The man can eat the apple in the garden at noon.": "place",
        "In the evening the man can eat the apple in the park.": "time",
        "The man eats the apple in the park at noon.": "modality",
        "The man must eat the apple in the park at noon.": "modality",
    },
    "giving verb=give agent=king patient=book recipient=queen recipient.adjective=old tense=past": {
        "The king gave the old nurse the book.": "recipient",
        "The king gave the queen the book.": "recipient.adjective",
        "The king gave the book to the young queen.": "recipient.adjective",
        "The king brought the book to the old queen.": "verb",
        "The old king gave the book to the queen.": SEVERAL,
    },
    "instrumental verb=open agent=girl patient=box instrument=key": {
        "The girl opens the gate with the key.": "patient",
        "The girl uses the key to open the gate.": "patient",
    },
    "motion verb=travel agent=woman goal=school vehicle=by_train": {
        "The woman goes to the park by train.": "goal",
        "The woman goes to school by bus.": "vehicle",
    },
    "location verb=be agent=cat relation=under ground=table": {
        "The cat is on the table.": "relation",
        "The cat is under the bed.": "ground",
    },
    "quality verb=be agent=woman quality=tired": {"The woman is happy.": "quality", "The women are tired.": SEVERAL},
    "comparison verb=be agent=horse dimension=fast standard=cow": {
        "The horse is stronger than the cow.": "dimension",
        "The horse is faster than the dog.": "standard",
        "The dog is slower than the horse.": "standard",
        "The dog is faster than the cow.": "agent",
        "The cow is faster than the horse.": SEVERAL,  # who and whom, both
    },
}  # fmt: skip


@pytest.mark.parametrize("key", LOST)
def test_the_slot_that_was_lost_is_named(key):
    frame = parse_key(key)
    found = {output: lost_slot(output, frame, tongue("en"), WORLD) for output in LOST[key]}
    assert found == LOST[key]


@pytest.mark.parametrize("code", CODES)
def test_what_a_near_frame_says_is_lost_in_the_slot_that_differs(code):
    for frame in frames(12):
        for slot, near in list(neighbours(frame, WORLD))[::7]:
            said = texts(code, near)
            assert {lost_slot(said[0], frame, tongue(code), WORLD)} == {slot}


def test_lost_slots_are_counted_with_the_score():
    outputs = ["The dog sleeps.", "The cat sleeps.", "The dog slept.", "The fox sleeps.", "Nonsense."]
    found = measure(outputs, *[SLEEPS] * 5, world=WORLD)
    assert found == MeaningAccuracy(0.2, 5, {"agent": 2, "tense": 1, SEVERAL: 1}, 4)
    assert next(iter(found.lost)) == "agent"


def test_without_a_world_nothing_is_looked_for():
    assert measure(["Nonsense."], SLEEPS) == MeaningAccuracy(0, 1, {}, 0)


def test_only_so_many_wrong_sentences_are_looked_at():
    count = MOST_JUDGED + 5
    found = measure(["The cat sleeps."] * count, *[SLEEPS] * count, world=WORLD)
    assert (found.sentences, found.judged, found.accuracy) == (count, MOST_JUDGED, 0)
    assert found.lost == {"agent": MOST_JUDGED}


@pytest.mark.parametrize(("outputs", "count"), [([], 0), (["A."], 0), (["A."], 2), ([], 1)])
def test_an_output_for_each_frame_is_expected(outputs, count):
    with pytest.raises(ScoringError, match=f"got {len(outputs)} outputs and {count} frames"):
        measure(outputs, *[SLEEPS] * count)


def test_wordings_for_each_frame_are_expected():
    with pytest.raises(ScoringError, match="got 1 sets of wordings and 2 frames"):
        measure(["A.", "B."], SLEEPS, SLEEPS, true=[["A."]])


def test_neighbours_are_one_slot_away_and_never_the_frame():
    for frame in frames(100):
        near = list(neighbours(frame, WORLD))
        assert len(near) > 10
        assert len({other.key for _, other in near}) == len(near)
        for slot, other in near:
            assert differences(frame, other) == (slot,), (frame.key, other.key)
