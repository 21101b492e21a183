"""Elements in order along an axis, and those at a rank: medians, modes, the k-th."""

from __future__ import annotations

from typing import Any

from diptych.functions import sorting
from diptych.ir import Builder, Value, dtypes

from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .axes import counted
from .extremes import shared_by_equals
from .named_results import named
from .operands import not_implemented, tensors
from .shapes import reshape, squeeze, transpose

sort_result = named("sort", "values indices")
topk_result = named("topk", "values indices")
kthvalue_result = named("kthvalue", "values indices")
median_result = named("median", "values indices")
nanmedian_result = named("nanmedian", "values indices")
mode_result = named("mode", "values indices")

# -- operations: what is written as equations ----


@operation
def _sort(b: Builder, x: Value, axis: int, descending: bool) -> tuple[Value, Value]:
    if x.dtype.is_complex:
        raise RuntimeError(" Sort does not support complex dtypes on CPU")
    return sorting.sort(b, x, axis, descending=descending)


@operation
def _topk(b: Builder, x: Value, k: int, axis: int, largest: bool) -> tuple[Value, Value]:
    if x.dtype.is_complex or x.dtype.is_bool:
        raise RuntimeError(f"topk does not support {'bool' if x.dtype.is_bool else 'complex'} dtypes on CPU")
    if largest and axis == x.rank - 1:
        values, places = b.top_k(x, k=k, dtype=dtypes.i64)
        return values, places
    values, places = sorting.sort(b, x, axis, descending=largest)
    limit = (*x.shape[:axis], k, *x.shape[axis + 1 :])
    zeros, ones = (0,) * x.rank, (1,) * x.rank
    return b.slice(values, start=zeros, limit=limit, stride=ones), b.slice(
        places, start=zeros, limit=limit, stride=ones
    )


@operation
def _ranked(b: Builder, x: Value, rank: int, axis: int) -> tuple[Value, Value]:
    from diptych.functions.constants import filled

    if x.dtype.is_complex or x.dtype.is_bool:
        raise not_implemented("kthvalue_cpu", x)
    shape = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
    return sorting.one_of_sorted(b, x, filled(b, rank, shape, dtypes.i64), axis)


def _median(name: str, *, ignore_nan: bool) -> Operation:
    def write(b: Builder, x: Value, axis: int) -> tuple[Value, Value]:
        if x.dtype.is_complex or x.dtype.is_bool:
            raise not_implemented("median_out_impl", x)
        rank = sorting.median_rank(b, x, axis, ignore_nan=ignore_nan)
        return sorting.one_of_sorted(b, x, rank, axis)

    write.__name__ = name
    return operation(write)


_medians = {False: _median("median", ignore_nan=False), True: _median("nanmedian", ignore_nan=True)}


def _median_of_all(name: str, *, ignore_nan: bool) -> Operation:
    def write(b: Builder, x: Value) -> Value:
        """Of a vector."""
        if x.dtype.is_complex or x.dtype.is_bool:
            raise not_implemented("median_out_impl", x)
        rank = sorting.median_rank(b, x, 0, ignore_nan=ignore_nan)
        values = b.sort(b.stop_gradient(x) if x.dtype.is_float else x, axis=0, keys=1)[0]
        return shared_by_equals(b, x, b.reshape(b.gather(values, rank, axes=(0,)), shape=()), ignore_nan=ignore_nan)

    write.__name__ = f"{name}_all"
    return operation(write)


_medians_of_all = {False: _median_of_all("median", ignore_nan=False),
                   True: _median_of_all("nanmedian", ignore_nan=True)}  # fmt: skip


@operation
def _mode(b: Builder, x: Value, axis: int) -> tuple[Value, Value]:
    if x.dtype.is_complex:
        raise not_implemented("mode", x)
    plain = b.stop_gradient(x) if x.dtype.is_differentiable else x
    place = sorting.mode_place(b, plain, axis)
    return sorting.taken(b, x, place, axis), place


def _along(operation: Operation, x: Tensor, dim: int, keepdim: bool, *attributes: Any) -> tuple[Tensor, Tensor]:
    """Both results of an operation that keeps the axis, with it or without."""
    axis = counted(dim, x.ndim)
    whole = x if x.ndim else reshape(x, (1,))
    values, places = call(operation, (whole,), (*attributes, axis))
    if keepdim and x.ndim:
        return values, places
    return squeeze(values, axis), squeeze(places, axis)


# -- functions: what users call ----


def sort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Any:
    """(values, indices) in order along `dim`; equal elements always keep theirs. Raises RuntimeError for complex
    ones."""
    (x,) = tensors("sort", input=input)
    axis = counted(dim, x.ndim)
    if x.ndim:
        return sort_result(*call(_sort, (x,), (axis, bool(descending))))
    values, places = call(_sort, (reshape(x, (1,)),), (0, bool(descending)))
    return sort_result(reshape(values, ()), reshape(places, ()))


def argsort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Tensor:
    """The indices that sort input along `dim`."""
    return sort(*tensors("argsort", input=input), dim, descending).indices


def msort(input: Tensor) -> Tensor:
    """input sorted along its first axis."""
    return sort(*tensors("msort", input=input), 0).values


def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """(values, indices) of the k largest or smallest elements along `dim`, always in order. Raises RuntimeError for a k
    out of range."""
    (x,) = tensors("topk", input=input)
    axis = counted(dim, x.ndim)
    size = x.shape[axis] if x.ndim else 1
    if not 0 <= k <= size:
        raise RuntimeError("selected index k out of range")
    if not x.ndim:
        values, places = topk(reshape(x, (1,)), k, 0, largest)
        return topk_result(*((reshape(each, ()) if k else each) for each in (values, places)))
    if largest and axis != x.ndim - 1 and size:
        values, places = call(_topk, (transpose(x, axis, -1),), (k, x.ndim - 1, True))
        return topk_result(transpose(values, axis, -1), transpose(places, axis, -1))
    return topk_result(*call(_topk, (x,), (k, axis, bool(largest))))


def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """(value, index) of the k-th smallest element along `dim`. Raises RuntimeError for a k out of range."""
    (x,) = tensors("kthvalue", input=input)
    axis = counted(dim, x.ndim)
    size = x.shape[axis] if x.ndim else 1
    if x.ndim and not size:
        raise IndexError(f"kthvalue(): Expected reduction dim {axis} to have non-zero size.")
    if not 1 <= k <= size:
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {axis}")
    return kthvalue_result(*_along(_ranked, x, axis, keepdim, k - 1))


def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower median, nan where there is one; along `dim`, (values, indices)."""
    return _median_of("median", median_result, input, dim, keepdim, ignore_nan=False)


def nanmedian(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower median of what is not nan; along `dim`, (values, indices)."""
    return _median_of("nanmedian", nanmedian_result, input, dim, keepdim, ignore_nan=True)


def _median_of(name: str, result: Any, input: Tensor, dim: int | None, keepdim: bool, *, ignore_nan: bool) -> Any:
    (x,) = tensors(name, input=input)
    if dim is None:
        if not x.numel():
            nothing = float("nan") if x.dtype.is_floating_point else -(2**63)
            from ..tensors.creation import full

            return full((), nothing, dtype=x.dtype, device=x.device)
        return call(_medians_of_all[ignore_nan], (reshape(x, (-1,)),))
    axis = counted(dim, x.ndim)
    if x.ndim and not x.shape[axis]:
        raise IndexError(f"median(): Expected reduction dim {axis} to have non-zero size.")
    return result(*_along(_medians[ignore_nan], x, axis, keepdim))


def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> Any:
    """(value, index) of the most frequent element along `dim`: of several the smallest, and its last place."""
    (x,) = tensors("mode", input=input)
    axis = counted(dim, x.ndim)
    if x.ndim and not x.shape[axis]:
        raise IndexError(f"mode(): Expected reduction dim {axis} to have non-zero size.")
    return mode_result(*_along(_mode, x, axis, keepdim))
