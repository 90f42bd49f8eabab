"""Results of the demo -> the sections of its page, each a function from results to markup that stands without a script."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import groupby

from thought.demo.parts import (
    badge,
    bars,
    codes_of,
    escape,
    fold,
    heat_table,
    language_name,
    mean,
    meter,
    percent,
    sentence,
    shared,
    slot_name,
    slots_of,
    told_apart,
)
from thought.demo.results import Example, Map, Results, Side
from thought.demo.sketches import MAP, WIDE, across, curve, scatter

SIDES = {
    "test": ("Unseen meanings", "Training never met what these sentences mean."),
    "test_compositional": ("New combinations", "Training met every part of them, but never these parts together."),
}
METRICS = {"accuracy": "Meaning accuracy", "bleu": "BLEU", "chrf": "chrF", "p_at_1": "P@1"}
_MEANS = {
    "accuracy": "Share of translations, in %, that are letter by letter a true wording of the right meaning.",
    "bleu": "Word sequences shared with the true wordings, 0 to 100, all of them as references.",
    "chrf": "Letter sequences shared with the true wordings, 0 to 100, all of them as references.",
    "p_at_1": "Share of sentences, in %, whose nearest sentence of the other language is their translation.",
}
_CURVE = (
    "<p><b>P@1</b>: for so many sentences in a hundred, the nearest sentence of another language is their translation. <b>BLEU</b>: "
    "word sequences shared with one reference. Both on meanings set apart from training; the results below allow all true wordings.</p>"
)
_SHOWN = 6  # translations beside the table; the others are folded away


def numbers(results: Results) -> str:
    """Write the three numbers that matter, each with what chance gives."""
    side = results.sides.get("test") or next(iter(results.sides.values()))
    shuffled = results.cheating.get("shuffled_accuracy", math.nan)
    chance = 1 / max(1, side.meanings)
    rows = (
        ("Right meaning, word for word", mean(side.accuracy.values()), shuffled, "with the thoughts dealt out wrongly",
         f"of translations are exactly one of the true wordings, in {len(side.accuracy)} directions, on meanings never trained on."),
        ("Translation found at once (P@1)", mean(side.p_at_1.values()), chance, "by chance",
         f"of sentences have their translation as nearest neighbour, among {side.meanings:,} sentences."),
        ("Paraphrases side by side (MAP)", side.paraphrase_map, side.paraphrase_chance, "by chance",
         "mean average precision: how purely the nearest sentences are other wordings of the same meaning."),
    )  # fmt: skip
    cards = [
        f'<li><h3>{escape(name)}</h3><p class="big">{_split_unit(share)}</p>{meter(share, chance=least)}'
        f'<p class="least">{escape(percent(least))} {escape(what)}</p><p>{escape(text)}</p></li>'
        for name, share, least, what, text in rows
    ]
    return f'<ul id="numbers">{"".join(cards)}</ul>'


def _split_unit(share: float) -> str:
    number, _, unit = percent(share).partition(" ")
    return f"{number}<small> {unit}</small>" if unit else number


def picture(results: Results) -> str:
    """Draw sentences of one meaning that flow into one vector and out again in every language."""
    if not results.examples:
        return ""
    example = results.examples[0]
    codes = codes_of(example.sentences, results.languages)
    sides = [
        "".join(
            f"<li>{badge(code, results.languages)} {sentence(example.sentences[code][place % len(example.sentences[code])], code)}</li>"
            for code in codes
            if example.sentences[code]
        )
        for place in (0, -1)
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
        f"<ul>{sides[1]}</ul></div>"
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
        f"step {moment.step:,} · P@1 {percent(moment.p_at_1)} · BLEU {moment.bleu:.1f}</p>"
        f"<p>{sentence('', target, marked=shared(moment.translation, results.watched['plain'], 'hit') or '…')}</p></li>"
        for moment, x in zip(results.moments, across(results.moments), strict=True)
    ]
    return (
        f'<div class="stage"><p class="label">{language_name(source)}, never trained on</p>'
        f"<p>{badge(source, results.languages)} {sentence(results.watched['source'], source)}</p>"
        f'<p class="label">what the model writes in {language_name(target)}</p><ol id="moments">{"".join(items)}</ol>'
        f'<p class="label">a true wording</p><p class="truth">{badge(target, results.languages)} '
        f"{sentence(results.watched['plain'], target)}</p></div><figure>{curve(results.moments)}<figcaption>{_CURVE}</figcaption></figure>"
    )


def tables(results: Results) -> str:
    """Write a table of all directions for each side and each score; a style sheet shows the chosen score."""
    blocks = []
    for metric, name in METRICS.items():
        scale = 100.0 if metric in ("accuracy", "p_at_1") else 1.0
        values = {
            side: {key: scale * value for key, value in getattr(scores, metric).items()}
            for side, scores in results.sides.items()
        }
        seen = [value for row in values.values() for value in row.values() if math.isfinite(value)]
        low, high = (min(seen), max(seen)) if seen else (0.0, 1.0)
        both = "".join(
            f"<div>{heat_table(row, results.languages, caption=_caption(side, row), low=low, high=high)}</div>"
            for side, row in values.items()
        )
        blocks.append(
            f'<div class="scores" data-metric="{metric}"><p class="means"><b>{name}.</b> {_MEANS[metric]}</p><div class="pair">{both}</div>'
            f'<p class="scale"><span>{low:.1f}</span><i aria-hidden="true"></i><span>{high:.1f}</span></p>{_signatures(results, metric)}</div>'
        )
    return "".join(blocks)


def _caption(side: str, row: Mapping[str, float]) -> str:
    name, what = SIDES.get(side, (side, ""))
    average = mean(row.values())
    shown = f"{average:.1f}" if math.isfinite(average) else "–"
    return f"<b>{escape(name)}</b> <strong>{shown}</strong> <small>mean. {escape(what)}</small>"


def _signatures(results: Results, metric: str) -> str:
    found = dict.fromkeys(side.signatures[metric] for side in results.sides.values() if metric in side.signatures)
    return "".join(f'<p class="signature">signature <code>{escape(text)}</code></p>' for text in found)


def ladders(results: Results) -> str:
    """Put the scores beside what needs no thought: chance, floors, and thoughts dealt out wrongly."""
    sides = {SIDES.get(name, (name, ""))[0].lower(): side for name, side in results.sides.items()}
    first = next(iter(results.sides.values()))
    floor, cheat = results.floors, results.cheating
    retrieval = [(name, mean(side.p_at_1.values()), "") for name, side in sides.items()]
    retrieval += [("spelling alone (TF-IDF)", floor.get("tfidf_p_at_1"), "floor")]
    retrieval += [("same network, untrained", floor.get("untrained_p_at_1"), "floor"), ("chance", 1 / max(1, first.meanings), "floor")]
    alike = [(name, side.paraphrase_map, "") for name, side in sides.items()]
    alike += [("spelling alone (TF-IDF)", floor.get("tfidf_map"), "floor")]
    alike += [("same network, untrained", floor.get("untrained_map"), "floor"), ("chance", first.paraphrase_chance, "floor")]
    meter_rows = [("right thought", mean(first.accuracy.values()), "")]
    meter_rows += [("another sentence's thought", cheat.get("shuffled_accuracy"), "floor")]
    meter_rows += [("no thought at all", cheat.get("blank_accuracy"), "floor")]
    tables_of = (
        ("Finding the translation: P@1", retrieval),
        ("Finding paraphrases: MAP", alike),
        ("Cheating meter: meaning accuracy", meter_rows),
    )
    written = [
        bars(caption, [(what, share, percent(share), kind) for what, share, kind in rows if share is not None])
        for caption, rows in tables_of
    ]
    bleu = cheat.get("shuffled_bleu", math.nan)
    note = (
        "<p>The decoder knows its language by heart. Does it read the thought, or only write likely sentences? Give it the "
        f"thought of another sentence: BLEU falls from {mean(first.bleu.values()):.1f} to {bleu:.1f}.</p>"
    )
    return "".join(f"<div>{table}{note if place == 2 else ''}</div>" for place, table in enumerate(written))


def mistakes(results: Results) -> str:
    """Show which slots wrong translations lost, and real ones, with the words that differ."""
    losing = "".join(f"<div>{_losses(name, side)}</div>" for name, side in results.sides.items())
    cards = [*_samples(results, is_right=False)]
    right = "".join(_samples(results, is_right=True))
    shown, rest = cards[:_SHOWN], cards[_SHOWN:]
    return (
        f'<div class="pair">{losing}</div><h3>Wrong ones, as they came out</h3><div class="samples">{"".join(shown)}</div>'
        + (fold(f"{len(rest)} more wrong ones", f'<div class="samples">{"".join(rest)}</div>') if rest else "")
        + (fold("And right ones, drawn from the same test", f'<div class="samples">{right}</div>') if right else "")
    )


def _losses(name: str, side: Side) -> str:
    title = SIDES.get(name, (name, ""))[0]
    if not side.judged:
        return f'<p class="means"><b>{escape(title)}:</b> no wrong translation was looked at.</p>'
    ordered = sorted(side.lost.items(), key=lambda item: (item[0] == "several slots", -item[1]))
    most = max([*side.lost.values(), 1])
    rows = [(_named(slot), count / most, f"{count}", "loss") for slot, count in ordered]
    return bars(f"{title}: what {side.judged:,} wrong translations lost", rows)


def _named(slot: str) -> str:
    words = slot_name(slot)
    return slot if words == slot else f"{slot} ({words})"


def _samples(results: Results, *, is_right: bool) -> Iterator[str]:
    for name, side in results.sides.items():
        for sample in side.samples:
            if (sample["lost"] == "") != is_right:
                continue
            source, target = sample["from"], sample["to"]
            said = sentence("", target, marked=told_apart(sample["output"], sample["plain"], "" if is_right else "lost"))
            meant = sentence("", target, marked=told_apart(sample["plain"], sample["output"], "" if is_right else "kept"))
            verdict = "a true wording" if is_right else f"lost: {_named(sample['lost'])}"
            yield (
                f'<article class="sample"><p class="label">{badge(source, results.languages)} → {badge(target, results.languages)} '
                f"{escape(SIDES.get(name, (name, ''))[0].lower())}</p><p>{sentence(sample['source'], source)}</p>"
                f'<p class="{"right" if is_right else "wrong"}">{said}</p><p class="meant">{meant}</p>'
                f'<p class="verdict">{escape(verdict)}</p></article>'
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
    is_joined = drawn.method != "PCA"
    return (
        f"<figure><h3>{escape(drawn.method)}, {escape(drawn.moment)} training</h3>"
        f'{scatter(drawn, results.languages, number=number, is_joined=is_joined, size=size)}<figcaption><p>{meter(drawn.trustworthiness, chance=drawn.shuffled)} '
        f"<b>Trustworthiness {drawn.trustworthiness:.3f}</b>: how far the ten nearest neighbours seen here are near in all "
        f"{results.thought_size} dimensions too. The same points dealt out at random: {drawn.shuffled:.3f}.</p>"
        f"<p>{meter(drawn.p_at_1)} <b>P@1 on the map {percent(drawn.p_at_1)}</b>: so many sentences have their translation nearest, "
        "in the plane alone.</p></figcaption></figure>"
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
        items.append(f'<li data-share="{step["share"]:.3f}"><p class="when"><b>{100 * step["share"]:.0f} %</b> of the way</p><ul>{lines}</ul></li>')
        before = {code: step[code] for code in codes}
    return (
        f'<p class="ends"><q>{escape(results.walk.start)}</q><span aria-hidden="true"></span><q>{escape(results.walk.end)}</q></p>'
        f'<ol id="steps">{"".join(items)}</ol>'
    )
