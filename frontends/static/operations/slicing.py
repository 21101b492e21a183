"""Reading parts of tensors by slices."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from diptych.ir import Dim, Dimension, Value

from ...functions import constants, indexing
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import INDICES, int32
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dimension as StaticDimension
from ..graphs.site import Refusal, Site
from ..graphs.tensor import Tensor
from .casting import cast

export("newaxis")(None)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of a strided slice: where in the masks it stands, and what it does."""

    number: int
    new_axis: bool = False
    shrink: bool = False


@operation("StridedSlice", "input: T, begin: Index, end: Index, strides: Index -> T", Index=INDICES)
def lower_strided_slice(
    at: Site,
    x: Value,
    begin: Value,
    end: Value,
    strides: Value,
    *,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
) -> Value:
    """x[begin:end:strides]. Bit i of a mask says of entry i: its bound is absent, it is an ellipsis, a new axis, or a
    single index. An index that only a run knows is gathered; a block whose size is known is cut out where it begins."""
    steps = at.integers(strides)
    low, high = at.elements(begin), at.elements(end)
    entries = _expanded(len(steps), x.rank, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    shape: list[Dim] = []
    pieces: list[tuple[Dim, Dim, int]] = []
    moving: list[tuple[int, Value]] = []
    for entry in entries:
        axis = len(pieces)
        if entry is None:
            pieces.append((0, x.shape[axis], 1))
            shape.append(x.shape[axis])
            continue
        number = entry.number
        if entry.new_axis:
            shape.append(1)
            continue
        size = x.shape[axis]
        if steps[number] == 0:
            raise Refusal(f"strides[{number}] must be non-zero")
        if entry.shrink:
            if isinstance(low[number], Dimension):
                moving.append((axis, _element(at, begin, number)))
                pieces.append((0, size, 1))
            else:
                pieces.append((_index(low[number], size, axis), 1, 1))
            continue
        start = None if begin_mask >> number & 1 else low[number]
        stop = None if end_mask >> number & 1 else high[number]
        piece = _block(at, start, stop, steps[number], size, (begin, end), number)
        if piece is None:
            first = _element(at, begin, number)
            width = _there(at, first, _element(at, end, number), stop - start, size)
            x = _cut(at, x, axis, first, width)
            piece = (0, width, 1)
        pieces.append(piece)
        shape.append(piece[1])
    taken = indexing.strided(at.b, x, pieces)
    for axis, index in reversed(moving):
        taken = _gathered(at, taken, index, axis)
    return taken if taken.shape == tuple(shape) else at.b.reshape(taken, shape=shape)


def _expanded(
    count: int, rank: int, ellipsis_mask: int, new_axis_mask: int, shrink_axis_mask: int
) -> list[_Entry | None]:
    """The entries one an axis, None for an axis taken whole. Raises Refusal where there are too many."""
    entries: list[_Entry | None] = []
    ellipsis_mask &= (1 << count) - 1
    if ellipsis_mask.bit_count() > 1:
        raise Refusal("Multiple ellipses in slice spec not allowed")
    used = sum(1 for n in range(count) if not (new_axis_mask >> n & 1 or ellipsis_mask >> n & 1))
    if used > rank:
        raise Refusal(f"Index out of range using input dim {rank}; input has only {rank} dims")
    for number in range(count):
        if ellipsis_mask >> number & 1:
            entries.extend([None] * (rank - used))
        elif new_axis_mask >> number & 1:
            entries.append(_Entry(number, new_axis=True))
        else:
            entries.append(_Entry(number, shrink=bool(shrink_axis_mask >> number & 1)))
    if not ellipsis_mask:
        entries.extend([None] * (rank - used))
    return entries


def _index(index: Dim, size: Dim, axis: int) -> Dim:
    place = index + size if isinstance(index, int) and index < 0 else index
    if isinstance(place, int) and (place < 0 or (isinstance(size, int) and place >= size)):
        raise Refusal(f"slice index {index} of dimension {axis} out of bounds.")
    return place


def _block(
    at: Site, start: Dim | None, stop: Dim | None, step: int, size: Dim, bounds: tuple[Value, Value], number: int
) -> tuple[Dim, Dim, int] | None:
    """(start, count, step) of a slice; None for one of known size that begins where only a run knows."""
    if isinstance(start, Dimension) or isinstance(stop, Dimension):
        width = None if start is None or stop is None else stop - start
        if isinstance(start, Dimension) and isinstance(width, int) and step == 1 and width >= 0:
            return None
        start = None if start is None else at.sizes(bounds[0])[number]
        stop = None if stop is None else at.sizes(bounds[1])[number]
    return indexing.bounds(slice(start, stop, step), size)


def _element(at: Site, vector: Value, number: int) -> Value:
    """One element of an index vector as a scalar."""
    piece = at.b.slice(vector, start=(number,), limit=(number + 1,), stride=(1,))
    return at.b.reshape(piece, shape=())


def _counted(at: Site, index: Value, size: Dim) -> Value:
    """An index that may be negative, counted from 0."""
    b = at.b
    negative = b.lt(index, constants.scalar(b, 0, index.dtype))
    return b.select(negative, b.add(index, constants.size_of(b, size, index.dtype)), index)


def _there(at: Site, first: Value, end: Value, width: int, size: Dim) -> Dim:
    """How many of the `width` elements from `first` to `end` an axis has: fewer at its end, as in a last batch. In
    conditions and loops, where shapes stay, it is taken to have all."""
    if not at.may_measure:
        return width
    b = at.b
    none, all_ = constants.scalar(b, 0, first.dtype), constants.size_of(b, size, first.dtype)
    low, high = (b.clamp(none, _counted(at, bound, size), all_) for bound in (first, end))
    return at.measured(b.max(b.sub(high, low), none)).item()


def _gathered(at: Site, x: Value, index: Value, axis: int) -> Value:
    return at.b.gather(x, _counted(at, index, x.shape[axis]), axes=(axis,))


def _cut(at: Site, x: Value, axis: int, start: Value, width: Dim) -> Value:
    """`width` elements along `axis` from `start` on."""
    b = at.b
    zero = constants.scalar(b, 0, start.dtype)
    starts = [_counted(at, start, x.shape[axis]) if other == axis else zero for other in range(x.rank)]
    return b.dynamic_slice(x, *starts, sizes=[width if a == axis else size for a, size in enumerate(x.shape)])


_VALID = (
    "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors are valid "
    "indices"
)


def _check_entry(entry: Any) -> Any:
    """An entry of an index as a number or tensor. Raises TypeError for others."""
    if isinstance(entry, StaticDimension):
        entry = entry.value
    if isinstance(entry, numbers.Integral):
        return int(entry)
    tensor = isinstance(entry, Tensor) or hasattr(entry, "_as_graph_tensor")
    if tensor and entry.dtype.base_dtype in INDICES and entry.shape.ndims in (0, None):
        return entry
    raise TypeError(f"{_VALID}, got {entry!r}")


def slice_tensor(tensor: Any, index: Any) -> Tensor:
    """tensor[index], for integers, slices, ..., None and scalar integer tensors."""
    entries = list(index) if isinstance(index, list | tuple) else [index]
    begin: list[Any] = []
    end: list[Any] = []
    strides: list[Any] = []
    masks = dict.fromkeys(("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0)

    def add(low: Any, high: Any, step: Any, *marks: str) -> None:
        for mark in marks:
            masks[mark] |= 1 << len(begin)
        begin.append(low)
        end.append(high)
        strides.append(step)

    for entry in entries:
        if isinstance(entry, slice):
            absent = [mark for mark, bound in (("begin_mask", entry.start), ("end_mask", entry.stop)) if bound is None]
            low, high = (0 if bound is None else _check_entry(bound) for bound in (entry.start, entry.stop))
            add(low, high, 1 if entry.step is None else _check_entry(entry.step), *absent)
        elif entry is Ellipsis:
            add(0, 0, 1, "ellipsis_mask")
        elif entry is None:
            add(0, 0, 1, "new_axis_mask")
        else:
            place = _check_entry(entry)
            add(place, place + 1, 1, "shrink_axis_mask")
    if masks["ellipsis_mask"].bit_count() > 1:
        raise ValueError("Multiple ellipses in slice spec not allowed")
    with name_scope(None, "strided_slice", [tensor, *_tensors(entries)]) as scope:
        bounds = [_packed(values, name) for values, name in ((begin, "stack"), (end, "stack_1"), (strides, "stack_2"))]
        wide = next((bound.dtype for bound in bounds if bound.dtype is not int32), None)
        if wide is not None:
            bounds = [cast(bound, wide) for bound in bounds]
        return apply("StridedSlice", [tensor, *bounds], name=scope, **masks)


def _tensors(entries: Sequence[Any]) -> list[Tensor]:
    return [entry for entry in entries if isinstance(entry, Tensor)]


def _packed(values: list[Any], name: str) -> Tensor:
    return convert_to_tensor(values, name=name) if values else convert_to_tensor(values, dtype=int32, name=name)


@export("strided_slice")
def strided_slice(
    input_: Any,
    begin: Any,
    end: Any,
    strides: Any = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    var: Any = None,
    name: str | None = None,
) -> Tensor:
    """input_[begin:end:strides], with a mask bit for each entry that is special."""
    if strides is None:
        strides = [1] * convert_to_tensor(begin).shape.as_list()[0]
    return apply(
        "StridedSlice",
        [input_, begin, end, strides],
        name=name,
        begin_mask=begin_mask,
        end_mask=end_mask,
        ellipsis_mask=ellipsis_mask,
        new_axis_mask=new_axis_mask,
        shrink_axis_mask=shrink_axis_mask,
    )


@operation("Slice", "input: T, begin: Index, size: Index -> T", defaults={"Index": int32}, Index=INDICES)
def lower_slice(at: Site, x: Value, begin: Value, size: Value) -> Value:
    """The block of `size` that begins at `begin`; -1 means all that is left."""
    low, width = at.elements(begin), at.sizes(size)
    if len(low) != x.rank or len(width) != x.rank:
        raise Refusal(f"Shape must be rank {max(len(low), len(width))} but is rank {x.rank}")
    pieces: list[tuple[Dim, Dim, int]] = []
    for axis, (start, count) in enumerate(zip(low, width, strict=True)):
        whole = x.shape[axis]
        if isinstance(start, Dimension) and isinstance(count, int) and count >= 0:
            x = _cut(at, x, axis, _element(at, begin, axis), count)
            pieces.append((0, count, 1))
            continue
        if isinstance(start, Dimension):
            start = at.sizes(begin)[axis]
        room = whole - start
        if isinstance(room, int) and (room < 0 or (isinstance(count, int) and count > room)):
            raise Refusal(f"Expected size[{axis}] in [0, {room}], but got {count}")
        pieces.append((start, room if count == -1 else count, 1))
    return indexing.strided(at.b, x, pieces)


@export("slice")
def slice_(input_: Any, begin: Any, size: Any, name: str | None = None) -> Tensor:
    """The block of `size` that begins at `begin`; a size of -1 means all that is left along its axis."""
    return apply("Slice", [input_, begin, size], name=name)
