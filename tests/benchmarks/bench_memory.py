"""Memory and preparation: peak RSS of training on a generated corpus of 20 thousand pairs and of 2 million.

    python tests/benchmarks/bench_memory.py --json memory.json
    python tests/benchmarks/bench_memory.py --pairs 2000 20000 --preset tiny     (a quick look)

Each corpus is two parallel files of made-up words, written from a seed. `python -m thought train` runs on
it in a process of its own for a few steps. The peak is the kernel's own count, the high-water mark
(VmHWM) of each process, looked at until it ends; preparing is all until the first step: reading, training
the subword model, writing token ids.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from measuring import arguments, environment, err, report, save

WORDS = 20_000  # of each language
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


def main() -> None:
    parser = arguments(__doc__ or "", rounds=1)
    parser.add_argument("--pairs", type=int, nargs="+", default=[20_000, 2_000_000])
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--preset", default="small")
    parser.add_argument("--folder", type=Path, help="where to write corpora and runs; default: a temporary one")
    options = parser.parse_args()
    found = []
    with contextlib.ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        for pairs in options.pairs:
            err.print(f"{pairs:,} pairs: writing the corpus", highlight=False)
            spec = write_corpus(folder, pairs)
            err.print(f"{pairs:,} pairs: training", highlight=False)
            found.append({"pairs": pairs, **train(spec, folder / f"run-{pairs}", options)})
    save(options, {"preset": options.preset, "steps": options.steps, "found": found})
    _show(found)


def write_corpus(folder: Path, pairs: int, seed: int = 1) -> str:
    """Write `pairs` random sentence pairs, 5 to 20 words each; return how --data names them."""
    generator = random.Random(seed)
    lexicons = [["".join(generator.choices(SYLLABLES, k=generator.randint(1, 4))) for _ in range(WORDS)] for _ in "ab"]
    # few words are frequent and many are rare, as in language (Zipf 1949)
    weights = [1 / (rank + 1) for rank in range(WORDS)]
    totals = [sum(weights[:1])]
    for weight in weights[1:]:
        totals.append(totals[-1] + weight)
    paths = [folder / f"random-{pairs}.{code}" for code in ("de", "en")]
    with open(paths[0], "w", encoding="utf-8") as first, open(paths[1], "w", encoding="utf-8") as second:
        for _ in range(pairs):
            drawn = generator.choices(range(WORDS), cum_weights=totals, k=generator.randint(5, 20))
            for file, lexicon in zip((first, second), lexicons, strict=True):
                file.write(" ".join(lexicon[index] for index in drawn).capitalize() + ".\n")
    return ",".join(map(str, paths))


def train(spec: str, run: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Train in a process of its own; return its peaks and how long preparing took."""
    never = 10**9
    settings = [
        f"training.threads={options.threads}",
        f"training.save_every={never}",
        f"training.evaluate_every={never}",
    ]
    command = [sys.executable, "-m", "thought", "train", options.preset, *settings]
    command += ["--data", spec, "--steps", str(options.steps), "--out", str(run), "--device", "cpu"]
    began = time.time()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, cwd=run.parent, env=environment(options))
        peaks: dict[int, int] = {}
        watcher = threading.Thread(target=_watch, args=(process, peaks), daemon=True)
        watcher.start()
        status = process.wait()
        watcher.join()
        if status:
            said.seek(0)
            raise SystemExit(f"training failed:\n{said.read()[-3000:]}")
    subwords = (run / "tokenizer.model").stat().st_mtime - began
    prepared = (run / "prepared" / "train.json").stat().st_mtime - began
    facts = json.loads((run / "prepared" / "train.json").read_text("utf-8"))
    return {
        "seconds": time.time() - began,
        "prepare_seconds": prepared,  # from the start of the command
        "subword_seconds": subwords,  # of these, until the subword model was there
        "meanings": facts["meanings"],
        "peak_bytes": max(peaks.values()),  # of the largest process
        "peaks_bytes": sorted(peaks.values(), reverse=True),
        "children_peak_bytes": 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,  # of all so far
        "disk_bytes": sum(path.stat().st_size for path in (run / "prepared").iterdir()),
    }


def _watch(process: subprocess.Popen[bytes], peaks: dict[int, int]) -> None:
    """Note the high-water mark of the process and its children until it ends (Linux)."""
    ended = threading.Event()
    while process.poll() is None:
        for number in [process.pid, *_children(process.pid)]:
            with contextlib.suppress(OSError):
                for line in Path(f"/proc/{number}/status").read_text("utf-8").splitlines():
                    if line.startswith("VmHWM:"):
                        peaks[number] = 1024 * int(line.split()[1])
        ended.wait(0.05)


def _children(number: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [
            int(child)
            for task in os.listdir(f"/proc/{number}/task")
            for child in Path(f"/proc/{number}/task/{task}/children").read_text("utf-8").split()
        ]
    return []


def _show(found: list[dict[str, Any]]) -> None:
    rows = []
    for one in found:
        ratio = one["peak_bytes"] / found[0]["peak_bytes"]
        each_million = 1e6 * one["prepare_seconds"] / one["pairs"]
        cells = [f"{one['pairs']:,}", f"{one['peak_bytes'] / 2**30:.2f} GiB", f"{ratio:.3f}"]
        parts = [f"{one['prepare_seconds']:.1f} s", f"{one['subword_seconds']:.1f} s", f"{each_million:.0f} s"]
        rows.append([*cells, *parts, f"{one['disk_bytes'] / 2**20:.0f} MiB"])
    columns = ["pairs", "peak RSS", "against the first", "prepare", "of it subwords", "a million pairs", "on disk"]
    report("Training on a generated corpus", columns, rows)


if __name__ == "__main__":
    main()
