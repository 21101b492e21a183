"""Convolutions written into an array that is there, by whichever of the ways in `convolutions/` takes least time.

The way depends on shapes and on the layout alone, never on how arrays lie in memory: so a convolution gives the same
bits whether its operands were turned round before or are seen so. All ways have channels last.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache
from math import gcd, prod
from typing import Any, NamedTuple, Protocol

import numpy as np
from diptych.ir.ops.contraction import ConvolutionLayout, convolution_layout

from ..reference.contraction import Ints, Pairs, spread
from .convolutions.adding import Adding
from .convolutions.elements import Elements
from .convolutions.form import Form, Piece, Product, Room, moved
from .convolutions.planes import Planes
from .convolutions.rows import Rows

FEW_INPUTS = 8  # channels below which windows are copied in planes, and as many outputs are added
FEW_GROUPED = 16  # the same where there are groups


class Attributes(NamedTuple):
    """Those of the op."""

    layout: str
    stride: Ints
    padding: Pairs
    x_dilation: Ints
    kernel_dilation: Ints
    groups: int
    batch_groups: int


class Plan(Protocol):
    """A convolution of arrays of given shapes. `size`: how many elements it needs room for while it runs. `copied`: how
    many it takes beside that."""

    size: int
    copied: int

    def run(
        self, x: np.ndarray, kernel: np.ndarray, out: np.ndarray, room: np.ndarray, product: Product = np.matmul
    ) -> None:
        """Writes the convolution of x and kernel into `out`, which shows the memory of neither."""
        ...


def convolve(x: np.ndarray, kernel: np.ndarray, out: np.ndarray, **attributes: Any) -> None:
    """Writes the convolution of x and kernel into `out`, which shows the memory of neither."""
    found = plan_of(x.shape, kernel.shape, out.shape, Attributes(**attributes))
    found.run(x, kernel, out, np.empty(found.size, out.dtype))


@lru_cache(maxsize=1024)
def plan_of(x: Ints, kernel: Ints, out: Ints, attributes: Attributes) -> Plan:
    """The plan for operands of these shapes."""
    roles = convolution_layout(attributes.layout)
    if not (prod(x) and prod(kernel) and prod(out)):
        return _Zeros()
    if not roles.spatial_rank:
        return _Flat(roles, attributes, prod(out))
    is_to_kernel = _is_to_kernel(roles, attributes)
    if max(attributes.x_dilation) > 1 and max(attributes.kernel_dilation if is_to_kernel else attributes.stride) > 1:
        return _Spread(x, kernel, out, attributes, roles)
    if is_to_kernel:
        return _ToKernel(x, kernel, out, attributes, roles)
    return _Forward(x, kernel, out, attributes, roles)


def _is_to_kernel(roles: ConvolutionLayout, attributes: Attributes) -> bool:
    """Whether it is taken as the gradient to a kernel: where what the layout calls the batch of x lies behind what it
    calls the channels, as images and their channels do there. That never has groups of channels."""
    return attributes.batch_groups > 1 or (attributes.groups == 1 and roles.x[0] > roles.x[1])


class _Zeros:
    size = copied = 0

    def run(
        self, x: np.ndarray, kernel: np.ndarray, out: np.ndarray, room: np.ndarray, product: Product = np.matmul
    ) -> None:
        out[...] = 0


class _Flat:
    """A convolution without spatial axes."""

    size = 0

    def __init__(self, roles: ConvolutionLayout, attributes: Attributes, out: int) -> None:
        self.roles, self.groups, self.batch_groups = roles, attributes.groups, attributes.batch_groups
        self.copied = out

    def run(
        self, x: np.ndarray, kernel: np.ndarray, out: np.ndarray, room: np.ndarray, product: Product = np.matmul
    ) -> None:
        count = self.groups * self.batch_groups
        weights = _split(kernel.transpose(self.roles.kernel), 0, count)  # [count, o, i]
        x = x.transpose(self.roles.x)
        source = _split(x, 1, self.groups).swapaxes(0, 1) if self.groups > 1 else _split(x, 0, self.batch_groups)
        target = _split(out.transpose(self.roles.result), 1, count).swapaxes(0, 1)
        target[...] = np.matmul(source, weights.swapaxes(1, 2))


def _split(x: np.ndarray, axis: int, count: int) -> np.ndarray:
    """x with `count` groups of an axis before it."""
    return x.reshape(*x.shape[:axis], count, x.shape[axis] // count, *x.shape[axis + 1 :], copy=False)


class _Spread:
    """A convolution whose x has zeros put between its elements first: what comes with strides as well."""

    def __init__(self, x: Ints, kernel: Ints, out: Ints, attributes: Attributes, roles: ConvolutionLayout) -> None:
        self.roles, self.padding, self.dilation = roles, attributes.padding, attributes.x_dilation
        wide = list(x)
        for axis, (before, after), step in zip(roles.x[2:], self.padding, self.dilation, strict=True):
            wide[axis] = (x[axis] - 1) * step + 1 + before + after
        rank = roles.spatial_rank
        plain = attributes._replace(padding=((0, 0),) * rank, x_dilation=(1,) * rank)
        self.inner = plan_of(tuple(wide), kernel, out, plain)
        self.size = self.inner.size
        self.copied = prod(wide) + self.inner.copied

    def run(
        self, x: np.ndarray, kernel: np.ndarray, out: np.ndarray, room: np.ndarray, product: Product = np.matmul
    ) -> None:
        self.inner.run(spread(x, self.roles, self.padding, self.dilation), kernel, out, room, product)


def _with_channels_last(x: np.ndarray, piece: Piece, room: np.ndarray) -> np.ndarray:
    """x [batch, channels, *sizes] with its channels last, side by side in memory."""
    turned = moved(x, 1, -1)
    if turned.strides[-1] == x.itemsize or turned.shape[-1] == 1:
        return turned
    packed = piece.of(room, *turned.shape) if piece.size else np.empty(turned.shape, x.dtype)
    np.copyto(packed, turned)
    return packed


def _turning(room: Room, shape: Ints, channels: int) -> Piece:
    """Room to turn an operand round, where its layout does not have the axis of its channels last."""
    return room.take(0 if channels == len(shape) - 1 else prod(shape))


def _outputs_last(spec: tuple[int, ...]) -> bool:
    """Whether a kernel has its outputs behind its inputs, given where both stand."""
    return spec[0] > spec[1]


class _Forward:
    """What a convolution mostly is: windows of x times a kernel that is smaller than the result. An x that was spread
    out gives each phase of the result a convolution of its own, by those elements of the kernel that meet no zeros."""

    copied = 0

    def __init__(self, x: Ints, kernel: Ints, out: Ints, attributes: Attributes, roles: ConvolutionLayout) -> None:
        self.roles, self.groups = roles, attributes.groups
        self.sizes = tuple(x[axis] for axis in roles.x[2:])
        room = Room()
        self.turned = _turning(room, x, roles.x[1])
        self.start = room.size
        self.parts = list(self._parts(x, kernel, out, attributes))
        self.size = self.start + max((way.size for _, way in self.parts if way is not None), default=0)

    def _parts(self, x: Ints, kernel: Ints, out: Ints, attributes: Attributes) -> list[tuple[_Phase, Way | None]]:
        roles, groups = self.roles, self.groups
        places = tuple(out[axis] for axis in roles.result[2:])
        extent = tuple(kernel[axis] for axis in roles.kernel[2:])
        low = tuple(before for before, _ in attributes.padding)
        batch, inputs = x[roles.x[0]], kernel[roles.kernel[1]]
        outputs = kernel[roles.kernel[0]] // groups
        last, spatial_last = _outputs_last(roles.kernel), roles.kernel == tuple(range(len(kernel)))
        spread_out = attributes.x_dilation
        whole = Form(batch, groups, inputs, outputs, self.sizes, extent, places, attributes.stride,
                     attributes.kernel_dilation, low)  # fmt: skip
        if groups == 1 and set(attributes.stride) == {1} and _adds_up(whole):
            everything = _Phase((slice(None),) * len(extent), (slice(None),) * len(extent))
            return [(everything, Adding(whole, spread_out))]
        axes = [
            _phases(places[axis], extent[axis], attributes.stride[axis], low[axis], spread_out[axis],
                    attributes.kernel_dilation[axis])
            for axis in range(len(extent))
        ]  # fmt: skip
        found: list[tuple[_Phase, Way | None]] = []
        for chosen in itertools.product(*axes):
            phase = _Phase(tuple(one.to for one in chosen), tuple(one.elements for one in chosen))
            form = Form(
                batch, groups, inputs, outputs, self.sizes,
                tuple(one.extent for one in chosen), tuple(one.places for one in chosen), attributes.stride,
                tuple(one.dilation for one in chosen), tuple(one.low for one in chosen),
            )  # fmt: skip
            way = way_of(form, outputs_last=last, spatial_last=spatial_last) if prod(form.extent) else None
            found.append((phase, way))
        return found

    def run(
        self, x: np.ndarray, kernel: np.ndarray, out: np.ndarray, room: np.ndarray, product: Product = np.matmul
    ) -> None:
        roles, groups = self.roles, self.groups
        source = _with_channels_last(x.transpose(roles.x), self.turned, room)
        target = moved(out.transpose(roles.result), 1, -1)
        target = target.reshape(*target.shape[:-1], groups, target.shape[-1] // groups, copy=False)
        weights = _split(kernel.transpose(roles.kernel), 0, groups)
        for phase, way in self.parts:
            goal = target[(slice(None), *phase.to)]
            if way is None:
                goal[...] = 0
            else:
                elements = weights[(slice(None),) * 3 + phase.elements]
                way.result(source, elements, goal, room[self.start :], product)


@dataclass(frozen=True, slots=True)
class _Phase:
    """The part of the result, along each spatial axis, that some elements of the kernel lead to."""

    to: tuple[slice, ...]
    elements: tuple[slice, ...]


@dataclass(frozen=True, slots=True)
class _Along:
    """The same for one axis, with the numbers of its convolution."""

    to: slice
    places: int
    elements: slice
    extent: int
    low: int
    dilation: int


def _phases(places: int, extent: int, stride: int, low: int, spread_out: int, dilation: int) -> list[_Along]:
    """Place p meets element k of the kernel at (p * stride + k * dilation - low) / spread_out of x, where that is a
    whole number: for p = first + spread_out * q these are every so-manieth k, all with the same first one."""
    if spread_out == 1:
        return [_Along(slice(None), places, slice(None), extent, low, dilation)]
    found: list[_Along] = []
    step = spread_out // gcd(dilation, spread_out)
    for first in range(min(spread_out, places)):
        to = slice(first, None, spread_out)
        meets = [k for k in range(min(step, extent)) if (first + k * dilation - low) % spread_out == 0]
        count = len(range(first, places, spread_out))
        if meets:
            begin = meets[0]
            shift = (low - first - begin * dilation) // spread_out
            elements = slice(begin, None, step)
            length = len(range(begin, extent, step))
            found.append(_Along(to, count, elements, length, shift, dilation * step // spread_out))
        else:
            found.append(_Along(to, count, slice(0, 0), 0, 0, 1))
    return found


class _ToKernel:
    """The gradient to a kernel: the channels of x are the images, its batch the inputs of the kernel that comes out."""

    copied = 0

    def __init__(self, x: Ints, kernel: Ints, out: Ints, attributes: Attributes, roles: ConvolutionLayout) -> None:
        self.roles, self.groups = roles, attributes.batch_groups
        groups = self.groups
        room = Room()
        self.turned = _turning(room, x, roles.x[0])
        self.turned_kernel = _turning(room, kernel, roles.kernel[0])
        self.start = room.size
        inputs, outputs = x[roles.x[0]] // groups, kernel[roles.kernel[0]] // groups
        sizes = tuple(x[axis] for axis in roles.x[2:])
        places = tuple(kernel[axis] for axis in roles.kernel[2:])
        extent = tuple(out[axis] for axis in roles.result[2:])
        low = tuple(before for before, _ in attributes.padding)
        batch, last = x[roles.x[1]], _outputs_last((roles.result[1], roles.result[0]))
        self.swaps = max(attributes.x_dilation) > 1
        if self.swaps:  # windows of the other operand, which has no zeros between its elements
            low = tuple((size - 1) * step - before
                        for size, step, before in zip(extent, attributes.stride, low, strict=True))  # fmt: skip
            form = Form(batch, groups, outputs, inputs, places, extent, sizes, attributes.x_dilation,
                        attributes.stride, low)  # fmt: skip
            last = not last
        else:
            form = Form(batch, groups, inputs, outputs, sizes, extent, places, attributes.kernel_dilation,
                        attributes.stride, low)  # fmt: skip
        spatial_last = not self.swaps and roles.result == (1, 0, *range(2, len(out)))
        self.way = way_of(form, outputs_last=last, spatial_last=spatial_last)
        self.size = self.start + self.way.size

    def run(
        self, x: np.ndarray, kernel: np.ndarray, out: np.ndarray, room: np.ndarray, product: Product = np.matmul
    ) -> None:
        roles, groups = self.roles, self.groups
        source = _with_channels_last(x.transpose(roles.x).swapaxes(0, 1), self.turned, room)
        other = _with_channels_last(kernel.transpose(roles.kernel).swapaxes(0, 1), self.turned_kernel, room)
        target = moved(_split(out.transpose(roles.result), 1, groups), 0, 2)  # [groups, o, i, *extent]
        if self.swaps:
            source, other = other, source
            flipped = (slice(None, None, -1),) * (target.ndim - 3)
            target = target.swapaxes(1, 2)[(slice(None),) * 3 + flipped]
        other = other.reshape(*other.shape[:-1], groups, other.shape[-1] // groups, copy=False)
        self.way.to_kernel(source, other, target, room[self.start :], product)


# -- which way ----

Way = Rows | Planes | Elements | Adding


def way_of(form: Form, *, outputs_last: bool, spatial_last: bool) -> Rows | Planes | Elements:
    """The way that takes least time; where the kernel has its outputs and spatial axes matters too."""
    if form.groups > 1 and form.inputs == form.outputs == 1:
        return Elements(form)
    few = FEW_INPUTS if form.groups == 1 else FEW_GROUPED
    if form.inputs < few and (prod(form.extent) > 1 or form.groups > 1):
        return Planes(form, outputs_last=outputs_last)
    return Rows(form, outputs_last=outputs_last, spatial_last=spatial_last)


def _adds_up(form: Form) -> bool:
    """Whether products are added where they belong: fewer outputs than would fill a matrix product."""
    return prod(form.extent) > 1 and form.outputs < min(FEW_INPUTS, form.inputs)
