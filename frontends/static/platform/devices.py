"""What tf.python.client.device_lib tells of devices: there is one, on which programs run whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DeviceAttributes:
    """A device; `memory_limit` in bytes."""

    name: str
    device_type: str
    memory_limit: int
    incarnation: int
    physical_device_desc: str = ""


def list_local_devices(session_config: Any = None) -> list[DeviceAttributes]:
    """The devices of this machine: the processor."""
    return [DeviceAttributes("/device:CPU:0", "CPU", 268435456, 1)]
