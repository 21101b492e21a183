"""`torch.multiprocessing`: Python's, and `spawn`. Tensors are sent by value, not as shared memory."""

from __future__ import annotations

import multiprocessing as _python
from collections.abc import Callable
from multiprocessing import (
    Array,
    Barrier,
    BoundedSemaphore,
    Condition,
    Event,
    JoinableQueue,
    Lock,
    Manager,
    Pipe,
    Pool,
    Process,
    Queue,
    RLock,
    Semaphore,
    SimpleQueue,
    Value,
    active_children,
    cpu_count,
    current_process,
    freeze_support,
    get_context,
    get_start_method,
    set_start_method,
)
from typing import Any

__all__ = [
    "Array", "Barrier", "BoundedSemaphore", "Condition", "Event", "JoinableQueue", "Lock", "Manager", "Pipe", "Pool",
    "Process", "Queue", "RLock", "Semaphore", "SimpleQueue", "Value", "active_children", "cpu_count",
    "current_process", "freeze_support", "get_all_sharing_strategies", "get_context", "get_sharing_strategy",
    "get_start_method", "set_sharing_strategy", "set_start_method", "spawn",
]  # fmt: skip

_strategy = ["file_descriptor"]


class ProcessRaisedException(Exception):
    """A process that `spawn` started has raised."""


def get_all_sharing_strategies() -> set[str]:
    """The names that `set_sharing_strategy` takes."""
    return {"file_descriptor", "file_system"}


def get_sharing_strategy() -> str:
    """What `set_sharing_strategy` has set."""
    return _strategy[0]


def set_sharing_strategy(new_strategy: str) -> None:
    """Kept, and changes nothing: tensors are sent by value. Raises AssertionError for unknown names."""
    if new_strategy not in get_all_sharing_strategies():
        names = "{'file_descriptor', 'file_system'}"
        raise AssertionError(f"invalid sharing strategy {new_strategy!r}, expected one of {names}")
    _strategy[0] = new_strategy


def spawn(
    fn: Callable[..., Any],
    args: tuple[Any, ...] = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> Any:
    """Runs fn(number, *args) in `nprocs` processes. Raises ProcessRaisedException where one of them fails; without
    `join` returns the processes."""
    context = _python.get_context(start_method)
    processes = [context.Process(target=fn, args=(number, *args), daemon=daemon) for number in range(nprocs)]
    for process in processes:
        process.start()
    if not join:
        return processes
    for process in processes:
        process.join()
    for number, process in enumerate(processes):
        if process.exitcode:
            raise ProcessRaisedException(f"process {number} terminated with exit code {process.exitcode}")
    return None
