"""tf.keras.activations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..exports import NAMES, export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.tensor import Tensor
from ..operations.neural import softmax as normalized
from ..operations.selection import clip_by_value

Activation = Callable[..., Any]


@export("keras.activations.linear")
def linear(x: Any) -> Any:
    """x."""
    return x


def _declare(name: str, type: str) -> None:
    @export(f"keras.activations.{name}")
    def activation(x: Any) -> Tensor:
        return apply(type, [x])

    activation.__name__ = activation.__qualname__ = name
    activation.__doc__ = f"{type} of every element."


for _name, _type in {
    "sigmoid": "Sigmoid", "tanh": "Tanh", "softplus": "Softplus", "softsign": "Softsign", "exponential": "Exp",
    "selu": "Selu",
}.items():  # fmt: skip
    _declare(_name, _type)


@export("keras.activations.elu")
def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """x where it is positive, alpha * (exp(x) - 1) elsewhere."""
    found = apply("Elu", [x])
    if alpha == 1.0:
        return found
    return apply("SelectV2", [convert_to_tensor(x) > 0, found, alpha * found])


@export("keras.activations.relu")
def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0) -> Tensor:
    """x above the threshold, at most `max_value`; alpha * (x - threshold) below it."""
    x = convert_to_tensor(x)
    if not alpha and not threshold:
        if max_value == 6:
            return apply("Relu6", [x])
        made = apply("Relu", [x])
        return made if max_value is None else clip_by_value(made, 0.0, max_value)
    kept = apply("SelectV2", [x > threshold, x, apply("ZerosLike", [x])])
    kept = kept if max_value is None else apply("Minimum", [kept, max_value])
    below = apply("Relu", [threshold - x])
    return kept - alpha * below if alpha else kept


@export("keras.activations.hard_sigmoid", "keras.backend.hard_sigmoid")
def hard_sigmoid(x: Any) -> Tensor:
    """0.2 * x + 0.5, cut to the range from 0 to 1."""
    return clip_by_value(convert_to_tensor(x) * 0.2 + 0.5, 0.0, 1.0)


@export("keras.activations.softmax")
def softmax(x: Any, axis: int = -1) -> Tensor:
    """Exponentials over their sum along an axis. Raises ValueError for one axis."""
    x = convert_to_tensor(x)
    if x.shape.ndims == 1:
        raise ValueError(f"Cannot apply softmax to a tensor that is 1D. Received input: {x}")
    return normalized(x, axis=axis)


@export("keras.activations.get")
def get(identifier: Any) -> Activation:
    """The activation of a name, or a function itself; `linear` for None. Raises ValueError and TypeError."""
    if identifier is None:
        return linear
    if callable(identifier):
        return identifier
    found: Any = NAMES.get(f"keras.activations.{identifier}") if isinstance(identifier, str) else None
    if found is None:
        raise ValueError(f"Unknown activation function:{identifier}")
    return found


@export("keras.activations.serialize")
def serialize(activation: Any) -> str:
    """The name of an activation."""
    return activation.__name__
