from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tongues import frames

from thought.errors import CorpusError
from thought.microworld.frames import DEFAULTS, Frame, differences, make_frame, parse_key

WASHING = "transitive verb=wash agent=woman patient=car patient.count=two tense=past"
NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8)
NOUNS = ("agent", "patient", "recipient")
SLOTS = ("verb", "modality", "place", "goal", "time", "tense", "polarity", "mood", *NOUNS)
SLOTS += tuple(f"{noun}.{detail}" for noun in NOUNS for detail in ("count", "adjective"))


@given(NAMES, st.dictionaries(st.sampled_from(SLOTS), NAMES))
def test_a_key_is_the_frame_again(kind, slots):
    frame = make_frame(kind, slots)
    assert parse_key(frame.key) == frame
    assert parse_key(frame.key).key == frame.key


@given(st.dictionaries(st.sampled_from(SLOTS), NAMES), st.randoms())
def test_the_order_of_the_slots_is_not_part_of_the_meaning(slots, random):
    shuffled = list(slots.items())
    random.shuffle(shuffled)
    assert make_frame("transitive", dict(shuffled)) == make_frame("transitive", slots)


def test_keys_of_the_world_are_read_again():
    assert all(parse_key(frame.key) == frame for frame in frames(500))


def test_a_key_can_be_read_by_a_person():
    slots = {"tense": "past", "patient.count": "two", "patient": "car", "agent": "woman", "verb": "wash"}
    assert make_frame("transitive", slots).key == WASHING


@pytest.mark.parametrize("slot", [*DEFAULTS, "agent.count"])
def test_a_default_is_not_written(slot):
    value = DEFAULTS.get(slot, "one")
    assert parse_key(f"intransitive verb=sleep agent=dog {slot}={value}").key == "intransitive verb=sleep agent=dog"


def test_a_value_is_found_with_its_default():
    frame = parse_key(WASHING)
    assert frame.get("agent") == "woman"
    assert frame.get("tense") == "past"
    assert (frame.get("polarity"), frame.get("mood")) == ("positive", "statement")
    assert (frame.get("patient.count"), frame.get("agent.count")) == ("two", "one")
    assert frame.get("agent.adjective") == frame.get("time") == frame.get("recipient.count") == ""


def test_a_slot_is_changed_emptied_and_changed_back():
    frame = parse_key(WASHING)
    assert frame.changed("tense", "future").key == WASHING.replace("past", "future")
    assert frame.changed("tense", "present").key == WASHING.removesuffix(" tense=past")
    assert frame.changed("tense", "") == frame.changed("tense", "present")
    assert frame.changed("patient.count", "one").key == "transitive verb=wash agent=woman patient=car tense=past"
    assert frame.changed("time", "monday").changed("time", "") == frame
    assert frame.key == WASHING


@given(st.dictionaries(st.sampled_from(SLOTS), NAMES, min_size=1), st.data())
def test_a_change_is_the_only_difference(slots, data):
    frame = make_frame("transitive", {"agent": "dog", "patient": "cat", "recipient": "girl"} | slots)
    slot, value = data.draw(st.sampled_from(SLOTS)), data.draw(NAMES)
    changed = frame.changed(slot, value)
    assert changed.get(slot) == value
    assert differences(frame, changed) == ((slot,) if frame.get(slot) != value else ())


def test_differences_name_the_slots():
    one = parse_key(WASHING)
    assert differences(one, one) == ()
    assert differences(one, parse_key("transitive verb=wash agent=man patient=car patient.count=two")) == (
        "agent",
        "tense",
    )
    assert differences(one, one.changed("mood", "question")) == ("mood",)
    assert differences(parse_key("motion verb=return agent=dog"), parse_key("intransitive verb=rest agent=dog")) == (
        "kind",
        "verb",
    )


def test_labels_write_the_defaults_out():
    assert parse_key(WASHING).labels() == {
        "kind": "transitive",
        "verb": "wash",
        "agent": "woman",
        "agent.count": "one",
        "patient": "car",
        "patient.count": "two",
        "tense": "past",
        "polarity": "positive",
        "mood": "statement",
    }


def test_equal_frames_are_one_in_a_set():
    assert len({parse_key(WASHING), parse_key(WASHING), parse_key(WASHING.replace("two", "three"))}) == 2


@pytest.mark.parametrize(
    "key",
    [
        "",
        "   ",
        "verb=sleep agent=dog",
        "intransitive sleep",
        "intransitive verb=sleep agent",
        "intransitive verb= agent=dog",
        "intransitive =sleep",
        "intransitive verb=sleep verb=run",
    ],
)
def test_a_line_that_is_no_key_is_shown_with_one_that_is(key):
    with pytest.raises(CorpusError, match='not the key of a frame: ".*"; expected one such as "transitive verb=eat'):
        parse_key(key)


@pytest.mark.parametrize("slot", ["agnt", "agent.colour", "agent.count.more", "kind"])
def test_an_unknown_slot_is_named(slot):
    with pytest.raises(CorpusError, match=f"no frame has a slot {slot}"):
        parse_key(f"intransitive verb=sleep {slot}=dog")
    with pytest.raises(CorpusError, match=f"no frame has a slot {slot}"):
        Frame("intransitive", ()).changed(slot, "dog")


def test_a_slot_is_guessed_from_its_letters():
    with pytest.raises(CorpusError, match="did you mean agent"):
        parse_key("intransitive agnet=dog")


def test_a_long_line_is_cut_in_the_message():
    with pytest.raises(CorpusError) as caught:
        parse_key("a=b" * 10_000)
    assert len(str(caught.value)) < 300
