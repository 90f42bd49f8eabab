"""Results of the demo -> one HTML page that tells the story: no server, no network, and readable without a script."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from thought.checkpoint import save_bytes
from thought.demo import scores, sections
from thought.demo.parts import SHADES, escape, fold, language_name
from thought.demo.results import Results
from thought.demo.sketches import MARKERS, marker, places, shape
from thought.errors import ScoringError
from thought.page import fill

FILE = "index.html"
TITLE = "One thought, many languages"


def write_page(results: Results, folder: Path) -> Path:
    """Write the page of a demo into a run's folder, whole or not at all.

    The page is one file that asks no network for anything. Every sentence enters it escaped; a script makes
    sliders and maps answer, and without one all tables, sentences and pictures are there all the same.

    Parameters
    ----------
    results : Results
        All that the page shows; nothing is measured or rounded up here.
    folder : Path
        Of the run; its name stands in the commands the page proposes.

    Returns
    -------
    Path
        `folder/index.html`.

    Raises
    ------
    ScoringError
        If no side was scored, or a map's points are not finite or other in number than its sentences.
    CheckpointError
        If the file cannot be written.
    """
    path = folder / FILE
    save_bytes(path, demo_page(results, folder).encode("utf-8"))
    return path


def demo_page(results: Results, folder: Path) -> str:
    """Return the page as text; see `write_page`."""
    if not results.sides:
        raise ScoringError("the results of the demo hold no scores: expected sides such as test; run it with --fresh")
    parts = {
        "COLOURS": _colours(),
        "LEAD": _lead(results),
        "PICTURE": sections.picture(results),
        "NUMBERS": sections.numbers(results),
        "LEGEND": _legend(results),
        "WORLD": _world(results),
        "MEANINGS": sections.meanings(results),
        "LEARNING": sections.learning(results),
        "CHOICES": _choices(),
        "TABLES": scores.tables(results),
        "LADDERS": scores.ladders(results),
        "MISTAKES": scores.mistakes(results),
        "MAPS": sections.maps(results),
        "WALK": sections.walk(results),
        "COMMANDS": _commands(results, folder),
        "ABOUT": _about(results),
        "SIZE": f"{results.thought_size:,}",
        "COUNT": str(len(results.languages)),
        "DIRECTIONS": str(len(results.languages) * (len(results.languages) - 1)),
        "SECONDS": f"{results.seconds.get('training', 0):.0f}",
    }
    return fill("demo", _data(results), title=TITLE, note="", theme="auto", parts=parts)


def _data(results: Results) -> dict[str, Any]:
    """Return what the script needs: places of all points, and each sentence once."""
    texts: dict[str, int] = {}
    maps = [
        {
            "places": [value for place in places(drawn, sections.map_size(results, number)) for value in place],
            "groups": drawn.groups,
            "languages": [_place(code, results) for code in drawn.languages],
            "texts": [texts.setdefault(text, len(texts)) for text in drawn.texts],
        }
        for number, drawn in enumerate(results.maps)
    ]
    shapes = [shape(number) for number in range(len(MARKERS))]
    names = [language_name(code) for code in results.languages]
    return {"maps": maps, "texts": list(texts), "codes": results.languages, "names": names, "shapes": shapes}


def _place(code: str, results: Results) -> int:
    return results.languages.index(code) if code in results.languages else len(results.languages)


def _colours() -> str:
    """Return the colours of all figures as variables of the style sheet, for light and for dark."""
    from thought.plots.style import LOOKS  # draws in matplotlib, which a page does not need until now

    found = {}
    for theme, look in LOOKS.items():
        values = {name: getattr(look, name) for name in ("paper", "sheet", "ink", "soft", "faint", "line")}
        values |= {f"l{number}": colour for number, colour in enumerate(look.colours)}
        for number, colour in enumerate(look.ramp[:SHADES]):
            values |= {f"r{number}": colour, f"t{number}": _readable(colour)}
        found[theme] = ";".join(f"--{name}:{colour}" for name, colour in values.items())
    shades = "".join(f".r{n}{{background:var(--r{n});color:var(--t{n})}}" for n in range(SHADES))
    inks = "".join(f".l{n}{{--c:var(--l{n})}}" for n in range(8))
    return (
        f":root{{color-scheme:light;{found['light']}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root[data-theme=auto]{{color-scheme:dark;{found['dark']}}}}}"
        f"@media screen{{:root[data-theme=dark]{{color-scheme:dark;{found['dark']}}}}}{shades}{inks}"
    )


def _readable(colour: str) -> str:
    """Return black or white, whichever stands out more from a ground (WCAG 2.1, relative luminance)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000" if (light + 0.05) / 0.05 > 1.05 / (light + 0.05) else "#fff"


def _lead(results: Results) -> str:
    return (
        f"A sentence goes in. It becomes <b>{results.thought_size:,} numbers</b>, and nothing else gets through. "
        f"From these alone, it is written again in any of {len(results.languages)} languages. "
        f"This page shows a translator that had <b>{results.seconds.get('training', 0):.0f} seconds</b> to learn it."
    )


def _world(results: Results) -> str:
    share = f"{results.train_meanings:,} of {results.world_meanings:,}"
    return f"It was trained on <b>{share}</b> meanings that this small world can express."


def _legend(results: Results) -> str:
    items = [
        f'<li><i class="l{place % 8}" aria-hidden="true">{marker(place)}</i> {escape(language_name(code))}</li>'
        for place, code in enumerate(results.languages)
    ]
    return f'<ul class="legend" aria-label="Languages">{"".join(items)}</ul>'


def _choices() -> str:
    boxes = [
        f'<label><input type="radio" name="metric" value="{metric}"><span>{name}</span></label>'
        for metric, name in scores.METRICS.items()
    ]
    boxes[0] = boxes[0].replace("><span>", " checked><span>")
    return f'<fieldset id="metric"><legend>Score</legend>{"".join(boxes)}</fieldset>'


def _commands(results: Results, folder: Path) -> str:
    run = f"runs/{folder.name}" if folder.parent.name == "runs" else folder.as_posix()
    run = shlex.quote(run)
    target = results.languages[-2] if len(results.languages) > 2 else results.languages[-1]
    source = next((example.sentences[results.languages[0]][0] for example in results.examples), "A dog sleeps.")
    rows = (
        ("Say it in another language", f"echo {shlex.quote(source)} | thought translate {run} --to {target}"),
        ("Explore the map: search, zoom, point", f"thought map {run} --on microworld"),
        ("Measure everything, with figures", f"thought evaluate {run} --on microworld:test"),
        ("Train on sentences of your own", "thought train small --data my.tsv"),
        ("See all of this happen again", "thought demo --fresh --open"),
    )
    items = [
        f'<li><p>{escape(what)}</p><pre tabindex="0"><code>{_unbroken(line)}</code></pre></li>' for what, line in rows
    ]
    return f'<ol id="commands">{"".join(items)}</ol>'


def _unbroken(line: str) -> str:
    """Escape a command so that it is broken between its words only."""
    return " ".join(f"<span>{escape(word)}</span>" for word in line.split(" "))


def _about(results: Results) -> str:
    facts = {
        "package": f"thought {results.version}",
        "seed": results.seed,
        "machine": results.machine,
        "languages": ", ".join(map(language_name, results.languages)),
        "weights": f"{results.weights:,}",
        "numbers in a thought": results.thought_size,
        **{f"seconds {what}": f"{seconds:.1f}" for what, seconds in results.seconds.items()},
        **dict(_flat(results.settings)),
    }
    rows = [f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in facts.items()]
    return fold("Settings, seed, machine, versions, seconds", f'<table class="facts">{"".join(rows)}</table>')


def _flat(settings: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield nested settings as "model.encoder", value."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", str(value)
