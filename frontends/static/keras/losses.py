"""tf.keras.losses: how far predictions are from targets, for every example."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..exports import NAMES, export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import int64
from ..graphs.tensor import Tensor
from ..operations.arrays import reshape, squeeze
from ..operations.casting import abs as absolute
from ..operations.casting import cast
from ..operations.clipping import l2_normalize
from ..operations.conditions import cond
from ..operations.cross_entropy import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_v2,
    sparse_softmax_cross_entropy_with_logits,
)
from ..operations.reductions import reduced
from ..operations.selection import clip_by_value
from . import settings

Loss = Callable[..., Tensor]


def _loss(*more: str) -> Callable[[Loss], Loss]:
    """Exports a loss under its name and others, for losses and metrics alike."""

    def declare(compute: Loss) -> Loss:
        for name in (compute.__name__, *more):
            export(f"keras.losses.{name}", f"keras.metrics.{name}")(compute)
        return compute

    return declare


def beside(y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Targets and predictions as tensors of the predictions' type."""
    y_pred = convert_to_tensor(y_pred)
    return cast(y_true, y_pred.dtype), y_pred


def _mean(x: Any) -> Tensor:
    return reduced("Mean", x, -1, False, None)


def _log(x: Any) -> Tensor:
    return apply("Log", [x])


def _at_least(x: Any, least: float) -> Tensor:
    return apply("Maximum", [x, least])


@_loss("mse", "MSE")
def mean_squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of the squared differences."""
    y_true, y_pred = beside(y_true, y_pred)
    return _mean(apply("SquaredDifference", [y_pred, y_true]))


@_loss("mae", "MAE")
def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of the absolute differences."""
    y_true, y_pred = beside(y_true, y_pred)
    return _mean(absolute(y_pred - y_true))


@_loss("mape", "MAPE")
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of the absolute differences in parts of a hundred of the target."""
    y_true, y_pred = beside(y_true, y_pred)
    return 100.0 * _mean(absolute((y_true - y_pred) / _at_least(absolute(y_true), settings.epsilon())))


@_loss("msle", "MSLE")
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of the squared differences of logarithms of 1 + what is positive."""
    y_true, y_pred = beside(y_true, y_pred)
    logarithms = [_log(_at_least(each, settings.epsilon()) + 1.0) for each in (y_pred, y_true)]
    return _mean(apply("SquaredDifference", logarithms))


@_loss()
def hinge(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of max(1 - target * prediction, 0); targets are -1 and 1, or 0 and 1."""
    y_true, y_pred = beside(y_true, y_pred)
    return _mean(_at_least(1.0 - _signs(y_true) * y_pred, 0.0))


@_loss()
def squared_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of the squares of max(1 - target * prediction, 0)."""
    y_true, y_pred = beside(y_true, y_pred)
    return _mean(apply("Square", [_at_least(1.0 - _signs(y_true) * y_pred, 0.0)]))


def _signs(y_true: Tensor) -> Tensor:
    """Targets of 0 and 1 as -1 and 1."""
    either = apply("LogicalOr", [apply("Equal", [y_true, 0.0]), apply("Equal", [y_true, 1.0])])
    return cond(reduced("All", either, None, False, None), lambda: 2.0 * y_true - 1.0, lambda: y_true + 0.0)


@_loss("kld", "KLD")
def kullback_leibler_divergence(y_true: Any, y_pred: Any) -> Tensor:
    """The divergence of the prediction from the target (Kullback and Leibler, 1951)."""
    y_true, y_pred = (clip_by_value(each, settings.epsilon(), 1.0) for each in beside(y_true, y_pred))
    return reduced("Sum", y_true * _log(y_true / y_pred), -1, False, None)


@_loss()
def poisson(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of prediction - target * log(prediction)."""
    y_true, y_pred = beside(y_true, y_pred)
    return _mean(y_pred - y_true * _log(y_pred + settings.epsilon()))


@_loss()
def logcosh(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of the logarithm of the hyperbolic cosine of differences."""
    y_true, y_pred = beside(y_true, y_pred)
    x = y_pred - y_true
    return _mean(x + apply("Softplus", [-2.0 * x]) - _log(convert_to_tensor(2.0, dtype=x.dtype)))


@_loss("cosine", "cosine_proximity")
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """The negative cosine of the angle between target and prediction."""
    y_true, y_pred = (l2_normalize(each, axis=axis) for each in beside(y_true, y_pred))
    return -reduced("Sum", y_true * y_pred, axis, False, None)


def huber_loss(y_true: Any, y_pred: Any, delta: float = 1.0) -> Tensor:
    """Half the squared difference as far as `delta`, and a straight line from there (Huber, 1964), its mean."""
    y_true, y_pred = beside(y_true, y_pred)
    size = absolute(y_pred - y_true)
    near = apply("Minimum", [size, delta])
    return _mean(0.5 * near * near + delta * (size - near))


def _inside(y_pred: Tensor) -> Tensor:
    edge = settings.epsilon()
    return clip_by_value(y_pred, edge, 1.0 - edge)


def _logits(y_pred: Tensor, type: str) -> Tensor | None:
    """What a softmax or sigmoid was made of, which is more exact; None where it was not made by one."""
    return y_pred.op.inputs[0] if y_pred.op.type == type else None


@_loss()
def categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0) -> Tensor:
    """-sum(target * log(prediction)), of probabilities or of logits."""
    y_true, y_pred = beside(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / y_pred.shape[-1].value
    logits = y_pred if from_logits else _logits(y_pred, "Softmax")
    if logits is not None:
        return softmax_cross_entropy_with_logits_v2(labels=y_true, logits=logits)
    shares = y_pred / reduced("Sum", y_pred, -1, True, None)
    return -reduced("Sum", y_true * _log(_inside(shares)), -1, False, None)


@_loss()
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


@_loss()
def binary_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0) -> Tensor:
    """The mean of -target * log(prediction) - (1 - target) * log(1 - prediction)."""
    y_true, y_pred = beside(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return _mean(binary_crossentropies(y_true, y_pred, from_logits))


@export("keras.backend.binary_crossentropy")
def binary_crossentropies(target: Any, output: Any, from_logits: bool = False) -> Tensor:
    """-target * log(prediction) - (1 - target) * log(1 - prediction), of each element."""
    target, output = beside(target, output)
    logits = output if from_logits else _logits(output, "Sigmoid")
    if logits is not None:
        return sigmoid_cross_entropy_with_logits(labels=target, logits=logits)
    inside, edge = _inside(output), settings.epsilon()
    return -(target * _log(inside + edge) + (1.0 - target) * _log(1.0 - inside + edge))


@export("keras.losses.get")
def get(identifier: Any) -> Loss:
    """The loss of a name, or a function itself. Raises ValueError."""
    if callable(identifier):
        return identifier
    found: Any = NAMES.get(f"keras.losses.{identifier}")
    if found is None:
        raise ValueError(f"Unknown loss function:{identifier}")
    return found
