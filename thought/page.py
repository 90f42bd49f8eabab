"""Thoughts on maps -> one HTML file to explore them in: no server, no network, no installation."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Literal

import numpy as np

from thought.errors import ScoringError, nearest
from thought.space import Space

Theme = Literal["auto", "light", "dark"]
THEMES = ("auto", "light", "dark")

# Languages in order of appearance: after Okabe & Ito (2008), told apart by the colour-blind; darker on white.
COLOURS = {
    "light": ("#0072b2", "#d55e00", "#009e73", "#b8529a", "#c48a00", "#3fa0dd", "#6b5b95", "#707070"),
    "dark": ("#56b4e9", "#ff8a3d", "#2fcf9f", "#e58fc4", "#f2c14e", "#9ad3f5", "#b3a2e8", "#b8b8b8"),
}
_DIGITS = 4  # of coordinates between -1 and 1: a tenth of a pixel on a screen of 2,000


def map_page(
    space: Space,
    maps: Mapping[str, np.ndarray],
    *,
    title: str = "A map of thoughts",
    note: str = "",
    captions: Mapping[str, str] | None = None,
    theme: Theme = "auto",
) -> str:
    """Write an interactive map as one self-contained HTML page.

    Pointing at a sentence shows it, joins it to the sentences with the same meaning and greys out the rest;
    a search box finds sentences whatever their accents. All data and all code are inside: the page opens
    from a disk without a network, and its content security policy forbids it to ask for one.

    Parameters
    ----------
    space : Space
        N sentences; rows of one meaning are joined. Its thoughts are not read.
    maps : mapping of str to ndarray of shape (N, 2) or (N, 3)
        Name, such as "PCA", to the points, in the order in which a switch offers them. Each is scaled
        to fit the page, alike in all directions.
    title : str
    note : str
        One line under the title, such as the run and the test set.
    captions : mapping, optional
        Name of a map to what stands under it: method, seed, how far to trust it.
    theme : {"auto", "light", "dark"}
        To begin with; "auto" is that of the reader's screen.

    Returns
    -------
    str
        The page; about 5 MB, most of it plotly.js.

    Raises
    ------
    ScoringError
        If there is no map or no sentence, a map has other rows than the space, a point is not finite, or a
        caption belongs to no map.
    """
    captions = dict(captions or {})
    if not len(space):
        raise ScoringError("there are no sentences to draw")
    if not maps:
        raise ScoringError('a page needs at least one map, such as {"PCA": points}')
    for name in captions:
        if name not in maps:
            raise ScoringError(f"there is no map {name} to put a caption under{nearest(name, maps)}")
    check_theme(theme)
    codes = space.codes
    places = {code: place for place, code in enumerate(codes)}
    data = {
        "texts": space.texts,
        "languages": codes,
        "language": [places[code] for code in space.languages],
        "meanings": space.meanings.tolist(),
        "colours": COLOURS,
        "maps": [
            {"name": name, "caption": captions.get(name, ""), "columns": _columns(name, points, len(space))}
            for name, points in maps.items()
        ],
    }
    return fill("map", data, title=title, note=note, theme=theme, parts={"PLOTLY": _plotly()})


def check_theme(theme: str) -> None:
    """Raise `ScoringError` unless a page has this theme."""
    if theme not in THEMES:
        raise ScoringError(f"unknown theme {theme}{nearest(theme, THEMES)}")


def fill(
    name: str, data: Mapping[str, Any], *, title: str, note: str, theme: Theme, parts: Mapping[str, str] | None = None
) -> str:
    """Put texts and data into the page `pages/NAME.html` with its style and script.

    Texts are escaped. Data go in as JSON in which no `<` is left, so that no sentence can close the script.
    """
    folder = files("thought").joinpath("pages")
    texts = {
        "TITLE": html.escape(title),
        "NOTE": html.escape(note),
        "THEME": theme,
        "STYLE": folder.joinpath(f"{name}.css").read_text("utf-8"),
        "SCRIPT": folder.joinpath(f"{name}.js").read_text("utf-8"),
        "DATA": as_json(data),
        **(parts or {}),
    }
    page = folder.joinpath(f"{name}.html").read_text("utf-8")
    # In one pass: a sentence that holds {{TITLE}} is not filled in again.
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda match: texts[match[1]], page)


def as_json(data: Mapping[str, Any]) -> str:
    """JSON that may stand inside a script element: without "<", and without what ends a line in old scripts."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in ("<", ">", "&", "\u2028", "\u2029"):
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _columns(name: str, points: np.ndarray, count: int) -> list[list[float]]:
    """Columns x, y and perhaps z, moved and scaled to lie between -1 and 1."""
    points = np.asarray(points, dtype=np.float64)
    if points.ndim != 2 or len(points) != count or points.shape[1] not in (2, 3):
        raise ScoringError(f"map {name} must be of shape ({count}, 2) or ({count}, 3), got {points.shape}")
    if not np.isfinite(points).all():
        row = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        raise ScoringError(f"map {name} holds NaN or infinity, first in row {row} of {count}")
    low, high = points.min(axis=0), points.max(axis=0)
    half = float((high - low).max()) / 2
    scaled = (points - (low + high) / 2) / (half if half > 0 else 1.0)
    return [[float(value) for value in column] for column in np.round(scaled, _DIGITS).T + 0.0]


def _plotly() -> str:
    from plotly.offline import get_plotlyjs  # type: ignore[import-untyped, unused-ignore]

    return str(get_plotlyjs())
