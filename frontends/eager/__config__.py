"""`torch.__config__`: how PyTorch was built; what computes here is told instead."""

from __future__ import annotations

import numpy as np

from .settings import get_num_interop_threads, get_num_threads


def show() -> str:
    """The libraries that compute, a line each."""
    return f"PyTorch built with:\n  - diptych, which runs on numpy {np.__version__}\n"


def parallel_info() -> str:
    """The numbers of threads."""
    return (
        f"ATen/Parallel:\n\tat::get_num_threads() : {get_num_threads()}\n"
        f"\tat::get_num_interop_threads() : {get_num_interop_threads()}\n"
    )
