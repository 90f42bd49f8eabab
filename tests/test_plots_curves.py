"""Figures of numbers that go with something else."""

from __future__ import annotations

import io
from typing import Any

import pytest

from thought.errors import ScoringError
from thought.plots import curves
from thought.plots.style import LOOKS

METRICS: list[dict[str, Any]] = [
    *({"event": "progress", "step": step, "seconds": 6.0 * step, "nats": 8 / (1 + step)} for step in range(1, 30)),
    {"event": "evaluation", "seconds": 90.0, "bleu": 10.0, "chrf": 30.0, "p_at_1": 0.9, "is_averaged": True},
    {"event": "evaluation", "seconds": 180.0, "bleu": 12.0, "chrf": 33.0, "p_at_1": 0.95, "is_averaged": True},
    {"event": "evaluation", "seconds": 180.0, "bleu": 99.0, "chrf": 99.0, "p_at_1": 0.99, "is_averaged": False},
]


@pytest.mark.parametrize("theme", LOOKS)
def test_training_shows_the_loss_and_the_scores_of_the_averaged_weights(theme: str) -> None:
    figure = curves.training_curves(METRICS, theme=theme)
    loss, scores = figure.axes
    assert len(loss.lines[0].get_xdata()) == 29
    assert [list(line.get_ydata()) for line in scores.lines] == [[10, 12], [30, 33], [90, 95]]
    assert "BLEU 12.0" in [text.get_text() for text in scores.texts]


def test_a_run_without_a_thought_has_no_retrieval_to_show() -> None:
    records = [{name: value for name, value in record.items() if name != "p_at_1"} for record in METRICS]
    assert len(curves.training_curves(records).axes[1].lines) == 2
    with pytest.raises(ScoringError, match="no lines"):
        curves.training_curves([])


def test_bleu_by_length_has_a_line_a_system() -> None:
    figure = curves.bleu_by_length(
        {"one": {"1-8": (30.0, 5), "9+": (20.0, 7)}, "all": {"1-8": (33.0, 5), "9+": (31.0, 7)}}
    )
    assert [list(line.get_ydata()) for line in figure.axes[0].lines] == [[30, 20], [33, 31]]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["1-8\n5", "9+\n7"]
    with pytest.raises(ScoringError):
        curves.bleu_by_length({})


def test_the_price_of_the_bottleneck_stands_under_its_control() -> None:
    figure = curves.bleu_by_bottleneck({64: 10.0, 16: 5.0}, control=40.0)
    line, control = figure.axes[0].lines
    assert list(line.get_xdata()) == [16, 64]
    assert list(control.get_ydata()) == [40, 40]
    with pytest.raises(ScoringError):
        curves.bleu_by_bottleneck({})


def test_the_cheating_meter_has_a_bar_a_condition_and_a_curve_of_noise() -> None:
    bleu, bits = {"right": 20.0, "shuffled": 0.5, "noise 1": 9.0}, {"right": 3.0, "shuffled": 9.0, "noise 1": 4.0}
    figure = curves.cheating_meter(bleu, bits, {2.0: 4.0, 1.0: 9.0})
    assert [len(axes.patches) for axes in figure.axes] == [2, 2, 0]
    assert list(figure.axes[2].lines[0].get_ydata()) == [20, 9, 4]
    assert len(curves.cheating_meter(bleu, bits).axes) == 2
    with pytest.raises(ScoringError, match="same conditions"):
        curves.cheating_meter(bleu, {"right": 1.0})


def test_floors_stand_beside_the_model() -> None:
    figure = curves.retrieval_floors({"thoughts": {"en-de": 0.9, "de-en": 0.8}, "floor": {"en-de": 0.3}})
    model, floor = figure.axes[0].collections
    assert model.get_offsets().tolist() == [[90, 0], [80, 1]]
    assert floor.get_offsets().tolist() == [[30, 0]]
    figure.savefig(io.BytesIO(), format="png")
    with pytest.raises(ScoringError):
        curves.retrieval_floors({})
