"""Distributions of classes, and of how often each comes."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..dtypes import int64
from ..functions.gathering import gather
from ..functions.shapes import broadcast_tensors
from ..size import Size
from ..tapes.mode import no_grad
from ..tensors.creation import arange, full, zeros
from ..tensors.tensor import Tensor
from . import constraints
from .discrete import EITHER, Binomial, logits_to_probs, probs_to_logits
from .distribution import Distribution, broadcast_all, lazy_property
from .operations import class_draws


class Categorical(Distribution):
    """Classes 0 ... n - 1, with probabilities `probs`, which are normalized, or softmax(`logits`), [..., n]."""

    arg_constraints: ClassVar[dict[str, Any]] = {"probs": constraints.simplex, "logits": constraints.real_vector}
    event_axes: ClassVar[dict[str, Any]] = {"probs": 1, "logits": 1}
    has_enumerate_support = True

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        if (probs is None) == (logits is None):
            raise ValueError(EITHER)
        self._by_probs = probs is not None
        given = probs if self._by_probs else logits
        if given.ndim < 1:
            name = "probs" if self._by_probs else "logits"
            raise ValueError(f"`{name}` parameter must be at least one-dimensional.")
        if self._by_probs:
            self.__dict__["probs"] = probs / probs.sum(-1, keepdim=True)
        else:
            self.__dict__["logits"] = logits - logits.logsumexp(-1, keepdim=True)
        self._num_events = self._param.shape[-1]
        super().__init__(self._param.shape[:-1], validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        made = super().expand(batch_shape)
        for name in ("probs", "logits"):
            if name in self.__dict__:
                made.__dict__[name] = self.__dict__[name].expand((*batch_shape, self._num_events))
        return made

    @property
    def _param(self) -> Tensor:
        return self.__dict__["probs"] if self._by_probs else self.__dict__["logits"]

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self) -> Any:
        return constraints.integer_interval(0, self._num_events - 1)

    @lazy_property
    def logits(self) -> Tensor:
        """The logarithms of the probabilities."""
        return probs_to_logits(self.probs)

    @lazy_property
    def probs(self) -> Tensor:
        """The probabilities."""
        return logits_to_probs(self.logits)

    @property
    def param_shape(self) -> Size:
        """The shape of the parameter."""
        return self._param.shape

    @property
    def mean(self) -> Tensor:
        return full(tuple(self._extended_shape()), math.nan, dtype=self.probs.dtype, device=self.probs.device)

    @property
    def mode(self) -> Tensor:
        return self.probs.argmax(-1)

    @property
    def variance(self) -> Tensor:
        return full(tuple(self._extended_shape()), math.nan, dtype=self.probs.dtype, device=self.probs.device)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with no_grad():
            shape = Size(sample_shape)
            flat = self.logits.reshape(-1, self._num_events)
            return class_draws(flat, shape.numel()).t().reshape(self._extended_shape(shape))

    def log_prob(self, value: Tensor) -> Tensor:
        self._check(value)
        value, _ = broadcast_tensors(value.long().unsqueeze(-1), self.logits)
        places = value[..., 0]
        return gather(self.logits.expand((*places.shape, self._num_events)), -1, places.unsqueeze(-1)).squeeze(-1)

    def entropy(self) -> Tensor:
        least = -3.4028234663852886e38 if self.logits.dtype.itemsize < 8 else -1.7976931348623157e308
        return -(self.logits.clamp(min=least) * self.probs).sum(-1)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        values = arange(self._num_events, device=self._param.device).view((-1, *[1] * len(self._batch_shape)))
        return values.expand((-1, *self._batch_shape)) if expand else values


def one_hot(classes: Tensor, count: int, like: Tensor) -> Tensor:
    """1 in the place of each class, along a new last axis."""
    return (classes.unsqueeze(-1) == arange(count, device=classes.device)).to(like.dtype)


class OneHotCategorical(Distribution):
    """As Categorical, of vectors with a 1 in the place of the class."""

    arg_constraints: ClassVar[dict[str, Any]] = {"probs": constraints.simplex, "logits": constraints.real_vector}
    support: Any = constraints.one_hot
    has_enumerate_support = True

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._categorical = Categorical(probs, logits)
        super().__init__(self._categorical.batch_shape, self._categorical.param_shape[-1:], validate_args=validate_args)

    @property
    def probs(self) -> Tensor:
        """The probabilities."""
        return self._categorical.probs

    @property
    def logits(self) -> Tensor:
        """The logarithms of the probabilities."""
        return self._categorical.logits

    @property
    def param_shape(self) -> Size:
        """The shape of the parameter."""
        return self._categorical.param_shape

    @property
    def mean(self) -> Tensor:
        return self.probs

    @property
    def mode(self) -> Tensor:
        return one_hot(self.probs.argmax(-1), self._event_shape[0], self.probs)

    @property
    def variance(self) -> Tensor:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        return one_hot(self._categorical.sample(sample_shape), self._event_shape[0], self.probs)

    def log_prob(self, value: Tensor) -> Tensor:
        self._check(value)
        return self._categorical.log_prob(value.argmax(-1))

    def entropy(self) -> Tensor:
        return self._categorical.entropy()

    def enumerate_support(self, expand: bool = True) -> Tensor:
        from ..tensors.creation import eye

        n = self._event_shape[0]
        values = eye(n, dtype=self.probs.dtype, device=self.probs.device).view((n, *[1] * len(self._batch_shape), n))
        return values.expand((n, *self._batch_shape, n)) if expand else values


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """As OneHotCategorical, with the gradients of the probabilities."""

    has_rsample = True

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        samples = self.sample(sample_shape)
        return samples + (self.probs - self.probs.detach())


class Multinomial(Distribution):
    """How often each class comes among `total_count` draws."""

    arg_constraints: ClassVar[dict[str, Any]] = {"probs": constraints.simplex, "logits": constraints.real_vector}

    def __init__(
        self, total_count: int = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        if not isinstance(total_count, int):
            raise NotImplementedError("inhomogeneous total_count is not supported")
        self.total_count = total_count
        self._categorical = Categorical(probs, logits)
        super().__init__(self._categorical.batch_shape, self._categorical.param_shape[-1:], validate_args=validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=1)
    def support(self) -> Any:
        return constraints.multinomial(self.total_count)

    @property
    def probs(self) -> Tensor:
        """The probabilities."""
        return self._categorical.probs

    @property
    def logits(self) -> Tensor:
        """The logarithms of the probabilities."""
        return self._categorical.logits

    @property
    def mean(self) -> Tensor:
        return self.probs * self.total_count

    @property
    def variance(self) -> Tensor:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with no_grad():
            drawn = self._categorical.sample((self.total_count, *sample_shape))
            found = one_hot(drawn, self._event_shape[0], self.probs)
            return (
                found.sum(0)
                if self.total_count
                else zeros(*self._extended_shape(sample_shape), device=self.probs.device)
            )

    def log_prob(self, value: Tensor) -> Tensor:
        self._check(value)
        logits, value = broadcast_all(self.logits, value)
        logits = logits.masked_fill((value == 0) & (logits == -math.inf), 0)
        return (value.sum(-1) + 1).lgamma() - (value + 1).lgamma().sum(-1) + (logits * value).sum(-1)

    def entropy(self) -> Tensor:
        n = full(
            (), self.total_count, dtype=int64, device=self.probs.device
        )  # whose lgamma is of float32, as in PyTorch
        counts = arange(1, 1 + self.total_count, dtype=self.probs.dtype, device=self.probs.device)
        counts = counts.view((-1, *[1] * (1 + len(self._batch_shape))))
        chances = Binomial(self.total_count, probs=self.probs).log_prob(counts).exp()
        weights = chances * (counts + 1).lgamma()
        return n * self._categorical.entropy() - (n + 1).lgamma() + weights.sum((0, -1))
