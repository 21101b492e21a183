"""`torch.distributed` as it answers where no group of processes was made; one cannot be made here."""

from __future__ import annotations

import os
from enum import Enum
from typing import Any, NoReturn

from diptych.ir import Unsupported, user_location


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


class ProcessGroup:
    """Processes that speak to each other; there is none."""


class group:
    """The default group: None, as long as there is none."""

    WORLD = None


def is_available() -> bool:
    """True: the names are there, as in most builds of PyTorch, so that programs ask `is_initialized` next."""
    return True


def is_initialized() -> bool:
    """False."""
    return False


def is_nccl_available() -> bool:
    """False."""
    return False


def is_gloo_available() -> bool:
    """False."""
    return False


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
    """"gloo", PyTorch's backend for the CPU."""
    return "gloo"


def init_process_group(backend: str | None = None, *arguments: Any, **options: Any) -> NoReturn:
    """Raises Unsupported: processes are not joined."""
    raise Unsupported(
        "torch.distributed.init_process_group: processes are not joined to a group",
        location=user_location(),
        hint="one process; DIPTYCH_BACKEND=jax for an accelerator",
    )


def destroy_process_group(group: Any = None) -> None:
    """Raises AssertionError: there is no group."""
    raise AssertionError("Process group cannot be None")


def _refuse() -> NoReturn:
    raise ValueError("Default process group has not been initialized, please make sure to call init_process_group.")


def get_rank(group: Any = None) -> int:
    """Raises ValueError: there is no group."""
    _refuse()


def get_world_size(group: Any = None) -> int:
    """Raises ValueError: there is no group."""
    _refuse()


def get_backend(group: Any = None) -> str:
    """Raises ValueError: there is no group."""
    _refuse()


def new_group(ranks: Any = None, *arguments: Any, **options: Any) -> Any:
    """Raises ValueError: there is no group."""
    _refuse()


def barrier(group: Any = None, async_op: bool = False, device_ids: Any = None) -> Any:
    """Raises ValueError: there is no group."""
    _refuse()


def all_reduce(tensor: Any, op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False) -> Any:
    """Raises ValueError: there is no group."""
    _refuse()


def reduce(tensor: Any, dst: Any = None, op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False) -> Any:
    """Raises ValueError: there is no group."""
    _refuse()


def broadcast(tensor: Any, src: Any = None, group: Any = None, async_op: bool = False) -> Any:
    """Raises ValueError: there is no group."""
    _refuse()


def all_gather(tensor_list: Any, tensor: Any, group: Any = None, async_op: bool = False) -> Any:
    """Raises ValueError: there is no group."""
    _refuse()


def gather(tensor: Any, gather_list: Any = None, dst: Any = None, group: Any = None, async_op: bool = False) -> Any:
    """Raises ValueError: there is no group."""
    _refuse()


def scatter(tensor: Any, scatter_list: Any = None, src: Any = None, group: Any = None, async_op: bool = False) -> Any:
    """Raises ValueError: there is no group."""
    _refuse()


def reduce_scatter(output: Any, input_list: Any, op: Any = ReduceOp.SUM, group: Any = None) -> Any:
    """Raises ValueError: there is no group."""
    _refuse()


def send(tensor: Any, dst: Any = None, group: Any = None, tag: int = 0) -> None:
    """Raises ValueError: there is no group."""
    _refuse()


def recv(tensor: Any, src: Any = None, group: Any = None, tag: int = 0) -> int:
    """Raises ValueError: there is no group."""
    _refuse()
