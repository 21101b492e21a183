"""tf.keras.layers: functions of every element, some with parameters."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.shapes import as_shape
from ..graphs.tensor import Tensor
from ..operations.casting import cast
from . import activations
from .layer import Layer


@export("keras.layers.Activation")
class Activation(Layer):
    """A function of every element."""

    def __init__(self, activation: Any, **options: Any) -> None:
        super().__init__(**options)
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> Tensor:
        return self.activation(inputs)


@export("keras.layers.ReLU")
class ReLU(Layer):
    """x above the threshold, at most `max_value`; negative_slope * (x - threshold) below it."""

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0, threshold: float = 0, **options: Any
    ) -> None:
        super().__init__(**options)
        self.max_value = max_value
        self.negative_slope = float(negative_slope)
        self.threshold = float(threshold)

    def call(self, inputs: Any) -> Tensor:
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


@export("keras.layers.LeakyReLU")
class LeakyReLU(Layer):
    """x where it is positive, alpha * x elsewhere."""

    def __init__(self, alpha: float = 0.3, **options: Any) -> None:
        super().__init__(**options)
        self.alpha = float(alpha)

    def call(self, inputs: Any) -> Tensor:
        return (
            apply("Maximum", [inputs * self.alpha, inputs]) if self.alpha <= 1 else activations.relu(inputs, self.alpha)
        )


@export("keras.layers.ELU")
class ELU(Layer):
    """x where it is positive, alpha * (exp(x) - 1) elsewhere."""

    def __init__(self, alpha: float = 1.0, **options: Any) -> None:
        super().__init__(**options)
        self.alpha = float(alpha)

    def call(self, inputs: Any) -> Tensor:
        return activations.elu(inputs, self.alpha)


@export("keras.layers.ThresholdedReLU")
class ThresholdedReLU(Layer):
    """x where it is larger than theta, 0 elsewhere."""

    def __init__(self, theta: float = 1.0, **options: Any) -> None:
        super().__init__(**options)
        self.theta = float(theta)

    def call(self, inputs: Any) -> Tensor:
        return inputs * cast(inputs > self.theta, inputs.dtype)


@export("keras.layers.Softmax")
class Softmax(Layer):
    """Exponentials over their sum along an axis."""

    def __init__(self, axis: int = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axis

    def call(self, inputs: Any) -> Tensor:
        return activations.softmax(inputs, self.axis)


@export("keras.layers.PReLU")
class PReLU(Layer):
    """x where it is positive, a trained number times x elsewhere."""

    def __init__(
        self, alpha_initializer: Any = "zeros", alpha_regularizer: Any = None, alpha_constraint: Any = None,
        shared_axes: Any = None, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(**options)
        self.alpha_initializer = alpha_initializer
        self.alpha_regularizer = alpha_regularizer
        self.alpha_constraint = alpha_constraint
        self.shared_axes = [shared_axes] if isinstance(shared_axes, int) else list(shared_axes or ())

    def build(self, input_shape: Any) -> None:
        sizes = as_shape(input_shape).as_list()[1:]
        for axis in self.shared_axes:
            sizes[axis - 1] = 1
        self.alpha = self.add_weight(
            "alpha", shape=sizes, initializer=self.alpha_initializer, regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )  # fmt: skip
        self.built = True

    def call(self, inputs: Any) -> Tensor:
        return apply("Relu", [inputs]) - self.alpha * apply("Relu", [-inputs])
