"""tf.metrics: means over all batches so far."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.dtypes import float32
from ..graphs.tensor import Tensor
from ..losses.broadcasting import broadcast_weights, weights_for, without_last_axis
from ..operations.arrays import size
from ..operations.casting import abs as absolute
from ..operations.casting import cast
from ..operations.division import div_no_nan
from ..operations.ranges import ones_like, zeros_like
from ..operations.reductions import reduced
from ..operations.selection import where
from ..variables.scopes import variable_scope
from ..variables.state import assign_add
from .variables import collected, metric_variable

Pair = Any  # (the value so far, the operation that counts a batch and gives the value after it)


@export("metrics.mean")
def mean(
    values: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
    name: str | None = None,
) -> Pair:  # fmt: skip
    """The weighted mean of values."""
    with variable_scope(name, "mean", [values, weights]):
        values = cast(values, float32)
        total, count = metric_variable([], name="total"), metric_variable([], name="count")
        if weights is None:
            number = cast(size(values), float32)
        else:
            factors = broadcast_weights(cast(weights_for(weights, values), float32), values)
            values = apply("Mul", [values, factors])
            number = reduced("Sum", factors, None, False, None)
        new_total = assign_add(total, reduced("Sum", values, None, False, None))
        with get_default_graph().control_dependencies([values]):
            new_count = assign_add(count, number)
        value = div_no_nan(total, apply("Maximum", [count, 0.0]), name="value")
        update = div_no_nan(new_total, apply("Maximum", [new_count, 0.0]), name="update_op")
        return collected(value, update, metrics_collections, updates_collections)


@export("metrics.mean_tensor")
def mean_tensor(
    values: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
    name: str | None = None,
) -> Pair:  # fmt: skip
    """The weighted mean of tensors of one shape, element by element."""
    with variable_scope(name, "mean", [values, weights]):
        values = cast(values, float32)
        total = metric_variable(values.shape, name="total_tensor")
        count = metric_variable(values.shape, name="count_tensor")
        number = ones_like(values)
        if weights is not None:
            factors = broadcast_weights(cast(weights_for(weights, values), float32), values)
            values = apply("Mul", [values, factors])
            number = apply("Mul", [number, factors])
        new_total = assign_add(total, values)
        with get_default_graph().control_dependencies([values]):
            new_count = assign_add(count, number)
        value = div_no_nan(total, apply("Maximum", [count, 0.0]), name="value")
        update = div_no_nan(new_total, apply("Maximum", [new_count, 0.0]), name="update_op")
        return collected(value, update, metrics_collections, updates_collections)


def matched(labels: Any, predictions: Any, weights: Any) -> tuple[Tensor, Tensor, Any]:
    """(labels, predictions, weights) of one shape. Raises ValueError."""
    labels, predictions = without_last_axis(convert_to_tensor(labels), convert_to_tensor(predictions))
    predictions.shape.assert_is_compatible_with(labels.shape)
    return labels, predictions, weights_for(weights, predictions)


@export("metrics.accuracy")
def accuracy(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> Pair:  # fmt: skip
    """The share of predictions that equal their labels."""
    labels, predictions, weights = matched(labels, predictions, weights)
    if labels.dtype != predictions.dtype:
        predictions = cast(predictions, labels.dtype.base_dtype)
    hits = cast(apply("Equal", [predictions, labels]), float32)
    return mean(hits, weights, metrics_collections, updates_collections, name or "accuracy")


@export("metrics.mean_absolute_error")
def mean_absolute_error(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> Pair:  # fmt: skip
    """The mean of |predictions - labels|."""
    labels, predictions, weights = matched(labels, predictions, weights)
    errors = absolute(apply("Sub", [predictions, labels]))
    return mean(errors, weights, metrics_collections, updates_collections, name or "mean_absolute_error")


@export("metrics.mean_squared_error")
def mean_squared_error(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> Pair:  # fmt: skip
    """The mean of (predictions - labels)**2."""
    labels, predictions, weights = matched(labels, predictions, weights)
    errors = apply("SquaredDifference", [labels, predictions])
    return mean(errors, weights, metrics_collections, updates_collections, name or "mean_squared_error")


@export("metrics.root_mean_squared_error")
def root_mean_squared_error(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> Pair:  # fmt: skip
    """The root of the mean of (predictions - labels)**2."""
    found, update = mean_squared_error(labels, predictions, weights, name=name or "root_mean_squared_error")
    value, new = apply("Sqrt", [found]), apply("Sqrt", [update])
    return collected(value, new, metrics_collections, updates_collections)


@export("metrics.mean_relative_error")
def mean_relative_error(
    labels: Any, predictions: Any, normalizer: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> Pair:  # fmt: skip
    """The mean of |labels - predictions| / normalizer, 0 where that is 0."""
    labels, predictions, weights = matched(labels, predictions, weights)
    normalizer = convert_to_tensor(normalizer, dtype=predictions.dtype.base_dtype)
    predictions.shape.assert_is_compatible_with(normalizer.shape)
    ratios = apply("RealDiv", [absolute(apply("Sub", [labels, predictions])), normalizer])
    errors = where(apply("Equal", [normalizer, zeros_like(normalizer)]), zeros_like(labels), ratios)
    return mean(errors, weights, metrics_collections, updates_collections, name or "mean_relative_error")


@export("metrics.mean_cosine_distance")
def mean_cosine_distance(
    labels: Any, predictions: Any, dim: int, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> Pair:  # fmt: skip
    """1 - the mean product of predictions and labels, which are of length 1 along `dim`."""
    labels, predictions, weights = matched(labels, predictions, weights)
    products = reduced("Sum", apply("Mul", [predictions, labels]), [dim], True, None)
    value, update = mean(products, weights, None, None, name or "mean_cosine_distance")
    return collected(apply("Sub", [1.0, value]), apply("Sub", [1.0, update]), metrics_collections, updates_collections)


@export("metrics.percentage_below")
def percentage_below(
    values: Any, threshold: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
    name: str | None = None,
) -> Pair:  # fmt: skip
    """The share of values below a threshold."""
    below = cast(apply("Less", [values, threshold]), float32)
    return mean(below, weights, metrics_collections, updates_collections, name or "percentage_below_threshold")
