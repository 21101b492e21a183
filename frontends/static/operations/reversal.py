"""tf.reverse and tf.reverse_sequence."""

from __future__ import annotations

from typing import Any

from diptych.ir import Value

from ...functions.constants import filled_like
from ..exports import export
from ..graphs.apply import apply
from ..graphs.definitions import operation, shape_of_input
from ..graphs.dtypes import INDICES, int32, int64
from ..graphs.site import Refusal, Site, require_rank
from ..graphs.tensor import Tensor
from .arrays import axis_of, either


@operation("ReverseV2", "tensor: T, axis: Tidx -> T", shape=shape_of_input, defaults={"Tidx": int32}, Tidx=INDICES)
def lower_reverse(at: Site, x: Value, axis: Value) -> Value:
    """x from its end along some axes."""
    axes = [axis_of(each, x.rank) for each in at.integers(axis)]
    return at.b.reverse(x, axes=sorted(axes))


@export("reverse", "reverse_v2", "manip.reverse")
def reverse(tensor: Any, axis: Any, name: str | None = None) -> Tensor:
    """`tensor` from its end along the axes in the vector `axis`."""
    return apply("ReverseV2", [tensor, axis], name=name)


@operation(
    "ReverseSequence", "input: T, seq_lengths: Tlen -> T", shape=shape_of_input, defaults={"Tlen": int64}, Tlen=INDICES
)
def lower_reverse_sequence(at: Site, x: Value, lengths: Value, *, seq_dim: int, batch_dim: int = 0) -> Value:
    """Each element of the batch from its own length on backwards; what lies behind stays."""
    require_rank(lengths.shape, 1)
    b = at.b
    if lengths.shape[0] != x.shape[batch_dim]:
        raise Refusal(f"len(seq_lens) != input.dims({batch_dim}), ({lengths.shape[0]} vs. {x.shape[batch_dim]})")
    order = [batch_dim, seq_dim, *(axis for axis in range(x.rank) if axis not in (batch_dim, seq_dim))]
    moved = b.transpose(x, permutation=tuple(order))
    sizes = moved.shape[:2]
    dtype = lengths.dtype
    place = b.iota(shape=sizes, axis=1, dtype=dtype)
    row = b.iota(shape=sizes, axis=0, dtype=dtype)
    length = b.broadcast(lengths, shape=sizes, axes=(0,))
    turned = b.sub(b.sub(length, filled_like(b, 1, length)), place)
    source = b.select(b.lt(place, length), turned, place)
    found = b.gather(moved, row, source, axes=(0, 1))
    back = [order.index(axis) for axis in range(x.rank)]
    return b.transpose(found, permutation=tuple(back))


@export("reverse_sequence")
def reverse_sequence(
    input: Any,
    seq_lengths: Any,
    seq_axis: Any = None,
    batch_axis: Any = None,
    name: str | None = None,
    seq_dim: Any = None,
    batch_dim: Any = None,
) -> Tensor:
    """The first seq_lengths[i] elements along `seq_axis` of each element i along `batch_axis` in reverse order."""
    seq = either("seq_axis", seq_axis, "seq_dim", seq_dim)
    batch = either("batch_axis", batch_axis, "batch_dim", batch_dim)
    return apply(
        "ReverseSequence", [input, seq_lengths], name=name, seq_dim=seq, batch_dim=0 if batch is None else batch
    )
