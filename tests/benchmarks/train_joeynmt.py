"""JoeyNMT training on parallel text for some steps -> target tokens a second, as one line of JSON.

Run by bench_training.py in a process of its own, with JoeyNMT (2.3, from PyPI) on the path. JoeyNMT's own
data loader, model, optimizer and training step run unchanged; only the clock is ours. What keeps it from
starting is replaced at run time, and none of it is part of a step:

* `SentencePieceProcessor.SetVocabulary` is gone from current sentencepiece; JoeyNMT passes it the whole
  vocabulary, so it becomes a method that does nothing.
* Packages it imports for pictures, logs and its version number get stand-ins where they are missing.

Its "plateau" schedule would need a third (torch dropped `verbose`): another schedule is set here.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import torch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=("gru", "transformer"), required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder with train.de, train.en, spm.model, vocab.txt")
    parser.add_argument("--batch-tokens", type=int, default=3000)
    parser.add_argument("--warmup", type=int, default=5, help="steps before the clock starts")
    parser.add_argument("--steps", type=int, default=30, help="steps on the clock")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    _start_on_current_packages()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(arguments, Path(folder))
    sys.stdout.write(json.dumps(found) + "\n")


class Enough(Exception):
    """Thrown from inside JoeyNMT's loop when the clock has stopped."""


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Train until warm-up and measured steps are done; count what lies between two starts of a step."""
    from joeynmt.config import parse_global_args, set_validation_args
    from joeynmt.prediction import prepare
    from joeynmt.training import TrainManager

    logging.disable(logging.CRITICAL)
    steps: list[tuple[float, int, int]] = []  # when a step began, its target tokens, its sentences

    class Clocked(TrainManager):  # type: ignore[misc]
        def _train_step(self, batch: Any) -> Any:
            steps.append((time.perf_counter(), batch.ntokens, batch.nseqs))
            if len(steps) > arguments.warmup + arguments.steps:
                raise Enough
            return super()._train_step(batch)

        def _save_checkpoint(self, new_best: bool, score: float) -> None:
            return None

    args = parse_global_args(settings(arguments, folder), rank=0, mode="train")
    model, train_data, dev_data, _ = prepare(args, rank=0, mode="train")
    manager = Clocked(
        model=model, model_dir=args.model_dir, device=args.device, n_gpu=0, rank=0, num_workers=0,
        autocast=args.autocast, seed=args.seed, train_args=args.train, dev_args=set_validation_args(args.test),
    )  # fmt: skip
    with contextlib.suppress(Enough):
        manager.train_and_validate(train_data=train_data, valid_data=dev_data)
    measured = steps[arguments.warmup : arguments.warmup + arguments.steps]
    seconds = steps[-1][0] - measured[0][0]
    return {
        "weights": sum(weight.numel() for weight in {id(w): w for w in model.parameters()}.values()),
        "vocabulary": len(model.src_vocab),
        "steps": len(measured),
        "seconds": seconds,
        "tokens_per_second": sum(tokens for _, tokens, _ in measured) / seconds,
        "pairs_per_second": sum(sentences for _, _, sentences in measured) / seconds,
        "tokens_per_step": sum(tokens for _, tokens, _ in measured) / len(measured),
    }


def settings(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """JoeyNMT's configuration, as its YAML would say it: d 256, dropout 0.1, label smoothing 0.1, Adam."""
    side = {
        "level": "bpe", "tokenizer_type": "sentencepiece", "max_length": 100,
        "tokenizer_cfg": {"model_file": str(arguments.data / "spm.model"), "model_type": "unigram"},
        "voc_file": str(arguments.data / "vocab.txt"),
    }  # fmt: skip
    embeddings = {"embedding_dim": 256, "scale": arguments.model == "transformer", "dropout": 0.1}
    if arguments.model == "gru":
        model = {
            "initializer": "xavier_uniform", "bias_initializer": "zeros", "embed_initializer": "xavier_uniform",
            "tied_embeddings": True, "tied_softmax": False,
            "encoder": {"type": "recurrent", "rnn_type": "gru", "embeddings": embeddings, "hidden_size": 256,
                        "bidirectional": True, "dropout": 0.1, "num_layers": 1},
            "decoder": {"type": "recurrent", "rnn_type": "gru", "embeddings": embeddings, "hidden_size": 512,
                        "dropout": 0.1, "hidden_dropout": 0.1, "num_layers": 1, "input_feeding": True,
                        "init_hidden": "last", "attention": "luong"},
        }  # fmt: skip
    else:
        layers = {"type": "transformer", "num_layers": 4, "num_heads": 4, "embeddings": embeddings,
                  "hidden_size": 256, "ff_size": 1024, "dropout": 0.1, "layer_norm": "pre"}  # fmt: skip
        model = {
            "initializer": "xavier_uniform", "bias_initializer": "zeros", "embed_initializer": "xavier_uniform",
            "tied_embeddings": True, "tied_softmax": True, "encoder": dict(layers), "decoder": dict(layers),
        }  # fmt: skip
    return {
        "name": "speed", "joeynmt_version": "2.3.0", "model_dir": str(folder), "use_cuda": False, "fp16": False,
        "random_seed": 1,
        "data": {
            "train": str(arguments.data / "train"), "dev": str(arguments.data / "dev"), "dataset_type": "plain",
            "src": {"lang": "de", **side}, "trg": {"lang": "en", **side},
            "special_symbols": {"unk_id": 0, "pad_id": 1, "bos_id": 2, "eos_id": 3},
        },
        "testing": {"batch_size": 64, "beam_size": 1},
        "training": {
            "optimizer": "adamw", "learning_rate": 0.001, "learning_rate_min": 0.0,
            "learning_rate_warmup": 200, "scheduling": "warmupinversesquareroot",
            "clip_grad_norm": 1.0, "label_smoothing": 0.1, "loss": "crossentropy",
            "normalization": "tokens", "batch_type": "token", "batch_size": arguments.batch_tokens,
            "epochs": 1000, "updates": 10**9, "logging_freq": 10**6, "validation_freq": 10**6,
            "early_stopping_metric": "loss", "overwrite": True, "shuffle": True,
        },
        "model": model,
    }  # fmt: skip


def _start_on_current_packages() -> None:
    import sentencepiece

    sentencepiece.SentencePieceProcessor.SetVocabulary = lambda self, pieces: None
    for name in ("torch.utils.tensorboard", "plotly", "plotly.express", "seaborn", "subword_nmt", "importlib_metadata"):
        try:
            __import__(name)
        except ImportError:
            stand_in = MagicMock(spec=ModuleType) if name == "plotly" else MagicMock()
            sys.modules[name] = stand_in


if __name__ == "__main__":
    main()
