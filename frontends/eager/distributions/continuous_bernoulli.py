"""The continuous Bernoulli distribution (Loaiza-Ganem and Cunningham, 2019)."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..functions.logic import where
from ..functions.reductions import all as all_of
from ..tensors.creation import ones_like, zeros_like
from ..tensors.tensor import Tensor
from . import constraints
from .discrete import _Binary, cross_entropy_of_odds
from .distribution import ExponentialFamily, clamp_probs
from .operations import uniform_draws


class ContinuousBernoulli(_Binary, ExponentialFamily):
    """Numbers from 0 to 1 with a density in proportion to probs ** x * (1 - probs) ** (1 - x). Where probs lies between
    `lims`, near 0.5, what is computed is a Taylor series. Raises ValueError for probabilities that are none where
    `validate_args` is said, and otherwise brings them to 0 or 1."""

    arg_constraints: ClassVar[dict[str, Any]] = {"probs": constraints.unit_interval, "logits": constraints.real}
    support: Any = constraints.unit_interval
    has_rsample = True

    def __init__(
        self, probs: Any = None, logits: Any = None, lims: tuple[float, float] = (0.499, 0.501),
        validate_args: bool | None = None,
    ) -> None:  # fmt: skip
        given = self._given(probs, logits)
        self._by_probs = probs is not None
        if self._by_probs:
            is_probability = self.arg_constraints["probs"].check(given.detach())
            if validate_args is not None and not bool(all_of(is_probability)):
                raise ValueError("The parameter probs has invalid values")
            self.__dict__["probs"] = clamp_probs(given)
        self._lims = lims
        super().__init__(given.shape, validate_args=validate_args)

    def _is_stable(self) -> Tensor:
        return (self.probs <= self._lims[0]) | (self.probs > self._lims[1])

    def _apart(self) -> Tensor:
        """The probabilities, away from 0.5."""
        return where(self._is_stable(), self.probs, self._lims[0] * ones_like(self.probs))

    def _cont_bern_log_norm(self) -> Tensor:
        """The logarithm of what the density is multiplied by."""
        p = self._apart()
        below, above = where(p <= 0.5, p, zeros_like(p)), where(p >= 0.5, p, ones_like(p))
        found = ((-p).log1p() - p.log()).abs().log() - where(
            p <= 0.5, (-2.0 * below).log1p(), (2.0 * above - 1.0).log()
        )
        x = (self.probs - 0.5).pow(2)
        return where(self._is_stable(), found, math.log(2.0) + (4.0 / 3.0 + 104.0 / 45.0 * x) * x)

    @property
    def mean(self) -> Tensor:
        p = self._apart()
        found = p / (2.0 * p - 1.0) + 1.0 / ((-p).log1p() - p.log())
        x = self.probs - 0.5
        return where(self._is_stable(), found, 0.5 + (1.0 / 3.0 + 16.0 / 45.0 * x.pow(2)) * x)

    @property
    def variance(self) -> Tensor:
        p = self._apart()
        found = p * (p - 1.0) / (1.0 - 2.0 * p).pow(2) + 1.0 / ((-p).log1p() - p.log()).pow(2)
        x = (self.probs - 0.5).pow(2)
        return where(self._is_stable(), found, 1.0 / 12.0 - (1.0 / 15.0 - 128.0 / 945.0 * x) * x)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self.icdf(uniform_draws(tuple(self._extended_shape(sample_shape)), self.probs))

    def log_prob(self, value: Tensor) -> Tensor:
        self._check(value)
        return -cross_entropy_of_odds(self.logits, value) + self._cont_bern_log_norm()

    def cdf(self, value: Tensor) -> Tensor:
        self._check(value)
        p = self._apart()
        found = (p.pow(value) * (1.0 - p).pow(1.0 - value) + p - 1.0) / (2.0 * p - 1.0)
        found = where(self._is_stable(), found, value)
        return where(value <= 0.0, 0.0, where(value >= 1.0, 1.0, found))

    def icdf(self, value: Tensor) -> Tensor:
        p = self._apart()
        first = (-p).log1p()
        found = ((-p + value * (2.0 * p - 1.0)).log1p() - first) / (p.log() - first)
        return where(self._is_stable(), found, value)

    def entropy(self) -> Tensor:
        zero, one = (-self.probs).log1p(), self.probs.log()
        return self.mean * (zero - one) - self._cont_bern_log_norm() - zero
