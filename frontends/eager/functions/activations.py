"""Activations, softmax with an implicit dimension, dropout: what `nn.functional` has beside losses and linear maps."""

from __future__ import annotations

import warnings

from diptych.functions import activations, arithmetic
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value

from .. import random
from ..dtypes import dtype
from ..inplace import in_place
from ..operation import operation
from ..recording import call
from ..tensor import Tensor
from . import pointwise
from .operands import not_implemented, tensor

# -- operations: what is written as equations ----


def _refuse_others(name: str, x: Value) -> None:
    if not x.dtype.is_float:
        raise not_implemented(name, x)


@operation
def _gelu(b: Builder, x: Value, approximate: bool) -> Value:
    _refuse_others("gelu", x)
    return activations.gelu(b, x, approximate=approximate)


@operation
def _elu(b: Builder, x: Value, alpha: float) -> Value:
    _refuse_others("elu", x)
    return activations.elu(b, x, alpha)


@operation
def _leaky_relu(b: Builder, x: Value, slope: float) -> Value:
    _refuse_others("leaky_relu", x)
    return activations.leaky_relu(b, x, slope)


@operation
def _silu(b: Builder, x: Value) -> Value:
    _refuse_others("silu", x)
    return activations.silu(b, x)


@operation
def _softplus(b: Builder, x: Value, beta: float, threshold: float) -> Value:
    _refuse_others("softplus", x)
    scaled = x if beta == 1 else arithmetic.scaled(b, x, beta)
    curved = activations.softplus(b, scaled)
    is_linear = b.gt(scaled, filled_like(b, threshold, x))
    return b.select(is_linear, x, curved if beta == 1 else arithmetic.scaled(b, curved, 1 / beta))


# -- functions: what users call ----

relu_ = in_place(pointwise.relu, "relu_")


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(input, 0), with gradient 0 at 0."""
    return relu_(input) if inplace else pointwise.relu(input)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """input above 0, negative_slope * input below."""
    x = tensor("leaky_relu", "input", 1, input)
    return _maybe_in_place(x, call(_leaky_relu, (x,), (float(negative_slope),)), inplace)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """input above 0, alpha * (exp(input) - 1) below."""
    x = tensor("elu", "input", 1, input)
    return _maybe_in_place(x, call(_elu, (x,), (float(alpha),)), inplace)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """input times the normal distribution function of it, or with "tanh" an approximation. Raises RuntimeError for
    another one."""
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    return call(_gelu, (tensor("gelu", "input", 1, input),), (approximate == "tanh",))


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """input * sigmoid(input)."""
    x = tensor("silu", "input", 1, input)
    return _maybe_in_place(x, call(_silu, (x,)), inplace)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + exp(beta * input)) / beta, and the input itself where beta * input is above `threshold`."""
    return call(_softplus, (tensor("softplus", "input", 1, input),), (float(beta), float(threshold)))


def _maybe_in_place(input: Tensor, result: Tensor, inplace: bool) -> Tensor:
    return in_place(lambda self: result, "activation_")(input) if inplace else result


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: dtype | None = None) -> Tensor:
    """exp(input) / sum(exp(input)) along `dim`; without it along one that is chosen, with a warning."""
    return pointwise.softmax(input, _chosen("softmax", dim, input, _stacklevel), dtype=dtype)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: dtype | None = None) -> Tensor:
    """Logarithm of softmax along `dim`; without it along one that is chosen, with a warning."""
    return pointwise.log_softmax(input, _chosen("log_softmax", dim, input, _stacklevel), dtype=dtype)


def _chosen(name: str, dim: int | None, input: Tensor, stacklevel: int) -> int:
    """The dimension, or PyTorch's implicit one: 0 for rank 0, 1 and 3, otherwise 1."""
    if dim is not None:
        return dim
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        stacklevel=stacklevel,
    )
    return 0 if input.ndim in (0, 1, 3) else 1


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Each element zero with probability p, the others divided by 1 - p; nothing outside training. Raises ValueError
    for what is no probability."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0:
        return input
    result = input * 0 if p == 1 else random.dropout(input, p)
    return _maybe_in_place(input, result, inplace)
