"""What all processes compute together. Each collective is a program by itself: the other programs of a process depend
on what its Python reads, and may be others than those of the rest, but these must be the same everywhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any

from diptych import backends
from diptych.backends.joining import all_told, are_same
from diptych.backends.processes import process_count
from diptych.ir import Builder, TensorType, Value, user_location

from ..tapes.mode import no_grad
from ..tapes.operation import TensorError
from ..tapes.tape import refused
from ..tensors.data import from_array
from ..tensors.tensor import Tensor

Write = Callable[[Builder, Value], Value]

DEBUG = "TORCH_DISTRIBUTED_DEBUG"  # PyTorch compares collectives where this is DETAIL; here they are unless it is OFF


def together(tensors: Sequence[Tensor], write: Write, what: str = "") -> list[Tensor]:
    """For each tensor what `write` makes of it in a program of all processes, which is told as `what`. Raises
    TensorError in all of them, and runs nothing, where another one is to run in one of them."""
    refused("several processes come together")
    if not tensors:
        return []
    arrays = [tensor._array() for tensor in tensors]
    b = Builder("together")
    parameters = [b.parameter(TensorType(tensor.dtype.ir, tuple(tensor.shape))) for tensor in tensors]
    function = b.finish([write(b, parameter) for parameter in parameters])
    if os.environ.get(DEBUG) != "OFF" and not are_same(function.fingerprint):
        types = [f"{tensor.dtype} {list(tensor.shape)}" for tensor in tensors]
        raise _mismatch([what or f"DistributedDataParallel ({write.__name__})", *types])
    executable = backends.compile(function)
    assert isinstance(executable, backends.Executable)  # all sizes are numbers
    found = zip(executable.run(arrays), tensors, strict=True)
    return [from_array(array, tensor.device) for array, tensor in found]


def _mismatch(own: Sequence[str]) -> TensorError:
    """What is wrong where processes are to run different programs: each tells what it has, the name and the types. They
    are compared every time, and not only when a program is new: what is new to one process may be known to another."""
    told = [each.split("\n") for each in all_told("\n".join(own))]
    rank = next(rank for rank, each in enumerate(told) if each != told[0])
    first, other = (_running(each, told[0], told[rank]) for each in (told[0], told[rank]))
    return TensorError(
        "Detected mismatch between collectives on ranks. "
        f"Rank 0 is running collective: {first}, but Rank {rank} is running collective: {other}.",
        location=user_location(),
    )


def _running(own: Sequence[str], one: Sequence[str], other: Sequence[str]) -> str:
    """What a process runs: of many tensors, it names the first that two of them have not in common."""
    what, *types = own
    if len(types) == 1:
        return f"{what} of {types[0]}"
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one[1:], other[1:], strict=False)))
    named = f", number {alike} {types[alike]}" if alike < len(types) else ""
    return f"{what} of {len(types)} tensors{named}"


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
