"""Training on a mesh of eight devices gives what one device gives; each device has its part alone, and sends no more
than it must."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

pytest.importorskip("jax")

# All-reduces of a step of the GPT whose products are split over `model`: one behind each pair of them, forward and
# backward, in two layers; one for what flows back from the head, and two for the softmax over its split words.
OF_MODEL = 2 * 2 * 2 + 1 + 2


def printed(module: str, *arguments: str) -> dict[str, Any]:
    """What a module of these tests prints in a process of its own, which has eight devices."""
    environment = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=8"}
    command = [sys.executable, "-m", f"tests.mesh.{module}", *arguments]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("model", ["gpt", "cnn"])
@pytest.mark.parametrize("side", ["eager", "static"])
def test_training_on_eight_devices(side: str, model: str) -> None:
    found = printed("training", side, model)
    one, data, tensors, mixed, zero = (found[name] for name in ("one", "data", "model", "mixed", "zero"))
    assert len(one["losses"]) == 20 and set(one["sent"].values()) == {0}
    for each in (data, tensors, mixed, zero):
        assert each["losses"] == pytest.approx(one["losses"], rel=1e-5)
        assert each["sent"]["all-to-all"] == each["sent"]["collective-permute"] == 0
    # Batches are split: gradients are added up, which XLA does for all of them at once, or in a few parts.
    assert data["shapes"].items() >= one["shapes"].items() or not one["shapes"]
    assert 1 <= data["sent"]["all-reduce"] <= 2 and data["sent"]["all-gather"] == 0
    # Parameters are split, and never brought together.
    assert tensors["sent"]["all-gather"] == mixed["sent"]["all-gather"] == 0
    assert tensors["sent"]["all-reduce"] == (OF_MODEL if model == "gpt" else 1)
    assert tensors["bytes"] < mixed["bytes"] < data["bytes"]
    # What the optimizer keeps is split: two thirds of the state; what it makes of it is brought together.
    assert data["bytes"] / 3 < zero["bytes"] < 0.45 * data["bytes"] and zero["sent"]["all-gather"] > 0


@pytest.mark.parametrize("module", ["partitioned", "split_programs"])
def test_what_gspmd_does_wrongly_is_not_split(module: str) -> None:
    assert printed(module) == {}
