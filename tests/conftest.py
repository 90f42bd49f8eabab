"""Shared by all tests: no network but loopback, the same on every machine, one command line, one small run."""

from __future__ import annotations

import io
import os
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from phrases import save_run, sentences

hypothesis.settings.register_profile("thought", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("thought")

LOOPBACK = ("127.", "::1", "localhost")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked gpu where there is none; torch is imported only if there are such tests."""
    for item in items:
        if item.get_closest_marker("gpu"):
            import torch

            if not torch.cuda.is_available():
                item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Let sockets reach this machine only."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        is_inet = self.family in (socket.AF_INET, socket.AF_INET6)
        if is_inet and not str(address[0]).startswith(LOOPBACK):
            raise RuntimeError(f"a test may not reach {address}")
        connect(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what the shell says about processes and debugging."""
    for name in ("RANK", "WORLD_SIZE", "THOUGHT_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def multi30k() -> Path:
    """Return the folder of Multi30k, for tests on real text; skipped where it is not."""
    folder = Path(os.environ.get("THOUGHT_DATA", "")) / "multi30k"
    if not os.environ.get("THOUGHT_DATA") or not folder.is_dir():
        pytest.skip("needs Multi30k under THOUGHT_DATA")
    return folder


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """Lines on standard output, split at line feeds only."""
        return self.out.removesuffix("\n").split("\n") if self.out else []


Thought = Callable[..., Result]


@pytest.fixture
def thought(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Thought:
    """Run the command line in this process, in an empty folder."""
    from thought.cli import main

    monkeypatch.chdir(tmp_path)

    def run(*words: object, stdin: str | bytes = b"") -> Result:
        content = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))
        with pytest.raises(SystemExit) as caught:
            main([str(word) for word in words])
        captured = capfdbinary.readouterr()
        code = caught.value.code
        return Result(code if isinstance(code, int) else 0, captured.out.decode(), captured.err.decode())

    return run


@pytest.fixture
def corpus_file(tmp_path: Path) -> Path:
    """Write the tiny world as a table."""
    path = tmp_path / "world.tsv"
    path.write_text("en\tde\n" + "".join(f"{english}\t{german}\n" for english, german in sentences()), "utf-8")
    return path


@pytest.fixture(scope="session")
def saved_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of random weights to read; tests that change one make a copy."""
    return save_run(tmp_path_factory.mktemp("runs") / "nonsense")


@pytest.fixture(scope="session")
def attention_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run without a bottleneck, which has no thoughts."""
    return save_run(tmp_path_factory.mktemp("runs") / "attention", "model.bottleneck=none")


@pytest.fixture(scope="session")
def many_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run with three thoughts a sentence."""
    return save_run(tmp_path_factory.mktemp("runs") / "many", "model.bottleneck=3", "model.pooling=attention")
