"""Memory that what is written has in common with an operand, where PyTorch refuses that."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any

from .layout import Layout, layout_of
from .tensor import Tensor


def check_apart(target: Tensor, operands: Iterable[Any], *, wholly: bool = False) -> None:
    """Raises RuntimeError where `target`, which is to be written, and an operand have a part of their memory in common,
    or `wholly` all of it."""
    for each in operands:
        if not isinstance(each, Tensor) or each.is_sparse or target.is_sparse:
            continue
        if each._storage is target._storage and (wholly or each is not target):
            found = _shared(layout_of(target), layout_of(each))
            if found == "part" or (wholly and found):
                raise RuntimeError(
                    "unsupported operation: some elements of the input tensor and the written-to tensor refer to a "
                    "single memory location. Please clone() the tensor before performing the operation."
                )


def _shared(one: Layout, other: Layout) -> str:
    """What two tensors of one storage have in common, as PyTorch tells it: "all", "part", or "" where that is nothing,
    or where one of them has gaps, so that nobody looks."""
    if 0 in one.sizes or 0 in other.sizes or not (_is_dense(one) and _is_dense(other)):
        return ""
    ends = [each.offset + prod(each.sizes) for each in (one, other)]
    if (one.offset, ends[0]) == (other.offset, ends[1]):
        return "all" if one.strides == other.strides else "part"
    return "part" if one.offset < ends[1] and other.offset < ends[0] else ""


def _is_dense(layout: Layout) -> bool:
    """Whether the elements fill a stretch of memory, each place once."""
    step = 1
    for stride, size in sorted(each for each in zip(layout.strides, layout.sizes, strict=True) if each[1] != 1):
        if stride != step:
            return False
        step *= size
    return True
