"""Checks that several type rules share. Each raises through `refuse`, naming the operand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..dimensions import Dim
from ..op import refuse
from ..types import TensorType, shape_text


def same(lhs: TensorType, rhs: TensorType, names: tuple[str, str] = ("lhs", "rhs")) -> None:
    """Both types are equal: elementwise ops never broadcast or promote."""
    if lhs == rhs:
        return
    left, right = names
    if lhs.dtype != rhs.dtype:
        refuse(right, rhs, f"{rhs.with_dtype(lhs.dtype)}, {left}'s dtype", hint="insert a cast")
    refuse(right, rhs, f"{lhs}, {left}'s shape", hint="insert a broadcast")


def floating(x: TensorType, name: str = "x") -> None:
    if not x.dtype.is_float:
        refuse(name, x, "of a float dtype")


def inexact(x: TensorType, name: str = "x") -> None:
    if not x.dtype.is_differentiable:
        refuse(name, x, "of a float or complex dtype")


def numeric(x: TensorType, name: str = "x") -> None:
    if x.dtype.is_bool:
        refuse(name, x, "of a numeric dtype, not bool")


def ordered(x: TensorType, name: str = "x") -> None:
    if not x.dtype.is_ordered:
        refuse(name, x, "of a dtype that has an order, not complex")


def integral(x: TensorType, name: str = "x") -> None:
    if not x.dtype.is_integer:
        refuse(name, x, "of an integer dtype")


def bits(x: TensorType, name: str = "x") -> None:
    if not (x.dtype.is_integer or x.dtype.is_bool):
        refuse(name, x, "of an integer dtype or bool")


def boolean(x: TensorType, name: str) -> None:
    if not x.dtype.is_bool:
        refuse(name, x, "of dtype bool")


def scalar(x: TensorType, name: str) -> None:
    if x.shape:
        refuse(name, x, f"a scalar, {x.dtype}[]")


def axis_of(axis: int, rank: int, name: str = "axis") -> None:
    if not 0 <= axis < rank:
        refuse(name, axis, f"from 0 to {rank - 1}" if rank else "absent: the operand is a scalar")


def axes_of(axes: Sequence[int], rank: int, name: str = "axes") -> None:
    """Axes in range, ascending, none twice: one way to write each set of axes."""
    for axis in axes:
        axis_of(axis, rank, name)
    if any(later <= earlier for earlier, later in pairwise(axes)):
        refuse(name, list(axes), "in ascending order without repeats")


def distinct(axes: Sequence[int], rank: int, name: str) -> None:
    """Axes in range and none twice, in any order."""
    for axis in axes:
        axis_of(axis, rank, name)
    if len(set(axes)) != len(axes):
        refuse(name, list(axes), "without repeats")


def length(values: Sequence[object], count: int, name: str) -> None:
    if len(values) != count:
        refuse(name, f"[{', '.join(map(str, values))}]", f"{count} entries long, one an axis")


def sizes(shape: Sequence[Dim], name: str = "shape") -> None:
    """Sizes that are numbers are not negative and stay under 2**62 in product."""
    total = 1
    for dim in shape:
        if isinstance(dim, int):
            if dim < 0:
                refuse(name, f"[{shape_text(tuple(shape))}]", "without negative sizes")
            total *= dim if dim else 1
    if total >= 2**62:
        refuse(name, f"[{shape_text(tuple(shape))}]", "under 2**62 elements")


def matrix(x: TensorType, name: str = "x", *, square: bool = False) -> None:
    """A stack of matrices of a float or complex dtype that LAPACK has: f32, f64, c64, c128."""
    if x.dtype.name not in ("f32", "f64", "c64", "c128"):
        refuse(name, x, "of dtype f32, f64, c64 or c128")
    if x.rank < 2:
        refuse(name, x, "of rank 2 or more")
    if square and x.shape[-1] != x.shape[-2]:
        refuse(name, x, "square in its last two axes")
