"""Results of the demo -> tables and lines of numbers for a terminal, each beside what chance or no thought gives.

Things rich can draw; nothing is written here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from thought.demo.parts import decimal, mean, percent, score, slot_name
from thought.demo.results import Results, Side
from thought.demo.scenes import QUIET, WRONG, badge, clean, clock, grid
from thought.demo.scores import title_of

_SHADES = ("#c8503c", "#d2571e", "#a07812", "#6f8a1f", "#1c8f79")  # of scores, low to high
_ROOMY = 70  # columns that leave room for explanations
_LOST = 8  # slots with a line of their own
_TABLES = (
    ("accuracy", "Meaning accuracy, %", "letter by letter a true wording of the right meaning", 100.0),
    ("bleu", "BLEU", "word sequences shared with the true wordings, all of them as references", 1.0),
    ("chrf", "chrF", "letter sequences shared with them", 1.0),
)


def score_tables(results: Results, width: int) -> RenderableType:
    """Draw a table of all directions for each score and side, sides beside one another where there is room."""
    blocks: list[RenderableType] = []
    for name, title, what, scale in _TABLES:
        tables: list[Table] = []
        for key, side in results.sides.items():
            values = {pair: scale * value for pair, value in getattr(side, name).items()}
            tables.append(_score_table(title_of(key), values, results.languages))
        needed = sum(_width_of(results.languages) for _ in tables) + 4 * (len(tables) - 1) + 2
        if needed <= width:
            both = Table.grid(padding=(0, 4, 0, 0))
            both.add_row(*tables)
            tables = [both]
        caption = Text.assemble((title, "bold"), (f"  {what}", QUIET))
        blocks += [Padding(caption, (1, 0, 0, 2)), *(Padding(table, (0, 0, 0, 2)) for table in tables)]
    legend = Text("Each row is the language read, each column the one written.", style=QUIET)
    blocks.append(Padding(legend, (1, 0, 0, 2)))
    return Group(*blocks)


def _score_table(title: str, values: Mapping[str, float], codes: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), title=Text(title, "italic"), title_justify="left")
    table.add_column("", no_wrap=True)
    for code in codes:
        table.add_column(badge(code, codes), justify="right", min_width=5, no_wrap=True)
    table.add_column(Text("mean", style=QUIET), justify="right", min_width=5, no_wrap=True)
    for source in codes:
        row = {target: values.get(f"{source}-{target}", math.nan) for target in codes if target != source}
        cells = [_shaded(row[target]) if target in row else Text("·", style=QUIET) for target in codes]
        table.add_row(badge(source, codes), *cells, Text(score(mean(row.values())), style="bold"))
    columns = [mean(values.get(f"{source}-{target}", math.nan) for source in codes) for target in codes]
    whole = _shaded(mean(values.values()), "bold ")
    table.add_row(Text("mean", style=QUIET), *(Text(score(value), style="bold") for value in columns), whole)
    return table


def _width_of(codes: Sequence[str]) -> int:
    return 5 + 6 * (len(codes) + 1)


def _shaded(value: float, weight: str = "") -> Text:
    if not math.isfinite(value):
        return Text(score(value), style=QUIET)
    shade = min(len(_SHADES) - 1, max(0, int((value - 50) / 10)))  # 50 and less is low, 90 and more high
    return Text(score(value), style=f"{weight}{_SHADES[shade]}")


def findings(results: Results) -> RenderableType:
    """Draw how well thoughts find one another, each number with what chance or no thought gives, in plain words."""
    table = grid(None, *(None for _ in results.sides), 1)
    table.add_row("", *_side_names(results), "")
    for name, values, what in _findings(results):
        cells = [Text(value, style="bold", justify="right") for value in values]
        table.add_row(Text(name, style="bold"), *cells, *[""] * (len(results.sides) - len(cells)), Text(what))
    return Padding(table, (1, 0, 0, 2))


def _findings(results: Results) -> list[tuple[str, list[str], str]]:
    sides, floors, cheating = list(results.sides.values()), results.floors, results.cheating
    first = sides[0]
    chance, alike = percent(1 / max(1, first.meanings)), decimal(first.paraphrase_chance)
    found = [percent(mean(side.p_at_1.values())) for side in sides]
    near = [decimal(side.paraphrase_map) for side in sides]
    lone = (
        ("untrained", floors.get("untrained_p_at_1"), "P@1 of the same network before it learned"),
        ("spelling", floors.get("tfidf_p_at_1"), "P@1 by letters in common, with no network"),
        ("cheating", cheating.get("shuffled_accuracy"), "right with another sentence's thought"),
        ("no thought", cheating.get("blank_accuracy"), "right with a thought that is all zeros"),
        ("own thought", mean(first.accuracy.values()), "right with the thought of the sentence"),
    )
    return [
        ("P@1", found, f"nearest thought is its translation; chance {chance}"),
        ("MAP@R", near, f"nearest thoughts are paraphrases; chance {alike}"),
        *((name, [percent(share)], what) for name, share, what in lone if share is not None),
    ]


def _side_names(results: Results) -> list[Text]:
    """Return the first word of each side's title: the tables above write it in full."""
    return [Text(title_of(name).partition(" ")[0], style="italic", justify="right") for name in results.sides]


def losses(results: Results, width: int) -> RenderableType:
    """Draw which slots of the frame wrong translations lost, as counts with bars."""
    sides = list(results.sides.values())
    judged = " + ".join(f"{side.judged:,}" for side in sides)
    title = Text.assemble(("What wrong translations lost", "bold"), (f"  {judged} were looked at", QUIET))
    totals = Counter[str]()
    for side in sides:
        totals.update(side.lost)
    if not totals:
        return Padding(title, (1, 0, 0, 2))
    ordered = sorted(totals, key=lambda slot: (slot == "several slots", -totals[slot], slot))
    table = grid(None, *(None for _ in sides), None)
    table.add_row("", *_side_names(results), "")
    most = max(1, *totals.values())
    for slot in ordered[:_LOST]:
        words = "" if slot_name(slot) == slot or width < _ROOMY else f"  {clean(slot_name(slot))}"
        length = max(1, round(12 * totals[slot] / most))
        bar = Text.assemble(("▇" * length, WRONG), (words, QUIET))
        table.add_row(Text(clean(slot)), *_counts(sides, [slot]), bar)
    if ordered[_LOST:]:
        table.add_row(Text(f"{len(ordered) - _LOST} others", style=QUIET), *_counts(sides, ordered[_LOST:]), "")
    return Padding(Group(title, table), (1, 0, 0, 2))


def _counts(sides: Sequence[Side], slots: Sequence[str]) -> list[Text]:
    return [Text(f"{sum(side.lost.get(slot, 0) for slot in slots):,}", justify="right") for side in sides]


def small_print(results: Results) -> RenderableType:
    """Draw what all numbers depend on: the run, the machine and the signatures of the scores."""
    parts = [name for name in ("preparing", "training", "measuring") if name in results.seconds]
    spent = ", ".join(f"{name} {clock(results.seconds[name])}" for name in parts)
    seen = f"{results.train_meanings:,} of {results.world_meanings:,} meanings seen"
    lines = [
        f"{seen}, {results.weights:,} weights, {results.thought_size:,} numbers a thought, seed {results.seed}",
        f"{spent} on {results.machine}, thought {results.version}",
    ]
    for side in results.sides.values():
        lines += [f"{name} {text}" for name, text in side.signatures.items() if f"{name} {text}" not in lines]
    return Padding(Group(*(Text(clean(line), style=QUIET, overflow="fold") for line in lines)), (1, 0, 0, 2))
