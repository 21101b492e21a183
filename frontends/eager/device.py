"""`torch.device`: where tensors live. "cuda" is jax's accelerator, a GPU or TPU, where backend jax has one. Others can
be named, as on a machine without them.

Where a tensor lives is a part of its kind (tapes/lazy.py), and decides nothing but which tensors go together: arrays of
all tensors lie where the backend computes.
"""

from __future__ import annotations

from typing import Any

from diptych.backends.accelerators import accelerator_count
from diptych.ir import Unsupported

from .tapes.mode import mode

_TYPES = (
    "cpu", "cuda", "ipu", "xpu", "mkldnn", "opengl", "opencl", "ideep", "hip", "ve", "fpga", "maia", "xla", "lazy",
    "vulkan", "mps", "meta", "hpu", "mtia", "privateuseone",
)  # fmt: skip


NONE_AVAILABLE = "Cannot access accelerator device when none is available."


class AcceleratorError(RuntimeError):
    """What an accelerator refuses, such as a number that it has not."""


class device:
    """A device type and index: device("cpu"). In a `with` block, where new tensors are made. Raises RuntimeError for
    what is none."""

    __slots__ = ("_before", "index", "type")

    def __init__(self, type: Any, index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        if type.__class__ is int:
            if not accelerator_count():
                raise RuntimeError(NONE_AVAILABLE)
            type, index = "cuda", type
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
        self._before = mode.default_device
        set_default_device(self)
        return self

    def __exit__(self, *error: object) -> None:
        mode.default_device = self._before


CPU = device("cpu")
Device = device | str | None


_places: dict[int, device] = {}  # of accelerators, by number, one object each


def set_default_device(device: Device | int) -> None:
    """Where new tensors are made that name no device; None stands for the CPU."""
    mode.default_device = None if device is None else _device(device)


def get_default_device() -> device:
    """Where new tensors are made that name no device. Raises what using it raises."""
    if mode.default_device is None:
        return CPU
    place = place_of(None)
    return place if place is not CPU else mode.default_device


_device = device


def current_number() -> int:
    """The number of the accelerator that "cuda" is for this thread."""
    return mode.accelerator


def choose_number(number: int) -> None:
    """Makes an accelerator the one that "cuda" is for this thread. Raises AcceleratorError for a number too many."""
    mode.accelerator = _accelerated(number).index or 0


def place_of(given: Device | int) -> device:
    """Where a tensor lies that is made on `given`, or by default on the default device: one object each. Raises what
    PyTorch raises without CUDA and the like where that is not here."""
    if given is None:
        given = mode.default_device
        if given is None:
            return CPU
    if given is CPU or (given.__class__ is device and _places.get(given.index) is given):
        return given
    found = device(given)
    if found.type == "cpu":
        return CPU
    if found.type == "cuda" and accelerator_count():
        return _accelerated(mode.accelerator if found.index is None else found.index)
    if found.type in ("cuda", "xpu"):
        raise AssertionError(f"Torch not compiled with {found.type.upper()} enabled")
    if found.type == "mps":
        raise RuntimeError("PyTorch is not linked with support for mps devices")
    raise Unsupported(
        f"torch.device: {found} is not there", hint="device('cpu'), and DIPTYCH_BACKEND=jax for an accelerator"
    )


def _accelerated(number: int) -> device:
    if not 0 <= number < accelerator_count():
        raise AcceleratorError("CUDA error: invalid device ordinal")
    found = _places.get(number)
    return _places.setdefault(number, device("cuda", number)) if found is None else found
