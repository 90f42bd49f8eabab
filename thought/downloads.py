"""One file from the net: mirrors in turn, resumed where it broke off, checked, moved in whole.

What has come so far is kept in `NAME.part`, and beside it in `NAME.part.tag` what the server calls
this version of the file (RFC 9110, sections 13.1.5 and 14.2), so that two versions are never glued
together. Only http and https are spoken.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from thought.errors import DownloadError

TIMEOUT = 30.0  # seconds of silence
BLOCK = 1 << 16  # bytes read at once
LARGEST_FILE = 1 << 36  # bytes (64 GiB): no file of unknown size may fill the disk beyond this

_NETWORK = (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError)

Progress = Callable[[str, int, int], None]  # path, bytes so far, bytes in all or 0


@dataclass(frozen=True)
class RemoteFile:
    """A file to fetch: the first address is the source, the others are mirrors."""

    path: str
    addresses: tuple[str, ...]
    size: int = 0  # bytes; 0 is unknown
    sha256: str = ""  # empty is not checked


def download(file: RemoteFile, target: Path, *, progress: Progress | None = None) -> None:
    """Fetch a file unless it is there.

    Raises
    ------
    DownloadError
        If it comes from no address, or a file in its place is another one.
    """
    if target.exists():
        problem = _problem(file, target)
        if problem:
            raise DownloadError(f"{target} is there but {problem}; delete it to fetch it again")
        return
    failures = []
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for address in file.addresses:
            try:
                _fetch_from(address, file, target, progress)
                return
            except (*_NETWORK, DownloadError) as error:
                failures.append(f"{address}: {getattr(error, 'reason', None) or error}")
    except OSError as error:
        reason = error.strerror or error
        raise DownloadError(f"cannot write {target}: {reason}; make room or set THOUGHT_DATA") from error
    raise DownloadError(f"cannot fetch {file.path}: {'; '.join(failures)}; try again: what has come is not lost")


def _fetch_from(address: str, file: RemoteFile, target: Path, progress: Progress | None) -> None:
    part = target.with_name(f"{target.name}.part")
    tag = target.with_name(f"{target.name}.part.tag")
    start = part.stat().st_size if part.exists() else 0
    if not (file.sha256 and start == file.size > 0):
        _receive(address, file, part, tag, progress)
    problem = _problem(file, part)
    tag.unlink(missing_ok=True)
    if problem:
        part.unlink()
        raise DownloadError(f"what came {problem}")
    os.replace(part, target)


def _receive(address: str, file: RemoteFile, part: Path, tag: Path, progress: Progress | None) -> None:
    """Bring `part` to its full length."""
    start = part.stat().st_size if part.exists() and tag.exists() else 0
    try:
        response = _request(address, start, tag.read_text("utf-8") if start else "")
    except urllib.error.HTTPError as error:
        error.close()
        if error.code != 416 or not start:  # 416: there is nothing from there on
            raise DownloadError(f"{error.code} {error.reason}") from error
        start = 0
        response = _request(address, 0, "")
    with response:
        if urlsplit(address).scheme == "https" != urlsplit(response.url).scheme and not file.sha256:
            raise DownloadError(f"redirects from https to {response.url}, and there is no checksum to make up for it")
        if response.status != 206 or not _continues(response, start):
            start = 0
        length = int(response.headers.get("Content-Length") or 0)
        total = start + length if length else file.size
        _check_total(total, file)
        version = response.headers.get("ETag") or response.headers.get("Last-Modified") or ""
        if version.startswith("W/") or not version:
            tag.unlink(missing_ok=True)  # nothing to tell versions apart by: it cannot be resumed
        else:
            tag.write_text(version, "utf-8")
        done = _save(response, file, part, start, total, progress)
    if done < total:
        raise DownloadError(f"the connection ended after {done:,} of {total:,} bytes")


def _request(address: str, start: int, version: str) -> http.client.HTTPResponse:
    if urlsplit(address).scheme not in ("http", "https"):
        raise DownloadError("expected an http or https address")
    headers = {"User-Agent": "thought", "Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": version}
    opener = urllib.request.OpenerDirector()  # the usual one would also open file: and ftp: when redirected
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    response: http.client.HTTPResponse = opener.open(urllib.request.Request(address, headers=headers), timeout=TIMEOUT)
    return response


def _continues(response: http.client.HTTPResponse, start: int) -> bool:
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range") or "")
    return match is not None and int(match[1]) == start


def _check_total(total: int, file: RemoteFile) -> None:
    limit = file.size or LARGEST_FILE
    if total > limit:
        raise DownloadError(f"offers {total:,} bytes, expected {'' if file.size else 'at most '}{limit:,}")


def _save(
    response: http.client.HTTPResponse, file: RemoteFile, part: Path, start: int, total: int, progress: Progress | None
) -> int:
    """Write the body behind the first `start` bytes of `part`; return the bytes there now."""
    done = start
    with part.open("r+b" if start else "wb") as stream:
        stream.seek(start)
        stream.truncate()
        while block := response.read(BLOCK):
            done += len(block)
            _check_total(done, file)
            stream.write(block)
            if progress:
                progress(file.path, done, total)
        stream.flush()
        os.fsync(stream.fileno())
    return done


def _problem(file: RemoteFile, path: Path) -> str:
    """Say how the file on disk differs from what is expected; nothing if it does not."""
    size = path.stat().st_size
    if file.size and size != file.size:
        return f"has {size:,} bytes, expected {file.size:,}"
    if file.sha256:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != file.sha256:
            return f"has sha256 {found}, expected {file.sha256}"
    return ""
