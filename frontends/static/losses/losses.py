"""tf.losses: how far predictions are from labels."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.collections import GraphKeys
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import float32
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import either, rank, shape, stop_gradient
from ..operations.casting import abs as absolute
from ..operations.casting import cast
from ..operations.cross_entropy import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_v2,
    sparse_softmax_cross_entropy_with_logits,
)
from ..operations.division import div_no_nan
from ..operations.ranges import ones_like, zeros_like
from ..operations.ranges import range as range_of
from ..operations.reductions import reduced
from ..operations.selection import where
from .broadcasting import check_broadcastable, weights_for, without_last_axis
from .reduction import Reduction, add_loss, compute_weighted_loss, count_present

_BY_WEIGHTS = Reduction.SUM_BY_NONZERO_WEIGHTS
_KEY = GraphKeys.LOSSES


def _given(**operands: Any) -> None:
    """Raises ValueError for an operand that is None."""
    for name, value in operands.items():
        if value is None:
            raise ValueError(f"{name} must not be None.")


def _floats(predictions: Any, labels: Any) -> tuple[Tensor, Tensor]:
    """(predictions, labels) as f32. Raises ValueError where their shapes differ."""
    predictions, labels = cast(predictions, float32), cast(labels, float32)
    predictions.shape.assert_is_compatible_with(labels.shape)
    return predictions, labels


@export("losses.absolute_difference")
def absolute_difference(
    labels: Any, predictions: Any, weights: Any = 1.0, scope: Any = None, loss_collection: Any = _KEY,
    reduction: str = _BY_WEIGHTS,
) -> Tensor:  # fmt: skip
    """|predictions - labels|."""
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "absolute_difference", [predictions, labels, weights]) as scope:
        predictions, labels = _floats(predictions, labels)
        losses = absolute(apply("Sub", [predictions, labels]))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


@export("losses.mean_squared_error")
def mean_squared_error(
    labels: Any, predictions: Any, weights: Any = 1.0, scope: Any = None, loss_collection: Any = _KEY,
    reduction: str = _BY_WEIGHTS,
) -> Tensor:  # fmt: skip
    """(predictions - labels)**2."""
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "mean_squared_error", [predictions, labels, weights]) as scope:
        predictions, labels = _floats(predictions, labels)
        losses = apply("SquaredDifference", [predictions, labels])
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


@export("losses.cosine_distance")
def cosine_distance(
    labels: Any, predictions: Any, axis: Any = None, weights: Any = 1.0, scope: Any = None,
    loss_collection: Any = _KEY, reduction: str = _BY_WEIGHTS, dim: Any = None,
) -> Tensor:  # fmt: skip
    """1 - the product of predictions and labels, which are of length 1 along `axis`."""
    axis = either("axis", axis, "dim", dim)
    if axis is None:
        raise ValueError("You must specify 'axis'.")
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "cosine_distance_loss", [predictions, labels, weights]) as scope:
        predictions, labels = _floats(predictions, labels)
        losses = 1 - reduced("Sum", apply("Mul", [predictions, labels]), [axis], True, None)
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


@export("losses.hinge_loss")
def hinge_loss(
    labels: Any, logits: Any, weights: Any = 1.0, scope: Any = None, loss_collection: Any = _KEY,
    reduction: str = _BY_WEIGHTS,
) -> Tensor:  # fmt: skip
    """max(0, 1 - y * logits), where y is -1 for a label 0, and 1 for 1."""
    _given(labels=labels, logits=logits)
    with name_scope(scope, "hinge_loss", [logits, labels, weights]) as scope:
        logits, labels = _floats(logits, labels)
        ones = ones_like(labels)
        signs = apply("Sub", [2 * labels, ones])
        losses = apply("Relu", [apply("Sub", [ones, apply("Mul", [signs, logits])])])
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


@export("losses.huber_loss")
def huber_loss(
    labels: Any, predictions: Any, weights: Any = 1.0, delta: Any = 1.0, scope: Any = None,
    loss_collection: Any = _KEY, reduction: str = _BY_WEIGHTS,
) -> Tensor:  # fmt: skip
    """Half the squared error up to `delta` away, linear beyond."""
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "huber_loss", [predictions, labels, weights]) as scope:
        predictions, labels = _floats(predictions, labels)
        distance = absolute(apply("Sub", [predictions, labels]))
        near = apply("Minimum", [distance, delta])
        beyond = apply("Sub", [distance, near])
        half = apply("Mul", [convert_to_tensor(0.5, dtype=near.dtype), apply("Mul", [near, near])])
        losses = apply("AddV2", [half, apply("Mul", [delta, beyond])])
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


@export("losses.log_loss")
def log_loss(
    labels: Any, predictions: Any, weights: Any = 1.0, epsilon: float = 1e-7, scope: Any = None,
    loss_collection: Any = _KEY, reduction: str = _BY_WEIGHTS,
) -> Tensor:  # fmt: skip
    """-labels * log(predictions) - (1 - labels) * log(1 - predictions), epsilon added to what logarithms are of."""
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "log_loss", [predictions, labels, weights]) as scope:
        predictions, labels = _floats(predictions, labels)
        ones = apply("Mul", [labels, apply("Log", [predictions + epsilon])])
        zeros = apply("Mul", [1 - labels, apply("Log", [1 - predictions + epsilon])])
        return compute_weighted_loss(-ones - zeros, weights, scope, loss_collection, reduction)


@export("losses.mean_pairwise_squared_error")
def mean_pairwise_squared_error(
    labels: Any, predictions: Any, weights: Any = 1.0, scope: Any = None, loss_collection: Any = _KEY
) -> Tensor:
    """The mean squared difference between the errors of all pairs of elements of an example."""
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "mean_pairwise_squared_error", [predictions, labels, weights]) as scope:
        weights = cast(weights, float32)
        labels = cast(labels, float32)
        check_broadcastable(weights, labels)
        predictions, labels = _floats(predictions, labels)
        apart = apply("Sub", [predictions, labels])
        axes = range_of(1, rank(apart))
        count = count_present(apart, weights, per_batch=True)
        squares = reduced("Sum", apply("Square", [apart]), axes, True, None)
        first = 2.0 * div_no_nan(squares, apply("Maximum", [count - 1, 0.0]), name="value")
        total = reduced("Sum", apart, axes, True, None)
        pairs = apply("Maximum", [apply("Mul", [count, count - 1]), 0.0])
        second = 2.0 * div_no_nan(apply("Square", [total]), pairs, name="value")
        loss = reduced("Sum", apply("Mul", [first - second, weights]), None, False, None)
        is_any = reduced("Sum", count, None, False, None) > 0
        mean = where(is_any, loss, zeros_like(loss), name="value")
        add_loss(mean, loss_collection)
        return mean


@export("losses.sigmoid_cross_entropy")
def sigmoid_cross_entropy(
    multi_class_labels: Any, logits: Any, weights: Any = 1.0, label_smoothing: Any = 0, scope: Any = None,
    loss_collection: Any = _KEY, reduction: str = _BY_WEIGHTS,
) -> Tensor:  # fmt: skip
    """Cross entropy of logits and labels, which are moved towards 1/2 by `label_smoothing`."""
    _given(multi_class_labels=multi_class_labels, logits=logits)
    with name_scope(scope, "sigmoid_cross_entropy_loss", [logits, multi_class_labels, weights]) as scope:
        logits = convert_to_tensor(logits)
        labels = cast(multi_class_labels, logits.dtype.base_dtype)
        logits.shape.assert_is_compatible_with(labels.shape)
        if label_smoothing > 0:
            labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


@export("losses.softmax_cross_entropy")
def softmax_cross_entropy(
    onehot_labels: Any, logits: Any, weights: Any = 1.0, label_smoothing: Any = 0, scope: Any = None,
    loss_collection: Any = _KEY, reduction: str = _BY_WEIGHTS,
) -> Tensor:  # fmt: skip
    """Cross entropy of logits and probabilities [batch, classes], which are moved towards equal ones by
    `label_smoothing`."""
    _given(onehot_labels=onehot_labels, logits=logits)
    with name_scope(scope, "softmax_cross_entropy_loss", [logits, onehot_labels, weights]) as scope:
        logits = convert_to_tensor(logits)
        labels = cast(onehot_labels, logits.dtype.base_dtype)
        logits.shape.assert_is_compatible_with(labels.shape)
        if label_smoothing > 0:
            classes = cast(shape(labels)[-1], logits.dtype.base_dtype)
            labels = labels * (1.0 - label_smoothing) + label_smoothing / classes
        labels = stop_gradient(labels, name="labels_stop_gradient")
        losses = softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


@export("losses.sparse_softmax_cross_entropy")
def sparse_softmax_cross_entropy(
    labels: Any, logits: Any, weights: Any = 1.0, scope: Any = None, loss_collection: Any = _KEY,
    reduction: str = _BY_WEIGHTS,
) -> Tensor:  # fmt: skip
    """Cross entropy of logits [batch, classes] and labels that are numbers of classes."""
    _given(labels=labels, logits=logits)
    with name_scope(scope, "sparse_softmax_cross_entropy_loss", [logits, labels, weights]) as scope:
        labels, logits = without_last_axis(convert_to_tensor(labels), convert_to_tensor(logits), 1)
        weights = weights if isinstance(weights, int | float) else weights_for(weights, labels)
        losses = sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)
