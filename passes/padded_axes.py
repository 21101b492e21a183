"""Axes that are products of sizes with names, each filled up: how their rows lie, and which of them are real.

Four sentences of up to seven words as one axis of 4 * n words: the real ones are the first n of every seven, not the
first 4 * n. So an axis is known by its factors, the outermost first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from diptych.ir import Builder, Dim, Shape, Value, dtypes

from .expressions import scalar

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
