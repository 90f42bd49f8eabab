"""An iterator -> the same iterator, read ahead in a thread while the model computes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")
AHEAD = 4  # items


@contextmanager
def prefetch(items: Iterator[Item]) -> Iterator[Iterator[Item]]:
    """Read `items` ahead; what it raises is raised where the item is taken."""
    ready: queue.Queue[tuple[Item | None, BaseException | None]] = queue.Queue(maxsize=AHEAD)
    is_over = threading.Event()

    def put(pair: tuple[Item | None, BaseException | None]) -> None:
        while not is_over.is_set():
            try:
                ready.put(pair, timeout=0.1)
                return
            except queue.Full:
                continue

    def work() -> None:
        try:
            for item in items:
                put((item, None))
                if is_over.is_set():
                    return
        except BaseException as error:
            put((None, error))
        else:
            put((None, StopIteration()))

    def take() -> Iterator[Item]:
        while True:
            item, error = ready.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item  # type: ignore[misc]

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield take()
    finally:
        is_over.set()
        thread.join()
