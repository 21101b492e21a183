"""tf.distributions.Gamma, Exponential, Beta and Dirichlet: positive variables, and shares of a whole."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.operation import Operation
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, identity, shape
from ..operations.casting import cast
from ..operations.checks import (
    assert_less,
    assert_near,
    assert_positive,
    assert_rank_at_least,
    assert_same_float_dtype,
)
from ..operations.control import with_dependencies
from ..operations.distributions import random_gamma
from ..operations.matrices import matrix_set_diag
from ..operations.products import matmul
from ..operations.ranges import ones_like
from ..operations.reductions import reduced
from ..operations.selection import where_v2
from ..operations.special_functions import lbeta
from .distribution import FULLY_REPARAMETERIZED, Distribution, ScalarDistribution, arguments_of
from .divergences import RegisterKL
from .parameters import below_one, new_seed


def _nan(x: Tensor) -> Tensor:
    return apply("ZerosLike", [x]) + float("nan")


def defined(value: Tensor, holds: Tensor, allow_nan: bool, check: Callable[[], Operation]) -> Tensor:
    """A statistic, nan where it is not defined, or what a run checks before."""
    if allow_nan:
        return where_v2(holds, value, _nan(value))
    return with_dependencies([check()], value)


@export("distributions.Gamma", "contrib.distributions.Gamma")
class Gamma(ScalarDistribution):
    """Variables of density x**(concentration - 1) exp(-rate x), normalized."""

    _PARAMETERS = ("concentration", "rate")

    def __init__(
        self, concentration: Any, rate: Any, validate_args: bool = False, allow_nan_stats: bool = True,
        name: str = "Gamma",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        with name_scope(name, values=[concentration, rate]) as scope:
            checks = [assert_positive(concentration), assert_positive(rate)] if validate_args else []
            with control_dependencies(checks):
                self._concentration = identity(convert_to_tensor(concentration), name="concentration")
                self._rate = identity(convert_to_tensor(rate), name="rate")
            assert_same_float_dtype([self._concentration, self._rate])
        super().__init__(
            self._concentration.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, given,
            [self._concentration, self._rate], scope,
        )  # fmt: skip

    @property
    def concentration(self) -> Tensor:
        """The shape of the density."""
        return self._concentration

    @property
    def rate(self) -> Tensor:
        """The inverse of the scale."""
        return self._rate

    def _parameters_of_batch(self) -> Sequence[Tensor]:
        return self._concentration, self._rate

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        return random_gamma([n], alpha=self._concentration, beta=self._rate, dtype=self.dtype, seed=seed)

    def _valid(self, x: Tensor) -> Tensor:
        assert_same_float_dtype([x], self.dtype)
        return with_dependencies([assert_positive(x)], x) if self.validate_args else x

    def _log_prob(self, x: Tensor) -> Tensor:
        x = self._valid(x)
        apart = apply("Xlogy", [self._concentration - 1.0, x]) - self._rate * x
        return apart - (apply("Lgamma", [self._concentration]) - self._concentration * apply("Log", [self._rate]))

    def _cdf(self, x: Tensor) -> Tensor:
        return apply("Igamma", [self._concentration, self._rate * self._valid(x)])

    def _entropy(self) -> Tensor:
        a = self._concentration
        return a - apply("Log", [self._rate]) + apply("Lgamma", [a]) + (1.0 - a) * apply("Digamma", [a])

    def _mean(self) -> Tensor:
        return self._concentration / self._rate

    def _variance(self) -> Tensor:
        return self._concentration / apply("Square", [self._rate])

    def _stddev(self) -> Tensor:
        return apply("Sqrt", [self._concentration]) / self._rate

    def _mode(self) -> Tensor:
        a = self._concentration
        message = "mode not defined when any concentration <= 1"
        one = convert_to_tensor(1.0, dtype=self.dtype)
        return defined(
            (a - 1.0) / self._rate, a > 1.0, self.allow_nan_stats, lambda: assert_less(one, a, message=message)
        )  # fmt: skip


@RegisterKL(Gamma, Gamma)
def _gamma_divergence(a: Gamma, b: Gamma, name: str | None = None) -> Tensor:
    with name_scope(name, "kl_gamma_gamma", values=[a.concentration, b.concentration]):
        first, second = a.concentration, b.concentration
        shapes = (first - second) * apply("Digamma", [first]) + apply("Lgamma", [second]) - apply("Lgamma", [first])
        rates = second * apply("Log", [a.rate]) - second * apply("Log", [b.rate])
        return shapes + rates + first * (b.rate / a.rate - 1.0)


@export("distributions.Exponential", "contrib.distributions.Exponential")
class Exponential(Gamma):
    """Variables of density rate exp(-rate x)."""

    _PARAMETERS = ("rate",)

    def __init__(
        self, rate: Any, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "Exponential"
    ) -> None:
        given = arguments_of(inspect.currentframe())
        with name_scope(name, values=[rate]) as scope:
            rate = convert_to_tensor(rate, name="rate")
        one = convert_to_tensor(1.0, dtype=rate.dtype)
        super().__init__(one, rate, validate_args, allow_nan_stats, scope)
        self._parameters = given

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        drawn = below_one(self._sizes(n), self.dtype, seed)
        return -apply("Log", [drawn]) / self._rate

    def _log_survival_function(self, value: Tensor) -> Tensor:
        return self._log_prob(value) - apply("Log", [self._rate])


@export("distributions.Beta", "contrib.distributions.Beta")
class Beta(ScalarDistribution):
    """Variables of density x**(concentration1 - 1) (1 - x)**(concentration0 - 1), normalized."""

    _PARAMETERS = ("concentration1", "concentration0")

    def __init__(
        self, concentration1: Any = None, concentration0: Any = None, validate_args: bool = False,
        allow_nan_stats: bool = True, name: str = "Beta",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        with name_scope(name, values=[concentration1, concentration0]) as scope:
            self._concentration1, self._concentration0 = (
                positive(convert_to_tensor(value, name=what), validate_args)
                for what, value in (("concentration1", concentration1), ("concentration0", concentration0))
            )
            assert_same_float_dtype([self._concentration1, self._concentration0])
            self._total_concentration = self._concentration1 + self._concentration0
        super().__init__(
            self._total_concentration.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, given,
            [self._concentration1, self._concentration0, self._total_concentration], scope,
        )  # fmt: skip

    @property
    def concentration1(self) -> Tensor:
        """How much weighs towards 1."""
        return self._concentration1

    @property
    def concentration0(self) -> Tensor:
        """How much weighs towards 0."""
        return self._concentration0

    @property
    def total_concentration(self) -> Tensor:
        """The sum of both."""
        return self._total_concentration

    def _parameters_of_batch(self) -> Sequence[Tensor]:
        return (self._total_concentration,)

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        ones = ones_like(self._total_concentration)
        first = random_gamma([n], alpha=ones * self._concentration1, dtype=self.dtype, seed=seed)
        other = random_gamma(
            [n], alpha=ones * self._concentration0, dtype=self.dtype, seed=new_seed(seed, "beta")
        )  # fmt: skip
        return first / (first + other)

    def _valid(self, x: Tensor) -> Tensor:
        if not self.validate_args:
            return x
        one = convert_to_tensor(1.0, dtype=self.dtype)
        checks = [
            assert_positive(x, message="sample must be positive"),
            assert_less(x, one, message="sample must be less than `1`."),
        ]
        return with_dependencies(checks, x)

    def _log_prob(self, x: Tensor) -> Tensor:
        x = self._valid(x)
        near_one = (self._concentration0 - 1.0) * apply("Log1p", [-x])
        return apply("Xlogy", [self._concentration1 - 1.0, x]) + near_one - self._log_normalization()

    def _log_normalization(self) -> Tensor:
        parts = apply("Lgamma", [self._concentration1]) + apply("Lgamma", [self._concentration0])
        return parts - apply("Lgamma", [self._total_concentration])

    def _cdf(self, x: Tensor) -> Tensor:
        return apply("Betainc", [self._concentration1, self._concentration0, self._valid(x)])

    def _entropy(self) -> Tensor:
        one, zero, total = self._concentration1, self._concentration0, self._total_concentration
        parts = (one - 1.0) * apply("Digamma", [one]) + (zero - 1.0) * apply("Digamma", [zero])
        return self._log_normalization() - parts + (total - 2.0) * apply("Digamma", [total])

    def _mean(self) -> Tensor:
        return self._concentration1 / self._total_concentration

    def _variance(self) -> Tensor:
        return self._mean() * (1.0 - self._mean()) / (1.0 + self._total_concentration)

    def _mode(self) -> Tensor:
        one, zero = self._concentration1, self._concentration0
        holds = apply("LogicalAnd", [one > 1.0, zero > 1.0])
        least = convert_to_tensor(1.0, dtype=self.dtype)
        message = "Mode undefined for concentration1 <= 1."
        value = (one - 1.0) / (self._total_concentration - 2.0)

        def check() -> Operation:
            with control_dependencies([assert_less(least, one, message=message)]):
                return assert_less(least, zero, message="Mode undefined for concentration0 <= 1.")

        return defined(value, holds, self.allow_nan_stats, check)


def positive(x: Tensor, validate_args: bool) -> Tensor:
    """A concentration, which a run checks with `validate_args`."""
    if not validate_args:
        return x
    return with_dependencies([assert_positive(x, message="Concentration parameter must be positive.")], x)


def _shares(x: Tensor, validate_args: bool) -> Tensor:
    """The concentrations of at least two shares, which a run checks with `validate_args`."""
    if not validate_args:
        return x
    checks = [
        assert_positive(x, message="Concentration parameter must be positive."),
        assert_rank_at_least(x, 1, message="Concentration parameter must have >=1 dimensions."),
        assert_less(1, shape(x)[-1], message="Concentration parameter must have event_size >= 2."),
    ]
    return with_dependencies(checks, x)


@RegisterKL(Beta, Beta)
def _beta_divergence(a: Beta, b: Beta, name: str | None = None) -> Tensor:
    with name_scope(name, "kl_beta_beta", values=[a.concentration1, b.concentration1]):
        apart = b._log_normalization() - a._log_normalization()
        apart = apart - apply("Digamma", [a.concentration1]) * (b.concentration1 - a.concentration1)
        apart = apart - apply("Digamma", [a.concentration0]) * (b.concentration0 - a.concentration0)
        total = b.total_concentration - a.total_concentration
        return apart + apply("Digamma", [a.total_concentration]) * total


@export("distributions.Dirichlet", "contrib.distributions.Dirichlet")
class Dirichlet(Distribution):
    """Shares of a whole, along the last axis, of density prod(x**(concentration - 1)), normalized."""

    def __init__(
        self, concentration: Any, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "Dirichlet"
    ) -> None:
        given = arguments_of(inspect.currentframe())
        with name_scope(name, values=[concentration]) as scope:
            self._concentration = _shares(convert_to_tensor(concentration, name="concentration"), validate_args)
            self._total_concentration = reduced("Sum", self._concentration, -1, False, None)
        super().__init__(
            self._concentration.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, given,
            [self._concentration, self._total_concentration], scope,
        )  # fmt: skip

    @property
    def concentration(self) -> Tensor:
        """How much weighs towards each share."""
        return self._concentration

    @property
    def total_concentration(self) -> Tensor:
        """The sum of all."""
        return self._total_concentration

    def _batch_shape(self) -> Any:
        return self._total_concentration.shape

    def _batch_shape_tensor(self) -> Tensor:
        return shape(self._total_concentration)

    def _event_shape(self) -> Any:
        return self._concentration.shape.with_rank_at_least(1)[-1:]

    def _event_shape_tensor(self) -> Tensor:
        return shape(self._concentration)[-1:]

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        drawn = random_gamma([n], alpha=self._concentration, dtype=self.dtype, seed=seed)
        return drawn / reduced("Sum", drawn, -1, True, None)

    def _log_prob(self, x: Tensor) -> Tensor:
        if self.validate_args:
            one = convert_to_tensor(1.0, dtype=self.dtype)
            whole = reduced("Sum", x, -1, False, None)
            checks = [
                assert_positive(x, message="samples must be positive"),
                assert_near(one, whole, message="sample last-dimension must sum to `1`"),
            ]
            x = with_dependencies(checks, x)
        apart = reduced("Sum", apply("Xlogy", [self._concentration - 1.0, x]), -1, False, None)
        return apart - lbeta(self._concentration)

    def _count(self) -> Tensor:
        return cast(self.event_shape_tensor()[0], self.dtype)

    def _entropy(self) -> Tensor:
        total = self._total_concentration
        each = reduced("Sum", (self._concentration - 1.0) * apply("Digamma", [self._concentration]), -1, False, None)
        return lbeta(self._concentration) + (total - self._count()) * apply("Digamma", [total]) - each

    def _mean(self) -> Tensor:
        return self._concentration / expand_dims(self._total_concentration, -1)

    def _scale(self) -> Tensor:
        return apply("Rsqrt", [1.0 + expand_dims(self._total_concentration, -1)])

    def _covariance(self) -> Tensor:
        x = self._scale() * self._mean()
        return matrix_set_diag(-matmul(expand_dims(x, -1), expand_dims(x, -2)), self._variance())

    def _variance(self) -> Tensor:
        scale = self._scale()
        x = scale * self._mean()
        return x * (scale - x)

    def _mode(self) -> Tensor:
        a = self._concentration
        value = (a - 1.0) / (expand_dims(self._total_concentration, -1) - self._count())
        holds = reduced("All", a > 1.0, -1, True, None)
        one = convert_to_tensor(1.0, dtype=self.dtype)
        message = "Mode undefined when any concentration <= 1"
        return defined(value, holds, self.allow_nan_stats, lambda: assert_less(one, a, message=message))


@RegisterKL(Dirichlet, Dirichlet)
def _dirichlet_divergence(a: Dirichlet, b: Dirichlet, name: str | None = None) -> Tensor:
    with name_scope(name, "kl_dirichlet_dirichlet", values=[a.concentration, b.concentration]):
        total = apply("Digamma", [reduced("Sum", a.concentration, -1, True, None)])
        apart = (a.concentration - b.concentration) * (apply("Digamma", [a.concentration]) - total)
        return reduced("Sum", apart, -1, False, None) - lbeta(a.concentration) + lbeta(b.concentration)
