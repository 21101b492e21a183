"""tf.distribute.ReduceOp, and how values are reduced: there is one replica, so only axes of a value are."""

from __future__ import annotations

from enum import Enum
from math import prod
from typing import Any

from ..exports import export
from ..graphs import nest
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import int64
from ..operations.arrays import identity, shape
from ..operations.casting import cast
from ..operations.division import truediv
from ..operations.reductions import reduced
from ..variables.replicas import VariableAggregation


@export("distribute.ReduceOp")
class ReduceOp(Enum):
    """How the values of replicas come together."""

    SUM = "SUM"
    MEAN = "MEAN"

    @staticmethod
    def from_variable_aggregation(aggregation: Any) -> ReduceOp:
        """That of a variable's aggregation. Raises ValueError where there is none."""
        found = {VariableAggregation.SUM: ReduceOp.SUM, VariableAggregation.MEAN: ReduceOp.MEAN}.get(aggregation)
        if found is None:
            raise ValueError(
                f"Could not convert from `tf.VariableAggregation` {aggregation} to`tf.distribute.ReduceOp` type"
            )
        return found


@export("distribute.InputReplicationMode")
class InputReplicationMode(Enum):
    """For whom an input function is called: once on each worker."""

    PER_WORKER = "PER_WORKER"


@export("distribute.experimental.CollectiveCommunication")
class CollectiveCommunication(Enum):
    """By what processes send one another numbers. Accepted: XLA decides."""

    AUTO = "AUTO"
    RING = "RING"
    NCCL = "NCCL"


@export("distribute.get_loss_reduction", "contrib.distribute.get_loss_reduction")
def get_loss_reduction() -> ReduceOp:
    """SUM: the loss of the one replica is the whole one, and is not scaled."""
    return ReduceOp.SUM


def reduce_op_of(value: Any) -> ReduceOp:
    """A reduction, or the one of a name. Raises ValueError for another name, TypeError for what is none."""
    found = ReduceOp(value.upper()) if isinstance(value, str) else value
    if not isinstance(found, ReduceOp):
        raise TypeError(f"Expected `reduce_op` to be a `tf.distribute.ReduceOp`, not: {value!r}")
    return found


def reduced_over(reduce_op: Any, value: Any, axis: Any) -> Any:
    """The values of all replicas, which is one, reduced; with `axis` over that axis of each as well. Raises as
    `reduce_op_of`."""
    op = reduce_op_of(reduce_op)
    if axis is None:
        return nest.rebuild(value, convert_to_tensor, expand_composites=True)
    x = convert_to_tensor(value)
    total = reduced("Sum", x, axis, False, None)
    if op is ReduceOp.SUM:
        return total
    sizes = shape(x, out_type=int64)
    count = prod(sizes[each] for each in (axis if isinstance(axis, list | tuple) else (axis,)))
    return truediv(total, cast(count, total.dtype))


def unreduced(value: Any) -> Any:
    """What a reduction over the one replica gives: the same values, as tensors that gradients flow through."""

    return nest.rebuild(value, identity, expand_composites=True)
