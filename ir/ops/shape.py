"""Ops that make or move elements and compute none."""

from __future__ import annotations

from ..attributes import Axes
from ..constant import Constant
from ..dimensions import Dim, Shape, floor_divide
from ..dtypes import DType
from ..op import op, refuse
from ..types import TensorType, shape_text
from . import checks


@op
def constant(*, value: Constant) -> TensorType:
    """The array `value`."""
    return value.type


@op
def iota(*, shape: Shape, axis: int, dtype: DType) -> TensorType:
    """Counts 0, 1, 2, ... along `axis`, the same everywhere else. Not bool or complex."""
    if dtype.is_bool or dtype.is_complex:
        refuse("dtype", dtype, "an integer or float dtype")
    checks.sizes(shape)
    checks.axis_of(axis, len(shape))
    return TensorType(dtype, shape)


@op
def dimension(*, size: Dim, dtype: DType) -> TensorType:
    """A dimension's size as a scalar of an integer dtype, which wraps around where it is too narrow: how a program
    computes with a named dimension."""
    if not dtype.is_integer:
        refuse("dtype", dtype, "an integer dtype")
    checks.sizes((size,), "size")
    return TensorType(dtype)


@op
def broadcast(x: TensorType, *, shape: Shape, axes: Axes) -> TensorType:
    """x repeated to `shape`: axis i of x lies along axis axes[i] of the result and has its size; the rest repeats."""
    checks.sizes(shape)
    checks.length(axes, x.rank, "axes")
    checks.axes_of(axes, len(shape))
    for axis, size in zip(axes, x.shape, strict=True):
        if shape[axis] != size:
            refuse("x", x, f"{shape[axis]} long in the axis that lies along axis {axis} of [{shape_text(shape)}]")
    return x.with_shape(shape)


@op
def reshape(x: TensorType, *, shape: Shape) -> TensorType:
    """The same elements in row-major order in another shape of as many elements."""
    checks.sizes(shape)
    result = x.with_shape(shape)
    if result.size != x.size:
        refuse("shape", f"[{shape_text(shape)}], {result.size} elements", f"of {x.size} elements, as {x} is")
    return result


@op
def transpose(x: TensorType, *, permutation: Axes) -> TensorType:
    """Axes in another order: axis i of the result is axis permutation[i] of x."""
    checks.length(permutation, x.rank, "permutation")
    checks.distinct(permutation, x.rank, "permutation")
    return x.with_shape(x.shape[axis] for axis in permutation)


@op
def slice(x: TensorType, *, start: Shape, limit: Shape, stride: Axes) -> TensorType:
    """Elements start, start + stride, ... below limit, along every axis; 0 <= start <= limit <= size, stride >= 1."""
    for name, values in (("start", start), ("limit", limit), ("stride", stride)):
        checks.length(values, x.rank, name)
    shape: list[Dim] = []
    for axis, (size, low, high, step) in enumerate(zip(x.shape, start, limit, stride, strict=True)):
        if step < 1:
            refuse("stride", list(stride), "1 or more along every axis")
        _within(axis, low, high, size)
        shape.append(high - low if step == 1 else floor_divide(high - low + (step - 1), step))
    return x.with_shape(shape)


def _within(axis: int, low: Dim, high: Dim, size: Dim) -> None:
    """Refuses what is known to lie outside; with named dimensions the difference may be a number all the same."""
    for name, smaller, larger, bound in (
        ("start", 0, low, "0 or more"),
        ("start", low, high, f"at most the limit {high}"),
        ("limit", high, size, f"at most the size {size}"),
    ):
        gap = larger - smaller
        if isinstance(gap, int) and gap < 0:
            refuse(name, f"{low if name == 'start' else high} along axis {axis}", bound)


@op
def pad(x: TensorType, value: TensorType, *, low: Shape, high: Shape, interior: Axes) -> TensorType:
    """x with copies of the scalar `value`: low[i] before, high[i] after (negative removes elements instead) and
    interior[i] between neighbours along axis i. Interior padding comes first, so removal may take padding away."""
    if value != x.with_shape(()):
        refuse("value", value, f"{x.dtype}[]")
    for name, values in (("low", low), ("high", high), ("interior", interior)):
        checks.length(values, x.rank, name)
    shape: list[Dim] = []
    for axis, (size, before, after, between) in enumerate(zip(x.shape, low, high, interior, strict=True)):
        if between < 0:
            refuse("interior", list(interior), "0 or more along every axis")
        spread = size if between == 0 or size == 0 else size + (size - 1) * between
        result = spread + (before + after)
        if isinstance(result, int) and result < 0:
            refuse("padding", f"{before} and {after} along axis {axis}", f"at least -{spread} in sum")
        shape.append(result)
    checks.sizes(shape, "result")
    return x.with_shape(shape)


@op
def concatenate(*operands: TensorType, axis: int) -> TensorType:
    """Operands one after another along `axis`; equal in dtype and in every other size. At least one operand."""
    if not operands:
        refuse("operands", "none", "at least one")
    first = operands[0]
    checks.axis_of(axis, first.rank)
    total: Dim = 0
    for index, operand in enumerate(operands):
        if operand.dtype != first.dtype:
            refuse(f"operands[{index}]", operand, f"of dtype {first.dtype}, as operands[0] is", hint="insert a cast")
        others = operand.shape[:axis] + operand.shape[axis + 1 :]
        if operand.rank != first.rank or others != first.shape[:axis] + first.shape[axis + 1 :]:
            refuse(f"operands[{index}]", operand, f"of operands[0]'s shape {first} except along axis {axis}")
        total = total + operand.shape[axis]
    return first.with_shape((*first.shape[:axis], total, *first.shape[axis + 1 :]))


@op
def reverse(x: TensorType, *, axes: Axes) -> TensorType:
    """Elements in opposite order along `axes`."""
    checks.axes_of(axes, x.rank)
    return x
