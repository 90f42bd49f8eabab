"""Results of the demo -> the story on its page: each function makes markup that stands without a script."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import groupby

from thought.demo.parts import (
    badge,
    codes_of,
    decimal,
    escape,
    fold,
    language_name,
    mean,
    meter,
    percent,
    score,
    sentence,
    shared,
    slots_of,
    told_apart,
)
from thought.demo.results import Example, Map, Results
from thought.demo.sketches import MAP, WIDE, across, curve, scatter

_CURVE = """<p><b>P@1</b>: for so many sentences in a hundred, the nearest sentence of another language is their
translation. <b>BLEU</b>: word sequences shared with one reference. Both on meanings set apart from training; the
results below allow all true wordings.</p>"""


def numbers(results: Results) -> str:
    """Write the three numbers that matter, each with what chance gives."""
    side = results.sides.get("test") or next(iter(results.sides.values()))
    shuffled = results.cheating.get("shuffled_accuracy", math.nan)
    chance = 1 / max(1, side.meanings)
    rows = (
        ("Right meaning, word for word", mean(side.accuracy.values()), shuffled, "with the thoughts dealt out wrongly",
         "of translations are exactly one of the true wordings, on meanings never trained on.", percent),
        ("Translation found at once (P@1)", mean(side.p_at_1.values()), chance, "by chance",
         f"of sentences have their translation as nearest neighbour, among {side.meanings:,} sentences.", percent),
        ("Paraphrases side by side (MAP)", side.paraphrase_map, side.paraphrase_chance, "by chance",
         "mean average precision, 0 to 1: how purely the nearest are wordings of the same meaning.", decimal),
    )  # fmt: skip
    cards = [
        f'<li><h3>{escape(name)}</h3><p class="big">{_split_unit(written(share))}</p>{meter(share, chance=least)}'
        f'<p class="least">{escape(written(least))} {escape(what)}</p><p>{escape(text)}</p></li>'
        for name, share, least, what, text, written in rows
    ]
    return f'<ul id="numbers">{"".join(cards)}</ul>'


def _split_unit(text: str) -> str:
    number, _, unit = text.partition(" ")
    return f"{number}<small> {unit}</small>" if unit else number


def picture(results: Results) -> str:
    """Draw sentences of one meaning that flow into one vector and out again in every language."""
    if not results.examples:
        return ""
    example = results.examples[0]
    codes = codes_of(example.sentences, results.languages)
    said = {code: texts for code in codes if (texts := example.sentences[code])}
    sides = [
        "".join(
            f"<li>{badge(code, results.languages)} {sentence(texts[at], code)}</li>" for code, texts in said.items()
        )
        for at in (0, -1)
    ]
    heights = [100 * (place + 0.5) / max(1, len(codes)) for place in range(len(codes))]
    flows = [
        "".join(f'<path class="l{place % 8}" d="{path.format(y=y)}"/>' for place, y in enumerate(heights))
        for path in ("M0 {y}C60 {y} 60 50 100 50", "M0 50C40 50 40 {y} 100 {y}")
    ]
    flow = '<svg class="flow" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    thought = f'<p class="thought"><b>{results.thought_size:,}</b> <span>numbers,</span> <span>one thought</span></p>'
    return (
        f'<div id="picture"><ul>{sides[0]}</ul>{flow.format(flows[0])}{thought}{flow.format(flows[1])}'
        f'<ul>{sides[1]}</ul></div><p class="under">One meaning, in {len(codes)} languages and several wordings. '
        f"Can one list of {results.thought_size:,} numbers hold it?</p>"
    )


def meanings(results: Results) -> str:
    """Show each example as a card: the slots of its frame, and all its wordings language by language."""
    return "".join(_card(number, example, results) for number, example in enumerate(results.examples, 1))


def _card(number: int, example: Example, results: Results) -> str:
    count = sum(map(len, example.sentences.values()))
    rows = []
    for code in codes_of(example.sentences, results.languages):
        plain, *others = example.sentences[code] or ["–"]
        rest = "".join(f"<li>{sentence(other, code)}</li>" for other in others)
        more = f"and {len(others)} other {'wording' if len(others) == 1 else 'wordings'}"
        rows.append(
            f"<li>{badge(code, results.languages)}<div>{sentence(plain, code)}"
            f"{fold(more, f'<ul>{rest}</ul>', kind='more') if others else ''}</div></li>"
        )
    return (
        f'<article class="card"><h3>Meaning {number} <small>{count} true sentences</small></h3>'
        f'{slots_of(example.frame)}<ul class="says">{"".join(rows)}</ul></article>'
    )


def learning(results: Results) -> str:
    """Show the watched sentence's translation at each moment, and the curve beside; a script makes it a player."""
    if not results.moments:
        return "<p>The run kept no moments of its training.</p>"
    source, target = results.watched["from"], results.watched["to"]
    items = [
        f'<li data-x="{x:.1f}" data-seconds="{moment.seconds:.0f}"><p class="when"><b>{moment.seconds:.0f} s</b> '
        f"step {moment.step:,} · P@1 {percent(moment.p_at_1)}"
        f"{'' if moment.bleu is None else f' · BLEU {score(moment.bleu)}'}</p>"
        f"<p>{sentence('', target, marked=shared(moment.translation, results.watched['plain'], 'hit') or '…')}</p></li>"
        for moment, x in zip(results.moments, across(results.moments), strict=True)
    ]
    return (
        f'<div class="stage"><p class="label">{escape(language_name(source))}, never trained on</p>'
        f"<p>{badge(source, results.languages)} {sentence(results.watched['source'], source)}</p>"
        f'<p class="label">what the model writes in {escape(language_name(target))}</p>'
        f'<ol id="moments">{"".join(items)}</ol>'
        f'<p class="label">a true wording</p><p class="truth">{badge(target, results.languages)} '
        f"{sentence(results.watched['plain'], target)}</p></div>"
        f"<figure>{curve(results.moments)}<figcaption>{_CURVE}</figcaption></figure>"
    )


def maps(results: Results) -> str:
    """Draw the maps, those of one method side by side, each with how far to believe it."""
    if not results.maps:
        return "<p>This run has no maps.</p>"
    numbered = groupby(enumerate(results.maps), key=lambda item: item[1].method)
    rows = []
    for _, group in numbered:
        members = list(group)
        size = map_size(results, members[0][0])
        figures = "".join(_figure(number, drawn, results, size) for number, drawn in members)
        rows.append(f'<div class="maps{" wide" if size == WIDE else ""}">{figures}</div>')
    return "".join(rows)


def map_size(results: Results, number: int) -> tuple[float, float]:
    """Return width and height of a map: wide if no neighbour in the list has its method."""
    method = results.maps[number].method
    near = results.maps[max(0, number - 1) : number + 2]
    return MAP if sum(other.method == method for other in near) > 1 else WIDE


def _figure(number: int, drawn: Map, results: Results, size: tuple[float, float]) -> str:
    picture = scatter(drawn, results.languages, number=number, is_joined=drawn.method != "PCA", size=size)
    return (
        f"<figure><h3>{escape(drawn.method)}, {escape(drawn.moment)} training</h3>{picture}<figcaption>"
        f"<p>{meter(drawn.trustworthiness, chance=drawn.shuffled)} "
        f"<b>Trustworthiness {decimal(drawn.trustworthiness)}</b>: how far the ten nearest neighbours seen here are "
        f"near in all {results.thought_size:,} dimensions too. The same points dealt out at random: "
        f"{decimal(drawn.shuffled)}.</p><p>{meter(drawn.p_at_1)} <b>P@1 on the map {percent(drawn.p_at_1)}</b>: "
        "so many sentences have their translation nearest, in the plane alone.</p></figcaption></figure>"
    )


def walk(results: Results) -> str:
    """Write every step of the walk in all languages, with the words that the step before did not have."""
    items = []
    before: Mapping[str, str] = {}
    for step in results.walk.steps:
        codes = [code for code in codes_of(step, results.languages) if code != "share"]
        lines = "".join(
            f"<li>{badge(code, results.languages)} "
            f"{sentence('', code, marked=told_apart(step[code], before.get(code, step[code]), 'new'))}</li>"
            for code in codes
        )
        items.append(f'<li><p class="when"><b>{100 * step["share"]:.0f} %</b> of the way</p><ul>{lines}</ul></li>')
        before = {code: step[code] for code in codes}
    ends = f'<q>{escape(results.walk.start)}</q><span aria-hidden="true"></span><q>{escape(results.walk.end)}</q>'
    return f'<p class="ends">{ends}</p><ol id="steps">{"".join(items)}</ol>'
