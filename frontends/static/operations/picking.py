"""Results whose size depends on data: the places where a condition holds, rows picked by a mask, distinct elements."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from diptych.ir import Value

from ...functions import arrays, constants, picking
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import INDICES, NUMBERS, DType, as_dtype, bool_, int32, int64, string
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims
from ..graphs.site import Refusal, Site, known_shape, require_rank
from ..graphs.tensor import Tensor
from ..variables.state import check_shapes
from .arrays import reshape, shape, squeeze
from .casting import cast
from .gathering import gather
from .joining import concat
from .ranges import range as range_of
from .reductions import reduced

Unique = namedtuple("Unique", ["y", "idx"])
UniqueWithCounts = namedtuple("UniqueWithCounts", ["y", "idx", "count"])
ListDiff = namedtuple("ListDiff", ["out", "idx"])


def _count(at: Site, mask: Value) -> int:
    """How many elements of a vector of bools hold."""
    return int(at.measured(picking.count_true(at.b, mask)))


def _where_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    dims = inputs[0]._dims
    return [(None, None if dims is None else len(dims))]


@operation("Where", "input: T -> int64", T=(*NUMBERS, bool_), shape=_where_shape, blocks=True)
def lower_where(at: Site, x: Value) -> Value:
    """The coordinates of the elements that are not 0, a row each, in order."""
    require_rank(x.shape, 1, "WhereOp : Unhandled input dimensions: 0", at_least=True)
    b, sizes = at.b, known_shape(x)
    holds = x if x.dtype.is_bool else b.ne(x, constants.filled_like(b, 0, x))
    mask = b.reshape(holds, shape=(math.prod(sizes),))
    count = _count(at, mask)
    places = picking.true_places(b, mask, count, int64.ir)
    return arrays.stack(b, picking.coordinates(b, places, sizes), 1)


@export("boolean_mask")
def boolean_mask(tensor: Any, mask: Any, name: str = "boolean_mask", axis: int | None = None) -> Tensor:
    """The parts of `tensor` for which `mask` holds, whose axes are those of the tensor from `axis` (0) on. Raises
    ValueError."""
    with name_scope(name, values=[tensor, mask]):
        tensor = convert_to_tensor(tensor, name="tensor")
        mask = convert_to_tensor(mask, name="mask")
        rank = mask.shape.ndims
        if rank == 0:
            raise ValueError("mask cannot be scalar.")
        if rank is None:
            raise ValueError(
                "Number of mask dimensions must be specified, even if some dimensions are None.  E.g. shape=[None] is "
                "ok, but shape=None is not."
            )
        first = 0 if axis is None else int(axis)
        tensor.shape[first : first + rank].assert_is_compatible_with(mask.shape)
        sizes = shape(tensor)
        before, after = sizes[:first], sizes[first + rank :]
        known = tensor.shape.as_list() if tensor.shape.ndims is not None else None
        flat = reshape(tensor, concat([before, [-1], after], 0))
        if known is not None:
            covered = known[first : first + rank]
            whole = None if None in covered else math.prod(covered)
            flat.set_shape([*known[:first], whole, *known[first + rank :]])
        places = squeeze(apply("Where", [reshape(mask, [-1])]), axis=[1])
        return gather(flat, places, axis=first)


@export("sequence_mask")
def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = bool_, name: str | None = None) -> Tensor:
    """Whether a place lies within each length: [..., maxlen] of lengths [...], by default as long as the longest."""
    with name_scope(name, "SequenceMask", [lengths, maxlen]):
        lengths = convert_to_tensor(lengths)
        if maxlen is None:
            maxlen = reduced("Max", lengths, None, False, None)
            maxlen = apply("Maximum", [convert_to_tensor(0, dtype=maxlen.dtype.base_dtype), maxlen])
        else:
            maxlen = convert_to_tensor(maxlen)
        if maxlen.shape.ndims not in (0, None):
            raise ValueError("maxlen must be scalar for sequence_mask")
        zero, one = (convert_to_tensor(number, dtype=maxlen.dtype.base_dtype) for number in (0, 1))
        places = range_of(zero, maxlen, one)
        column = apply("Cast", [apply("ExpandDims", [lengths, -1])], DstT=maxlen.dtype.base_dtype)
        mask = places < column
        wanted = as_dtype(dtype)
        return mask if wanted is bool_ else cast(mask, wanted)


# -- distinct elements ----

_COMPARED = (*NUMBERS, bool_, string)


def _unique_shapes(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    require_rank(inputs[0]._dims, 1)
    return [(None,), inputs[0]._dims or (None,)]


def _unique(at: Site, x: Value, out_idx: DType) -> tuple[Value, Value, int]:
    require_rank(x.shape, 1, "unique expects a 1D vector.")
    first = picking.first_occurrences(at.b, x)
    length = known_shape(x)[0]
    is_first = at.b.eq(first, at.b.iota(shape=(length,), axis=0, dtype=first.dtype))
    count = _count(at, is_first)
    distinct = at.b.gather(x, picking.true_places(at.b, is_first, count, int32.ir), axes=(0,))
    return distinct, picking.numbered(at.b, is_first, first, out_idx.ir), count


@operation("Unique", "x: T -> T, out_idx", T=_COMPARED, out_idx=INDICES, shape=_unique_shapes, blocks=True)
def lower_unique(at: Site, x: Value, *, out_idx: DType = int32) -> list[Value]:
    """The distinct elements in the order in which they come, and for every element the place of its like there."""
    distinct, index, _ = _unique(at, x, out_idx)
    return [distinct, index]


def _counted_shapes(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    return [*_unique_shapes(inputs), (None,)]


@operation(
    "UniqueWithCounts", "x: T -> T, out_idx, out_idx", T=_COMPARED, out_idx=INDICES, shape=_counted_shapes,
    blocks=True,
)  # fmt: skip
def lower_unique_with_counts(at: Site, x: Value, *, out_idx: DType = int32) -> list[Value]:
    """As Unique, and how often each distinct element comes."""
    distinct, index, count = _unique(at, x, out_idx)
    b = at.b
    none = constants.filled(b, 0, (count,), out_idx.ir)
    ones = constants.filled(b, 1, index.shape, out_idx.ir)
    return [distinct, index, b.scatter(none, ones, index, axes=(0,), combine="add")]


@export("unique")
def unique(x: Any, out_idx: Any = int32, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(y, idx) of a vector: its distinct elements in the order in which they come, and x = y[idx]."""
    return Unique(*apply("Unique", [x], name=name, out_idx=as_dtype(out_idx)))


@export("unique_with_counts")
def unique_with_counts(x: Any, out_idx: Any = int32, name: str | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """(y, idx, count) of a vector: as tf.unique, and how often each element of y comes in x."""
    return UniqueWithCounts(*apply("UniqueWithCounts", [x], name=name, out_idx=as_dtype(out_idx)))


def _difference_shapes(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    for tensor in inputs:
        require_rank(tensor._dims, 1)
    return [(None,), (None,)]


@operation("ListDiff", "x: T, y: T -> T, out_idx", T=_COMPARED, out_idx=INDICES, shape=_difference_shapes,
           blocks=True)  # fmt: skip
def lower_list_diff(at: Site, x: Value, y: Value, *, out_idx: DType = int32) -> list[Value]:
    """The elements of x that are not in y, and their places."""
    b = at.b
    shape = (*known_shape(x), *known_shape(y))
    same = b.eq(b.broadcast(x, shape=shape, axes=(0,)), b.broadcast(y, shape=shape, axes=(1,)))
    mask = b.bitwise_not(b.reduce_or(same, axes=(1,)))
    places = picking.true_places(b, mask, _count(at, mask), out_idx.ir)
    return [b.gather(x, places, axes=(0,)), places]


@export("setdiff1d")
def setdiff1d(x: Any, y: Any, index_dtype: Any = int32, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(out, idx): the elements of the vector x that are not in y, in order, and their places in x."""
    return ListDiff(*apply("ListDiff", [x, y], name=name, out_idx=as_dtype(index_dtype)))


# -- partitions ----


def _partition_shapes(inputs: Sequence[Tensor], *, num_partitions: int) -> list[Dims | None]:
    data, partitions = (tensor._dims for tensor in inputs)
    if data is None or partitions is None:
        return [None] * num_partitions
    check_shapes(data[: len(partitions)], partitions)
    return [(None, *data[len(partitions) :])] * num_partitions


@operation("DynamicPartition", "data: T, partitions: int32 -> num_partitions*T", shape=_partition_shapes)
def lower_dynamic_partition(at: Site, data: Value, partitions: Value, *, num_partitions: int) -> list[Value]:
    """The slices of data that belong to each partition, in order."""
    b = at.b
    rest = data.shape[partitions.rank :]
    count = math.prod(known_shape(partitions))
    owners = b.reshape(partitions, shape=(count,))
    rows = b.reshape(data, shape=(count, *rest))
    sizes = at.measured(picking.group_sizes(b, owners, num_partitions))
    if int(sizes.sum()) != count:
        _refuse_partition(at, owners, num_partitions)
    _, order = b.sort(owners, b.iota(shape=(count,), axis=0, dtype=int32.ir), axis=0)
    return list(arrays.split(b, b.gather(rows, order, axes=(0,)), [int(size) for size in sizes], 0))


def _refuse_partition(at: Site, owners: Value, count: int) -> None:
    b = at.b
    low, high = constants.filled_like(b, 0, owners), constants.filled_like(b, count, owners)
    outside = b.bitwise_or(b.lt(owners, low), b.ge(owners, high))
    first = b.argmax(b.cast(outside, dtype=int32.ir), axis=0, dtype=int32.ir)
    place, found = (int(at.measured(value)) for value in (first, b.gather(owners, first, axes=(0,))))
    raise Refusal(f"partitions[{place}] = {found} is not in [0, {count})")


@export("dynamic_partition")
def dynamic_partition(data: Any, partitions: Any, num_partitions: int, name: str | None = None) -> list[Tensor]:
    """The slices of `data` for which `partitions`, shaped as the first axes of data, says 0, then 1, ..."""
    return apply("DynamicPartition", [data, partitions], name=name, num_partitions=num_partitions)


def _stitch_shape(inputs: Sequence[Tensor], *, N: int) -> list[Dims | None]:
    for indices, data in zip(inputs[:N], inputs[N:], strict=True):
        if indices._dims is not None and data._dims is not None:
            return [(None, *data._dims[len(indices._dims) :])]
    return [None]


def _stitched(at: Site, *operands: Value, N: int) -> Value:
    b = at.b
    indices, data = operands[:N], operands[N:]
    rest = data[0].shape[indices[0].rank :]
    counts = [math.prod(known_shape(each)) for each in indices]
    places = b.concatenate(
        *(b.reshape(each, shape=(count,)) for each, count in zip(indices, counts, strict=True)), axis=0
    )
    rows = b.concatenate(
        *(b.reshape(each, shape=(count, *rest)) for each, count in zip(data, counts, strict=True)), axis=0
    )
    size = 0
    if sum(counts):
        size = 1 + int(at.measured(b.reduce_max(places, axes=(0,))))
    return b.scatter(constants.filled(b, 0, (size, *rest), rows.dtype), rows, places, axes=(0,), combine="set")


for _type in ("DynamicStitch", "ParallelDynamicStitch"):
    operation(_type, "indices: N*int32, data: N*T -> T", shape=_stitch_shape)(_stitched)


@export("dynamic_stitch")
def dynamic_stitch(indices: Any, data: Any, name: str | None = None) -> Tensor:
    """The slices of the tensors `data` put together: that of data[m][i] is at indices[m][i]."""
    return apply("DynamicStitch", [list(indices), list(data)], name=name)
