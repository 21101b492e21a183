"""tf.keras.losses and tf.keras.metrics: how far predictions are from targets, for every example."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..exports import NAMES, export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import float32, int64
from ..graphs.tensor import Tensor
from ..operations.arrays import reshape, squeeze
from ..operations.casting import abs as absolute
from ..operations.casting import cast
from ..operations.clipping import l2_normalize
from ..operations.cross_entropy import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_v2,
    sparse_softmax_cross_entropy_with_logits,
)
from ..operations.reductions import argmax, reduced
from ..operations.selection import clip_by_value
from . import settings

Loss = Callable[[Any, Any], Tensor]


def _mean(x: Any) -> Tensor:
    return reduced("Mean", x, -1, False, None)


def _pair(y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    y_pred = convert_to_tensor(y_pred)
    return cast(y_true, y_pred.dtype), y_pred


def _declare(names: tuple[str, ...], compute: Loss, means: str) -> Loss:
    """A loss under its names, for losses and metrics alike."""

    def loss(y_true: Any, y_pred: Any) -> Tensor:
        return compute(*_pair(y_true, y_pred))

    loss.__name__ = loss.__qualname__ = names[0]
    loss.__doc__ = means
    for name in names:
        export(f"keras.losses.{name}", f"keras.metrics.{name}")(loss)
    return loss


def _inside(y_pred: Tensor) -> Tensor:
    edge = settings.epsilon()
    return clip_by_value(y_pred, edge, 1.0 - edge)


def _log(x: Any) -> Tensor:
    return apply("Log", [x])


_declare(("mean_squared_error", "mse", "MSE"), lambda t, p: _mean(apply("SquaredDifference", [p, t])),
         "The mean of the squared differences.")  # fmt: skip
_declare(("mean_absolute_error", "mae", "MAE"), lambda t, p: _mean(absolute(p - t)), "The mean of the differences.")
_declare(
    ("mean_absolute_percentage_error", "mape", "MAPE"),
    lambda t, p: 100.0 * _mean(absolute((t - p) / apply("Maximum", [absolute(t), settings.epsilon()]))),
    "The mean of the differences in parts of a hundred of the target.",
)
_declare(
    ("mean_squared_logarithmic_error", "msle", "MSLE"),
    lambda t, p: _mean(
        apply("SquaredDifference", [_log(apply("Maximum", [each, settings.epsilon()]) + 1.0) for each in (p, t)])
    ),
    "The mean of the squared differences of logarithms.",
)
_declare(
    ("hinge",), lambda t, p: _mean(apply("Maximum", [1.0 - _signs(t) * p, 0.0])), "max(1 - target * prediction, 0)"
)
_declare(
    ("squared_hinge",), lambda t, p: _mean(apply("Square", [apply("Maximum", [1.0 - _signs(t) * p, 0.0])])),
    "The square of the hinge loss.",
)  # fmt: skip
_declare(
    ("kullback_leibler_divergence", "kld", "KLD"),
    lambda t, p: reduced("Sum", _kept(t) * _log(_kept(t) / _kept(p)), -1, False, None),
    "The divergence of the prediction from the target (Kullback and Leibler, 1951).",
)
_declare(
    ("poisson",), lambda t, p: _mean(p - t * _log(p + settings.epsilon())), "prediction - target * log(prediction)"
)
_declare(("logcosh",), lambda t, p: _mean(_logcosh(p - t)), "The logarithm of the hyperbolic cosine of differences.")
_declare(
    ("cosine_similarity", "cosine", "cosine_proximity"),
    lambda t, p: -reduced("Sum", l2_normalize(t, axis=-1) * l2_normalize(p, axis=-1), -1, False, None),
    "The negative cosine of the angle.",
)


def _kept(x: Tensor) -> Tensor:
    return clip_by_value(x, settings.epsilon(), 1.0)


def _logcosh(x: Tensor) -> Tensor:
    return x + apply("Softplus", [-2.0 * x]) - _log(convert_to_tensor(2.0, dtype=x.dtype))


def _signs(t: Tensor) -> Tensor:
    """Targets of 0 and 1 as -1 and 1."""
    is_binary = reduced(
        "All", apply("LogicalOr", [apply("Equal", [t, 0.0]), apply("Equal", [t, 1.0])]), None, False, None
    )
    chosen: Any = NAMES["cond"]
    return chosen(is_binary, lambda: 2.0 * t - 1.0, lambda: t + 0.0)


def _logits(y_pred: Tensor, type: str) -> Tensor | None:
    """What a softmax or sigmoid was made of, which is more exact; None where it was not made by one."""
    return y_pred.op.inputs[0] if y_pred.op.type == type else None


@export("keras.losses.categorical_crossentropy", "keras.metrics.categorical_crossentropy")
def categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0) -> Tensor:
    """-sum(target * log(prediction)), of probabilities or of logits."""
    y_true, y_pred = _pair(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / y_pred.shape[-1].value
    logits = y_pred if from_logits else _logits(y_pred, "Softmax")
    if logits is not None:
        return softmax_cross_entropy_with_logits_v2(labels=y_true, logits=logits)
    shares = y_pred / reduced("Sum", y_pred, -1, True, None)
    return -reduced("Sum", y_true * _log(_inside(shares)), -1, False, None)


@export("keras.losses.sparse_categorical_crossentropy", "keras.metrics.sparse_categorical_crossentropy")
def sparse_categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, axis: int = -1) -> Tensor:
    """-log(prediction of the target's class), of probabilities or of logits; targets are integers."""
    y_pred, y_true = convert_to_tensor(y_pred), cast(y_true, int64)
    logits = y_pred if from_logits else _logits(y_pred, "Softmax")
    if logits is None:
        logits = _log(_inside(y_pred))
    if y_true.shape.ndims == logits.shape.ndims:
        y_true = squeeze(y_true, [-1])
    elif y_true.shape.ndims != logits.shape.ndims - 1:
        y_true = reshape(y_true, [-1])
    return sparse_softmax_cross_entropy_with_logits(labels=y_true, logits=logits)


@export("keras.losses.binary_crossentropy", "keras.metrics.binary_crossentropy")
def binary_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0) -> Tensor:
    """The mean of -target * log(prediction) - (1 - target) * log(1 - prediction)."""
    y_true, y_pred = _pair(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    logits = y_pred if from_logits else _logits(y_pred, "Sigmoid")
    if logits is not None:
        return _mean(sigmoid_cross_entropy_with_logits(labels=y_true, logits=logits))
    inside, edge = _inside(y_pred), settings.epsilon()
    found = y_true * _log(inside + edge) + (1.0 - y_true) * _log(1.0 - inside + edge)
    return _mean(-found)


def get(identifier: Any, what: str = "loss") -> Loss:
    """The loss of a name, or a function itself. Raises ValueError."""
    if callable(identifier):
        return identifier
    found: Any = NAMES.get(f"keras.losses.{identifier}")
    if found is None:
        raise ValueError(f"Unknown {what} function:{identifier}")
    return found


export("keras.losses.get")(get)

# -- classes ----


class LossFunction:
    """A loss with a way to make one number of it."""

    def __init__(self, compute: Loss, name: str, **options: Any) -> None:
        self.compute = compute
        self.name = name
        self.options = options

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """The mean over all examples, weighed."""
        losses = self.compute(y_true, y_pred, **self.options)
        return weighted_mean(losses, sample_weight)


def weighted_mean(losses: Tensor, weights: Any) -> Tensor:
    """The mean of the losses, each times its weight."""
    if weights is not None:
        factors = cast(weights, losses.dtype)
        if factors.shape.ndims == (losses.shape.ndims or 0) + 1:
            factors = squeeze(factors, [-1])
        losses = losses * factors
    return reduced("Mean", losses, None, False, None)


def _declare_class(title: str, name: str) -> None:
    compute: Any = NAMES[f"keras.losses.{name}"]

    def __init__(self: Any, *arguments: Any, reduction: str = "auto", name: str = name, **options: Any) -> None:
        known = ("from_logits", "label_smoothing")
        LossFunction.__init__(self, compute, name, **dict(zip(known, arguments, strict=False)), **options)

    made: Any = type(title, (LossFunction,), {"__init__": __init__, "__doc__": compute.__doc__})
    export(f"keras.losses.{title}")(made)


for _title, _name in {
    "MeanSquaredError": "mean_squared_error", "MeanAbsoluteError": "mean_absolute_error",
    "MeanAbsolutePercentageError": "mean_absolute_percentage_error",
    "MeanSquaredLogarithmicError": "mean_squared_logarithmic_error", "Hinge": "hinge",
    "SquaredHinge": "squared_hinge", "KLDivergence": "kullback_leibler_divergence", "Poisson": "poisson",
    "LogCosh": "logcosh", "CosineSimilarity": "cosine_similarity",
    "CategoricalCrossentropy": "categorical_crossentropy",
    "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy", "BinaryCrossentropy": "binary_crossentropy",
}.items():  # fmt: skip
    _declare_class(_title, _name)

# -- metrics ----


@export("keras.metrics.binary_accuracy")
def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Tensor:
    """How many of the predictions are on the target's side of a threshold, for each example."""
    y_true, y_pred = _pair(y_true, y_pred)
    return _mean(cast(apply("Equal", [y_true, cast(y_pred > threshold, y_pred.dtype)]), float32))


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
    within: Any = NAMES["nn.in_top_k"]
    return cast(within(y_pred, classes, k), float32)


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


def metric(identifier: Any) -> Loss:
    """The metric of a name, or a function itself. Raises ValueError."""
    if callable(identifier):
        return identifier
    found: Any = NAMES.get(f"keras.metrics.{identifier}")
    if found is None:
        raise ValueError(f"Unknown metric function:{identifier}")
    return found


export("keras.metrics.get")(metric)
