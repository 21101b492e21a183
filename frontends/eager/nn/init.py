"""`nn.init`: initial values, written in place. Formulas: Glorot and Bengio (2010), He et al. (2015),
Saxe et al. (2014), Martens (2010)."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any as _Any

import numpy as np

from .. import dtypes, random
from ..device import CPU as _CPU
from ..random import Generator
from ..tapes.mode import no_grad
from ..tensors.creation import eye as _identity
from ..tensors.data import from_array as _from_array
from ..tensors.tensor import Tensor


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform numbers in [a, b)."""
    with no_grad():
        return tensor.uniform_(a, b, generator=generator)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Normal numbers."""
    with no_grad():
        return tensor.normal_(mean, std, generator=generator)


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Normal numbers within [a, b], by inversion in float64. Warns where these bounds are far from the mean."""
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be "
            "incorrect.",
            stacklevel=2,
        )
    with no_grad():
        return tensor.copy_(random.filled_truncated(tensor, mean, std, a, b, generator))


def constant_(tensor: Tensor, val: float) -> Tensor:
    """One number everywhere."""
    with no_grad():
        return tensor.fill_(val)


def zeros_(tensor: Tensor) -> Tensor:
    """Zeros."""
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """Ones."""
    return constant_(tensor, 1.0)


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """(inputs, outputs) of one unit of a weight [out, in, ...]. Raises ValueError below rank 2."""
    if tensor.ndim < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor that keeps the variance through a nonlinearity. Raises ValueError for an unknown one, and for a slope
    of leaky_relu that is no number."""
    if nonlinearity in ("linear", "conv1d", "conv2d", "conv3d", "sigmoid"):
        return 1
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity == "selu":
        return 3.0 / 4
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}")


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform within gain * sqrt(6 / (inputs + outputs))."""
    bound = gain * math.sqrt(6.0 / sum(_calculate_fan_in_and_fan_out(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Normal with deviation gain * sqrt(2 / (inputs + outputs))."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(_calculate_fan_in_and_fan_out(tensor))), generator)


def _kaiming_deviation(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    chosen = mode.lower()
    if chosen not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {chosen} not supported, please use one of ['fan_in', 'fan_out']")
    fan = _calculate_fan_in_and_fan_out(tensor)[0 if chosen == "fan_in" else 1]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Uniform within sqrt(3) deviations of the normal form. A tensor without elements is left as it is."""
    if not tensor.numel():
        return tensor
    bound = math.sqrt(3.0) * _kaiming_deviation(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Normal with deviation gain / sqrt(fan). A tensor without elements is left as it is."""
    if not tensor.numel():
        return tensor
    return normal_(tensor, 0.0, _kaiming_deviation(tensor, a, mode, nonlinearity), generator)


def eye_(tensor: Tensor) -> Tensor:
    """Ones on the diagonal of a matrix, zeros elsewhere. Raises ValueError for other ranks."""
    _check_matrix(tensor)
    with no_grad():
        return tensor.copy_(_identity(*tensor.shape, dtype=tensor.dtype))


def _check_matrix(tensor: Tensor) -> None:
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """A convolution's weight [out, in, ...] that passes as many channels on as there are, group by group: 1 in the
    middle of the kernels from each channel to itself. Raises ValueError for other ranks than 3, 4 and 5."""
    if tensor.ndim not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    outputs, inputs, *extent = tensor.shape
    if outputs % groups:
        raise ValueError("dim 0 must be divisible by groups")
    each = outputs // groups
    channels = np.arange(min(each, inputs))
    values = np.zeros(tuple(tensor.shape), tensor.dtype.ir.numpy)
    middle = tuple(size // 2 for size in extent)
    values[(np.arange(groups)[:, None] * each + channels, channels, *middle)] = 1
    with no_grad():
        return tensor.copy_(_from_array(values))


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """`gain` times a matrix with orthonormal rows or columns, whichever are fewer, uniformly distributed; axes behind
    the first count as one. Raises ValueError below rank 2."""
    if tensor.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if not tensor.numel():
        return tensor
    with no_grad():
        return tensor.copy_(random.filled_orthonormal(tensor, generator) * gain)


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Tensor:
    """Normal numbers in a matrix, but zeros in a part `sparsity` of each column, at random places. Raises ValueError
    for other ranks."""
    _check_matrix(tensor)
    count = math.ceil(sparsity * tensor.shape[0])
    order = np.argsort(np.asarray(random.rand(tuple(tensor.shape), dtype=dtypes.float64, device=_CPU)._array()), axis=0)
    is_zero = np.zeros(order.shape, bool)
    np.put_along_axis(is_zero, order[:count], True, axis=0)
    with no_grad():
        return tensor.normal_(0, std, generator=generator).masked_fill_(_from_array(is_zero, tensor.device), 0)


def _deprecated(function: Callable[..., _Any]) -> Callable[..., _Any]:
    """The function under its older name, which warns."""
    name = function.__name__
    old = name[:-1]

    @functools.wraps(function)
    def deprecated(*arguments: _Any, **options: _Any) -> _Any:
        warnings.warn(f"`nn.init.{old}` is now deprecated in favor of `nn.init.{name}`.", FutureWarning, stacklevel=2)
        return function(*arguments, **options)

    deprecated.__name__ = deprecated.__qualname__ = old
    return deprecated


constant, dirac, eye, normal = map(_deprecated, (constant_, dirac_, eye_, normal_))
orthogonal, sparse, uniform = map(_deprecated, (orthogonal_, sparse_, uniform_))
kaiming_normal, kaiming_uniform = map(_deprecated, (kaiming_normal_, kaiming_uniform_))
xavier_normal, xavier_uniform = map(_deprecated, (xavier_normal_, xavier_uniform_))
