"""From a tape to a function of the IR."""

from __future__ import annotations

from collections.abc import Sequence
from types import CodeType
from typing import Any

from diptych.ir import Builder, Constant, Function, Location, TensorType, Value, located

from .lazy import LEAF, UNTRACKED, Call, Lazy
from .promotion import WIDEST


class Lowering:
    """The values of a tape's positions while it is lowered.

    `identities`: for each tensor that collects gradients, the values by which the calls read it.
    """

    def __init__(self, b: Builder) -> None:
        self.b = b
        self.values: dict[int, Value] = {}
        self.identities: dict[int, dict[int, Value]] = {}  # owner -> position -> value
        self.active: set[int] = set()  # positions that a gradient may flow into

    def operand(self, call: Call, place: int) -> Value:
        """An input as the call reads it: cut off where no gradient flows back, marked where a tensor collects it."""
        position = call.inputs[place].position
        value = self.values[position]
        edge = call.edges[place] if call.edges else UNTRACKED
        if edge == LEAF:
            return self.identity(id(call.leaves[place]), position)
        if edge == UNTRACKED and call.tracked and position in self.active:
            return self.b.stop_gradient(value)
        return value

    def identity(self, owner: int, position: int) -> Value:
        """The value at `position` as the tensor `owner` shows it."""
        known = self.identities.setdefault(owner, {})
        if position not in known:
            known[position] = self.b.identity(self.values[position])
            self.active.add(position)
        return known[position]


def lower(
    calls: Sequence[Call],
    starts: Sequence[int],
    leaves: Sequence[Lazy],
    places: Sequence[int],
    outputs: Sequence[Lazy],
    scalars: Sequence[Any],
    varying: frozenset[int],
) -> Function:
    """The function (leaves, varying numbers) -> outputs. `starts` are the positions of the calls' first results,
    `places` those of the leaves."""
    b = Builder("step", share=False)
    b.find_location = False
    lowering = Lowering(b)
    for leaf, place in zip(leaves, places, strict=True):
        lowering.values[place] = b.parameter(leaf.kind.type)
    numbers = [_number(b, scalar) if place in varying else None for place, scalar in enumerate(scalars)]
    taken = 0
    for call, start in zip(calls, starts, strict=True):
        b.location = location_of(call.code, call.instruction)
        own: list[Value] = []
        for scalar in call.scalars:
            own.append(numbers[taken] or b.constant(value=Constant(scalar, WIDEST[type(scalar)])))
            taken += 1
        operands = [lowering.operand(call, place) for place in range(len(call.inputs))]
        results = call.template.lower_call(lowering, call, operands, own)
        for offset, result in enumerate(results):
            lowering.values[start + offset] = result
            if call.tracked:
                lowering.active.add(start + offset)
    b.location = None
    return b.finish(lowering.values[lazy.position] for lazy in outputs)


def _number(b: Builder, scalar: Any) -> Value:
    return b.parameter(TensorType(WIDEST[type(scalar)]))


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
