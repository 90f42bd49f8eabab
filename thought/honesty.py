"""A map of a space -> how far to believe it: the figures its caption owes to whoever looks at it, and a control."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from thought.errors import ScoringError
from thought.geometry.cosine import check_rows
from thought.geometry.distortion import measure_distortion
from thought.geometry.retrieval import retrieval_accuracy
from thought.projection import NAMES, Method, Projection
from thought.space import Space

CELLS = 1 << 21  # squared distances at once: 16 MB
SAME = 1e-12  # squared distances closer than this, as a share of the map's largest, are equal up to rounding


@dataclass(frozen=True)
class Trust:
    """How a map was made, and how much of the space it shows."""

    method: Method
    dimensions: int
    seed: int
    perplexity: float  # of t-SNE and openTSNE, as used
    neighbours: int  # of UMAP, as used
    explained: tuple[float, ...]  # 0 to 1, share of the variance along each axis; empty unless PCA
    count: int  # sentences
    k: int  # neighbours of the next five
    trustworthiness: float  # 0 to 1; low: neighbours on the map that are none in the space
    continuity: float  # 0 to 1; low: neighbours in the space that the map tears apart
    chance: float  # of the two, for a random map: about 1/2
    overlap: float  # 0 to 1, mean share of the k nearest that stay
    chance_overlap: float  # k / (N - 1)
    p_at_1_map: float  # 0 to 1, mean over ordered pairs of languages, by Euclidean distance on the map
    p_at_1: float  # the same by the cosine in the space; all three are NaN where no two languages share a meaning
    chance_p_at_1: float  # mean of 1 / meanings shared

    def caption(self) -> str:
        """Say all this in two lines, to stand under the map."""
        made = f"{NAMES[self.method]}, {self.dimensions}-D, seed {self.seed}"
        if self.method == "umap":
            made += f", {self.neighbours} neighbours"
        elif self.method != "pca":
            made += f", perplexity {self.perplexity:.3g}"
        made += f", {self.count:,} sentences"
        if self.explained:
            parts = " + ".join(f"{100 * share:.1f}" for share in self.explained)
            made += f"; {100 * sum(self.explained):.1f} % of the variance ({parts})"
        if not np.isnan(self.p_at_1):
            found = f"{100 * self.p_at_1_map:.1f} % on the map, {100 * self.p_at_1:.1f} % in full"
            made += f"; P@1 {found} (chance {100 * self.chance_p_at_1:.2g} %)"
        kept = f"{100 * self.overlap:.1f} % (chance {100 * self.chance_overlap:.2g} %)"
        measured = f"trustworthiness {self.trustworthiness:.3f}, continuity {self.continuity:.3f}"
        return f"{made}\n{measured} (chance {self.chance:.2f}), {self.k}-NN overlap {kept}"


def fitting_perplexity(count: int) -> float:
    """Perplexity for so many sentences: 30, the usual one, or the largest that t-SNE can reach."""
    return max(1.0, min(30.0, (count - 1) / 3))


def fitting_neighbours(count: int) -> int:
    """Neighbours to ask about on a map of so many sentences: 10, or as many as the measures allow."""
    return max(1, min(10, (count - 1) // 2))


def trust(projection: Projection, space: Space, *, points: np.ndarray | None = None, k: int = 10) -> Trust:
    """Measure how far a map can be believed.

    Neighbours are by the cosine in the space and by Euclidean distance on the map (`geometry.distortion`). P@1 is the
    share of sentences whose translation is the nearest sentence of its language, the mean over all ordered pairs of
    languages; what it loses on the map is what the map cannot show.

    Parameters
    ----------
    projection : Projection
        Fitted.
    space : Space
        Of the thoughts fitted.
    points : ndarray of shape (N, D), optional
        Points of another space's thoughts, from `transform`; the default is those of the fit.
    k : int
        Neighbours; where that is not below N / 2 the largest such number, with a warning.

    Returns
    -------
    Trust
        With the level of chance, a random map, beside each figure.

    Raises
    ------
    ScoringError
        If the map is not fitted, or to other thoughts; there are fewer than 3 sentences; or a value is not finite.

    Warns
    -----
    UserWarning
        If k is lowered, or no two languages share a meaning, as in a space of one language: P@1 is NaN then.

    Examples
    --------
    >>> thoughts = np.random.default_rng(1).normal(size=(30, 4))
    >>> space = Space(("a sentence",) * 30, ("en", "de") * 15, np.arange(30) // 2, thoughts)
    >>> found = trust(Projection("pca").fit(thoughts), space, k=5)
    >>> round(found.trustworthiness, 2), round(found.chance, 2)
    (0.85, 0.53)
    """
    check_rows(space.thoughts, least=3)
    if points is None:
        points = projection.points
        if not projection.is_of(space.thoughts):
            raise ScoringError(
                "the map was fitted to other thoughts; of new ones, give points=projection.transform(thoughts)"
            )
    if points.shape != (len(space), projection.dimensions):
        raise ScoringError(f"expected one point for each of {len(space)} sentences, got {points.shape}")
    most = (len(space) - 1) // 2
    if k > most:
        warnings.warn(f"{k} neighbours are too many for {len(space)} sentences: k is {most}", stacklevel=2)
    found = measure_distortion(space.thoughts, points, min(k, most))
    pairs = list(_pairs(space))
    if not pairs:
        warnings.warn("no two languages share a meaning: there is no P@1", stacklevel=2)
    explained = () if projection.explained is None else tuple(projection.explained.tolist())
    return Trust(
        projection.method,
        projection.dimensions,
        projection.seed,
        projection.perplexity,
        projection.neighbours,
        explained,
        len(space),
        found.k,
        found.trustworthiness,
        found.continuity,
        found.chance,
        found.overlap,
        found.chance_overlap,
        _mean_over(pairs, points, accuracy_on_map),
        _mean_over(pairs, space.thoughts, retrieval_accuracy),
        float(np.mean([1 / len(source) for source, _ in pairs])) if pairs else float("nan"),
    )


def accuracy_on_map(queries: np.ndarray, targets: np.ndarray) -> float:
    """Share of points whose nearest target, by Euclidean distance, is their own: P@1 as a reader of the map sees it.

    Ties are broken by lot, as in `retrieval_accuracy`: where m targets are equally near, a query counts 1/m.

    Parameters
    ----------
    queries, targets : ndarray of shape (N, D)
        Finite; row i of one belongs to row i of the other. Neither is changed.

    Returns
    -------
    float in [0, 1]
        Chance is 1/N.
    """
    both = np.concatenate([queries, targets]).astype(np.float64)
    tie = SAME * float(np.square(np.ptp(both, axis=0)).sum())
    hits = 0.0
    step = max(1, CELLS // len(targets))
    for start in range(0, len(queries), step):
        block = queries[start : start + step]
        # by differences, one axis at a time: the same place has distance 0 to the last bit
        squares = sum(np.square(block[:, None, axis] - targets[None, :, axis]) for axis in range(block.shape[1]))
        own = np.asarray(squares)[np.arange(len(block)), start + np.arange(len(block))][:, None]
        is_first = ~(squares < own - tie).any(axis=1)
        hits += float((is_first / (np.abs(squares - own) <= tie).sum(axis=1)).sum())
    return hits / len(queries)


def shuffled(space: Space, seed: int) -> Space:
    """The same sentences and thoughts, but with meanings dealt out anew within each language: the control beside a map.

    A map that joins translations by lines looks tidy to whoever wants it to. Beside it belongs the same map with the
    same points and as many lines, which join what does not belong together. Its P@1 is chance.

    Parameters
    ----------
    space : Space
        Not changed.
    seed : int

    Returns
    -------
    Space
        Every language has the meanings it had, as often as it had them.
    """
    rng = np.random.default_rng(seed)
    meanings = space.meanings.copy()
    for code in space.codes:
        rows = space.rows(code)
        meanings[rows] = rng.permutation(meanings[rows])
    return Space(space.texts, space.languages, meanings, space.thoughts)


def _pairs(space: Space) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows that say the same, for all ordered pairs of languages that share a meaning."""
    for source, target in permutations(space.codes, 2):
        rows = space.pair(source, target)
        if len(rows[0]):
            yield rows


def _mean_over(
    pairs: list[tuple[np.ndarray, np.ndarray]], values: np.ndarray, measure: Callable[[np.ndarray, np.ndarray], float]
) -> float:
    scores = [measure(values[source], values[target]) for source, target in pairs]
    return float(np.mean(scores)) if scores else float("nan")
