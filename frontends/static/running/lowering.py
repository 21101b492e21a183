"""From a graph to a function of the IR: what a run fetches, as a pure program of what it feeds and of state."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from diptych.ir import Builder, Function, TensorType, TypeRuleError, Unsupported, Value, dtypes, product

from ...functions.constants import filled_like
from ..graphs.errors import FailedPreconditionError, InvalidArgumentError
from ..graphs.knowledge import Knowledge, is_symbolic
from ..graphs.operation import Operation, OperationLocation
from ..graphs.shapes import disagreement
from ..graphs.site import Refusal, Site, UnknownValue, run_message
from ..graphs.tensor import Tensor
from .host import on_host
from .schedule import linked, needed, ordered

# A variable's value, or the key or counter of an operation's random numbers.
StateKey = tuple[Literal["variable", "key", "counter"], Operation]
Array = np.ndarray[Any, Any]

KEY = TensorType(dtypes.u32, (2,))
COUNTER = TensorType(dtypes.u64)
MAX_SPECIALISED = 1024  # elements of a feed, or of a tensor, whose values may become part of the program


class Undetermined(Exception):
    """An operation needs the elements of `tensor` as sizes or axes, which the run itself computes."""

    def __init__(self, tensor: Tensor) -> None:
        super().__init__(f"the elements of {tensor.name} are needed but not known")
        self.tensor = tensor


@dataclass(frozen=True, slots=True)
class LoweredRun:
    """A run as a function, and what its parameters and results are.

    Parameters: the feeds numbered in `feeds`, then `reads`. Results: `fetches`, in order, then `writes`. What they need
    of the function stands among `fetches` for the operations in `host`, which the host computes after it. The function
    holds for runs that feed the same elements to the feeds in `elements`, that compute the same elements of the tensors
    in `measured`, and in which of the variables in `flags` those that had a value have one.
    """

    function: Function
    feeds: tuple[int, ...]
    reads: tuple[StateKey, ...]
    fetches: tuple[Tensor, ...]
    writes: tuple[StateKey, ...]
    elements: tuple[int, ...]
    flags: tuple[Operation, ...]
    host: tuple[Operation, ...]
    measured: tuple[Tensor, ...]


def lower(
    targets: Sequence[Tensor | Operation],
    feeds: Mapping[Tensor, Array],
    state_type: Callable[[StateKey], TensorType | None],
    *,
    measured: Mapping[Tensor, Array] | None = None,
    name: str = "run",
) -> LoweredRun:
    """The run that computes `targets` given `feeds` and state of the types `state_type` tells; None of it is no value.

    `measured` are tensors whose elements are known beforehand, since sizes or axes are made of them. Raises
    Undetermined for one that is missing, and the errors of tf.errors, with the operation and the user's line, for what
    cannot run.
    """
    waits = needed(targets, feeds)
    links = linked(waits, feeds)
    if links:
        waits = needed([*targets, *(tensor.op for tensor in links)], feeds)
    site = RunSite(feeds, state_type, name, links, targets, measured or {})
    order = ordered(waits)
    host = dict.fromkeys(on_host(order))
    for operation in order:
        if operation not in host:
            if host and not host.keys().isdisjoint(waits[operation]):
                raise Unsupported(
                    f"{operation.name} ({operation.type}): an operation of numbers waits for one of strings",
                    location=operation.location,
                    hint="a run of its own for the strings",
                )
            site.lower(operation)
    wanted = [target for target in targets if isinstance(target, Tensor)]
    wanted += [tensor for operation in host for tensor in operation.inputs]
    fetched = tuple(dict.fromkeys(tensor for tensor in wanted if tensor not in feeds and tensor.op not in host))
    site.b.location = None
    return site.finish(fetched, tuple(host))


class RunSite(Site):
    """The site of a whole run."""

    def __init__(
        self,
        feeds: Mapping[Tensor, Array],
        state_type: Callable[[StateKey], TensorType | None],
        name: str,
        links: Sequence[Tensor] = (),
        targets: Sequence[Tensor | Operation] = (),
        measured: Mapping[Tensor, Array] | None = None,
    ) -> None:
        self.b = Builder(name, share=False)
        self.b.find_location = False
        self.operation: Operation | None = None
        self._feeds = feeds
        self._links = set(links)
        self._targets = set(targets)
        self._measured = measured or {}
        self._feed_numbers = {tensor: number for number, tensor in enumerate(feeds)}
        self._state_type = state_type
        self._values: dict[Tensor, Value] = {}
        self._fed: dict[Value, Tensor] = {}
        self._feed_parameters: dict[Tensor, Value] = {}
        self._state: dict[StateKey, Value] = {}
        self._read: dict[StateKey, Value] = {}
        self._versions: dict[Operation, list[Value]] = {}
        self._written: dict[StateKey, None] = {}
        self._elements: set[int] = set()
        self._flags: dict[Operation, None] = {}
        self.knowledge = Knowledge(self.b, lambda parameter: None)
        self._with_feeds = Knowledge(self.b, self._fed_elements, symbolic=False)

    def finish(self, fetched: tuple[Tensor, ...], host: tuple[Operation, ...] = ()) -> LoweredRun:
        """The function built."""
        self.operation = None
        results = [self.value(tensor) for tensor in fetched]
        writes = tuple(self._written)
        feeds = list(self._feed_parameters.items())
        self.b.parameters[:] = [*(value for _, value in feeds), *self._read.values()]
        function = self.b.finish([*results, *(self._state[key] for key in writes)])
        return LoweredRun(
            function,
            tuple(self._feed_numbers[tensor] for tensor, _ in feeds),
            tuple(self._read),
            fetched,
            writes,
            tuple(sorted(self._elements)),
            tuple(self._flags),
            host,
            tuple(self._measured),
        )

    # -- operations ----

    def lower(self, operation: Operation) -> None:
        """Emits one operation, whose inputs were lowered before."""
        if operation.slot is not None and not operation.definition.writes:
            return  # a name of a variable: whoever takes it reads the variable
        self.operation = operation
        line = operation.location
        self.b.location = line and OperationLocation(line.file, line.line, line.text, operation)
        definition = operation.definition
        operands: list[Any] = []
        try:
            if definition.takes_tensors:
                results = definition.lower(self, operation, **operation.attributes)
            else:
                operands = self._operands(operation)
                results = definition.lower(self, *operands, **operation.attributes)
            if results is not None:
                self._keep(operation, [results] if isinstance(results, Value) else list(results), operands)
        except UnknownValue as error:
            raise self._undetermined(operation, operands, error.value) from error
        except TypeRuleError as error:
            message = run_message(error, operands).replace("{name}", operation.name)
            raise InvalidArgumentError(operation.node_def, operation, message) from error

    def _operands(self, operation: Operation) -> list[Any]:
        if not operation.definition.takes_ref:
            values = [self.value(tensor) for tensor in operation.inputs]
            if self._measured:
                for tensor, value in zip(operation.inputs, values, strict=True):
                    if tensor in self._measured:
                        self._with_feeds.tell(value, self._measured[tensor])
            return values
        return [
            tensor.op.slot if argument.is_ref else self.value(tensor)
            for argument, tensor in zip(operation.definition.inputs, operation.inputs, strict=True)
        ]

    def _keep(self, operation: Operation, results: list[Value], operands: list[Any]) -> None:
        """Notes the values of the outputs, each a value of its own: a gradient must tell them from the operands."""
        taken = {id(operand) for operand in operands}
        for number, (tensor, value) in enumerate(zip(operation.outputs, results, strict=True)):
            if id(value) in taken:
                value = self.b.identity(value)
            if tensor in self._links:
                value = _linked(self.b, value, self._fed_parameter(tensor))
            taken.add(id(value))
            self.b.suggest([value], [_hint(operation.name if not number else f"{operation.name}.{number}")])
            self._values[tensor] = value

    def value(self, tensor: Tensor) -> Value:
        """The value of a tensor at this point of the run."""
        found = self._values.get(tensor)
        if found is not None:
            return found
        if tensor in self._feeds:
            return self._fed_parameter(tensor)
        slot = tensor.op.slot
        if slot is None:
            raise InvalidArgumentError(None, tensor.op, f"{tensor.name} has no value in this run")
        source = tensor
        while source.op.type == "Identity":  # another name of the variable
            source = source.op.inputs[0]
            if source in self._feeds:
                return self._fed_parameter(source)
        present = self._read_through(slot, tensor.op)
        return self.b.stop_gradient(present) if source.op.definition.writes else present

    def wants(self, output: int) -> bool:
        if self.operation is None:
            return True
        tensor = self.operation.outputs[output]
        return bool(tensor._consumers) or tensor in self._targets

    def _undetermined(self, operation: Operation, operands: Sequence[Any], value: Value) -> Exception:
        """What to raise where an operation needs the elements of `value`."""
        for tensor, operand in zip(operation.inputs, operands, strict=False):
            if operand is value and tensor not in self._measured and product(value.shape) <= MAX_SPECIALISED:
                return Undetermined(tensor)
        return Unsupported(
            f"{operation.name} ({operation.type}): a size or axis depends on what the run computes",
            location=operation.location,
            hint="sizes made of shapes, constants and small tensors of integers",
        )

    # -- feeds ----

    def is_fed(self, tensor: Tensor) -> bool:
        """Whether the run is given the value of a tensor, or of the variable that it reads."""
        while tensor not in self._feeds:
            if tensor.op.slot is None or tensor.op.type != "Identity":
                return False
            tensor = tensor.op.inputs[0]
        return True

    def _fed_parameter(self, tensor: Tensor) -> Value:
        found = self._feed_parameters.get(tensor)
        if found is None:
            dtype = tensor.dtype.ir
            if dtype is None:
                raise self.unsupported(f"a fed tensor of dtype {tensor.dtype.base_dtype.name}", "numbers and bools")
            found = Value(TensorType(dtype, self._feeds[tensor].shape), _hint(tensor.op.name))
            self._feed_parameters[tensor] = found
            self._fed[found] = tensor
        return found

    def _fed_elements(self, parameter: Value) -> Array | None:
        tensor = self._fed.get(parameter)
        if tensor is None or self._feeds[tensor].size > MAX_SPECIALISED:
            return None
        return self._feeds[tensor]

    def known(self, value: Value) -> Array:
        found = self.knowledge.of(value)
        if found is not None and not is_symbolic(found):
            return found
        found = self._with_feeds.of(value)
        if found is None:
            raise UnknownValue(value)
        for parameter in self._with_feeds.parameters_of(value):
            if parameter in self._fed:
                self._elements.add(self._feed_numbers[self._fed[parameter]])
        return found

    # -- state ----

    def read(self, slot: Operation) -> Value:
        return self._read_through(slot, self.operation)

    def _read_through(self, slot: Operation, reader: Operation | None) -> Value:
        key: StateKey = ("variable", slot)
        found = self._state.get(key)
        if found is None:
            type = self._state_type(key)
            if type is None:
                raise FailedPreconditionError(
                    slot.node_def,
                    reader or slot,
                    f"Attempting to use uninitialized value {slot.name}",
                    hint="run tf.global_variables_initializer() in this session first",
                )
            found = self._state_parameter(key, type, slot.name)
            self._versions[slot] = [found]
        return found

    def _state_parameter(self, key: StateKey, type: TensorType, name: str) -> Value:
        found = Value(type, _hint(name))
        self._read[key] = self._state[key] = found
        return found

    def write(self, slot: Operation, value: Value) -> None:
        key: StateKey = ("variable", slot)
        version = self.b.stop_gradient(value)
        self.b.suggest([version], [_hint(f"{slot.name}.next")])
        self._state[key] = version
        self._written[key] = None
        self._versions.setdefault(slot, []).append(version)

    def is_initialized(self, slot: Operation) -> bool:
        key: StateKey = ("variable", slot)
        if key in self._state:
            return True
        self._flags[slot] = None
        return self._state_type(key) is not None

    def versions(self, slot: Operation) -> list[Value]:
        """The values that a variable has had so far in this run."""
        return self._versions.get(slot, [])

    def random(self, shape: Any, dtype: Any, draw: Any, seed: tuple[int, int]) -> Value:
        drawing = self.operation
        if drawing is None:
            raise ValueError("random numbers are drawn by operations only")
        counter: StateKey = ("counter", drawing)
        self._state_type(counter)  # the session starts the stream where it has none
        key = self._state_parameter(("key", drawing), KEY, f"{drawing.name}.key")
        start = self._state_parameter(counter, COUNTER, f"{drawing.name}.counter")
        drawn, following = draw(self.b, key, start, tuple(shape), dtype)
        self._state[counter] = following
        self._written[counter] = None
        return drawn


def _linked(b: Builder, computed: Value, fed: Value) -> Value:
    """The fed value, whose gradient flows on to the computed one."""
    if fed.type != computed.type:
        raise Refusal(disagreement(computed.shape, fed.shape))
    body, back = b.nested("fed"), b.nested("fed_gradient")
    given = [body.parameter(computed.type), body.parameter(fed.type)]
    cotangent = [back.parameter(computed.type) for _ in range(4)][-1]
    zero = filled_like(back, 0, cotangent)
    forward = body.finish([given[1]])
    return b.custom_gradient(computed, fed, body=forward, gradient=back.finish([cotangent, zero]))[0]


def _hint(name: str) -> str:
    """A TensorFlow name in letters that the text of the IR has without quotes."""
    return name.replace("-", "_").replace("\\", "_")
