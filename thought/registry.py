"""Named corpora: where they lie on the net, what they weigh, whose they are, and where they lie here.

The list is `corpora.toml` beside this file. Files are kept under `data_folder()`, one folder a
corpus, and are fetched only if they are not there. A file with a sha256 is checked against it;
one without, because its source changes it now and then, is not, and `Entry.checked` says so. Two
corpora are our own and come with the package: nothing is fetched for them.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from thought.downloads import Progress, RemoteFile, download
from thought.errors import CorpusError, nearest
from thought.homes import data_file


@dataclass(frozen=True)
class Entry:
    """One registered corpus."""

    name: str
    title: str
    languages: tuple[str, ...]
    homepage: str
    licence: str
    citation: str
    folder: str = ""  # under the data folder
    places: tuple[str, ...] = ()  # what to open in that folder: the first that is there; "" is the folder
    files: tuple[RemoteFile, ...] = ()
    own: str = ""  # a file that comes with the package, in place of all these
    split: str = ""  # the only one an own file is; "test" for text that is not to be trained on

    @property
    def size(self) -> int:
        """Bytes of all files whose size is known."""
        return sum(file.size for file in self.files)

    @property
    def checked(self) -> int:
        """Number of files that are checked against a sha256 after a download."""
        return sum(1 for file in self.files if file.sha256)


@cache
def entries() -> tuple[Entry, ...]:
    """Return all registered corpora, by name."""
    text = (resources.files("thought") / "corpora.toml").read_text("utf-8")
    return tuple(_entry(name, values) for name, values in sorted(tomllib.loads(text).items()))


def find(name: str) -> Entry:
    """Return the entry with this name.

    Raises
    ------
    CorpusError
        If there is none; the message has the nearest name.
    """
    for entry in entries():
        if entry.name == name:
            return entry
    raise CorpusError(f"no registered corpus {name}{nearest(name, [entry.name for entry in entries()])}")


def data_folder() -> Path:
    """Return `$THOUGHT_DATA`, else the folder the platform has for caches. It need not exist."""
    given = os.environ.get("THOUGHT_DATA")
    if given:
        return Path(given).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "thought"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "thought"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "thought"


def locate(name: str) -> Path | None:
    """Return where a registered corpus, or a folder in one, lies on this machine; None if it is not registered.

    Raises
    ------
    CorpusError
        If it is registered and has not been fetched.
    """
    name, _, inside = name.partition("/")
    entry = next((entry for entry in entries() if entry.name == name), None)
    if entry is None:
        return None
    if entry.own:
        return data_file(entry.own)
    folder = data_folder() / entry.folder
    for place in entry.places:
        path = folder / place
        if path.is_file() or (path.is_dir() and any(path.iterdir())):
            return path / inside
    if Path(name).exists():
        return None
    raise CorpusError(f"{name} is not in {folder}; fetch it with: thought data get {name} (or set THOUGHT_DATA)")


def fetch(entry: Entry, folder: Path | None = None, *, progress: Progress | None = None) -> Path:
    """Download the files of a corpus that are not there, and return the folder they are in.

    Parameters
    ----------
    entry : Entry
    folder : Path, optional
        Data folder, `data_folder()` if none is given.
    progress : callable, optional
        Called as progress(path, bytes so far, bytes in all or 0 if unknown) while a file comes in.

    Raises
    ------
    DownloadError
        If a file comes from none of its addresses, or is not what its checksum says. What has come
        is kept, and the next call goes on from there.
    """
    if entry.own:
        return data_file(entry.own).parent
    target = (folder or data_folder()) / entry.folder
    # A corpus put there by hand need not have the file names of the download.
    by_hand = [place for place in entry.places if place and (target / place).is_file()]
    if not by_hand:
        for file in entry.files:
            download(file, target / file.path, progress=progress)
    return target


def _entry(name: str, values: Mapping[str, Any]) -> Entry:
    files = tuple(
        RemoteFile(
            path=file["path"],
            addresses=tuple(f"{base}/{file.get('remote', file['path'])}" for base in values["bases"]),
            size=file.get("size", 0),
            sha256=file.get("sha256", ""),
        )
        for file in values.get("files", ())
    )
    return Entry(
        name=name,
        title=values["title"],
        languages=tuple(values["languages"]),
        homepage=values["homepage"],
        licence=values["licence"],
        citation=values["citation"],
        folder=values.get("folder", ""),
        places=tuple(values.get("places", ())),
        files=files,
        own=values.get("own", ""),
        split=values.get("split", ""),
    )
