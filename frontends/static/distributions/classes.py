"""tf.distributions.Bernoulli and Categorical: variables that are one of several classes."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import int32, int64
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, identity, reshape, shape, transpose
from ..operations.casting import cast
from ..operations.cross_entropy import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_v2,
    sparse_softmax_cross_entropy_with_logits,
)
from ..operations.distributions import multinomial
from ..operations.joining import concat
from ..operations.matrices import matrix_set_diag
from ..operations.neural import log_softmax, softmax
from ..operations.picking import sequence_mask
from ..operations.products import matmul
from ..operations.random import random_uniform
from ..operations.ranges import one_hot
from ..operations.reductions import argmax, reduced
from ..operations.selection import where
from .distribution import NOT_REPARAMETERIZED, Distribution, ScalarDistribution, arguments_of
from .divergences import RegisterKL
from .parameters import logits_and_probs


@export("distributions.Bernoulli", "contrib.distributions.Bernoulli")
class Bernoulli(ScalarDistribution):
    """Variables that are 1 with the probability `probs`, sigmoid(logits), else 0."""

    _PARAMETERS = ("logits",)

    def __init__(
        self, logits: Any = None, probs: Any = None, dtype: Any = int32, validate_args: bool = False,
        allow_nan_stats: bool = True, name: str = "Bernoulli",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        with name_scope(name, values=[logits, probs]) as scope:
            self._logits, self._probs = logits_and_probs(logits, probs, validate_args=validate_args, name=scope)
        super().__init__(
            dtype, NOT_REPARAMETERIZED, validate_args, allow_nan_stats, given, [self._logits, self._probs], scope
        )  # fmt: skip

    @property
    def logits(self) -> Tensor:
        """The logarithms of the odds of 1."""
        return self._logits

    @property
    def probs(self) -> Tensor:
        """The probabilities of 1."""
        return self._probs

    def _parameters_of_batch(self) -> Sequence[Tensor]:
        return (self._logits,)

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        return cast(random_uniform(self._sizes(n), seed=seed, dtype=self._probs.dtype) < self._probs, self.dtype)

    def _log_prob(self, event: Tensor) -> Tensor:
        event = cast(event, self._logits.dtype)
        logits = self._logits + apply("ZerosLike", [event])
        event = event + apply("ZerosLike", [self._logits])
        return -sigmoid_cross_entropy_with_logits(labels=event, logits=logits)

    def _entropy(self) -> Tensor:
        return -self._logits * (apply("Sigmoid", [self._logits]) - 1.0) + apply("Softplus", [-self._logits])

    def _mean(self) -> Tensor:
        return identity(self._probs)

    def _variance(self) -> Tensor:
        return self._mean() * (1.0 - self._probs)

    def _mode(self) -> Tensor:
        return cast(self._probs > 0.5, self.dtype)


@RegisterKL(Bernoulli, Bernoulli)
def _bernoulli_divergence(a: Bernoulli, b: Bernoulli, name: str | None = None) -> Tensor:
    with name_scope(name, "kl_bernoulli_bernoulli", values=[a.logits, b.logits]):
        zero = apply("Softplus", [-b.logits]) - apply("Softplus", [-a.logits])
        one = apply("Softplus", [b.logits]) - apply("Softplus", [a.logits])
        return apply("Sigmoid", [a.logits]) * zero + apply("Sigmoid", [-a.logits]) * one


class _OfClasses(Distribution):
    """Variables with logits, or probabilities, of classes along the last axis."""

    def _made(
        self, logits: Any, probs: Any, dtype: Any, validate_args: bool, allow_nan_stats: bool, name: str, given: Any
    ) -> None:
        with name_scope(name, values=[logits, probs]) as scope:
            self._logits, self._probs = logits_and_probs(
                logits, probs, many=True, validate_args=validate_args, name=scope
            )
            sizes = self._logits.shape.with_rank_at_least(1)
            known = sizes[-1].value
            self._event_size = (
                shape(self._logits)[-1] if known is None else convert_to_tensor(known, int32, name="event_size")
            )
        Distribution.__init__(
            self, dtype or self._logits.dtype, NOT_REPARAMETERIZED, validate_args, allow_nan_stats, given,
            [self._logits, self._probs], scope,
        )  # fmt: skip

    @property
    def event_size(self) -> Tensor:
        """How many classes there are."""
        return self._event_size

    @property
    def logits(self) -> Tensor:
        """The logits of the classes."""
        return self._logits

    @property
    def probs(self) -> Tensor:
        """The probabilities of the classes."""
        return self._probs

    def _batch_shape(self) -> Any:
        return self._logits.shape[:-1]

    def _batch_shape_tensor(self) -> Tensor:
        return shape(self._logits)[:-1]

    def _drawn_classes(self, n: Tensor, seed: Any, dtype: Any) -> Tensor:
        """Classes [n, batch]."""
        drawn = multinomial(reshape(self._logits, [-1, self._event_size]), n, seed=seed, output_dtype=dtype)
        return reshape(transpose(drawn), concat([[n], self.batch_shape_tensor()], 0))

    def _entropy(self) -> Tensor:
        return -reduced("Sum", log_softmax(self._logits) * self._probs, -1, False, None)


def _class_divergence(a: Any, b: Any, name: str | None = None) -> Tensor:
    with name_scope(name, "kl_categorical_categorical", values=[a.logits, b.logits]):
        apart = log_softmax(a.logits) - log_softmax(b.logits)
        return reduced("Sum", softmax(a.logits) * apart, -1, False, None)


@export("distributions.Categorical", "contrib.distributions.Categorical")
class Categorical(_OfClasses):
    """Variables that are the number of a class."""

    def __init__(
        self, logits: Any = None, probs: Any = None, dtype: Any = int32, validate_args: bool = False,
        allow_nan_stats: bool = True, name: str = "Categorical",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        self._made(logits, probs, dtype, validate_args, allow_nan_stats, name, given)

    def _event_shape(self) -> Any:
        return TensorShape([])

    def _event_shape_tensor(self) -> Tensor:
        return convert_to_tensor([], dtype=int32)

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        return cast(self._drawn_classes(n, seed, int64 if self.dtype.size > 4 else int32), self.dtype)

    def _with_classes(self, k: Any, of_classes: Tensor) -> tuple[Tensor, Tensor]:
        """Classes [...] and a parameter [..., classes], in shapes that go together."""
        k = convert_to_tensor(k, name="k")
        if k.dtype.is_floating:
            k = cast(k, int32)
        elif not k.dtype.is_integer:
            raise TypeError(f"`value` should have integer `dtype` or `self.dtype` ({self.dtype.base_dtype})")
        of_classes = of_classes + apply("ZerosLike", [cast(expand_dims(k, -1), of_classes.dtype)])
        return k + cast(apply("ZerosLike", [of_classes[..., 0]]), k.dtype), of_classes

    def _cdf(self, k: Tensor) -> Tensor:
        k, probs = self._with_classes(k, self._probs)
        below = sequence_mask(k, self._event_size)
        return reduced("Sum", where(below, probs, apply("ZerosLike", [probs])), -1, False, None)

    def _log_prob(self, k: Tensor) -> Tensor:
        k, logits = self._with_classes(k, self._logits)
        return -sparse_softmax_cross_entropy_with_logits(labels=k, logits=logits)

    def _mode(self) -> Tensor:
        found = cast(argmax(self._logits, axis=-1), self.dtype)
        found.set_shape(self.batch_shape)
        return found


RegisterKL(Categorical, Categorical)(_class_divergence)


@export("contrib.distributions.OneHotCategorical")
class OneHotCategorical(_OfClasses):
    """Variables that are 1 at the place of a class, else 0."""

    def __init__(
        self, logits: Any = None, probs: Any = None, dtype: Any = int32, validate_args: bool = False,
        allow_nan_stats: bool = True, name: str = "OneHotCategorical",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        self._made(logits, probs, dtype, validate_args, allow_nan_stats, name, given)

    def _event_shape(self) -> Any:
        return self._logits.shape.with_rank_at_least(1)[-1:]

    def _event_shape_tensor(self) -> Tensor:
        return shape(self._logits)[-1:]

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        return one_hot(self._drawn_classes(n, seed, int64), self._event_size, dtype=self.dtype)

    def _log_prob(self, x: Tensor) -> Tensor:
        x = cast(x, self._logits.dtype)
        logits = self._logits + apply("ZerosLike", [x])
        x = x + apply("ZerosLike", [logits])
        return -softmax_cross_entropy_with_logits_v2(labels=x, logits=logits)

    def _mode(self) -> Tensor:
        found = one_hot(argmax(self._logits, axis=-1), self._event_size, dtype=self.dtype)
        found.set_shape(self._logits.shape)
        return found

    def _covariance(self) -> Tensor:
        p = self._probs
        return matrix_set_diag(-matmul(expand_dims(p, -1), expand_dims(p, -2)), self._variance())

    def _variance(self) -> Tensor:
        return self._probs * (1.0 - self._probs)


RegisterKL(OneHotCategorical, OneHotCategorical)(_class_divergence)
