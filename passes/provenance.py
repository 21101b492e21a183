"""Where equations come from: what each one after a pass stands for, and what became of those that nothing stands for.

Passes hand the locations of equations on to what they make of them. So a pass is run on equations whose locations are
marks, which say whose they are, and afterwards the marks are read and taken away: no pass knows of it. Rules and
sharing say by themselves what they replaced, where somebody listens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from diptych.ir import Equation, Function, Location, Value
from diptych.ir.builder import listening

SHARED = "share"  # in place of a rule's name: an equal equation was there


@dataclass(frozen=True, slots=True)
class Mark(Location):
    """A location that says of which equation it is."""

    of: Equation | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Replacement:
    """A rule, by its name, or sharing gave other `values` for what an equation computes, or for what was emitted in its
    stead; values of the function after the pass."""

    rule: str
    of: Equation
    values: tuple[Value, ...]


class Fired(Counter[str]):
    """How often each rule applied and, where `replacements` is a list, what each did."""

    replacements: list[Replacement] | None = None

    def note(self, rule: str, location: Location | None, values: Sequence[Value]) -> None:
        """A rule replaced what was about to be emitted for the equation with this location."""
        self[rule] += 1
        if self.replacements is not None and isinstance(location, Mark) and location.of is not None:
            self.replacements.append(Replacement(rule, location.of, tuple(values)))


@dataclass(frozen=True, slots=True)
class Provenance:
    """Of one pass: `origins` of equations after it, nested ones too, among those before it; an equation without one is
    nobody's. `replacements`, in order."""

    origins: dict[Equation, Equation]
    replacements: tuple[Replacement, ...]

    def made_of(self, equation: Equation) -> list[Equation]:
        """The equations after the pass that stand for one before it."""
        return [after for after, before in self.origins.items() if before is equation]

    def reasons(self, equation: Equation) -> list[Replacement]:
        """What was replaced of an equation before the pass."""
        return [each for each in self.replacements if each.of is equation]


def traced(
    transform: Callable[[Function, Fired], Function], function: Function, fired: Fired
) -> tuple[Function, Provenance, float]:
    """What a pass makes of a function, where that comes from, and the seconds that the pass itself took."""
    fired.replacements = []
    marked = _map(function, _marked)
    with listening(lambda location, values: fired.note(SHARED, location, values)):
        start = perf_counter()
        after = transform(marked, fired)
        seconds = perf_counter() - start
    fired.pop(SHARED, None)  # no rule
    origins: dict[Equation, Equation] = {}

    def unmarked(equation: Equation, attributes: Any) -> Equation:
        mark = equation.location
        if not isinstance(mark, Mark):
            return equation if attributes is equation.attributes else _with(equation, attributes, mark)
        of = mark.of
        assert of is not None
        found = _with(equation, attributes, of.location)
        origins[found] = of
        return found

    result = function if after is marked else _map(after, unmarked)
    if after is marked:
        origins.update((each, each) for each in equations_of(function))
    return result, Provenance(origins, tuple(fired.replacements)), seconds


def _marked(equation: Equation, attributes: Any) -> Equation:
    place = equation.location
    mark = Mark("", 0, of=equation) if place is None else Mark(place.file, place.line, place.text, of=equation)
    return _with(equation, attributes, mark)


def _with(equation: Equation, attributes: Any, location: Location | None) -> Equation:
    return Equation(equation.op, equation.operands, attributes, equation.results, location)


def _map(function: Function, change: Callable[[Equation, Any], Equation]) -> Function:
    """A function with its equations changed, nested ones first, each function once."""
    done: dict[int, tuple[Function, Function]] = {}

    def mapped(function: Function) -> Function:
        known = done.get(id(function))
        if known is None:
            equations: list[Equation] = []
            for equation in function.equations:
                attributes = equation.attributes
                if equation.op.has_functions:
                    attributes = {
                        name: mapped(value) if isinstance(value, Function) else value
                        for name, value in attributes.items()
                    }
                equations.append(change(equation, attributes))
            new = Function(function.name, function.parameters, tuple(equations), function.results)
            known = done[id(function)] = function, new
        return known[1]

    return mapped(function)


def functions_of(function: Function) -> Iterator[Function]:
    """A function and those nested in it, the outer ones first, each once."""
    pending, seen = [function], {id(function)}
    for current in pending:
        yield current
        for equation in current.equations:
            for _, nested in equation.functions():
                if id(nested) not in seen:
                    seen.add(id(nested))
                    pending.append(nested)


def equations_of(function: Function) -> list[Equation]:
    """The equations of a function and of those nested in it, each once."""
    return [equation for each in functions_of(function) for equation in each.equations]
