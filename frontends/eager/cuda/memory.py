"""What `torch.cuda` tells of memory, as jax counts it: bytes in use by arrays, of those that it has taken."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from diptych.backends import accelerators
from diptych.backends.accelerators import accelerator_count, memory_of
from diptych.ir import Unsupported, user_location

from .devices import check_available, number_of


def _told(device: Any, *names: str) -> int:
    """The first of these counts that jax tells, 0 where it tells none, or where there is no accelerator."""
    if not accelerator_count():
        return 0
    found = memory_of(accelerators.accelerator(number_of(device)))
    return next((int(found[name]) for name in names if name in found), 0)


def empty_cache() -> None:
    """Does nothing: what jax has taken it keeps."""


def memory_allocated(device: Any = None) -> int:
    """Bytes that arrays take; 0 where jax does not tell."""
    return _told(device, "bytes_in_use")


def max_memory_allocated(device: Any = None) -> int:
    """The most bytes that arrays have taken since the process began; 0 where jax does not tell."""
    return _told(device, "peak_bytes_in_use")


def memory_reserved(device: Any = None) -> int:
    """Bytes that jax has taken for arrays; 0 where it does not tell."""
    return _told(device, "pool_bytes", "bytes_in_use")


def max_memory_reserved(device: Any = None) -> int:
    """The most bytes that jax has taken for arrays; 0 where it does not tell."""
    return _told(device, "peak_pool_bytes", "peak_bytes_in_use")


def memory_cached(device: Any = None) -> int:
    """As `memory_reserved`, which it once was."""
    return memory_reserved(device)


def max_memory_cached(device: Any = None) -> int:
    """As `max_memory_reserved`, which it once was."""
    return max_memory_reserved(device)


def memory_stats(device: Any = None) -> OrderedDict[str, int]:
    """The counts of above by PyTorch's names; empty where there is no accelerator."""
    if not accelerator_count():
        return OrderedDict()
    return OrderedDict(
        {
            "allocated_bytes.all.current": memory_allocated(device),
            "allocated_bytes.all.peak": max_memory_allocated(device),
            "reserved_bytes.all.current": memory_reserved(device),
            "reserved_bytes.all.peak": max_memory_reserved(device),
        }
    )


def memory_summary(device: Any = None, abbreviated: bool = False) -> str:
    """The same as lines of text. Raises KeyError where there is no accelerator, as PyTorch does without CUDA."""
    found = memory_stats(device)
    if not found:
        raise KeyError("allocated_bytes.all.current")
    return "\n".join(f"{name:<30}{number:>20}" for name, number in found.items())


def mem_get_info(device: Any = None) -> tuple[int, int]:
    """(the bytes that are free, all), of those that jax may take. Raises AssertionError where there is no CUDA."""
    number = number_of(device)
    total = _told(number, "bytes_limit")
    return total - memory_allocated(number), total


def set_per_process_memory_fraction(fraction: float, device: Any = None) -> None:
    """Raises Unsupported: jax decides it when it starts. Raises AssertionError where there is no CUDA."""
    check_available()
    raise Unsupported(
        "torch.cuda.set_per_process_memory_fraction: jax has taken its part of the memory already",
        location=user_location(),
        hint=f"XLA_PYTHON_CLIENT_MEM_FRACTION={fraction}, before the program starts",
    )


def reset_peak_memory_stats(device: Any = None) -> None:
    """Raises Unsupported: jax counts from the start of the process on. Raises AttributeError where there is no
    accelerator, as PyTorch does without CUDA."""
    if not accelerator_count():
        raise AttributeError("module 'torch._C' has no attribute '_cuda_resetPeakMemoryStats'")
    raise Unsupported(
        "torch.cuda.reset_peak_memory_stats: jax counts from the start of the process on",
        location=user_location(),
        hint="torch.cuda.max_memory_allocated(), of a process of its own",
    )


def reset_max_memory_allocated(device: Any = None) -> None:
    """As `reset_peak_memory_stats`."""
    reset_peak_memory_stats(device)
