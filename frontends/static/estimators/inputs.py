"""tf.estimator.inputs: batches of arrays and of tables, which threads put into a queue."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.dtypes import DType, as_dtype, float32, int64, string
from ..graphs.errors import CancelledError, OutOfRangeError
from ..graphs.scopes import name_scope
from ..operations.casting import cast
from ..operations.placeholders import placeholder
from ..operations.summaries import scalar
from ..platform.logs import warning
from ..queues.queue import FIFOQueue, QueueBase, RandomShuffleQueue
from ..queues.runner import QueueRunner, add_queue_runner

Array = np.ndarray[Any, Any]
_TARGET = "__target_key__"


class _Batches:
    """Batches of rows, `epochs` times through all or forever; where they are to be shuffled they begin anywhere."""

    def __init__(self, columns: list[Array], placeholders: list[Any], size: int, epochs: int | None, shuffle: bool):
        self._columns = columns
        self._placeholders = placeholders
        self._size = size
        self._left = None if epochs is None else epochs * len(columns[0])
        self._next = random.randrange(len(columns[0])) if shuffle else 0

    def __call__(self) -> dict[Any, Any]:
        """What to feed for the next batch. Raises OutOfRangeError at the end."""
        count = self._size if self._left is None else min(self._size, self._left)
        if not count:
            raise OutOfRangeError(None, None, "Already emitted all epochs.")
        if self._left is not None:
            self._left -= count
        rows = np.arange(self._next, self._next + count) % len(self._columns[0])
        self._next = int(rows[-1] + 1) % len(self._columns[0])
        fed = {self._placeholders[0]: rows}
        fed.update(zip(self._placeholders[1:], (column[rows] for column in self._columns), strict=True))
        return fed


class _FeedingRunner(QueueRunner):
    """A queue runner whose operations are fed by functions."""

    def __init__(self, queue: QueueBase, feeds: dict[Any, Callable[[], Any]]) -> None:
        super().__init__(queue, list(feeds), queue_closed_exception_types=(OutOfRangeError, CancelledError))
        self._feeds = feeds

    def _feed_dict(self, enqueue_op: Any) -> Any:
        return self._feeds[enqueue_op]()


def _queued(
    columns: list[Array], capacity: int, shuffle: bool, least: int, threads: int, size: int, epochs: int | None
) -> QueueBase:
    """A queue of rows, each with its number in front, and the threads that fill it."""
    with name_scope("enqueue_input"):
        types: list[DType] = [
            int64,
            *(string if each.dtype.kind in "SUO" else as_dtype(each.dtype) for each in columns),
        ]
        shapes = [(), *(each.shape[1:] for each in columns)]
        if threads > 1 and epochs is not None:
            warning(
                "enqueue_data was called with num_epochs and num_threads > 1. num_epochs is applied per thread, so "
                "this will produce more epochs than you probably intend. If you want to limit epochs, use one thread."
            )
        if not shuffle and threads > 1:
            warning(
                "enqueue_data was called with shuffle=False and num_threads > 1. This will create multiple threads, "
                "all reading the array/dataframe in order. If you want examples read in order, use one thread; if you "
                "want multiple threads, enable shuffling."
            )
        made = (
            RandomShuffleQueue(capacity, least, dtypes=types, shapes=shapes)
            if shuffle
            else FIFOQueue(capacity, dtypes=types, shapes=shapes)
        )
        feeds: dict[Any, Callable[[], Any]] = {}
        for _ in range(threads):
            places = [placeholder(each) for each in types]
            feeds[made.enqueue_many(places)] = _Batches(columns, places, size, epochs, shuffle)
        add_queue_runner(_FeedingRunner(made, feeds))
        over = apply("Maximum", [0, made.size() - least])
        full = cast(over, float32) * (1.0 / (capacity - least))
        scalar(f"queue/{made.name}fraction_over_{least}_of_{capacity - least}_full", full)
        return made


def _check_shuffle(shuffle: Any) -> None:
    if not isinstance(shuffle, bool):
        raise ValueError(
            "shuffle must be provided and explicitly set as boolean (it is recommended to set it as True for "
            f"training); got {shuffle}"
        )


@export("estimator.inputs.numpy_input_fn")
def numpy_input_fn(
    x: Any, y: Any = None, batch_size: int = 128, num_epochs: int | None = 1, shuffle: Any = None,
    queue_capacity: int = 1000, num_threads: int = 1,
) -> Callable[[], Any]:  # fmt: skip
    """An input_fn that gives batches of an array or a dictionary of arrays: (features, targets), or without `y` the
    features alone. Each goes `num_epochs` times, or forever. Raises ValueError and TypeError."""
    _check_shuffle(shuffle)

    def input_fn() -> Any:
        features = _sorted(x)
        targets = _targets(y, features)
        _check_lengths(features, targets, y)
        columns = [*features.values(), *targets.values()]
        least = queue_capacity // 4 if shuffle else 0
        queue = _queued(columns, queue_capacity, shuffle, least, num_threads, batch_size, num_epochs)
        take = queue.dequeue_many if num_epochs is None else queue.dequeue_up_to
        batch = take(batch_size)[1:]
        found: Any = dict(zip(features, batch[: len(features)], strict=True)) if isinstance(x, dict) else batch[0]
        if y is None:
            return found
        rest = batch[len(features) :]
        return found, dict(zip(targets, rest, strict=True)) if isinstance(y, dict) else rest[0]

    return input_fn


def _sorted(x: Any) -> dict[str, Array]:
    if isinstance(x, dict):
        if not x:
            raise ValueError("x cannot be an empty dict")
        return dict(sorted(x.items()))
    if isinstance(x, np.ndarray):
        if not x.size:
            raise ValueError("x cannot be an empty array")
        return {"__direct_np_input__": x}
    raise TypeError(f"x must be a dict or array; got {type(x).__name__}")


def _targets(y: Any, features: Mapping[str, Array]) -> dict[str, Array]:
    if y is None:
        return {}
    if not isinstance(y, dict):
        return {_TARGET: y}
    if not y:
        raise ValueError("y cannot be empty dict, use None instead.")
    both = set(features) & set(y)
    if both:
        raise ValueError(f"{len(both)} duplicate keys are found in both x and y: {both}")
    return dict(sorted(y.items()))


def _check_lengths(features: Mapping[str, Array], targets: Mapping[str, Array], y: Any) -> None:
    if len({len(each) for each in (*features.values(), *targets.values())}) == 1:
        return
    shapes: Any = None
    if y is not None:
        shapes = {key: each.shape for key, each in targets.items()} if isinstance(y, dict) else y.shape
    raise ValueError(
        "Length of tensors in x and y is mismatched. All elements in x and y must have the same length.\n"
        f"Shapes in x: { {key: each.shape for key, each in features.items()} }\nShapes in y: {shapes}\n"
    )


@export("estimator.inputs.pandas_input_fn")
def pandas_input_fn(
    x: Any, y: Any = None, batch_size: int = 128, num_epochs: int | None = 1, shuffle: Any = None,
    queue_capacity: int | None = 1000, num_threads: int = 1, target_column: str = "target",
) -> Callable[[], Any]:  # fmt: skip
    """An input_fn that gives batches of the columns of a pandas table: (features, targets), or without `y` the features
    alone. Raises ValueError, and TypeError where pandas is not there."""
    pandas = sys.modules.get("pandas")  # a table was made with it
    if pandas is None:
        raise TypeError("pandas_input_fn should not be called without pandas installed")
    _check_shuffle(shuffle)
    if not isinstance(target_column, str):
        raise TypeError("target_column must be a string type")
    features = {name: x[name].to_numpy() for name in x.columns}
    targets: dict[str, Array] = {}
    if y is not None:
        if target_column in features:
            raise ValueError(
                f"Cannot use name {target_column} for target column: DataFrame already has a column with that name: "
                f"{x.columns}"
            )
        if not np.array_equal(x.index, y.index):
            raise ValueError(f"Index for x and y are mismatched.\nIndex for x: {x.index}\nIndex for y: {y.index}\n")
        is_table = isinstance(y, pandas.DataFrame)
        targets = {name: y[name].to_numpy() for name in y.columns} if is_table else {target_column: y.to_numpy()}
    capacity = queue_capacity or (4 if shuffle else 1) * len(x)

    def input_fn() -> Any:
        columns = [*features.values(), *targets.values()]
        least = max(capacity // 4, 1) if shuffle else 0
        queue = _queued(columns, capacity, shuffle, least, num_threads, batch_size, num_epochs)
        take = queue.dequeue_many if num_epochs is None else queue.dequeue_up_to
        batch = take(batch_size)[1:]
        found = dict(zip(features, batch[: len(features)], strict=True))
        if y is None:
            return found
        rest = batch[len(features) :]
        return found, rest[0] if len(rest) == 1 and not isinstance(y, pandas.DataFrame) else dict(
            zip(targets, rest, strict=True)
        )

    return input_fn
