"""Memory that storages and saved files hold, and tensors made to show parts of it."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from diptych.pickles import Refused

from ..device import CPU, device
from ..dtypes import dtype
from ..tensors.creation import empty
from ..tensors.data import from_array
from ..tensors.layout import Layout, row_strides
from ..tensors.reading import exported
from ..tensors.tensor import Tensor

MAX_AXES = 64
MAX_REPEATED = 1 << 28  # elements of a tensor that shows some more than once
_MOST_COPIES = 8  # of a storage's bytes, for tensors that no view is like


class Memory:
    """Bytes, and the tensors that show the whole of them, once there are some. `is_seen`: whether somebody looks at
    the bytes themselves, so that tensors write there."""

    def __init__(self, content: np.ndarray, place: device = CPU, *, is_seen: bool = False) -> None:
        self.content = content
        self.place = place
        self.is_seen = is_seen
        self._shown: dict[dtype, Tensor] = {}
        self._left = _MOST_COPIES * len(content)

    def seen(self) -> np.ndarray:
        """The bytes, which tensors share from now on."""
        if not self.is_seen:
            self.is_seen = True
            for whole in list(self._shown.values())[:1]:
                self.content = exported(whole).reshape(-1).view(np.uint8)
        return self.content

    def tensor(self, element: dtype, layout: Layout) -> Tensor:
        """The tensor of a layout, which shares memory with all others that show it. Where its elements overlap, or
        leave gaps that no view has, it is a copy. Raises Refused for what lies outside."""
        self._check(element, layout)
        whole = self._shown.get(element)
        if whole is None:
            count = len(self.content) // element.itemsize
            array = self.content[: count * element.itemsize].view(element.ir.numpy)
            if not prod(layout.sizes):
                return empty(layout.sizes, dtype=element, device=self.place)
            if layout.is_contiguous and not layout.offset and prod(layout.sizes) == count:
                whole = self._shown[element] = from_array(array.reshape(layout.sizes), self.place, pinned=self.is_seen)
                return whole
            whole = self._shown[element] = from_array(array, self.place, pinned=self.is_seen)
        return self._part(whole.detach().view(-1), layout).detach()

    def _check(self, element: dtype, layout: Layout) -> None:
        sizes, strides, offset = layout
        if len(sizes) != len(strides) or len(sizes) > MAX_AXES:
            raise Refused(f"a tensor has {len(sizes)} sizes and {len(strides)} strides")
        if any(type(number) is not int or number < 0 for number in (*sizes, *strides, offset)):
            raise Refused("a tensor has a negative size, stride or offset")
        last = offset + sum((size - 1) * stride for size, stride in zip(sizes, strides, strict=True))
        if prod(sizes) and last >= len(self.content) // element.itemsize:
            raise Refused(f"a tensor of sizes {list(sizes)} reaches beyond its storage")
        if prod(sizes) > max(len(self.content), MAX_REPEATED):
            raise Refused(f"a tensor of sizes {list(sizes)} repeats the elements of its storage too often")

    def _part(self, flat: Tensor, layout: Layout) -> Tensor:
        """The part of a vector that lies as `layout` says."""
        sizes, strides, offset = layout
        if 1 in sizes:
            kept = [axis for axis, size in enumerate(sizes) if size != 1]
            inner = Layout(tuple(sizes[axis] for axis in kept), tuple(strides[axis] for axis in kept), offset)
            return self._part(flat, inner)[tuple(None if size == 1 else slice(None) for size in sizes)]
        order = sorted(range(len(sizes)), key=lambda axis: -strides[axis])
        dense = tuple(sizes[axis] for axis in order)
        if row_strides(dense) == tuple(strides[axis] for axis in order):
            found = flat.narrow(0, offset, prod(sizes)).view(dense)
            return found.permute([order.index(axis) for axis in range(len(order))])
        repeated = tuple(1 if not stride else size for size, stride in zip(sizes, strides, strict=True))
        if repeated != sizes:
            return self._part(flat, Layout(repeated, strides, offset)).expand(sizes)
        sliced = _sliced(flat, [strides[axis] for axis in order], [sizes[axis] for axis in order], offset)
        if sliced is not None:
            return sliced.permute([order.index(axis) for axis in range(len(order))])
        array = np.asarray(flat._array())
        self._left -= prod(sizes) * array.itemsize
        if self._left < 0:
            raise Refused("tensors show the elements of their storage too often")
        steps = tuple(stride * array.itemsize for stride in strides)
        return from_array(np.lib.stride_tricks.as_strided(array[offset:], sizes, steps).copy(), self.place)


def _sliced(flat: Tensor, strides: list[int], sizes: list[int], offset: int) -> Tensor | None:
    """The part as a slice of an array that lies row by row, whose rows are as long as the largest stride; strides
    fall. None where it is no such slice."""
    rows = len(flat) // strides[0]
    lengths = [rows]
    index: list[slice | int] = []
    for place, (stride, size) in enumerate(zip(strides, sizes, strict=True)):
        begin, offset = divmod(offset, stride)
        if begin + size > lengths[place]:
            return None
        index.append(slice(begin, begin + size))
        inner = strides[place + 1] if place + 1 < len(strides) else 1
        if stride % inner:
            return None
        lengths.append(stride // inner)
    return flat.narrow(0, 0, rows * strides[0]).view(lengths)[(*index, offset)]


def checked_sizes(value: Any) -> tuple[int, ...]:
    """Sizes or strides of a tensor. Raises Refused for what is none."""
    if not isinstance(value, (tuple, list)) or any(type(each) is not int for each in value):
        raise Refused("a tensor has no sizes")
    return tuple(value)
