"""Sizes, strides and the like as users give them: an integer, or a sequence of them."""

from __future__ import annotations

from typing import Any

from ..tensors.creation import is_size

Size = int | tuple[int, ...]


def listed(name: str, label: str, value: Any, position: int | None = None) -> tuple[int, ...]:
    """The integers of a sequence. Raises TypeError, which tells the argument's position where it is given."""
    argument = f"{name}(): argument '{label}'"
    where = "" if position is None else f" (position {position})"
    if not isinstance(value, (tuple, list)):
        raise TypeError(f"{argument}{where} must be tuple of ints, not {type(value).__name__}")
    for place, each in enumerate(value):
        if is_size(each):
            continue
        kind = type(each).__name__
        if not place:
            raise TypeError(f"{argument}{where} must be tuple of ints, but found element of type {kind} at pos 0")
        raise TypeError(
            f'{argument} failed to unpack the object at pos {place + 1} with error "type must be tuple of ints,but '
            f'got {kind}"'
        )
    return tuple(int(each) for each in value)


def repeated(name: str, label: str, value: Any, count: int, position: int | None = None) -> tuple[int, ...]:
    """As `listed`, or an integer `count` times."""
    return (int(value),) * count if is_size(value) else listed(name, label, value, position)
