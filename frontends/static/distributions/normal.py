"""tf.distributions.Normal, and the divergence of two."""

from __future__ import annotations

import math
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import DType, int32
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims, TensorShape, of_dims
from ..graphs.tensor import Tensor
from ..operations.arrays import reshape, shape
from ..operations.joining import concat
from ..operations.random import random_normal
from ..operations.ranges import zeros_like


@export("distributions.Normal", "contrib.distributions.Normal")
class Normal:
    """Normal random variables with means `loc` and standard deviations `scale`, which broadcast to one shape, the
    batch."""

    def __init__(
        self, loc: Any, scale: Any, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "Normal"
    ) -> None:
        with name_scope(name, values=[loc, scale]) as scope:
            self._name = scope
            self._loc = apply("Identity", [convert_to_tensor(loc)], name="loc")
            self._scale = apply("Identity", [convert_to_tensor(scale)], name="scale")
        kinds = [each.dtype.base_dtype for each in (self._loc, self._scale)]
        if kinds[0] is not kinds[1]:
            raise ValueError(
                f"{self._scale.name}, type={kinds[1]}, must be of the same type ({kinds[0]}) as {self._loc.name}."
            )
        self.validate_args = validate_args
        self.allow_nan_stats = allow_nan_stats

    @property
    def name(self) -> str:
        return self._name

    @property
    def dtype(self) -> DType:
        return self._loc.dtype.base_dtype

    @property
    def loc(self) -> Tensor:
        """The means."""
        return self._loc

    @property
    def scale(self) -> Tensor:
        """The standard deviations."""
        return self._scale

    @property
    def batch_shape(self) -> TensorShape:
        """How many variables there are, as far as that is known."""
        return of_dims(_broadcast(self._loc._dims, self._scale._dims))

    @property
    def event_shape(self) -> TensorShape:
        """A scalar's."""
        return TensorShape([])

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Tensor:
        """How many variables there are."""
        with self._scope(name):
            return shape(self._both(self._loc))

    def _scope(self, name: str) -> Any:
        return name_scope(f"{self._name}{name}/")

    def _both(self, x: Tensor) -> Tensor:
        """x in the shape of the batch."""
        return x + zeros_like(self._scale) + zeros_like(self._loc)

    def _standard(self, x: Any) -> Tensor:
        value = convert_to_tensor(x, dtype=self.dtype, name="value")
        return (value - self._loc) / self._scale

    # -- drawing ----

    def sample(self, sample_shape: Any = (), seed: Any = None, name: str = "sample") -> Tensor:
        """Numbers of the shape sample_shape + batch; gradients flow to loc and scale."""
        with self._scope(name):
            wanted = convert_to_tensor(sample_shape, dtype=int32, name="sample_shape")
            known = self.batch_shape
            lead = reshape(wanted, [-1])
            batch = shape(self._both(self._loc))
            drawn = random_normal(concat([lead, batch], 0), dtype=self.dtype, seed=seed)
            result = drawn * self._scale + self._loc
            if isinstance(sample_shape, int | list | tuple) and known.known is not None:
                sizes = [sample_shape] if isinstance(sample_shape, int) else list(sample_shape)
                if all(isinstance(size, int) for size in sizes):
                    result.set_shape([*sizes, *known.known])
            return result

    # -- densities ----

    def log_prob(self, value: Any, name: str = "log_prob") -> Tensor:
        """The logarithm of the density."""
        with self._scope(name):
            apart = -0.5 * apply("Square", [self._standard(value)])
            return apart - (0.5 * math.log(2 * math.pi) + apply("Log", [self._scale]))

    def prob(self, value: Any, name: str = "prob") -> Tensor:
        """The density."""
        with self._scope(name):
            return apply("Exp", [self.log_prob(value)])

    def cdf(self, value: Any, name: str = "cdf") -> Tensor:
        """The probability of a number that is no larger."""
        with self._scope(name):
            return 0.5 * apply("Erfc", [self._standard(value) * -math.sqrt(0.5)])

    def survival_function(self, value: Any, name: str = "survival_function") -> Tensor:
        """The probability of a larger number."""
        with self._scope(name):
            return 0.5 * apply("Erfc", [self._standard(value) * math.sqrt(0.5)])

    # -- what they are on the whole ----

    def entropy(self, name: str = "entropy") -> Tensor:
        """0.5 log(2 pi e scale**2)."""
        with self._scope(name):
            return self._both(0.5 + 0.5 * math.log(2 * math.pi) + apply("Log", [self._scale]))

    def mean(self, name: str = "mean") -> Tensor:
        """loc."""
        with self._scope(name):
            return self._both(self._loc)

    def mode(self, name: str = "mode") -> Tensor:
        """loc."""
        with self._scope(name):
            return self._both(self._loc)

    def stddev(self, name: str = "stddev") -> Tensor:
        """scale."""
        with self._scope(name):
            return self._both(self._scale)

    def variance(self, name: str = "variance") -> Tensor:
        """scale**2."""
        with self._scope(name):
            return apply("Square", [self._both(self._scale)])

    def kl_divergence(self, other: Normal, name: str = "kl_divergence") -> Tensor:
        """The divergence of this distribution from another one."""
        with self._scope(name):
            return kl_divergence(self, other)


def _broadcast(left: Dims | None, right: Dims | None) -> Dims | None:
    """What two static shapes broadcast to, as far as that is known."""
    if left is None or right is None:
        return None
    rank = max(len(left), len(right))
    pairs = zip((1,) * (rank - len(left)) + left, (1,) * (rank - len(right)) + right, strict=True)
    return tuple(b if a == 1 else a if b == 1 or a is not None else b for a, b in pairs)


@export("distributions.kl_divergence", "contrib.distributions.kl_divergence")
def kl_divergence(
    distribution_a: Any, distribution_b: Any, allow_nan_stats: bool = True, name: str | None = None
) -> Tensor:
    """The divergence of Kullback and Leibler of two normal distributions. Raises NotImplementedError for others."""
    if not isinstance(distribution_a, Normal) or not isinstance(distribution_b, Normal):
        raise NotImplementedError(
            f"No KL(distribution_a || distribution_b) registered for distribution_a type "
            f"{type(distribution_a).__name__} and distribution_b type {type(distribution_b).__name__}"
        )
    with name_scope(name, "KullbackLeibler"):
        ratio = apply("Square", [distribution_a.scale / distribution_b.scale])
        apart = apply("Square", [distribution_a.loc - distribution_b.loc])
        half = 2.0 * apply("Square", [distribution_b.scale])
        return apart / half + 0.5 * (ratio - 1.0 - apply("Log", [ratio]))
