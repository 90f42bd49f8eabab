"""One process or many: who am I, sum over all, gather from all.

Under `torchrun` each process takes its share of every batch and gradients are summed, so that any
number of processes computes what one would. Without it everything here does nothing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor

from thought.errors import TrainingError


@dataclass(frozen=True)
class Group:
    """The processes that train together."""

    rank: int = 0
    processes: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this process writes files and talks."""
        return self.rank == 0

    def sum_(self, tensor: Tensor) -> Tensor:
        """Sum over processes, in place."""
        if self.processes > 1:
            dist.all_reduce(tensor)
        return tensor

    def sum_all_(self, tensors: list[Tensor]) -> None:
        """Sum each of many tensors over processes, in place, in one message."""
        if self.processes > 1:
            flat = self.sum_(torch.cat([tensor.flatten() for tensor in tensors]))
            for tensor, part in zip(tensors, torch.split(flat, [tensor.numel() for tensor in tensors]), strict=True):
                tensor.copy_(part.view_as(tensor))

    def wait(self) -> None:
        """Return once every process has come here."""
        if self.processes > 1:
            dist.barrier()

    def gather(self, rows: Tensor) -> Tensor:
        """Rows of all processes, (n, Z) of each -> (N, Z); the gradient reaches this process's rows."""
        if self.processes == 1:
            return rows
        count = torch.tensor([len(rows)], device=rows.device)
        counts = [torch.zeros_like(count) for _ in range(self.processes)]
        dist.all_gather(counts, count)
        most = int(max(counts))
        padded = rows.new_zeros((most, rows.shape[1]))
        padded[: len(rows)] = rows.detach()
        parts = [torch.empty_like(padded) for _ in range(self.processes)]
        dist.all_gather(parts, padded)
        whole = [part[: int(size)] for part, size in zip(parts, counts, strict=True)]
        whole[self.rank] = rows
        return torch.cat(whole)


def join(device: torch.device) -> Group:
    """Join the other processes if `torchrun` started this one.

    Raises
    ------
    TrainingError
        If the environment names other processes but they cannot be reached.
    """
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    if processes == 1:
        return Group()
    try:
        if not dist.is_initialized():
            dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    except (RuntimeError, ValueError) as error:
        raise TrainingError(f"cannot join {processes} processes: {error}; start them with torchrun") from error
    return Group(dist.get_rank(), dist.get_world_size())


def leave(group: Group) -> None:
    """Part from the other processes."""
    if group.processes > 1:
        dist.destroy_process_group()
