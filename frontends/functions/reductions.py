"""Reductions over axes as front ends write them: negative axes, None for all, axes kept with size 1."""

from __future__ import annotations

from collections.abc import Sequence

from diptych.ir import Builder, DType, Op, TypeRuleError, Value, dtypes, ops, product

from .arithmetic import square
from .constants import as_operand, filled_like, scalar, size_of

AxesLike = int | Sequence[int] | None


def normalized_axes(axes: AxesLike, rank: int, *, name: str = "axis") -> tuple[int, ...]:
    """`axes` counted from 0, ascending; None means all. Raises TypeRuleError for one out of range or twice."""
    if axes is None:
        return tuple(range(rank))
    given = (axes,) if isinstance(axes, int) else tuple(axes)
    for axis in given:
        if not -rank <= axis < rank:
            bounds = f"from {-rank} to {rank - 1}" if rank else "absent, x is a scalar"
            raise TypeRuleError(f"reduction: {name} is {axis} but must be {bounds}")
    counted = sorted(axis % rank for axis in given)
    if len(set(counted)) != len(counted):
        raise TypeRuleError(f"reduction: {name} is {list(given)} but must be without repeats")
    return tuple(counted)


def normalized_axis(axis: int, rank: int, *, name: str = "axis") -> int:
    """One axis counted from 0. Raises TypeRuleError where it is out of range."""
    return normalized_axes(axis, rank, name=name)[0]


def keep_axes(b: Builder, reduced: Value, x: Value, axes: Sequence[int]) -> Value:
    """`reduced`, made from x over `axes`, with those axes back at size 1."""
    return b.reshape(reduced, shape=[1 if axis in axes else size for axis, size in enumerate(x.shape)])


def spread(b: Builder, reduced: Value, x: Value, axes: Sequence[int]) -> Value:
    """`reduced`, made from x over `axes`, repeated along those axes to x's shape."""
    return b.broadcast(reduced, shape=x.shape, axes=[axis for axis in range(x.rank) if axis not in axes])


def reduction(b: Builder, op: Op, x: Value, axes: AxesLike = None, *, keepdims: bool = False) -> Value:
    """`op`, one of the reduce ops, over `axes`; x itself over none."""
    counted = normalized_axes(axes, x.rank)
    if not counted:
        return x
    result = b.emit(op, (x,), {"axes": counted})[0]
    return keep_axes(b, result, x, counted) if keepdims else result


def sum(b: Builder, x: Value, axes: AxesLike = None, *, keepdims: bool = False) -> Value:
    """Sum over `axes`."""
    return reduction(b, ops.reduce_sum, x, axes, keepdims=keepdims)


def prod(b: Builder, x: Value, axes: AxesLike = None, *, keepdims: bool = False) -> Value:
    """Product over `axes`."""
    return reduction(b, ops.reduce_prod, x, axes, keepdims=keepdims)


def max(b: Builder, x: Value, axes: AxesLike = None, *, keepdims: bool = False) -> Value:
    """Largest element over `axes`."""
    return reduction(b, ops.reduce_max, x, axes, keepdims=keepdims)


def min(b: Builder, x: Value, axes: AxesLike = None, *, keepdims: bool = False) -> Value:
    """Smallest element over `axes`."""
    return reduction(b, ops.reduce_min, x, axes, keepdims=keepdims)


def all(b: Builder, x: Value, axes: AxesLike = None, *, keepdims: bool = False) -> Value:
    """Whether all of a bool x hold over `axes`."""
    return reduction(b, ops.reduce_and, x, axes, keepdims=keepdims)


def any(b: Builder, x: Value, axes: AxesLike = None, *, keepdims: bool = False) -> Value:
    """Whether any of a bool x holds over `axes`."""
    return reduction(b, ops.reduce_or, x, axes, keepdims=keepdims)


def count(b: Builder, x: Value, axes: Sequence[int], dtype: DType) -> Value:
    """How many elements of x one result over `axes` stands for, as a scalar of `dtype`."""
    return size_of(b, product(x.shape[axis] for axis in axes), dtype)


_SUMMED_IN = {  # by mean, where the dtype itself is too narrow for the sum
    **dict.fromkeys((dtypes.f16, dtypes.bf16), dtypes.f32),
    **dict.fromkeys((dtypes.i8, dtypes.i16, dtypes.i32), dtypes.i64),
    **dict.fromkeys((dtypes.u8, dtypes.u16, dtypes.u32), dtypes.u64),
}


def mean(b: Builder, x: Value, axes: AxesLike = None, *, keepdims: bool = False) -> Value:
    """Mean over `axes`; nan of no elements. Integers: the sum, in 64 bits, divided towards 0. f16 and bf16 divide in
    f32."""
    counted = normalized_axes(axes, x.rank)
    if not counted:
        return x
    wider = _SUMMED_IN.get(x.dtype)
    if wider is not None:
        return b.cast(mean(b, b.cast(x, dtype=wider), counted, keepdims=keepdims), dtype=x.dtype)
    total = b.reduce_sum(x, axes=counted)
    number = as_operand(b, count(b, x, counted, x.dtype), total)
    result = _truncated_quotient(b, total, number) if x.dtype.is_integer else b.div(total, number)
    return keep_axes(b, result, x, counted) if keepdims else result


def _truncated_quotient(b: Builder, total: Value, number: Value) -> Value:
    return b.floor_div(b.sub(total, b.rem(total, number)), number)


def variance(b: Builder, x: Value, axes: AxesLike = None, *, correction: int = 0, keepdims: bool = False) -> Value:
    """Mean squared distance from the mean over `axes`, with n - correction for the number of elements n."""
    counted = normalized_axes(axes, x.rank)
    centred = b.sub(x, spread(b, mean(b, x, counted), x, counted)) if counted else b.sub(x, x)
    squares = square(b, centred)
    total = b.reduce_sum(squares, axes=counted) if counted else squares
    number = size_of(b, product(x.shape[axis] for axis in counted) - correction, x.dtype)
    if correction:
        number = b.max(number, scalar(b, 0, x.dtype))
    result = b.div(total, as_operand(b, number, total))
    return keep_axes(b, result, x, counted) if keepdims else result


def standard_deviation(
    b: Builder, x: Value, axes: AxesLike = None, *, correction: int = 0, keepdims: bool = False
) -> Value:
    """Square root of `variance`."""
    return b.sqrt(variance(b, x, axes, correction=correction, keepdims=keepdims))


def finite_maximum(b: Builder, x: Value, axes: Sequence[int]) -> Value:
    """The largest element over `axes`, 0 where that is not finite, without a gradient: what to subtract before exp."""
    largest = b.stop_gradient(b.reduce_max(x, axes=axes))
    return b.select(b.is_finite(largest), largest, filled_like(b, 0, largest))


def logsumexp(b: Builder, x: Value, axes: AxesLike = None, *, keepdims: bool = False) -> Value:
    """log(sum(exp(x))) over `axes`, without overflow; -inf of no elements."""
    counted = normalized_axes(axes, x.rank)
    if not counted:
        return x
    peak = finite_maximum(b, x, counted)
    total = b.reduce_sum(b.exp(b.sub(x, spread(b, peak, x, counted))), axes=counted)
    result = b.add(b.log(total), peak)
    return keep_axes(b, result, x, counted) if keepdims else result


def arg(b: Builder, op: Op, x: Value, axis: int | None, dtype: DType, *, keepdims: bool = False) -> Value:
    """Index that `op`, argmax or argmin, finds along `axis`, or in x made flat where that is None."""
    if axis is None:
        flat = b.reshape(x, shape=(product(x.shape),))
        result = b.emit(op, (flat,), {"axis": 0, "dtype": dtype})[0]
        return b.reshape(result, shape=(1,) * x.rank) if keepdims else result
    counted = normalized_axis(axis, x.rank)
    result = b.emit(op, (x,), {"axis": counted, "dtype": dtype})[0]
    return keep_axes(b, result, x, (counted,)) if keepdims else result


def extreme(b: Builder, op: Op, x: Value, axis: int) -> tuple[Value, Value]:
    """The elements that `op`, argmax or argmin, finds along `axis`, and their indices, i64, by which they are picked:
    so gradients go to one element."""
    places = b.emit(op, (x,), {"axis": axis, "dtype": dtypes.i64})[0]
    index = [
        places if other == axis else b.iota(shape=places.shape, axis=other - (other > axis), dtype=dtypes.i64)
        for other in range(x.rank)
    ]
    return b.gather(x, *index, axes=tuple(range(x.rank))), places


def argmax(b: Builder, x: Value, axis: int | None, dtype: DType, *, keepdims: bool = False) -> Value:
    """Index of the first largest element along `axis`."""
    return arg(b, ops.argmax, x, axis, dtype, keepdims=keepdims)


def argmin(b: Builder, x: Value, axis: int | None, dtype: DType, *, keepdims: bool = False) -> Value:
    """Index of the first smallest element along `axis`."""
    return arg(b, ops.argmin, x, axis, dtype, keepdims=keepdims)


def norm(b: Builder, x: Value, axes: AxesLike = None, *, keepdims: bool = False) -> Value:
    """Square root of the sum of squares over `axes`."""
    return b.sqrt(sum(b, square(b, x), axes, keepdims=keepdims))
