"""tf.distributions.kl_divergence, and the functions that it knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import identity
from ..operations.messages import Assert
from ..operations.reductions import reduced

Divergence = Callable[..., Tensor]

_KNOWN: dict[tuple[type, type], Divergence] = {}


@export("distributions.RegisterKL", "contrib.distributions.RegisterKL")
class RegisterKL:
    """Declares the function that gives the divergence of distributions of one class from those of another."""

    def __init__(self, dist_cls_a: type, dist_cls_b: type) -> None:
        self._key = (dist_cls_a, dist_cls_b)

    def __call__(self, kl_fn: Any) -> Any:
        if not callable(kl_fn):
            raise TypeError(f"kl_fn must be callable, received: {kl_fn}")
        if self._key in _KNOWN:
            left, right = self._key
            raise ValueError(
                f"KL({left.__name__} || {right.__name__}) has already been registered to: {_KNOWN[self._key]}"
            )
        _KNOWN[self._key] = kl_fn
        return kl_fn


def _nearest(left: type, right: type) -> Divergence | None:
    """The function for two classes, or for the nearest of their bases."""
    pairs = [
        (first + second, _KNOWN[a, b])
        for first, a in enumerate(left.__mro__)
        for second, b in enumerate(right.__mro__)
        if (a, b) in _KNOWN
    ]
    return min(pairs, key=lambda pair: pair[0])[1] if pairs else None


@export("distributions.kl_divergence", "contrib.distributions.kl_divergence")
def kl_divergence(
    distribution_a: Any, distribution_b: Any, allow_nan_stats: bool = True, name: str | None = None
) -> Tensor:
    """The divergence of Kullback and Leibler of one distribution from another. Raises NotImplementedError for classes
    that it does not know; without `allow_nan_stats` a run raises InvalidArgumentError for nan."""
    left, right = type(distribution_a), type(distribution_b)
    function = _nearest(left, right)
    if function is None:
        raise NotImplementedError(
            f"No KL(distribution_a || distribution_b) registered for distribution_a type {left.__name__} and "
            f"distribution_b type {right.__name__}"
        )
    with name_scope("KullbackLeibler"):
        found = function(distribution_a, distribution_b, name=name)
        if allow_nan_stats:
            return found
        found = identity(found, name="kl")
        is_nan = reduced("Any", apply("IsNan", [found]), None, False, None)
        message = (
            f"KL calculation between {distribution_a.name} and {distribution_b.name} returned NaN values (and was "
            "called with allow_nan_stats=False). Values:"
        )
        with control_dependencies([Assert(apply("LogicalNot", [is_nan]), [message, found])]):
            return identity(found, name="checked_kl")
