"""tf.distributions.Normal, Laplace and Logistic: variables around a place."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import identity
from ..operations.checks import assert_positive, assert_same_float_dtype
from ..operations.random import random_normal, random_uniform
from ..operations.ranges import ones_like
from ..operations.selection import where_v2
from .distribution import FULLY_REPARAMETERIZED, ScalarDistribution, arguments_of
from .divergences import RegisterKL
from .parameters import below_one


class _Placed(ScalarDistribution):
    """Variables loc + scale * z, of parameters that broadcast to one shape, the batch."""

    _PARAMETERS = ("loc", "scale")

    def __init__(
        self, loc: Any, scale: Any, validate_args: bool = False, allow_nan_stats: bool = True, name: str | None = None
    ) -> None:
        given = arguments_of(inspect.currentframe())
        with name_scope(name or type(self).__name__, values=[loc, scale]) as scope:
            with control_dependencies([assert_positive(scale)] if validate_args else []):
                self._loc = identity(convert_to_tensor(loc), name="loc")
                self._scale = identity(convert_to_tensor(scale), name="scale")
            assert_same_float_dtype([self._loc, self._scale])
        super().__init__(
            self._scale.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, given, [self._loc, self._scale],
            scope,
        )  # fmt: skip

    @property
    def loc(self) -> Tensor:
        """The place."""
        return self._loc

    @property
    def scale(self) -> Tensor:
        """How far variables lie from it."""
        return self._scale

    def _parameters_of_batch(self) -> Sequence[Tensor]:
        return self._loc, self._scale

    def _z(self, x: Tensor) -> Tensor:
        with name_scope("standardize", values=[x]):
            return (x - self._loc) / self._scale

    def _mean(self) -> Tensor:
        return self._in_batch(self._loc)

    def _mode(self) -> Tensor:
        return self._mean()


@export("distributions.Normal", "contrib.distributions.Normal")
class Normal(_Placed):
    """Normal variables with means `loc` and standard deviations `scale`."""

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        return random_normal(self._sizes(n), dtype=self.dtype, seed=seed) * self._scale + self._loc

    def _log_prob(self, x: Tensor) -> Tensor:
        apart = -0.5 * apply("Square", [self._z(x)])
        return apart - (0.5 * math.log(2 * math.pi) + apply("Log", [self._scale]))

    def _cdf(self, x: Tensor) -> Tensor:
        return _normal_cdf(self._z(x))

    def _survival_function(self, x: Tensor) -> Tensor:
        return _normal_cdf(-self._z(x))

    def _log_cdf(self, x: Tensor) -> Tensor:
        return _log_normal_cdf(self._z(x))

    def _log_survival_function(self, x: Tensor) -> Tensor:
        return _log_normal_cdf(-self._z(x))

    def _quantile(self, p: Tensor) -> Tensor:
        return apply("Erfinv", [2.0 * p - 1.0]) * math.sqrt(2.0) * self._scale + self._loc

    def _entropy(self) -> Tensor:
        scale = self._scale * ones_like(self._loc)
        return 0.5 * math.log(2 * math.pi) + 0.5 + apply("Log", [scale])

    def _stddev(self) -> Tensor:
        return self._in_batch(self._scale)


def _normal_cdf(x: Tensor) -> Tensor:
    """The probability below x, without cancellation in either tail."""
    half = math.sqrt(0.5)
    w = x * half
    z = apply("Abs", [w])
    near = 1.0 + apply("Erf", [w])
    tail = apply("Erfc", [z])
    return 0.5 * where_v2(z < half, near, where_v2(w > 0.0, 2.0 - tail, tail))


def _log_normal_cdf(x: Tensor) -> Tensor:
    """The logarithm of the probability below x, by an asymptotic series far below 0."""
    lower, upper = (-20.0, 8.0) if x.dtype.size > 4 else (-10.0, 5.0)
    middle = apply("Log", [_normal_cdf(apply("Maximum", [x, lower]))])
    low = apply("Minimum", [x, lower])
    square = apply("Square", [low])
    even, odd, factor, power = 0.0, 0.0, 1, square
    for number in range(1, 4):
        factor *= 2 * number - 1
        if number % 2:
            odd = odd + factor / power
        else:
            even = even + factor / power
        power = power * square
    far = -0.5 * square - apply("Log", [-low]) - 0.5 * math.log(2 * math.pi) + apply("Log", [1.0 + even - odd])
    return where_v2(x > upper, -_normal_cdf(-x), where_v2(x > lower, middle, far))


@RegisterKL(Normal, Normal)
def _normal_divergence(a: Normal, b: Normal, name: str | None = None) -> Tensor:
    with name_scope(name, "kl_normal_normal", [a.loc, b.loc]):
        of_a, of_b = apply("Square", [a.scale]), apply("Square", [b.scale])
        ratio = of_a / of_b
        return apply("Square", [a.loc - b.loc]) / (2.0 * of_b) + 0.5 * (ratio - 1.0 - apply("Log", [ratio]))


@export("distributions.Laplace", "contrib.distributions.Laplace")
class Laplace(_Placed):
    """Variables of density exp(-|x - loc| / scale) / (2 scale)."""

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        kind = self.dtype.as_numpy_dtype
        first = np.nextafter(kind(-1.0), kind(0.0))
        drawn = random_uniform(self._sizes(n), minval=first, maxval=1.0, dtype=self.dtype, seed=seed)
        far = apply("Log1p", [-apply("Abs", [drawn])])
        return self._loc - self._scale * apply("Sign", [drawn]) * far

    def _log_prob(self, x: Tensor) -> Tensor:
        return -apply("Abs", [self._z(x)]) - (math.log(2.0) + apply("Log", [self._scale]))

    def _cdf(self, x: Tensor) -> Tensor:
        z = self._z(x)
        return 0.5 + 0.5 * apply("Sign", [z]) * (1.0 - apply("Exp", [-apply("Abs", [z])]))

    def _log_cdf(self, x: Tensor) -> Tensor:
        return _log_laplace_cdf(self._z(x))

    def _log_survival_function(self, x: Tensor) -> Tensor:
        return _log_laplace_cdf(-self._z(x))

    def _entropy(self) -> Tensor:
        return math.log(2.0) + 1.0 + apply("Log", [self._in_batch(self._scale)])

    def _stddev(self) -> Tensor:
        return self._in_batch(math.sqrt(2.0) * self._scale)


def _log_laplace_cdf(x: Tensor) -> Tensor:
    below = apply("Log1p", [-0.5 * apply("Exp", [-apply("Abs", [x])])])
    return where_v2(x < 0.0, -math.log(2.0) + x, below)


@export("contrib.distributions.Logistic")
class Logistic(_Placed):
    """Variables whose distribution function is the logistic function of (x - loc) / scale."""

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        drawn = below_one(self._sizes(n), self.dtype, seed)
        return (apply("Log", [drawn]) - apply("Log1p", [-1.0 * drawn])) * self._scale + self._loc

    def _log_prob(self, x: Tensor) -> Tensor:
        z = self._z(x)
        return -z - 2.0 * apply("Softplus", [-z]) - apply("Log", [self._scale])

    def _log_cdf(self, x: Tensor) -> Tensor:
        return -apply("Softplus", [-self._z(x)])

    def _cdf(self, x: Tensor) -> Tensor:
        return apply("Sigmoid", [self._z(x)])

    def _log_survival_function(self, x: Tensor) -> Tensor:
        return -apply("Softplus", [self._z(x)])

    def _survival_function(self, x: Tensor) -> Tensor:
        return apply("Sigmoid", [-self._z(x)])

    def _entropy(self) -> Tensor:
        return 2.0 + apply("Log", [self._in_batch(self._scale)])

    def _stddev(self) -> Tensor:
        return self._in_batch(self._scale) * math.pi / math.sqrt(3)
