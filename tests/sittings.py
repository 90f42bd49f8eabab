"""What tests of training share: a small run, what it left behind, and one in a process of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from worlds import tiny, toy_corpus

from thought import training
from thought.checkpoint import load_tensors
from thought.rehearsal import Listener, Sample
from thought.training import Outcome, train

RUN = (
    "training.steps=10", "training.evaluate_every=4", "training.save_every=3", "training.batch_tokens=60",
    "training.evaluate_meanings=2", "data.longest=12", "data.directions=aa-bb,bb-aa,bb-cc,cc-aa", "model.dropout=0.2",
    "loss.word_dropout=0.1", "loss.denoising=0.2", "model.encoder=gru", "model.decoder=transformer",
)  # fmt: skip
WEIGHTS = ("model.safetensors", "last.safetensors", "averaged.safetensors")
CLOCK = ("seconds", "seconds_left", "tokens_per_second")  # what differs from run to run


@dataclass
class Recorder(Listener):
    """Remembers what it is told, and does something at a step."""

    at: int = 0
    action: Callable[[], object] = lambda: None
    notes: list[str] = field(default_factory=list)
    records: list[dict[str, float]] = field(default_factory=list)
    evaluations: list[dict[str, Any]] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def progress(self, record: Mapping[str, float]) -> None:
        self.records.append(dict(record))
        if record["step"] == self.at:
            self.action()

    def evaluation(self, record: Mapping[str, Any], samples: Sequence[Sample]) -> None:
        self.evaluations.append(dict(record))
        self.samples += samples


def run(folder: Path, *overrides: str, resume: bool = False, listener: Listener | None = None) -> Outcome:
    return train(tiny(*RUN, *overrides), folder, corpus=toy_corpus(), resume=resume, listener=listener)


def metrics(folder: Path) -> list[dict[str, Any]]:
    """Lines of metrics.jsonl without what the clock says."""
    records = [json.loads(line) for line in (folder / "metrics.jsonl").read_text("utf-8").splitlines()]
    return [{name: value for name, value in record.items() if name not in CLOCK} for record in records]


def bits(folder: Path) -> dict[str, bytes]:
    """Contents of a run's files; the header of a weights file has no fixed order, so its tensors speak for it."""
    contents = {name: (folder / name).read_bytes() for name in ("tokenizer.model", "config.json")}
    for name in WEIGHTS:
        tensors, facts = load_tensors(folder / name)
        contents |= {f"{name} {key}": tensor.numpy().tobytes() for key, tensor in tensors.items()}
        contents[f"{name} facts"] = json.dumps(facts, sort_keys=True).encode()
    return contents


CHILD = """
import os, signal, sys
import torch
from pathlib import Path
from thought import checkpoint, training
from thought.rehearsal import Listener
from worlds import tiny, toy_corpus

folder, threads, replacements, *overrides = sys.argv[1:]
torch.set_num_threads(int(threads))
training.REPORT_EVERY = 1

class Counting(Listener):
    def progress(self, record):
        print(record["step"], flush=True)

replace, count = os.replace, 0

def dying(source, target):
    global count
    count += 1
    if count == int(replacements):
        os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target)

checkpoint.os.replace = dying
training.train(tiny(*overrides), Path(folder), corpus=toy_corpus(), listener=Counting())
"""


def child(folder: Path, *overrides: str, dies_at_replacement: int = 0) -> list[str]:
    return ["-c", CHILD, str(folder), str(torch.get_num_threads()), str(dies_at_replacement), *overrides]


def environment() -> dict[str, str]:
    """Variables of a child process that finds the package under test and these worlds, and talks on loopback."""
    folders = [str(Path(training.__file__).parents[1]), str(Path(__file__).parent)]
    return {
        **os.environ, "PYTHONPATH": os.pathsep.join(folders), "GLOO_SOCKET_IFNAME": "lo",
        "OMP_NUM_THREADS": str(torch.get_num_threads()),
    }  # fmt: skip
