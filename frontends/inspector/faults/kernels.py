"""Where a backend computes something else than the reference: one equation by itself, several only together, or none,
where roundings add up."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from itertools import islice

from diptych.ir import Equation, Function

from .arrays import Difference, difference
from .bounds import Bound
from .sides import Side
from .values import Arrays, Step, alone, first_entry, steps, with_nested


@dataclass(frozen=True, slots=True)
class Fault:
    """An equation of `function` and what it read; how far what the backend made lies from what it should be. `kind`:
    kernel: it is wrong by itself; group: its own equations are right, together they are not; whole: so are those of the
    program, which begins to be wrong here; rounding: nothing is wrong, but here it adds up. There is no equation where
    the program hands a parameter on. `within`: the equations that this one is in, the nearest first, each with the
    number of the run of its function."""

    kind: str
    function: Function
    equation: Equation | None
    operands: Arrays
    difference: Difference
    within: tuple[tuple[Function, Equation, int], ...] = ()


def fault(side: Side, arguments: Arrays, bound: Bound) -> Fault:
    """Why a backend's results of a program are not the reference's."""
    function = side.final
    found = _kernel(side, function, arguments, bound)
    if found is not None:
        return found
    composed = _results(_composition(side, function, arguments))
    if bound.agree(side.whole(function, arguments), composed):
        return _rounding(side, arguments, bound)
    return _beginning(side, arguments, bound)


def _kernel(side: Side, function: Function, arguments: Arrays, bound: Bound) -> Fault | None:
    """The first equation that the backend computes wrong from what it should read."""
    for step in steps(function, arguments):
        equation = step.equation
        made = side.compute(alone(equation), _given(step))
        wrong = [pair for pair in zip(made, step.results, strict=True) if not bound.of_op(equation, *pair)]
        if not wrong:
            continue
        found = Fault("kernel", function, equation, step.operands, bound.furthest(wrong))
        if not equation.op.has_functions:
            return found
        found = _inside(side, step, made, found, bound)
        if found is not None:
            return found
    return None


def _given(step: Step) -> Arrays:
    """The operands of an equation, each once."""
    return tuple(dict(zip(step.equation.operands, step.operands, strict=True)).values())


def _inside(side: Side, step: Step, made: Arrays, found: Fault, bound: Bound) -> Fault | None:
    """The fault in the first run of a function of an equation that is wrong, or of all together; None where roundings
    add up there."""
    equation = step.equation
    entry = first_entry(
        equation,
        step.operands,
        lambda entry: not bound.agree(side.compute(entry.function, entry.arguments), entry.results),
    )
    if entry is not None:
        inner = _kernel(side, entry.function, entry.arguments, bound)
        if inner is not None:
            return replace(inner, within=(*inner.within, (found.function, equation, entry.number)))
    composed = _nested(side, equation, step.operands)
    return None if bound.agree(made, composed) else replace(found, kind="group")


def _composition(side: Side, function: Function, arguments: Arrays) -> Generator[Step, None, Arrays]:
    """The program on the backend, each equation by itself, down to the innermost ones."""

    def compute(single: Function, operands: Arrays) -> Arrays:
        (equation,) = single.equations
        if not equation.op.has_functions:
            return side.compute(single, operands)
        known = dict(zip(single.parameters, operands, strict=True))
        return _nested(side, equation, tuple(known[operand] for operand in equation.operands))

    return steps(function, arguments, compute=compute)


def _nested(side: Side, equation: Equation, operands: Arrays) -> Arrays:
    return with_nested(equation, operands, lambda f, arrays: _results(_composition(side, f, arrays)))


def _results(walk: Generator[Step, None, Arrays]) -> Arrays:
    """What a walk ends with."""
    while True:
        try:
            next(walk)
        except StopIteration as end:
            return end.value


def _rounding(side: Side, arguments: Arrays, bound: Bound) -> Fault:
    """The first equation whose value has gone too far; where none has, the furthest."""
    function = side.final
    furthest: Fault | None = None
    for right, other in zip(steps(function, arguments), _composition(side, function, arguments), strict=True):
        if not right.results:
            continue
        found = bound.furthest(zip(other.results, right.results, strict=True))
        if furthest is None or bound.excess(found) > bound.excess(furthest.difference):
            furthest = Fault("rounding", function, right.equation, right.operands, found)
        if not bound.allows(found):
            break
    assert furthest is not None
    return furthest


def _beginning(side: Side, arguments: Arrays, bound: Bound) -> Fault:
    """The last equation of a beginning of the program that is wrong as a whole, found by halving: one equation less is
    right. All of the program has its own results, a beginning those of its last equation."""
    function = side.final
    right, wrong, last = 0, len(function.equations) + 1, _end(side, arguments, bound)
    while wrong - right > 1:
        middle = (right + wrong) // 2
        found = _beginning_of(side, middle, arguments, bound)
        if found is None:
            right = middle
        else:
            wrong, last = middle, found
    return last


def _beginning_of(side: Side, count: int, arguments: Arrays, bound: Bound) -> Fault | None:
    """The fault in the last of the first equations, where these are wrong."""
    function = side.final
    step = next(islice(_composition(side, function, arguments), count - 1, None))
    if not step.results:
        return None
    part = Function(function.name, function.parameters, function.equations[:count], step.equation.results)
    far = bound.furthest(zip(side.whole(part, arguments), step.results, strict=True))
    return None if bound.allows(far) else Fault("whole", function, step.equation, step.operands, far)


def _end(side: Side, arguments: Arrays, bound: Bound) -> Fault:
    """The fault in the result of the program that is furthest from what it should be."""
    function = side.final
    composed = _results(_composition(side, function, arguments))
    found = [difference(*pair) for pair in zip(side.whole(function, arguments), composed, strict=True)]
    far = max(found, key=bound.excess)
    value = function.results[found.index(far)]
    for step in _composition(side, function, arguments):
        if value in step.equation.results:
            return Fault("whole", function, step.equation, step.operands, far)
    return Fault("whole", function, None, (), far)
