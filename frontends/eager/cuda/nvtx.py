"""`torch.cuda.nvtx`: marks for a profiler that is not there."""

from __future__ import annotations

from typing import Any, NoReturn

_MISSING = "NVTX functions not installed. Are you sure you have a CUDA build?"


def range_push(msg: str) -> NoReturn:
    """Raises RuntimeError: there is no CUDA."""
    raise RuntimeError(_MISSING)


def range_pop() -> NoReturn:
    """Raises RuntimeError: there is no CUDA."""
    raise RuntimeError(_MISSING)


def mark(msg: str) -> NoReturn:
    """Raises RuntimeError: there is no CUDA."""
    raise RuntimeError(_MISSING)


def range(msg: str, *arguments: Any, **options: Any) -> NoReturn:
    """Raises RuntimeError: there is no CUDA."""
    raise RuntimeError(_MISSING)
