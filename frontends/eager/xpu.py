"""`torch.xpu` as it answers on a machine without Intel's graphics processors."""

from __future__ import annotations

from typing import Any

from .device import place_of


def is_available() -> bool:
    """False."""
    return False


def is_initialized() -> bool:
    """False."""
    return False


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """False."""
    return False


def device_count() -> int:
    """0."""
    return 0


def manual_seed(seed: int) -> None:
    """Does nothing: a seed for a device that is not there."""


def manual_seed_all(seed: int) -> None:
    """Does nothing: a seed for devices that are not there."""


def empty_cache() -> None:
    """Does nothing."""


def synchronize(device: Any = None) -> None:
    """Raises AssertionError: there is no such device."""
    place_of("xpu")


def current_device() -> int:
    """Raises AssertionError: there is no such device."""
    place_of("xpu")
    return 0
