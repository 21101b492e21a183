"""`torch.Size`: a shape, a tuple of integers."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any


class Size(tuple[int, ...]):
    """The sizes of a tensor's axes. Raises TypeError for what is no integer."""

    __slots__ = ()

    def __new__(cls, sizes: Iterable[Any] = ()) -> Size:
        self = tuple.__new__(cls, sizes)
        for each in self:
            if each.__class__ is not int:
                return tuple.__new__(cls, map(_integer, range(len(self)), self))
        return self

    def numel(self) -> int:
        """The product of the sizes."""
        return prod(self)

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    def __getitem__(self, index: Any) -> Any:
        found = tuple.__getitem__(self, index)
        return Size(found) if isinstance(found, tuple) else found

    def __add__(self, other: Any) -> Size:
        if not isinstance(other, tuple):
            raise TypeError(f"can only concatenate tuple (not {type(other).__name__}) to torch.Size")
        return Size(tuple.__add__(self, other))

    def __radd__(self, other: Any) -> Any:
        return Size(other + tuple(self)) if isinstance(other, tuple) else NotImplemented

    def __mul__(self, count: Any) -> Any:
        found = tuple.__mul__(self, count)
        return Size(found) if isinstance(found, tuple) else found

    __rmul__ = __mul__


def _integer(place: int, value: Any) -> int:
    """A size: an integer, or what can be an index, as a tensor of one integer. Raises TypeError."""
    if hasattr(value, "__index__"):
        return value.__index__()
    raise TypeError(f"torch.Size() takes an iterable of 'int' (item {place} is '{type(value).__name__}')")
