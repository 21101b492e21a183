"""Ops that read or write elements at places that other values give."""

from __future__ import annotations

from typing import Literal

from ..attributes import Axes
from ..dimensions import Shape
from ..op import op, refuse
from ..types import TensorType, shape_text
from . import checks


@op
def gather(x: TensorType, *indices: TensorType, axes: Axes, bounds: Literal["error", "clip"] = "error") -> TensorType:
    """x[..., indices[0], ...]: indices[i] picks along axes[i]. The indices are integers of one shape, which comes
    first in the result; x's other axes follow in order.

    An index below 0 or at least the size is an error (a backend that cannot raise clips), or with bounds=clip the
    nearest valid index. Reads of an axis of size 0 need an empty index.
    """
    rest = _indexed(x, indices, axes)
    return x.with_shape(indices[0].shape + rest)


@op
def scatter(
    x: TensorType,
    updates: TensorType,
    *indices: TensorType,
    axes: Axes,
    combine: Literal["set", "add", "mul", "min", "max"],
    bounds: Literal["error", "drop"] = "error",
) -> TensorType:
    """x with `updates` written to, or combined with, what gather(x, *indices) reads.

    Where an element is written twice, add, mul, min and max combine both, in index order; which one set keeps is not
    defined. An index out of bounds is an error (a backend that cannot raise drops it), or with bounds=drop ignored.
    """
    rest = _indexed(x, indices, axes)
    wanted = x.with_shape(indices[0].shape + rest)
    if updates != wanted:
        refuse("updates", updates, f"{wanted}, what a gather here gives")
    if combine in ("add", "mul"):
        checks.numeric(x)
    if combine in ("min", "max"):
        checks.ordered(x)
    return x


def _indexed(x: TensorType, indices: tuple[TensorType, ...], axes: Axes) -> Shape:
    """x's axes that are not indexed."""
    if not indices:
        refuse("indices", "none", "at least one")
    checks.length(axes, len(indices), "axes")
    checks.axes_of(axes, x.rank)
    for number, index in enumerate(indices):
        checks.integral(index, f"indices[{number}]")
        if index.shape != indices[0].shape:
            refuse(f"indices[{number}]", index, f"of shape [{shape_text(indices[0].shape)}], as indices[0] is")
    return tuple(size for axis, size in enumerate(x.shape) if axis not in axes)


@op
def dynamic_slice(x: TensorType, *starts: TensorType, sizes: Shape) -> TensorType:
    """The block of `sizes` that begins at the scalar integers `starts`, one an axis, moved to lie inside x."""
    _block(x, starts, sizes, "sizes")
    return x.with_shape(sizes)


@op
def dynamic_update_slice(x: TensorType, update: TensorType, *starts: TensorType) -> TensorType:
    """x with the block that begins at `starts` replaced by `update`, moved to lie inside x."""
    if update.dtype != x.dtype:
        refuse("update", update, f"of dtype {x.dtype}, as x is")
    if update.rank != x.rank:
        refuse("update", update, f"of rank {x.rank}, as x is")
    _block(x, starts, update.shape, "update's shape")
    return x


def _block(x: TensorType, starts: tuple[TensorType, ...], sizes: Shape, name: str) -> None:
    checks.length(starts, x.rank, "starts")
    for number, start in enumerate(starts):
        checks.integral(start, f"starts[{number}]")
        checks.scalar(start, f"starts[{number}]")
        if start.dtype != starts[0].dtype:
            refuse(f"starts[{number}]", start, f"of dtype {starts[0].dtype}, as starts[0] is")
    checks.length(sizes, x.rank, name)
    checks.sizes(sizes, name)
    for axis, (size, whole) in enumerate(zip(sizes, x.shape, strict=True)):
        gap = whole - size
        if isinstance(gap, int) and gap < 0:
            refuse(name, f"{size} along axis {axis}", f"at most {whole}, x's size there")
