"""Where the corpora that come with the package lie.

In the repository they live in `data/`; an installed package carries them as `thought/data/`.
"""

from __future__ import annotations

from pathlib import Path

from thought.errors import CorpusError

_PACKAGE = Path(__file__).parent


def data_file(name: str) -> Path:
    """Return the path of a file of ours, such as "scenes.jsonl".

    Raises
    ------
    CorpusError
        If it is not there: an installation that is not whole.
    """
    for folder in (_PACKAGE / "data", _PACKAGE.parent / "data"):
        if (folder / name).is_file():
            return folder / name
    raise CorpusError(f"{name} is not among the data of the package; install it again")
