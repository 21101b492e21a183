"""Heads of classifiers: two classes by one output, more by one each."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graphs.apply import apply
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.dtypes import float32, string
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.tensor import Tensor
from ..lookups.vocabularies import index_table_from_tensor
from ..metrics.counts import auc, precision, recall
from ..metrics.means import accuracy, mean
from ..operations.arrays import expand_dims, identity, shape
from ..operations.casting import cast
from ..operations.checks import assert_greater_equal, assert_less
from ..operations.cross_entropy import sigmoid_cross_entropy_with_logits, sparse_softmax_cross_entropy_with_logits
from ..operations.gathering import gather
from ..operations.joining import concat, tile
from ..operations.neural import softmax
from ..operations.ranges import zeros_like
from ..operations.reductions import argmax
from ..operations.strings import as_string
from .export_outputs import ClassificationOutput, PredictOutput, RegressionOutput
from .heads import DEFAULT, Head, Loss, with_weights


def _tiled(items: Any, like: Tensor) -> Tensor:
    """[batch, items]: the same items for each example."""
    return tile(expand_dims(items, 0), [shape(like)[0], 1])


class _ClassHead(Head):
    def __init__(
        self, n_classes: int, weight_column: Any, label_vocabulary: Any, loss_reduction: str, name: str | None = None
    ) -> None:
        if label_vocabulary is not None and not isinstance(label_vocabulary, list | tuple):
            raise ValueError(f"label_vocabulary should be a list or a tuple. Given type: {type(label_vocabulary)}")
        super().__init__(weight_column, loss_reduction, name)
        self._n_classes = n_classes
        self._vocabulary = label_vocabulary

    def _names(self) -> Tensor:
        """The names of all classes."""
        if self._vocabulary:
            return constant(np.array(self._vocabulary, object), dtype=string)
        return as_string(constant(np.arange(self._n_classes, dtype=np.int32)))

    def _classes(self, logits: Tensor, two_sided: Tensor, probabilities: Tensor) -> dict[str, Tensor]:
        ids = expand_dims(argmax(two_sided, -1, name="class_ids"), -1)
        classes = gather(self._names(), ids) if self._vocabulary else as_string(ids, name="str_classes")
        return {
            "probabilities": probabilities, "class_ids": ids, "classes": classes,
            "all_class_ids": _tiled(constant(np.arange(self._n_classes, dtype=np.int32)), logits),
            "all_classes": _tiled(self._names(), logits),
        }  # fmt: skip

    def _ids(self, labels: Tensor) -> Tensor:
        """The labels as integers. Raises ValueError where they are none, or not in the vocabulary's type."""
        if self._vocabulary is None:
            return labels
        if labels.dtype.base_dtype is not string:
            raise ValueError(f"Labels dtype should be string if there is a vocabulary. Instead got {labels.dtype}")
        return index_table_from_tensor(list(self._vocabulary), name="class_id_lookup").lookup(labels)

    def export_outputs(self, predictions: dict[str, Tensor]) -> dict[str, Any]:
        classes = _tiled(self._names(), predictions["probabilities"])
        found = ClassificationOutput(scores=predictions["probabilities"], classes=classes)
        outputs: dict[str, Any] = {DEFAULT: found, "classification": found}
        if "logistic" in predictions:
            outputs["regression"] = RegressionOutput(predictions["logistic"])
        return {**outputs, "predict": PredictOutput(predictions)}


def _in_range(labels: Tensor, count: int) -> Tensor:
    with name_scope(None, "assert_range", [labels]):
        most = assert_less(labels, convert_to_tensor(count, dtype=labels.dtype), message="Labels must <= n_classes - 1")
        least = assert_greater_equal(labels, zeros_like(labels), message="Labels must >= 0")
        with control_dependencies([most, least]):
            return identity(labels)


class MultiClassHead(_ClassHead):
    """More than two classes: one output for each, by softmax cross entropy."""

    @property
    def logits_dimension(self) -> int:
        return self._n_classes

    def predictions(self, logits: Tensor) -> dict[str, Tensor]:
        probabilities = softmax(logits, name="probabilities")
        return {"logits": logits, **self._classes(logits, logits, probabilities)}

    def unweighted(self, labels: Tensor, logits: Tensor) -> tuple[Tensor, Tensor]:
        if self._vocabulary is None and not labels.dtype.is_integer:
            raise ValueError(f"Labels dtype should be integer. Instead got {labels.dtype}.")
        ids = _in_range(self._ids(labels), self._n_classes)
        flat = apply("Squeeze", [ids], squeeze_dims=(-1,))
        losses = sparse_softmax_cross_entropy_with_logits(labels=flat, logits=logits)
        return expand_dims(losses, -1), ids

    def metrics(self, loss: Loss, predictions: dict[str, Tensor]) -> dict[str, Any]:
        weights = loss.weights
        return {
            "average_loss": mean(loss.unreduced, weights=weights, name="average_loss"),
            "accuracy": accuracy(loss.labels, predictions["class_ids"], weights=weights, name="accuracy"),
        }


class BinaryHead(_ClassHead):
    """Two classes: one output, by sigmoid cross entropy."""

    logits_dimension = 1

    def predictions(self, logits: Tensor) -> dict[str, Tensor]:
        logistic = apply("Sigmoid", [logits], name="logistic")
        two_sided = concat([zeros_like(logits), logits], -1, name="two_class_logits")
        probabilities = softmax(two_sided, name="probabilities")
        return {"logits": logits, "logistic": logistic, **self._classes(logits, two_sided, probabilities)}

    def unweighted(self, labels: Tensor, logits: Tensor) -> tuple[Tensor, Tensor]:
        found = _in_range(cast(self._ids(labels), float32), 2)
        return sigmoid_cross_entropy_with_logits(labels=found, logits=logits), found

    def metrics(self, loss: Loss, predictions: dict[str, Tensor]) -> dict[str, Any]:
        labels, weights, classes = loss.labels, loss.weights, predictions["class_ids"]
        logistic = predictions["logistic"]
        label_mean = mean(labels, weights=with_weights(labels, weights), name="label/mean")
        spread = with_weights(logistic, weights)
        return {
            "average_loss": mean(loss.unreduced, weights=weights, name="average_loss"),
            "accuracy": accuracy(labels, classes, weights=weights, name="accuracy"),
            "precision": precision(labels, classes, weights=weights, name="precision"),
            "recall": recall(labels, classes, weights=weights, name="recall"),
            "prediction/mean": mean(logistic, weights=spread, name="prediction/mean"),
            "label/mean": label_mean,
            "accuracy_baseline": _baseline(label_mean),
            "auc": auc(labels, logistic, weights=spread, name="auc"),
            "auc_precision_recall": auc(labels, logistic, weights=spread, curve="PR", name="auc_precision_recall"),
        }


def _baseline(label_mean: Any) -> tuple[Tensor, Tensor]:
    """How often the more frequent class is there."""
    with name_scope(None, "accuracy_baseline", list(label_mean)):
        value, update = label_mean
        return apply("Maximum", [value, 1.0 - value], name="value"), apply(
            "Maximum", [update, 1.0 - update], name="update_op"
        )


def class_head(n_classes: Any, weight_column: Any, label_vocabulary: Any, loss_reduction: str) -> Head:
    """The head for so many classes. Raises ValueError for less than two."""
    if n_classes == 2:
        return BinaryHead(2, weight_column, label_vocabulary, loss_reduction)
    if n_classes is None or n_classes < 2:
        raise ValueError(f"n_classes must be > 2: {n_classes}.")
    return MultiClassHead(n_classes, weight_column, label_vocabulary, loss_reduction)
