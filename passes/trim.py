"""Control flow without the results that nobody reads."""

from __future__ import annotations

from collections.abc import Sequence

from diptych.ir import Equation, Function, Value, live_equations, ops


def trim(function: Function) -> Function:
    """`function` whose call, fused, cond and scan equations make only what is read, nested functions included.

    A carry of a scan stays, since later rounds read it; so does all of a while_loop's state.
    """
    read = set(function.results)
    kept: list[Equation] = []
    for equation in reversed(function.equations):
        if not equation.has_effect and read.isdisjoint(equation.results):
            continue
        trimmed = _trimmed(equation, read)
        kept.append(trimmed)
        read.update(trimmed.operands)
    kept.reverse()
    return Function(function.name, function.parameters, tuple(kept), function.results)


def _trimmed(equation: Equation, read: set[Value]) -> Equation:
    if not equation.op.has_functions:
        return equation
    places = [place for place, result in enumerate(equation.results) if result in read]
    if equation.op is ops.scan:
        carries: int = equation.attributes["carries"]
        places = [*range(carries), *(place for place in places if place >= carries)]
    elif equation.op not in (ops.call, ops.fused, ops.cond):
        places = list(range(len(equation.results)))
    attributes = dict(equation.attributes)
    for name, function in equation.functions():
        chosen = range(len(function.results)) if len(places) == len(equation.results) else places
        attributes[name] = trim(_narrowed(function, chosen))
    results = tuple(equation.results[place] for place in places)
    return Equation(equation.op, equation.operands, attributes, results, equation.location)


def _narrowed(function: Function, places: Sequence[int]) -> Function:
    """`function` with the results at `places` alone."""
    results = tuple(function.results[place] for place in places)
    return Function(function.name, function.parameters, live_equations(function.equations, results), results)
