"""Which values share memory: those that show another one's, and results written over operands that have been read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from diptych.ir import Equation, Function, Op, Value, ops

from .elementwise import ELEMENTWISE

# What a backend may make without copying an element.
VIEWS: frozenset[Op] = frozenset(
    (
        ops.reshape,
        ops.transpose,
        ops.slice,
        ops.broadcast,
        ops.reverse,
        ops.identity,
        ops.stop_gradient,
        ops.graft,
        ops.after,
        ops.shard,
    )
)

# Whose result is the first operand under another name.
SAME = (ops.identity, ops.stop_gradient, ops.graft, ops.after, ops.shard)

# Operands that a result may be written over, by place; of the other elementwise ops, all of them.
_PLACES: dict[Op, tuple[int, ...]] = {
    ops.select: (2,),
    ops.clamp: (1,),
    ops.complex: (),
    ops.real: (),
    ops.imag: (),
}


@dataclass(frozen=True, slots=True)
class Overwriting:
    """Which results of an equation may be written over which of its operands.

    A group has a step for each equation of its body, any other equation one step. `last_read`: the operands that are
    only read at each element's own place, with the last step that reads them and whether that step may write over them
    itself. `written`: the step that writes each result; None where it shows another value.
    """

    last_read: dict[Value, tuple[int, bool]]
    written: tuple[int | None, ...]

    def allows(self, number: int, operand: Value) -> bool:
        """Whether result `number`, of the same shape and of elements as wide, may lie where `operand` does."""
        step = self.written[number]
        if step is None or operand not in self.last_read:
            return False
        last, in_place = self.last_read[operand]
        return last < step or (last == step and in_place)


def overwriting(equation: Equation) -> Overwriting:
    """What `equation` allows."""
    if equation.op is ops.fused:
        return _of_group(equation)
    in_place = _in_place(equation, equation.operands)
    return Overwriting(dict.fromkeys(in_place, (0, True)), (0,) * len(equation.results))


def _in_place(equation: Equation, operands: Sequence[Value]) -> tuple[Value, ...]:
    """The operands that the result of an elementwise equation may be written over: of its shape, and not at another
    place as well, where they would be read after their first element was written."""
    if equation.op in (ops.scatter, ops.dynamic_update_slice):
        return (operands[0],) if operands[0] not in operands[1:] else ()
    if equation.op not in ELEMENTWISE:
        return ()
    places = _PLACES.get(equation.op)
    shape = equation.results[0].shape
    if places is None:
        return tuple([operand for operand in operands if operand.shape == shape])
    others = {operand for place, operand in enumerate(operands) if place not in places}
    found = (operands[place] for place in places)
    return tuple(operand for operand in found if operand.shape == shape and operand not in others)


def _of_group(equation: Equation) -> Overwriting:
    """A group runs its equations in order, block by block. What it reads through a broadcast or a reduction, or passes
    on as a result, may not be written over."""
    body: Function = equation.attributes["body"]
    root: dict[Value, Value] = {}  # of a value that is another one under a new name
    last_read: dict[Value, tuple[int, bool]] = {}
    kept: set[Value] = set()
    written: dict[Value, int] = {}
    for step, member in enumerate(body.equations):
        operands = [root.get(operand, operand) for operand in member.operands]
        if member.op in SAME:
            root[member.results[0]] = operands[0]
            continue
        if member.op in ELEMENTWISE:
            in_place, shape = _in_place(member, operands), member.results[0].shape
            for operand in operands:
                if operand.shape == shape:
                    last_read[operand] = (step, operand in in_place)
                else:
                    kept.add(operand)
        else:
            kept.update(operands)
        if member.op not in VIEWS and member.op is not ops.constant:
            for result in member.results:
                written[result] = step
    kept.update(root.get(result, result) for result in body.results)
    times = Counter(equation.operands)
    return Overwriting(
        {
            outer: last_read[inner]
            for outer, inner in zip(equation.operands, body.parameters, strict=True)
            if inner in last_read and inner not in kept and times[outer] == 1
        },
        tuple(written.get(result) for result in body.results),
    )
