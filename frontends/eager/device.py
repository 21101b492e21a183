"""`torch.device`: where tensors live. Others than the CPU can be named, as on a machine without an accelerator."""

from __future__ import annotations

from threading import local
from typing import Any

from diptych.ir import Unsupported

_TYPES = (
    "cpu", "cuda", "ipu", "xpu", "mkldnn", "opengl", "opencl", "ideep", "hip", "ve", "fpga", "maia", "xla", "lazy",
    "vulkan", "mps", "meta", "hpu", "mtia", "privateuseone",
)  # fmt: skip


class device:
    """A device type and index: device("cpu"). In a `with` block, where new tensors are made. Raises RuntimeError for
    what is none."""

    __slots__ = ("_before", "index", "type")

    def __init__(self, type: Any, index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        if type.__class__ is int:
            raise RuntimeError("Cannot access accelerator device when none is available.")
        if not isinstance(type, str):
            raise TypeError(f"device() received an invalid combination of arguments - got ({type.__class__.__name__})")
        if not type:
            raise RuntimeError("Device string must not be empty")
        name, colon, number = type.partition(":")
        if not name.isalpha() or (colon and not number.isdecimal()):
            raise RuntimeError(f"Invalid device string: '{type}'")
        if name not in _TYPES:
            raise RuntimeError(f"Expected one of {', '.join(_TYPES)} device type at start of device string: {type}")
        if colon and index is not None:
            raise RuntimeError(f"type (string) must not include an index because index was passed explicitly: {type}")
        self.type = name
        self.index = int(number) if number else index

    def __repr__(self) -> str:
        return (
            f"device(type='{self.type}')" if self.index is None else f"device(type='{self.type}', index={self.index})"
        )

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self) -> tuple[Any, ...]:
        return device, (str(self),)

    def __enter__(self) -> device:
        self._before = _default.chosen
        set_default_device(self)
        return self

    def __exit__(self, *error: object) -> None:
        _default.chosen = self._before


CPU = device("cpu")
Device = device | str | None


class _Default(local):
    chosen: device | None = None


_default = _Default()


def set_default_device(device: Device) -> None:
    """Where new tensors are made that name no device; None stands for the CPU."""
    _default.chosen = None if device is None else _device(device)


def get_default_device() -> device:
    """Where new tensors are made that name no device. Raises what using it raises."""
    check(_default.chosen)
    return CPU if _default.chosen is None else _default.chosen


_device = device


def check(given: Device) -> None:
    """Raises what PyTorch raises without CUDA and the like where `given`, or the default device, is not the CPU."""
    if given is None:
        given = _default.chosen
        if given is None:
            return
    found = device(given)
    if found.type == "cpu":
        return
    if found.type in ("cuda", "xpu"):
        raise AssertionError(f"Torch not compiled with {found.type.upper()} enabled")
    if found.type == "mps":
        raise RuntimeError("PyTorch is not linked with support for mps devices")
    raise Unsupported(
        f"torch.device: {found} is not there", hint="device('cpu'), and DIPTYCH_BACKEND=jax for an accelerator"
    )
