"""What happened, step by step: `metrics.jsonl` of a run, and the speed of the last steps."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thought.checkpoint import save_bytes
from thought.errors import CheckpointError

WINDOW = 20  # steps that speed is measured over


class Metrics:
    """Append records of a run to its `metrics.jsonl`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "metrics.jsonl"
        self._recent: deque[tuple[float, int]] = deque(maxlen=WINDOW + 1)  # seconds, target tokens

    def log(self, event: str, record: Mapping[str, Any]) -> None:
        """Append one line.

        Raises
        ------
        CheckpointError
            If the file cannot be written.
        """
        try:
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps({"event": event, **record}) + "\n")
        except OSError as error:
            raise CheckpointError(f"cannot write {self.path}: {error.strerror}") from error

    def forget_after(self, step: int) -> None:
        """Drop lines behind the step a run goes on from, and a line that was cut off."""
        if self.path.exists():
            lines = self.path.read_text("utf-8").splitlines(keepends=True)
            kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step]
            save_bytes(self.path, "".join(kept).encode())

    def tokens_per_second(self, seconds: float, tokens: int) -> float:
        """Speed of the last steps, with one more that ended at `seconds` and had `tokens` target tokens."""
        self._recent.append((seconds, tokens))
        passed = self._recent[-1][0] - self._recent[0][0]
        return sum(count for _, count in list(self._recent)[1:]) / passed if passed else 0.0
