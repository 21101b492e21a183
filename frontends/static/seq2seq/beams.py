"""Beams: several hypotheses for each sequence of a batch, tiled and traced back."""

from __future__ import annotations

from typing import Any

from diptych.ir import TensorType, Value, dtypes

from ...functions.constants import filled, filled_like, scalar
from ..exports import export
from ..graphs import nest
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation, shape_of_input
from ..graphs.dtypes import int32
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape
from ..graphs.site import Refusal, Site, known_shape, require_rank
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, reshape, shape, transpose
from ..operations.casting import cast
from ..operations.gathering import gather_nd
from ..operations.joining import concat, stack, tile
from ..operations.picking import sequence_mask
from ..operations.ranges import range as range_of
from ..operations.reductions import reduced
from ..operations.selection import where


@export("contrib.seq2seq.tile_batch")
def tile_batch(t: Any, multiplier: int, name: str | None = None) -> Any:
    """Each row of the tensors in a nest `multiplier` times, one after another: [batch * multiplier, ...]."""
    with name_scope(name, "tile_batch"):
        return nest.rebuild(t, lambda leaf: _tiled(leaf, multiplier))


def _tiled(t: Any, multiplier: int) -> Tensor:
    t = convert_to_tensor(t, name="t")
    if t.shape.ndims is None or t.shape.ndims < 1:
        raise ValueError("t must have statically known rank")
    sizes, rows = shape(t), t.shape.dims[0].value
    repeats = [1, multiplier, *[1] * (t.shape.ndims - 1)]
    tiled = reshape(tile(expand_dims(t, 1), repeats), concat([[sizes[0] * multiplier], sizes[1:]], 0))
    tiled.set_shape(TensorShape([None if rows is None else rows * multiplier]).concatenate(t.shape[1:]))
    return tiled


@operation("GatherTree", "step_ids: int32, parent_ids: int32, max_sequence_lengths: int32, end_token: int32 -> int32",
           shape=shape_of_input, blocks=True)  # fmt: skip
def lower_gather_tree(at: Site, steps: Value, parents: Value, lengths: Value, end: Value) -> Value:
    """The ids along the ways back through parents, from the last step of each batch entry: [time, batch, beam]. Behind
    an end token, and behind the last step, stand end tokens."""
    require_rank(steps.shape, 3)
    if steps.shape != parents.shape:
        raise Refusal(f"parent_ids.shape must be {list(steps.shape)} but is {list(parents.shape)}")
    require_rank(lengths.shape, 1)
    require_rank(end.shape, 0)
    b, (time, batch, beam) = at.b, known_shape(steps)
    row = TensorType(dtypes.i32, (batch, beam))
    times = b.iota(shape=(time,), axis=0, dtype=dtypes.i32)
    body = b.nested("step")
    last, end_in, way, ids, before, now = (
        body.parameter(type)
        for type in (TensorType(dtypes.i32, (batch,)), TensorType(dtypes.i32), row, row, row, TensorType(dtypes.i32))
    )
    own = body.iota(shape=(batch, beam), axis=1, dtype=dtypes.i32)
    entry = body.iota(shape=(batch, beam), axis=0, dtype=dtypes.i32)
    until = body.sub(body.broadcast(last, shape=(batch, beam), axes=(0,)), body.broadcast(
        scalar(body, 1, dtypes.i32), shape=(batch, beam), axes=()))  # fmt: skip
    present = body.broadcast(now, shape=(batch, beam), axes=())
    way = body.select(body.ge(present, until), own, way)  # each beam begins at its own last step
    found = body.gather(ids, entry, way, axes=(0, 1))
    ends = body.broadcast(end_in, shape=(batch, beam), axes=())
    shown = body.select(body.gt(present, until), ends, found)
    step = body.finish([body.gather(before, entry, way, axes=(0, 1)), shown])
    start = filled(b, 0, (batch, beam), dtypes.i32)
    traced = b.scan(
        lengths, end, start, steps, parents, times, body=step, length=time, constants=2, carries=1, reverse=True
    )[1]
    is_end = b.eq(traced, b.broadcast(end, shape=traced.shape, axes=()))
    count = b.cumulative_sum(b.cast(is_end, dtype=dtypes.i32), axis=0)
    is_over = b.gt(count, filled_like(b, 0, count))
    return b.select(is_over, b.broadcast(end, shape=traced.shape, axes=()), traced)


@export("contrib.seq2seq.gather_tree")
def gather_tree(
    step_ids: Any, parent_ids: Any, max_sequence_lengths: Any, end_token: Any, name: str | None = None
) -> Tensor:
    """The ids of whole beams [time, batch, beam], of those that each step chose and of the beams that it went on
    from."""
    return apply("GatherTree", [step_ids, parent_ids, max_sequence_lengths, end_token], name=name)


def gather_tree_from_array(t: Tensor, parent_ids: Tensor, sequence_length: Tensor) -> Tensor:
    """What steps kept [time, batch * beam, ...], in the order of whole beams."""
    time, batch, beam = (
        known.value or shape(parent_ids)[axis] for axis, known in enumerate(parent_ids.shape.dims)
    )  # fmt: skip
    own = tile(reshape(range_of(beam), [1, 1, -1]), [time, batch, 1])
    longest = cast(reduced("Max", sequence_length, 1, False, None), int32)
    ordered = gather_tree(own, parent_ids, longest, beam + 1)
    within = transpose(sequence_mask(sequence_length, maxlen=time), [2, 0, 1])
    ordered = where(within, ordered, own)
    times = tile(reshape(range_of(time), [-1, 1, 1]), [1, batch, beam])
    rows = tile(reshape(range_of(batch), [1, -1, 1]), [time, 1, beam])
    found = gather_nd(reshape(t, [time, batch, beam, -1]), stack([times, rows, ordered], -1))
    return reshape(found, shape(t))
