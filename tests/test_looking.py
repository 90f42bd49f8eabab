"""The commands that look at a run: a report, a map, a movie, exports."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def run(saved_run: Path, tmp_path: Path) -> Path:
    """Copy the run of random weights, for what writes into it."""
    return Path(shutil.copytree(saved_run, tmp_path / "runs" / "nonsense"))


def test_an_evaluation_is_shown_and_left_in_the_run(thought: Any, run: Path, corpus_file: Path) -> None:
    words = (
        "evaluate",
        "nonsense",
        "--on",
        f"{corpus_file}:train",
        "--limit",
        "6",
        "--part",
        "translation",
        "--part",
        "retrieval",
    )
    shown = thought(*words)
    assert shown.status == 0, shown.err
    assert "BLEU, 13a\nfrom \\ to" in shown.out
    assert "P@1, %" in shown.out
    assert {path.name for path in run.glob("report.*")} == {"report.json", "report.md", "report.html"}
    assert (run / "figures" / "retrieval.svg").stat().st_size > 1000
    assert "BLEU: nrefs:1|case:mixed|eff:no|tok:13a" in shown.out
    report = json.loads((run / "report.json").read_text("utf-8"))
    assert (report["corpus"], report["split"], report["meanings"]) == (str(corpus_file), "train", 6)
    assert (report["step"], report["weights"]) == (7, "best")
    assert (
        json.loads(thought(*words, "--json").out)["parts"]["translation"]["directions"].keys()
        == report["parts"]["translation"]["directions"].keys()
    )


def test_an_evaluation_can_be_of_one_direction_and_several_protocols(
    thought: Any, run: Path, corpus_file: Path
) -> None:
    protocols = ("--protocol", "13a", "--protocol", "spacy-lower")
    words = ("--direction", "de-en", *protocols, "--confidence", "--limit", "3", "--json", "--part", "translation")
    report = json.loads(thought("evaluate", run, "--on", f"{corpus_file}:train", *words).out)
    assert list(report["parts"]["translation"]["directions"]) == ["de-en"]
    scores = report["parts"]["translation"]["directions"]["de-en"]["scores"]
    assert list(scores) == ["13a", "spacy-lower"]
    assert scores["13a"]["bleu"]["low"] is not None


def test_languages_choose_the_directions_between_them(thought: Any, run: Path, corpus_file: Path) -> None:
    words = ("--on", f"{corpus_file}:train", "--langs", "en,de", "--limit", "2", "--json", "--part", "translation")
    assert set(json.loads(thought("evaluate", run, *words).out)["parts"]["translation"]["directions"]) == {
        "en-de",
        "de-en",
    }


def test_the_split_is_cut_as_in_training(
    thought: Any, run: Path, corpus_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = json.loads((run / "config.json").read_text("utf-8"))
    settings["training"]["seed"] = 17
    settings["data"]["test_share"] = 0.25
    (run / "config.json").write_text(json.dumps(settings), "utf-8")
    from thought.corpus import open_corpus

    asked: list[dict[str, Any]] = []

    def watched(spec: str, **options: Any) -> Any:
        asked.append(options)
        return open_corpus(spec, **options)

    monkeypatch.setattr("thought.corpus.open_corpus", watched)
    assert thought("evaluate", run, "--on", corpus_file, "--limit", "2", "--part", "translation").status == 0
    assert (asked[0]["seed"], asked[0]["test_share"], asked[0]["dev_share"]) == (17, 0.25, 0.02)


def test_results_are_shown_even_if_the_run_folder_cannot_be_written(thought: Any, run: Path, corpus_file: Path) -> None:
    (run / "report.json").mkdir()
    result = thought("evaluate", run, "--on", f"{corpus_file}:train", "--limit", "2", "--part", "translation")
    assert result.status == 2
    assert "BLEU" in result.out
    assert result.err == f"thought: cannot write to {run / 'report.json'}: Is a directory\n"


def test_a_report_of_all_parts_says_what_was_left_out_and_why(thought: Any, run: Path, corpus_file: Path) -> None:
    shown = thought("evaluate", "nonsense", "--on", f"{corpus_file}:train", "--limit", "30")
    assert shown.status == 0, shown.err
    report = json.loads((run / "report.json").read_text("utf-8"))
    assert report["schema"] == 2
    assert {"translation", "retrieval", "cheating", "calibration", "language", "clusters", "map"} <= set(
        report["parts"]
    )
    assert report["skipped"]["paraphrases"].startswith("no meaning has two wordings")
    assert "paraphrases was left out: no meaning has two wordings" in shown.out
    for name, part in report["parts"].items():
        assert part["sentence"].endswith("."), name
    page = (run / "report.html").read_text("utf-8")
    assert "http" not in page.replace("http-equiv", "")
    assert page.count("<section") == len(report["parts"]) + 1


def test_a_part_that_was_asked_for_must_be_possible(thought: Any, run: Path, corpus_file: Path) -> None:
    words = ("evaluate", run, "--on", f"{corpus_file}:train", "--limit", "9")
    missing = thought(*words, "--part", "paraphrases")
    assert (missing.status, missing.err.count("\n")) == (2, 1)
    assert "two wordings" in missing.err
    misspelt = thought(*words, "--part", "retreival")
    assert (misspelt.status, misspelt.err.count("\n")) == (2, 1)
    assert "did you mean retrieval" in misspelt.err


def test_a_run_without_a_thought_is_only_scored(
    thought: Any, attention_run: Path, corpus_file: Path, tmp_path: Path
) -> None:
    run = shutil.copytree(attention_run, tmp_path / "attention")
    assert thought("evaluate", run, "--on", f"{corpus_file}:train", "--limit", "5").status == 0
    report = json.loads((run / "report.json").read_text("utf-8"))
    assert list(report["parts"]) == ["translation"]
    assert set(report["skipped"].values()) == {"the model has no single thought"}


def test_a_movie_needs_snapshots_and_a_name_that_says_what_it_is(thought: Any, run: Path) -> None:
    missing = thought("movie", run)
    assert (missing.status, missing.err.count("\n")) == (2, 1)
    assert "snapshots" in missing.err
    wrong = thought("movie", run, "-o", "film.avi")
    assert wrong.status == 2
    assert ".gif, .mp4, .html" in wrong.err


def test_a_map_is_drawn_with_its_control_and_can_be_opened_again(thought: Any, run: Path, corpus_file: Path) -> None:
    words = ("map", run, "--on", f"{corpus_file}:train", "--limit", "20", "--method", "pca")
    result = thought(*words)
    assert result.status == 0, result.err
    assert [Path(line).name for line in result.lines] == ["map-pca.npz", "map-pca.png", "map-pca.svg", "map.html"]
    assert "P@1" in result.err  # the caption
    from thought.projection import Projection

    assert Projection.load(run / "figures" / "map-pca.npz").points.shape == (40, 2)
    assert "der große Hund rennt" in (run / "figures" / "map.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--method", "pcaa"), "did you mean pca"),
        (("--theme", "blue"), "unknown theme"),
        (("--langs", "xx"), "does not write xx"),
    ],
)
def test_mistakes_about_maps_are_one_line(
    thought: Any, run: Path, corpus_file: Path, words: tuple[str, ...], message: str
) -> None:
    result = thought("map", run, "--on", f"{corpus_file}:train", "--limit", "9", *words)
    assert (result.status, result.err.count("\n")) == (2, 1)
    assert message in result.err


def test_a_run_without_a_single_thought_has_no_map(thought: Any, many_run: Path, corpus_file: Path) -> None:
    result = thought("map", many_run, "--on", f"{corpus_file}:train")
    assert result.status == 2
    assert "no single thought" in result.err


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ("csv", ["thoughts.csv"]),
        ("json", ["thoughts.json"]),
        ("tensorboard", ["tensors.tsv", "metadata.tsv", "projector_config.pbtxt"]),
    ],
)
def test_thoughts_are_written_for_other_programs(
    thought: Any, run: Path, corpus_file: Path, form: str, names: list[str]
) -> None:
    result = thought("export", run, "--format", form, "--on", f"{corpus_file}:train", "--limit", "9", "--method", "pca")
    assert result.status == 0, result.err
    assert [Path(line).name for line in result.lines] == names
    assert all(Path(line).stat().st_size for line in result.lines)
