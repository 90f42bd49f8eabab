"""What a translator says to what it cannot do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from worlds import tiny, toy_texts, toy_translator

from thought import checkpoint
from thought.errors import CheckpointError, ConfigError, ThoughtError, TokenizerError
from thought.translator import Translator

TEXTS = toy_texts(8)
MANY = ("model.bottleneck=3", "model.pooling=attention")
NONE = ("model.bottleneck=none",)


@pytest.mark.parametrize("method", ["translate", "decode", "score"])
def test_an_unknown_language_names_the_nearest(method: str) -> None:
    translator = toy_translator()
    given = {
        "translate": lambda to: translator.translate(["rabe"], to),
        "decode": lambda to: translator.decode(np.zeros((0, 12)), to),
        "score": lambda to: translator.score(["rabe"], ["ebar"], to),
    }[method]
    with pytest.raises(TokenizerError, match=r"unknown language bx; did you mean bb\?"):
        given("bx")


@pytest.mark.parametrize(
    ("overrides", "shape", "expected"),
    [
        ((), (2, 11), r"\(N, 12\), got \(2, 11\)"),
        ((), (12,), r"\(N, 12\), got \(12,\)"),
        ((), (2, 1, 12), r"\(N, 12\), got \(2, 1, 12\)"),
        (MANY, (2, 12), r"\(N, 3, 12\), got \(2, 12\)"),
        (MANY, (2, 2, 12), r"\(N, 3, 12\), got \(2, 2, 12\)"),
    ],
)
def test_thoughts_of_another_shape_say_what_was_expected(
    overrides: tuple[str, ...], shape: tuple[int, ...], expected: str
) -> None:
    with pytest.raises(ThoughtError, match=f"thoughts of this model have shape {expected}"):
        toy_translator(*overrides).decode(np.zeros(shape), "aa")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_thoughts_must_be_finite(value: float) -> None:
    thoughts = np.zeros((2, 12))
    thoughts[1, 3] = value
    with pytest.raises(ThoughtError, match="thoughts must be finite numbers, got NaN or infinity"):
        toy_translator().decode(thoughts, "aa")


@pytest.mark.parametrize("thoughts", ["rabe", [["a", "b"]], None, [[1.0], [1.0, 2.0]]])
def test_thoughts_must_be_numbers(thoughts: object) -> None:
    with pytest.raises(ThoughtError, match="thoughts must be an array of numbers"):
        toy_translator().decode(thoughts, "aa")


def test_as_many_languages_as_sentences() -> None:
    with pytest.raises(ThoughtError, match="one language for all or one for each of 8 sentences, got 2"):
        toy_translator().translate(TEXTS, ["aa", "bb"])


def test_as_many_targets_as_sources() -> None:
    with pytest.raises(ThoughtError, match="as many targets as sources, got 1 and 8"):
        toy_translator().score(TEXTS, ["rabe"], "aa")


@pytest.mark.parametrize("overrides", [(), NONE])
@pytest.mark.parametrize("batch_size", [0, -1])
def test_a_batch_has_at_least_one_sentence(overrides: tuple[str, ...], batch_size: int) -> None:
    translator = toy_translator(*overrides)
    with pytest.raises(ThoughtError, match=f"batch_size must be at least 1, got {batch_size}"):
        translator.translate(TEXTS, "aa", batch_size=batch_size)
    if overrides != NONE:
        with pytest.raises(ThoughtError, match=f"batch_size must be at least 1, got {batch_size}"):
            translator.decode(np.zeros((3, 12)), "aa", batch_size=batch_size)


def test_search_that_makes_no_sense_says_so() -> None:
    with pytest.raises(ConfigError, match="longest must be at least 1"):
        toy_translator().translate(TEXTS, "aa", longest=-1)


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.model", "model.safetensors"])
def test_a_run_that_lacks_a_file_says_which(tmp_path: Path, missing: str) -> None:
    toy_translator().save(tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(ThoughtError, match=missing.replace(".", r"\.")):
        Translator.load(tmp_path)


def test_weights_have_three_kinds(tmp_path: Path) -> None:
    toy_translator().save(tmp_path)
    with pytest.raises(CheckpointError, match=r"unknown weights lst; did you mean last\?"):
        Translator.load(tmp_path, weights="lst")
    with pytest.raises(CheckpointError, match=r"there is no .*averaged\.safetensors"):
        Translator.load(tmp_path, weights="averaged")


def test_weights_of_other_settings_do_not_fit(tmp_path: Path) -> None:
    toy_translator().save(tmp_path)
    checkpoint.save_config(tmp_path, tiny("model.thought_size=16"))
    with pytest.raises(CheckpointError, match=r"do not fit its settings: .* has shape .*, expected"):
        Translator.load(tmp_path)
    checkpoint.save_config(tmp_path, tiny("model.encoder=transformer"))
    with pytest.raises(CheckpointError, match="do not fit its settings: .* on one side only"):
        Translator.load(tmp_path)
