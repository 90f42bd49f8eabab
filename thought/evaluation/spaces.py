"""Thoughts alone -> parts of a report: whether translations and paraphrases lie together, what else thoughts hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations, permutations
from typing import Any

import numpy as np

from thought.errors import ScoringError
from thought.evaluation.parts import Cell, Part, Table, World, percent, plain, said, square
from thought.geometry.calibration import calibrate, random_pairs
from thought.geometry.clusters import alignment, kmeans_ari, purity, silhouette
from thought.geometry.cosine import cosines
from thought.geometry.language import centre, language_share, probe_language
from thought.geometry.paraphrases import ParaphraseRetrieval, retrieve_paraphrases
from thought.geometry.probes import Probe, probe
from thought.geometry.retrieval import Retrieval, retrieval_accuracy, retrieve
from thought.geometry.spread import effective_dimension, intrinsic_dimension, spectrum, uniformity
from thought.lexicon import ALWAYS, labels
from thought.plots import curves, distances
from thought.space import Space

MODEL = "thoughts"  # of the run, beside the floors
_ALWAYS = ("length", *ALWAYS)
_PAIRS = 20_000  # random pairs of sentences, for the distribution of cosines
_WORDS = 12  # words that are probed for, the commonest: each takes a second
_LARGEST_CLUSTERING = 2_000  # sentences that k-means is asked to sort


def retrieval(world: World) -> Part:
    """Translation retrieval between every two languages, beside the floors."""
    pairs = list(permutations(world.space.codes, 2))
    if not pairs:
        raise ScoringError(f"translations need two languages, got {', '.join(world.space.codes)}")
    found: dict[str, Retrieval] = {}
    floors: dict[str, dict[str, float]] = {name: {} for name in world.floors}
    for number, (source, target) in enumerate(pairs):
        rows, others = _paired(world.space, source, target)
        found[f"{source}-{target}"] = retrieve(world.space.thoughts[rows], world.space.thoughts[others])
        for name, floor in world.floors.items():
            floors[name][f"{source}-{target}"] = retrieval_accuracy(floor.thoughts[rows], floor.thoughts[others])
        world.tell(f"retrieval {source}-{target}", number + 1, len(pairs))
    count = min(len(_paired(world.space, *pair)[0]) for pair in pairs)
    mean = float(np.mean([one.p_at_1 for one in found.values()]))
    best = {name: float(np.mean(list(cells.values()))) for name, cells in floors.items()}
    beside = ", ".join(f"{name} {said(value)}" for name, value in best.items())
    rows_ = tuple(
        (name, percent(one.p_at_1), percent(one.mean_reciprocal_rank), percent(one.xsim), percent(one.xsim_margin),
         *(percent(cells[name]) for cells in floors.values()))
        for name, one in found.items()
    )  # fmt: skip
    columns = ("direction", "P@1, %", "MRR, %", "xsim error, %", "xsim error, margin, %")
    return Part(
        "Translations find each other",
        f"Among {count:,} sentences of another language the nearest thought is the translation in {said(mean)} "
        f"of cases (mean of {len(found)} directions; chance {100 / count:.2g} %; {beside}).",
        {"pairs": plain(found), "floors": plain(floors), "mean_p_at_1": mean, "chance": 1 / count},
        (
            square("P@1, %", world.space.codes, {name: percent(one.p_at_1) for name, one in found.items()}),
            Table("By direction, floors at the right: P@1, %", (*columns, *floors), rows_),
        ),
        {"retrieval": lambda theme: curves.retrieval_floors(_shown(found, floors), theme=theme)},
        ("xsim: Artetxe & Schwenk 2019, cosine and ratio margin with k = 4; ties by lot",),
    )


def paraphrases(world: World) -> Part:
    """Paraphrase retrieval over groups of wordings, within and across languages, beside the floors."""
    wordings = world.wordings
    if wordings is None:
        raise ScoringError("no meaning has two wordings in one language; name a corpus that has, with --paraphrases")
    named = {MODEL: wordings, **world.wordings_floors}
    found: dict[str, dict[str, ParaphraseRetrieval]] = {}
    for number, (name, space) in enumerate(named.items()):
        found[name] = _paraphrases_of(space)
        world.tell(f"paraphrases, {name}", number + 1, len(named))
    own = found[MODEL]
    table = tuple(
        (what, name, one.map_at_r, percent(one.p_at_1), one.chance_map, one.queries)
        for what in own
        for name, one in ((name, parts[what]) for name, parts in found.items() if what in parts)
    )
    together = own.get("all") or next(iter(own.values()))
    return Part(
        "Paraphrases find each other",
        f"The other wordings of a sentence stand at the top of its neighbours with MAP@R {together.map_at_r:.3f} "
        f"(chance {together.chance_map:.4f}); the nearest of all is one of them in {said(together.p_at_1)}.",
        {"retrieval": plain(found)},
        (Table("MAP@R and P@1", ("among", "vectors", "MAP@R", "P@1, %", "chance MAP", "queries"), table, 3),),
        notes=("MAP@R: Musgrave et al. 2020; ties by lot",),
    )


def clusters(world: World) -> Part:
    """Whether the sentences of a meaning form a cluster, and how thoughts fill their space."""
    space = world.space
    measured: dict[str, dict[str, float]] = {}
    for number, (name, one) in enumerate({MODEL: space, **world.floors}.items()):
        measured[name] = _cluster_values(one)
        world.tell(f"clusters, {name}", number + 1, len(world.floors) + 1)
    shares = spectrum(space.thoughts)  # (min(N, Z),)
    halves = {f"{share:.0%}": int(np.searchsorted(np.cumsum(shares), share - 1e-9) + 1) for share in (0.5, 0.9, 0.99)}
    own = measured[MODEL]
    # of one language: among all, the nearest of a thought are its translations, and the dimension is theirs
    values = {
        "by_vectors": measured, "intrinsic_dimension": intrinsic_dimension(space.thoughts[space.rows(space.codes[0])]),
        "effective_dimension": effective_dimension(shares), "components_for_share_of_variance": halves,
        "spectrum": shares[:256].tolist(),
    }  # fmt: skip
    rows: tuple[tuple[Cell, ...], ...] = tuple((name, *row.values()) for name, row in measured.items())
    return Part(
        "Meanings form clusters",
        f"{said(own['purity'])} of sentences lie nearest to the centre of their own meaning; the silhouette of "
        f"meanings is {own['silhouette']:.2f} (1 apart, 0 mixed). Thoughts of {space.thoughts.shape[1]:,} numbers "
        f"spread over about {values['intrinsic_dimension']:.0f} dimensions locally, and {halves['90%']} components "
        "hold 90 % of their variance.",
        values,
        (Table("Clusters of meaning", ("vectors", *own), rows, 3),),
        {"spectrum": lambda theme: distances.spectrum(shares, theme=theme)},
        (
            "alignment and uniformity: Wang & Isola 2020, lower is better; dimension: Facco et al. 2017 (two-NN)",
            f"k-means sorts the first {min(_LARGEST_CLUSTERING, len(space)):,} sentences",
        ),
    )  # fmt: skip


def language(world: World) -> Part:
    """How much of a thought is the language it was said in, before and after taking out the language means."""
    space = world.space
    codes, meanings = np.array(space.languages), space.meanings
    share = language_share(space.thoughts, codes, meanings)
    before = probe_language(space.thoughts, codes, meanings, seed=world.seed)
    after = probe_language(space.thoughts, codes, meanings, seed=world.seed, centred=True)
    centred = space.with_thoughts(centre(space.thoughts, codes))
    found = {"before": _mean_retrieval(space), "after": _mean_retrieval(centred)}
    rows: tuple[tuple[Cell, ...], ...] = (
        ("as they are", percent(before.score), percent(before.control), percent(found["before"])),
        ("language means taken out", percent(after.score), percent(after.control), percent(found["after"])),
    )
    return Part(
        "Meaning or language",
        f"Language makes {said(share.language)} of the variance of thoughts, meaning {said(share.meaning)} "
        f"(chance {percent(share.chance_language):.1f} and {said(share.chance_meaning)}). A linear probe still names "
        f"the language in {said(before.score)} of cases (chance {said(before.chance, 0)}), "
        f"and in {said(after.score)} once the language means are taken out.",
        {"variance": plain(share), "probe": plain({"before": before, "after": after}), "p_at_1": found},
        (Table("Language probe", ("thoughts", "accuracy, %", "shuffled labels, %", "P@1, %"), rows),),
    )  # fmt: skip


def probes(world: World) -> Part:
    """What a linear probe reads off a thought, against labels shuffled among meanings."""
    space = world.space
    found: dict[str, Probe] = {}
    skipped: dict[str, str] = {}
    kinds = _commonest(labels(space.texts, space.languages))
    for number, (name, values) in enumerate(kinds.items()):
        try:
            found[name] = probe(space.thoughts, values, groups=space.meanings, seed=world.seed)
        except ScoringError as error:
            skipped[name] = str(error)
        world.tell(f"probe, {name}", number + 1, len(kinds))
    if not found:
        raise ScoringError(f"nothing to probe: {'; '.join(skipped.values())}")
    table = tuple((name, one.measure, one.score, one.control, one.chance, one.count) for name, one in found.items())
    yes = sorted((name for name, one in found.items() if one.score > max(one.controls, default=one.chance) + 0.1))
    return Part(
        "What a thought knows",
        f"A linear probe reads {', '.join(yes) or 'nothing'} off a thought better than off shuffled labels, by more "
        f"than 0.1; {len(found) - len(yes)} of {len(found)} labels it does not.",
        {"probes": plain(found), "skipped": skipped},
        (Table("Probes", ("label", "measure", "score", "shuffled", "chance", "sentences"), table, 3),),
        notes=(f"linear, five folds by meaning (Hewitt & Liang 2019 for the control); the {_WORDS} commonest words",
               *(f"{name}: {why}" for name, why in skipped.items())),
    )  # fmt: skip


def calibration(world: World) -> Part:
    """Which cosine means the same: true pairs, paraphrases and random pairs."""
    space = world.space
    pairs = [_paired(space, *pair) for pair in combinations(space.codes, 2)]
    if not pairs:
        raise ScoringError(f"translations need two languages, got {', '.join(space.codes)}")
    rows, others = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    same = cosines(space.thoughts[rows], space.thoughts[others])
    first, second = random_pairs(space.meanings, _PAIRS, world.seed)
    different = cosines(space.thoughts[first], space.thoughts[second])
    found = calibrate(same, different, seed=world.seed)
    values: dict[str, Any] = {"translations": plain(found)}
    loose = _paraphrase_cosines(world) if world.wordings is not None else None
    kinds = {"translations": found}
    if loose is not None:
        kinds["paraphrases"] = calibrate(loose, different, seed=world.seed)
        values["paraphrases"] = plain(kinds["paraphrases"])
    table = tuple(
        (name, one.auc, one.threshold, one.held_out_precision, one.held_out_recall, one.same_quantiles[2],
         one.different_quantiles[2]) for name, one in kinds.items()
    )  # fmt: skip
    columns = ("pairs", "ROC AUC", "threshold", "precision", "recall", "median, same", "median, random")
    return Part(
        "Which cosine means the same",
        f"Call two sentences translations from a cosine of {found.threshold:.2f} on: then "
        f"{said(found.held_out_precision)} of those called so are, and {said(found.held_out_recall)} are found, where "
        "half of the pairs are. "
        f"A random pair has {found.different_quantiles[2]:.2f} in the middle.",
        values,
        (Table("Calibration; precision and recall on the half that did not choose the threshold", columns, table, 3),),
        {"cosines": lambda theme: distances.distance_distributions(
            same, different, paraphrases=loose, threshold=found.threshold, auc=found.auc, theme=theme)},
    )  # fmt: skip


PARTS: Mapping[str, Callable[[World], Part]] = {
    "retrieval": retrieval,
    "paraphrases": paraphrases,
    "clusters": clusters,
    "language": language,
    "probes": probes,
    "calibration": calibration,
}


def _commonest(kinds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Length, number, negation and question, and the words that are in the most sentences."""
    words = sorted((name for name in kinds if name not in _ALWAYS), key=lambda name: -int(kinds[name].sum()))
    return {name: values for name, values in kinds.items() if name in _ALWAYS or name in words[:_WORDS]}


def _paired(space: Space, source: str, target: str) -> tuple[np.ndarray, np.ndarray]:
    rows, others = space.pair(source, target)
    if not len(rows):
        raise ScoringError(f"no meaning has a sentence in both {source} and {target}")
    return rows, others


def _mean_retrieval(space: Space) -> float:
    found = []
    for pair in permutations(space.codes, 2):
        rows, others = _paired(space, *pair)
        found.append(retrieval_accuracy(space.thoughts[rows], space.thoughts[others]))
    return float(np.mean(found))


def _shown(found: Mapping[str, Retrieval], floors: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {
        MODEL: {name: one.p_at_1 for name, one in found.items()},
        **{name: dict(row) for name, row in floors.items()},
    }


def _paraphrases_of(space: Space) -> dict[str, ParaphraseRetrieval]:
    """Retrieval within each language that has several wordings, from one into another, and among all."""
    found: dict[str, ParaphraseRetrieval] = {}
    for code in space.codes:
        rows = space.rows(code)
        if len(np.unique(space.meanings[rows])) < len(rows):
            found[code] = retrieve_paraphrases(space.thoughts[rows], space.meanings[rows])
    for source, target in permutations(space.codes, 2):
        rows, others = space.rows(source), space.rows(target)
        found[f"{source} in {target}"] = retrieve_paraphrases(
            space.thoughts[rows], space.meanings[rows],
            targets=space.thoughts[others], target_groups=space.meanings[others],
        )  # fmt: skip
    found["all"] = retrieve_paraphrases(space.thoughts, space.meanings)
    return found


def _cluster_values(space: Space) -> dict[str, float]:
    thoughts, groups = space.thoughts, space.meanings
    few = slice(0, _LARGEST_CLUSTERING)
    pairs = [_paired(space, *pair) for pair in combinations(space.codes, 2)]
    return {
        "silhouette": silhouette(thoughts, groups),
        "purity": purity(thoughts, groups),
        "k-means ARI": kmeans_ari(thoughts[few], groups[few]),
        "alignment": float(np.mean([alignment(thoughts[rows], thoughts[others]) for rows, others in pairs])),
        "uniformity": uniformity(thoughts),
    }


def _paraphrase_cosines(world: World) -> np.ndarray:
    """Cosines of wordings of one meaning in one language: the first with each other, (A,)."""
    space = world.wordings
    if space is None:
        return np.zeros(0)
    first: dict[tuple[int, str], int] = {}
    rows, others = [], []
    for row, key in enumerate(zip(space.meanings.tolist(), space.languages, strict=True)):
        if key in first:
            rows.append(first[key])
            others.append(row)
        else:
            first[key] = row
    return cosines(space.thoughts[rows], space.thoughts[others])
