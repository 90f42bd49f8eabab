"""`thought train`: options -> settings and a run folder, then training, shown as it goes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from thought.completion import complete_corpora, complete_presets, complete_runs
from thought.config import Config, from_dict, load_config, overridden, presets, to_dict
from thought.errors import ConfigError, ThoughtError, nearest
from thought.runs import RUNS, claim, find_run, name_run, read_config, release
from thought.streams import write_text

if TYPE_CHECKING:
    from thought.training import Outcome

INTERRUPTED = 130  # 128 + SIGINT, what a shell reports
BUDGETS = ("minutes", "steps", "epochs")
CHANGEABLE = ("loss.", "training.", "model.dropout", "data.paraphrase_share")  # of a run that goes on

_WHAT = "tiny, small (the default), base or a .toml file, and settings such as model.thought_size=256."
_PRESET = Argument(metavar="[PRESET] [SETTING=VALUE]...", help=_WHAT, autocompletion=complete_presets)
_FROM = "A name of `thought data list`, or your files."
_CORPUS = Option(metavar="CORPUS", help=_FROM, autocompletion=complete_corpora)
_RESUME = Option(metavar="RUN", help="Go on with a run that was stopped.", autocompletion=complete_runs)


def train(
    what: Annotated[list[str] | None, _PRESET] = None,
    data: Annotated[str | None, _CORPUS] = None,
    langs: Annotated[str | None, Option(metavar="DE,EN", help="Languages to keep; default all.")] = None,
    direction: Annotated[list[str] | None, Option(metavar="DE-EN", help="Only this one; may be repeated.")] = None,
    name: Annotated[str | None, Option(help="Name of the run, under runs/.")] = None,
    out: Annotated[Path | None, Option(metavar="FOLDER", help="Folder of the run.")] = None,
    minutes: Annotated[float | None, Option(help="Budget on the clock.")] = None,
    steps: Annotated[int | None, Option(help="Budget in optimizer steps.")] = None,
    epochs: Annotated[float | None, Option(help="Budget in passes over the corpus.")] = None,
    seed: Annotated[int | None, Option(help="Of everything random.")] = None,
    device: Annotated[str | None, Option(help='"auto", "cpu", "cuda" or "cuda:1".')] = None,
    resume: Annotated[str | None, _RESUME] = None,
    fresh: Annotated[bool, Option("--fresh", help="Remove the run that is in the folder.")] = False,
    as_json: Annotated[bool, Option("--json", help="The outcome as JSON.")] = False,
) -> None:
    """Train a translator.

    thought train small --data multi30k --langs de,en
    """
    options = {
        "data.corpus": data,
        "data.languages": langs,
        "data.directions": ",".join(direction) if direction else None,
        "training.seed": seed,
        "training.device": device,
        **dict(zip((f"training.{budget}" for budget in BUDGETS), (minutes, steps, epochs), strict=True)),
    }
    if resume is None:
        preset, overrides = split_arguments(what or [])
        config = compose(preset, options, overrides)
        folder = _choose_folder(config, preset, name, out)
        if is_first_process():
            claim(folder, fresh=fresh)
    else:
        _check_resumable({"--name": name, "--out": out, "--fresh": fresh or None, **options}, what or [])
        folder = find_run(resume)
        config = reconsider(read_config(folder), options, what or [])
    try:
        outcome = _trained(config, folder, resume=resume is not None)
    except ThoughtError:
        if resume is None and is_first_process():
            release(folder)
        raise
    if is_first_process():
        _tell(outcome, as_json)
    if outcome.stopped == "interrupted":
        raise typer.Exit(INTERRUPTED)


def split_arguments(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """Separate the preset from overrides; the preset is "small" unless given.

    Raises
    ------
    ConfigError
        If there are two presets.
    """
    words = [argument for argument in arguments if "=" not in argument]
    if len(words) > 1:
        raise ConfigError(f"expected one preset, got {' and '.join(words)}; a setting is written section.name=value")
    return words[0] if words else "small", [argument for argument in arguments if "=" in argument]


def compose(preset: str, options: Mapping[str, object], overrides: Sequence[str] = ()) -> Config:
    """Build the settings of a new run; options win over the preset, overrides over options.

    A budget given as an option stands alone: "--steps 100" is not cut short by the minutes of the preset.
    """
    if preset not in presets() and not preset.endswith(".toml"):
        raise ConfigError(f"unknown preset {preset}{nearest(preset, presets())}; a corpus goes after --data")
    given = [f"{name}={value}" for name, value in options.items() if value is not None]
    if any(options.get(f"training.{budget}") is not None for budget in BUDGETS):
        given = [*(f"training.{budget}=0" for budget in BUDGETS), *given]
    directions = options.get("data.directions")
    if directions and not options.get("data.languages"):
        spoken = sorted({language for pair in str(directions).split(",") for language in pair.split("-")})
        given.append(f"data.languages={','.join(spoken)}")
    return load_config(preset, [*given, *overrides])


def reconsider(config: Config, options: Mapping[str, object], overrides: Sequence[str] = ()) -> Config:
    """Return the settings of a run to go on with: another budget or device, and what may change under way."""
    values = to_dict(config)
    given = {name.partition(".")[2]: value for name, value in options.items() if value is not None}
    if any(budget in given for budget in BUDGETS):
        values["training"] |= dict.fromkeys(BUDGETS, 0)
    values["training"] |= given
    return from_dict(overridden(values, overrides))


def is_first_process() -> bool:
    """Whether this process speaks: of several under torchrun only the first does."""
    return os.environ.get("RANK", "0") == "0"


def _check_resumable(given: Mapping[str, object], what: Sequence[str]) -> None:
    flags = {
        "data.corpus": "--data",
        "data.languages": "--langs",
        "data.directions": "--direction",
        "training.seed": "--seed",
    }
    free = ("training.device", *(f"training.{budget}" for budget in BUDGETS))
    fixed = [flags.get(name, name) for name, value in given.items() if value is not None and name not in free]
    fixed += [word for word in what if not word.startswith(CHANGEABLE) or word.startswith("training.seed")]
    if fixed:
        got, may = ", ".join(fixed), ", ".join(name + "*" * name.endswith(".") for name in CHANGEABLE)
        raise ConfigError(f"--resume keeps the run's data and shapes; a budget, --device, {may} may differ, got {got}")


def _choose_folder(config: Config, preset: str, name: str | None, out: Path | None) -> Path:
    if name is not None and out is not None:
        raise ConfigError("--name and --out both say where the run goes; give one of them")
    if name is not None and (not name.strip() or Path(name).name != name):
        raise ConfigError(f"--name is one word, the folder under {RUNS}, got {name!r}; for a path there is --out")
    return out or RUNS / (name or name_run(config, preset))


def _trained(config: Config, folder: Path, *, resume: bool) -> Outcome:
    from thought.training import train as run_training

    if not is_first_process():
        return run_training(config, folder, resume=resume)
    from thought.progress import TrainingProgress

    with TrainingProgress(f"{'going on in' if resume else 'training in'} {folder}") as progress:
        try:
            return run_training(config, folder, resume=resume, listener=progress)
        except KeyboardInterrupt:  # before the first step; from then on training saves and returns
            progress.note(f"interrupted before the first step; start with: thought train --resume {folder}")
            raise


def _tell(outcome: Outcome, as_json: bool) -> None:
    from thought import display

    values: dict[str, Any] = {"run": str(outcome.folder), "stopped": outcome.stopped, "step": outcome.step}
    best = {name: value for name, value in outcome.best.items() if isinstance(value, int | float)}
    values |= {"seconds": round(outcome.seconds, 1), "best": best}
    if as_json:
        write_text(json.dumps(values))
    else:
        scores = "  ".join(f"{name} {value:.4g}" for name, value in best.items())
        write_text(display.facts({**values, "best": scores or "no evaluation yet"}))
    if outcome.stopped == "interrupted":
        display.note(f"interrupted and saved; go on with: thought train --resume {outcome.folder}")
    else:
        display.note(f'try it: echo "..." | thought translate {outcome.folder} --to LANGUAGE')
