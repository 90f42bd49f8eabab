from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thought.microworld.schemas import Schema, permuted

SLEEPERS = Schema(
    kind="intransitive",
    core=(
        (("verb", "sleep"), ("agent", "dog")),
        (("verb", "sleep"), ("agent", "man")),
        (("verb", "run"), ("agent", "dog")),
    ),
    digits=(((("tense", "present"),), (("tense", "past"),)), ((("mood", "question"),),)),
    adjectives=("agent.adjective",),
    choices={"dog": ("old", "black"), "man": ("tall", "old", "tired")},
    most=3,
)


@given(st.integers(1, 400), st.integers(0, 2**64 - 1))
def test_a_permutation_meets_every_number_once(size, key):
    assert sorted(permuted(index, size, key) for index in range(size)) == list(range(size))


@given(st.integers(1, 10**15), st.integers(0, 2**64 - 1), st.data())
def test_a_permutation_of_many_stays_within_them(size, key, data):
    one, other = (data.draw(st.integers(0, size - 1)) for _ in range(2))
    assert 0 <= permuted(one, size, key) < size
    assert (permuted(one, size, key) == permuted(other, size, key)) == (one == other)


def test_keys_choose_different_permutations():
    orders = {tuple(permuted(index, 50, key) for index in range(50)) for key in range(200)}
    assert len(orders) > 190


def test_a_permutation_spreads_the_first_numbers_over_all():
    halves = Counter(permuted(index, 10_000, key) // 2_500 for key in range(40) for index in range(25))
    assert set(halves) == {0, 1, 2, 3}
    assert all(count == pytest.approx(250, abs=75) for count in halves.values())


def test_numbers_are_frames_and_each_frame_has_one():
    # dogs sleep and run: 2 x 2 adjectives; the man sleeps: 3 adjectives; each in 2 tenses
    made = [SLEEPERS.frame(number) for number in range(SLEEPERS.size)]
    found = {frame.key for frame in made if frame is not None}
    assert SLEEPERS.size == 3 * 2 * 3
    assert len(found) == SLEEPERS.size - made.count(None) == SLEEPERS.frames == 14
    assert "intransitive verb=sleep agent=man agent.adjective=tired tense=past mood=question" in found
    assert "intransitive verb=run agent=dog agent.adjective=black mood=question" in found


def test_a_quality_takes_its_adjectives_from_the_agent():
    schema = Schema("quality", ((("verb", "be"), ("agent", "dog")),), (), ("quality",), {"dog": ("old", "black")}, 2)
    made = [schema.frame(number) for number in range(schema.size)]
    assert [frame.key for frame in made if frame] == [
        "quality verb=be agent=dog quality=old",
        "quality verb=be agent=dog quality=black",
    ]
