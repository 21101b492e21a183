"""Maxima of windows that begin at random places (Graham, "Fractional Max-Pooling", 2014)."""

from __future__ import annotations

from math import prod
from typing import Any

from diptych.functions import pooling
from diptych.functions.broadcasting import broadcast_together
from diptych.functions.constants import filled, filled_like, scalar
from diptych.ir import Builder, Value, dtypes

from ..calling.autocasting import full_precision
from ..random import rand
from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .operands import not_implemented, tensor
from .pooling_windows import expanded
from .sizes import repeated
from .tuples import ntuple

Sizes = tuple[int, ...]

# -- operations: what is written as equations ----


def _pooling(name: str, reversed_samples: bool) -> Operation:
    def write(b: Builder, x: Value, samples: Value, kernel: Sizes, counts: Sizes) -> tuple[Value, Value]:
        """x [..., channels, *sizes] and samples [batch, channels, axes]: maxima and their places."""
        if not x.dtype.is_float:
            raise not_implemented(name, x)
        rank = len(kernel)
        sizes = tuple(int(size) for size in x.shape[-rank:])
        lead = x.shape[:-rank]
        if 0 in (*lead, *counts):
            return filled(b, 0, (*lead, *counts), x.dtype), filled(b, 0, (*lead, *counts), dtypes.i64)
        planes = prod(int(size) for size in lead)
        width = samples.shape[-1]
        drawn = b.slice(
            b.reshape(samples, shape=(samples.shape[0] * samples.shape[1], width)),
            start=(0, 0), limit=(planes, width), stride=(1, 1),
        )  # fmt: skip
        places: list[Value] = []
        for axis in range(rank):
            column = rank - 1 - axis if reversed_samples else axis
            draw = b.slice(drawn, start=(0, column), limit=(planes, column + 1), stride=(1, 1))
            starts = _starts(b, b.reshape(draw, shape=(planes,)), sizes[axis], kernel[axis], counts[axis])
            offsets = b.iota(shape=(planes, counts[axis], kernel[axis]), axis=2, dtype=dtypes.i64)
            spread = b.add(b.broadcast(starts, shape=offsets.shape, axes=(0, 1)), offsets)
            shape = [1] * rank
            shape[axis] = counts[axis] * kernel[axis]
            places.append(b.reshape(spread, shape=(planes, *shape)))
        flat: Value | None = None  # counted row by row
        for axis in range(rank):
            size = scalar(b, sizes[axis], dtypes.i64)
            flat = places[axis] if flat is None else _counted(b, flat, size, places[axis])
        (rows, flat) = broadcast_together(
            b, b.reshape(b.iota(shape=(planes,), axis=0, dtype=dtypes.i64), shape=(planes, *[1] * rank)), flat
        )
        regrouped = b.gather(b.reshape(x, shape=(planes, prod(sizes))), rows, flat, axes=(0, 1))
        windows = pooling.tiles(range(1, rank + 1), kernel)
        found = pooling.max_pool(b, regrouped, windows), pooling.max_places(b, regrouped, windows, flat)
        return b.reshape(found[0], shape=(*lead, *counts)), b.reshape(found[1], shape=(*lead, *counts))

    write.__name__ = name
    return operation(write)


def _counted(b: Builder, flat: Value, size: Value, place: Value) -> Value:
    """flat * size + place, broadcast."""
    flat, place = broadcast_together(b, flat, place)
    return b.add(b.mul(flat, b.broadcast(size, shape=flat.shape, axes=())), place)


def _starts(b: Builder, draw: Value, size: int, kernel: int, count: int) -> Value:
    """Where `count` windows begin, i64 [planes, count]: floor((i + u) * step) - floor(u * step) for i from 0 and the
    drawn u, computed in its type, and the last one at the end."""
    shape = (*draw.shape, count)
    last = filled(b, size - kernel, shape, dtypes.i64)
    if count == 1:
        return last
    wide = b.broadcast(draw, shape=shape, axes=(0,))
    # In the tensor's own type, as PyTorch does: a quotient rounded otherwise could fall into another place.
    step = b.div(filled_like(b, size - kernel, wide), filled_like(b, count - 1, wide))
    turns = b.iota(shape=shape, axis=1, dtype=dtypes.i64)
    moved = b.mul(b.add(b.cast(turns, dtype=draw.dtype), wide), step)
    found = b.sub(b.cast(moved, dtype=dtypes.i64), b.cast(b.mul(wide, step), dtype=dtypes.i64))
    return b.select(b.eq(turns, filled_like(b, count - 1, turns)), last, found)


_fractional_max_pool2d = _pooling("fractional_max_pool2d", True)
_fractional_max_pool3d = _pooling("fractional_max_pool3d", False)

# -- functions: what users call ----


@full_precision
def fractional_max_pool2d_with_indices(
    input: Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """As `fractional_max_pool2d` with indices."""
    name = "fractional_max_pool2d"
    if output_size is None and output_ratio is None:
        raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
    if output_size is None:
        if len(output_ratio) > 2:
            raise ValueError(f"{name} requires output_ratio to either be a single Int or tuple of Ints.")
        output_size = _of_ratio(input, ntuple(2, output_ratio), 2)
    samples = _random_samples if _random_samples is not None else _drawn(input, 2)
    return _fractional(_fractional_max_pool2d, name, 2, "Ints", input, kernel_size, output_size, samples)


@full_precision
def fractional_max_pool3d_with_indices(
    input: Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """As `fractional_max_pool3d` with indices."""
    name = "fractional_max_pool3d"
    if output_size is None and output_ratio is None:
        raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
    if output_size is None:
        output_size = _of_ratio(input, ntuple(3, output_ratio), 3)
    samples = _random_samples if _random_samples is not None else _drawn(input, 3)
    return _fractional(_fractional_max_pool3d, name, 3, "three Ints", input, kernel_size, output_size, samples)


def _of_ratio(input: Tensor, ratio: tuple[float, ...], rank: int) -> list[int]:
    return [int(input.shape[axis - rank] * ratio[axis]) for axis in range(rank)]


def _drawn(input: Any, rank: int) -> Tensor:
    """Uniform numbers [batch, channels, rank]."""
    if not isinstance(input, Tensor):
        raise AttributeError(f"'{type(input).__name__}' object has no attribute 'dim'")
    batch = 1 if input.ndim == rank + 1 else input.shape[0]
    return rand(batch, input.shape[-rank - 1], rank, dtype=input.dtype, device=input.device)


def _fractional(
    op: Operation, name: str, rank: int, several: str, input: Any, kernel_size: Any, output_size: Any, samples: Tensor
) -> tuple[Tensor, Tensor]:
    x = tensor(name, "input", 1, input)
    told = name if rank == 2 else f"{name}_out"

    def given(label: str, position: int, value: Any) -> Sizes:
        message = f"{name}: {label} must either be a single Int or tuple of {several}"
        return expanded(message, repeated(name, label, value, 1, position), rank)

    kernel, counts = given("kernel_size", 2, kernel_size), given("output_size", 3, output_size)
    if x.ndim not in (rank + 1, rank + 2):
        raise RuntimeError(f"{told}(): Expected {rank + 1}D or {rank + 2}D tensor, but got: {list(x.shape)}")
    for label, axis in (("height", 0), ("width", 1)) if rank == 2 else (("time", 0), ("width", 2), ("height", 1)):
        size, needed = x.shape[axis - rank], counts[axis] + kernel[axis] - 1
        if needed > size or (needed == size and rank == 3):
            raise RuntimeError(f"{told}(): pool {label} {kernel[axis]} too large relative to input {label} {size}")
    _check_samples(x, samples, rank)
    return call(op, (x, samples), (kernel, counts))


def _check_samples(x: Tensor, samples: Tensor, rank: int) -> None:
    if samples.dtype is not x.dtype:
        raise RuntimeError("Expect _random_samples to have the same dtype as input")
    if samples.ndim != 3:
        raise RuntimeError(f"Expect _random_samples to have 3 dimensions, got {samples.ndim}")
    batch = x.shape[0] if x.ndim == rank + 2 else 1
    if samples.shape[0] < batch:
        raise RuntimeError("Expect _random_samples.size(0) no less then input batch size.")
    if samples.shape[1] != x.shape[-rank - 1]:
        raise RuntimeError("Expect _random_samples.size(1) equals to input channel size.")
    if samples.shape[2] != rank:
        raise RuntimeError(f"Expect _random_samples.size(2) equals to {rank}; got {samples.shape[2]}.")
