"""`nn.functional`: what modules compute, as functions."""

from __future__ import annotations

from diptych.functions import activations
from diptych.ir import Builder, Value

from ..functions import pointwise
from ..functions.binary_losses import binary_cross_entropy, binary_cross_entropy_with_logits  # noqa: F401
from ..functions.class_losses import cross_entropy, nll_loss  # noqa: F401
from ..functions.losses import l1_loss, mse_loss, smooth_l1_loss  # noqa: F401
from ..functions.pointwise import log_softmax, sigmoid, softmax, tanh  # noqa: F401
from ..functions.products import linear  # noqa: F401
from ..inplace import in_place
from ..operation import operation
from ..recording import call
from ..tensor import Tensor


@operation
def _gelu(b: Builder, x: Value, approximate: bool) -> Value:
    return activations.gelu(b, x, approximate=approximate)


@operation
def _elu(b: Builder, x: Value, alpha: float) -> Value:
    return activations.elu(b, x, alpha)


@operation
def _leaky_relu(b: Builder, x: Value, slope: float) -> Value:
    return activations.leaky_relu(b, x, slope)


@operation
def _silu(b: Builder, x: Value) -> Value:
    return activations.silu(b, x)


@operation
def _softplus(b: Builder, x: Value) -> Value:
    return activations.softplus(b, x)


relu_ = in_place(pointwise.relu, "relu_")


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(input, 0), with gradient 0 at 0."""
    return relu_(input) if inplace else pointwise.relu(input)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """input above 0, negative_slope * input below."""
    return _maybe_in_place(input, call(_leaky_relu, (input,), (float(negative_slope),)), inplace)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """input above 0, alpha * (exp(input) - 1) below."""
    return _maybe_in_place(input, call(_elu, (input,), (float(alpha),)), inplace)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """input times the normal distribution function of it, or with "tanh" an approximation."""
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    return call(_gelu, (input,), (approximate == "tanh",))


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """input * sigmoid(input)."""
    return _maybe_in_place(input, call(_silu, (input,)), inplace)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + exp(beta * input)) / beta; exact everywhere, so `threshold` changes nothing visible."""
    if beta == 1:
        return call(_softplus, (input,))
    return call(_softplus, (input * beta,)) / beta


def _maybe_in_place(input: Tensor, result: Tensor, inplace: bool) -> Tensor:
    return in_place(lambda self: result, "activation_")(input) if inplace else result


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Each element zero with probability p, the others divided by 1 - p; nothing outside training."""
    from .. import random

    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0:
        return input
    result = input * 0 if p == 1 else random.dropout(input, p)
    return _maybe_in_place(input, result, inplace)
