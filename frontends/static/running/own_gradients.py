"""Operations with a gradient of their own, in a run: their values keep it, as the IR's custom_gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diptych.ir import Unsupported, Value

from ...functions.constants import filled_like
from ..graphs.contexts import Context
from ..graphs.operation import Operation
from ..graphs.tensor import Tensor
from .inner import InnerSite
from .site import LoweringSite


@dataclass(frozen=True, slots=True)
class OwnGradient:
    """The gradient of an operation as a part of the graph: the cotangents that it takes, and what each input gets, None
    nothing."""

    context: Context
    cotangents: tuple[Tensor, ...]
    results: tuple[Tensor | None, ...]

    def around(self, at: LoweringSite, made: Operation, results: Sequence[Value]) -> list[Value]:
        """The values of the operation's outputs, with this gradient."""
        b = at.b
        inputs = [at.value(tensor) for tensor in made.inputs]
        given = dict(zip(made.outputs, results, strict=True))
        site = InnerSite(at, self.context, "gradient", {**given, **dict(zip(self.cotangents, results, strict=True))})
        site.lower_inside(self.context, [each for each in self.results if each is not None])
        found = {}
        for place, (each, value) in enumerate(zip(self.results, inputs, strict=True)):
            if each is not None and value.dtype.is_differentiable:
                found[place] = site.value(each)
                if found[place].type != value.type:
                    raise Unsupported(
                        f"{made.name}: its own gradient by input {place} is {found[place].type} but must be "
                        f"{value.type}",
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
        seeds = [back.parameter(value.type) if value.dtype.is_differentiable else value for value in again]
        outer = places[len(results) + len(inputs) :]
        computed = back.call(*outer, *again, *seeds, body=function) if found else ()
        by_place = dict(zip(found, computed, strict=True))
        answers: list[Value] = []
        for number, (value, place) in enumerate(zip(operands, places, strict=True)):
            if value.dtype.is_differentiable:
                answer = by_place.get(number - len(results))
                answers.append(filled_like(back, 0, place) if answer is None else answer)
        return list(b.custom_gradient(*operands, body=forward, gradient=back.finish(answers)))
