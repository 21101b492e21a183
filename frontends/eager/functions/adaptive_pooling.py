"""Pooling that chooses its windows so that there are as many as asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.functions import pooling, reductions
from diptych.functions.constants import filled
from diptych.ir import Builder, DType, Value, dtypes

from ..calling.autocasting import full_precision
from ..dtypes import of_ir
from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .operands import not_implemented, tensor
from .pooling_windows import check_ranks_2_to_3, one_size
from .sizes import repeated

Counts = tuple[int, ...]

# -- operations: what is written as equations ----


def _last_axes(x: Value, counts: Counts) -> tuple[int, ...]:
    return tuple(range(x.rank - len(counts), x.rank))


def _nothing(b: Builder, x: Value, counts: Counts, dtype: DType | None = None) -> Value | None:
    """The result where it has no elements."""
    shape = (*x.shape[: x.rank - len(counts)], *counts)
    return filled(b, 0, shape, dtype or x.dtype) if 0 in shape else None


def _means(rank: int, called: str) -> Operation:
    def write(b: Builder, x: Value, counts: Counts) -> Value:
        nothing = _nothing(b, x, counts)
        if nothing is not None and (x.dtype.is_float or rank == 2):
            return nothing
        if not x.dtype.is_float:
            raise not_implemented(f"adaptive_avg_pool{rank}d", x)
        return pooling.adaptive_average_pool(b, x, _last_axes(x, counts), counts)

    write.__name__ = called
    return operation(write)


_adaptive_avg_pool1d = _means(2, "adaptive_avg_pool1d")
_adaptive_avg_pool2d, _adaptive_avg_pool3d = _means(2, "adaptive_avg_pool2d"), _means(3, "adaptive_avg_pool3d")


def _mean_of(called: str) -> Operation:
    def write(b: Builder, x: Value, rank: int) -> Value:
        """The mean over the last axes, which is what one window is."""
        if not x.dtype.is_differentiable:
            raise RuntimeError(
                "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
                f"Got: {of_ir(x.dtype).scalar}"
            )
        return reductions.mean(b, x, tuple(range(x.rank - rank, x.rank)), keepdims=True)

    write.__name__ = called
    return operation(write)


_mean_of_axis, _mean_of_axes = _mean_of("mean_of_axis"), _mean_of("mean_of_axes")


def _maxima(rank: int, called: str) -> Operation:
    def write(b: Builder, x: Value, counts: Counts, with_places: bool) -> Value | tuple[Value, Value]:
        if not x.dtype.is_float:
            raise not_implemented(f"adaptive_max_pool{rank}d", x)
        axes = _last_axes(x, counts)
        nothing = _nothing(b, x, counts)
        found = pooling.adaptive_max_pool(b, x, axes, counts) if nothing is None else nothing
        if not with_places:
            return found
        places = _nothing(b, x, counts, dtypes.i64)
        return found, pooling.adaptive_max_places(b, x, axes, counts) if places is None else places

    write.__name__ = called
    return operation(write)


_adaptive_max_pool1d = _maxima(2, "adaptive_max_pool1d")
_adaptive_max_pool2d, _adaptive_max_pool3d = _maxima(2, "adaptive_max_pool2d"), _maxima(3, "adaptive_max_pool3d")

# -- functions: what users call ----


def _filled_in(name: str, rank: int, output_size: Any, shape: Sequence[int], refusal: str) -> Counts:
    """How many windows there are over the last `rank` axes: None stands for an axis's size. Raises TypeError,
    ValueError and, with the text `refusal`, RuntimeError."""
    if not isinstance(output_size, (int, Tensor)) or isinstance(output_size, bool):
        if len(shape) <= len(output_size):
            raise ValueError(f"Input dimension should be at least {len(output_size) + 1}")
        last = shape[len(shape) - len(output_size) :]
        output_size = [size if given is None else given for given, size in zip(output_size, last, strict=True)]
    found = repeated(name, "output_size", output_size, 1, 2)
    if not isinstance(output_size, list):
        return found * rank
    if len(found) != rank:
        raise RuntimeError(refusal)
    return found


def _with_sizes(input: Any) -> Tensor:
    """The input, whose sizes are asked for. Raises AttributeError, as Python does."""
    if not isinstance(input, Tensor):
        raise AttributeError(f"'{type(input).__name__}' object has no attribute 'size'")
    return input


def _check_elements(name: str, shape: Sequence[int], first: int = 1) -> None:
    for place in range(first, len(shape)):
        if not shape[place]:
            raise RuntimeError(
                f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes "
                f"{list(shape)} with dimension {place} being empty"
            )


def _averaged(op: Operation, mean: Operation, rank: int, input: Tensor, counts: Counts, shape: Sequence[int]) -> Tensor:
    """The means over the last axes. `shape` is what the input counts as, for `rank` axes."""
    name = f"adaptive_avg_pool{rank}d"
    whole = (1,) * (rank - len(counts)) + counts
    if min(counts) < 0:
        told = "{" + (f"{whole[0]}, {whole[1]}" if rank == 2 else f"{whole[0]}, {whole[1]},{whole[2]}") + "}"
        raise RuntimeError(f"{name}: elements of output_size must be greater than or equal to 0 but received {told}")
    if all(count == 1 for count in whole):
        if input.ndim < rank and len(counts) == rank:
            low, high = (-input.ndim, input.ndim - 1) if input.ndim else (-1, 0)
            last = -rank if not input.ndim else -input.ndim - 1
            raise IndexError(f"Dimension out of range (expected to be in range of [{low}, {high}], but got {last})")
        return call(mean, (input,), (len(counts),))
    if len(shape) not in (rank + 1, rank + 2):
        raise RuntimeError(f"{name}(): Expected {rank + 1}D or {rank + 2}D tensor, but got {list(shape)}")
    _check_elements(name, shape, len(shape) - rank)
    return call(op, (input,), (counts,))


def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """Means of `output_size` windows that cover the last axis of an input [channels, length], perhaps with a batch
    before. Raises RuntimeError for another rank and for no elements."""
    name = "adaptive_avg_pool1d"
    x = tensor(name, "input", 1, input)
    count = one_size(name, "output_size", 2, output_size)
    check_ranks_2_to_3(name, x)
    return _averaged(
        _adaptive_avg_pool1d, _mean_of_axis, 2, x, (count,), (*x.shape[:-1], 1, x.shape[-1])
    )  # fmt: skip


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """Means of windows that cover the last two axes of an input [channels, height, width], perhaps with a batch before;
    `output_size` says how many there are, one number for both axes or one each, None for as many as elements."""
    x = _with_sizes(input)
    counts = _filled_in("adaptive_avg_pool2d", 2, output_size, x.shape, "adaptive_avg_pool2d: output_size must be 2")
    return _averaged(_adaptive_avg_pool2d, _mean_of_axes, 2, x, counts, x.shape)


@full_precision
def adaptive_avg_pool3d(input: Tensor, output_size: Any) -> Tensor:
    """As `adaptive_avg_pool2d`, over the last three axes of an input [channels, depth, height, width]."""
    x = _with_sizes(input)
    counts = _filled_in("adaptive_avg_pool3d", 3, output_size, x.shape, "adaptive_avg_pool3d: output_size must be 3")
    return _averaged(_adaptive_avg_pool3d, _mean_of_axes, 3, x, counts, x.shape)


def adaptive_maxima1d(input: Any, output_size: Any, with_places: bool) -> Any:
    """Maxima of `output_size` windows over the last axis, and their places."""
    name = "adaptive_max_pool1d"
    x = tensor(name, "input", 1, input)
    count = one_size(name, "output_size", 2, output_size)
    check_ranks_2_to_3(name, x)
    _check_elements(name, x.shape)
    if count < 0:
        shape = [*x.shape[:-1], 1, count]
        raise RuntimeError(f"Trying to create tensor with negative dimension {count}: {shape}")
    return call(_adaptive_max_pool1d, (x,), ((count,), with_places))


def _maximal(op: Operation, rank: int, input: Any, output_size: Any, with_places: bool) -> Any:
    name = f"adaptive_max_pool{rank}d"
    x = _with_sizes(input)
    counts = _filled_in(
        name, rank, output_size, x.shape, f"{name}(): internal error: output_size.size() must be {rank}"
    )
    if x.ndim not in (rank + 1, rank + 2):
        raise RuntimeError(f"{name}(): Expected {rank + 1}D or {rank + 2}D tensor, but got: {list(x.shape)}")
    _check_elements(name, x.shape)
    if min(counts) < 0:
        shape = [*x.shape[:-rank], *counts]
        wrong = next(count for count in counts if count < 0)
        raise RuntimeError(f"Trying to create tensor with negative dimension {wrong}: {shape}")
    return call(op, (x,), (counts, with_places))


def adaptive_maxima2d(input: Any, output_size: Any, with_places: bool) -> Any:
    """Maxima of windows over the last two axes, and their places, counted row by row."""
    return _maximal(_adaptive_max_pool2d, 2, input, output_size, with_places)


@full_precision
def adaptive_maxima3d(input: Any, output_size: Any, with_places: bool) -> Any:
    """Maxima of windows over the last three axes, and their places, counted plane by plane and row by row."""
    return _maximal(_adaptive_max_pool3d, 3, input, output_size, with_places)


def adaptive_max_pool1d(input: Tensor, output_size: Any) -> tuple[Tensor, Tensor]:
    """Maxima of `output_size` windows that cover the last axis of an input [channels, length], perhaps with a batch
    before, and their places along it."""
    return adaptive_maxima1d(input, output_size, True)
