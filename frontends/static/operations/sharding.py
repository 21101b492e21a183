"""Tensors that are split over a mesh of devices."""

from __future__ import annotations

from diptych.ir import DiptychError, Value

from ...meshes import sharders
from ..graphs.apply import apply
from ..graphs.definitions import operation, shape_of_input
from ..graphs.site import Site
from ..graphs.tensor import Tensor


@operation("DiptychShard", "input: T -> T", shape=shape_of_input)
def lower_shard(at: Site, x: Value, *, axes: str) -> Value:
    """x, split over the mesh as `axes` says, which the op of the IR explains."""
    return at.b.shard(x, axes=axes)


def rank_of(x: Tensor) -> int:
    """How many dimensions a tensor has. Raises DiptychError where nobody knows."""
    rank = x.shape.ndims
    if rank is None:
        raise DiptychError(f"shard: the rank of {x.name} is not known", hint="x.set_shape([None, 64])")
    return rank


sharders[Tensor] = (rank_of, lambda x, axes: apply("DiptychShard", [x], axes=axes))
