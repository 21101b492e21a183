"""tf.keras.losses: losses as objects, which make one number of those of all examples."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.conversion import convert_to_tensor
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, squeeze
from ..operations.casting import cast
from ..operations.reductions import reduced
from . import losses

_REDUCTIONS = ("auto", "none", "sum", "sum_over_batch_size")


@export("keras.losses.Reduction")
class Reduction:
    """What becomes of the losses of all examples: one by one, their sum, or their mean (also AUTO)."""

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"


@export("keras.losses.Loss")
class Loss:
    """A loss with a way to make one number of it; a subclass defines `call(y_true, y_pred)`, one for each example.
    Raises ValueError for a `reduction` that there is not."""

    def __init__(self, reduction: str = "auto", name: str | None = None) -> None:
        if reduction not in _REDUCTIONS:
            raise ValueError(f"Invalid Reduction Key {reduction}.")
        self.reduction = reduction
        self.name = name

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """The losses of the examples."""
        raise NotImplementedError("Must be implemented in subclasses.")

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """The losses, each times its weight, made one number."""
        return reduced_losses(self.call(y_true, y_pred), sample_weight, self.reduction)


def reduced_losses(found: Any, weights: Any, reduction: str = "auto") -> Tensor:
    """Losses [batch, ...], times weights [batch] or [batch, 1], made one number."""
    found = convert_to_tensor(found)
    if weights is not None and found.shape.ndims:
        factors = cast(weights, found.dtype)
        if factors.shape.ndims == found.shape.ndims + 1:
            factors = squeeze(factors, [-1])
        for _ in range(found.shape.ndims - (factors.shape.ndims or 0)):
            factors = expand_dims(factors, -1)
        found = found * factors
    if reduction == "none":
        return found
    return reduced("Sum" if reduction == "sum" else "Mean", found, None, False, None)


class LossFunction(Loss):
    """A loss of a function."""

    compute: Any

    def __init__(self, reduction: str = "auto", name: str | None = None, **options: Any) -> None:
        super().__init__(reduction, name or self.compute.__name__)
        self._options = options

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        return self.compute(y_true, y_pred, **self._options)


def _declare(title: str, compute: losses.Loss) -> None:
    made: Any = type(title, (LossFunction,), {"compute": staticmethod(compute), "__doc__": compute.__doc__})
    export(f"keras.losses.{title}")(made)


_declare("MeanSquaredError", losses.mean_squared_error)
_declare("MeanAbsoluteError", losses.mean_absolute_error)
_declare("MeanAbsolutePercentageError", losses.mean_absolute_percentage_error)
_declare("MeanSquaredLogarithmicError", losses.mean_squared_logarithmic_error)
_declare("Hinge", losses.hinge)
_declare("SquaredHinge", losses.squared_hinge)
_declare("KLDivergence", losses.kullback_leibler_divergence)
_declare("Poisson", losses.poisson)
_declare("LogCosh", losses.logcosh)


@export("keras.losses.CosineSimilarity")
class CosineSimilarity(LossFunction):
    """The negative cosine of the angle between target and prediction."""

    compute = staticmethod(losses.cosine_similarity)

    def __init__(self, axis: int = -1, reduction: str = "auto", name: str | None = None) -> None:
        super().__init__(reduction, name, axis=axis)


@export("keras.losses.Huber")
class Huber(LossFunction):
    """Half the squared difference as far as `delta`, and a straight line from there."""

    compute = staticmethod(losses.huber_loss)

    def __init__(self, delta: float = 1.0, reduction: str = "auto", name: str | None = None) -> None:
        super().__init__(reduction, name, delta=delta)


@export("keras.losses.SparseCategoricalCrossentropy")
class SparseCategoricalCrossentropy(LossFunction):
    """-log(prediction of the target's class), of probabilities or of logits; targets are integers."""

    compute = staticmethod(losses.sparse_categorical_crossentropy)

    def __init__(self, from_logits: bool = False, reduction: str = "auto", name: str | None = None) -> None:
        super().__init__(reduction, name, from_logits=from_logits)


@export("keras.losses.CategoricalCrossentropy")
class CategoricalCrossentropy(LossFunction):
    """-sum(target * log(prediction)), of probabilities or of logits."""

    compute = staticmethod(losses.categorical_crossentropy)

    def __init__(
        self, from_logits: bool = False, label_smoothing: float = 0, reduction: str = "auto", name: str | None = None
    ) -> None:
        super().__init__(reduction, name, from_logits=from_logits, label_smoothing=label_smoothing)


@export("keras.losses.BinaryCrossentropy")
class BinaryCrossentropy(CategoricalCrossentropy):
    """The mean of -target * log(prediction) - (1 - target) * log(1 - prediction)."""

    compute = staticmethod(losses.binary_crossentropy)
