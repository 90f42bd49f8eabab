"""CTranslate2 on a Transformer with random weights -> sentences a second, as one line of JSON.

Run by bench_inference.py in a process of its own, with ctranslate2 (from PyPI) on the path. Shape: 4 + 4
layers, d 256, feed-forward 1,024, 4 heads, vocabulary 6,000, pre-norm: the control of bench_training.py.
Random weights cost what trained ones cost, once the length is forced: every sentence has 16 tokens and
gets 16. Of the ways to spread two threads and to batch, the fastest is found first and used.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from ctranslate2.specs import LayerSpec, TransformerSpec

LENGTH = 16
VOCABULARY = 6_000
WIDTH = 256


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--precision", choices=("float32", "int8"), required=True)
    parser.add_argument("--beams", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    ctranslate2.set_random_seed(1)
    generator = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model")
        weights = write_model(path, generator)
        tokens = generator.integers(4, VOCABULARY, size=(arguments.sentences, LENGTH))
        sentences = [[f"t{token}" for token in row] for row in tokens]
        found = {f"beam_{beam}": measure(path, arguments, sentences, beam) for beam in arguments.beams}
    sys.stdout.write(json.dumps({"weights": weights, "vocabulary": VOCABULARY, **found}) + "\n")


def write_model(path: str, generator: np.random.Generator) -> int:
    """Write a model of random weights; return how many it has."""
    spec = TransformerSpec.from_config((4, 4), 4, pre_norm=True)
    table = generator.normal(0, WIDTH**-0.5, size=(VOCABULARY, WIDTH)).astype(np.float32)
    spec.encoder.embeddings[0].weight = table
    spec.decoder.embeddings.weight = table
    spec.decoder.projection.weight = table
    for side in (spec.encoder, spec.decoder):
        _norm(side.layer_norm)
        for layer in side.layer:
            _fill(layer, generator)
    words = ["<blank>", "<unk>", "<s>", "</s>", *(f"t{token}" for token in range(4, VOCABULARY))]
    spec.register_source_vocabulary(words)
    spec.register_target_vocabulary(words)
    spec.validate()
    Path(path).mkdir()
    spec.save(path)
    arrays = [value.numpy() for value in spec.variables().values() if hasattr(value, "numpy")]
    return sum(array.size for array in arrays if array.size > 1) - 2 * table.size  # one table in three places


def _fill(layer: LayerSpec, generator: np.random.Generator) -> None:
    attentions = [layer.self_attention] + ([layer.attention] if hasattr(layer, "attention") else [])
    for attention in attentions:
        _norm(attention.layer_norm)
        # a self-attention holds query, key and value as one; attention over the source the last two
        widths = (3 * WIDTH, WIDTH) if len(attention.linear) == 2 else (WIDTH, 2 * WIDTH, WIDTH)
        for linear, width in zip(attention.linear, widths, strict=True):
            _linear(linear, width, WIDTH, generator)
    _norm(layer.ffn.layer_norm)
    _linear(layer.ffn.linear_0, 4 * WIDTH, WIDTH, generator)
    _linear(layer.ffn.linear_1, WIDTH, 4 * WIDTH, generator)


def _norm(spec: LayerSpec) -> None:
    spec.gamma, spec.beta = np.ones(WIDTH, dtype=np.float32), np.zeros(WIDTH, dtype=np.float32)


def _linear(spec: LayerSpec, outputs: int, inputs: int, generator: np.random.Generator) -> None:
    spec.weight = generator.normal(0, inputs**-0.5, size=(outputs, inputs)).astype(np.float32)
    spec.bias = np.zeros(outputs, dtype=np.float32)


def measure(path: str, arguments: argparse.Namespace, sentences: list[list[str]], beam: int) -> dict[str, Any]:
    """Find the fastest setting on a tenth of the sentences, then time all of them with it."""
    best: tuple[float, tuple[int, int]] = (0.0, (1, 1))
    few = sentences[: max(1, len(sentences) // 10)]
    spreads = sorted({1, arguments.threads})
    for side_by_side, batch in itertools.product(spreads, (16, 32, 64, 128)):
        translator = _translator(path, arguments, side_by_side)
        _translate(translator, few, beam, batch)
        best = max(best, (_speed(translator, few, beam, batch), (side_by_side, batch)))
    side_by_side, batch = best[1]
    translator = _translator(path, arguments, side_by_side)
    _translate(translator, few, beam, batch)
    speed = _speed(translator, sentences, beam, batch)
    return {"sentences_per_second": speed, "side_by_side": side_by_side, "batch": batch}


def _translator(path: str, arguments: argparse.Namespace, side_by_side: int) -> ctranslate2.Translator:
    each = arguments.threads // side_by_side
    return ctranslate2.Translator(
        path, "cpu", compute_type=arguments.precision, inter_threads=side_by_side, intra_threads=each
    )


def _speed(translator: ctranslate2.Translator, sentences: list[list[str]], beam: int, batch: int) -> float:
    began = time.perf_counter()
    _translate(translator, sentences, beam, batch)
    return len(sentences) / (time.perf_counter() - began)


def _translate(translator: ctranslate2.Translator, sentences: list[list[str]], beam: int, batch: int) -> None:
    results = translator.translate_batch(
        sentences, beam_size=beam, max_batch_size=batch, min_decoding_length=LENGTH, max_decoding_length=LENGTH
    )
    lengths = {len(result.hypotheses[0]) for result in results}
    if lengths != {LENGTH}:
        raise SystemExit(f"every translation must have {LENGTH} tokens, got {sorted(lengths)}")


if __name__ == "__main__":
    main()
