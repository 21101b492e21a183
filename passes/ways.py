"""What is known of a function before it is split: what equations cost, in which ways they can be cut, and which axes of
which values are cut together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import gcd, prod
from typing import NamedTuple

from diptych.ir import Constant, Equation, Function, Value, ops

from .costs import Rates, cost_of
from .scheduling import Dependencies
from .splitters import RULES, WHOLE, Share, Way

TRIED = 3  # classes of axes that are tried as the main one

Axis = tuple[Value, int]


class Cut(NamedTuple):
    """How axes are cut: into so many parts, each with a `share` of them, but for the last one, which has the `rest`."""

    parts: int
    share: Share
    rest: Share

    @property
    def is_even(self) -> bool:
        return self.rest == self.share

    @property
    def largest(self) -> float:
        """What of the whole a part has."""
        return self.share.pieces / self.share.of

    def fits(self, size: int) -> bool:
        """Whether axes can be cut so whose sizes are multiples of `size`."""
        return size % self.share.of == 0


def cut_of(size: int, parts: int) -> Cut | None:
    """How axes are cut whose sizes are multiples of `size`: in up to `parts`, as small as the largest can be, and equal
    where that can be. None where there is one alone."""
    each = -(-size // parts)
    count = -(-size // each) if each else 0
    if count < 2:
        return None
    rest = size - each * (count - 1)
    if rest == each:
        return Cut(count, Share(1, count), Share(1, count))
    return Cut(count, Share(each, size), Share(rest, size))


@dataclass(frozen=True, slots=True)
class Choice:
    """A way to split an equation, the axes that it cuts, and a number that all their sizes are multiples of."""

    way: Way
    axes: list[Axis]
    size: int


@dataclass(frozen=True, slots=True)
class Machine:
    """What it is worth to split, in nanoseconds: `rates` of one thread, and what parts cost beside their own work: at
    their start and end (`handover`), and at each equation, where threads wait for one another (`meeting`). `smallest`:
    elements of a value that a region may begin with."""

    rates: Rates
    handover: float
    meeting: float
    smallest: int

    def costs(self, equations: Sequence[Equation]) -> list[float]:
        """Nanoseconds that each equation takes; one that is split already, as its first part does."""
        rates, found = self.rates, list[float]()
        for equation in equations:
            if equation.op is ops.parallel:
                body: Function = equation.attributes["body"]
                found.append(self.time([rates.nanoseconds(cost_of(inner)) for inner in body.equations], 1.0))
            else:
                found.append(rates.nanoseconds(cost_of(equation)))
        return found

    def gain(self, costs: Sequence[float], largest: float) -> float:
        """Nanoseconds that are saved where equations of these costs are computed in parts, the largest with so much of
        the whole, beyond a tenth of them."""
        return 0.9 * sum(costs) - self.time(costs, largest)

    def time(self, costs: Sequence[float], largest: float) -> float:
        """Nanoseconds that equations of these costs take in such parts."""
        busy = [cost for cost in costs if cost > 0]
        return sum(busy) * largest + self.handover + self.meeting * len(busy)


class Facts(Dependencies):
    """A function that may be split into so many parts. Its equations are known by their place: `costs` in nanoseconds,
    `possible` choices, and those of them that an equation may be split in alone, in its `own` region."""

    def __init__(self, function: Function, parts: int, machine: Machine, costs: Sequence[float]) -> None:
        super().__init__(function)
        self.parts, self.machine, self.costs = parts, machine, costs
        self.possible = list(map(self._possible, self.equations))
        self.own = list(map(self._own, self.possible))
        self._waiting = super().waiting()
        self._elements: dict[int, int] = {}

    def waiting(self) -> tuple[list[int], list[list[int]]]:
        """As of every function, for several walks: the counts are the walk's own."""
        counts, users = self._waiting
        return counts.copy(), users

    def elements(self, place: int) -> int:
        """Of the largest value that an equation reads or makes."""
        found = self._elements.get(place)
        if found is None:
            equation = self.equations[place]
            values = (*equation.operands, *equation.results)
            found = self._elements[place] = max([prod(value.type.static_shape()) for value in values])
        return found

    def _possible(self, equation: Equation) -> list[Choice]:
        """The ways along axes that parts can be had of."""
        rule = RULES.get(equation.op)
        if rule is None or equation.has_effect:
            return []
        found: list[Choice] = []
        for way in rule.ways(equation):
            axes = _cut_axes(equation, way)
            size = _common_size(axes)
            if cut_of(size, self.parts) is not None and not (way.is_partial and self._adds(equation)):
                found.append(Choice(way, axes, size))
        return found

    def _own(self, possible: list[Choice]) -> list[Choice]:
        """Those that need no sum: in equal parts, and along the first axis, before others."""
        plain = [choice for choice in possible if not choice.way.is_partial]
        return sorted(plain, key=lambda choice: (choice.size % self.parts > 0, choice.way.results))

    def _adds(self, equation: Equation) -> bool:
        """Whether an equation adds to what is there, which each of its parts would do."""
        return equation.op is ops.scatter and not self._is_zero(equation.operands[0])

    def _is_zero(self, value: Value) -> bool:
        place = self.place.get(self.through_free(value))
        if place is None or self.equations[place].op is not ops.constant:
            return False
        constant: Constant = self.equations[place].attributes["value"]
        return constant.is_all(0)


def main_ways(facts: Facts) -> Iterator[tuple[list[list[Choice]], Cut]]:
    """For the classes of axes whose equations cost most, one after another: the ways along it of each equation, and how
    it is cut."""
    classes = _Classes(facts)
    for root in classes.costliest():
        cut = classes.cut(root)
        if cut is not None:
            places = enumerate(facts.equations)
            yield [_partial_last(equation, classes.along(root, place, cut)) for place, equation in places], cut


def _partial_last(equation: Equation, choices: list[Choice]) -> list[Choice]:
    """A sum that is larger than what it is made of is better computed once, along an axis of its own, than in parts
    that are added."""
    partial = [choice for choice in choices if choice.way.is_partial]
    if not partial:
        return choices
    plain = [choice for choice in choices if not choice.way.is_partial]
    is_larger = sum(map(_bytes, equation.operands)) < sum(map(_bytes, equation.results))
    return plain if is_larger else [*plain, *partial]


class _Classes:
    """Which axes of which values are cut together: those that an equation maps onto each other."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.parent: dict[Axis, Axis] = {}
        for choices in facts.possible:
            for choice in choices:
                first, *others = choice.axes
                for other in others:
                    self.parent[self._root(other)] = self._root(first)
        self.roots = [[self._root(choice.axes[0]) for choice in choices] for choices in facts.possible]

    def costliest(self) -> list[Axis]:
        """The classes, by one of their axes, whose equations cost most, up to TRIED: none of less than half of the
        first."""
        costs: dict[Axis, float] = {}
        for cost, roots in zip(self.facts.costs, self.roots, strict=True):
            for root in dict.fromkeys(roots):
                costs[root] = costs.get(root, 0.0) + cost
        found = sorted(costs, key=lambda root: -costs[root])[:TRIED]
        return [root for root in found if 2 * costs[root] >= costs[found[0]]]

    def along(self, root: Axis, place: int, cut: Cut) -> list[Choice]:
        """The ways of an equation along a class that is cut so."""
        pairs = zip(self.facts.possible[place], self.roots[place], strict=True)
        return [choice for choice, own in pairs if own == root and cut.fits(choice.size)]

    def cut(self, root: Axis) -> Cut | None:
        """How a class is cut: as equations take most less time."""
        costs: dict[int, float] = {}  # by the sizes that can be cut
        for cost, choices, roots in zip(self.facts.costs, self.facts.possible, self.roots, strict=True):
            for size in {choice.size for choice, own in zip(choices, roots, strict=True) if own == root}:
                costs[size] = costs.get(size, 0.0) + cost
        candidates = {cut_of(size, self.facts.parts) for size in (*costs, gcd(*costs))}

        def saved(cut: Cut) -> float:
            return sum(cost for size, cost in costs.items() if cut.fits(size)) * (1 - cut.largest)

        found = [cut for cut in candidates if cut is not None]
        return max(found, key=lambda cut: (saved(cut), -cut.share.of), default=None)

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


def _common_size(axes: Sequence[Axis]) -> int:
    """The largest number that all sizes of axes are multiples of; 0 where one has a name, or no element."""
    sizes = [value.type.shape[axis] for value, axis in axes]
    numbers = [size for size in sizes if isinstance(size, int) and size]
    return gcd(*numbers) if len(numbers) == len(sizes) else 0


def _bytes(value: Value) -> int:
    return value.type.bytes()
