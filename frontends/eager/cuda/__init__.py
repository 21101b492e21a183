"""`torch.cuda` as it answers on a machine without CUDA: nothing is available, and what would need it raises."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, NoReturn

from ..device import Device, check
from ..device import device as _Device
from ..tapes.memory import OutOfMemoryError as OutOfMemoryError
from ..tensors.legacy import CUDA_TYPES as _TYPES
from ..tensors.legacy_storage import CUDA_TYPES as _STORAGES
from ..tensors.tensor import Tensor
from . import amp, nccl, nvtx
from .guards import StreamContext, device_of
from .guards import device as device
from .guards import stream as stream

__all__ = [*_TYPES, *_STORAGES]
globals().update(_TYPES)
globals().update(_STORAGES)

has_half = True
has_magma = False
default_generators: tuple[Any, ...] = ()
_initialized = False  # which programs ask for beside `is_initialized`


class CudaError(RuntimeError):
    """What a call of CUDA's raises; none is made here."""


class DeferredCudaCallError(Exception):
    """What calls that waited for CUDA raise; none waits here."""


def _refuse() -> NoReturn:
    check("cuda")
    raise AssertionError("Torch not compiled with CUDA enabled")


def is_available() -> bool:
    """False."""
    return False


def is_initialized() -> bool:
    """False."""
    return False


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """False."""
    return False


def is_tf32_supported() -> bool:
    """False."""
    return False


def device_count() -> int:
    """0."""
    return 0


def get_arch_list() -> list[str]:
    """None."""
    return []


def init() -> None:
    """Raises AssertionError: there is no CUDA."""
    _refuse()


def set_device(device: Device | int) -> None:
    """Does nothing for a negative index. Raises ValueError for a device without an index, AttributeError for others, as
    PyTorch does without CUDA."""
    index = device if isinstance(device, int) else _Device(device).index
    if index is None:
        raise ValueError(f"Expected a torch.device with a specified index or an integer, but got:{device}")
    if index >= 0:
        raise AttributeError("module 'torch._C' has no attribute '_cuda_setDevice'")


def current_device() -> int:
    """Raises AssertionError: there is no CUDA."""
    _refuse()


def get_device_name(device: Any = None) -> str:
    """Raises AssertionError: there is no CUDA."""
    _refuse()


def get_device_capability(device: Any = None) -> tuple[int, int]:
    """Raises AssertionError: there is no CUDA."""
    _refuse()


def get_device_properties(device: Any = None) -> Any:
    """Raises AssertionError: there is no CUDA."""
    _refuse()


def can_device_access_peer(device: Any, peer_device: Any) -> bool:
    """Raises AssertionError: there is no CUDA."""
    _refuse()


def synchronize(device: Any = None) -> None:
    """Raises AssertionError: there is no CUDA."""
    _refuse()


def ipc_collect() -> None:
    """Raises AssertionError: there is no CUDA."""
    _refuse()


def current_stream(device: Any = None) -> Any:
    """Raises AssertionError: there is no CUDA."""
    _refuse()


def default_stream(device: Any = None) -> Any:
    """Raises AssertionError: there is no CUDA."""
    _refuse()


def mem_get_info(device: Any = None) -> tuple[int, int]:
    """Raises AssertionError: there is no CUDA."""
    _refuse()


def set_per_process_memory_fraction(fraction: float, device: Any = None) -> None:
    """Raises AssertionError: there is no CUDA."""
    _refuse()


class Stream:
    """A queue of work on a device. Raises RuntimeError: there is none."""

    def __init__(self, device: Any = None, priority: int = 0, **options: Any) -> None:
        raise RuntimeError("torch.cuda.Stream requires CUDA support")


class Event:
    """A mark in a stream. Raises RuntimeError: there is none."""

    def __init__(self, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False) -> None:
        raise RuntimeError("Tried to instantiate dummy base class Event")


def set_stream(stream: Any) -> None:
    """Does nothing with None; raises AssertionError for a stream, which there is none of."""
    if stream is not None:
        _refuse()


# -- memory: none is in use ----


def empty_cache() -> None:
    """Does nothing."""


def memory_allocated(device: Any = None) -> int:
    """0."""
    return 0


def max_memory_allocated(device: Any = None) -> int:
    """0."""
    return 0


def memory_reserved(device: Any = None) -> int:
    """0."""
    return 0


def max_memory_reserved(device: Any = None) -> int:
    """0."""
    return 0


def memory_cached(device: Any = None) -> int:
    """0: as `memory_reserved`, which it once was."""
    return 0


def max_memory_cached(device: Any = None) -> int:
    """0: as `max_memory_reserved`, which it once was."""
    return 0


def memory_stats(device: Any = None) -> OrderedDict[str, int]:
    """Empty."""
    return OrderedDict()


def memory_summary(device: Any = None, abbreviated: bool = False) -> str:
    """Raises KeyError, as PyTorch does without CUDA."""
    raise KeyError("allocated_bytes.all.current")


def reset_peak_memory_stats(device: Any = None) -> None:
    """Raises AttributeError, as PyTorch does without CUDA."""
    raise AttributeError("module 'torch._C' has no attribute '_cuda_resetPeakMemoryStats'")


def reset_max_memory_allocated(device: Any = None) -> None:
    """Raises AttributeError, as PyTorch does without CUDA."""
    reset_peak_memory_stats()


# -- random numbers: seeds are accepted ----


def manual_seed(seed: int) -> None:
    """Does nothing: a seed for a device that is not there."""


def manual_seed_all(seed: int) -> None:
    """Does nothing: a seed for devices that are not there."""


def seed() -> None:
    """Does nothing."""


def seed_all() -> None:
    """Does nothing."""


def initial_seed() -> int:
    """Raises AssertionError: there is no CUDA."""
    _refuse()


def get_rng_state(device: Any = "cuda") -> Tensor:
    """Raises AssertionError: there is no CUDA."""
    _refuse()


def set_rng_state(new_state: Tensor, device: Any = "cuda") -> None:
    """Does nothing: a state for a device that is not there."""


def get_rng_state_all() -> list[Tensor]:
    """Empty."""
    return []


def set_rng_state_all(new_states: Any) -> None:
    """Does nothing for no states. Raises AssertionError for some."""
    if list(new_states):
        _refuse()
