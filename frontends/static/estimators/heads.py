"""What the ready-made estimators make of a model's outputs: losses, predictions and metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..exports import NAMES
from ..feature_columns.columns import Transformations
from ..feature_columns.dense import NumericColumn, numeric_column
from ..feature_columns.lookups import places
from ..graphs.apply import apply
from ..graphs.collections import GraphKeys, get_collection
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.dtypes import float32, string
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.tensor import Tensor
from ..losses.broadcasting import broadcast_weights
from ..losses.losses import mean_squared_error
from ..losses.reduction import Reduction, compute_weighted_loss
from ..metrics.counts import auc, precision, recall
from ..metrics.means import accuracy, mean
from ..operations.arrays import expand_dims, identity, shape
from ..operations.casting import cast
from ..operations.checks import assert_equal, assert_greater_equal, assert_less, assert_rank_at_least
from ..operations.control import group
from ..operations.cross_entropy import sigmoid_cross_entropy_with_logits, sparse_softmax_cross_entropy_with_logits
from ..operations.gathering import gather
from ..operations.joining import concat, tile
from ..operations.neural import softmax
from ..operations.ranges import ones_like, zeros_like
from ..operations.reductions import argmax, reduced
from ..operations.sparse_tensors import SparseTensor
from ..operations.strings import as_string
from ..operations.summaries import scalar
from ..training.global_step import get_global_step
from ..training.optimizer import Optimizer
from .export_outputs import ClassificationOutput, PredictOutput, RegressionOutput
from .modes import ModeKeys
from .spec import EstimatorSpec

DEFAULT = "serving_default"


class Loss(NamedTuple):
    """The loss to train by, and what it is made of."""

    training: Tensor
    unreduced: Tensor
    weights: Any
    labels: Tensor


class Head:
    """The end of a model. Subclasses say how many outputs there must be, what they mean, and how wrong they are."""

    logits_dimension: int

    def __init__(self, weight_column: Any, loss_reduction: str, name: str | None = None) -> None:
        if loss_reduction not in Reduction.all() or loss_reduction == Reduction.NONE:
            raise ValueError(f"Invalid loss_reduction: {loss_reduction}")
        self._weight_column = weight_column
        self._reduction = loss_reduction
        self.name = name

    def predictions(self, logits: Tensor) -> dict[str, Tensor]:
        """The predictions by name."""
        raise NotImplementedError

    def export_outputs(self, predictions: dict[str, Tensor]) -> dict[str, Any]:
        """The ways to ask the model."""
        raise NotImplementedError

    def unweighted(self, labels: Tensor, logits: Tensor) -> tuple[Tensor, Tensor]:
        """(losses [batch, ...], the labels as they are compared)."""
        raise NotImplementedError

    def metrics(self, loss: Loss, predictions: dict[str, Tensor]) -> dict[str, Any]:
        """The metrics by name."""
        raise NotImplementedError

    def create_loss(self, features: Mapping[str, Any], mode: str, logits: Any, labels: Any) -> Loss:
        """How wrong the outputs are. Raises ValueError for labels of another shape or type."""
        logits = convert_to_tensor(logits)
        unreduced, seen = self.unweighted(self._checked(labels, logits), logits)
        weights = self._weights(features, logits)
        return Loss(compute_weighted_loss(unreduced, weights, reduction=self._reduction), unreduced, weights, seen)

    def create_estimator_spec(
        self, features: Mapping[str, Any], mode: str, logits: Any, labels: Any = None, optimizer: Any = None,
        train_op_fn: Callable[[Tensor], Any] | None = None, regularization_losses: Any = None,
    ) -> EstimatorSpec:  # fmt: skip
        """The EstimatorSpec for a mode. Raises ValueError."""
        with name_scope(self.name, "head"):
            logits = _checked_logits(logits, self.logits_dimension)
            with name_scope(None, "predictions", [logits]):
                predictions = self.predictions(logits)
            if mode == ModeKeys.PREDICT:
                return EstimatorSpec(mode, predictions, export_outputs=self.export_outputs(predictions))
            loss = self.create_loss(features, mode, logits, labels)
            extra = apply("AddN", [list(regularization_losses)]) if regularization_losses else None
            total = loss.training if extra is None else apply("AddN", [[loss.training, extra]])
            if mode == ModeKeys.EVAL:
                with name_scope(None, "metrics", [loss.unreduced]):
                    found = self.metrics(loss, predictions)
                    if extra is not None:
                        found["regularization_loss"] = mean(extra, name="regularization_loss")
                return EstimatorSpec(mode, predictions, total, eval_metric_ops=self._named(found))
            train_op = _train_op(total, optimizer, train_op_fn)
            average = None
            if self._reduction == Reduction.SUM:
                count = reduced("Sum", loss.weights * ones_like(loss.unreduced), None, False, None)
                average = loss.training / count
        with name_scope(""):
            scalar(self._key("loss"), total)
            if average is not None:
                scalar(self._key("average_loss"), average)
            if extra is not None:
                scalar(self._key("regularization_loss"), extra)
        return EstimatorSpec(mode, predictions, total, train_op)

    def _key(self, name: str) -> str:
        return f"{name}/{self.name}" if self.name else name

    def _named(self, metrics: dict[str, Any]) -> dict[str, Any]:
        return {self._key(name): metric for name, metric in metrics.items()}

    def _label_dimension(self) -> int:
        return 1

    def _checked(self, labels: Any, logits: Tensor) -> Tensor:
        """The labels [batch, ..., dimension]. Raises ValueError."""
        count = self._label_dimension()
        if labels is None:
            raise ValueError(
                "You must provide a labels Tensor. Given: None. Suggested troubleshooting steps: Check that your data "
                "contain your label feature. Check that your input_fn properly parses and returns labels."
            )
        with name_scope(None, "labels", [logits]) as scope:
            if isinstance(labels, SparseTensor):
                raise ValueError(
                    "SparseTensor labels are not supported. labels must be a Tensor of shape [D0, D1, ..., DN, "
                    f"{count}], e.g. [batch_size, {count}]. Suggested Fix (1): Check the label feature in your data. "
                    f"Each example must contain {count} value(s). If not, your choice of label was probably "
                    "incorrect. Suggested Fix (2): In your input_fn, use tf.sparse_tensor_to_dense() to turn labels "
                    "into a Tensor."
                )
            labels = convert_to_tensor(labels)
            if None not in (labels.shape.ndims, logits.shape.ndims) and labels.shape.ndims == logits.shape.ndims - 1:
                labels = expand_dims(labels, -1)
            message = (
                f"labels shape must be [D0, D1, ... DN, {count}]. Suggested Fix: check your n_classes argument to the "
                "estimator and/or the shape of your label."
            )
            with control_dependencies([assert_rank_at_least(labels, 2, message=message)]):
                found = labels.shape[-1].value if labels.shape.ndims else None
                if found not in (None, count):
                    raise ValueError(
                        f"Mismatched label shape. Expected labels dimension={count}.  Received {found}. Suggested Fix:"
                        "If your classifier expects one-hot encoding label,check your n_classes argument to the "
                        "estimator and/or the shape of your label. Otherwise, check the shape of your label."
                    )
                wanted = concat([shape(logits)[:-1], [count]], 0)
                check = assert_equal(
                    wanted, shape(labels), message=message,
                    data=["expected_labels_shape: ", wanted, "labels_shape: ", shape(labels)],
                )  # fmt: skip
                with control_dependencies([check]):
                    return identity(labels, name=scope)

    def _weights(self, features: Mapping[str, Any], logits: Tensor) -> Any:
        """How much each example counts: 1.0, or the column of weights [batch, 1]. Raises TypeError."""
        column = self._weight_column
        if column is None:
            return 1.0
        if isinstance(column, str):
            column = numeric_column(column, shape=(1,))
        if not isinstance(column, NumericColumn):
            raise TypeError(f"Weight column must be either a string or _NumericColumn. Given type: {type(column)}.")
        weights = cast(column.dense_tensor(Transformations(features), None), float32, name="weights")
        if None not in (weights.shape.ndims, logits.shape.ndims) and weights.shape.ndims == logits.shape.ndims - 1:
            return expand_dims(weights, -1)
        return weights


def _checked_logits(logits: Any, count: int) -> Tensor:
    with name_scope(None, "logits", [logits]):
        logits = cast(logits, float32)
        check = assert_rank_at_least(
            logits, 2, message="logits shape must be [D0, D1, ... DN, logits_dimension]", data=[shape(logits)]
        )
        with control_dependencies([check]):
            found = logits.shape[-1].value if logits.shape.ndims else None
            if found not in (None, count):
                raise ValueError(f"logits shape must be [D0, D1, ... DN, logits_dimension], got {logits.shape}.")
            return logits if found is not None else identity(logits)


def _train_op(loss: Tensor, optimizer: Any, train_op_fn: Any) -> Any:
    """The operation that trains, with the graph's updates."""
    if optimizer is not None and train_op_fn is not None:
        raise ValueError("train_op_fn and optimizer cannot both be set.")
    if optimizer is not None:
        made = optimizer.minimize(loss, global_step=get_global_step())
    elif train_op_fn is not None:
        made = train_op_fn(loss)
    else:
        raise ValueError("train_op_fn and optimizer cannot both be None.")
    updates = get_collection(GraphKeys.UPDATE_OPS)
    return group(made, *updates) if updates else made


def _with_weights(values: Any, weights: Any) -> Any:
    return None if isinstance(weights, float) else broadcast_weights(weights, values)


def _tiled(items: Any, like: Tensor) -> Tensor:
    """[batch, items]: the same items for each example."""
    return tile(expand_dims(items, 0), [shape(like)[0], 1])


# -- classes ----


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
            raise ValueError(f"Labels dtype should be string if there is a vocabulary. Instead got {labels.dtype!r}")
        keys = [each.encode() if isinstance(each, str) else each for each in self._vocabulary]
        return places(labels, keys, string, -1, 0, "class_id_lookup")

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
            raise ValueError(f"Labels dtype should be integer. Instead got {labels.dtype!r}.")
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
        label_mean = mean(labels, weights=_with_weights(labels, weights), name="label/mean")
        spread = _with_weights(logistic, weights)
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


# -- numbers ----


class RegressionHead(Head):
    """Numbers: as many outputs, by squared error."""

    def __init__(self, label_dimension: int, weight_column: Any, loss_reduction: str, name: str | None = None) -> None:
        if label_dimension < 1:
            raise ValueError(f"Invalid label_dimension {label_dimension}.")
        super().__init__(weight_column, loss_reduction, name)
        self.logits_dimension = label_dimension

    def _label_dimension(self) -> int:
        return self.logits_dimension

    def predictions(self, logits: Tensor) -> dict[str, Tensor]:
        return {"predictions": logits}

    def export_outputs(self, predictions: dict[str, Tensor]) -> dict[str, Any]:
        found = RegressionOutput(predictions["predictions"])
        return {DEFAULT: found, "regression": found, "predict": PredictOutput(predictions)}

    def unweighted(self, labels: Tensor, logits: Tensor) -> tuple[Tensor, Tensor]:
        labels = cast(labels, float32)
        return mean_squared_error(labels, logits, reduction=Reduction.NONE), labels

    def metrics(self, loss: Loss, predictions: dict[str, Tensor]) -> dict[str, Any]:
        found = predictions["predictions"]
        return {
            "average_loss": mean(loss.unreduced, weights=loss.weights),
            "prediction/mean": mean(found, weights=_with_weights(found, loss.weights), name="prediction/mean"),
            "label/mean": mean(loss.labels, weights=loss.weights),
        }


# -- optimizers ----

_OPTIMIZERS = {
    "Adagrad": "AdagradOptimizer", "Adam": "AdamOptimizer", "Ftrl": "FtrlOptimizer", "RMSProp": "RMSPropOptimizer",
    "SGD": "GradientDescentOptimizer",
}  # fmt: skip


def optimizer_of(given: Any, learning_rate: float) -> Any:
    """An optimizer, or the one of a name, or what a function makes. Raises ValueError for others."""
    if isinstance(given, str):
        if given not in _OPTIMIZERS:
            raise ValueError(f"Unsupported optimizer name: {given}. Supported names are: {tuple(sorted(_OPTIMIZERS))}")
        kind: Any = NAMES[f"train.{_OPTIMIZERS[given]}"]
        return kind(learning_rate=learning_rate)
    if callable(given):
        given = given()
    if not isinstance(given, Optimizer):
        raise ValueError(f"The given object is not an Optimizer instance. Given: {given}")
    return given
