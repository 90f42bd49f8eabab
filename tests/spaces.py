"""A small space for tests of figures and maps: meanings far apart, languages near each other."""

from __future__ import annotations

import numpy as np

from thought.space import Space

TEXTS = {"en": "a dog runs", "de": "ein Hund läuft", "ja": "犬が走る", "cs": "pes běží, žluťoučký"}


def small_space(meanings: int = 6, languages: tuple[str, ...] = ("en", "de"), *, wordings: int = 1) -> Space:
    """Sentences of so many meanings, in each language in so many wordings."""
    generator = np.random.default_rng(1)
    centres = 5 * generator.standard_normal((meanings, 8))
    rows = [(number, code, said) for number in range(meanings) for code in languages for said in range(wordings)]
    thoughts = np.array([centres[number] + 0.1 * generator.standard_normal(8) for number, _, _ in rows])
    return Space(
        tuple(f"{TEXTS[code]} {number} {said}" for number, code, said in rows),
        tuple(code for _, code, _ in rows),
        np.array([number for number, _, _ in rows]),
        thoughts.astype(np.float32),
    )
