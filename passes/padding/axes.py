"""Axes that are products of sizes with names, each filled up: how their rows lie, and which of them are real.

Four sentences of up to seven words as one axis of 4 * n words: the real ones are the first n of every seven, not the
first 4 * n. So an axis is known by its factors, the outermost first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import gcd

import numpy as np
from diptych.ir import Builder, Dim, Dimension, Shape, Value, dtypes, evaluate, floor_divide, named
from diptych.ir.dimensions import FloorDiv, Monomial, product

from ..expressions import full, scalar

Axis = tuple[Dim, ...]  # numbers, and sizes of names; (4, n) of four times n
Counts = Callable[[Dim], Value]  # of a size, how many rows are real: i64[]


def parts_of(dim: Dim) -> tuple[int, Dim]:
    """The largest number that divides a dimension, and what is left."""
    if isinstance(dim, int):
        return dim, 1
    number = gcd(*(count for _, count in dim.terms))
    return number, floor_divide(dim, number)


def ordered(dim: Dim) -> Axis:
    """The axis that has its rows behind one another."""
    number, rest = parts_of(dim)
    return _plain((rest, number))


def axis_of(dim: Dim) -> Axis | None:
    """The axis with so many rows; None of what may be a product of names, where more than one order is possible."""
    if isinstance(dim, Dimension) and any(sum(power for _, power in monomial) > 1 for monomial, _ in dim.terms):
        return None
    return ordered(dim)


def any_axis_of(dim: Dim) -> Axis:
    """An axis with so many rows, in whatever order."""
    if axis_of(dim) is None and isinstance(dim, Dimension) and len(dim.terms) == 1:
        ((monomial, number),) = dim.terms
        atoms = [(atom, power) for atom, power in monomial if isinstance(atom, str)]
        if len(atoms) == len(monomial):
            return _plain([*(named(atom) for atom, power in atoms for _ in range(power)), number])
    return ordered(dim)


def grows(dim: Dim) -> bool:
    """Whether more rows of a name are seen to be never fewer of these, with one of each name at least."""
    return isinstance(dim, int) or all(
        count > 0 and all(isinstance(atom, str) or _is_growing(atom) for atom, _ in monomial)
        for monomial, count in _beyond_one(dim).items()
        if monomial
    )


def is_never_negative(dim: Dim) -> bool:
    """Whether a dimension is seen to be 0 or more, of names that are 1 or more."""
    return dim >= 0 if isinstance(dim, int) else grows(dim) and _beyond_one(dim).get((), 0) >= 0


def _is_growing(atom: FloorDiv) -> bool:
    return isinstance(atom.denominator, int) and grows(atom.numerator) and is_never_negative(atom.numerator)


def _beyond_one(dim: Dimension) -> dict[Monomial, int]:
    """The terms of a dimension, of names that each are one more than what stands there."""
    found = evaluate(dim, {name: named(name) + 1 for name in dim.names()})
    return dict(found.terms)


def is_leading(axis: Axis) -> bool:
    """Whether the rows that are none are the last ones."""
    return all(isinstance(factor, int) for factor in axis[1:])


def regrouped(axes: Sequence[Axis], shape: Shape) -> list[Axis] | None:
    """The axes of a shape that these, in order, are reshaped to. None where one is no product of what comes next."""
    if any(0 in axis for axis in axes):
        return None
    pending = [factor for axis in reversed(axes) for factor in reversed(axis)]
    found: list[Axis] = []
    for dim in shape:
        number, names = parts_of(dim)
        taken: list[Dim] = []
        size: Dim = 1
        while number != 1 or size != names:
            factor = pending.pop() if pending else None
            if factor is None:
                return None
            if isinstance(factor, Dimension):
                size = size * factor
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
    if isinstance(dim, int):
        return 0 if dim == 0 else None
    count, rest = divmod(parts_of(dim)[0], parts_of(product(each))[0])
    return count if not rest and count > 0 and product(each) * count == dim else None


def _repeated(axis: Axis) -> tuple[int, Axis]:
    """How many of what an axis is."""
    first = axis[0] if axis else 1
    return (first, axis[1:]) if isinstance(first, int) else (1, axis)


def are_real(b: Builder, axis: Axis, count: Counts, capacities: Mapping[str, int]) -> Value:
    """bool[rows]: which rows of an axis are real."""
    sizes = _sizes(axis, capacities)
    size = int(np.prod(sizes))
    rows = b.iota(shape=(size,), axis=0, dtype=dtypes.i64)

    def all_rows(number: Value) -> Value:
        return b.broadcast(number, shape=(size,), axes=())

    if is_leading(axis):
        return b.lt(rows, all_rows(count(product(axis))))
    found: Value | None = None
    inner = size
    for factor, own in zip(axis, sizes, strict=True):
        inner //= own
        if isinstance(factor, Dimension):
            digit = b.floor_div(rows, all_rows(scalar(b, dtypes.i64, inner)))
            digit = b.rem(digit, all_rows(scalar(b, dtypes.i64, own)))
            real = b.lt(digit, all_rows(count(factor)))
            found = real if found is None else b.bitwise_and(found, real)
    assert found is not None
    return found


def places_of(b: Builder, axis: Axis, numbers: Value, count: Counts, capacities: Mapping[str, int]) -> Value:
    """Where the real rows with these numbers are among all: i64, as `numbers` are."""

    def all_rows(number: Value) -> Value:
        return b.broadcast(number, shape=numbers.shape, axes=())

    places, inner = full(b, numbers.type, 0), 1
    for place, (factor, own) in reversed([*enumerate(zip(axis, _sizes(axis, capacities), strict=True))]):
        digit = numbers
        if place:
            real = all_rows(count(factor))
            numbers, digit = b.floor_div(numbers, real), b.rem(numbers, real)
        places = b.add(places, b.mul(digit, all_rows(scalar(b, dtypes.i64, inner))))
        inner *= own
    return places


def real_places(axis: Axis, sizes: Mapping[str, int], capacities: Mapping[str, int]) -> np.ndarray:
    """Where the real rows of an axis are, for these sizes."""
    places = np.zeros(1, np.int64)
    for factor, own in zip(axis, _sizes(axis, capacities), strict=True):
        rows = np.arange(int(evaluate(factor, sizes)))
        places = ((places * own)[:, None] + rows).reshape(-1)
    return places


def _sizes(axis: Axis, capacities: Mapping[str, int]) -> list[int]:
    return [evaluate(factor, capacities) for factor in axis]


def _plain(factors: Sequence[Dim]) -> Axis:
    """Factors without ones, and with numbers side by side multiplied."""
    found: list[Dim] = []
    for factor in factors:
        if factor == 1:
            continue
        last = found[-1] if found else None
        if isinstance(factor, int) and isinstance(last, int):
            found[-1] = last * factor
        else:
            found.append(factor)
    return tuple(found)
