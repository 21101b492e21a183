"""One order of parameters and results, so that programs can be compared that list them differently."""

from __future__ import annotations

from .fingerprint import digests
from .function import Equation, Function, Value


def canonical(function: Function) -> Function:
    """`function` with its results ordered by how they are computed from parameters of what types, then its parameters
    by where they are first used; unused ones come last. Two programs that do the same to arguments in different orders
    have canonical forms of one fingerprint, unless they are symmetric in results of one type."""
    known, _ = digests(function, [str(parameter.type).encode() for parameter in function.parameters])
    results = tuple(sorted(function.results, key=lambda value: known[value]))
    used = _in_order_of_use(function, results)
    unused = sorted((p for p in function.parameters if p not in used), key=lambda value: known[value])
    return Function(function.name, (*used, *unused), function.equations, results)


def _in_order_of_use(function: Function, results: tuple[Value, ...]) -> list[Value]:
    """The parameters as a walk from the results, operands first to last, meets them."""
    maker: dict[Value, Equation] = {result: e for e in function.equations for result in e.results}
    parameters = set(function.parameters)
    found: dict[Value, None] = {}
    seen: set[Equation] = set()
    pending = list(reversed(results))
    while pending:
        value = pending.pop()
        if value in parameters:
            found[value] = None
            continue
        equation = maker[value]
        if equation not in seen:
            seen.add(equation)
            pending.extend(reversed(equation.operands))
    return list(found)
