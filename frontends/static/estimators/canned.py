"""The ready-made estimators: linear models, deep ones, both together, and baselines."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..exports import NAMES, export
from ..feature_columns.layers import input_layer, linear_model
from ..graphs.apply import apply
from ..graphs.collections import GraphKeys, get_collection
from ..graphs.dtypes import float32
from ..graphs.scopes import control_dependencies
from ..graphs.tensor import Tensor
from ..layers.core import Dense, Dropout
from ..layers.normalization import BatchNormalization
from ..losses.reduction import Reduction
from ..operations.arrays import shape, size
from ..operations.casting import cast
from ..operations.checks import assert_equal
from ..operations.control import group
from ..operations.ranges import ones
from ..operations.reductions import reduced
from ..operations.selection import add_n
from ..operations.statistics import zero_fraction
from ..operations.summaries import histogram, scalar
from ..training.global_step import get_global_step
from ..variables.initializers import ZEROS, GlorotUniform
from ..variables.scopes import get_variable, variable_scope
from ..variables.state import assign_add
from .class_heads import class_head
from .estimator import Estimator
from .heads import Head, RegressionHead
from .modes import ModeKeys
from .optimizers import optimizer_of

_relu: Any = NAMES["nn.relu"]
_SUM = Reduction.SUM

Features = Mapping[str, Any]


def _check_features(features: Any) -> None:
    if not isinstance(features, dict):
        raise ValueError(f"features should be a dictionary of `Tensor`s. Given type: {type(features)}")


def _summarize(value: Tensor, tag: str) -> None:
    scalar(f"{tag}/fraction_of_zero_values", zero_fraction(value))
    histogram(f"{tag}/activation", value)


# -- outputs ----


def _deep(
    features: Features, mode: str, units: int, hidden_units: Sequence[int], columns: Any, activation: Any,
    dropout: float | None, batch_norm: bool,
) -> Tensor:  # fmt: skip
    """[batch, units]: layers over the input columns, in the present variable scope."""
    trains = mode == ModeKeys.TRAIN
    with variable_scope("input_from_feature_columns"):
        net = input_layer(features, columns)
    for number, count in enumerate(hidden_units):
        with variable_scope(f"hiddenlayer_{number}") as scope:
            net = Dense(count, activation, kernel_initializer=GlorotUniform(), name=scope, _scope=scope).apply(net)
            if dropout is not None and trains:
                net = Dropout(dropout).apply(net, training=True)
            if batch_norm:
                name = f"batchnorm_{number}"
                net = BatchNormalization(momentum=0.999, name=name, _scope=name).apply(net, training=trains)
            _summarize(net, scope.name)
    with variable_scope("logits") as scope:
        logits = Dense(units, None, kernel_initializer=GlorotUniform(), name=scope, _scope=scope).apply(net)
        _summarize(logits, scope.name)
    return logits


def _linear(features: Features, units: int, columns: Any, combiner: str) -> Tensor:
    """[batch, units]: weights for the columns, in the present variable scope."""
    made: dict[Any, Any] = {}
    logits = linear_model(features, columns, units, combiner, cols_to_vars=made)
    bias = made.pop("bias")[0]
    if units > 1:
        histogram("bias", bias)
    else:
        scalar("bias", bias[0])
    weights = [variable for variables in made.values() for variable in variables]
    zeros = [reduced("Sum", cast(apply("Equal", [each, 0.0]), float32), None, False, None) for each in weights]
    counts = [cast(size(each), float32) for each in weights]
    scalar("fraction_of_zero_weights", add_n(zeros) / add_n(counts))
    return logits


# -- models ----


def _deep_model(
    features: Any, labels: Any, mode: str, head: Head, hidden_units: Sequence[int], columns: Any, optimizer: Any,
    activation: Any, dropout: float | None, batch_norm: bool,
) -> Any:  # fmt: skip
    optimizer = optimizer_of(optimizer, 0.05)
    _check_features(features)
    with variable_scope("dnn", values=tuple(features.values())):
        logits = _deep(features, mode, head.logits_dimension, hidden_units, columns, activation, dropout, batch_norm)
        return head.create_estimator_spec(features, mode, logits, labels, optimizer)


def _linear_model(
    features: Any, labels: Any, mode: str, head: Head, columns: Any, optimizer: Any, combiner: str
) -> Any:
    _check_features(features)
    with variable_scope("linear", values=tuple(features.values())):
        logits = _linear(features, head.logits_dimension, columns, combiner)
        rate = 0.2 if isinstance(optimizer, str) else min(0.2, 1.0 / math.sqrt(len(columns)))
        made = optimizer_of(optimizer or "Ftrl", rate)
        return head.create_estimator_spec(features, mode, logits, labels, made)


def _combined_model(
    features: Any, labels: Any, mode: str, head: Head, linear_columns: Any, linear_optimizer: Any, deep_columns: Any,
    deep_optimizer: Any, hidden_units: Any, activation: Any, dropout: float | None, batch_norm: bool, combiner: str,
) -> Any:  # fmt: skip
    _check_features(features)
    values = tuple(features.values())
    parts: list[Tensor] = []
    trained: list[tuple[Any, str]] = []
    if deep_columns:
        optimizer = optimizer_of(deep_optimizer, 0.001)
        if not hidden_units:
            raise ValueError("dnn_hidden_units must be defined when dnn_feature_columns is specified.")
        with variable_scope("dnn", values=values) as scope:
            trained.append((optimizer, scope.name))
            units = head.logits_dimension
            parts.append(_deep(features, mode, units, hidden_units, deep_columns, activation, dropout, batch_norm))
    if linear_columns:
        optimizer = optimizer_of(linear_optimizer, min(0.005, 1.0 / math.sqrt(len(linear_columns))))
        with variable_scope("linear", values=values) as scope:
            trained.append((optimizer, scope.name))
            parts.append(_linear(features, head.logits_dimension, linear_columns, combiner))
            _summarize(parts[-1], scope.name)
    logits = parts[0] if len(parts) == 1 else parts[0] + parts[1]

    def train_op_fn(loss: Tensor) -> Any:
        made = [
            optimizer.minimize(loss, var_list=get_collection(GraphKeys.TRAINABLE_VARIABLES, scope=name))
            for optimizer, name in trained
        ]
        with control_dependencies([group(*made)]):
            return assign_add(get_global_step(), 1).op

    return head.create_estimator_spec(features, mode, logits, labels, train_op_fn=train_op_fn)


def _baseline_model(features: Any, labels: Any, mode: str, head: Head, optimizer: Any, weight_column: Any) -> Any:
    key = weight_column if weight_column is None or isinstance(weight_column, str) else weight_column.key
    counts = [shape(feature)[0] for name, feature in features.items() if name != key]
    with control_dependencies([assert_equal(counts[0], each) for each in counts[1:]]), variable_scope("baseline"):
        bias = get_variable("bias", shape=[head.logits_dimension], initializer=ZEROS)
        logits = apply("Mul", [bias, ones([counts[0], head.logits_dimension])])

    def train_op_fn(loss: Tensor) -> Any:
        return optimizer_of(optimizer, 0.3).minimize(loss, global_step=get_global_step())

    return head.create_estimator_spec(features, mode, logits, labels, train_op_fn=train_op_fn)


def _model_fn(build: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    def model_fn(features: Any, labels: Any, mode: str, config: Any) -> Any:
        return build(features=features, labels=labels, mode=mode, **options)

    return model_fn


def _columns(columns: Any) -> tuple[Any, ...]:
    return tuple(columns or [])


# -- deep ----


@export("estimator.DNNClassifier")
class DNNClassifier(Estimator):
    """Layers of `hidden_units` over the columns, then one output for each of `n_classes`. Trained by Adagrad of rate
    0.05 unless told otherwise."""

    def __init__(
        self, hidden_units: Sequence[int], feature_columns: Any, model_dir: Any = None, n_classes: int = 2,
        weight_column: Any = None, label_vocabulary: Any = None, optimizer: Any = "Adagrad",
        activation_fn: Any = _relu, dropout: float | None = None, input_layer_partitioner: Any = None,
        config: Any = None, warm_start_from: Any = None, loss_reduction: str = _SUM, batch_norm: bool = False,
    ) -> None:  # fmt: skip
        model_fn = _model_fn(
            _deep_model, head=class_head(n_classes, weight_column, label_vocabulary, loss_reduction),
            hidden_units=hidden_units, columns=_columns(feature_columns), optimizer=optimizer,
            activation=activation_fn, dropout=dropout, batch_norm=batch_norm,
        )  # fmt: skip
        super().__init__(model_fn, model_dir, config, warm_start_from=warm_start_from)


@export("estimator.DNNRegressor")
class DNNRegressor(Estimator):
    """Layers of `hidden_units` over the columns, then `label_dimension` numbers. Trained by Adagrad of rate 0.05 unless
    told otherwise."""

    def __init__(
        self, hidden_units: Sequence[int], feature_columns: Any, model_dir: Any = None, label_dimension: int = 1,
        weight_column: Any = None, optimizer: Any = "Adagrad", activation_fn: Any = _relu,
        dropout: float | None = None, input_layer_partitioner: Any = None, config: Any = None,
        warm_start_from: Any = None, loss_reduction: str = _SUM, batch_norm: bool = False,
    ) -> None:  # fmt: skip
        model_fn = _model_fn(
            _deep_model, head=RegressionHead(label_dimension, weight_column, loss_reduction),
            hidden_units=hidden_units, columns=_columns(feature_columns), optimizer=optimizer,
            activation=activation_fn, dropout=dropout, batch_norm=batch_norm,
        )  # fmt: skip
        super().__init__(model_fn, model_dir, config, warm_start_from=warm_start_from)


@export("estimator.DNNEstimator")
class DNNEstimator(Estimator):
    """Layers of `hidden_units` over the columns, then what a head asks for."""

    def __init__(
        self, head: Head, hidden_units: Sequence[int], feature_columns: Any, model_dir: Any = None,
        optimizer: Any = "Adagrad", activation_fn: Any = _relu, dropout: float | None = None,
        input_layer_partitioner: Any = None, config: Any = None, warm_start_from: Any = None,
        batch_norm: bool = False,
    ) -> None:  # fmt: skip
        model_fn = _model_fn(
            _deep_model, head=head, hidden_units=hidden_units, columns=_columns(feature_columns),
            optimizer=optimizer, activation=activation_fn, dropout=dropout, batch_norm=batch_norm,
        )  # fmt: skip
        super().__init__(model_fn, model_dir, config, warm_start_from=warm_start_from)


# -- linear ----


@export("estimator.LinearClassifier")
class LinearClassifier(Estimator):
    """Weights for the columns, one output for each of `n_classes`. Trained by Ftrl unless told otherwise."""

    def __init__(
        self, feature_columns: Any, model_dir: Any = None, n_classes: int = 2, weight_column: Any = None,
        label_vocabulary: Any = None, optimizer: Any = "Ftrl", config: Any = None, partitioner: Any = None,
        warm_start_from: Any = None, loss_reduction: str = _SUM, sparse_combiner: str = "sum",
    ) -> None:  # fmt: skip
        model_fn = _model_fn(
            _linear_model, head=class_head(n_classes, weight_column, label_vocabulary, loss_reduction),
            columns=_columns(feature_columns), optimizer=optimizer, combiner=sparse_combiner,
        )  # fmt: skip
        super().__init__(model_fn, model_dir, config, warm_start_from=warm_start_from)


@export("estimator.LinearRegressor")
class LinearRegressor(Estimator):
    """Weights for the columns, `label_dimension` numbers. Trained by Ftrl unless told otherwise."""

    def __init__(
        self, feature_columns: Any, model_dir: Any = None, label_dimension: int = 1, weight_column: Any = None,
        optimizer: Any = "Ftrl", config: Any = None, partitioner: Any = None, warm_start_from: Any = None,
        loss_reduction: str = _SUM, sparse_combiner: str = "sum",
    ) -> None:  # fmt: skip
        model_fn = _model_fn(
            _linear_model, head=RegressionHead(label_dimension, weight_column, loss_reduction),
            columns=_columns(feature_columns), optimizer=optimizer, combiner=sparse_combiner,
        )  # fmt: skip
        super().__init__(model_fn, model_dir, config, warm_start_from=warm_start_from)


@export("estimator.LinearEstimator")
class LinearEstimator(Estimator):
    """Weights for the columns, as many outputs as a head asks for."""

    def __init__(
        self, head: Head, feature_columns: Any, model_dir: Any = None, optimizer: Any = "Ftrl", config: Any = None,
        partitioner: Any = None, sparse_combiner: str = "sum", warm_start_from: Any = None,
    ) -> None:  # fmt: skip
        model_fn = _model_fn(
            _linear_model, head=head, columns=_columns(feature_columns), optimizer=optimizer,
            combiner=sparse_combiner,
        )  # fmt: skip
        super().__init__(model_fn, model_dir, config, warm_start_from=warm_start_from)


# -- both ----


def _check_columns(linear: Any, deep: Any) -> None:
    if not linear and not deep:
        raise ValueError("Either linear_feature_columns or dnn_feature_columns must be defined.")


@export("estimator.DNNLinearCombinedClassifier")
class DNNLinearCombinedClassifier(Estimator):
    """The sum of a linear and a deep model, each with columns and an optimizer of its own, for `n_classes`. Raises
    ValueError."""

    def __init__(
        self, model_dir: Any = None, linear_feature_columns: Any = None, linear_optimizer: Any = "Ftrl",
        dnn_feature_columns: Any = None, dnn_optimizer: Any = "Adagrad", dnn_hidden_units: Any = None,
        dnn_activation_fn: Any = _relu, dnn_dropout: float | None = None, n_classes: int = 2,
        weight_column: Any = None, label_vocabulary: Any = None, input_layer_partitioner: Any = None,
        config: Any = None, warm_start_from: Any = None, loss_reduction: str = _SUM, batch_norm: bool = False,
        linear_sparse_combiner: str = "sum",
    ) -> None:  # fmt: skip
        _check_columns(linear_feature_columns, dnn_feature_columns)
        model_fn = _model_fn(
            _combined_model, head=class_head(n_classes, weight_column, label_vocabulary, loss_reduction),
            linear_columns=linear_feature_columns, linear_optimizer=linear_optimizer,
            deep_columns=dnn_feature_columns, deep_optimizer=dnn_optimizer, hidden_units=dnn_hidden_units,
            activation=dnn_activation_fn, dropout=dnn_dropout, batch_norm=batch_norm, combiner=linear_sparse_combiner,
        )  # fmt: skip
        super().__init__(model_fn, model_dir, config, warm_start_from=warm_start_from)


@export("estimator.DNNLinearCombinedRegressor")
class DNNLinearCombinedRegressor(Estimator):
    """The sum of a linear and a deep model, each with columns and an optimizer of its own, for numbers. Raises
    ValueError."""

    def __init__(
        self, model_dir: Any = None, linear_feature_columns: Any = None, linear_optimizer: Any = "Ftrl",
        dnn_feature_columns: Any = None, dnn_optimizer: Any = "Adagrad", dnn_hidden_units: Any = None,
        dnn_activation_fn: Any = _relu, dnn_dropout: float | None = None, label_dimension: int = 1,
        weight_column: Any = None, input_layer_partitioner: Any = None, config: Any = None,
        warm_start_from: Any = None, loss_reduction: str = _SUM, batch_norm: bool = False,
        linear_sparse_combiner: str = "sum",
    ) -> None:  # fmt: skip
        _check_columns(linear_feature_columns, dnn_feature_columns)
        model_fn = _model_fn(
            _combined_model, head=RegressionHead(label_dimension, weight_column, loss_reduction),
            linear_columns=linear_feature_columns, linear_optimizer=linear_optimizer,
            deep_columns=dnn_feature_columns, deep_optimizer=dnn_optimizer, hidden_units=dnn_hidden_units,
            activation=dnn_activation_fn, dropout=dnn_dropout, batch_norm=batch_norm, combiner=linear_sparse_combiner,
        )  # fmt: skip
        super().__init__(model_fn, model_dir, config, warm_start_from=warm_start_from)


# -- baselines ----


@export("estimator.BaselineClassifier")
class BaselineClassifier(Estimator):
    """How often each class is there, whatever the features say."""

    def __init__(
        self, model_dir: Any = None, n_classes: int = 2, weight_column: Any = None, label_vocabulary: Any = None,
        optimizer: Any = "Ftrl", config: Any = None, loss_reduction: str = _SUM,
    ) -> None:  # fmt: skip
        head = class_head(n_classes, weight_column, label_vocabulary, loss_reduction)
        model_fn = _model_fn(_baseline_model, head=head, optimizer=optimizer, weight_column=weight_column)
        super().__init__(model_fn, model_dir, config)


@export("estimator.BaselineRegressor")
class BaselineRegressor(Estimator):
    """The mean of the labels, whatever the features say."""

    def __init__(
        self, model_dir: Any = None, label_dimension: int = 1, weight_column: Any = None, optimizer: Any = "Ftrl",
        config: Any = None, loss_reduction: str = _SUM,
    ) -> None:  # fmt: skip
        head = RegressionHead(label_dimension, weight_column, loss_reduction)
        model_fn = _model_fn(_baseline_model, head=head, optimizer=optimizer, weight_column=None)
        super().__init__(model_fn, model_dir, config)
