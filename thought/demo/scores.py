"""Scores of the demo -> tables, bars and real mistakes, beside what chance and floors give."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from thought.demo.parts import (
    badge,
    bars,
    decimal,
    escape,
    fold,
    heat_table,
    mean,
    percent,
    score,
    sentence,
    slot_name,
    told_apart,
)
from thought.demo.results import Results, Side

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
_NOTE = """<p>The decoder knows its language by heart. Does it read the thought, or only write likely sentences? Give it
the thought of another sentence: BLEU, {right} with the right one, becomes {wrong}.</p>"""
_SHOWN = 6  # wrong translations that are seen at once; the others are folded away


def title_of(side: str) -> str:
    """Return the title of a side, its own name if it has none."""
    return SIDES.get(side, (side, ""))[0]


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
            f'<div class="scores" data-metric="{metric}"><p class="means"><b>{name}.</b> {_MEANS[metric]}</p>'
            f'<div class="pair">{both}</div><p class="scale"><span>{low:.1f}</span><i aria-hidden="true"></i>'
            f"<span>{high:.1f}</span></p>{_signatures(results, metric)}</div>"
        )
    return "".join(blocks)


def _caption(side: str, row: Mapping[str, float]) -> str:
    name, what = SIDES.get(side, (side, ""))
    average = mean(row.values())
    return f"<b>{escape(name)}</b> <strong>{score(average)}</strong> <small>mean. {escape(what)}</small>"


def _signatures(results: Results, metric: str) -> str:
    found = dict.fromkeys(side.signatures[metric] for side in results.sides.values() if metric in side.signatures)
    return "".join(f'<p class="signature">signature <code>{escape(text)}</code></p>' for text in found)


def ladders(results: Results) -> str:
    """Put the scores beside what needs no thought: chance, floors, and thoughts dealt out wrongly."""
    first = next(iter(results.sides.values()))
    names = [title_of(name).lower() for name in results.sides]
    sides = list(results.sides.values())
    floor, cheating = results.floors, results.cheating
    retrieval = _rows(names, [mean(side.p_at_1.values()) for side in sides])
    retrieval += _floors(floor.get("tfidf_p_at_1"), floor.get("untrained_p_at_1"), 1 / max(1, first.meanings))
    alike = _rows(names, [side.paraphrase_map for side in sides])
    alike += _floors(floor.get("tfidf_map"), floor.get("untrained_map"), first.paraphrase_chance)
    said = _rows(["right thought"], [mean(first.accuracy.values())])
    wrong = (cheating.get("shuffled_accuracy"), cheating.get("blank_accuracy"))
    said += _rows(["another sentence's thought", "no thought at all"], wrong, "floor")
    note = _NOTE.format(right=score(mean(first.bleu.values())), wrong=score(cheating.get("shuffled_bleu", math.nan)))
    blocks = (
        bars("Finding the translation: P@1", [(what, share, percent(share), kind) for what, share, kind in retrieval]),
        bars("Finding paraphrases: MAP", [(what, share, decimal(share), kind) for what, share, kind in alike]),
        bars("Cheating meter: meaning accuracy", [(what, share, percent(share), kind) for what, share, kind in said])
        + note,
    )
    return "".join(f"<div>{block}</div>" for block in blocks)


def _rows(names: Sequence[str], shares: Sequence[float | None], kind: str = "") -> list[tuple[str, float, str]]:
    """Return rows of bars, without those that were not measured."""
    return [(name, share, kind) for name, share in zip(names, shares, strict=True) if share is not None]


def _floors(spelling: float | None, untrained: float | None, chance: float) -> list[tuple[str, float, str]]:
    names = ("spelling alone (TF-IDF)", "same network, untrained", "chance")
    return _rows(names, (spelling, untrained, chance), "floor")


def mistakes(results: Results) -> str:
    """Show which slots wrong translations lost, and real ones, with the words that differ."""
    losing = "".join(f"<div>{_losses(name, side)}</div>" for name, side in results.sides.items())
    wrong = [*_samples(results, is_right=False)]
    right = [*_samples(results, is_right=True)]
    parts = [f'<div class="pair">{losing}</div>']
    if wrong:
        parts.append(f"<h3>Wrong ones, as they came out</h3>{_cards(wrong[:_SHOWN])}")
    if wrong[_SHOWN:]:
        parts.append(fold(f"{len(wrong) - _SHOWN} more wrong ones", _cards(wrong[_SHOWN:])))
    if right:
        parts.append(fold("And right ones, from the same test", _cards(right)))
    return "".join(parts)


def _cards(samples: Sequence[str]) -> str:
    return f'<div class="samples">{"".join(samples)}</div>'


def _losses(name: str, side: Side) -> str:
    title = title_of(name)
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
    """Yield the translations of all sides that are right, or those that are wrong."""
    for name, side in results.sides.items():
        for sample in side.samples:
            if _is_right(sample) == is_right:
                yield _sample(sample, title_of(name).lower(), results.languages)


def _is_right(sample: Mapping[str, str]) -> bool:
    return bool(sample["is_right"]) if "is_right" in sample else not sample.get("lost")


def _sample(sample: Mapping[str, str], side: str, languages: Sequence[str]) -> str:
    """Write a translation beside a true wording; if it is wrong, the words that differ are marked."""
    source, target = sample["from"], sample["to"]
    said, meant = sample["output"], sample["plain"]
    lines = {"right": sentence(said, target), "meant": sentence(meant, target)}
    verdict = "a true wording"
    if not _is_right(sample):
        lines = {
            "wrong": sentence("", target, marked=told_apart(said, meant, "lost") or "(nothing)"),
            "meant": sentence("", target, marked=told_apart(meant, said, "kept")),
        }
        verdict = f"lost: {_named(sample['lost'])}" if sample.get("lost") else ""
    written = "".join(f'<p class="{kind}">{line}</p>' for kind, line in lines.items())
    return (
        f'<article class="sample"><p class="label">{badge(source, languages)} → {badge(target, languages)} '
        f"{escape(side)}</p><p>{sentence(sample['source'], source)}</p>{written}"
        f'<p class="verdict">{escape(verdict)}</p></article>'
    )
