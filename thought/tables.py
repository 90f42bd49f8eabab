"""Tables of a file of settings -> values of the right type, or an error that says where in the file and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from thought.errors import ConfigError, nearest

_NAMES = {dict: "a table", list: "a list", bool: "true or false"}


class Tables:
    """A file as `tomllib` reads it; every message begins with the file and the key.

    Parameters
    ----------
    values : dict
    source : str
        Name of the file.
    known : sequence of str
        Keys it may have.

    Raises
    ------
    ConfigError
        By each method, and for an unknown key.
    """

    def __init__(self, values: Mapping[str, Any], source: str, known: Iterable[str]) -> None:
        self.values = values
        self.source = source
        self.known(values, known, "")

    def words(
        self, table: Mapping[str, Any], key: str, within: str = "", *, exactly: int | None = None
    ) -> tuple[str, ...]:
        """A list of strings, which may be empty."""
        found = table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
            self.fail(f"{within}.{key}", f"expected a list of words, got {found!r}")
        if exactly is not None and len(found) != exactly:
            self.fail(f"{within}.{key}", f"expected {exactly} words, got {found!r}")
        return tuple(found)

    def table(self, key: str, within: Mapping[str, Any] | None = None, path: str = "") -> dict[str, Any]:
        """A table of the file, or of another table; empty where it is not there."""
        found: dict[str, Any] = self.typed(self.values if within is None else within, key, dict, path, {})
        return found

    def tables(self, within: Mapping[str, Any], key: str, path: str = "") -> list[dict[str, Any]]:
        """A list of tables."""
        found: list[dict[str, Any]] = self.typed(within, key, list, path, [])
        if not all(isinstance(item, dict) for item in found):
            self.fail(f"{path}.{key}", f"expected a list of tables, got {found!r}")
        return found

    def typed(self, table: Mapping[str, Any], key: str, kind: type, path: str, default: Any) -> Any:
        """A value of this type: dict, list or bool."""
        found = table.get(key, default)
        if not isinstance(found, kind):
            self.fail(f"{path}.{key}", f"expected {_NAMES[kind]}, got {found!r}")
        return found

    def known(self, names: Iterable[str], known: Iterable[str], key: str) -> None:
        """Fail unless all these names are known."""
        known = tuple(known)
        for name in names:
            if name not in known:
                self.fail(key, f"unknown {name!r}{nearest(name, known)}")

    def fail(self, key: str, message: str) -> NoReturn:
        """Raise `ConfigError`."""
        raise ConfigError(": ".join(part for part in (self.source, key.strip("."), message) if part))
