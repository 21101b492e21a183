"""What the ready-made estimators make of a model's outputs: losses, predictions and metrics; of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..feature_columns.columns import Transformations
from ..feature_columns.dense import NumericColumn, numeric_column
from ..graphs.apply import apply
from ..graphs.collections import GraphKeys, get_collection
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import float32
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.tensor import Tensor
from ..losses.broadcasting import broadcast_weights
from ..losses.losses import mean_squared_error
from ..losses.reduction import Reduction, compute_weighted_loss
from ..metrics.means import mean
from ..operations.arrays import expand_dims, identity, shape
from ..operations.casting import cast
from ..operations.checks import assert_equal, assert_rank_at_least
from ..operations.control import group
from ..operations.joining import concat
from ..operations.ranges import ones_like
from ..operations.reductions import reduced
from ..operations.sparse_tensors import SparseTensor
from ..operations.summaries import scalar
from ..training.global_step import get_global_step
from .export_outputs import PredictOutput, RegressionOutput
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


def with_weights(values: Any, weights: Any) -> Any:
    return None if isinstance(weights, float) else broadcast_weights(weights, values)


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
            "prediction/mean": mean(found, weights=with_weights(found, loss.weights), name="prediction/mean"),
            "label/mean": mean(loss.labels, weights=loss.weights),
        }
