"""`Distribution`: what all distributions have."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from ..dtypes import get_default_dtype
from ..functions.reductions import all as all_of
from ..functions.shapes import broadcast_tensors
from ..size import Size
from ..tapes.mode import enable_grad, no_grad
from ..tensors.tensor import Tensor
from . import constraints


def broadcast_all(*values: Any) -> tuple[Tensor, ...]:
    """Tensors, and numbers as tensors, in one shape. Raises ValueError for others."""
    from ..tensors.data import tensor

    if not all(isinstance(each, (Tensor, int, float)) for each in values):
        raise ValueError(
            "Input arguments must all be instances of Number, torch.Tensor or objects implementing __torch_function__."
        )
    kind = next((each.dtype for each in values if isinstance(each, Tensor)), get_default_dtype())
    return tuple(
        broadcast_tensors(*(each if isinstance(each, Tensor) else tensor(each, dtype=kind) for each in values))
    )


def epsilon(like: Tensor) -> float:
    """The distance from 1 to the next number of a type."""
    return float(np.finfo(np.float32 if like.dtype.itemsize < 8 else np.float64).eps)


def least(like: Tensor) -> float:
    """The least positive number of a type that has all its digits."""
    return float(np.finfo(np.float32 if like.dtype.itemsize < 8 else np.float64).tiny)


def clamp_probs(probs: Tensor) -> Tensor:
    """Probabilities, neither 0 nor 1."""
    eps = epsilon(probs)
    return probs.clamp(min=eps, max=1 - eps)


def sum_rightmost(value: Tensor, dim: int) -> Tensor:
    """The sum over the last `dim` axes."""
    return value if dim == 0 else value.reshape((*value.shape[:-dim], -1)).sum(-1)


class _Lazy:
    """An attribute that is computed when first asked for."""

    def __init__(self, function: Any) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        with enable_grad():  # it is kept, and may be wanted with a history later
            found = self.function(instance)
        instance.__dict__[self.name] = found
        return found


lazy_property = _Lazy


class Distribution:
    """Independent distributions of `batch_shape`, of events of `event_shape`.

    `arg_constraints` says of each parameter where it must lie, `event_axes` how many of its last axes belong to one
    event. Raises ValueError, unless `validate_args` is False, for parameters that lie elsewhere.
    """

    has_rsample = False
    has_enumerate_support = False
    arg_constraints: ClassVar[dict[str, Any]] = {}
    event_axes: ClassVar[dict[str, Any]] = {}
    _validate_args = __debug__

    def __init__(
        self, batch_shape: Sequence[int] = (), event_shape: Sequence[int] = (), validate_args: bool | None = None
    ) -> None:
        self._batch_shape, self._event_shape = Size(batch_shape), Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if not self._validate_args:
            return
        checked: list[tuple[str, Any, Any, Tensor]] = []  # and whether it holds: all run when the first one is read
        for name, constraint in self.arg_constraints.items():
            if constraints.is_dependent(constraint):
                continue
            if name not in self.__dict__ and isinstance(getattr(type(self), name, None), _Lazy):
                continue
            value = getattr(self, name)
            checked.append((name, constraint, value, all_of(constraint.check(value.detach()))))
        for name, constraint, value, holds in checked:
            if not holds:
                raise ValueError(
                    f"Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) of distribution "
                    f"{self!r} to satisfy the constraint {constraint!r}, but found invalid values:\n{value}"
                )

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Whether arguments are validated where nothing else is said."""
        if value not in (True, False):
            raise ValueError
        Distribution._validate_args = value

    @property
    def batch_shape(self) -> Size:
        """The shape of the distributions."""
        return self._batch_shape

    @property
    def event_shape(self) -> Size:
        """The shape of one event."""
        return self._event_shape

    @property
    def support(self) -> Any:
        """Where events lie."""
        raise NotImplementedError

    @property
    def mean(self) -> Tensor:
        """The mean."""
        raise NotImplementedError

    @property
    def mode(self) -> Tensor:
        """The most likely event."""
        raise NotImplementedError(f"{type(self)} does not implement mode")

    @property
    def variance(self) -> Tensor:
        """The variance."""
        raise NotImplementedError

    @property
    def stddev(self) -> Tensor:
        """The standard deviation."""
        return self.variance.sqrt()

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Events of sample_shape + batch_shape + event_shape."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Events with gradients by the parameters. Raises NotImplementedError where there are none."""
        raise NotImplementedError

    def sample_n(self, n: int) -> Tensor:
        """n samples; the older name."""
        warnings.warn("sample_n will be deprecated. Use .sample((n,)) instead", UserWarning, stacklevel=2)
        return self.sample((n,))

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density, or probability, at each event."""
        raise NotImplementedError

    def cdf(self, value: Tensor) -> Tensor:
        """The probability of a number up to each."""
        raise NotImplementedError

    def icdf(self, value: Tensor) -> Tensor:
        """The numbers that `cdf` gives these probabilities for."""
        raise NotImplementedError

    def entropy(self) -> Tensor:
        """The entropy, in nats."""
        raise NotImplementedError

    def perplexity(self) -> Tensor:
        """exp of the entropy."""
        return self.entropy().exp()

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """All events there are. Raises NotImplementedError where that is no list."""
        raise NotImplementedError

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """The same distributions in a larger batch shape, without copies."""
        made = object.__new__(type(self))
        shape = Size(batch_shape)
        made.__dict__.update(
            (name, each) for name, each in self.__dict__.items()
            if not isinstance(getattr(type(self), name, None), _Lazy)
        )  # fmt: skip
        for name, each in self.__dict__.items():
            if isinstance(each, Tensor):
                axes = self.event_axes.get(name, len(self._event_shape))
                made.__dict__[name] = each.expand((*shape, *each.shape[each.ndim - axes :]))
            elif isinstance(each, Distribution):
                made.__dict__[name] = self._expanded_part(name, each, shape)
        made._batch_shape = shape
        return made

    def _expanded_part(self, name: str, part: Distribution, shape: Size) -> Distribution:
        """A distribution that this one is made of, for a larger batch shape."""
        return part.expand(shape)

    def _extended_shape(self, sample_shape: Any = ()) -> Size:
        return Size((*sample_shape, *self._batch_shape, *self._event_shape))

    def _validate_sample(self, value: Any) -> None:
        if not isinstance(value, Tensor):
            raise ValueError("The value argument to log_prob must be a Tensor")
        start = value.ndim - len(self._event_shape)
        if value.shape[max(start, 0) :] != self._event_shape:
            raise ValueError(
                f"The right-most size of value must match event_shape: {value.shape} vs {self._event_shape}."
            )
        expected = Size((*self._batch_shape, *self._event_shape))
        for mine, theirs in zip(reversed(value.shape), reversed(expected), strict=False):
            if mine != 1 and theirs != 1 and mine != theirs:
                raise ValueError(
                    f"Value is not broadcastable with batch_shape+event_shape: {value.shape} vs {expected}."
                )
        support = self.support
        if not bool(all_of(support.check(value.detach()))):
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape {tuple(value.shape)}) to be within the "
                f"support ({support!r}) of the distribution {self!r}, but found invalid values:\n{value}"
            )

    def _check(self, value: Any) -> None:
        if self._validate_args:
            self._validate_sample(value)

    def __repr__(self) -> str:
        shown: list[str] = []
        for name in self.arg_constraints:
            value = self.__dict__.get(name)
            if value is not None:
                shown.append(f"{name}: {value if value.numel() == 1 else value.shape}")
        return f"{type(self).__name__}({', '.join(shown)})"


class ExponentialFamily(Distribution):
    """A distribution of an exponential family."""


def shape_of_all(*shapes: Any) -> Size:
    """The shape that these broadcast to."""
    return Size(np.broadcast_shapes(*(tuple(each) for each in shapes)))
