"""Sums, means, extremes and their places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from diptych.functions import reductions
from diptych.ir import Builder, Value, dtypes, ops

from ..dtypes import dtype
from ..operation import operation
from ..recording import call
from ..tensor import Tensor
from .pointwise import cast

Dims = int | Sequence[int] | None


def _dims(dim: Dims) -> Any:
    """A hashable form: None, an integer or a tuple. An empty tuple means all, as in PyTorch."""
    if dim is None or isinstance(dim, int):
        return dim
    return tuple(dim) or None


def _summable(b: Builder, x: Value) -> Value:
    """Integers and bools add up as int64."""
    return x if x.dtype.is_differentiable or x.dtype is dtypes.i64 else b.cast(x, dtype=dtypes.i64)


@operation
def _sum(b: Builder, x: Value, dim: Any, keepdim: bool) -> Value:
    return reductions.sum(b, _summable(b, x), dim, keepdims=keepdim)


@operation
def _prod(b: Builder, x: Value, dim: Any, keepdim: bool) -> Value:
    return reductions.prod(b, _summable(b, x), dim, keepdims=keepdim)


@operation
def _mean(b: Builder, x: Value, dim: Any, keepdim: bool) -> Value:
    if not x.dtype.is_differentiable:
        name = {"bool": "Bool", "i64": "Long", "i32": "Int", "i16": "Short", "i8": "Char", "u8": "Byte"}
        raise RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {name.get(x.dtype.name, x.dtype.name)}"
        )
    return reductions.mean(b, x, dim, keepdims=keepdim)


@operation
def _var(b: Builder, x: Value, dim: Any, correction: int, keepdim: bool) -> Value:
    return reductions.variance(b, x, dim, correction=correction, keepdims=keepdim)


@operation
def _std(b: Builder, x: Value, dim: Any, correction: int, keepdim: bool) -> Value:
    return reductions.standard_deviation(b, x, dim, correction=correction, keepdims=keepdim)


@operation
def _amax(b: Builder, x: Value, dim: Any, keepdim: bool) -> Value:
    return reductions.max(b, x, dim, keepdims=keepdim)


@operation
def _amin(b: Builder, x: Value, dim: Any, keepdim: bool) -> Value:
    return reductions.min(b, x, dim, keepdims=keepdim)


@operation
def _all(b: Builder, x: Value, dim: Any, keepdim: bool) -> Value:
    return reductions.all(b, x if x.dtype.is_bool else b.cast(x, dtype=dtypes.bool_), dim, keepdims=keepdim)


@operation
def _any(b: Builder, x: Value, dim: Any, keepdim: bool) -> Value:
    return reductions.any(b, x if x.dtype.is_bool else b.cast(x, dtype=dtypes.bool_), dim, keepdims=keepdim)


@operation
def _argmax(b: Builder, x: Value, dim: int | None, keepdim: bool) -> Value:
    return reductions.argmax(b, x, dim, dtypes.i64, keepdims=keepdim)


@operation
def _argmin(b: Builder, x: Value, dim: int | None, keepdim: bool) -> Value:
    return reductions.argmin(b, x, dim, dtypes.i64, keepdims=keepdim)


@operation
def _logsumexp(b: Builder, x: Value, dim: Any, keepdim: bool) -> Value:
    return reductions.logsumexp(b, x, dim, keepdims=keepdim)


@operation
def _cumsum(b: Builder, x: Value, dim: int) -> Value:
    return b.cumulative_sum(_summable(b, x), axis=reductions.normalized_axis(dim, x.rank))


def _extreme(which: str) -> Any:
    def write(b: Builder, x: Value, dim: int, keepdim: bool) -> tuple[Value, Value]:
        """The values are picked by their indices, so that gradients go to one element."""
        if not x.rank:
            return b.identity(x), b.iota(shape=(1,), axis=0, dtype=dtypes.i64)
        axis = reductions.normalized_axis(dim, x.rank)
        places = b.emit(getattr(ops, which), (x,), {"axis": axis, "dtype": dtypes.i64})[0]
        lead = [
            places if other == axis else b.iota(shape=places.shape, axis=other - (other > axis), dtype=dtypes.i64)
            for other in range(x.rank)
        ]
        values = b.gather(x, *lead, axes=tuple(range(x.rank)))
        if keepdim:
            return reductions.keep_axes(b, values, x, (axis,)), reductions.keep_axes(b, places, x, (axis,))
        return values, places

    return operation(write)


_max_along, _min_along = _extreme("argmax"), _extreme("argmin")


class max_result(NamedTuple):
    """What `torch.max` along a dimension returns."""

    values: Tensor
    indices: Tensor


class min_result(NamedTuple):
    """What `torch.min` along a dimension returns."""

    values: Tensor
    indices: Tensor


def sum(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """Sum over `dim`, or all; integers and bools as int64."""
    return call(_sum, (input if dtype is None else cast(input, dtype),), (_dims(dim), keepdim))


def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """Product over `dim`, or all; integers and bools as int64."""
    return call(_prod, (input if dtype is None else cast(input, dtype),), (_dims(dim), keepdim))


def mean(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """Mean over `dim`, or all. Raises RuntimeError for integers."""
    return call(_mean, (input if dtype is None else cast(input, dtype),), (_dims(dim), keepdim))


def var(
    input: Tensor, dim: Dims = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None
) -> Tensor:
    """Variance over `dim`, or all, dividing by n - correction (1 unless `unbiased` is false)."""
    return call(_var, (input,), (_dims(dim), int(unbiased) if correction is None else correction, keepdim))


def std(
    input: Tensor, dim: Dims = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None
) -> Tensor:
    """Square root of the variance."""
    return call(_std, (input,), (_dims(dim), int(unbiased) if correction is None else correction, keepdim))


def amax(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Largest element over `dim`; equal ones share the gradient."""
    return call(_amax, (input,), (_dims(dim), keepdim))


def amin(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Smallest element over `dim`; equal ones share the gradient."""
    return call(_amin, (input,), (_dims(dim), keepdim))


def max(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The largest element of all; along `dim`, (values, indices); with a tensor in place of `dim`, as `maximum`."""
    if isinstance(dim, Tensor):
        from .pointwise import maximum

        return maximum(input, dim)
    if dim is None:
        return call(_amax, (input,), (None, False))
    return max_result(*call(_max_along, (input,), (dim, keepdim)))


def min(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest element of all; along `dim`, (values, indices); with a tensor in place of `dim`, as `minimum`."""
    if isinstance(dim, Tensor):
        from .pointwise import minimum

        return minimum(input, dim)
    if dim is None:
        return call(_amin, (input,), (None, False))
    return min_result(*call(_min_along, (input,), (dim, keepdim)))


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Index of the first largest element along `dim`, or of the flat input, as int64."""
    return call(_argmax, (input,), (dim, keepdim))


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Index of the first smallest element along `dim`, or of the flat input, as int64."""
    return call(_argmin, (input,), (dim, keepdim))


def all(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Whether all elements over `dim` are not zero."""
    return call(_all, (input,), (_dims(dim), keepdim))


def any(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Whether any element over `dim` is not zero."""
    return call(_any, (input,), (_dims(dim), keepdim))


def logsumexp(input: Tensor, dim: Dims, keepdim: bool = False) -> Tensor:
    """log(sum(exp(input))) over `dim`, without overflow."""
    return call(_logsumexp, (input,), (_dims(dim), keepdim))


def cumsum(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """Running sum along `dim`."""
    return call(_cumsum, (input if dtype is None else cast(input, dtype),), (dim,))


def norm(input: Tensor, p: float | str = 2, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """The p-norm over `dim`, or all: p may be 1, 2, "fro" or inf."""
    from .pointwise import abs, pow, sqrt

    if p in (2, "fro"):
        return sqrt(sum(pow(abs(input), 2), dim, keepdim))
    if p == 1:
        return sum(abs(input), dim, keepdim)
    if p == float("inf"):
        return amax(abs(input), dim, keepdim)
    return pow(sum(pow(abs(input), p), dim, keepdim), 1 / float(p))
