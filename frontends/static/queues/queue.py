"""tf.FIFOQueue and its kin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply, apply_operation
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.definitions import host_operation, scalar_shape
from ..graphs.dtypes import DType, as_dtype
from ..graphs.errors import OpError
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape, as_shape
from ..graphs.tensor import Tensor
from ..operations.random import get_seed
from ..running.host import HostRun, handle
from .stores import Array, Element, ShuffledStore, Store, check_shape, padded, stacked

Shapes = tuple[tuple[int | None, ...] | None, ...]


# -- what the host does ----


def _handles(inputs: Sequence[Tensor], **_: Any) -> list[Any]:
    return [()]


@host_operation("FIFOQueueV2", "-> resource", shape=_handles)
def fifo_queue(at: HostRun, *, component_types: Any, shapes: Shapes, capacity: int, shared_name: str) -> Array:
    """A queue."""
    return handle(at.state.resource(at.operation, lambda: Store(at.operation.name, capacity)))


@host_operation("PaddingFIFOQueueV2", "-> resource", shape=_handles)
def padding_queue(at: HostRun, *, component_types: Any, shapes: Shapes, capacity: int, shared_name: str) -> Array:
    """A queue whose elements may differ in size."""
    return handle(at.state.resource(at.operation, lambda: Store(at.operation.name, capacity)))


@host_operation("RandomShuffleQueueV2", "-> resource", shape=_handles)
def shuffle_queue(
    at: HostRun,
    *,
    component_types: Any,
    shapes: Shapes,
    capacity: int,
    min_after_dequeue: int,
    seed: int,
    seed2: int,
    shared_name: str,
) -> Array:
    """A queue that gives its elements in random order."""
    number = (seed << 32 | seed2 & 0xFFFFFFFF) if seed or seed2 else None
    return handle(
        at.state.resource(at.operation, lambda: ShuffledStore(at.operation.name, capacity, min_after_dequeue, number))
    )


def _asked(at: HostRun, call: Callable[[], Any]) -> Any:
    """What a call gives; its errors name the operation."""
    try:
        return call()
    except OpError as error:
        raise type(error)(at.operation.node_def, at.operation, error.message) from error


def _checked(at: HostRun, components: Element) -> Element:
    shapes = at.operation.inputs[0].op.attributes["shapes"]
    for number, (array, shape) in enumerate(zip(components, shapes, strict=True)):
        check_shape(at.operation.name, number, array, shape)
    return components


@host_operation("QueueEnqueueV2", "handle: resource, components: *Tcomponents ->")
def enqueue(at: HostRun, handle: Array, *components: Array, Tcomponents: Any) -> list[Any]:
    """Adds an element."""
    _asked(at, lambda: handle[()].enqueue([_checked(at, components)]))
    return []


@host_operation("QueueEnqueueManyV2", "handle: resource, components: *Tcomponents ->")
def enqueue_many(at: HostRun, handle: Array, *components: Array, Tcomponents: Any) -> list[Any]:
    """Adds as many elements as the components have rows."""
    rows = [tuple(np.asarray(each[row], each.dtype) for each in components) for row in range(len(components[0]))]
    _asked(at, lambda: handle[()].enqueue([_checked(at, row) for row in rows]))
    return []


@host_operation("QueueDequeueV2", "handle: resource -> *component_types")
def dequeue(at: HostRun, handle: Array, *, component_types: Any) -> list[Array]:
    """Takes an element."""
    return list(_asked(at, lambda: handle[()].dequeue(1))[0])


@host_operation("QueueDequeueManyV2", "handle: resource, n: int32 -> *component_types")
def dequeue_many(at: HostRun, handle: Array, n: Array, *, component_types: Any) -> list[Array]:
    """Takes n elements."""
    return _joined(at, _asked(at, lambda: handle[()].dequeue(int(n))))


@host_operation("QueueDequeueUpToV2", "handle: resource, n: int32 -> *component_types")
def dequeue_up_to(at: HostRun, handle: Array, n: Array, *, component_types: Any) -> list[Array]:
    """Takes n elements, or what is left in a closed queue."""
    return _joined(at, _asked(at, lambda: handle[()].dequeue(int(n), up_to=True)))


def _joined(at: HostRun, elements: Sequence[Element]) -> list[Array]:
    queue = at.operation.inputs[0].op
    join = padded if queue.type == "PaddingFIFOQueueV2" else stacked
    if elements:
        return [join(parts) for parts in zip(*elements, strict=True)]
    shapes = queue.attributes["shapes"]
    types = queue.attributes["component_types"]
    return [
        np.zeros((0, *(size or 0 for size in shape or ())), t.numpy) for shape, t in zip(shapes, types, strict=True)
    ]


@host_operation("QueueCloseV2", "handle: resource ->")
def close(at: HostRun, handle: Array, *, cancel_pending_enqueues: bool = False) -> list[Any]:
    """Closes the queue."""
    handle[()].close(cancel_pending_enqueues=cancel_pending_enqueues)
    return []


@host_operation("QueueSizeV2", "handle: resource -> int32", shape=scalar_shape)
def size(at: HostRun, handle: Array) -> int:
    """How many elements there are."""
    return handle[()].size()


@host_operation("QueueIsClosedV2", "handle: resource -> bool", shape=scalar_shape)
def is_closed(at: HostRun, handle: Array) -> bool:
    """Whether the queue is closed."""
    return handle[()].closed


# -- what users call ----


@export("QueueBase", "queue.QueueBase")
class QueueBase:
    """A queue of tuples of tensors, which has its elements in a session. Threads fill and empty it at the same time.

    An operation that adds waits for room, one that takes waits for elements.
    """

    def __init__(self, dtypes: Sequence[DType], shapes: Sequence[TensorShape], names: Any, queue_ref: Tensor) -> None:
        self._dtypes = list(dtypes)
        self._shapes = list(shapes)
        if names is not None and (len(names) != len(dtypes) or len(set(names)) != len(names)):
            raise ValueError("List of names must be the same length as the list of dtypes")
        self._names = None if names is None else list(names)
        self._queue_ref = queue_ref
        self._name = queue_ref.op.name.rpartition("/")[2]

    @property
    def queue_ref(self) -> Tensor:
        return self._queue_ref

    @property
    def name(self) -> str:
        return self._queue_ref.op.name

    @property
    def dtypes(self) -> list[DType]:
        return self._dtypes

    @property
    def shapes(self) -> list[TensorShape]:
        return self._shapes

    @property
    def names(self) -> list[str] | None:
        return self._names

    def _components(self, vals: Any) -> list[Tensor]:
        """The parts of an element as tensors. Raises ValueError, TypeError."""
        if isinstance(vals, Mapping):
            if self._names is None:
                raise ValueError("Queue must have names to enqueue a dictionary")
            if sorted(self._names) != sorted(vals):
                raise ValueError(
                    "Keys in dictionary to enqueue do not match names of Queue.  "
                    f"Dictionary: {sorted(vals)}, Queue: {sorted(self._names)}"
                )
            vals = [vals[name] for name in self._names]
        else:
            if self._names is not None:
                raise ValueError("You must enqueue a dictionary in a Queue with names")
            vals = vals if isinstance(vals, list | tuple) and len(self._dtypes) == len(vals) else [vals]
        if len(vals) != len(self._dtypes):
            raise ValueError(f"Expected {len(self._dtypes)} components but got {len(vals)}")
        return [
            convert_to_tensor(value, dtype, name=f"component_{number}")
            for number, (value, dtype) in enumerate(zip(vals, self._dtypes, strict=True))
        ]

    def enqueue(self, vals: Any, name: str | None = None) -> Operation:
        """Adds an element: a tensor, a list of them, or a dictionary where the parts have names."""
        with name_scope(name, f"{self._name}_enqueue", []) as scope:
            components = self._components(vals)
            for value, shape in zip(components, self._shapes, strict=True):
                value.get_shape().assert_is_compatible_with(shape)
            return apply_operation("QueueEnqueueV2", [self._queue_ref, components], name=scope)

    def enqueue_many(self, vals: Any, name: str | None = None) -> Operation:
        """Adds an element for each row of the tensors."""
        with name_scope(name, f"{self._name}_EnqueueMany", []) as scope:
            components = self._components(vals)
            for value, shape in zip(components, self._shapes, strict=True):
                value.get_shape()[1:].assert_is_compatible_with(shape)
            return apply_operation("QueueEnqueueManyV2", [self._queue_ref, components], name=scope)

    def dequeue(self, name: str | None = None) -> Any:
        """Takes an element: a tensor, a list of them, or a dictionary where the parts have names."""
        types = tuple(self._dtypes)
        made = apply_operation(
            "QueueDequeueV2", [self._queue_ref], name=name or f"{self._name}_Dequeue", component_types=types
        )
        return self._returned(made, [])

    def dequeue_many(self, n: Any, name: str | None = None) -> Any:
        """Takes n elements, each part as one tensor. In a run OutOfRangeError where a closed queue has fewer."""
        return self._several("QueueDequeueManyV2", n, name or f"{self._name}_DequeueMany")

    def dequeue_up_to(self, n: Any, name: str | None = None) -> Any:
        """Takes n elements, or what is left in a closed queue."""
        return self._several("QueueDequeueUpToV2", n, name or f"{self._name}_DequeueUpTo")

    def _several(self, type: str, n: Any, name: str) -> Any:
        known = n if isinstance(n, int) and type == "QueueDequeueManyV2" else None
        made = apply_operation(type, [self._queue_ref, n], name=name, component_types=tuple(self._dtypes))
        return self._returned(made, [known])

    def _returned(self, made: Operation, front: list[int | None]) -> Any:
        for tensor, shape in zip(made.outputs, self._shapes, strict=True):
            tensor.set_shape(TensorShape(front).concatenate(shape))
        if self._names is not None:
            return dict(zip(self._names, made.outputs, strict=True))
        return made.outputs[0] if len(made.outputs) == 1 else list(made.outputs)

    def close(self, cancel_pending_enqueues: bool = False, name: str | None = None) -> Operation:
        """Lets no element in any more; what is there may be taken."""
        return apply_operation(
            "QueueCloseV2", [self._queue_ref], name=name or f"{self._name}_Close",
            cancel_pending_enqueues=cancel_pending_enqueues,
        )  # fmt: skip

    def is_closed(self, name: str | None = None) -> Tensor:
        """Whether the queue is closed."""
        return apply("QueueIsClosedV2", [self._queue_ref], name=name or f"{self._name}_Is_Closed")

    def size(self, name: str | None = None) -> Tensor:
        """How many elements there are."""
        return apply("QueueSizeV2", [self._queue_ref], name=name or f"{self._name}_Size")


def _types(dtypes: Any) -> tuple[DType, ...]:
    return tuple(as_dtype(each).base_dtype for each in (dtypes if isinstance(dtypes, list | tuple) else [dtypes]))


def _shapes(shapes: Any, types: Sequence[DType]) -> list[TensorShape]:
    """A shape for each part. Raises ValueError."""
    if shapes is None:
        return [TensorShape(None)] * len(types)
    is_one = isinstance(shapes, TensorShape) or not any(isinstance(each, list | tuple | TensorShape) for each in shapes)
    found = [as_shape(each) for each in ([shapes] if is_one and not (shapes == [] and not types) else shapes)]
    if len(found) != len(types):
        raise ValueError(
            "Queue shapes must have the same length as dtypes, "
            f"received len(shapes)={len(found)}, len(dtypes)={len(types)}"
        )
    return found


def _made(type: str, dtypes: Any, shapes: Any, name: str, **attributes: Any) -> tuple[Any, ...]:
    types = _types(dtypes)
    known = _shapes(shapes, types)
    with get_default_graph().control_dependencies(None):
        handle = apply(
            type, [], name=name, component_types=types, shapes=tuple(shape.known for shape in known), **attributes
        )
    return types, known, handle


@export("FIFOQueue", "queue.FIFOQueue")
class FIFOQueue(QueueBase):
    """A queue that gives its elements in the order in which they came."""

    def __init__(
        self,
        capacity: int,
        dtypes: Any,
        shapes: Any = None,
        names: Any = None,
        shared_name: str | None = None,
        name: str = "fifo_queue",
    ) -> None:
        types, known, handle = _made(
            "FIFOQueueV2", dtypes, shapes, name, capacity=_room(capacity), shared_name=shared_name or ""
        )
        super().__init__(types, known, names, handle)


@export("PaddingFIFOQueue", "queue.PaddingFIFOQueue")
class PaddingFIFOQueue(QueueBase):
    """A FIFOQueue whose elements may differ where `shapes` say None: what is taken together is padded with zeros."""

    def __init__(
        self,
        capacity: int,
        dtypes: Any,
        shapes: Any,
        names: Any = None,
        shared_name: str | None = None,
        name: str = "padding_fifo_queue",
    ) -> None:
        types, known, handle = _made(
            "PaddingFIFOQueueV2", dtypes, shapes, name, capacity=_room(capacity), shared_name=shared_name or ""
        )
        super().__init__(types, known, names, handle)


@export("RandomShuffleQueue", "queue.RandomShuffleQueue")
class RandomShuffleQueue(QueueBase):
    """A queue that gives its elements in random order, and keeps `min_after_dequeue` of them to choose from until it is
    closed."""

    def __init__(
        self,
        capacity: int,
        min_after_dequeue: int,
        dtypes: Any,
        shapes: Any = None,
        names: Any = None,
        seed: int | None = None,
        shared_name: str | None = None,
        name: str = "random_shuffle_queue",
    ) -> None:
        seeds = [number or 0 for number in get_seed(seed)]
        types, known, handle = _made(
            "RandomShuffleQueueV2", dtypes, shapes, name, capacity=_room(capacity), shared_name=shared_name or "",
            min_after_dequeue=min_after_dequeue, seed=seeds[0], seed2=seeds[1],
        )  # fmt: skip
        super().__init__(types, known, names, handle)


def _room(capacity: int) -> int:
    return (1 << 31) - 1 if capacity < 0 else capacity
