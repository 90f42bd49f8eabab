"""A function over a stream, computed by all cores, in the order of the stream and in bounded memory."""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from multiprocessing import get_context
from typing import Any, TypeVar

BLOCK = 250  # items a worker gets at a time, of small ones

Item = TypeVar("Item")
Result = TypeVar("Result")

_function: Callable[[Any], Any]  # of a worker: it came with the fork, so it need not be picklable


def in_processes(function: Callable[[Item], Result], items: Iterator[Item], block: int = BLOCK) -> Iterator[Result]:
    """Yield what the function makes of each item, as `map` does; a worker gets a block of items at a time.

    The function must be pure Python: the workers are forks, in which threads of libraries are gone.
    Where forks are not safe (anywhere but on Linux), or there is one core or no item, it is `map`.
    """
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
    first = list(islice(items, block)) if cores > 1 else []
    if not first:
        yield from map(function, items)
        return
    with get_context("fork").Pool(cores, _start, (function,)) as pool:
        waiting = deque([pool.apply_async(_work, (first,))])
        while waiting:
            while len(waiting) <= 2 * cores and (more := list(islice(items, block))):
                waiting.append(pool.apply_async(_work, (more,)))
            yield from waiting.popleft().get()


def _start(function: Callable[[Any], Any]) -> None:
    global _function
    _function = function
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that reads


def _work(block: list[Any]) -> list[Any]:
    return [_function(item) for item in block]
