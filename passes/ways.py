"""What is known of a function before it is split: what equations cost, in which ways they can be cut, and which axes of
which values are cut together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

from diptych.ir import Constant, Equation, Function, Value, ops

from .costs import Rates, cost_of
from .scheduling import Dependencies
from .splitters import RULES, WHOLE, Way

TRIED = 3  # classes of axes that are tried as the main one

Axis = tuple[Value, int]


@dataclass(frozen=True, slots=True)
class Machine:
    """What it is worth to split, in nanoseconds: `rates` of one thread, and what parts cost beside their own work: at
    their start and end (`handover`), and at each equation, where threads wait for one another (`meeting`). `smallest`:
    elements of a value that a region may begin with."""

    rates: Rates
    handover: float
    meeting: float
    smallest: int

    def costs(self, equations: Sequence[Equation], parts: int) -> list[float]:
        """Nanoseconds that each equation takes, in `parts` parts where it is split already."""
        rates, found = self.rates, list[float]()
        for equation in equations:
            if equation.op is ops.parallel:
                body: Function = equation.attributes["body"]
                inside = [rates.nanoseconds(cost_of(inner)) * parts for inner in body.equations]
                found.append(self.time(inside, parts))
            else:
                found.append(rates.nanoseconds(cost_of(equation)))
        return found

    def gain(self, costs: Sequence[float], parts: int) -> float:
        """Nanoseconds that are saved where equations of these costs are computed in parts, beyond a tenth of them."""
        return 0.9 * sum(costs) - self.time(costs, parts)

    def time(self, costs: Sequence[float], parts: int) -> float:
        """Nanoseconds that equations of these costs take in parts."""
        busy = [cost for cost in costs if cost > 0]
        return sum(busy) / parts + self.handover + self.meeting * len(busy)


class Facts(Dependencies):
    """A function that may be split into so many parts. Its equations are known by their place: `costs` in nanoseconds,
    `possible` ways, and those of them that an equation may be split in alone, in its `own` region."""

    def __init__(self, function: Function, parts: int, machine: Machine, costs: Sequence[float]) -> None:
        super().__init__(function)
        self.parts, self.machine, self.costs = parts, machine, costs
        self.possible: list[list[Way]] = []
        self.cuts: list[list[list[Axis]]] = []  # the axes that each of them cuts
        for equation in self.equations:
            ways, cuts = self._possible(equation)
            self.possible.append(ways)
            self.cuts.append(cuts)
        self.own = list(map(_own_ways, self.possible))
        self._waiting = super().waiting()
        self._elements: dict[int, int] = {}

    def waiting(self) -> tuple[list[int], list[list[int]]]:
        """As of every function, for several walks: the counts are the walk's own."""
        counts, users = self._waiting
        return counts.copy(), users

    def gain(self, costs: Sequence[float]) -> float:
        """As the machine's, for these parts."""
        return self.machine.gain(costs, self.parts)

    def time(self, costs: Sequence[float]) -> float:
        """As the machine's, for these parts."""
        return self.machine.time(costs, self.parts)

    def elements(self, place: int) -> int:
        """Of the largest value that an equation reads or makes."""
        found = self._elements.get(place)
        if found is None:
            equation = self.equations[place]
            values = (*equation.operands, *equation.results)
            found = self._elements[place] = max([prod(value.type.static_shape()) for value in values])
        return found

    def _possible(self, equation: Equation) -> tuple[list[Way], list[list[Axis]]]:
        """The ways along axes that the parts divide, and which axes these are."""
        ways, cuts = list[Way](), list[list[Axis]]()
        rule = RULES.get(equation.op)
        if rule is None or equation.has_effect:
            return ways, cuts
        for way in rule.ways(equation):
            cut = _cut_axes(equation, way)
            if self._divides(cut) and not (way.is_partial and self._adds(equation)):
                ways.append(way)
                cuts.append(cut)
        return ways, cuts

    def _divides(self, cut: Sequence[Axis]) -> bool:
        for value, axis in cut:
            size = value.type.shape[axis]
            if not isinstance(size, int) or not size or size % self.parts:
                return False
        return True

    def _adds(self, equation: Equation) -> bool:
        """Whether an equation adds to what is there, which each of its parts would do."""
        return equation.op is ops.scatter and not self._is_zero(equation.operands[0])

    def _is_zero(self, value: Value) -> bool:
        place = self.place.get(self.through_free(value))
        if place is None or self.equations[place].op is not ops.constant:
            return False
        constant: Constant = self.equations[place].attributes["value"]
        return constant.is_all(0)


def main_ways(facts: Facts) -> Iterator[list[list[Way]]]:
    """For the classes of axes whose equations cost most, one after another: the ways along it of each equation."""
    classes = _Classes(facts)
    for root in classes.costliest():
        yield [_partial_last(equation, classes.along(root, place)) for place, equation in enumerate(facts.equations)]


def _partial_last(equation: Equation, ways: list[Way]) -> list[Way]:
    """A sum that is larger than what it is made of is better computed once, along an axis of its own, than in parts
    that are added."""
    partial = [way for way in ways if way.is_partial]
    if not partial:
        return ways
    plain = [way for way in ways if not way.is_partial]
    is_larger = sum(map(_bytes, equation.operands)) < sum(map(_bytes, equation.results))
    return plain if is_larger else [*plain, *partial]


def _own_ways(ways: list[Way]) -> list[Way]:
    """Those that need no sum, along the first axis before others."""
    return sorted([way for way in ways if not way.is_partial], key=lambda way: way.results)


class _Classes:
    """Which axes of which values are cut together: those that an equation maps onto each other."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.parent: dict[Axis, Axis] = {}
        for cuts in facts.cuts:
            for first, *others in cuts:
                for other in others:
                    self.parent[self._root(other)] = self._root(first)
        self.roots = [[self._root(cut[0]) for cut in cuts] for cuts in facts.cuts]

    def costliest(self) -> list[Axis]:
        """The classes, by one of their axes, whose equations cost most, up to TRIED: none of less than half of the
        first."""
        costs: dict[Axis, float] = {}
        for cost, roots in zip(self.facts.costs, self.roots, strict=True):
            for root in dict.fromkeys(roots):
                costs[root] = costs.get(root, 0.0) + cost
        found = sorted(costs, key=lambda root: -costs[root])[:TRIED]
        return [root for root in found if 2 * costs[root] >= costs[found[0]]]

    def along(self, root: Axis, place: int) -> list[Way]:
        """The ways of an equation along a class."""
        return [way for way, own in zip(self.facts.possible[place], self.roots[place], strict=True) if own == root]

    def _root(self, axis: Axis) -> Axis:
        parent = self.parent
        while (above := parent.setdefault(axis, axis)) != axis:
            parent[axis] = parent.setdefault(above, above)
            axis = above
        return axis


def _cut_axes(equation: Equation, way: Way) -> list[Axis]:
    """The axes that a way cuts."""
    found = [(value, axis) for value, axis in zip(equation.operands, way.operands, strict=True) if axis != WHOLE]
    if not way.is_partial:
        found.extend(zip(equation.results, way.results, strict=True))
    return found


def _bytes(value: Value) -> int:
    return value.type.bytes()
