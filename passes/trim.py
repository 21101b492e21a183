"""Control flow without what nobody reads: results, the operands that only they needed, state that only feeds itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Equation, Function, Value, ops


def trim(function: Function) -> Function:
    """`function` whose call, fused, cond, scan and while_loop equations take and make only what matters, at any depth.
    A carry or state matters when its last value is read, or another one that matters depends on it."""
    return _Trim().function(function, range(len(function.results)))


class _Trim:
    def __init__(self) -> None:
        # What was made of functions, by identity and the results or parameters kept, so that a function that stands in
        # several places stays one. The original comes along to stay alive.
        self.done: dict[tuple[int, tuple[int, ...]], tuple[Function, Function]] = {}
        self.taken: dict[tuple[int, tuple[int, ...]], tuple[Function, Function]] = {}

    def function(self, function: Function, kept: Sequence[int]) -> Function:
        """`function` with the results at `kept` alone, and only the equations that they and effects need."""
        key = (id(function), tuple(kept))
        known = self.done.get(key)
        if known is not None:
            return known[1]
        results = tuple(function.results[place] for place in kept)
        read = set(results)
        equations: list[Equation] = []
        for equation in reversed(function.equations):
            if not equation.has_effect and read.isdisjoint(equation.results):
                continue
            trimmed = self.equation(equation, read) if equation.op.has_functions else equation
            equations.append(trimmed)
            read.update(trimmed.operands)
        equations.reverse()
        trimmed_function = Function(function.name, function.parameters, tuple(equations), results)
        self.done[key] = function, trimmed_function
        return trimmed_function

    def taking(self, function: Function, places: Sequence[int]) -> Function:
        """`function` of the parameters at `places` alone."""
        if len(places) == len(function.parameters):
            return function
        key = (id(function), tuple(places))
        if key not in self.taken:
            parameters = tuple(function.parameters[place] for place in places)
            narrowed = Function(function.name, parameters, function.equations, function.results)
            self.taken[key] = function, narrowed
        return self.taken[key][1]

    def equation(self, equation: Equation, read: set[Value]) -> Equation:
        places = [place for place, result in enumerate(equation.results) if result in read]
        if equation.op in (ops.call, ops.fused, ops.cond):
            return self.plain(equation, places)
        if equation.op in (ops.scan, ops.while_loop):
            return self.loop(equation, places)
        nested = {name: self.function(f, range(len(f.results))) for name, f in equation.functions()}
        return _with(equation, equation.operands, {**equation.attributes, **nested}, equation.results)

    def plain(self, equation: Equation, places: Sequence[int]) -> Equation:
        """A call or a branch: the functions take the last operands, and make all results."""
        nested = {name: self.function(f, places) for name, f in equation.functions()}
        needed = set[int]().union(*map(_read, nested.values()))
        first = len(equation.operands) - len(next(iter(nested.values())).parameters)
        operands = [x for place, x in enumerate(equation.operands) if place < first or place - first in needed]
        attributes = {**equation.attributes, **{name: self.taking(f, sorted(needed)) for name, f in nested.items()}}
        return _with(equation, operands, attributes, [equation.results[place] for place in places])

    def loop(self, equation: Equation, places: Sequence[int]) -> Equation:
        """A scan or a while_loop: the state that matters is found by adding what it reads until nothing is new."""
        body: Function = equation.attributes["body"]
        constants: int = equation.attributes["constants"]
        is_scan = equation.op is ops.scan
        carries: int = equation.attributes["carries"] if is_scan else len(equation.results)
        always: set[int] = set()  # parameters that are read whatever the results
        condition: Function | None = None
        if not is_scan:
            condition = self.function(equation.attributes["condition"], [0])
            always = _read(condition)
        outputs = [place for place in places if place >= carries]
        state = {place for place in places if place < carries}
        while True:
            kept = [*sorted(state), *outputs]
            trimmed = self.function(body, kept)
            needed = always | _read(trimmed)
            more = {place - constants for place in needed if constants <= place < constants + carries}
            if more <= state:
                break
            state |= more
        taken = [p for p in range(len(body.parameters)) if p in needed or (p >= constants and p - constants in state)]
        attributes = {
            **equation.attributes,
            "body": self.taking(trimmed, taken),
            "constants": sum(place < constants for place in taken),
        }
        if condition is None:
            attributes["carries"] = len(state)
        else:
            attributes["condition"] = self.taking(condition, taken)
        return _with(
            equation,
            [equation.operands[place] for place in taken],
            attributes,
            [equation.results[place] for place in kept],
        )


def _with(
    equation: Equation, operands: Sequence[Value], attributes: dict[str, Any], results: Sequence[Value]
) -> Equation:
    return Equation(equation.op, tuple(operands), attributes, tuple(results), equation.location)


def _read(function: Function) -> set[int]:
    """Places of the parameters that an equation or a result reads."""
    read = set(function.results).union(*(equation.operands for equation in function.equations))
    return {place for place, parameter in enumerate(function.parameters) if parameter in read}
