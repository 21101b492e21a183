"""Whole numbers that are known while the graph is built, or else tensors: lengths, steps, numbers of frames."""

from __future__ import annotations

from typing import Any

from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.probe import constant_value
from ..graphs.tensor import Tensor
from ..operations.arrays import rank, shape
from ..operations.joining import stack
from ..operations.ranges import one_hot, zeros_like

Count = Any  # an int, or a scalar tensor


def counted(value: Any, name: str) -> Count:
    """A scalar as an int where it is known, otherwise as a tensor. Raises ValueError for another shape."""
    if isinstance(value, int):
        return value
    tensor = convert_to_tensor(value, name=name)
    tensor.shape.assert_has_rank(0)
    known = constant_value(tensor)
    return tensor if known is None else int(known)


def size_along(x: Tensor, axis: int) -> Count:
    """The size of an axis."""
    known = None if x.shape.ndims is None else x.shape.as_list()[axis]
    return shape(x)[axis] if known is None else known


def largest(one: Count, other: Count) -> Count:
    """The larger of two."""
    if isinstance(one, int) and isinstance(other, int):
        return max(one, other)
    return apply("Maximum", [one, other])


def behind(x: Tensor, axis: int, count: Count) -> Tensor:
    """Paddings of `count` behind one axis alone."""
    ranks = rank(x) if x.shape.ndims is None else x.shape.ndims
    high = one_hot(axis % ranks, ranks, dtype=shape(x).dtype) * count
    return stack([zeros_like(high), high], axis=1)


def known(count: Count) -> int | None:
    """A count as an entry of a static shape."""
    return count if isinstance(count, int) else None
