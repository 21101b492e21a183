"""Names of devices, as tf.device takes them and operations have them: /job:worker/task:1/device:GPU:0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

_TYPES = ("CPU", "GPU", "TPU", "XLA_CPU", "XLA_GPU")
_ORDER = ("job", "replica", "task")

Named = str | Callable[[Any], str] | None  # what tf.device takes


def parts_of(name: str) -> dict[str, str]:
    """What a name says: job, replica, task, device. Raises ValueError for what is no name."""
    found: dict[str, str] = {}
    for part in name.split("/"):
        if not part:
            continue
        first, *rest = part.split(":")
        if first in _ORDER and len(rest) == 1:
            found[first] = rest[0] if first == "job" else str(int(rest[0]))
            continue
        kind = [first, *rest] if first.upper() in _TYPES else rest
        if (first != "device" and kind is rest) or not 1 <= len(kind) <= 2:
            raise ValueError(f"Unknown attribute '{first}' is encountered while parsing the device spec: '{name}'.")
        number = kind[1] if len(kind) == 2 else "*"
        found["device"] = f"{kind[0].upper()}:{number if number == '*' else int(number)}"
    return found


def merged(outer: str, inner: str) -> str:
    """The name that says what `inner` says and, of what that leaves open, what `outer` says."""
    found = {**parts_of(outer), **parts_of(inner)}
    return "".join(f"/{each}:{found[each]}" for each in (*_ORDER, "device") if each in found)


def device_within(blocks: Sequence[Named], operation: Any) -> str:
    """The device of an operation that is made within tf.device blocks, outermost first: a function sees what those
    inside it gave, None ends what others outside say. `operation.device` is that at last."""
    operation.device = ""
    for block in reversed(blocks):
        if block is None:
            break
        operation.device = block(operation) if callable(block) else merged(block, operation.device)
        if not isinstance(operation.device, str):
            raise TypeError(f"Expected binary or unicode string, got {operation.device!r}")
    return operation.device
