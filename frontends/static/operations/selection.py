"""Sums of several tensors, cutting to bounds, and choosing by a condition."""

from __future__ import annotations

from typing import Any

from diptych.ir import Value

from ...functions import arithmetic, arrays
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import NUMBERS, bool_
from ..graphs.scopes import name_scope
from ..graphs.shapes import disagreement, runtime_text
from ..graphs.site import Refusal, Site
from ..graphs.tensor import Tensor
from .arrays import identity
from .indexed_slices import values_of, with_values
from .joining import check_equal


def _unequal(type: str, first: Value, other: Value, number: int) -> str:
    sizes = f"Input 0: {runtime_text(first.shape)} != input {number}: {runtime_text(other.shape)}"
    return f"Inputs to operation {{name}} of type {type} must have the same size and shape.  {sizes}"


@operation("AddN", "inputs: N*T -> T", T=NUMBERS)
def lower_add_n(at: Site, *inputs: Value, N: int = 1) -> Value:
    """The sum of tensors of one shape."""
    check_equal(inputs, lambda other, number: _unequal("AddN", inputs[0], other, number))
    return arrays.total(at.b, inputs)


@export("add_n", "math.add_n")
def add_n(inputs: Any, name: str | None = None) -> Tensor:
    """The sum of a list of tensors of one shape and dtype."""
    values = list(inputs) if not isinstance(inputs, list | tuple) else inputs
    if not values:
        raise ValueError("inputs must be a list of at least one Tensor/IndexedSlices with the same dtype and shape")
    if len(values) == 1:
        value = convert_to_tensor(values[0])
        return identity(value, name=name) if name else value
    return apply("AddN", [values], name=name)


@export("accumulate_n", "math.accumulate_n")
def accumulate_n(inputs: Any, shape: Any = None, tensor_dtype: Any = None, name: str | None = None) -> Tensor:
    """The sum of a list of tensors of one shape and dtype."""
    return add_n(inputs, name=name)


@export("clip_by_value")
def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """t cut to lie between both bounds, which broadcast to its shape; of IndexedSlices the values are cut."""
    with name_scope(name, "clip_by_value", [values_of(t), clip_value_min, clip_value_max]) as scope:
        values = convert_to_tensor(values_of(t), name="t")
        low = apply("Minimum", [values, clip_value_max])
        low.shape.assert_is_compatible_with(values.shape)
        result = apply("Maximum", [low, clip_value_min], name=scope)
        result.shape.assert_is_compatible_with(values.shape)
        return with_values(t, result)


@operation("Select", "condition: bool, t: T, e: T -> T")
def lower_select(at: Site, condition: Value, t: Value, e: Value) -> Value:
    """t where condition holds, e elsewhere; a vector condition picks rows."""
    if condition.rank not in (0, 1, t.rank):
        raise Refusal(disagreement(condition.shape, t.shape), _unequal("Select", condition, t, 1))
    if t.shape != e.shape:
        raise Refusal(disagreement(t.shape, e.shape), _unequal("Select", t, e, 2))
    if condition.rank == 1 and t.rank > 1:
        if condition.shape[0] != t.shape[0]:
            sizes = f"are {condition.shape[0]} and {t.shape[0]}. Shapes are {list(condition.shape)} and {[t.shape[0]]}."
            words = f"Dimension 0 in both shapes must be equal, but {sizes}"
            raise Refusal(words, _unequal("Select", condition, t, 1))
        condition = at.b.broadcast(condition, shape=t.shape, axes=(0,))
    if condition.rank and condition.shape != t.shape:
        raise Refusal(disagreement(condition.shape, t.shape), _unequal("Select", condition, t, 1))
    return at.b.select(condition, t, e)


@export("where")
def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """x where condition holds, y elsewhere; all of one shape, or condition a vector that picks rows. Of a condition
    alone the coordinates at which it holds, a row each."""
    if (x is None) != (y is None):
        raise ValueError("x and y must both be non-None or both be None.")
    if x is None:
        return apply("Where", [convert_to_tensor(condition, dtype_hint=bool_)], name=name)
    return apply("Select", [condition, x, y], name=name or "Select")


@operation("SelectV2", "condition: bool, t: T, e: T -> T")
def lower_select_v2(at: Site, condition: Value, t: Value, e: Value) -> Value:
    """t where condition holds, e elsewhere, all three broadcast together."""
    return arithmetic.where(at.b, condition, t, e)


@export("where_v2")
def where_v2(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """x where condition holds, y elsewhere, all three broadcast together; of a condition alone the coordinates at which
    it holds. Raises ValueError."""
    if (x is None) != (y is None):
        raise ValueError("x and y must both be non-None or both be None.")
    if x is None:
        return apply("Where", [convert_to_tensor(condition, dtype_hint=bool_)], name=name)
    return apply("SelectV2", [condition, x, y], name=name)
