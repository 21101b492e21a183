"""What the equations of a program compute, one after another, and what runs inside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from diptych.backends.binding import bind_attributes
from diptych.backends.kernels.control import Nested
from diptych.backends.reference.interpreter import evaluate
from diptych.backends.reference.table import kernel
from diptych.ir import Equation, Function, Value, ops
from diptych.passes.provenance import equations_of

Arrays = tuple[np.ndarray, ...]
Compute = Callable[[Function, Arrays], Arrays]


@dataclass(frozen=True, slots=True)
class Step:
    """An equation, what it read and what it made."""

    equation: Equation
    operands: Arrays
    results: Arrays


@dataclass(frozen=True, slots=True)
class Entry:
    """A run of a function nested in an equation; the `number` of it, from 0, among those of the same function."""

    function: Function
    arguments: Arrays
    results: Arrays
    number: int


def by_reference(function: Function, arguments: Arrays) -> Arrays:
    """The results of a function, by the reference interpreter."""
    return evaluate(function, arguments)


def alone(equation: Equation) -> Function:
    """A function of one equation: of its operands, each once, to its results."""
    return Function(equation.op.name, tuple(dict.fromkeys(equation.operands)), (equation,), equation.results)


def steps(
    function: Function, arguments: Sequence[np.ndarray], *, compute: Compute = by_reference, inside: bool = False
) -> Generator[Step, None, Arrays]:
    """Each equation in order, run by itself; the results in the end. With `inside`, those that run once inside another
    one come before it. Values that nobody reads any more are let go of."""
    values = dict(zip(function.parameters, arguments, strict=True))
    read = _last_reads(function)
    for place, equation in enumerate(function.equations):
        operands = tuple(values[operand] for operand in equation.operands)
        entered = _entered_once(equation, operands) if inside else None
        if entered is None:
            single = alone(equation)
            results = compute(single, tuple(values[operand] for operand in single.parameters))
        else:
            results = yield from steps(*entered, compute=compute, inside=True)
        yield Step(equation, operands, results)
        values.update(zip(equation.results, results, strict=True))
        for value in read.get(place, ()):
            del values[value]
    return tuple(values[result] for result in function.results)


def _last_reads(function: Function) -> dict[int, list[Value]]:
    """By the place of an equation, the values that nobody reads after it."""
    last: dict[Value, int] = {}
    for place, equation in enumerate(function.equations):
        last.update(dict.fromkeys((*equation.operands, *equation.results), place))
    found: dict[int, list[Value]] = {}
    for value in last.keys() - set(function.results):
        found.setdefault(last[value], []).append(value)
    return found


def _entered_once(equation: Equation, operands: Arrays) -> tuple[Function, Arrays] | None:
    """The function that runs once inside an equation, and what it runs on; None for other equations."""
    if equation.op in (ops.call, ops.fused, ops.custom_gradient):
        return equation.attributes["body"], operands
    if equation.op is ops.cond:
        return equation.attributes["on_true" if operands[0] else "on_false"], operands[1:]
    return None


def with_nested(equation: Equation, operands: Arrays, run: Compute) -> Arrays:
    """The results of an equation that has functions, which are run by `run`."""

    def nested(function: Function) -> Nested:
        return Nested(lambda *arrays: run(function, arrays), function.parameter_types, function.result_types)

    with np.errstate(all="ignore"):
        return kernel(equation.op)(*operands, **bind_attributes(equation, {}, nested))


class _Found(Exception):
    def __init__(self, entry: Entry) -> None:
        self.entry = entry


def first_entry(equation: Equation, operands: Arrays, wanted: Callable[[Entry], bool]) -> Entry | None:
    """The first run of a function nested in an equation that is `wanted`, which ends the equation; None where none
    is."""
    numbers: Counter[int] = Counter()

    def run(function: Function, arguments: Arrays) -> Arrays:
        entry = Entry(function, arguments, by_reference(function, arguments), numbers[id(function)])
        numbers[id(function)] += 1
        if wanted(entry):
            raise _Found(entry)
        return entry.results

    try:
        with_nested(equation, operands, run)
    except _Found as found:
        return found.entry
    return None


@contextmanager
def quiet(function: Function) -> Iterator[None]:
    """Host calls without results, such as messages, do nothing within the block: they were made when the program ran.
    Those with results are made again."""
    calls = [each for each in equations_of(function) if each.op is ops.host_call and not each.results]
    hosts = {id(call.attributes["function"]): call.attributes["function"] for call in calls}
    before = [(host, host.function) for host in hosts.values()]
    try:
        for host, _ in before:
            host.function = _nothing
        yield
    finally:
        for host, its in before:
            host.function = its


def _nothing(*arrays: np.ndarray) -> None:
    pass
