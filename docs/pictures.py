"""A run of `thought demo` -> the two pictures of the front page: `docs/front.png` and `docs/forming.gif`.

    python docs/pictures.py                              # of runs/demo, into docs/
    python docs/pictures.py --run runs/other --to /tmp   # of another run, to look at first

Both are drawn from the snapshots that a run keeps of a few dev sentences while it learns, so no model is loaded.
`make pictures` holds the lesson first if there is no run yet.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from thought.checkpoint import save_bytes
from thought.errors import ThoughtError
from thought.film import follow, place
from thought.movie import make_movie
from thought.plots.panels import draw, lay_axes, scale_of
from thought.plots.shapes import arrange, far_apart
from thought.plots.style import BODY, MARGIN, Sheet, colours_of, sheet
from thought.plots.words import wrap
from thought.snapshots import Film, load

LARGEST = 600_000  # bytes of a picture: a page should open on a train

WIDTH, SIDE, GAP = 9.0, 4.05, 0.3  # inches: of the picture, of a map, between the two
HEADS = 0.3  # inches above the maps
LINE, NEXT, TEXT = 0.235, 0.17, 8.2  # inches between sentences of a card and between their lines; points of letters
DOTS = 200  # an inch: twice what a page shows, for sharp screens
ROUND = 24  # pixels of a corner
LETTERS = "ABC"  # meanings picked out
BADGE = 0.125  # inches, half of a letter's circle
Picked = Mapping[str, np.ndarray]  # letter -> rows of its meaning

SECONDS = 5.0  # of the film, from the first snapshot to the last
RATES = range(9, 3, -1)  # pictures a second to try, until the film is small enough


def main() -> None:
    """Draw both pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, default=Path("runs/demo"), help="a run of thought demo")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent, help="folder of the pictures")
    options = parser.parse_args()
    try:
        film = load(options.run)
        seconds, seed = training_of(options.run)
        save_bytes(options.to / "front.png", front(film, seconds, seed))
        make_film(film, options.to / "forming.gif", seconds)
    except ThoughtError as error:
        sys.exit(f"{Path(__file__).name}: {error}; a run to draw comes from: thought demo")
    for name in ("front.png", "forming.gif"):
        sys.stdout.write(f"{options.to / name}  {check(options.to / name):,} bytes\n")


def training_of(run: Path) -> tuple[float, int]:
    """Seconds that a run took, and its seed."""
    last = json.loads((run / "metrics.jsonl").read_text("utf-8").splitlines()[-1])
    return float(last["seconds"]), int(json.loads((run / "config.json").read_text("utf-8"))["training"]["seed"])


def check(path: Path) -> int:
    """Return the size of a picture; exit if it is too large for a page."""
    size = path.stat().st_size
    return size if size <= LARGEST else sys.exit(f"{path} has {size:,} bytes, more than {LARGEST:,}")


def make_film(film: Film, path: Path, seconds: float) -> None:
    """Write what `thought movie` writes, with as many pictures as a page can bear."""
    title = f"{count(film)} meanings find their places in {seconds:.0f} seconds"
    for rate in RATES:
        make_movie(film, path, seconds=SECONDS, fps=rate, title=title)
        if path.stat().st_size <= LARGEST:
            return


def front(film: Film, seconds: float, seed: int) -> bytes:
    """Draw where sentences lie before and after training, and what three meanings say, as PNG."""
    space, points = film.space, place(film)
    curve = next(curve for curve in follow(film) if curve.name == "P@1")
    picked = pick(film, points[-1])
    cards = cards_of(film, picked)
    high = [sum(LINE if code else NEXT for code, _ in lines) for lines in cards.values()]
    low = max(high) + 0.2  # inches that the cards take
    made = sheet(
        "light", low + SIDE + HEADS, width=WIDTH,
        title=f"{count(film)} meanings, each said in {len(space.codes)} languages",
        subtitle=(
            f"Each point is a sentence that training never saw: its thought, one vector of {film.thoughts.shape[2]} "
            "numbers. Lines lead to the middle of its meaning."
        ),
        caption=(
            "Each map shows its own two principal components. P@1 is measured in the whole space: the share of "
            "sentences whose nearest one in another language is their translation, mean over directions; chance is "
            f"{100 * (curve.chance or 0):.0f} %. A, B and C were picked by where they lie, far from each other, not by "
            f"how well they hold together. Seed {seed}, {film.steps[-1]:,} steps."
        ),
    )  # fmt: skip
    for left, moment, name in ((0, 0, "Before training"), (SIDE + GAP, -1, f"After {seconds:.0f} seconds of training")):
        lay_map(made, (left, low), points[moment], film, picked)
        made.head(left, low + SIDE + 0.1, name)
        told = f"P@1 {100 * curve.values[moment]:.0f} %"
        made.write(left + SIDE, low + SIDE + 0.1, told, size=BODY, colour=made.look.ink, ha="right", weight="bold")
    lay_cards(made, film, cards, low - 0.3)
    content = io.BytesIO()
    made.figure.savefig(content, format="png", dpi=DOTS)
    return as_card(Image.open(content), made.look.line)


def count(film: Film) -> int:
    """Meanings of a film."""
    return len(np.unique(film.space.meanings))


def pick(film: Film, points: np.ndarray) -> dict[str, np.ndarray]:
    """Letter -> rows of a meaning, far from the others at the end."""
    return dict(zip(LETTERS, far_apart(points, film.space.meanings, len(LETTERS)).values(), strict=False))


def lay_map(made: Sheet, at: tuple[float, float], points: np.ndarray, film: Film, picked: Picked) -> None:
    """Draw all sentences, and those of a few meanings over the others, each with its letter."""
    axes = lay_axes(made, (at[0], SIDE, SIDE), points, scale_of(points, SIDE, SIDE))
    low = axes.get_position()
    axes.set_position((low.x0, low.y0 + at[1] / made.figure.get_figheight(), low.width, low.height))
    draw(axes, made.look, points, film.space, "language", join=True)
    ink, hues = made.look.ink, colours_of(film.space.codes, made.look)
    for rows in picked.values():
        middle = points[rows].mean(axis=0)
        for row in rows.tolist():
            axes.plot(*zip(middle, points[row], strict=True), color=ink, linewidth=1.6, zorder=4)
            hue = hues[film.space.languages[row]]
            axes.scatter(*points[row], s=64, color=hue, edgecolors=ink, linewidths=1.3, zorder=5)
    for letter, spot in zip(picked, spots_of(axes, points, picked), strict=True):
        axes.text(*spot, letter, zorder=7, **badge(made))


def spots_of(axes: Any, points: np.ndarray, picked: Picked) -> np.ndarray:
    """Where the letters go: where the lines of a meaning meet, or beside it if its points leave no room: (n, 2)."""
    corner, scale = np.array([axes.get_xlim()[0], axes.get_ylim()[0]]), np.ptp(axes.get_xlim()) / SIDE  # units an inch
    dots = (points - corner) / scale  # inches
    middles = np.stack([dots[rows].mean(axis=0) for rows in picked.values()])
    spots = arrange(middles, np.full((len(middles), 2), 2 * BADGE), (SIDE, SIDE), dots, radius=0.07) + BADGE
    room = [
        np.linalg.norm(dots[rows] - middle, axis=1).min() for rows, middle in zip(picked.values(), middles, strict=True)
    ]
    is_middle = (np.array(room) > 1.6 * BADGE)[:, None] | np.isnan(spots)
    return np.asarray(np.where(is_middle, middles, spots) * scale + corner)


def badge(made: Sheet) -> dict[str, Any]:
    """How a letter is written: in a filled circle."""
    circle = {"boxstyle": "circle,pad=0.22", "facecolor": made.look.ink, "edgecolor": "none"}
    middle = {"ha": "center", "va": "center"}
    return {"fontsize": TEXT, "color": made.look.sheet, "weight": "bold", "bbox": circle, **middle}


def cards_of(film: Film, picked: Picked) -> dict[str, list[tuple[str, str]]]:
    """Letter -> language and line of what its meaning says, English first; what a line continues has no language."""
    codes, room = film.space.languages, (WIDTH - 2 * MARGIN) / len(LETTERS) - 0.48  # inches
    cards: dict[str, list[tuple[str, str]]] = {}
    for letter, rows in picked.items():
        for row in sorted(rows.tolist(), key=lambda row: codes[row] != "en"):
            first, *others = wrap(film.space.texts[row], room, TEXT, lines=2)
            cards.setdefault(letter, []).extend([(codes[row], first), *(("", line) for line in others)])
    return cards


def lay_cards(made: Sheet, film: Film, cards: Mapping[str, list[tuple[str, str]]], top: float) -> None:
    """Write below the maps what the meanings picked out say, in every language."""
    hues = colours_of(film.space.codes, made.look)
    for number, (letter, lines) in enumerate(cards.items()):
        left, up = number * made.width / len(LETTERS), top
        made.figure.text(*made.at(left + 0.1, up), letter, **badge(made))
        for number, (code, line) in enumerate(lines):
            up -= 0 if number == 0 else LINE if code else NEXT
            if code:
                made.mark((left + 0.36, up), marker="o", color=hues[code], markersize=5.5, linestyle="")
            made.write(left + 0.46, up, line, size=TEXT, colour=made.look.ink, va="center_baseline")


def as_card(picture: Image.Image, edge: str) -> bytes:
    """Round the corners and draw an edge, so that the page around may be light or dark."""
    outline, mask = (0, 0, picture.width - 1, picture.height - 1), Image.new("L", picture.size)
    ImageDraw.Draw(mask).rounded_rectangle(outline, ROUND, fill=255)
    ImageDraw.Draw(picture).rounded_rectangle(outline, ROUND, outline=edge, width=3)
    picture.putalpha(mask)
    content = io.BytesIO()
    picture.save(content, format="PNG", optimize=True)
    return content.getvalue()


if __name__ == "__main__":
    main()
