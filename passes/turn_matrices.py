"""Turning: a matrix that many products read turned round, as every step of a recurrence does in its gradient, is turned
once, for products that take longer to read it so than to read it as it lies."""

from __future__ import annotations

from collections import Counter

from diptych.ir import Builder, Equation, Function, Value, ops

LEAST = 4  # products that are worth a copy


def turn_matrices(function: Function) -> Function:
    """`function` with such matrices turned, nested functions included."""
    return _turned(function, {})


def _turned(function: Function, done: dict[int, tuple[Function, Function]]) -> Function:
    """`done` has the functions turned before, by identity."""
    known = done.get(id(function))
    if known is None:
        known = done[id(function)] = function, _rebuilt(function, done)
    return known[1]


def _rebuilt(function: Function, done: dict[int, tuple[Function, Function]]) -> Function:
    times = Counter(equation.operands[1] for equation in function.equations if _reads_turned(equation))
    often = {value for value, count in times.items() if count >= LEAST}
    nested = {id(inner): _turned(inner, done) for e in function.equations for _, inner in e.functions()}
    if not often and all(id(new) == old for old, new in nested.items()):
        return function
    b = Builder(function.name)
    b.find_location = False
    values = {p: b.parameter(p.type, p.name) for p in function.parameters}
    turned: dict[Value, Value] = {}
    for equation in function.equations:
        if _reads_turned(equation) and equation.operands[1] in often:
            lhs, rhs = equation.operands
            b.location = equation.location
            if rhs not in turned:
                turned[rhs] = b.concatenate(b.transpose(values[rhs], permutation=(1, 0)), axis=0)  # a copy
            attributes = {**equation.attributes, "rhs_contract": (0,)}
            (values[equation.results[0]],) = b.emit(
                ops.matmul, [values[lhs], turned[rhs]], attributes, names=[equation.results[0].name]
            )
            continue
        if equation.op.has_functions:
            attributes = {name: nested.get(id(value), value) for name, value in equation.attributes.items()}
            equation = Equation(equation.op, equation.operands, attributes, equation.results, equation.location)
        b.replay(equation, values)
    return b.finish(values[result] for result in function.results)


def _reads_turned(equation: Equation) -> bool:
    """Whether an equation is a product of matrices that goes along the second one's rows."""
    if equation.op is not ops.matmul:
        return False
    attributes = equation.attributes
    is_plain = equation.operands[0].rank == equation.operands[1].rank == 2 and not attributes["lhs_batch"]
    return is_plain and attributes["lhs_contract"] == (1,) and attributes["rhs_contract"] == (1,)
