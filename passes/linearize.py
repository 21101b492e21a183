"""Splits a function's pullback into a forward half that saves what is needed and a backward half that uses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diptych.ir import Builder, Equation, Function, Value, live_equations, ops

from .expressions import zeros

# Cheaper to make again than to keep: they cost no arithmetic and may be large.
REMADE = {ops.constant, ops.iota, ops.dimension, ops.broadcast}


@dataclass(frozen=True, slots=True)
class Linearized:
    """The two halves of a pullback.

    `forward`: (*parameters) -> (*results, *saved). `backward`: (*needed parameters, *saved, *cotangents) ->
    cotangents of the wanted parameters, where `needed` gives the places of the needed parameters and the
    cotangents are those of the `given` results.
    """

    forward: Function
    backward: Function
    needed: tuple[int, ...]
    saved: int


def linearize(b: Builder, function: Function, wanted: Sequence[int], given: Sequence[int]) -> Linearized:
    """Linearizes `function` for cotangents of the results at `given`, towards the parameters at `wanted`.

    `b` is the builder that the halves will be used in: it gives them their locations.
    """
    from .autodiff import backpropagate

    inner = b.nested(function.name)
    parameters = [inner.parameter(parameter.type, parameter.name) for parameter in function.parameters]
    results = inner.inline(function, parameters)
    border = inner.mark()
    inner.location = b.location
    cotangents = [Value(results[place].type, f"ct{place}") for place in given]
    seeds: dict[Value, Value] = {}
    for place, cotangent in zip(given, cotangents, strict=True):
        result = results[place]
        seeds[result] = inner.add(seeds[result], cotangent) if result in seeds else cotangent
    targets = [parameters[place] for place in wanted]
    # Equations emitted for the seeds themselves lie behind the border and are not walked.
    found = backpropagate(inner, inner.equations[: border[0]], seeds, targets)
    outputs = [zeros(inner, target.type) if ct is None else ct for target, ct in zip(targets, found, strict=True)]
    forward, backward = inner.equations[: border[0]], live_equations(inner.equations[border[0] :], outputs)
    needed = _needed(forward, backward, outputs, cotangents)
    remade, needed = _remade(forward, needed)
    places = tuple(place for place, parameter in enumerate(parameters) if parameter in needed)
    saved = [value for equation in forward for value in equation.results if value in needed]
    return Linearized(
        forward=Function(
            function.name, tuple(parameters), live_equations(forward, (*results, *saved)), (*results, *saved)
        ),
        backward=Function(
            f"{function.name}_backward",
            (*(parameters[place] for place in places), *saved, *cotangents),
            (*remade, *backward),
            tuple(outputs),
        ),
        needed=places,
        saved=len(saved),
    )


def _needed(
    forward: Sequence[Equation], backward: Sequence[Equation], outputs: Sequence[Value], cotangents: Sequence[Value]
) -> set[Value]:
    """What the backward equations and outputs use and do not make themselves."""
    made = set(cotangents).union(*(equation.results for equation in backward))
    used = set(outputs).union(*(equation.operands for equation in backward))
    return used - made


def _remade(forward: Sequence[Equation], needed: set[Value]) -> tuple[list[Equation], set[Value]]:
    """The forward equations to repeat in the backward half, and what is needed besides."""
    needed = set(needed)
    repeated: list[Equation] = []
    for equation in reversed(forward):
        if equation.op in REMADE and not needed.isdisjoint(equation.results):
            repeated.append(equation)
            needed.difference_update(equation.results)
            needed.update(equation.operands)
    repeated.reverse()
    return repeated, needed
