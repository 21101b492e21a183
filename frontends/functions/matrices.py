"""Matrices in the last two axes: diagonals, triangles and bands."""

from __future__ import annotations

from diptych.ir import Builder, Dim, Value, dtypes

from .constants import Number, filled, filled_like, scalar


def swapped(b: Builder, x: Value) -> Value:
    """The last two axes the other way round."""
    return b.transpose(x, permutation=(*range(x.rank - 2), x.rank - 1, x.rank - 2))


def adjoint(b: Builder, x: Value) -> Value:
    """The conjugate of `swapped`."""
    turned = swapped(b, x)
    return b.conj(turned) if x.dtype.is_complex else turned


def on_diagonal(b: Builder, shape: tuple[Dim, ...]) -> Value:
    """Whether an element of a matrix, or of each of a stack, is on the main diagonal: bool of `shape`."""
    row, column = (b.iota(shape=shape, axis=axis, dtype=dtypes.i32) for axis in (len(shape) - 2, len(shape) - 1))
    return b.eq(row, column)


def diagonal_matrix(b: Builder, diagonal: Value) -> Value:
    """[..., n, n] with [..., n] on the diagonal and 0 elsewhere."""
    shape = (*diagonal.shape, diagonal.shape[-1])
    wide = b.broadcast(diagonal, shape=shape, axes=range(diagonal.rank))
    return b.select(on_diagonal(b, shape), wide, filled(b, 0, shape, diagonal.dtype))


def diagonal_of(b: Builder, x: Value, count: Dim) -> Value:
    """The main diagonal of matrices [..., m, n]: [..., count], of which there are min(m, n)."""
    places = b.iota(shape=(count,), axis=0, dtype=dtypes.i32)
    found = b.gather(x, places, places, axes=(x.rank - 2, x.rank - 1))
    return b.transpose(found, permutation=(*range(1, found.rank), 0))


def with_diagonal(b: Builder, x: Value, diagonal: Value) -> Value:
    """x with another main diagonal."""
    rows, columns = x.shape[-2:]
    size = diagonal.shape[-1]
    wide = b.broadcast(diagonal, shape=(*diagonal.shape, columns), axes=range(diagonal.rank))
    if size != rows:
        low, high = [0] * x.rank, [*(0 for _ in range(x.rank - 2)), rows - size, 0]
        wide = b.pad(wide, scalar(b, 0, x.dtype), low=low, high=high, interior=[0] * x.rank)
    return b.select(on_diagonal(b, x.shape), wide, x)


def in_band(b: Builder, shape: tuple[Dim, ...], lower: Value, upper: Value) -> Value:
    """Whether an element lies within `lower` diagonals below the main one and `upper` above; all where negative."""
    row, column = (b.iota(shape=shape, axis=axis, dtype=lower.dtype) for axis in (len(shape) - 2, len(shape) - 1))

    def within(distance: Value, bound: Value) -> Value:
        wide = b.broadcast(bound, shape=shape, axes=())
        return b.bitwise_or(b.lt(wide, filled_like(b, 0, wide)), b.le(distance, wide))

    return b.bitwise_and(within(b.sub(row, column), lower), within(b.sub(column, row), upper))


def identity_matrix(b: Builder, batch: tuple[Dim, ...], size: Dim, like: Value, number: Number = 1) -> Value:
    """`number` times the identity, in the dtype of `like`: [*batch, size, size]."""
    shape = (*batch, size, size)
    return b.select(on_diagonal(b, shape), filled(b, number, shape, like.dtype), filled(b, 0, shape, like.dtype))


def from_lower_triangle(b: Builder, x: Value) -> Value:
    """The Hermitian matrix of which the lower triangle of x is one half: gradients flow to that half alone."""
    row, column = (b.iota(shape=x.shape, axis=axis, dtype=dtypes.i32) for axis in (x.rank - 2, x.rank - 1))
    return b.select(b.ge(row, column), x, adjoint(b, x))
