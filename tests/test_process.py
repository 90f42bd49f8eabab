"""Signals are noted, not obeyed at once, and handlers are put back."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from thought.process import Signals, keep_freed_memory


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_noted(number: signal.Signals) -> None:
    with Signals() as signals:
        assert not signals.caught
        os.kill(os.getpid(), number)
        assert signals.caught


def test_a_second_signal_stops_at_once() -> None:
    with Signals(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)


def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with Signals():
        assert signal.getsignal(signal.SIGINT) != before[0]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_in_another_thread_nothing_is_touched() -> None:
    before, caught = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with Signals() as signals:
            caught.append((signals.caught, signal.getsignal(signal.SIGINT) == before))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert caught == [(False, True)]


def test_keeping_memory_works_on_every_system(monkeypatch: pytest.MonkeyPatch) -> None:
    class OtherLibrary:
        def __init__(self, name: str | None) -> None: ...

    keep_freed_memory()
    monkeypatch.setattr("thought.process.ctypes.CDLL", OtherLibrary)
    keep_freed_memory()
