"""Rate of a product of the size training does most, (2048, 512) x (512, 8000) -> GFLOP/s, as one line of JSON."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time

import torch

ROWS, INNER, COLUMNS = 2_048, 512, 8_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=30)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    kinds = {"bfloat16": torch.bfloat16, "float32": torch.float32}
    sys.stdout.write(json.dumps({name: rate(kind, arguments.repeats) for name, kind in kinds.items()}) + "\n")


def rate(kind: torch.dtype, repeats: int) -> float:
    """Median rate of a product in 1e9 floating-point operations a second."""
    generator = torch.Generator().manual_seed(1)
    left = torch.randn(ROWS, INNER, generator=generator).to(kind)
    right = torch.randn(INNER, COLUMNS, generator=generator).to(kind)
    seconds = []
    for _ in range(repeats + 5):
        began = time.perf_counter()
        torch.mm(left, right)
        seconds.append(time.perf_counter() - began)
    return 2 * ROWS * INNER * COLUMNS / statistics.median(seconds[5:]) / 1e9


if __name__ == "__main__":
    main()
