"""Where a program may raise while it runs. Until then no donated argument is overwritten, so that none is lost.

A host function may raise anywhere. An index out of bounds raises on numpy; jax, which cannot, clips reads and drops
writes. So does a `divisor` of 0; jax divides by it. No other op raises: type rules refuse what would, other division by
0 gives numbers, and a matrix that LAPACK fails on becomes nan. Running out of memory and interrupts are not foreseen.
"""

from __future__ import annotations

from diptych.ir import Equation, Function, Op, Value, ops

FAILING: dict[str, frozenset[Op]] = {
    "reference": frozenset((ops.divisor, ops.gather, ops.scatter, ops.host_call)),
    "numpy": frozenset((ops.divisor, ops.gather, ops.scatter, ops.host_call)),
    "jax": frozenset((ops.host_call,)),
}


def last_failing(function: Function, failing: frozenset[Op]) -> int:
    """The place of the last equation of `function` that may raise, where the ops of `failing` do; -1 where none may."""
    return _Search(failing).last(function)


class _Search:
    def __init__(self, failing: frozenset[Op]) -> None:
        self.failing = failing
        self.done: dict[int, bool] = {}  # whether a nested function may raise, by identity

    def last(self, function: Function) -> int:
        found = -1
        checked: set[tuple[Value, int]] = set()  # indices, and sizes of axes that they are known to lie in
        for place, equation in enumerate(function.equations):
            if self.may_raise(equation, checked):
                found = place
        return found

    def may_raise(self, equation: Equation, checked: set[tuple[Value, int]]) -> bool:
        if equation.op.has_functions:
            return any(self.nested(function) for _, function in equation.functions())
        if equation.op not in self.failing:
            return False
        if equation.op in (ops.divisor, ops.host_call):
            return True
        wanted = _bounds(equation)
        is_new = not wanted <= checked
        checked |= wanted
        return is_new

    def nested(self, function: Function) -> bool:
        known = self.done.get(id(function))
        if known is None:
            known = self.done[id(function)] = self.last(function) >= 0
        return known


def _bounds(equation: Equation) -> set[tuple[Value, int]]:
    """The indices that a gather or scatter checks, each with the size of its axis. A read of an empty axis does even
    where it clips."""
    x, indices = equation.operands[0], equation.operands[1 if equation.op is ops.gather else 2 :]
    sizes = [x.type.static_shape()[axis] for axis in equation.attributes["axes"]]
    pairs = zip(indices, sizes, strict=True)
    if equation.attributes["bounds"] == "error":
        return {(index, size) for index, size in pairs if index.type.size != 0}
    return {(index, size) for index, size in pairs if equation.op is ops.gather and not size and index.type.size != 0}
