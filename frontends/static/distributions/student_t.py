"""tf.distributions.StudentT: variables with heavy tails."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import identity
from ..operations.checks import assert_less, assert_positive, assert_same_float_dtype
from ..operations.distributions import random_gamma
from ..operations.random import random_normal
from ..operations.ranges import ones_like
from ..operations.selection import where_v2
from .distribution import FULLY_REPARAMETERIZED, ScalarDistribution, arguments_of
from .gamma import defined
from .parameters import new_seed


@export("distributions.StudentT", "contrib.distributions.StudentT")
class StudentT(ScalarDistribution):
    """Variables loc + scale * t, t of Student's distribution with `df` degrees of freedom."""

    _PARAMETERS = ("df", "loc", "scale")

    def __init__(
        self, df: Any, loc: Any, scale: Any, validate_args: bool = False, allow_nan_stats: bool = True,
        name: str = "StudentT",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        with name_scope(name, values=[df, loc, scale]) as scope:
            with control_dependencies([assert_positive(df)] if validate_args else []):
                self._df, self._loc, self._scale = (
                    identity(convert_to_tensor(value), name=what)
                    for what, value in (("df", df), ("loc", loc), ("scale", scale))
                )
            assert_same_float_dtype([self._df, self._loc, self._scale])
        super().__init__(
            self._scale.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, given,
            [self._df, self._loc, self._scale], scope,
        )  # fmt: skip

    @property
    def df(self) -> Tensor:
        """The degrees of freedom."""
        return self._df

    @property
    def loc(self) -> Tensor:
        """The place."""
        return self._loc

    @property
    def scale(self) -> Tensor:
        """How far variables lie from it."""
        return self._scale

    def _parameters_of_batch(self) -> Sequence[Tensor]:
        return self._df, self._loc, self._scale

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        normal = random_normal(self._sizes(n), dtype=self.dtype, seed=seed)
        df = self._in_batch(self._df)
        drawn = random_gamma([n], 0.5 * df, beta=0.5, dtype=self.dtype, seed=new_seed(seed, "student_t"))
        return normal * apply("Rsqrt", [drawn / df]) * self._scale + self._loc

    def _log_prob(self, x: Tensor) -> Tensor:
        y = (x - self._loc) / self._scale
        apart = -0.5 * (self._df + 1.0) * apply("Log1p", [apply("Square", [y]) / self._df])
        return apart - self._log_normalization()

    def _log_normalization(self) -> Tensor:
        df = self._df
        whole = apply("Log", [apply("Abs", [self._scale])]) + 0.5 * apply("Log", [df]) + 0.5 * math.log(math.pi)
        return whole + apply("Lgamma", [0.5 * df]) - apply("Lgamma", [0.5 * (df + 1.0)])

    def _cdf(self, x: Tensor) -> Tensor:
        y = (x - self._loc) / apply("Abs", [self._scale])
        inner = self._df / (apply("Square", [y]) + self._df)
        half = convert_to_tensor(0.5, dtype=self.dtype)
        tail = 0.5 * apply("Betainc", [0.5 * self._df, half, inner])
        return where_v2(y < 0.0, tail, 1.0 - tail)

    def _entropy(self) -> Tensor:
        df = self._in_batch(self._df)
        beta = apply("Lgamma", [df / 2.0]) + math.lgamma(0.5) - apply("Lgamma", [(df + 1.0) / 2.0])
        apart = apply("Digamma", [0.5 * (df + 1.0)]) - apply("Digamma", [0.5 * df])
        scale = apply("Log", [apply("Abs", [self._scale])])
        return scale + 0.5 * apply("Log", [df]) + beta + 0.5 * (df + 1.0) * apart

    def _mean(self) -> Tensor:
        one = convert_to_tensor(1.0, dtype=self.dtype)
        message = "mean not defined for components of df <= 1"
        return defined(
            self._in_batch(self._loc), self._in_batch(self._df) > 1.0, self.allow_nan_stats,
            lambda: assert_less(one, self._df, message=message),
        )  # fmt: skip

    def _variance(self) -> Tensor:
        df = self._in_batch(self._df)
        below = where_v2(df > 2.0, df - 2.0, ones_like(df))
        found = apply("Square", [self._scale]) * df / below
        found = where_v2(df > 2.0, found, apply("ZerosLike", [found]) + float("inf"))
        one = convert_to_tensor(1.0, dtype=self.dtype)
        message = "variance not defined for components of df <= 1"
        return defined(found, df > 1.0, self.allow_nan_stats, lambda: assert_less(one, self._df, message=message))

    def _mode(self) -> Tensor:
        return identity(self._loc)
