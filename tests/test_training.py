"""The loop: it learns, it ends when it should, and a step is what it should be."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sittings import RUN, WEIGHTS, Recorder, run
from worlds import combinations, name_of, tiny, toy_corpus

from thought import training
from thought.batching import Batches, Position
from thought.config import Config
from thought.distributed import Group
from thought.errors import TrainingError
from thought.padding import Batch, pad
from thought.preparation import prepare_run
from thought.rehearsal import Listener
from thought.snapshots import load
from thought.space import Space
from thought.training import Trainer, train
from thought.translator import Translator


def test_it_learns_twenty_meanings_by_heart(tmp_path: Path) -> None:
    listener = Recorder()
    config = tiny(
        "model.embedding_size=32", "model.encoder_size=32", "model.decoder_size=64", "model.thought_size=64",
        "model.dropout=0", "loss.label_smoothing=0", "data.directions=aa-bb", "data.paraphrase_share=0",
        "training.steps=120", "training.batch_tokens=1000", "training.learning_rate=0.01", "training.warmup=10",
        "training.evaluate_meanings=20",
    )  # fmt: skip
    outcome = train(config, tmp_path, corpus=toy_corpus(20, 0), listener=listener)
    losses = [record["loss"] for record in listener.records]
    assert losses[0] > 4
    assert losses[-1] < 0.2
    assert outcome.best["bleu"] > 90
    translator = Translator.load(tmp_path, device="cpu", precision="float32")
    assert translator.translate(["rabe vira kilu mato"], "bb") == ["otam ulik ariv ebar"]


def test_another_seed_gives_another_run(tmp_path: Path) -> None:
    listeners = [Recorder(), Recorder()]
    for seed, listener in enumerate(listeners):
        run(tmp_path / str(seed), f"training.seed={seed}", "training.steps=1", listener=listener)
    assert listeners[0].records[0]["loss"] != listeners[1].records[0]["loss"]


def test_a_listener_hears_of_every_step_and_evaluation(tmp_path: Path) -> None:
    listener = Recorder()
    outcome = run(tmp_path, listener=listener)
    assert [record["step"] for record in listener.records] == list(range(1, 11))
    wanted = {"step", "steps", "loss", "tokens_per_second", "seconds", "seconds_left", "learning_rate"}
    assert all(wanted <= set(record) for record in listener.records)
    assert {record["steps"] for record in listener.records} == {10}
    assert [record["step"] for record in listener.evaluations] == [4, 8, 10, 10]  # at the end the last weights compete
    assert {"step", "seconds", "bleu", "chrf", "p_at_1"} <= set(listener.evaluations[0])
    assert {sample.direction for sample in listener.samples} == {"aa-bb", "bb-aa"}
    assert any("weights on cpu in float32" in note for note in listener.notes)
    best = max(listener.evaluations, key=lambda record: record["bleu"] + record["chrf"])
    assert outcome.best["bleu"] == best["bleu"]


def test_a_listener_sees_the_film_as_it_is_taken(tmp_path: Path) -> None:
    seen: list[tuple[int, Space, np.ndarray]] = []

    class Viewer(Listener):
        def snapshot(self, seconds: float, translator: Translator, probes: Space) -> None:
            seen.append((translator.step, probes, translator.encode(list(probes.texts))))

    end = run(tmp_path / "run", "training.steps=10", listener=Viewer())
    film = load(tmp_path / "run")
    assert [step for step, _, _ in seen] == film.steps.tolist() == [*range(9), end.step]
    for (_, probes, again), kept in zip(seen, film.thoughts, strict=True):
        np.testing.assert_array_equal(probes.thoughts, again)
        np.testing.assert_allclose(probes.thoughts, kept, rtol=1e-3, atol=1e-3)
        assert probes.texts == film.space.texts


def test_training_leaves_the_global_generator_alone(tmp_path: Path) -> None:
    before = torch.get_rng_state()
    run(tmp_path, "training.steps=2")
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("epochs", [0.9, 2])
def test_a_budget_of_epochs_ends_after_as_many_and_with_a_small_rate(tmp_path: Path, epochs: float) -> None:
    listener = Recorder()
    outcome = run(tmp_path, "training.steps=0", f"training.epochs={epochs}", listener=listener)
    assert outcome.stopped == "epochs"
    prepared = prepare_run(tiny(*RUN), tmp_path, toy_corpus(), Group(), Listener(), resume=True)
    stream = Batches(prepared.store, prepared.tokenizer, tiny(*RUN)).stream(Position())
    assert outcome.step == next(n for n, (_, after) in enumerate(stream, 1) if after.epochs(prepared.pools) >= epochs)
    rates = [record["learning_rate"] for record in listener.records]
    assert rates[-1] < 0.5 * max(rates)


def test_a_budget_of_minutes_ends_on_the_clock_with_a_small_rate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = itertools.count()
    monkeypatch.setattr(training, "time", SimpleNamespace(monotonic=lambda: float(next(ticks))))  # a second a look
    listener = Recorder()
    outcome = run(tmp_path, "training.steps=0", "training.minutes=0.5", "training.evaluate_every=10", listener=listener)
    assert outcome.stopped == "minutes"
    assert 27 <= outcome.seconds <= 33
    assert listener.records[-1]["seconds"] < 30
    rates = [record["learning_rate"] for record in listener.records]
    assert 0 < rates[-1] < 0.25 * max(rates)


def test_the_first_budget_reached_ends_the_run(tmp_path: Path) -> None:
    outcome = run(tmp_path, "training.steps=2", "training.epochs=50", "training.minutes=60")
    assert (outcome.stopped, outcome.step) == ("steps", 2)


def test_patience_ends_a_run_that_gets_no_better(tmp_path: Path) -> None:
    outcome = run(tmp_path, "training.learning_rate=1e-12", "training.evaluate_every=1", "training.patience=2")
    assert (outcome.stopped, outcome.step) == ("patience", 3)  # the first is the best so far
    assert {path.name for path in tmp_path.iterdir()} >= set(WEIGHTS)


@pytest.fixture
def trainer(tmp_path: Path) -> Callable[..., Trainer]:
    def build(*overrides: str) -> Trainer:
        config: Config = tiny("model.dropout=0", "training.batch_tokens=60", *overrides)
        prepared = prepare_run(config, tmp_path, toy_corpus(), Group(), Listener(), resume=True)
        return Trainer(config, tmp_path, prepared, device=torch.device("cpu"), group=Group(), listener=Listener())

    return build


def first_batches(trainer: Trainer, count: int) -> list[Batch]:
    stream = Batches(trainer.prepared.store, trainer.prepared.tokenizer, trainer.config).stream(Position())
    return [batch for batch, _ in itertools.islice(stream, count)]


def merged(batches: list[Batch]) -> Batch:
    """Rows of several batches as one."""
    rows = [[row for batch in batches for row in getattr(batch, name).tolist()] for name in
            ("source", "target_in", "target_out")]  # fmt: skip
    source, target_in, target_out = (pad(part) for part in rows)
    return Batch(source, torch.cat([batch.source_length for batch in batches]), target_in, target_out, is_paired=False)


def test_batches_accumulated_are_one_large_batch(trainer: Callable[..., Trainer]) -> None:
    """For translation; thoughts are aligned within each part, so infonce has fewer candidates then."""
    parts, one = trainer(), trainer()
    batches = first_batches(parts, 2)
    in_parts = parts.update(batches, 0.0)
    at_once = one.update([merged(batches)], 0.0)
    assert in_parts == pytest.approx(at_once, rel=1e-5)
    for name, weight in parts.parameters.items():
        torch.testing.assert_close(weight.grad, one.parameters[name].grad, rtol=1e-4, atol=1e-6)


def test_gradients_are_clipped_to_the_largest_norm(trainer: Callable[..., Trainer]) -> None:
    free, clipped = trainer("training.clip=0"), trainer("training.clip=0.01")
    norms = []
    for one in (free, clipped):
        one.update(first_batches(one, 1), 0.0)
        norms.append(float(torch.nn.utils.get_total_norm([weight.grad for weight in one.parameters.values()])))
    assert norms[0] > 0.1
    assert norms[1] == pytest.approx(0.01, rel=1e-3)
    ratio = norms[1] / norms[0]
    torch.testing.assert_close(
        clipped.parameters["embedding.weight"].grad, ratio * free.parameters["embedding.weight"].grad
    )


def test_a_rate_of_nothing_changes_nothing(trainer: Callable[..., Trainer]) -> None:
    one = trainer()
    before = {name: weight.detach().clone() for name, weight in one.parameters.items()}
    one.update(first_batches(one, 1), 0.0)
    assert all(torch.equal(weight, before[name]) for name, weight in one.parameters.items())
    one.update(first_batches(one, 1), 0.01)
    assert not torch.equal(one.parameters["embedding.weight"], before["embedding.weight"])


def test_the_loss_is_a_mean_over_target_tokens(trainer: Callable[..., Trainer]) -> None:
    one = trainer("loss.label_smoothing=0")
    (batch,) = first_batches(one, 1)
    loss, nats, tokens = one.update([batch], 0.0)
    assert tokens == batch.target_tokens
    assert loss == pytest.approx(nats, rel=1e-5)
    assert loss == pytest.approx(torch.tensor(float(one.prepared.tokenizer.vocabulary_size)).log().item(), rel=0.3)


def test_alignment_draws_the_thoughts_of_a_meaning_together(trainer: Callable[..., Trainer]) -> None:
    def distance(one: Trainer, batch: Batch) -> float:
        thoughts = one.model.eval().think(batch.source, batch.source_length).vectors[:, 0].detach()
        one.model.train()
        return float((thoughts[0::2] - thoughts[1::2]).square().mean())

    one = trainer("loss.align=mse", "loss.align_weight=10")
    (batch,) = first_batches(one, 1)
    before = distance(one, batch)
    for _ in range(10):
        one.update([batch], 0.01)
    assert distance(one, batch) < 0.5 * before


def test_a_loss_that_is_no_longer_finite_names_the_step_and_a_remedy(tmp_path: Path) -> None:
    listener = Recorder()
    with pytest.raises(TrainingError, match="try a lower training.learning_rate than 1e") as caught:
        run(tmp_path, "training.learning_rate=1e38", "training.clip=0", "training.warmup=0", listener=listener)
    assert f"at step {len(listener.records) + 1}, in the batch behind epoch 0" in str(caught.value)


BRIEF = ("training.steps=3", "data.longest=10", "training.evaluate_meanings=1")


@pytest.fixture(scope="module")
def prepared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run folder in which only preparation was done."""
    folder = tmp_path_factory.mktemp("prepared")
    prepare_run(tiny(), folder, toy_corpus(), Group(), Listener(), resume=False)
    return folder


@pytest.mark.parametrize("overrides", combinations(), ids=name_of)
def test_every_kind_of_model_trains(tmp_path: Path, prepared_folder: Path, overrides: tuple[str, ...]) -> None:
    shutil.copytree(prepared_folder, tmp_path, dirs_exist_ok=True)
    listener = Recorder()
    config = tiny(*BRIEF, "data.directions=aa-bb", *overrides)
    outcome = train(config, tmp_path, corpus=toy_corpus(), resume=True, listener=listener)
    assert outcome.step == 3
    assert listener.records[-1]["loss"] < 10
    assert ("p_at_1" in outcome.best) == ("model.bottleneck=none" not in overrides)


@pytest.mark.parametrize("overrides", [
    ("loss.align=mse", "loss.denoising=0.5"), ("loss.align=infonce", "data.hold_out=aa-bb"),
    ("training.precision=bfloat16", "loss.align=infonce"), ("tokenizer.variants=2", "model.encoder_layers=2"),
    ("training.average=0", "training.decay=cosine"), ("training.decay=inverse_sqrt", "training.warmup=0"),
])  # fmt: skip
def test_every_kind_of_training_trains(tmp_path: Path, overrides: tuple[str, ...]) -> None:
    listener = Recorder()
    config = tiny(*BRIEF, *overrides)
    assert train(config, tmp_path, corpus=toy_corpus(), listener=listener).step == 3
    assert all(record["loss"] < 10 and record["learning_rate"] > 0 for record in listener.records)
