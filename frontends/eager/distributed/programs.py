"""What all processes compute together. Collectives are calls on the tape as others are, so that a step with what is
shared in it runs as one program, if all processes run the same one; see `backends/jax/joint.py` for what they do else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from diptych.backends.processes import meeting, process_count
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value

from ..tapes.mode import no_grad
from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tapes.syncs import TOGETHER
from ..tapes.tape import tape
from ..tensors.tensor import Tensor

_BUCKET_BYTES = 25 * 2**20  # of tensors that go as one, PyTorch's number


def _joint(function: Callable[..., Any]) -> Operation:
    found = operation(function)
    found.is_joint = True
    return found


@_joint
def reduced(b: Builder, x: Value, told: str) -> Value:
    """The sum over all processes."""
    return b.all_reduce(x, told=told)


@_joint
def averaged(b: Builder, x: Value, told: str) -> Value:
    """Their mean."""
    return _mean(b, x, told)


@_joint
def gathered(b: Builder, x: Value, told: str) -> Value:
    """What each has, one after another in an axis in front."""
    return b.all_gather(x, count=process_count(), told=told)


@_joint
def scattered(b: Builder, x: Value, told: str) -> Value:
    """This process's part of the sum over all of x, which has one for each."""
    return b.reduce_scatter(x, told=told)


@_joint
def sent(b: Builder, x: Value, source: int, told: str) -> Value:
    """What the process `source` has."""
    return _row(b, b.all_gather(x, count=process_count(), told=told), source)


@_joint
def all_averaged(b: Builder, *given: Any) -> tuple[Value, ...]:
    """The means of several tensors of one dtype, which go as one."""
    *tensors, told = given
    return _as_one(b, tensors, lambda flat: _mean(b, flat, told))


@_joint
def all_sent(b: Builder, *given: Any) -> tuple[Value, ...]:
    """What the process `source` has of several tensors of one dtype, which go as one."""
    *tensors, source, told = given
    count = process_count()
    return _as_one(b, tensors, lambda flat: _row(b, b.all_gather(flat, count=count, told=told), source))


def _mean(b: Builder, x: Value, told: str) -> Value:
    return b.all_reduce(b.div(x, filled_like(b, process_count(), x)), told=told)


def _row(b: Builder, x: Value, number: int) -> Value:
    start, sizes = (number, *[0] * (x.rank - 1)), x.type.static_shape()[1:]
    row = b.slice(x, start=start, limit=(number + 1, *sizes), stride=(1,) * x.rank)
    return b.reshape(row, shape=sizes)


def _as_one(b: Builder, tensors: Sequence[Value], do: Callable[[Value], Value]) -> tuple[Value, ...]:
    """Tensors laid end to end, given to `do`, and taken apart again."""
    sizes = [prod(x.type.static_shape()) for x in tensors]
    flat = do(b.concatenate(*(b.reshape(x, shape=(size,)) for x, size in zip(tensors, sizes, strict=True)), axis=0))
    found: list[Value] = []
    start = 0
    for x, size in zip(tensors, sizes, strict=True):
        part = b.slice(flat, start=(start,), limit=(start + size,), stride=(1,))
        found.append(b.reshape(part, shape=x.shape))
        start += size
    return tuple(found)


def together(op: Operation, x: Tensor, *attributes: Any) -> Tensor:
    """What an operation of all processes makes of a tensor; the last attribute is how it is told."""
    with no_grad():
        return call(op, (x,), attributes)


def all_together(op: Operation, tensors: Sequence[Tensor], *attributes: Any, cap: int = _BUCKET_BYTES) -> list[Tensor]:
    """What an operation of all processes makes of several tensors at once: of those of one dtype, and of so many that
    they have `cap` bytes. How it is told says how many, too."""
    buckets: list[list[int]] = []
    last: dict[Any, tuple[int, int]] = {}  # by dtype, the number of a bucket, and its bytes
    for place, tensor in enumerate(tensors):
        number, size = last.get(tensor.dtype, (-1, cap))
        if size + tensor.nbytes > cap:
            number, size = len(buckets), 0
            buckets.append([])
        buckets[number].append(place)
        last[tensor.dtype] = number, size + tensor.nbytes
    found: dict[int, Tensor] = {}
    *others, told = attributes
    with no_grad():
        for bucket in buckets:
            results = call(op, tuple(tensors[place] for place in bucket), (*others, f"{told} {len(bucket)} tensors"))
            found.update(zip(bucket, results, strict=True))
    return [found[place] for place in range(len(tensors))]


def put(source: Tensor, target: Tensor) -> None:
    """Writes into a tensor. Raises RuntimeError where sizes differ, which may be since processes do."""
    if source.numel() != target.numel():
        meet()
    with no_grad():
        target.copy_(source.reshape(target.shape))


def meet() -> None:
    """Runs what waits, if processes come together in it: another may have run it already, and wait for this one."""
    if tape.is_joint():
        tape.flush(cause=TOGETHER)


meeting.append(meet)
