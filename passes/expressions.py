"""Small expressions over a Builder that rules and gradients share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from diptych.ir import Builder, Constant, DType, TensorType, Unsupported, Value, dtypes
from diptych.ir.dimensions import Dim, Shape


def scalar(b: Builder, dtype: DType, number: complex) -> Value:
    """`number` as a scalar constant."""
    return b.constant(value=Constant(np.asarray(number).astype(dtype.numpy)))


def full(b: Builder, type: TensorType, number: complex) -> Value:
    """A tensor of `type` with `number` everywhere."""
    value = scalar(b, type.dtype, number)
    return b.broadcast(value, shape=type.shape, axes=()) if type.shape else value


def zeros(b: Builder, type: TensorType) -> Value:
    return full(b, type, 0)


def ones(b: Builder, type: TensorType) -> Value:
    return full(b, type, 1)


def scale(b: Builder, x: Value, number: complex) -> Value:
    """x * number."""
    return b.mul(x, full(b, x.type, number))


def plus(b: Builder, x: Value, number: complex) -> Value:
    """x + number."""
    return b.add(x, full(b, x.type, number))


def square(b: Builder, x: Value) -> Value:
    return b.mul(x, x)


def reciprocal(b: Builder, x: Value) -> Value:
    return b.div(ones(b, x.type), x)


def conj(b: Builder, x: Value) -> Value:
    """The conjugate of a complex x; a real x itself."""
    return b.conj(x) if x.dtype.is_complex else x


def as_dtype(b: Builder, x: Value, dtype: DType) -> Value:
    """x in `dtype`; x itself where it has it."""
    return x if x.dtype is dtype else b.cast(x, dtype=dtype)


def as_shape(b: Builder, x: Value, shape: Shape) -> Value:
    """x reshaped; x itself where it has that shape."""
    return x if x.shape == shape else b.reshape(x, shape=shape)


def as_order(b: Builder, x: Value, permutation: Sequence[int]) -> Value:
    """x transposed; x itself where nothing moves."""
    return x if list(permutation) == list(range(x.rank)) else b.transpose(x, permutation=tuple(permutation))


def expand(b: Builder, reduced: Value, like: TensorType, axes: Sequence[int]) -> Value:
    """A reduction over `axes` of a tensor of type `like`, repeated along them again; the dtype stays."""
    kept = tuple(axis for axis in range(like.rank) if axis not in axes)
    return b.broadcast(reduced, shape=like.shape, axes=kept)


def inverse(permutation: Sequence[int]) -> tuple[int, ...]:
    """The permutation that undoes `permutation`."""
    result = [0] * len(permutation)
    for place, axis in enumerate(permutation):
        result[axis] = place
    return tuple(result)


def count(b: Builder, size: Dim, dtype: DType) -> Value:
    """A number of elements as a scalar, also where it depends on named dimensions."""
    if isinstance(size, int):
        return scalar(b, dtype, size)
    return as_dtype(b, b.dimension(size=size, dtype=dtypes.i64), dtype)


def numbers(sizes: Sequence[Dim], op: str, what: str) -> list[int]:
    """`sizes` as numbers. Raises Unsupported where one has a name."""
    found = [size for size in sizes if isinstance(size, int)]
    if len(found) != len(sizes):
        raise Unsupported(f"{op}: the gradient needs numeric {what}", hint="specialise the program to its sizes first")
    return found


def swap_last(b: Builder, x: Value) -> Value:
    """x with its last two axes exchanged."""
    order = list(range(x.rank))
    order[-1], order[-2] = order[-2], order[-1]
    return b.transpose(x, permutation=order)


def adjoint(b: Builder, x: Value) -> Value:
    """Conjugate transpose of the last two axes."""
    return conj(b, swap_last(b, x))


def stacked_matmul(b: Builder, lhs: Value, rhs: Value) -> Value:
    """lhs [..., m, k] @ rhs [..., k, n] with equal leading axes."""
    rank = lhs.rank
    batch = tuple(range(rank - 2))
    return b.matmul(lhs, rhs, lhs_contract=(rank - 1,), rhs_contract=(rank - 2,), lhs_batch=batch, rhs_batch=batch)


def triangle(b: Builder, x: Value, *, lower: bool, diagonal: float = 1.0) -> Value:
    """The lower or upper triangle of x [..., m, n], zeros elsewhere, its diagonal scaled by `diagonal`."""
    shape = x.shape
    rows = b.iota(shape=shape, axis=x.rank - 2, dtype=dtypes.i32)
    columns = b.iota(shape=shape, axis=x.rank - 1, dtype=dtypes.i32)
    inside = b.gt(rows, columns) if lower else b.lt(rows, columns)
    zero = zeros(b, x.type)
    kept = b.select(inside, x, zero)
    if diagonal == 0:
        return kept
    return b.select(b.eq(rows, columns), scale(b, x, diagonal) if diagonal != 1 else x, kept)


def diagonal_of(b: Builder, x: Value, other: float = 0.0) -> Value:
    """x [..., k] as the diagonal of [..., k, k], `other` elsewhere."""
    shape = (*x.shape, x.shape[-1])
    rows = b.iota(shape=shape, axis=x.rank - 1, dtype=dtypes.i32)
    columns = b.iota(shape=shape, axis=x.rank, dtype=dtypes.i32)
    spread = b.broadcast(x, shape=shape, axes=tuple(range(x.rank)))
    return b.select(b.eq(rows, columns), spread, full(b, spread.type, other))


FEW = 16  # times


def repeated(b: Builder, x: Value, times: int, axis: int) -> Value:
    """Each element of x `times` times along `axis`.

    A few copies stand side by side, since a broadcast to an axis of two or three elements is slow to copy, and so is
    the sum over one that is its gradient.
    """
    beside = b.reshape(x, shape=(*x.shape[: axis + 1], 1, *x.shape[axis + 1 :]))
    if times <= FEW:
        wide = b.concatenate(*(beside for _ in range(times)), axis=axis + 1)
    else:
        kept = tuple(other for other in range(x.rank + 1) if other != axis + 1)
        wide = b.broadcast(x, shape=(*x.shape[: axis + 1], times, *x.shape[axis + 1 :]), axes=kept)
    return b.reshape(wide, shape=(*x.shape[:axis], x.shape[axis] * times, *x.shape[axis + 1 :]))
