"""Thoughts -> points: principal components, t-SNE, UMAP, openTSNE; and what it takes to place one more or compare two.

The neighbour methods see unit vectors, on which the Euclidean distance orders pairs as the cosine does
(d^2 = 2 - 2 cos): the same neighbours as the measures of `geometry`, and principal components and search trees,
which know no cosine, still apply.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from thought.errors import ScoringError, ThoughtError
from thought.geometry.cosine import check_rows, unit

COMPONENTS = 50  # kept before a neighbour method, as in scikit-learn's advice: less noise, less time
NOTHING = 1e-12  # share of the variance below which a direction is rounding
FEWEST = (
    5  # sentences that a neighbour method can lay out: with fewer the perplexity, at most (N - 1) / 3, is 1 or less
)
START = 1e-4  # standard deviation of the start of t-SNE, in units of the map
NEIGHBOURS = 3  # that place a new point; on held-out sentences 5, 10 and 25 keep fewer of its neighbours
SHARPNESS = 4  # power of their weights; 2, and inverse distances without a bound, keep fewer


@dataclass(frozen=True, eq=False)
class Components:
    """Directions in which thoughts differ most, the strongest first."""

    mean: np.ndarray  # (Z,), float64
    axes: np.ndarray  # (D, Z), orthonormal rows; of zeros where thoughts differ in fewer directions
    shares: np.ndarray  # (D,), 0 to 1, of the variance

    @property
    def rank(self) -> int:
        """Number of directions that are more than rounding."""
        return int(np.count_nonzero(self.shares))


@dataclass(frozen=True, eq=False)
class Alignment:
    """A rotation or reflection, a scale and a shift: points -> scale * points @ rotation + shift."""

    rotation: np.ndarray  # (D, D), orthogonal
    scale: float  # above 0; 1 unless asked for
    shift: np.ndarray  # (D,)
    residual: float  # squared distance left over, as a share of the reference's spread; 0 is a perfect fit

    def apply(self, points: np.ndarray) -> np.ndarray:
        """Move these, or other points of the same map, (M, D): the input is not changed."""
        moved: np.ndarray = self.scale * (np.asarray(points, dtype=np.float64) @ self.rotation) + self.shift
        return moved


def principal_components(thoughts: np.ndarray, dimensions: int) -> Components:
    """Directions of largest variance (Pearson 1901), each turned so that its largest number is positive.

    Parameters
    ----------
    thoughts : ndarray of shape (N, Z)
        Finite. Not changed.
    dimensions : int
        D, at least 1. Where thoughts differ in fewer directions, the rest are zeros.

    Returns
    -------
    Components
        The share of D random directions is about D / Z.

    Examples
    --------
    >>> principal_components(np.array([[0.0, 0.0], [0.0, 4.0]]), 1).axes.round(6).tolist()
    [[0.0, 1.0]]
    """
    mean = thoughts.mean(axis=0, dtype=np.float64)
    centred = thoughts - mean  # (N, Z)
    if len(centred) > centred.shape[1]:
        variances, vectors = np.linalg.eigh(centred.T @ centred)  # ascending; four times as fast as the next line
        found, strengths = vectors.T[::-1], np.maximum(variances[::-1], 0)
    else:
        _, singular, found = np.linalg.svd(centred, full_matrices=False)
        strengths = singular**2
    # the first of those equally large up to rounding, or noise would choose the sign
    lengths = np.abs(found)
    largest = np.argmax(lengths >= lengths.max(axis=1, keepdims=True) - 1e-6, axis=1)
    signs = np.where(found[np.arange(len(found)), largest] < 0, -1, 1)
    spread = np.einsum("nz,nz->", centred, centred)
    is_level = spread <= NOTHING * len(thoughts) * (mean @ mean)  # all the same but for rounding
    shares = np.zeros_like(strengths) if is_level else strengths / spread
    shares[shares < NOTHING] = 0
    axes = np.where(shares[:, None] > 0, found * signs[:, None], 0)
    missing = max(dimensions - len(axes), 0)
    axes = np.pad(axes, ((0, missing), (0, 0)))[:dimensions]
    return Components(mean, axes, np.pad(shares, (0, missing))[:dimensions])


def compress(thoughts: np.ndarray) -> np.ndarray:
    """Unit vectors in their 50 strongest directions, or as many as there are: (N, Z) -> (N, D), D >= 1."""
    units = unit(thoughts.astype(np.float64))
    components = principal_components(units, COMPONENTS)
    scores: np.ndarray = (units - components.mean) @ components.axes[: max(components.rank, 1)].T
    return scores


def lay_out(method: str, scores: np.ndarray, dimensions: int, *, seed: int, reach: float) -> np.ndarray:
    """Place compressed thoughts so that neighbours stay neighbours: (N, C) -> (N, D), float64.

    All start from the first principal components, as Kobak & Linderman (2021, doi:10.1038/s41587-020-00809-z)
    advise: what is far apart starts far apart, and the map comes out the same way round each time.

    Parameters
    ----------
    method : {"tsne", "umap", "opentsne"}
        van der Maaten & Hinton (2008) by scikit-learn; McInnes et al. (2018, arXiv:1802.03426) by umap-learn;
        Policar et al. (2024, doi:10.18637/jss.v109.i03) by openTSNE.
    scores : ndarray of shape (N, C)
        From `compress`; N >= 5, not all the same.
    dimensions, seed : int
    reach : float
        How many neighbours count: UMAP's number of them, the perplexity of the two others. Below N.

    Raises
    ------
    ThoughtError
        If the package is an extra that is not installed.
    """
    # thoughts that differ in fewer directions than the map has get a little noise to unfold in
    noise = np.random.default_rng(seed).normal(0, 0.01, (len(scores), max(dimensions - scores.shape[1], 0)))
    start = np.hstack([scores[:, :dimensions] / scores[:, 0].std(), noise]) * START  # (N, D)
    if method == "tsne":
        from sklearn.manifold import TSNE

        model: Any = TSNE(dimensions, perplexity=reach, init=start.astype(np.float32), random_state=seed)
        return np.asarray(model.fit_transform(scores), dtype=np.float64)
    if method == "opentsne":
        opentsne: Any = _extra("openTSNE", "opentsne")
        # interpolation on a grid, which takes over above 10,000 points, knows only the plane
        gradient = "bh" if dimensions > 2 else "auto"
        model = opentsne.TSNE(
            dimensions, reach, initialization=start, negative_gradient_method=gradient, random_state=seed, n_jobs=1
        )
        return np.array(model.fit(scores), dtype=np.float64)
    umap: Any = _extra("umap", "umap")
    # one job: UMAP is deterministic with no more, and warns of any other number
    model = umap.UMAP(int(reach), dimensions, init=start, random_state=seed, n_jobs=1)
    return np.asarray(model.fit_transform(scores), dtype=np.float64)


def _extra(package: str, extra: str) -> Any:
    """Import a package that is not always there."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)  # of a part we do not use
            if extra == "umap":
                import umap

                return umap
            import openTSNE

            return openTSNE
    except ImportError as error:
        message = f'the method "{extra}" needs {package}, which cannot be imported: pip install "thought[{extra}]"'
        raise ThoughtError(message) from error


def near_in_space(queries: np.ndarray, thoughts: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Distances between unit vectors of queries (M, Z) and of some rows (M, k) of the thoughts: (M, k).

    By differences: from a cosine, which is 1 to within rounding, a small distance cannot be read.
    """
    units = unit(queries.astype(np.float64))
    columns = [unit(thoughts[column].astype(np.float64)) - units for column in rows.T]
    return np.stack([np.sqrt(np.einsum("mz,mz->m", column, column)) for column in columns], axis=1)


def weigh_neighbours(distances: np.ndarray) -> np.ndarray:
    """Weights of all neighbours but the last, from the distances to them, nearest first: (M, k + 1) -> (M, k).

    ((R - d) / (R d))^4, where R is the distance to the last: the bounded inverse distances of Franke & Nielson (1980,
    doi:10.1002/nme.1620151110) with 4 in place of their 2. Who is at distance 0 takes all; who is about to be replaced
    weighs nothing. So a step of a walk, in which neighbours come and go, is a step on the map and no jump. Rows sum
    to 1.
    """
    bound = distances[:, -1:]
    near = np.maximum(distances[:, :-1], 1e-12 * bound)
    ratio = np.divide(bound - near, near, out=np.ones_like(near), where=near > 0)
    weights = np.maximum(ratio, 0) ** SHARPNESS
    total = weights.sum(axis=1, keepdims=True)
    even = np.full_like(weights, 1 / weights.shape[1])  # all are equally near
    return np.asarray(np.divide(weights, total, out=even, where=total > 0))


def mix_neighbours(values: np.ndarray, rows: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """Weighted means of the values of neighbours, (M, k + 1) rows nearest first: (N, V) -> (M, V), float64."""
    if rows.shape[1] == 1:  # one sentence is all there is
        return np.asarray(values[rows[:, 0]], dtype=np.float64)
    return np.asarray(np.einsum("mk,mkv->mv", weigh_neighbours(distances), values[rows[:, :-1]]))


def procrustes(points: np.ndarray, reference: np.ndarray, *, is_scaled: bool = False) -> Alignment:
    """Turn, mirror and shift a map so that it lies on another as well as it can, by least squares.

    Which way round a map lies means nothing, so two are compared after this (Schönemann 1966,
    doi:10.1007/BF02289451; with a scale Gower 1975, doi:10.1007/BF02291478).

    Parameters
    ----------
    points, reference : ndarray of shape (N, D)
        Row i of one belongs to row i of the other. Neither is changed.
    is_scaled : bool
        Also shrink or stretch, alike in all directions.

    Returns
    -------
    Alignment
        With a scale, the residual is the disparity of `scipy.spatial.procrustes`: 1 for two random maps of many
        points. Without a scale it can exceed 1.

    Raises
    ------
    ScoringError
        If the shapes differ or a value is not finite.

    Examples
    --------
    >>> square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 3.0]])
    >>> round(procrustes(square[:, ::-1] + 7, square).residual, 6)
    0.0
    """
    points, reference = np.asarray(points), np.asarray(reference)
    if points.shape != reference.shape:
        raise ScoringError(f"maps to lay on each other differ in shape: {points.shape} and {reference.shape}")
    check_rows(points, "points")
    check_rows(reference, "points of the reference")
    centres = points.mean(axis=0, dtype=np.float64), reference.mean(axis=0, dtype=np.float64)
    moving, still = points - centres[0], reference - centres[1]
    left, strengths, right = np.linalg.svd(moving.T @ still)
    rotation = left @ right
    spread, room = np.einsum("nd,nd->", moving, moving), np.einsum("nd,nd->", still, still)
    scale = float(strengths.sum() / spread) if is_scaled and strengths.sum() > 0 else 1.0
    remains = still - scale * moving @ rotation
    residual = float(np.einsum("nd,nd->", remains, remains) / (room or 1))
    return Alignment(rotation, scale, centres[1] - scale * centres[0] @ rotation, residual)
