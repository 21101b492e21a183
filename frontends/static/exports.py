"""The names of the API: each object is declared once, where it is defined, with every name that TensorFlow gives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Exported = TypeVar("Exported")

NAMES: dict[str, object] = {}  # "nn.relu" -> the function


def export(*names: str) -> Callable[[Exported], Exported]:
    """Declares an object of the API under `names`, dotted below `tf`."""

    def register(value: Exported) -> Exported:
        for name in names:
            if name in NAMES:
                raise KeyError(f"the API name {name} is declared twice")
            NAMES[name] = value
        return value

    return register
