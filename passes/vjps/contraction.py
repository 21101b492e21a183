"""Gradients of products: bilinear ops, so each operand's is a product of the cotangent with the other one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from diptych.ir import Axes, Builder, Pairs, Value, floor_divide, ops
from diptych.ir.ops.contraction import convolution_layout

from ..expressions import as_order, conj, inverse, numbers
from .table import Cotangents, Reasons, Rules


def _matmul(
    b: Builder,
    ct: Value,
    out: Value,
    lhs: Value,
    rhs: Value,
    *,
    lhs_contract: Axes,
    rhs_contract: Axes,
    lhs_batch: Axes,
    rhs_batch: Axes,
) -> Cotangents:
    """ct is [batch, lhs's free axes, rhs's free axes]; a product with the other operand over that one's free axes
    leaves [batch, free, contracted], or with its operands the other way round [batch, contracted, free]: whichever has
    the operand's own order, or is brought into it."""
    lhs_free = [axis for axis in range(lhs.rank) if axis not in lhs_batch and axis not in lhs_contract]
    rhs_free = [axis for axis in range(rhs.rank) if axis not in rhs_batch and axis not in rhs_contract]
    batch = tuple(range(len(lhs_batch)))
    ct_lhs_free = tuple(range(len(batch), len(batch) + len(lhs_free)))
    ct_rhs_free = tuple(range(len(batch) + len(lhs_free), ct.rank))

    partner = dict(zip(rhs_contract, lhs_contract, strict=True))
    contracted = [partner[axis] for axis in sorted(rhs_contract)]
    from_ct = _Factor(ct, ct_rhs_free, batch)
    from_rhs = _Factor(conj(b, rhs), tuple(rhs_free), rhs_batch)
    to_lhs = _product(b, from_ct, from_rhs, list(lhs_batch), lhs_free, contracted)

    partner = dict(zip(lhs_contract, rhs_contract, strict=True))
    contracted = [partner[axis] for axis in sorted(lhs_contract)]
    from_lhs = _Factor(conj(b, lhs), tuple(lhs_free), lhs_batch)
    from_ct = _Factor(ct, ct_lhs_free, batch)
    return to_lhs, _product(b, from_lhs, from_ct, list(rhs_batch), contracted, rhs_free)


class _Factor(NamedTuple):
    """An operand of a product, and its axes that are contracted and that are gone through together."""

    value: Value
    contract: Axes
    batch: Axes


def _product(
    b: Builder, first: _Factor, second: _Factor, batch: list[int], from_first: list[int], from_second: list[int]
) -> Value:
    """A product with its axes in order, given the numbers of those that come from the batch and from each factor."""
    order, swapped = [*batch, *from_first, *from_second], [*batch, *from_second, *from_first]
    if order != sorted(order) and swapped == sorted(swapped):
        first, second, order = second, first, swapped
    product = b.matmul(
        first.value, second.value, lhs_contract=first.contract, rhs_contract=second.contract,
        lhs_batch=first.batch, rhs_batch=second.batch,
    )  # fmt: skip
    return as_order(b, product, inverse(order))


def _spec(axes: tuple[int, ...], letters: str) -> str:
    """The part of a layout that puts letters[i] at axes[i]; digits for the spatial axes follow the two letters."""
    spec = [""] * len(axes)
    for place, axis in enumerate(axes):
        spec[axis] = letters[place] if place < 2 else str(place - 2)
    return "".join(spec)


def _convolution(
    b: Builder,
    ct: Value,
    out: Value,
    x: Value,
    kernel: Value,
    *,
    layout: str,
    stride: Axes,
    padding: Pairs,
    x_dilation: Axes,
    kernel_dilation: Axes,
    groups: int,
    batch_groups: int,
) -> Cotangents:
    """To x: the transposed convolution of ct. To the kernel: the convolution of x with the spread-out ct."""
    roles = convolution_layout(layout)
    rank = roles.spatial_rank
    x_sizes = numbers([x.shape[axis] for axis in roles.x[2:]], "convolution", "spatial sizes")
    kernel_sizes = numbers([kernel.shape[axis] for axis in roles.kernel[2:]], "convolution", "spatial sizes")
    counts = numbers([ct.shape[axis] for axis in roles.result[2:]], "convolution", "spatial sizes")
    if batch_groups > 1:
        numbers([x.shape[roles.x[0]]], "convolution", f"sizes of a batch of {batch_groups} groups")

    to_x = transposed_convolution(
        b,
        ct,
        conj(b, kernel),
        layout=layout,
        sizes=x_sizes,
        stride=stride,
        padding=padding,
        x_dilation=x_dilation,
        kernel_dilation=kernel_dilation,
        groups=groups,
        batch_groups=batch_groups,
    )
    ct_spread, x_spread = _spread(counts, stride), _spread(x_sizes, x_dilation)
    high = [
        (kernel_sizes[axis] - 1) * kernel_dilation[axis] + ct_spread[axis] - x_spread[axis] - padding[axis][0]
        for axis in range(rank)
    ]
    to_kernel = b.convolution(
        conj(b, x),
        ct,
        layout=f"{_spec(roles.x, 'cn')},{_spec(roles.result, 'io')}->{_spec(roles.kernel, 'cn')}",
        stride=kernel_dilation,
        padding=tuple((padding[axis][0], high[axis]) for axis in range(rank)),
        x_dilation=x_dilation,
        kernel_dilation=stride,
        groups=batch_groups,
        batch_groups=groups,
    )
    return to_x, to_kernel


def transposed_convolution(
    b: Builder,
    ct: Value,
    kernel: Value,
    *,
    layout: str,
    sizes: Sequence[int],
    stride: Axes,
    padding: Pairs,
    x_dilation: Axes,
    kernel_dilation: Axes,
    groups: int,
    batch_groups: int = 1,
) -> Value:
    """The transpose of the convolution x -> ct with these attributes, for an x of the spatial `sizes`: a convolution of
    the spread-out ct with the flipped kernel."""
    roles = convolution_layout(layout)
    extents = numbers([kernel.shape[axis] for axis in roles.kernel[2:]], "convolution", "spatial sizes")
    counts = numbers([ct.shape[axis] for axis in roles.result[2:]], "convolution", "spatial sizes")
    pads: list[tuple[int, int]] = []
    for axis, (x_spread, extent, ct_spread) in enumerate(
        zip(_spread(sizes, x_dilation), _spread(extents, kernel_dilation), _spread(counts, stride), strict=True)
    ):
        low = extent - 1 - padding[axis][0]
        pads.append((low, x_spread + extent - 1 - ct_spread - low))
    flipped = b.reverse(kernel, axes=tuple(sorted(roles.kernel[2:])))
    merged = groups if groups > 1 else batch_groups
    to_x = b.convolution(
        ct,
        _regrouped(b, flipped, roles.kernel[0], roles.kernel[1], merged),
        layout=f"{_spec(roles.result, 'nc')},{_spec(roles.kernel, 'io')}->{_spec(roles.x, 'nc')}",
        stride=x_dilation,
        padding=tuple(pads),
        x_dilation=stride,
        kernel_dilation=kernel_dilation,
        groups=merged,
    )
    return _moved_groups(b, to_x, roles.x[1], roles.x[0], batch_groups) if batch_groups > 1 else to_x


def _spread(sizes: Sequence[int], dilation: Sequence[int]) -> list[int]:
    return [(size - 1) * step + 1 if size else 0 for size, step in zip(sizes, dilation, strict=True)]


def _regrouped(b: Builder, kernel: Value, outputs: int, inputs: int, groups: int) -> Value:
    """The kernel with its groups moved from the output channels to the input channels."""
    return kernel if groups == 1 else _moved_groups(b, kernel, outputs, inputs, groups)


def _moved_groups(b: Builder, x: Value, source: int, target: int, groups: int) -> Value:
    """Axis `source`, read as [groups, rest], gives its groups to axis `target`, which becomes [groups, itself]."""
    rest = floor_divide(x.shape[source], groups)
    split = [*x.shape[:source], groups, rest, *x.shape[source + 1 :]]
    apart = b.reshape(x, shape=split)
    # After the split, axes behind the source stand one place later.
    place = target if target < source else target + 1
    others = [axis for axis in range(apart.rank) if axis != source]
    others.insert(others.index(place), source)
    shape = list(x.shape)
    shape[source] = rest
    shape[target] = x.shape[target] * groups
    return b.reshape(as_order(b, apart, others), shape=shape)


VJPS: Rules = {ops.matmul: _matmul, ops.convolution: _convolution}

ZERO: Reasons = {}

REFUSED: Reasons = {}
