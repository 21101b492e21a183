"""A convolution in one order of axes, whatever the order in memory, and what the ways to take it share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

Ints = tuple[int, ...]
Product = Callable[[np.ndarray, np.ndarray, np.ndarray], object]  # what writes a product of matrices, or of stacks


@dataclass(frozen=True, slots=True)
class Form:
    """x [batch, *sizes, groups * inputs], weights [groups, outputs, inputs, *extent] and result
    [batch, *places, groups * outputs]. Place p meets element e of the kernel at p * stride + e * dilation - low of x,
    and zeros beyond x. There is at least one axis of places, and no size is 0."""

    batch: int
    groups: int
    inputs: int
    outputs: int
    sizes: Ints
    extent: Ints
    places: Ints
    stride: Ints
    dilation: Ints
    low: Ints

    @property
    def rank(self) -> int:
        return len(self.sizes)

    def span(self, axis: int, count: int) -> int:
        """Elements that `count` places along an axis reach over."""
        return (count - 1) * self.stride[axis] + (self.extent[axis] - 1) * self.dilation[axis] + 1

    @property
    def is_inside(self) -> bool:
        """Whether no place meets anything beyond x."""
        return all(
            low <= 0 and self.span(axis, self.places[axis]) - low <= self.sizes[axis]
            for axis, low in enumerate(self.low)
        )


@dataclass(frozen=True, slots=True)
class Tile:
    """Some images, and some places along the first axis, that are worked on together."""

    images: slice
    rows: slice

    @property
    def batch(self) -> int:
        return self.images.stop - self.images.start

    @property
    def count(self) -> int:
        return self.rows.stop - self.rows.start


def tiles(form: Form, each: int, room: int) -> list[Tile]:
    """Tiles of about `room` elements where a row of places of one image has `each`, as equal as can be."""
    rows = form.places[0]
    if each * rows <= room:
        images = _parts(form.batch, max(1, room // (each * rows)))
        return [Tile(part, slice(0, rows)) for part in images]
    parts = list(_parts(rows, max(1, room // each)))
    return [Tile(slice(image, image + 1), part) for image in range(form.batch) for part in parts]


def _parts(size: int, most: int) -> Iterator[slice]:
    count = -(-size // most)
    for number in range(count):
        yield slice(size * number // count, size * (number + 1) // count)


class Room:
    """One array's pieces: their sizes are added up when a plan is made, and they are handed out when it runs."""

    def __init__(self, size: int = 0) -> None:
        self.size = size

    def beside(self) -> Room:
        """What has the pieces so far, and others in the place of those that are taken here from now on."""
        return Room(self.size)

    def take(self, *shape: int) -> Piece:
        """A piece for arrays of up to this shape."""
        piece = Piece(self.size, prod(shape))
        self.size += -(-piece.size // 16) * 16
        return piece


@dataclass(frozen=True, slots=True)
class Piece:
    """`size` elements from `start` on."""

    start: int
    size: int

    def of(self, room: np.ndarray, *shape: int) -> np.ndarray:
        """The piece, or the beginning of it, as an array of this shape."""
        return room[self.start : self.start + prod(shape)].reshape(shape)


def padded(form: Form, tile: Tile, x: np.ndarray, into: np.ndarray) -> None:
    """Writes what the tile's places reach over, zeros included, into an array [batch, *spans, channels], or one with
    its axes in any other order that is seen so."""
    source: list[slice] = [tile.images]
    inner: list[slice] = [slice(None)]
    for axis, low in enumerate(form.low):
        first = tile.rows.start * form.stride[0] - low if axis == 0 else -low
        size = into.shape[axis + 1]
        start, stop = max(0, first), min(form.sizes[axis], first + size)
        stop = max(start, stop)
        before, after = min(size, start - first), min(size, stop - first)
        lead = (*inner,)
        if before:
            into[(*lead, slice(0, before))] = 0
        if after < size:
            into[(*lead, slice(max(before, after), size))] = 0
        source.append(slice(start, stop))
        inner.append(slice(before, max(before, after)))
    np.copyto(into[tuple(inner)], x[tuple(source)])


def part_of(form: Form, tile: Tile, x: np.ndarray) -> np.ndarray:
    """What the tile's places reach over, as a view, where no zeros are among it."""
    index: list[slice] = [tile.images]
    for axis, low in enumerate(form.low):
        count = tile.count if axis == 0 else form.places[axis]
        first = tile.rows.start * form.stride[0] - low if axis == 0 else -low
        index.append(slice(first, first + form.span(axis, count)))
    return x[tuple(index)]


def moved(x: np.ndarray, source: int, destination: int) -> np.ndarray:
    """x with an axis moved, as `np.moveaxis` does, which takes ten times as long to find the order of the others."""
    return x.transpose(_order(x.ndim, source, destination))


@lru_cache(maxsize=1024)
def _order(rank: int, source: int, destination: int) -> Ints:
    order = list(range(rank))
    axis = order.pop(source)
    order.insert(destination % rank, axis)
    return tuple(order)


def windows(form: Form, source: np.ndarray, lead: int) -> np.ndarray:
    """[..., *spans, ...] with `lead` axes before the spans, as [..., *places, *extent, ...], without a copy."""
    rank = form.rank
    spans, after = source.shape[lead : lead + rank], source.shape[lead + rank :]
    steps, rest = source.strides[lead : lead + rank], source.strides[lead + rank :]
    places = [
        (span - (form.extent[axis] - 1) * form.dilation[axis] - 1) // form.stride[axis] + 1
        for axis, span in enumerate(spans)
    ]
    shape = (*source.shape[:lead], *places, *form.extent, *after)
    strides = (
        *source.strides[:lead],
        *(step * apart for step, apart in zip(steps, form.stride, strict=True)),
        *(step * apart for step, apart in zip(steps, form.dilation, strict=True)),
        *rest,
    )
    if source.flags.c_contiguous:  # a third of the time
        return np.ndarray(shape, source.dtype, source.data, 0, strides)
    return as_strided(source, shape, strides, writeable=False)


def as_rows(x: np.ndarray, columns: int) -> np.ndarray | None:
    """x as a matrix of so many columns that BLAS reads and writes; None where its elements do not lie so."""
    return x.reshape(-1, columns) if x.flags.c_contiguous else None
