"""`torch.accelerator`: jax's accelerator, which is "cuda" here; without one it answers as on a machine without."""

from __future__ import annotations

from typing import Any, NoReturn

from diptych.backends.accelerators import accelerator_count

from . import cuda
from .device import NONE_AVAILABLE, device


def is_available() -> bool:
    """Whether there is one."""
    return accelerator_count() > 0


def device_count() -> int:
    """How many there are."""
    return accelerator_count()


def current_accelerator(check_available: bool = False) -> device | None:
    """Its kind, as a device without a number; None where there is none."""
    return device("cuda") if accelerator_count() else None


def _refuse() -> NoReturn:
    raise RuntimeError(NONE_AVAILABLE)


def _check() -> None:
    if not accelerator_count():
        _refuse()


def current_device_index() -> int:
    """The number of the current one. Raises RuntimeError where there is none."""
    _check()
    return cuda.current_device()


current_device_idx = current_device_index


def set_device_index(device: Any) -> None:
    """Makes a device the current one. Raises RuntimeError where there is none."""
    _check()
    cuda.set_device(device)


set_device_idx = set_device_index


def current_stream(device: Any = None) -> Any:
    """The queue of a device. Raises RuntimeError where there is none."""
    _check()
    return cuda.current_stream(device)


def synchronize(device: Any = None) -> None:
    """Runs what waits, and waits until it has run. Raises RuntimeError where there is no accelerator."""
    _check()
    cuda.synchronize(device)


def empty_cache() -> None:
    """Does nothing: what jax has taken it keeps. Raises RuntimeError where there is no accelerator."""
    _check()


def memory_allocated(device_index: Any = None) -> int:
    """Bytes that arrays take. Raises RuntimeError where there is no accelerator."""
    _check()
    return cuda.memory_allocated(device_index)


class device_index:
    """A block in which a device is the current one: None changes nothing. Raises RuntimeError where there is none."""

    def __init__(self, device: int | None) -> None:
        self.idx = device

    def __enter__(self) -> None:
        if self.idx is not None:
            _check()
            self._before = cuda.current_device()
            cuda.set_device(self.idx)

    def __exit__(self, *error: object) -> None:
        if self.idx is not None:
            cuda.set_device(self._before)
