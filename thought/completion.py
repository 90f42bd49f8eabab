"""What the shell offers when a person presses Tab: runs, corpora, presets, languages.

Asked anew at every Tab, so it reads names of files and settings only. What cannot be read is left out:
an error would land in the middle of the line being typed.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Any

from thought.errors import ThoughtError

Offer = tuple[str, str]  # a word and what it is, which zsh and fish show beside it


def complete_runs(incomplete: str) -> list[Offer]:
    """Names of the runs under `runs/` that start so; with a slash in it, of the runs in that folder."""
    from thought.runs import RUNS, list_runs

    folder, slash, _ = incomplete.rpartition("/")
    where = Path(folder + slash) if slash else RUNS
    with suppress(OSError):
        names = [name for name in list_runs(where) if f"{folder}{slash}{name}".startswith(incomplete)]
        return [(f"{folder}{slash}{name}", _about(where / name)) for name in names]
    return []


def complete_corpora(incomplete: str) -> list[Offer]:
    """Names of registered corpora that start so; files are the shell's own business."""
    from thought import registry

    return _starting(incomplete, [(entry.name, entry.title) for entry in registry.entries()])


def complete_presets(incomplete: str) -> list[Offer]:
    """Presets that start so, with the first line of what each says about itself."""
    from thought.config import presets

    folder = resources.files("thought") / "presets"
    texts = {name: (folder / f"{name}.toml").read_text("utf-8") for name in presets()}
    return _starting(incomplete, [(name, text.partition("\n")[0].lstrip("# ")) for name, text in texts.items()])


def complete_languages(ctx: Any, incomplete: str) -> list[Offer]:
    """Languages of the run that stands before on the line, if it can be read."""
    from thought.runs import describe, find_run, read_config

    # a line that ends in an option without its value is parsed no further: what stood before it is left in `args`
    run = ctx.params.get("run") or next(iter(ctx.args), "")
    with suppress(ThoughtError, OSError):
        folder = find_run(run)
        languages = read_config(folder).data.languages or describe(folder)["languages"]
        return _starting(incomplete, [(language, "") for language in languages])
    return []


def _about(folder: Path) -> str:
    """Say what a run was trained on, such as "multi30k, de en"; nothing if that cannot be read."""
    from thought.runs import read_config

    with suppress(ThoughtError):
        data = read_config(folder).data
        return ", ".join(part for part in (data.corpus, " ".join(data.languages)) if part)
    return ""


def _starting(incomplete: str, found: Iterable[Offer]) -> list[Offer]:
    return [offer for offer in found if offer[0].startswith(incomplete)]
