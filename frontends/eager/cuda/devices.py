"""What `torch.cuda` tells of devices: those that jax has. Without any it answers as on a machine without CUDA."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from diptych.backends import accelerators
from diptych.backends.accelerators import accelerator_count, memory_of
from diptych.ir import Unsupported, user_location

from ..device import Device, choose_number, current_number, place_of
from ..device import device as _Device
from ..tapes.tape import tape


def refuse() -> NoReturn:
    """Raises AssertionError: there is no CUDA."""
    raise AssertionError("Torch not compiled with CUDA enabled")


def check_available() -> None:
    """Raises AssertionError where there is no accelerator."""
    if not accelerator_count():
        refuse()


def number_of(device: Device | int) -> int:
    """The number of a device, by default that of the current one. Raises AssertionError where there is none,
    AcceleratorError for a number too many, and ValueError for the CPU."""
    check_available()
    if device is None:
        return current_number()
    if isinstance(device, str) and not device.isalnum() and not device.startswith("cuda"):
        raise ValueError(f"Expected a cuda device, but got: {device}")
    place = place_of(device)
    if place.index is None:
        raise ValueError(f"Expected a cuda device, but got: {place}")
    return place.index


def is_available() -> bool:
    """Whether jax computes on an accelerator."""
    return accelerator_count() > 0


def is_initialized() -> bool:
    """The same: nothing has to be initialised."""
    return accelerator_count() > 0


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Whether there is an accelerator: XLA computes bfloat16 on all."""
    return accelerator_count() > 0


def is_tf32_supported() -> bool:
    """Whether the current device has such numbers: graphics processors from compute capability 8 on."""
    found = _capability(current_number()) if accelerator_count() else None
    return found is not None and found[0] >= 8


def device_count() -> int:
    """How many accelerators jax has in this process."""
    return accelerator_count()


def get_arch_list() -> list[str]:
    """The architectures of the graphics processors that are here."""
    found = [_capability(number) for number in range(accelerator_count())]
    return sorted({f"sm_{each[0]}{each[1]}" for each in found if each is not None})


def init() -> None:
    """Does nothing. Raises AssertionError where there is no CUDA."""
    check_available()


def set_device(device: Device | int) -> None:
    """Makes a device the one that "cuda" names; a negative number changes nothing. Raises ValueError for a device
    without an index, AttributeError where there is none, as PyTorch does without CUDA."""
    index = device if isinstance(device, int) else _Device(device).index
    if index is None:
        raise ValueError(f"Expected a torch.device with a specified index or an integer, but got:{device}")
    if index < 0:
        return
    if not accelerator_count():
        raise AttributeError("module 'torch._C' has no attribute '_cuda_setDevice'")
    choose_number(index)


def current_device() -> int:
    """The number of the device that "cuda" names. Raises AssertionError where there is none."""
    check_available()
    return current_number()


def get_device_name(device: Any = None) -> str:
    """What jax calls the kind of a device. Raises AssertionError where there is none."""
    return accelerators.accelerator(number_of(device)).device_kind


def get_device_capability(device: Any = None) -> tuple[int, int]:
    """The compute capability of a graphics processor. Raises AssertionError where there is no accelerator, Unsupported
    for one that has no such number."""
    found = _capability(number_of(device))
    if found is None:
        raise Unsupported(
            f"torch.cuda.get_device_capability: {get_device_name(device)} has none",
            location=user_location(),
            hint="torch.cuda.get_device_name()",
        )
    return found


def _capability(number: int) -> tuple[int, int] | None:
    text = str(getattr(accelerators.accelerator(number), "compute_capability", ""))
    major, _, minor = text.partition(".")
    return (int(major), int(minor or 0)) if major.isdigit() else None


@dataclass(frozen=True)
class _CudaDeviceProperties:
    """What is known of a device; what jax does not tell is 0. `total_memory`: the bytes that jax may take of it."""

    name: str
    major: int
    minor: int
    total_memory: int
    multi_processor_count: int

    def __repr__(self) -> str:
        return (
            f"_CudaDeviceProperties(name='{self.name}', major={self.major}, minor={self.minor}, "
            f"total_memory={self.total_memory // 2**20}MB, multi_processor_count={self.multi_processor_count})"
        )


def get_device_properties(device: Any = None) -> _CudaDeviceProperties:
    """What jax knows of a device. Raises AssertionError where there is none."""
    number = number_of(device)
    found = accelerators.accelerator(number)
    total = memory_of(found).get("bytes_limit", 0)
    return _CudaDeviceProperties(
        found.device_kind, *(_capability(number) or (0, 0)), total, int(getattr(found, "core_count", 0) or 0)
    )


def can_device_access_peer(device: Any, peer_device: Any) -> bool:
    """False: arrays of all lie on one device. Raises AssertionError where there is no CUDA."""
    check_available()
    return False


def synchronize(device: Any = None) -> None:
    """Runs what waits, and waits until it has run. Raises AssertionError where there is no CUDA."""
    number_of(device)
    tape.flush()
    accelerators.finish()


def ipc_collect() -> None:
    """Does nothing. Raises AssertionError where there is no CUDA."""
    check_available()
