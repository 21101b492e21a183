"""Views and writes, on values that never change.

A view is a tuple of steps from its storage's base: (operation that reads, operation that writes, attributes). Writing
to a view writes its value into the one before it, step by step, until the base is new; every other view then sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.functions import indexing
from diptych.functions.broadcasting import broadcast_to
from diptych.functions.constants import known_integer, scalar
from diptych.ir import Builder, Constant, Value, dtypes
from numpy.lib.stride_tricks import as_strided

from ..promotion import Number
from ..tapes.calls import grafted
from ..tapes.hooks import move
from ..tapes.lazy import LEAF, PASSING, TRACKED, UNTRACKED, Alias, Call, Lazy, Overwritten, Storage
from ..tapes.mode import mode
from ..tapes.operation import NotStrided, Operation, operation
from ..tapes.recording import call, copy, record, value_of
from ..tapes.tape import refused, tape
from ..tapes.writes import note_rewritten
from .layout import Layout, layout_of, reshaped
from .reading import Reading, has_history, live, read, shown_array
from .tensor import Meta, Tensor, View

# -- the steps: how to read, and how to write back ----


def _index_entries(entries: tuple[Any, ...]) -> list[Any]:
    """The hashable form of a basic index, made an index again."""
    return [slice(*entry[1:]) if isinstance(entry, tuple) else entry for entry in entries]


def _index_numbers(sizes: Sequence[int], entries: tuple[Any, ...]) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """The places of an index and the starts of its slices, which may be others the next time, and the index with
    _PLACE and (_START, count) where they stood."""
    numbers: list[int] = []
    found: list[Any] = []
    axis = 0
    for entry in entries:
        if entry is None:
            found.append(None)
            continue
        size = sizes[axis]
        axis += 1
        if not isinstance(entry, tuple):
            numbers.append(entry + size if entry < 0 else entry)
            found.append(_PLACE)
            continue
        start, count, step = indexing.bounds(slice(*entry[1:]), size)
        if step == 1 and 0 < count < size:
            numbers.append(start)
            found.append((_START, count))
        else:
            found.append(entry)
    return tuple(numbers), (tuple(found),)


_PLACE, _START = "place", "start"


def _pieces(sizes: Sequence[int], numbers: Sequence[Number], entries: Sequence[Any]) -> list[tuple[Any, int, int]]:
    """(start, count, step) for each axis, a start that may be another the next time as a value."""
    given = iter(numbers)
    pieces: list[tuple[Any, int, int]] = []
    for entry in entries:
        if entry is None:
            continue
        if entry == _PLACE:
            pieces.append((next(given).value, 1, 1))
        elif entry[0] == _START:
            pieces.append((next(given).value, entry[1], 1))
        else:
            pieces.append(indexing.bounds(slice(*entry[1:]), sizes[len(pieces)]))
    return [*pieces, *((0, size, 1) for size in sizes[len(pieces) :])]


def _index(b: Builder, x: Value, *rest: Any) -> Value:
    """Strided slices of the axes where all is known, then a block that begins where the other numbers say."""
    *numbers, entries = rest
    pieces = _pieces(x.type.static_shape(), numbers, entries)
    known = [known_integer(b, start) if isinstance(start, Value) else start for start, _, _ in pieces]
    taken = indexing.strided(
        b, x,
        [(0, x.shape[axis], 1) if start is None else (start, *pieces[axis][1:]) for axis, start in enumerate(known)],
    )  # fmt: skip
    sizes = [count for _, count, _ in pieces]
    if None in known:
        starts = [
            piece[0] if start is None else _scalar_index(b, 0) for start, piece in zip(known, pieces, strict=True)
        ]
        taken = b.dynamic_slice(taken, *starts, sizes=sizes)
    shape = _shown_sizes(sizes, entries)
    return taken if taken.shape == shape else b.reshape(taken, shape=shape)


def _shown_sizes(sizes: list[int], entries: Sequence[Any]) -> tuple[int, ...]:
    """The sizes with new axes, and without those of which one place is taken."""
    found: list[int] = []
    axis = 0
    for entry in entries:
        if entry is None:
            found.append(1)
            continue
        if entry != _PLACE:
            found.append(sizes[axis])
        axis += 1
    return (*found, *sizes[axis:])


def _index_moves(layout: Layout, entries: tuple[Any, ...]) -> Layout:
    sizes: list[int] = []
    strides: list[int] = []
    offset, axis = layout.offset, 0
    for entry in indexing.expand_ellipsis(_index_entries(entries), len(layout.sizes)):
        if entry is None:
            # as PyTorch's unsqueeze has it
            inner = layout.sizes[axis] * layout.strides[axis] if axis < len(layout.sizes) else 1
            sizes.append(1)
            strides.append(inner)
            continue
        size, stride = layout.sizes[axis], layout.strides[axis]
        if isinstance(entry, slice):
            start, count, step = indexing.bounds(entry, size)
            sizes.append(count)
            strides.append(stride * step)
            offset += start * stride
        else:
            offset += (entry + size if entry < 0 else entry) * stride
        axis += 1
    return Layout(tuple(sizes), tuple(strides), offset)


def _index_of_array(array: np.ndarray, entries: tuple[Any, ...]) -> np.ndarray:
    """A view even where no axis is left."""
    given = _index_entries(entries)
    return array[tuple(given if Ellipsis in given else [*given, ...])]


index = Reading(_index, _index_moves, _index_of_array, _index_numbers)


@operation
def index_write(b: Builder, base: Value, part: Value, *rest: Any) -> Value:
    """The places that the index reads, found by reading a count of all places, replaced by the part."""
    *numbers, entries = rest
    pieces = [
        (start if isinstance(start, Value) else _scalar_index(b, start), count, step)
        for start, count, step in _pieces(base.type.static_shape(), numbers, entries)
    ]
    part = b.reshape(part, shape=[count for _, count, _ in pieces])
    if all(step == 1 for _, _, step in pieces):
        return b.dynamic_update_slice(base, part, *(start for start, _, _ in pieces)) if pieces else part
    indices = []
    shape = part.shape
    for axis, (start, count, step) in enumerate(pieces):
        counted = b.iota(shape=(count,), axis=0, dtype=dtypes.i64)
        step_value = b.broadcast(_scalar_index(b, step), shape=(count,), axes=())
        start_value = b.broadcast(start, shape=(count,), axes=())
        places = b.add(b.mul(counted, step_value), start_value)
        indices.append(b.broadcast(places, shape=shape, axes=(axis,)))
    return b.scatter(base, part, *indices, axes=tuple(range(base.rank)), combine="set")


def _scalar_index(b: Builder, number: int) -> Value:
    return scalar(b, number, dtypes.i64)


def _permuted(layout: Layout, permutation: tuple[int, ...]) -> Layout:
    sizes, strides = ([of[axis] for axis in permutation] for of in (layout.sizes, layout.strides))
    return Layout(tuple(sizes), tuple(strides), layout.offset)


def _permute(b: Builder, x: Value, permutation: tuple[int, ...]) -> Value:
    return b.transpose(x, permutation=permutation)


permute = Reading(_permute, _permuted, lambda array, permutation: array.transpose(permutation))


@operation
def permute_write(b: Builder, base: Value, part: Value, permutation: tuple[int, ...]) -> Value:
    order = [0] * len(permutation)
    for place, axis in enumerate(permutation):
        order[axis] = place
    return b.transpose(part, permutation=order)


def _reshape(b: Builder, x: Value, shape: tuple[int, ...]) -> Value:
    return b.reshape(x, shape=shape)


reshape = Reading(_reshape, reshaped, lambda array, shape: array.reshape(shape))


@operation
def reshape_write(b: Builder, base: Value, part: Value, shape: tuple[int, ...]) -> Value:
    return b.reshape(part, shape=base.shape)


def _expanded(layout: Layout, shape: tuple[int, ...]) -> Layout:
    lead = len(shape) - len(layout.sizes)
    strides = [0] * lead
    for size, stride, wanted in zip(layout.sizes, layout.strides, shape[lead:], strict=True):
        strides.append(stride if size == wanted else 0)
    return Layout(shape, tuple(strides), layout.offset)


def _expand(b: Builder, x: Value, shape: tuple[int, ...]) -> Value:
    return broadcast_to(b, x, shape)


def _expand_array(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """As np.broadcast_to, and as writable as the array is."""
    shown = np.broadcast_to(array, shape)
    return as_strided(array, shape, shown.strides, writeable=array.flags.writeable)


expand = Reading(_expand, _expanded, _expand_array)


def _slide_moves(layout: Layout, windows: tuple[int, int, int]) -> Layout:
    axis, size, step = windows
    sizes, strides = list(layout.sizes), list(layout.strides)
    sizes[axis], strides[axis] = (sizes[axis] - size) // step + 1, strides[axis] * step
    return Layout((*sizes, size), (*strides, layout.strides[axis]), layout.offset)


def _slide(b: Builder, x: Value, windows: tuple[int, int, int]) -> Value:
    axis, size, step = windows
    counts = ((x.type.static_shape()[axis] - size) // step + 1, size)
    places = b.constant(value=Constant(strided_places(counts, (step, 1), 0)))
    others = range(2, x.rank + 1)  # after the windows and the places in them, which come first
    order = (*others[:axis], 0, *others[axis:], 1)
    return b.transpose(b.gather(x, places, axes=(axis,)), permutation=order)


def _slide_over_array(array: np.ndarray, windows: tuple[int, int, int]) -> np.ndarray:
    strides = tuple(stride // array.itemsize for stride in array.strides)
    shown = _slide_moves(Layout(array.shape, strides), windows)
    steps = tuple(stride * array.itemsize for stride in shown.strides)
    return as_strided(array, shown.sizes, steps, writeable=array.flags.writeable)


slide = Reading(_slide, _slide_moves, _slide_over_array)


def strided_places(sizes: Sequence[int], strides: Sequence[int], offset: int) -> np.ndarray:
    places = np.full((), offset, np.int64)
    for size, stride in zip(sizes, strides, strict=True):
        places = places[..., None] + np.arange(size, dtype=np.int64) * stride
    return places


@operation
def _strided_write(b: Builder, base: Value, part: Value, layout: Layout) -> Value:
    """The base with `part` at the places of a layout."""
    places = b.constant(value=Constant(strided_places(layout.sizes, layout.strides, layout.offset)))
    flat = b.reshape(base, shape=(int(np.prod(base.type.static_shape(), dtype=np.int64)),))
    return b.reshape(b.scatter(flat, part, places, axes=(0,), combine="set"), shape=base.shape)


# -- making and reading views ----


def view_of(x: Tensor, step: Reading, write: Operation | None, attributes: tuple[Any, ...]) -> Tensor:
    """A tensor that shows `step` of x and shares its storage. `write` is how to write back, None where nothing can."""
    try:
        storage = x._storage
    except NotStrided:
        return step.call_sparse((x,), attributes)
    with tape.lock:
        if storage.pinned is not None and not x.requires_grad:
            lazy = live(step.on_array(shown_array(x), *attributes))
        else:
            numbers, fixed = step.parted(x._lazy().kind.shape, attributes)
            made = record(step, (x, *numbers), fixed)
            lazy = value_of(made)
            if tape.log is not None:
                tape.log.called(made, (lazy,), (x,))
        steps = () if x._view is None else x._view.steps
        view = View((*steps, (step, write, attributes)), lazy, storage.writes)
        return Tensor._of(storage, view, _meta_of_view(x))


def of_many(parts: list[Tensor], name: str) -> tuple[Tensor, ...]:
    """Views that the function `name` makes together."""
    for number, part in enumerate(parts):
        assert part._view is not None
        part._view.one_of = name, number
    return tuple(parts)


def _meta_of_view(x: Tensor) -> Meta | None:
    """A view shares the history of what it is a view of, unless it was made where none is noted."""
    meta = x._meta
    if not mode.enabled and x.requires_grad:
        return Meta(alias=Alias(made_in="inference" if mode.inference else "no_grad"))
    if meta is None:
        return None
    if meta.requires_grad:
        return Meta(leaf=x)
    if meta.leaf is not None or meta.alias is not None:
        return Meta(leaf=meta.leaf, alias=meta.alias)
    return None


# -- writing ----


@operation
def _written_over(b: Builder, value: Value, old: Value) -> Value:
    """The value, as part of a history that gives `old` a gradient of zero."""
    return b.identity(value)


def overwrite(x: Tensor, value: Tensor, *, is_uniform: bool = False) -> None:
    """As `write`, for a value that does not depend on x."""
    if mode.enabled and x.requires_grad:
        value = call(_written_over, (value, x))
    write(x, value, is_uniform=is_uniform)


def with_history(value: Tensor, old: Tensor) -> Tensor:
    """The value, which does not depend on `old`, with a gradient of zero for it where it has one."""
    return call(_written_over, (value, old)) if mode.enabled and old.requires_grad else value


def write(x: Tensor, value: Tensor, *, is_uniform: bool = False) -> None:
    """Makes x show `value`, which has x's type, and so all that shares its storage. Elements that lie in one place can
    only be written where the value is uniform."""
    with tape.lock:
        storage = x._storage
        if tape.elements is not None:
            tape.elements.writes(x, value._lazy())
        if not mode.enabled and _is_plain(x) and value._storage is not storage and value._storage.pinned is None:
            _shown(x, value._lazy())
            return
        if storage.pinned is not None and not value.requires_grad and not has_history(x):
            if tape.log is not None:
                tape.log.refuse("memory shared with numpy is written")
            array = tape.value(value._lazy())
            if not is_uniform:
                check_distinct(x)
            np.copyto(shown_array(x), array)
            count_write(x)
            return
        by = value._lazy().call
        _replace(x, value if x._view is None else _base_with(x, value, is_uniform), by)


def show(x: Tensor, lazy: Lazy) -> None:
    """As `write`, for a value that has just been recorded, where gradients are not noted; the tape's lock is held."""
    if _is_plain(x):
        if tape.elements is not None:
            tape.elements.writes(x, lazy)
        _shown(x, lazy)
    else:
        write(x, showing(lazy))


def showing(lazy: Lazy) -> Tensor:
    """A tensor that shows a value which has just been recorded, and has no history."""
    storage = Storage(lazy, UNTRACKED, None, tape.serial)
    tape.storages.append(storage)
    return Tensor._of(storage)


def _shown(x: Tensor, lazy: Lazy) -> None:
    if tape.log is not None:
        tape.log.wrote(x, lazy, UNTRACKED)
    storage = x._storage
    old, storage.lazy = storage.lazy, lazy
    _overwritten(old, storage, lazy.call)
    storage.writes += 1
    storage.version += 1
    _note(storage)


def _is_plain(x: Tensor) -> bool:
    """Whether x shows the whole of a storage that no array and no history is seen through."""
    storage, meta = x._storage, x._meta
    if storage.pinned is not None or x._view is not None or storage.edge == TRACKED:
        return False
    alias = None if meta is None else meta.alias
    return alias is None or alias.lazy is alias.data is None


def _note(storage: Storage) -> None:
    """Storages whose values the tape makes are known to it."""
    if storage.serial != tape.serial:
        storage.serial = tape.serial
        tape.storages.append(storage)


def check_distinct(x: Tensor) -> None:
    """Raises RuntimeError where two elements of x lie in one place."""
    if x._view is not None and layout_of(x).overlaps:
        raise RuntimeError(_OVERLAPS)


_OVERLAPS = (
    "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please "
    "clone() the tensor before performing the operation."
)


def _base_with(x: Tensor, value: Tensor, is_uniform: bool) -> Tensor:
    """The base of x's storage, with x's part of it replaced by `value`."""
    assert x._view is not None
    steps = x._view.steps
    base = Tensor._of(x._storage, None, _meta_of_base(x))
    if any(put is None for _, put, _ in steps):
        if not is_uniform:
            check_distinct(x)
        return call(_strided_write, (base, value), (layout_of(x),))
    befores = [base]
    for step, _, attributes in steps[:-1]:
        numbers, fixed = step.parted(befores[-1].shape, attributes)
        befores.append(call(step, (befores[-1], *numbers), fixed))
    for before, (step, put, attributes) in zip(reversed(befores), reversed(steps), strict=True):
        numbers, fixed = step.parted(before.shape, attributes)
        value = call(put, (before, value, *numbers), fixed)
    return value


def _meta_of_base(x: Tensor) -> Meta | None:
    meta = x._meta
    return None if meta is None or meta.alias is None else Meta(alias=meta.alias)


def _replace(x: Tensor, value: Tensor, by: Call | None) -> None:
    """The base of x's storage is `value` from now on; tensors that have another history than x keep theirs."""
    storage = x._storage
    if value._storage.pinned is not None:
        value = call(copy, (value,))
    lazy, edge = read(value)
    edge &= PASSING
    if not mode.enabled:
        edge = UNTRACKED
    elif edge == LEAF or value._storage is storage:
        lazy, edge = call(copy, (value,))._read()
    old, alias = storage.lazy, None if x._meta is None else x._meta.alias
    if tape.log is not None:
        tape.log.wrote(x, lazy, edge)
    count_write(x, by)
    if alias is None:
        if edge != UNTRACKED:
            storage.edge = edge
        elif storage.edge == TRACKED:
            lazy = grafted(lazy, old)
        storage.lazy = lazy
    else:
        if edge != UNTRACKED:
            alias.lazy, alias.writes = lazy, storage.writes
            tape.storages.append(alias)
        storage.lazy = lazy if storage.edge != TRACKED else grafted(lazy, old)
    if storage.edge == TRACKED:
        move(old, storage.lazy)
    _note(storage)
    if storage.pinned is not None:
        array = tape.value(storage.lazy)
        if array is not storage.pinned:
            np.copyto(storage.pinned, array)
            storage.lazy.array = storage.pinned


def count_write(x: Tensor, by: Call | None = None) -> None:
    """The storage of x has been written, with the result of a call or from outside."""
    storage = x._storage
    storage.writes += 1
    old = storage.lazy
    if _is_data(x):
        note_rewritten(old, storage)
    else:
        _overwritten(old, storage, by)
    count_version(x)


def _overwritten(old: Lazy, storage: Storage, by: Call | None) -> None:
    """What the storage showed was written over."""
    old.overwritten = Overwritten(storage, storage.version, by)
    if old.call is not None:
        old.call.spoiled = old.overwritten
    if old.serial == tape.serial:
        tape.overwritten.append(old.position)
        tape.overwritten.append(tape.at.count)


def _is_data(x: Tensor) -> bool:
    """Whether x comes from `.data`, through which writes are not counted."""
    return x._meta is not None and x._meta.alias is not None and x._meta.alias.data is not None


def count_version(x: Tensor) -> None:
    """As PyTorch counts writes through x."""
    alias = None if x._meta is None else x._meta.alias
    counter = x._storage if alias is None or alias.data is None else alias.data
    counter.version += 1


def replace_data(x: Tensor, value: Tensor) -> None:
    """`x.data = value`: x shows another tensor's storage, and keeps its own gradient and flags."""
    refused("`.data` of a tensor is replaced")
    needs_gradient = x._meta is not None and x._meta.requires_grad
    if needs_gradient and not value.dtype.ir.is_differentiable:
        raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
    alias = Alias()
    if has_history(x):
        alias.lazy, alias.writes = grafted(value._lazy(), read(x)[0]), value._storage.writes
    meta = x._own_meta()
    meta.alias, meta.leaf = alias, None
    if x._view is value._view is None and x._storage.lazy.kind is value._storage.lazy.kind:
        note_rewritten(x._storage.lazy, value._storage)
    x._storage = value._storage
    x._view = value._view
