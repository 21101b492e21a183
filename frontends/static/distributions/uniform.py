"""tf.distributions.Uniform: variables between two bounds."""

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
from ..operations.checks import assert_less, assert_same_float_dtype
from ..operations.random import random_uniform
from ..operations.ranges import ones_like
from ..operations.selection import where_v2
from .distribution import FULLY_REPARAMETERIZED, ScalarDistribution, arguments_of


@export("distributions.Uniform", "contrib.distributions.Uniform")
class Uniform(ScalarDistribution):
    """Variables that lie anywhere between `low` and `high`, `high` excluded."""

    _PARAMETERS = ("low", "high")

    def __init__(
        self, low: Any = 0.0, high: Any = 1.0, validate_args: bool = False, allow_nan_stats: bool = True,
        name: str = "Uniform",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        with name_scope(name, values=[low, high]) as scope:
            message = "uniform not defined when low >= high."
            with control_dependencies([assert_less(low, high, message=message)] if validate_args else []):
                self._low = identity(convert_to_tensor(low), name="low")
                self._high = identity(convert_to_tensor(high), name="high")
            assert_same_float_dtype([self._low, self._high])
        super().__init__(
            self._low.dtype,
            FULLY_REPARAMETERIZED,
            validate_args,
            allow_nan_stats,
            given,
            [self._low, self._high],
            scope,
        )

    @property
    def low(self) -> Tensor:
        """The lower bound."""
        return self._low

    @property
    def high(self) -> Tensor:
        """The upper bound."""
        return self._high

    def range(self, name: str = "range") -> Tensor:
        """high - low."""
        with self._scope(name):
            return self._high - self._low

    def _parameters_of_batch(self) -> Sequence[Tensor]:
        return self._low, self._high

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        return self._low + self.range() * random_uniform(self._sizes(n), dtype=self.dtype, seed=seed)

    def _prob(self, x: Tensor) -> Tensor:
        wide = x + apply("ZerosLike", [self._in_batch(self._low)])
        outside = apply("LogicalOr", [wide < self._low, wide >= self._high])
        inside = ones_like(wide) / self.range()
        density = where_v2(outside, apply("ZerosLike", [wide]), inside)
        return where_v2(apply("IsNan", [wide]), wide, density)

    def _cdf(self, x: Tensor) -> Tensor:
        wide = x + apply("ZerosLike", [self._in_batch(self._low)])
        below = where_v2(x < self._low, apply("ZerosLike", [wide]), (wide - self._low) / self.range())
        return where_v2(x >= self._high, ones_like(wide), below)

    def _entropy(self) -> Tensor:
        return apply("Log", [self.range()])

    def _mean(self) -> Tensor:
        return (self._low + self._high) / 2.0

    def _variance(self) -> Tensor:
        return apply("Square", [self.range()]) / 12.0

    def _stddev(self) -> Tensor:
        return self.range() / math.sqrt(12.0)
