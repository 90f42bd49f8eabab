"""Numbers of the demo -> small pictures as SVG text: the curve of learning, and maps. No library draws them.

Colours are classes of the page's style sheet, so that one picture serves light, dark and print.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from statistics import fmean

from thought.demo.results import Map, Moment
from thought.errors import ScoringError

CURVE = (520.0, 330.0)  # width and height of the curve, in units of its own
MAP = (600.0, 480.0)
WIDE = (960.0, 660.0)  # of a map that has a row for itself
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 62.0, 16.0, 38.0  # around the curve
_EDGE = 16.0  # around a map
_ROUND = 4  # batches a map is drawn in, or one language would cover the others
_DOT = 3.4  # half of a marker's width on a full map; more where there is room
_FULL = 500  # sentences that fill a map

# Of a language, by its place; the same as in the legend of the page: circle, square, diamond, triangle.
MARKERS = ("●", "■", "◆", "▲")
_SHAPES = (
    "m-{r} 0a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0-{d} 0z",
    "m-{s}-{s}h{t}v{t}h-{t}z",
    "m0-{b}l{b} {b}l-{b} {b}l-{b}-{b}z",
    "m0-{b}l{b} {u}h-{v}z",
)


def marker(language: int) -> str:
    """Return the marker of a language as a sign in a line of text."""
    return MARKERS[language % len(MARKERS)]


def shape(language: int, half: float = _DOT) -> str:
    """Return the marker of a language as a path around the place the pen stands at."""
    sizes = {"r": half, "d": 2 * half, "s": 0.88 * half, "t": 1.76 * half}
    sizes |= {"b": 1.3 * half, "u": 2.2 * half, "v": 2.6 * half}
    return _SHAPES[language % len(_SHAPES)].format(**{name: f"{size:.3g}" for name, size in sizes.items()})


def curve(moments: Sequence[Moment]) -> str:
    """Draw P@1 and BLEU over seconds, both from 0 to 100.

    Raises
    ------
    ScoringError
        If there is no moment.
    """
    if not moments:
        raise ScoringError("there is no moment of training to draw")
    width, height = CURVE
    places = across(moments)
    measured = {
        "P@1": [(x, 100 * moment.p_at_1) for x, moment in zip(places, moments, strict=True)],
        "BLEU": [(x, moment.bleu) for x, moment in zip(places, moments, strict=True) if moment.bleu is not None],
    }
    lines = {name: [(x, _up(value)) for x, value in found] for name, found in measured.items() if found}
    parts = [*_grid(), *_seconds(moments)]
    for number, dots in enumerate(lines.values()):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
        parts.append(f'<polyline class="line line{number}" points="{points}"/>')
        parts.append(f'<circle class="end line{number}" cx="{dots[-1][0]:.1f}" cy="{dots[-1][1]:.1f}" r="4"/>')
    for number, (name, y) in enumerate(zip(lines, _apart([dots[-1][1] for dots in lines.values()]), strict=True)):
        parts.append(f'<text class="name line{number}" x="{places[-1] + 9:.1f}" y="{y + 5:.1f}">{name}</text>')
    changes = ", ".join(
        f"{name} from {found[0][1]:.0f} to {found[-1][1]:.0f}" for name, found in measured.items() if found
    )
    label = f"P@1 in percent and BLEU over {moments[-1].seconds:.0f} seconds of training: {changes}"
    parts.append(f'<line class="now" x1="{places[-1]:.1f}" x2="{places[-1]:.1f}" y1="{_up(100)}" y2="{_up(0)}"/>')
    return (
        f'<svg class="curve" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


def across(moments: Sequence[Moment]) -> list[float]:
    """Return how far to the right of the curve each moment stands."""
    longest = max([moment.seconds for moment in moments], default=0.0) or 1.0
    return [_LEFT + (CURVE[0] - _LEFT - _RIGHT) * moment.seconds / longest for moment in moments]


def _up(value: float) -> float:
    value = min(max(value, 0.0), 100.0) if math.isfinite(value) else 0.0
    return round(CURVE[1] - _BOTTOM - (CURVE[1] - _BOTTOM - _TOP) * value / 100, 1)


def _grid() -> Iterator[str]:
    for value in (0, 25, 50, 75, 100):
        y = _up(value)
        yield f'<line class="grid" x1="{_LEFT}" x2="{CURVE[0] - _RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text class="tick" x="{_LEFT - 8}" y="{y + 5}" text-anchor="end">{value}</text>'


def _seconds(moments: Sequence[Moment]) -> Iterator[str]:
    longest = max(moment.seconds for moment in moments)
    for share in (0.0, 0.5, 1.0):
        x = _LEFT + (CURVE[0] - _LEFT - _RIGHT) * share
        unit = " s" if share == 1 else ""
        yield f'<text class="tick" x="{x}" y="{CURVE[1] - 12}" text-anchor="middle">{longest * share:.0f}{unit}</text>'


def _apart(ups: Sequence[float], gap: float = 19.0) -> list[float]:
    """Move two names apart, so that both can be read; one stays."""
    if len(ups) == 1 or abs(ups[0] - ups[1]) >= gap:
        return list(ups)
    one, other = ups
    middle, sign = (one + other) / 2, 1 if one <= other else -1
    return [middle - sign * gap / 2, middle + sign * gap / 2]


def places(drawn: Map, size: tuple[float, float] = MAP) -> list[tuple[float, float]]:
    """Scale the points of a map to the picture, alike in both directions: (N, 2) -> N pairs.

    Raises
    ------
    ScoringError
        If there are no points, points are not finite, or their number is not that of the sentences.
    """
    count = len(drawn.points)
    what = f"the {drawn.method} map {drawn.moment} training"
    others = {len(drawn.languages), len(drawn.groups), len(drawn.texts)}
    if not count or others != {count}:
        raise ScoringError(f"{what} needs as many points as sentences, got {count} and {sorted(others)}")
    columns = [[float(point[axis]) for point in drawn.points] for axis in (0, 1)]
    if not all(math.isfinite(value) for column in columns for value in column):
        raise ScoringError(f"{what} holds NaN or infinity")
    spans = [max(column) - min(column) for column in columns]
    scale = min((size[axis] - 2 * _EDGE) / span if span else math.inf for axis, span in enumerate(spans))
    scale = scale if math.isfinite(scale) else 1.0
    middles = [(max(column) + min(column)) / 2 for column in columns]
    return [
        (round(size[0] / 2 + scale * (x - middles[0]), 1), round(size[1] / 2 - scale * (y - middles[1]), 1))
        for x, y in zip(*columns, strict=True)
    ]


def scatter(
    drawn: Map, languages: Sequence[str], *, number: int, is_joined: bool = False, size: tuple[float, float] = MAP
) -> str:
    """Draw a map: a marker for each sentence, and if wanted a line from it to the middle of its meaning.

    Parameters
    ----------
    drawn : Map
    languages : sequence of str
        All there are, in the order of their colours and markers.
    number : int
        Of the map, for the script that makes it answer to a pointer.
    is_joined : bool
        Whether sentences of one meaning are joined.
    size : (float, float)
        Width and height.
    """
    at = places(drawn, size)
    width, height = size
    joins = f'<path class="joins" d="{_joins(drawn.groups, at)}"/>' if is_joined else ""
    label = f"{drawn.method} {drawn.moment} training: {len(at)} sentences as points, coloured by language"
    return (
        f'<svg class="map" data-map="{number}" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{html.escape(label)}">{joins}<g class="dots">{"".join(_dots(drawn, at, languages))}</g>'
        '<g class="over"></g></svg>'
    )


def _dots(drawn: Map, at: Sequence[tuple[float, float]], languages: Sequence[str]) -> Iterator[str]:
    """Yield paths of markers, the languages taking turns at being on top."""
    order = {code: place for place, code in enumerate(languages)}
    half = _DOT if len(at) > _FULL else 1.5 * _DOT
    paths: dict[tuple[int, int], list[str]] = {}
    for (x, y), code, group in zip(at, drawn.languages, drawn.groups, strict=True):
        language = order.get(code, len(order))
        batch = group % _ROUND
        key = (batch, (language + batch) % (len(order) + 1))
        paths.setdefault(key, [f'<path class="l{language % 8}" d="']).append(f"M{x:g} {y:g}{shape(language, half)}")
    return ("".join(paths[key]) + '"/>' for key in sorted(paths))


def _joins(groups: Sequence[int], at: Sequence[tuple[float, float]]) -> str:
    members: dict[int, list[tuple[float, float]]] = {}
    for group, place in zip(groups, at, strict=True):
        members.setdefault(group, []).append(place)
    strokes = []
    for several in members.values():
        x, y = (fmean(place[axis] for place in several) for axis in (0, 1))
        strokes += [f"M{x:.1f} {y:.1f}L{one[0]:g} {one[1]:g}" for one in several if len(several) > 1]
    return "".join(strokes)
