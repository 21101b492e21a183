"""Means and spreads together, extremes together, quantiles, and reductions that leave nan out."""

from __future__ import annotations

from typing import Any

from diptych.functions import sorting
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value, dtypes

from .. import dtypes as dtype_module
from ..calling.autocasting import full_precision
from ..dtypes import dtype
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.data import tensor as make
from ..tensors.tensor import Tensor
from . import extremes
from .arithmetic import div
from .axes import Dims, counted, reduced
from .logic import isnan, logical_not, ne, where
from .named_results import named
from .operands import tensors
from .reductions import mean, std, sum, var
from .shapes import reshape, squeeze, unsqueeze

var_mean_result = named("var_mean", "var mean")
aminmax_result = named("aminmax", "min max")


def var_mean(
    input: Tensor, dim: Dims = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> tuple[Tensor, Tensor]:
    """(variance, mean) over `dim`, or all."""
    return _with_mean(var, input, dim, unbiased, keepdim, correction)


def std_mean(
    input: Tensor, dim: Dims = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> tuple[Tensor, Tensor]:
    """(standard deviation, mean) over `dim`, or all."""
    return _with_mean(std, input, dim, unbiased, keepdim, correction)


def _with_mean(spread: Any, x: Tensor, dim: Any, unbiased: bool, keepdim: bool, correction: Any) -> Any:
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    found = spread(x, dim, unbiased, keepdim, correction=correction)
    return found, mean(x, dim, keepdim)


def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """(smallest, largest) element along `dim`, or of all. Raises RuntimeError and IndexError of no elements."""
    (x,) = tensors("aminmax", input=input)
    if dim is None:
        if not x.numel():
            raise RuntimeError(
                "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity."
            )
        axes: Any = tuple(range(x.ndim))
    else:
        axes = counted(dim, x.ndim)
        if x.ndim and not x.shape[axes]:
            raise IndexError(f"aminmax(): Expected reduction dim {axes} to have non-zero size.")
    return aminmax_result(extremes.amin(x, axes, keepdim), extremes.amax(x, axes, keepdim))


def nansum(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """The sum over `dim`, or all, of what is not nan. Raises RuntimeError for complex numbers."""
    (x,) = tensors("nansum", input=input)
    if x.dtype.is_complex:
        raise RuntimeError("nansum on CPU does not support complex inputs")
    plain = where(isnan(x), 0.0, x) if x.dtype.is_floating_point else x
    return sum(plain, dim, keepdim, dtype=dtype)


def nanmean(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """The mean over `dim`, or all, of what is not nan. Raises RuntimeError for integers."""
    (x,) = tensors("nanmean", input=input)
    if not x.dtype.ir.is_differentiable:
        raise RuntimeError(
            f"nanmean(): expected input to have floating point or complex dtype but got {x.dtype.scalar}"
        )
    if x.dtype.is_complex:
        count = sum(logical_not(isnan(x)), dim, keepdim)
        return div(sum(where(isnan(x), 0.0, x), dim, keepdim, dtype=dtype), count)
    return div(nansum(x, dim, keepdim, dtype=dtype), sum(logical_not(isnan(x)), dim, keepdim))


def count_nonzero(input: Tensor, dim: Dims = None) -> Tensor:
    """How many elements over `dim`, or of all, are not zero."""
    (x,) = tensors("count_nonzero", input=input)
    axes = reduced("count_nonzero", dim, x.ndim)
    return sum(x if x.dtype.ir.is_bool else ne(x, 0), axes)


# -- quantiles ----

_WAYS = ("linear", "lower", "higher", "midpoint", "nearest")


@operation
def _quantile(b: Builder, x: Value, q: Value, way: str, ignore_nan: bool) -> Value:
    """x [..., n] and q [m]: [m, ...]."""
    values = sorting.sort(b, x, x.rank - 1)[0]
    size = x.type.static_shape()[-1]
    count = b.reduce_sum(b.cast(b.eq(x, x), dtype=dtypes.i64), axes=(x.rank - 1,))
    whole = b.cast(b.sub(count, filled_like(b, 1, count)), dtype=x.dtype)
    if not ignore_nan:  # a nan, the last of which comes last, is every quantile
        whole = filled_like(b, size - 1, whole)
    has_none = b.eq(count, filled_like(b, 0, count))
    whole = b.select(has_none, filled_like(b, 0, whole), whole)
    shape = (*q.shape, *whole.shape)
    portion = b.broadcast(q, shape=shape, axes=(0,))
    if not ignore_nan:
        spoiled = b.broadcast(b.ne(count, filled_like(b, size, count)), shape=shape, axes=range(1, len(shape)))
        portion = b.select(spoiled, filled_like(b, 1, portion), portion)
    rank = b.mul(portion, b.broadcast(whole, shape=shape, axes=range(1, len(shape))))
    if way == "lower":
        rank = b.floor(rank)
    elif way == "higher":
        rank = b.ceil(rank)
    elif way == "nearest":
        rank = b.round_even(rank)
    low = b.floor(rank)
    lead = [b.iota(shape=shape, axis=axis, dtype=dtypes.i64) for axis in range(1, len(shape))]

    def at(place: Value) -> Value:
        return b.gather(values, *lead, b.cast(place, dtype=dtypes.i64), axes=tuple(range(x.rank)))

    first = at(low)
    if way in ("linear", "midpoint"):
        weight = filled_like(b, 0.5, rank) if way == "midpoint" else b.sub(rank, low)
        second = at(b.ceil(rank))
        # as torch.lerp: from whichever end is nearer
        gap = b.sub(second, first)
        one = filled_like(b, 1, weight)
        near = b.lt(weight, filled_like(b, 0.5, weight))
        first = b.select(near, b.add(first, b.mul(weight, gap)), b.sub(second, b.mul(gap, b.sub(one, weight))))
    return first


@full_precision
def quantile(
    input: Tensor, q: Tensor | float, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """The q-th quantiles along `dim`, or of all, for a number or a vector of them, which is a new first axis; nan where
    there is one. Raises RuntimeError for what is no float, and q outside of [0, 1]."""
    return _quantiles("quantile", input, q, dim, keepdim, interpolation, ignore_nan=False)


@full_precision
def nanquantile(
    input: Tensor, q: Tensor | float, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """As `quantile`, of what is not nan."""
    return _quantiles("nanquantile", input, q, dim, keepdim, interpolation, ignore_nan=True)


def _quantiles(
    name: str, input: Tensor, q: Any, dim: int | None, keepdim: bool, way: str, *, ignore_nan: bool
) -> Tensor:
    (x,) = tensors(name, input=input)
    if x.dtype not in (dtype_module.float32, dtype_module.float64):
        raise RuntimeError(f"{name}() input tensor must be either float or double dtype")
    if not x.numel():
        raise RuntimeError(f"{name}() input tensor must be non-empty")
    if isinstance(q, Tensor):
        if q.ndim > 1:
            raise RuntimeError(f"{name}() q must be a scalar or 1D tensor")
        if q.dtype is not x.dtype:
            raise RuntimeError(f"{name}() q tensor must be same dtype as the input tensor")
    elif not 0 <= q <= 1:
        raise RuntimeError(f"{name}() q must be in the range [0, 1] but got {q:g}")
    if way not in _WAYS:
        raise RuntimeError(
            f"{name}() interpolation must be one of linear, lower, higher, midpoint or nearest, but got {way}"
        )
    share = q if isinstance(q, Tensor) else make(float(q), dtype=x.dtype, device=x.device)
    axis = 0 if dim is None else counted(dim, x.ndim)
    if isinstance(q, Tensor) and q.numel() and bool(((q < 0) | (q > 1)).any()):
        raise RuntimeError(f"{name}() q values must be in the range [0, 1]")
    rows = reshape(x, (-1,)) if dim is None or not x.ndim else x.movedim(axis, -1)
    found = call(_quantile, (rows, reshape(share, (-1,)) if share.numel() else share.reshape(0)), (way, ignore_nan))
    if keepdim:
        if dim is None:
            found = reshape(found, (*found.shape, *[1] * x.ndim))
        elif x.ndim:
            found = unsqueeze(found, axis + 1)
    return found if share.ndim else squeeze(found, 0)
