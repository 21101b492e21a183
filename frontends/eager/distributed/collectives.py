"""What processes do together. With one process each of these gives back what it got."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
from diptych.backends.processes import process_count, process_rank
from diptych.ir import Unsupported, user_location

from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from .groups import ReduceOp, Work, check_initialized
from .programs import averaged, gathered, put, reduced, scattered, together, wait

# Of what all processes have, one after another in front.
_OF_GATHERED: dict[ReduceOp, Callable[[Tensor], Tensor]] = {
    ReduceOp.PRODUCT: lambda x: x.prod(0),
    ReduceOp.MIN: lambda x: x.amin(0),
    ReduceOp.MAX: lambda x: x.amax(0),
    ReduceOp.BAND: lambda x: _folded(x, lambda one, other: one & other),
    ReduceOp.BOR: lambda x: _folded(x, lambda one, other: one | other),
    ReduceOp.BXOR: lambda x: _folded(x, lambda one, other: one ^ other),
}


def _folded(x: Tensor, join: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    found = x[0]
    for place in range(1, len(x)):
        found = join(found, x[place])
    return found


def _done(async_op: bool) -> Work | None:
    return Work() if async_op else None


def _stacked(name: str, tensor: Tensor) -> Tensor:
    """What each process has, one after another."""
    (found,) = together([tensor], gathered, name)
    return found


def _check_rank(name: str, rank: int | None, in_group: int | None) -> int:
    """The rank that is given in either way. Raises ValueError where there is none of that number."""
    found = rank if rank is not None else in_group if in_group is not None else 0
    if not 0 <= found < process_count():
        raise ValueError(f"{name}: rank is {found} but must be below {process_count()}, the number of processes")
    return found


def barrier(group: Any = None, async_op: bool = False, device_ids: Any = None) -> Work | None:
    """Waits until all processes have come here."""
    check_initialized()
    wait(together([from_array(np.zeros((), np.int32))], reduced, "barrier"))
    return _done(async_op)


def all_reduce(tensor: Tensor, op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False) -> Work | None:
    """Writes the sum of what all processes have, or what `op` says, into the tensor of each."""
    check_initialized()
    if process_count() > 1:
        put(_reduced("all_reduce", tensor, op), tensor)
    return _done(async_op)


def _reduced(name: str, tensor: Tensor, op: Any) -> Tensor:
    if op in _OF_GATHERED:
        return _OF_GATHERED[op](_stacked(f"{name} {op.name}", tensor))
    if op is ReduceOp.SUM or op is ReduceOp.AVG:
        (found,) = together([tensor], reduced if op is ReduceOp.SUM else averaged, f"{name} {op.name}")
        return found
    raise Unsupported(f"torch.distributed: op {op}", location=user_location(), hint="one of torch.distributed.ReduceOp")


def reduce(
    tensor: Tensor,
    dst: int | None = None,
    op: Any = ReduceOp.SUM,
    group: Any = None,
    async_op: bool = False,
    group_dst: int | None = None,
) -> Work | None:
    """As `all_reduce`, for the process `dst` alone."""
    check_initialized()
    target = _check_rank("reduce", dst, group_dst)
    if process_count() > 1:
        found = _reduced("reduce", tensor, op)
        if process_rank() == target:
            put(found, tensor)
    return _done(async_op)


def broadcast(
    tensor: Tensor, src: int | None = None, group: Any = None, async_op: bool = False, group_src: int | None = None
) -> Work | None:
    """Writes what the process `src` has into the tensor of each."""
    check_initialized()
    source = _check_rank("broadcast", src, group_src)
    if process_count() > 1:
        put(_stacked("broadcast", tensor)[source], tensor)
    return _done(async_op)


def all_gather(tensor_list: list[Tensor], tensor: Tensor, group: Any = None, async_op: bool = False) -> Work | None:
    """Writes what each process has into the tensors of the list, in order."""
    check_initialized()
    for found, target in zip(_stacked("all_gather", tensor), tensor_list, strict=True):
        put(found, target)
    return _done(async_op)


def all_gather_into_tensor(
    output_tensor: Tensor, input_tensor: Tensor, group: Any = None, async_op: bool = False
) -> Work | None:
    """Writes what each process has into the output, one after another."""
    check_initialized()
    put(_stacked("all_gather_into_tensor", input_tensor), output_tensor)
    return _done(async_op)


def gather(
    tensor: Tensor,
    gather_list: list[Tensor] | None = None,
    dst: int | None = None,
    group: Any = None,
    async_op: bool = False,
    group_dst: int | None = None,
) -> Work | None:
    """As `all_gather`, for the process `dst` alone. Raises ValueError where that has no list."""
    check_initialized()
    is_target = process_rank() == _check_rank("gather", dst, group_dst)
    if is_target and not gather_list:
        raise ValueError("Argument ``gather_list`` must be specified on destination rank.")
    parts = _stacked("gather", tensor)
    if is_target:
        for found, target in zip(parts, gather_list or (), strict=True):
            put(found, target)
    return _done(async_op)


def scatter(
    tensor: Tensor,
    scatter_list: list[Tensor] | None = None,
    src: int | None = None,
    group: Any = None,
    async_op: bool = False,
    group_src: int | None = None,
) -> Work | None:
    """Writes into each process's tensor its part of the list that the process `src` has. Raises ValueError where that
    has none."""
    check_initialized()
    is_source = process_rank() == _check_rank("scatter", src, group_src)
    if is_source and not scatter_list:
        raise ValueError("Argument ``scatter_list`` must be specified on source rank.")
    nothing = tensor * 0
    own = [each.reshape(tensor.shape) for each in scatter_list] if scatter_list and is_source else None
    (found,) = together([_in_a_row(own or [nothing] * process_count())], scattered, "scatter")
    put(found, tensor)
    return _done(async_op)


def _in_a_row(tensors: list[Tensor]) -> Tensor:
    from ..functions.joining import stack

    return stack(tensors)


def reduce_scatter(
    output: Tensor, input_list: list[Tensor], op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False
) -> Work | None:
    """Writes into each process's output the sum over all of what they have for it in their lists."""
    return reduce_scatter_tensor(output, _in_a_row(input_list), op, group, async_op)


def reduce_scatter_tensor(
    output: Tensor, input: Tensor, op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False
) -> Work | None:
    """The same of parts that lie one after another in the input."""
    check_initialized()
    parts = input.reshape(process_count(), *output.shape)
    if op is ReduceOp.SUM or op is ReduceOp.AVG:
        (found,) = together([parts], scattered, f"reduce_scatter {op.name}")
        put(found / process_count() if op is ReduceOp.AVG else found, output)
    else:
        put(_reduced("reduce_scatter", parts, op)[process_rank()], output)
    return _done(async_op)


def all_to_all(
    output_tensor_list: list[Tensor], input_tensor_list: list[Tensor], group: Any = None, async_op: bool = False
) -> Work | None:
    """Writes into output number i what process i has as the input of this one's number. All are of one shape."""
    check_initialized()
    parts = _stacked("all_to_all", _in_a_row(input_tensor_list))
    for place, target in enumerate(output_tensor_list):
        put(parts[place][process_rank()], target)
    return _done(async_op)


def all_gather_object(object_list: list[Any], obj: Any, group: Any = None) -> None:
    """Puts what each process has into the list. Between processes go numbers, texts, and lists and dicts of them.
    Raises Unsupported for what else there is."""
    check_initialized()
    if process_count() == 1:
        object_list[0] = obj
        return
    text = np.frombuffer(_as_text(obj).encode(), np.uint8)
    lengths = _stacked("all_gather_object", from_array(np.array(len(text), np.int64))).tolist()
    padded = np.zeros(max(lengths), np.uint8)
    padded[: len(text)] = text
    rows = _stacked("all_gather_object", from_array(padded)).numpy()
    object_list[:] = [json.loads(row[:length].tobytes()) for row, length in zip(rows, lengths, strict=True)]


def _as_text(obj: Any) -> str:
    try:
        return json.dumps(obj)
    except TypeError as error:
        problem = f"torch.distributed: an object that is no number, text, list or dict: {error}"
        raise Unsupported(problem, location=user_location(), hint="tensors by all_gather") from None


def gather_object(
    obj: Any,
    object_gather_list: list[Any] | None = None,
    dst: int | None = None,
    group: Any = None,
    group_dst: int | None = None,
) -> None:
    """As `all_gather_object`, for the process `dst` alone."""
    target = _check_rank("gather_object", dst, group_dst)
    found: list[Any] = [None] * process_count()
    all_gather_object(found, obj)
    if process_rank() == target and object_gather_list is not None:
        object_gather_list[:] = found


def broadcast_object_list(
    object_list: list[Any],
    src: int | None = None,
    group: Any = None,
    device: Any = None,
    group_src: int | None = None,
) -> None:
    """Puts what the process `src` has into the list of each."""
    source = _check_rank("broadcast_object_list", src, group_src)
    found: list[Any] = [None] * process_count()
    all_gather_object(found, object_list)
    object_list[:] = found[source]


def _refuse(name: str, way: str) -> NoReturn:
    check_initialized()
    if process_count() == 1:
        raise ValueError(f"Invalid {name} rank: {name} rank should not be the same as the rank of the current process.")
    raise Unsupported(f"torch.distributed.{way}", location=user_location(), hint="broadcast, or all_to_all")


def send(
    tensor: Tensor, dst: int | None = None, group: Any = None, tag: int = 0, group_dst: int | None = None
) -> NoReturn:
    """Raises Unsupported: all processes compute the same together; with one process, ValueError."""
    _refuse("destination", "send")


def recv(
    tensor: Tensor, src: int | None = None, group: Any = None, tag: int = 0, group_src: int | None = None
) -> NoReturn:
    """Raises Unsupported: all processes compute the same together; with one process, ValueError."""
    _refuse("source", "recv")
