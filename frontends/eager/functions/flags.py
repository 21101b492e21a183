"""Arguments that are true or false, told apart from what PyTorch refuses, in its words."""

from __future__ import annotations

from typing import Any


def flag(name: str, label: str, value: Any, position: int | None = None) -> bool:
    """A bool. Raises TypeError, which tells the argument's position where it is given."""
    if not isinstance(value, bool):
        where = "" if position is None else f" (position {position})"
        raise TypeError(f"{name}(): argument '{label}'{where} must be bool, not {type(value).__name__}")
    return value
