"""Distributions with heavy tails: Pareto, and the generalized one."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..functions.logic import where
from ..functions.pairs import isclose
from ..tensors.creation import ones_like, zeros_like
from ..tensors.tensor import Tensor
from . import constraints
from .continuous import Exponential
from .distribution import Distribution, broadcast_all
from .elementwise_transforms import AffineTransform, ExpTransform
from .operations import uniform_draws
from .transformed import TransformedDistribution


class Pareto(TransformedDistribution):
    """Numbers from `scale` on, with a density that falls as x ** -(alpha + 1)."""

    arg_constraints: ClassVar[dict[str, Any]] = {"alpha": constraints.positive, "scale": constraints.positive}

    def __init__(self, scale: Any, alpha: Any, validate_args: bool | None = None) -> None:
        self.scale, self.alpha = broadcast_all(scale, alpha)
        base = Exponential(self.alpha, validate_args=validate_args)
        super().__init__(base, [ExpTransform(), AffineTransform(0, self.scale)], validate_args)

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        return constraints.greater_than_eq(self.scale)

    @property
    def mean(self) -> Tensor:
        alpha = self.alpha.clamp(min=1)
        return alpha * self.scale / (alpha - 1)

    @property
    def mode(self) -> Tensor:
        return self.scale

    @property
    def variance(self) -> Tensor:
        alpha = self.alpha.clamp(min=2)
        return self.scale.pow(2) * alpha / ((alpha - 1).pow(2) * (alpha - 2))

    def entropy(self) -> Tensor:
        return (self.scale / self.alpha).log() + (1 + self.alpha.reciprocal())


class GeneralizedPareto(Distribution):
    """loc + scale * ((1 - u) ** -concentration - 1) / concentration of uniform u; of concentration 0 exponential."""

    arg_constraints: ClassVar[dict[str, Any]] = {
        "loc": constraints.real, "scale": constraints.positive, "concentration": constraints.real,
    }  # fmt: skip
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale, self.concentration = broadcast_all(loc, scale, concentration)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        last = where(self.concentration < 0, self.loc - self.scale / self.concentration, math.inf)
        return constraints.interval(self.loc, last)

    @property
    def _is_exponential(self) -> Tensor:
        return isclose(self.concentration, zeros_like(self.concentration))

    @property
    def _shape(self) -> Tensor:
        """The concentration, 1 where it is 0."""
        return where(self._is_exponential, ones_like(self.concentration), self.concentration)

    def _scaled(self, value: Tensor) -> Tensor:
        return (value - self.loc) / self.scale

    @property
    def mean(self) -> Tensor:
        exists = self.concentration < 1
        found = self.loc + self.scale / (1 - where(exists, self.concentration, 0.5))
        return where(exists, found, math.nan)

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        exists = self.concentration < 0.5
        shape = where(exists, self.concentration, 0.25)
        return where(exists, self.scale**2 / ((1 - shape) ** 2 * (1 - 2 * shape)), math.nan)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self.icdf(uniform_draws(tuple(self._extended_shape(sample_shape)), self.loc))

    def log_prob(self, value: Tensor) -> Tensor:
        self._check(value)
        z, shape = self._scaled(value), self._shape
        power = 1 / shape + ones_like(z)
        found = where(power == 0, power, power * (shape * z).log1p())
        return -self.scale.log() - where(self._is_exponential, z, found)

    def log_survival_function(self, value: Tensor) -> Tensor:
        """The logarithm of the probability of a number above each."""
        self._check(value)
        z, shape = self._scaled(value), self._shape
        return where(self._is_exponential, -z, -(shape * z).log1p() / shape)

    def log_cdf(self, value: Tensor) -> Tensor:
        """The logarithm of `cdf`."""
        return (-self.log_survival_function(value).exp()).log1p()

    def cdf(self, value: Tensor) -> Tensor:
        return self.log_cdf(value).exp()

    def icdf(self, value: Tensor) -> Tensor:
        above, shape = (-value).log1p(), self._shape
        found = self.loc + self.scale / shape * (-shape * above).expm1()
        return where(self._is_exponential, self.loc - self.scale * above, found)

    def entropy(self) -> Tensor:
        return (self.scale.log() + self.concentration + 1).expand(self._batch_shape)
