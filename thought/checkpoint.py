"""A run on disk: settings and metrics as JSON, weights as safetensors; atomic, checked, versioned.

Nothing here can execute code while it loads. A file is written under a temporary name, flushed to
the disk and then moved into place, so that the old one survives whatever happens meanwhile; what
is read is checked against a digest of every byte of every tensor.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from thought.config import FORMAT, Config, from_dict, to_dict
from thought.errors import CheckpointError, ConfigError, nearest

WEIGHTS = {"best": "model.safetensors", "last": "last.safetensors", "averaged": "averaged.safetensors"}


def save_tensors(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write tensors and JSON facts about them to one file, whole or not at all.

    Raises
    ------
    CheckpointError
        If the disk is full or the folder cannot be written. What stood at `path` still does.
    """
    plain = {name: tensor.detach().to("cpu").contiguous() for name, tensor in tensors.items()}
    text = json.dumps(facts)
    metadata = {"format": str(FORMAT), "sha256": _digest(plain), "facts": text, "facts_sha256": _sha256(text)}
    temporary = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch()
        mode = temporary.stat().st_mode
        save_file(plain, temporary, metadata=metadata)
        temporary.chmod(path.parent.stat().st_mode & 0o666)  # safetensors lets only the owner read
        temporary.chmod(mode)  # safetensors would hide it from everybody else
        _flush(temporary)
        os.replace(temporary, path)
        _flush(path.parent)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"cannot save {path}: {_reason(error)}; the file that was there is kept") from error
    finally:
        _remove(temporary)


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `save_tensors` wrote.

    Raises
    ------
    CheckpointError
        If the file is missing, truncated, damaged, or of a newer format.
    """
    if not path.is_file():
        raise CheckpointError(f"there is no {path}")
    try:
        with safe_open(path, framework="pt") as opened:
            metadata = opened.metadata() or {}
            _check_format(metadata.get("format"), path)
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path} is damaged or no safetensors file: {_reason(error)}") from error
    facts = metadata.get("facts", "")
    is_known = set(metadata) <= {"format", "sha256", "facts", "facts_sha256"}  # the first runs had no facts_sha256
    sums = metadata.get("sha256"), metadata.get("facts_sha256", _sha256(facts))
    if not is_known or sums != (_digest(tensors), _sha256(facts)):
        raise CheckpointError(
            f"{path} is damaged: its contents do not match their checksum; use another of the run's files"
        )
    try:
        return tensors, json.loads(facts)
    except ValueError as error:
        raise CheckpointError(f"{path} is damaged: {error}") from error


def load_parameters(model: nn.Module, tensors: Mapping[str, Tensor], where: Path) -> None:
    """Copy tensors into the parameters of the same names.

    Raises
    ------
    CheckpointError
        If a name is missing, one is not known, or a shape differs.
    """
    parameters = dict(model.named_parameters())
    if set(parameters) != set(tensors):
        odd = sorted(set(parameters) ^ set(tensors))
        raise CheckpointError(f"weights in {where} do not fit its settings: {', '.join(odd[:3])} on one side only")
    for name, parameter in parameters.items():
        if parameter.shape != tensors[name].shape:
            shapes = f"{tuple(tensors[name].shape)}, expected {tuple(parameter.shape)}"
            raise CheckpointError(f"weights in {where} do not fit its settings: {name} has shape {shapes}")
        parameter.data.copy_(tensors[name])


def save_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write a JSON object, whole or not at all."""
    save_bytes(path, (json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode())


def save_bytes(path: Path, content: bytes) -> None:
    """Write a small file, whole or not at all."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise CheckpointError(f"cannot save {path}: {_reason(error)}") from error
    finally:
        _remove(temporary)


def save_config(folder: Path, config: Config) -> None:
    """Write the settings of a run."""
    save_json(folder / "config.json", {"format": FORMAT, **to_dict(config)})


def load_config(folder: Path) -> Config:
    """Read the settings of a run.

    Raises
    ------
    CheckpointError
        If the folder is no run, or one of a newer version.
    """
    path = folder / "config.json"
    if not folder.is_dir():
        near = [item.name for item in folder.parent.iterdir() if item.is_dir()] if folder.parent.is_dir() else []
        raise CheckpointError(f"there is no run {folder}{nearest(folder.name, near)}")
    try:
        values = json.loads(path.read_text("utf-8"))
        _check_format(values.pop("format", None), path)
        return from_dict(values)
    except FileNotFoundError as error:
        raise CheckpointError(f"{folder} is no run: it has no config.json") from error
    except (OSError, ValueError, AttributeError, TypeError, ConfigError) as error:
        raise CheckpointError(f"cannot read {path}: {_reason(error)}") from error


def _check_format(found: Any, path: Path) -> None:
    if not str(found).isdigit() or int(found) < 1:
        raise CheckpointError(f"{path} was not written by this package: it names no format")
    if int(found) > FORMAT:
        raise CheckpointError(
            f"{path} has format {found}, this version reads up to {FORMAT}; upgrade with: pip install -U thought"
        )


def _digest(tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _remove(temporary: Path) -> None:
    """Leave nothing behind, if there is anything; a read-only disk says no even where there is not."""
    with contextlib.suppress(OSError):
        temporary.unlink()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error).splitlines()[0]
