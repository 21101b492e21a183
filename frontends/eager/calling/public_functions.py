"""What a module has for users."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def public_functions(module: ModuleType) -> dict[str, Any]:
    """The functions that a module defines for users."""
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_") and callable(value) and getattr(value, "__module__", "") == module.__name__
    }
