"""Languages that have rules, and what their rules say of sentences: which concepts occur, and other labels for probes.

A language is a data file and no code. The four that come with the package lie in `rules/`; a fifth is loaded from
wherever it is.
"""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np

from thought.errors import ConfigError, ScoringError, nearest
from thought.grammar import Lexicon, read

ALWAYS = ("number", "negation", "question")  # labels beside the everyday words


def languages() -> tuple[str, ...]:
    """Codes of the languages whose rules come with the package."""
    folder = resources.files("thought") / "rules"
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))


def load(language: str | Path) -> Lexicon:
    """Read the rules of a language; those of the package are read once.

    Parameters
    ----------
    language : str or Path
        A code such as "de", or a file such as "rules/es.toml", whose name is the code.

    Raises
    ------
    ConfigError
        If there are no rules for it, or the file is wrong: the message has file, key, and what was expected.

    Examples
    --------
    >>> load("de").says("Ein roter Ball.", ["red"])
    True
    """
    if isinstance(language, Path) or language.endswith(".toml"):
        path = Path(language)
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot read the rules in {path}: {error}") from error
        return _parse(text, path.stem, str(path))
    if language not in languages():
        raise ConfigError(
            f"there are no rules for {language!r}{nearest(language, languages())}; a file of rules adds it"
        )
    return _packaged(language)


def labels(
    texts: Sequence[str],
    languages: Sequence[str],
    concepts: Sequence[str] = (),
    *,
    lexicons: Mapping[str, Lexicon] | None = None,
) -> dict[str, np.ndarray]:
    """Read off sentences what probes may look for in their thoughts.

    Parameters
    ----------
    texts, languages : N sentences, and the code of each
    concepts : sequence of str
        Whose presence is asked; by default the everyday words that all these languages have.
    lexicons : mapping of code to Lexicon, optional
        Rules of further languages, or in place of those of the package.

    Returns
    -------
    dict of str to ndarray of shape (N,)
        "length" in words, float64; the others bool: "number" (a number word or digits), "negation", "question", and
        one for each concept, such as "dog". What is the same for all sentences is left out: there is nothing to probe.

    Raises
    ------
    ScoringError
        If there is not one language for each text.
    ConfigError
        If a language has no rules, or a concept is in none of them.

    Warns
    -----
    UserWarning
        If only some of the languages know a concept that was asked for; it is left out.

    Examples
    --------
    >>> labels(["A dog runs.", "Zwei Hunde rennen."], ["en", "de"])["number"].tolist()
    [False, True]
    """
    if len(texts) != len(languages):
        raise ScoringError(f"labels need one language for each text, got {len(languages)} for {len(texts)}")
    rules = {code: (lexicons or {}).get(code) or load(code) for code in dict.fromkeys(languages)}
    everyday = dict.fromkeys(name for lexicon in rules.values() for name in lexicon.everyday)
    found = {"length": np.array([len(text.split()) for text in texts], dtype=np.float64)}
    for concept in dict.fromkeys((*(concepts or everyday), *ALWAYS)):
        lacking = [code for code, lexicon in rules.items() if concept not in lexicon.concepts]
        if not lacking:
            said = [rules[code].says(text, [concept]) for text, code in zip(texts, languages, strict=True)]
            found[concept] = np.array(said, dtype=bool)
        elif concept in concepts and len(lacking) == len(rules):
            every = {name for lexicon in rules.values() for name in lexicon.concepts}
            raise ConfigError(f"{concept!r} is in the rules of none of {', '.join(rules)}{nearest(concept, every)}")
        elif concept in concepts:
            message = f"{concept!r} is not in the rules of {', '.join(lacking)}: left out"
            warnings.warn(message, UserWarning, stacklevel=2)
    return {name: values for name, values in found.items() if len(set(values.tolist())) > 1}


@cache
def _packaged(language: str) -> Lexicon:
    name = f"rules/{language}.toml"
    return _parse((resources.files("thought") / name).read_text("utf-8"), language, name)


def _parse(text: str, language: str, source: str) -> Lexicon:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: {error}") from error
    return read(values, language, source)
