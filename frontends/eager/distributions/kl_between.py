"""Divergences between distributions of different classes: -entropy - E[log q(x)], of q's by p's expectations.

A pair whose supports do not fit is infinitely far apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..functions.logic import where
from ..functions.pairs import xlogy
from ..tensors.creation import full_like
from ..tensors.tensor import Tensor
from .continuous import EULER, Exponential, Gumbel, Laplace, Normal, Uniform
from .continuous_bernoulli import ContinuousBernoulli
from .discrete import Bernoulli, Binomial, Poisson
from .gamma import Gamma
from .kl import register_kl
from .pareto import Pareto
from .simplex import Beta

# -- expectations of x ~ p ----


def _mean_log(p: Any) -> Tensor:
    """E[log x]."""
    if isinstance(p, Exponential):
        return -EULER - p.rate.log()
    if isinstance(p, Gamma):
        return p.concentration.digamma() - p.rate.log()
    if isinstance(p, Beta):
        return p.concentration1.digamma() - (p.concentration1 + p.concentration0).digamma()
    if isinstance(p, Pareto):
        return p.scale.log() + p.alpha.reciprocal()
    return _mean_log_between(p.low, p.high)


def _mean_log_between(low: Tensor, high: Tensor) -> Tensor:
    """E[log x] of uniform x."""
    return (xlogy(high, high) - xlogy(low, low)) / (high - low) - 1


def _mean_shrunk(p: Any, scale: Tensor) -> Tensor:
    """E[exp(-x / scale)]."""
    if isinstance(p, Exponential):
        return p.rate * scale / (p.rate * scale + 1)
    if isinstance(p, Gamma):
        return (1 + 1 / (p.rate * scale)).pow(-p.concentration)
    if isinstance(p, Normal):
        return (-p.loc / scale + 0.5 * (p.scale / scale).pow(2)).exp()
    return scale / (p.high - p.low) * ((-p.low / scale).exp() - (-p.high / scale).exp())


# -- minus E[log q(x)] of x ~ p ----


def _of_exponential(p: Any, q: Any) -> Tensor:
    return q.rate * p.mean - q.rate.log()


def _of_gamma(p: Any, q: Any) -> Tensor:
    constant = q.concentration.lgamma() - q.concentration * q.rate.log()
    return constant - (q.concentration - 1) * _mean_log(p) + q.rate * p.mean


def _of_normal(p: Any, q: Any) -> Tensor:
    squared = p.variance + (p.mean - q.loc).pow(2)
    return (math.sqrt(2 * math.pi) * q.scale).log() + squared / (2 * q.scale.pow(2))


def _of_gumbel(p: Any, q: Any) -> Tensor:
    return q.scale.log() + (p.mean - q.loc) / q.scale + (q.loc / q.scale).exp() * _mean_shrunk(p, q.scale)


def _of_continuous_bernoulli(p: Any, q: Any) -> Tensor:
    return -p.mean * q.logits - (-q.probs).log1p() - q._cont_bern_log_norm()


def _of_laplace(p: Normal, q: Any) -> Tensor:
    """By E|x - loc| of normal x."""
    apart = p.loc - q.loc
    ratio = apart / p.scale
    distance = math.sqrt(2 / math.pi) * p.scale * (-0.5 * ratio.pow(2)).exp()
    return (2 * q.scale).log() + (distance + apart * (math.sqrt(0.5) * ratio).erf()) / q.scale


def _of_beta(p: Uniform, q: Any) -> Tensor:
    total = q.concentration1 + q.concentration0
    constant = q.concentration1.lgamma() + q.concentration0.lgamma() - total.lgamma()
    from_above = _mean_log_between(1 - p.high, 1 - p.low)
    return constant - (q.concentration1 - 1) * _mean_log(p) - (q.concentration0 - 1) * from_above


def _of_pareto(p: Uniform, q: Any) -> Tensor:
    return (q.alpha + 1) * _mean_log(p) - q.alpha.log() - q.alpha * q.scale.log()


def _of_uniform(p: Any, q: Any) -> Tensor:
    return (q.high - q.low).log()


def _of_poisson(p: Bernoulli, q: Any) -> Tensor:
    return q.rate - p.probs * q.rate.log()


# -- the pairs ----

Outside = Callable[[Any, Any], Tensor]


def _register(formula: Callable[[Any, Any], Tensor], p: type, q: type, outside: Outside | None = None) -> None:
    """The pair's divergence, infinite where `outside` says so."""

    @register_kl(p, q)
    def _divergence(one: Any, other: Any) -> Tensor:
        found = formula(one, other) - one.entropy()
        return found if outside is None else where(outside(one, other), math.inf, found)


def _register_apart(p: type, *others: type) -> None:
    for each in others:

        @register_kl(p, each)
        def _divergence(one: Any, other: Any) -> Tensor:
            return full_like(one.mean, math.inf)


_register(_of_poisson, Bernoulli, Poisson)
_register(_of_continuous_bernoulli, Beta, ContinuousBernoulli)
_register(_of_exponential, Beta, Exponential)
_register(_of_gamma, Beta, Gamma)
_register(_of_normal, Beta, Normal)
_register(_of_uniform, Beta, Uniform, lambda p, q: (q.low > 0) | (q.high < 1))
_register(_of_exponential, ContinuousBernoulli, Exponential)
_register(_of_normal, ContinuousBernoulli, Normal)
_register(_of_uniform, ContinuousBernoulli, Uniform, lambda p, q: (q.low >= 0) | (q.high <= 1))
_register(_of_gamma, Exponential, Gamma)
_register(_of_gumbel, Exponential, Gumbel)
_register(_of_normal, Exponential, Normal)
_register(_of_exponential, Gamma, Exponential)
_register(_of_gumbel, Gamma, Gumbel)
_register(_of_normal, Gamma, Normal)
_register(_of_normal, Gumbel, Normal)
_register(_of_normal, Laplace, Normal)
_register(_of_gumbel, Normal, Gumbel)
_register(_of_laplace, Normal, Laplace)
_register(_of_exponential, Pareto, Exponential, lambda p, q: p.alpha <= 1)
_register(_of_gamma, Pareto, Gamma, lambda p, q: p.alpha <= 1)
_register(_of_normal, Pareto, Normal, lambda p, q: p.alpha <= 2)
_register(_of_beta, Uniform, Beta, lambda p, q: (p.high > 1) | (p.low < 0))
_register(_of_continuous_bernoulli, Uniform, ContinuousBernoulli, lambda p, q: (p.high >= 1) | (p.low <= 0))
_register(_of_exponential, Uniform, Exponential, lambda p, q: p.low < 0)
_register(_of_gamma, Uniform, Gamma, lambda p, q: p.low < 0)
_register(_of_gumbel, Uniform, Gumbel)
_register(_of_normal, Uniform, Normal)
_register(_of_pareto, Uniform, Pareto, lambda p, q: p.low < q.scale)
_register_apart(Beta, Pareto)
_register_apart(ContinuousBernoulli, Pareto)
_register_apart(Exponential, Beta, ContinuousBernoulli, Pareto, Uniform)
_register_apart(Gamma, Beta, ContinuousBernoulli, Pareto, Uniform)
_register_apart(Gumbel, Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform)
_register_apart(Laplace, Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform)
_register_apart(Normal, Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform)
_register_apart(Pareto, Beta, ContinuousBernoulli, Uniform)
_register_apart(Poisson, Bernoulli, Binomial)
