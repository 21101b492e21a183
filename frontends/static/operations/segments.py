"""Reductions of rows that belong together: segments, named by the number that each row has."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from diptych.ir import Value

from ...functions import constants, segments
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import FLOATS, INDICES, NUMBERS, REALS, DType, int32
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims, disagreement, runtime_text
from ..graphs.site import Refusal, Site, known_shape, require_rank
from ..graphs.tensor import Tensor
from .arrays import shape
from .casting import cast
from .ranges import ones_like
from .reductions import reduced

Reduce = Callable[..., Value]

_SORTED: dict[str, tuple[str, tuple[DType, ...]]] = {
    "sum": ("SegmentSum", NUMBERS), "mean": ("SegmentMean", NUMBERS), "prod": ("SegmentProd", NUMBERS),
    "min": ("SegmentMin", REALS), "max": ("SegmentMax", REALS),
}  # fmt: skip
_UNSORTED: dict[str, tuple[str, tuple[DType, ...]]] = {
    "sum": ("UnsortedSegmentSum", NUMBERS), "prod": ("UnsortedSegmentProd", NUMBERS),
    "min": ("UnsortedSegmentMin", REALS), "max": ("UnsortedSegmentMax", REALS),
}  # fmt: skip


def _sorted_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    data, ids = inputs[0]._dims, inputs[-1]._dims
    require_rank(ids, 1)
    return [None if data is None else (None, *data[1:])]


def _number_of_segments(at: Site, ids: Value) -> int:
    """One more than the last segment's number, which is the largest. Raises Refusal where the numbers fall."""
    b, (count,) = at.b, known_shape(ids)
    if not count:
        return 0
    before = b.slice(ids, start=(0,), limit=(count - 1,), stride=(1,))
    after = b.slice(ids, start=(1,), limit=(count,), stride=(1,))
    falls = b.reduce_or(b.lt(after, before), axes=(0,))
    last = b.reduce_max(ids, axes=(0,))
    found = at.measured(b.select(falls, constants.filled_like(b, -1, last), last))
    if int(found) < 0:
        raise Refusal("segment ids are not increasing", "segment ids are not increasing")
    return int(found) + 1


def _declare_sorted(how: str) -> None:
    type, allowed = _SORTED[how]

    @operation(
        type, "data: T, segment_ids: Tindices -> T", defaults={"Tindices": int32}, T=allowed, Tindices=INDICES,
        shape=_sorted_shape,
    )  # fmt: skip
    def lower(at: Site, data: Value, ids: Value) -> Value:
        require_rank(ids.shape, 1, "segment_ids should be a vector.")
        if data.shape[:1] != ids.shape:
            raise Refusal("segment_ids should be the same size as dimension 0 of input.")
        count = _number_of_segments(at, ids)
        return segments.reduced(at.b, data, ids, count, how, empty=1 if how == "prod" else 0)

    @export(f"segment_{how}", f"math.segment_{how}")
    def function(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
        return apply(type, [data, segment_ids], name=name)

    function.__name__ = function.__qualname__ = f"segment_{how}"
    function.__doc__ = f"The {how} of the rows of each segment, whose numbers do not fall: [last number + 1, ...]."


def _declare_unsorted(how: str) -> None:
    type, allowed = _UNSORTED[how]

    @operation(
        type, "data: T, segment_ids: Tindices, num_segments: Tnumsegments -> T",
        defaults={"Tindices": int32, "Tnumsegments": int32}, T=allowed, Tindices=INDICES, Tnumsegments=INDICES,
    )  # fmt: skip
    def lower(at: Site, data: Value, ids: Value, count: Value) -> Value:
        _check_rows(data, ids)
        return segments.reduced(at.b, data, ids, at.size(count), how)

    @export(f"unsorted_segment_{how}", f"math.unsorted_segment_{how}")
    def function(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
        return apply(type, [data, segment_ids, num_segments], name=name)

    function.__name__ = function.__qualname__ = f"unsorted_segment_{how}"
    function.__doc__ = f"The {how} of the parts of `data` that have each number; parts of a negative one are left out."


def _check_rows(data: Value, ids: Value) -> None:
    if data.shape[: ids.rank] != ids.shape:
        raise Refusal(
            disagreement(data.shape[: ids.rank], ids.shape),
            f"data.shape = {runtime_text(data.shape)} does not start with segment_ids.shape = "
            f"{runtime_text(ids.shape)}",
        )


for _how in _SORTED:
    _declare_sorted(_how)
for _how in _UNSORTED:
    _declare_unsorted(_how)


def _counts(data: Tensor, ids: Tensor, num_segments: Any) -> Tensor:
    """How many parts each segment has, at least 1, in data's dtype and with axes to broadcast to it."""
    ones = ones_like(ids, dtype=data.dtype.base_dtype)
    found = apply("UnsortedSegmentSum", [ones, ids, num_segments])
    data_rank, ids_rank = data.shape.ndims, ids.shape.ndims
    if data_rank is None or ids_rank is None:
        raise ValueError("data and segment_ids must have known ranks")
    for _ in range(data_rank - ids_rank):
        found = apply("ExpandDims", [found, -1])
    return apply("Maximum", [found, convert_to_tensor(1, dtype=found.dtype.base_dtype)])


@export("unsorted_segment_mean", "math.unsorted_segment_mean")
def unsorted_segment_mean(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """The mean of the parts of `data` that have each number; 0 of none."""
    with name_scope(name, "UnsortedSegmentMean", [data, segment_ids]):
        data, ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
        return apply("UnsortedSegmentSum", [data, ids, num_segments]) / _counts(data, ids, num_segments)


@export("unsorted_segment_sqrt_n", "math.unsorted_segment_sqrt_n")
def unsorted_segment_sqrt_n(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """The sum of the parts of `data` that have each number, divided by the square root of how many there are."""
    with name_scope(name, "UnsortedSegmentSqrtN", [data, segment_ids]):
        data, ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
        counts = _counts(data, ids, num_segments)
        return apply("UnsortedSegmentSum", [data, ids, num_segments]) / apply("Sqrt", [counts])


def _declare_sparse(how: str, type: str) -> None:
    def picked(at: Site, data: Value, indices: Value, ids: Value, count: Any) -> Value:
        rows = at.b.gather(data, indices, axes=(0,))
        return segments.reduced(at.b, rows, ids, count, how)

    @operation(
        type, "data: T, indices: Tidx, segment_ids: int32 -> T", defaults={"Tidx": int32}, T=REALS, Tidx=INDICES,
        shape=_sorted_shape,
    )  # fmt: skip
    def lower(at: Site, data: Value, indices: Value, ids: Value) -> Value:
        return picked(at, data, indices, ids, _number_of_segments(at, ids))

    @operation(
        f"{type}WithNumSegments", "data: T, indices: Tidx, segment_ids: int32, num_segments: Tnumsegments -> T",
        defaults={"Tidx": int32, "Tnumsegments": int32}, T=REALS, Tidx=INDICES, Tnumsegments=INDICES,
    )  # fmt: skip
    def lower_with_number(at: Site, data: Value, indices: Value, ids: Value, count: Value) -> Value:
        return picked(at, data, indices, ids, at.size(count))

    @export(f"sparse_segment_{how}", f"sparse.segment_{how}")
    def function(
        data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None
    ) -> Tensor:
        if num_segments is not None:
            return apply(f"{type}WithNumSegments", [data, indices, segment_ids, num_segments], name=name)
        return apply(type, [data, indices, segment_ids], name=name)

    function.__name__ = function.__qualname__ = f"sparse_segment_{how}"
    function.__doc__ = f"The {how} of the rows of `data` at `indices` by the segments that those belong to."


_declare_sparse("sum", "SparseSegmentSum")
_declare_sparse("mean", "SparseSegmentMean")
_declare_sparse("sqrt_n", "SparseSegmentSqrtN")


# -- counting ----


@operation("Bincount", "arr: int32, size: int32, weights: T -> T", T=(*FLOATS, *INDICES), blocks=True)
def lower_bincount(at: Site, arr: Value, size: Value, weights: Value) -> Value:
    """How often each number below `size` comes, or the sum of the weights of where it comes."""
    count = math.prod(known_shape(arr))
    if known_shape(weights) == (0,):
        weights = constants.filled(at.b, 1, arr.shape, weights.dtype)
    flat = [at.b.reshape(value, shape=(count,)) for value in (weights, arr)]
    return segments.reduced(at.b, *flat, at.size(size), "sum")


@export("bincount", "math.bincount")
def bincount(
    arr: Any, weights: Any = None, minlength: Any = None, maxlength: Any = None, dtype: Any = int32,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """How often each number from 0 to the largest comes in `arr`, or the sum of the weights of where it comes.

    The result has at least `minlength` elements and at most `maxlength`.
    """
    with name_scope(name or "bincount"):
        arr = convert_to_tensor(arr, name="arr", dtype=int32)
        is_full = reduced("Prod", shape(arr), None, False, None) > 0
        size = cast(is_full, int32) * (reduced("Max", arr, None, False, None) + 1)
        if minlength is not None:
            size = apply("Maximum", [convert_to_tensor(minlength, name="minlength", dtype=int32), size])
        if maxlength is not None:
            size = apply("Minimum", [convert_to_tensor(maxlength, name="maxlength", dtype=int32), size])
        if weights is not None:
            weights = convert_to_tensor(weights, name="weights")
            return apply("UnsortedSegmentSum", [weights, arr, size])
        return apply("Bincount", [arr, size, constant([], dtype=dtype)])
