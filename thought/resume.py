"""All that a run needs to go on as if it had never stopped: one file, `resume/state.safetensors`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from thought.batching import Position
from thought.checkpoint import load_parameters, load_tensors, save_tensors
from thought.errors import CheckpointError
from thought.model import Model

Stopped = Literal["steps", "epochs", "minutes", "patience", "interrupted"]
SAVED = ("step", "seconds", "best", "worse", "evaluation_seconds")


@dataclass
class State:
    """All that changes while training, besides tensors."""

    step: int = 0
    seconds: float = 0.0  # over all sittings
    position: Position = field(default_factory=Position)
    best: dict[str, float] = field(default_factory=dict)  # scores of the best evaluation
    worse: int = 0  # evaluations since
    evaluation_seconds: float = 0.0  # of the last evaluation
    stopped: Stopped | None = None


def state_path(folder: Path) -> Path:
    """Where a run keeps its state."""
    return folder / "resume" / "state.safetensors"


def save_state(
    folder: Path, model: Model, average: Mapping[str, Tensor], optimizer: torch.optim.Optimizer, state: State
) -> None:
    """Write weights, their average, the optimizer's moments and the state, whole or not at all."""
    parameters = dict(model.named_parameters())
    tensors: dict[str, Tensor] = {f"weight.{name}": weight for name, weight in parameters.items()}
    tensors |= {f"average.{name}": weight for name, weight in average.items()}
    for name, weight in parameters.items():
        for kind, value in optimizer.state.get(weight, {}).items():
            tensors[f"{kind}.{name}"] = value
    facts = {name: getattr(state, name) for name in SAVED} | {"position": vars(state.position)}
    save_tensors(state_path(folder), tensors, facts)


def load_state(folder: Path, model: Model, average: Mapping[str, Tensor], optimizer: torch.optim.Optimizer) -> State:
    """Fill model, average and optimizer with what `save_state` wrote, and return the state.

    Raises
    ------
    CheckpointError
        If the file is missing, damaged, or of another model.
    """
    tensors, facts = load_tensors(state_path(folder))
    by_kind: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        kind, _, rest = name.partition(".")
        by_kind.setdefault(kind, {})[rest] = tensor
    try:
        load_parameters(model, by_kind.pop("weight"), folder)
        for name, tensor in by_kind.pop("average").items():
            average[name].copy_(tensor)
        for name, weight in model.named_parameters():
            moments = {kind: values[name] for kind, values in by_kind.items() if name in values}
            optimizer.state[weight] = {
                kind: value if kind == "step" else value.to(weight.device) for kind, value in moments.items()
            }
        return State(**{name: facts[name] for name in SAVED}, position=Position(**facts["position"]))
    except (KeyError, TypeError) as error:
        where = state_path(folder)
        raise CheckpointError(f"{where} does not fit this run: {error}; start again without --resume") from error
