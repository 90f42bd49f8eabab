"""One look for all figures: paper, ink and colours of two themes, and a sheet with its title and caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from thought.errors import ScoringError, nearest
from thought.plots.words import DOTS, fonts, wrap, write

Theme = Literal["light", "dark"]
WIDTH = 7.2  # inches: a notebook's column on the screen, a page's text in print
TITLE, BODY, SMALL = 13.0, 9.0, 7.5  # points
MARGIN = 0.3  # inches around everything
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "p")  # beside colours, for print in grey and for the colour-blind


@dataclass(frozen=True)
class Look:
    """Colours of a theme.

    `colours` follow the hues of Okabe & Ito (2008), with lightness set apart as well: seen with protanopia,
    deuteranopia or tritanopia (after Machado et al. 2009, doi:10.1109/TVCG.2009.113) any two of the first four, and
    all but as far any two of the first six, stay distinct; every one stands out from the paper by 3 to 1 or more.
    """

    paper: str
    sheet: str  # ground of a map, hardly off the paper
    ink: str
    soft: str  # captions, ticks, what is less important; 4.5 to 1 on the paper or more
    faint: str  # points that are not talked about
    line: str  # rules and grids
    colours: tuple[str, ...]  # of languages, meanings, systems
    ramp: tuple[str, ...]  # low to high, lightness in even steps


LOOKS = {
    "light": Look(
        "#ffffff", "#f8f7f5", "#1c1e22", "#5d6470", "#b9bdc4", "#dcdad5",
        ("#1550c4", "#d24a12", "#35a287", "#8b3f7c", "#c08a10", "#8f83e0", "#6b3d18", "#6f7379"),
        ("#edf5fb", "#c0dff9", "#97c8f5", "#71b0ef", "#5097e4", "#367dd6", "#2464c2", "#1a4ba9", "#15348c"),
    ),
    "dark": Look(
        "#14161a", "#1a1d22", "#eceae5", "#a5abb5", "#5d636d", "#343940",
        ("#4aa8ff", "#f59b58", "#6fe0c4", "#f0649f", "#f2dc60", "#5f8fd0", "#c9b0ff", "#b0a090"),
        ("#21242a", "#2a3850", "#324d76", "#3a649c", "#447cc0", "#5395e0", "#67b0fa", "#83caff", "#a5e5ff"),
    ),
}  # fmt: skip


def look(theme: str) -> Look:
    """Return the colours of a theme; `ScoringError` for an unknown one."""
    if theme not in LOOKS:
        raise ScoringError(f"unknown theme {theme}{nearest(theme, LOOKS)}; there are {', '.join(LOOKS)}")
    return LOOKS[theme]


def colours_of(names: Sequence[str], chosen: Look) -> dict[str, str]:
    """A colour for each name, in order of appearance; after eight they come round again."""
    palette = chosen.colours
    return {name: palette[place % len(palette)] for place, name in enumerate(dict.fromkeys(names))}


@dataclass(frozen=True)
class Sheet:
    """A figure with its title and caption written; the place between them, in inches, is free."""

    figure: Figure
    look: Look
    left: float  # of the free place, from the left edge of the figure
    bottom: float  # of the free place, from the lower edge
    width: float
    height: float

    def axes(
        self, left: float, bottom: float, width: float, height: float, *, grid: str = "", is_bare: bool = False,
        **options: Any,
    ) -> Any:  # fmt: skip
        """Add axes at a place, in inches from the lower left corner of what is free; `grid` is "", "x" or "y"."""
        box = (*self.at(left, bottom), *(np.array([width, height]) / self.figure.get_size_inches()))
        made: Axes = self.figure.add_axes(box, **options)
        made.set_facecolor("none")
        for side, spine in made.spines.items():
            spine.set_visible(side == "bottom" and not is_bare)
            spine.set(color=self.look.line, linewidth=0.8)
        made.tick_params(
            colors=self.look.soft, labelsize=SMALL, length=0, width=0.8, pad=4, labelfontfamily=list(fonts())
        )
        if is_bare:
            made.set(xticks=[], yticks=[])
        if grid:
            made.grid(visible=True, axis=grid, color=self.look.line, linewidth=0.6)  # type: ignore[arg-type]
            made.set_axisbelow(True)
        return made

    def at(self, left: float, bottom: float) -> tuple[float, float]:
        """A place in inches from the lower left corner of what is free, as shares of the figure."""
        width, height = self.figure.get_size_inches()
        return float((self.left + left) / width), float((self.bottom + bottom) / height)

    def write(
        self, left: float, bottom: float, text: str, *, size: float = SMALL, colour: str = "", **options: Any
    ) -> Any:
        """Write words at a place, in inches from the lower left corner of what is free."""
        return write(self.figure, *self.at(left, bottom), text, size=size, colour=colour or self.look.soft, **options)

    def head(self, left: float, bottom: float, text: str) -> None:
        """Write what one of several axes shows."""
        self.write(left, bottom, text, size=BODY, colour=self.look.ink, weight="bold")

    def mark(self, *places: tuple[float, float], **options: Any) -> None:
        """Draw a line through places, or a marker at one, in inches from the lower left corner of what is free."""
        across, up = zip(*(self.at(*place) for place in places), strict=True)
        self.figure.add_artist(Line2D(across, up, **options))


def sheet(
    theme: str, height: float, *, title: str, subtitle: str = "", caption: str = "", width: float = WIDTH
) -> Sheet:
    """Return a figure of its own, no global state of matplotlib touched, with words at its upper and lower edge.

    Parameters
    ----------
    theme : {"light", "dark"}
    height : float
        Inches that stay free; titles and captions of several lines make the figure higher.
    title : str
        What is seen.
    subtitle : str
        What it is seen in, or how to read it.
    caption : str
        Method, seed and trust; lines are kept, and broken where they are too long.
    width : float
        Inches of the whole.
    """
    chosen = look(theme)
    inner = width - 2 * MARGIN
    blocks: list[tuple[list[str], float, dict[str, Any]]] = [
        (wrap(title, inner, TITLE, is_bold=True), TITLE, {"color": chosen.ink, "weight": "bold"}),
        (wrap(subtitle, inner, BODY) if subtitle else [], BODY, {"color": chosen.soft}),
    ]
    small = wrap(caption, inner, SMALL) if caption else []
    high = [len(lines) * size * 1.4 / 72 for lines, size, _ in blocks]
    low = len(small) * SMALL * 1.45 / 72
    top, foot = sum(high) + (0.2 if subtitle else 0.12), low + (0.2 if small else 0.0)
    total = MARGIN * 0.8 + top + height + foot + MARGIN * 0.8
    figure = Figure(figsize=(width, total), dpi=DOTS, facecolor=chosen.paper)
    FigureCanvasAgg(figure)
    at = total - MARGIN * 0.8
    for (lines, size, options), space in zip(blocks, high, strict=True):
        if lines:
            figure.text(MARGIN / width, at / total, "\n".join(lines), fontsize=size, fontfamily=fonts(),
                        parse_math=False, va="top", linespacing=1.25, **options)  # fmt: skip
        at -= space + 0.04
    if small:
        figure.supxlabel(
            "\n".join(small), x=MARGIN / width, y=(MARGIN * 0.8 + low) / total, ha="left", va="top", color=chosen.soft,
            fontsize=SMALL, fontfamily=fonts(), parse_math=False, linespacing=1.3,
        )  # fmt: skip
    return Sheet(figure, chosen, MARGIN, MARGIN * 0.8 + foot, inner, height)


def spread(places: Sequence[float], gap: float) -> np.ndarray:
    """Move places on a line apart until none are nearer than a gap, each as little as that allows: (n,) -> (n,).

    Neighbours that would touch become one block around the mean of where its members wanted to be.
    """
    wanted = np.asarray(places, dtype=float)
    order = np.argsort(wanted, kind="stable")
    blocks: list[tuple[float, int]] = []  # mean of (place - gap * position in the order), members
    for position, row in enumerate(order.tolist()):
        mean, members = wanted[row] - gap * position, 1
        while blocks and blocks[-1][0] > mean:  # isotonic regression: pool until in order
            last, size = blocks.pop()
            mean, members = (last * size + mean * members) / (size + members), size + members
        blocks.append((mean, members))
    level = np.repeat([mean for mean, _ in blocks], [members for _, members in blocks])
    found = np.empty(len(wanted))
    found[order] = level + gap * np.arange(len(wanted))
    return found
