"""A film of the space taking shape -> GIF, MP4, or a page with a slider."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, cast

import numpy as np

from thought.errors import ScoringError, nearest
from thought.film import BASES, SLOW_START, Basis, Curve, between, choose_joined, clock, follow, place, reach
from thought.page import COLOURS, Theme, check_theme, fill
from thought.snapshots import Film

if TYPE_CHECKING:
    from PIL.Image import Image

HOLD = (0.8, 2.5)  # seconds that the first and the last picture stand
SIZE = (760, 900)  # pixels
COLOURS_OF_GIF = 128
LOOKS = {
    "light": {"paper": "#fbfaf8", "sheet": "#ffffff", "ink": "#1c1e22", "soft": "#5d6470", "line": "#dedbd4"},
    "dark": {"paper": "#14161a", "sheet": "#1a1d22", "ink": "#eceae5", "soft": "#a5abb5", "line": "#343940"},
}


def make_movie(
    film: Film,
    path: str | Path,
    *,
    seconds: float = 12.0,
    fps: int = 15,
    theme: Literal["light", "dark"] = "light",
    basis: Basis = "procrustes",
    title: str = "",
) -> Path:
    """Write the film as a moving picture of 760 x 900 pixels.

    Parameters
    ----------
    film : Film
        From `thought.snapshots.load`.
    path : str or Path
        Ending in .gif, or in .mp4, which needs the program ffmpeg.
    seconds : float
        From the first snapshot to the last; both stand a while longer.
    fps : int
        Pictures a second, 1 to 50.
    theme : {"light", "dark"}
    basis : {"procrustes", "pca"}
        See `place`.
    title : str
        The default says how many meanings and languages there are.

    Returns
    -------
    Path
        Where it is; about 5 MB as GIF.

    Raises
    ------
    ScoringError
        If the ending, the theme, the basis or a number does not fit, ffmpeg is missing or fails, or there are fewer
        than 2 snapshots.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in (".gif", ".mp4"):
        raise ScoringError(f"a movie ends in .gif or .mp4, got {path.name}")
    if theme not in LOOKS:
        raise ScoringError(f"unknown theme {theme}{nearest(theme, LOOKS)}")
    if not (1 <= fps <= 50 and 0 < seconds <= 600):
        raise ScoringError(f"a movie has 1 to 50 pictures a second for up to 600 seconds, got {fps} for {seconds}")
    ffmpeg = shutil.which("ffmpeg")
    if kind == ".mp4" and ffmpeg is None:
        raise ScoringError(f"{path.name} needs the program ffmpeg, which is not installed; {path.stem}.gif does not")
    scene = Scene(film, place(film, basis), follow(film), theme, basis, title)
    count = max(2, round(seconds * fps))
    times = np.linspace(scene.times[0], scene.times[-1], count)
    temporary = path.with_name(f"{path.stem}.{os.getpid()}.partial{kind}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if ffmpeg is not None and kind == ".mp4":
            _write_mp4(ffmpeg, temporary, scene, times, fps)
        else:
            _write_gif(temporary, scene, times, fps)
        os.replace(temporary, path)
    except OSError as error:
        raise ScoringError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()
    return path


def film_page(
    film: Film, *, title: str = "", note: str = "", basis: Basis = "procrustes", theme: Theme = "auto"
) -> str:
    """Write the film as one self-contained HTML page with a slider: no network, about 0.4 MB.

    Pointing at a sentence shows it, joins it to its translations and draws the way it came.

    Parameters
    ----------
    film : Film
        From `thought.snapshots.load`.
    title, note : str
        Above the film; the default title says how many meanings and languages there are.
    basis : {"procrustes", "pca"}
        To begin with; the page can switch. See `place`.
    theme : {"auto", "light", "dark"}
        To begin with; "auto" is that of the reader's screen.

    Raises
    ------
    ScoringError
        If the theme or the basis is unknown, or there are fewer than 2 snapshots.
    """
    check_theme(theme)
    if basis not in BASES:
        raise ScoringError(f"unknown basis {basis}{nearest(basis, BASES)}")
    bases: tuple[Basis, ...] = ("pca", "procrustes") if basis == "pca" else ("procrustes", "pca")
    placed = {name: place(film, name) for name in bases}
    space, codes = film.space, film.space.codes
    data: dict[str, Any] = {
        "texts": space.texts,
        "languages": codes,
        "language": [codes.index(code) for code in space.languages],
        "meanings": space.meanings.tolist(),
        "steps": film.steps.tolist(),
        "slowStart": SLOW_START,
        "colours": COLOURS,
        "bases": [
            {
                "name": name,
                "caption": _caption(name),
                "points": np.round(1000 * points).astype(int).reshape(len(film), -1).tolist(),  # x, y, x, y, ...
                "joined": choose_joined(space, points[-1]),
                "reach": reach(points),
            }
            for name, points in placed.items()
        ],
        "curves": [
            {"name": curve.name, "steps": curve.steps.tolist(), "values": np.round(curve.values, 4).tolist(),
             "top": curve.top, "chance": curve.chance, "isShare": curve.is_share}
            for curve in follow(film)
        ],
    }  # fmt: skip
    return fill("film", data, title=title or _title(film), note=note, theme=theme)


class Scene:
    """One picture, of which only what moves is drawn anew.

    Parameters
    ----------
    film : Film
    points : ndarray of shape (F, N, 2)
        From `place`.
    curves : list of Curve
        From `follow`.
    theme : {"light", "dark"}
    basis : {"procrustes", "pca"}
    title : str
    """

    def __init__(
        self, film: Film, points: np.ndarray, curves: list[Curve], theme: str, basis: Basis, title: str
    ) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.film, self.points, self.curves = film, points, curves
        self.times = clock(film.steps)
        self.look, self.colours = LOOKS[theme], COLOURS[theme]
        self.figure = Figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100, facecolor=self.look["paper"])
        self.canvas = FigureCanvasAgg(self.figure)
        self._write(title or _title(film), _caption(basis))
        self._lay_map()
        self._lay_curves()

    def _write(self, title: str, caption: str) -> None:
        ink, soft = self.look["ink"], self.look["soft"]
        self.figure.text(0.04, 0.957, title, size=14.5, weight="bold", color=ink, va="center")
        self.step = self.figure.text(0.96, 0.957, "", size=14.5, color=ink, va="center", ha="right")
        self.figure.text(0.04, 0.032, caption, size=8.5, color=soft, va="center", linespacing=1.5)
        for index, code in enumerate(self.film.space.codes):
            colour = self.colours[index % len(self.colours)]
            self.figure.text(0.04 + 0.07 * index, 0.918, "●", size=12, color=colour, va="center")
            self.figure.text(0.066 + 0.07 * index, 0.918, code, size=12, color=soft, va="center")

    def _lay_map(self) -> None:
        from matplotlib.collections import LineCollection

        axes = self.figure.add_axes((0.04, 0.27, 0.92, 0.625), facecolor=self.look["sheet"])
        far = reach(self.points)
        wide = far * (0.92 * SIZE[0]) / (0.625 * SIZE[1])
        axes.set(xlim=(-wide, wide), ylim=(-far, far), xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set_color(self.look["line"])
        space = self.film.space
        chosen = choose_joined(space, self.points[-1])
        self.joined = [np.flatnonzero(space.meanings == meaning) for meaning in chosen]
        number = {code: index % len(self.colours) for index, code in enumerate(space.codes)}
        colour = np.array([self.colours[number[code]] for code in space.languages])
        self.order = np.random.default_rng(1).permutation(len(space))  # or the last language would cover the others
        self.lines = LineCollection([], colors=self.look["ink"], linewidths=1.1, alpha=0.75, zorder=2)
        axes.add_collection(self.lines)
        none = np.zeros(len(space))
        self.dots = axes.scatter(none, none, s=30, c=colour[self.order], alpha=0.62, lw=0, zorder=1)
        self.rows = np.concatenate(self.joined) if self.joined else np.zeros(0, dtype=int)
        none = np.zeros(len(self.rows))
        self.marks = axes.scatter(none, none, s=70, c=colour[self.rows], ec=self.look["sheet"], lw=1.2, zorder=3)

    def _lay_curves(self) -> None:
        self.markers: list[tuple[Any, Any]] = []
        width = 0.93 / max(len(self.curves), 3)
        for index, curve in enumerate(self.curves):
            axes = self.figure.add_axes((0.075 + index * width, 0.105, width - 0.06, 0.105), facecolor="none")
            ticks = [step for step in (0, 10, 100, 1_000, 10_000, 100_000) if step <= self.film.steps[-1]]
            axes.set(xlim=(0, self.times[-1] * 1.02), ylim=(0, curve.top * 1.04))
            axes.set_xticks(clock(np.array(ticks)), [f"{step:,}" for step in ticks])
            axes.set_yticks([0, curve.top], ["0", f"{curve.top:.0%}" if curve.is_share else f"{curve.top:.0f}"])
            axes.tick_params(colors=self.look["soft"], labelsize=8, length=2, color=self.look["line"])
            for side, spine in axes.spines.items():
                spine.set_visible(side in ("left", "bottom"))
                spine.set_color(self.look["line"])
            if curve.chance is not None:
                axes.axhline(curve.chance, color=self.look["soft"], lw=0.8, ls=(0, (3, 3)))
            axes.plot(clock(curve.steps), curve.values, ".-", color=self.look["soft"], lw=1.4, ms=3, alpha=0.5)
            axes.set_title(curve.name, loc="left", size=11, color=self.look["soft"], pad=7)
            value = axes.set_title("", loc="right", size=12, weight="bold", color=self.look["ink"], pad=7)
            (marker,) = axes.plot([], [], "o", color=self.look["ink"], ms=7, clip_on=False, zorder=5)
            self.markers.append((marker, value))

    def draw(self, time: float) -> Image:
        """The picture at a film time."""
        from PIL import Image

        points = between(self.times, self.points, time)
        self.dots.set_offsets(points[self.order])
        self.marks.set_offsets(points[self.rows])
        self.lines.set_segments(
            [np.stack([points[rows].mean(axis=0), points[row]]) for rows in self.joined for row in rows]
        )
        self.step.set_text(f"step {SLOW_START * (2**time - 1):,.0f}")
        for curve, (marker, text) in zip(self.curves, self.markers, strict=True):
            times = clock(curve.steps)
            is_known = time >= times[0] - 1e-9
            value = float(np.interp(time, times, curve.values))
            marker.set_data(([time], [value]) if is_known else ([], []))
            shown = f"{value:.0%}" if curve.is_share else f"{value:.1f}"
            text.set_text(shown if is_known else "")
        self.canvas.draw()  # type: ignore[no-untyped-call]
        pixels = np.asarray(self.canvas.buffer_rgba())  # type: ignore[no-untyped-call]
        return Image.fromarray(np.ascontiguousarray(pixels[..., :3]))


def _write_gif(path: Path, scene: Scene, times: np.ndarray, fps: int) -> None:
    from PIL import Image

    # One palette for all pictures: else colours flicker, and each picture would carry its own.
    few = [np.asarray(scene.draw(times[place])) for place in (0, len(times) // 2, -1)]
    palette = Image.fromarray(np.concatenate(few)).quantize(COLOURS_OF_GIF)
    pictures = (scene.draw(time).quantize(palette=palette, dither=Image.Dither.NONE) for time in times)
    durations = [round(1000 / fps)] * len(times)
    durations[0], durations[-1] = (round(1000 * hold) for hold in HOLD)
    next(pictures).save(
        path, format="GIF", save_all=True, append_images=pictures, duration=durations, loop=0, optimize=False
    )


def _write_mp4(ffmpeg: str, path: Path, scene: Scene, times: np.ndarray, fps: int) -> None:
    command = [ffmpeg, "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{SIZE[0]}x{SIZE[1]}",
               "-r", str(fps), "-i", "-", "-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p",
               "-movflags", "+faststart", str(path)]  # fmt: skip
    holds = {0: HOLD[0], len(times) - 1: HOLD[1]}
    with tempfile.TemporaryFile() as said:  # a pipe that nobody reads would fill up and stop ffmpeg
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said)
        with process, suppress(BrokenPipeError), cast("IO[bytes]", process.stdin) as stream:
            for index, time in enumerate(times):
                stream.write(scene.draw(time).tobytes() * max(1, round(holds.get(index, 0) * fps)))
        said.seek(0)
        reason = said.read().decode(errors="replace").strip().splitlines() or [f"status {process.returncode}"]
    if process.returncode:
        raise ScoringError(f"ffmpeg could not write the movie: {reason[-1]}; a .gif does without it")


def _title(film: Film) -> str:
    meanings, languages = len(set(film.space.meanings.tolist())), len(film.space.codes)
    return f"{meanings} meanings in {languages} language{'s'[: languages != 1]} find their places"


def _caption(basis: str) -> str:
    return f"{BASES[basis]}\nAll at the same spread. Lines join translations; dashed is chance."
