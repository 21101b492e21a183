"""The group of all processes that compute together, and what is asked of it. jax connects them; one process needs
nothing for a group of itself alone."""

from __future__ import annotations

import atexit
import os
import warnings
from collections.abc import Sequence
from enum import Enum
from itertools import count
from typing import Any

from diptych.backends.joining import join, leave
from diptych.backends.processes import process_count, process_rank
from diptych.backends.settings import settings
from diptych.ir import Unsupported, user_location

from ..futures import Future
from ..tapes.tape import tape
from .meeting import Meeting
from .programs import meet
from .stores import Store


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
    """Processes that speak to each other: all, which compute together, or `ranks`, some, which send messages. `way`
    tells the messages of one group from others."""

    def __init__(self, backend: str, ranks: Sequence[int] | None = None, way: str = "all") -> None:
        self._backend = backend
        self.ranks: Sequence[int] = range(process_count()) if ranks is None else sorted(ranks)
        self.is_whole = len(self.ranks) == process_count()
        self.way = way

    def size(self) -> int:
        """How many processes there are."""
        return len(self.ranks)

    def rank(self) -> int:
        """Which of them this one is; -1 where it is none."""
        return self.ranks.index(process_rank()) if process_rank() in self.ranks else -1

    def place(self, name: str, rank: int | None, in_group: int | None) -> int:
        """The place in the group of a process that is given by its rank among all, or by that. Raises ValueError for
        one that is not in it."""
        if in_group is not None:
            if not 0 <= in_group < self.size():
                raise ValueError(f"{name}: group rank is {in_group} but must be below {self.size()}")
            return in_group
        found = 0 if rank is None else rank
        if found not in self.ranks:
            if self.is_whole:
                raise ValueError(f"{name}: rank is {found} but must be below {self.size()}, the number of processes")
            raise ValueError(f"Global rank {found} is not part of group {self!r}")
        return self.ranks.index(found)

    def name(self) -> str:
        """The backend's."""
        return self._backend


class Work:
    """A collective that was asked for with `async_op`, and what it wrote into; it is done."""

    def __init__(self, written: Sequence[Any] = ()) -> None:
        self._written = list(written)

    def wait(self, timeout: Any = None) -> bool:
        """True, at once."""
        return True

    def synchronize(self) -> None:
        """Nothing: what comes next sees the results."""

    def block_current_stream(self) -> None:
        """Nothing: what comes next sees the results."""

    def is_completed(self) -> bool:
        """True."""
        return True

    def is_success(self) -> bool:
        """True."""
        return True

    def exception(self) -> Any:
        """None: errors are raised where they come up."""
        return None

    def result(self) -> list[Any]:
        """The tensors that were written."""
        return list(self._written)

    def get_future(self) -> Future[list[Any]]:
        """A future of these tensors, which is done."""
        found: Future[list[Any]] = Future()
        found.set_result(self.result())
        return found

    def source_rank(self) -> int:
        """Raises RuntimeError, but where a tensor is received."""
        raise RuntimeError(
            "sourceRank() may only be called on work objects that correspond to a recv or recv-from-any call."
        )


class _Groups(type):
    @property
    def WORLD(cls) -> ProcessGroup | None:
        """The default group; None before `init_process_group`."""
        return _world[0] if _world else None


class group(metaclass=_Groups):
    """`group.WORLD` is the default group."""


class GroupMember(metaclass=_Groups):
    """`GroupMember.WORLD` is the default group; NON_GROUP_MEMBER stands for one that this process is not in."""

    NON_GROUP_MEMBER: Any = object()


_world: list[ProcessGroup] = []
_ways = count(1)  # of groups, which all processes make in one order
_made = [0]  # how many groups since `init_process_group`


def member_of(group: Any, name: str) -> ProcessGroup | None:
    """The group that is meant; None, with a warning, of one that this process is not in. Raises ValueError before
    `init_process_group`."""
    check_initialized()
    if group is GroupMember.NON_GROUP_MEMBER or (isinstance(group, ProcessGroup) and group.rank() < 0):
        text = f"Running {name} on global rank {process_rank()} which does not belong to the given group."
        warnings.warn(text, stacklevel=3)
        return None
    return group if isinstance(group, ProcessGroup) else _world[0]


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
    """True: jax has it."""
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


def is_backend_available(backend: str) -> bool:
    """Whether it is "gloo", which jax has; names of programs' own are not."""
    return backend.lower() == Backend.GLOO


def get_pg_count() -> int:
    """How many groups have been made since `init_process_group`, with the default one."""
    return _made[0]


def init_process_group(
    backend: str | None = None,
    init_method: str | None = None,
    timeout: Any = None,
    world_size: int = -1,
    rank: int = -1,
    store: Store | None = None,
    group_name: str = "",
    pg_options: Any = None,
    device_id: Any = None,
) -> None:
    """Makes the default group, of all processes. Numbers not given are read from WORLD_SIZE and RANK; where they meet,
    from `init_method`, env://, tcp:// or file://, or from MASTER_ADDR and MASTER_PORT, as torchrun and `diptych launch`
    set them. Through a `store`, or a file, the first process tells the others an address that it has chosen. Several
    processes need backend jax, on which nothing may have run before.

    Raises ValueError where a number is not known or a group is there, AssertionError for a `store` without numbers or
    beside an `init_method`, RuntimeError for methods that there are not, DiptychError where the others do not come, and
    Unsupported for several processes on another backend.
    """
    if _world:
        raise ValueError("trying to initialize the default process group twice!")
    if store is not None and init_method is not None:
        raise AssertionError("Cannot specify both init_method and store.")
    if store is not None and world_size <= 0:
        raise AssertionError("world_size must be positive if using store")
    if store is not None and rank < 0:
        raise AssertionError("rank must be non-negative if using store")
    where = Meeting(init_method, rank, world_size)
    if where.size != 1:
        if settings().backend != "jax":
            problem = f"world_size is {where.size}, but backend {settings().backend} has one process"
            raise _unsupported(problem, "DIPTYCH_BACKEND=jax")
        join(where.address(store), where.size, where.rank)
        atexit.register(meet)  # before jax leaves the others, which may wait for what waits here
    _made[0] = 1
    _world.append(ProcessGroup((backend or "gloo").lower()))


def _unsupported(problem: str, hint: str) -> Unsupported:
    return Unsupported(f"torch.distributed.init_process_group: {problem}", location=user_location(), hint=hint)


def destroy_process_group(group: ProcessGroup | None = None) -> None:
    """Forgets a group; without one, all. Raises AssertionError where there is none."""
    if not _world:
        raise AssertionError("Process group cannot be None")
    if group is None or group is _world[0]:
        tape.flush()
        _world.clear()
        _made[0] = 0
        leave()


def check_initialized() -> None:
    """Raises ValueError before `init_process_group`."""
    if not _world:
        raise ValueError("Default process group has not been initialized, please make sure to call init_process_group.")


def get_rank(group: ProcessGroup | None = None) -> int:
    """Which of the processes this one is; -1 where it is none of the group. Raises ValueError before
    `init_process_group`."""
    check_initialized()
    if group is GroupMember.NON_GROUP_MEMBER:
        return -1
    return process_rank() if group is None else group.rank()


def get_world_size(group: ProcessGroup | None = None) -> int:
    """How many processes there are; -1 of a group that this one is not in. Raises ValueError before
    `init_process_group`."""
    check_initialized()
    if group is GroupMember.NON_GROUP_MEMBER:
        return -1
    return process_count() if group is None else group.size()


def get_backend(group: ProcessGroup | None = None) -> str:
    """The backend's name. Raises ValueError before `init_process_group`."""
    check_initialized()
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


def new_group(ranks: Any = None, timeout: Any = None, backend: str | None = None, **options: Any) -> Any:
    """The group of these processes, which all processes make, in one order; NON_GROUP_MEMBER in those that it has not.
    Raises ValueError before `init_process_group`, RuntimeError for ranks that there are not, or that come twice."""
    check_initialized()
    found = list(range(process_count()) if ranks is None else ranks)
    if len(found) > process_count():
        raise RuntimeError(
            "the new group's world size should be less or equal to the world size set by init_process_group"
        )
    if len(set(found)) != len(found) or any(rank not in range(process_count()) for rank in found):
        raise RuntimeError("The new group's rank should be within the world_size set by init_process_group")
    _made[0] += 1
    made = ProcessGroup(backend or _world[0].name(), found, f"group {next(_ways)}")
    return made if made.rank() >= 0 else GroupMember.NON_GROUP_MEMBER


def get_process_group_ranks(group: ProcessGroup | None = None) -> Sequence[int]:
    """The ranks of a group's processes among all. Raises ValueError before `init_process_group`."""
    check_initialized()
    return list(range(process_count()) if group is None else group.ranks)


def get_global_rank(group: ProcessGroup, group_rank: int) -> int:
    """The rank among all of a group's process. Raises ValueError for a number that it has not."""
    if not 0 <= group_rank < group.size():
        raise ValueError(f"Group rank {group_rank} is not part of group {group!r}")
    return group.ranks[group_rank]


def get_group_rank(group: ProcessGroup, global_rank: int) -> int:
    """The number in a group of the process with this rank among all. Raises ValueError for one that it has not."""
    if global_rank not in group.ranks:
        raise ValueError(f"Global rank {global_rank} is not part of group {group!r}")
    return group.ranks.index(global_rank)
