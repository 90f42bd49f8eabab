"""Training of this package for some steps -> target tokens a second, as one line of JSON.

`thought.training.train` runs as it is, without evaluations; the clock looks at each step it begins. A
few steps more, off the clock, count the floating-point operations of the matrix products of a step.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from measuring import Stop
from torch.utils.flop_counter import FlopCounterMode

from thought.config import Config, load_config
from thought.padding import Batch
from thought.tokenizer import PAD
from thought.training import Trainer, train

COUNTED = 3  # steps whose floating-point operations are counted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="small")
    parser.add_argument("--set", nargs="*", default=[], dest="settings", help="overrides, section.name=value")
    parser.add_argument("--warmup", type=int, default=10, help="steps before the clock starts")
    parser.add_argument("--steps", type=int, default=60, help="steps on the clock")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    if arguments.device == "cpu":
        torch.set_num_threads(arguments.threads)
    never = 10**9
    fixed = {
        "steps": never, "epochs": 0, "minutes": 0, "threads": arguments.threads, "evaluate_every": never,
        "save_every": never, "device": arguments.device,
    }  # fmt: skip
    settings = [*(f"training.{name}={value}" for name, value in fixed.items()), *arguments.settings]
    with tempfile.TemporaryDirectory() as folder:
        found = measure(load_config(arguments.preset, settings), Path(folder), arguments)
    sys.stdout.write(json.dumps(found) + "\n")


def measure(config: Config, folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Train until all steps are done; count what lies between two starts of a step."""
    steps: list[tuple[float, int, int]] = []  # when a step began, its target tokens, its rows with a target
    operations: list[int] = []
    weights: list[int] = []
    last = arguments.warmup + arguments.steps
    update = Trainer.update

    def clocked(self: Trainer, parts: list[Batch], rate: float) -> tuple[float, float, int]:
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        rows = sum(int((part.target_out[:, 0] != PAD).sum()) for part in parts)
        steps.append((time.perf_counter(), sum(part.target_tokens for part in parts), rows))
        if len(steps) == last + 1:
            weights.append(sum(weight.numel() for weight in self.parameters.values()))
        if len(steps) == last + 1 + COUNTED:
            raise Stop
        if len(steps) <= last:
            return update(self, parts, rate)
        with FlopCounterMode(display=False) as counter:
            done = update(self, parts, rate)
        operations.append(counter.get_total_flops())
        return done

    Trainer.update = clocked  # type: ignore[method-assign]
    with contextlib.suppress(Stop):
        train(config, folder)
    measured = steps[arguments.warmup : last]
    seconds = steps[last][0] - measured[0][0]
    counted = sum(tokens for _, tokens, _ in steps[last : last + COUNTED])
    return {
        "weights": weights[0],
        "steps": len(measured),
        "seconds": seconds,
        "tokens_per_second": sum(tokens for _, tokens, _ in measured) / seconds,
        "pairs_per_second": sum(rows for _, _, rows in measured) / seconds,
        "tokens_per_step": sum(tokens for _, tokens, _ in measured) / len(measured),
        "operations_per_token": sum(operations) / counted,
    }


if __name__ == "__main__":
    main()
