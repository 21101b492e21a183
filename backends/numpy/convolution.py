"""Convolutions as matrix products, written into an array that is there.

All is seen as x [groups, n, i, *sizes], kernel [groups, o, i, *extent] and result [groups, n, o, *places], whatever the
order in memory. Windows are copied piece by piece, each small enough to stay in the cache until the product has read
it, in an order that keeps x's neighbours together: which axis is innermost decides how the product is taken.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from diptych.ir.ops.contraction import convolution_layout

from ..reference.contraction import Ints, Pairs, spread, windows

CHUNK = 1 << 19  # elements of windows that are copied at a time
LANES = 16  # channels that make a run long enough to add along
WIDE = 256  # columns of a matrix from which its product is worth its beginning; of sums twice as many
FEW = 128  # elements of a kernel that are added one by one
ADDING, PRODUCTS = 3, 20  # what adding an element costs, and how many products as much as copying one, about


def convolve(
    x: np.ndarray,
    kernel: np.ndarray,
    out: np.ndarray,
    *,
    layout: str,
    stride: Ints,
    padding: Pairs,
    x_dilation: Ints,
    kernel_dilation: Ints,
    groups: int,
    batch_groups: int,
) -> None:
    """Writes the convolution of x and kernel into `out`, which shows the memory of neither."""
    x, kernel = _forward(x), _forward(kernel)
    roles = convolution_layout(layout)
    count, rank = groups * batch_groups, roles.spatial_rank
    target = _split(out.transpose(roles.result), 1, count)  # [n, groups, o, *places]
    target = target.swapaxes(0, 1)
    weights = _split(kernel.transpose(roles.kernel), 0, count)
    if not (x.size and kernel.size and out.size):
        out[...] = 0
        return
    source = _grouped(x.transpose(roles.x), groups, batch_groups)
    if not rank:
        target[...] = np.matmul(source, weights.swapaxes(1, 2))
        return
    if _adds_up(target, weights, source.shape[3:], stride):
        low = [before for before, _ in padding]
        _by_adding(source, weights, target, low, x_dilation, kernel_dilation)
        return
    source = _grouped(spread(x, roles, padding, x_dilation).transpose(roles.x), groups, batch_groups)
    view = windows(source, list(weights.shape[3:]), stride, kernel_dilation)
    inner = _innermost(source)
    if inner == "groups":
        take = _by_elements
    elif inner == "places":
        take = _by_columns if prod(target.shape[3:]) >= prod(weights.shape[3:]) else _by_images
    else:
        take = _by_rows if inner == "channels" else _by_lanes
    take(view, weights, target, rank)


def _forward(x: np.ndarray) -> np.ndarray:
    """x, copied where it is read backwards, as BLAS cannot."""
    return x.copy(order="K") if any(stride < 0 for stride in x.strides) else x


def _split(x: np.ndarray, axis: int, count: int) -> np.ndarray:
    """x with `count` groups of an axis before it."""
    return x.reshape(*x.shape[:axis], count, x.shape[axis] // count, *x.shape[axis + 1 :], copy=False)


def _grouped(x: np.ndarray, groups: int, batch_groups: int) -> np.ndarray:
    """[n, channels, *sizes] as [groups, n, i, *sizes]."""
    return _split(x, 1, groups).swapaxes(0, 1) if groups > 1 else _split(x, 0, batch_groups)


def _innermost(x: np.ndarray) -> str:
    """The axis of x [groups, n, i, *sizes] along which neighbours lie side by side."""
    axes = {"places": x.ndim - 1, "channels": 2, "batch": 1}
    if x.shape[2] == 1:
        axes["groups"] = 0
    long = [name for name, axis in axes.items() if x.shape[axis] > 1]
    return min(long, key=lambda name: x.strides[axes[name]], default=next(iter(axes)))


# -- windows in the four orders: rows and columns of one matrix a piece ----


def _by_columns(view: np.ndarray, kernel: np.ndarray, target: np.ndarray, rank: int) -> None:
    """kernel [o, i * extent] @ windows [i * extent, places], where images that have few places share a matrix: x lies
    place by place."""
    count, batch, inputs = view.shape[:3]
    places, extent = view.shape[3 : 3 + rank], view.shape[3 + rank :]
    source = view.transpose(0, 2, *range(3 + rank, 3 + 2 * rank), 1, *range(3, 3 + rank))
    rows = kernel.reshape(count, 1, kernel.shape[1], -1)
    result = _merged(target, (*target.shape[:3], prod(places)))
    room, step = _Room(view.dtype), prod(places[1:])
    is_apart = prod(places) >= WIDE
    for one, two, three in _pieces((count, batch, places[0]), inputs * prod(extent) * step, WIDE // step):
        part = source[one, ..., two, three, *(slice(None),) * (rank - 1)]
        goal = result[one, two, :, three.start * step : three.stop * step]
        if is_apart:
            part = room.packed(np.moveaxis(part, 2 + rank, 1))
            np.matmul(rows[one], part.reshape(*part.shape[:2], rows.shape[3], -1), out=goal)
        else:
            columns = room.packed(part).reshape(part.shape[0], rows.shape[3], -1)
            products = np.matmul(rows[one, 0], columns)
            goal[...] = products.reshape(*products.shape[:2], goal.shape[1], -1).swapaxes(1, 2)
    _put(result, target)


def _by_rows(view: np.ndarray, kernel: np.ndarray, target: np.ndarray, rank: int) -> None:
    """windows [n * places, extent * i] @ kernel [extent * i, o]: x lies channel by channel."""
    count, batch, inputs = view.shape[:3]
    places, extent = view.shape[3 : 3 + rank], view.shape[3 + rank :]
    source = np.moveaxis(view, 2, -1)
    columns = np.moveaxis(kernel, 2, -1).reshape(*kernel.shape[:2], -1).swapaxes(1, 2)[:, None]
    moved = np.moveaxis(target, 2, -1)
    result = _merged(moved, (count, batch, prod(places), moved.shape[-1]))
    room, step = _Room(view.dtype), prod(places[1:])
    for one, two, three in _pieces((count, batch, places[0]), inputs * prod(extent) * step):
        part = room.packed(source[one, two, three])
        rows = part.reshape(*part.shape[:2], -1, columns.shape[2])
        np.matmul(rows, columns[one], out=result[one, two, three.start * step : three.stop * step])
    _put(result, moved)


def _by_images(view: np.ndarray, kernel: np.ndarray, target: np.ndarray, rank: int) -> None:
    """kernel [o, i * extent] @ windows [n * places, i * extent] transposed, over a few of `i` at a time: images, in
    the gradient of a kernel. x lies place by place."""
    count, batch, inputs = view.shape[:3]
    places, extent = view.shape[3 : 3 + rank], view.shape[3 + rank :]
    source = np.moveaxis(view, 2, 2 + rank)  # [groups, n, *places, i, *extent]
    result = np.zeros((count, kernel.shape[1], batch * prod(places)), view.dtype)
    room, each = _Room(view.dtype), batch * prod(places) * prod(extent[1:])
    for one, two, three in _pieces((count, inputs, extent[0]), each, 2 * WIDE // prod(extent[1:])):
        part = room.packed(source[one, ..., two, three, *(slice(None),) * (rank - 1)])
        columns = part.reshape(part.shape[0], result.shape[2], -1)
        rows = kernel[one, :, two, three].reshape(part.shape[0], result.shape[1], -1)
        result[one] += np.matmul(rows, columns.swapaxes(1, 2))
    target[...] = np.moveaxis(result.reshape(count, kernel.shape[1], batch, *places), 1, 2)


def _by_lanes(view: np.ndarray, kernel: np.ndarray, target: np.ndarray, rank: int) -> None:
    """windows [i * extent, places * n] transposed @ kernel [i * extent, o], over a few of `i` at a time: x lies along
    its batch, as channels do in the gradient of a kernel."""
    count, batch, inputs = view.shape[:3]
    places, extent = view.shape[3 : 3 + rank], view.shape[3 + rank :]
    source = view.transpose(0, 2, *range(3 + rank, 3 + 2 * rank), *range(3, 3 + rank), 1)
    weights = np.moveaxis(kernel, 1, -1)  # [groups, i, *extent, o]
    result = np.zeros((count, prod(places) * batch, kernel.shape[1]), view.dtype)
    room, each = _Room(view.dtype), result.shape[1] * prod(extent[1:])
    for one, two, three in _pieces((count, inputs, extent[0]), each, 2 * WIDE // prod(extent[1:])):
        part = room.packed(source[one, two, three])
        columns = part.reshape(part.shape[0], -1, result.shape[1])
        rows = weights[one, two, three].reshape(part.shape[0], columns.shape[1], -1)
        result[one] += np.matmul(columns.swapaxes(1, 2), rows)
    moved = result.reshape(count, *places, batch, kernel.shape[1])
    target[...] = moved.transpose(0, 1 + rank, 2 + rank, *range(1, 1 + rank))


def _by_elements(view: np.ndarray, kernel: np.ndarray, target: np.ndarray, rank: int) -> None:
    """windows [groups, n, 1, places] * kernel [groups, 1, o], added up element by element of the kernel: each group has
    one channel, and x lies group by group."""
    places, extent = view.shape[3 : 3 + rank], view.shape[3 + rank :]
    weights = kernel.reshape(kernel.shape[0], 1, kernel.shape[1], *(1,) * rank, -1)
    target[...] = 0
    each = target.shape[0] * target.shape[2] * prod(places[1:])
    for _, two, three in _pieces((1, target.shape[1], places[0]), each):
        goal = target[:, two, :, three]
        products = np.empty_like(goal)
        for number, element in enumerate(np.ndindex(*extent)):
            part = view[:, two, :, three, *(slice(None),) * (rank - 1), *element]
            np.multiply(part, weights[..., number], out=products)
            np.add(goal, products, out=goal)


def _pieces(sizes: tuple[int, int, int], each: int, least: int = 1) -> Iterator[tuple[slice, slice, slice]]:
    """Blocks of three axes of about CHUNK elements, where one place has `each`, or of `least` places where these are
    more; the last axis is the last to be cut."""
    room = max(1, CHUNK // each, least)
    third = min(sizes[2], room)
    first = min(sizes[0], max(1, room // sizes[2]))
    second = min(sizes[1], max(1, room // (sizes[2] * sizes[0])))
    counts = [-(-size // step) for size, step in zip(sizes, (first, second, third), strict=True)]
    yield from itertools.product(
        *(
            [slice(size * number // count, size * (number + 1) // count) for number in range(count)]
            for size, count in zip(sizes, counts, strict=True)
        )
    )


class _Room:
    """Memory that one piece after another is written into."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.memory = np.empty(0, dtype)

    def array(self, shape: tuple[int, ...]) -> np.ndarray:
        """An array of `shape`, over what was there before."""
        size = prod(shape)
        if self.memory.size < size:
            self.memory = np.empty(size, self.memory.dtype)
        return self.memory[:size].reshape(shape)

    def packed(self, part: np.ndarray) -> np.ndarray:
        """The elements side by side: where they lie so already, as for a kernel of one element, no copy."""
        if part.flags.c_contiguous:
            return part
        room = self.array(part.shape)
        np.copyto(room, part)
        return room


def _merged(target: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The target in a shape of fewer axes, where it can be seen so; else room for it."""
    try:
        return target.reshape(shape, copy=False)
    except ValueError:
        return np.empty(shape, target.dtype)


def _put(result: np.ndarray, target: np.ndarray) -> None:
    if not np.may_share_memory(result, target):
        target[...] = result.reshape(target.shape)


# -- products added where they belong ----


def _adds_up(target: np.ndarray, kernel: np.ndarray, sizes: Ints, stride: Ints) -> bool:
    """Whether adding products is less work than copying windows of an x of these sizes: as where much of the windows
    would be zeros, or where there are fewer channels to add than to copy."""
    elements = prod(kernel.shape[3:])
    if any(step > 1 for step in stride) or elements > min(FEW, prod(target.shape[3:])):
        return False
    outputs, inputs = kernel.shape[1:3]
    adding = prod(sizes) * outputs * (ADDING + inputs / PRODUCTS)
    places = prod(target.shape[3:])
    if elements == 1 and places == prod(sizes):
        return False
    return adding < places * inputs * (1 + outputs / PRODUCTS)


def _by_adding(
    x: np.ndarray, kernel: np.ndarray, target: np.ndarray, low: list[int], x_dilation: Ints, kernel_dilation: Ints
) -> None:
    """kernel [extent * o, i] @ x [i, sizes], and each element's part of it added where the kernel puts it: the element
    of x at j meets the one of the kernel at e in the result's place low + j * x_dilation - e * kernel_dilation."""
    count, batch, inputs, *sizes = x.shape
    outputs, extent, places = kernel.shape[1], kernel.shape[3:], target.shape[3:]
    rows = np.ascontiguousarray(np.moveaxis(kernel, (1, 2), (-2, -1))).reshape(count, 1, -1, inputs)
    multiply = np.multiply if inputs == 1 else np.matmul  # which BLAS would take long for
    channels_last = outputs >= LANES and target.strides[2] < target.strides[-1]
    target[...] = 0
    room, each = _Room(x.dtype), prod(extent) * outputs * prod(sizes[1:])
    for one, two, three in _pieces((count, batch, sizes[0]), each):
        part = x[one, two, :, three]
        columns = part.reshape(*part.shape[:3], -1)
        shape = (*part.shape[:2], rows.shape[2], columns.shape[3])
        if channels_last:
            products = room.array((*shape[:2], shape[3], shape[2]))
            multiply(columns.swapaxes(2, 3), rows[one].swapaxes(2, 3), out=products)
            products = products.swapaxes(2, 3)
        else:
            products = multiply(rows[one], columns, out=room.array(shape))
        products = products.reshape(*part.shape[:2], *extent, outputs, *part.shape[3:])
        for element in np.ndindex(*extent):
            spans = []
            for axis, (place, size) in enumerate(zip(element, part.shape[3:], strict=True)):
                begin = three.start if axis == 0 else 0
                shift = low[axis] + begin * x_dilation[axis] - place * kernel_dilation[axis]
                spans.append(_span(shift, x_dilation[axis], size, places[axis]))
            goal = target[one, two, :, *(to for _, to in spans)]
            np.add(goal, products[:, :, *element, :, *(of for of, _ in spans)], out=goal)


def _span(shift: int, step: int, size: int, room: int) -> tuple[slice, slice]:
    """Which of `size` elements fall on 0 to room - 1 where element j goes to shift + j * step, and where those are."""
    first = max(0, -(shift // step))
    last = max(first, min(size, (room - 1 - shift) // step + 1))
    start = shift + first * step
    return slice(first, last), slice(start, start + max(0, (last - first - 1) * step + 1), step)
