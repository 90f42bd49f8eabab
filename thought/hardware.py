"""What the machine has: the device to compute on and the element type of matrix products."""

from __future__ import annotations

from typing import Literal

import torch

from thought.errors import ThoughtError

Precision = Literal["auto", "bfloat16", "float32"]


def resolve_device(name: str) -> torch.device:
    """Turn "auto", "cpu", "cuda" or "cuda:1" into a device that is there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ThoughtError(f"unknown device {name}; known: auto, cpu, cuda, cuda:0, ...") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ThoughtError(f"device {name} was asked for, but torch sees no CUDA device; use device auto or cpu")
    return device


def resolve_precision(name: Precision, device: torch.device) -> torch.dtype:
    """Element type of matrix products: bfloat16 only where "auto" finds it native, or where asked for."""
    if name != "auto":
        return torch.bfloat16 if name == "bfloat16" else torch.float32
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    abilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    is_native = bool(abilities.get("avx512_bf16") or abilities.get("amx_bf16") or abilities.get("bf16"))
    return torch.bfloat16 if is_native else torch.float32


def product_type(device: torch.device) -> torch.dtype:
    """Element type of matrix products here and now: autocast's, else float32."""
    if torch.is_autocast_enabled(device.type):
        return torch.get_autocast_dtype(device.type)
    return torch.float32
