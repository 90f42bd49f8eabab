"""One part of a report: what was measured, as values, tables, figures and one plain sentence."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from thought.config import Config
from thought.corpus import Meaning
from thought.scoring import Protocol as Tokenisation
from thought.space import Encodes, Space

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Cell = str | int | float | None
Draw = Callable[..., "Figure"]  # theme="light" or "dark" -> figure
Progress = Callable[[str, int, int], None]  # what is done, parts done, parts in all


class Translates(Protocol):
    """What is asked of a `Translator`; a dictionary can be dressed up as one in a test."""

    @property
    def config(self) -> Config:
        """Settings of the run."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes the decoder can write."""

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        """N texts -> (N, Z)."""

    def decode(self, thoughts: np.ndarray, to: str, /, *, beam: int = 1) -> list[str]:
        """Thoughts (N, Z) -> N texts."""

    def translate(self, texts: Sequence[str], to: str, /, *, beam: int = 1) -> list[str]:
        """N texts -> N texts."""

    def score(self, sources: Any, targets: Sequence[str], to: str, /) -> np.ndarray:
        """Log-probability in nats of N targets given sentences or thoughts: (N,)."""

    def token_counts(self, texts: Sequence[str], /) -> np.ndarray:
        """Tokens that `score` sums over: (N,)."""


@dataclass(frozen=True)
class Table:
    """Numbers to be read side by side. A float is shown with as many digits as its column says."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    digits: int = 1  # after the point


@dataclass(frozen=True)
class Part:
    """What one kind of measure says about a run."""

    title: str
    sentence: str  # what the numbers mean, in plain words
    values: Mapping[str, Any]  # plain values, fit for JSON
    tables: tuple[Table, ...] = ()
    figures: Mapping[str, Draw] = field(default_factory=dict)  # name, such as "spectrum" -> how to draw it
    notes: tuple[str, ...] = ()  # signatures, seeds, warnings


@dataclass(frozen=True)
class World:
    """What the parts measure: a translator and sentences it has not been trained on."""

    translator: Translates
    meanings: Sequence[Meaning]
    space: Space  # first wordings of every language
    floors: Mapping[str, Space]  # name, such as "character TF-IDF" -> the same sentences in its vectors
    untrained: Encodes | None  # the encoder of the same shape before training
    wordings: Space | None  # several wordings a meaning and language, where there are any
    wordings_floors: Mapping[str, Space]
    directions: tuple[str, ...] | None  # to translate in; None is all
    beam: int
    protocols: tuple[Tokenisation, ...]
    confidence: bool
    seed: int
    tell: Progress  # told how far a part is


def plain(value: Any) -> Any:
    """Frozen results, arrays and tuples -> mappings, lists and numbers that JSON knows."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, float) and value != value:  # JSON has no NaN
        return None
    return value


def percent(share: float | None) -> float | None:
    """A share of 0 to 1 as a number of 0 to 100, for a table."""
    return None if share is None else 100 * share


def said(share: float, digits: int = 1) -> str:
    """A share of 0 to 1 in a sentence: "97.5 %"."""
    return f"{100 * share:.{digits}f} %"


def square(title: str, codes: Sequence[str], cells: Mapping[str, float | None], *, digits: int = 1) -> Table:
    """A table of one number a direction: rows are read, columns are written."""
    rows = tuple((source, *(cells.get(f"{source}-{target}") for target in codes)) for source in codes)
    return Table(title, ("from \\ to", *codes), rows, digits)
