"""Meanings, a training and a walk -> what a terminal shows of them, as things rich can draw. Nothing is written here.

Text that comes from data is only ever put into `Text`, never read as markup. Colours have nearly the same contrast
to black and to white, since nobody knows the ground of a terminal; no fact is told by colour alone.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from thought.demo.parts import SLOTS, percent, score
from thought.demo.results import Example, Moment, Walk
from thought.demo.sketches import MARKERS

COLOURS = ("#2f7de1", "#d2571e", "#1c8f79", "#b3559f", "#a07812", "#7a6fd8")  # of languages, by their place
RIGHT, WRONG, QUIET = "bold #1c8f79", "#c8503c", "dim"
TAG = "#ffffff on #646a75"  # of a slot and of a chapter's number
WIDEST = 100  # columns of what is drawn: longer lines are hard to follow
FURTHER = 2  # wordings shown under the plain one; a meaning may have fifty
EARLIER = ("", "dim", "dim", "dim #808080")  # styles of the translations before the last, the latest first
RECALLED = 7  # translations in the record that training leaves
_BLOCKS = "▁▂▃▄▅▆▇█"


def clean(text: str) -> str:
    """Return `text` without characters that steer a terminal; each becomes a space."""
    return "".join(" " if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") else letter for letter in text)


def clock(seconds: float) -> str:
    """Return 84 as "1:24", what is unknown as a dash."""
    if not math.isfinite(seconds):
        return "–"
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    return f"{minutes}:{rest:02}"


def colour(code: str, codes: Sequence[str]) -> str:
    """Return the colour of a language, by its place among all of them."""
    return COLOURS[(codes.index(code) if code in codes else len(codes)) % len(COLOURS)]


def badge(code: str, codes: Sequence[str]) -> Text:
    """Return a language as its marker and its code, in its colour."""
    place = codes.index(code) if code in codes else len(codes)
    return Text(f"{MARKERS[place % len(MARKERS)]} {clean(code)}", style=f"bold {colour(code, codes)}", no_wrap=True)


def grid(*ratios: int | None) -> Table:
    """Return a table of columns without lines; one with a ratio takes the room the others leave."""
    table = Table.grid(padding=(0, 2, 0, 0), expand=any(ratios))
    for ratio in ratios:
        table.add_column(ratio=ratio, no_wrap=ratio is None)
    return table


def heading(number: int, title: str, width: int) -> Text:
    """Return the line a chapter begins with, as wide as the page."""
    line = Text.assemble((f" {number} ", f"bold {TAG}"), "  ", (clean(title), "bold"), "  ", no_wrap=True)
    return line.append("─" * max(0, width - line.cell_len), style=QUIET)


def meaning(example: Example, codes: Sequence[str], width: int) -> RenderableType:
    """Draw one meaning: the slots of its frame as tags, then what each language says for it."""
    rows = grid(None, 1, None)
    for code, sentences in example.sentences.items():
        plain, *others = sentences or ["–"]
        ways = Text(f"{len(sentences)} way{'s' * (len(sentences) != 1)}", style=QUIET, justify="right")
        rows.add_row(badge(code, codes), Text(clean(plain), style=f"bold {colour(code, codes)}"), ways)
        for other in others[:FURTHER]:
            rows.add_row("", Text(clean(other), style=QUIET), "")
    return Padding(Group(*_tags(example.frame, width - 2), rows), (1, 0, 0, 2))


def _tags(frame: Mapping[str, str], width: int) -> list[Text]:
    """Return the slots as tags, a participant with its count and its adjective in one, in lines that fit."""
    lines = [Text()]
    order = [role for role in SLOTS if role in frame] + [slot for slot in frame if slot.partition(".")[0] not in SLOTS]
    for role in order:
        details = [frame[slot] for slot in (f"{role}.count", f"{role}.adjective", role) if slot in frame]
        said = clean(" ".join(details)).replace("_", " ")
        tag = Text.assemble((f" {clean(role)} ", TAG), (f" {said}", "bold"), no_wrap=True)
        if lines[-1].cell_len and lines[-1].cell_len + 3 + tag.cell_len > width:
            lines.append(Text())
        lines[-1].append("   " if lines[-1].cell_len else "").append_text(tag)
    return lines


def compared(text: str, plain: str) -> Text:
    """Return a translation whose words that the true wording has too stand out; one without an end is cut short."""
    rest = Counter(_bare(word) for word in plain.split())
    said, words = Text(), clean(text).split()
    most = 2 * len(plain.split()) + 2
    for word in [*words[:most], "…"] if len(words) > most else words:
        is_right = rest[_bare(word)] > 0
        rest[_bare(word)] -= is_right
        said.append(word, style=RIGHT if is_right else WRONG).append(" ")
    said.rstrip()
    return said if said.plain else Text("–", style=QUIET)


def sparkline(values: Sequence[float], top: float, width: int) -> str:
    """Return values from 0 to `top` as a row of at most `width` bars; what is unknown is a space.

    >>> sparkline([0, 35, 70, 100], 100, 10)
    '▁▃▆█'
    """
    if not values or width < 1:
        return ""
    size = min(width, len(values))
    places = [place * (len(values) - 1) // (size - 1) for place in range(size)] if size > 1 else [-1]
    return "".join(_block(values[place] / top) for place in places)


def learning(
    record: Mapping[str, float], moments: Sequence[Moment], watched: Mapping[str, str], codes: Sequence[str], width: int
) -> RenderableType:
    """Draw training as it stands: time left, the watched sentence better and better, and scores that climb."""
    seconds, left = record.get("seconds", 0.0), time_left(record)
    bar = ProgressBar(seconds + left if math.isfinite(left) else None, seconds, style="#808080")
    bar.complete_style, bar.finished_style = COLOURS[0], COLOURS[2]
    state = f"{clock(left)} left  {_rate(record)}"
    top = grid(None, 1, None)
    top.add_row(Text(f"step {int(record.get('step', 0)):,}", no_wrap=True), bar, Text(state, no_wrap=True))
    rows = grid(None, 1, None)
    if not moments:
        rows.add_row("", Text("the first translation comes soon", style=QUIET), "")
    else:
        distinct = [*_distinct(moments)][::-1]
        now, target = distinct[0], watched["to"]
        rows.add_row(badge(watched["from"], codes), Text(clean(watched["source"])), "")
        rows.add_row(badge(target, codes), compared(now.translation, watched["plain"]), f"{clock(now.seconds)}")
        for place, style in enumerate(EARLIER, 1):
            old = distinct[place] if place < len(distinct) else None
            text = Text(clean(old.translation) if old else "", style=style, no_wrap=True, overflow="ellipsis")
            rows.add_row("", text, Text(clock(old.seconds) if old else "", style=style))
    parts: list[RenderableType] = [top, Text(), rows, Text(), climbing(moments, width - 6)]
    return Panel(Group(*parts), width=width, border_style=QUIET, padding=(0, 2))


def learned(moments: Sequence[Moment], watched: Mapping[str, str], codes: Sequence[str], width: int) -> RenderableType:
    """Draw what training leaves on the page: the watched sentence at some moments, and how the scores climbed."""
    rows = grid(None, 1, None)
    rows.add_row(badge(watched["from"], codes), Text(clean(watched["source"]), style="bold"), "")
    distinct = [*_distinct(moments)]
    size = min(RECALLED, len(distinct))
    for place in range(size):
        moment = distinct[place * (len(distinct) - 1) // max(1, size - 1)]
        first = badge(watched["to"], codes) if place == 0 else ""
        rows.add_row(first, compared(moment.translation, watched["plain"]), Text(clock(moment.seconds), style=QUIET))
    return Padding(Group(rows, Text(), climbing(moments, width - 4)), (1, 2, 0, 2))


def climbing(moments: Sequence[Moment], width: int) -> RenderableType:
    """Draw P@1 and BLEU over the moments so far, and what they mean."""
    rows, wide = grid(None, None, None, 1), min(24, max(4, width - 16))
    found = [moment.p_at_1 for moment in moments] or [math.nan]
    words = [latest_bleu(moments[: place + 1]) for place in range(len(moments))] or [math.nan]
    shown = (
        ("P@1", sparkline(found, 1.0, wide), percent(found[-1]), "its translation is nearest"),
        ("BLEU", sparkline(words, 100.0, wide), score(words[-1]), "words shared with one truth"),
    )
    for number, (name, line, value, what) in enumerate(shown):
        style = COLOURS[number]
        said = Text(what if width >= 70 else "", style=QUIET)
        rows.add_row(Text(name, style="bold"), Text(f"{line:<{wide}}", style=style), Text(f"{value:>7}", "bold"), said)
    return rows


def latest_bleu(moments: Sequence[Moment]) -> float:
    """Return the last BLEU that was measured, NaN if none was."""
    return next((moment.bleu for moment in reversed(moments) if moment.bleu is not None), math.nan)


def time_left(record: Mapping[str, float]) -> float:
    """Return the seconds of training to come, NaN if nobody knows."""
    seconds = record.get("seconds_left")
    return max(0.0, seconds) if seconds is not None and math.isfinite(seconds) else math.nan


def steps(walk: Walk, codes: Sequence[str]) -> RenderableType:
    """Draw a walk between two thoughts, step by step in all languages; what is new at a step stands out."""
    rows = grid(None, None, 1)
    before: Mapping[str, object] = {}
    for step in walk.steps:
        share = Text(f"{100 * step['share']:3.0f} %", style="bold", no_wrap=True)
        spoken = [code for code in codes if code in step]
        if before and all(step[code] == before.get(code) for code in spoken):
            rows.add_row(share, "", Text("the same", style=QUIET))
            continue
        for place, code in enumerate(spoken):
            old, text = str(before.get(code, step[code])), clean(str(step[code]))
            rows.add_row(share if place == 0 else "", badge(code, codes), _news(text, old, colour(code, codes)))
        before = step
    ends = Text.assemble("from ", (clean(walk.start), "bold"), "\n  to ", (clean(walk.end), "bold"))
    return Padding(Group(ends, Text(), rows), (1, 0, 0, 2))


def _news(text: str, old: str, style: str) -> Text:
    rest = Counter(_bare(word) for word in old.split())
    said = Text()
    for word in text.split():
        is_old = rest[_bare(word)] > 0
        rest[_bare(word)] -= is_old
        said.append(word, style="" if is_old else f"bold {style}").append(" ")
    said.rstrip()
    return said


def _distinct(moments: Sequence[Moment]) -> list[Moment]:
    """Return the moments at which the translation became another one, the first included."""
    kept: list[Moment] = []
    for moment in moments:
        if not kept or kept[-1].translation != moment.translation:
            kept.append(moment)
    return kept


def _block(share: float) -> str:
    if not math.isfinite(share):
        return " "
    return _BLOCKS[min(len(_BLOCKS) - 1, max(0, math.floor(share * (len(_BLOCKS) - 1) + 0.5)))]


def _bare(word: str) -> str:
    return word.strip(".,?!").lower()


def _rate(record: Mapping[str, float]) -> str:
    speed = record.get("tokens_per_second", math.nan)
    return f"{speed:,.0f} tokens/s" if math.isfinite(speed) else "– tokens/s"
