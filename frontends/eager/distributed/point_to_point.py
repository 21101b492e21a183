"""Tensors and objects sent from one process to another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from diptych.backends.processes import process_rank

from ..tensors.tensor import Tensor
from .collectives import check_tensor
from .groups import ProcessGroup, Work, member_of
from .messages import Expected, ExpectedOfAny, packed_object, send_bytes, send_tensor, unpacked_object
from .programs import put


class Receiving(Work):
    """A tensor that is on its way, which `wait` writes where it belongs."""

    def __init__(self, target: Tensor, expected: Expected) -> None:
        self._target = target
        self._source = expected
        self._expected: Expected | None = expected

    def wait(self, timeout: Any = None) -> bool:
        """True, once the tensor is there. Raises RuntimeError for one of another dtype or size."""
        expected, self._expected = self._expected, None
        if expected is not None:
            found = expected.tensor()
            if found.dtype is not self._target.dtype or found.numel() != self._target.numel():
                raise RuntimeError(
                    f"recv: {found.dtype} {list(found.shape)} came but the tensor is {self._target.dtype} "
                    f"{list(self._target.shape)}"
                )
            put(found, self._target)
        return True

    def is_completed(self) -> bool:
        """Whether the tensor has been written."""
        if self._expected is not None and self._expected.is_there():
            self.wait()
        return self._expected is None

    def source_rank(self) -> int:
        """The rank of who sends it; -1 where that may be any and nothing has come yet."""
        return -1 if self._source.source is None else self._source.source

    def result(self) -> list[Any]:
        """Raises RuntimeError, as PyTorch's does."""
        raise RuntimeError("result() not implemented.")

    def get_future(self) -> NoReturn:
        """Raises RuntimeError, as PyTorch's does."""
        raise RuntimeError("Work::getFuture not implemented.")


def _target(name: str, group: Any, dst: int | None, group_dst: int | None) -> tuple[ProcessGroup, int] | None:
    """The group, and the rank among all of the process that something goes to; None out of the group. Raises ValueError
    where it is this one, or not given."""
    where = member_of(group, name)
    if where is None:
        return None
    if dst is None and group_dst is None:
        raise ValueError("Must specify global_rank or group_rank")
    return where, _other(name, "destination", where, dst, group_dst)


def _expected(
    name: str, group: Any, src: int | None, group_src: int | None, way: str
) -> tuple[ProcessGroup, Expected] | None:
    """The group, and the next message of a process, or of any; None out of the group. Raises ValueError where the
    process is this one."""
    where = member_of(group, name)
    if where is None:
        return None
    if src is None and group_src is None:
        others = [rank for rank in where.ranks if rank != process_rank()]
        if not others:
            _itself("source")
        return where, ExpectedOfAny(f"{where.way} {way}", others)
    return where, Expected(f"{where.way} {way}", _other(name, "source", where, src, group_src))


def _other(name: str, kind: str, where: ProcessGroup, rank: int | None, in_group: int | None) -> int:
    other = where.ranks[where.place(name, rank, in_group)] if where.size() > 1 else process_rank()
    if other == process_rank():
        _itself(kind)
    return other


def _itself(kind: str) -> NoReturn:
    raise ValueError(f"Invalid {kind} rank: {kind} rank should not be the same as the rank of the current process.")


def isend(
    tensor: Tensor, dst: int | None = None, group: Any = None, tag: int = 0, group_dst: int | None = None
) -> Work | None:
    """Sends a tensor to the process `dst`, which receives it. Raises ValueError where that is this one, or missing."""
    check_tensor("tensor", tensor)
    found = _target("isend", group, dst, group_dst)
    if found is None:
        return None
    send_tensor(f"{found[0].way} tag {tag}", found[1], tensor)
    return Work()


def irecv(
    tensor: Tensor, src: int | None = None, group: Any = None, tag: int = 0, group_src: int | None = None
) -> Work | None:
    """Will write into the tensor what the process `src` sends, or without it what comes first of any, when it is waited
    for. Raises ValueError where that is this one."""
    check_tensor("tensor", tensor)
    found = _expected("irecv", group, src, group_src, f"tag {tag}")
    return None if found is None else Receiving(tensor, found[1])


def send(tensor: Tensor, dst: int | None = None, group: Any = None, tag: int = 0, group_dst: int | None = None) -> None:
    """As `isend`; it does not wait until the tensor has come."""
    isend(tensor, dst, group, tag, group_dst)


def recv(tensor: Tensor, src: int | None = None, group: Any = None, tag: int = 0, group_src: int | None = None) -> int:
    """Writes into the tensor what the process `src` sends, or without it what comes first of any, and gives the
    sender's rank; -1 out of the group. Raises ValueError where that is this process, RuntimeError for a tensor of
    another dtype or size."""
    work = irecv(tensor, src, group, tag, group_src)
    if work is None:
        return -1
    work.wait()
    return work.source_rank()


def send_object_list(
    object_list: list[Any],
    dst: int | None = None,
    group: Any = None,
    device: Any = None,
    group_dst: int | None = None,
    use_batch: bool = False,
) -> None:
    """Sends objects to the process `dst`, which receives them as a list. Raises ValueError where that is this one, or
    not given; Unsupported for what no other process is given."""
    found = _target("send_object_list", group, dst, group_dst)
    if found is not None:
        send_bytes(f"{found[0].way} objects", found[1], packed_object(list(object_list)))


def recv_object_list(
    object_list: list[Any],
    src: int | None = None,
    group: Any = None,
    device: Any = None,
    group_src: int | None = None,
    use_batch: bool = False,
) -> int:
    """Puts into the list what the process `src` sends, or without it what comes first of any, and gives the sender's
    rank; -1 out of the group. Raises ValueError where that is this process, RuntimeError for another number of
    objects."""
    found = _expected("recv_object_list", group, src, group_src, "objects")
    if found is None:
        return -1
    came = unpacked_object(found[1].read())
    if not isinstance(came, list) or len(came) != len(object_list):
        raise RuntimeError(f"recv_object_list: {len(came)} objects came but the list is of {len(object_list)}")
    object_list[:] = came
    assert found[1].source is not None
    return found[1].source


class P2POp:
    """`op`, isend or irecv, of a tensor and another process, for `batch_isend_irecv`."""

    def __init__(
        self,
        op: Callable[..., Any],
        tensor: Tensor,
        peer: int | None = None,
        group: Any = None,
        tag: int = 0,
        group_peer: int | None = None,
    ) -> None:
        if op not in (isend, irecv):
            raise RuntimeError(
                "Invalid ``op``. Expected ``op`` to be of type ``torch.distributed.isend`` or "
                "``torch.distributed.irecv``."
            )
        self.op, self.tensor, self.tag = op, tensor, tag
        self.peer, self.group, self.group_peer = peer, group, group_peer


def batch_isend_irecv(p2p_op_list: Sequence[P2POp]) -> list[Work]:
    """Begins all, and gives what waits for each."""
    found = [each.op(each.tensor, each.peer, each.group, each.tag, each.group_peer) for each in p2p_op_list]
    return [work for work in found if work is not None]
