"""Reverse-mode differentiation: walks equations backwards and emits what flows back.

Rules stand in `vjps/`, one an op. A cotangent that is zero is None and costs nothing. What is emitted are
ordinary equations, so a gradient can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from diptych.ir import (
    Builder,
    DifferentiationError,
    Dimension,
    DiptychError,
    Equation,
    Function,
    Location,
    Value,
    ops,
)
from diptych.ir.location import is_detailed

from .expressions import ones, zeros
from .vjps import REFUSED, VJPS, ZERO
from .vjps.table import Cotangents


def backpropagate(
    b: Builder,
    equations: Sequence[Equation],
    seeds: Mapping[Value, Value],
    wanted: Sequence[Value],
    stop: Iterable[Value] = (),
) -> list[Value | None]:
    """The cotangent of each wanted value, or None where the seeds do not depend on it.

    `equations` were emitted into `b` before, `seeds` gives the cotangents of some of their values, of the
    same types. No gradient passes through the values in `stop`, which may themselves be wanted. Raises
    DifferentiationError, with the user's line, at an op that has no gradient.
    """
    before = b.location
    equations = tuple(equations)  # rules emit into the same list
    stopped = set(stop)
    active = active_values(equations, wanted, stopped)
    cotangents = _Cotangents(b)
    for value, seed in seeds.items():
        if value.type != seed.type:
            raise DifferentiationError(f"gradient: seed is {seed.type} but must be {value.type}, its value's type")
        cotangents.add(value, seed)
    for equation in reversed(equations):
        if any(result in cotangents and result not in stopped for result in equation.results):
            b.location = _through(equation)
            _backward(b, equation, cotangents, active, stopped)
    b.location = before
    return [cotangents.get(value) if value in active else None for value in wanted]


def _through(equation: Equation) -> Location | None:
    """Where equations stand through which a gradient flows back: at the line of the one that it is of."""
    place = equation.location
    return replace(place, gradient_of=equation.results[0]) if place is not None and is_detailed() else place


def active_values(equations: Iterable[Equation], wanted: Iterable[Value], stop: set[Value]) -> set[Value]:
    """The values of a float or complex dtype that depend on a wanted one, and the wanted ones."""
    active = {value for value in wanted if value.dtype.is_differentiable}
    for equation in equations:
        if active.isdisjoint(equation.operands) or equation.op is ops.stop_gradient:
            continue
        for result in equation.results:
            if result.dtype.is_differentiable and result not in stop:
                active.add(result)
    return active


def _backward(b: Builder, equation: Equation, cotangents: _Cotangents, active: set[Value], stopped: set[Value]) -> None:
    """Adds what flows through one equation to its operands' cotangents."""
    if active.isdisjoint(equation.operands):
        return
    op = equation.op
    if op in ZERO or not any(result in active for result in equation.results):
        return
    rule: Callable[..., Cotangents] | None = VJPS.get(op)
    if rule is None:
        reason = REFUSED.get(op, "it has no rule")
        raise DifferentiationError(f"{op.name}: has no gradient: {reason}", location=equation.location)
    given = tuple(None if result in stopped else cotangents.get(result) for result in equation.results)
    single = op.is_single
    ct, out = (given[0], equation.results[0]) if single else (given, equation.results)
    try:
        parts = rule(b, ct, out, *equation.operands, **equation.attributes)
    except DiptychError as error:
        raise error.located(equation.location) from None
    for operand, part in zip(equation.operands, parts, strict=True):
        if part is None or operand not in active:
            continue
        cotangents.add(operand, part)


class _Cotangents:
    """What flows back to each value: parts, which are added up when somebody reads the sum."""

    def __init__(self, b: Builder) -> None:
        self.b = b
        self.parts: dict[Value, list[Value]] = {}

    def __contains__(self, value: Value) -> bool:
        return value in self.parts

    def add(self, value: Value, part: Value) -> None:
        self.parts.setdefault(value, []).append(part)

    def get(self, value: Value) -> Value | None:
        """The sum of what has come so far, in that order; None where nothing has."""
        parts = self.parts.get(value)
        if parts is None:
            return None
        if len(parts) > 1:
            parts[:] = [self._sum(_tiled(self.b, parts))]
        return parts[0]

    def _sum(self, parts: Sequence[Value]) -> Value:
        total, *others = parts
        for part in others:
            total = self.b.add(total, part)
        return total


def _tiled(b: Builder, parts: Sequence[Value]) -> Sequence[Value]:
    """Parts that are slices with zeros around them, as what flows back to the pieces of a value is, put together where
    they are all of it: no zeros are added then."""
    slices: dict[int, list[tuple[int, int, Value, int]]] = {}  # by axis: begin, end, the slice, its place among parts
    for place, part in enumerate(parts):
        found = _padded(b, part)
        if found is not None:
            axis, begin, end, piece = found
            slices.setdefault(axis, []).append((begin, end, piece, place))
    for axis, found in slices.items():
        found.sort(key=lambda each: each[0])
        ends = [0, *(end for _, end, _, _ in found)]
        if [begin for begin, _, _, _ in found] == ends[:-1] and ends[-1] == parts[0].shape[axis]:
            places = {place for _, _, _, place in found}
            whole = b.concatenate(*(piece for _, _, piece, _ in found), axis=axis)
            return [whole, *(part for place, part in enumerate(parts) if place not in places)]
    return parts


def _padded(b: Builder, value: Value) -> tuple[int, int, int, Value] | None:
    """The axis along which zeros were put around a value, where it begins and ends there, and what is between them."""
    equation = b.definition(value)
    if equation is None or equation.op is not ops.pad:
        return None
    piece, zero = equation.operands
    made = b.definition(zero)
    if made is None or made.op is not ops.constant or not made.attributes["value"].is_all(0):
        return None
    low, high, interior = (equation.attributes[name] for name in ("low", "high", "interior"))
    axes = [axis for axis in range(piece.rank) if (low[axis], high[axis]) != (0, 0)]
    if len(axes) != 1 or any(interior) or not isinstance(piece.shape[axes[0]], int):
        return None
    if any(isinstance(size, Dimension) or size < 0 for size in (*low, *high)):
        return None
    (axis,) = axes
    size, begin = piece.shape[axis], low[axis]
    assert isinstance(size, int) and isinstance(begin, int)
    return axis, begin, begin + size, piece


def differentiable(values: Iterable[Value]) -> tuple[Value, ...]:
    """Those of a float or complex dtype."""
    return tuple(value for value in values if value.dtype.is_differentiable)


def pullback(function: Function) -> Function:
    """(*parameters, *cotangents of the differentiable results) -> cotangents of the differentiable parameters."""
    b = Builder(f"{function.name}_pullback")
    b.find_location = False
    parameters = [b.parameter(parameter.type, parameter.name) for parameter in function.parameters]
    results = b.inline(function, parameters)
    # A result that stands twice, or is a parameter, still gets one cotangent a place: the sum.
    seeds: dict[Value, Value] = {}
    for result in differentiable(results):
        seed = b.parameter(result.type, f"ct_{result.name or len(seeds)}")
        seeds[result] = b.add(seeds[result], seed) if result in seeds else seed
    wanted = differentiable(parameters)
    found = backpropagate(b, b.equations, seeds, wanted)
    return b.finish(zeros(b, w.type) if ct is None else ct for w, ct in zip(wanted, found, strict=True))


def value_and_gradient(function: Function, wanted: Sequence[int] | None = None) -> Function:
    """`function`, whose first result is a real scalar, with that one's gradients as further results.

    `wanted` are places of parameters, by default of all that have a gradient. Raises DifferentiationError.
    """
    if not function.results or function.results[0].shape or not function.results[0].dtype.is_float:
        found = str(function.results[0].type) if function.results else "nothing"
        raise DifferentiationError(f"gradient: @{function.name}'s first result is {found} but must be a real scalar")
    b = Builder(f"{function.name}_gradient")
    b.find_location = False
    parameters = [b.parameter(parameter.type, parameter.name) for parameter in function.parameters]
    results = b.inline(function, parameters)
    places = range(len(parameters)) if wanted is None else wanted
    chosen = [parameters[place] for place in places]
    if wanted is None:
        chosen = list(differentiable(chosen))
    found = backpropagate(b, b.equations, {results[0]: ones(b, results[0].type)}, chosen)
    gradients = (zeros(b, value.type) if ct is None else ct for value, ct in zip(chosen, found, strict=True))
    return b.finish((*results, *gradients))
