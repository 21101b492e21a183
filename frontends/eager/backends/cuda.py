"""`torch.backends.cuda`: its settings are kept, and change nothing: there is no CUDA."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

matmul = SimpleNamespace(
    allow_tf32=False,
    allow_fp16_reduced_precision_reduction=True,
    allow_bf16_reduced_precision_reduction=True,
    allow_fp16_accumulation=False,
    fp32_precision="none",
)

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
