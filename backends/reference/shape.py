"""Kernels of `ir/ops/shape.py` of numpy's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.ir import ops


def pad(
    xp: Any, x: np.ndarray, value: Any, *, low: tuple[int, ...], high: tuple[int, ...], interior: tuple[int, ...]
) -> np.ndarray:
    """A block of `value`, and the elements of x that stay written over it. x itself where nothing is padded."""
    if not (any(low) or any(high) or any(interior)):
        return x
    result = np.empty([_padded(*axis) for axis in zip(x.shape, low, high, interior, strict=True)], x.dtype)
    result[...] = value
    targets, sources = pad_places(x.shape, low, high, interior)
    result[targets] = x[sources]
    return result


def pad_places(
    sizes: Sequence[int], low: Sequence[int], high: Sequence[int], interior: Sequence[int]
) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Where in the result of a padding the elements go, and which of them stay."""
    targets: list[slice] = []
    sources: list[slice] = []
    for size, before, after, between in zip(sizes, low, high, interior, strict=True):
        step = between + 1
        # Element i goes to before + i * step: the first and the end of those that land in [0, length).
        first = max(0, -(before // step))
        end = max(first, min(size, (_padded(size, before, after, between) - 1 - before) // step + 1))
        start = before + first * step
        targets.append(slice(start, start + max(0, (end - first - 1) * step + 1), step))
        sources.append(slice(first, end))
    return tuple(targets), tuple(sources)


def _padded(size: int, before: int, after: int, between: int) -> int:
    return max(0, (size - 1) * (between + 1) + 1) + before + after


OVERRIDES = {
    ops.pad: pad,
}
