"""What tf.config, tf.test, sessions and tf.python.client.device_lib tell of devices: the processor and, on backend jax,
its accelerators. A program runs whole on the one that the backend computes on, wherever its operations were put."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from diptych.backends.accelerators import accelerator, accelerator_count, memory_of

from ..exports import export

_HOST_BYTES = 268435456  # what TensorFlow says of every processor


@dataclass(frozen=True, slots=True)
class DeviceAttributes:
    """A device; `memory_limit` in bytes."""

    name: str
    device_type: str
    memory_limit: int
    incarnation: int
    physical_device_desc: str = ""


class PhysicalDevice(NamedTuple):
    """A device of the machine."""

    name: str
    device_type: str


class LogicalDevice(NamedTuple):
    """A device that operations may be put on."""

    name: str
    device_type: str


def type_of(number: int) -> str:
    """What TensorFlow calls the kind of an accelerator."""
    return "TPU" if accelerator(number).platform == "tpu" else "GPU"


def list_local_devices(session_config: Any = None) -> list[DeviceAttributes]:
    """The devices of this machine: the processor, and accelerators with the bytes that jax may take of them."""
    found = [DeviceAttributes("/device:CPU:0", "CPU", _HOST_BYTES, 1)]
    for number in range(accelerator_count()):
        device, kind = accelerator(number), type_of(number)
        text = f"device: {number}, name: {device.device_kind}"
        limit = memory_of(device).get("bytes_limit", 0)
        found.append(DeviceAttributes(f"/device:{kind}:{number}", kind, limit, number + 2, text))
    return found


@export("config.experimental.list_physical_devices")
def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices of a type, such as "GPU", or all."""
    found = [PhysicalDevice(each.name.replace("/", "/physical_", 1), each.device_type) for each in list_local_devices()]
    return [each for each in found if device_type in (None, each.device_type)]


@export("config.experimental.list_logical_devices")
def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """The devices of a type that operations may be put on, or all."""
    found = [LogicalDevice(each.name, each.device_type) for each in list_local_devices()]
    return [each for each in found if device_type in (None, each.device_type)]


@export("config.experimental.get_visible_devices")
def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """All devices of a type: none is hidden."""
    return list_physical_devices(device_type)


@export("config.experimental.set_memory_growth")
def set_memory_growth(device: PhysicalDevice, enable: bool) -> None:
    """Accepted: XLA_PYTHON_CLIENT_PREALLOCATE tells jax before it starts. Raises ValueError for the processor."""
    if device.device_type == "CPU":
        raise ValueError("Cannot set memory growth on non-GPU and non-Pluggable devices")


@export("test.is_gpu_available")
def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: Any = None) -> bool:
    """Whether jax computes on a graphics processor; with `min_cuda_compute_capability` on one of at least that."""
    return gpu_device_name() != "" and (
        min_cuda_compute_capability is None or _capability() >= tuple(min_cuda_compute_capability)
    )


def _capability() -> tuple[int, ...]:
    text = str(getattr(accelerator(0), "compute_capability", ""))
    return tuple(int(each) for each in text.split(".") if each.isdigit())


@export("test.is_built_with_cuda")
def is_built_with_cuda() -> bool:
    """Whether jax computes on a graphics processor."""
    return gpu_device_name() != ""


@export("test.gpu_device_name")
def gpu_device_name() -> str:
    """The name of the first graphics processor; empty where there is none."""
    return next((each.name for each in list_local_devices() if each.device_type == "GPU"), "")
