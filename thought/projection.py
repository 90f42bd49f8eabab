"""Thoughts -> the plane or the room, new ones too, and back; and how far to believe what is seen there."""

from __future__ import annotations

import contextlib
import json
import os
import warnings
import zipfile
import zlib
from dataclasses import asdict, dataclass, field, replace
from itertools import permutations
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from thought.errors import CheckpointError, ConfigError, ScoringError, ThoughtError, nearest
from thought.geometry.cosine import ROWS_AT_ONCE, check_rows
from thought.geometry.cosine import nearest as nearest_rows
from thought.geometry.distortion import measure_distortion
from thought.geometry.retrieval import retrieval_accuracy
from thought.reduction import FEWEST, NEIGHBOURS, compress, lay_out, near_in_space, principal_components, weigh_neighbours
from thought.space import Space

Method = Literal["pca", "tsne", "umap", "opentsne"]
NAMES: dict[Method, str] = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP", "opentsne": "openTSNE"}
FORMAT = 1
_UNREADABLE = (OSError, ValueError, TypeError, KeyError, EOFError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, eq=False)
class _Fit:
    """What a map has learnt; arrays that its method does not need are empty."""

    points: np.ndarray  # (N, D), float64
    thoughts: np.ndarray  # (N, Z), those fitted; (0, Z) for PCA
    mean: np.ndarray  # (Z,), of PCA
    axes: np.ndarray  # (D, Z), of PCA
    shares: np.ndarray  # (D,), of PCA


@dataclass(frozen=True, eq=False)
class Projection:
    """A map of thoughts. Settings do not change: `fit` returns a fitted map and leaves this one as it was.

    "pca" is a projection in the word's sense: exact, invertible, and the same for new thoughts, seen as they are.
    The others arrange neighbours, by the cosine, and keep no distances: `transform` and `inverse` of them are
    approximate. UMAP and openTSNE are extras: `pip install "thought[umap]"`, `"thought[opentsne]"`.

    Raises
    ------
    ConfigError
        If a setting is unknown or out of range.

    Examples
    --------
    >>> line = Projection("pca").fit(np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 3.0], [0.0, 1.0, 2.0]]))
    >>> line.inverse(line.points).round(6).tolist()
    [[0.0, 0.0, 1.0], [0.0, 0.0, 3.0], [0.0, 1.0, 2.0]]
    """

    method: Method = "pca"
    dimensions: int = 2  # or 3
    seed: int = 1  # PCA needs none
    perplexity: float = 30.0  # of t-SNE and openTSNE: about how many neighbours a sentence has
    neighbours: int = 15  # of UMAP
    _fit: _Fit | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.method not in NAMES:
            raise ConfigError(f"unknown method {self.method!r}{nearest(str(self.method), get_args(Method))}")
        if self.dimensions not in (2, 3):
            raise ConfigError(f"a map has 2 or 3 dimensions, got {self.dimensions}")
        if not 1 <= self.perplexity < float("inf"):
            raise ConfigError(f"perplexity must be at least 1, got {self.perplexity}")
        if self.neighbours < 2:
            raise ConfigError(f"neighbours must be at least 2, got {self.neighbours}")
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"seed must lie in [0, 2**32), got {self.seed}")

    def fit(self, thoughts: np.ndarray) -> Projection:
        """Place thoughts; in one process the same ones come to the same places.

        Parameters
        ----------
        thoughts : ndarray of shape (N, Z)
            Not changed.

        Returns
        -------
        Projection
            Its `perplexity` and `neighbours` are those used.

        Raises
        ------
        ScoringError
            If there is no thought or a value is not finite.
        ThoughtError
            If the package of the method is not installed.

        Warns
        -----
        UserWarning
            If the perplexity or the number of neighbours is too large for N and is lowered, there are too few different
            thoughts for the method, so that principal components are shown, or these are fewer than the axes.
        """
        thoughts = np.array(thoughts)  # a copy: the map must not change when the caller's array does
        check_rows(thoughts)
        if self.method == "pca":
            found = principal_components(thoughts, self.dimensions)
            if found.rank < self.dimensions:
                text = f"thoughts differ in {found.rank} directions only: the rest of {self.dimensions} axes is empty"
                warnings.warn(text, stacklevel=2)
            points = (thoughts - found.mean) @ found.axes.T
            return replace(self, _fit=_Fit(points, thoughts[:0], found.mean, found.axes, found.shares))
        scores = compress(thoughts)  # (N, C)
        count, width = thoughts.shape
        fitted = self
        if count < FEWEST or not scores.any():
            what = f"{count} sentences are" if count < FEWEST else "one point, however often, is"
            warnings.warn(f"{what} too few for {NAMES[self.method]}: shown by PCA of unit vectors", stacklevel=2)
            points = np.pad(scores, ((0, 0), (0, self.dimensions)))[:, : self.dimensions]
        else:
            fitted = self._lowered(count)
            settings = {"perplexity": fitted.perplexity, "neighbours": fitted.neighbours}
            points = lay_out(self.method, scores, self.dimensions, seed=self.seed, **settings)
        none = np.zeros((0, width))
        return replace(fitted, _fit=_Fit(points, thoughts, none[:, 0], none, none[:, 0]))
