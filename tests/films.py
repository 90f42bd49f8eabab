"""A film whose numbers one can work out: at first a thought is its language, in the end its meaning."""

from __future__ import annotations

import numpy as np

from thought.snapshots import Film
from thought.space import Space

MEANINGS = 12
CODES = ("en", "de", "fr")


def merging_film(steps: tuple[int, ...] = (0, 8, 64, 512), seed: int = 1) -> Film:
    """Snapshots on the straight way from language (and noise) to meaning."""
    rng = np.random.default_rng(seed)
    meanings = np.repeat(np.arange(MEANINGS), len(CODES))
    language = np.tile(np.arange(len(CODES)), MEANINGS)
    start = 4 * np.eye(8)[language] + 0.5 * rng.normal(size=(len(meanings), 8))
    end = rng.normal(size=(MEANINGS, 8))[meanings] + 1e-3 * rng.normal(size=(len(meanings), 8))
    shares = np.linspace(0, 1, len(steps))
    thoughts = np.stack([(1 - share) * start + share * end for share in shares]).astype(np.float32)
    texts = tuple(f"{CODES[code]} {meaning}" for meaning, code in zip(meanings, language, strict=True))
    space = Space(texts, CODES * MEANINGS, meanings, thoughts[-1])
    return Film(space, np.array(steps), thoughts, {"bleu": {64: 3.0, 512: 20.0}})
