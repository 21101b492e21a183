"""From a graph to a function of the IR: what a run fetches, as a pure program of what it feeds and of state."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from diptych.backends.mesh import current as current_mesh
from diptych.backends.processes import process_count
from diptych.ir import Builder, Function, Shape, TensorType, Unsupported, Value, dtypes, product

from ...functions.constants import filled_like
from ..graphs.errors import FailedPreconditionError, InvalidArgumentError
from ..graphs.knowledge import Knowledge, is_symbolic
from ..graphs.operation import Operation
from ..graphs.shapes import disagreement
from ..graphs.site import Refusal, UnknownValue
from ..graphs.tensor import Tensor
from .parts import may_be_part
from .places import axes_of_variable
from .schedule import linked, needed, ordered
from .site import (
    MAX_SPECIALISED,
    Array,
    Count,
    LoweringSite,
    Measured,
    NeedsHost,
    StateKey,
    Undetermined,
    Unwritten,
    hint,
)

KEY = TensorType(dtypes.u32, (2,))
COUNTER = TensorType(dtypes.u64)


@dataclass(frozen=True, slots=True)
class LoweredRun:
    """A run as a function, and what its parameters and results are.

    Parameters: the feeds numbered in `feeds`, then `reads`. Results: `fetches`, in order, but for those in `unwritten`,
    which are arrays without elements at these places, then `writes`. The function
    holds for runs that feed the same elements to the feeds in `elements`, that compute the same elements of the tensors
    and counts in `measured`, and in which of the variables in `flags` those that had a value have one.
    """

    function: Function
    feeds: tuple[int, ...]
    reads: tuple[StateKey, ...]
    fetches: tuple[Measured, ...]
    writes: tuple[StateKey, ...]
    elements: tuple[int, ...]
    flags: tuple[Operation, ...]
    measured: tuple[Measured, ...]
    unwritten: tuple[tuple[int, Unwritten], ...]


def lower(
    targets: Sequence[Measured | Operation],
    feeds: Mapping[Tensor, Array],
    state_type: Callable[[StateKey], TensorType | None],
    *,
    measured: Mapping[Measured, Array] | None = None,
    done: Collection[Operation] = (),
    effects: bool = True,
    shapes: Mapping[Tensor, Shape] | None = None,
    are_whole: bool = False,
    name: str = "run",
) -> LoweredRun:
    """The run that computes `targets` given `feeds` and state of the types `state_type` tells; None of it is no value.
    What is `done` was computed by the host, and is left out. Without `effects` nothing is printed. `shapes` are those
    of feeds that may come in other sizes, with names for the sizes: the run is then one for all of them.
    Feeds that `are_whole` are those of all processes.

    `measured` are tensors and counts whose elements are known beforehand, since sizes or axes are made of them. Raises
    Undetermined for one that is missing, and the errors of tf.errors, with the operation and the user's line, for what
    cannot run.
    """
    ends = [target.operation if isinstance(target, Count) else target for target in targets]
    waits = needed(ends, feeds, done)
    links = linked(waits, feeds)
    if links:
        waits = needed([*ends, *(tensor.op for tensor in links)], feeds, done)
    wholes = {} if are_whole else _wholes(feeds)
    site = RunSite(
        feeds, state_type, name, links, targets, measured or {}, effects=effects, shapes=shapes, wholes=wholes
    )
    for operation in ordered(waits):
        with suppress(_Counted):  # nothing waits for an operation that is asked for a count alone
            site.lower(operation)
    wanted = [target for target in targets if not isinstance(target, Operation)]
    return site.finish(tuple(dict.fromkeys(tensor for tensor in wanted if tensor not in feeds)))


class _Counted(Exception):
    """The count that the run is for is known; the rest of the operation is not needed."""


class RunSite(LoweringSite):
    """The site of a whole run."""

    def __init__(
        self,
        feeds: Mapping[Tensor, Array],
        state_type: Callable[[StateKey], TensorType | None],
        name: str,
        links: Sequence[Tensor] = (),
        targets: Sequence[Measured | Operation] = (),
        measured: Mapping[Measured, Array] | None = None,
        *,
        effects: bool = True,
        shapes: Mapping[Tensor, Shape] | None = None,
        wholes: Mapping[Tensor, tuple[int, ...]] | None = None,
    ) -> None:
        super().__init__(Builder(name, share=False))
        self.effects = effects
        self.may_fail = shapes is not None
        self._feeds = feeds
        self._wholes = wholes or {}
        self._shapes = shapes or {}
        self._links = set(links)
        self._targets = set(targets)
        self._measured = measured or {}
        self._feed_numbers = {tensor: number for number, tensor in enumerate(feeds)}
        self._state_type = state_type
        self._fed: dict[Value, Tensor] = {}
        self._feed_parameters: dict[Tensor, Value] = {}
        self._read: dict[StateKey, Value] = {}
        self._elements: set[int] = set()
        self._flags: dict[Operation, None] = {}
        self._relied_on: dict[Measured, None] = {}
        self._counts: dict[Count, Value] = {}
        self._asked = 0  # how many counts the present operation has asked for
        self.knowledge = Knowledge(self.b, lambda parameter: None)
        self._constants = Knowledge(self.b, lambda parameter: None, symbolic=False)
        self._with_feeds = Knowledge(self.b, self._fed_elements, symbolic=False)

    def finish(self, fetched: tuple[Measured, ...]) -> LoweredRun:
        """The function built."""
        self._enter(None)
        found = [self._counts[each] if isinstance(each, Count) else self.value(each) for each in fetched]
        results = [value for value in found if not isinstance(value, Unwritten)]
        writes = self.written
        feeds = list(self._feed_parameters.items())
        self.b.parameters[:] = [*(value for _, value in feeds), *self._read.values()]
        function = self.b.finish([*results, *(self._placed(key, self._state[key]) for key in writes)])
        return LoweredRun(
            function,
            tuple(self._feed_numbers[tensor] for tensor, _ in feeds),
            tuple(self._read),
            fetched,
            writes,
            tuple(sorted(self._elements)),
            tuple(self._flags),
            tuple(self._relied_on),
            tuple((place, value) for place, value in enumerate(found) if isinstance(value, Unwritten)),
        )

    # -- operations ----

    def value(self, tensor: Tensor) -> Any:
        found = super().value(tensor)
        if tensor in self._measured:
            self._relied_on[tensor] = None
            self._with_feeds.tell(found, self._measured[tensor])
        return found

    def _linked(self, tensor: Tensor, value: Value) -> Value:
        if tensor in self._links:
            return _linked(self.b, value, self._fed_parameter(tensor))
        return self._fed_parameter(tensor) if tensor in self._feeds else value  # run since others wait for it

    def wants(self, output: int) -> bool:
        if self.operation is None:
            return True
        tensor = self.operation.outputs[output]
        return bool(tensor._consumers) or tensor in self._targets

    def _enter(self, operation: Operation | None) -> None:
        super()._enter(operation)
        self._asked = 0

    def measured(self, value: Value) -> Array:
        found = self._constants.of(value)
        if found is not None:
            return found
        if self.operation is None:
            raise UnknownValue(value)
        return self.counted(lambda: value)

    def counted(self, made: Callable[[], Value]) -> Array:
        if self.operation is None:
            raise ValueError("counts are asked for by operations only")
        count = Count(self.operation, self._asked)
        self._asked += 1
        if count in self._measured:
            self._relied_on[count] = None
            return self._measured[count]
        if count in self._targets:
            self._counts[count] = made()
            raise _Counted
        raise Undetermined(count)

    def _undetermined(self, operation: Operation, value: Value, named: Iterable[tuple[Tensor, Any]]) -> Exception:
        count = product(value.shape)
        is_small = isinstance(count, int) and count <= MAX_SPECIALISED
        for tensor, held in (*named, *self._values.items()):
            if held is value and is_small and tensor not in self._measured:
                return Undetermined(tensor)
        return Unsupported(
            f"{operation.name} ({operation.type}): a size or axis depends on what the run computes",
            location=operation.location,
            hint="sizes made of shapes, constants and small tensors of integers",
        )

    def for_host(self, owner: Operation) -> NeedsHost:
        return NeedsHost(owner)

    # -- feeds ----

    def is_fed(self, tensor: Tensor) -> bool:
        while tensor not in self._feeds:
            if tensor.op.slot is None or tensor.op.type != "Identity":
                return False
            tensor = tensor.op.inputs[0]
        return True

    def _outer(self, tensor: Tensor) -> Any:
        source = tensor
        while source not in self._feeds and source.op.slot is not None and source.op.type == "Identity":
            source = source.op.inputs[0]
        if source not in self._feeds:
            raise InvalidArgumentError(None, tensor.op, f"{tensor.name} has no value in this run")
        if isinstance(self._feeds[source], Unwritten):
            return self._feeds[source]
        return self._fed_parameter(source)

    def _fed_parameter(self, tensor: Tensor) -> Value:
        found = self._feed_parameters.get(tensor)
        if found is None:
            dtype = tensor.dtype.in_programs
            if dtype is None:
                raise self.unsupported(f"a fed tensor of dtype {tensor.dtype.base_dtype.name}", "numbers and bools")
            array = self._feeds[tensor]
            if dtype is dtypes.f32:  # maybe the flow of a tensor array, whose elements have a dtype of their own
                dtype = dtypes.dtype_of(array.dtype)
            shape = self._shapes.get(tensor)
            if shape is None:
                shape = self._wholes.get(tensor, array.shape)
            found = Value(TensorType(dtype, shape), hint(tensor.op.name))
            self._feed_parameters[tensor] = found
            self._fed[found] = tensor
        return found

    def _fed_elements(self, parameter: Value) -> Array | None:
        tensor = self._fed.get(parameter)
        if tensor is None or self._feeds[tensor].size > MAX_SPECIALISED or tensor.dtype.ir is None:
            return None  # numbers of strings hold for one run
        array = self._feeds[tensor]
        is_part = self._wholes.get(tensor, array.shape) != array.shape
        return None if is_part else array  # the other processes have the rest

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

    def decided(self, value: Value) -> bool | None:
        found = self.knowledge.of(value)
        if found is None:
            found = self._with_feeds.of(value)
            sources = self._with_feeds.parameters_of(value) & self._fed.keys()
            if found is None or not all(source.dtype.is_bool for source in sources):
                return None
        return bool(self.known(value))

    # -- state ----

    def _first(self, key: StateKey, reader: Operation | None) -> Value:
        type = self._state_type(key)
        if type is None:
            slot = key[1]
            raise FailedPreconditionError(
                slot.node_def,
                reader or slot,
                f"Attempting to use uninitialized value {slot.name}",
                hint="run tf.global_variables_initializer() in this session first",
            )
        name = key[1].name if key[0] == "variable" else f"{key[1].name}.{key[0]}"
        found = self._read[key] = Value(type, hint(name))
        return self._placed(key, found)

    def _placed(self, key: StateKey, value: Value) -> Value:
        """The value of a variable, split over the mesh that is active."""
        mesh = current_mesh()
        if mesh is None or key[0] != "variable":
            return value
        return self.b.shard(value, axes=axes_of_variable(mesh, key[1], value.type.static_shape()))

    def is_initialized(self, slot: Operation) -> bool:
        key: StateKey = ("variable", slot)
        if key in self._state:
            return True
        self._flags[slot] = None
        return self._state_type(key) is not None


def _wholes(feeds: Mapping[Tensor, Array]) -> dict[Tensor, tuple[int, ...]]:
    """The shapes of what all processes feed, where each feeds its part."""
    mesh = current_mesh()
    if mesh is None or process_count() == 1:
        return {}
    arrays = {tensor: array for tensor, array in feeds.items() if not isinstance(array, Unwritten)}
    parts = {tensor: array.shape for tensor, array in arrays.items() if _may_be_part(tensor, array)}
    wholes = dict(zip(parts, mesh.whole_batches([*parts.values()]), strict=True))
    return {tensor: wholes.get(tensor, array.shape) for tensor, array in arrays.items()}


def _may_be_part(tensor: Tensor, array: Array) -> bool:
    return array.ndim > 0 and may_be_part(tensor, process_count() * len(array))


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
