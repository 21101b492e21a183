"""What is known of a function before it is split: what equations cost, in which ways they can be cut, and which axes of
which values are cut together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
    and `possible` ways."""

    def __init__(self, function: Function, parts: int, machine: Machine, costs: Sequence[float]) -> None:
        super().__init__(function)
        self.parts, self.machine, self.costs = parts, machine, costs
        self.possible = [self._possible(equation) for equation in self.equations]

    def gain(self, costs: Sequence[float]) -> float:
        """As the machine's, for these parts."""
        return self.machine.gain(costs, self.parts)

    def time(self, costs: Sequence[float]) -> float:
        """As the machine's, for these parts."""
        return self.machine.time(costs, self.parts)

    def _possible(self, equation: Equation) -> list[Way]:
        """The ways along axes that the parts divide."""
        rule = RULES.get(equation.op)
        if rule is None or equation.has_effect:
            return []
        return [way for way in rule.ways(equation) if self._divides(equation, way)]

    def _divides(self, equation: Equation, way: Way) -> bool:
        if way.is_partial and equation.op is ops.scatter and not self._is_zero(equation.operands[0]):
            return False
        sizes = (value.type.static_shape()[axis] for value, axis in cut_axes(equation, way))
        return all(size and size % self.parts == 0 for size in sizes)

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
    if sum(map(_bytes, equation.operands)) < sum(map(_bytes, equation.results)):
        ways = [way for way in ways if not way.is_partial]
    return sorted(ways, key=lambda way: way.is_partial)


def own_ways(ways: list[Way]) -> list[Way]:
    """Those that need no sum, along the first axis before others."""
    return sorted((way for way in ways if not way.is_partial), key=lambda way: way.results)


class _Classes:
    """Which axes of which values are cut together: those that an equation maps onto each other."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.parent: dict[Axis, Axis] = {}
        for equation, ways in zip(facts.equations, facts.possible, strict=True):
            for way in ways:
                first, *others = cut_axes(equation, way)
                for other in others:
                    self.parent[self._root(other)] = self._root(first)
        self.roots = [
            [self._root(cut_axes(equation, way)[0]) for way in ways]
            for equation, ways in zip(facts.equations, facts.possible, strict=True)
        ]

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


def cut_axes(equation: Equation, way: Way) -> list[Axis]:
    """The axes that a way cuts."""
    found = [(value, axis) for value, axis in zip(equation.operands, way.operands, strict=True) if axis != WHOLE]
    if not way.is_partial:
        found.extend(zip(equation.results, way.results, strict=True))
    return found


def _bytes(value: Value) -> int:
    return value.type.bytes()
