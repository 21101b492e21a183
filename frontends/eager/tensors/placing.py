"""Methods of tensors that say where they are, or move them: all are in the memory of the CPU."""

from __future__ import annotations

from typing import Any

from ..device import check
from ..tapes.callers import renamed
from .tensor import Tensor


def _mover(kind: str) -> Any:
    def move(self: Tensor, device: Any = None, non_blocking: bool = False, memory_format: Any = None) -> Tensor:
        if device.__class__ is int:
            raise RuntimeError("Cannot access accelerator device when none is available.")
        check(kind if device is None else device)
        return self

    renamed(move, kind)
    move.__doc__ = "Raises what PyTorch raises without such a device; the tensor itself for the CPU."
    return move


def pin_memory(self: Tensor, device: Any = None) -> Tensor:
    """Raises RuntimeError, as PyTorch does without an accelerator."""
    raise RuntimeError("Cannot access accelerator device when none is available.")


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
    """-1, which stands for the CPU."""
    return -1


def is_distributed(self: Tensor) -> bool:
    """False: no tensor is spread over processes."""
    return False


_NOT_SO = (
    "is_cuda", "is_ipu", "is_maia", "is_meta", "is_mkldnn", "is_mps", "is_mtia", "is_nested", "is_quantized",
    "is_vulkan", "is_xla", "is_xpu",
)  # fmt: skip
METHODS: dict[str, Any] = {
    "cuda": _mover("cuda"), "xpu": _mover("xpu"), "pin_memory": pin_memory, "is_pinned": is_pinned,
    "is_shared": is_shared, "share_memory_": share_memory_, "get_device": get_device,
    **{name: property(lambda self: False) for name in _NOT_SO},
    "is_distributed": is_distributed,
    "is_cpu": property(lambda self: True),
}  # fmt: skip
