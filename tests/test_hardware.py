"""Devices and element types."""

from __future__ import annotations

import pytest
import torch

from thought.errors import ThoughtError
from thought.hardware import product_type, resolve_device, resolve_precision

CPU = torch.device("cpu")


def test_auto_is_a_device_that_is_there() -> None:
    assert resolve_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert resolve_device("cpu") == CPU


def test_an_unknown_device_is_named() -> None:
    with pytest.raises(ThoughtError, match="unknown device gpu"):
        resolve_device("gpu")


def test_a_device_that_is_missing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ThoughtError, match="sees no CUDA device"):
        resolve_device("cuda:0")


@pytest.mark.parametrize(("abilities", "expected"), [({"avx512_bf16": True}, torch.bfloat16), ({}, torch.float32)])
def test_auto_multiplies_in_bfloat16_only_where_the_cpu_does(
    abilities: dict[str, bool], expected: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: abilities, raising=False)
    assert resolve_precision("auto", CPU) == expected


def test_what_was_asked_for_is_taken() -> None:
    assert resolve_precision("float32", CPU) == torch.float32
    assert resolve_precision("bfloat16", CPU) == torch.bfloat16


def test_products_follow_autocast() -> None:
    assert product_type(CPU) == torch.float32
    with torch.autocast("cpu", torch.bfloat16):
        assert product_type(CPU) == torch.bfloat16
