"""Which writes go into an array that their update is made of, as in `x[1:] = x[:-1]`.

On a CPU, XLA may compute such an update in the loop that writes it in place, and then reads what this has overwritten:
https://github.com/openxla/xla/issues/49176. Seen where a shape changes by axes of size 1 on the way.
"""

from __future__ import annotations

from collections import Counter

from diptych.ir import Equation, Function, Value, ops
from diptych.passes.elementwise import REDUCTIONS

# What XLA may take for its first operand in another shape.
_RESHAPED = REDUCTIONS | {
    ops.reshape, ops.transpose, ops.broadcast, ops.identity, ops.stop_gradient, ops.graft, ops.after, ops.shard,
}  # fmt: skip


def overlapping(function: Function, *, is_inline: bool) -> frozenset[Value]:
    """The results of writes whose update may be computed, in one loop with the write, from elements of what is written
    into. Parameters of a function that comes out inline may be the same array."""
    makers = {result: equation for equation in function.equations for result in equation.results}
    uses = Counter(operand for equation in function.equations for operand in equation.operands)
    shared = frozenset(function.parameters) if is_inline else frozenset[Value]()
    found: list[Value] = []
    for equation in function.equations:
        if not _is_one_write(equation):
            continue
        whole, update = equation.operands[:2]
        if all(size == 1 for size in update.type.shape):  # read before it is written
            continue
        same = _in_other_shapes(whole, makers)
        if same & shared:
            same |= shared
        elif all(uses[value] == 1 for value in same):
            continue
        if _is_made_of(update, same, makers):
            found.append(equation.results[0])
    return frozenset(found)


def _is_one_write(equation: Equation) -> bool:
    """Whether XLA writes all in one place: a scatter to several is a loop of its own, of updates that are there."""
    if equation.op is ops.scatter:
        return all(size == 1 for size in equation.operands[2].type.shape)
    return equation.op is ops.dynamic_update_slice


def _in_other_shapes(value: Value, makers: dict[Value, Equation]) -> set[Value]:
    """The value, and those of which it is only another shape."""
    found = {value}
    while value in makers and makers[value].op in _RESHAPED:
        value = makers[value].operands[0]
        found.add(value)
    return found


def _is_made_of(value: Value, wanted: set[Value], makers: dict[Value, Equation]) -> bool:
    """Whether one of those wanted is read by what XLA may compute in one loop with the value."""
    pending, seen = [value], {value}
    while pending:
        value = pending.pop()
        if value in wanted:
            return True
        if value in makers and not _is_apart(makers[value]):
            before = [operand for operand in makers[value].operands if operand not in seen]
            seen.update(before)
            pending += before
    return False


def _is_apart(equation: Equation) -> bool:
    """Whether XLA computes it before any loop that reads it."""
    if equation.op is ops.matmul:  # of one product each, it is elementwise
        shape = equation.operands[0].type.shape
        return any(shape[axis] != 1 for axis in equation.attributes["lhs_contract"])
    if equation.op is ops.scan:
        return equation.attributes["length"] != 1
    return equation.op is ops.while_loop or equation.op.group == "linalg"
