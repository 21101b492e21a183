"""Steps with sparse gradients: they change the rows that a gradient has, each once, whatever it lists how often.

How many rows those are is not read: what is computed has a place for each that is listed, and the places that are left
over lie beyond the parameter, where nothing is written. So all steps look alike.
"""

from __future__ import annotations

from typing import NamedTuple

from diptych.functions.segments import by_number
from diptych.ir import Builder, Value

from ..sparse.converting import coalesce, rows
from ..sparse.tensor import SparseTensor
from ..tensors.tensor import Tensor
from .updating import Settings


class Changed(NamedTuple):
    """The places of what a step changes, by axis, and the gradient there."""

    places: list[Value]
    gradient: Value

    def read(self, b: Builder, x: Value) -> Value:
        """What x holds there."""
        return b.gather(x, *self.places, axes=tuple(range(len(self.places))), bounds="clip")

    def write(self, b: Builder, x: Value, part: Value) -> Value:
        """x with `part` there."""
        axes = tuple(range(len(self.places)))
        return b.scatter(x, part, *self.places, axes=axes, combine="set", bounds="drop")


def changed(b: Builder, settings: Settings, parameter: Value, gradient: Value, at: Value) -> Changed:
    """Where a gradient changes a parameter."""
    places = rows(b, at)
    if not settings["ordered"]:
        numbers, gradient = by_number(b, places[0], gradient, parameter.shape[0])
        places = [numbers]
    return Changed(places, b.neg(gradient) if settings["maximize"] else gradient)


def operands(gradient: SparseTensor) -> tuple[Settings, tuple[Tensor, Tensor]]:
    """(the setting that says whether places are different, values and places of a gradient)."""
    if not gradient.is_ordered and gradient.at.shape[0] != 1:
        gradient = coalesce(gradient)
    return {"ordered": gradient.is_ordered and not gradient.has_gaps}, (gradient.held, gradient.at)
