"""tf.distributions.Multinomial, DirichletMultinomial and contrib's Poisson: counts."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import int32
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, identity, reshape, shape, transpose
from ..operations.casting import cast
from ..operations.checks import assert_positive
from ..operations.distributions import multinomial, random_gamma, random_poisson
from ..operations.joining import concat
from ..operations.matrices import matrix_set_diag
from ..operations.neural import log_softmax
from ..operations.picking import sequence_mask
from ..operations.products import matmul
from ..operations.ranges import one_hot, ones_like
from ..operations.reductions import reduced
from ..operations.special_functions import lbeta
from .distribution import NOT_REPARAMETERIZED, Distribution, ScalarDistribution, arguments_of
from .gamma import positive
from .parameters import checked_counts, log_combinations, logits_and_probs, new_seed


class _Counts(Distribution):
    """Counts of classes along the last axis, `total_count` in all."""

    _total_count: Tensor

    @property
    def total_count(self) -> Tensor:
        """How many are counted."""
        return self._total_count

    def _valid(self, counts: Tensor, message: str) -> Tensor:
        return checked_counts(counts, self._total_count, message) if self.validate_args else counts


@export("distributions.Multinomial", "contrib.distributions.Multinomial")
class Multinomial(_Counts):
    """How often each class comes among `total_count` draws of them."""

    def __init__(
        self, total_count: Any, logits: Any = None, probs: Any = None, validate_args: bool = False,
        allow_nan_stats: bool = True, name: str = "Multinomial",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        with name_scope(name, values=[total_count, logits, probs]) as scope:
            self._total_count = convert_to_tensor(total_count, name="total_count")
            self._logits, self._probs = logits_and_probs(
                logits, probs, many=True, validate_args=validate_args, name=scope
            )
            self._mean_val = expand_dims(self._total_count, -1) * self._probs
        super().__init__(
            self._probs.dtype, NOT_REPARAMETERIZED, validate_args, allow_nan_stats, given,
            [self._total_count, self._logits, self._probs], scope,
        )  # fmt: skip

    @property
    def logits(self) -> Tensor:
        """The logits of the classes."""
        return self._logits

    @property
    def probs(self) -> Tensor:
        """The probabilities of the classes."""
        return self._probs

    def _batch_shape(self) -> Any:
        return self._mean_val.shape.with_rank_at_least(1)[:-1]

    def _batch_shape_tensor(self) -> Tensor:
        return shape(self._mean_val)[:-1]

    def _event_shape(self) -> Any:
        return self._mean_val.shape.with_rank_at_least(1)[-1:]

    def _event_shape_tensor(self) -> Tensor:
        return shape(self._mean_val)[-1:]

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        """Draws as many as the largest count wants for all, and counts the first of them."""
        classes = self.event_shape_tensor()[0]
        totals = cast(self._total_count, int32) + cast(apply("ZerosLike", [self._mean_val[..., 0]]), int32)
        most = reduced("Max", totals, None, False, None)
        flat = reshape(self._logits + apply("ZerosLike", [self._mean_val]), [-1, classes])
        drawn = reshape(transpose(multinomial(flat, n * most, seed=seed)), [n, most, -1])
        counted = transpose(sequence_mask(reshape(totals, [-1]), maxlen=most))
        marks = one_hot(drawn, classes, dtype=self.dtype) * cast(expand_dims(counted, -1), self.dtype)
        counts = reduced("Sum", marks, 1, False, None)
        return reshape(counts, concat([[n], self.batch_shape_tensor(), [classes]], 0))

    def _log_prob(self, counts: Tensor) -> Tensor:
        counts = self._valid(counts, "counts must sum to `self.total_count`")
        apart = reduced("Sum", counts * log_softmax(self._logits), -1, False, None)
        return apart + log_combinations(self._total_count, counts)

    def _mean(self) -> Tensor:
        return identity(self._mean_val)

    def _covariance(self) -> Tensor:
        p = self._probs * expand_dims(ones_like(self._total_count), -1)
        return matrix_set_diag(-matmul(expand_dims(self._mean_val, -1), expand_dims(p, -2)), self._variance())

    def _variance(self) -> Tensor:
        p = self._probs * expand_dims(ones_like(self._total_count), -1)
        return self._mean_val - self._mean_val * p


@export("distributions.DirichletMultinomial", "contrib.distributions.DirichletMultinomial")
class DirichletMultinomial(_Counts):
    """How often each class comes among `total_count` draws, with probabilities that are drawn first."""

    def __init__(
        self, total_count: Any, concentration: Any, validate_args: bool = False, allow_nan_stats: bool = True,
        name: str = "DirichletMultinomial",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        with name_scope(name, values=[total_count, concentration]) as scope:
            self._total_count = convert_to_tensor(total_count, name="total_count")
            self._concentration = positive(convert_to_tensor(concentration, name="concentration"), validate_args)
            self._total_concentration = reduced("Sum", self._concentration, -1, False, None)
        super().__init__(
            self._concentration.dtype, NOT_REPARAMETERIZED, validate_args, allow_nan_stats, given,
            [self._total_count, self._concentration], scope,
        )  # fmt: skip

    @property
    def concentration(self) -> Tensor:
        """How much weighs towards each class."""
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
        classes = self.event_shape_tensor()[0]
        drawn = random_gamma([n], alpha=self._concentration, dtype=self.dtype, seed=seed)
        logits = reshape(apply("Log", [drawn]), [-1, classes])
        draws = multinomial(logits, cast(self._total_count, int32), seed=new_seed(seed, "dirichlet_multinomial"))
        counts = reduced("Sum", one_hot(draws, classes, dtype=self.dtype), -2, False, None)
        return reshape(counts, concat([[n], self.batch_shape_tensor(), [classes]], 0))

    def _log_prob(self, counts: Tensor) -> Tensor:
        counts = self._valid(counts, "counts last-dimension must sum to `self.total_count`")
        ordered = lbeta(self._concentration + counts) - lbeta(self._concentration)
        return ordered + log_combinations(self._total_count, counts)

    def _mean(self) -> Tensor:
        return self._total_count * (self._concentration / expand_dims(self._total_concentration, -1))

    def _scale(self) -> Tensor:
        total = expand_dims(self._total_concentration, -1)
        return apply("Sqrt", [(1.0 + total / self._total_count) / (1.0 + total)])

    def _covariance(self) -> Tensor:
        x = self._scale() * self._mean()
        return matrix_set_diag(-matmul(expand_dims(x, -1), expand_dims(x, -2)), self._variance())

    def _variance(self) -> Tensor:
        scale = self._scale()
        x = scale * self._mean()
        return x * (self._total_count * scale - x)


@export("contrib.distributions.Poisson")
class Poisson(ScalarDistribution):
    """Counts of what happens `rate` times on average."""

    def __init__(
        self, rate: Any = None, log_rate: Any = None, validate_args: bool = False, allow_nan_stats: bool = True,
        name: str = "Poisson",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        with name_scope(name, values=[rate, log_rate]) as scope:
            if (rate is None) == (log_rate is None):
                raise ValueError("Must specify exactly one of `rate` and `log_rate`.")
            what = "rate" if log_rate is None else "log_rate"
            tensor = convert_to_tensor(rate if log_rate is None else log_rate, name=what)
            if not tensor.dtype.is_floating:
                raise TypeError(f"{what}.dtype ({tensor.dtype.name}) is a not a float-type.")
            if log_rate is None:
                with control_dependencies([assert_positive(tensor)] if validate_args else []):
                    self._rate, self._log_rate = identity(tensor, name="rate"), apply("Log", [tensor], name="log_rate")
            else:
                self._rate, self._log_rate = apply("Exp", [tensor], name="rate"), tensor
        super().__init__(
            self._rate.dtype, NOT_REPARAMETERIZED, validate_args, allow_nan_stats, given, [self._rate], scope
        )  # fmt: skip

    @property
    def rate(self) -> Tensor:
        """The mean."""
        return self._rate

    @property
    def log_rate(self) -> Tensor:
        """The logarithm of the mean."""
        return self._log_rate

    def _parameters_of_batch(self) -> Sequence[Tensor]:
        return (self._rate,)

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        return random_poisson(self._rate, [n], dtype=self.dtype, seed=seed)

    def _log_prob(self, x: Tensor) -> Tensor:
        return x * self._log_rate - apply("Lgamma", [1.0 + x]) - self._rate

    def _cdf(self, x: Tensor) -> Tensor:
        return apply("Igammac", [1.0 + x, self._rate])

    def _mean(self) -> Tensor:
        return identity(self._rate)

    def _variance(self) -> Tensor:
        return identity(self._rate)

    def _mode(self) -> Tensor:
        return apply("Floor", [self._rate])
