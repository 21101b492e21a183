"""`torch.mps` as it answers on a machine that is not Apple's."""

from __future__ import annotations

from typing import NoReturn


def is_available() -> bool:
    """False."""
    return False


def device_count() -> int:
    """0."""
    return 0


def manual_seed(seed: int) -> None:
    """Does nothing: a seed for a device that is not there."""


def seed() -> None:
    """Does nothing."""


def _refuse(call: str) -> NoReturn:
    raise RuntimeError(f"Cannot execute {call}() without MPS backend.")


def empty_cache() -> None:
    """Raises RuntimeError: there is no such device."""
    _refuse("emptyCache")


def synchronize() -> None:
    """Raises RuntimeError: there is no such device."""
    _refuse("deviceSynchronize")


def current_allocated_memory() -> int:
    """Raises RuntimeError: there is no such device."""
    _refuse("getCurrentAllocatedMemory")


def driver_allocated_memory() -> int:
    """Raises RuntimeError: there is no such device."""
    _refuse("getDriverAllocatedMemory")
