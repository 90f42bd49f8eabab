"""Step -> learning rate, and minutes -> steps: both pure functions, so resume has nothing to get wrong."""

from __future__ import annotations

import math

from thought.config import TrainingConfig

FAR = 10**12  # steps of a run that only the clock or the epochs end, before its speed is known


def learning_rate(step: int, planned_steps: int, config: TrainingConfig) -> float:
    """Rate of optimizer step `step` (the first is 0) of a run planned to have `planned_steps`."""
    warmup = min(config.warmup, max(1, planned_steps // 10))
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, planned_steps - warmup))
    if config.decay == "linear":
        return config.learning_rate * (1 - progress)
    if config.decay == "cosine":
        return config.learning_rate * (1 + math.cos(math.pi * progress)) / 2
    if config.decay == "inverse_sqrt":
        return config.learning_rate * math.sqrt(max(1, warmup) / (step + 1))
    return config.learning_rate


def planned_steps(step: int, seconds: float, reserve: float, epochs: float, config: TrainingConfig) -> int:
    """Steps the run will have had at its end, as far as can be told now.

    Parameters
    ----------
    step : int
        Steps done.
    seconds : float
        Time they took, evaluations included.
    reserve : float
        Seconds the last evaluation will take.
    epochs : float
        Passes over the data done.
    config : TrainingConfig
        With a budget of minutes the plan follows the speed measured so far: a run that is disturbed
        plans fewer steps and still ends with a decayed rate.
    """
    plans = [config.steps] if config.steps else []
    if config.epochs and epochs:
        plans.append(max(step + 1, round(step * config.epochs / epochs)))
    if config.minutes and step:
        left = 60 * config.minutes - seconds - reserve
        plans.append(max(step + 1, step + int(left * step / seconds)))
    return min(plans, default=FAR)
