"""Largest and smallest elements over dimensions, and their places."""

from __future__ import annotations

from typing import Any, NamedTuple

from diptych.functions import reductions
from diptych.functions.constants import scalar
from diptych.ir import Builder, Op, Value, dtypes, ops

from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .axes import Dims, reduced, reduced_one
from .operands import not_implemented, tensor
from .ordering import maximum, minimum

Axes = tuple[int, ...]  # counted from 0, ascending

# -- operations: what is written as equations ----


def _extreme(name: str, called: str) -> Operation:
    def write(b: Builder, x: Value, axes: Axes, keepdim: bool) -> Value:
        if x.dtype.is_complex:
            raise not_implemented(name, x)
        return getattr(reductions, name)(b, x, axes, keepdims=keepdim)

    write.__name__ = called
    return operation(write)


_amax, _amin = _extreme("max", "amax"), _extreme("min", "amin")


def _of_all(name: str) -> Operation:
    def write(b: Builder, x: Value) -> Value:
        if x.dtype.is_complex:
            raise not_implemented(name, x)
        return shared_by_equals(b, x, getattr(reductions, name)(b, x))

    write.__name__ = f"{name}_all"
    return operation(write)


_max_all, _min_all = _of_all("max"), _of_all("min")


def shared_by_equals(b: Builder, x: Value, found: Value, *, ignore_nan: bool = False) -> Value:
    """`found`, one of the elements of x, whose gradient all that are equal to it share; nan is equal to nan. With
    `ignore_nan` it is nan only where all of x is, otherwise where any is."""
    if not x.dtype.is_float:
        return found
    found = b.stop_gradient(found)
    wanted = b.broadcast(found, shape=x.shape, axes=())
    equal = b.bitwise_or(b.eq(x, wanted), b.ne(wanted, wanted) if ignore_nan else b.ne(x, x))
    shares = b.stop_gradient(b.cast(equal, dtype=x.dtype))
    return b.graft(found, b.div(reductions.sum(b, b.mul(x, shares)), reductions.sum(b, shares)))


def _place(name: str, op: Op) -> Operation:
    def write(b: Builder, x: Value, axis: int | None, keepdim: bool) -> Value:
        if x.dtype.is_complex or x.dtype.is_bool:
            raise RuntimeError(f"{name}(): does not support {'bool' if x.dtype.is_bool else 'complex'} input")
        if not x.rank:
            return scalar(b, 0, dtypes.i64)
        return reductions.arg(b, op, x, axis, dtypes.i64, keepdims=keepdim)

    write.__name__ = name
    return operation(write)


_argmax, _argmin = _place("argmax", ops.argmax), _place("argmin", ops.argmin)


def _with_place(name: str, op: Op) -> Operation:
    def write(b: Builder, x: Value, axis: int | None, keepdim: bool) -> tuple[Value, Value]:
        if x.dtype.is_complex:
            raise not_implemented(name, x)
        if axis is None:
            return b.identity(x), scalar(b, 0, dtypes.i64)
        values, places = reductions.extreme(b, op, x, axis)
        if keepdim:
            return reductions.keep_axes(b, values, x, (axis,)), reductions.keep_axes(b, places, x, (axis,))
        return values, places

    write.__name__ = name
    return operation(write)


_max_along, _min_along = _with_place("max", ops.argmax), _with_place("min", ops.argmin)


class max_result(NamedTuple):
    """What `torch.max` along a dimension returns."""

    values: Tensor
    indices: Tensor

    def __repr__(self) -> str:
        return _result_text("max", self)


class min_result(NamedTuple):
    """What `torch.min` along a dimension returns."""

    values: Tensor
    indices: Tensor

    def __repr__(self) -> str:
        return _result_text("min", self)


def _result_text(name: str, result: Any) -> str:
    return f"torch.return_types.{name}(\nvalues={result.values!r},\nindices={result.indices!r})"


# -- functions: what users call ----


def _checked(name: str, input: Any, axes: Axes | None, error: type[Exception] = RuntimeError, hint: str = "") -> Tensor:
    """The input, which must have elements over `axes`, or where that is None over all."""
    if axes is None:
        if not input.numel():
            raise error(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.{hint}")
        return input
    for axis in axes:
        if not input.shape[axis]:
            raise IndexError(f"{name}(): Expected reduction dim {axis} to have non-zero size.")
    return input


_HINT = " Specify the reduction dim with the 'dim' argument."


def _over(name: str, operation: Operation, input: Tensor, dim: Dims, keepdim: bool) -> Tensor:
    x = tensor(name, "input", 1, input)
    axes = reduced(name, dim, x.ndim)
    _checked(name, x, None if dim is None or dim == () else axes, hint=_HINT)
    return call(operation, (x,), (axes, keepdim))


def amax(input: Tensor, dim: Dims = (), keepdim: bool = False) -> Tensor:
    """Largest element over `dim`; equal ones share the gradient. Raises RuntimeError and IndexError of no elements."""
    return _over("amax", _amax, input, dim, keepdim)


def amin(input: Tensor, dim: Dims = (), keepdim: bool = False) -> Tensor:
    """Smallest element over `dim`; equal ones share the gradient. Raises RuntimeError and IndexError of no elements."""
    return _over("amin", _amin, input, dim, keepdim)


def _along(name: str, operation: Operation, input: Tensor, dim: int, keepdim: bool) -> Any:
    axes = reduced_one(name, dim, input.ndim)
    _checked(name, input, axes)
    return call(operation, (input,), (axes[0] if axes else None, keepdim))


def max(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """The largest element of all; along `dim`, (values, indices); with another tensor, as `maximum`."""
    x = tensor("max", "input", 1, input)
    if isinstance(dim, Tensor) or other is not None:
        return maximum(x, dim if other is None else other)
    if dim is None:
        return call(_max_all, (_checked("max", x, None, hint=_HINT),))
    return max_result(*_along("max", _max_along, x, dim, keepdim))


def min(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """The smallest element of all; along `dim`, (values, indices); with another tensor, as `minimum`."""
    x = tensor("min", "input", 1, input)
    if isinstance(dim, Tensor) or other is not None:
        return minimum(x, dim if other is None else other)
    if dim is None:
        return call(_min_all, (_checked("min", x, None, hint=_HINT),))
    return min_result(*_along("min", _min_along, x, dim, keepdim))


def _place_of(name: str, operation: Operation, input: Tensor, dim: int | None, keepdim: bool) -> Tensor:
    x = tensor(name, "input", 1, input)
    if dim is None:
        return call(operation, (_checked(name, x, None, IndexError),), (None, keepdim))
    axes = reduced_one(name, dim, x.ndim)
    return call(operation, (_checked(name, x, axes),), (axes[0] if axes else None, keepdim))


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Index of the first largest element along `dim`, or of the flat input, as int64. Raises RuntimeError for bools,
    IndexError of no elements."""
    return _place_of("argmax", _argmax, input, dim, keepdim)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Index of the first smallest element along `dim`, or of the flat input, as int64. Raises RuntimeError for bools,
    IndexError of no elements."""
    return _place_of("argmin", _argmin, input, dim, keepdim)
