"""What the gradient of a call needs again: those of its inputs and results that it is computed from.

Values that a tape did not have to keep are lost when it runs. Where a gradient may still come, these are kept too; all
else is computed again from them, call by call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from diptych.ir import Builder, DifferentiationError, TensorType, Value
from diptych.passes.autodiff import backpropagate


class Reads(NamedTuple):
    """Places of the inputs and of the results that a gradient reads."""

    inputs: frozenset[int]
    results: frozenset[int]


NOTHING = Reads(frozenset(), frozenset())

Write = Callable[[Builder, Sequence[Value], Sequence[Value]], tuple[Value, ...]]


def reads_of(write: Write, inputs: Sequence[TensorType], numbers: Sequence[TensorType]) -> Reads:
    """What the gradient of the equations that `write` makes is computed from, for all inputs and results together."""
    b = Builder("reads", share=False)
    b.find_location = False
    operands = [b.parameter(type) for type in inputs]
    scalars = [b.parameter(type) for type in numbers]
    results = write(b, operands, scalars)
    seeds = {result: b.parameter(result.type) for result in results if result.dtype.is_differentiable}
    try:
        found = backpropagate(b, b.equations, seeds, operands)
    except DifferentiationError:
        return NOTHING  # the error is raised, with its line, by whoever asks for the gradient
    needed = {value for value in found if value is not None}
    given = {result: place for place, result in enumerate(results)}
    for equation in reversed(b.equations):
        if needed.isdisjoint(equation.results) or not given.keys().isdisjoint(equation.results):
            continue
        needed.update(equation.operands)
    return Reads(
        frozenset(place for place, operand in enumerate(operands) if operand in needed),
        frozenset(place for value, place in given.items() if value in needed),
    )
