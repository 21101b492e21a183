"""tf.losses.compute_weighted_loss, and the collection that losses are put into."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.collections import GraphKeys, add_to_collection, get_collection
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.dtypes import float32
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import rank, size
from ..operations.casting import cast
from ..operations.division import div_no_nan
from ..operations.ranges import ones_like, zeros_like
from ..operations.ranges import range as range_of
from ..operations.reductions import reduced
from ..operations.selection import add_n, where
from .broadcasting import broadcast_weights, check_broadcastable


@export("losses.Reduction")
class Reduction:
    """How the losses of elements become one number."""

    NONE = "none"
    SUM = "weighted_sum"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    MEAN = "weighted_mean"
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """All of them."""
        return (cls.NONE, cls.SUM, cls.MEAN, cls.SUM_OVER_BATCH_SIZE, cls.SUM_OVER_NONZERO_WEIGHTS,
                cls.SUM_BY_NONZERO_WEIGHTS)  # fmt: skip

    @classmethod
    def validate(cls, key: str) -> None:
        """Raises ValueError for what is none."""
        if key not in cls.all():
            raise ValueError(f"Invalid Reduction Key {key}.")


def count_present(losses: Tensor, weights: Any, *, per_batch: bool = False) -> Tensor:
    """How many losses have a weight that is not 0, in all or of each example."""
    if isinstance(weights, float) and weights != 0.0:
        return count_elements(losses)
    with name_scope(None, "num_present", [losses, weights]) as scope:
        weights = cast(weights, float32)
        present = where(apply("Equal", [weights, 0.0]), zeros_like(weights), ones_like(weights))
        present = broadcast_weights(present, losses)
        if per_batch:
            return reduced("Sum", present, range_of(1, rank(present)), True, scope)
        return reduced("Sum", present, None, False, scope)


def count_elements(losses: Tensor) -> Tensor:
    """How many losses there are."""
    with name_scope(None, "num_elements", [losses]) as scope:
        return cast(size(losses, name=scope), losses.dtype.base_dtype)


def _mean(total: Tensor, count: Tensor) -> Tensor:
    return div_no_nan(reduced("Sum", total, None, False, None), count, name="value")


@export("losses.compute_weighted_loss")
def compute_weighted_loss(
    losses: Any,
    weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """The losses times weights, which are a number or broadcast to them, as one number, put into a collection. Raises
    ValueError for weights that do not broadcast."""
    Reduction.validate(reduction)
    with name_scope(scope, "weighted_loss", [losses, weights]):
        losses = convert_to_tensor(losses)
        check_broadcastable(convert_to_tensor(weights, name="weights"), losses)
        before = losses.dtype.base_dtype
        wide, factors = cast(losses, float32), cast(weights, float32)
        loss = apply("Mul", [wide, factors])
        if reduction != Reduction.NONE:
            loss = reduced("Sum", loss, None, False, None)
        if reduction == Reduction.MEAN:
            loss = _mean(loss, reduced("Sum", ones_like(wide) * factors, None, False, None))
        elif reduction == Reduction.SUM_BY_NONZERO_WEIGHTS:
            loss = _mean(loss, count_present(wide, factors))
        elif reduction == Reduction.SUM_OVER_BATCH_SIZE:
            loss = _mean(loss, count_elements(wide))
        loss = cast(loss, before)
        add_loss(loss, loss_collection)
        return loss


@export("losses.add_loss")
def add_loss(loss: Tensor, loss_collection: Any = GraphKeys.LOSSES) -> None:
    """Puts a loss into a collection."""
    if loss_collection:
        add_to_collection(loss_collection, loss)


@export("losses.get_losses")
def get_losses(scope: str | None = None, loss_collection: Any = GraphKeys.LOSSES) -> list[Tensor]:
    """The losses in a collection."""
    return get_collection(loss_collection, scope)


@export("losses.get_regularization_losses")
def get_regularization_losses(scope: str | None = None) -> list[Tensor]:
    """The losses of regularizers."""
    return get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


@export("losses.get_regularization_loss")
def get_regularization_loss(scope: str | None = None, name: str = "total_regularization_loss") -> Tensor:
    """The sum of the losses of regularizers."""
    found = get_regularization_losses(scope)
    return add_n(found, name=name) if found else constant(0.0)


@export("losses.get_total_loss")
def get_total_loss(
    add_regularization_losses: bool = True, name: str = "total_loss", scope: str | None = None
) -> Tensor:
    """The sum of all losses, those of regularizers too. Raises ValueError where there are none."""
    found = get_losses(scope)
    if add_regularization_losses:
        found = found + get_regularization_losses(scope)
    if not found:
        raise ValueError("inputs must be a list of at least one Tensor/IndexedSlices with the same dtype and shape")
    return add_n(found, name=name)
