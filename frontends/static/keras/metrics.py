"""tf.keras.metrics: how often predictions are right, for every example."""

from __future__ import annotations

from typing import Any

from ..exports import NAMES, export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import float32, int64
from ..graphs.tensor import Tensor
from ..operations.arrays import reshape, squeeze
from ..operations.casting import cast
from ..operations.ordering import in_top_k
from ..operations.reductions import argmax, reduced
from .losses import Loss, beside


@export("keras.metrics.binary_accuracy")
def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Tensor:
    """How many of the predictions are on the target's side of a threshold, for each example."""
    y_true, y_pred = beside(y_true, y_pred)
    hits = cast(apply("Equal", [y_true, cast(y_pred > threshold, y_pred.dtype)]), float32)
    return reduced("Mean", hits, -1, False, None)


@export("keras.metrics.categorical_accuracy")
def categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """Whether the largest prediction is of the target's class, for each example."""
    return cast(apply("Equal", [argmax(y_true, -1), argmax(y_pred, -1)]), float32)


@export("keras.metrics.sparse_categorical_accuracy")
def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """Whether the largest prediction is of the target's class, which is an integer, for each example."""
    y_true, y_pred = convert_to_tensor(y_true), convert_to_tensor(y_pred)
    if y_true.shape.ndims == y_pred.shape.ndims:
        y_true = squeeze(y_true, [-1])
    return cast(apply("Equal", [cast(y_true, int64), argmax(y_pred, -1)]), float32)


def _in_top(classes: Any, y_pred: Any, k: int) -> Tensor:
    return cast(in_top_k(y_pred, classes, k), float32)


@export("keras.metrics.top_k_categorical_accuracy")
def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """Whether the target's class is among the k largest predictions, for each example."""
    return _in_top(argmax(y_true, -1), y_pred, k)


@export("keras.metrics.sparse_top_k_categorical_accuracy")
def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """Whether the target's class, an integer, is among the k largest predictions, for each example."""
    return _in_top(cast(reshape(y_true, [-1]), int64), y_pred, k)


def accuracy_for(target_shape: Any, output_shape: Any) -> Loss:
    """The accuracy that "accuracy" means for predictions of a shape."""
    if output_shape[-1] == 1:
        return binary_accuracy
    if len(target_shape) < len(output_shape) or target_shape[-1] == 1:
        return sparse_categorical_accuracy
    return categorical_accuracy


@export("keras.metrics.get")
def get(identifier: Any) -> Loss:
    """The metric of a name, or a function itself. Raises ValueError."""
    if callable(identifier):
        return identifier
    found: Any = NAMES.get(f"keras.metrics.{identifier}")
    if found is None:
        raise ValueError(f"Unknown metric function:{identifier}")
    return found
