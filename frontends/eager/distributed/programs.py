"""What all processes compute together. Each collective is a program by itself: the other programs of a process depend
on what its Python reads, and may be others than those of the rest, but these must be the same everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from diptych import backends
from diptych.backends.processes import process_count
from diptych.ir import Builder, TensorType, Value

from ..tapes.mode import no_grad
from ..tapes.tape import refused
from ..tensors.data import from_array
from ..tensors.tensor import Tensor

Write = Callable[[Builder, Value], Value]


def together(tensors: Sequence[Tensor], write: Write) -> list[Tensor]:
    """For each tensor what `write` makes of it in a program of all processes, where types must be the same."""
    refused("several processes come together")
    if not tensors:
        return []
    arrays = [tensor._array() for tensor in tensors]
    b = Builder("together")
    parameters = [b.parameter(TensorType(tensor.dtype.ir, tuple(tensor.shape))) for tensor in tensors]
    function = b.finish([write(b, parameter) for parameter in parameters])
    executable = backends.compile(function)
    assert isinstance(executable, backends.Executable)  # all sizes are numbers
    found = zip(executable.run(arrays), tensors, strict=True)
    return [from_array(array, tensor.device) for array, tensor in found]


def reduced(b: Builder, x: Value) -> Value:
    """The sum over all processes."""
    return b.all_reduce(x)


def averaged(b: Builder, x: Value) -> Value:
    """Their mean."""
    from diptych.functions.constants import filled_like

    return b.div(b.all_reduce(x), filled_like(b, process_count(), x))


def gathered(b: Builder, x: Value) -> Value:
    """What each has, one after another in an axis in front."""
    return b.all_gather(x, count=process_count())


def scattered(b: Builder, x: Value) -> Value:
    """This process's part of the sum over all of x, which has one for each."""
    return b.reduce_scatter(x)


def put(source: Tensor, target: Tensor) -> None:
    """Writes into a tensor."""
    with no_grad():
        target.copy_(source.reshape(target.shape))


def wait(tensors: Sequence[Any]) -> None:
    """Until they are computed."""
    for tensor in tensors:
        tensor.tolist()
