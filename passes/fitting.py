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
    """Numbers at any few sets of sizes. Of the dimensions that give them the plainest is taken: so many times a product
    of names, or that and a number. That is a guess, for who looks at more sets afterwards."""

    def __init__(self, names: Sequence[str], sets: Sequence[Sizes]) -> None:
        self.names, self.sets = names, sets
        self._known = {}

    def _polynomial(self, numbers: tuple[int, ...]) -> Dim | None:
        found: list[Dim] = []
        for count in range(1, len(self.names) + 1):
            for chosen in combinations(self.names, count):
                factor, rest = self._line([prod(sizes[name] for name in chosen) for sizes in self.sets], numbers)
                if factor > 0:
                    found.append(factor * prod(map(named, chosen), start=1) + rest)
                    if not rest:
                        return found[-1]
        return found[0] if found else None

    def _line(self, products: Sequence[int], numbers: Sequence[int]) -> tuple[int, int]:
        """How often the products the numbers are, and what is added; 0 of others."""
        (low, first), *_, (high, last) = sorted(zip(products, numbers, strict=True))
        factor = (last - first) // (high - low) if high > low else 0
        rest = first - factor * low
        alike = all(number == factor * each + rest for each, number in zip(products, numbers, strict=True))
        return (factor, rest) if alike else (0, 0)


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
