"""Every error the package raises on purpose: what, where, got, expected, remedy.

Errors are raised at the borders (files, settings, text from outside) and carry one sentence a
person can act on. The command line prints that sentence and exits with status 2; any other
exception is a bug in the package.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

MOST_NAMES = 20  # listed in one message


class ThoughtError(Exception):
    """Base of all errors below: catch it to catch every mistake the package can name.

    >>> from thought import load_config
    >>> try:
    ...     load_config("smal")
    ... except ThoughtError as error:
    ...     print(error)
    unknown preset smal; did you mean small? (or give a .toml file)
    """


class ConfigError(ThoughtError):
    """A setting is unknown, of the wrong type, out of range, or contradicts another."""


class CorpusError(ThoughtError):
    """A corpus is missing, unreadable, malformed or too small for what was asked."""


class DownloadError(CorpusError):
    """A registered corpus could not be fetched, or what came does not match its checksum."""


class LeakError(CorpusError):
    """The same sentence stands on two sides of a split."""


class TokenizerError(ThoughtError):
    """A subword model cannot be trained or read, or does not know a language."""


class StoreError(ThoughtError):
    """Prepared token ids on disk are missing, truncated or of another format."""


class CheckpointError(ThoughtError):
    """A run folder or a weights file is missing, damaged, newer than this version or not writable."""


class TrainingError(ThoughtError):
    """Training cannot start or go on, for example because the loss is no longer finite."""


class ScoringError(ThoughtError):
    """Hypotheses and references do not fit together."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean X?" for the known name closest to `name`, else the list of them if it is short."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known: {', '.join(names)}" if 0 < len(names) <= MOST_NAMES else ""
