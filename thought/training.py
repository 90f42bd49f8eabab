"""Text -> a trained run: the whole loop in one file, top to bottom.

What a step does depends on (seed, step) alone: the order of the data, the dropout, the learning
rate. So a run that was killed and resumed ends, on a CPU, in the same bits as one that was not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from thought import checkpoint
from thought.averaging import RunningAverage
from thought.batching import Batches
from thought.config import Config
from thought.corpus import Corpus
from thought.distributed import Group, join, leave
from thought.errors import TrainingError
from thought.hardware import resolve_device, resolve_precision
from thought.loss import alignment_loss, translation_loss
from thought.metrics import Metrics
from thought.model import Model
from thought.optimizer import build_optimizer, clip, set_rate
from thought.padding import Batch
from thought.pieces import Pieces
from thought.prefetch import prefetch
from thought.preparation import Prepared, prepare_run
from thought.process import Signals, keep_freed_memory
from thought.rehearsal import Listener, rehearse
from thought.resume import State, Stopped, load_state, save_state, state_path
from thought.schedule import learning_rate, planned_steps
from thought.snapshots import Snapshots, is_due
from thought.translator import Translator

REPORT_EVERY = 20  # steps between lines of metrics.jsonl


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    folder: Path
    step: int
    seconds: float
    stopped: Stopped
    best: Mapping[str, float]


def train(config: Config, folder: Path, *, corpus: Corpus | None = None, resume: bool = False,
          listener: Listener | None = None) -> Outcome:  # fmt: skip
    """Train a translator and leave it in a run folder.

    >>> from thought import load_config
    >>> train(load_config("tiny", ["data.corpus=my.tsv", "training.steps=2"]), Path("two")).step
    2

    Parameters
    ----------
    config : Config
        The first budget reached (steps, epochs or minutes) ends the run.
    folder : Path that `Translator.load` will open
    corpus : Corpus, optional
        Read instead of the one `config.data` names.
    resume : bool
        Go on from `folder/resume`, or start if there is nothing yet.
    listener : Listener, optional
        Told of notes, progress and evaluations.

    Returns
    -------
    Outcome
        `stopped` is "interrupted" after Ctrl-C or SIGTERM: everything is saved, and `resume` goes on.

    Raises
    ------
    ThoughtError
        If settings, corpus or folder do not allow it; `TrainingError` if the loss is no longer a finite number.
    """
    if config.training.threads:
        torch.set_num_threads(config.training.threads)
    device = resolve_device(config.training.device)
    group = join(device)
    listener = listener if listener is not None and group.is_first else Listener()
    try:
        prepared = prepare_run(config, folder, corpus, group, listener, resume=resume)
        trainer = Trainer(config, folder, prepared, device=device, group=group, listener=listener)
        if resume:
            trainer.restore()
        keep_freed_memory()  # not before: what the tokenizer's training freed is to go back
        with torch.random.fork_rng(), Signals() as signals:
            return trainer.run(signals)
    finally:
        leave(group)


class Trainer:
    """Model, optimizer and running average, and the loop over them."""

    def __init__(self, config: Config, folder: Path, prepared: Prepared, *, device: torch.device, group: Group,
                 listener: Listener) -> None:  # fmt: skip
        self.config, self.folder, self.prepared = config, folder, prepared
        self.device, self.group, self.listener = device, group, listener
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.training.seed)
            self.model = Model(config.model, prepared.tokenizer.vocabulary_size).to(device)
        self.parameters = dict(self.model.named_parameters())
        self.pieces = Pieces(prepared.pieces, prepared.tokenizer, device) if prepared.pieces is not None else None
        self.precision = resolve_precision(config.training.precision, device)
        self.optimizer = build_optimizer(self.model, config.training, self.precision)
        self.average = RunningAverage(self.model, config.training.average)
        self.metrics = Metrics(folder)
        is_filmed = group.is_first and config.model.bottleneck == 1
        self.snapshots = Snapshots(folder, prepared.probes) if is_filmed else None
        self.state = State()
        listener.note(
            f"{sum(weight.numel() for weight in self.parameters.values()):,} weights on {device} "
            f"in {str(self.precision).removeprefix('torch.')}, {torch.get_num_threads()} threads"
        )

    def run(self, signals: Signals) -> Outcome:
        """Train until a budget is spent."""
        budget, state = self.config.training, self.state
        began = time.monotonic() - state.seconds
        batches = Batches(self.prepared.store, self.prepared.tokenizer, self.config,
                          rank=self.group.rank, processes=self.group.processes)  # fmt: skip
        plan = self._plan()
        self._decide(is_caught=False)  # a run that was resumed after its end has nothing left to do
        if state.step == 0:
            self._snap({})
        with prefetch(batches.stream(state.position)) as stream:
            while state.stopped is None:
                parts = [next(stream) for _ in range(budget.accumulate)]
                rate = learning_rate(state.step, plan, budget)
                loss, nats, tokens = self.update([batch for batch, _ in parts], rate)
                state.step, state.position = state.step + 1, parts[-1][1]
                state.seconds = time.monotonic() - began
                plan = self._plan()
                self._report(loss, nats, rate, plan, tokens)
                self._decide(is_caught=signals.caught)
                self._snap({"nats": nats})
                self._keep(began)
        return Outcome(self.folder, state.step, state.seconds, state.stopped, dict(state.best))

    def _plan(self) -> int:
        state, epochs = self.state, self.state.position.epochs(self.prepared.pools)
        seconds = max(state.seconds, 1e-9)
        return planned_steps(state.step, seconds, state.evaluation_seconds, epochs, self.config.training)

    def _keep(self, began: float) -> None:
        """Evaluate or save, if this step asks for it."""
        budget, state = self.config.training, self.state
        if state.step % budget.evaluate_every == 0 or state.stopped not in (None, "interrupted"):
            self.evaluate(began)  # also if interrupted, or the resumed run would lack this evaluation
        elif state.stopped is not None or state.step % budget.save_every == 0:
            self.save()

    def update(self, parts: list[Batch], rate: float) -> tuple[float, float, int]:
        """One optimizer step over one or more batches: loss and nats a target token, and target tokens."""
        torch.manual_seed(((self.config.training.seed * 2**32 + self.state.step) * 256 + self.group.rank) % 2**63)
        counts = torch.tensor([float(sum(p.target_tokens for p in parts)), float(sum(p.aligned_rows for p in parts))])
        tokens, rows = self.group.sum_(counts.to(self.device)).tolist()
        self.optimizer.zero_grad(set_to_none=True)
        sums = torch.zeros(2, device=self.device)  # loss and nats, of this process
        for part in parts:
            batch = part.to(self.device)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == torch.bfloat16):
                losses = translation_loss(self.model, batch, self.config.loss, self.pieces)
            loss = losses.translation / tokens
            sums += torch.stack([loss.detach() * tokens, losses.likelihood])
            if losses.thoughts is not None:
                aligned = alignment_loss(self.group.gather(losses.thoughts), self.config.loss)
                loss = loss + self.config.loss.align_weight * aligned / rows
            loss.backward()
        gradients = [w.grad if w.grad is not None else torch.zeros_like(w) for w in self.parameters.values()]
        self.group.sum_all_(gradients)
        norm = torch.nn.utils.get_total_norm(gradients)
        loss_value, likelihood = (self.group.sum_(sums) / tokens).tolist()
        if not (math.isfinite(loss_value) and math.isfinite(float(norm))):
            raise TrainingError(self._not_finite(loss_value, float(norm), parts[0]))
        clip(gradients, float(norm), self.config.training.clip)
        for weight, gradient in zip(self.parameters.values(), gradients, strict=True):
            weight.grad = gradient
        set_rate(self.optimizer, rate)
        self.optimizer.step()
        self.average.follow(self.state.step)
        return loss_value, likelihood, int(tokens)

    def evaluate(self, began: float) -> None:
        """Score the averaged weights on dev, at the end also the last ones; keep the best; save."""
        state, start = self.state, time.monotonic()
        if self.group.is_first:
            is_best = self._rehearse(self.average.as_model(), self.average.tensors, began)
            state.worse = 0 if is_best else state.worse + 1
        self._share_decision()
        if state.stopped in (None, "interrupted") and 0 < self.config.training.patience <= state.worse:
            state.stopped = "patience"
        if state.stopped not in (None, "interrupted") and self.group.is_first:
            self._rehearse(self.model, self.parameters, began)
            self._save_weights("last", self.parameters)
            self._save_weights("averaged", self.average.tensors)
        state.evaluation_seconds = time.monotonic() - start
        self.save()

    def _rehearse(self, model: Model, weights: Mapping[str, Tensor], began: float) -> bool:
        """Score a model on dev and keep its weights if they are the best so far; return whether they are."""
        state = self.state
        scores, samples = rehearse(self._translator(model), self.prepared.dev, self.prepared.directions)
        is_best = not state.best or scores["bleu"] + scores["chrf"] > state.best["bleu"] + state.best["chrf"]
        if is_best:
            state.best = {"step": state.step, **scores}
            self._save_weights("best", weights)
        state.seconds = time.monotonic() - began
        record = {"step": state.step, "seconds": state.seconds, "is_averaged": model is not self.model, **scores}
        self.listener.evaluation({"is_best": is_best, **record}, samples)
        self.metrics.log("evaluation", record)
        return is_best

    def _translator(self, model: Model) -> Translator:
        return Translator(model, self.prepared.tokenizer, self.config, device=self.device, pieces=self.pieces,
                          precision=self.config.training.precision, step=self.state.step)  # fmt: skip

    def _snap(self, facts: Mapping[str, float]) -> None:
        """Keep the thoughts of the probe sentences at log-spaced steps and at the end, for the film."""
        film, state = self.snapshots, self.state
        if film is not None and (is_due(state.step) or state.stopped not in (None, "interrupted")):
            translator = self._translator(self.average.as_model())
            thoughts = translator.encode(film.texts)  # (N, Z)
            if np.isfinite(thoughts).all():  # if not, the next step's loss will say so
                film.save(state.step, thoughts, facts)
                self.listener.snapshot(state.seconds, translator, replace(film.probes, thoughts=thoughts))

    def save(self) -> None:
        """Write all that `restore` needs to go on as if nothing had happened."""
        if self.group.is_first:
            save_state(self.folder, self.model, self.average.tensors, self.optimizer, self.state)
        self.group.wait()

    def restore(self) -> None:
        """Go back to where `save` was; if it never was, to the start."""
        if state_path(self.folder).exists():
            self.state = load_state(self.folder, self.model, self.average.tensors, self.optimizer)
            self.listener.note(f"going on from step {self.state.step:,}")
        if self.group.is_first:
            self.metrics.forget_after(self.state.step)
        if self.snapshots is not None:
            self.snapshots.forget_after(self.state.step)

    def _decide(self, *, is_caught: bool) -> None:
        """Set `state.stopped` if a budget is spent; the first process decides for all."""
        budget, state = self.config.training, self.state
        if budget.steps and state.step >= budget.steps:
            state.stopped = "steps"
        elif budget.epochs and state.position.epochs(self.prepared.pools) >= budget.epochs:
            state.stopped = "epochs"
        elif budget.minutes and state.seconds + state.evaluation_seconds >= 60 * budget.minutes:
            state.stopped = "minutes"
        elif is_caught:  # comes last: a run whose budget is spent is evaluated now or, once resumed, never
            state.stopped = "interrupted"
        self._share_decision()

    def _share_decision(self) -> None:
        if self.group.processes == 1:
            return
        words: tuple[Stopped | None, ...] = (None, "steps", "epochs", "minutes", "patience", "interrupted")
        numbers = torch.tensor([words.index(self.state.stopped), self.state.worse], device=self.device)
        numbers *= 1 if self.group.is_first else 0
        code, self.state.worse = self.group.sum_(numbers).tolist()
        self.state.stopped = words[code]

    def _save_weights(self, kind: str, tensors: Mapping[str, Tensor]) -> None:
        facts = {"step": self.state.step, "pieces": self.prepared.pieces}
        checkpoint.save_tensors(self.folder / checkpoint.WEIGHTS[kind], tensors, facts)

    def _report(self, loss: float, nats: float, rate: float, plan: int, tokens: int) -> None:
        state, minutes = self.state, self.config.training.minutes
        left = 60 * minutes - state.seconds if minutes else math.inf
        record = {
            "step": state.step, "steps": plan, "seconds": state.seconds,
            "seconds_left": min(left, (plan - state.step) * state.seconds / state.step),
            "epoch": state.position.epoch, "loss": loss, "nats": nats, "learning_rate": rate,
            "tokens_per_second": self.metrics.tokens_per_second(state.seconds, tokens),
        }  # fmt: skip
        self.listener.progress(record)
        if state.step % REPORT_EVERY == 0 and self.group.is_first:
            self.metrics.log("progress", record)

    def _not_finite(self, loss: float, norm: float, batch: Batch) -> str:
        return (
            f"the loss is {loss} and the gradient's norm {norm} at step {self.state.step + 1}, in the batch behind "
            f"{self.state.position.describe(batch, self.prepared.tokenizer)}; "
            f"try a lower training.learning_rate than {self.config.training.learning_rate}, a training.clip below 1 or "
            f"training.precision=float32, then go on from the last save with --resume"
        )
