"""A run is tried: damaged files are found, and sentences are taken from where they are."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from phrases import save_run, sentences

from thought import checkpoint
from thought.config import load_config
from thought.doctor import Degeneration, Direction, Finding
from thought.snapshots import Snapshots
from thought.space import Space
from thought.trial import (
    FEWEST,
    Sentences,
    find_sentences,
    look_at_files,
    look_at_output,
    trained_directions,
    try_out,
)  # fmt: skip

GERMAN = [german for _, german in sentences()]
ENGLISH = [english for english, _ in sentences()]


@pytest.fixture
def run(saved_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved_run, tmp_path / "nonsense"))


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {one.about: one for one in findings}


def tried(run: Path, given: Sentences | None = None) -> tuple[dict[str, Finding], dict[Direction, Degeneration]]:
    measured: dict[Direction, Degeneration] = {}
    return by_name(look_at_output(run, given, measured)), measured


def test_the_files_of_a_whole_run_are_ok(run: Path) -> None:
    findings = by_name(look_at_files(run))
    assert {one.mark for name, one in findings.items() if name != "last evaluation"} == {"ok"}
    assert "for de, en" in findings["tokenizer.model"].found
    assert "of step 7" in findings["model.safetensors"].found


@pytest.mark.parametrize("name", ["config.json", "tokenizer.model", "model.safetensors"])
@pytest.mark.parametrize("how", ["cut", "gone", "empty"])
def test_a_damaged_file_is_a_problem_with_a_remedy(run: Path, name: str, how: str) -> None:
    content = (run / name).read_bytes()
    (run / name).write_bytes(content[: len(content) // 2] if how == "cut" else b"")
    if how == "gone":
        (run / name).unlink()
    findings = by_name(look_at_files(run))
    assert findings[name].mark == "problem"
    assert findings[name].remedy
    assert tried(run)[0]["model"].mark == "note"


def test_a_newer_run_is_a_problem_that_an_upgrade_solves(run: Path) -> None:
    values = json.loads((run / "config.json").read_text("utf-8"))
    (run / "config.json").write_text(json.dumps({**values, "format": 99}), "utf-8")
    finding = by_name(look_at_files(run))["config.json"]
    assert (finding.mark, "upgrade" in finding.remedy) == ("problem", True)


@pytest.mark.parametrize(("value", "says"), [(0.0, "nothing but zeros"), (float("nan"), "NaN or infinity")])
def test_weights_that_are_zero_or_no_numbers_are_a_problem(run: Path, value: float, says: str) -> None:
    path = run / "model.safetensors"
    tensors, facts = checkpoint.load_tensors(path)
    shutil.copy(path, run / "last.safetensors")
    checkpoint.save_tensors(path, {name: torch.full_like(one, value) for name, one in tensors.items()}, facts)
    findings = by_name(look_at_files(run))
    assert (findings["model.safetensors"].mark, findings["last.safetensors"].mark) == ("problem", "ok")
    assert says in findings["model.safetensors"].found
    assert findings["model.safetensors"].remedy == f"thought doctor {run} --weights last"


def test_zeroed_weights_write_degenerate_output(run: Path) -> None:
    path = run / "model.safetensors"
    tensors, facts = checkpoint.load_tensors(path)
    checkpoint.save_tensors(path, {name: torch.zeros_like(one) for name, one in tensors.items()}, facts)
    findings, measured = tried(run, Sentences({"de": GERMAN}, "here"))
    assert findings["thoughts alike"].mark == "problem"
    assert measured["de", "en"].distinct == 1
    assert "problem" in {findings[name].mark for name in ("outputs without a word", "one output for several sources")}


def test_half_written_files_and_cut_lines_are_noted(run: Path) -> None:
    (run / "last.safetensors.77.partial").write_bytes(b"x")
    (run / "metrics.jsonl").write_text('{"event": "evaluation", "step": 3, "bleu": 20.0}\n{"event": "pro', "utf-8")
    findings = by_name(look_at_files(run))
    assert findings["last.safetensors.77.partial"].remedy == f"rm {run / 'last.safetensors.77.partial'}"
    assert findings["metrics.jsonl"].found == "line 2 of 2 is cut off"
    assert findings["last evaluation"].mark == "ok"


def test_optional_parts_are_looked_at_if_they_are_there(run: Path) -> None:
    for name in ("prepared", "snapshots", "resume"):
        (run / name).mkdir()
    (run / "resume" / "state.safetensors").write_bytes(b"short")
    (run / "report.json").write_text('{"schema": 99}', "utf-8")
    findings = by_name(look_at_files(run))
    for name in ("prepared", "snapshots", "resume/state.safetensors", "report.json"):
        assert findings[name].mark == "problem", name
        assert findings[name].remedy


def with_corpus(run: Path, corpus: str, **more: Any) -> Path:
    values = json.loads((run / "config.json").read_text("utf-8"))
    values["data"] |= {"corpus": corpus, "dev_share": 0.4, **more}
    (run / "config.json").write_text(json.dumps(values), "utf-8")
    return run


def test_dev_of_the_corpus_is_tried_in_each_direction(run: Path, corpus_file: Path) -> None:
    findings, measured = tried(with_corpus(run, str(corpus_file)))
    assert set(measured) == {("de", "en"), ("en", "de")}
    assert "dev of" in findings["sentences"].found
    assert all(one.sentences >= FEWEST and one.foreign is not None for one in measured.values())
    assert {"thoughts alike", "copies of the source", "in the wrong language"} <= set(findings)


def test_only_directions_that_were_trained_are_tried(run: Path, corpus_file: Path) -> None:
    assert set(tried(with_corpus(run, str(corpus_file), hold_out=["en-de"]))[1]) == {("de", "en")}
    assert set(tried(with_corpus(run, str(corpus_file), hold_out=[], directions=["en-de"]))[1]) == {("en", "de")}


def test_without_the_corpus_the_sentences_of_the_snapshots_are_tried(run: Path) -> None:
    texts = tuple(text for pair in sentences()[:25] for text in pair)
    empty = np.zeros((50, 0), dtype=np.float32)
    probes = Space(texts, ("en", "de") * 25, np.repeat(np.arange(25), 2), empty)
    Snapshots(with_corpus(run, "gone.tsv"), probes).save(1, np.zeros((50, 4)))
    findings, measured = tried(run)
    assert findings["sentences"].found.startswith("50 of the snapshots")
    assert measured["de", "en"].sentences == 25


def test_with_no_text_at_hand_the_option_that_gives_it_is_named(run: Path) -> None:
    findings, measured = tried(with_corpus(run, "gone.tsv"))
    assert (list(findings), measured) == (["sentences"], {})
    assert findings["sentences"].mark == "note"
    assert "--text FILE" in findings["sentences"].remedy


@pytest.mark.parametrize("texts", [GERMAN[:3], GERMAN[:1] * 40])
def test_too_few_different_sentences_are_not_judged(run: Path, texts: list[str]) -> None:
    findings, measured = tried(run, Sentences({"de": texts}, "my.txt"))
    assert findings["sentences"].found == f"not tried: fewer than {FEWEST} different sentences in my.txt"
    assert measured == {}


def test_text_of_an_unknown_language_goes_into_every_one_and_may_be_copied(run: Path) -> None:
    findings, measured = tried(run, Sentences({"": GERMAN}, "my.txt"))
    assert set(measured) == {("", "de"), ("", "en")}
    assert all(one.copied is None for one in measured.values())
    assert findings["language of the text"].remedy == "add --from LANG"


def test_text_for_a_run_that_reads_one_language_is_in_that_language(run: Path) -> None:
    findings, measured = tried(with_corpus(run, "gone", directions=["de-en"]), Sentences({"": GERMAN}, "my.txt"))
    assert set(measured) == {("de", "en")}
    assert "language of the text" not in findings


def test_text_in_a_language_the_run_does_not_read_is_not_tried(run: Path) -> None:
    findings, _ = tried(run, Sentences({"dee": GERMAN}, "my.txt"))
    assert findings["sentences"].found.endswith("not trained to read dee; did you mean de?")


@pytest.mark.parametrize("overrides", [("model.bottleneck=none",), ("model.bottleneck=3", "model.pooling=attention")])
def test_runs_with_no_thought_or_several_are_tried_too(tmp_path: Path, overrides: tuple[str, ...]) -> None:
    run = save_run(tmp_path / "other", *overrides)
    findings, measured = tried(run, Sentences({"de": GERMAN}, "my.txt"))
    assert measured["de", "en"].sentences == 64  # at most, of 72
    assert ("thoughts alike" in findings) == (overrides[0] != "model.bottleneck=none")


class Scripted:
    """A translator that says what a test wants, of at most `longest` words."""

    def __init__(self, said: dict[str, str]) -> None:
        self.config, self.said, self.languages = load_config("tiny", ["data.longest=6"]), said, ("de", "en")

    def translate(self, texts: list[str], to: str, *, longest: int = 6) -> list[str]:
        return [" ".join(self.said[text].split()[:longest]) for text in texts]


def test_an_output_is_cut_off_if_one_token_less_changes_it() -> None:
    said = {"a": "one two", "b": "one two three four five", "c": "one two three four five six", "d": "x " * 50}
    translator: Any = Scripted(said)
    found = try_out(translator, Sentences({"de": list(said)}, ""), [("de", "en")])["de", "en"]
    assert found.cut == 0.5
    assert found.examples["cut"] == ("c", said["c"])


def test_copies_and_the_wrong_language_are_seen_in_what_a_translator_writes() -> None:
    translator: Any = Scripted({text: text for text in GERMAN})
    words = {"de": frozenset(" ".join(GERMAN).lower().split()), "en": frozenset(" ".join(ENGLISH).split())}
    found = try_out(translator, Sentences({"de": GERMAN}, "", words), [("de", "en")])["de", "en"]
    assert (found.copied, found.foreign) == (1, 1)


def test_sentences_of_the_run_are_none_where_there_are_none(tmp_path: Path) -> None:
    assert find_sentences(tmp_path, load_config("tiny", ["data.corpus=gone"])).texts == {}


def test_directions_are_at_most_thirty() -> None:
    translator: Any = Scripted({})
    translator.languages = tuple("abcdefgh")
    assert len(trained_directions(translator)) == 30
