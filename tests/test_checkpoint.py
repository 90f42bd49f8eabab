"""A run on disk: whole or not at all, and damage is noticed."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor
from worlds import tiny, toy_model

from thought import checkpoint
from thought.checkpoint import (
    load_config,
    load_parameters,
    load_tensors,
    save_bytes,
    save_config,
    save_json,
    save_tensors,
)
from thought.errors import CheckpointError

TENSORS = {
    "weight": torch.arange(6, dtype=torch.float32).view(2, 3),
    "half": torch.tensor([1.5, -2.0], dtype=torch.bfloat16),
    "step": torch.tensor(7.0),
    "nothing": torch.empty(0, 4),
}
FACTS = {"step": 12, "best": {"bleu": 31.5}, "name": "größer"}


every_kind = pytest.mark.parametrize(
    "save",
    [
        lambda path: save_tensors(path, TENSORS, FACTS),
        lambda path: save_bytes(path, b"x"),
        lambda path: save_json(path, {}),
    ],
    ids=["tensors", "bytes", "json"],
)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    save_tensors(path, TENSORS, FACTS)
    return path


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return set(one) == set(other) and all(
        torch.equal(one[name], other[name]) and one[name].dtype == other[name].dtype for name in one
    )


def test_what_is_saved_is_loaded(saved: Path) -> None:
    tensors, facts = load_tensors(saved)
    assert same(tensors, TENSORS)
    assert facts == FACTS
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_folders_are_made_where_they_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "new" / "model.safetensors"
    save_tensors(path, TENSORS, FACTS)
    assert same(load_tensors(path)[0], TENSORS)


def test_a_file_may_be_read_by_whoever_may_read_other_files_of_the_run(saved: Path) -> None:
    save_json(saved.with_name("config.json"), {})
    assert stat.S_IMODE(saved.stat().st_mode) == stat.S_IMODE(saved.with_name("config.json").stat().st_mode)


def test_tensors_that_are_views_or_need_gradients_are_saved_as_they_look(tmp_path: Path) -> None:
    whole = torch.arange(6, dtype=torch.float32).view(2, 3).requires_grad_()
    save_tensors(tmp_path / "x", {"turned": whole.t(), "row": whole[1]}, {})
    tensors, _ = load_tensors(tmp_path / "x")
    assert tensors["turned"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert tensors["row"].tolist() == [3, 4, 5]


@pytest.mark.parametrize("broken", ["save_file", "os.replace", "_flush"])
def test_a_failure_while_saving_keeps_the_old_file_and_leaves_nothing_behind(
    saved: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"thought.checkpoint.{broken}", fail)
    message = r"cannot save .*model\.safetensors: No space left on device; the file that was there is kept"
    with pytest.raises(CheckpointError, match=message):
        save_tensors(saved, {"weight": torch.zeros(9)}, {})
    monkeypatch.undo()
    assert same(load_tensors(saved)[0], TENSORS)
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_ctrl_c_while_saving_keeps_the_old_file_and_leaves_nothing_behind(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(tensors: object, path: Path, **_: object) -> None:
        Path(path).write_bytes(b"half a file")
        raise KeyboardInterrupt

    monkeypatch.setattr("thought.checkpoint.save_file", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save_tensors(saved, {}, {})
    monkeypatch.undo()
    assert same(load_tensors(saved)[0], TENSORS)
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


FULL_DISK = """
import resource, sys, torch
from pathlib import Path
from thought.checkpoint import load_tensors, save_bytes, save_tensors
from thought.errors import CheckpointError

path = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))  # no file may grow beyond 8 KiB
for save in (lambda: save_tensors(path, {"weight": torch.zeros(100_000)}, {}),
             lambda: save_bytes(path.with_name("small"), b"x" * 100_000)):
    try:
        save()
    except CheckpointError as error:
        print(error)
print(load_tensors(path)[1]["step"], sorted(item.name for item in path.parent.iterdir()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
def test_a_disk_that_is_really_full_keeps_the_old_file(saved: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(saved)], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert lines[0].startswith(f"cannot save {saved}: ")
    assert lines[0].endswith("; the file that was there is kept")
    assert lines[1].startswith(f"cannot save {saved.with_name('small')}: ")
    assert lines[2] == "12 ['model.safetensors']"


def test_a_file_cut_off_anywhere_is_damaged(saved: Path) -> None:
    content = saved.read_bytes()
    for size in range(0, len(content), 7):
        saved.write_bytes(content[:size])
        with pytest.raises(CheckpointError):
            load_tensors(saved)


def test_a_bit_flipped_anywhere_is_noticed_or_changes_nothing(saved: Path) -> None:
    content = saved.read_bytes()
    noticed = 0
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 1 << (place % 7)
        saved.write_bytes(damaged)
        try:
            tensors, facts = load_tensors(saved)
        except CheckpointError as error:
            assert str(saved) in str(error)  # noqa: PT017
            noticed += 1
        else:
            assert same(tensors, TENSORS)
            assert facts == FACTS
    assert noticed > 0.8 * len(content)  # not in the padding of the header, nor in a name no one reads


@pytest.mark.parametrize("content", [b"", b"{}", b"PK\x03\x04 a zip", b"\x80\x04 a pickle", b"\xff" * 64])
def test_another_kind_of_file_says_that_it_is_none_of_ours(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(CheckpointError, match="is damaged or no safetensors file"):
        load_tensors(tmp_path / "x")


def test_a_safetensors_file_of_someone_else_says_so(tmp_path: Path) -> None:
    checkpoint.save_file({"weight": torch.zeros(2)}, tmp_path / "x")
    with pytest.raises(CheckpointError, match="was not written by this package: it names no format"):
        load_tensors(tmp_path / "x")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"there is no .*nothing\.safetensors"):
        load_tensors(tmp_path / "nothing.safetensors")


def test_weights_of_a_newer_version_ask_for_an_upgrade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "FORMAT", 7)
    save_tensors(tmp_path / "x", TENSORS, FACTS)
    save_config(tmp_path, tiny())
    monkeypatch.undo()
    message = r"has format 7, this version reads up to 1; upgrade with: pip install -U thought"
    with pytest.raises(CheckpointError, match=message):
        load_tensors(tmp_path / "x")
    with pytest.raises(CheckpointError, match=message):
        load_config(tmp_path)


@every_kind
def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, save: object) -> None:
    def refuse(path: object, *_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system", str(path))

    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "model.safetensors").write_bytes(b"old")
    monkeypatch.setattr("thought.checkpoint.save_file", refuse)
    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)  # as such a system answers even where there is nothing
    monkeypatch.setattr(Path, "touch", refuse)
    with pytest.raises(CheckpointError, match=r"cannot save .*model\.safetensors: Read-only file system"):
        save(tmp_path / "run" / "model.safetensors")
    monkeypatch.undo()
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == b"old"


@every_kind
def test_a_file_where_a_folder_should_be_says_so(tmp_path: Path, save: object) -> None:
    (tmp_path / "run").write_text("I am a file")
    with pytest.raises(CheckpointError, match="cannot save .*: File exists"):
        save(tmp_path / "run" / "model.safetensors")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_says_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(CheckpointError, match="Permission denied"):
            save_tensors(tmp_path / "x", TENSORS, FACTS)
    finally:
        tmp_path.chmod(0o700)


def test_small_files_are_whole_or_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_json(tmp_path / "x.json", {"größe": [1, None]})
    assert json.loads((tmp_path / "x.json").read_text("utf-8")) == {"größe": [1, None]}
    monkeypatch.setattr("thought.checkpoint.os.fsync", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_json(tmp_path / "x.json", {})
    monkeypatch.undo()
    assert json.loads((tmp_path / "x.json").read_text("utf-8")) == {"größe": [1, None]}
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_settings_come_back_as_they_were(tmp_path: Path) -> None:
    config = tiny("model.bottleneck=none", "data.directions=aa-bb", "loss.word_dropout=0.125")
    save_config(tmp_path / "run", config)
    assert load_config(tmp_path / "run") == config


def test_a_missing_run_names_the_nearest(tmp_path: Path) -> None:
    save_config(tmp_path / "german", tiny())
    with pytest.raises(CheckpointError, match=r"there is no run .*germna; did you mean german\?"):
        load_config(tmp_path / "germna")
    with pytest.raises(CheckpointError, match="there is no run"):
        load_config(tmp_path / "neither" / "there")


def test_a_folder_that_is_no_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"is no run: it has no config\.json"):
        load_config(tmp_path)


@pytest.mark.parametrize("content", [
    b"", b"{", b"[1]", b"3", b'"x"', b"\xff\xfe", b"{}", b'{"format": null}',
    b'{"format": 1, "model": {"tought_size": 3}}',
])  # fmt: skip
def test_settings_that_are_damaged_say_where(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "config.json").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"config\.json"):
        load_config(tmp_path)


def test_loading_can_execute_nothing(tmp_path: Path) -> None:
    """A pickle that would leave a file behind is refused unread."""
    trap = tmp_path / "sprung"
    (tmp_path / "model.safetensors").write_bytes(f"cbuiltins\nopen\n(V{trap}\nVw\ntR.".encode())
    with pytest.raises(CheckpointError):
        load_tensors(tmp_path / "model.safetensors")
    assert not trap.exists()


def test_loaded_parameters_are_copies() -> None:
    model, tensors = toy_model(seed=1), {n: w.detach().clone() for n, w in toy_model(seed=2).named_parameters()}
    load_parameters(model, tensors, Path("here"))
    assert all(torch.equal(weight, tensors[name]) for name, weight in model.named_parameters())
    tensors["embedding.weight"].zero_()
    assert model.embedding.weight.any()


def test_no_flipped_bit_of_a_file_goes_unnoticed(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_tensors(path, {"a": torch.arange(2.0)}, {"step": 7})
    content = path.read_bytes()
    for place in range(len(content)):
        for bit in range(8):
            damaged = bytearray(content)
            damaged[place] ^= 1 << bit
            path.write_bytes(damaged)
            with pytest.raises(CheckpointError):
                load_tensors(path)
