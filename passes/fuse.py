"""Fusion: chains of elementwise equations, with the broadcasts and reductions among them, become one `fused`
equation whose nested function holds the group.

A group works on one shape. It may take in reductions over trailing axes and go on with their results, so that a
softmax is one group, and end in reductions over leading axes or over everything. Groups are formed by scheduling:
all that is ready and cannot be fused goes first, then one group takes all that is ready or becomes ready inside it.
What a group waits for thus lies wholly before it, and fusing can never close a cycle. Costs n log n.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

from diptych.ir import Builder, Equation, Function, Shape, Value, ops

from .elementwise import ELEMENTWISE, REDUCTIONS

MIN_SIZE = 2  # equations that compute, below which a group is not worth a call


def fuse(function: Function) -> Function:
    """`function` with its elementwise chains grouped, nested functions included."""
    return _Fusion(function).run()


def _is_free(equation: Equation) -> bool:
    """Costs nothing inside a group, so every group that needs it has its own."""
    if equation.op is ops.broadcast:
        return True
    return equation.op is ops.constant and not equation.results[0].shape


def _domain(equation: Equation) -> Shape | None:
    """The shape that the equation would work on in a group; None where it cannot be fused."""
    if equation.op in ELEMENTWISE:
        return equation.results[0].shape or None
    if equation.op in REDUCTIONS and equation.attributes["axes"]:
        return equation.operands[0].shape
    return None


def _trailing(equation: Equation) -> Shape | None:
    """What a reduction over trailing axes keeps; None for other reductions."""
    axes, rank = equation.attributes["axes"], equation.operands[0].rank
    kept = rank - len(axes)
    if kept and axes == tuple(range(kept, rank)):
        return equation.results[0].shape
    return None


def _leading(equation: Equation) -> bool:
    axes = equation.attributes["axes"]
    return axes == tuple(range(len(axes)))


@dataclass(slots=True)
class _Group:
    shape: Shape
    rows: Shape | None = None  # the shape of trailing reductions' results
    members: list[int] = field(default_factory=list[int])
    inside: set[Value] = field(default_factory=set[Value])  # made here and usable here
    closed: set[Value] = field(default_factory=set[Value])  # made here, complete only when the group has ended


class _Fusion:
    def __init__(self, function: Function) -> None:
        self.function = function
        self.equations = [_fused_inside(equation) for equation in function.equations]
        self.maker = {result: place for place, e in enumerate(self.equations) for result in e.results}
        self.free = [_is_free(equation) for equation in self.equations]
        self.waiting, self.users = self._dependencies()
        self.readers = self._readers()
        self.results = set(function.results)
        for result in function.results:
            self.results.update(self._through_free(result))
        self.ready_plain: list[int] = []
        self.ready: dict[Shape, list[int]] = {}
        self.output: list[Equation] = []
        self.emitted: set[int] = set()

    def run(self) -> Function:
        for place in range(len(self.equations)):
            if not self.free[place] and self.waiting[place] == 0:
                self._make_ready(place)
        while self.ready_plain or self.ready:
            while self.ready_plain:
                place = heapq.heappop(self.ready_plain)
                self._emit(place)
                self._finished(place)
            if self.ready:
                self._take_group()
        for result in self.function.results:
            self._emit_free(result)
        return Function(self.function.name, self.function.parameters, tuple(self.output), self.function.results)

    def sources(self, place: int) -> Iterable[Value]:
        """The operands of an equation, seen through what is free."""
        for operand in self.equations[place].operands:
            yield from self._through_free(operand)

    def _through_free(self, value: Value) -> Iterable[Value]:
        """`value`, or what the free equations that make it read."""
        maker = self.maker.get(value)
        while maker is not None and self.free[maker]:
            operands = self.equations[maker].operands
            if not operands:
                return
            value = operands[0]
            maker = self.maker.get(value)
        yield value

    def _readers(self) -> dict[Value, list[int]]:
        """For each value, the equations that read it, seen through what is free."""
        readers: dict[Value, list[int]] = {}
        for place in range(len(self.equations)):
            if not self.free[place]:
                for value in self.sources(place):
                    readers.setdefault(value, []).append(place)
        return readers

    def _dependencies(self) -> tuple[list[int], list[list[int]]]:
        waiting, users = [0] * len(self.equations), [list[int]() for _ in self.equations]
        last_effect: int | None = None
        for place, equation in enumerate(self.equations):
            if self.free[place]:
                continue
            makers = {self.maker[value] for value in self.sources(place) if value in self.maker}
            if equation.has_effect:
                if last_effect is not None:
                    makers.add(last_effect)
                last_effect = place
            waiting[place] = len(makers)
            for maker in makers:
                users[maker].append(place)
        return waiting, users

    def _make_ready(self, place: int) -> None:
        domain = _domain(self.equations[place])
        heapq.heappush(self.ready_plain if domain is None else self.ready.setdefault(domain, []), place)

    def _finished(self, place: int) -> None:
        for user in self.users[place]:
            self.waiting[user] -= 1
            if self.waiting[user] == 0:
                self._make_ready(user)

    def _take_group(self) -> None:
        """Forms the group that starts with the first fusible equation that is ready, and emits it."""
        shape = min(self.ready, key=lambda domain: self.ready[domain][0])
        group = _Group(shape)
        refused: list[int] = []
        while True:
            place = self._next(group)
            if place is None:
                break
            if not self._joins(group, place):
                refused.append(place)
                continue
            group.members.append(place)
            self._finished(place)
        if not group.members:  # a reduction that starts no group
            place = min(refused)
            refused.remove(place)
            self._emit(place)
            self._finished(place)
        for place in refused:
            self._make_ready(place)
        for members in self._components(group):
            self._emit_group(group, members)

    def _next(self, group: _Group) -> int | None:
        """The first ready equation that works on the group's shape, or on that of its rows."""
        candidates = [shape for shape in (group.shape, group.rows) if shape in self.ready]
        if not candidates:
            return None
        best = min(candidates, key=lambda shape: self.ready[shape][0] if shape is not None else 0)
        if best is None:
            return None
        place = heapq.heappop(self.ready[best])
        if not self.ready[best]:
            del self.ready[best]
        return place

    def _joins(self, group: _Group, place: int) -> bool:
        """Whether an equation fits the group, which then knows its results."""
        equation = self.equations[place]
        sources = list(self.sources(place))
        if any(value in group.closed for value in sources):
            return False
        if equation.op in ELEMENTWISE:
            if equation.results[0].shape == group.shape:
                # A broadcast of the group's own rows must lie along its leading axes.
                if not all(self._lies_along_rows(group, operand) for operand in equation.operands):
                    return False
            elif not any(value in group.inside for value in sources):
                return False
            group.inside.update(equation.results)
            return True
        if equation.operands[0].shape != group.shape:
            return False
        rows = _trailing(equation)
        if rows is not None and group.rows in (None, rows):
            group.rows = rows
            group.inside.update(equation.results)
            return True
        if _leading(equation) and equation.operands[0] in group.inside:
            group.closed.update(equation.results)
            return True
        return False

    def _lies_along_rows(self, group: _Group, operand: Value) -> bool:
        maker = self.maker.get(operand)
        if maker is None or not self.free[maker] or self.equations[maker].op is not ops.broadcast:
            return True
        equation = self.equations[maker]
        source = equation.operands[0]
        if source not in group.inside:
            return True
        return equation.attributes["axes"] == tuple(range(source.rank))

    def _components(self, group: _Group) -> list[list[int]]:
        """The members, parted where nothing connects them."""
        parent = {place: place for place in group.members}

        def root(place: int) -> int:
            while parent[place] != place:
                parent[place] = parent[parent[place]]
                place = parent[place]
            return place

        for place in group.members:
            for value in self.sources(place):
                maker = self.maker.get(value)
                if maker in parent:
                    parent[root(place)] = root(maker)
        parts: dict[int, list[int]] = {}
        for place in group.members:
            parts.setdefault(root(place), []).append(place)
        return list(parts.values())

    def _emit_group(self, group: _Group, members: list[int]) -> None:
        if len(members) < MIN_SIZE:
            for place in members:
                self._emit(place)
            return
        inside = set(members)
        made = [value for place in members for value in self.equations[place].results]
        wanted = {value for value in made if self._is_used_outside(value, inside)}
        results = [value for value in made if value in wanted]
        b = Builder("group")
        b.find_location = False
        values: dict[Value, Value] = {}
        inputs: list[Value] = []
        for place in members:
            for operand in self.equations[place].operands:
                self._bring_in(b, operand, values, inputs)
            b.replay(self.equations[place], values)
        body = b.finish(values[value] for value in results)
        for value in inputs:
            self._emit_free(value)
        location = self.equations[members[0]].location
        self.output.append(Equation(ops.fused, tuple(inputs), {"body": body}, tuple(results), location))
        self.emitted.update(members)

    def _bring_in(self, b: Builder, operand: Value, values: dict[Value, Value], inputs: list[Value]) -> None:
        """Makes `operand` known inside the body: as a copy of what is free, else as a parameter."""
        chain: list[int] = []
        while operand not in values:
            maker = self.maker.get(operand)
            if maker is None or not self.free[maker]:
                values[operand] = b.parameter(operand.type, operand.name)
                inputs.append(operand)
                break
            chain.append(maker)
            if not self.equations[maker].operands:
                break
            operand = self.equations[maker].operands[0]
        for maker in reversed(chain):
            b.replay(self.equations[maker], values)

    def _is_used_outside(self, value: Value, inside: set[int]) -> bool:
        return value in self.results or any(user not in inside for user in self.readers.get(value, ()))

    def _emit(self, place: int) -> None:
        for operand in self.equations[place].operands:
            self._emit_free(operand)
        self.output.append(self.equations[place])
        self.emitted.add(place)

    def _emit_free(self, value: Value) -> None:
        """Emits the free equations that make `value`, where they have not been."""
        chain: list[int] = []
        maker = self.maker.get(value)
        while maker is not None and self.free[maker] and maker not in self.emitted:
            chain.append(maker)
            operands = self.equations[maker].operands
            maker = self.maker.get(operands[0]) if operands else None
        for place in reversed(chain):
            self.output.append(self.equations[place])
            self.emitted.add(place)


def _fused_inside(equation: Equation) -> Equation:
    """The equation with its nested functions fused."""
    if not equation.op.has_functions or equation.op is ops.fused:
        return equation
    attributes = dict(equation.attributes)
    for name, function in equation.functions():
        attributes[name] = fuse(function)
    return Equation(equation.op, equation.operands, attributes, equation.results, equation.location)
