"""Axes that are products of sizes with names, each filled up: how their rows lie, and which of them are real.

Four sentences of up to seven words as one axis of 4 * n words: the real ones are the first n of every seven, not the
first 4 * n. So an axis is known by its factors, the outermost first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from diptych.ir import Builder, Dim, Dimension, Shape, Value, dtypes, evaluate, named
from diptych.ir.dimensions import product

from ..expressions import full, scalar

Axis = tuple[int | str, ...]  # sizes and names; (4, "n") of four times n


def factors_of(dim: Dim) -> tuple[int, Counter[str]] | None:
    """The number and the names whose product a dimension is; None of sums and quotients."""
    if isinstance(dim, int):
        return dim, Counter()
    if len(dim.terms) != 1:
        return None
    (monomial, number), *_ = dim.terms
    names: Counter[str] = Counter()
    for atom, power in monomial:
        if not isinstance(atom, str):
            return None
        names[atom] += power
    return number, names


def is_never_negative(dim: Dim) -> bool:
    """Whether a dimension is seen to be 0 or more, of names that are 1 or more."""
    if isinstance(dim, int):
        return dim >= 0
    return evaluate(dim, dict.fromkeys(dim.names(), 1)) >= 0 and all(count > 0 for names, count in dim.terms if names)


def axis_of(dim: Dim) -> Axis | None:
    """The axis that has its rows behind one another: of a number, of a name, or of so many rows for each of a name.
    None of what is several names, where more than one order has so many rows."""
    found = factors_of(dim)
    if found is None or found[1].total() > 1:
        return None
    return _plain((*found[1], found[0]))


def any_axis_of(dim: Dim) -> Axis:
    """An axis with so many rows, in whatever order."""
    found = factors_of(dim)
    assert found is not None
    return _plain((*sorted(found[1].elements()), found[0]))


def is_leading(axis: Axis) -> bool:
    """Whether the rows that are none are the last ones."""
    return not any(isinstance(factor, str) for factor in axis[1:])


def regrouped(axes: Sequence[Axis], shape: Shape) -> list[Axis] | None:
    """The axes of a shape that these, in order, are reshaped to. None where one is no product of what comes next."""
    if any(0 in axis for axis in axes):
        return None
    pending = [factor for axis in reversed(axes) for factor in reversed(axis)]
    found: list[Axis] = []
    for dim in shape:
        wanted = factors_of(dim)
        if wanted is None:
            return None
        number, names = wanted[0], Counter(wanted[1])
        taken: list[int | str] = []
        while number != 1 or names.total():
            factor = pending.pop() if pending else 1
            if isinstance(factor, str):
                if not names[factor]:
                    return None
                names[factor] -= 1
                taken.append(factor)
            elif factor != 1 and number % factor == 0:
                number //= factor
                taken.append(factor)
            elif number != 1 and factor % number == 0 and factor != 1:
                pending.append(factor // number)
                taken.append(number)
                number = 1
            else:
                return None
        found.append(_plain(taken))
    return None if any(factor != 1 for factor in pending) else found


def behind_one_another(axes: Sequence[Axis]) -> Axis | None:
    """The axis that has the rows of these one after the other, where each is some of what is alike; None where not."""
    parts = [_repeated(axis) for axis in axes]
    if len({each for _, each in parts}) != 1:
        return None
    return _plain((sum(number for number, _ in parts), *parts[0][1]))


def some_of(axis: Axis, start: Dim, limit: Dim) -> Axis | None:
    """The axis of rows `start` to `limit` of one that is some of what is alike; None where those are not some."""
    number, each = _repeated(axis)
    begin, end = _how_many(start, each), _how_many(limit, each)
    return None if begin is None or end is None or end > number else _plain((end - begin, *each))


def more_of(axis: Axis, low: Dim, high: Dim) -> Axis | None:
    """The axis that has `low` rows before one that is some of what is alike, and `high` behind it; None where those are
    not some."""
    number, each = _repeated(axis)
    before, after = _how_many(low, each), _how_many(high, each)
    return None if before is None or after is None else _plain((before + number + after, *each))


def _how_many(dim: Dim, each: Axis) -> int | None:
    """How many of what has some rows have `dim` rows; None where it is no such number, 0 or more."""
    if isinstance(dim, int) or len(dim.terms) != 1:
        return 0 if dim == 0 else None
    size = product(named(factor) if isinstance(factor, str) else factor for factor in each)
    count, rest = divmod(dim.terms[0][1], size.terms[0][1] if isinstance(size, Dimension) else size)
    return count if not rest and count > 0 and size * count == dim else None


def _repeated(axis: Axis) -> tuple[int, Axis]:
    """How many of what an axis is."""
    first = axis[0] if axis else 1
    return (first, axis[1:]) if isinstance(first, int) else (1, axis)


def are_real(b: Builder, axis: Axis, counts: Mapping[str, Value], capacities: Mapping[str, int]) -> Value:
    """bool[rows]: which rows of an axis are real, for so many of each name."""
    sizes = _sizes(axis, capacities)
    size = int(np.prod(sizes))
    rows = b.iota(shape=(size,), axis=0, dtype=dtypes.i64)

    def all_rows(number: Value) -> Value:
        return b.broadcast(number, shape=(size,), axes=())

    if is_leading(axis):
        count = b.mul(counts[str(axis[0])], scalar(b, dtypes.i64, size // sizes[0]))
        return b.lt(rows, all_rows(count))
    found: Value | None = None
    inner = size
    for factor, own in zip(axis, sizes, strict=True):
        inner //= own
        if isinstance(factor, str):
            digit = b.floor_div(rows, all_rows(scalar(b, dtypes.i64, inner)))
            digit = b.rem(digit, all_rows(scalar(b, dtypes.i64, own)))
            real = b.lt(digit, all_rows(counts[factor]))
            found = real if found is None else b.bitwise_and(found, real)
    assert found is not None
    return found


def places_of(
    b: Builder, axis: Axis, numbers: Value, counts: Mapping[str, Value], capacities: Mapping[str, int]
) -> Value:
    """Where the real rows with these numbers are among all: i64, as `numbers` are."""

    def all_rows(number: Value) -> Value:
        return b.broadcast(number, shape=numbers.shape, axes=())

    places, inner = full(b, numbers.type, 0), 1
    for place, factor in reversed([*enumerate(axis)]):
        digit = numbers
        if place:
            real = all_rows(counts[factor] if isinstance(factor, str) else scalar(b, dtypes.i64, factor))
            numbers, digit = b.floor_div(numbers, real), b.rem(numbers, real)
        places = b.add(places, b.mul(digit, all_rows(scalar(b, dtypes.i64, inner))))
        inner *= capacities[factor] if isinstance(factor, str) else factor
    return places


def real_places(axis: Axis, sizes: Mapping[str, int], capacities: Mapping[str, int]) -> np.ndarray:
    """Where the real rows of an axis are, for these sizes."""
    places = np.zeros((), np.int64)
    for factor, own in zip(axis, _sizes(axis, capacities), strict=True):
        rows = np.arange(sizes[factor] if isinstance(factor, str) else factor)
        places = (places * own)[..., None] + rows
    return places.reshape(-1)


def _sizes(axis: Axis, capacities: Mapping[str, int]) -> list[int]:
    return [capacities[factor] if isinstance(factor, str) else factor for factor in axis]


def _plain(factors: Sequence[int | str]) -> Axis:
    """Factors without ones, and with numbers side by side multiplied."""
    found: list[int | str] = []
    for factor in factors:
        if factor == 1:
            continue
        last = found[-1] if found else None
        if isinstance(factor, int) and isinstance(last, int):
            found[-1] = last * factor
        else:
            found.append(factor)
    return tuple(found)
