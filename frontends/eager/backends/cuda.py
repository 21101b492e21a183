"""`torch.backends.cuda`: its settings are kept, and change nothing, but for the precision of products."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..settings import get_float32_matmul_precision, set_float32_matmul_precision


class _Products:
    """`matmul`: how products are computed. `allow_tf32` is the precision of float32 by another name."""

    def __init__(self) -> None:
        self.allow_fp16_reduced_precision_reduction = True
        self.allow_bf16_reduced_precision_reduction = True
        self.allow_fp16_accumulation = False
        self.fp32_precision = "none"

    @property
    def allow_tf32(self) -> bool:
        return get_float32_matmul_precision() != "highest"

    @allow_tf32.setter
    def allow_tf32(self, allowed: bool) -> None:
        set_float32_matmul_precision("high" if allowed else "highest")


matmul = _Products()

_ways = {"flash": True, "mem_efficient": True, "math": True, "cudnn": True}


def is_built() -> bool:
    """False."""
    return False


def flash_sdp_enabled() -> bool:
    """Whether attention may use this way of computing it; here there is one way."""
    return _ways["flash"]


def mem_efficient_sdp_enabled() -> bool:
    """Whether attention may use this way of computing it; here there is one way."""
    return _ways["mem_efficient"]


def math_sdp_enabled() -> bool:
    """Whether attention may use this way of computing it; here there is one way."""
    return _ways["math"]


def cudnn_sdp_enabled() -> bool:
    """Whether attention may use this way of computing it; here there is one way."""
    return _ways["cudnn"]


def enable_flash_sdp(enabled: bool) -> None:
    """Sets what `flash_sdp_enabled` tells."""
    _ways["flash"] = bool(enabled)


def enable_mem_efficient_sdp(enabled: bool) -> None:
    """Sets what `mem_efficient_sdp_enabled` tells."""
    _ways["mem_efficient"] = bool(enabled)


def enable_math_sdp(enabled: bool) -> None:
    """Sets what `math_sdp_enabled` tells."""
    _ways["math"] = bool(enabled)


def enable_cudnn_sdp(enabled: bool) -> None:
    """Sets what `cudnn_sdp_enabled` tells."""
    _ways["cudnn"] = bool(enabled)


@contextmanager
def sdp_kernel(
    enable_flash: bool = True, enable_math: bool = True, enable_mem_efficient: bool = True, enable_cudnn: bool = True
) -> Iterator[None]:
    """The ways in which attention may be computed within a block; the result is the same."""
    before = dict(_ways)
    _ways.update(flash=enable_flash, mem_efficient=enable_mem_efficient, math=enable_math, cudnn=enable_cudnn)
    try:
        yield
    finally:
        _ways.update(before)
