"""Tensors sent from one process to another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from diptych.backends.processes import process_rank
from diptych.ir import Unsupported, user_location

from ..tensors.tensor import Tensor
from .collectives import check_tensor
from .groups import ProcessGroup, Work, member_of
from .messages import Expected, send_tensor
from .programs import put


class Receiving(Work):
    """A tensor that is on its way, which `wait` writes where it belongs."""

    def __init__(self, target: Tensor, expected: Expected) -> None:
        self._target = target
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


def _other(name: str, kind: str, group: Any, rank: int | None, in_group: int | None) -> tuple[ProcessGroup, int] | None:
    """The group, and the rank among all of the other process. Raises ValueError where that is this one."""
    where = member_of(group, name)
    if where is None:
        return None
    if rank is None and in_group is None:
        if name in ("recv", "irecv") and where.size() > 1:
            raise Unsupported(f"torch.distributed.{name} from any process", location=user_location(), hint="src=")
        _itself(kind)
    other = where.ranks[where.place(name, rank, in_group)] if where.size() > 1 else process_rank()
    if other == process_rank():
        _itself(kind)
    return where, other


def _itself(kind: str) -> NoReturn:
    raise ValueError(f"Invalid {kind} rank: {kind} rank should not be the same as the rank of the current process.")


def isend(
    tensor: Tensor, dst: int | None = None, group: Any = None, tag: int = 0, group_dst: int | None = None
) -> Work | None:
    """Sends a tensor to the process `dst`, which receives it. Raises ValueError where that is this one."""
    check_tensor("tensor", tensor)
    found = _other("isend", "destination", group, dst, group_dst)
    if found is None:
        return None
    send_tensor(f"{found[0].way} tag {tag}", found[1], tensor)
    return Work()


def irecv(
    tensor: Tensor, src: int | None = None, group: Any = None, tag: int = 0, group_src: int | None = None
) -> Work | None:
    """Will write into the tensor what the process `src` sends, when it is waited for. Raises ValueError where that is
    this one, Unsupported without `src`."""
    check_tensor("tensor", tensor)
    found = _other("irecv", "source", group, src, group_src)
    return None if found is None else Receiving(tensor, Expected(f"{found[0].way} tag {tag}", found[1]))


def send(tensor: Tensor, dst: int | None = None, group: Any = None, tag: int = 0, group_dst: int | None = None) -> None:
    """As `isend`; it does not wait until the tensor has come."""
    isend(tensor, dst, group, tag, group_dst)


def recv(tensor: Tensor, src: int | None = None, group: Any = None, tag: int = 0, group_src: int | None = None) -> int:
    """Writes into the tensor what the process `src` sends, and gives its rank; -1 out of the group. Raises ValueError
    where that is this process, Unsupported without `src`, RuntimeError for a tensor of another dtype or size."""
    work = irecv(tensor, src, group, tag, group_src)
    if work is None:
        return -1
    work.wait()
    where = member_of(group, "recv")
    assert where is not None
    return where.ranks[where.place("recv", src, group_src)]


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
