"""A stream computed by all cores comes in its order, and stops when nobody reads on."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator
from itertools import islice

import pytest

from thought.workers import BLOCK, in_processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is map")


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


def square(number: int) -> int:
    return number * number


@pytest.mark.parametrize("size", [0, 1, BLOCK, BLOCK + 1, 7 * BLOCK + 3])
def test_results_come_in_the_order_of_the_items(size: int) -> None:
    assert list(in_processes(square, iter(range(size)))) == [number * number for number in range(size)]


def test_other_processes_do_the_work() -> None:
    assert os.getpid() not in set(in_processes(lambda _: os.getpid(), iter(range(2 * BLOCK))))


def test_an_endless_stream_is_read_no_further_than_is_needed() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield taken - 1

    results = in_processes(square, items())
    assert list(islice(results, 10)) == [number * number for number in range(10)]
    assert taken < 10 * BLOCK
    results.close()  # type: ignore[attr-defined]
    assert not multiprocessing.active_children()


def test_an_error_in_a_worker_reaches_the_reader() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_processes(lambda number: 1 // (number - 400), iter(range(1000))))


def test_one_core_works_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert set(in_processes(lambda _: os.getpid(), iter(range(9)))) == {os.getpid()}


def test_the_small_world_is_the_same_whoever_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from thought.corpus import open_corpus
    from thought.microworld import reader

    corpus = open_corpus("microworld:size=700")
    alone = list(corpus.read("train"))
    monkeypatch.setattr(reader, "ALONE", 100)
    assert list(corpus.read("train")) == alone
    assert 100 + BLOCK < 700  # so that more than one worker had a block
