"""Learning rates and plans by hand."""

from __future__ import annotations

import pytest

from thought.config import TrainingConfig
from thought.schedule import FAR, learning_rate, planned_steps


def rates(steps: list[int], planned: int, **settings: object) -> list[float]:
    config = TrainingConfig(learning_rate=1.0, steps=planned, **settings)
    return [learning_rate(step, planned, config) for step in steps]


def test_warm_up_rises_in_equal_steps_to_the_peak() -> None:
    assert rates([0, 1, 2, 3, 4], 1000, warmup=4, decay="none") == pytest.approx([0.25, 0.5, 0.75, 1, 1])


def test_linear_decay_falls_from_the_peak_to_nothing() -> None:
    assert rates([4, 54, 79, 104, 200], 104, warmup=4) == pytest.approx([1, 0.5, 0.25, 0, 0])


def test_cosine_decay_is_half_way_down_in_the_middle() -> None:
    expected = [1, 0.8535534, 0.5, 0, 0]  # (1 + cos(pi / 4)) / 2 after a quarter
    assert rates([4, 29, 54, 104, 200], 104, warmup=4, decay="cosine") == pytest.approx(expected)


def test_inverse_square_root_halves_when_steps_are_four_times_the_warm_up() -> None:
    assert rates([99, 399, 899], 10_000, warmup=100, decay="inverse_sqrt") == pytest.approx([1, 1 / 2, 1 / 3])


def test_without_decay_the_rate_stays() -> None:
    assert rates([10, 500, 999, 5000], 1000, warmup=10, decay="none") == [1, 1, 1, 1]


@pytest.mark.parametrize("decay", ["linear", "cosine", "inverse_sqrt", "none"])
def test_without_warm_up_the_first_step_has_the_peak(decay: str) -> None:
    assert rates([0], 1000, warmup=0, decay=decay) == [1]


@pytest.mark.parametrize("decay", ["linear", "cosine", "inverse_sqrt", "none"])
def test_every_step_of_every_run_learns_something_and_none_more_than_the_peak(decay: str) -> None:
    for planned in (1, 2, 9, 50, 300):
        found = rates(list(range(planned)), planned, warmup=20, decay=decay)
        assert all(0 < rate <= 1 for rate in found), planned


def test_warm_up_takes_a_tenth_of_a_short_run_at_most() -> None:
    assert rates([0, 4, 9], 100, warmup=200, decay="none") == pytest.approx([0.1, 0.5, 1])


def test_a_budget_of_steps_is_the_plan() -> None:
    assert planned_steps(7, 70.0, 5.0, 0.0, TrainingConfig(steps=20)) == 20


def test_a_budget_of_minutes_follows_the_speed_so_far() -> None:
    config = TrainingConfig(minutes=1)
    assert planned_steps(10, 20.0, 10.0, 0.0, config) == 25  # 30 s left for training at 2 s a step
    assert planned_steps(10, 10.0, 0.0, 0.0, config) == 60
    assert planned_steps(10, 20.0, 0.0, 0.0, config) == 30


def test_the_smaller_of_two_budgets_counts() -> None:
    assert planned_steps(10, 20.0, 10.0, 0.0, TrainingConfig(minutes=1, steps=22)) == 22
    assert planned_steps(10, 20.0, 10.0, 0.0, TrainingConfig(minutes=1, steps=28)) == 25


def test_a_run_out_of_time_plans_one_more_step() -> None:
    assert planned_steps(10, 59.0, 10.0, 0.0, TrainingConfig(minutes=1)) == 11


def test_a_budget_of_epochs_is_planned_by_the_share_of_them_that_is_done() -> None:
    config = TrainingConfig(epochs=3)
    assert planned_steps(10, 20.0, 0.0, 0.25, config) == 120
    assert planned_steps(10, 20.0, 0.0, 3.0, config) == 11
    assert planned_steps(0, 1e-9, 0.0, 0.0, config) == FAR
    assert planned_steps(10, 20.0, 0.0, 0.25, TrainingConfig(epochs=3, steps=50)) == 50


def test_before_the_first_step_the_speed_is_not_known() -> None:
    assert planned_steps(0, 1e-9, 0.0, 0.0, TrainingConfig(minutes=1)) == FAR
    assert planned_steps(0, 1e-9, 0.0, 0.0, TrainingConfig(minutes=1, steps=30)) == 30
