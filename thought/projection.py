"""Thoughts -> points on a map in two or three dimensions, new thoughts too, and points -> thoughts."""

from __future__ import annotations

import contextlib
import json
import os
import warnings
import zipfile
import zlib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from thought.errors import CheckpointError, ConfigError, ScoringError, ThoughtError, nearest
from thought.geometry.cosine import ROWS_AT_ONCE, check_rows
from thought.geometry.cosine import nearest as nearest_rows
from thought.reduction import FEWEST, NEIGHBOURS, compress, lay_out, mix_neighbours, near_in_space, principal_components

Method = Literal["pca", "tsne", "umap", "opentsne"]
NAMES: dict[Method, str] = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP", "opentsne": "openTSNE"}
FORMAT = 1
SETTINGS = ("method", "dimensions", "seed", "perplexity", "neighbours")
# what numpy, zipfile and json say of bytes that are none of ours
_BAD_ARCHIVE = (ValueError, TypeError, KeyError, EOFError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error)


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

    "pca" is linear: exact, invertible, the same for new thoughts. The others arrange neighbours, by the cosine, and
    keep no distances; their `transform` and `inverse` are approximate. UMAP and openTSNE are extras to install.

    Raises
    ------
    ConfigError
        If a setting is unknown or out of range.

    Examples
    --------
    >>> flat = Projection("pca").fit(np.array([[2.0, 1.0, 1.0], [4.0, 1.0, 3.0], [3.0, 5.0, 2.0]]))
    >>> flat.inverse(flat.points).round(6).tolist()
    [[2.0, 1.0, 1.0], [4.0, 1.0, 3.0], [3.0, 5.0, 2.0]]
    """

    method: Method = "pca"
    dimensions: int = 2  # or 3
    seed: int = 1  # of UMAP and openTSNE; PCA and t-SNE, which start from the components, hardly need one
    perplexity: float = 30.0  # of t-SNE and openTSNE: about how many neighbours a sentence has
    neighbours: int = 15  # of UMAP
    _fit: _Fit | None = field(default=None, repr=False, kw_only=True)

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
            If thoughts differ in fewer directions than the map has, a perplexity or number of neighbours is too large
            for N and lowered, or fewer than 5 sentences, or copies of one, are shown by principal components instead.
        """
        thoughts = np.array(thoughts)  # a copy: the map must not change when the caller's array does
        check_rows(thoughts)
        if self.method == "pca":
            found = principal_components(thoughts, self.dimensions)
            if found.rank < self.dimensions:
                text = f"thoughts differ in {found.rank} directions only: of {self.dimensions} axes the rest is empty"
                warnings.warn(text, stacklevel=2)
            points = (thoughts - found.mean) @ found.axes.T
            none = np.zeros((0, thoughts.shape[1]))  # no slice of the thoughts, which would keep them in memory
            return replace(self, _fit=_Fit(points, none, found.mean, found.axes, found.shares))
        none, used = np.zeros((0, thoughts.shape[1])), self
        count, name = len(thoughts), NAMES[self.method]
        scores = compress(thoughts)  # (N, C)
        if count < FEWEST or not scores.any():
            why = f"{name} needs {FEWEST} sentences that are not all the same"
            warnings.warn(f"{why}, got {count}: shown by principal components", stacklevel=2)
            points = np.pad(scores, ((0, 0), (0, self.dimensions)))[:, : self.dimensions]
        else:
            is_umap = self.method == "umap"
            asked, most = (self.neighbours, count - 1) if is_umap else (self.perplexity, (count - 1) / 3)
            if asked > most:
                what = "number of neighbours" if is_umap else "perplexity"
                text = f"a {what} of {asked:g} is too large for {count} sentences: {name} is given {most:.3g}"
                warnings.warn(text, stacklevel=2)
                used = replace(self, neighbours=count - 1) if is_umap else replace(self, perplexity=most)
            reach = used.neighbours if is_umap else used.perplexity
            points = lay_out(self.method, scores, self.dimensions, seed=self.seed, reach=reach)
        return replace(used, _fit=_Fit(points, thoughts, none[:, 0], none, none[:, 0]))

    @property
    def points(self) -> np.ndarray:
        """Where the fitted thoughts lie: (N, D), float64."""
        return self._fitted.points

    @property
    def explained(self) -> np.ndarray | None:
        """Share of the variance along each axis, (D,), 0 to 1; None for a method other than PCA."""
        return self._fitted.shares if self.is_exact else None

    @property
    def is_exact(self) -> bool:
        """Whether `transform` gives what fitting would, and `inverse` undoes it but for what the axes leave out."""
        return self.method == "pca"

    def is_of(self, thoughts: np.ndarray) -> bool:
        """Whether the map was fitted to just these, in this order: (N, Z)."""
        fit = self._fitted
        if thoughts.shape != (len(fit.points), fit.thoughts.shape[1]):
            return False
        if not self.is_exact:
            return bool(np.array_equal(fit.thoughts, thoughts))
        rounding = 1e-9 * float(np.abs(thoughts).max())
        return bool(np.allclose(self.transform(thoughts), fit.points, rtol=0, atol=rounding))

    @property
    def _fitted(self) -> _Fit:
        if self._fit is None:
            raise ScoringError("this map is not fitted; use what fit returns: projection = projection.fit(thoughts)")
        return self._fit

    def transform(self, thoughts: np.ndarray) -> np.ndarray:
        """Place new thoughts on the map as it is.

        PCA projects them: exact. On the other maps a thought goes to the weighted mean of its 3 nearest of the fitted
        (`reduction.weigh_neighbours`): approximate. A fitted thought comes to its own point, and one like nothing on
        the map to what it is least unlike.

        Parameters
        ----------
        thoughts : ndarray of shape (M, Z)
            Not changed.

        Returns
        -------
        ndarray of shape (M, D), float64

        Raises
        ------
        ScoringError
            If the map is not fitted, the width differs, or a value is not finite.
        """
        fit, thoughts = self._fitted, np.asarray(thoughts)
        check_rows(thoughts)
        if thoughts.shape[1] != fit.thoughts.shape[1]:
            raise ScoringError(f"thoughts are {thoughts.shape}, the map was fitted to (N, {fit.thoughts.shape[1]})")
        if self.is_exact:
            return np.asarray((thoughts - fit.mean) @ fit.axes.T)
        bound = min(NEIGHBOURS + 1, len(fit.points))
        parts = []
        for start in range(0, len(thoughts), ROWS_AT_ONCE):
            block = thoughts[start : start + ROWS_AT_ONCE]
            rows = nearest_rows(block, fit.thoughts, bound)[0]  # (B, k + 1)
            parts.append(mix_neighbours(fit.points, rows, near_in_space(block, fit.thoughts, rows)))
        return np.concatenate(parts)

    def inverse(self, points: np.ndarray) -> np.ndarray:
        """Thoughts for places on the map, such as to decode what would lie there.

        PCA is undone exactly; what its axes leave out is that of the mean thought. On the other maps it is the
        weighted mean of the thoughts of the 3 nearest points: approximate.

        Parameters
        ----------
        points : ndarray of shape (M, D)
            Not changed.

        Returns
        -------
        ndarray of shape (M, Z), float64

        Raises
        ------
        ScoringError
            If the map is not fitted, the number of dimensions differs, or a value is not finite.
        """
        fit, points = self._fitted, np.asarray(points)
        check_rows(points, "points")
        if points.shape[1] != self.dimensions:
            raise ScoringError(f"points are {points.shape}, the map has {self.dimensions} dimensions")
        if self.is_exact:
            return np.asarray(points @ fit.axes + fit.mean)
        from scipy.spatial import KDTree

        bound = min(NEIGHBOURS + 1, len(fit.points))
        distances, rows = KDTree(fit.points).query(points, range(1, bound + 1))
        return mix_neighbours(fit.thoughts, rows, distances)

    def save(self, path: str | Path) -> Path:
        """Write the map to one file, whole or not at all: an archive of numbers and JSON, nothing that can be executed.

        Raises
        ------
        ScoringError
            If the map is not fitted.
        CheckpointError
            If the file cannot be written; what stood there still does.
        """
        path, fit = Path(path), self._fitted
        facts = {"format": FORMAT, "settings": {name: getattr(self, name) for name in SETTINGS}}
        temporary = path.with_name(f"{path.name}.{os.getpid()}.partial")
        try:
            with temporary.open("wb") as file:
                np.savez(file, facts=np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8), **vars(fit))
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError as error:
            raise CheckpointError(f"cannot save {path}: {error.strerror or error}; what was there is kept") from error
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink()
        return path

    @classmethod
    def load(cls, path: str | Path) -> Projection:
        """Read what `save` wrote; the package that made the map is not needed.

        Raises
        ------
        CheckpointError
            If the file is missing, damaged, or of a newer version of this package.
        """
        try:
            # opened here: numpy forgets to close a file that is no archive
            with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as archive:
                facts = json.loads(archive["facts"].tobytes())
                found_format = int(facts["format"])
                if found_format == FORMAT:
                    fit = _Fit(**{name: archive[name] for name in (one.name for one in fields(_Fit))})
                    projection = cls(**facts["settings"], _fit=fit)
                    _check_fit(projection, fit)
        except FileNotFoundError as error:
            raise CheckpointError(f"there is no {path}") from error
        except (OSError, *_BAD_ARCHIVE, ThoughtError) as error:
            raise CheckpointError(f"{path} is damaged or no map that Projection.save wrote: {error}") from error
        if found_format != FORMAT:
            raise CheckpointError(f"{path} has format {found_format}, this version reads {FORMAT}: update the package")
        return projection


def _check_fit(projection: Projection, fit: _Fit) -> None:
    """Raise unless arrays from a file fit together."""
    count, dimensions = fit.points.shape
    width = fit.thoughts.shape[1]
    learnt = (0, 0, 0) if projection.method != "pca" else (width, dimensions, dimensions)
    expected = ((0 if projection.is_exact else count, width), (learnt[0],), (learnt[1], width), (learnt[2],))
    found = tuple(array.shape for array in (fit.thoughts, fit.mean, fit.axes, fit.shares))
    if expected != found or dimensions != projection.dimensions:
        raise ScoringError(f"its arrays are of shapes {fit.points.shape}, {found}, expected {expected}")
    for name, array in vars(fit).items():
        if array.size:
            check_rows(array.reshape(len(array), -1), name)
