"""Kernels of `ir/ops/indexing.py` that numpy and jax share, and what both do to indices first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from diptych.ir import Op

KERNELS: Mapping[Op, Any] = {}


def limited(xp: Any, index: Any, low: int, high: int) -> Any:
    """`index` moved into [low, high] in its own dtype, which may be too narrow to hold the limits, then as int64."""
    info = np.iinfo(index.dtype)
    low, high = max(low, int(info.min)), min(high, int(info.max))
    kind = index.dtype.type
    return xp.minimum(xp.maximum(index, kind(low)), kind(high)).astype(np.int64)
