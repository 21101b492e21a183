"""Making and rearranging arrays: one-hot codes, stacking, splitting, axes of size 1."""

from __future__ import annotations

from collections.abc import Sequence

from diptych.ir import Builder, Dim, Shape, TypeRuleError, Value, product
from diptych.ir.dimensions import exact_quotient

from .broadcasting import broadcast_together
from .reductions import normalized_axis


def one_hot(b: Builder, indices: Value, depth: Dim, on: Value, off: Value, axis: int = -1) -> Value:
    """`on` where a new axis of size `depth` meets the index, `off` elsewhere: an index out of range gives all `off`."""
    place = normalized_axis(axis, indices.rank + 1)
    shape = (*indices.shape[:place], depth, *indices.shape[place:])
    counts = b.iota(shape=shape, axis=place, dtype=indices.dtype)
    others = tuple(other for other in range(len(shape)) if other != place)
    hit = b.eq(counts, b.broadcast(indices, shape=shape, axes=others))
    return b.select(hit, b.broadcast(on, shape=shape, axes=()), b.broadcast(off, shape=shape, axes=()))


def expand(b: Builder, x: Value, axis: int) -> Value:
    """x with a new axis of size 1, counted in the result."""
    place = normalized_axis(axis, x.rank + 1)
    return b.reshape(x, shape=(*x.shape[:place], 1, *x.shape[place:]))


def squeeze(b: Builder, x: Value, axes: Sequence[int] | None = None) -> Value:
    """x without its axes of size 1, or without those in `axes`. Raises TypeRuleError where one is longer."""
    if axes is None:
        return b.reshape(x, shape=[size for size in x.shape if size != 1])
    dropped = {normalized_axis(axis, x.rank) for axis in axes}
    for axis in dropped:
        if x.shape[axis] != 1:
            raise TypeRuleError(f"squeeze: x is {x.type} but must be 1 long in axis {axis}").located(b.location)
    return b.reshape(x, shape=[size for axis, size in enumerate(x.shape) if axis not in dropped])


def stack(b: Builder, values: Sequence[Value], axis: int = 0) -> Value:
    """Values of one shape side by side along a new axis."""
    place = normalized_axis(axis, values[0].rank + 1)
    return b.concatenate(*(expand(b, value, place) for value in values), axis=place)


def split(b: Builder, x: Value, sizes: Sequence[Dim], axis: int) -> tuple[Value, ...]:
    """Pieces of `sizes` along `axis`."""
    place = normalized_axis(axis, x.rank)
    pieces: list[Value] = []
    start: Dim = 0
    for size in sizes:
        low: list[Dim] = [0] * x.rank
        high = list(x.shape)
        low[place], high[place] = start, start + size
        pieces.append(b.slice(x, start=low, limit=high, stride=(1,) * x.rank))
        start = start + size
    if start != x.shape[place]:
        message = f"split: sizes sum to {start} but must sum to {x.shape[place]}, x's size along axis {place}"
        raise TypeRuleError(message).located(b.location)
    return tuple(pieces)


def unstack(b: Builder, x: Value, axis: int = 0) -> tuple[Value, ...]:
    """The slices along `axis`, whose size must be a number, without it."""
    place = normalized_axis(axis, x.rank)
    return tuple(squeeze(b, piece, (place,)) for piece in split(b, x, (1,) * int(x.shape[place]), place))


def tile(b: Builder, x: Value, repeats: Sequence[Dim]) -> Value:
    """x repeated as a whole, repeats[i] times along axis i."""
    shape: list[Dim] = []
    axes: list[int] = []
    for size, times in zip(x.shape, repeats, strict=True):
        if times != 1:
            shape.append(times)
        axes.append(len(shape))
        shape.append(size)
    if len(shape) == x.rank:
        return x
    wide = b.broadcast(x, shape=shape, axes=axes)
    return b.reshape(wide, shape=[size * times for size, times in zip(x.shape, repeats, strict=True)])


def resolved_shape(x: Value, shape: Sequence[Dim]) -> Shape:
    """`shape` with its one -1 replaced by what x's elements leave. Raises TypeRuleError where that is no number."""
    unknown = [axis for axis, size in enumerate(shape) if size == -1]
    if not unknown:
        return tuple(shape)
    text = ", ".join(map(str, shape))
    if len(unknown) > 1:
        raise TypeRuleError(f"reshape: shape is [{text}] but must have at most one -1")
    known = product(size for size in shape if size != -1)
    quotient = exact_quotient(product(x.shape), known)
    if quotient is None:
        count = product(x.shape)
        raise TypeRuleError(f"reshape: shape is [{text}] but must be one into which the {count} elements of x fit")
    return tuple(quotient if size == -1 else size for size in shape)


def reshape(b: Builder, x: Value, shape: Sequence[Dim]) -> Value:
    """x's elements in another shape, one size of which may be -1: what the others leave."""
    try:
        resolved = resolved_shape(x, shape)
    except TypeRuleError as error:
        raise error.located(b.location) from None
    return b.reshape(x, shape=resolved)


def concatenate(b: Builder, values: Sequence[Value], axis: int) -> Value:
    """Values one after another along `axis`."""
    place = normalized_axis(axis, values[0].rank)
    return values[0] if len(values) == 1 else b.concatenate(*values, axis=place)


def total(b: Builder, values: Sequence[Value]) -> Value:
    """The sum of several values of one shape, added in order."""
    result = values[0]
    for value in values[1:]:
        result = b.add(*broadcast_together(b, result, value))
    return result
