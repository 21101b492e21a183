"""Where the elements of a tensor lie in its storage: PyTorch's sizes, strides and offset.

A storage's base lies row by row, or as the shared numpy array does. Strides count elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .tensor import Tensor


class Layout(NamedTuple):
    """sizes and strides by axis, and the place of the first element."""

    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0

    @property
    def is_contiguous(self) -> bool:
        """Whether the elements lie row by row without gaps; so do none, and axes of size 1 do not matter."""
        if 0 in self.sizes:
            return True
        return all(
            size == 1 or stride == wanted
            for size, stride, wanted in zip(self.sizes, self.strides, row_strides(self.sizes), strict=True)
        )

    @property
    def overlaps(self) -> bool:
        """Whether two places may be one: an axis repeats, or does not step over those inside it."""
        axes = sorted((stride, size) for size, stride in zip(self.sizes, self.strides, strict=True) if size > 1)
        reach = 0
        for stride, size in axes:
            if stride <= reach:
                return True
            reach += stride * (size - 1)
        return False


def row_strides(sizes: Sequence[int]) -> tuple[int, ...]:
    """The strides of elements that lie row by row."""
    strides: list[int] = []
    step = 1
    for size in reversed(sizes):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def layout_of(tensor: Tensor) -> Layout:
    """Where the elements of `tensor` lie."""
    storage = tensor._storage
    base = storage.lazy.kind.shape
    if storage.pinned is None:
        layout = Layout(base, row_strides(base))
    else:
        layout = Layout(base, tuple(stride // storage.pinned.itemsize for stride in storage.pinned.strides))
    if tensor._view is not None:
        for read, _, attributes in tensor._view.steps:
            layout = read.moves(layout, *attributes)
    return layout


def reshaped(layout: Layout, sizes: tuple[int, ...]) -> Layout | None:
    """The same elements in other sizes without moving any; None where they would have to move.

    The rule of `Tensor.view`: each new axis must lie within axes that step evenly over one another.
    """
    if prod(sizes) == 0:
        return Layout(sizes, row_strides(sizes), layout.offset)
    blocks: list[tuple[int, int]] = []  # (elements, stride) of runs that step evenly, the last axes first
    for size, stride in zip(reversed(layout.sizes), reversed(layout.strides), strict=True):
        if size == 1:
            continue
        if blocks and stride == blocks[-1][0] * blocks[-1][1]:
            blocks[-1] = (blocks[-1][0] * size, blocks[-1][1])
        else:
            blocks.append((size, stride))
    strides: list[int] = []
    place, left, step = -1, 1, 1
    for size in reversed(sizes):
        if left == 1 and size > 1:
            place += 1
            left, step = blocks[place]
        if left % size:
            return None
        strides.append(step)
        left, step = left // size, step * size
    return Layout(sizes, tuple(reversed(strides)), layout.offset)
