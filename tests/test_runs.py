"""Runs have names a person can guess, and tell what is in them without loading a weight."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from thought.config import FORMAT, load_config
from thought.errors import CheckpointError, CorpusError
from thought.runs import (
    claim,
    describe,
    find_run,
    list_runs,
    name_run,
    parse_target,
    read_config,
    read_header,
    release,
)


@pytest.fixture
def run(saved_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the run of random weights to runs/nonsense of an empty working folder."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(saved_run, Path("runs") / "nonsense"))


@pytest.mark.parametrize(
    ("overrides", "preset", "name"),
    [
        (["data.corpus=multi30k", "data.languages=de,en"], "small", "multi30k-de-en-small"),
        (["data.corpus=multi30k"], "small", "multi30k-small"),
        (["data.corpus=multi30k", "data.directions=de-en"], "tiny", "multi30k-de-to-en-tiny"),
        (["data.corpus=some/my.tsv.gz"], "small", "my-small"),
        (["data.corpus=some/train.de,some/train.en"], "small", "train-small"),
        (["data.corpus=some/folder/"], "settings/mine.toml", "folder-mine"),
        (["data.corpus=two words.tsv"], "small", "two-words-small"),
        (["data.corpus=../"], "small", "corpus-small"),
    ],
)
def test_a_run_is_named_after_what_it_learns(overrides: list[str], preset: str, name: str) -> None:
    assert name_run(load_config("tiny", overrides), preset) == name


def test_a_run_is_found_by_path_and_by_name(run: Path) -> None:
    assert find_run("nonsense") == find_run("runs/nonsense") == run
    assert find_run(str(run.absolute())) == run.absolute()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nonsens", "there is no run nonsens; did you mean nonsense?"),
        ("runs/nonsens", "there is no run runs/nonsens; did you mean runs/nonsense?"),
        ("runs", "runs is no run: it has no config.json; known: nonsense"),
        ("nowhere/x", "there is no run nowhere/x; train one with: thought train"),
    ],
)
def test_a_misspelt_run_names_the_nearest(run: Path, name: str, message: str) -> None:
    with pytest.raises(CheckpointError) as caught:
        find_run(name)
    assert str(caught.value) == message


def test_a_new_or_empty_folder_may_be_claimed(tmp_path: Path) -> None:
    claim(tmp_path / "new")
    claim(tmp_path)


def test_a_run_is_not_overwritten_unless_asked_for(run: Path) -> None:
    (run / "notes.txt").touch()
    with pytest.raises(CheckpointError, match="thought train --resume runs/nonsense .or start anew with --fresh"):
        claim(run)
    claim(run, fresh=True)
    assert [path.name for path in run.iterdir()] == ["notes.txt"], "what is not ours stays"


def test_a_folder_that_is_no_run_is_never_emptied(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(CheckpointError, match="holds files that are no run"):
        claim(tmp_path, fresh=True)
    (tmp_path / "config.json").write_text('{"name": "of another program"}', "utf-8")
    with pytest.raises(CheckpointError, match="was not written by this package"):
        claim(tmp_path, fresh=True)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_run_that_learned_nothing_leaves_nothing(run: Path) -> None:
    release(run)
    assert (run / "model.safetensors").exists(), "this one has learned"
    (run / "model.safetensors").unlink()
    release(run)
    assert not run.exists()
    release(run)


def test_files_of_others_are_left_where_they_are(run: Path) -> None:
    (run / "model.safetensors").unlink()
    (run / "notes.txt").touch()
    release(run)
    assert [path.name for path in run.iterdir()] == ["notes.txt"]


def test_a_file_cannot_be_claimed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CheckpointError, match="is a file; expected a folder"):
        claim(tmp_path / "file")


def test_a_description_counts_weights_as_torch_does(run: Path) -> None:
    from thought.translator import Translator

    translator = Translator.load(run)
    found = describe(run)
    assert found["weights"] == sum(weight.numel() for weight in translator.model.parameters())
    assert found["languages"] == list(translator.languages)
    assert (found["step"], found["format"], found["best"]) == (7, FORMAT, None)
    assert set(found["files"]) == {"config.json", "model.safetensors", "tokenizer.model"}


def test_the_best_evaluation_is_told_and_a_torn_line_of_metrics_is_not_fatal(run: Path) -> None:
    records = [
        {"step": 10, "bleu": 2.0, "chrf": 9.0},
        {"step": 20, "bleu": 3.0, "chrf": 9.0},
        {"step": 30, "loss": 1.0},
    ]
    text = "\n".join(json.dumps(record) for record in records) + '\n{"step": 4'
    (run / "metrics.jsonl").write_text(text, "utf-8")
    found = describe(run)
    assert found["best"]["step"] == 20
    assert found["step"] == 30


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"format": 99}', "is of format 99, newer than 1"),
        ("{}", "was not written by this package"),
        ('{"format": "1"}', "was not written by this package"),
        ("[1]", "expected an object, got list"),
        ("{", "is damaged"),
        ("\x00", "is damaged"),
        ('{"format": 1, "model": {"thought_sice": 2}}', "did you mean model.thought_size?"),
    ],
)
def test_settings_that_cannot_be_read_are_named(run: Path, text: str, message: str) -> None:
    (run / "config.json").write_text(text, "utf-8")
    with pytest.raises(CheckpointError) as caught:
        read_config(run)
    assert message in str(caught.value)


@pytest.mark.parametrize("size", [0, 7, 100, -1])
def test_weights_that_were_cut_off_are_named(run: Path, size: int) -> None:
    path = run / "model.safetensors"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(CheckpointError, match="model.safetensors is damaged"):
        read_header(path)


def test_a_header_of_impossible_size_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"\xff" * 16)
    with pytest.raises(CheckpointError, match="is damaged"):
        read_header(path)


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("multi30k", ("multi30k", "test")),
        ("multi30k:val", ("multi30k", "val")),
        ("multi30k:", ("multi30k", "test")),
        ("a/b.tsv:dev", ("a/b.tsv", "dev")),
        ("C:\\corpora\\my.tsv", ("C:\\corpora\\my.tsv", "test")),
        ("C:\\corpora\\my.tsv:dev", ("C:\\corpora\\my.tsv", "dev")),
        ("train.de,train.en", ("train.de,train.en", "test")),
    ],
)
def test_a_target_is_a_corpus_and_a_split(target: str, parts: tuple[str, str]) -> None:
    assert parse_target(target) == parts


def test_a_target_without_a_corpus_is_an_error() -> None:
    with pytest.raises(CorpusError, match="names no corpus"):
        parse_target(":test")


def test_runs_are_listed_in_order(run: Path) -> None:
    shutil.copytree(run, "runs/another")
    assert list_runs() == ["another", "nonsense"]
