"""The commands that use a run: lines in are lines out, and a pipe of commands is one translation."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from thought import __version__, commands
from thought.translator import Translator

TEXT = "a big dog runs.\n\nder Hund schläft 🙂\n   \na bird sings at home.\n"


def test_lines_in_are_lines_out_and_empty_ones_stay(thought: Any, saved_run: Path) -> None:
    result = thought("translate", saved_run, "--to", "de", stdin=TEXT)
    assert (result.status, result.err) == (0, "")
    assert len(result.lines) == 5
    assert [bool(line.strip()) for line in result.lines][1::2] == [False, False]
    said = ["a big dog runs.", "der Hund schläft 🙂", "a bird sings at home."]
    expected = Translator.load(saved_run).translate(said, "de", beam=5)
    assert result.lines[::2] == [" ".join(text.splitlines()) for text in expected]


def test_each_line_gets_its_own_answer(thought: Any, saved_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Translator, "translate", lambda self, texts, *_, **__: [text.upper() for text in texts])
    assert thought("translate", saved_run, "--to", "de", stdin="one\n\n  \ntwo\nthree").out == "ONE\n\n\nTWO\nTHREE\n"


def test_order_is_kept_over_many_batches(thought: Any, saved_run: Path) -> None:
    texts = [f"a dog {'runs ' * (number % 7)}{number}" for number in range(40)]
    words = ("translate", saved_run, "--to", "en", "--beam", "1")
    many = thought(*words, "--batch-size", "2", stdin="\n".join(texts))
    alone = [thought(*words, stdin=text).lines[0] for text in texts[:6]]
    assert len(many.lines) == 40
    assert many.lines[:6] == alone


def test_memory_does_not_grow_with_the_input(thought: Any, saved_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    translate = Translator.translate

    def counted(self: Translator, texts: list[str], *others: Any, **options: Any) -> list[str]:
        sizes.append(len(texts))
        return translate(self, texts, *others, **options)

    monkeypatch.setattr(Translator, "translate", counted)
    result = thought("translate", saved_run, "--to", "en", "--beam", "1", "--batch-size", "2", stdin="a dog\n" * 50)
    assert len(result.lines) == 50
    assert sizes == [16, 16, 16, 2]


def test_files_are_read_in_turn_and_an_output_file_is_written(thought: Any, saved_run: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text("a dog runs.\n", "utf-8")
    words = ("translate", saved_run, "one", "-", "two", "--to", "de", "--output", "out.txt")
    result = thought(*words, stdin="a cat.\n")
    assert (result.status, result.out) == (0, "")
    assert (tmp_path / "out.txt").read_text("utf-8").count("\n") == 3


def test_json_has_source_and_translation(thought: Any, saved_run: Path) -> None:
    records = [json.loads(line) for line in thought("translate", saved_run, "--to", "de", "--json", stdin=TEXT).lines]
    assert [record["source"] for record in records] == TEXT.removesuffix("\n").split("\n")
    assert records[1] == {"source": "", "to": "de", "translation": ""}


def test_sampling_is_the_same_for_the_same_seed_and_needs_no_word_about_beams(thought: Any, saved_run: Path) -> None:
    words = ("translate", saved_run, "--to", "de", "--temperature", "2", "--seed")
    same = [thought(*words, seed, stdin=TEXT).out for seed in (1, 1, 2)]
    assert same[0] == same[1] != same[2]


def test_sampling_and_a_beam_contradict_each_other(thought: Any, saved_run: Path) -> None:
    result = thought("translate", saved_run, "--to", "de", "--temperature", "1", "--beam", "3", stdin=TEXT)
    assert result.status == 2
    assert "sampling needs beam = 1" in result.err


def test_a_translation_with_line_breaks_in_it_stays_one_line(
    thought: Any, saved_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Translator, "translate", lambda self, texts, *_, **__: ["a\nb\u2028c" for _ in texts])
    assert thought("translate", saved_run, "--to", "de", stdin="x\ny\n").out == "a b c\na b c\n"


def test_thoughts_in_a_file_are_those_of_the_library(thought: Any, saved_run: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text(TEXT, "utf-8")
    result = thought("encode", saved_run, "text.txt", "-o", "thoughts.npy", "--batch-size", "1")
    assert (result.status, result.out) == (0, "")
    found = np.load(tmp_path / "thoughts.npy")
    expected = Translator.load(saved_run).encode(TEXT.removesuffix("\n").split("\n"))
    assert (found.shape, found.dtype) == ((5, 4), np.dtype(np.float32))
    np.testing.assert_allclose(found, expected, atol=2e-2)  # bfloat16, and batches of other sizes


def test_normalised_thoughts_have_length_one(thought: Any, saved_run: Path) -> None:
    result = thought("encode", saved_run, "--normalize", "--json", stdin="a dog.\na cat.\n")
    thoughts = np.array([json.loads(line)["thought"] for line in result.lines])
    np.testing.assert_allclose(np.linalg.norm(thoughts, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("form", ["tsv", "jsonl"])
@pytest.mark.parametrize("kind", ["saved_run", "many_run"])
def test_encode_and_decode_in_a_pipe_are_translate(
    thought: Any, request: pytest.FixtureRequest, kind: str, form: str
) -> None:
    run = request.getfixturevalue(kind)
    text = "a big dog runs.\nder Kater schläft.\n"
    thoughts = thought("encode", run, "--format", form, stdin=text)
    decoded = thought("decode", run, "-", "--to", "en", stdin=thoughts.out)
    assert (decoded.status, decoded.err) == (0, "")
    assert decoded.out == thought("translate", run, "--to", "en", stdin=text).out


def test_thoughts_go_through_a_npy_file_too(thought: Any, many_run: Path) -> None:
    text = "a big dog runs.\nder Kater schläft.\n"
    thought("encode", many_run, "-", "-o", "thoughts.npy", stdin=text)
    decoded = thought("decode", many_run, "thoughts.npy", "--to", "de", "--json")
    expected = thought("translate", many_run, "--to", "de", stdin=text).lines
    assert [json.loads(line) for line in decoded.lines] == [{"to": "de", "text": line} for line in expected]


def test_no_input_is_no_output(thought: Any, saved_run: Path) -> None:
    assert thought("translate", saved_run, "--to", "de").out == ""
    assert thought("encode", saved_run).out == ""
    assert thought("encode", saved_run, "-", "-o", "none.npy").status == 0
    assert np.load("none.npy").shape == (0, 4)
    assert thought("decode", saved_run, "none.npy", "--to", "de").out == ""


def test_a_model_without_a_thought_translates_but_has_none_to_give(thought: Any, attention_run: Path) -> None:
    assert thought("translate", attention_run, "--to", "de", stdin="a dog.\n").status == 0
    for words in (("encode", attention_run), ("decode", attention_run, "-", "--to", "de")):
        result = thought(*words, stdin="a dog.\n")
        assert result.status == 2
        assert "bottleneck" in result.err
        assert result.err.count("\n") == 1


@pytest.fixture
def run(saved_run: Path, tmp_path: Path) -> Path:
    """Copy the run of random weights, for what writes into it."""
    return Path(shutil.copytree(saved_run, tmp_path / "runs" / "nonsense"))


def test_info_tells_what_a_run_is(thought: Any, run: Path) -> None:
    (run / "metrics.jsonl").write_text('{"step": 9, "bleu": 28.34, "chrf": 50.0, "p_at_1": 0.5}\n', "utf-8")
    shown = thought("info", "nonsense").out
    assert "languages     de, en" in shown
    assert "BLEU 28.3, chrF 50.0, P@1 50.0 %, at step 9" in shown
    assert ["data.dev_share", "0.02"] in [line.split() for line in shown.split("\n")]
    assert "model.safetensors" in shown
    values = json.loads(thought("info", run, "--json").out)
    assert values["settings"]["model"]["thought_size"] == 4
    assert values["best"]["bleu"] == 28.34


def test_a_terminal_is_told_what_to_type_and_answered_at_once(
    thought: Any, saved_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "_waits_for_a_person", lambda files: True)
    result = thought("translate", saved_run, "--to", "de", "--beam", "1", stdin="a dog.\na cat.\n")
    assert len(result.lines) == 2
    assert result.err == "one sentence a line; Ctrl-D ends\n"


def test_the_version_is_a_version() -> None:
    assert __version__.count(".") == 2
