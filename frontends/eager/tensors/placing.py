"""Methods of tensors that say where they are, or move them."""

from __future__ import annotations

from typing import Any

from diptych.backends.accelerators import accelerator_count

from ..device import CPU, NONE_AVAILABLE, place_of
from ..tapes.callers import renamed
from .moving import moved
from .tensor import Tensor


def _mover(kind: str) -> Any:
    def move(self: Tensor, device: Any = None, non_blocking: bool = False, memory_format: Any = None) -> Tensor:
        return moved(self, place_of(kind if device is None else device))

    renamed(move, kind)
    move.__doc__ = "The tensor on such a device; itself where it is there. Raises what PyTorch raises without one."
    return move


def cpu(self: Tensor, *, memory_format: Any = None) -> Tensor:
    """The tensor on the CPU; itself where it is there."""
    return moved(self, CPU)


def pin_memory(self: Tensor, device: Any = None) -> Tensor:
    """The tensor itself: jax copies it as fast from where it is. Raises RuntimeError where there is no accelerator."""
    if not accelerator_count():
        raise RuntimeError(NONE_AVAILABLE)
    return self


def is_pinned(self: Tensor, device: Any = None) -> bool:
    """False."""
    return False


def is_shared(self: Tensor) -> bool:
    """False: processes get copies."""
    return False


def share_memory_(self: Tensor) -> Tensor:
    """The tensor itself: processes get copies."""
    return self


def get_device(self: Tensor) -> int:
    """The number of its device, -1 of the CPU."""
    return -1 if self.device.index is None else self.device.index


def is_distributed(self: Tensor) -> bool:
    """False: no tensor is spread over processes."""
    return False


_NOT_SO = (
    "is_ipu", "is_maia", "is_meta", "is_mkldnn", "is_mps", "is_mtia", "is_nested", "is_quantized",
    "is_vulkan", "is_xla", "is_xpu",
)  # fmt: skip
METHODS: dict[str, Any] = {
    "cuda": _mover("cuda"), "cpu": cpu, "xpu": _mover("xpu"), "pin_memory": pin_memory, "is_pinned": is_pinned,
    "is_shared": is_shared, "share_memory_": share_memory_, "get_device": get_device,
    **{name: property(lambda self: False) for name in _NOT_SO},
    "is_distributed": is_distributed,
    "is_cpu": property(lambda self: self.device is CPU),
    "is_cuda": property(lambda self: self.device is not CPU),
}  # fmt: skip
