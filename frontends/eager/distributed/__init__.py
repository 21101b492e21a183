"""`torch.distributed` of one process: a group of itself alone, in which every collective gives back what it got."""

from __future__ import annotations

import os
from enum import Enum
from typing import Any, NoReturn

from diptych.ir import Unsupported, user_location

from ..tapes.mode import no_grad
from ..tensors.tensor import Tensor


class ReduceOp(Enum):
    """How values of several processes become one."""

    SUM = 0
    AVG = 1
    PRODUCT = 2
    MIN = 3
    MAX = 4
    BAND = 5
    BOR = 6
    BXOR = 7


class Backend(str):
    """The name of a backend, in small letters."""

    GLOO, NCCL, MPI, UCC, UNDEFINED = "gloo", "nccl", "mpi", "ucc", "undefined"

    def __new__(cls, name: str) -> Backend:
        return super().__new__(cls, name.lower())


class ProcessGroup:
    """Processes that speak to each other: one."""

    def __init__(self, backend: str) -> None:
        self._backend = backend

    def size(self) -> int:
        """1."""
        return 1

    def rank(self) -> int:
        """0."""
        return 0

    def name(self) -> str:
        """The backend's."""
        return self._backend


class Work:
    """A collective that was asked for with `async_op`; it is done."""

    def wait(self, timeout: Any = None) -> bool:
        """True, at once."""
        return True

    def is_completed(self) -> bool:
        """True."""
        return True

    def is_success(self) -> bool:
        """True."""
        return True


class _Groups(type):
    @property
    def WORLD(cls) -> ProcessGroup | None:
        """The default group; None before `init_process_group`."""
        return _world[0] if _world else None


class group(metaclass=_Groups):
    """`group.WORLD` is the default group."""


class GroupMember(metaclass=_Groups):
    """`GroupMember.WORLD` is the default group; NON_GROUP_MEMBER stands for one that this process is not in."""

    NON_GROUP_MEMBER = -100


_world: list[ProcessGroup] = []


def is_available() -> bool:
    """True."""
    return True


def is_initialized() -> bool:
    """Whether `init_process_group` was called."""
    return bool(_world)


def is_nccl_available() -> bool:
    """False."""
    return False


def is_gloo_available() -> bool:
    """True: a group of one process needs nothing of it."""
    return True


def is_mpi_available() -> bool:
    """False."""
    return False


def is_ucc_available() -> bool:
    """False."""
    return False


def is_torchelastic_launched() -> bool:
    """Whether the process was started by torchrun."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def get_default_backend_for_device(device: Any) -> str:
    """ "gloo", PyTorch's backend for the CPU."""
    return "gloo"


def init_process_group(
    backend: str | None = None,
    init_method: str | None = None,
    timeout: Any = None,
    world_size: int = -1,
    rank: int = -1,
    store: Any = None,
    group_name: str = "",
    pg_options: Any = None,
    device_id: Any = None,
) -> None:
    """Makes the default group, of one process. Sizes not given are read from WORLD_SIZE and RANK.

    Raises ValueError where the size is not known or a group is there, Unsupported for more than one process.
    """
    if _world:
        raise ValueError("trying to initialize the default process group twice!")
    size = _given("WORLD_SIZE", world_size)
    _given("RANK", rank)
    if size != 1:
        raise Unsupported(
            f"torch.distributed.init_process_group: world_size is {size} but must be 1",
            location=user_location(),
            hint="one process; DIPTYCH_BACKEND=jax for an accelerator",
        )
    _world.append(ProcessGroup((backend or "gloo").lower()))


def _given(name: str, number: int) -> int:
    if number >= 0:
        return number
    if name not in os.environ:
        raise ValueError(
            f"Error initializing torch.distributed using env:// rendezvous: environment variable {name} expected, but "
            "not set"
        )
    return int(os.environ[name])


def destroy_process_group(group: ProcessGroup | None = None) -> None:
    """Forgets a group; without one, all. Raises AssertionError where there is none."""
    if not _world:
        raise AssertionError("Process group cannot be None")
    if group is None or group is _world[0]:
        _world.clear()


def _check() -> None:
    if not _world:
        raise ValueError("Default process group has not been initialized, please make sure to call init_process_group.")


def get_rank(group: ProcessGroup | None = None) -> int:
    """0. Raises ValueError before `init_process_group`."""
    _check()
    return 0


def get_world_size(group: ProcessGroup | None = None) -> int:
    """1. Raises ValueError before `init_process_group`."""
    _check()
    return 1


def get_backend(group: ProcessGroup | None = None) -> str:
    """The backend's name. Raises ValueError before `init_process_group`."""
    _check()
    return _world[0].name()


def get_node_local_rank(fallback_rank: int | None = None) -> int:
    """LOCAL_RANK of the environment, or the fallback. Raises RuntimeError without either."""
    if "LOCAL_RANK" in os.environ:
        return int(os.environ["LOCAL_RANK"])
    if fallback_rank is None:
        raise RuntimeError(
            "LOCAL_RANK is not in the environment. Consider passing fallback_rank to allow `get_node_local_rank` to "
            "work, assuming you are not running in a multi-device context and want the code to run locally instead."
        )
    return int(fallback_rank)


def new_group(ranks: Any = None, timeout: Any = None, backend: str | None = None, **options: Any) -> ProcessGroup:
    """A group of this process. Raises ValueError before `init_process_group`."""
    _check()
    return ProcessGroup(backend or _world[0].name())


def _done(async_op: bool) -> Work | None:
    _check()
    return Work() if async_op else None


def _copied(source: Tensor, target: Tensor) -> None:
    with no_grad():
        target.copy_(source.reshape(target.shape))


def barrier(group: Any = None, async_op: bool = False, device_ids: Any = None) -> Work | None:
    """Waits for nobody."""
    return _done(async_op)


def all_reduce(tensor: Tensor, op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False) -> Work | None:
    """Leaves the tensor, which is the sum, the mean and all else of itself alone."""
    return _done(async_op)


def reduce(
    tensor: Tensor,
    dst: int | None = None,
    op: Any = ReduceOp.SUM,
    group: Any = None,
    async_op: bool = False,
    group_dst: int | None = None,
) -> Work | None:
    """Leaves the tensor."""
    return _done(async_op)


def broadcast(
    tensor: Tensor, src: int | None = None, group: Any = None, async_op: bool = False, group_src: int | None = None
) -> Work | None:
    """Leaves the tensor."""
    return _done(async_op)


def all_gather(tensor_list: list[Tensor], tensor: Tensor, group: Any = None, async_op: bool = False) -> Work | None:
    """Writes the tensor into the only one of the list."""
    work = _done(async_op)
    _copied(tensor, tensor_list[0])
    return work


def all_gather_into_tensor(
    output_tensor: Tensor, input_tensor: Tensor, group: Any = None, async_op: bool = False
) -> Work | None:
    """Writes the input into the output."""
    work = _done(async_op)
    _copied(input_tensor, output_tensor)
    return work


def gather(
    tensor: Tensor,
    gather_list: list[Tensor] | None = None,
    dst: int | None = None,
    group: Any = None,
    async_op: bool = False,
    group_dst: int | None = None,
) -> Work | None:
    """Writes the tensor into the only one of the list."""
    work = _done(async_op)
    if not gather_list:
        raise ValueError("Argument ``gather_list`` must be specified on destination rank.")
    _copied(tensor, gather_list[0])
    return work


def scatter(
    tensor: Tensor,
    scatter_list: list[Tensor] | None = None,
    src: int | None = None,
    group: Any = None,
    async_op: bool = False,
    group_src: int | None = None,
) -> Work | None:
    """Writes the only one of the list into the tensor."""
    work = _done(async_op)
    if not scatter_list:
        raise ValueError("Argument ``scatter_list`` must be specified on source rank.")
    _copied(scatter_list[0], tensor)
    return work


def reduce_scatter(
    output: Tensor, input_list: list[Tensor], op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False
) -> Work | None:
    """Writes the only one of the list into the output."""
    work = _done(async_op)
    _copied(input_list[0], output)
    return work


def reduce_scatter_tensor(
    output: Tensor, input: Tensor, op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False
) -> Work | None:
    """Writes the input into the output."""
    work = _done(async_op)
    _copied(input, output)
    return work


def all_to_all(
    output_tensor_list: list[Tensor], input_tensor_list: list[Tensor], group: Any = None, async_op: bool = False
) -> Work | None:
    """Writes the only input into the only output."""
    work = _done(async_op)
    _copied(input_tensor_list[0], output_tensor_list[0])
    return work


def all_gather_object(object_list: list[Any], obj: Any, group: Any = None) -> None:
    """Puts the object into the list."""
    _check()
    object_list[0] = obj


def gather_object(
    obj: Any,
    object_gather_list: list[Any] | None = None,
    dst: int | None = None,
    group: Any = None,
    group_dst: int | None = None,
) -> None:
    """Puts the object into the list."""
    _check()
    if object_gather_list:
        object_gather_list[0] = obj


def broadcast_object_list(
    object_list: list[Any],
    src: int | None = None,
    group: Any = None,
    device: Any = None,
    group_src: int | None = None,
) -> None:
    """Leaves the list."""
    _check()


def _refuse(name: str) -> NoReturn:
    _check()
    raise ValueError(f"Invalid {name} rank: {name} rank should not be the same as the rank of the current process.")


def send(
    tensor: Tensor, dst: int | None = None, group: Any = None, tag: int = 0, group_dst: int | None = None
) -> NoReturn:
    """Raises ValueError: there is nobody else."""
    _refuse("destination")


def recv(
    tensor: Tensor, src: int | None = None, group: Any = None, tag: int = 0, group_src: int | None = None
) -> NoReturn:
    """Raises ValueError: there is nobody else."""
    _refuse("source")
