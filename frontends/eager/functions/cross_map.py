"""Normalisation by the squares of neighbouring channels (Krizhevsky et al., 2012), as PyTorch took it over from
Torch 7."""

from __future__ import annotations

import numpy as np
from diptych.functions import arithmetic
from diptych.functions.constants import filled_like
from diptych.functions.resizing import mixed
from diptych.ir import Builder, Value

from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor


def _summed(channels: int, size: int) -> np.ndarray:
    """[channel, channel]: how often each counts in the sum of each. The first channel, once in, stays in."""
    reach = int((size - 1) / 2 + 1)
    found = np.zeros((channels, channels))
    found[0, :reach] = 1
    for channel in range(1, channels):
        found[channel] = found[channel - 1]
        if channel < channels - reach + 1:
            found[channel, channel + reach - 1] += 1
        if channel > reach:
            found[channel, channel - reach] -= 1
    return found


def _returned(channels: int, size: int) -> np.ndarray:
    """The same of the way back, whose windows PyTorch has one channel earlier."""
    first = int(size - (size - 1) / 2)
    channel, other = np.arange(channels)[:, None], np.arange(channels)[None, :]
    return ((other >= channel - first) & (other <= channel + size - 1 - first)).astype(float)


@operation
def _cross_map_lrn2d(b: Builder, x: Value, size: int, alpha: float, beta: float, k: float) -> Value:
    channels = x.type.static_shape()[1]
    squares = b.mul(x, x)
    kind = x.dtype.numpy
    total = b.graft(
        mixed(b, squares, _summed(channels, size).astype(kind), 1),
        mixed(b, squares, _returned(channels, size).T.astype(kind), 1),
    )
    scale = arithmetic.shifted(b, arithmetic.scaled(b, total, alpha / size), k)
    return b.mul(x, b.pow(scale, filled_like(b, -beta, scale)))


def cross_map_lrn2d(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> Tensor:
    """input [N, C, H, W] / (k + alpha / size * sum of squares)**beta. Raises ValueError for other ranks."""
    if input.ndim != 4:
        raise ValueError(f"CrossMapLRN2d: Expected input to be 4D, got {input.ndim}D instead.")
    return call(_cross_map_lrn2d, (input,), (int(size), float(alpha), float(beta), float(k)))
