"""Reading ahead changes neither the items nor the errors."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator

import pytest

from thought.prefetch import AHEAD, prefetch


def failing() -> Iterator[int]:
    yield 1
    raise ValueError("no more of this")


def test_items_come_in_order_and_end() -> None:
    with prefetch(iter(range(50))) as items:
        assert list(items) == list(range(50))
    with prefetch(iter([])) as items:
        assert list(items) == []


def test_an_item_may_be_none() -> None:
    with prefetch(iter([None, 0, None])) as items:
        assert list(items) == [None, 0, None]


def test_what_reading_raises_is_raised_where_the_item_is_taken() -> None:
    with prefetch(failing()) as items:
        assert next(items) == 1
        with pytest.raises(ValueError, match="no more of this"):
            next(items)


def test_leaving_early_stops_the_thread_even_of_an_endless_reader() -> None:
    before = threading.active_count()
    with prefetch(itertools.count()) as items:
        assert [next(items) for _ in range(3)] == [0, 1, 2]
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


def test_an_error_inside_the_block_stops_the_thread_and_is_kept() -> None:
    before = threading.active_count()
    with pytest.raises(KeyError), prefetch(itertools.count()) as items:
        next(items)
        raise KeyError
    assert threading.active_count() == before


def test_no_more_is_read_ahead_than_a_few_items() -> None:
    read: list[int] = []

    def reader() -> Iterator[int]:
        for number in itertools.count():
            read.append(number)
            yield number

    with prefetch(reader()) as items:
        for expected in range(20):
            assert next(items) == expected
    assert len(read) <= 20 + AHEAD + 2  # those waiting, and the one in the hand of each thread
