"""Figures of scores that go with something else."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from thought.errors import ScoringError
from thought.plots import curves
from thought.plots.style import LOOKS

NAN = float("nan")
LENGTHS = {"one": {"1-8": (30.0, 5), "9+": (20.0, 7)}, "all": {"1-8": (33.0, 5), "9+": (20.5, 7)}}
BLEU = {"right": 20.0, "shuffled": 0.5, "noise 1": 9.0}
BITS = {"right": 3.0, "shuffled": 9.0, "noise 1": 4.0}
FOUND = {"thoughts": {"en-de": 0.9, "de-en": 0.8}, "floor": {"en-de": 0.3}, "peer": {"en-de": 0.9, "de-en": NAN}}


def words(figure):
    inside = [text.get_text() for axes in figure.axes for text in axes.texts]
    return "\n".join([*(text.get_text() for text in figure.texts), *inside])


@pytest.mark.parametrize("theme", LOOKS)
def test_bleu_by_length_has_a_line_a_system_over_counts(theme):
    figure = curves.bleu_by_length(LENGTHS, theme=theme)
    scores, counts = figure.axes
    assert [list(line.get_ydata()) for line in scores.lines] == [[30, 20], [33, 20.5]]
    assert [line.get_color() for line in scores.lines] == list(LOOKS[theme].colours[:2])
    assert [patch.get_height() for patch in counts.patches] == [5, 7]
    assert [label.get_text() for label in counts.get_xticklabels()] == ["1-8", "9+"]
    assert {"one 20.0", "all 20.5"} <= set(words(figure).split("\n"))


def test_names_of_curves_that_end_together_do_not_overlap():
    first, second = (text.get_window_extent() for text in curves.bleu_by_length(LENGTHS).axes[0].texts)
    assert not first.overlaps(second)


def test_a_bucket_without_a_score_leaves_a_gap():
    line = curves.bleu_by_length({"one": {"1-8": (30.0, 5), "9+": (NAN, 0)}}).axes[0].lines[0]
    assert np.isnan(line.get_ydata()[1])


def test_systems_of_different_buckets_are_refused():
    with pytest.raises(ScoringError, match="all has the buckets 1-9; expected 1-8"):
        curves.bleu_by_length({"one": {"1-8": (1.0, 1)}, "all": {"1-9": (1.0, 1)}})
    for nothing in ({}, {"one": {}}):
        with pytest.raises(ScoringError, match="no buckets"):
            curves.bleu_by_length(nothing)
    with pytest.raises(ScoringError, match="no bucket has a score"):
        curves.bleu_by_length({"one": {"1-8": (NAN, 0)}})


def test_the_price_of_the_bottleneck_stands_under_its_control():
    figure = curves.bleu_by_bottleneck({64: 10.0, 16: 5.0}, control=40.0)
    line, control = figure.axes[0].lines
    assert line.get_data()[0].tolist() == [16, 64]
    assert line.get_data()[1].tolist() == [5, 10]
    assert list(control.get_ydata()) == [40, 40]
    assert "BLEU 10.0 at 64 numbers a thought" in words(figure)
    assert "without a bottleneck 40.0" in words(figure)
    assert figure.axes[0].get_ylim()[1] > 40


def test_one_size_without_a_control_is_drawn():
    figure = curves.bleu_by_bottleneck({1: 30.0}, what="vectors a thought")
    assert len(figure.axes[0].lines) == 1
    figure.savefig(io.BytesIO(), format="svg")


@pytest.mark.parametrize(
    ("scores", "control", "message"),
    [
        ({}, None, "no scores"),
        ({0: 1.0}, None, "1 or more, got 0"),
        ({4: NAN}, None, "BLEU of 4 is nan"),
        ({4: 1.0}, NAN, "control"),
    ],
)
def test_scores_that_are_none_are_named(scores, control, message):
    with pytest.raises(ScoringError, match=message):
        curves.bleu_by_bottleneck(scores, control=control)


@pytest.mark.parametrize("theme", LOOKS)
def test_the_cheating_meter_has_a_bar_a_condition_and_a_curve_of_noise(theme):
    figure = curves.cheating_meter(BLEU, BITS, {2.0: 4.0, 1.0: 9.0}, theme=theme)
    assert [len(axes.patches) for axes in figure.axes] == [2, 2, 0]
    assert [patch.get_width() for patch in figure.axes[0].patches] == [20, 0.5]
    assert figure.axes[0].patches[0].get_facecolor() == to_rgba(LOOKS[theme].colours[0])
    assert figure.axes[0].patches[1].get_facecolor() != to_rgba(LOOKS[theme].colours[0])
    assert figure.axes[2].lines[0].get_xdata().tolist() == [0, 1, 2]
    assert figure.axes[2].lines[0].get_ydata().tolist() == [20, 9, 4]
    assert "BLEU 20.0 with a right thought and 0.5 with a shuffled thought" in words(figure)


def test_bits_and_noise_may_be_missing():
    assert len(curves.cheating_meter(BLEU, BITS).axes) == 2
    assert len(curves.cheating_meter(BLEU).axes) == 1
    curves.cheating_meter({"right": 0.0}, {"right": 0.0}, {0.5: 0.0}).savefig(io.BytesIO())


def test_conditions_that_do_not_fit_are_named():
    with pytest.raises(ScoringError, match="same conditions; without bits: shuffled"):
        curves.cheating_meter(BLEU, {"right": 1.0})
    with pytest.raises(ScoringError, match="cheating meter needs"):
        curves.cheating_meter({})
    with pytest.raises(ScoringError, match="BLEU of right is nan"):
        curves.cheating_meter({"right": NAN})
    with pytest.raises(ScoringError, match="noise 1.0"):
        curves.cheating_meter({"right": 1.0}, None, {1.0: NAN})


@pytest.mark.parametrize("theme", LOOKS)
def test_floors_stand_beside_the_model(theme):
    figure = curves.retrieval_floors(FOUND, theme=theme, chance=0.001)
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    model, floor, peer = (lines.pop(name) for name in FOUND)
    (chance,) = lines.values()
    assert model.get_data()[0].tolist() == [90, 80]
    assert floor.get_data()[0][0] == 30
    assert np.isnan(floor.get_data()[0][1])
    assert np.isnan(peer.get_data()[0][1])
    assert list(chance.get_xdata()) == [0.1, 0.1]
    assert "in 85.0 % of cases" in words(figure)
    assert all(name in words(figure) for name in (*FOUND, "en-de", "de-en", "chance, 0.1 %"))


def test_a_peer_at_the_same_place_is_seen_beside_the_model():
    lines = {line.get_label(): line for line in curves.retrieval_floors(FOUND).axes[0].lines}
    assert lines["thoughts"].get_marker() == "o"
    assert lines["peer"].get_marker() == "|"
    assert lines["peer"].get_markersize() > lines["thoughts"].get_markersize() + 2


def test_names_of_many_systems_stay_on_the_sheet():
    figure = curves.retrieval_floors({f"system number {number}": {"en-de": 0.5} for number in range(8)})
    assert max(text.get_window_extent().x1 for text in figure.texts) < figure.bbox.width


def test_what_is_no_share_is_refused():
    for nothing in ({}, {"thoughts": {}}):
        with pytest.raises(ScoringError, match="no directions"):
            curves.retrieval_floors(nothing)
    with pytest.raises(ScoringError, match=r"P@1 lies in \[0, 1\], got 97.5 of thoughts in en-de"):
        curves.retrieval_floors({"thoughts": {"en-de": 97.5}})
    with pytest.raises(ScoringError, match="thoughts has no P@1"):
        curves.retrieval_floors({"thoughts": {"en-de": NAN}})


def test_nothing_given_is_changed():
    before = (str(LENGTHS), str(BLEU), str(BITS), str(FOUND))
    curves.bleu_by_length(LENGTHS)
    curves.cheating_meter(BLEU, BITS, {1.0: 2.0})
    curves.retrieval_floors(FOUND)
    assert before == (str(LENGTHS), str(BLEU), str(BITS), str(FOUND))
