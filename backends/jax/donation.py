"""Which result takes the memory of which donated argument.

jax pairs them by type alone, in order: a weight, say, with the gradient of its type, and XLA then copies the weight,
which it still has to read. So the results of a program are put in an order in which each meets what it replaces.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from diptych.ir import Equation, Function, TensorType, Value, ops
from diptych.passes.aliasing import SAME
from diptych.passes.elementwise import ELEMENTWISE

_FAR = 64  # steps from a result, beyond which it is not taken for the new value of anything


def donated_pairs(function: Function, donate: Sequence[int]) -> dict[int, int]:
    """For donated places of arguments, in order, the number of the result that takes its memory: one of its type that
    is computed from it element by element, in the fewest steps, or else one that is left over. Arguments that no result
    is left for are not there."""
    donated = {function.parameters[place]: place for place in donate}
    makers = {result: equation for equation in function.equations for result in equation.results}
    near = [
        (steps, number, place)
        for number, result in enumerate(function.results)
        for steps, place in _reached(result, donated, makers)
    ]
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, number, place in sorted(near):
        if place not in found and number not in taken:
            found[place] = number
            taken.add(number)
    left: defaultdict[TensorType, list[int]] = defaultdict(list)
    for number, result in enumerate(function.results):
        if number not in taken:
            left[result.type].append(number)
    for parameter, place in donated.items():
        if place not in found and left[parameter.type]:
            found[place] = left[parameter.type].pop(0)
    return dict(sorted(found.items()))


def _reached(result: Value, donated: dict[Value, int], makers: dict[Value, Equation]) -> Iterator[tuple[int, int]]:
    """How many steps it is to the donated arguments that are nearest to a result, and their places."""
    seen, level = {result}, [result]
    for steps in range(_FAR):
        found = [donated[value] for value in level if value in donated]
        if found or not level:
            yield from ((steps, place) for place in found)
            return
        before = (source for value in level if value in makers for source in _sources(makers[value], value))
        level = list(dict.fromkeys(source for source in before if source.type == result.type and source not in seen))
        seen.update(level)


def _sources(equation: Equation, result: Value) -> Sequence[Value]:
    """The operands whose elements a result has, changed or not, each at its own place."""
    op, operands = equation.op, equation.operands
    if op in ELEMENTWISE:
        return operands
    if op in SAME or op in (ops.scatter, ops.dynamic_update_slice):
        return operands[:1]
    if op in (ops.scan, ops.while_loop):
        constants, number = equation.attributes["constants"], equation.results.index(result)
        state = operands[constants : constants + equation.attributes.get("carries", len(operands))]
        return state[number : number + 1]
    return ()


def in_order(run: Callable[..., tuple[Any, ...]], order: Sequence[int]) -> Callable[..., tuple[Any, ...]]:
    """`run` with its results in this order."""

    def ordered(*arrays: Any) -> tuple[Any, ...]:
        results = run(*arrays)
        return tuple(results[number] for number in order)

    return ordered
