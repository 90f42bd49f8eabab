"""The commands that look at what a run has learned: evaluate, map, movie, export."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from thought.commands import Beam, Device, Json, Run, Weights, check_language, loaded
from thought.completion import complete_corpora
from thought.errors import ThoughtError, nearest
from thought.runs import find_run, parse_target, read_config
from thought.streams import opened_output, write_text

if TYPE_CHECKING:
    from thought.corpus import Meaning
    from thought.evaluation.report import Report
    from thought.space import Space
    from thought.translator import Translator

_THEMES = ("light", "dark")
_SUFFIXES = (".gif", ".mp4", ".html")

_TARGET: Any = {"metavar": "CORPUS[:SPLIT]", "autocompletion": complete_corpora}
On = Annotated[str | None, Option(help="Default: test of the run's own corpus.", **_TARGET)]
Langs = Annotated[str | None, Option(metavar="DE,EN", help="Only these languages; default all.")]
Limit = Annotated[int | None, Option(min=1, help="Only the first meanings.")]
Seed = Annotated[int, Option(min=0, help="Of all that is drawn.")]
Theme = Annotated[str, Option(help="light or dark.")]
Out = Annotated[str | None, Option("--output", "-o", metavar="PATH", help="Default: in the run folder.")]


def evaluate(
    run: Run,
    on: On = None,
    part: Annotated[list[str] | None, Option(help="Only this part; may be repeated. Default all.")] = None,
    paraphrases: Annotated[
        str | None, Option(help="Wordings of one meaning; default those of --on.", **_TARGET)
    ] = None,
    langs: Langs = None,
    direction: Annotated[list[str] | None, Option(metavar="DE-EN", help="Translate only so; may be repeated.")] = None,
    beam: Beam = 1,
    protocol: Annotated[list[str] | None, Option(help="13a, spacy-lower or moses-lower; may be repeated.")] = None,
    confidence: Annotated[bool, Option("--confidence", help="95 % intervals by bootstrap.")] = False,
    limit: Limit = None,
    seed: Seed = 1,
    as_json: Json = False,
    device: Device = "auto",
    weights: Weights = "best",
) -> None:
    """Measure a run: translations, and the space of its thoughts.

    Writes report.json, report.md, report.html and figures/ into the run folder.

    thought evaluate RUN --on multi30k:test_2016_flickr --paraphrases multi30k/task2
    """
    from thought import display
    from thought.evaluation.report import PARTS
    from thought.evaluation.report import evaluate as measure

    for name in part or ():
        if name not in PARTS:  # before the seconds that torch takes
            raise ThoughtError(f"unknown part {name}{nearest(name, PARTS)}; there are {', '.join(PARTS)}")
    folder = find_run(run)
    corpus, split = parse_target(on or read_config(folder).data.corpus)
    translator = loaded(run, device, weights)
    chosen = _languages(translator, langs)
    pairs = direction or (["-".join(pair) for pair in itertools.permutations(chosen, 2)] if langs else None)
    about = {"run": str(folder), "corpus": corpus, "split": split, "limit": limit, "weights": weights}
    about |= {"step": translator.step, "paraphrases": paraphrases}
    how: Any = {"beam": beam, "protocols": tuple(protocol or ("13a",)), "confidence": confidence, "seed": seed}
    with display.bar("reading") as tell:
        meanings = list(itertools.islice(_meanings(folder, corpus, split, chosen), limit))
        others = itertools.islice(_meanings(folder, *parse_target(paraphrases)), limit) if paraphrases else ()
        has_thought = translator.config.model.bottleneck == 1
        report = measure(
            translator, meanings, parts=part or (), paraphrases=others, directions=pairs, languages=chosen,
            untrained=translator.untrained(seed) if has_thought else None, about=about, progress=tell, **how,
        )  # fmt: skip
    text = json.dumps(report.to_dict(), ensure_ascii=False, indent=2)
    write_text(text if as_json else display.draw_report(report, f"{folder} on {corpus}:{split}"))
    _save_report(report, folder, text)


def draw_map(
    run: Run,
    on: On = None,
    method: Annotated[list[str] | None, Option(help="pca, tsne, umap or opentsne; may be repeated.")] = None,
    dimensions: Annotated[int, Option(min=2, max=3)] = 2,
    colour_by: Annotated[str, Option(help="language or meaning.")] = "language",
    langs: Langs = None,
    limit: Annotated[int, Option(min=2, help="Only the first meanings: more are a cloud.")] = 250,
    seed: Seed = 1,
    theme: Theme = "light",
    output: Out = None,
    device: Device = "auto",
    weights: Weights = "best",
) -> None:
    """Draw the thoughts of a run, translations joined by lines, beside a shuffled control.

    Writes map-METHOD.png, .svg and .npz for each method, and map.html to point at and search, into RUN/figures.

    thought map RUN --on multi30k:test_2016_flickr
    """
    from thought import display
    from thought.honesty import fitting_neighbours, fitting_perplexity, shuffled, trust
    from thought.page import map_page
    from thought.plots.maps import map_with_control
    from thought.projection import NAMES, Projection

    how: Any = {"colour_by": colour_by, "theme": _theme(theme)}
    space, folder, title = _space(run, on, langs, limit, (device, weights))
    where = Path(output or folder / "figures")
    fitted: dict[str, Projection] = {}
    captions: dict[str, str] = {}
    for number, name in enumerate(dict.fromkeys(method or ("pca", "tsne"))):
        made: Any = {"method": name, "dimensions": dimensions, "seed": seed}
        made["perplexity"] = fitting_perplexity(len(space))
        with display.bar(f"drawing {name}") as tell:
            tell(number, len(method or ("pca", "tsne")))
            fitted[name] = Projection(**made).fit(space.thoughts)
            captions[name] = trust(fitted[name], space, k=fitting_neighbours(len(space))).caption()
    where.mkdir(parents=True, exist_ok=True)
    for name, projection in fitted.items():
        control = shuffled(space, seed)
        figure = map_with_control(projection.points, space, control, caption=captions[name], **how)
        for suffix in ("png", "svg"):
            _save_figure(figure, where / f"map-{name}.{suffix}")
        projection.save(where / f"map-{name}.npz")
        display.note(captions[name])
    points = {NAMES[projection.method]: projection.points for projection in fitted.values()}
    said = {NAMES[projection.method]: captions[name] for name, projection in fitted.items()}
    with opened_output(where / "map.html") as stream:
        stream.write(map_page(space, points, title="A map of thoughts", note=title, captions=said).encode())
    write_text("\n".join(str(path) for path in sorted(where.glob("map*"))))


def export(
    run: Run,
    form: Annotated[str, Option("--format", help="csv, json, tensorboard or atlas.")] = "csv",
    on: On = None,
    method: Annotated[str, Option(help="Map whose coordinates go along: pca, tsne, umap or opentsne.")] = "tsne",
    dimensions: Annotated[int, Option(min=2, max=3)] = 2,
    langs: Langs = None,
    limit: Limit = None,
    seed: Seed = 1,
    output: Out = None,
    device: Device = "auto",
    weights: Weights = "best",
) -> None:
    """Write sentences, thoughts and their places on a map for other programs.

    tensorboard: a folder for the Embedding Projector; atlas: a Parquet file for embedding-atlas.

    thought export RUN --format tensorboard -o projector
    """
    from thought import display, exports
    from thought.honesty import fitting_perplexity
    from thought.projection import Projection

    endings = {"csv": ".csv", "json": ".json", "tensorboard": "", "atlas": ".parquet"}
    if form not in endings:
        raise ThoughtError(f"unknown format {form}{nearest(form, endings)}; there are {', '.join(endings)}")
    space, folder, title = _space(run, on, langs, limit, (device, weights))
    path = Path(output or folder / "figures" / f"{'projector' if form == 'tensorboard' else 'thoughts'}{endings[form]}")
    path.parent.mkdir(parents=True, exist_ok=True)
    display.note(title)
    if form == "tensorboard":
        write_text("\n".join(map(str, exports.write_tensorboard(path, space))))  # it makes maps of its own
        return
    made: Any = {"method": method, "dimensions": dimensions, "seed": seed}
    made["perplexity"] = fitting_perplexity(len(space))
    with display.bar(f"drawing {method}"):
        points = Projection(**made).fit(space.thoughts).points
    write = {"csv": exports.write_csv, "json": exports.write_json, "atlas": exports.write_atlas}[form]
    write_text(str(write(path, space, points)))


def movie(
    run: Run,
    output: Out = None,
    seconds: Annotated[float, Option(min=1, max=120, help="Of a GIF or MP4.")] = 12.0,
    fps: Annotated[int, Option(min=1, max=50, help="Pictures a second.")] = 15,
    basis: Annotated[str, Option(help="procrustes or pca: what the pictures have in common.")] = "procrustes",
    theme: Theme = "light",
) -> None:
    """Show how a run learned: the clouds of its languages as they merge.

    The name of the output says what is written: .gif, .mp4 (with ffmpeg) or .html with a slider.

    thought movie RUN -o movie.html
    """
    from thought import display
    from thought.movie import film_page, make_movie
    from thought.snapshots import load

    folder = find_run(run)
    path = Path(output or folder / "figures" / "movie.html")
    if path.suffix.lower() not in _SUFFIXES:
        raise ThoughtError(f"cannot write a movie to {path}: its name must end in {', '.join(_SUFFIXES)}")
    film = load(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    how: Any = {"basis": basis, "title": f"How {folder.name} learned"}
    if path.suffix.lower() == ".html":
        with opened_output(path) as stream:
            stream.write(film_page(film, **how).encode())
    else:
        make_movie(film, path, seconds=seconds, fps=fps, theme=_theme(theme), **how)
    display.note(f"{len(film)} snapshots, steps {film.steps[0]:,} to {film.steps[-1]:,}")
    write_text(str(path))


def _space(
    run: str, on: str | None, langs: str | None, limit: int | None, how: tuple[str, str]
) -> tuple[Space, Path, str]:
    """Thoughts of the first wordings of a split, the run folder, and what both are in words."""
    from thought.space import encode_meanings

    folder = find_run(run)
    corpus, split = parse_target(on or read_config(folder).data.corpus)
    translator = loaded(run, *how)
    if translator.config.model.bottleneck != 1:
        raise ThoughtError(f"{run} has no single thought a sentence: model.bottleneck is not 1")
    chosen = _languages(translator, langs)
    space = encode_meanings(translator, itertools.islice(_meanings(folder, corpus, split, chosen), limit), chosen)
    return space, folder, f"{folder} on {corpus}:{split}, {len(space):,} sentences"


def _save_report(report: Report, folder: Path, text: str) -> None:
    from thought.evaluation.pages import draw, to_html, to_markdown

    names = [name for part in report.parts.values() for name in part.figures]
    figures = {name: f"figures/{name}.png" for name in names}
    for path, content in (
        (folder / "report.json", f"{text}\n"),
        (folder / "report.md", to_markdown(report, figures=figures)),
        (folder / "report.html", to_html(report)),
    ):
        with opened_output(path) as stream:
            stream.write(content.encode())
    (folder / "figures").mkdir(exist_ok=True)
    for name, figure in draw(report, "light").items():
        for suffix in ("png", "svg"):
            _save_figure(figure, folder / "figures" / f"{name}.{suffix}")


def _save_figure(figure: Any, path: Path) -> None:
    with opened_output(path) as stream:
        figure.savefig(stream, format=path.suffix[1:], dpi=200, facecolor=figure.get_facecolor())


def _theme(theme: str) -> Any:
    if theme not in _THEMES:
        raise ThoughtError(f"unknown theme {theme}{nearest(theme, _THEMES)}; there are {', '.join(_THEMES)}")
    return theme


def _languages(translator: Translator, langs: str | None) -> tuple[str, ...]:
    if langs is None:
        return translator.languages
    chosen = tuple(part.strip() for part in langs.split(",") if part.strip())
    for language in chosen:
        check_language(translator, language)
    return chosen


def _meanings(folder: Path, corpus: str, split: str, languages: Sequence[str] = ()) -> Iterator[Meaning]:
    """Open a corpus split as the run did, so that no sentence it was trained on is scored by mistake."""
    from thought.corpus import open_corpus

    config = read_config(folder)
    opened = open_corpus(
        corpus,
        languages=languages,
        seed=config.training.seed,
        dev_share=config.data.dev_share,
        test_share=config.data.test_share,
    )
    return opened.read(split)
