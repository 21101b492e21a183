"""Spread, counts and histograms."""

from __future__ import annotations

from typing import Any

from diptych.ir import Value

from ...functions import reductions
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import INDICES, NUMBERS, as_dtype, float32, float64, int32, int64
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.site import Site
from ..graphs.tensor import Tensor
from .arrays import either, identity, size
from .casting import cast
from .checks import assert_less, assert_non_negative
from .joining import stack
from .ranges import ones_like, zeros
from .reductions import axes_of, reduced
from .scattering import scatter_nd


@operation("EuclideanNorm", "input: T, reduction_indices: Tidx -> T", defaults={"Tidx": int32}, T=NUMBERS, Tidx=INDICES)
def lower_euclidean_norm(at: Site, x: Value, indices: Value, *, keep_dims: bool = False) -> Value:
    """sqrt(sum(|x|**2))."""
    b = at.b
    squares = b.mul(b.conj(x), x) if x.dtype.is_complex else b.mul(x, x)
    total = reductions.sum(b, squares, axes_of(at, x, indices), keepdims=keep_dims)
    if not x.dtype.is_integer:
        return b.sqrt(total)
    return b.cast(b.sqrt(b.cast(total, dtype=float64.ir)), dtype=x.dtype)


@export("math.reduce_euclidean_norm")
def reduce_euclidean_norm(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The square root of the sum of squares over `axis`."""
    return reduced("EuclideanNorm", input_tensor, axis, bool(keepdims), name)


@export("math.reduce_variance")
def reduce_variance(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The mean square of the distances from the mean over `axis`."""
    with name_scope(name or "reduce_variance"):
        x = convert_to_tensor(input_tensor)
        distances = x - reduced("Mean", x, axis, True, None)
        return reduced("Mean", apply("Square", [distances]), axis, bool(keepdims), None)


@export("math.reduce_std")
def reduce_std(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The square root of the variance over `axis`."""
    with name_scope(name or "reduce_std"):
        return apply("Sqrt", [reduce_variance(input_tensor, axis, keepdims)])


def _nonzero(x: Any, axis: Any, keep: bool, dtype: Any) -> Tensor:
    x = convert_to_tensor(x, name="input")
    counted = cast(apply("NotEqual", [x, zeros([], dtype=x.dtype.base_dtype)]), int64)
    return cast(reduced("Sum", counted, axis, keep, None), dtype)


@export("count_nonzero", "math.count_nonzero")
def count_nonzero(
    input_tensor: Any = None, axis: Any = None, keepdims: bool | None = None, dtype: Any = int64,
    name: str | None = None, reduction_indices: Any = None, keep_dims: bool | None = None, input: Any = None,
) -> Tensor:  # fmt: skip
    """How many elements over `axis` are not 0."""
    keep = bool(either("keepdims", keepdims, "keep_dims", keep_dims))
    given = either("input", input, "input_tensor", input_tensor)
    with name_scope(name, "count_nonzero", [given]):
        return _nonzero(given, either("axis", axis, "reduction_indices", reduction_indices), keep, dtype)


@export("nn.zero_fraction", "math.zero_fraction")
def zero_fraction(value: Any, name: str | None = None) -> Tensor:
    """Which part of the elements is 0."""
    with name_scope(name, "zero_fraction", [value]):
        value = convert_to_tensor(value, name="value")
        whole = size(value, out_type=int64)
        nonzero = _nonzero(value, None, False, int64)
        with name_scope("counts_to_fraction"):
            fraction = cast(whole - nonzero, float32) / cast(whole, float32)
        return identity(fraction, "fraction")


@export("confusion_matrix", "math.confusion_matrix", "train.confusion_matrix")
def confusion_matrix(
    labels: Any, predictions: Any, num_classes: Any = None, dtype: Any = int32, name: str | None = None,
    weights: Any = None,
) -> Tensor:  # fmt: skip
    """How often each label (a row) was predicted as each class (a column), or the sum of the weights of these times."""
    with name_scope(name, "confusion_matrix", [predictions, labels, num_classes, weights]):
        predictions, labels = _alike(convert_to_tensor(predictions), convert_to_tensor(labels))
        predictions, labels = cast(predictions, int64), cast(labels, int64)
        checks = [
            assert_non_negative(each, message=f"`{word}` contains negative values")
            for each, word in ((labels, "labels"), (predictions, "predictions"))
        ]
        with control_dependencies(checks):
            labels, predictions = identity(labels), identity(predictions)
        if num_classes is None:
            largest = [reduced("Max", each, None, False, None) for each in (predictions, labels)]
            count = apply("Maximum", largest) + 1
        else:
            count = cast(convert_to_tensor(num_classes), int64)
            with control_dependencies([assert_less(labels, count, message="`labels` out of bound")]):
                labels = identity(labels)
            with control_dependencies([assert_less(predictions, count, message="`predictions` out of bound")]):
                predictions = identity(predictions)
        wanted = as_dtype(dtype)
        values = ones_like(predictions, dtype=wanted) if weights is None else cast(weights, wanted)
        return scatter_nd(stack([labels, predictions], axis=1), values, cast(stack([count, count]), int64))


def _alike(predictions: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Both without a last axis of size 1 that only one of them has."""
    ranks = predictions.shape.ndims, labels.shape.ndims
    if None in ranks:
        return predictions, labels
    if ranks[0] - ranks[1] == 1 and predictions.shape.as_list()[-1] in (1, None):
        return apply("Squeeze", [predictions], squeeze_dims=(-1,)), labels
    if ranks[1] - ranks[0] == 1 and labels.shape.as_list()[-1] in (1, None):
        return predictions, apply("Squeeze", [labels], squeeze_dims=(-1,))
    return predictions, labels


def _bins(values: Any, value_range: Any, nbins: Any, dtype: Any) -> Tensor:
    values = convert_to_tensor(values, name="values")
    flat = apply("Reshape", [values, [-1]])
    bounds = convert_to_tensor(value_range, dtype=values.dtype.base_dtype, name="value_range")
    count = convert_to_tensor(nbins, dtype=int32, name="nbins")
    scaled = (flat - bounds[0]) / (bounds[1] - bounds[0])
    place = apply("Floor", [cast(count, scaled.dtype) * scaled])
    last = cast(count - 1, place.dtype)
    inside = apply("Minimum", [apply("Maximum", [place, zeros([], dtype=place.dtype)]), last])
    return apply("Reshape", [cast(inside, dtype), apply("Shape", [values])])


@export("histogram_fixed_width_bins")
def histogram_fixed_width_bins(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = int32, name: str | None = None
) -> Tensor:
    """The number of the bin that each value falls into, of `nbins` equal ones from value_range[0] to value_range[1]."""
    with name_scope(name, "histogram_fixed_width_bins", [values, value_range, nbins]):
        return _bins(values, value_range, nbins, as_dtype(dtype))


@export("histogram_fixed_width")
def histogram_fixed_width(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = int32, name: str | None = None
) -> Tensor:
    """How many values fall into each of `nbins` equal bins; what is outside of them is in the first or the last."""
    with name_scope(name, "histogram_fixed_width", [values, value_range, nbins]) as scope:
        places = _bins(values, value_range, nbins, int32)
        return apply("UnsortedSegmentSum", [ones_like(places, dtype=as_dtype(dtype)), places, nbins], name=scope)
