"""tf.contrib.layers: losses that keep weights small."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Sequence
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.collections import GraphKeys, add_to_collection, get_collection
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.casting import abs as absolute
from ..operations.neural import l2_loss
from ..operations.reductions import reduced
from ..operations.selection import add_n

Regularizer = Callable[[Any], Tensor | None]


def _checked(scale: Any, *, below_one: bool = False) -> bool:
    """Whether a scale regularizes at all. Raises ValueError for integers, and for what is no scale."""
    if isinstance(scale, numbers.Integral):
        raise ValueError(f"scale cannot be an integer: {scale}")
    if isinstance(scale, numbers.Real):
        if scale < 0.0:
            raise ValueError(f"Setting a scale less than 0 on a regularizer: {scale:g}")
        if below_one and scale >= 1.0:
            raise ValueError(f"Setting a scale greater than 1 on a regularizer: {scale:g}")
        return scale != 0.0
    return True


def _regularizer(scale: Any, scope: Any, default: str, size: Callable[[Any], Tensor]) -> Regularizer:
    def regularizer(weights: Any, name: str | None = None) -> Tensor:
        with name_scope(scope, default, [weights]) as inside:
            factor = convert_to_tensor(scale, dtype=weights.dtype.base_dtype, name="scale")
            return apply("Mul", [factor, size(weights)], name=inside)

    return regularizer


@export("contrib.layers.l1_regularizer", "contrib.slim.l1_regularizer")
def l1_regularizer(scale: Any, scope: Any = None) -> Regularizer:
    """scale * sum(|weights|). Raises ValueError for a scale that is an integer or below 0."""
    if not _checked(scale):
        return lambda _: None
    return _regularizer(scale, scope, "l1_regularizer", lambda w: reduced("Sum", absolute(w), None, False, None))


@export("contrib.layers.l2_regularizer", "contrib.slim.l2_regularizer")
def l2_regularizer(scale: Any, scope: Any = None) -> Regularizer:
    """scale * sum(weights**2) / 2. Raises ValueError for a scale that is an integer or below 0."""
    if not _checked(scale):
        return lambda _: None
    return _regularizer(scale, scope, "l2_regularizer", l2_loss)


@export("contrib.layers.l1_l2_regularizer", "contrib.slim.l1_l2_regularizer")
def l1_l2_regularizer(scale_l1: Any = 1.0, scale_l2: Any = 1.0, scope: Any = None) -> Regularizer:
    """Both of the others."""
    parts = [part for part, scale in ((l1_regularizer(scale_l1), scale_l1), (l2_regularizer(scale_l2), scale_l2))
             if not isinstance(scale, numbers.Real) or scale != 0.0]  # fmt: skip
    return sum_regularizer(parts, scope or "l1_l2_regularizer")


@export("contrib.layers.sum_regularizer", "contrib.slim.sum_regularizer")
def sum_regularizer(regularizer_list: Sequence[Regularizer | None], scope: Any = None) -> Any:
    """The sum of several regularizers; None of none."""
    parts = [part for part in regularizer_list if part is not None]
    if not parts:
        return None

    def regularizer(weights: Any) -> Tensor | None:
        with name_scope(scope, "sum_regularizer", [weights]) as inside:
            found = [loss for loss in (part(weights) for part in parts) if loss is not None]
            return add_n(found, name=inside) if found else None

    return regularizer


@export("contrib.layers.apply_regularization", "contrib.slim.apply_regularization")
def apply_regularization(regularizer: Regularizer, weights_list: Sequence[Any] | None = None) -> Tensor:
    """The sum of the regularizer's losses of weights, which is put into the collection of such losses. Raises
    ValueError without weights, and for losses that are no scalars."""
    weights = list(weights_list) if weights_list else get_collection(GraphKeys.WEIGHTS)
    if not weights:
        raise ValueError("No weights to regularize.")
    with name_scope("get_regularization_penalty", values=weights) as scope:
        found = [regularizer(each) for each in weights]
        losses = [constant(0.0) if loss is None else loss for loss in found]
        for loss in losses:
            if loss.shape.ndims != 0:
                raise ValueError(
                    f"regularizer must return a scalar Tensor instead of a Tensor with rank {loss.shape.ndims}."
                )
        total = add_n(losses, name=scope)
        add_to_collection(GraphKeys.REGULARIZATION_LOSSES, total)
        return total
