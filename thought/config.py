"""Settings: frozen dataclasses in, checked at once; TOML presets and key=value overrides.

A `Config` comes from a preset of the package (`tiny`, `small`, `base`), a TOML file, or the `config.json` of a
run. Unknown names, wrong types and bad ranges raise `ConfigError` with the nearest known name.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from thought.errors import ConfigError, nearest

FORMAT = 1  # of config.json and the run folder; raised when an old reader would misread a new run


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ConfigError(message)


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Which sentences a model sees."""

    corpus: str = "multi30k"  # a registered name, a file, a folder, or files joined by commas
    languages: tuple[str, ...] = ()  # codes to keep; empty keeps all the corpus has
    directions: tuple[str, ...] = ()  # "de-en" trains only that; empty trains any to any
    hold_out: tuple[str, ...] = ()  # directions never trained, such as "de-fr": what works is zero-shot
    paraphrases: bool = False  # also loose paraphrases where the corpus has them (Multi30k task 2)
    paraphrase_share: float = 1.0  # of draws that take any wording of a language, not its first
    targets: Literal["any", "first"] = "any"  # wordings the decoder learns to write; "first": the official one
    dev_share: float = 0.02  # of meanings, where the corpus has no split of its own
    test_share: float = 0.02  # same
    longest: int = 100  # tokens; a longer sentence is skipped and counted

    def __post_init__(self) -> None:
        share = self.paraphrase_share
        _require(0 <= share <= 1, f"data.paraphrase_share must lie in [0, 1], got {share}")
        for name in ("dev_share", "test_share"):
            value = getattr(self, name)
            _require(0 <= value < 0.5, f"data.{name} must lie in [0, 0.5), got {value}")
        _require(self.longest >= 2, f"data.longest must be at least 2 tokens, got {self.longest}")
        for pair in self.directions + self.hold_out:
            _require(pair.count("-") == 1 and all(pair.split("-")), f"a direction is written like de-en, got {pair!r}")


@dataclass(frozen=True, kw_only=True)
class TokenizerConfig:
    """The joint subword model, trained inside `thought train` (Kudo & Richardson 2018)."""

    kind: Literal["unigram", "bpe"] = "unigram"  # bpe gives whole words sooner where there are few
    vocabulary_size: int = 8_000  # pieces, with 256 bytes, tags and specials; fewer if the text has fewer
    variants: int = 0  # sampled segmentations stored beside the best one (Kudo 2018); 0 is off
    temperature: float = 0.2  # of sampled segmentations: smaller is wilder, 1 follows the unigram model
    sample_size: int = 100_000  # sentences the subword model is trained on, drawn from the whole corpus

    def __post_init__(self) -> None:
        size = self.vocabulary_size
        _require(300 <= size <= 65_000, f"tokenizer.vocabulary_size must lie in [300, 65000], got {size}")
        _require(0 <= self.variants <= 64, f"tokenizer.variants must lie in [0, 64], got {self.variants}")
        _require(self.temperature > 0, f"tokenizer.temperature must be positive, got {self.temperature}")
        _require(self.sample_size > 0, f"tokenizer.sample_size must be positive, got {self.sample_size}")


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Shapes of encoder, bottleneck and decoder."""

    encoder: Literal["gru", "transformer"] = "gru"
    decoder: Literal["gru", "transformer"] = "gru"
    embedding_size: int = 256  # E, shared by source, target and output
    encoder_size: int = 512  # H of the encoder: per direction (GRU) or model width (Transformer)
    decoder_size: int = 512  # H of the decoder
    thought_size: int = 512  # Z
    encoder_layers: int = 1
    decoder_layers: int = 1
    heads: int = 4  # of attention, in Transformers, in attention pooling and over K > 1 thoughts
    pooling: Literal["attention", "mean", "max", "last"] = "max"  # how states become the thought
    bottleneck: int | Literal["none"] = 1  # thoughts a sentence; "none" lets the decoder see all states
    output: Literal["joint", "language"] = "joint"  # pieces to write with: all, or those of the language to write
    dropout: float = 0.3
    remember: float = 0.0  # added at the start to the bias of GRU update gates (Jozefowicz et al. 2015)

    def __post_init__(self) -> None:
        for name in ("embedding_size", "encoder_size", "decoder_size", "thought_size"):
            value = getattr(self, name)
            _require(1 <= value <= 65_536, f"model.{name} must lie in [1, 65536], got {value}")
        for name in ("encoder_layers", "decoder_layers", "heads"):
            _require(1 <= getattr(self, name) <= 64, f"model.{name} must lie in [1, 64], got {getattr(self, name)}")
        _require(0 <= self.dropout < 1, f"model.dropout must lie in [0, 1), got {self.dropout}")
        if self.bottleneck != "none":
            _require(1 <= self.bottleneck <= 64, f'model.bottleneck must be "none" or 1 to 64, got {self.bottleneck}')
            fits = self.bottleneck == 1 or self.pooling == "attention"
            _require(fits, f"model.bottleneck = {self.bottleneck} needs model.pooling = attention, got {self.pooling}")
        for name, width in (("encoder", self.encoder_size), ("decoder", self.decoder_size)):
            fits = getattr(self, name) != "transformer" or width % self.heads == 0
            _require(fits, f"model.{name}_size must be a multiple of model.heads, got {width} and {self.heads}")


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """What training asks of the model."""

    label_smoothing: float = 0.1  # mass spread over the vocabulary (Szegedy et al. 2016)
    word_dropout: float = 0.0  # share of target tokens hidden from the decoder (Bowman et al. 2016)
    source_dropout: float = 0.0  # share of source tokens hidden from the encoder
    denoising: float = 0.0  # share of rows that rebuild their own source from a noised copy
    align: Literal["none", "mse", "infonce"] = "none"  # pulls the thoughts of one meaning together
    align_weight: float = 0.3  # of the alignment beside the translation loss
    align_meanings: int = 0  # more a batch that are only encoded and aligned, in any two of their wordings
    align_temperature: float = 0.05  # of infonce (van den Oord et al. 2018); cosine is divided by it

    def __post_init__(self) -> None:
        for name in ("label_smoothing", "word_dropout", "source_dropout"):
            _require(0 <= getattr(self, name) < 1, f"loss.{name} must lie in [0, 1), got {getattr(self, name)}")
        _require(0 <= self.denoising <= 1, f"loss.denoising must lie in [0, 1], got {self.denoising}")
        for name in ("align_weight", "align_meanings"):
            _require(getattr(self, name) >= 0, f"loss.{name} must not be negative, got {getattr(self, name)}")
        _require(self.align_temperature > 0, f"loss.align_temperature must be positive, got {self.align_temperature}")


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How long, how fast, and on what. The first budget reached ends the run; 0 is no budget."""

    seed: int = 1
    steps: int = 0  # optimizer steps
    epochs: float = 0.0  # passes over the meanings
    minutes: float = 0.0  # on the clock, evaluations included
    batch_tokens: int = 4_000  # padded target tokens a batch, over all processes
    accumulate: int = 1  # batches an optimizer step
    optimizer: Literal["adamw", "muon"] = "adamw"  # muon (Jordan et al. 2024) learns more a step, mostly in short runs
    learning_rate: float = 1.5e-3  # peak, after warm-up
    warmup: int = 200  # steps of linear rise
    decay: Literal["linear", "cosine", "inverse_sqrt", "none"] = "linear"  # from the peak to the end
    weight_decay: float = 0.01  # of AdamW (Loshchilov & Hutter 2019), on matrices only
    clip: float = 1.0  # largest norm of the gradient; 0 is off
    average: float = 0.99  # decay a step of the running average of weights; 0 is off
    evaluate_every: int = 500  # steps; an evaluation also saves
    evaluate_meanings: int = 500  # of dev; 0 takes all
    save_every: int = 500  # steps
    patience: int = 0  # evaluations without a better dev score before stopping; 0 is off
    device: str = "auto"  # "auto", "cpu", "cuda", "cuda:1"
    precision: Literal["auto", "bfloat16", "float32"] = "auto"  # of matrix products
    threads: int = 0  # of the CPU; 0 leaves it to torch

    def __post_init__(self) -> None:
        may_be_zero = ("seed", "steps", "epochs", "minutes", "warmup", "weight_decay", "clip", "patience", "threads")
        for name in (*may_be_zero, "evaluate_meanings"):
            value = getattr(self, name)
            _require(value >= 0, f"training.{name} must not be negative, got {value}")
        for name in ("batch_tokens", "accumulate", "learning_rate", "evaluate_every", "save_every"):
            value = getattr(self, name)
            _require(value > 0, f"training.{name} must be positive, got {value}")
        _require(0 <= self.average < 1, f"training.average must lie in [0, 1), got {self.average}")
        has_end = self.steps > 0 or self.epochs > 0 or self.minutes > 0
        _require(has_end, "training has no end: set training.steps, training.epochs or training.minutes")


@dataclass(frozen=True, kw_only=True)
class Config:
    """All settings of a run, as written to its config.json.

    >>> Config(model=ModelConfig(thought_size=256)).model.thought_size
    256
    """

    data: DataConfig = field(default_factory=DataConfig)
    tokenizer: TokenizerConfig = field(default_factory=TokenizerConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    training: TrainingConfig = field(default_factory=lambda: TrainingConfig(minutes=10.0))

    def __post_init__(self) -> None:
        fits, got = self.loss.align == "none" or self.model.bottleneck == 1, self.model.bottleneck
        _require(fits, f"loss.align compares one thought with another and needs model.bottleneck = 1, got {got}")


def presets() -> tuple[str, ...]:
    """Names of the presets shipped with the package."""
    folder = resources.files("thought") / "presets"
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))


def load_config(preset: str = "small", overrides: Sequence[str] = ()) -> Config:
    """Read a preset or a TOML file and apply overrides such as "model.thought_size=256".

    >>> load_config("tiny", ["model.thought_size=256", "data.languages=de,en"]).data.languages
    ('de', 'en')

    Raises
    ------
    ConfigError
        If the preset or a setting is unknown, or a value has the wrong type or range.
    """
    if preset in presets():
        text = (resources.files("thought") / "presets" / f"{preset}.toml").read_text("utf-8")
    elif preset.endswith(".toml"):
        try:
            text = Path(preset).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot read settings from {preset}: {error}") from error
    else:
        raise ConfigError(f"unknown preset {preset}{nearest(preset, presets())} (or give a .toml file)")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{preset} is not valid TOML: {error}") from error
    return from_dict(overridden(values, overrides))


def from_dict(values: Mapping[str, Any]) -> Config:
    """Build a `Config` from nested mappings, checking every name and type."""
    return typing.cast(Config, _build(Config, values, ""))


def to_dict(config: Config) -> dict[str, Any]:
    """Nested plain values, fit for JSON; `from_dict` is the inverse."""
    return dict(json.loads(json.dumps(dataclasses.asdict(config))))


def overridden(values: Mapping[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """Return nested values with overrides such as "model.thought_size=256" applied."""
    result = {name: dict(part) if isinstance(part, dict) else part for name, part in values.items()}
    for override in overrides:
        name, sign, text = (part.strip() for part in override.partition("="))
        _require(bool(sign), f"an override is written section.setting=value, got {override!r}")
        _require(name in _all_names(), f"unknown setting {name}{nearest(name, _all_names())}")
        section, _, key = name.partition(".")
        part = result.setdefault(section, {})
        _require(isinstance(part, dict), f"{section} must be a table of settings, got {part!r}")
        part[key] = _parsed(typing.get_type_hints(typing.get_type_hints(Config)[section])[key], text)
    return result


def _parsed(kind: Any, text: str) -> Any:
    if typing.get_origin(kind) is tuple:
        return [item.strip(" \"'") for item in text.strip("[]").split(",") if item.strip(" \"'")]
    if kind is str or text.lower() in ("true", "false"):
        return text if kind is str else text.lower() == "true"
    for read in (int, float):  # int also takes 1_000
        with contextlib.suppress(ValueError):
            return read(text)
    return text.strip("\"'")


def _all_names() -> list[str]:
    parts = typing.get_type_hints(Config)
    return [f"{part}.{item.name}" for part, kind in parts.items() for item in dataclasses.fields(kind)]


def _build(kind: type, values: Mapping[str, Any], where: str) -> Any:
    _require(isinstance(values, Mapping), f"{where or 'settings'} must be a table of settings, got {values!r}")
    hints = typing.get_type_hints(kind)
    given = {}
    for name, value in values.items():
        full = f"{where}.{name}" if where else name
        known = _all_names() if where else list(hints)
        _require(name in hints, f"unknown setting {full}{nearest(full, known)}")
        wanted = hints[name]
        given[name] = _checked(wanted, value, full) if where else _build(wanted, value, full)
    return kind(**given)


def _checked(wanted: Any, value: Any, name: str) -> Any:
    """Return `value` as the declared type, or raise with what was expected."""
    origin = typing.get_origin(wanted)
    if origin is tuple:
        items = value.split(",") if isinstance(value, str) else value
        is_list = isinstance(items, list | tuple) and all(isinstance(item, str) for item in items)
        _require(is_list, f"{name} must be a list of words, got {value!r}")
        return tuple(items)
    if origin is Literal:
        choices = typing.get_args(wanted)
        _require(value in choices, f"{name} must be one of {', '.join(choices)}, got {value!r}")
        return value
    if origin in (typing.Union, types.UnionType):  # int | Literal["none"]
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        choice = typing.get_args(typing.get_args(wanted)[1])[0]
        _require(value == choice, f'{name} must be a whole number or "{choice}", got {value!r}')
        return value
    if wanted in (int, float) and isinstance(value, int | float) and not isinstance(value, bool):
        is_finite = abs(value) < (2**63 if wanted is int else 1e300)  # False for NaN too
        _require(is_finite, f"{name} must be a finite number, got {value!r:.25}")
        _require(wanted is float or value == int(value), f"{name} must be a whole number, got {value!r}")
        return wanted(value)
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "a word"}
    _require(wanted in (bool, str) and isinstance(value, wanted), f"{name} must be {words[wanted]}, got {value!r}")
    return value
