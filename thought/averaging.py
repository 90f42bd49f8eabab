"""A running average of weights, which translates better than the weights of any one step.

Exponential, as an average over the end of the run (Polyak & Juditsky 1992; Izmailov et al. 2018,
arXiv:1803.05407, for why). With decay d it looks back over about 1 / (1 - d) steps.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from thought.model import Model

EVERY = 4  # steps between updates: each costs a pass over all weights


class RunningAverage:
    """The average of a model's weights while it trains.

    Parameters
    ----------
    model : Model
    decay : float in [0, 1)
        Of a step; 0 follows the weights as they are.
    """

    def __init__(self, model: Model, decay: float) -> None:
        self.model = model
        self.decay = decay
        self.tensors: dict[str, Tensor] = {name: weight.detach().clone() for name, weight in model.named_parameters()}

    def follow(self, step: int) -> None:
        """Take in the weights after `step`; the first steps, soon outdated, are forgotten sooner."""
        if step % EVERY:
            return
        keep = min(self.decay**EVERY, (1 + step) / (10 + step)) if self.decay else 0.0
        weights = [weight.detach() for weight in self.model.parameters()]
        torch._foreach_lerp_(list(self.tensors.values()), weights, 1 - keep)

    def as_model(self) -> Model:
        """Return a model with the averaged weights."""
        model = copy.deepcopy(self.model)
        with torch.no_grad():
            for name, weight in model.named_parameters():
                weight.copy_(self.tensors[name])
        return model
