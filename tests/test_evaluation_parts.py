"""What parts of a report are made of."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from thought.evaluation.parts import percent, plain, said, square


@dataclass(frozen=True)
class Found:
    value: np.float32
    names: tuple[str, ...]


def test_results_become_what_json_knows() -> None:
    values = plain({"a": Found(np.float32(0.5), ("x", "y")), 3: np.arange(2), "nan": float("nan"), "none": None})
    assert values == {"a": {"value": 0.5, "names": ["x", "y"]}, "3": [0, 1], "nan": None, "none": None}
    assert json.loads(json.dumps(values, allow_nan=False)) == values


def test_shares_are_said_in_percent() -> None:
    assert (percent(0.25), percent(None)) == (25.0, None)
    assert (said(0.9751), said(0.5, 0)) == ("97.5 %", "50 %")


def test_a_square_has_a_row_a_language_read_and_a_column_a_language_written() -> None:
    table = square("BLEU", ("de", "en"), {"de-en": 30.0})
    assert table.columns == ("from \\ to", "de", "en")
    assert table.rows == (("de", None, 30.0), ("en", None, None))
