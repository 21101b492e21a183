"""`torch.accelerator` as it answers on a machine without one."""

from __future__ import annotations

from typing import Any, NoReturn

from .device import device


def is_available() -> bool:
    """False."""
    return False


def device_count() -> int:
    """0."""
    return 0


def current_accelerator(check_available: bool = False) -> device | None:
    """None."""
    return None


def _refuse() -> NoReturn:
    raise RuntimeError("Cannot access accelerator device when none is available.")


def current_device_index() -> int:
    """Raises RuntimeError: there is none."""
    _refuse()


current_device_idx = current_device_index


def set_device_index(device: Any) -> None:
    """Raises RuntimeError: there is none."""
    _refuse()


set_device_idx = set_device_index


def current_stream(device: Any = None) -> Any:
    """Raises RuntimeError: there is none."""
    _refuse()


def synchronize(device: Any = None) -> None:
    """Raises RuntimeError: there is none."""
    _refuse()


def empty_cache() -> None:
    """Raises RuntimeError: there is none."""
    _refuse()


def memory_allocated(device_index: Any = None) -> int:
    """Raises RuntimeError: there is none."""
    _refuse()


class device_index:
    """A block in which a device is the current one: None changes nothing. Raises RuntimeError for others."""

    def __init__(self, device: int | None) -> None:
        self.idx = device

    def __enter__(self) -> None:
        if self.idx is not None:
            _refuse()

    def __exit__(self, *error: object) -> None:
        pass
