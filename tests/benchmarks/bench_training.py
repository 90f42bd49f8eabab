"""Training speed beside JoeyNMT: target tokens a second on the same data, in one run, in interleaved rounds.

    python tests/benchmarks/bench_training.py --data multi30k --others FOLDER --json training.json

`FOLDER` holds JoeyNMT; without it only this package is measured:

    pip install --target FOLDER --no-deps joeynmt pyyaml subword-nmt six future

All translate Multi30k de -> en with a joint vocabulary of 6,000 and batches of 3,000 padded tokens on two
threads. A target token is one that is predicted: ends count, padding does not. JoeyNMT computes in
float32 (it has no bfloat16 on a CPU); this package in what it chooses by itself, and in float32.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import sentencepiece
from measuring import System, arguments, err, interleave, median, report, save

from thought.corpus import open_corpus

SHARED = (
    "tokenizer.vocabulary_size=6000",
    "data.directions=de-en",
    "data.languages=de,en",
    "training.batch_tokens=3000",
)
TRANSFORMER = (
    "model.encoder=transformer", "model.decoder=transformer", "model.embedding_size=256", "model.encoder_size=256",
    "model.decoder_size=256", "model.thought_size=256", "model.encoder_layers=4", "model.decoder_layers=4",
    "model.heads=4", "model.bottleneck=none", "model.dropout=0.1", "loss.align=none",
)  # fmt: skip
SMALLER = ("model.decoder_size=512", "model.thought_size=512")  # weights as many as JoeyNMT's
FULL = ("training.precision=float32",)
PLAIN = ("loss.align=none",)  # JoeyNMT has no second loss either


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--data", default="multi30k", help="corpus with de and en")
    parser.add_argument("--steps", type=int, default=60, help="steps on the clock, a round; JoeyNMT gets half")
    parser.add_argument("--warmup", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _write_texts(options.data, Path(folder))
        found = interleave(_systems(options, Path(folder)), options)
    save(options, {"rounds": found})
    _show(found)


def _systems(options: argparse.Namespace, folder: Path) -> list[System]:
    counts = ("--steps", str(options.steps), "--warmup", str(options.warmup))
    fewer = ("--steps", str(max(2, options.steps // 2)), "--warmup", str(max(1, options.warmup // 2)))
    corpus = f"data.corpus={options.data}"

    def ours(name: str, *settings: str) -> System:
        return System(name, "train_thought.py", (*counts, "--set", corpus, *SHARED, *PLAIN, *settings))

    def theirs(model: str) -> System:
        told = ("--model", model, "--data", str(folder), "--batch-tokens", "3000", *fewer)
        return System(f"JoeyNMT {model}", "train_joeynmt.py", told, needs="joeynmt")

    return [
        System("matrix product", "matmul.py"),
        ours("thought gru", *SMALLER),
        theirs("gru"),
        ours("thought gru, preset small"),
        ours("thought transformer", *TRANSFORMER),
        theirs("transformer"),
        ours("thought gru, float32", *SMALLER, *FULL),
        ours("thought transformer, float32", *TRANSFORMER, *FULL),
    ]


def _write_texts(spec: str, folder: Path) -> None:
    """Plain text, a sentencepiece model and its vocabulary, for JoeyNMT."""
    corpus = open_corpus(spec, languages=("de", "en"))
    for split in ("train", "dev"):
        pairs = [[meaning.sentences[code][0] for code in ("de", "en")] for meaning in corpus.read(split)]
        for column, code in enumerate(("de", "en")):
            (folder / f"{split}.{code}").write_text("".join(f"{pair[column]}\n" for pair in pairs), "utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=[str(folder / "train.de"), str(folder / "train.en")], model_prefix=str(folder / "spm"),
        vocab_size=6000, unk_id=0, pad_id=1, bos_id=2, eos_id=3, minloglevel=2,
    )  # fmt: skip
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "spm.model"))
    pieces = [model.id_to_piece(index) for index in range(model.get_piece_size())]
    (folder / "vocab.txt").write_text("".join(f"{piece}\n" for piece in pieces), "utf-8")


def _show(found: dict[str, list[dict[str, float]]]) -> None:
    rates = found.pop("matrix product", [])
    rows = []
    for name, rounds in found.items():
        speed = median(rounds, "tokens_per_second")
        joey = "JoeyNMT gru" if "gru" in name else "JoeyNMT transformer"
        ratio = f"{speed / median(found[joey], 'tokens_per_second'):.1f}x" if joey in found else "-"
        share = "-"
        if rates and "operations_per_token" in rounds[0]:
            reached = speed * median(rounds, "operations_per_token") / 1e9
            kind = "float32" if "float32" in name else "bfloat16"
            share = f"{reached:.0f} GFLOP/s, {reached / median(rates, kind):.0%}"
        spread = " ".join(f"{values['tokens_per_second']:.0f}" for values in rounds)
        pairs = f"{median(rounds, 'pairs_per_second'):.0f}"
        rows.append([name, f"{rounds[0]['weights'] / 1e6:.1f} M", f"{speed:.0f}", spread, pairs, ratio, share])
    columns = [
        "system",
        "weights",
        "target tokens/s",
        "rounds",
        "pairs/s",
        "against JoeyNMT",
        "share of the product's rate",
    ]
    notes = []
    if rates:
        kinds = ", ".join(f"{kind} {median(rates, kind):.0f} GFLOP/s" for kind in ("bfloat16", "float32"))
        notes.append(f"2048 x 512 x 8000 product: {kinds}; shares are of the same kind, padding counted as work")
    if not any(name.startswith("JoeyNMT") for name in found):
        err.print("JoeyNMT was not measured: see --others")
    report("Training, Multi30k de -> en, medians", columns, rows, notes)


if __name__ == "__main__":
    main()
