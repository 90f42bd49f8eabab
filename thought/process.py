"""The process a training run lives in: its signals and its memory."""

from __future__ import annotations

import ctypes
import signal
import threading
from types import FrameType
from typing import Any

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # names of glibc's malloc.h


class Signals:
    """Note Ctrl-C and SIGTERM, so that a loop can stop between steps; a second one stops at once."""

    def __init__(self) -> None:
        self.caught = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._catch)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _catch(self, number: int, frame: FrameType | None) -> None:
        if self.caught:
            raise KeyboardInterrupt
        self.caught = True


def keep_freed_memory() -> None:
    """Ask glibc to reuse freed memory instead of returning it to the system.

    Batches of tensors come and go a thousand times; fetching fresh pages for each took up to half
    of a step. Where there is another C library nothing happens.
    """
    try:
        library = ctypes.CDLL(None)
        library.malloc_trim(0)
        library.mallopt(M_MMAP_THRESHOLD, 1 << 30)
        library.mallopt(M_TRIM_THRESHOLD, (1 << 31) - 1)
    except (AttributeError, OSError, TypeError):
        return
