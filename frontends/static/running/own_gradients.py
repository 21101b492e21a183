"""Operations with a gradient of their own, in a run: their values keep it, as the IR's custom_gradient."""

from __future__ import annotations

from collections.abc import Sequence

from diptych.ir import Unsupported, Value

from ...functions.constants import filled_like
from ..graphs.gradient_overrides import OwnGradient
from ..graphs.operation import Operation
from .inner import InnerSite
from .site import LoweringSite


def with_own_gradient(at: LoweringSite, made: Operation, own: OwnGradient, results: Sequence[Value]) -> list[Value]:
    """The values of an operation's outputs, whose gradient is the operation's own."""
    b = at.b
    inputs = [at.value(tensor) for tensor in made.inputs]
    given = dict(zip(made.outputs, results, strict=True))
    cotangents = [value for value in results if value.dtype.is_differentiable]
    site = InnerSite(at, own.context, "gradient", {**given, **dict(zip(own.cotangents, results, strict=True))})
    site.lower_inside(own.context, [each for each in own.results if each is not None])
    found = {}
    for place, (each, value) in enumerate(zip(own.results, inputs, strict=True)):
        if each is not None and value.dtype.is_differentiable:
            found[place] = site.value(each)
            if found[place].type != value.type:
                raise Unsupported(
                    f"{made.name}: its own gradient for input {place} is {found[place].type} but must be {value.type}",
                    location=made.location,
                )
    captured = site.captured
    function = site.finish(captured, list(found.values()))
    operands = [*results, *inputs, *captured]
    body, back = b.nested("forward"), b.nested("backward")
    parameters = [body.parameter(value.type) for value in operands]
    forward = body.finish(parameters[: len(results)])
    places = [back.parameter(value.type) for value in operands]
    again = [back.parameter(value.type) for value in results]
    given_back = {value: back.parameter(value.type) for value in cotangents}
    seeds = [given_back.get(value, place) for value, place in zip(results, again, strict=True)]
    outer = places[len(results) + len(inputs) :]
    computed = back.call(*outer, *again, *seeds, body=function) if found else ()
    by_place = dict(zip(found, computed, strict=True))
    answers: list[Value] = []
    for number, (value, place) in enumerate(zip(operands, places, strict=True)):
        if value.dtype.is_differentiable:
            answer = by_place.get(number - len(results))
            answers.append(filled_like(back, 0, place) if answer is None else answer)
    return list(b.custom_gradient(*operands, body=forward, gradient=back.finish(answers)))
