"""`torch.cuda.nccl`: processes on several graphics processors, none of which is here."""

from __future__ import annotations

from typing import Any, NoReturn


def is_available(tensors: Any) -> bool:
    """False."""
    return False


def version() -> NoReturn:
    """Raises AttributeError, as PyTorch does without CUDA."""
    raise AttributeError("module 'torch._C' has no attribute '_nccl_version'")
