"""Splitting: what takes long is computed in parts, which a backend runs at the same time: `parallel` equations. Parts
are equal where that can be; else the last one is smaller.

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
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from diptych.ir import Builder, Equation, Function, Op, Value, ops

from .aliasing import VIEWS
from .scheduling import Output
from .splitters import RULES, WHOLE, Share, Way
from .splitters.table import shorter
from .ways import Choice, Cut, Facts, Machine, cut_of, main_ways

PARTIAL = -2  # in place of the axis of a value that is the sum of its parts


def split(function: Function, parts: int, machine: Machine) -> Function:
    """`function` with what pays in `parts` parts. Its dimensions must be numbers."""
    if parts < 2:
        return function
    costs = machine.costs(function.equations)
    if machine.gain(costs, 1 / parts) <= 0:
        return function
    facts = Facts(function, parts, machine, costs)
    walks = [_Walk(facts, choices, cut) for choices, cut in main_ways(facts)]
    best = min(walks, key=lambda walk: walk.time, default=None)
    if best is not None:
        function = best.emitted_function()
        facts = Facts(function, parts, machine, machine.costs(function.equations))
    return _Walk(facts, facts.own).emitted_function()


@dataclass(slots=True)
class _Region:
    """A region that is being formed: how axes are cut in it, its equations by place, how each is split, and along which
    axis what they make is cut; PARTIAL of sums."""

    cut: Cut
    members: list[int] = field(default_factory=list[int])
    ways: dict[int, Way] = field(default_factory=dict[int, Way])
    axes: dict[Value, int] = field(default_factory=dict[Value, int])


class _Walk:
    """One walk over a function, which forms regions of equations that are split in the first of their `choices` that
    fits, all by one `cut`, or each region as suits its first. `time` is about the nanoseconds that the function takes
    then, where what stays alone is split by another walk."""

    def __init__(self, facts: Facts, choices: Sequence[list[Choice]], cut: Cut | None = None) -> None:
        self.facts, self.choices, self.cut = facts, choices, cut
        self.equations, self.costs = facts.equations, facts.costs
        self.shown = set(map(facts.through_free, facts.function.results))
        self.waiting, self.users = facts.waiting()
        self.ready_alone: list[int] = []  # heaps
        self.ready: list[int] = []  # where a region may begin
        self.late: list[int] = []  # what another walk may split: not before what a region may begin with
        self.schedule: list[int | _Region] = []  # equations that stay as they are, and regions
        self.time = 0.0
        self._run()
        self.output = Output(facts)

    def _run(self) -> None:
        for place in range(len(self.equations)):
            if not self.facts.free[place] and self.waiting[place] == 0:
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

    # -- scheduling ----

    def _make_ready(self, place: int) -> None:
        if self.choices[place]:
            heapq.heappush(self.ready if self._opens(place) else self.ready_alone, place)
        else:
            heapq.heappush(self.late if self.facts.possible[place] and self.costs[place] else self.ready_alone, place)

    def _opens(self, place: int) -> bool:
        """Whether a region may begin with an equation: not with a view, which costs nothing, or a small one."""
        return self.equations[place].op not in VIEWS and self.facts.elements(place) >= self.facts.machine.smallest

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
        if facts.own[place]:
            cost = min(cost, cost / facts.parts + facts.machine.meeting)
            if self.schedule and isinstance(self.schedule[-1], _Region):
                cost += facts.machine.handover
        self.schedule.append(place)
        self.time += cost

    def _take_region(self) -> None:
        """Forms the region of all that is ready or becomes ready in it, and emits it where it pays."""
        region = _Region(self.cut or self._own_cut(self.ready[0]))
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
        if self.facts.machine.gain(costs, region.cut.largest) > 0:
            self.time += self.facts.machine.time(costs, region.cut.largest)
            self.schedule.append(region)
        else:
            for place in region.members:
                self._stay(place)

    def _own_cut(self, place: int) -> Cut:
        """How an equation is cut that a region begins with."""
        cut = cut_of(self.choices[place][0].size, self.facts.parts)
        assert cut is not None
        return cut

    def _way(self, region: _Region, place: int) -> Way | None:
        """The first way that can be cut as the region is, and takes what was made there."""
        operands = self.equations[place].operands
        for choice in self.choices[place]:
            way = choice.way
            if region.cut.fits(choice.size) and all(
                self._takes(region, operand, axis) for operand, axis in zip(operands, way.operands, strict=True)
            ):
                return way
        return None

    def _takes(self, region: _Region, operand: Value, axis: int) -> bool:
        """Whether an operand cut along `axis` can come from the region, seen through what is free, or from before."""
        source = self.facts.through_free(operand)
        if source not in region.axes:
            return True
        while operand is not source:
            broadcast = self.equations[self.facts.place[operand]]
            axis, operand = _before_broadcast(broadcast, axis), broadcast.operands[0]
        return region.axes[source] == axis

    # -- emission ----

    def emitted_function(self) -> Function:
        """The function as it was scheduled."""
        for each in self.schedule:
            if isinstance(each, _Region):
                self._emit_region(each)
            else:
                self.output.emit(each)
        return self.output.function()

    def _emit_region(self, region: _Region) -> None:
        """The parallel equation; behind it the views of its results that are read outside, and the sums of its sums."""
        exported, views = self._exported(region)
        cut = region.cut
        shares = [cut.share] if cut.is_even else [cut.share, cut.rest]
        bodies = [_Body(self.facts, region, share) for share in shares]
        stacks = {
            value: Value(value.type.with_shape((cut.parts, *value.shape)), value.name)
            for value in exported
            if region.axes[value] == PARTIAL
        }
        equation = self._parallel(region, bodies, exported, [stacks.get(value, value) for value in exported])
        self.output.add(equation)
        for place in views:
            self.output.emit(place)
        for value, stack in stacks.items():
            self._add_up(stack, value, equation)

    def _parallel(
        self, region: _Region, bodies: Sequence[_Body], exported: Sequence[Value], results: Sequence[Value]
    ) -> Equation:
        """The parallel equation that makes `results` of what is exported."""
        axes = [region.axes[value] for value in exported]
        functions = [body.function(exported) for body in bodies]
        attributes = {
            "body": functions[0],
            "parts": region.cut.parts,
            "operand_axes": tuple(axis for _, axis in bodies[0].inputs),
            "result_axes": tuple(max(axis, 0) for axis in axes),
            "last": functions[1] if len(functions) > 1 else None,
        }
        location = self.facts.equations[region.members[0]].location
        operands = tuple(value for value, _ in bodies[0].inputs)
        return Equation(ops.parallel, operands, attributes, tuple(results), location)

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
                    at = self.facts.place[value]
                found[value] = None
        return list(found), sorted(views)

    def _is_read_outside(self, value: Value, region: _Region) -> bool:
        return value in self.shown or any(reader not in region.ways for reader in self.facts.readers.get(value, ()))

    def _add_up(self, stack: Value, value: Value, made: Equation) -> None:
        """Emits the sum of the parts' sums, one added after another."""
        total: Value | None = None
        parts = stack.type.static_shape()[0]
        for number in range(parts):
            start, limit = (number, *(0 for _ in value.shape)), (number + 1, *value.shape)
            attributes = {"start": start, "limit": limit, "stride": (1,) * len(limit)}
            piece = self._made(ops.slice, (stack,), attributes, Value(stack.type.with_shape((1, *value.shape))), made)
            part = self._made(ops.reshape, (piece,), {"shape": value.shape}, Value(value.type), made)
            if total is None:
                total = part
            else:
                result = value if number == parts - 1 else Value(value.type)
                total = self._made(ops.add, (total, part), {}, result, made)

    def _made(
        self, op: Op, operands: tuple[Value, ...], attributes: dict[str, Any], result: Value, by: Equation
    ) -> Value:
        self.output.add(Equation(op, operands, attributes, (result,), by.location))
        return result


class _Body:
    """The function that computes a part of a region, with such a share of what is cut."""

    def __init__(self, facts: Facts, region: _Region, share: Share) -> None:
        self.facts, self.region, self.share = facts, region, share
        self.b = Builder("part")
        self.b.find_location = False
        self.values: dict[tuple[Value, int], Value] = {}
        self.inputs: list[tuple[Value, int]] = []  # with the axes that they are cut along
        for place in region.members:
            self._add(place)

    def _add(self, place: int) -> None:
        """Adds one equation of the region."""
        equation, way = self.facts.equations[place], self.region.ways[place]
        operands = [self._part(value, axis) for value, axis in zip(equation.operands, way.operands, strict=True)]
        attributes = equation.attributes
        if not way.is_partial and way.results:
            attributes = RULES[equation.op].attributes(equation, way.results[0], self.share)
        self.b.location = equation.location
        results = self.b.emit(equation.op, operands, attributes, names=[result.name for result in equation.results])
        for result, own in zip(equation.results, results, strict=True):
            self.values[result, self.region.axes[result]] = own

    def _part(self, value: Value, axis: int) -> Value:
        """The part of `value` along `axis`, as made here, copied of what is free, or as a parameter."""
        known = self.values.get((value, axis))
        if known is not None:
            return known
        place = self.facts.place.get(value)
        if place is not None and self.facts.free[place]:
            equation = self.facts.equations[place]
            operands = [self._part(operand, _before_broadcast(equation, axis)) for operand in equation.operands]
            attributes = equation.attributes
            if axis != WHOLE:
                attributes = RULES[equation.op].attributes(equation, axis, self.share)
            self.b.location = equation.location
            (own,) = self.b.emit(equation.op, operands, attributes, names=[value.name])
        else:
            shape = value.shape if axis == WHOLE else shorter(value.shape, axis, self.share)
            own = self.b.parameter(value.type.with_shape(shape), value.name)
            self.inputs.append((value, axis))
        self.values[value, axis] = own
        return own

    def function(self, exported: Sequence[Value]) -> Function:
        """What computes what is exported: of sums, stacks of one."""
        axes = [self.region.axes[value] for value in exported]
        own = [self.values[value, axis] for value, axis in zip(exported, axes, strict=True)]
        return self.b.finish(
            self.b.reshape(value, shape=(1, *value.shape)) if axis == PARTIAL else value
            for value, axis in zip(own, axes, strict=True)
        )


def _before_broadcast(equation: Equation, axis: int) -> int:
    """The axis of a broadcast's operand that lies along `axis` of its result; WHOLE where it repeats."""
    axes = equation.attributes["axes"]
    return axes.index(axis) if axis in axes else WHOLE
