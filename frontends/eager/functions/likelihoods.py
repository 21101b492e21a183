"""Losses that are negative logarithms of likelihoods, and the divergence of distributions."""

from __future__ import annotations

import math
import warnings

from diptych.functions import arithmetic
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value

from ..calling.autocasting import full_precision
from ..promotion import promoted
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.creation import ones_like
from ..tensors.tensor import Tensor
from .distances import in_floats
from .losses import checked_reduction, known, reduced
from .operands import tensors
from .pairs import x_log_y
from .shapes import unsqueeze

# -- operations: what is written as equations ----


@operation
def _poisson_nll_loss(
    b: Builder, x: Value, target: Value, log_input: bool, full: bool, epsilon: float, reduction: str
) -> Value:
    x, target = promoted(b, x, target, default=None)
    x, target = in_floats(b, x), in_floats(b, target)
    if log_input:
        each = arithmetic.sub(b, b.exp(x), arithmetic.mul(b, target, x))
    else:
        each = arithmetic.sub(b, x, arithmetic.mul(b, target, b.log(arithmetic.shifted(b, x, epsilon))))
    if full:  # Stirling's approximation of log(target!), where that is not 0
        one = filled_like(b, 1, target)
        is_more = b.gt(target, one)
        inner = b.select(is_more, target, one)
        half_log = arithmetic.scaled(b, b.log(arithmetic.scaled(b, inner, 2 * math.pi)), 0.5)
        term = b.add(b.sub(b.mul(inner, b.log(inner)), inner), half_log)
        each = arithmetic.add(b, each, b.select(is_more, term, filled_like(b, 0, term)))
    return reduced(b, each, reduction)


@operation
def _gaussian_nll_loss(
    b: Builder, x: Value, target: Value, variance: Value, full: bool, epsilon: float, reduction: str
) -> Value:
    x, target, variance = promoted(b, x, target, variance, default=None)
    variance = b.graft(b.max(variance, filled_like(b, epsilon, variance)), variance)
    error = arithmetic.square(b, arithmetic.sub(b, x, target))
    each = arithmetic.scaled(b, arithmetic.add(b, b.log(variance), arithmetic.div(b, error, variance)), 0.5)
    if full:
        each = arithmetic.shifted(b, each, 0.5 * math.log(2 * math.pi))
    return reduced(b, each, reduction)


@operation
def _kl_div(b: Builder, x: Value, target: Value, log_target: bool, reduction: str) -> Value:
    x, target = promoted(b, x, target, default=None)
    if log_target:
        each = arithmetic.mul(b, b.exp(target), arithmetic.sub(b, target, x))
    else:
        each = arithmetic.sub(b, x_log_y(b, target, target), arithmetic.mul(b, target, x))
    return reduced(b, each, reduction)


# -- functions: what users call ----


@full_precision
def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """exp(input) - target * input, or input - target * log(input + eps) without `log_input`; `full` adds Stirling's
    approximation of log(target!) where target is above 1."""
    chosen = checked_reduction(reduction, size_average, reduce)
    pair = tensors("poisson_nll_loss", input=input, target=target)
    return call(_poisson_nll_loss, pair, (bool(log_input), bool(full), float(eps), chosen))


def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """(log(var) + (input - target)**2 / var) / 2, with variances of `eps` at least: one an element, one for the last
    axis or another one, or one number. `full` adds log(2 * pi) / 2. Raises ValueError for variances that do not fit,
    and negative ones where they are known."""
    x, y = tensors("gaussian_nll_loss", input=input, target=target)
    if isinstance(var, float):
        if var < 0:
            raise ValueError("var has negative entry/entries")
        variance = ones_like(x) * var
    else:
        (variance,) = tensors("any", input=var)
        values = known(variance)
        if values is not None and (values < 0).any():
            raise ValueError("var has negative entry/entries")
    variance = _fitted(x, variance)
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not valid")
    return call(_gaussian_nll_loss, (x, y, variance), (bool(full), float(eps), reduction))


def _fitted(x: Tensor, variance: Tensor) -> Tensor:
    if variance.shape == x.shape:
        return variance
    if x.shape[:-1] == variance.shape:
        return unsqueeze(variance, -1)
    if x.ndim == variance.ndim:
        others = [size for wanted, size in zip(x.shape, variance.shape, strict=True) if wanted != size]
        if math.fsum(others) == 1:
            return variance
    raise ValueError("var is of incorrect size")


@full_precision
def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """target * (log(target) - input) for log-probabilities input and probabilities target, or their logarithms where
    `log_target`; the reduction "batchmean" divides the sum by the size of the first axis."""
    is_chosen = size_average is not None or reduce is not None
    if not is_chosen and reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides "
            "only by the batch size, and aligns with the KL div math definition.'mean' will be changed to behave the "
            "same as 'batchmean' in the next major release.",
            stacklevel=2,
        )
    over_batch = reduction == "batchmean"
    chosen = checked_reduction("sum" if over_batch else reduction, size_average, reduce)
    x, y = tensors("kl_div", input=input, target=target)
    for each in (x, y):
        if not each.dtype.ir.is_float:
            kind = "Complex" if each.dtype.ir.is_complex else "Integral"
            raise RuntimeError(f"kl_div: {kind} inputs not supported.")
    result = call(_kl_div, (x, y), (bool(log_target), chosen))
    return result / x.shape[0] if over_batch and x.ndim else result
