"""Several processes compute what one does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from sittings import CHILD, child, environment, metrics
from test_distributed import free_port, run_together
from worlds import tiny, toy_corpus

from thought import training
from thought.training import train

TOGETHER = (
    "training.steps=6", "training.batch_tokens=60", "training.evaluate_every=3", "training.evaluate_meanings=2",
    "data.directions=aa-bb,bb-aa,bb-cc,cc-aa", "data.longest=12", "model.dropout=0",
)  # fmt: skip


def assert_same_to_rounding(folder: Path, alone: Path) -> None:
    for record, expected in zip(metrics(folder), metrics(alone), strict=True):
        assert record["step"] == expected["step"]
        if "loss" in expected:
            assert record["loss"] == pytest.approx(expected["loss"], rel=1e-4)
    for kind in ("last", "averaged"):
        weights, others = (load_file(place / f"{kind}.safetensors") for place in (folder, alone))
        differences = torch.cat([(weights[name] - others[name]).abs().flatten() for name in others])
        assert float(differences.median()) < 1e-6
        assert float((differences < 1e-4).float().mean()) > 0.99  # Adam makes much of a gradient that is almost nothing


def test_two_processes_compute_what_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "REPORT_EVERY", 1)
    train(tiny(*TOGETHER), tmp_path / "one", corpus=toy_corpus())
    printed = run_together(child(tmp_path / "two", *TOGETHER), tmp_path)
    assert printed == ["1\n2\n3\n4\n5\n6\n", ""]  # only the first talks
    assert_same_to_rounding(tmp_path / "two", tmp_path / "one")


def test_two_processes_of_torchrun_align_over_the_rows_of_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "REPORT_EVERY", 1)
    overrides = (*TOGETHER, "loss.align=infonce", "loss.align_weight=1", "loss.align_meanings=6")
    train(tiny(*overrides), tmp_path / "one", corpus=toy_corpus())
    script = tmp_path / "script.py"
    script.write_text(CHILD)
    command = [
        sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-addr", "127.0.0.1",
        "--master-port", free_port(), str(script), *child(tmp_path / "two", *overrides)[2:],
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(), timeout=600)
    assert done.returncode == 0, done.stderr
    assert_same_to_rounding(tmp_path / "two", tmp_path / "one")
