"""Words on a figure: fonts for every script, and how wide a line will be before it is drawn."""

from __future__ import annotations

import unicodedata
import warnings
from functools import cache
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties, findfont, findSystemFonts, fontManager, get_font

DOTS = 140  # an inch: what a notebook shows; `savefig(dpi=300)` for print
# Fonts of scripts that DejaVu Sans, which comes with matplotlib, lacks. One that is installed is enough.
_OTHER_FONTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans SC", "Noto Sans JP", "Noto Sans KR",
    "Source Han Sans SC", "Source Han Sans", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback",
    "PingFang SC", "Hiragino Sans", "Hiragino Sans GB", "Apple SD Gothic Neo", "Microsoft YaHei", "SimHei",
    "Yu Gothic", "MS Gothic", "Malgun Gothic", "Arial Unicode MS", "Noto Sans", "Noto Sans Arabic",
    "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Bengali", "Noto Sans Tamil", "Noto Sans Thai",
    "Noto Sans Georgian", "Noto Sans Armenian", "Noto Sans Ethiopic", "Symbola", "Noto Emoji",
)  # fmt: skip
_NEW_FILES = ("NotoSansCJK", "NotoSansSC", "NotoSansJP", "NotoSansKR", "SourceHanSans", "wqy-", "DroidSansFallback")
_MISSING = "\N{WHITE SQUARE}"


@cache
def fonts() -> tuple[str, ...]:
    """Names of fonts to try for each character, in order: DejaVu Sans, then those installed for other scripts.

    DejaVu Sans writes Latin with all diacritics, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic. Chinese,
    Japanese and Korean need a font of the system: Debian and Ubuntu `fonts-noto-cjk`, Fedora
    `google-noto-sans-cjk-fonts`; macOS and Windows bring theirs. Python has to be started anew after installing one.
    """
    listed = {font.fname for font in fontManager.ttflist}
    for path in findSystemFonts():  # matplotlib's list is as old as its first use on this machine
        if Path(path).name.startswith(_NEW_FILES) and path not in listed:
            fontManager.addfont(path)
    installed = {font.name for font in fontManager.ttflist}
    found = {str(findfont(FontProperties(family=name))): name for name in reversed(_OTHER_FONTS) if name in installed}
    return ("DejaVu Sans", *reversed(found.values()))  # once a file: a collection has one for many names


def legible(text: str) -> str:
    """The text in one line; a character that no installed font has becomes a square, with one warning for all.

    Else matplotlib would warn of each of them whenever a figure is drawn or saved. See `fonts` for what to install.
    """
    text = " ".join(text.split())
    lost = {character for character in text if not _is_known(character)}
    if not lost:
        return text
    if any(unicodedata.category(character) not in ("Cf", "Mn") for character in lost):
        message = "no installed font has all characters of a text, squares stand for some: install Noto Sans CJK"
        warnings.warn(message, UserWarning, stacklevel=2)
    # what joins or alters its neighbours has no shape of its own
    return "".join(
        character if character not in lost else "" if unicodedata.category(character) in ("Cf", "Mn") else _MISSING
        for character in text
    )


@cache
def _is_known(character: str) -> bool:
    return any(get_font(findfont(FontProperties(family=name))).get_char_index(ord(character)) for name in fonts())


@cache
def measure(text: str, size: float, *, is_bold: bool = False) -> float:
    """Width of a legible line in inches, at a size in points."""
    written = FontProperties(family=fonts(), size=size, weight="bold" if is_bold else "normal")
    return float(_renderer().get_text_width_height_descent(text, written, False)[0] / DOTS)  # type: ignore[no-untyped-call]


@cache
def _renderer() -> RendererAgg:
    return RendererAgg(10, 10, DOTS)  # type: ignore[no-untyped-call]


def wrap(text: str, width: float, size: float, *, is_bold: bool = False, lines: int = 99) -> list[str]:
    """Break a text into lines of so many inches; what does not fit into the last one is cut off with an ellipsis.

    Breaks stand between words; a word too long for a line, such as a sentence of Chinese, is broken anywhere.
    """
    made: list[str] = []
    for paragraph in text.splitlines() or [""]:
        words, line = legible(paragraph).split(), ""
        while words:
            word = words.pop(0)
            longer = f"{line} {word}" if line else word
            if measure(longer, size, is_bold=is_bold) <= width:
                line = longer
            elif line:
                made, line, words = [*made, line], "", [word, *words]
            else:
                fitting = max(1, _fit(word, width, size, is_bold))
                made, words = [*made, word[:fitting]], [word[fitting:], *words]
                words = [one for one in words if one]
        made += [line] if line else []
    if len(made) <= lines:
        return made or [""]
    last = made[lines - 1]
    kept = last[: max(1, _fit(last, width - measure("…", size), size, is_bold))]
    before, _, part = kept.rpartition(" ")
    if last[len(kept) :][:1].strip() and len(part) < len(before):  # do not cut through a word
        kept = before
    return [*made[: lines - 1], f"{kept.rstrip(' ,;:')}…"]


def _fit(word: str, width: float, size: float, is_bold: bool) -> int:
    """How many characters fit into a width."""
    fitting = len(word)
    while fitting and measure(word[:fitting], size, is_bold=is_bold) > width:
        fitting -= 1
    return fitting


def write(target: Any, x: float, y: float, text: str, *, size: float, colour: str, **options: Any) -> Any:
    """Write words on a figure or axes as they are: a dollar sign begins no formula. Returns matplotlib's `Text`."""
    lines = "\n".join(legible(line) for line in text.split("\n"))
    return target.text(x, y, lines, fontsize=size, color=colour, fontfamily=fonts(), parse_math=False, **options)
