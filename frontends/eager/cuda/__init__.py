"""`torch.cuda`: the accelerators of jax, graphics processors or TPUs, by the names that programs know them by. Where
jax has none, or another backend computes, it answers as on a machine without CUDA: nothing is available, and what would
need it raises."""

from __future__ import annotations

from typing import Any

from ..device import AcceleratorError as AcceleratorError
from ..tapes.memory import OutOfMemoryError as OutOfMemoryError
from ..tensors.legacy import CUDA_TYPES as _TYPES
from ..tensors.legacy_storage import CUDA_TYPES as _STORAGES
from . import amp, memory, nccl, nvtx, random, streams
from .devices import (
    can_device_access_peer,
    current_device,
    device_count,
    get_arch_list,
    get_device_capability,
    get_device_name,
    get_device_properties,
    init,
    ipc_collect,
    is_available,
    is_bf16_supported,
    is_initialized,
    is_tf32_supported,
    set_device,
    synchronize,
)
from .guards import StreamContext, device_of
from .guards import device as device
from .guards import stream as stream
from .memory import (
    empty_cache,
    max_memory_allocated,
    max_memory_cached,
    max_memory_reserved,
    mem_get_info,
    memory_allocated,
    memory_cached,
    memory_reserved,
    memory_stats,
    memory_summary,
    reset_max_memory_allocated,
    reset_peak_memory_stats,
    set_per_process_memory_fraction,
)
from .random import (
    get_rng_state,
    get_rng_state_all,
    initial_seed,
    manual_seed,
    manual_seed_all,
    seed,
    seed_all,
    set_rng_state,
    set_rng_state_all,
)
from .streams import Event, Stream, current_stream, default_stream, set_stream

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
