"""What the host computes in a run: operations on strings, Python functions, files and queues.

What programs of the IR wait for comes first, the rest after them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graphs.errors import InvalidArgumentError
from ..graphs.literals import array_of
from ..graphs.operation import Operation
from ..graphs.tensor import Tensor
from .marks import as_marked

if TYPE_CHECKING:
    from .stages import Stages
    from .state import State

    StagesOf = Callable[[tuple[Tensor, ...], tuple[Tensor, ...]], Stages]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class HostRun:
    """What a host operation gets: itself, the state of the session, which may keep things of its own, and what gives
    the stages that compute tensors of a context, or others, from some inputs."""

    operation: Operation
    state: State
    stages_of: StagesOf

    def call(self, targets: Sequence[Tensor], given: Mapping[Tensor, Any]) -> list[Any]:
        """The values of tensors, computed from those of others."""
        found = self.stages_of(tuple(targets), tuple(given)).values(given)
        return [found[target] for target in targets]


def handle(thing: Any) -> Array:
    """The value of a tensor of dtype resource or variant, which stands for a thing of the host."""
    found = np.empty((), object)
    found[()] = thing
    return found


# What the host computes where it is on strings, lest a program is needed.
_ON_STRINGS: dict[str, Callable[..., Any]] = {
    "Const": lambda at, *, value, dtype: value,
    "Identity": lambda at, x: x,
    "PlaceholderWithDefault": lambda at, x, *, shape: x,
}
# What only the host can compute where it is on strings.
_OF_STRINGS: dict[str, Callable[..., Any]] = {"Add": lambda at, x, y: np.asarray(np.add(x, y), dtype=object)}


def is_on_host(operation: Operation) -> bool:
    """Whether the host computes an operation, or something in a context that the operation runs."""
    if operation.definition.host is not None:
        return True
    if operation.contexts:
        return any(is_on_host(each) for context in operation.contexts for each in context.operations)
    if operation.type not in _OF_STRINGS and (operation.type not in _ON_STRINGS or operation.context is not None):
        return False
    return any(tensor.dtype.ir is None for tensor in (*operation.inputs, *operation.outputs))


def split(
    order: Sequence[Operation], waits: Mapping[Operation, Sequence[Operation]], chosen: Collection[Operation] = ()
) -> tuple[list[Operation], list[Operation]]:
    """Of a run's operations, in order: those of the host that the program waits for, and those of the host that come
    after it. `chosen` are left to the host as well. An operation that only orders others goes with the host where it
    waits for the host."""
    host: set[Operation] = set()
    for operation in order:
        only_orders = operation.type == "NoOp" and any(each in host for each in waits[operation])
        if operation in chosen or is_on_host(operation) or only_orders:
            host.add(operation)
    first: set[Operation] = set()
    for operation in reversed(order):
        if operation in first or operation not in host:
            first.update(each for each in waits[operation] if each in host)
    return [each for each in order if each in first], [each for each in order if each in host - first]


def compute(operation: Operation, values: dict[Tensor, Any], state: State, stages_of: StagesOf) -> None:
    """Adds the outputs of an operation of the host to `values`, which hold its inputs but for constants."""
    if operation.type == "NoOp" or (operation.outputs and all(output in values for output in operation.outputs)):
        return
    function = operation.definition.host or _ON_STRINGS.get(operation.type) or _OF_STRINGS[operation.type]
    arrays = [np.asarray(values[tensor] if tensor in values else constant(tensor)) for tensor in operation.inputs]
    found = function(HostRun(operation, state, stages_of), *arrays, **operation.attributes)
    results = found if isinstance(found, list) else [found] if operation.outputs else []
    if len(results) != len(operation.outputs):
        raise InvalidArgumentError(
            operation.node_def, operation, f"{len(operation.outputs)} results are wanted but {len(results)} were given"
        )
    for output, result in zip(operation.outputs, results, strict=True):
        values[output] = _array(result, output)


def constant(tensor: Tensor) -> Array:
    """The elements of a Const operation's output."""
    value = tensor.op.attributes["value"]
    return value if tensor.dtype.ir is None else value.array


def as_fetched(result: Any) -> Any:
    """A result as numpy's array, the caller's own; a scalar as numpy's scalar, as TensorFlow gives it."""
    array = result if result.__class__ is np.ndarray else np.array(result)
    return array if array.ndim else array[()]


def _array(result: Any, output: Tensor) -> Array:
    """A result as an array of the output's dtype."""
    if output.dtype.ir is None:
        return result if isinstance(result, np.ndarray) and result.dtype == object else array_of(result)
    return as_marked(np.asarray(result, dtype=output.dtype.numpy), result)
