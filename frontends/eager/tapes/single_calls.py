"""Single calls as functions that are ready to run: what a template computes, and what flows back through it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from diptych.backends.numpy.steps import Steps
from diptych.ir import Builder, Function, TensorType, Value
from diptych.passes.autodiff import backpropagate
from diptych.passes.erase_marks import erase_marks

from ..promotion import WIDEST
from .lowering import with_known

if TYPE_CHECKING:
    from ..func.batch_template import BatchTemplate
    from .lazy import Lazy
    from .operation import Template


class Pullback(NamedTuple):
    """What flows back through a call. `run` takes inputs, numbers and results of the call, by their places in
    `inputs`, `numbers` and `results`, then the cotangents of results in `given`; it answers with the cotangents of
    the inputs in `reached`."""

    run: Steps
    inputs: tuple[int, ...]
    numbers: tuple[int, ...]
    results: tuple[int, ...]
    given: tuple[int, ...]
    reached: tuple[int, ...]


class SingleCall:
    """A template's functions, made when they are first needed."""

    __slots__ = ("_forward", "_pullbacks", "_template")

    def __init__(self, template: Template | BatchTemplate) -> None:
        self._template = template
        self._forward: Steps | None = None
        self._pullbacks: dict[tuple[tuple[int, ...], tuple[int, ...]], Pullback] = {}

    def forward(self, inputs: Sequence[Lazy]) -> Steps:
        """(inputs like these, numbers) -> results."""
        if self._forward is None:
            b, _, _, results = self._written(inputs)
            self._forward = Steps(erase_marks(b.finish(results)))  # nothing is computed for the gradient alone
        return self._forward

    def pullback(self, inputs: Sequence[Lazy], given: tuple[int, ...], wanted: tuple[int, ...]) -> Pullback:
        """From the cotangents of the results `given` to those of the inputs `wanted`. Raises DifferentiationError."""
        key = given, wanted
        found = self._pullbacks.get(key)
        if found is None:
            found = self._pullbacks[key] = self._derived(inputs, given, wanted)
        return found

    def _written(self, inputs: Sequence[Lazy]) -> tuple[Builder, list[Value], list[Value], tuple[Value, ...]]:
        """A builder with the call's equations; its inputs, numbers and results."""
        b = Builder("call", share=False)
        b.find_location = False
        operands = [b.parameter(source.kind.type) for source in inputs]
        numbers = [b.parameter(TensorType(WIDEST[each])) for each in self._template.numbers if each is not None]
        return b, operands, numbers, self._template.write(b, operands, numbers)

    def _derived(self, inputs: Sequence[Lazy], given: tuple[int, ...], wanted: tuple[int, ...]) -> Pullback:
        b, operands, numbers, results = self._written(inputs)
        cotangents = [b.parameter(results[place].type) for place in given]
        seeds: dict[Value, Value] = {}
        for place, cotangent in zip(given, cotangents, strict=True):
            result = results[place]
            seeds[result] = b.add(seeds[result], cotangent) if result in seeds else cotangent
        found = backpropagate(b, b.equations, seeds, [operands[place] for place in wanted])
        pairs = [(place, value) for place, value in zip(wanted, found, strict=True) if value is not None]
        known = {result: b.parameter(result.type) for result in results if result not in operands}
        whole = b.finish(with_known(b, known, [value for _, value in pairs]))  # results are there: none is made again
        used = {operand for equation in whole.equations for operand in equation.operands} | set(whole.results)
        groups = [operands, numbers, [known.get(result) for result in results]]
        places = [tuple(place for place, value in enumerate(group) if value in used) for group in groups]
        parameters = [group[place] for group, chosen in zip(groups, places, strict=True) for place in chosen]
        function = Function(whole.name, (*parameters, *cotangents), whole.equations, whole.results)
        return Pullback(Steps(erase_marks(function)), *places, given, tuple(place for place, _ in pairs))
