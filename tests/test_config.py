"""Settings are checked at once, by name, type and range, and survive the way to disk and back."""

from __future__ import annotations

import dataclasses
import json
import typing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thought.config import (
    Config,
    DataConfig,
    LossConfig,
    ModelConfig,
    TokenizerConfig,
    TrainingConfig,
    from_dict,
    load_config,
    presets,
    to_dict,
)
from thought.errors import ConfigError

SETTINGS = [
    (part.name, setting.name)
    for part in dataclasses.fields(Config)
    for setting in dataclasses.fields(typing.get_type_hints(Config)[part.name])
]


def setting(override: str) -> Any:
    """Return what one override makes of the tiny preset."""
    section, _, key = override.partition("=")[0].strip().partition(".")
    return getattr(getattr(load_config("tiny", [override]), section), key.strip())


def test_three_presets_are_shipped() -> None:
    assert presets() == ("base", "demo", "small", "tiny")


@pytest.mark.parametrize("preset", ["base", "small", "tiny"])
def test_presets_are_valid_and_have_an_end(preset: str) -> None:
    training = load_config(preset).training
    assert training.steps or training.minutes or training.epochs


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("model.thought_size=256", 256),
        ("model.thought_size = 256 ", 256),
        ("tokenizer.vocabulary_size=16_000", 16_000),
        ("training.steps=1e3", 1_000),
        ("training.learning_rate=1", 1.0),
        ("training.learning_rate=5e-4", 5e-4),
        ("model.bottleneck=none", "none"),
        ("model.pooling='mean'", "mean"),
        ("data.languages=de,en", ("de", "en")),
        ('data.languages=["de", "en"]', ("de", "en")),
        ("data.languages=", ()),
        ("data.paraphrases=True", True),
        ("data.corpus=a=b.tsv", "a=b.tsv"),
        ("data.corpus=123", "123"),
        ("data.corpus=train.de,train.en", "train.de,train.en"),
    ],
)
def test_overrides_are_read_as_the_type_of_the_setting(override: str, value: object) -> None:
    found = setting(override)
    assert found == value
    assert type(found) is type(value)


def test_k_thoughts_are_a_number_or_none() -> None:
    assert load_config("tiny", ["model.bottleneck=4", "model.pooling=attention"]).model.bottleneck == 4


def test_the_last_override_wins() -> None:
    assert load_config("tiny", ["training.seed=2", "training.seed=3"]).training.seed == 3


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("model.tought_size=3", "unknown setting model.tought_size; did you mean model.thought_size?"),
        ("modle.thought_size=3", "unknown setting modle.thought_size; did you mean model.thought_size?"),
        ("thought_size=3", "unknown setting thought_size; did you mean model.thought_size?"),
        ("xyz=3", "unknown setting xyz"),
        ("model.thought_size", "written section.setting=value, got 'model.thought_size'"),
        ("model.thought_size=big", "model.thought_size must be a whole number, got 'big'"),
        ("model.thought_size=2.5", "model.thought_size must be a whole number, got 2.5"),
        ("model.thought_size=true", "model.thought_size must be a whole number, got True"),
        ("training.learning_rate=fast", "training.learning_rate must be a number, got 'fast'"),
        ("training.minutes=inf", "training.minutes must be a finite number"),
        ("training.minutes=nan", "training.minutes must be a finite number"),
        ("training.steps=" + "9" * 30, "training.steps must be a finite number"),
        ("training.minutes=" + "9" * 400, "training.minutes must be a finite number"),
        ("training.steps=" + "9" * 5_000, "training.steps must be a finite number"),
        ("data.paraphrases=1", "data.paraphrases must be true or false, got 1"),
        ("model.encoder=lstm", "model.encoder must be one of gru, transformer, got 'lstm'"),
        ("model.bottleneck=some", "model.bottleneck must be a whole number or \"none\", got 'some'"),
        ("model.bottleneck=true", 'model.bottleneck must be a whole number or "none", got True'),
    ],
)
def test_names_and_types_are_checked(override: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config("tiny", [override])
    assert message in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "override",
    [
        "data.dev_share=0.5",
        "data.test_share=-0.1",
        "data.longest=1",
        "data.paraphrase_share=1.1",
        "data.directions=de",
        "data.directions=de-",
        "data.hold_out=de-en-fr",
        "tokenizer.vocabulary_size=299",
        "tokenizer.variants=65",
        "tokenizer.temperature=0",
        "tokenizer.sample_size=0",
        "model.embedding_size=0",
        "model.encoder_layers=65",
        "model.heads=0",
        "model.dropout=1",
        "model.bottleneck=0",
        "model.bottleneck=2",  # needs attention pooling
        "loss.label_smoothing=1",
        "loss.word_dropout=-0.1",
        "loss.denoising=1.1",
        "loss.align_weight=-1",
        "loss.align_temperature=0",
        "training.seed=-1",
        "training.minutes=-1",
        "training.batch_tokens=0",
        "training.accumulate=0",
        "training.learning_rate=0",
        "training.average=1",
        "training.steps=0",  # the only budget of the preset
    ],
)
def test_ranges_are_checked_and_the_setting_is_named(override: str) -> None:
    name = override.partition("=")[0]
    with pytest.raises(ConfigError) as caught:
        load_config("tiny", [override])
    assert any(word in str(caught.value) for word in (name, "direction"))


def test_heads_must_divide_the_width_of_a_transformer() -> None:
    with pytest.raises(ConfigError, match=r"model\.encoder_size must be a multiple of model\.heads, got 48 and 5"):
        load_config("tiny", ["model.encoder=transformer", "model.heads=5"])


@pytest.mark.parametrize("bottleneck", ["none", "2"])
def test_alignment_needs_exactly_one_thought(bottleneck: str) -> None:
    with pytest.raises(ConfigError, match=r"loss\.align .* needs model\.bottleneck = 1"):
        load_config("tiny", [f"model.bottleneck={bottleneck}", "model.pooling=attention", "loss.align=mse"])


def test_an_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"unknown preset smal; did you mean small\?"):
        load_config("smal")


def test_a_toml_file_is_read_like_a_preset(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[training]\nsteps = 5\n[model]\nthought_size = 32\n", "utf-8")
    config = load_config(str(path), ["model.thought_size=16"])
    assert (config.training.steps, config.model.thought_size) == (5, 16)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model = 3", "model must be a table of settings, got 3"),
        ("[model]\nthought_sice = 3", "unknown setting model.thought_sice; did you mean model.thought_size?"),
        ("[mode]\nthought_size = 3", "unknown setting mode; did you mean model?"),
        ("[model", "is not valid TOML"),
        ("[data]\nlanguages = [1, 2]", "data.languages must be a list of words, got [1, 2]"),
        ("[data]\ncorpus = 1", "data.corpus must be a word, got 1"),
    ],
)
def test_a_wrong_toml_file_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(str(path))
    assert message in str(caught.value)


def test_a_missing_or_binary_toml_file_is_named(tmp_path: Path) -> None:
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe")
    for path in (tmp_path / "nowhere.toml", binary, tmp_path):
        with pytest.raises(ConfigError, match=r"nowhere\.toml|binary\.toml|unknown preset"):
            load_config(str(path))


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().training.seed = 2  # type: ignore[misc]


share = st.floats(0, 0.49)
configs = st.builds(
    Config,
    data=st.builds(
        DataConfig,
        corpus=st.text(min_size=1),
        languages=st.lists(st.sampled_from(["de", "en", "fr", "cs"]), unique=True).map(tuple),
        directions=st.lists(st.sampled_from(["de-en", "en-fr"]), unique=True).map(tuple),
        paraphrases=st.booleans(),
        dev_share=share,
        test_share=share,
    ),
    tokenizer=st.builds(TokenizerConfig, vocabulary_size=st.integers(300, 65_000), temperature=st.floats(0.01, 9)),
    model=st.builds(
        ModelConfig,
        pooling=st.just("attention"),
        bottleneck=st.one_of(st.integers(1, 64), st.just("none")),
        dropout=st.floats(0, 0.99),
    ),
    loss=st.builds(LossConfig, label_smoothing=st.floats(0, 0.99), align_weight=st.floats(0, 1e9)),
    training=st.builds(TrainingConfig, steps=st.integers(1, 2**40), minutes=st.floats(0, 1e9), seed=st.integers(0, 9)),
)


@given(configs)
def test_settings_survive_the_way_through_json(config: Config) -> None:
    assert from_dict(json.loads(json.dumps(to_dict(config)))) == config


@given(configs, st.sampled_from(SETTINGS))
def test_every_setting_can_be_given_as_an_override(config: Config, name: tuple[str, str]) -> None:
    section, key = name
    value = getattr(getattr(config, section), key)
    text = ",".join(value) if isinstance(value, tuple) else str(value)
    if text != text.strip():
        return  # the space around a value is not part of it
    needed = ["model.pooling=attention", "training.steps=1"]
    changed = load_config("tiny", [*needed, f"{section}.{key}={text}"])
    assert getattr(getattr(changed, section), key) == value
