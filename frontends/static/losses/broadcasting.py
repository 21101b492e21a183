"""Weights of elements: how they broadcast, and the axes of size 1 that labels and predictions may have too many."""

from __future__ import annotations

from typing import Any

from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import squeeze
from ..operations.ranges import ones_like


def check_broadcastable(weights: Tensor, values: Tensor) -> None:
    """Raises ValueError where weights are no scalar and differ from values in rank, or in a size that is not 1."""
    found, wanted = weights._dims, values._dims
    if found is None or wanted is None or not found:
        return
    words = "weights can not be broadcast to values."
    shapes = f"values.shape={wanted}. weights.shape={found}."
    if len(found) != len(wanted):
        raise ValueError(f"{words} values.rank={len(wanted)}. weights.rank={len(found)}. {shapes}")
    for size, full in zip(found, wanted, strict=True):
        if size is not None and full is not None and size not in (1, full):
            raise ValueError(f"{words} Mismatch at dim {found.index(size)}. {shapes}")


def broadcast_weights(weights: Any, values: Any) -> Tensor:
    """Weights in the shape of values."""
    with name_scope(None, "broadcast_weights", [weights, values]) as scope:
        values = convert_to_tensor(values, name="values")
        weights = convert_to_tensor(weights, dtype=values.dtype.base_dtype, name="weights")
        known = weights.shape.is_fully_defined() and values.shape.is_fully_defined()
        if known and weights._dims == values._dims:
            return weights
        check_broadcastable(weights, values)
        return apply("Mul", [weights, ones_like(values)], name=scope)


def without_last_axis(labels: Tensor, predictions: Tensor, difference: int = 0) -> tuple[Tensor, Tensor]:
    """(labels, predictions), of which one loses its last axis of size 1 where it has an axis more than it should:
    predictions have `difference` axes more than labels."""
    if labels._dims is None or predictions._dims is None:
        return labels, predictions
    found = len(predictions._dims) - len(labels._dims)
    if found == difference + 1 and predictions._dims[-1] in (1, None):
        return labels, squeeze(predictions, [-1])
    if found == difference - 1 and labels._dims[-1] in (1, None):
        return squeeze(labels, [-1]), predictions
    return labels, predictions


def weights_for(weights: Any, values: Tensor) -> Any:
    """Weights without a last axis that values do not have."""
    if weights is None:
        return None
    weights = convert_to_tensor(weights)
    if weights._dims is not None and values._dims is not None and len(weights._dims) == len(values._dims) + 1:
        return squeeze(weights, [-1])
    return weights
