"""Kernels of `ir/ops/shape.py` of numpy's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.ir import ops


def pad(
    xp: Any, x: np.ndarray, value: Any, *, low: tuple[int, ...], high: tuple[int, ...], interior: tuple[int, ...]
) -> np.ndarray:
    """A block of `value`, and the elements of x that stay written over it. x itself where nothing is padded."""
    if not (any(low) or any(high) or any(interior)):
        return x
    shape: list[int] = []
    sources: list[slice] = []
    targets: list[slice] = []
    for size, before, after, between in zip(x.shape, low, high, interior, strict=True):
        step = between + 1
        length = max(0, (size - 1) * step + 1) + before + after
        # Element i goes to before + i * step: the first and the end of those that land in [0, length).
        first = max(0, -(before // step))
        end = max(first, min(size, (length - 1 - before) // step + 1))
        start = before + first * step
        shape.append(length)
        sources.append(slice(first, end))
        targets.append(slice(start, start + max(0, (end - first - 1) * step + 1), step))
    result = np.empty(shape, x.dtype)
    result[...] = value
    if all(target.start < target.stop for target in targets):
        result[tuple(targets)] = x[tuple(sources)]
    return result


OVERRIDES = {
    ops.pad: pad,
}
