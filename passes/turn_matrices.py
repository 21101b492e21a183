"""Turning: a matrix that many products read turned round, as every step of a recurrence does in its gradient, is turned
once, for products that take longer to read it so than to read it as it lies."""

from __future__ import annotations

from collections import Counter

from diptych.ir import Builder, Equation, Function, Value, ops

from .nested import Nested

LEAST = 4  # products that are worth a copy


def turn_matrices(function: Function) -> Function:
    """`function` with such matrices turned, nested functions included."""
    return Nested(_turned).function(function)


def _turned(function: Function, nested: Nested) -> Function:
    equations = nested.equations(function)
    times = Counter(equation.operands[1] for equation in equations if _reads_turned(equation))
    often = {value for value, count in times.items() if count >= LEAST}
    if not often and equations is function.equations:
        return function
    b = Builder(function.name)
    b.find_location = False
    values = {p: b.parameter(p.type, p.name) for p in function.parameters}
    turned: dict[Value, Value] = {}
    for equation in equations:
        if not _reads_turned(equation) or equation.operands[1] not in often:
            b.replay(equation, values)
            continue
        (lhs, rhs), (result,) = equation.operands, equation.results
        b.location = equation.location
        if rhs not in turned:
            turned[rhs] = b.concatenate(b.transpose(values[rhs], permutation=(1, 0)), axis=0)  # a copy
        attributes = {**equation.attributes, "rhs_contract": (0,)}
        (values[result],) = b.emit(ops.matmul, [values[lhs], turned[rhs]], attributes, names=[result.name])
    return b.finish(values[result] for result in function.results)


def _reads_turned(equation: Equation) -> bool:
    """Whether an equation is a product of matrices that goes along the second one's rows."""
    if equation.op is not ops.matmul:
        return False
    attributes = equation.attributes
    is_plain = equation.operands[0].rank == equation.operands[1].rank == 2 and not attributes["lhs_batch"]
    return is_plain and attributes["lhs_contract"] == (1,) and attributes["rhs_contract"] == (1,)
