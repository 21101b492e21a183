"""Operations lowered on their own, and the elements of small tensors that are known while the graph is built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.ir import Builder, Dim, Dimension, DiptychError, TensorType, Value, dtypes, named
from diptych.ir.dimensions import evaluate

from .definitions import Definition
from .knowledge import Knowledge, is_symbolic, symbols
from .site import Refusal, Site, UnknownValue
from .tensor import Tensor

MAX_STATIC_ELEMENTS = 1024

Known = np.ndarray[Any, Any]


class Probe(Site):
    """A site with one operation in it, whose inputs are parameters."""

    def __init__(
        self,
        definition: Definition,
        inputs: Sequence[Tensor],
        shapes: Sequence[Sequence[Dim]],
        used: set[int],
        replacement: int | None = None,
    ) -> None:
        self.b = Builder("probe", share=False)
        self.b.find_location = False
        self.definition = definition
        self.used = used
        self.assumed = False
        self._inputs = inputs
        self._replacement = replacement
        self._parameters = [
            self.b.parameter(TensorType(_ir_dtype(tensor), tuple(shape)))
            for tensor, shape in zip(inputs, shapes, strict=True)
        ]
        self._place = {parameter: index for index, parameter in enumerate(self._parameters)}
        self._state: dict[Any, Value] = {}
        for tensor, parameter in zip(inputs, self._parameters, strict=True):
            if tensor.dtype._is_ref_dtype and tensor.op.slot is not None:
                self._state[tensor.op.slot] = parameter
        self.knowledge = Knowledge(self.b, self._leaf)

    def lowered(self, attributes: dict[str, Any]) -> list[Value | None]:
        """The values of the outputs; none where all of them stand for a variable."""
        operands: list[Any] = list(self._parameters)
        if self.definition.takes_ref:
            for index, argument in enumerate(self.definition.inputs):
                if argument.is_ref:
                    operands[index] = self._inputs[index].op.slot
        result = self.definition.lower(self, *operands, **attributes)
        if result is None:
            return []
        return [result] if isinstance(result, Value) else list(result)

    def shape_of_ref(self) -> tuple[Dim, ...]:
        """The shape of the variable that is the first input."""
        return self._parameters[0].shape

    def _leaf(self, value: Value) -> Known | None:
        index = self._place.get(value)
        if index is None:
            return None
        self.used.add(index)
        array = static_value(self._inputs[index])
        if array is None:
            self.assumed = True
            return None
        if is_symbolic(array):
            self.assumed = True
            if self._replacement is not None:
                return _replaced(array, self._replacement, value.dtype.numpy)
        return array

    def read(self, slot: Any) -> Value:
        return self._state[slot]

    def write(self, slot: Any, value: Value) -> None:
        self._state[slot] = value

    def is_initialized(self, slot: Any) -> bool:
        return True

    def random(self, shape: Any, dtype: Any, draw: Any, seed: tuple[int, int]) -> Value:
        key = self.b.parameter(TensorType(dtypes.u32, (2,)))
        counter = self.b.parameter(TensorType(dtypes.u64))
        return draw(self.b, key, counter, tuple(shape), dtype)[0]


def _ir_dtype(tensor: Tensor) -> Any:
    found = tensor.dtype.in_programs
    if found is None:
        raise Refusal(f"a tensor of dtype {tensor.dtype.base_dtype.name} has no place in a program of numbers")
    return found


def _replaced(array: Known, size: int, dtype: Any) -> Known:
    def number(item: Any) -> Any:
        return evaluate(item, dict.fromkeys(item.names(), size)) if isinstance(item, Dimension) else item

    return np.array([number(item) for item in array.flat], dtype=dtype).reshape(array.shape)


# -- elements of tensors while the graph is built ----


def static_value(tensor: Tensor) -> Known | None:
    """The elements of a small tensor: numbers, or named dimensions where an integer is not known. None for others."""
    if tensor.static_value is not NotImplemented:
        return tensor.static_value
    pending = [tensor]
    while pending:
        current = pending[-1]
        if current.static_value is not NotImplemented:
            pending.pop()
            continue
        if current.op.type == "Const":
            value = current.op.attributes["value"]
            current.static_value = value.array if hasattr(value, "array") and _is_small(current) else None
            continue
        if not _is_small(current):
            current.static_value = None
            continue
        waiting = next((t for t in current.op.inputs if t.static_value is NotImplemented and _is_small(t)), None)
        if waiting is not None:
            pending.append(waiting)
            continue
        for output, found in zip(current.op.outputs, _static_outputs(current), strict=True):
            output.static_value = found
        if current.static_value is NotImplemented:
            current.static_value = None
    return tensor.static_value


def constant_value(tensor: Tensor) -> Known | None:
    """The elements of a tensor that are numbers already while the graph is built; None otherwise."""
    array = static_value(tensor)
    return None if array is None or is_symbolic(array) else array


def known_integer(value: Any) -> int | None:
    """The integer that `value`, an integer or a tensor, has for sure."""
    if not isinstance(value, Tensor):
        return int(value)
    found = constant_value(value)
    return None if found is None else int(found)


def _is_small(tensor: Tensor) -> bool:
    dims = tensor._dims
    if dims is None or tensor.dtype.ir is None or None in dims:
        return False
    count = 1
    for size in dims:
        count *= size or 0
    return count <= MAX_STATIC_ELEMENTS


def _static_outputs(tensor: Tensor) -> list[Known | None]:
    operation = tensor.op
    found: list[Known | None] = [None] * len(operation.outputs)
    if not (operation.slot is not None or operation.definition.takes_tensors or not operation.inputs):
        found = _evaluated(tensor)
    return [
        symbols(output._dims) if array is None and output.dtype.is_integer and _is_small(output) else array
        for output, array in zip(operation.outputs, found, strict=True)
    ]


def _evaluated(tensor: Tensor) -> list[Known | None]:
    operation = tensor.op
    nothing: list[Known | None] = [None] * len(operation.outputs)
    if any(each._dims is None or each.dtype.ir is None for each in operation.inputs):
        return nothing
    if operation.type == "PlaceholderWithDefault":
        return nothing  # a run may feed it
    shapes = [
        tuple(
            named(f"size{each.op.number}_{each.value_index}_{axis}") if size is None else size
            for axis, size in enumerate(each._dims or ())
        )
        for each in operation.inputs
    ]
    try:
        probe = Probe(operation.definition, operation.inputs, shapes, set())
        results = probe.lowered(operation.attributes)
        return [None if value is None else probe.knowledge.of(value) for value in results] or nothing
    except (DiptychError, UnknownValue):
        return nothing
