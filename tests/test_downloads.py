"""Downloads against a server on this machine: broken off, lied to, sent elsewhere."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from thought import downloads
from thought.downloads import RemoteFile, download
from thought.errors import DownloadError

CONTENT = bytes(range(256)) * 1_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Server:
    """A server that can be told how to misbehave, and remembers what it was asked."""

    address: str = ""
    content: bytes = CONTENT
    version: str = '"1"'  # ETag
    has_ranges: bool = True
    has_own_ranges: bool = False  # sends another part than the one asked for
    breaks_after: int = 0  # bytes of a body; 0 is never
    is_chunked: bool = False
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # path, Range

    def file(self, name: str = "file", *, checked: bool = True, also: tuple[str, ...] = ()) -> RemoteFile:
        addresses = (f"{self.address}/{name}", *(f"{self.address}/{other}" for other in also))
        return RemoteFile(name, addresses, len(CONTENT) if checked else 0, SHA256 if checked else "")


def answer(handler: BaseHTTPRequestHandler, server: Server) -> None:
    wanted = handler.headers.get("Range")
    server.asked.append((handler.path, wanted))
    if handler.path == "/missing":
        handler.send_error(404)
        return
    if handler.path.startswith("/moved-to-"):
        handler.send_response(302)
        handler.send_header("Location", handler.path.removeprefix("/moved-to-"))
        handler.end_headers()
        return
    body = server.content[::-1] if handler.path == "/wrong" else server.content
    start = 0
    if wanted and server.has_ranges and handler.headers.get("If-Range") in (None, server.version):
        start = 0 if server.has_own_ranges else int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start >= len(body):
            handler.send_error(416)
            return
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
    else:
        handler.send_response(200)
    if server.version:
        handler.send_header("ETag", server.version)
    if not server.is_chunked:
        handler.send_header("Content-Length", str(len(body) - start))
    handler.end_headers()
    end = start + server.breaks_after if server.breaks_after else len(body)
    with suppress(ConnectionError):  # the client may have heard enough
        handler.wfile.write(body[start:end])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self, state)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        state.address = f"http://127.0.0.1:{running.server_port}"
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        running.shutdown()
        thread.join()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_comes_whole_and_leaves_nothing_beside_it(server: Server, tmp_path: Path) -> None:
    download(server.file(), tmp_path / "deep" / "file")
    assert (tmp_path / "deep" / "file").read_bytes() == CONTENT
    assert names(tmp_path / "deep") == ["file"]


def test_progress_ends_with_all_bytes(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    download(server.file(), tmp_path / "file", progress=lambda *record: seen.append(record))
    assert seen[-1] == ("file", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


def test_a_file_that_is_there_is_not_asked_for(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    download(server.file(), tmp_path / "file")
    assert server.asked == []


@pytest.mark.parametrize(
    ("content", "message"), [(b"short", "has 5 bytes, expected 256,000"), (CONTENT[::-1], "has sha256")]
)
def test_another_file_in_its_place_is_left_alone(server: Server, tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(DownloadError, match=f"is there but {message}.*delete it"):
        download(server.file(), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == content


@pytest.mark.parametrize("checked", [True, False])
def test_a_broken_download_goes_on_where_it_broke_off(server: Server, tmp_path: Path, checked: bool) -> None:
    server.breaks_after = 100_000
    with pytest.raises(DownloadError, match=r"the connection ended after 100,000 of 256,000 bytes.*try again"):
        download(server.file(checked=checked), tmp_path / "file")
    assert names(tmp_path) == ["file.part", "file.part.tag"]
    server.breaks_after = 0
    download(server.file(checked=checked), tmp_path / "file")
    assert server.asked == [("/file", None), ("/file", "bytes=100000-")]
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert names(tmp_path) == ["file"]


def test_a_file_that_changed_meanwhile_is_not_glued_together(server: Server, tmp_path: Path) -> None:
    server.breaks_after = 100_000
    with pytest.raises(DownloadError):
        download(server.file(checked=False), tmp_path / "file")
    server.breaks_after, server.version, server.content = 0, '"2"', CONTENT[::-1]
    download(server.file(checked=False), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT[::-1]


def test_a_server_without_ranges_sends_it_all_again(server: Server, tmp_path: Path) -> None:
    server.breaks_after, server.has_ranges = 100_000, False
    with pytest.raises(DownloadError):
        download(server.file(), tmp_path / "file")
    server.breaks_after = 0
    download(server.file(), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_server_that_sends_another_part_is_noticed(server: Server, tmp_path: Path) -> None:
    server.breaks_after = 100_000
    with pytest.raises(DownloadError):
        download(server.file(), tmp_path / "file")
    server.breaks_after, server.has_own_ranges = 0, True
    download(server.file(), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_server_without_versions_is_not_resumed(server: Server, tmp_path: Path) -> None:
    server.breaks_after, server.version = 100_000, ""
    with pytest.raises(DownloadError):
        download(server.file(), tmp_path / "file")
    server.breaks_after = 0
    download(server.file(), tmp_path / "file")
    assert [wanted for _, wanted in server.asked] == [None, None]
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_part_that_is_complete_needs_no_server(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(CONTENT)
    download(server.file(), tmp_path / "file")
    assert server.asked == []
    assert names(tmp_path) == ["file"]


def test_a_part_as_long_as_the_file_is_asked_for_again_if_it_cannot_be_checked(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(b"x" * len(CONTENT))
    (tmp_path / "file.part.tag").write_text('"1"')
    download(server.file(checked=False), tmp_path / "file")
    assert [wanted for _, wanted in server.asked] == ["bytes=256000-", None]
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_bad_checksum_leaves_no_file(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=f"what came has sha256 .*expected {SHA256}"):
        download(server.file("wrong"), tmp_path / "file")
    assert names(tmp_path) == []


def test_a_missing_file_says_404(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"cannot fetch missing: http://127\.0\.0\.1:\d+/missing: 404 Not Found"):
        download(server.file("missing"), tmp_path / "file")


@pytest.mark.parametrize("first", ["missing", "wrong"])
def test_a_mirror_helps_out(server: Server, tmp_path: Path, first: str) -> None:
    download(server.file(first, also=("file",)), tmp_path / "file")
    assert [path for path, _ in server.asked] == [f"/{first}", "/file"]
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_mirror_goes_on_where_the_source_broke_off(server: Server, tmp_path: Path) -> None:
    server.breaks_after = 200_000
    download(server.file("file", also=("mirror",)), tmp_path / "file")
    assert server.asked == [("/file", None), ("/mirror", "bytes=200000-")]
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_all_failures_are_told(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"/missing: 404 Not Found; .*/wrong: what came has sha256"):
        download(server.file("missing", also=("wrong",)), tmp_path / "file")


def test_nobody_at_the_address_is_told(tmp_path: Path, server: Server) -> None:
    with pytest.raises(DownloadError, match="cannot fetch file: http://127"):
        download(RemoteFile("file", ("http://127.0.0.1:1/file",)), tmp_path / "file")


@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_server_that_sends_too_much_is_cut_off(server: Server, tmp_path: Path, is_chunked: bool) -> None:
    server.content, server.is_chunked = CONTENT * 40, is_chunked
    seen = [0]
    with pytest.raises(DownloadError, match="expected 256,000"):
        download(server.file(), tmp_path / "file", progress=lambda _, done, __: seen.append(done))
    assert max(seen) <= len(CONTENT)
    assert not (tmp_path / "file").exists()


def test_a_file_of_unknown_size_is_limited_too(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "LARGEST_FILE", 100_000)
    with pytest.raises(DownloadError, match="offers 256,000 bytes, expected at most 100,000"):
        download(server.file(checked=False), tmp_path / "file")


def test_a_redirect_is_followed_but_not_to_a_file_of_this_machine(server: Server, tmp_path: Path) -> None:
    download(server.file("moved-to-/file"), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT
    secret = tmp_path / "secret"
    secret.write_text("secret")
    with pytest.raises(DownloadError, match="cannot fetch"):
        download(server.file(f"moved-to-file://{secret}", checked=False), tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("address", ["file:///etc/hosts", "ftp://127.0.0.1/file", "file"])
def test_only_http_is_spoken(tmp_path: Path, address: str) -> None:
    with pytest.raises(DownloadError, match="expected an http or https address"):
        download(RemoteFile("file", (address,)), tmp_path / "file")


def test_a_folder_that_cannot_be_written_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(DownloadError, match=r"cannot write .*make room or set THOUGHT_DATA"):
        download(server.file(), tmp_path / "taken" / "file")
