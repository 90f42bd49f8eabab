from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tongues import frames

from thought.microworld.frames import parse_key
from thought.microworld.sides import SIDES, hashed, is_held_out, is_pair_held_out, lacks_passive, side_of
from thought.microworld.world import load_world

VERBS = sorted({verb for rows in load_world().table["verbs"].values() for verb in rows})
SLEEPING = "intransitive verb=sleep agent=dog tense=past"


def test_a_hash_is_the_same_on_every_machine():
    assert hashed("side", SLEEPING) == 7058453848809974192  # as `b2sum -l 64` has it, the parts joined by a zero
    assert hashed("a", "b") != hashed("ab") != hashed("b", "a")


@given(st.text(), st.integers())
def test_a_hash_has_64_bits(text, number):
    assert 0 <= hashed(text, number) < 2**64


@pytest.mark.parametrize("side", SIDES)
def test_a_frame_stands_on_the_side_it_is_drawn_for(side):
    assert {side_of(frame) for frame in frames(60, side)} == {side}


def test_the_side_depends_on_the_frame_alone():
    assert all(side_of(parse_key(frame.key)) == side_of(frame) for side in SIDES for frame in frames(60, side))


def test_frames_that_join_held_out_parts_are_compositional():
    verb, patient = next(
        pair
        for pair in product(VERBS, ("apple", "bread", "egg"))
        if is_pair_held_out(f"verb={pair[0]}", f"patient={pair[1]}")
    )
    frame = parse_key(f"transitive verb={verb} agent=woman patient={patient}")
    assert is_held_out(frame)
    assert {side_of(frame.changed("time", time)) for time in ("", "monday", "noon")} == {"test_compositional"}


def test_a_part_alone_is_never_held_out():
    assert not any(is_held_out(parse_key(f"transitive verb={verb}")) for verb in VERBS)


def test_being_is_no_part_that_could_be_held_out():
    assert not any(
        is_pair_held_out("verb=be", f"agent={noun}") for noun in load_world().table["nouns"]["person"].split()
    )


def test_about_one_pair_in_sixteen_is_held_out():
    pairs = [is_pair_held_out(f"verb={verb}", f"agent={number}") for verb in VERBS for number in range(200)]
    assert sum(pairs) / len(pairs) == pytest.approx(1 / 16, abs=0.01)


def test_some_verbs_have_no_passive_in_training_and_most_have():
    transitive = load_world().table["verbs"]["transitive"]
    assert 1 <= sum(map(lacks_passive, transitive)) <= len(transitive) / 3
