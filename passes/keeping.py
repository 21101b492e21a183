"""What may be kept of a forward computation for the backward that follows it, and what each choice costs.

A program of both is told by its memory alone: where most is alive, the forward ends. What was made before and is read
behind is what is kept. It is cut into parts that keep nothing but what goes into them, or the products within as well.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from diptych.ir import Equation, Function, Value, ops

from .costs import Rates, cost_of_function
from .rematerialize import rematerialized

MOST_PARTS = 64
PRODUCTS = frozenset((ops.matmul, ops.convolution, ops.scan, ops.while_loop))  # what takes long to compute again


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is kept: what goes into each of so many parts and, where it says so, products within. 0 parts keep all."""

    parts: int = 0
    products: bool = False

    def __str__(self) -> str:
        if not self.parts:
            return "all"
        inputs = f"the inputs of {self.parts} part{'s' if self.parts > 1 else ''}"
        return f"products and {inputs}" if self.products else inputs


ALL = Keeping()


def keeping(function: Function, chosen: Keeping) -> Function:
    """The function, which computes again in its backward what is not kept. Dimensions must be numbers."""
    return function if chosen == ALL else _Kept(function).keeping(chosen)


class Choice(NamedTuple):
    """What is kept, the nanoseconds that the function then takes by some rates, and the most bytes that live at one
    time, were nothing fused."""

    keeping: Keeping
    nanoseconds: float
    alive: int


def choices(function: Function, rates: Rates) -> list[Choice]:
    """What may be kept: all first, then what makes less live at one time, in the order of the time it takes."""
    kept = _Kept(function)
    found = [Choice(ALL, rates.nanoseconds(cost_of_function(function)), kept.alive)]
    parts = 1
    while parts <= min(MOST_PARTS, len(kept.saved)):
        for products in (True, False):
            chosen = Keeping(parts, products)
            changed = kept.keeping(chosen)
            alive = _Kept(changed).alive
            if alive < kept.alive:
                found.append(Choice(chosen, rates.nanoseconds(cost_of_function(changed)), alive))
        parts *= 2
    return sorted(found, key=lambda choice: (choice.keeping != ALL, choice.nanoseconds))


class _Kept:
    """A function, of which `end` is the place behind its forward: where most is alive, `alive` bytes."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.equations = function.equations
        self.maker = {result: place for place, equation in enumerate(self.equations) for result in equation.results}
        self.last = self._last_reads()
        self.end, self.alive = self._most()

    def _last_reads(self) -> dict[Value, int]:
        last = {operand: place for place, equation in enumerate(self.equations) for operand in equation.operands}
        last.update(dict.fromkeys(self.function.results, len(self.equations)))
        return last

    def _most(self) -> tuple[int, int]:
        changes = [0] * (len(self.equations) + 2)
        for value, place in self.maker.items():
            if not _is_constant(self.equations[place]):
                changes[place] += value.type.bytes()
                changes[self.last.get(value, place) + 1] -= value.type.bytes()
        alive = list(accumulate(changes))
        most = max(range(len(alive)), key=alive.__getitem__)
        return min(most + 1, len(self.equations)), alive[most]

    @cached_property
    def saved(self) -> list[Value]:
        """What the forward makes and the backward reads, in order; results of the whole are there anyway."""
        results = set(self.function.results)
        return [
            value
            for value, place in self.maker.items()
            if place < self.end <= self.last.get(value, -1)
            and value not in results
            and not _is_constant(self.equations[place])
        ]

    @cached_property
    def _crossing(self) -> list[int]:
        """Bytes made before each place of the forward that the forward reads from there on: what a border there
        keeps."""
        changes = [0] * (self.end + 1)
        read = {operand: place for place, each in enumerate(self.equations[: self.end]) for operand in each.operands}
        for value, place in self.maker.items():
            if place < self.end and read.get(value, -1) > place and not _is_constant(self.equations[place]):
                changes[place + 1] += value.type.bytes()
                changes[read[value] + 1] -= value.type.bytes()
        return list(accumulate(changes))

    def _borders(self, parts: int) -> list[int]:
        """Where parts end that save about equally much, each at the narrowest place near there."""
        saved = [0] * (self.end + 1)
        for value in self.saved:
            saved[self.maker[value] + 1] += value.type.bytes()
        total = list(accumulate(saved))
        share = total[-1] / parts
        found: list[int] = []
        for number in range(1, parts):
            low = bisect_right(total, (number - 0.5) * share) - 1
            high = bisect_right(total, (number + 0.5) * share) - 1
            found.append(min(range(low, max(high, low + 1)), key=lambda place: (self._crossing[place], place)))
        return sorted({place for place in found if 0 < place < self.end})

    def keeping(self, chosen: Keeping) -> Function:
        borders = self._borders(chosen.parts)
        parts = {place: bisect_right(borders, place) for place in range(self.end)}
        kept = list(self.function.results)
        if chosen.products:
            kept.extend(value for value, place in self.maker.items() if self.equations[place].op in PRODUCTS)
        late = range(self.end, len(self.equations))
        equations = rematerialized(self.equations, kept, parts, late)
        return Function(self.function.name, self.function.parameters, tuple(equations), self.function.results)


def _is_constant(equation: Equation) -> bool:
    return not equation.operands
