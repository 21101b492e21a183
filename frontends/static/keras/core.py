"""tf.keras.layers: Dense, Dropout, and those that only change shapes or elements."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..exports import export
from ..graphs.dtypes import as_dtype
from ..graphs.shapes import TensorShape, as_shape
from ..graphs.tensor import Tensor
from ..layers import core as plain
from ..operations.arrays import identity, shape
from ..operations.casting import cast
from ..operations.dropout import dropout
from ..operations.placeholders import placeholder
from ..operations.random import random_normal, random_uniform
from . import backend, settings
from .layer import Layer
from .nodes import Node, remember
from .regularizers import L1L2


def phase(training: Any) -> Any:
    """Whether a layer learns: as told, or as the graph's placeholder says."""
    return backend.learning_phase() if training is None else training


@export("keras.layers.InputLayer")
class InputLayer(Layer):
    """The beginning of a model: a placeholder, or a tensor."""

    def __init__(
        self, input_shape: Any = None, batch_size: int | None = None, dtype: Any = None, input_tensor: Any = None,
        sparse: bool = False, name: str | None = None, **options: Any,
    ) -> None:  # fmt: skip
        whole = options.pop("batch_input_shape", None)
        super().__init__(name=name or backend.unique_name("input", from_zero=False), dtype=dtype)
        if input_tensor is None:
            sizes = whole if whole is not None else (batch_size, *as_shape(input_shape).as_list())
            element = as_dtype(dtype or settings.floatx())
            input_tensor = placeholder(element, shape=list(sizes), name=self.name)
        self.built = True
        self.is_placeholder = True
        remember(Node(self, None, (), {}, input_tensor))

    @property
    def input(self) -> Any:
        return self.output


@export("keras.Input", "keras.layers.Input")
def Input(
    shape: Any = None, batch_size: int | None = None, name: str | None = None, dtype: Any = None,
    sparse: bool = False, tensor: Any = None, batch_shape: Any = None, **options: Any,
) -> Tensor:  # fmt: skip
    """A placeholder [batch, *shape] for a model to begin with. Raises ValueError."""
    whole = options.get("batch_input_shape", batch_shape)
    if shape is None and whole is None and tensor is None:
        raise ValueError(
            "Please provide to Input either a `shape` or a `tensor` argument. Note that `shape` does not include the "
            "batch dimension."
        )
    return InputLayer(
        input_shape=shape if isinstance(shape, list | tuple | TensorShape) or shape is None else (shape,),
        batch_size=batch_size, name=name, dtype=dtype, input_tensor=tensor, batch_input_shape=whole,
    ).output  # fmt: skip


@export("keras.layers.Dense")
class Dense(plain.Dense, Layer):
    """activation(inputs @ kernel + bias), over the last axis."""


@export("keras.layers.Flatten")
class Flatten(plain.Flatten, Layer):
    """All axes but the first made one."""


@export("keras.layers.Dropout")
class Dropout(Layer):
    """While it learns each element zero with probability `rate`, the others larger by as much as keeps the mean."""

    def __init__(self, rate: Any, noise_shape: Any = None, seed: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.rate = rate
        self.noise_shape = noise_shape
        self.seed = seed

    def _noise(self, inputs: Tensor) -> Any:
        if self.noise_shape is None:
            return None
        sizes = shape(inputs)
        return [sizes[axis] if size is None else size for axis, size in enumerate(self.noise_shape)]

    def call(self, inputs: Any, training: Any = None) -> Tensor:
        def noisy() -> Tensor:
            return dropout(inputs, noise_shape=self._noise(inputs), seed=self.seed, rate=self.rate)

        return plain.chosen(phase(training), noisy, lambda: identity(inputs))


def _declare_spatial(rank: int) -> None:
    class Spatial(Dropout):
        def _noise(self, inputs: Tensor) -> Any:
            sizes = shape(inputs)
            return [sizes[0], *[1] * rank, sizes[rank + 1]]

    Spatial.__name__ = Spatial.__qualname__ = f"SpatialDropout{rank}D"
    Spatial.__doc__ = "As Dropout, of whole channels."
    export(f"keras.layers.SpatialDropout{rank}D")(Spatial)


for _rank in (1, 2, 3):
    _declare_spatial(_rank)


@export("keras.layers.GaussianNoise")
class GaussianNoise(Layer):
    """While it learns, normal noise of a standard deviation added."""

    def __init__(self, stddev: float, **options: Any) -> None:
        super().__init__(**options)
        self.stddev = stddev

    def call(self, inputs: Any, training: Any = None) -> Tensor:
        def noisy() -> Tensor:
            return inputs + random_normal(shape(inputs), mean=0.0, stddev=self.stddev, dtype=inputs.dtype.base_dtype)

        return plain.chosen(phase(training), noisy, lambda: identity(inputs))


@export("keras.layers.GaussianDropout")
class GaussianDropout(Layer):
    """While it learns, each element times normal noise of mean 1, whose variance is that of a Dropout of `rate`."""

    def __init__(self, rate: float, **options: Any) -> None:
        super().__init__(**options)
        self.rate = rate

    def call(self, inputs: Any, training: Any = None) -> Tensor:
        if not 0 < self.rate < 1:
            return inputs

        def noisy() -> Tensor:
            spread = math.sqrt(self.rate / (1 - self.rate))
            return inputs * random_normal(shape(inputs), mean=1.0, stddev=spread, dtype=inputs.dtype.base_dtype)

        return plain.chosen(phase(training), noisy, lambda: identity(inputs))


@export("keras.layers.AlphaDropout")
class AlphaDropout(Dropout):
    """As Dropout, for what went through selu: what is dropped goes to selu's lowest value, and mean and variance stay
    (Klambauer and others, 2017)."""

    def call(self, inputs: Any, training: Any = None) -> Tensor:
        if not 0 < self.rate < 1:
            return inputs
        lowest = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946

        def noisy() -> Tensor:
            element = inputs.dtype.base_dtype
            sizes = shape(inputs) if self.noise_shape is None else self._noise(inputs)
            kept = cast(random_uniform(sizes, seed=self.seed) >= self.rate, element)
            factor = ((1 - self.rate) * (1 + self.rate * lowest**2)) ** -0.5
            return (inputs * kept + lowest * (1 - kept)) * factor - factor * lowest * self.rate

        return plain.chosen(phase(training), noisy, lambda: identity(inputs))


@export("keras.layers.Lambda")
class Lambda(Layer):
    """A function of the inputs."""

    def __init__(
        self, function: Callable[..., Any], output_shape: Any = None, mask: Any = None,
        arguments: dict[str, Any] | None = None, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(**options)
        self.function = function
        self.arguments = arguments or {}

    def call(self, inputs: Any) -> Any:
        return self.function(inputs, **self.arguments)


@export("keras.layers.ActivityRegularization")
class ActivityRegularization(Layer):
    """The inputs; l1 * sum(|x|) + l2 * sum(x ** 2) of them is a loss."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **options: Any) -> None:
        super().__init__(activity_regularizer=L1L2(l1, l2), **options)

    def call(self, inputs: Any) -> Tensor:
        return inputs
