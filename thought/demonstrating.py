"""`thought demo`: train on the microworld, measure, and show it, in minutes and offline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from typer import Option

from thought.commands import Json
from thought.demo.results import FILE, Results
from thought.runs import RUNS, claim
from thought.streams import write_text

Seed = Annotated[int, Option(min=0, help="Of everything random.")]
Out = Annotated[Path | None, Option(metavar="FOLDER", help="Folder of the run; default runs/demo.", show_default=False)]


def demo(
    out: Out = None,
    seed: Seed = 1,
    open_page: Annotated[bool, Option("--open", help="Open the page in a browser.")] = False,
    fresh: Annotated[bool, Option("--fresh", help="Train again, even if there is a run.")] = False,
    as_json: Json = False,
) -> None:
    """Train a translator of a small world in minutes, and see what it thinks.

    thought demo --open
    """
    folder = out or RUNS / "demo"
    results, page = _held(folder, seed, fresh=fresh)
    if as_json:
        write_text(json.dumps({"page": str(page), "results": str(folder / FILE)}))
    if open_page:
        import webbrowser

        webbrowser.open(page.resolve().as_uri())


def _held(folder: Path, seed: int, *, fresh: bool) -> tuple[Results, Path]:
    """Hold the lesson, or take the results of an earlier one with the same settings; show them."""
    from thought.demo.lesson import hold_lesson, recipe, remembered
    from thought.demo.page import write_page
    from thought.demo.story import Story

    config = recipe(seed)
    with Story() as story:
        results = None if fresh else remembered(folder, config)
        if results is None:
            claim(folder, fresh=fresh)
            results = hold_lesson(folder, config, story)
        else:
            story.note(f"the run in {folder} is of {results.version} and has these settings; --fresh trains again")
            story.chapter("A small world, said in many ways")
            story.examples(results.examples)
        story.results(results)
        story.walk(results.walk)
        page = write_page(results, folder)
        story.closing(page, results)
    return results, page
