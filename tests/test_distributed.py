"""Alone nothing happens; together sums and rows are those of all."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from sittings import environment

from thought.distributed import Group, join, leave
from thought.errors import TrainingError

CPU = torch.device("cpu")

TOGETHER = """
import torch
from thought.distributed import join, leave

group = join(torch.device("cpu"))
assert (group.processes, group.is_first) == (2, group.rank == 0)
assert group.sum_(torch.tensor([1.0, group.rank])).tolist() == [2.0, 1.0]
own = torch.full((1 + 2 * group.rank, 2), float(group.rank), requires_grad=True)  # 1 row and 3 rows
rows = group.gather(own)
assert rows.tolist() == [[0.0, 0.0]] + 3 * [[1.0, 1.0]]
(rows * torch.tensor([[1.0], [2.0], [3.0], [4.0]])).sum().backward()
assert own.grad.tolist() == ([[1.0, 1.0]] if group.rank == 0 else [[2.0, 2.0], [3.0, 3.0], [4.0, 4.0]])
empty = group.gather(torch.ones(group.rank, 3))
assert empty.tolist() == [[1.0, 1.0, 1.0]]
group.wait()
leave(group)
assert not torch.distributed.is_initialized()
print(f"rank {group.rank} is done")
"""


def free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


def run_together(arguments: list[str], folder: Path, processes: int = 2) -> list[str]:
    """Run a script in several processes that know each other as torchrun tells them; return what each prints."""
    common = {**environment(), "WORLD_SIZE": str(processes), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port()}
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "error::UserWarning:thought", *arguments], cwd=folder, text=True,
            env={**common, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for rank in range(processes)
    ]  # fmt: skip
    try:
        results = [process.communicate(timeout=300) for process in started]
    finally:
        for process in started:
            process.kill()
    for process, (_, errors) in zip(started, results, strict=True):
        assert process.returncode == 0, errors
    return [printed for printed, _ in results]


def test_a_process_alone_is_the_first_and_only_one() -> None:
    group = join(CPU)
    assert group == Group(rank=0, processes=1)
    assert group.is_first
    assert not Group(rank=1, processes=2).is_first
    leave(group)
    assert not torch.distributed.is_initialized()


def test_alone_sums_and_rows_are_what_they_are() -> None:
    rows = torch.ones(2, 3, requires_grad=True)
    group = Group()
    assert group.gather(rows) is rows
    assert group.sum_(rows) is rows
    group.wait()


def test_two_processes_sum_and_gather_unequal_rows_with_gradients_to_their_own(tmp_path: Path) -> None:
    assert run_together(["-c", TOGETHER], tmp_path) == ["rank 0 is done\n", "rank 1 is done\n"]


def test_processes_that_cannot_be_reached_say_how_to_start_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    for name in ("RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(TrainingError, match="cannot join 2 processes: .*; start them with torchrun"):
        join(CPU)
