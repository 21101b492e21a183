"""Finding elements: in sorted sequences, in bins, among others, and which are distinct."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.functions import sorting
from diptych.ir import Builder, Value, dtypes

from .. import dtypes as dtype_module
from ..promotion import promoted
from ..tapes.batches import check_shape_known
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.creation import zeros
from ..tensors.data import from_array
from ..tensors.data import tensor as make
from ..tensors.tensor import Tensor
from .axes import counted
from .named_results import named
from .operands import NUMBERS, Scalar, tensors

histogram_result = named("histogram", "hist bin_edges")
histogramdd_result = named("histogramdd", "hist bin_edges")


@operation
def _insertion(b: Builder, sequence: Value, values: Value, right: bool, narrow: bool) -> Value:
    sequence, values = promoted(b, sequence, values, default=None)
    if not values.rank:
        line = b.reshape(values, shape=(1,))
        found = b.reshape(sorting.insertion_places(b, sequence, line, right=right), shape=())
    elif sequence.rank == 1 and values.rank > 1:
        flat = b.reshape(values, shape=(int(np.prod(values.type.static_shape())),))
        found = b.reshape(sorting.insertion_places(b, sequence, flat, right=right), shape=values.shape)
    else:
        found = sorting.insertion_places(b, sequence, values, right=right)
    return b.cast(found, dtype=dtypes.i32) if narrow else found


def searchsorted(
    sorted_sequence: Tensor,
    input: Tensor | Scalar,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
) -> Tensor:
    """Where elements would be put into sorted rows: before equal ones, or with `right` (or side "right") behind them.
    Raises RuntimeError for shapes that do not fit."""
    (sequence,) = tensors("searchsorted", sorted_sequence=sorted_sequence)
    values = make(input, dtype=sequence.dtype) if input.__class__ in NUMBERS else input
    if side is not None and side not in ("left", "right"):
        raise RuntimeError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    if right and side == "left":
        raise RuntimeError(
            "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True"
        )
    if sequence.ndim != 1 and tuple(sequence.shape[:-1]) != tuple(values.shape[:-1]):
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries "
            f"tensor and input value tensor must match, but we got boundaries tensor {list(sequence.shape)} and input "
            f"value tensor {list(values.shape)}"
        )
    if sorter is not None:
        from .gathering import gather

        sequence = gather(sequence, -1, sorter)
    return call(_insertion, (sequence.detach(), values.detach()), (right or side == "right", bool(out_int32)))


def bucketize(input: Tensor | Scalar, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """The number of the bucket, between sorted boundaries, in which each element lies."""
    (limits,) = tensors("bucketize", boundaries=boundaries)
    if limits.ndim != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({limits.ndim})")
    values = make(input) if input.__class__ in NUMBERS else input
    return call(_insertion, (limits.detach(), values.detach()), (bool(right), bool(out_int32)))


# -- counts, whose number depends on the data: read now ----


def _array(x: Tensor) -> np.ndarray:
    return np.asarray(x.detach()._array())


def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """How many elements lie in each of `bins` equal parts from min to max, or of all there is where both are 0. Raises
    NotImplementedError for other dtypes than floats."""
    (x,) = tensors("histc", input=input)
    if not x.dtype.is_floating_point:
        kernel = "aminmax" if x.dtype.is_complex else "linspace" if x.dtype.ir.is_bool else "histogram"
        raise NotImplementedError(f"\"{kernel}_cpu\" not implemented for '{x.dtype.scalar}'")
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")
    array = _array(x).ravel()
    low, high = _range("torch.histc", array, min, max)
    places = _bins(array, bins, low, high)
    return from_array(np.bincount(places, minlength=bins).astype(x.dtype.ir.numpy), x.device)


def _range(name: str, array: np.ndarray, low: float, high: float, *, margin: float = 1) -> tuple[float, float]:
    if low == high and array.size:
        low, high = float(array.min()), float(array.max())
    if low == high:
        low, high = low - margin, high + margin
    if not (np.isfinite(low) and np.isfinite(high)):
        raise RuntimeError(f"{name}: range of [{low:g}, {high:g}] is not finite")
    if low > high:
        raise RuntimeError(f"{name}: max must be larger than min")
    return low, high


def _bins(array: np.ndarray, bins: int, low: float, high: float) -> np.ndarray:
    inside = array[(array >= low) & (array <= high)]
    wide = inside.astype(array.dtype if array.dtype.kind == "f" else np.float64)
    places = ((wide - low) / (high - low) * bins).astype(np.int64)
    return np.minimum(places, bins - 1)


def histogram(
    input: Tensor,
    bins: int | Tensor,
    *,
    range: Sequence[float] | None = None,
    weight: Tensor | None = None,
    density: bool = False,
) -> Any:
    """(counts or sums of weights, edges) of bins: a number of equal ones, or a vector of edges."""
    (x,) = tensors("histogram", input=input)
    found, edges = _histogram(x.reshape(-1, 1), [bins], range, weight, density)
    return histogram_result(found, edges[0])


def histogramdd(
    input: Tensor,
    bins: Any,
    *,
    range: Sequence[float] | None = None,
    weight: Tensor | None = None,
    density: bool = False,
) -> Any:
    """(counts or sums of weights, edges of each axis) of points [..., n] in bins along n axes."""
    (x,) = tensors("histogramdd", input=input)
    if x.ndim < 2:
        raise RuntimeError("torch.histogramdd: input tensor should have at least 2 dimensions")
    axes = x.shape[-1]
    given = [bins] * axes if isinstance(bins, int) else list(bins)
    if len(given) != axes:
        raise RuntimeError("torch.histogramdd: the size of bins must be equal to the innermost dimension of the input")
    points = x.reshape(-1, axes)
    found, edges = _histogram(points, given, range, weight, density)
    return histogramdd_result(found, edges)


def _histogram(
    x: Tensor, bins: Sequence[Any], limits: Sequence[float] | None, weight: Tensor | None, density: bool
) -> tuple[Tensor, tuple[Tensor, ...]]:
    points = _array(x)
    edges: list[np.ndarray] = []
    for axis, each in enumerate(bins):
        if isinstance(each, Tensor):
            edges.append(_array(each))
            continue
        own = (0, 0) if limits is None else limits[2 * axis : 2 * axis + 2]
        low, high = _range("torch.histogramdd", points[:, axis], *own, margin=0.5)
        edges.append(np.linspace(low, high, each + 1).astype(points.dtype))
    weights = np.ones(len(points)) if weight is None else _array(weight).ravel().astype(np.float64)
    shape = tuple(len(each) - 1 for each in edges)
    places: list[np.ndarray] = []
    inside = np.ones(len(points), bool)
    for axis, each in enumerate(edges):
        place = np.searchsorted(each, points[:, axis], side="right") - 1
        place = np.where(points[:, axis] == each[-1], len(each) - 2, place)
        inside &= (place >= 0) & (place < len(each) - 1)
        places.append(place)
    found = np.zeros(shape)
    np.add.at(found, tuple(place[inside] for place in places), weights[inside])
    if density:
        volume = np.ones(shape)
        for axis, each in enumerate(edges):
            volume = volume * np.diff(each).reshape([-1 if other == axis else 1 for other in np.arange(len(edges))])
        found = found / (found.sum() * volume)
    made = [from_array(np.array(each), x.device) for each in (found.astype(points.dtype), *edges)]
    return made[0], tuple(made[1:])


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each number from 0 on stands in a vector, or the sum of its weights: as many as there are up to the
    largest, or `minlength`. Raises RuntimeError for what is no vector of natural numbers."""
    (x,) = tensors("bincount", input=input)
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if x.dtype.ir.is_differentiable or x.dtype.ir.is_bool:
        raise NotImplementedError(f"\"bincount_cpu\" not implemented for '{x.dtype.scalar}'")
    array = _array(x)
    if array.ndim == 1 and not array.size:
        return zeros(minlength, dtype=dtype_module.int64, device=x.device)
    if array.ndim != 1 or (array < 0).any():
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if weights is None:
        return from_array(np.bincount(array, minlength=minlength).astype(np.int64), x.device)
    if tuple(weights.shape) != tuple(x.shape):
        raise RuntimeError("weights should be 1-d and have the same length as input")
    sums = np.bincount(array, _array(weights), minlength)
    found = sums.astype(np.float32 if weights.dtype is dtype_module.float32 else np.float64)
    return from_array(found, x.device)


def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Whether each element is among the test elements. Raises RuntimeError where both are numbers."""
    if not isinstance(elements, Tensor) and not isinstance(test_elements, Tensor):
        raise TypeError("isin() received an invalid combination of arguments - got two numbers")
    x = elements if isinstance(elements, Tensor) else make(elements)
    others = test_elements if isinstance(test_elements, Tensor) else make(test_elements)
    return call(_isin, (x.detach(), others.detach()), (bool(invert),))


@operation
def _isin(b: Builder, x: Value, others: Value, invert: bool) -> Value:
    from diptych.functions.constants import filled

    x, others = promoted(b, x, others, default=None)
    if x.dtype.is_bool:
        x, others = (b.cast(each, dtype=dtypes.u8) for each in (x, others))
    count = int(np.prod(others.type.static_shape()))
    if not count:
        return filled(b, invert, x.shape, dtypes.bool_)
    ordered = sorting.sort(b, b.reshape(others, shape=(count,)), 0)[0]
    flat = b.reshape(x, shape=(int(np.prod(x.type.static_shape())),))
    place = sorting.insertion_places(b, ordered, flat, right=False)
    found = b.eq(b.gather(ordered, place, axes=(0,), bounds="clip"), flat)
    found = b.reshape(found, shape=x.shape)
    return b.bitwise_not(found) if invert else found


# -- distinct elements: read now ----


def unique(
    input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False,
    dim: int | None = None,
) -> Any:  # fmt: skip
    """The distinct elements, or slices along `dim`, in order; with `return_inverse` the number of each element's own
    among them, with `return_counts` how many there are of each."""
    (x,) = tensors("unique", input=input)
    check_shape_known(x, "_unique2" if dim is None else "unique_dim")
    array = _array(x)
    if dim is not None:
        axis = counted(dim, x.ndim)
        if not array.shape[axis] or not array.size:
            if array.shape[axis]:
                raise RuntimeError(
                    "There are 0 sized dimensions, and they aren't selected, so unique cannot be applied"
                )
            nothing = np.zeros(0, np.int64)
            return _unique_result(x, np.array(array), nothing, nothing, return_inverse, return_counts)
        found, inverse, counts = np.unique(array, return_inverse=True, return_counts=True, axis=axis, equal_nan=False)
        return _unique_result(x, found, inverse.reshape(-1), counts, return_inverse, return_counts)
    found, inverse, counts = np.unique(array, return_inverse=True, return_counts=True, equal_nan=False)
    return _unique_result(x, found, inverse.reshape(array.shape), counts, return_inverse, return_counts)


def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """As `unique`, but elements are the same only where they follow one another."""
    (x,) = tensors("unique_consecutive", input=input)
    check_shape_known(x, "unique_consecutive")
    array = _array(x)
    rows = array.reshape(-1) if dim is None else np.moveaxis(array, counted(dim, x.ndim), 0)
    starts = np.ones(len(rows), bool)
    if len(rows) > 1:
        differ = rows[1:] != rows[:-1]
        starts[1:] = differ.reshape(len(rows) - 1, -1).any(axis=1)
    numbers = np.cumsum(starts) - 1
    counts = np.bincount(numbers, minlength=int(starts.sum())) if len(rows) else np.zeros(0)
    found = rows[starts]
    if dim is not None:
        found = np.moveaxis(found, 0, counted(dim, x.ndim))
    inverse = numbers.reshape(array.shape) if dim is None else numbers
    return _unique_result(x, found, inverse, counts, return_inverse, return_counts)


def _unique_result(
    x: Tensor, found: np.ndarray, inverse: np.ndarray, counts: np.ndarray, with_inverse: bool, with_counts: bool
) -> Any:
    results = [from_array(np.ascontiguousarray(found).reshape(found.shape), x.device)]
    if with_inverse:
        results.append(from_array(inverse.astype(np.int64), x.device))
    if with_counts:
        results.append(from_array(counts.astype(np.int64), x.device))
    return results[0] if len(results) == 1 else tuple(results)
