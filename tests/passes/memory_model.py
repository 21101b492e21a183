"""Runs a memory plan without numbers: each 64 bytes remember whose they are, and each read looks if they still are.

Written against what a plan promises, not from how it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from diptych.ir import Equation, Function, Value, ops
from diptych.passes.aliasing import VIEWS
from diptych.passes.elementwise import ELEMENTWISE
from diptych.passes.plan import ALIGNMENT, MemoryPlan, Slot, plan_memory

Cells = tuple[Hashable, ...]  # pieces of memory of ALIGNMENT bytes


def check_plan(
    function: Function,
    plan: MemoryPlan,
    *,
    donate: Sequence[int] = (),
    in_arena: Callable[[Equation], bool] = lambda equation: True,
    nested: Callable[[Function], MemoryPlan] | None = None,
) -> None:
    """Raises AssertionError where `plan` lets a value be overwritten before its last read, or leaves the arena. `nested`
    plans the functions of groups and of parts."""
    _Memory(function, plan, donate, in_arena, nested or (lambda body: plan_memory(body, in_arena=in_arena))).run()


def plan_with_groups(function: Function, donate: Sequence[int] = ()) -> MemoryPlan:
    """A plan in which the temporaries of groups lie in their scratch room."""
    return plan_memory(function, donate=donate, scratch=scratch_of)


def scratch_of(equation: Equation) -> int:
    return plan_memory(equation.attributes["body"]).arena if equation.op is ops.fused else 0


class _Memory:
    def __init__(
        self,
        function: Function,
        plan: MemoryPlan,
        donate: Sequence[int],
        in_arena: Callable[[Equation], bool],
        nested: Callable[[Function], MemoryPlan],
    ) -> None:
        self.function, self.plan, self.donate, self.in_arena, self.nested = function, plan, donate, in_arena, nested
        self.holder: dict[Hashable, Value] = {}  # whose data each cell has
        self.place: dict[Value, Cells] = {}  # where each value was written
        self.shown: dict[Value, Value] = {}  # for a view, the value that it shows
        self.turned: set[Value] = set()  # views whose elements stand elsewhere

    def run(self) -> None:
        for number, parameter in enumerate(self.function.parameters):
            self.write(parameter, (("parameter", number),))
        for place, equation in enumerate(self.function.equations):
            self.equation(place, equation)
        for result in self.function.results:
            self.read(result)
        assert set(self.plan.donated.values()) <= set(self.donate)
        assert len(set(self.plan.donated.values())) == len(self.plan.donated)
        for result, parameter in self.plan.donated.items():
            assert self.function.results[result].type == self.function.parameters[parameter].type

    def equation(self, place: int, equation: Equation) -> None:
        if equation.op in VIEWS:
            self.view(equation, equation.operands[0])
            return
        targets = [self.target(result, equation) for result in equation.results]
        flat = [cell for cells in targets for cell in cells]
        assert len(set(flat)) == len(flat), "two results overlap"
        room = self.plan.scratch.get(place)
        busy = set(self.cells(room)) if room is not None else set[Hashable]()
        assert busy.isdisjoint(flat), "scratch room and a result overlap"
        self.compute(equation, targets, room, 0)
        for result, cells in zip(equation.results, targets, strict=True):
            self.write(result, cells)

    def compute(self, equation: Equation, targets: Sequence[Cells], room: Slot | None, start: int) -> None:
        """Reads what an equation reads, and writes what those nested in it make. Of parts, it is enough to look at one:
        each has its own slices of what is cut along the axis that the results are, and all that is read whole is never
        written."""
        if equation.op not in (ops.fused, ops.parallel) or not self.in_arena(equation):
            self.step(equation, equation.operands, targets)
            return
        busy = set(self.cells(Slot(start + room.offset, room.size))) if room is not None else set[Hashable]()
        for operand in equation.operands:
            self.read(operand)
            assert busy.isdisjoint(self.where(operand)), "scratch room and an operand overlap"
        if equation.op is ops.parallel:
            self.parts_are_apart(equation, targets)
        self.group(equation, targets, start + (room.offset if room is not None else 0))

    def parts_are_apart(self, equation: Equation, targets: Sequence[Cells]) -> None:
        """A result may be written over an operand that is cut along the same axis, and over no other one."""
        for cells, axis in zip(targets, equation.attributes["result_axes"], strict=True):
            for operand, own in zip(equation.operands, equation.attributes["operand_axes"], strict=True):
                assert own == axis or set(cells).isdisjoint(self.where(operand)), (
                    "one part overwrites another's operand"
                )

    def step(self, equation: Equation, operands: Sequence[Value], targets: Sequence[Cells]) -> None:
        """Reads everything; what is read elsewhere than at the element's own place must not be what is written."""
        written = {cell for cells in targets for cell in cells}
        for number, operand in enumerate(operands):
            self.read(operand)
            if equation.op in (ops.scatter, ops.dynamic_update_slice) and not number:
                assert operand not in operands[1:] or written.isdisjoint(self.where(operand)), "it is read elsewhere"
                continue
            own_place = (
                equation.op in ELEMENTWISE
                and operand not in self.turned
                and operand.shape == equation.results[0].shape
                and (equation.op is not ops.select or number == 2)
                and (equation.op is not ops.clamp or number == 1)
                and equation.op not in (ops.complex, ops.real, ops.imag)
            )
            assert own_place or written.isdisjoint(self.where(operand)), (
                f"{equation.op.name} overwrites operand {number}"
            )

    def group(self, equation: Equation, targets: Sequence[Cells], start: int) -> None:
        """The body's equations one after another: temporaries in the scratch room, results at their targets. What no
        equation of its own writes is copied at the end."""
        body: Function = equation.attributes["body"]
        inner = self.nested(body)
        own: dict[Value, Cells] = {}
        for value, slot in inner.slots.items():
            own[value] = self.cells(Slot(start + slot.offset, slot.size))
        for parameter, operand in zip(body.parameters, equation.operands, strict=True):
            self.shown[parameter] = self.shown.get(operand, operand)
            if operand in self.turned:
                self.turned.add(parameter)
        own.update(zip(body.results, targets, strict=True))
        made: set[Value] = set()
        for place, member in enumerate(body.equations):
            if member.op in VIEWS:
                self.view(member, member.operands[0])
                continue
            if member.op is ops.constant:
                self.write(member.results[0], (("constant", member.results[0]),))
                continue
            kept = [own.setdefault(result, (("own", result),)) for result in member.results]
            self.compute(member, kept, inner.scratch.get(place), start)
            for result in member.results:
                self.write(result, own[result])
                made.add(result)
        for number, (result, cells) in enumerate(zip(body.results, targets, strict=True)):
            self.read(result)
            if result not in made or body.results.index(result) != number:
                self.write(equation.results[number], cells)

    def view(self, equation: Equation, source: Value) -> None:
        result = equation.results[0]
        self.shown[result] = self.shown.get(source, source)
        if source in self.turned or equation.op not in (ops.identity, ops.stop_gradient, ops.graft):
            self.turned.add(result)

    def target(self, result: Value, equation: Equation) -> Cells:
        slot = self.plan.slots.get(result)
        if slot is not None:
            assert slot.size >= result.type.bytes() and slot.offset % ALIGNMENT == 0
            assert slot.offset + slot.size <= self.plan.arena
            return self.cells(slot)
        for number, wanted in enumerate(self.function.results):
            if wanted is result and number in self.plan.donated:
                return (("parameter", self.plan.donated[number]),)
        is_result = result in self.function.results
        assert is_result or equation.op is ops.constant or not self.in_arena(equation), "a value without a place"
        return (("own", result),)

    def cells(self, slot: Slot) -> Cells:
        return tuple(range(slot.offset // ALIGNMENT, -(-(slot.offset + slot.size) // ALIGNMENT)))

    def where(self, value: Value) -> Cells:
        return self.place[self.shown.get(value, value)]

    def read(self, value: Value) -> None:
        source = self.shown.get(value, value)
        for cell in self.place[source]:
            assert self.holder[cell] is source, "a value was overwritten before its last read"

    def write(self, value: Value, cells: Cells) -> None:
        self.place[value] = cells
        for cell in cells:
            self.holder[cell] = value
