"""Sliding windows as an axis of their own, and back: what im2col and col2im do."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import NamedTuple

from diptych.ir import Builder, Value

from .constants import scalar


class Walk(NamedTuple):
    """How windows lie along the last axes, a number an axis: elements of a window lie `dilation` apart, windows
    `stride`, and zeros are put before and behind."""

    extent: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]

    def counts(self, sizes: Sequence[int]) -> list[int]:
        """How many windows there are along each axis; below 1 where none fits."""
        axes = zip(sizes, *self, strict=True)
        return [(size + 2 * pad - dilation * (extent - 1) - 1) // stride + 1
                for size, extent, stride, pad, dilation in axes]  # fmt: skip

    def offsets(self) -> Iterator[tuple[int, ...]]:
        """Where each element of a window lies in it, the last axis first to move."""
        for place in itertools.product(*map(range, self.extent)):
            yield tuple(step * dilation for step, dilation in zip(place, self.dilation, strict=True))


def windows(b: Builder, x: Value, walk: Walk) -> Value:
    """[..., *sizes] to [..., elements of a window, *counts]: of each element a strided slice of x, padded with 0."""
    rank = len(walk.extent)
    lead = x.rank - rank
    counts = walk.counts(x.type.static_shape()[lead:])
    if any(walk.padding):
        pads = (*(0,) * lead, *walk.padding)
        x = b.pad(x, scalar(b, 0, x.dtype), low=pads, high=pads, interior=(0,) * x.rank)
    before = x.shape[:lead]
    parts: list[Value] = []
    for start in walk.offsets():
        limit = [first + (count - 1) * step + 1
                 for first, count, step in zip(start, counts, walk.stride, strict=True)]  # fmt: skip
        piece = b.slice(x, start=(*(0,) * lead, *start), limit=(*before, *limit), stride=(*(1,) * lead, *walk.stride))
        parts.append(b.reshape(piece, shape=(*before, 1, *counts)))
    return b.concatenate(*parts, axis=lead)


def from_windows(b: Builder, x: Value, sizes: Sequence[int], walk: Walk) -> Value:
    """The transpose of `windows`: [..., elements of a window, *counts] to [..., *sizes], where what lies in one place
    is added up; of bools, whether any is true."""
    rank = len(sizes)
    lead = x.rank - rank - 1
    before, counts = x.shape[:lead], x.type.static_shape()[lead + 1 :]
    zero = scalar(b, 0, x.dtype)
    parts: list[Value] = []
    for number, start in enumerate(walk.offsets()):
        piece = b.slice(
            x,
            start=(*(0,) * lead, number, *(0,) * rank),
            limit=(*before, number + 1, *counts),
            stride=(1,) * x.rank,
        )
        low = [first - pad for first, pad in zip(start, walk.padding, strict=True)]
        reach = [(count - 1) * step + 1 for count, step in zip(counts, walk.stride, strict=True)]
        high = [size - first - span for size, first, span in zip(sizes, low, reach, strict=True)]
        parts.append(
            b.pad(
                b.reshape(piece, shape=(*before, *counts)),
                zero,
                low=(*(0,) * lead, *low),
                high=(*(0,) * lead, *high),
                interior=(*(0,) * lead, *(step - 1 for step in walk.stride)),
            )
        )
    return reduce(b.bitwise_or if x.dtype.is_bool else b.add, parts)
