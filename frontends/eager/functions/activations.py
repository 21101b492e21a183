"""Activations that most networks use, and softmax with an implicit dimension, as `nn.functional` has them."""

from __future__ import annotations

import warnings

from diptych.functions import activations, arithmetic, arrays
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value

from .. import random
from ..calling.autocasting import full_precision_on_cuda
from ..dtypes import dtype
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.creation import arange
from ..tensors.inplace import in_place, result_or_written
from ..tensors.tensor import Tensor
from . import extremes, pointwise
from .axes import counted
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
def _elu(b: Builder, x: Value, alpha: float, scale: float, input_scale: float) -> Value:
    """scale * x above 0, scale * alpha * (exp(input_scale * x) - 1) below."""
    _refuse_others("elu_cpu", x)
    if input_scale == 1:
        result = activations.elu(b, x, alpha)
    else:
        below = activations.elu(b, arithmetic.scaled(b, x, input_scale), alpha)
        result = b.select(b.gt(x, filled_like(b, 0, x)), x, below)
    return result if scale == 1 else arithmetic.scaled(b, result, scale)


@operation
def _leaky_relu(b: Builder, x: Value, slope: float) -> Value:
    _refuse_others("leaky_relu", x)
    return activations.leaky_relu(b, x, slope)


@operation
def _silu(b: Builder, x: Value) -> Value:
    if x.dtype.is_complex:
        return b.div(x, b.add(filled_like(b, 1, x), b.exp(b.neg(x))))
    _refuse_others("silu", x)
    return activations.silu(b, x)


@operation
def _mish(b: Builder, x: Value) -> Value:
    _refuse_others("mish_cpu", x)
    return b.mul(x, b.tanh(activations.softplus(b, x)))


@operation
def _log_sigmoid(b: Builder, x: Value) -> Value:
    _refuse_others("log_sigmoid_cpu", x)
    return activations.log_sigmoid(b, x)


@operation
def _glu(b: Builder, x: Value, axis: int) -> Value:
    if not x.dtype.is_differentiable:
        raise not_implemented("glu_cpu", x)
    half = x.type.static_shape()[axis] // 2
    value, gate = arrays.split(b, x, (half, half), axis)
    return b.mul(value, b.logistic(gate))


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
    return result_or_written(x, call(_leaky_relu, (x,), (float(negative_slope),)), inplace)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """input above 0, alpha * (exp(input) - 1) below."""
    x = tensor("elu", "input", 1, input)
    return result_or_written(x, call(_elu, (x,), (float(alpha), 1.0, 1.0)), inplace)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """A scaled elu whose fixed point has mean 0 and variance 1 (Klambauer et al., 2017)."""
    x = tensor("selu", "input", 1, input)
    result = call(_elu, (x,), (activations.SELU_ALPHA, activations.SELU_SCALE, 1.0))
    return result_or_written(x, result, inplace)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """input above 0, alpha * (exp(input / alpha) - 1) below. Raises RuntimeError for an alpha of 0."""
    x = tensor("celu", "input", 1, input)
    if not alpha:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return result_or_written(x, call(_elu, (x,), (float(alpha), 1.0, 1.0 / alpha)), inplace)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """input times the normal distribution function of it, or with "tanh" an approximation. Raises RuntimeError for
    another one."""
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    return call(_gelu, (tensor("gelu", "input", 1, input),), (approximate == "tanh",))


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """input * sigmoid(input)."""
    x = tensor("silu", "input", 1, input)
    return result_or_written(x, call(_silu, (x,)), inplace)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """input * tanh(softplus(input)) (Misra, 2019)."""
    x = tensor("mish", "input", 1, input)
    return result_or_written(x, call(_mish, (x,)), inplace)


@full_precision_on_cuda
def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + exp(beta * input)) / beta, and the input itself where beta * input is above `threshold`."""
    return call(_softplus, (tensor("softplus", "input", 1, input),), (float(beta), float(threshold)))


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


def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: dtype | None = None) -> Tensor:
    """softmax of -input along `dim`; without it along one that is chosen, with a warning."""
    return pointwise.softmax(-input, _chosen("softmin", dim, input, _stacklevel), dtype=dtype)


def logsigmoid(input: Tensor) -> Tensor:
    """log(1 / (1 + exp(-input)))."""
    return call(_log_sigmoid, (tensor("log_sigmoid", "input", 1, input),))


def softsign(input: Tensor) -> Tensor:
    """input / (1 + |input|)."""
    return input / (abs(input) + 1)


def tanhshrink(input: Tensor) -> Tensor:
    """input - tanh(input)."""
    return input - pointwise.tanh(input)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """The first half along `dim` times the sigmoid of the second (Dauphin et al., 2017). Raises RuntimeError where
    there are no halves."""
    x = tensor("glu", "input", 1, input)
    if not x.ndim:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    axis = counted(dim, x.ndim)
    if x.shape[axis] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {axis} is size {x.shape[axis]}")
    return call(_glu, (x,), (axis,))


elu_, selu_, celu_ = in_place(elu, "elu_"), in_place(selu, "selu_"), in_place(celu, "celu_")
leaky_relu_ = in_place(leaky_relu, "leaky_relu_")


def gumbel_softmax(logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Tensor:
    """softmax((logits + Gumbel noise) / tau) along `dim`; with `hard` a one in its largest place, whose gradient is
    that of the soft one (Jang, Gu and Poole, 2017)."""
    if eps != 1e-10:
        warnings.warn("`eps` parameter is deprecated and has no effect.", stacklevel=2)
    noise = -pointwise.log(random.filled_exponential(tensor("empty_like", "input", 1, logits).detach()))
    soft = pointwise.softmax((logits + noise) / tau, dim)
    if not hard:
        return soft
    axis = counted(dim, soft.ndim)
    places = extremes.argmax(soft, axis, keepdim=True)
    wide = [-1 if each == axis else 1 for each in range(soft.ndim)]
    chosen = pointwise.cast(arange(soft.shape[axis], device=soft.device).reshape(wide) == places, soft.dtype)
    return chosen - soft.detach() + soft
