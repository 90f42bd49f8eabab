"""`thought demo`: train on the microworld, measure, and show it, in minutes and offline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from typer import Option

from thought.commands import Json
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
    from thought.demo.results import FILE

    folder = out or RUNS / "demo"
    page = _held(folder, seed, fresh=fresh, as_json=as_json)
    if as_json:
        write_text(json.dumps({"page": str(page), "results": str(folder / FILE)}))
    if open_page:
        import webbrowser

        webbrowser.open(page.resolve().as_uri())


def _held(folder: Path, seed: int, *, fresh: bool, as_json: bool) -> Path:
    """Hold the lesson, or take what an earlier one found with the same settings; show it."""
    from thought.demo.lesson import hold_lesson, is_begun, recipe, remembered
    from thought.demo.page import write_page
    from thought.demo.results import CHAPTERS
    from thought.demo.story import Story

    config = recipe(seed)
    results = None if fresh else remembered(folder, config)
    with Story(aside=as_json) as story:
        if results is None:
            begun = not fresh and is_begun(folder, config)
            if not begun:
                claim(folder, fresh=fresh)
            story.note(f"{'going on in' if begun else 'training in'} {folder}")
            results = hold_lesson(folder, config, story, resume=begun)
        else:
            story.note(f"{folder} was trained before, with these settings; --fresh trains again")
            story.chapter(CHAPTERS[0])
            story.examples(results.examples)
            story.chapter(CHAPTERS[1])
            story.recall(results)
        story.chapter(CHAPTERS[2])
        story.results(results)
        story.chapter(CHAPTERS[3])
        story.walk(results.walk)
        page = write_page(results, folder)
        story.chapter(CHAPTERS[4])
        story.closing(page, results)
    return page
