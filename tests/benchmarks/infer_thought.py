"""Inference of this package, from text to text -> sentences a second, as one line of JSON.

Sentences have exactly 16 tokens and get exactly 16: the end is forbidden and the length capped, so that
random weights cost what trained ones cost. Subwords are split and joined on the clock, which CTranslate2
is spared. Without --run a model of the preset's shape is built with random weights.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from thought.config import Config, load_config
from thought.corpus import open_corpus
from thought.hardware import resolve_device
from thought.model import Model
from thought.tokenizer import END, Tokenizer
from thought.training import keep_freed_memory
from thought.translator import Translator

LENGTH = 16
FORBIDDEN = -1e4  # a bias: e to this power is zero


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, help="a trained run")
    parser.add_argument("--preset", default="small")
    parser.add_argument("--set", nargs="*", default=[], dest="settings", help="overrides, section.name=value")
    parser.add_argument("--data", default="multi30k", help="corpus whose text the sentences are cut from")
    parser.add_argument("--to", default="en")
    parser.add_argument("--precision", choices=("auto", "bfloat16", "float32"), default="auto")
    parser.add_argument("--beams", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    keep_freed_memory()
    translator = _open(arguments)
    sys.stdout.write(json.dumps(measure(translator, arguments)) + "\n")


def measure(translator: Translator, arguments: argparse.Namespace) -> dict[str, Any]:
    """Encode, and translate with each beam; each after a tenth of the sentences to warm up."""
    sentences = _sentences(translator.tokenizer, arguments)
    few = sentences[: max(1, len(sentences) // 10)]
    size = arguments.batch_size
    found: dict[str, Any] = {"weights": sum(weight.numel() for weight in translator.model.parameters())}
    found["vocabulary"] = translator.tokenizer.vocabulary_size
    if translator.config.model.bottleneck != "none":
        translator.encode(few)
        seconds = _clock(lambda: translator.encode(sentences), translator.device)
        found["encode"] = {"sentences_per_second": len(sentences) / seconds}
    for beam in arguments.beams:
        options = {"beam": beam, "longest": LENGTH, "batch_size": size}
        translator.translate(few, arguments.to, **options)
        seconds = _clock(lambda: translator.translate(sentences, arguments.to, **options), translator.device)  # noqa: B023
        found[f"beam_{beam}"] = {"sentences_per_second": len(sentences) / seconds}
    return found


def _open(arguments: argparse.Namespace) -> Translator:
    if arguments.run is not None:
        translator = Translator.load(arguments.run, device=arguments.device, precision=arguments.precision)
    else:
        config = load_config(arguments.preset, arguments.settings)
        tokenizer = Tokenizer.train(_texts(config, arguments), ("de", "en"), config.tokenizer, seed=1)
        torch.manual_seed(1)
        model = Model(config.model, tokenizer.vocabulary_size)
        device = resolve_device(arguments.device)
        translator = Translator(model, tokenizer, config, device=device, precision=arguments.precision)
    with torch.no_grad():
        translator.model.decoder.output.bias[END] = FORBIDDEN
    return translator


def _texts(config: Config, arguments: argparse.Namespace) -> Iterator[str]:
    for meaning in open_corpus(arguments.data, languages=("de", "en")).read("train"):
        for texts in meaning.sentences.values():
            yield texts[0]


def _sentences(tokenizer: Tokenizer, arguments: argparse.Namespace) -> list[str]:
    """Beginnings of German sentences that are exactly 16 tokens long."""
    found: list[str] = []
    for meaning in itertools.cycle(open_corpus(arguments.data, languages=("de", "en")).read("train")):
        (ids,) = tokenizer.encode(meaning.sentences["de"][:1])
        (text,) = tokenizer.decode([ids[:LENGTH]])
        if len(tokenizer.encode([text])[0]) == LENGTH:
            found.append(text)
        if len(found) == arguments.sentences:
            return found
    raise SystemExit(f"the corpus has no sentence of {LENGTH} tokens")


def _clock(work: Callable[[], object], device: torch.device) -> float:
    began = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
