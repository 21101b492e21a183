"""Indexing: views for integers, slices, None and the ellipsis, copies for tensors of integers or bools."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from operator import index as as_integer
from typing import Any

import numpy as np
from diptych.functions.broadcasting import BroadcastError, broadcast_shapes, broadcast_together
from diptych.functions.broadcasting import broadcast_to as spread
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value, dtypes

from ..device import CPU
from ..tapes.batches import MASK, check_shape_known, check_single, is_batched
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors import view_steps, views
from ..tensors.data import from_array
from ..tensors.data import tensor as make
from ..tensors.moving import moved
from ..tensors.tensor import Tensor
from .axes import counted
from .logic import where
from .operands import NUMBERS
from .pointwise import cast
from .shapes import expand, permute, reshape

# -- operations: what is written as equations ----


@operation
def _gather_at(b: Builder, x: Value, *rest: Any) -> Value:
    """x indexed by integer tensors along leading axes; `rest` ends with the axes."""
    *indices, axes = rest
    return b.gather(x, *_wrapped(b, x, indices, axes), axes=axes)


def _wrapped(b: Builder, x: Value, indices: Sequence[Value], axes: Sequence[int]) -> list[Value]:
    """The indices broadcast together, negative ones counted from the end."""
    wide = [index if index.dtype is dtypes.i64 else b.cast(index, dtype=dtypes.i64) for index in indices]
    found: list[Value] = []
    for index, axis in zip(broadcast_together(b, *wide), axes, strict=True):
        behind = b.add(index, filled_like(b, x.shape[axis], index))
        found.append(b.select(b.lt(index, filled_like(b, 0, index)), behind, index))
    return found


@operation
def _scatter_at(b: Builder, x: Value, update: Value, *rest: Any) -> Value:
    *indices, axes = rest
    places = _wrapped(b, x, indices, axes)
    others = tuple(size for axis, size in enumerate(x.shape) if axis not in axes)
    if update.dtype is not x.dtype:
        update = b.cast(update, dtype=x.dtype)
    return b.scatter(x, spread(b, update, (*places[0].shape, *others)), *places, axes=axes, combine="set")


# -- reading an index ----


def _entries(index: Any) -> list[Any]:
    """The entries of an index as integers, bools, slices, None, the ellipsis and tensors with axes."""
    return [_entry(entry) for entry in (index if isinstance(index, tuple) else (index,))]


def _entry(entry: Any) -> Any:
    if entry is None or entry is Ellipsis or isinstance(entry, bool):
        return entry
    if isinstance(entry, slice):
        return _checked_slice(entry)
    if isinstance(entry, Tensor):
        if entry.dtype.ir.is_bool:
            check_single(entry, MASK)
        if entry.ndim or not (entry.dtype.ir.is_integer or entry.dtype.ir.is_bool) or is_batched(entry):
            return _checked_indices(entry)
        return bool(entry) if entry.dtype.ir.is_bool else int(entry.item())
    if isinstance(entry, (str, bytes)):
        raise TypeError(f"new(): invalid data type '{type(entry).__name__}'")
    if isinstance(entry, (np.ndarray, Sequence)):
        return _checked_indices(_tensor_of(entry))
    if isinstance(entry, np.bool_):
        return bool(entry)
    if hasattr(entry, "__index__"):
        return entry.__index__()
    raise IndexError(
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got "
        f"{type(entry).__name__})"
    )


def _tensor_of(entry: Any) -> Tensor:
    entry = list(entry) if isinstance(entry, range) else entry
    found = make(entry)
    return make(entry, dtype=_long()) if not found.numel() and not isinstance(entry, np.ndarray) else found


def _long() -> Any:
    from ..dtypes import int64

    return int64


def _checked_slice(entry: slice) -> slice:
    bounds = [entry.start, entry.stop, entry.step]
    if not all(bound is None or hasattr(bound, "__index__") for bound in bounds):
        raise TypeError("slice indices must be integers or None or have an __index__ method")
    start, stop, step = (None if bound is None else bound.__index__() for bound in bounds)
    if step == 0:
        raise ValueError("slice step cannot be zero")
    if step is not None and step < 0:
        raise ValueError("step must be greater than zero")
    return slice(start, stop, step)


def _checked_indices(entry: Tensor) -> Tensor:
    """A tensor of int64 or int32, or a mask of bools."""
    if entry.dtype.ir is dtypes.u8:
        warnings.warn(
            "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.",
            UserWarning,
            stacklevel=4,
        )
        return entry.bool()
    if entry.dtype.ir not in (dtypes.i64, dtypes.i32, dtypes.bool_):
        raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
    return entry


def _is_mask(entry: Any) -> bool:
    return isinstance(entry, Tensor) and entry.dtype.ir.is_bool


def _expanded(input: Tensor, entries: list[Any]) -> list[Any]:
    """The entries with an ellipsis written out, at the end where there is none. Later ones count as full slices."""
    used = sum(
        entry.ndim if _is_mask(entry) else 1
        for entry in entries
        if entry is not None and entry is not Ellipsis and not isinstance(entry, bool)
    )
    if used > input.ndim:
        if not input.ndim:
            raise IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to "
                "convert a 0-dim tensor to a number"
            )
        raise IndexError(f"too many indices for tensor of dimension {input.ndim}")
    missing = input.ndim - used
    if Ellipsis not in [entry for entry in entries if not isinstance(entry, Tensor)]:
        return [*entries, *[slice(None)] * missing]
    found: list[Any] = []
    for entry in entries:
        if entry is Ellipsis:
            found.extend([slice(None)] * missing)
            missing = 0
        else:
            found.append(entry)
    return found


_WHOLE = ("slice", None, None, None)  # an axis, in the form that views have it


def _view(input: Tensor, entries: tuple[Any, ...]) -> Tensor:
    """The view of entries in the form that views have them."""
    return views.view_of(input, view_steps.index, view_steps.index_write, (entries,))


def pieces(input: Tensor, axis: int, sizes: tuple[int, ...]) -> tuple[Tensor, ...]:
    """The views of pieces of such sizes, one behind another along an axis."""
    return views.of_many([_view(input, entries) for entries in _piece_entries(axis, sizes)], "Split")


def slices(input: Tensor, axis: int) -> tuple[Tensor, ...]:
    """The views of all places along an axis."""
    before = (_WHOLE,) * axis
    return views.of_many([_view(input, (*before, place)) for place in range(input.shape[axis])], "Unbind")


@lru_cache(maxsize=1024)
def _piece_entries(axis: int, sizes: tuple[int, ...]) -> list[tuple[Any, ...]]:
    ends = tuple(accumulate(sizes))
    before = (_WHOLE,) * axis
    return [(*before, ("slice", end - size, end, None)) for size, end in zip(sizes, ends, strict=True)]


def _viewed(input: Tensor, entries: Sequence[Any]) -> Tensor:
    """The view of integers, slices and None, one an axis. Raises IndexError for an integer out of range."""
    axis = 0
    hashable: list[Any] = []
    for entry in entries:
        if entry is None:
            hashable.append(None)
            continue
        if isinstance(entry, slice):
            hashable.append(("slice", entry.start, entry.stop, entry.step))
        else:
            size = input.shape[axis]
            if not -size <= entry < size:
                raise IndexError(f"index {entry} is out of bounds for dimension {axis} with size {size}")
            hashable.append(as_integer(entry))
        axis += 1
    return _view(input, tuple(hashable))


class _Advanced:
    """An index with tensors: `base` is the view of its other entries, `indices` are integer tensors for the base's
    `axes`, `order` brings the result's axes to where PyTorch puts them, None for as they are."""

    def __init__(self, input: Tensor, entries: list[Any]) -> None:
        basic: list[Any] = []
        slots: list[Any] = []  # by axis of the base: None, an integer tensor, or a mask and its place
        for entry in entries:
            if isinstance(entry, bool):  # one new axis, kept or emptied
                basic.append(None)
                slots.append(from_array(np.zeros(int(entry), np.int64), input.device))
            elif _is_mask(entry):
                basic.extend([slice(None)] * entry.ndim)
                slots.extend((entry, place) for place in range(entry.ndim))
            elif isinstance(entry, Tensor):
                basic.append(slice(None))
                slots.append(entry)
            else:
                basic.append(entry)
                if not isinstance(entry, int):
                    slots.append(None)
        self.base = _viewed(input, basic)
        self.axes = tuple(axis for axis, slot in enumerate(slots) if slot is not None)
        self.indices = self._integers(slots)
        self.shape = self._shape()
        rank = len(self.shape)
        self.order: tuple[int, ...] | None = None
        first = self.axes[0]
        if first and self.axes == tuple(range(first, first + len(self.axes))):
            kept = self.base.ndim - len(self.axes)
            self.order = (*range(rank, rank + first), *range(rank), *range(rank + first, rank + kept))

    def _integers(self, slots: list[Any]) -> tuple[Tensor, ...]:
        found: list[Tensor] = []
        for axis, slot in enumerate(slots):
            if isinstance(slot, tuple):
                mask, place = slot
                self._check_mask(mask, place, axis)
                if not place:
                    found.extend(nonzero(mask, as_tuple=True))
            elif slot is not None:
                self._check_range(slot, axis)
                found.append(slot)
        return tuple(map(self._beside, found))

    def _beside(self, indices: Tensor) -> Tensor:
        """Indices where the base is, which may come from the CPU. Raises RuntimeError for those of other devices."""
        place = self.base.device
        if indices.device is not CPU and indices.device is not place:
            raise RuntimeError(f"indices should be either on cpu or on the same device as the indexed tensor ({place})")
        return moved(indices, place)

    def _check_mask(self, mask: Tensor, place: int, axis: int) -> None:
        if mask.shape[place] != self.base.shape[axis]:
            raise IndexError(
                f"The shape of the mask {list(mask.shape)} at index {place} does not match the shape of the indexed "
                f"tensor {list(self.base.shape)} at index {axis}"
            )

    def _check_range(self, indices: Tensor, axis: int) -> None:
        """Of indices whose values are known already; others are checked when they are read."""
        values, size = indices._lazy().array, self.base.shape[axis]
        if isinstance(values, np.ndarray):
            wrong = values[(values < -size) | (values >= size)]
            if wrong.size:
                raise IndexError(f"index {wrong.flat[0]} is out of bounds for dimension {axis} with size {size}")

    def _shape(self) -> tuple[int, ...]:
        shapes = [tuple(each.shape) for each in self.indices]
        try:
            return tuple(int(size) for size in broadcast_shapes(*shapes))
        except BroadcastError:
            texts = ", ".join(str(list(shape)) for shape in shapes)
            raise IndexError(
                f"shape mismatch: indexing tensors could not be broadcast together with shapes {texts}"
            ) from None

    def result_shape(self) -> tuple[int, ...]:
        """The shape of what the index reads."""
        rest = tuple(size for axis, size in enumerate(self.base.shape) if axis not in self.axes)
        first = self.axes[0] if self.order is not None else 0
        return (*rest[:first], *self.shape, *rest[first:])


# -- functions: what users call ----


def getitem(input: Tensor, index: Any) -> Tensor:
    """input[index]. Raises IndexError for what is out of range, of the wrong kind or too much."""
    if index.__class__ is int and input.ndim and -input.shape[0] <= index < input.shape[0]:
        return _view(input, (index,))  # what loops do, without looking at what it may be
    entries = _expanded(input, _entries(index))
    if not any(isinstance(entry, (Tensor, bool)) for entry in entries):
        return _viewed(input, entries)
    advanced = _Advanced(input, entries)
    found = call(_gather_at, (advanced.base, *advanced.indices), (advanced.axes,))
    return found if advanced.order is None else permute(found, advanced.order)


def setitem(input: Tensor, index: Any, value: Any) -> None:
    """input[index] = value, a number or tensor, seen by all that share input's storage."""
    from ..tensors.inplace import check_writable, fit
    from ..tensors.sharing import check_apart

    given = _assigned(input, value)
    if isinstance(index, Tensor) and index.dtype.ir is dtypes.u8 and not given.ndim:
        raise RuntimeError("masked_fill_ only supports boolean masks, but got mask with dtype unsigned char")
    entries = _expanded(input, _entries(index))
    is_advanced = any(isinstance(entry, (Tensor, bool)) for entry in entries)
    if not is_advanced:
        target = _viewed(input, entries)
        check_writable(target)
        check_apart(target, (given,))
        given = moved(given, target.device)
        views.write(target, fit(expand(_squeezed_front(given, target), tuple(target.shape)), target))
        return
    check_writable(input)
    if _is_mask(entries[0]) and not given.ndim and all(entry == slice(None) for entry in entries[1:]):
        mask = entries[0]
        for place in range(mask.ndim):
            if mask.shape[place] != input.shape[place]:
                _Advanced(input, entries)  # which refuses it
        mask = reshape(mask, (*mask.shape, *[1] * (input.ndim - mask.ndim)))
        views.write(input, fit(where(mask, given, input), input))
        return
    advanced = _Advanced(input, entries)
    shape = advanced.result_shape()
    try:
        given = expand(_squeezed_front_to(given, len(shape)), shape)
    except RuntimeError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(given.shape)} cannot be broadcast to indexing result of "
            f"shape {list(shape)}"
        ) from None
    if advanced.order is not None:
        given = permute(given, _inverted(advanced.order))
    views.write(advanced.base, call(_scatter_at, (advanced.base, given, *advanced.indices), (advanced.axes,)))


def _assigned(input: Tensor, value: Any) -> Tensor:
    if isinstance(value, Tensor):
        given = cast(value, input.dtype)
        return given if given.ndim else moved(given, input.device)
    if isinstance(value, np.generic):
        value = value.item()
    if value.__class__ not in NUMBERS:
        raise TypeError(f"can't assign a {type(value).__name__} to a {input.dtype.legacy_name}")
    return make(value, dtype=input.dtype, device=input.device)


def _squeezed_front(given: Tensor, target: Tensor) -> Tensor:
    return _squeezed_front_to(given, target.ndim)


def _squeezed_front_to(given: Tensor, rank: int) -> Tensor:
    """Leading axes of size 1 beyond `rank` may be there in what is assigned."""
    extra = given.ndim - rank
    if extra > 0 and all(size == 1 for size in given.shape[:extra]):
        return reshape(given, tuple(given.shape[extra:]))
    return given


def _inverted(order: Sequence[int]) -> tuple[int, ...]:
    found = [0] * len(order)
    for place, axis in enumerate(order):
        found[axis] = place
    return tuple(found)


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The places that are not zero, as int64 [count, rank], or one vector an axis. How many there are is read now."""
    check_shape_known(input, "nonzero")
    array = np.asarray(input._array())
    if as_tuple:
        return tuple(from_array(places.astype(np.int64), input.device) for places in np.nonzero(np.atleast_1d(array)))
    if not array.ndim:
        return from_array(np.zeros((int(bool(array)), 0), np.int64), input.device)
    return from_array(np.stack(np.nonzero(array), axis=1).astype(np.int64), input.device)


def select(input: Tensor, dim: int, index: int) -> Tensor:
    """The slice `index` along `dim`."""
    if not input.ndim:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    axis = counted(dim, input.ndim)
    size = input.shape[axis]
    if not -size <= index < size:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(input.shape)} at dimension {axis}"
        )
    return _view(input, (*(_WHOLE,) * axis, as_integer(index)))


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """`length` slices from `start` on along `dim`; `start` may count from the end."""
    if not input.ndim:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    if isinstance(start, Tensor) and (start.ndim or not start.dtype.ir.is_integer):
        raise RuntimeError("start must be an 0-dim integral Tensor.")
    start, length = as_integer(start), as_integer(length)
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    axis = counted(dim, input.ndim)
    size = input.shape[axis]
    if not -size <= start <= size:
        raise IndexError(f"start out of range (expected to be in range of [-{size}, {size}], but got {start})")
    first = start + size if start < 0 else start
    if first + length > size:
        raise RuntimeError(f"start ({first}) + length ({length}) exceeds dimension size ({size}).")
    return _viewed(input, (*[slice(None)] * axis, slice(first, first + length, None)))
