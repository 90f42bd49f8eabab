"""The side of a key, and the check that no sentence stands on two sides."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thought.errors import CorpusError, LeakError
from thought.splits import check_no_leak, key_of, side_of, split_of


def test_the_split_is_the_same_on_every_machine() -> None:
    sides = [split_of(str(key), 1, 0.2, 0.2) for key in range(6)]
    assert sides == ["test", "train", "train", "train", "dev", "train"]


def test_the_shares_are_those_asked_for() -> None:
    counts = Counter(split_of(str(key), 1, 0.1, 0.2) for key in range(20_000))
    assert 1_850 < counts["dev"] < 2_150  # 2,000 expected, standard deviation 42
    assert 3_800 < counts["test"] < 4_200


def test_another_seed_is_another_split() -> None:
    first = [split_of(str(key), 1, 0.2, 0.2) for key in range(100)]
    assert first != [split_of(str(key), 2, 0.2, 0.2) for key in range(100)]


def test_without_shares_all_is_train() -> None:
    assert {split_of(str(key), 1, 0.0, 0.0) for key in range(1_000)} == {"train"}


@settings(deadline=None, max_examples=50)
@given(st.text(), st.integers(0, 10))
def test_a_greater_test_share_only_adds_to_the_test_set(key: str, seed: int) -> None:
    if split_of(key, seed, 0.1, 0.1) == "test":
        assert split_of(key, seed, 0.1, 0.3) == "test"


@pytest.mark.parametrize(("dev", "test"), [(-0.1, 0.1), (0.1, -0.1), (0.5, 0.5)])
def test_shares_that_leave_nothing_for_training_are_refused(dev: float, test: float) -> None:
    with pytest.raises(CorpusError, match="must leave some for training"):
        split_of("a", 1, dev, test)


@pytest.mark.parametrize(
    ("split", "side"),
    [
        ("train", "train"),
        ("val", "dev"),
        ("dev", "dev"),
        ("valid", "dev"),
        ("test_2016_flickr", "test"),
        ("newstest2014", "test"),
    ],
)
def test_official_splits_stand_on_the_side_of_their_name(split: str, side: str) -> None:
    assert side_of(split) == side


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**64 - 1), st.integers(0, 5))
def test_a_large_group_always_falls_on_train(group: int, seed: int) -> None:
    assert split_of(key_of(group, True, seed, 0.3, 0.3), seed, 0.3, 0.3) == "train"
    assert key_of(group, False, seed, 0.3, 0.3) == f"{group:016x}"


def test_a_leak_names_the_sentence_and_both_sides() -> None:
    check_no_leak({"train": ["a", "a", "b"], "test": ["c"]})
    with pytest.raises(LeakError, match="'b' stands in both train and test"):
        check_no_leak({"train": ["a", "b"], "dev": ["d"], "test": ["c", "b"]})
