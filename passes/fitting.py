"""Sizes with names, of what was written down for several sets of numbers in their place.

Nothing is guessed from one look: a number must be what one polynomial of the names gives at every set, or one of them
divided and rounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations, product
from math import prod
from typing import Any

from diptych.ir import Dim, evaluate, floor_divide, named

Sizes = Mapping[str, int]
_DIVISORS = (2, 3, 4)
_MAX_DEGREE = 3  # of products of names


def described(sizes: Sizes) -> str:
    """A set of sizes as text."""
    return ", ".join(f"{name}={size}" for name, size in sizes.items())


class Fit:
    """Numbers at all sets of sizes, of which the first ones are all pairs of two numbers for each name, and the
    dimensions that give these numbers."""

    def __init__(self, names: Sequence[str], sets: Sequence[Sizes]) -> None:
        self.names, self.sets = names, sets
        self._corners: int = 2 ** len(names)
        self._pairs: list[tuple[int, int]] = [(sets[0][name], sets[self._corners - 1][name]) for name in names]
        self._known: dict[tuple[int, ...], Dim] = {}

    def numbers(self, dim: Dim) -> tuple[int, ...]:
        """What a dimension is at the sets."""
        return tuple(evaluate(dim, sizes) for sizes in self.sets)

    def know(self, shape: Sequence[Dim]) -> None:
        """Notes the sizes of a value, and what counts its elements along several axes: numbers that are the same as one
        of these at all sets are taken for it."""
        for start in range(len(shape)):
            count: Any = 1
            for dim in shape[start:]:
                count = count * dim
                if not isinstance(count, int):
                    self._known.setdefault(self.numbers(count), count)
                if not isinstance(dim, int):
                    self._known.setdefault(self.numbers(dim), dim)

    def find(self, numbers: Sequence[int]) -> Dim | None:
        """The dimension with these numbers at the sets, in order; None where there is none."""
        if len(set(numbers)) == 1:
            return numbers[0]
        known = self._known.get(tuple(numbers))
        if known is None:
            known = self._polynomial(tuple(numbers))
        return self._quotient(numbers) if known is None else known

    def _polynomial(self, numbers: tuple[int, ...]) -> Dim | None:
        """The polynomial in which no name has a power, which the pairs determine, where it gives the others as well."""
        found: Any = 0
        for powers, factor in _factors([Fraction(each) for each in numbers[: self._corners]], self._pairs).items():
            if factor.denominator != 1:
                return None
            term: Any = int(factor)
            for name, power in zip(self.names, powers, strict=True):
                term = term * named(name) if power else term
            found = found + term
        return found if self.numbers(found) == numbers else None

    def _quotient(self, numbers: Sequence[int]) -> Dim | None:
        """A name divided by a small number and rounded, perhaps multiplied by it again, with a number added: that is
        told from others by the remainders that the sets have."""
        for name, divisor in product(self.names, _DIVISORS):
            for shift in range(divisor):
                rounded = [(sizes[name] + shift) // divisor for sizes in self.sets]
                for factor in (1, divisor):
                    rest = {number - factor * each for number, each in zip(numbers, rounded, strict=True)}
                    if len(rest) == 1:
                        return factor * floor_divide(named(name) + shift, divisor) + rest.pop()
        return None


class SparseFit(Fit):
    """Numbers at any few sets of sizes. Of the dimensions that give them the plainest is taken: a number added to so
    many times a product of names, or to so many of two such products. That is a guess, for who looks at more sets
    afterwards; what no set is left to tell from others has no term below 0."""

    def __init__(self, names: Sequence[str], sets: Sequence[Sizes]) -> None:
        self.names, self.sets = names, sets
        self._known = {}
        powers = [each for each in product(range(3), repeat=len(names)) if 0 < sum(each) <= _MAX_DEGREE]
        self._products: list[Any] = [
            prod((named(name) for name, power in zip(names, each, strict=True) for _ in range(power)), start=1)
            for each in sorted(powers, key=sum)
        ]

    def _polynomial(self, numbers: tuple[int, ...]) -> Dim | None:
        found: list[Dim] = []
        for count in (1, 2):
            for chosen in combinations(self._products, count):
                factors = self._solved([*map(self.numbers, chosen), (1,) * len(numbers)], numbers)
                if factors is not None:
                    found.append(sum(factor * each for factor, each in zip(factors, (*chosen, 1), strict=True)))
                    if not factors[-1]:
                        return found[-1]
            if found:
                return found[0]
        return None

    def _solved(self, columns: Sequence[Sequence[int]], numbers: Sequence[int]) -> list[int] | None:
        """How often each column makes up the numbers; None where they do not."""
        if len(columns) > len(numbers):
            return None
        rows = [[*map(Fraction, row)] for row in zip(*columns, numbers, strict=True)]
        for place in range(len(columns)):
            pivot = next((row for row in rows[place:] if row[place]), None)
            if pivot is None:
                return None
            rows.remove(pivot)
            for number, row in enumerate(rows):
                factor = row[place] / pivot[place]
                rows[number] = [mine - factor * other for mine, other in zip(row, pivot, strict=True)]
            rows.insert(place, [each / pivot[place] for each in pivot])
        factors = [row[-1] for row in rows[: len(columns)]]
        are_told = len(columns) < len(numbers)
        if any(row[-1] for row in rows[len(columns) :]) or any(each.denominator != 1 for each in factors):
            return None
        if not all(factors[:-1]) or (not are_told and min(factors[:-1]) < 0):
            return None
        return [int(each) for each in factors]


def _factors(values: Sequence[Fraction], pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, ...], Fraction]:
    """The factors of a polynomial by the powers of its names, from its values at all pairs."""
    if not pairs:
        return {(): values[0]}
    (low, high), half = pairs[0], len(values) // 2
    slopes = [(after - before) / (high - low) for before, after in zip(values[:half], values[half:], strict=True)]
    starts = [before - slope * low for before, slope in zip(values[:half], slopes, strict=True)]
    return {
        **{(0, *powers): factor for powers, factor in _factors(starts, pairs[1:]).items()},
        **{(1, *powers): factor for powers, factor in _factors(slopes, pairs[1:]).items()},
    }
