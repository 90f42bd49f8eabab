from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from films import merging_film
from PIL import Image

from thought import movie
from thought.errors import ScoringError
from thought.film import follow, place
from thought.movie import SIZE, Scene, film_page, make_movie


@pytest.fixture(scope="module")
def film():
    return merging_film()


@pytest.fixture(scope="module")
def scene(film):
    return Scene(film, place(film), follow(film), "light", "procrustes", "")


def pictures(path: Path) -> tuple[int, list[int]]:
    """Number of pictures of a GIF and how long each stands, in milliseconds."""
    durations = []
    with Image.open(path) as image:
        assert image.size == SIZE
        for index in range(image.n_frames):
            image.seek(index)
            durations.append(image.info["duration"])
    return len(durations), durations


def test_a_gif_has_the_pictures_asked_for_and_holds_the_first_and_the_last(film, tmp_path):
    path = make_movie(film, tmp_path / "new" / "film.gif", seconds=1.2, fps=5)
    assert pictures(path) == (6, [800, 200, 200, 200, 200, 2500])
    assert [item.name for item in path.parent.iterdir()] == ["film.gif"]


def test_the_same_film_gives_the_same_bytes(film, tmp_path):
    first, second = (make_movie(film, tmp_path / name, seconds=0.4, fps=5) for name in ("a.gif", "b.gif"))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
def test_an_mp4_is_written_where_there_is_ffmpeg(film, tmp_path):
    path = make_movie(film, tmp_path / "film.mp4", seconds=0.4, fps=5)
    assert path.read_bytes()[4:8] == b"ftyp"
    assert [item.name for item in tmp_path.iterdir()] == ["film.mp4"]


def test_without_ffmpeg_an_mp4_names_the_gif(film, tmp_path, monkeypatch):
    monkeypatch.setattr(movie.shutil, "which", lambda name: None)
    with pytest.raises(
        ScoringError, match="film.mp4 needs the program ffmpeg, which is not installed; film.gif does not"
    ):
        make_movie(film, tmp_path / "film.mp4")
    assert pictures(make_movie(film, tmp_path / "film.gif", seconds=0.4, fps=5))[0] == 2


@pytest.mark.parametrize("script", ["cat > /dev/null; echo why >&2; exit 3", "echo why >&2; exit 3"])
def test_what_ffmpeg_says_is_passed_on(film, tmp_path, monkeypatch, script):
    broken = tmp_path / "ffmpeg"
    broken.write_text(f"#!/bin/sh\n{script}\n")
    broken.chmod(0o755)
    monkeypatch.setattr(movie.shutil, "which", lambda name: str(broken))
    with pytest.raises(ScoringError, match="ffmpeg could not write the movie: why; a .gif does without it"):
        make_movie(film, tmp_path / "film.mp4", seconds=0.4, fps=5)
    assert [item.name for item in tmp_path.iterdir()] == ["ffmpeg"]


@pytest.mark.parametrize(("options", "message"), [
    ({"path": "film.avi"}, "a movie ends in .gif or .mp4, got film.avi"),
    ({"theme": "drak"}, "unknown theme drak; did you mean dark"),
    ({"fps": 0}, "1 to 50 pictures a second for up to 600 seconds, got 0 for 12"),
    ({"fps": 51}, "got 51"),
    ({"seconds": 0.0}, "got 15 for 0.0"),
    ({"basis": "pcb"}, "unknown basis pcb; did you mean pca"),
])  # fmt: skip
def test_settings_that_do_not_fit_are_refused(film, tmp_path, options, message):
    path = tmp_path / options.pop("path", "film.gif")
    with pytest.raises(ScoringError, match=message):
        make_movie(film, path, **options)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_named(film, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ScoringError, match=r"cannot write .*file/film.gif: "):
        make_movie(film, tmp_path / "file" / "film.gif", seconds=0.4, fps=5)


def test_a_movie_that_cannot_be_kept_leaves_nothing_behind(film, tmp_path, monkeypatch):
    def fail(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(movie.os, "replace", fail)
    with pytest.raises(ScoringError, match=r"cannot write .*film.gif: No space left on device"):
        make_movie(film, tmp_path / "film.gif", seconds=0.4, fps=5)
    assert not list(tmp_path.iterdir())


def test_at_a_snapshot_the_points_stand_where_it_puts_them(film, scene):
    points = place(film)
    for index in (0, 2, 3):
        scene.draw(scene.times[index])
        np.testing.assert_allclose(scene.dots.get_offsets(), points[index][scene.order], atol=1e-12)
        np.testing.assert_allclose(scene.marks.get_offsets(), points[index][scene.rows], atol=1e-12)
        assert scene.step.get_text() == f"step {film.steps[index]}"


def test_each_point_has_the_colour_of_its_language(film, scene):
    shown = {}
    for row, colour in zip(scene.order, scene.dots.get_facecolors(), strict=True):
        shown.setdefault(film.space.languages[row], set()).add(tuple(colour[:3]))
    assert all(len(colours) == 1 for colours in shown.values())
    assert len(set.union(*shown.values())) == 3


def test_lines_lead_from_the_middle_of_a_meaning_to_its_translations(film, scene):
    scene.draw(scene.times[-1])
    points = place(film)[-1]
    segments = scene.lines.get_segments()
    assert len(segments) == 8 * 3
    rows = scene.joined[0]
    np.testing.assert_allclose(segments[0], [points[rows].mean(axis=0), points[rows[0]]], atol=1e-9)


def test_the_markers_follow_the_curves_and_wait_for_what_is_not_known_yet(scene):
    scene.draw(scene.times[1])  # step 8: BLEU is known from 64 on
    (marker, text), (_, found), _ = scene.markers
    assert len(marker.get_xdata()) == 0
    assert text.get_text() == ""
    assert re.fullmatch(r"\d+%", found.get_text())
    scene.draw(scene.times[-1])
    assert marker.get_data() == ([scene.times[-1]], [20.0])
    assert text.get_text() == "20.0"


def test_a_film_without_curves_is_drawn(film):
    rows = film.space.rows("de")
    alone = replace(film, space=film.space.select(rows), thoughts=film.thoughts[:, rows], facts={})
    assert Scene(alone, place(alone), follow(alone), "dark", "pca", "").draw(1.0).size == SIZE
    assert "12 meanings in 1 language find" in film_page(alone)


def test_light_is_light_and_dark_is_dark(film):
    corners = [
        Scene(film, place(film), [], theme, "pca", "").draw(0).getpixel((2, 2)) for theme in ("light", "dark")
    ]  # fmt: skip
    assert min(corners[0]) > 240
    assert max(corners[1]) < 40


class Scripts(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.json = ""
        self._is_data = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._is_data = dict(attrs).get("id") == "data"

    def handle_endtag(self, tag):
        self._is_data = False

    def handle_data(self, data):
        self.json += data if self._is_data else ""


def test_the_page_holds_all_snapshots_on_both_planes(film):
    data = json.loads(Scripts(film_page(film, basis="pca")).json)
    assert [basis["name"] for basis in data["bases"]] == ["pca", "procrustes"]
    drawn = np.array(data["bases"][1]["points"]).reshape(4, -1, 2) / 1000
    np.testing.assert_allclose(drawn, place(film), atol=6e-4)
    assert data["steps"] == [0, 8, 64, 512]
    assert [curve["name"] for curve in data["curves"]] == ["BLEU", "P@1", "language probe"]
    assert data["curves"][0]["values"] == [3.0, 20.0]


def test_the_page_asks_no_network_and_runs_no_sentence(film):
    evil = ("</script><script>alert(1)</script>", *film.space.texts[1:])
    space = replace(film.space, texts=evil)
    page = Scripts(film_page(replace(film, space=space), title="</title><b>", note="<script>"))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in Scripts(film_page(film)).tags]
    assert json.loads(page.json)["texts"][0] == evil[0]
    assert [given[name] for _, given in page.tags for name in ("src", "href") if name in given] == ["data:,"]
    (policy,) = (given["content"] for _, given in page.tags if "http-equiv" in given)
    assert policy.startswith("default-src 'none';")


@pytest.mark.parametrize("options", [{"theme": "drak"}, {"basis": "pcb"}])
def test_a_page_of_unknown_theme_or_basis_is_refused(film, options):
    with pytest.raises(ScoringError, match="unknown"):
        film_page(film, **options)


def test_importing_draws_in_no_heavy_library():
    code = "import sys, thought.movie; print({'torch', 'matplotlib', 'plotly', 'sklearn', 'PIL'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
