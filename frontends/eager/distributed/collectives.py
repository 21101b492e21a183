"""What processes do together. With one process each of these gives back what it got."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from diptych.ir import Unsupported, user_location

from ..dtypes import bool_, uint8
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from .groups import ProcessGroup, ReduceOp, Work, member_of
from .messages import folded, objects, stacked
from .programs import averaged, gathered, meet, put, reduced, scattered, sent, together

# Of what all processes have, one after another in front.
_OF_GATHERED: dict[ReduceOp, Callable[[Tensor], Tensor]] = {
    ReduceOp.PRODUCT: lambda x: x.prod(0, dtype=x.dtype),
    ReduceOp.MIN: lambda x: x.amin(0),
    ReduceOp.MAX: lambda x: x.amax(0),
    ReduceOp.BAND: lambda x: folded(x, lambda one, other: one & other),
    ReduceOp.BOR: lambda x: folded(x, lambda one, other: one | other),
    ReduceOp.BXOR: lambda x: folded(x, lambda one, other: one ^ other),
}
_OF_BITS = (ReduceOp.BAND, ReduceOp.BOR, ReduceOp.BXOR)


def _done(async_op: bool, *written: Tensor) -> Work | None:
    return Work(written) if async_op else None


def _stacked(group: ProcessGroup, name: str, tensor: Tensor) -> Tensor:
    """What each process of a group has, one after another."""
    if group.is_whole:
        return together(gathered, tensor, name)
    return stacked(group.way, group.ranks, tensor, name)


def _summed(group: ProcessGroup, name: str, tensor: Tensor) -> Tensor:
    if group.is_whole:
        return together(reduced, tensor, name)
    return stacked(group.way, group.ranks, tensor, name).sum(0, dtype=tensor.dtype)


def check_tensor(name: str, given: Any) -> None:
    """Raises TypeError for what is no tensor."""
    if not isinstance(given, Tensor):
        raise TypeError(
            f"Invalid function argument. Expected parameter `{name}` of type torch.Tensor\n"
            f"             but got {type(given)} instead."
        )


def check_tensors(name: str, given: Any) -> None:
    """Raises TypeError for what is no list of tensors."""
    if not isinstance(given, (list, tuple)) or not all(isinstance(each, Tensor) for each in given):
        raise TypeError(
            f"Invalid function argument. Expected parameter `{name}` of type List[torch.Tensor]\n"
            f"             but got {type(given)} instead."
        )


def _check_length(name: str, tensors: Sequence[Tensor], wanted: int) -> None:
    if len(tensors) != wanted:
        raise RuntimeError(f"{name}: a list of {len(tensors)} tensors is given but must be of {wanted}, one a process")


def _list_of_one(
    group: ProcessGroup, name: str, given: list[Tensor] | None, which: str, rank: int | None, in_group: int | None
) -> list[Tensor] | None:
    """The list of tensors that one process alone must give, None in the others. Raises ValueError where it gives none,
    RuntimeError for one of another length."""
    if group.rank() != group.place(name, rank, in_group):
        return None
    if not given:
        raise ValueError(f"Argument ``{name}_list`` must be specified on {which} rank.")
    _check_length(name, given, group.size())
    return given


def barrier(group: Any = None, async_op: bool = False, device_ids: Any = None) -> Work | None:
    """Waits until all processes of the group have come here."""
    where = member_of(group, "barrier")
    if where is not None and where.size() > 1:
        _summed(where, "barrier", from_array(np.zeros((), np.int32)))
        meet()
    return _done(async_op)


def monitored_barrier(group: Any = None, timeout: Any = None, wait_all_ranks: bool = False) -> None:
    """As `barrier`; who fails ends the others."""
    barrier(group)


def all_reduce(tensor: Tensor, op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False) -> Work | None:
    """Writes the sum of what all processes have, or what `op` says, into the tensor of each."""
    check_tensor("tensor", tensor)
    where = member_of(group, "all_reduce")
    if where is not None and where.size() > 1:
        put(_reduced(where, "all_reduce", tensor, op), tensor)
    return _done(async_op, tensor)


def _reduced(group: ProcessGroup, name: str, tensor: Tensor, op: Any) -> Tensor:
    if not isinstance(op, ReduceOp):
        problem = f"torch.distributed: op {op}"
        raise Unsupported(problem, location=user_location(), hint="one of torch.distributed.ReduceOp")
    told = f"{name} {op.name}"
    if op in _OF_BITS and (tensor.is_floating_point() or tensor.is_complex()):
        raise RuntimeError(f"Cannot use ReduceOp.{op.name} with non-integral dtype")
    if tensor.dtype is bool_:  # bytes, where PyTorch's add up what has no other bits
        if op is ReduceOp.SUM:
            op = ReduceOp.MAX
        return _reduced(group, told, tensor.to(uint8), op).to(bool_)
    if op in _OF_GATHERED:
        return _OF_GATHERED[op](_stacked(group, told, tensor))
    if op is ReduceOp.SUM:
        return _summed(group, told, tensor)
    if group.is_whole:
        return together(averaged, tensor, told)
    return _summed(group, told, tensor / group.size())


def reduce(
    tensor: Tensor,
    dst: int | None = None,
    op: Any = ReduceOp.SUM,
    group: Any = None,
    async_op: bool = False,
    group_dst: int | None = None,
) -> Work | None:
    """As `all_reduce`, for the process `dst` alone."""
    check_tensor("tensor", tensor)
    where = member_of(group, "reduce")
    if where is not None:
        target = where.place("reduce", dst, group_dst)
        if where.size() > 1:
            found = _reduced(where, "reduce", tensor, op)
            if where.rank() == target:
                put(found, tensor)
    return _done(async_op, tensor)


def broadcast(
    tensor: Tensor, src: int | None = None, group: Any = None, async_op: bool = False, group_src: int | None = None
) -> Work | None:
    """Writes what the process `src` has into the tensor of each."""
    check_tensor("tensor", tensor)
    where = member_of(group, "broadcast")
    if where is not None:
        source = where.place("broadcast", src, group_src)
        if where.is_whole and where.size() > 1:
            put(together(sent, tensor, source, "broadcast"), tensor)
        elif where.size() > 1:
            put(_stacked(where, "broadcast", tensor)[source], tensor)
    return _done(async_op, tensor)


def all_gather(tensor_list: list[Tensor], tensor: Tensor, group: Any = None, async_op: bool = False) -> Work | None:
    """Writes what each process has into the tensors of the list, in order."""
    check_tensors("tensor_list", tensor_list)
    check_tensor("tensor", tensor)
    where = member_of(group, "all_gather")
    if where is not None:
        _check_length("all_gather", tensor_list, where.size())
        for found, target in zip(_stacked(where, "all_gather", tensor), tensor_list, strict=True):
            put(found, target)
    return _done(async_op, *tensor_list)


def all_gather_into_tensor(
    output_tensor: Tensor, input_tensor: Tensor, group: Any = None, async_op: bool = False
) -> Work | None:
    """Writes what each process has into the output, one after another."""
    where = member_of(group, "all_gather_into_tensor")
    if where is not None:
        put(_stacked(where, "all_gather_into_tensor", input_tensor), output_tensor)
    return _done(async_op, output_tensor)


def gather(
    tensor: Tensor,
    gather_list: list[Tensor] | None = None,
    dst: int | None = None,
    group: Any = None,
    async_op: bool = False,
    group_dst: int | None = None,
) -> Work | None:
    """As `all_gather`, for the process `dst` alone. Raises ValueError where that has no list."""
    check_tensor("tensor", tensor)
    where = member_of(group, "gather")
    targets: list[Tensor] | None = None
    if where is not None:
        targets = _list_of_one(where, "gather", gather_list, "destination", dst, group_dst)
        parts = _stacked(where, "gather", tensor)
        for found, target in zip(parts, targets or (), strict=targets is not None):
            put(found, target)
    return _done(async_op, *(targets or ()))


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
    check_tensor("tensor", tensor)
    where = member_of(group, "scatter")
    if where is not None:
        given = _list_of_one(where, "scatter", scatter_list, "source", src, group_src)
        own = [each.reshape(tensor.shape) for each in given or [tensor.new_zeros(tensor.shape)] * where.size()]
        put(_scattered(where, "scatter", _in_a_row(own)), tensor)
    return _done(async_op, tensor)


def _scattered(group: ProcessGroup, name: str, parts: Tensor) -> Tensor:
    """This process's part of the sum over all of what they have for it."""
    if group.is_whole and parts.dtype is not bool_:
        return together(scattered, parts, name)
    return _reduced(group, name, parts, ReduceOp.SUM)[group.rank()]


def _in_a_row(tensors: list[Tensor]) -> Tensor:
    from ..functions.joining import stack

    return stack(tensors)


def reduce_scatter(
    output: Tensor, input_list: list[Tensor], op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False
) -> Work | None:
    """Writes into each process's output the sum over all of what they have for it in their lists."""
    check_tensors("input_list", input_list)
    where = member_of(group, "reduce_scatter")
    if where is None:
        return _done(async_op, output)
    _check_length("reduce_scatter", input_list, where.size())
    return reduce_scatter_tensor(output, _in_a_row(input_list), op, group, async_op)


def reduce_scatter_tensor(
    output: Tensor, input: Tensor, op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False
) -> Work | None:
    """The same of parts that lie one after another in the input."""
    where = member_of(group, "reduce_scatter_tensor")
    if where is not None:
        parts = input.reshape(where.size(), *output.shape)
        if op is ReduceOp.SUM or op is ReduceOp.AVG:
            found = _scattered(where, f"reduce_scatter {op.name}", parts)
            put(found / where.size() if op is ReduceOp.AVG else found, output)
        else:
            put(_reduced(where, "reduce_scatter", parts, op)[where.rank()], output)
    return _done(async_op, output)


def all_to_all(
    output_tensor_list: list[Tensor], input_tensor_list: list[Tensor], group: Any = None, async_op: bool = False
) -> Work | None:
    """Writes into output number i what process i has as the input of this one's number. All are of one shape."""
    check_tensors("output_tensor_list", output_tensor_list)
    check_tensors("input_tensor_list", input_tensor_list)
    where = member_of(group, "all_to_all")
    if where is not None:
        for name, each in (("output", output_tensor_list), ("input", input_tensor_list)):
            _check_length(f"all_to_all: {name}", each, where.size())
        parts = _stacked(where, "all_to_all", _in_a_row(input_tensor_list))
        for place, target in enumerate(output_tensor_list):
            put(parts[place][where.rank()], target)
    return _done(async_op, *output_tensor_list)


def all_to_all_single(
    output: Tensor,
    input: Tensor,
    output_split_sizes: list[int] | None = None,
    input_split_sizes: list[int] | None = None,
    group: Any = None,
    async_op: bool = False,
) -> Work | None:
    """Sends each process its part of the input's first dimension and writes what came, in order, into the output. Parts
    are of one size, or as the sizes say: these are seen by all, so that parts of other sizes cost a message more.
    Raises RuntimeError where sizes do not add up."""
    where = member_of(group, "all_to_all_single")
    if where is None:
        return _done(async_op, output)
    size, own = where.size(), where.rank()
    if not input_split_sizes and not output_split_sizes:
        for name, each in (("input", input), ("output", output)):
            if each.shape[0] % size:
                raise RuntimeError(
                    f"all_to_all_single: {name} is {list(each.shape)} but must divide by {size} processes"
                )
        parts = _stacked(where, "all_to_all_single", input.reshape(size, -1, *input.shape[1:]))
        put(parts[:, own], output)
        return _done(async_op, output)
    splits = list(input_split_sizes or [input.shape[0] // size] * size)
    wanted = list(output_split_sizes or [output.shape[0] // size] * size)
    for name, sizes, each in (("input", splits, input), ("output", wanted, output)):
        if len(sizes) != size or sum(sizes) != each.shape[0]:
            raise RuntimeError(
                f"all_to_all_single: {name} split sizes are {sizes} but must be {size} that add up to {each.shape[0]}"
            )
    found = objects(where.way, where.ranks, input.split(splits))
    came = [parts[own] for parts in found]
    if [len(each) for each in came] != wanted:
        sizes = [len(each) for each in came]
        raise RuntimeError(f"all_to_all_single: output split sizes are {wanted} but parts of sizes {sizes} came")
    from ..functions.joining import cat

    put(cat(came), output)
    return _done(async_op, output)


def all_gather_object(object_list: list[Any], obj: Any, group: Any = None) -> None:
    """Puts what each process has into the list. Between processes goes what `torch.save` writes and `torch.load` reads
    with `weights_only`: numbers, texts, tensors, and lists, tuples, sets and dicts of them. Raises Unsupported for what
    else there is."""
    where = member_of(group, "all_gather_object")
    if where is None:
        return
    found = [obj] if where.size() == 1 else objects(where.way, where.ranks, obj)
    object_list[: len(found)] = found


def gather_object(
    obj: Any,
    object_gather_list: list[Any] | None = None,
    dst: int | None = None,
    group: Any = None,
    group_dst: int | None = None,
) -> None:
    """As `all_gather_object`, for the process `dst` alone. Raises ValueError where that has no list."""
    where = member_of(group, "gather_object")
    if where is None:
        return
    is_target = where.rank() == where.place("gather_object", dst, group_dst)
    if is_target and object_gather_list is None:
        raise ValueError("Argument ``gather_list`` must be specified on destination rank.")
    found: list[Any] = [None] * where.size()
    all_gather_object(found, obj, group)
    if is_target and object_gather_list is not None:
        object_gather_list[:] = found


def broadcast_object_list(
    object_list: list[Any],
    src: int | None = None,
    group: Any = None,
    device: Any = None,
    group_src: int | None = None,
) -> None:
    """Puts what the process `src` has into the list of each."""
    where = member_of(group, "broadcast_object_list")
    if where is None:
        return
    source = where.place("broadcast_object_list", src, group_src)
    found: list[Any] = [None] * where.size()
    all_gather_object(found, list(object_list) if where.rank() == source else None, group)
    object_list[:] = found[source]


def scatter_object_list(
    scatter_object_output_list: list[Any],
    scatter_object_input_list: list[Any] | None = None,
    src: int | None = None,
    group: Any = None,
    group_src: int | None = None,
) -> None:
    """Puts into the first place of each process's list its own of the objects that the process `src` has."""
    if not isinstance(scatter_object_output_list, list) or not scatter_object_output_list:
        raise ValueError("Expected argument scatter_object_output_list to be a list of size at least 1.")
    where = member_of(group, "scatter_object_list")
    if where is None:
        return
    source = where.place("scatter_object_list", src, group_src)
    found: list[Any] = [None] * where.size()
    all_gather_object(found, scatter_object_input_list if where.rank() == source else None, group)
    scatter_object_output_list[0] = found[source][where.rank()]
