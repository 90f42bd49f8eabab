"""One look for all figures: colours that the colour-blind tell apart, light and dark, fonts for every script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from thought.errors import ScoringError, nearest

Theme = Literal["light", "dark"]
WIDTH = 8.0  # inches: a notebook's column, and a page's with margins
SIZE = 9.5  # points of text
# Fonts for scripts that DejaVu, which comes with matplotlib, lacks; those installed are used, none is needed.
_MORE_FONTS = ("Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans SC", "Noto Sans JP", "Source Han Sans",
               "WenQuanYi Zen Hei", "Hiragino Sans", "PingFang SC", "Microsoft YaHei", "Yu Gothic", "Malgun Gothic",
               "Noto Sans Devanagari", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Thai")  # fmt: skip


@dataclass(frozen=True)
class Look:
    """Colours of a theme."""

    paper: str
    ink: str
    soft: str  # captions, ticks, what is less important
    line: str  # rules and grids
    colours: tuple[str, ...]  # of languages, systems, ...: after Okabe & Ito (2008)


LOOKS = {
    "light": Look("#ffffff", "#1d2530", "#65707c", "#dfe4ea",
                  ("#0072b2", "#d55e00", "#009e73", "#b8529a", "#c48a00", "#3fa0dd", "#6b5b95", "#707070")),
    "dark": Look("#14181d", "#e8ecf1", "#9aa6b2", "#313a45",
                 ("#56b4e9", "#ff8a3d", "#2fcf9f", "#e58fc4", "#f2c14e", "#9ad3f5", "#b3a2e8", "#b8b8b8")),
}  # fmt: skip


def look(theme: str) -> Look:
    """Return the colours of a theme; `ScoringError` for an unknown one."""
    if theme not in LOOKS:
        raise ScoringError(f"unknown theme {theme}{nearest(theme, LOOKS)}; there are {', '.join(LOOKS)}")
    return LOOKS[theme]


def figure(theme: str, height: float, *, width: float = WIDTH) -> Figure:
    """Return an empty figure in inches, with a canvas of its own: no global state of matplotlib is touched."""
    made = Figure(figsize=(width, height), facecolor=look(theme).paper, layout="constrained")
    FigureCanvasAgg(made)
    return made


def axes(figure: Figure, theme: str, place: Any = 111, *, has_grid: bool = True, is_map: bool = False,
         **options: Any) -> Axes:  # fmt: skip
    """Add axes in the look of a theme; a map has no ticks, for its coordinates mean nothing by themselves."""
    chosen = look(theme)
    made: Axes = figure.add_subplot(*(place if isinstance(place, tuple) else (place,)), **options)
    made.set_facecolor(chosen.paper)
    for side, spine in made.spines.items():
        spine.set_visible(is_map or side in ("left", "bottom"))
        spine.set_color(chosen.line)
    made.tick_params(colors=chosen.soft, labelsize=SIZE - 1.5, length=0)
    if is_map:
        made.set_xticks([])
        made.set_yticks([])
    elif has_grid:
        made.grid(visible=True, axis="y", color=chosen.line, linewidth=0.6)
        made.set_axisbelow(True)
    return made


def title(axes_: Axes, text: str, theme: str) -> None:
    """Say what is seen, left above the axes."""
    axes_.set_title(text, loc="left", color=look(theme).ink, fontsize=SIZE + 1.5, fontfamily=fonts(), pad=8)


def name_axes(axes_: Axes, theme: str, *, x: str = "", y: str = "") -> None:
    """Name the axes, in small."""
    for setter, text in ((axes_.set_xlabel, x), (axes_.set_ylabel, y)):
        setter(text, color=look(theme).soft, fontsize=SIZE - 0.5, fontfamily=fonts())


def caption(figure_: Figure, text: str, theme: str) -> None:
    """Write what a figure depends on under it, small and grey."""
    if text:
        figure_.supxlabel(text, x=0.01, ha="left", color=look(theme).soft, fontsize=SIZE - 2, fontfamily=fonts())


def legend(axes_: Axes, theme: str, **options: Any) -> None:
    """Show names of what is drawn, without a frame."""
    small: Any = {"family": fonts(), "size": SIZE - 1}
    shown = axes_.legend(frameon=False, labelcolor=look(theme).ink, prop=small, **options)
    for handle in shown.legend_handles:
        if isinstance(handle, PathCollection):
            handle.set_sizes([34])


def colour_of(names: Sequence[str], theme: str) -> dict[str, str]:
    """A colour for each name, in order of appearance; after eight they come round again."""
    palette = look(theme).colours
    return {name: palette[place % len(palette)] for place, name in enumerate(dict.fromkeys(names))}


@cache
def fonts() -> tuple[str, ...]:
    """Names of fonts to try for each character, in order: DejaVu Sans, then those installed for other scripts.

    Chinese, Japanese and Korean need a font of the system, such as Noto Sans CJK (Debian: fonts-noto-cjk).
    """
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return ("DejaVu Sans", *(name for name in _MORE_FONTS if name in installed))
