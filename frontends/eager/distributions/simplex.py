"""Distributions of probabilities: Beta and Dirichlet."""

from __future__ import annotations

from typing import Any, ClassVar

from ..functions.joining import stack
from ..functions.logic import where
from ..functions.pairs import xlogy
from ..tensors.creation import ones_like
from ..tensors.tensor import Tensor
from . import constraints
from .distribution import ExponentialFamily, broadcast_all
from .operations import gamma_draws


class Dirichlet(ExponentialFamily):
    """Vectors whose elements are positive and sum to 1, by `concentration` [..., n]. Gradients of samples are those of
    gamma numbers, divided by their sum."""

    arg_constraints: ClassVar[dict[str, Any]] = {"concentration": constraints.independent(constraints.positive, 1)}
    support: Any = constraints.simplex
    has_rsample = True

    def __init__(self, concentration: Tensor, validate_args: bool | None = None) -> None:
        if concentration.ndim < 1:
            raise ValueError("`concentration` parameter must be at least one-dimensional.")
        self.concentration = concentration
        super().__init__(concentration.shape[:-1], concentration.shape[-1:], validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.concentration / self.concentration.sum(-1, True)

    @property
    def mode(self) -> Tensor:
        from .classes import one_hot

        less = (self.concentration - 1).clamp(min=0.0)
        found = less / less.sum(-1, True)
        outside = (self.concentration < 1).all(-1)
        corner = one_hot(found.argmax(-1), found.shape[-1], found)
        return where(outside.unsqueeze(-1), corner, found)

    @property
    def variance(self) -> Tensor:
        total = self.concentration.sum(-1, True)
        return self.concentration * (total - self.concentration) / (total.pow(2) * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        drawn = gamma_draws(self.concentration.expand(self._extended_shape(sample_shape)))
        return drawn / drawn.sum(-1, True)

    def log_prob(self, value: Tensor) -> Tensor:
        self._check(value)
        a = self.concentration
        return xlogy(a - 1.0, value).sum(-1) + a.sum(-1).lgamma() - a.lgamma().sum(-1)

    def entropy(self) -> Tensor:
        a, count = self.concentration, self.concentration.shape[-1]
        total = a.sum(-1)
        return (
            a.lgamma().sum(-1) - total.lgamma() - (count - total) * total.digamma()
            - ((a - 1.0) * a.digamma()).sum(-1)
        )  # fmt: skip


class Beta(ExponentialFamily):
    """Probabilities, by `concentration1` and `concentration0`."""

    arg_constraints: ClassVar[dict[str, Any]] = {
        "concentration1": constraints.positive,
        "concentration0": constraints.positive,
    }
    support: Any = constraints.unit_interval
    has_rsample = True

    def __init__(self, concentration1: Any, concentration0: Any, validate_args: bool | None = None) -> None:
        first, second = broadcast_all(concentration1, concentration0)
        self._dirichlet = Dirichlet(stack([first, second], -1), validate_args=validate_args)
        super().__init__(first.shape, validate_args=validate_args)

    @property
    def concentration1(self) -> Tensor:
        """The first parameter."""
        return self._dirichlet.concentration[..., 0]

    @property
    def concentration0(self) -> Tensor:
        """The second parameter."""
        return self._dirichlet.concentration[..., 1]

    @property
    def mean(self) -> Tensor:
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def mode(self) -> Tensor:
        return self._dirichlet.mode[..., 0]

    @property
    def variance(self) -> Tensor:
        total = self.concentration1 + self.concentration0
        return self.concentration1 * self.concentration0 / (total.pow(2) * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self._dirichlet.rsample(sample_shape)[..., 0]

    def log_prob(self, value: Tensor) -> Tensor:
        self._check(value)
        (value,) = broadcast_all(value)
        return self._dirichlet.log_prob(stack([value, ones_like(value) - value], -1))

    def entropy(self) -> Tensor:
        return self._dirichlet.entropy()
