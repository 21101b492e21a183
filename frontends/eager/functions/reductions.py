"""Sums, products, means and spreads over dimensions, truth of all or any."""

from __future__ import annotations

import math

from diptych.functions import reductions
from diptych.functions.arithmetic import scaled
from diptych.functions.constants import filled_like
from diptych.ir import Builder, DType, Value, dtypes

from .. import dtypes as dtype_module
from ..calling import autocasting
from ..calling.autocasting import full_precision, full_precision_on_cuda
from ..dtypes import default_type, dtype, of_ir
from ..promotion import promoted_floats, summable
from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .axes import Dims, reduced, reduced_one
from .operands import not_implemented, tensor
from .ordering import magnitude
from .pointwise import cast

Axes = tuple[int, ...]  # counted from 0, ascending

# -- operations: what is written as equations ----


@operation
def _sum(b: Builder, x: Value, axes: Axes, keepdim: bool) -> Value:
    return reductions.sum(b, summable(b, x), axes, keepdims=keepdim)


@operation
def _prod(b: Builder, x: Value, axes: Axes, keepdim: bool) -> Value:
    return reductions.prod(b, summable(b, x), axes, keepdims=keepdim)


@operation
def _cumsum(b: Builder, x: Value, axes: Axes) -> Value:
    x = summable(b, x)
    return b.cumulative_sum(x, axis=axes[0]) if axes else b.identity(x)


@operation
def _mean(b: Builder, x: Value, axes: Axes, keepdim: bool) -> Value:
    return reductions.mean(b, x, axes, keepdims=keepdim)


@operation
def _var(b: Builder, x: Value, axes: Axes, correction: float, keepdim: bool) -> Value:
    return _variance(b, x, axes, correction, keepdim)


@operation
def _std(b: Builder, x: Value, axes: Axes, correction: float, keepdim: bool) -> Value:
    return _root(b, _variance(b, x, axes, correction, keepdim))


def _variance(b: Builder, x: Value, axes: Axes, correction: float, keepdim: bool) -> Value:
    if not x.dtype.is_differentiable:
        raise RuntimeError("std and var only support floating point and complex dtypes")
    if x.dtype.is_complex:
        return b.add(*(_variance(b, part, axes, correction, keepdim) for part in (b.real(x), b.imag(x))))
    if correction == int(correction):
        return reductions.variance(b, x, axes, correction=int(correction), keepdims=keepdim)
    count = math.prod(x.type.static_shape()[axis] for axis in axes)
    ratio = count / (count - correction) if count > correction else math.inf
    return scaled(b, reductions.variance(b, x, axes, keepdims=keepdim), ratio)


def _root(b: Builder, x: Value) -> Value:
    """The square root, with gradient 0 rather than infinity at 0, as PyTorch has it for norms and deviations."""
    zero = filled_like(b, 0, x)
    is_zero = b.eq(x, zero)
    return b.select(is_zero, zero, b.sqrt(b.select(is_zero, filled_like(b, 1, x), x)))


@operation
def _norm(b: Builder, x: Value, p: float, axes: Axes, keepdim: bool) -> Value:
    if not x.dtype.is_differentiable:
        kind = of_ir(x.dtype).scalar
        raise RuntimeError(f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {kind}")
    if p == 2 and not x.dtype.is_complex:
        return _root(b, reductions.sum(b, b.mul(x, x), axes, keepdims=keepdim))
    size = magnitude(b, x)
    if p == 2:
        return _root(b, reductions.sum(b, b.mul(size, size), axes, keepdims=keepdim))
    if p == 1:
        return reductions.sum(b, size, axes, keepdims=keepdim)
    if math.isinf(p):
        return extreme_size(b, size, axes, largest=p > 0, keepdims=keepdim)
    if p == 0:
        nonzero = b.cast(b.ne(size, filled_like(b, 0, size)), dtype=size.dtype)
        return reductions.sum(b, nonzero, axes, keepdims=keepdim)
    if p < 0:
        zero = b.eq(size, filled_like(b, 0, size))
        safe = b.select(zero, filled_like(b, 1, size), size)
        powers = b.select(zero, filled_like(b, math.inf, size), b.pow(safe, filled_like(b, p, size)))
        total = reductions.sum(b, powers, axes, keepdims=keepdim)
        endless = b.eq(total, filled_like(b, math.inf, total))
        plain = b.select(endless, filled_like(b, 1, total), total)
        return b.select(endless, filled_like(b, 0, total), b.pow(plain, filled_like(b, 1 / p, total)))
    total = reductions.sum(b, _power(b, size, p), axes, keepdims=keepdim)
    return _power(b, total, 1 / p)


def extreme_size(
    b: Builder, size: Value, axes: Axes, *, largest: bool = True, keepdims: bool = False, share: bool = True
) -> Value:
    """The largest or smallest size over `axes`. Its gradient goes to all that equal it, a part to each, or the whole
    unless `share`; nan equals none."""
    if not axes:
        return size
    found = b.stop_gradient((reductions.max if largest else reductions.min)(b, size, axes))
    equal = b.eq(size, reductions.spread(b, found, size, axes))
    shares = b.stop_gradient(b.cast(equal, dtype=size.dtype))
    total = reductions.sum(b, b.mul(size, shares), axes)
    if share:
        count = reductions.sum(b, shares, axes)
        total = b.div(total, b.max(count, filled_like(b, 1, count)))
    found = b.graft(found, total)
    return reductions.keep_axes(b, found, size, axes) if keepdims else found


def _power(b: Builder, x: Value, exponent: float) -> Value:
    """x ** exponent of what is not negative, with gradient 0 at 0."""
    zero = filled_like(b, 0, x)
    is_zero = b.eq(x, zero)
    return b.select(is_zero, zero, b.pow(b.select(is_zero, filled_like(b, 1, x), x), filled_like(b, exponent, x)))


def _truth(name: str) -> Operation:
    def write(b: Builder, x: Value, axes: Axes, keepdim: bool) -> Value:
        """Bools, but uint8 of uint8."""
        flags = x if x.dtype.is_bool else b.cast(x, dtype=dtypes.bool_)
        found = getattr(reductions, name)(b, flags, axes, keepdims=keepdim)
        return b.cast(found, dtype=dtypes.u8) if x.dtype is dtypes.u8 else found

    write.__name__ = name
    return operation(write)


_all, _any = _truth("all"), _truth("any")


@operation
def _logsumexp(b: Builder, x: Value, axes: Axes, keepdim: bool, default: DType) -> Value:
    (x,) = promoted_floats(b, x, default=default)
    if x.dtype.is_complex:
        raise not_implemented("logsumexp", x)
    return reductions.logsumexp(b, x, axes, keepdims=keepdim)


# -- functions: what users call ----


def _input(name: str, input: Tensor, dtype: dtype | None) -> Tensor:
    """The input, in `dtype` where one is chosen."""
    target = dtype_module.chosen(name, dtype)
    x = tensor(name, "input", 1, input)
    return x if target is None else cast(x, target)


def narrowed(found: Tensor, x: Tensor, dtype: dtype | None) -> Tensor:
    """What was found of x, in `dtype` where one is chosen, which is x's own: sums in int64 wrap around."""
    return found if dtype is None or found.dtype is x.dtype else cast(found, x.dtype)


def sum(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """Sum over `dim`, or all; integers and bools as int64."""
    x = _input("sum", input, dtype)
    if autocasting.on_cuda:
        x = autocasting.full_on_cuda(x)
    return narrowed(call(_sum, (x,), (reduced("sum", dim, x.ndim), keepdim)), x, dtype)


@full_precision
def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """Product along `dim`, or of all; integers and bools as int64."""
    x = _input("prod", input, dtype)
    axes = tuple(range(x.ndim)) if dim is None else reduced_one("prod", dim, x.ndim)
    return narrowed(call(_prod, (x,), (axes, keepdim)), x, dtype)


@full_precision_on_cuda
def cumsum(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """Running sum along `dim`; integers and bools as int64."""
    x = _input("cumsum", input, dtype)
    refuse_bools("cumsum", x, dtype)
    return narrowed(call(_cumsum, (x,), (reduced_one("cumsum", dim, x.ndim),)), x, dtype)


def refuse_bools(name: str, x: Tensor, dtype: dtype | None) -> None:
    """Raises NotImplementedError for running sums and products that are to be bools."""
    if dtype is not None and x.dtype.ir.is_bool:
        raise NotImplementedError(f"\"{name}_out_cpu\" not implemented for 'Bool'")


def mean(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """Mean over `dim`, or all. Raises RuntimeError for integers, unless `dtype` is a float or complex one."""
    x = _input("mean", input, dtype)
    if not x.dtype.ir.is_differentiable:
        which = "Input" if dtype is None else "Optional"
        raise RuntimeError(
            f"mean(): could not infer output dtype. {which} dtype must be either a floating point or complex dtype. "
            f"Got: {x.dtype.scalar}"
        )
    return call(_mean, (x,), (reduced("mean", dim, x.ndim), keepdim))


def var(
    input: Tensor, dim: Dims = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> Tensor:
    """Variance over `dim`, or all, dividing by n - correction: 1, or 0 unless `unbiased`, which may also stand in the
    place of `dim`. Raises RuntimeError for integers."""
    return _spread("var", _var, input, dim, unbiased, keepdim, correction)


def std(
    input: Tensor, dim: Dims = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> Tensor:
    """Square root of the variance."""
    return _spread("std", _std, input, dim, unbiased, keepdim, correction)


def _spread(
    name: str, operation: Operation, input: Tensor, dim: Dims, unbiased: bool, keepdim: bool, correction: float | None
) -> Tensor:
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    chosen = int(unbiased) if correction is None else correction
    x = tensor(name, "input", 1, input)
    return call(operation, (x,), (reduced(name, dim, x.ndim), chosen, keepdim))


@operation
def _rooted(b: Builder, x: Value) -> Value:
    return _root(b, x)


def rooted(input: Tensor) -> Tensor:
    """The square root, with gradient 0 at 0."""
    return call(_rooted, (input,))


@full_precision_on_cuda
def norm(
    input: Tensor, p: float | str | None = "fro", dim: Dims = None, keepdim: bool = False, *, dtype: dtype | None = None
) -> Tensor:
    """The p-norm over `dim`, or all, sum(|input|**p)**(1/p); "fro" is 2, inf the largest size, 0 counts what is not
    zero. Raises RuntimeError for integers, Unsupported for other words."""
    if p in ("fro", None):
        p = 2
    if p == "nuc":
        from .matrix_norms import matrix_norm

        return matrix_norm(input, "nuc", (-2, -1) if dim is None else dim, keepdim, dtype=dtype)
    if isinstance(p, str):
        raise RuntimeError(f"linalg.norm: Order {p} not supported for vectors")
    if dtype is not None and not tensor("norm", "input", 1, input).dtype.ir.is_differentiable:
        dtype = None  # which makes no norm of integers
    x = _input("norm", input, dtype)
    return call(_norm, (x,), (float(p), reduced("norm", dim, x.ndim), keepdim))


def all(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Whether all elements over `dim` are not zero."""
    x = tensor("all", "input", 1, input)
    return call(_all, (x,), (reduced("all", dim, x.ndim), keepdim))


def any(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Whether any element over `dim` is not zero."""
    x = tensor("any", "input", 1, input)
    return call(_any, (x,), (reduced("any", dim, x.ndim), keepdim))


@full_precision_on_cuda
def logsumexp(input: Tensor, dim: Dims, keepdim: bool = False) -> Tensor:
    """log(sum(exp(input))) over `dim`, without overflow; floats of integers."""
    x = tensor("logsumexp", "input", 1, input)
    return call(_logsumexp, (x,), (reduced("logsumexp", dim, x.ndim), keepdim, default_type()))
