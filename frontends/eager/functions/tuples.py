"""One number for each of several axes, as PyTorch's Python code reads them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def ntuple(count: int, value: Any) -> tuple[Any, ...]:
    """What is iterable as a tuple, whatever its length; anything else `count` times."""
    return tuple(value) if isinstance(value, Iterable) else (value,) * count
