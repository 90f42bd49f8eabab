"""Thoughts and the decoder -> parts of a report: translations, the cheating meter, swap tests, the map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import permutations

import numpy as np

from thought.cheating import measure_cheating
from thought.errors import ScoringError
from thought.evaluation.parts import Cell, Part, Table, World, percent, plain, said, square
from thought.evaluation.translation import measure_translation
from thought.floors import CharacterTfidf
from thought.honesty import Trust, fitting_neighbours, fitting_perplexity, shuffled, trust
from thought.plots import curves, maps
from thought.projection import Method, Projection
from thought.scoring import Score
from thought.space import Encodes, Space
from thought.swaps import SwapReport, run_swaps

CHEATED = 2  # directions that the cheating meter is read in
_READ = 500  # sentences a direction: each is decoded and scored ten times
_DECODED = 25  # swaps a kind and pair of languages: 12 pairs of four languages take six seconds
_MANY = 30  # cases from which a kind of swap is called the hardest
_MAPPED = 250  # meanings on a map: more are a cloud


def translation(world: World) -> Part:
    """BLEU, chrF and TER of every direction."""
    found = measure_translation(
        world.translator, world.meanings, directions=world.directions, beam=world.beam, protocols=world.protocols,
        confidence=world.confidence, progress=world.tell,
    )  # fmt: skip
    protocol = found.protocols[0]
    scores = {one.name: one.scores[protocol] for one in found.directions}
    best = max(scores, key=lambda name: scores[name].bleu.value)
    mean = float(np.mean([one.bleu.value for one in scores.values()]))
    rows = tuple(
        (one.name, name, *(_with_interval(score) for score in (kind.bleu, kind.chrf, kind.ter)), one.sentences,
         "zero-shot" if one.is_zero_shot else "")
        for one in found.directions for name, kind in one.scores.items()
    )  # fmt: skip
    squares = []
    if len(found.directions) > 1:
        cells = {name: one.bleu.value for name, one in scores.items()}
        squares.append(square(f"BLEU, {protocol}", found.languages, cells))
    kinds = [kind for one in found.directions for kind in one.scores.values()]
    signatures = dict.fromkeys(f"BLEU: {kind.bleu.signature}" for kind in kinds)
    signatures |= dict.fromkeys(f"chrF: {kind.chrf.signature}" for kind in kinds)
    signatures |= dict.fromkeys(f"TER: {kind.ter.signature}" for kind in kinds)
    return Part(
        "Thoughts are written as translations",
        f"BLEU is {mean:.1f} in the mean of {len(found.directions)} directions and best in {best}, "
        f"{scores[best].bleu.value:.1f}: " + ("greedy" if world.beam == 1 else f"beam {world.beam}") + f", {protocol}.",
        found.to_dict(),
        (*squares, Table("By direction", ("direction", "protocol", "BLEU", "chrF", "TER", "sentences", ""), rows)),
        notes=(*signatures, *(f"warning: {line}" for line in found.warnings)),
    )


def cheating(world: World) -> Part:
    """Whether the decoder reads its thought, or writes likely sentences whatever it is given."""
    pairs = sorted(permutations(world.space.codes, 2), key=lambda pair: "en" not in pair)  # as most papers do
    wanted = [tuple(name.split("-")) for name in world.directions or ()]
    chosen = [pair for pair in pairs if not wanted or pair in wanted]
    chosen = [pair for pair in chosen if set(pair) == set(chosen[0])][:CHEATED]
    if not chosen:
        raise ScoringError("the cheating meter needs a direction between two languages")
    reports = {}
    for source, target in chosen:
        rows, others = (part[:_READ] for part in world.space.pair(source, target))
        texts = [world.space.texts[row] for row in rows], [world.space.texts[row] for row in others]
        report = measure_cheating(world.translator, *texts, target, seed=world.seed, progress=world.tell)
        reports[f"{source}-{target}"] = report
    table = tuple(
        (name, one.name, one.bleu, one.bits_per_token) for name, report in reports.items() for one in report.conditions
    )
    first = next(iter(reports.values()))
    bleu = {one.name: one.bleu for one in first.conditions}
    bits = {one.name: one.bits_per_token for one in first.conditions}
    noise = {one.noise: one.bleu for one in first.conditions if one.noise is not None}
    return Part(
        "The decoder reads the thought",
        " ".join(f"{name}: {report.verdict}" for name, report in reports.items()),
        plain(reports),
        (Table("What comes out if the decoder is given", ("direction", "thought", "BLEU", "bits a token"), table, 2),),
        {"cheating": lambda theme: curves.cheating_meter(bleu, bits, noise, theme=theme)},
        (
            first.signature,
            f"seed {first.seed}; the first {first.sentences:,} sentences; noise in standard deviations of the thoughts",
        ),
    )  # fmt: skip


def swaps(world: World) -> Part:
    """Whether a sentence is nearer to its translation than its near-miss is."""
    report = run_swaps(world.translator, world.space, most_decoded=_DECODED)
    floors = {name: {(one.kind, one.language): one.nearer for one in found.rows} for name, found in _swap_floors(world)}
    rows = tuple(
        (one.kind, one.language, one.count, percent(one.nearer),
         *(percent(cells.get((one.kind, one.language))) for cells in floors.values()),
         percent(one.xsim), percent(one.xsim_hard), percent(one.kept), one.decoded) for one in report.rows
    )  # fmt: skip
    counts = np.array([one.count for one in report.rows], dtype=float)
    mean = float((counts * [one.nearer for one in report.rows]).sum() / counts.sum())
    many = [one for one in report.rows if one.count >= _MANY] or list(report.rows)
    worst = min(many, key=lambda one: one.nearer)
    columns = ("kind", "language", "cases", "nearer, %", *floors, "xsim, %", "xsim++, %", "kept, decoded, %", "of")
    return Part(
        "Near-misses are told apart",
        f"One word changed, so that a sentence says something else: in {said(mean)} of {int(counts.sum()):,} cases the "
        f"true sentence stays nearer to its translation (chance 50 %); hardest is {worst.kind} in {worst.language}, "
        f"{said(worst.nearer)}.",
        {
            **plain(report),
            "floors": plain(
                {name: dict(zip(map("-".join, cells), cells.values(), strict=True)) for name, cells in floors.items()}
            ),
        },
        (Table("Swap tests; floors: their nearer, %", columns, rows),),
        notes=(
            "xsim++: the same retrieval with the swaps among the candidates (Chen et al. 2023)",
            f"decoded: at most {_DECODED} cases a kind and pair of languages",
        ),
    )


def mapped(world: World) -> Part:
    """The map, with all that says how far to believe it."""
    space = _some(world.space)
    control = shuffled(space, world.seed)
    methods: tuple[Method, ...] = ("pca", "tsne")
    reach = fitting_perplexity(len(space))
    fitted = {one: Projection(one, seed=world.seed, perplexity=reach).fit(space.thoughts) for one in methods}
    trusts: dict[str, Trust] = {}
    for number, (method, projection) in enumerate(fitted.items()):
        trusts[method] = trust(projection, space, k=fitting_neighbours(len(space)))
        world.tell(f"map, {method}", number + 1, len(fitted))
    names = ("trustworthiness", "continuity", "overlap", "p_at_1_map", "p_at_1")
    rows = tuple((method, *(getattr(one, name) for name in names)) for method, one in trusts.items())
    columns = ("map", "trustworthiness", "continuity", "10-NN overlap", "P@1 on the map", "P@1 in full")
    return Part(
        "The map and how far to believe it",
        f"On the t-SNE map {said(trusts['tsne'].p_at_1_map, 0)} of sentences have their translation as the nearest of "
        f"its language, in the space itself {said(trusts['tsne'].p_at_1, 0)}; of the ten nearest neighbours "
        f"{said(trusts['tsne'].overlap, 0)} stay neighbours.",
        plain(trusts),
        (Table("How far to believe the maps", columns, rows, 3),),
        {
            method: partial(maps.map_with_control, projection.points, space, control, caption=trusts[method].caption())
            for method, projection in fitted.items()
        },
        (f"the first {len(np.unique(space.meanings))} meanings, {len(space):,} sentences; seed {world.seed}",),
    )


PARTS: Mapping[str, Callable[[World], Part]] = {
    "translation": translation,
    "cheating": cheating,
    "swaps": swaps,
    "map": mapped,
}


def _swap_floors(world: World) -> list[tuple[str, SwapReport]]:
    """The same swaps for encoders that know nothing: a word put in is no coin tossed, and chance is not 50 % there."""
    encoders: dict[str, Encodes] = {"character TF-IDF": CharacterTfidf(world.space.texts)}
    if world.untrained is not None:
        encoders["untrained encoder"] = world.untrained
    shared = {name: encoder for name, encoder in encoders.items() if name in world.floors}
    return [(name, run_swaps(encoder, world.floors[name], most_decoded=0)) for name, encoder in shared.items()]


def _with_interval(score: Score) -> Cell:
    if score.low is None or score.high is None:
        return score.value
    return f"{score.value:.1f} [{score.low:.1f}, {score.high:.1f}]"


def _some(space: Space) -> Space:
    chosen = list(dict.fromkeys(space.meanings.tolist()))[:_MAPPED]
    return space.select(np.flatnonzero(np.isin(space.meanings, chosen)))
