"""Records of a run -> how it learned, as curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from thought.errors import ScoringError
from thought.plots.style import BODY, Sheet, Theme, sheet

_PANEL = 1.35  # inches, the height of a curve


def training_curves(
    records: Sequence[Mapping[str, Any]],
    *,
    over: Literal["minutes", "steps"] = "minutes",
    heading: str = "",
    caption: str = "",
    theme: Theme = "light",
) -> Figure:
    """Draw how a run learned: nats a target token while training, and BLEU, chrF and P@1 on dev sentences.

    Parameters
    ----------
    records : sequence of mappings
        Lines of a run's `metrics.jsonl`: "progress" with step, seconds and nats, "evaluation" with step, seconds and
        some of bleu, chrf (0 to 100) and p_at_1 (0 to 1). Others are passed over.
    over : {"minutes", "steps"}
    heading, caption : str
        Title, and what stands below in small, such as the name of the run.
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        A panel a curve, each from 0. More than 30 records are smoothed over nine, on top of what was recorded. Where
        both the last and averaged weights were evaluated, the dots of averaged ones are hollow.

    Raises
    ------
    ScoringError
        If there is nothing to draw or `over` is unknown.
    """
    if over not in ("minutes", "steps"):
        raise ScoringError(f"curves run over minutes or steps, got {over!r}")
    found = {
        name: _points(records, event, key, scale, over)
        for name, event, key, scale in (
            ("Nats a target token, training", "progress", "nats", 1),
            ("BLEU, dev", "evaluation", "bleu", 1),
            ("chrF, dev", "evaluation", "chrf", 1),
            ("P@1, dev, %", "evaluation", "p_at_1", 100),
        )
    }
    found = {name: points for name, points in found.items() if len(points)}
    if not found:
        raise ScoringError("no record of progress or evaluation holds a number to draw")
    facts = [f"{name.split(',')[0]} {points[-1, 1]:.1f}{name[-2:] if '%' in name else ''}"
             for name, points in found.items() if "dev" in name]  # fmt: skip
    kinds = {kind for name, points in found.items() if "dev" in name for kind in points[:, 2].tolist()}
    end = max(points[-1, 0] for points in found.values())
    after = f"{end:,.0f} {over}" if end >= 10 else f"{end:.2g} {over}"
    lines = (len(found) + 1) // 2
    said = "Hollow dots: averaged weights." if len(kinds) > 1 else ""
    title = heading or f"{', '.join(facts) or 'Training'} after {after}"
    made = sheet(theme, lines * (_PANEL + 0.75) - 0.1, title=title, subtitle=said, caption=caption)
    width = (made.width - 0.9) / 2
    for number, (name, points) in enumerate(found.items()):
        left, bottom = (width + 0.5) * (number % 2) + 0.3, (lines - 1 - number // 2) * (_PANEL + 0.75) + 0.3
        axes = made.axes(left, bottom, width - 0.35, _PANEL, grid="y")
        axes.set(xlim=(0, 1.02 * end), ylim=(0, 1.12 * points[:, 1].max() or 1.0))
        axes.locator_params(nbins=4)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        made.head(left, bottom + _PANEL + 0.1, name)
        _draw_curve(axes, made, points)
        if number // 2 == lines - 1 or number + 2 >= len(found):
            made.write(left + width - 0.35, bottom - 0.33, over, ha="right")
    return made.figure


def _points(records: Sequence[Mapping[str, Any]], event: str, key: str, scale: float, over: str) -> np.ndarray:
    """Place, value and whether weights were averaged of all records that have them: (n, 3), in order of place."""
    found = [
        (
            record["seconds"] / 60 if over == "minutes" else record["step"],
            record[key] * scale,
            record.get("is_averaged", 0),
        )
        for record in records
        if record.get("event") == event and isinstance(record.get(key), int | float) and np.isfinite(record[key])
    ]
    return np.array(sorted(found), dtype=float).reshape(-1, 3)


def _draw_curve(axes: Axes, made: Sheet, points: np.ndarray) -> None:
    """Draw what was recorded, dots where it is little, a smoothed line where it is much; write its last value."""
    places, values, is_averaged = points.T
    hue = made.look.colours[0]
    if len(points) > 30:
        axes.plot(places, values, color=hue, alpha=0.3, linewidth=0.9)
        places, values = places[4:-4], np.convolve(values, np.ones(9) / 9, mode="valid")
        axes.plot(places, values, color=hue, linewidth=2)
    else:
        kinds = [is_averaged == kind for kind in (0, 1)]
        common = max(kinds, key=np.count_nonzero)
        axes.plot(places[common], values[common], color=hue, linewidth=2)
        for kind, ground in zip(
            kinds, (hue, made.look.paper if min(map(np.count_nonzero, kinds)) else hue), strict=True
        ):
            axes.plot(places[kind], values[kind], "o", color=hue, markerfacecolor=ground, markersize=5.5)
    axes.annotate(f"{values[-1]:.3g}", (places[-1], values[-1]), xytext=(7, 0), textcoords="offset points", va="center",
                  fontsize=BODY, color=made.look.ink, annotation_clip=False, weight="bold")  # fmt: skip
