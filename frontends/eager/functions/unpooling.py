"""Maxima put back where they were: what undoes max pooling, but for the elements it left out."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from diptych.functions.constants import filled
from diptych.ir import Builder, Value, dtypes

from ..calling.autocasting import full_precision
from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tensors.creation import zeros
from ..tensors.tensor import Tensor
from .losses import known
from .operands import not_implemented
from .tuples import ntuple

Sizes = tuple[int, ...]


def _unpooling(rank: int) -> Operation:
    name = f"max_unpool{rank}d"

    def write(b: Builder, x: Value, indices: Value, size: Sizes) -> Value:
        """Zeros [..., *size] with each element of x [..., *windows] where its index, counted row by row, says."""
        if not x.dtype.is_float:
            raise not_implemented(name, x)
        lead = x.shape[: x.rank - len(size)]
        planes, windows = prod(int(each) for each in lead), prod(int(each) for each in x.shape[len(lead) :])
        empty = filled(b, 0, (planes, prod(size)), x.dtype)
        flat, places = (b.reshape(each, shape=(planes, windows)) for each in (x, indices))
        rows = b.iota(shape=places.shape, axis=0, dtype=dtypes.i64)
        return b.reshape(b.scatter(empty, flat, rows, places, axes=(0, 1), combine="set"), shape=(*lead, *size))

    write.__name__ = name
    return operation(write)


_UNPOOLINGS = {rank: _unpooling(rank) for rank in (1, 2, 3)}


def _output_size(
    input: Tensor, kernel: Sequence[int], stride: Sequence[int], padding: Sequence[int], given: Any
) -> Sizes:
    """The size of what is made: as if all windows had been whole, or as given. Raises ValueError."""
    rank = len(kernel)
    last = input.shape[-rank:]
    usual = [(last[axis] - 1) * stride[axis] + kernel[axis] - 2 * padding[axis] for axis in range(rank)]
    found = usual
    if given is not None:
        found = given[2:] if len(given) == rank + 2 else given
        if len(found) != rank:
            raise ValueError(
                f"output_size should be a sequence containing {rank} or {rank + 2} elements, but it has a length of "
                f"'{len(found)}'"
            )
        for axis in range(rank):
            low, high = usual[axis] - stride[axis], usual[axis] + stride[axis]
            if not low < found[axis] < high:
                raise ValueError(f'invalid output_size "{found}" (dim {axis} must be between {low} and {high})')
    for axis, size in enumerate(found):
        if size < 0:
            raise ValueError(
                "max_unpooling: output_size must contain non-negative spatial dimensions, but got "
                f"output_size[{axis}]={size}"
            )
    return tuple(int(size) for size in found)


def _check(name: str, rank: int, x: Tensor, indices: Tensor, size: Sizes) -> None:
    """`rank` is how many axes PyTorch unpools over: of one it makes two, the second 1 long."""
    extra = [1] * (rank - len(size))
    shape, places = [*x.shape, *extra], [*indices.shape, *extra]
    if indices.dtype.ir is not dtypes.i64:
        found = f" but got: {indices.dtype.scalar}" if rank == 2 else ""
        raise RuntimeError(f"elements in indices should be type int64{found}")
    if len(shape) not in (rank + 1, rank + 2):
        raise RuntimeError(
            f"Input to max_unpooling{rank}d should be a {rank + 1}d or {rank + 2}d Tensor, but got a tensor with "
            f"{len(shape)} dimensions."
        )
    if shape != places:
        raise RuntimeError(
            f"Expected shape of indices to be same as that of the input tensor ({shape}) but got indices tensor with "
            f"shape: {places}"
        )
    for axis in range(1, len(shape)):
        if not shape[axis]:
            raise RuntimeError(
                f"max_unpooling{rank}d_forward_out_cpu(): Expected input to have non-zero size for non-batch "
                f"dimensions, but got {shape} with dimension {axis} being empty."
            )
    values = known(indices)
    count = prod(size)
    if values is not None and x.dtype.is_floating_point:
        wrong = values[(values < 0) | (values >= count)]
        if wrong.size and count:
            volume = "x".join(map(str, (*size, *extra)))
            raise RuntimeError(f"Found an invalid max index: {wrong.flat[0]} (output volumes are of size {volume})")


def _unpooled(
    rank: int, input: Any, indices: Any, kernel_size: Any, stride: Any, padding: Any, output_size: Any
) -> Tensor:
    kernel = ntuple(rank, kernel_size)
    step = kernel if stride is None else ntuple(rank, stride)
    pad = ntuple(rank, padding)
    if not isinstance(input, Tensor):
        raise AttributeError(f"'{type(input).__name__}' object has no attribute 'size'")
    size = _output_size(input, kernel, step, pad, output_size)
    counted = max(rank, 2)
    name = f"max_unpool{counted}d"
    if not isinstance(indices, Tensor):
        kind = type(indices).__name__
        if rank == 1:
            raise AttributeError(f"'{kind}' object has no attribute 'unsqueeze'")
        raise TypeError(f"{name}(): argument 'indices' (position 2) must be Tensor, not {kind}")
    _check(name, counted, input, indices, size)
    if rank == 3 and min(step) <= 0:
        raise RuntimeError(f"strides should be greater than zero, but got stride: {list(step)}")
    if not input.numel() or not prod(size):
        return zeros(*input.shape[: input.ndim - len(size)], *size, dtype=input.dtype, device=input.device)
    return call(_UNPOOLINGS[rank], (input, indices), (size,))


@full_precision
def max_unpool1d(
    input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Tensor:
    """Zeros with the elements of an input [channels, windows], perhaps with a batch before, where `indices` say. They
    are as long as windows of `kernel_size` would reach, or `output_size`. Raises ValueError for a size that does not
    fit, RuntimeError for indices that do not."""
    return _unpooled(1, input, indices, kernel_size, stride, padding, output_size)


@full_precision
def max_unpool2d(
    input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Tensor:
    """As `max_unpool1d`, of an input [channels, rows, columns]; indices count row by row."""
    return _unpooled(2, input, indices, kernel_size, stride, padding, output_size)


@full_precision
def max_unpool3d(
    input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Tensor:
    """As `max_unpool1d`, of an input [channels, planes, rows, columns]; indices count plane by plane, row by row."""
    return _unpooled(3, input, indices, kernel_size, stride, padding, output_size)
