"""How a run learned, as curves."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from thought.errors import ScoringError
from thought.plots.learning import training_curves
from thought.plots.style import LOOKS

PROGRESS = [
    {"event": "progress", "step": step, "seconds": 6.0 * step, "nats": 8 / (1 + step), "loss": 9}
    for step in range(1, 41)
]
SCORED: list[dict[str, Any]] = [
    {
        "event": "evaluation",
        "step": 15,
        "seconds": 90.0,
        "bleu": 10.0,
        "chrf": 30.0,
        "p_at_1": 0.9,
        "is_averaged": True,
    },
    {
        "event": "evaluation",
        "step": 40,
        "seconds": 180.0,
        "bleu": 12.0,
        "chrf": 33.0,
        "p_at_1": 0.95,
        "is_averaged": True,
    },
    {
        "event": "evaluation",
        "step": 40,
        "seconds": 181.0,
        "bleu": 11.0,
        "chrf": 32.0,
        "p_at_1": 0.94,
        "is_averaged": False,
    },
]


def words(figure):
    return "\n".join(text.get_text() for text in figure.texts)


@pytest.mark.parametrize("theme", LOOKS)
def test_loss_and_scores_have_a_panel_each(theme):
    figure = training_curves([*PROGRESS, *SCORED], theme=theme)
    loss, bleu, chrf, found = figure.axes
    assert len(loss.lines[0].get_xdata()) == 40
    assert loss.lines[0].get_xdata()[-1] == 4  # minutes
    assert loss.lines[1].get_ydata()[0] == pytest.approx(np.mean([8 / (1 + step) for step in range(1, 10)]))
    assert [list(axes.lines[0].get_ydata()) for axes in (bleu, chrf, found)] == [[10, 12], [30, 33], [90, 95]]
    assert "Hollow dots: averaged weights." in words(figure)


def test_dots_of_averaged_weights_are_hollow_beside_those_that_are_not():
    _, full, hollow = training_curves(SCORED).axes[0].lines
    assert list(full.get_ydata()) == [11]
    assert list(hollow.get_ydata()) == [10, 12]
    assert hollow.get_markerfacecolor() == LOOKS["light"].paper
    _, _, only = training_curves(SCORED[:2]).axes[0].lines
    assert only.get_markerfacecolor() == LOOKS["light"].colours[0]


def test_curves_run_over_steps_if_asked():
    axes = training_curves(SCORED, over="steps").axes[0]
    assert list(axes.lines[0].get_xdata()) == [15, 40]
    assert "after 40 steps" in words(training_curves(SCORED, over="steps"))


def test_the_order_of_records_is_irrelevant():
    first, second = (training_curves(records).axes[0].lines[0].get_data() for records in (PROGRESS, PROGRESS[::-1]))
    assert np.array_equal(first, second)


def test_a_run_without_a_thought_has_no_retrieval_to_show():
    records = [{name: value for name, value in record.items() if name != "p_at_1"} for record in SCORED]
    assert len(training_curves([*PROGRESS, *records]).axes) == 3
    assert "P@1" not in words(training_curves(records))


def test_values_that_are_none_are_passed_over():
    odd = [{**PROGRESS[0], "nats": value} for value in (None, float("nan"), "7")]
    assert len(training_curves([*odd, PROGRESS[1], {"event": "start"}]).axes[0].lines[0].get_xdata()) == 1


def test_all_of_a_run_is_saved_as_picture():
    training_curves([*PROGRESS, *SCORED], caption="run ž").savefig(io.BytesIO(), format="svg")


def test_nothing_to_draw_is_said():
    with pytest.raises(ScoringError, match="no record of progress or evaluation"):
        training_curves([])
    with pytest.raises(ScoringError, match="minutes or steps"):
        training_curves(SCORED, over="hours")  # type: ignore[arg-type]
