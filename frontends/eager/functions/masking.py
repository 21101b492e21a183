"""Functions of the elements where a mask holds, as if the others were not there."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import dtypes as dtype_module
from ..tensors.tensor import Tensor
from . import pairs, reductions, running
from .arithmetic import div
from .axes import reduced
from .extremes import amax as plain_amax
from .extremes import amin as plain_amin
from .extremes import argmax as plain_argmax
from .extremes import argmin as plain_argmin
from .logic import isnan, where
from .matrix_norms import vector_norm
from .operands import tensors
from .ordering import abs, maximum
from .pointwise import cast
from .pointwise import log_softmax as plain_log_softmax
from .pointwise import softmax as plain_softmax
from .shapes import expand
from .sorting import nanmedian


def _limit(x: Tensor, *, lowest: bool) -> Any:
    """The smallest or largest number of the dtype."""
    if x.dtype.is_floating_point:
        return -math.inf if lowest else math.inf
    limits = np.iinfo(x.dtype.ir.numpy)
    return int(limits.min if lowest else limits.max)


def _given(name: str, input: Any, dtype: Any, mask: Tensor | None, filler: Any) -> Tensor:
    """The input in `dtype`, with `filler` where the mask does not hold."""
    (x,) = tensors(name, input=input)
    target = dtype_module.chosen(name, dtype)
    x = x if target is None else cast(x, target)
    if mask is None:
        return x
    return where(mask, x, filler(x) if callable(filler) else filler).type_as(x)


def _dims(dim: Any) -> Any:
    return None if dim is None or dim == () else dim


def _wide(x: Tensor, dtype: Any) -> Any:
    return dtype or (None if x.dtype.ir.is_differentiable else dtype_module.int64)


def sum(input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """The sum; 0 of nothing."""
    return reductions.sum(_given("sum", input, _wide(input, dtype), mask, 0), _dims(dim), keepdim)


def prod(input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """The product; 1 of nothing."""
    x = _given("prod", input, _wide(input, dtype), mask, 1)
    found = x
    for axis in reversed(reduced("prod", _dims(dim), x.ndim)):
        found = reductions.prod(found, axis, keepdim)
    return found


def cumsum(input: Tensor, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """Running sums."""
    return reductions.cumsum(_given("cumsum", input, _wide(input, dtype), mask, 0), dim)


def cumprod(input: Tensor, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """Running products."""
    return running.cumprod(_given("cumprod", input, _wide(input, dtype), mask, 1), dim)


def amax(input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """The largest element; the dtype's smallest number of nothing."""
    x = _given("amax", input, dtype, mask, lambda x: _limit(x, lowest=True))
    return plain_amax(x, reduced("amax", _dims(dim), x.ndim), keepdim)


def amin(input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """The smallest element; the dtype's largest number of nothing."""
    x = _given("amin", input, dtype, mask, lambda x: _limit(x, lowest=False))
    return plain_amin(x, reduced("amin", _dims(dim), x.ndim), keepdim)


def argmax(
    input: Tensor, dim: int | None = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """The place of the largest element."""
    x = _given("argmax", input, dtype, mask, lambda x: _limit(x, lowest=True))
    return cast(plain_argmax(x, dim, keepdim), x.dtype)


def argmin(
    input: Tensor, dim: int | None = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """The place of the smallest element."""
    x = _given("argmin", input, dtype, mask, lambda x: _limit(x, lowest=False))
    return cast(plain_argmin(x, dim, keepdim), x.dtype)


def _count(x: Tensor, dim: Any, keepdim: bool, mask: Tensor | None) -> Tensor:
    from ..tensors.creation import ones

    whole = ones(x.shape, dtype=dtype_module.int64, device=x.device) if mask is None else expand(mask, tuple(x.shape))
    return reductions.sum(whole, _dims(dim), keepdim)


def mean(input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """The mean; nan of nothing. Raises ValueError for integers without a float dtype."""
    x = _given("mean", input, dtype, None, 0)
    if mask is None:
        return reductions.mean(x, _dims(dim), keepdim)
    return div(sum(x, dim, keepdim=keepdim, mask=mask), _count(x, dim, keepdim, mask))


def median(input: Tensor, dim: int = -1, *, keepdim: bool = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """The lower median; nan of nothing. Raises ValueError for what holds nan already."""
    x = _given("median", input, dtype, None, 0)
    if not x.dtype.is_floating_point:
        x = cast(x, dtype_module.float32)
    if bool(isnan(x.detach()).any()):
        raise ValueError("input expected to have no nan values")
    filled = x if mask is None else where(mask, x, math.nan)
    return nanmedian(filled, dim, keepdim).values


def norm(
    input: Tensor,
    ord: float | None = 2.0,
    dim: Any = None,
    *,
    keepdim: bool = False,
    dtype: Any = None,
    mask: Any = None,
) -> Tensor:
    """The norm of order `ord`; of nothing 0, inf of negative orders."""
    order = 2.0 if ord is None else ord
    filler = math.inf if order < 0 else 0
    x = _given("norm", input, dtype, mask, filler)
    return vector_norm(x, order, reduced("norm", _dims(dim), x.ndim) or None, keepdim)


def _spread(
    name: str, input: Tensor, dim: Any, unbiased: Any, correction: Any, keepdim: bool, dtype: Any, mask: Any
) -> Tensor:  # fmt: skip
    x = _given(name, input, dtype, None, 0)
    if not x.dtype.ir.is_differentiable:
        x = cast(x, dtype_module.float32)
    axes = reduced(name, _dims(dim), x.ndim)
    count = _count(x, axes or None, True, mask)
    total = sum(x, axes or None, keepdim=True, mask=mask)
    if not x.ndim:
        count, total = (_count(x, None, True, mask), sum(x, None, mask=mask))
    gap = x - div(total, count)
    squares = abs(gap) ** 2 if x.dtype.is_complex else gap * gap
    found = sum(squares, axes or None, keepdim=keepdim, mask=mask)
    number = count if keepdim or not x.ndim else count.reshape(tuple(found.shape))
    chosen = correction if correction is not None else 1 if unbiased is None or unbiased else 0
    if chosen:
        number = maximum(number - chosen, number * 0)
    return div(found, number)


def var(
    input: Tensor, dim: Any = None, unbiased: bool | None = None, *, correction: Any = None, keepdim: bool = False,
    dtype: Any = None, mask: Any = None,
) -> Tensor:  # fmt: skip
    """The variance."""
    return _spread("var", input, dim, unbiased, correction, keepdim, dtype, mask)


def std(
    input: Tensor, dim: Any = None, unbiased: bool | None = None, *, correction: Any = None, keepdim: bool = False,
    dtype: Any = None, mask: Any = None,
) -> Tensor:  # fmt: skip
    """The standard deviation."""
    return reductions.rooted(_spread("std", input, dim, unbiased, correction, keepdim, dtype, mask))


def logsumexp(input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """log(sum(exp(input)))."""
    x = _given("logsumexp", input, dtype, mask, lambda x: _limit(x, lowest=True))
    return reductions.logsumexp(x, reduced("logsumexp", _dims(dim), x.ndim), keepdim)


def logaddexp(
    input: Tensor, other: Tensor, *, dtype: Any = None, input_mask: Any = None, other_mask: Any = None
) -> Tensor:
    """log(exp(input) + exp(other)), each under its mask."""
    x = _given("logaddexp", input, dtype, input_mask, -math.inf)
    return pairs.logaddexp(x, _given("logaddexp", other, dtype, other_mask, -math.inf))


def softmax(input: Tensor, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """exp(input) over its sum."""
    return plain_softmax(_given("softmax", input, dtype, mask, -math.inf), dim)


def log_softmax(input: Tensor, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """The logarithm of `softmax`."""
    return plain_log_softmax(_given("log_softmax", input, dtype, mask, -math.inf), dim)


def softmin(input: Tensor, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """`softmax` of the negatives."""
    return plain_softmax(-_given("softmin", input, dtype, mask, math.inf), dim)


def normalize(
    input: Tensor, ord: float, dim: int, *, eps: float = 1e-12, dtype: Any = None, mask: Any = None
) -> Tensor:
    """input divided by its norm, which is at least eps."""
    x = _given("normalize", input, dtype, None, 0)
    size = norm(x, ord, dim, keepdim=True, mask=mask)
    from .ordering import clamp

    return div(x if mask is None else where(mask, x, 0).type_as(x), clamp(size, min=eps))
