"""Fusion: chains of elementwise equations, with the broadcasts and reductions among them, become one `fused`
equation whose nested function holds the group.

A group works on one shape. It may take in reductions over trailing axes and go on with their results, its rows, so that
a softmax is one group, and end in reductions of what it made over leading axes or over everything. Groups are formed by
scheduling: all that is ready and cannot be fused goes first, then one group takes all that is ready or becomes ready
inside it, and falls into the parts that nothing connects. What a group waits for thus lies wholly before it, and fusing
can never close a cycle. Costs n log n.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from diptych.ir import Axes, Builder, Equation, Function, Shape, Value, ops

from .elementwise import ELEMENTWISE, REDUCTIONS
from .nested import Nested
from .scheduling import Dependencies, Output

MIN_SIZE = 2  # equations that compute, below which a group is not worth a call


def fuse(function: Function) -> Function:
    """`function` with its elementwise chains grouped, nested functions included."""
    return Nested(_fused, frozenset((ops.fused,))).function(function)


def _fused(function: Function, nested: Nested) -> Function:
    """`function` with groups. Where none forms the order stays."""
    result = Function(function.name, function.parameters, nested.equations(function), function.results)
    for fusion in walks(result):
        if fusion.has_grouped:
            result = fusion.result
    return result


def walks(function: Function, *, is_noting: bool = False) -> Iterator[Fusion]:
    """The walks over a function, not over nested ones, until no more groups form: what one was holding up may now
    meet. They keep their groups where they are `is_noting`."""
    while True:
        fusion = Fusion(function, is_noting=is_noting)
        yield fusion
        if not fusion.has_grouped or fusion.left_alone < MIN_SIZE:
            break
        function = fusion.result


def domain_of(equation: Equation) -> Shape | None:
    """The shape that the equation would work on in a group; None where it cannot be fused."""
    if equation.op in ELEMENTWISE:
        return equation.results[0].shape or None
    if equation.op in REDUCTIONS and equation.attributes["axes"]:
        return equation.operands[0].shape
    return None


def rows_of(equation: Equation) -> Shape | None:
    """What a reduction over trailing axes keeps; None for other reductions."""
    axes, rank = equation.attributes["axes"], equation.operands[0].rank
    kept = rank - len(axes)
    if kept and axes == tuple(range(kept, rank)):
        return equation.results[0].shape
    return None


def is_leading(equation: Equation) -> bool:
    """Whether a reduction goes over leading axes, or over all."""
    axes: Axes = equation.attributes["axes"]
    return axes == tuple(range(len(axes)))


class Refusal(Enum):
    """Why a group that is being formed does not take an equation that is ready and works on its shape or rows."""

    INCOMPLETE = "reads what is complete only when the group has ended"
    ACROSS = "reads what the group makes along other axes than the first"
    OTHER_ROWS = "makes rows of another shape than those of the group"
    ROWS_OF_ROWS = "reduces rows over their last axes"
    MADE_BEFORE = "reduces over the first axes what the group does not make"
    AXES = "reduces neither over the last axes nor over the first"


@dataclass(slots=True)
class Group:
    """A group that is being formed. `refused`: equations that were ready, and that it did not take. It falls into the
    `parts` that nothing connects."""

    shape: Shape
    rows: Shape | None = None  # the shape of trailing reductions' results
    members: list[int] = field(default_factory=list[int])
    refused: dict[int, Refusal] = field(default_factory=dict[int, Refusal])
    parts: list[list[int]] = field(default_factory=list[list[int]])
    inside: set[Value] = field(default_factory=set[Value])  # made here and usable here
    closed: set[Value] = field(default_factory=set[Value])  # made here, complete only when the group has ended
    ready_rows: list[int] = field(default_factory=list[int])  # equations on the rows that became ready here


class Fusion:
    """One walk over a function, and its `result`. Equations are known by their place in it. `groups`: in the order in
    which they were formed, where they are noted. `scheduled`: for each equation that is not free, how many groups were
    complete then."""

    def __init__(self, function: Function, *, is_noting: bool = False) -> None:
        self.is_noting = is_noting
        self.complete = 0  # groups
        self.dependencies = Dependencies(function)
        self.equations, self.maker = function.equations, self.dependencies.place
        self.free, self.readers = self.dependencies.free, self.dependencies.readers
        self.sources = self.dependencies.sources
        self.domains = list(map(domain_of, self.equations))
        self.waiting, self.users = self.dependencies.waiting()
        self.results = {*function.results, *map(self.dependencies.through_free, function.results)}
        self.ready_plain: list[int] = []
        self.ready: dict[Shape, list[int]] = {}  # what can be fused, a heap for each shape
        self.ready_first: list[int] = []  # all of these in one heap; what has been scheduled since is skipped
        self.scheduled: dict[int, int] = {}
        self.groups: list[Group] = []
        self.output = Output(self.dependencies)
        self.has_grouped = False
        self.left_alone = 0  # equations that could be fused but found no partner
        self._run()
        self.result = self.output.function()

    def _run(self) -> None:
        for place in range(len(self.equations)):
            if not self.free[place] and self.waiting[place] == 0:
                self._make_ready(place)
        while self.ready_plain or self.ready:
            while self.ready_plain:
                self._schedule_alone(heapq.heappop(self.ready_plain))
            if self.ready:
                self._take_group()

    # -- scheduling ----

    def _make_ready(self, place: int) -> None:
        domain = self.domains[place]
        if domain is None:
            heapq.heappush(self.ready_plain, place)
        else:
            heapq.heappush(self.ready.setdefault(domain, []), place)
            heapq.heappush(self.ready_first, place)

    def _finish(self, place: int, group: Group | None = None) -> None:
        """An equation has been scheduled, in `group` where it is in one: those that waited for it alone are ready."""
        self.scheduled[place] = self.complete
        for user in self.users[place]:
            self.waiting[user] -= 1
            if self.waiting[user] == 0:
                if group is not None and self._works_on_rows(group, user):
                    heapq.heappush(group.ready_rows, user)
                else:
                    self._make_ready(user)

    def _works_on_rows(self, group: Group, place: int) -> bool:
        if group.rows is None or self.domains[place] != group.rows:
            return False
        return any(value in group.inside for value in self.sources[place])

    def _schedule_alone(self, place: int) -> None:
        self.output.emit(place)
        self._finish(place)

    def _take_group(self) -> None:
        """Forms the group that starts with the first fusible equation that is ready, and emits it."""
        while self.ready_first[0] in self.scheduled:
            heapq.heappop(self.ready_first)
        first = self.domains[self.ready_first[0]]
        assert first is not None
        group = Group(first)
        while (place := self._next(group)) is not None:
            refusal = self._refusal(group, place)
            if refusal is None:
                group.members.append(place)
                self._finish(place, group)
                continue
            group.refused[place] = refusal
            if not self._can_join_later(group, place):
                self._schedule_alone(place)
        self.complete += 1
        if self.is_noting:  # many groups may each refuse much
            self.groups.append(group)
        for place in group.refused:
            if place not in self.scheduled:
                self._make_ready(place)
        group.parts = self._parts(group)
        for members in group.parts:
            self._emit_group(members)

    def _next(self, group: Group) -> int | None:
        """The first ready equation that works on the group's shape, or on its rows."""
        whole = self.ready.get(group.shape)
        if group.ready_rows and (whole is None or group.ready_rows[0] < whole[0]):
            return heapq.heappop(group.ready_rows)
        if whole is None:
            return None
        place = heapq.heappop(whole)
        if not whole:
            del self.ready[group.shape]
        return place

    def _refusal(self, group: Group, place: int) -> Refusal | None:
        """Why an equation does not fit the group; None where it does, and the group then knows its results."""
        equation = self.equations[place]
        if any(value in group.closed for value in self.sources[place]):
            return Refusal.INCOMPLETE
        if equation.op in ELEMENTWISE:
            if not all(self._lies_along_rows(group, operand) for operand in equation.operands):
                return Refusal.ACROSS
            group.inside.update(equation.results)
            return None
        operand, rows = equation.operands[0], rows_of(equation)
        if rows is not None:
            if operand.shape != group.shape:
                return Refusal.ROWS_OF_ROWS
            if group.rows not in (None, rows):
                return Refusal.OTHER_ROWS
            group.rows = rows
            group.inside.update(equation.results)
            return None
        if not is_leading(equation):
            return Refusal.AXES
        if operand not in group.inside:
            return Refusal.MADE_BEFORE
        group.closed.update(equation.results)
        return None

    def _can_join_later(self, group: Group, place: int) -> bool:
        """Whether what this group refused waits for its end, or may be in another group. A reduction of what was made
        before can only start a group, with its rows."""
        equation = self.equations[place]
        if equation.op in ELEMENTWISE or rows_of(equation) is not None:
            return True
        return any(value in group.inside or value in group.closed for value in self.sources[place])

    def _lies_along_rows(self, group: Group, operand: Value) -> bool:
        """A value repeated within the group must come from outside or be its rows, along the leading axes."""
        source = self.dependencies.through_free(operand)
        if source is operand or source not in group.inside:
            return True
        return self.axes_of(operand) == tuple(range(source.rank))

    def axes_of(self, operand: Value) -> Axes:
        """The axes of `operand` that those of what it shows, through free equations, lie along."""
        source = self.dependencies.through_free(operand)
        axes = tuple(range(operand.rank))
        while operand is not source:
            broadcast = self.equations[self.maker[operand]]
            inner: Axes = broadcast.attributes["axes"]
            axes = tuple([axes[axis] for axis in inner])
            operand = broadcast.operands[0]
        return axes

    def _parts(self, group: Group) -> list[list[int]]:
        """The members, parted where nothing connects them."""
        parent = {place: place for place in group.members}

        def root(place: int) -> int:
            while parent[place] != place:
                parent[place] = parent[parent[place]]
                place = parent[place]
            return place

        for place in group.members:
            for value in self.sources[place]:
                maker = self.maker.get(value)
                if maker in parent:
                    parent[root(place)] = root(maker)
        parts: dict[int, list[int]] = {}
        for place in group.members:
            parts.setdefault(root(place), []).append(place)
        return list(parts.values())

    # -- emission ----

    def _emit_group(self, members: list[int]) -> None:
        if len(members) < MIN_SIZE:
            self.left_alone += len(members)
            for place in members:
                self.output.emit(place)
            return
        self.has_grouped = True
        inside = set(members)
        made = [value for place in members for value in self.equations[place].results]
        results = [value for value in made if self._is_used_outside(value, inside)]
        b = Builder("group")
        b.find_location = False
        values: dict[Value, Value] = {}
        inputs: list[Value] = []
        for place in members:
            for operand in self.equations[place].operands:
                self._bring_in(b, operand, values, inputs)
            b.replay(self.equations[place], values)
        body = b.finish(values[value] for value in results)
        location = self.equations[members[0]].location
        self.output.add(Equation(ops.fused, tuple(inputs), {"body": body}, tuple(results), location))

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
