"""tf.contrib.distributions.RelaxedBernoulli and RelaxedOneHotCategorical: classes that gradients flow through (Maddison
et al., 2017; Jang et al., 2017)."""

from __future__ import annotations

import inspect
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, identity, shape
from ..operations.casting import cast
from ..operations.checks import assert_positive
from ..operations.joining import concat
from ..operations.neural import log_softmax
from ..operations.reductions import reduced
from .bijectors import Exp, Sigmoid
from .distribution import FULLY_REPARAMETERIZED, Distribution, arguments_of
from .normal import Logistic
from .parameters import below_one, logits_and_probs
from .transformed import TransformedDistribution


class _Classes:
    """A distribution with a temperature, logits and probabilities."""

    _temperature: Tensor
    _logits: Tensor
    _probs: Tensor

    @property
    def temperature(self) -> Tensor:
        """How far from a class draws lie: 0 makes them classes."""
        return self._temperature

    @property
    def logits(self) -> Tensor:
        """The logits."""
        return self._logits

    @property
    def probs(self) -> Tensor:
        """The probabilities."""
        return self._probs


def _warm(temperature: Any, validate_args: bool, dtype: Any = None) -> Tensor:
    with control_dependencies([assert_positive(temperature)] if validate_args else []):
        found = convert_to_tensor(temperature)
        return identity(found if dtype is None else cast(found, dtype), name="temperature")


@export("contrib.distributions.RelaxedBernoulli")
class RelaxedBernoulli(_Classes, TransformedDistribution):
    """sigmoid(logistic variables): near 1 with the probability `probs`, else near 0."""

    def __init__(
        self, temperature: Any, logits: Any = None, probs: Any = None, validate_args: bool = False,
        allow_nan_stats: bool = True, name: str = "RelaxedBernoulli",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        with name_scope(name, values=[logits, probs]) as scope:
            self._temperature = _warm(temperature, validate_args)
            self._logits, self._probs = logits_and_probs(logits, probs, validate_args=validate_args)
            inner = Logistic(
                self._logits / self._temperature, 1.0 / self._temperature, validate_args, allow_nan_stats,
                f"{scope}Logistic",
            )  # fmt: skip
            TransformedDistribution.__init__(self, inner, Sigmoid(validate_args), name=scope)
        self._parameters = given


@export("contrib.distributions.ExpRelaxedOneHotCategorical")
class ExpRelaxedOneHotCategorical(_Classes, Distribution):
    """The logarithms of relaxed classes: log_softmax((logits + Gumbel variables) / temperature)."""

    def __init__(
        self, temperature: Any, logits: Any = None, probs: Any = None, dtype: Any = None, validate_args: bool = False,
        allow_nan_stats: bool = True, name: str = "ExpRelaxedOneHotCategorical",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        with name_scope(name, values=[logits, probs]) as scope:
            self._logits, self._probs = logits_and_probs(
                logits, probs, many=True, validate_args=validate_args, name=scope
            )
            self._temperature = _warm(temperature, validate_args, self._logits.dtype)
            self._logits.shape.with_rank_at_least(1)
        super().__init__(
            dtype or self._logits.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, given,
            [self._logits, self._probs, self._temperature], scope,
        )  # fmt: skip

    @property
    def event_size(self) -> Tensor:
        """How many classes there are."""
        return shape(self._logits)[-1]

    def _batch_shape(self) -> Any:
        return self._logits.shape[:-1]

    def _batch_shape_tensor(self) -> Tensor:
        return shape(self._logits)[:-1]

    def _event_shape(self) -> Any:
        return self._logits.shape[-1:]

    def _event_shape_tensor(self) -> Tensor:
        return shape(self._logits)[-1:]

    def _warmth(self) -> Tensor:
        """The temperature, with an axis for the classes where it has one for the batch."""
        return expand_dims(self._temperature, -1) if self._temperature.shape.ndims else self._temperature

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        sizes = concat([[n], shape(self._logits)], 0)
        drawn = below_one(sizes, self.dtype, seed)
        noise = -apply("Log", [-apply("Log", [drawn])])
        return log_softmax((noise + self._logits) / self._warmth())

    def _log_prob(self, x: Tensor) -> Tensor:
        count = cast(self.event_size, x.dtype)
        constant = apply("Lgamma", [count]) + (count - 1.0) * apply("Log", [self._temperature])
        return constant + reduced("Sum", log_softmax(self._logits - x * self._warmth()), [-1], False, None)


@export("contrib.distributions.RelaxedOneHotCategorical")
class RelaxedOneHotCategorical(TransformedDistribution):
    """softmax((logits + Gumbel variables) / temperature): nearly 1 at one class, nearly 0 elsewhere."""

    def __init__(
        self, temperature: Any, logits: Any = None, probs: Any = None, dtype: Any = None, validate_args: bool = False,
        allow_nan_stats: bool = True, name: str = "RelaxedOneHotCategorical",
    ) -> None:  # fmt: skip
        inner = ExpRelaxedOneHotCategorical(temperature, logits, probs, dtype, validate_args, allow_nan_stats)
        super().__init__(inner, Exp(), name=name)

    @property
    def temperature(self) -> Tensor:
        """How far from a class draws lie."""
        return self._distribution.temperature

    @property
    def logits(self) -> Tensor:
        """The logits."""
        return self._distribution.logits

    @property
    def probs(self) -> Tensor:
        """The probabilities."""
        return self._distribution.probs
