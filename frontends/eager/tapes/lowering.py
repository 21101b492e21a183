"""From a tape to a function of the IR."""

from __future__ import annotations

from collections.abc import Sequence
from types import CodeType
from typing import TYPE_CHECKING, Any, NamedTuple

from diptych.backends.jax import axes_of
from diptych.backends.processes import process_count
from diptych.ir import Builder, Constant, Equation, Function, Location, TensorType, Value, located
from diptych.passes.rematerialize import rematerialized

from ..promotion import WIDEST
from .graph import in_order
from .lazy import LEAF, UNTRACKED, Call, Lazy

if TYPE_CHECKING:
    from .tape import Tape


class Recalled(NamedTuple):
    """A call of an earlier tape: position of its first result, place of its first number, and results whose arrays are
    known: (which result, position of the array)."""

    call: Call
    start: int
    first: int
    known: tuple[tuple[int, int], ...]


def are_joint(calls: Sequence[Call], recalled: Sequence[Recalled]) -> bool:
    """Whether several processes come together in any of these calls."""
    if process_count() == 1:
        return False
    return any(call.template.is_joint for call in (*calls, *(each.call for each in recalled)))


class Lowering:
    """The values of a tape's positions while it is lowered. `ends`: how many equations there were behind each.

    `identities`: for each tensor that collects gradients, the values by which the calls read it. `sources`: of a
    position at which gradients stop, to be looked at, the value from which they go on.
    """

    def __init__(self, b: Builder, stops: set[int]) -> None:
        self.b = b
        self.values: dict[int, Value] = {}
        self.ends: dict[int, int] = {}
        self.identities: dict[int, dict[int, Value]] = {}  # owner -> position -> value
        self.active: set[int] = set()  # positions that a gradient may flow into
        self.placed: set[Value] = set()  # their values
        self.stops = stops
        self.sources: dict[int, Value] = {}
        self.known: dict[Value, Value] = {}  # what is computed again for its history -> the array that it is
        self.parts: dict[int, int] = {}  # of equations, by place, the part of a model that is computed again later
        self.late: list[int] = []  # the equations of gradients

    def operand(self, call: Call, place: int) -> Value:
        """An input as the call reads it: cut off where no gradient flows back, marked where a tensor collects it.

        Gradients are derived from equations: what must not flow, untracked calls in between too, has to be cut."""
        position = call.inputs[place].position
        value = self.values[position]
        edge = call.edges[place] if call.edges else UNTRACKED
        if edge == LEAF:
            return self.identity(id(call.leaves[place]), position)
        if edge == UNTRACKED and position in self.active:
            return self.b.stop_gradient(value)
        return value

    def identity(self, owner: int, position: int) -> Value:
        """The value at `position` as the tensor `owner` shows it."""
        known = self.identities.setdefault(owner, {})
        if position not in known:
            value = self.values[position]
            if position in self.active:
                value = self.b.stop_gradient(value)
            known[position] = self.b.identity(value)
        return known[position]

    def results(self, call: Call, numbers: Sequence[Value]) -> tuple[Value, ...]:
        """The results of a call, as equations."""
        self.b.location = line_of(call)
        start = len(self.b.equations)
        operands = [self.operand(call, place) for place in range(len(call.inputs))]
        results = call.template.lower_call(self, call, operands, numbers)
        own = range(start, len(self.b.equations))
        if call.template.is_gradient:
            self.late.extend(own)
        elif call.part is not None:
            self.parts.update(dict.fromkeys(own, call.part))
        return results

    def put(self, position: int, value: Value, *, tracked: bool) -> None:
        """`position` has this value; one of its own, so that gradients tell it from what it may be equal to."""
        if tracked:
            self.active.add(position)
            if value in self.placed:
                value = self.b.identity(value)
            self.placed.add(value)
        if position in self.stops:
            self.sources[position] = value
            value = self.b.identity(value)
        self.values[position] = value
        self.ends[position] = len(self.b.equations)


def lower(
    tape: Tape,
    outputs: Sequence[Lazy],
    scalars: Sequence[Any],
    varying: frozenset[int],
    places: Sequence[str | None] = (),
) -> Function:
    """The function (arrays that come in, varying numbers) -> outputs, of which the first are split over a mesh as
    `places` says. Calls of earlier tapes come first."""
    b = Builder("step", share=False)
    b.find_location = False
    calls = [*(recalled.call for recalled in tape.recalled), *tape.calls]
    lowering = Lowering(b, {position for call in calls for position in call.template.stops(call)})
    for leaf in tape.leaves:
        value = b.parameter(leaf.kind.type)
        axes = None if tape.mesh is None else axes_of(leaf.array)
        lowering.put(leaf.position, value if axes is None else b.shard(value, axes=axes), tracked=False)
    arguments = {place: b.parameter(TensorType(WIDEST[type(scalars[place])])) for place in sorted(varying)}

    def numbers(call: Call, first: int) -> list[Value]:
        return [
            arguments[place] if place in arguments else b.constant(value=Constant(scalar, WIDEST[type(scalar)]))
            for place, scalar in enumerate(call.scalars, first)
        ]

    order = {call: place for place, call in enumerate(in_order(recalled.call for recalled in tape.recalled))}
    for call, start, first, known in sorted(tape.recalled, key=lambda recalled: order[recalled.call]):
        arrays = dict(known)
        for number, result in enumerate(lowering.results(call, numbers(call, first))):
            position = arrays.get(number)
            if position is None:
                lowering.put(start + number, result, tracked=call.tracked)
                continue
            array = lowering.values[position]
            if call.tracked:
                lowering.known[result] = array
                array = b.graft(array, result)
            lowering.put(position, array, tracked=call.tracked)
    for call in tape.calls:
        prefix = call.prefix
        for position, result in enumerate(lowering.results(call, numbers(call, prefix.first)), prefix.start):
            lowering.put(position, result, tracked=call.tracked)
    b.location = None
    results = [lowering.values[lazy.position] for lazy in outputs]
    for number, axes in enumerate(places):
        if axes is not None:
            results[number] = b.shard(results[number], axes=axes)
    if lowering.known:
        results = with_known(b, lowering.known, results)
        _drop_known(b, lowering.known, results)
    if lowering.parts and lowering.late:
        b.equations[:] = rematerialized(b.equations, results, lowering.parts, frozenset(lowering.late))
    return b.finish(results)


def with_known(b: Builder, known: dict[Value, Value], results: Sequence[Value]) -> list[Value]:
    """The results, once gradients too read what is known of some values, not what computes them again."""
    for place, equation in enumerate(b.equations):
        if not known.keys().isdisjoint(equation.operands):
            operands = tuple(known.get(operand, operand) for operand in equation.operands)
            b.equations[place] = Equation(
                equation.op, operands, equation.attributes, equation.results, equation.location
            )
    return [known.get(result, result) for result in results]


def _drop_known(b: Builder, known: dict[Value, Value], results: Sequence[Value]) -> None:
    """Leaves out what has an effect and was done before, and is recorded again for its history alone."""
    if any(equation.has_effect for equation in b.equations):
        read = {operand for equation in b.equations for operand in equation.operands}.union(results)
        done = known.keys() - read
        b.equations[:] = [each for each in b.equations if not (each.has_effect and done.issuperset(each.results))]


def line_of(call: Call) -> Location | None:
    """The user's line that made a call."""
    return call.prefix.place or location_of(call.prefix.code, call.prefix.instruction)


def location_of(code: CodeType | None, instruction: int) -> Location | None:
    """The line of an instruction, given by its offset in the bytecode."""
    if code is None:
        return None
    line = code.co_firstlineno
    for start, end, number in code.co_lines():
        if start <= instruction < end and number is not None:
            line = number
            break
    return located(code.co_filename, line)
