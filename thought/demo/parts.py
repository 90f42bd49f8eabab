"""Small pieces of the demo's page: marked-up text with every word of data escaped, numbers, bars, tables of colour."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from statistics import fmean

from thought.demo.sketches import marker

_NAMES = {"en": "English", "de": "German", "fr": "French", "cs": "Czech"}
SHADES = 9  # of the ramp of colours: classes r0 to r8

# What a slot of a frame holds, for a reader who has never seen one.
SLOTS = {
    "kind": "sort of statement", "verb": "what happens", "modality": "can, must or want", "agent": "who does it",
    "patient": "whom or what it is done to", "recipient": "who gets it", "instrument": "with what",
    "relation": "where, seen from it", "ground": "the thing it is near", "quality": "how it is",
    "dimension": "in what they are compared", "standard": "with whom it is compared", "goal": "where to",
    "vehicle": "by what", "place": "where", "time": "when", "tense": "past, present or future",
    "polarity": "yes or not", "mood": "statement or question", "count": "how many", "adjective": "what kind of",
    "several slots": "more than one thing",
}  # fmt: skip


def escape(text: object) -> str:
    """Text that may stand in an element or in a quoted attribute."""
    return html.escape(str(text))


def language_name(code: str) -> str:
    """Return the English name of a language, its code if none is known here."""
    return _NAMES.get(code, code)


def slot_name(slot: str) -> str:
    """Return what a slot holds, in plain words: "agent.count" -> "who does it: how many"."""
    role, _, more = slot.partition(".")
    return f"{SLOTS.get(role, role)}: {SLOTS.get(more, more)}" if more else SLOTS.get(role, role)


def percent(share: float) -> str:
    """Return 0.938 as "93.8 %", an unknown share as a dash."""
    if not math.isfinite(share):
        return "–"
    return f"{100 * share:.2g} %" if 0 < share < 0.01 else f"{100 * share:.1f} %"


def decimal(share: float) -> str:
    """Return 0.9521 as "0.952", what is unknown as a dash."""
    return f"{share:.3f}" if math.isfinite(share) else "–"


def score(value: float) -> str:
    """Return 97.96 as "98.0", what is unknown as a dash."""
    return f"{value:.1f}" if math.isfinite(value) else "–"


def mean(values: Iterable[float]) -> float:
    """Mean of what is finite, NaN if nothing is."""
    kept = [value for value in values if math.isfinite(value)]
    return fmean(kept) if kept else math.nan


def badge(code: str, languages: Sequence[str]) -> str:
    """Return a language as its marker in its colour, and its code."""
    place = languages.index(code) if code in languages else len(languages)
    sign = f'<i class="l{place % 8}" aria-hidden="true">{marker(place)}</i>'
    return f'<span class="badge" title="{escape(language_name(code))}">{sign}{escape(code)}</span>'


def sentence(text: str, code: str, *, marked: str = "") -> str:
    """Return a sentence in its language; `marked` is markup to put in the place of the plain text."""
    return f'<q lang="{escape(code)}">{marked or escape(text)}</q>'


def told_apart(text: str, other: str, kind: str) -> str:
    """Escape a text and mark its words that another text does not have; `kind` is the class of the marks."""
    rest = _words(other)
    return _mark(text, kind, lambda word: rest.count(_bare(word)) == 0)


def shared(text: str, other: str, kind: str) -> str:
    """Escape a text and mark its words that another text has too, each as often as it stands there."""
    rest = _words(other)

    def take(word: str) -> bool:
        if _bare(word) not in rest:
            return False
        rest.remove(_bare(word))
        return True

    return _mark(text, kind, take)


def _words(text: str) -> list[str]:
    return [_bare(word) for word in text.split()]


def _bare(word: str) -> str:
    return word.strip(".,?!").lower()


def _mark(text: str, kind: str, is_meant: Callable[[str], bool]) -> str:
    words = []
    for word in text.split():
        meant = is_meant(word)
        words.append(f'<b class="{kind}">{escape(word)}</b>' if meant else f"<span>{escape(word)}</span>")
    return " ".join(words)


def meter(share: float, *, chance: float = math.nan, kind: str = "") -> str:
    """Return a bar from 0 to 1 with a tick where chance stands; what it says is written beside it, so it is hidden."""
    tick = f'<i class="chance" style="left:{_width(chance)}"></i>' if math.isfinite(chance) else ""
    return (
        f'<span class="meter {kind}" aria-hidden="true"><i class="fill" style="width:{_width(share)}"></i>{tick}</span>'
    )


def _width(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.2f}%" if math.isfinite(share) else "0%"


def bars(caption: str, rows: Iterable[tuple[str, float, str, str]]) -> str:
    """Return a table of bars; a row is (what, share from 0 to 1, the share as text, class of the bar)."""
    lines = [
        f'<tr><th scope="row">{escape(what)}</th><td>{meter(share, kind=kind)}</td>'
        f'<td class="number">{escape(text)}</td></tr>'
        for what, share, text, kind in rows
    ]
    return f'<table class="bars"><caption>{escape(caption)}</caption>{"".join(lines)}</table>'


def heat_table(
    values: Mapping[str, float], languages: Sequence[str], *, caption: str, low: float, high: float, digits: int = 1
) -> str:
    """Return a table of all directions, each cell in the shade of its value between `low` and `high`."""
    head = "".join(f'<th scope="col">{badge(code, languages)}</th>' for code in languages)
    rows = []
    for source in languages:
        cells = [_cell(values.get(f"{source}-{target}"), low, high, digits) for target in languages]
        rows.append(f'<tr><th scope="row">{badge(source, languages)}</th>{"".join(cells)}</tr>')
    corner = '<td class="corner">from ↓ to →</td>'
    return (
        f'<table class="heat"><caption>{caption}</caption><thead><tr>{corner}{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _cell(value: float | None, low: float, high: float, digits: int) -> str:
    if value is None or not math.isfinite(value):
        return '<td class="none">–</td>'
    share = (value - low) / (high - low) if high > low else 1.0
    shade = min(SHADES - 1, max(0, int(share * SHADES)))
    return f'<td class="r{shade}">{value:.{digits}f}</td>'


def slots_of(frame: Mapping[str, str]) -> str:
    """Return the slots of a frame as small tags, what happens and who does it first."""
    order = list(SLOTS)

    def place(slot: str) -> tuple[int, int]:
        role = slot.partition(".")[0]
        return (order.index(role) if role in order else len(order), len(slot))

    tags = [
        f'<li class="{_sort(slot)}" title="{escape(slot_name(slot))}"><i>{escape(slot)}</i> {escape(frame[slot])}</li>'
        for slot in sorted(frame, key=place)
    ]
    return f'<ul class="slots" aria-label="The frame of this meaning">{"".join(tags)}</ul>'


def _sort(slot: str) -> str:
    role, _, more = slot.partition(".")
    if more:
        return "detail"
    if role in ("verb", "modality", "kind"):
        return "act"
    return "frame" if role in ("tense", "polarity", "mood") else "role"


def fold(title: str, content: str, *, kind: str = "") -> str:
    """Return what opens on demand; without a script as well."""
    return f'<details class="{kind}"><summary>{escape(title)}</summary>{content}</details>'


def codes_of(given: Mapping[str, object], languages: Sequence[str]) -> list[str]:
    """Return the languages something is there in, in their order, unknown ones after them."""
    known: Collection[str] = languages
    return [*(code for code in languages if code in given), *(code for code in given if code not in known)]
