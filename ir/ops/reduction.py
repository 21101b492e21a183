"""Reductions over axes, running reductions, and orderings. Reduced axes disappear from the shape."""

from __future__ import annotations

from .. import dtypes
from ..attributes import Axes
from ..dtypes import DType
from ..op import op, refuse
from ..types import TensorType
from . import checks


@op
def reduce_sum(x: TensorType, *, axes: Axes) -> TensorType:
    """Sum over `axes`, in x's dtype; 0 of no elements. Integers wrap around; f16 and bf16 add up in f32."""
    checks.numeric(x)
    return _reduced(x, axes)


@op
def reduce_prod(x: TensorType, *, axes: Axes) -> TensorType:
    """Product over `axes`, in x's dtype; 1 of no elements."""
    checks.numeric(x)
    return _reduced(x, axes)


@op
def reduce_max(x: TensorType, *, axes: Axes) -> TensorType:
    """Largest element over `axes`; nan where one is nan; the smallest value of the dtype (-inf) of no elements."""
    checks.ordered(x)
    return _reduced(x, axes)


@op
def reduce_min(x: TensorType, *, axes: Axes) -> TensorType:
    """Smallest element over `axes`; nan where one is nan; the largest value of the dtype (inf) of no elements."""
    checks.ordered(x)
    return _reduced(x, axes)


@op
def reduce_and(x: TensorType, *, axes: Axes) -> TensorType:
    """Whether all elements over `axes` hold; true of none."""
    checks.boolean(x, "x")
    return _reduced(x, axes)


@op
def reduce_or(x: TensorType, *, axes: Axes) -> TensorType:
    """Whether any element over `axes` holds; false of none."""
    checks.boolean(x, "x")
    return _reduced(x, axes)


@op
def argmax(x: TensorType, *, axis: int, dtype: DType) -> TensorType:
    """Index of the first largest element along `axis`, of the first nan where there is one."""
    return _arg(x, axis, dtype)


@op
def argmin(x: TensorType, *, axis: int, dtype: DType) -> TensorType:
    """Index of the first smallest element along `axis`, of the first nan where there is one."""
    return _arg(x, axis, dtype)


@op
def cumulative_sum(x: TensorType, *, axis: int, reverse: bool = False) -> TensorType:
    """Running sum along `axis`, each element included; from the end with `reverse`."""
    checks.numeric(x)
    return _running(x, axis)


@op
def cumulative_prod(x: TensorType, *, axis: int, reverse: bool = False) -> TensorType:
    """Running product along `axis`, each element included; from the end with `reverse`."""
    checks.numeric(x)
    return _running(x, axis)


@op
def cumulative_max(x: TensorType, *, axis: int, reverse: bool = False) -> TensorType:
    """Running maximum along `axis`; nan from the first nan on."""
    checks.ordered(x)
    return _running(x, axis)


@op
def cumulative_min(x: TensorType, *, axis: int, reverse: bool = False) -> TensorType:
    """Running minimum along `axis`; nan from the first nan on."""
    checks.ordered(x)
    return _running(x, axis)


@op
def sort(*operands: TensorType, axis: int, keys: int = 1) -> tuple[TensorType, ...]:
    """All operands in the order that sorts the first `keys` of them along `axis`: ascending, stable, by operands[0]
    first. Equal in shape. -0.0 equals 0.0; nan comes last."""
    if not operands:
        refuse("operands", "none", "at least one")
    if not 1 <= keys <= len(operands):
        refuse("keys", keys, f"from 1 to {len(operands)}, the number of operands")
    checks.axis_of(axis, operands[0].rank)
    for number, operand in enumerate(operands):
        if operand.shape != operands[0].shape:
            refuse(f"operands[{number}]", operand, f"{operand.with_shape(operands[0].shape)}, operands[0]'s shape")
        if number < keys:
            checks.ordered(operand, f"operands[{number}]")
    return operands


@op
def top_k(x: TensorType, *, k: int, dtype: DType = dtypes.i32) -> tuple[TensorType, TensorType]:
    """The k largest elements along the last axis in descending order, nan first, and their indices in `dtype`; of equal
    elements the one with the lower index comes first."""
    checks.ordered(x)
    if not x.rank:
        refuse("x", x, "of rank 1 or more")
    size = x.shape[-1]
    if k < 0 or (isinstance(size, int) and k > size):
        refuse("k", k, f"from 0 to {size}, the size of the last axis")
    if not dtype.is_integer:
        refuse("dtype", dtype, "an integer dtype")
    values = x.with_shape((*x.shape[:-1], k))
    return values, values.with_dtype(dtype)


def _reduced(x: TensorType, axes: Axes) -> TensorType:
    checks.axes_of(axes, x.rank)
    return x.with_shape(size for axis, size in enumerate(x.shape) if axis not in axes)


def _arg(x: TensorType, axis: int, dtype: DType) -> TensorType:
    checks.ordered(x)
    checks.axis_of(axis, x.rank)
    if not dtype.is_integer:
        refuse("dtype", dtype, "an integer dtype")
    if x.shape[axis] == 0:
        refuse("x", x, f"of at least one element along axis {axis}")
    return _reduced(x, (axis,)).with_dtype(dtype)


def _running(x: TensorType, axis: int) -> TensorType:
    checks.axis_of(axis, x.rank)
    return x
