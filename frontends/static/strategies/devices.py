"""Names of devices as TensorFlow writes them. There is one that stands for all that a program runs on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.backends.settings import settings


def canonical(device: Any) -> str:
    """`/gpu:0` as `/replica:0/task:0/device:GPU:0`; what is said of a job or a task stays. Raises ValueError for what
    is no name of a device."""
    parts = {"job": "", "replica": "0", "task": "0", "device": "CPU:0"}
    for part in filter(None, str(device).removeprefix("/").split("/")):
        key, _, value = part.partition(":")
        if key.lower() in ("cpu", "gpu", "tpu"):
            key, value = "device", f"{key}:{value or 0}"
        if key not in parts or not value:
            raise ValueError(f"Unknown attribute {part!r} is encountered while parsing the device spec: {device!r}.")
        kind, _, number = value.partition(":")
        parts[key] = f"{kind.upper()}:{int(number or 0)}" if key == "device" else value
    job = f"/job:{parts['job']}" if parts["job"] else ""
    return f"{job}/replica:{parts['replica']}/task:{parts['task']}/device:{parts['device']}"


def canonical_list(devices: Sequence[Any]) -> list[str]:
    """The names of several. Raises AssertionError where one is named twice, as TensorFlow does."""
    found = [canonical(each) for each in devices]
    if len(set(found)) < len(found):
        raise AssertionError(f"No duplicates allowed in `devices` argument: {tuple(found)}")
    return found


def own_device() -> str:
    """The name of the device that programs run on by the settings."""
    device = settings().device or "cpu"
    kind = device.partition(":")[0]
    return canonical(f"/{'gpu' if kind in ('cuda', 'rocm') else kind}:0")
