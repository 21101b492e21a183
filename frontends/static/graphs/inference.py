"""Static shapes of an operation's outputs, found by lowering it on its own.

No operation has a shape function of its own: its lowering and the type rules of the IR know all there is. Where sizes are
unknown, the operation is lowered with sizes in their place, twice with different ones: what changes in the result is
unknown. Where the first sizes do not fit, each unknown one is tried at the sizes that occur in the other inputs, and 1.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from diptych.ir import (
    Builder,
    Dim,
    Dimension,
    DiptychError,
    TensorType,
    TypeRuleError,
    Unsupported,
    Value,
    dtypes,
    named,
)
from diptych.ir.dimensions import evaluate

from .definitions import Definition
from .dtypes import DType
from .errors import OpError
from .knowledge import Knowledge, is_symbolic, symbols
from .shapes import Dims, runtime_text
from .site import Refusal, Site, UnknownValue, runtime_message
from .tensor import Tensor

PROBE = 5040  # has many divisors: splits and reshapes of an unknown size fit
SECOND_PROBES = (
    12,
    7560,
)  # the small one tells sizes that are cut off by a bound; the other is used where it is too small
MAX_TRIALS = 200
MAX_STATIC_ELEMENTS = 1024
MAX_CACHED = 20_000

Known = np.ndarray[Any, Any]
Outputs = tuple[Dims | None, ...]

_cache: dict[Any, Any] = {}  # see `infer`


def infer(
    definition: Definition, inputs: Sequence[Tensor], attributes: dict[str, Any], bound: dict[str, Any], name: str
) -> list[tuple[DType, Dims | None]]:
    """The dtype and static shape of each output. Raises ValueError, in TensorFlow's words, for inputs that do not fit."""
    types = _output_dtypes(definition, bound)
    if not types:
        return []
    try:
        dims = _inferred(definition, inputs, attributes, len(types))
    except TypeRuleError as error:
        raise ValueError(_complaint(definition, inputs, name, error)) from error
    return list(zip(types, dims, strict=True))


def _output_dtypes(definition: Definition, bound: dict[str, Any]) -> list[DType]:
    found: list[DType] = []
    for output in definition.outputs:
        dtype = output.resolved(bound)
        found.extend([dtype._as_ref if output.is_ref else dtype] * (1 if output.count is None else bound[output.count]))
    return found


def _inferred(definition: Definition, inputs: Sequence[Tensor], attributes: dict[str, Any], count: int) -> Outputs:
    if definition.shape is not None:
        return tuple(definition.shape(inputs, **attributes))
    if any(tensor._dims is None for tensor in inputs):
        return (None,) * count
    try:
        key: Any = (definition.type, *attributes.items(), *((t.dtype, t._dims) for t in inputs))
        cached = _cache.get(key)
    except TypeError:  # an attribute that does not hash
        key, cached = None, None
    if type(cached) is tuple:
        return cached
    if cached is not None:  # depends on elements of inputs: which ones, and the answers by those elements
        values = _elements(inputs, cached[0])
        found = None if values is None else cached[1].get(values)
        if found is not None:
            return found
    trial = _Trial(definition, inputs, attributes)
    result = trial.outputs()
    if key is not None:
        _remember(key, trial.used, inputs, result)
    return result


def _remember(key: Any, used: set[int], inputs: Sequence[Tensor], result: Outputs) -> None:
    if len(_cache) > MAX_CACHED:
        _cache.clear()
    if not used:
        _cache[key] = result
        return
    indices = tuple(sorted(used))
    values = _elements(inputs, indices)
    if values is None:
        return
    entry = _cache.get(key)
    if entry is None or entry[0] != indices:
        entry = _cache[key] = [indices, {}]
    if len(entry[1]) < MAX_CACHED:
        entry[1][values] = result


def _elements(inputs: Sequence[Tensor], indices: Sequence[int]) -> tuple[Any, ...] | None:
    found: list[Any] = []
    for index in indices:
        array = static_value(inputs[index])
        if array is None or is_symbolic(array):
            return None
        found.append((array.shape, array.tobytes()))
    return tuple(found)


class _Trial:
    """The inference of one operation. `used` are the inputs whose elements mattered."""

    def __init__(self, definition: Definition, inputs: Sequence[Tensor], attributes: dict[str, Any]) -> None:
        self.definition = definition
        self.inputs = inputs
        self.attributes = attributes
        self.used: set[int] = set()
        self.assumed = False  # whether an element that no one knows mattered
        self.unknown = [
            (number, axis)
            for number, tensor in enumerate(inputs)
            for axis, size in enumerate(tensor._dims or ())
            if size is None
        ]

    def outputs(self) -> Outputs:
        try:
            if not self.unknown:
                return self._unlike(self._lowered({}, None))
            return self._probed()
        except UnknownValue:
            return (None,) * self._count()

    def _count(self) -> int:
        attributes = self.attributes
        return sum(1 if output.count is None else attributes[output.count] for output in self.definition.outputs)

    def _probed(self) -> Outputs:
        """The outputs where some input size is unknown."""
        refusal: TypeRuleError | None = None
        agreed: Outputs | None = None
        level = 0
        for choice in itertools.islice(self._choices(), MAX_TRIALS):
            if agreed is not None and len(choice) > level:
                break
            try:
                first = self._lowered(choice, PROBE)
            except TypeRuleError as error:
                refusal = refusal or error
                continue
            found = self._compared(first, choice)
            agreed = found if agreed is None else tuple(map(_common, agreed, found))
            level = len(choice)
        if agreed is not None:
            return agreed
        if self.assumed:
            return (None,) * self._count()
        raise refusal if refusal is not None else UnknownValue(Value(TensorType(dtypes.i32)))

    def _choices(self) -> Iterator[dict[tuple[int, int], int]]:
        """Sizes for some of the unknown places: for none of them first, then for one, for two ..."""
        yield {}
        sizes = sorted({1, *(size for tensor in self.inputs for size in tensor._dims or () if size is not None)})
        for count in range(1, len(self.unknown) + 1):
            for places in itertools.combinations(self.unknown, count):
                for chosen in itertools.product(reversed(sizes), repeat=count):
                    yield dict(zip(places, chosen, strict=True))

    def _compared(self, first: list[tuple[Dim, ...]], choice: dict[tuple[int, int], int]) -> Outputs:
        """`first` with unknown sizes where a second probe gives others."""
        for probe in SECOND_PROBES:
            try:
                second = self._lowered(choice, probe)
            except TypeRuleError:
                continue
            return tuple(_common(_known(one), _known(other)) for one, other in zip(first, second, strict=True))
        return tuple(tuple(None if size == PROBE else size for size in _known(dims)) for dims in first)

    def _unlike(self, results: list[tuple[Dim, ...]]) -> Outputs:
        return tuple(_known(dims) for dims in results)

    def _lowered(self, choice: dict[tuple[int, int], int], probe: int | None) -> list[tuple[Dim, ...]]:
        """The outputs' shapes with these sizes. First with names for elements that are not known; where a type rule
        refuses them, with the probe's size in place of the names."""
        shapes = [
            tuple(
                choice.get((number, axis), probe or 0) if size is None else size
                for axis, size in enumerate(tensor._dims or ())
            )
            for number, tensor in enumerate(self.inputs)
        ]
        try:
            return self._run(shapes, None)
        except TypeRuleError:
            if not self.assumed:
                raise
            return self._run(shapes, probe or PROBE)

    def _run(self, shapes: list[tuple[int, ...]], replacement: int | None) -> list[tuple[Dim, ...]]:
        probe = Probe(self.definition, self.inputs, shapes, self.used, replacement)
        try:
            results = probe.lowered(self.attributes)
        finally:
            self.assumed = self.assumed or probe.assumed
        return [
            probe.shape_of_ref() if output is None else output.shape
            for output in (results if results else [None] * self._count())
        ]


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
    found = tensor.dtype.ir
    if found is None:
        raise Refusal(f"a tensor of dtype {tensor.dtype.base_dtype.name} has no place in a program of numbers")
    return found


def _replaced(array: Known, size: int, dtype: Any) -> Known:
    def number(item: Any) -> Any:
        return evaluate(item, dict.fromkeys(item.names(), size)) if isinstance(item, Dimension) else item

    return np.array([number(item) for item in array.flat], dtype=dtype).reshape(array.shape)


def _known(dims: Sequence[Dim]) -> Dims:
    return tuple(size if isinstance(size, int) else None for size in dims)


def _common(left: Dims | None, right: Dims | None) -> Dims | None:
    """What two answers agree on."""
    if left is None or right is None or len(left) != len(right):
        return None
    return tuple(a if a == b else None for a, b in zip(left, right, strict=True))


def _complaint(definition: Definition, inputs: Sequence[Tensor], name: str, error: TypeRuleError) -> str:
    from .defaults import get_default_graph

    graph = inputs[0].graph if inputs else get_default_graph()
    full = name[:-1] if name.endswith("/") else graph._scope + name
    shapes = ", ".join(runtime_text(tensor._dims) for tensor in inputs)
    values = [
        f"input[{index}] = <{' '.join(map(str, array.reshape(-1)))}>"
        for index, tensor in enumerate(inputs)
        if tensor.dtype.is_integer and (array := static_value(tensor)) is not None and not is_symbolic(array)
    ]
    computed = f" and with computed input tensors: {', '.join(values)}" if values else ""
    message = re.sub(rf"\b({PROBE}|{SECOND_PROBES[1]})\b", "?", runtime_message(error))
    return f"{message} for '{full}' (op: '{definition.type}') with input shapes: {shapes}{computed}."


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
        symbols(output._dims)  # type: ignore[arg-type]
        if array is None and output.dtype.is_integer and _is_small(output)
        else array
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
    except (DiptychError, OpError, Unsupported, UnknownValue):
        return nothing
