"""The commands that use a trained run: translate, encode, decode, info.

Results go to standard output, everything said to a person to standard error. torch, sklearn and
sacrebleu take seconds to import, so each command imports what it needs when it runs, and help does
not.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, cast

from typer import Argument, Option

from thought.completion import complete_languages, complete_runs
from thought.errors import ThoughtError, nearest
from thought.runs import describe, find_run
from thought.streams import STDIN, as_one_line, in_chunks, opened_output, read_texts, write_text

if TYPE_CHECKING:
    from thought.translator import Translator

_TEXT = "Text, one sentence a line; - is standard input."

_RUN: Any = {"metavar": "RUN", "help": "A run folder, or its name under runs/.", "show_default": False}
Run = Annotated[str, Argument(autocompletion=complete_runs, **_RUN)]
Json = Annotated[bool, Option("--json", help="Results as JSON.")]
Device = Annotated[str, Option(help='"auto", "cpu", "cuda" or "cuda:1".')]
Weights = Annotated[str, Option(help='"best", "last" or "averaged".')]
Batch = Annotated[int, Option(min=1, help="Sentences at once; 1 answers each line before it reads the next.")]
To = Annotated[
    str, Option(help="Language to write, such as en.", show_default=False, autocompletion=complete_languages)
]
Beam = Annotated[int, Option(min=1, help="Width of the search; 1 is greedy.")]
OneBeam = Annotated[int | None, Option("--beam", min=1, help="Width of the search; 1 is greedy.", show_default="5")]
Penalty = Annotated[float, Option(min=0, help="Power of the length that beam scores are divided by.")]
Reconstruction = Annotated[
    float, Option(min=0, help="Weight, in the choice, of giving the same thought when read again.")
]
Heat = Annotated[float, Option("--temperature", min=0, help="Of sampling; 0 takes the likeliest.")]
Seed = Annotated[int, Option(min=0, help="Of sampling.")]
Output = Annotated[str | None, Option("--output", "-o", metavar="FILE", help="Default: standard output.")]
Texts = Annotated[list[str] | None, Argument(metavar="[FILE]...", help=_TEXT)]
OneText = Annotated[str, Argument(metavar="[FILE]", help=_TEXT)]


def translate(
    run: Run,
    to: To,
    files: Texts = None,
    beam: OneBeam = None,
    length_penalty: Penalty = 1.0,
    reconstruction: Reconstruction = 0.0,
    temperature: Heat = 0.0,
    seed: Seed = 0,
    output: Output = None,
    as_json: Json = False,
    batch_size: Batch = 256,
    device: Device = "auto",
    weights: Weights = "best",
) -> None:
    """Translate text, line by line.

    echo "Ein Hund schläft." | thought translate RUN --to en
    """
    translator = loaded(run, device, weights)
    check_language(translator, to)
    how = _search(beam, length_penalty, reconstruction, temperature)
    _announce_terminal(files)
    number = 0
    with opened_output(output) as stream:
        for texts in in_chunks(read_texts(files or ()), _chunk_size(batch_size, files)):
            asked = [text for text in texts if text.strip()]  # an empty line stays one
            written = translator.translate(asked, to, seed=seed + number, batch_size=batch_size, **how) if asked else []
            number += 1
            answers = iter(written)
            for text in texts:
                translation = as_one_line(next(answers)) if text.strip() else ""
                record = {"source": text, "to": to, "translation": translation}
                stream.write(f"{json.dumps(record, ensure_ascii=False) if as_json else translation}\n".encode())
            stream.flush()


def encode(
    run: Run,
    file: OneText = STDIN,
    output: Output = None,
    form: Annotated[str | None, Option("--format", help="npy, tsv or jsonl; default by the name of the file.")] = None,
    normalize: Annotated[bool, Option("--normalize", help="Scale each thought to length 1.")] = False,
    as_json: Annotated[bool, Option("--json", help="Same as --format jsonl.")] = False,
    batch_size: Batch = 256,
    device: Device = "auto",
    weights: Weights = "best",
) -> None:
    """Turn text into thoughts, one a line.

    thought encode RUN text.txt -o thoughts.npy
    """
    from thought.vectors import choose_format, write_lines, write_npy

    chosen = choose_format(output, "jsonl" if as_json else form)
    if chosen == "npy" and (output is None or output == STDIN):
        raise ThoughtError("a .npy file needs a name: give -o FILE, or --format tsv or jsonl for a pipe")
    translator = loaded(run, device, weights)
    _announce_terminal([file])
    chunks = in_chunks(read_texts((file,)), _chunk_size(batch_size, [file]))
    how: dict[str, Any] = {"batch_size": batch_size, "normalize_embeddings": normalize}
    with opened_output(output) as stream:
        if chosen == "npy":
            write_npy(stream, (translator.encode(texts, **how) for texts in chunks), _width(translator))
            return
        for texts in chunks:
            write_lines(stream, texts, translator.encode(texts, **how), chosen)
            stream.flush()


def decode(
    run: Run,
    thoughts: Annotated[str, Argument(metavar="THOUGHTS", help="A .npy, .tsv or .jsonl file; - is standard input.")],
    to: To,
    beam: OneBeam = None,
    length_penalty: Penalty = 1.0,
    reconstruction: Reconstruction = 0.0,
    temperature: Heat = 0.0,
    seed: Seed = 0,
    output: Output = None,
    as_json: Json = False,
    batch_size: Batch = 256,
    device: Device = "auto",
    weights: Weights = "best",
) -> None:
    """Turn thoughts into text, one line each.

    thought decode RUN thoughts.npy --to fr
    """
    from thought.vectors import read_thoughts

    translator = loaded(run, device, weights)
    check_language(translator, to)
    if translator.config.model.bottleneck == "none":
        raise ThoughtError(f"{run} has no thoughts: it was trained with model.bottleneck = none")
    how = _search(beam, length_penalty, reconstruction, temperature)
    with opened_output(output) as stream:
        for number, chunk in enumerate(read_thoughts(thoughts, _width(translator))):
            for text in translator.decode(chunk, to, seed=seed + number, batch_size=batch_size, **how):
                line = as_one_line(text)
                record = {"to": to, "text": line}
                stream.write(f"{json.dumps(record, ensure_ascii=False) if as_json else line}\n".encode())
            stream.flush()


def _search(beam: int | None, length_penalty: float, reconstruction: float, temperature: float) -> dict[str, Any]:
    width = beam or (1 if temperature > 0 else 5)  # sampling, unless told otherwise, has no beam
    return {
        "beam": width, "length_penalty": length_penalty, "reconstruction": reconstruction, "temperature": temperature
    }  # fmt: skip


def info(run: Run, as_json: Json = False) -> None:
    """Tell what a run is: settings, sizes, languages, scores, files."""
    from thought import display

    values = describe(find_run(run))
    if as_json:
        write_text(json.dumps(values, ensure_ascii=False, indent=2))
        return
    best = values.pop("best") or {}
    files = values.pop("files")
    settings = values.pop("settings")
    if best:
        scores = [f"BLEU {best['bleu']:.1f}", f"chrF {best['chrf']:.1f}"]
        scores += [f"P@1 {100 * best['p_at_1']:.1f} %"] if best.get("p_at_1") is not None else []
        values["best on dev"] = f"{', '.join(scores)}, at step {best['step']:,}"
    rows = [(f"{part}.{name}", _setting(value)) for part, group in settings.items() for name, value in group.items()]
    parts = (display.facts(values), display.table(("setting", "value"), rows))
    write_text("\n\n".join((*parts, display.table(("file", "bytes"), files.items()))))


def _setting(value: object) -> str:
    """Write a setting as it could be given on the command line."""
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def loaded(run: str, device: str, weights: str) -> Translator:
    """Open a run by name or path."""
    folder = find_run(run)  # before the seconds that torch takes
    from thought.translator import Translator

    return Translator.load(folder, device=device, weights=cast("Any", weights))


def check_language(translator: Translator, language: str) -> None:
    """Raise `ThoughtError` unless the model writes a language."""
    if language not in translator.languages:
        raise ThoughtError(f"the model does not write {language}{nearest(language, translator.languages)}")


def _width(translator: Translator) -> tuple[int, ...]:
    """Shape of one thought: (Z,), or (K, Z)."""
    model = translator.config.model
    if model.bottleneck == "none":
        raise ThoughtError("this run has no thoughts: it was trained with model.bottleneck = none")
    return (model.thought_size,) if model.bottleneck == 1 else (model.bottleneck, model.thought_size)


def _chunk_size(batch_size: int, files: Sequence[str] | None) -> int:
    """Lines to read before answering: more than a batch, so that lines of like length meet in one."""
    return 1 if batch_size == 1 or _waits_for_a_person(files) else 8 * batch_size


def _waits_for_a_person(files: Sequence[str] | None) -> bool:
    return STDIN in (files or (STDIN,)) and sys.stdin.isatty()


def _announce_terminal(files: Sequence[str] | None) -> None:
    if _waits_for_a_person(files):
        from thought import display

        display.note("one sentence a line; Ctrl-D ends")
