"""Single calls as functions that are ready to run: what a template computes, and what flows back through it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from diptych.backends.stepwise import Stepped, stepped
from diptych.ir import Builder, Equation, Function, TensorType, Value
from diptych.passes.autodiff import backpropagate

from .promotion import WIDEST

if TYPE_CHECKING:
    from .lazy import Lazy
    from .operation import Template


class Pullback(NamedTuple):
    """What flows back through a call. `run` takes inputs, numbers and results of the call, by their places in
    `inputs`, `numbers` and `results`, then the cotangents of results in `given`; it answers with the cotangents of
    the inputs in `reached`."""

    run: Stepped
    inputs: tuple[int, ...]
    numbers: tuple[int, ...]
    results: tuple[int, ...]
    given: tuple[int, ...]
    reached: tuple[int, ...]


class SingleCall:
    """A template's functions, made when they are first needed."""

    __slots__ = ("_forward", "_pullbacks", "_template")

    def __init__(self, template: Template) -> None:
        self._template = template
        self._forward: dict[str, Stepped] = {}
        self._pullbacks: dict[tuple[str, tuple[int, ...], tuple[int, ...]], Pullback] = {}

    def forward(self, inputs: Sequence[Lazy], backend: str) -> Stepped:
        """(inputs like these, numbers) -> results."""
        found = self._forward.get(backend)
        if found is None:
            b, _, _, results = self._written(inputs)
            found = self._forward[backend] = stepped(b.finish(results), backend)
        return found

    def pullback(self, inputs: Sequence[Lazy], given: tuple[int, ...], wanted: tuple[int, ...], backend: str) -> Pullback:
        """From the cotangents of the results `given` to those of the inputs `wanted`. Raises DifferentiationError."""
        key = backend, given, wanted
        found = self._pullbacks.get(key)
        if found is None:
            found = self._pullbacks[key] = self._derived(inputs, given, wanted, backend)
        return found

    def _written(self, inputs: Sequence[Lazy]) -> tuple[Builder, list[Value], list[Value], tuple[Value, ...]]:
        """A builder with the call's equations; its inputs, numbers and results."""
        b = Builder("call", share=False)
        b.find_location = False
        operands = [b.parameter(source.kind.type) for source in inputs]
        numbers = [b.parameter(TensorType(WIDEST[each])) for each in self._template.numbers if each is not None]
        return b, operands, numbers, self._template.write(b, operands, numbers)

    def _derived(
        self, inputs: Sequence[Lazy], given: tuple[int, ...], wanted: tuple[int, ...], backend: str
    ) -> Pullback:
        b, operands, numbers, results = self._written(inputs)
        cotangents = [b.parameter(results[place].type) for place in given]
        seeds: dict[Value, Value] = {}
        for place, cotangent in zip(given, cotangents, strict=True):
            result = results[place]
            seeds[result] = b.add(seeds[result], cotangent) if result in seeds else cotangent
        found = backpropagate(b, b.equations, seeds, [operands[place] for place in wanted])
        pairs = [(place, value) for place, value in zip(wanted, found, strict=True) if value is not None]
        known = {result: b.parameter(result.type) for result in results if result not in operands}
        # The results are there: nothing that they were made of is computed again.
        for place, equation in enumerate(b.equations):
            if not known.keys().isdisjoint(equation.operands):
                read = tuple(known.get(operand, operand) for operand in equation.operands)
                b.equations[place] = Equation(equation.op, read, equation.attributes, equation.results, equation.location)
        whole = b.finish([known.get(value, value) for _, value in pairs])
        used = {operand for equation in whole.equations for operand in equation.operands} | set(whole.results)
        places = tuple(tuple(place for place, value in enumerate(group) if value in used) for group in (operands, numbers))
        needed = [place for place, result in enumerate(results) if known.get(result) in used]
        parameters = [
            *(operands[place] for place in places[0]), *(numbers[place] for place in places[1]),
            *(known[results[place]] for place in needed), *cotangents,
        ]  # fmt: skip
        function = Function(whole.name, tuple(parameters), whole.equations, whole.results)
        return Pullback(
            stepped(function, backend), *places, tuple(needed), given, tuple(place for place, _ in pairs)
        )
