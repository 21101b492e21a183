"""Splitting: what takes long is computed in equal parts, which a backend runs at the same time: `parallel` equations.

A step falls into regions. The first kind follows one axis, most often the batch, through the function: which axes of
which values are cut together is found by joining those that some equation maps onto each other; of the classes that
result, the one that saves most time is the *main* one. Where parts must be brought together, at a sum over the main
axis such as a weight's gradient, the region leaves one sum for each part, added behind it, and ends where something
waits for that. The other kind of region takes what remains, such as the updates of weights, each equation along an axis
of its own, the first if that is possible.

Regions are formed by scheduling, as fused groups are: what cannot be split goes first, then one region takes all that
is ready or becomes ready inside it. A region that would not pay is left as it was. One walk forms those of the first
kind, another those of the second. Costs n log n.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from diptych.ir import Builder, Constant, Equation, Function, Op, Value, ops

from .aliasing import VIEWS
from .costs import Rates, cost_of
from .splitters import RULES, WHOLE, Way
from .splitters.table import shorter

PARTIAL = -2  # in place of the axis of a value that is the sum of its parts
TRIED = 3  # classes of axes that are tried as the main one


@dataclass(frozen=True, slots=True)
class Machine:
    """What it is worth to split, in nanoseconds: `rates` of one thread, and what parts cost beside their own work: at
    their start and end (`handover`), and at each equation, where threads wait for one another (`meeting`). `smallest`:
    elements of a value that a region may begin with."""

    rates: Rates
    handover: float
    meeting: float
    smallest: int


def split(function: Function, parts: int, machine: Machine) -> Function:
    """`function` with what pays in `parts` equal parts. Its dimensions must be numbers."""
    facts = _Facts(function, parts, machine)
    if parts < 2 or facts.gain(facts.costs) <= 0:
        return function
    best = min((_Walk(facts, ways) for ways in _main_ways(facts)), key=lambda walk: walk.time, default=None)
    if best is not None:
        function = best.emitted_function()
        facts = _Facts(function, parts, machine)
    return _Walk(facts, [_own_ways(ways) for ways in facts.possible]).emitted_function()


def _main_ways(facts: _Facts) -> Iterator[list[list[Way]]]:
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


def _own_ways(ways: list[Way]) -> list[Way]:
    """Those that need no sum, along the first axis before others."""
    return sorted((way for way in ways if not way.is_partial), key=lambda way: way.results)


@dataclass(slots=True)
class _Region:
    """A region that is being formed: its equations by place, how each is split, and along which axis what they make is
    cut; PARTIAL of sums."""

    members: list[int] = field(default_factory=list[int])
    ways: dict[int, Way] = field(default_factory=dict[int, Way])
    axes: dict[Value, int] = field(default_factory=dict[Value, int])


class _Facts:
    """What is known of a function before it is split. Equations are known by their place."""

    def __init__(self, function: Function, parts: int, machine: Machine) -> None:
        self.function, self.parts, self.machine = function, parts, machine
        self.equations = function.equations
        self.costs = list(map(self._cost, self.equations))
        self.place = {result: place for place, e in enumerate(self.equations) for result in e.results}
        self.free = [_is_free(equation) for equation in self.equations]
        self.possible = [self._possible(equation) for equation in self.equations]

    def gain(self, costs: Sequence[float]) -> float:
        """Nanoseconds that are saved where equations of these costs are computed in parts, beyond a tenth of them."""
        total = sum(costs)
        return 0.9 * total - self.time(costs)

    def time(self, costs: Sequence[float]) -> float:
        """Nanoseconds that equations of these costs take in parts."""
        busy = [cost for cost in costs if cost > 0]
        return sum(busy) / self.parts + self.machine.handover + self.machine.meeting * len(busy)

    def through_free(self, value: Value) -> Value:
        """`value`, or what the free equations that make it read."""
        place = self.place.get(value)
        while place is not None and self.free[place] and self.equations[place].operands:
            value = self.equations[place].operands[0]
            place = self.place.get(value)
        return value

    def _cost(self, equation: Equation) -> float:
        """Nanoseconds that an equation takes, in parts where it is split already."""
        rates = self.machine.rates
        if equation.op is not ops.parallel:
            return rates.nanoseconds(cost_of(equation))
        body: Function = equation.attributes["body"]
        return self.time([rates.nanoseconds(cost_of(inner)) * self.parts for inner in body.equations])

    def _possible(self, equation: Equation) -> list[Way]:
        """The ways along axes that the parts divide."""
        rule = RULES.get(equation.op)
        if rule is None or equation.has_effect:
            return []
        return [way for way in rule.ways(equation) if self._divides(equation, way)]

    def _divides(self, equation: Equation, way: Way) -> bool:
        if way.is_partial and equation.op is ops.scatter and not self._is_zero(equation.operands[0]):
            return False
        sizes = (value.type.static_shape()[axis] for value, axis in _cut(equation, way))
        return all(size and size % self.parts == 0 for size in sizes)

    def _is_zero(self, value: Value) -> bool:
        place = self.place.get(self.through_free(value))
        if place is None or self.equations[place].op is not ops.constant:
            return False
        constant: Constant = self.equations[place].attributes["value"]
        return constant.is_all(0)


class _Walk:
    """One walk over a function, which forms regions of equations that are split in the first of their `ways` that fits.
    `time` is about the nanoseconds that the function takes then, where what stays alone is split by another walk."""

    def __init__(self, facts: _Facts, ways: Sequence[list[Way]]) -> None:
        self.facts, self.ways = facts, ways
        self.function, self.equations, self.parts = facts.function, facts.equations, facts.parts
        self.costs, self.place, self.free = facts.costs, facts.place, facts.free
        self.shown = set(map(facts.through_free, self.function.results))
        self.waiting, self.users = self._dependencies()
        self.readers = self._readers()
        self.ready_alone: list[int] = []  # heaps
        self.ready: list[int] = []  # where a region may begin
        self.late: list[int] = []  # what another walk may split: not before what a region may begin with
        self.schedule: list[int | _Region] = []  # equations that stay as they are, and regions
        self.time = 0.0
        self._run()
        self.output: list[Equation] = []
        self.emitted: set[int] = set()

    def _run(self) -> None:
        for place in range(len(self.equations)):
            if not self.free[place] and self.waiting[place] == 0:
                self._make_ready(place)
        while True:
            if self.ready_alone:
                self._schedule_alone(heapq.heappop(self.ready_alone))
            elif self.ready:
                self._take_region()
            elif self.late:
                self._schedule_alone(heapq.heappop(self.late))
            else:
                break

    # -- what depends on what ----

    def _sources(self, place: int) -> Iterator[Value]:
        """The operands of an equation, seen through what is free."""
        return map(self.facts.through_free, self.equations[place].operands)

    def _dependencies(self) -> tuple[list[int], list[list[int]]]:
        """For each equation, how many others it waits for, and which wait for it. Effects wait for one another."""
        waiting, users = [0] * len(self.equations), [list[int]() for _ in self.equations]
        last_effect: int | None = None
        for place, equation in enumerate(self.equations):
            if self.free[place]:
                continue
            makers = {self.place[value] for value in self._sources(place) if value in self.place}
            makers = {maker for maker in makers if not self.free[maker]}
            if equation.has_effect:
                if last_effect is not None:
                    makers.add(last_effect)
                last_effect = place
            waiting[place] = len(makers)
            for maker in makers:
                users[maker].append(place)
        return waiting, users

    def _readers(self) -> dict[Value, list[int]]:
        """The equations that read each value, seen through what is free."""
        readers: dict[Value, list[int]] = {}
        for place in range(len(self.equations)):
            if not self.free[place]:
                for value in self._sources(place):
                    readers.setdefault(value, []).append(place)
        return readers

    # -- scheduling ----

    def _make_ready(self, place: int) -> None:
        if self.ways[place]:
            heapq.heappush(self.ready if self._opens(place) else self.ready_alone, place)
        else:
            heapq.heappush(self.late if self.facts.possible[place] and self.costs[place] else self.ready_alone, place)

    def _opens(self, place: int) -> bool:
        """Whether a region may begin with an equation: not with a view, which costs nothing, or a small one."""
        equation = self.equations[place]
        if equation.op in VIEWS:
            return False
        return max(map(_elements, (*equation.operands, *equation.results))) >= self.facts.machine.smallest

    def _finish(self, place: int, region: _Region | None = None) -> None:
        """An equation has been scheduled, in `region` where it is in one: what waited for it alone is ready."""
        for user in self.users[place]:
            self.waiting[user] -= 1
            if self.waiting[user] == 0:
                if region is not None and self._way(region, user) is not None:
                    heapq.heappush(self.ready, user)
                else:
                    self._make_ready(user)

    def _schedule_alone(self, place: int) -> None:
        self._stay(place)
        self._finish(place)

    def _stay(self, place: int) -> None:
        """Puts an equation as it is into the schedule: in parts of its own later, if it can be."""
        facts, cost = self.facts, self.costs[place]
        if any(not way.is_partial for way in facts.possible[place]):
            cost = min(cost, cost / facts.parts + facts.machine.meeting)
            if self.schedule and isinstance(self.schedule[-1], _Region):
                cost += facts.machine.handover
        self.schedule.append(place)
        self.time += cost

    def _take_region(self) -> None:
        """Forms the region of all that is ready or becomes ready in it, and emits it where it pays."""
        region = _Region()
        later: list[int] = []
        while self.ready:
            place = heapq.heappop(self.ready)
            way = self._way(region, place)
            if way is None:
                later.append(place)
                continue
            region.members.append(place)
            region.ways[place] = way
            for result, axis in zip(self.equations[place].results, way.results, strict=True):
                region.axes[result] = PARTIAL if way.is_partial else axis
            self._finish(place, region)
        for place in later:
            self._make_ready(place)
        costs = [self.costs[place] for place in region.members]
        if self.facts.gain(costs) > 0:
            self.time += self.facts.time(costs)
            self.schedule.append(region)
        else:
            for place in region.members:
                self._stay(place)

    def _way(self, region: _Region, place: int) -> Way | None:
        """The first way that takes what was made in the region as it was cut."""
        operands = self.equations[place].operands
        for way in self.ways[place]:
            if all(self._takes(region, operand, axis) for operand, axis in zip(operands, way.operands, strict=True)):
                return way
        return None

    def _takes(self, region: _Region, operand: Value, axis: int) -> bool:
        """Whether an operand cut along `axis` can come from the region, seen through what is free, or from before."""
        place = self.place.get(operand)
        while place is not None and self.free[place] and self.equations[place].operands:
            axis = _before_broadcast(self.equations[place], axis)
            operand = self.equations[place].operands[0]
            place = self.place.get(operand)
        return operand not in region.axes or region.axes[operand] == axis

    # -- emission ----

    def emitted_function(self) -> Function:
        """The function as it was scheduled."""
        for each in self.schedule:
            if isinstance(each, _Region):
                self._emit_region(each)
            else:
                self._emit(each)
        for result in self.function.results:
            self._emit_free(result)
        return Function(self.function.name, self.function.parameters, tuple(self.output), self.function.results)

    def _emit(self, place: int) -> None:
        for operand in self.equations[place].operands:
            self._emit_free(operand)
        self.output.append(self.equations[place])
        self.emitted.add(place)

    def _emit_free(self, value: Value) -> None:
        """Emits the free equations that make `value`, where they have not been."""
        chain: list[int] = []
        place = self.place.get(value)
        while place is not None and self.free[place] and place not in self.emitted:
            chain.append(place)
            operands = self.equations[place].operands
            place = self.place.get(operands[0]) if operands else None
        for place in reversed(chain):
            self.output.append(self.equations[place])
            self.emitted.add(place)

    def _emit_region(self, region: _Region) -> None:
        """The parallel equation; behind it the views of its results that are read outside, and the sums of its sums."""
        exported, views = self._exported(region)
        body = _Body(self, region)
        for place in region.members:
            body.add(place)
        stacks = {
            value: Value(value.type.with_shape((self.parts, *value.shape)), value.name)
            for value in exported
            if region.axes[value] == PARTIAL
        }
        equation = body.equation(exported, [stacks.get(value, value) for value in exported])
        for operand in equation.operands:
            self._emit_free(operand)
        self.output.append(equation)
        self.emitted.update(region.members)
        for place in views:
            self._emit(place)
        for value, stack in stacks.items():
            self._add_up(stack, value, equation)

    def _exported(self, region: _Region) -> tuple[list[Value], list[int]]:
        """What is made in the region and read outside, and the views that are made again there of what they show."""
        found: dict[Value, None] = {}
        views: set[int] = set()
        for place in region.members:
            for result in self.equations[place].results:
                if not self._is_read_outside(result, region):
                    continue
                value, at = result, place
                while self.equations[at].op in VIEWS and len(self.equations[at].operands) == 1:
                    views.add(at)
                    value = self.facts.through_free(self.equations[at].operands[0])
                    at = self.place[value]
                found[value] = None
        return list(found), sorted(views)

    def _is_read_outside(self, value: Value, region: _Region) -> bool:
        return value in self.shown or any(reader not in region.ways for reader in self.readers.get(value, ()))

    def _add_up(self, stack: Value, value: Value, made: Equation) -> None:
        """Emits the sum of the parts' sums, one added after another."""
        total: Value | None = None
        for number in range(self.parts):
            start, limit = (number, *(0 for _ in value.shape)), (number + 1, *value.shape)
            attributes = {"start": start, "limit": limit, "stride": (1,) * len(limit)}
            piece = self._made(ops.slice, (stack,), attributes, Value(stack.type.with_shape((1, *value.shape))), made)
            part = self._made(ops.reshape, (piece,), {"shape": value.shape}, Value(value.type), made)
            if total is None:
                total = part
            else:
                result = value if number == self.parts - 1 else Value(value.type)
                total = self._made(ops.add, (total, part), {}, result, made)

    def _made(
        self, op: Op, operands: tuple[Value, ...], attributes: dict[str, Any], result: Value, by: Equation
    ) -> Value:
        self.output.append(Equation(op, operands, attributes, (result,), by.location))
        return result


class _Body:
    """The function that computes one part of a region."""

    def __init__(self, walk: _Walk, region: _Region) -> None:
        self.walk, self.region = walk, region
        self.b = Builder("part")
        self.b.find_location = False
        self.values: dict[tuple[Value, int], Value] = {}
        self.inputs: list[tuple[Value, int]] = []  # with the axes that they are cut along

    def add(self, place: int) -> None:
        """Adds one equation of the region."""
        equation, way = self.walk.equations[place], self.region.ways[place]
        operands = [self.part(value, axis) for value, axis in zip(equation.operands, way.operands, strict=True)]
        attributes = equation.attributes
        if not way.is_partial and way.results:
            attributes = RULES[equation.op].attributes(equation, way.results[0], self.walk.parts)
        self.b.location = equation.location
        results = self.b.emit(equation.op, operands, attributes, names=[result.name for result in equation.results])
        for result, own in zip(equation.results, results, strict=True):
            self.values[result, self.region.axes[result]] = own

    def part(self, value: Value, axis: int) -> Value:
        """The part of `value` along `axis`, as made here, copied of what is free, or as a parameter."""
        known = self.values.get((value, axis))
        if known is not None:
            return known
        place = self.walk.place.get(value)
        if place is not None and self.walk.free[place]:
            equation = self.walk.equations[place]
            operands = [self.part(operand, _before_broadcast(equation, axis)) for operand in equation.operands]
            attributes = equation.attributes
            if axis != WHOLE:
                attributes = RULES[equation.op].attributes(equation, axis, self.walk.parts)
            self.b.location = equation.location
            (own,) = self.b.emit(equation.op, operands, attributes, names=[value.name])
        else:
            shape = value.shape if axis == WHOLE else shorter(value.shape, axis, self.walk.parts)
            own = self.b.parameter(value.type.with_shape(shape), value.name)
            self.inputs.append((value, axis))
        self.values[value, axis] = own
        return own

    def equation(self, exported: Sequence[Value], results: Sequence[Value]) -> Equation:
        """The parallel equation that makes `results` of what is exported."""
        axes = [self.region.axes[value] for value in exported]
        own = [self.values[value, axis] for value, axis in zip(exported, axes, strict=True)]
        attributes = {
            "body": self.b.finish(
                self.b.reshape(value, shape=(1, *value.shape)) if axis == PARTIAL else value
                for value, axis in zip(own, axes, strict=True)
            ),
            "parts": self.walk.parts,
            "operand_axes": tuple(axis for _, axis in self.inputs),
            "result_axes": tuple(max(axis, 0) for axis in axes),
        }
        location = self.walk.equations[self.region.members[0]].location
        operands = tuple(value for value, _ in self.inputs)
        return Equation(ops.parallel, operands, attributes, tuple(results), location)


class _Classes:
    """Which axes of which values are cut together: those that an equation maps onto each other."""

    def __init__(self, facts: _Facts) -> None:
        self.facts = facts
        self.parent: dict[_Axis, _Axis] = {}
        for equation, ways in zip(facts.equations, facts.possible, strict=True):
            for way in ways:
                first, *others = _cut(equation, way)
                for other in others:
                    self.parent[self._root(other)] = self._root(first)
        self.roots = [
            [self._root(_cut(equation, way)[0]) for way in ways]
            for equation, ways in zip(facts.equations, facts.possible, strict=True)
        ]

    def costliest(self) -> list[_Axis]:
        """The classes, by one of their axes, whose equations cost most, up to TRIED: none of less than half of the
        first."""
        costs: dict[_Axis, float] = {}
        for cost, roots in zip(self.facts.costs, self.roots, strict=True):
            for root in dict.fromkeys(roots):
                costs[root] = costs.get(root, 0.0) + cost
        found = sorted(costs, key=lambda root: -costs[root])[:TRIED]
        return [root for root in found if 2 * costs[root] >= costs[found[0]]]

    def along(self, root: _Axis, place: int) -> list[Way]:
        """The ways of an equation along a class."""
        return [way for way, own in zip(self.facts.possible[place], self.roots[place], strict=True) if own == root]

    def _root(self, axis: _Axis) -> _Axis:
        parent = self.parent
        while (above := parent.setdefault(axis, axis)) != axis:
            parent[axis] = parent.setdefault(above, above)
            axis = above
        return axis


_Axis = tuple[Value, int]


def _cut(equation: Equation, way: Way) -> list[_Axis]:
    """The axes that a way cuts."""
    found = [(value, axis) for value, axis in zip(equation.operands, way.operands, strict=True) if axis != WHOLE]
    if not way.is_partial:
        found.extend(zip(equation.results, way.results, strict=True))
    return found


def _is_free(equation: Equation) -> bool:
    """Costs nothing in a region, so every region that needs it has its own."""
    if equation.op is ops.broadcast:
        return True
    return equation.op is ops.constant and not equation.results[0].shape


def _before_broadcast(equation: Equation, axis: int) -> int:
    """The axis of a broadcast's operand that lies along `axis` of its result; WHOLE where it repeats."""
    axes = equation.attributes["axes"]
    return axes.index(axis) if axis in axes else WHOLE


def _bytes(value: Value) -> int:
    return value.type.bytes()


def _elements(value: Value) -> int:
    return value.type.bytes() // value.dtype.bytes
