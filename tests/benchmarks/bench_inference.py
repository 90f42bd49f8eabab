"""Inference speed beside CTranslate2: 1,000 sentences of 16 tokens, in one run, in interleaved rounds.

    python tests/benchmarks/bench_inference.py --others FOLDER --json inference.json
    python tests/benchmarks/bench_inference.py --others FOLDER --run runs/NAME

`FOLDER` holds CTranslate2; without it only this package is measured:

    pip install --target FOLDER --no-deps ctranslate2 pyyaml

Every system writes exactly 16 tokens a sentence. CTranslate2 runs a Transformer 4 + 4, d 256, vocabulary
6,000, with the fastest of its ways to batch and to spread threads; it is given tokens, this package text.
"""

from __future__ import annotations

from bench_training import SMALLER, TRANSFORMER
from measuring import System, arguments, interleave, median, report, save

MEASURES = {"encode": "encode, sentences/s", "beam_1": "greedy, sentences/s", "beam_5": "beam 5, sentences/s"}


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--data", default="multi30k")
    parser.add_argument("--run", help="also measure a trained run")
    parser.add_argument("--sentences", type=int, default=1000)
    options = parser.parse_args()
    count = ("--sentences", str(options.sentences))
    shared = ("--data", options.data, *count)
    vocabulary = "tokenizer.vocabulary_size=6000"
    full = ("--precision", "float32")

    def ours(name: str, *told: str, precision: tuple[str, ...] = ()) -> System:
        return System(name, "infer_thought.py", (*shared, *precision, "--set", vocabulary, *told))

    systems = [
        ours("thought gru, preset small"),
        System("CTranslate2 float32", "infer_ctranslate2.py", ("--precision", "float32", *count), needs="ctranslate2"),
        ours("thought gru", *SMALLER),
        System("CTranslate2 int8", "infer_ctranslate2.py", ("--precision", "int8", *count), needs="ctranslate2"),
        ours("thought transformer", *TRANSFORMER),
        ours("thought gru, float32", *SMALLER, precision=full),
    ]
    if options.run:
        systems.append(System(f"run {options.run}", "infer_thought.py", (*shared, "--run", options.run)))
    found = interleave(systems, options)
    save(options, {"rounds": found})
    rows = []
    for name, rounds in found.items():
        cells = [name, f"{rounds[0]['weights'] / 1e6:.1f} M"]
        for measure in MEASURES:
            if measure not in rounds[0]:
                cells.append("-")
                continue
            speed = median(rounds, measure, "sentences_per_second")
            other = found.get("CTranslate2 float32")
            is_compared = other and measure in other[0]
            ratio = f" ({speed / median(other, measure, 'sentences_per_second'):.1f}x)" if other and is_compared else ""
            cells.append(f"{speed:.0f}{ratio}")
        rows.append(cells)
    notes = [f"{options.rounds} interleaved rounds, medians; in brackets against CTranslate2 float32"]
    report("1,000 sentences of 16 tokens", ["system", "weights", *MEASURES.values()], rows, notes)


if __name__ == "__main__":
    main()
