"""`thought demo` as a person types it: on a toy budget, with Ctrl-C, again, and into a pipe."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from thought import cli
from thought.config import Config, load_config
from thought.demo import lesson

TOY = (
    "data.corpus=microworld:size=60,test=20",
    "tokenizer.vocabulary_size=700",
    "model.embedding_size=16",
    "model.encoder_size=16",
    "model.decoder_size=24",
    "model.thought_size=24",
    "training.minutes=0",
    "training.steps=6",
    "training.evaluate_every=3",
    "training.evaluate_meanings=6",
    "training.batch_tokens=600",
)


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Make the demo small, and its home a folder that goes away."""

    def small(seed: int = 1) -> Config:
        return load_config("demo", [*TOY, f"training.seed={seed}"])

    monkeypatch.setattr(lesson, "recipe", small)
    monkeypatch.setattr(lesson, "hold_lesson", _of_twelve(lesson.hold_lesson))
    monkeypatch.chdir(tmp_path)


def _of_twelve(hold):  # type: ignore[no-untyped-def]
    return lambda *given, **named: hold(*given, **named, tested=12)


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as exited:
        cli.main(list(words))
    return int(exited.value.code or 0)


def test_the_demo_trains_shows_and_leaves_a_page_then_remembers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("demo") == 0
    first = capsys.readouterr()
    assert "runs/demo/index.html" in first.out
    assert "Meaning accuracy" in first.out
    assert "\x1b" not in first.out + first.err
    assert Path("runs/demo/index.html").read_text("utf-8").startswith("<!doctype html>")
    trained = Path("runs/demo/model.safetensors").stat().st_mtime_ns
    asked: list[str] = []
    monkeypatch.setattr("webbrowser.open", asked.append)
    assert run("demo", "--open") == 0
    again = capsys.readouterr()
    assert "--fresh trains again" in again.err
    assert [address.startswith("file://") and address.endswith("runs/demo/index.html") for address in asked] == [True]
    assert Path("runs/demo/model.safetensors").stat().st_mtime_ns == trained
    assert run("demo", "--seed", "2") == 2
    assert "--fresh" in capsys.readouterr().err
    assert run("demo", "--seed", "2", "--fresh", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert Path(answer["page"]).is_file()
    assert json.loads(Path(answer["results"]).read_text("utf-8"))["seed"] == 2


def test_an_interrupted_demo_goes_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import dataclasses

    whole = lesson.train

    def interrupted(config: Config, folder: Path, **named):  # type: ignore[no-untyped-def]
        outcome = whole(config, folder, **named)
        return dataclasses.replace(outcome, stopped="interrupted")

    monkeypatch.setattr(lesson, "train", interrupted)
    assert run("demo") == 130
    assert not Path("runs/demo/demo.json").exists()
    monkeypatch.setattr(lesson, "train", whole)
    assert run("demo") == 0
    assert "going on in runs/demo" in capsys.readouterr().err
    assert Path("runs/demo/demo.json").is_file()


def test_somebody_elses_folder_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep", "utf-8")
    assert run("demo", "--out", "mine", "--fresh") == 2
    assert "no run" in capsys.readouterr().err
    assert (tmp_path / "mine" / "notes.txt").read_text("utf-8") == "keep"
