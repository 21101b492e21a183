"""tf.train.batch and its kin: queues that runners fill, from tensors and from other queues."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.collections import GraphKeys
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.definitions import host_operation, shape_of_input
from ..graphs.dtypes import float32, int64, string
from ..graphs.errors import OutOfRangeError
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape, as_shape
from ..graphs.tensor import Tensor
from ..operations.arrays import identity, shape
from ..operations.casting import cast
from ..operations.gathering import gather
from ..operations.random import seeds_of
from ..operations.ranges import range as numbers_below
from ..operations.summaries import scalar
from ..running.host import HostRun
from ..variables.variable import Variable
from .queue import FIFOQueue, PaddingFIFOQueue, QueueBase, RandomShuffleQueue
from .runner import QueueRunner, add_queue_runner

Array = np.ndarray[Any, Any]


class _Counter:
    """A session's lock for one counting operation."""

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def cancel(self) -> None:
        """Nothing waits for it."""


@host_operation("CountUpTo", "ref: ref T -> T", shape=shape_of_input)
def count_up(at: HostRun, ref: Array, *, limit: int) -> Array:
    """The variable, which then is 1 more. Raises OutOfRangeError where it has reached the limit."""
    key = ("variable", at.operation.inputs[0].op.slot)
    with at.state.resource(at.operation, _Counter).lock:
        present = np.array(at.state.arrays.get(key, ref))
        if present >= limit:
            raise OutOfRangeError(at.operation.node_def, at.operation, f"Reached limit of {limit}")
        at.state.put(key, present + np.ones((), present.dtype))
        return present


@export("count_up_to")
def count_up_to(ref: Any, limit: int, name: str | None = None) -> Tensor:
    """The variable `ref`, which then is 1 more; a run raises OutOfRangeError once it has reached `limit`."""
    return apply("CountUpTo", [ref._as_graph_tensor(as_ref=True)], name=name, limit=limit)


@export("train.limit_epochs")
def limit_epochs(tensor: Any, num_epochs: int | None = None, name: str | None = None) -> Tensor:
    """`tensor`, `num_epochs` times; then a run raises OutOfRangeError. The count is a local variable, which must be
    initialized. Raises ValueError."""
    if num_epochs is None:
        return tensor
    if num_epochs <= 0:
        raise ValueError(f"num_epochs must be > 0 not {num_epochs}.")
    with name_scope(name, "limit_epochs", [tensor]) as scope:
        start = convert_to_tensor(0, int64)
        epochs = Variable(start, name="epochs", trainable=False, collections=[GraphKeys.LOCAL_VARIABLES])
        with get_default_graph().control_dependencies([count_up_to(epochs, num_epochs)]):
            return identity(tensor, name=scope)


@export("train.input_producer")
def input_producer(
    input_tensor: Any,
    element_shape: Any = None,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    summary_name: str | None = None,
    name: str | None = None,
    cancel_op: Any = None,
) -> QueueBase:
    """A queue of the rows of a tensor, again and again, each time in another order, or `num_epochs` times."""
    with name_scope(name, "input_producer", [input_tensor]):
        input_tensor = convert_to_tensor(input_tensor, name="input_tensor")
        wanted = input_tensor.shape[1:].merge_with(as_shape(element_shape))
        if not wanted.is_fully_defined():
            raise ValueError(
                "Either `input_tensor` must have a fully defined shape or `element_shape` must be specified"
            )
        if shuffle:
            input_tensor = apply("RandomShuffle", [input_tensor], **seeds_of(seed))
        input_tensor = limit_epochs(input_tensor, num_epochs)
        queue = FIFOQueue(capacity, [input_tensor.dtype.base_dtype], [wanted], None, shared_name, name or "fifo_queue")
        filled = queue.enqueue_many([input_tensor])
        add_queue_runner(QueueRunner(queue, [filled], cancel_op=cancel_op))
        if summary_name is not None:
            scalar(summary_name, cast(queue.size(), float32) * (1.0 / capacity))
        return queue


@export("train.string_input_producer")
def string_input_producer(
    string_tensor: Any,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    name: str | None = None,
    cancel_op: Any = None,
) -> QueueBase:
    """A queue of strings, such as the names of files. Raises ValueError for an empty list."""
    message = "string_input_producer requires a non-null input tensor"
    if not isinstance(string_tensor, Tensor) and not len(string_tensor):
        raise ValueError(message)
    with name_scope(name, "input_producer", [string_tensor]) as scope:
        string_tensor = convert_to_tensor(string_tensor, string)
        return input_producer(
            string_tensor, [], num_epochs, shuffle, seed, capacity, shared_name, f"fraction_of_{capacity}_full", scope,
            cancel_op,
        )  # fmt: skip


@export("train.range_input_producer")
def range_input_producer(
    limit: Any,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    name: str | None = None,
) -> QueueBase:
    """A queue of the integers below `limit`."""
    with name_scope(name, "input_producer", [limit]) as scope:
        return input_producer(
            numbers_below(limit),
            [],
            num_epochs,
            shuffle,
            seed,
            capacity,
            shared_name,
            f"fraction_of_{capacity}_full",
            scope,
        )


@export("train.slice_input_producer")
def slice_input_producer(
    tensor_list: Sequence[Any],
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    name: str | None = None,
) -> list[Tensor]:
    """One row of each tensor, the same of all, another in every run. Raises ValueError for no tensor."""
    with name_scope(name, "input_producer", tensor_list):
        tensors = [convert_to_tensor(each) for each in tensor_list]
        if not tensors:
            raise ValueError("Expected at least one tensor in slice_input_producer().")
        count = shape(tensors[0])[0]
        queue = range_input_producer(count, num_epochs, shuffle, seed, capacity, shared_name)
        index = queue.dequeue()
        return [gather(tensor, index) for tensor in tensors]


# -- batches ----


def _listed(tensors: Any) -> list[Tensor]:
    """What is batched, as a list; of a dictionary by sorted keys."""
    if isinstance(tensors, Mapping):
        found = [tensors[key] for key in sorted(tensors)]
    else:
        found = list(tensors) if isinstance(tensors, list | tuple) else [tensors]
    if not found:
        raise ValueError("Expected at least one tensor in batch().")
    return [convert_to_tensor(each) for each in found]


def _like(tensors: Any, batched: Any) -> Any:
    """A batch in the form of what was batched."""
    parts = list(batched) if isinstance(batched, list) else [batched]
    if isinstance(tensors, Mapping):
        return dict(zip(sorted(tensors), parts, strict=True))
    return parts if isinstance(tensors, list | tuple) else parts[0]


def _element_shapes(parts: Sequence[Sequence[Tensor]], shapes: Any, enqueue_many: bool) -> list[TensorShape]:
    if shapes is not None:
        return [as_shape(each) for each in shapes]
    found = [tensor.shape[1:] if enqueue_many else tensor.shape for tensor in parts[0]]
    for tensors in parts[1:]:
        found = [
            known.merge_with(tensor.shape[1:] if enqueue_many else tensor.shape)
            if known.is_compatible_with(tensor.shape[1:] if enqueue_many else tensor.shape)
            else TensorShape([None] * (known.ndims or 0))
            for known, tensor in zip(found, tensors, strict=True)
        ]
    return found


def _filled(queue: QueueBase, parts: Sequence[Sequence[Tensor]], threads: int, enqueue_many: bool) -> None:
    add = queue.enqueue_many if enqueue_many else queue.enqueue
    operations = [add(tensors) for tensors in parts]
    add_queue_runner(QueueRunner(queue, operations * threads if len(operations) == 1 else operations))


def _taken(queue: QueueBase, batch_size: Any, allow_smaller_final_batch: bool, name: str) -> Any:
    return (queue.dequeue_up_to if allow_smaller_final_batch else queue.dequeue_many)(batch_size, name=name)


def _batched(
    parts: Sequence[Any],
    batch_size: Any,
    capacity: int,
    threads: int,
    enqueue_many: bool,
    shapes: Any,
    dynamic_pad: bool,
    smaller: bool,
    shared_name: str | None,
    name: str | None,
    default: str,
) -> Any:
    with name_scope(name, default, []) as scope:
        tensors = [_listed(each) for each in parts]
        types = [tensor.dtype.base_dtype for tensor in tensors[0]]
        known = _element_shapes(tensors, shapes, enqueue_many)
        kind = PaddingFIFOQueue if dynamic_pad else FIFOQueue
        if not dynamic_pad and not all(each.is_fully_defined() for each in known):
            raise ValueError(f"All shapes must be fully defined: {known}")
        queue = kind(capacity, types, known, shared_name=shared_name)
        _filled(queue, tensors, threads, enqueue_many)
        scalar(f"fraction_of_{capacity}_full", cast(queue.size(), float32) * (1.0 / capacity))
        return _like(parts[0], _taken(queue, batch_size, smaller, scope))


@export("train.batch")
def batch(
    tensors: Any,
    batch_size: Any,
    num_threads: int = 1,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Batches of the tensors' values in several runs, gathered by a queue. With `dynamic_pad` they may differ in size,
    and are filled up with zeros; with `enqueue_many` the tensors hold many already. Raises ValueError."""
    return _batched(
        [tensors], batch_size, capacity, num_threads, enqueue_many, shapes, dynamic_pad, allow_smaller_final_batch,
        shared_name, name, "batch",
    )  # fmt: skip


@export("train.batch_join")
def batch_join(
    tensors_list: Sequence[Any],
    batch_size: Any,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """The same of several lists of tensors, each of which a thread of its own runs."""
    return _batched(
        tensors_list, batch_size, capacity, 1, enqueue_many, shapes, dynamic_pad, allow_smaller_final_batch,
        shared_name, name, "batch_join",
    )  # fmt: skip


def _shuffled(
    parts: Sequence[Any],
    batch_size: Any,
    capacity: int,
    least: int,
    threads: int,
    seed: int | None,
    enqueue_many: bool,
    shapes: Any,
    smaller: bool,
    shared_name: str | None,
    name: str | None,
    default: str,
) -> Any:
    with name_scope(name, default, []) as scope:
        if capacity <= least:
            raise ValueError(f"capacity {capacity} must be bigger than min_after_dequeue {least}.")
        tensors = [_listed(each) for each in parts]
        types = [tensor.dtype.base_dtype for tensor in tensors[0]]
        known = _element_shapes(tensors, shapes, enqueue_many)
        if not all(each.is_fully_defined() for each in known):
            raise ValueError(f"All shapes must be fully defined: {known}")
        queue = RandomShuffleQueue(capacity, least, types, known, seed=seed, shared_name=shared_name)
        _filled(queue, tensors, threads, enqueue_many)
        above = cast(apply("Maximum", [0, queue.size() - least]), float32) * (1.0 / (capacity - least))
        scalar(f"fraction_over_{least}_of_{capacity - least}_full", above)
        return _like(parts[0], _taken(queue, batch_size, smaller, scope))


@export("train.shuffle_batch")
def shuffle_batch(
    tensors: Any,
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    num_threads: int = 1,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """As `batch`, in random order: each batch is drawn from more than `min_after_dequeue` elements. Raises
    ValueError."""
    return _shuffled(
        [tensors], batch_size, capacity, min_after_dequeue, num_threads, seed, enqueue_many, shapes,
        allow_smaller_final_batch, shared_name, name, "shuffle_batch",
    )  # fmt: skip


@export("train.shuffle_batch_join")
def shuffle_batch_join(
    tensors_list: Sequence[Any],
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """The same of several lists of tensors, each of which a thread of its own runs."""
    return _shuffled(
        tensors_list, batch_size, capacity, min_after_dequeue, 1, seed, enqueue_many, shapes,
        allow_smaller_final_batch, shared_name, name, "shuffle_batch_join",
    )  # fmt: skip
