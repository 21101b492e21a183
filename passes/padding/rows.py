"""What is known of the rows of a function's values while it is filled up, and what is asked of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from diptych.ir import Builder, Dim, Dimension, Equation, Function, TensorType, Unsupported, Value, dtypes, evaluate

from ..expressions import as_order, full, inverse, scalar
from ..specialise import attribute_of, type_of
from .axes import Axis, any_axis_of, are_real, axis_of, is_leading, ordered

Axes = tuple[Axis | None, ...]  # of a value; None of an axis along which all rows are alike, so that any order is right
Made = tuple[Sequence[Value], Sequence[Axes]]  # what stands for the results of an equation, and how their rows lie
ANY_ROW = "a row of its results may come of any row"


class Rows:
    """The values of a function whose dimensions with names are `capacities` in what `b` makes of it. `values` stand for
    its own, whose rows lie as `axes` say; `counts`: how many rows of each name are real, an i64[]."""

    def __init__(self, b: Builder, capacities: Mapping[str, int]) -> None:
        self.b, self.capacities = b, capacities
        self.values: dict[Value, Value] = {}
        self.axes: dict[Value, Axes] = {}
        self.counts: dict[str, Value] = {}

    def operands(self, equation: Equation) -> list[Value]:
        return [self.values[operand] for operand in equation.operands]

    def type(self, value: Value) -> TensorType:
        """The type of what stands for a value: of numbers."""
        return type_of(value.type, self.capacities)

    def size(self, dim: Dim) -> int:
        return int(evaluate(dim, self.capacities))

    def as_it_is(self, equation: Equation, operands: Sequence[Value] | None = None) -> tuple[Value, ...]:
        """The equation, with more rows."""
        given = self.operands(equation) if operands is None else operands
        return self.b.emit(equation.op, given, self.attributes(equation))

    def attributes(self, equation: Equation) -> dict[str, Any]:
        """Those of the equation, of numbers."""
        kinds = equation.op.attributes
        for name, nested in equation.functions():
            if nested.names():
                raise refused(equation, f"it has rows within a nested function, {name}")
        return {
            name: value if isinstance(value, Function) else attribute_of(kinds[name].kind, value, self.capacities)
            for name, value in equation.attributes.items()
        }

    def in_order(self, equation: Equation, value: Value, axis: int) -> Axis:
        """How rows lie along an axis of which the places matter: those that are none must be the last ones."""
        found = self.axes[value][axis] if value in self.axes else None
        if found is None:  # rows that are all alike, or counted here
            return ordered(value.shape[axis])
        if not is_leading(found):
            raise refused(equation, ANY_ROW)
        return found

    def count(self, dim: Dim) -> Value:
        """How many rows are real of so many: i64[]."""
        if isinstance(dim, int):
            return scalar(self.b, dtypes.i64, dim)
        found = evaluate(dim, {name: _Count(self.b, value) for name, value in self.counts.items()})
        return found.value

    def lies(self, value: Value, axis: int) -> Axis:
        """How rows lie along an axis, in one of the orders that are right."""
        found = self.axes[value][axis]
        return any_axis_of(value.shape[axis]) if found is None else found

    def are_real(self, value: Value, axis: int) -> Value:
        """For each element of a value, whether its row along the axis is real."""
        rows = are_real(self.b, self.lies(value, axis), self.count, self.capacities)
        return self.b.broadcast(rows, shape=self.type(value).shape, axes=(axis,))

    def masked(self, value: Value, stands: Value, axes: Sequence[int], neutral: complex) -> Value:
        """What stands for a value, with the neutral element in rows of these axes that are none."""
        for axis in axes:
            stands = self.b.select(self.are_real(value, axis), stands, full(self.b, stands.type, neutral))
        return stands

    def taken(self, value: Value, axis: int, places: Value) -> Value:
        """The rows at places along an axis."""
        rest = tuple([other for other in range(value.rank) if other != axis])
        return as_order(self.b, self.b.gather(value, places, axes=(axis,), bounds="clip"), inverse((axis, *rest)))

    def put(self, value: Value, rows: Value, axis: int, places: Value) -> Value:
        """A value with other rows at places along an axis that are within it."""
        rest = tuple([other for other in range(value.rank) if other != axis])
        updates = as_order(self.b, rows, (axis, *rest))
        return self.b.scatter(value, updates, places, axes=(axis,), combine="set", bounds="drop")


class _Count:
    """An i64[] that is computed with as Python does with numbers."""

    def __init__(self, b: Builder, value: Value) -> None:
        self.b, self.value = b, value

    def _with(self, emit: Callable[[Value, Value], Value], other: _Count | int) -> _Count:
        value = scalar(self.b, dtypes.i64, other) if isinstance(other, int) else other.value
        return _Count(self.b, emit(self.value, value))

    def __add__(self, other: _Count | int) -> _Count:
        return self._with(self.b.add, other)

    def __mul__(self, other: _Count | int) -> _Count:
        return self._with(self.b.mul, other)

    def __floordiv__(self, other: _Count | int) -> _Count:
        return self._with(self.b.floor_div, other)

    __radd__, __rmul__ = __add__, __mul__


Rule = Callable[[Rows, Equation], Made]


def ragged(value: Value) -> list[int]:
    """The axes whose sizes have names."""
    return [axis for axis, dim in enumerate(value.shape) if isinstance(dim, Dimension)]


def own_axes(value: Value) -> Axes:
    """The axes of a value that are known by its type: a product may be of any order."""
    found = [axis_of(dim) for dim in value.shape]
    return tuple([axis if axis is None or len(axis) < 2 else None for axis in found])


def refused(equation: Equation, reason: str) -> Unsupported:
    return Unsupported(f"{equation.op.name}: padding might change its result: {reason}", location=equation.location)


def joined(equation: Equation, left: Axes, right: Axes) -> Axes:
    """Axes of a value that is one or the other. Rows that are all alike are in any order."""
    found: list[Axis | None] = []
    for one, other in zip(left, right, strict=True):
        if one is not None and other is not None and one != other:
            raise refused(equation, ANY_ROW)
        found.append(other if one is None else one)
    return tuple(found)
