"""`torch.Size`: a shape, a tuple of integers."""

from __future__ import annotations

from math import prod
from typing import Any


class Size(tuple[int, ...]):
    """The sizes of a tensor's axes."""

    __slots__ = ()

    def numel(self) -> int:
        """The product of the sizes."""
        return prod(self)

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    def __getitem__(self, index: Any) -> Any:
        found = tuple.__getitem__(self, index)
        return Size(found) if isinstance(found, tuple) else found

    def __add__(self, other: Any) -> Size:
        return Size(tuple.__add__(self, tuple(other)))
