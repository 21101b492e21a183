"""Elements at places between elements: what moves, turns and bends images."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from diptych.ir import Builder, Value, dtypes

from .arithmetic import scaled, shifted
from .arrays import stack
from .constants import as_operand, filled_like, scalar, size_of

CUBIC = -0.75  # the parameter of the cubic convolution (Keys, 1981) that both frameworks sample with

# -- places along one axis, counted in elements ----


def kept_inside(b: Builder, place: Value, size: int) -> Value:
    """`place` moved into [0, size - 1], nan to 0; the gradient is 0 wherever it was not inside."""
    zero, last = filled_like(b, 0, place), filled_like(b, size - 1, place)
    inside = b.bitwise_and(b.gt(place, zero), b.lt(place, last))
    return b.select(inside, place, b.select(b.ge(place, last), last, zero))


def reflected(b: Builder, place: Value, size: int, *, at_middles: bool) -> Value:
    """`place` mirrored, as often as needed, at the outermost elements' middles or edges, then kept inside."""
    span = size - 1 if at_middles else size
    if not span:
        return filled_like(b, 0, place)
    offset = 0.0 if at_middles else 0.5
    moved = shifted(b, place, offset)
    moved = b.select(b.lt(moved, filled_like(b, 0, moved)), b.neg(moved), moved)
    turns = b.floor(scaled(b, b.stop_gradient(moved), 1 / (2 * span)))
    moved = b.sub(moved, scaled(b, turns, 2 * span))
    back = b.sub(filled_like(b, 2 * span, moved), moved)
    moved = b.select(b.gt(moved, back), back, moved)
    return kept_inside(b, shifted(b, moved, -offset), size)


def linear_taps(b: Builder, place: Value) -> tuple[Value, Value]:
    """(neighbours, weights), both with a new first axis of 2: the elements below and above a place."""
    low = b.floor(place)
    share = b.sub(place, low)
    weights = stack(b, [b.sub(filled_like(b, 1, share), share), share])
    return stack(b, [low, shifted(b, low, 1)]), weights


def cubic_taps(b: Builder, place: Value, a: float = CUBIC) -> tuple[Value, Value]:
    """(neighbours, weights), both with a new first axis of 4: the cubic convolution of parameter a."""
    low = b.floor(place)
    share = b.sub(place, low)
    rest = b.sub(filled_like(b, 1, share), share)

    def near(x: Value) -> Value:
        return shifted(b, b.mul(b.mul(shifted(b, scaled(b, x, a + 2), -(a + 3)), x), x), 1)

    def far(x: Value) -> Value:
        return shifted(b, b.mul(shifted(b, b.mul(shifted(b, scaled(b, x, a), -5 * a), x), 8 * a), x), -4 * a)

    weights = [far(shifted(b, share, 1)), near(share), near(rest), far(shifted(b, rest, 1))]
    return stack(b, [shifted(b, low, step) for step in (-1, 0, 1, 2)]), stack(b, weights)


def nearest_tap(b: Builder, place: Value) -> tuple[Value, None]:
    """(the nearest element, no weights), with a new first axis of 1; halves go to even ones."""
    return stack(b, [b.round_even(place)]), None


# -- reading ----


def read_taps(b: Builder, x: Value, neighbours: Sequence[Value], weights: Sequence[Value | None]) -> Value:
    """The weighted sum over all combinations of taps along x's axes, [batch, channels, ...] to [batch, channels,
    *places]: `neighbours` and `weights` are [taps, batch, *places], one an axis. What lies outside counts as 0."""
    rank = len(neighbours)
    sizes = [int(size) for size in x.shape[2:]]
    rest = neighbours[0].shape[1:]
    shape = (*(each.shape[0] for each in neighbours), *rest)
    behind = tuple(range(rank, rank + len(rest)))

    def spread(value: Value, axis: int) -> Value:
        return b.broadcast(value, shape=shape, axes=(axis, *behind))

    flat: Value | None = None
    inside: Value | None = None
    weight: Value | None = None
    for axis, (places, size, factor) in enumerate(zip(neighbours, sizes, weights, strict=True)):
        places = b.stop_gradient(places)
        within = b.bitwise_and(b.ge(places, filled_like(b, 0, places)), b.le(places, filled_like(b, size - 1, places)))
        counted = b.cast(b.select(within, places, filled_like(b, 0, places)), dtype=dtypes.i64)
        counted, within = spread(counted, axis), spread(within, axis)
        flat = counted if flat is None else b.add(scaled(b, flat, size), counted)
        inside = within if inside is None else b.bitwise_and(inside, within)
        if factor is not None:
            factor = spread(factor, axis)
            weight = factor if weight is None else b.mul(weight, factor)
    # Rows of channels, which lie side by side: one index finds a row. The last is of zeros, for what lies outside.
    count = prod(sizes)
    rows = b.reshape(b.transpose(x, permutation=(0, *range(2, x.rank), 1)), shape=(x.shape[0] * count, x.shape[1]))
    rows = b.pad(rows, scalar(b, 0, x.dtype), low=(0, 0), high=(1, 0), interior=(0, 0))
    batch = b.iota(shape=shape, axis=rank, dtype=dtypes.i64)
    nowhere = as_operand(b, size_of(b, x.shape[0] * count, dtypes.i64), flat)
    places = b.select(inside, b.add(scaled(b, batch, count), flat), nowhere)
    found = b.gather(rows, places, axes=(0,))  # [taps, ..., batch, *places, channels]
    axes = tuple(range(len(shape)))
    if weight is not None:
        found = b.mul(found, b.broadcast(weight, shape=found.shape, axes=axes))
    total = b.reduce_sum(found, axes=tuple(range(rank)))
    return b.transpose(total, permutation=(0, total.rank - 1, *range(1, total.rank - 1)))
