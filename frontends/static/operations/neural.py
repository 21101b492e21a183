"""tf.nn: activations, softmax, and the bias of a layer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from diptych.ir import Builder, Value

from ...functions import activations, losses
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import FLOATS, NUMBERS, REALS
from ..graphs.scopes import name_scope
from ..graphs.shapes import runtime_text
from ..graphs.site import Refusal, Site, require_rank
from ..graphs.tensor import Tensor
from .arrays import axis_of, either
from .casting import to_float

_ACTIVATIONS: dict[str, tuple[Callable[[Builder, Value], Value], tuple[Any, ...], str]] = {
    "Relu": (activations.relu, REALS, "nn.relu"),
    "Relu6": (activations.relu6, REALS, "nn.relu6"),
    "Elu": (partial(activations.elu, linear_at_zero=True), FLOATS, "nn.elu"),
    "Selu": (partial(activations.selu, linear_at_zero=True), FLOATS, "nn.selu"),
    "Softplus": (activations.softplus, FLOATS, "nn.softplus"),
    "Softsign": (activations.softsign, FLOATS, "nn.softsign"),
}
_ALIASES = {"nn.softplus": ("math.softplus",), "nn.softsign": ("math.softsign",)}


def _declare(type: str, compute: Callable[[Builder, Value], Value], api: str, allowed: tuple[Any, ...]) -> None:
    @operation(type, "features: T -> T", T=allowed)
    def lower(at: Site, x: Value) -> Value:
        return compute(at.b, x)

    @export(api, *_ALIASES.get(api, ()))
    def function(features: Any, name: str | None = None) -> Tensor:
        return apply(type, [features], name=name)

    function.__name__ = function.__qualname__ = api.split(".")[-1]
    function.__doc__ = f"{type} of every element."


for _type, (_compute, _allowed, _api) in _ACTIVATIONS.items():
    _declare(_type, _compute, _api, _allowed)


@operation("LeakyRelu", "features: T -> T", T=FLOATS)
def lower_leaky_relu(at: Site, x: Value, *, alpha: float = 0.2) -> Value:
    """x above 0, alpha * x elsewhere."""
    return activations.leaky_relu(at.b, x, alpha)


@export("nn.leaky_relu")
def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Tensor:
    """The larger of x and alpha * x."""
    with name_scope(name, "LeakyRelu", [features]) as scope:
        x = convert_to_tensor(features, name="features")
        if x.dtype.is_integer:
            x = to_float(x)
        return apply("LeakyRelu", [x], name=scope, alpha=float(alpha))


@export("log_sigmoid", "math.log_sigmoid")
def log_sigmoid(x: Any, name: str | None = None) -> Tensor:
    """log(1 / (1 + exp(-x)))."""
    with name_scope(name, "LogSigmoid", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return apply("Neg", [apply("Softplus", [apply("Neg", [x])])], name=scope)


@operation("Softmax", "logits: T -> T", T=FLOATS)
def lower_softmax(at: Site, x: Value, *, axis: int = -1) -> Value:
    """Softmax along an axis."""
    require_rank(x.shape, 1, at_least=True)
    return activations.softmax(at.b, x, axis_of(axis, x.rank))


@operation("LogSoftmax", "logits: T -> T", T=FLOATS)
def lower_log_softmax(at: Site, x: Value, *, axis: int = -1) -> Value:
    """The logarithm of softmax along an axis."""
    require_rank(x.shape, 1, at_least=True)
    return activations.log_softmax(at.b, x, axis_of(axis, x.rank))


def _softmax(type: str, logits: Any, axis: Any, name: str | None) -> Tensor:
    x = convert_to_tensor(logits)
    place = -1 if axis is None else int(axis)
    rank = x.shape.ndims
    if rank is not None and not -rank <= place < rank:
        raise ValueError(
            f"`dim` must be in the range [{-rank}, {rank}) where {rank} is the number of dimensions in the input."
        )
    return apply(type, [x], name=name, axis=-1 if place == (rank or 0) - 1 else place)


@export("nn.softmax", "math.softmax")
def softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """exp(x) / sum(exp(x)) along `axis`, by default the last."""
    return _softmax("Softmax", logits, either("axis", axis, "dim", dim), name)


@export("nn.log_softmax", "math.log_softmax")
def log_softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """The logarithm of softmax along `axis`, by default the last."""
    return _softmax("LogSoftmax", logits, either("axis", axis, "dim", dim), name)


@operation("BiasAdd", "value: T, bias: T -> T", T=NUMBERS)
def lower_bias_add(at: Site, value: Value, bias: Value, *, data_format: str = "NHWC") -> Value:
    """value + bias along the channels."""
    require_rank(bias.shape, 1)
    require_rank(value.shape, 2, f"Input tensor must be at least 2D: {runtime_text(value.shape)}", at_least=True)
    channel = value.rank - 1 if data_format == "NHWC" else 1
    if value.shape[channel] != bias.shape[0]:
        raise Refusal(
            f"Dimensions must be equal, but are {value.shape[channel]} and {bias.shape[0]}",
            "Must provide as many biases as the last dimension of the input tensor: "
            f"{runtime_text(bias.shape)} vs. {runtime_text(value.shape)}",
        )
    return at.b.add(value, at.b.broadcast(bias, shape=value.shape, axes=(channel,)))


@export("nn.bias_add")
def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Tensor:
    """`value` plus the vector `bias` along the channels: the last axis, or with "NCHW" the second."""
    formats = {None: "NHWC", "N...C": "NHWC", "NHWC": "NHWC", "NC...": "NCHW", "NCHW": "NCHW"}
    if data_format not in formats:
        raise ValueError("data_format must be of the form `N...C` or `NC...`")
    with name_scope(name, "BiasAdd", [value, bias]) as scope:
        x = convert_to_tensor(value, name="input")
        bias = convert_to_tensor(bias, dtype=x.dtype.base_dtype, name="bias")
        return apply("BiasAdd", [x, bias], name=scope, data_format=formats[data_format])


@operation("L2Loss", "t: T -> T", T=FLOATS)
def lower_l2_loss(at: Site, x: Value) -> Value:
    """sum(x**2) / 2."""
    return losses.half_sum_of_squares(at.b, x)


@export("nn.l2_loss")
def l2_loss(t: Any, name: str | None = None) -> Tensor:
    """Half the sum of squares of all elements."""
    return apply("L2Loss", [t], name=name)
