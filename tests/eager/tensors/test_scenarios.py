"""The scenarios show what they show with the real PyTorch, frozen by make_scenarios.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import diptych.eager as torch
import pytest
from diptych.backends.settings import configure

from tests.eager.tensors import scenarios  # noqa: F401 - adds to SCENARIOS
from tests.eager.tensors.playing import SCENARIOS, played

WANTED: dict[str, list[Any]] = json.loads((Path(__file__).parent / "scenarios.json").read_text())


def compare(found: Any, wanted: Any) -> None:
    """Numbers up to 1e-6, all else exactly."""
    if isinstance(wanted, list):
        assert isinstance(found, list) and len(found) == len(wanted), (found, wanted)
        for ours, theirs in zip(found, wanted, strict=True):
            compare(ours, theirs)
    elif isinstance(wanted, float):
        assert found == pytest.approx(wanted, rel=1e-6)
    else:
        assert found == wanted


@pytest.mark.parametrize("name", SCENARIOS)
def test_on_numpy(name: str) -> None:
    compare(json.loads(json.dumps(played(torch, name))), WANTED[name])


def test_on_jax() -> None:
    before = configure().backend
    configure(backend="jax")
    try:
        for name in ("views_see_writes", "read_before_backward", "numpy_share", "hooks_along_a_chain", "second_order"):
            compare(json.loads(json.dumps(played(torch, name))), WANTED[name])
    finally:
        configure(backend=before)
