"""What a tensor shows now: its storage's value, the part of it that a view shows, or memory that others write, too.

A view is a tuple of steps from its storage's base. It is read again when the storage was written. Memory that is shared
with numpy may change at any time: it is read when a call uses it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from diptych.backends.settings import settings
from diptych.ir import TensorType, Value, dtype_of

from ..tapes.calls import grafted, made_of
from ..tapes.hooks import move
from ..tapes.lazy import LEAF, PASSING, TRACKED, UNTRACKED, Alias, Lazy, Storage, kind_of
from ..tapes.operation import Operation
from ..tapes.syncs import SHARED
from ..tapes.tape import refused, tape
from .layout import Layout

if TYPE_CHECKING:
    from .tensor import Tensor

COPIED = 2**20  # bytes up to which shared memory is copied when a call reads it; beyond, the call runs at once


class Reading(Operation):
    """A step of a view: how to read it, where it moves the elements, and what it is of a numpy array. `numbers` takes
    those out of its attributes that may be others the next time, of a tensor of some sizes: calls take them as
    operands, so that one program does for all."""

    __slots__ = ("moves", "numbers", "on_array")

    def __init__(
        self,
        function: Callable[..., Value],
        moves: Callable[..., Layout | None],
        on_array: Callable[..., np.ndarray],
        numbers: Callable[..., tuple[tuple[int, ...], tuple[Any, ...]]] | None = None,
    ) -> None:
        super().__init__(function, is_view=True)
        self.moves = moves
        self.on_array = on_array
        self.numbers = numbers

    def parted(self, sizes: Sequence[int], attributes: tuple[Any, ...]) -> tuple[tuple[int, ...], tuple[Any, ...]]:
        """The attributes as numbers that calls take as operands, and what stays."""
        return ((), attributes) if self.numbers is None else self.numbers(sizes, *attributes)


def has_history(x: Tensor) -> bool:
    """Whether x was computed from what collects gradients; not so a leaf that collects its own."""
    meta = x._meta
    if meta is None:
        return x._storage.edge == TRACKED
    if meta.alias is not None:
        return meta.alias.lazy is not None
    return meta.leaf is not None or x._storage.edge == TRACKED


def lazy_of(x: Tensor) -> Lazy:
    """The value that x shows now."""
    view = x._view
    if view is None:
        return x._storage.lazy
    lazy = view.lazy
    if view.writes != x._storage.writes or (lazy.array is None and lazy.serial != tape.serial):
        _show_again(x)
    return view.lazy


def read(x: Tensor) -> tuple[Lazy, int]:
    """The value that x shows now, and how gradients flow back from who reads it."""
    meta = x._meta
    if meta is None:
        return lazy_of(x), x._storage.edge
    if meta.requires_grad:
        return lazy_of(x), LEAF
    if meta.alias is not None:
        return _read_alias(x, meta.alias)
    return lazy_of(x), x._storage.edge if meta.leaf is None else TRACKED


def _read_alias(x: Tensor, alias: Alias) -> tuple[Lazy, int]:
    if alias.lazy is None:
        return lazy_of(x), UNTRACKED
    if x._view is not None:
        return lazy_of(x), TRACKED
    return _current(alias, x._storage), TRACKED


def _current(alias: Alias, storage: Storage) -> Lazy:
    """What the storage shows now, with the history that the alias has."""
    assert alias.lazy is not None
    if alias.writes != storage.writes:  # written through others since
        alias.lazy = grafted(storage.lazy, alias.lazy)
        alias.writes = storage.writes
        tape.storages.append(alias)
    return alias.lazy


# -- views ----


def _show_again(x: Tensor) -> None:
    """Reads a view whose storage was written, or whose value was not kept. Who waits for its gradient waits on."""
    view, writes = x._view, x._storage.writes
    assert view is not None
    old, is_same = view.lazy, view.writes == writes
    if is_same and _can_be_read(old):
        return
    view.lazy, view.writes = _shown(x), writes
    move(old, view.lazy, all_of_them=is_same)


def _can_be_read(lazy: Lazy) -> bool:
    """Whether a value is there, or is shown by views of one that is."""
    while lazy.array is None and lazy.serial != tape.serial:
        if tape.elements is not None and tape.elements.waits_around(lazy):
            return True
        call = lazy.call
        if call is None or call.is_released() or not call.template.is_view:
            return False
        lazy = call.inputs[0]
    return True


def _shown(x: Tensor) -> Lazy:
    """What a view shows of its storage as it is now, with the history that the view has."""
    if x._storage.pinned is not None and not has_history(x):
        return live(shown_array(x), x._storage)
    assert x._view is not None
    lazy, edge, leaf, passed = _beginning(x)
    for step, _, attributes in x._view.steps[passed:]:
        numbers, fixed = step.parted(lazy.kind.shape, attributes)
        lazy = made_of(step, (lazy,), (edge,), (leaf,), fixed, numbers)
        edge, leaf = TRACKED if edge else UNTRACKED, None
    return lazy


def _beginning(x: Tensor) -> tuple[Lazy, int, Tensor | None, int]:
    """What the view x is read from, how gradients flow there, the leaf that it is, if any, and how many steps lie
    before it."""
    meta, storage = x._meta, x._storage
    if meta is not None and meta.leaf is not None:
        leaf = meta.leaf
        lazy = lazy_of(leaf) if storage.pinned is None else _as_it_is(shown_array(leaf), storage)
        return lazy, LEAF, leaf, 0 if leaf._view is None else len(leaf._view.steps)
    if meta is not None and meta.alias is not None:
        tracked = meta.alias.lazy is not None
        lazy, edge = (_current(meta.alias, storage), TRACKED) if tracked else (storage.lazy, UNTRACKED)
    else:
        lazy, edge = storage.lazy, storage.edge & PASSING
    if storage.pinned is not None:
        lazy = grafted(_as_it_is(storage.pinned, storage), lazy)
    return lazy, edge, None, 0


# -- memory that is shared ----


def shown_array(x: Tensor) -> np.ndarray:
    """The part of the shared array that x shows: a view of it."""
    array: Any = x._storage.pinned
    for step, _, attributes in () if x._view is None else x._view.steps:
        array = step.on_array(array, *attributes)
    return array


def live(array: np.ndarray, storage: Storage) -> Lazy:
    """A value that is this array, whatever it holds, on the device of a storage."""
    return Lazy(kind_of(TensorType(dtype_of(array.dtype), array.shape), storage.lazy.kind.device), array)


def read_shared(x: Tensor) -> tuple[Lazy, int]:
    """As `read`, for a tensor whose memory is shared: its value as it is now."""
    storage = x._storage
    if _is_ours_alone(storage):
        if storage.lazy.overwritten is not None:  # the array was written, and is a value that nothing was made of
            storage.lazy = live(storage.pinned, storage)
        storage.pinned = None
        return read(x)
    if not has_history(x):
        is_leaf = x._meta is not None and x._meta.requires_grad
        return _as_it_is(shown_array(x), storage), LEAF if is_leaf else UNTRACKED
    lazy, edge = read(x)
    return grafted(_as_it_is(shown_array(x), storage), lazy), edge


def _as_it_is(array: np.ndarray, storage: Storage) -> Lazy:
    if array.nbytes <= COPIED or is_read_later():
        return live(array.copy(), storage)
    tape.is_urgent = True
    return live(array, storage)


def is_read_later() -> bool:
    """Whether a program that has been started may still read its arguments: jax goes on by itself."""
    return settings().backend == "jax"


class _Probe:
    __slots__ = ("array", "lazy")


def _alone() -> int:
    """How often an array counts as referred to when only its storage and the storage's value refer to it."""
    storage: Any = _Probe()
    storage.lazy = _Probe()
    storage.array = storage.lazy.array = np.empty(0)
    return sys.getrefcount(storage.array)


_ALONE = _alone()


def _is_ours_alone(storage: Storage) -> bool:
    """Whether nobody outside has the shared array any more, nor a view of it."""
    if storage.pinned.base is not None or storage.lazy.array is not storage.pinned:
        return False
    return sys.getrefcount(storage.pinned) <= _ALONE


def exported(x: Tensor) -> np.ndarray:
    """The value as an array that shares memory with the tensor from now on; what jax holds moves here."""
    refused("memory is shared with numpy")
    storage = x._storage
    if storage.pinned is None:
        array = tape.value(storage.lazy)
        if storage.lazy.serial == tape.serial:
            tape.flush(cause=SHARED)  # calls that wait read the array as it is now
        is_ready = isinstance(array, np.ndarray) and array.flags.writeable and array.flags.c_contiguous
        if not is_ready or is_read_later():
            array = storage.lazy.array = np.array(array, order="C")
        storage.pinned = array
        storage.writes += 1  # views read again, from the shared array
    return shown_array(x)
