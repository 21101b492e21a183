"""Views and writes, on values that never change.

A view is a tuple of steps from its storage's base: (operation that reads, operation that writes, attributes). Writing
to a view writes its value into the one before it, step by step, until the base is new; every other view then sees it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.ir import Builder, Value

from ..tapes.calls import grafted
from ..tapes.hooks import move
from ..tapes.lazy import LEAF, PASSING, TRACKED, UNTRACKED, Alias, Call, Lazy, Overwritten, Storage
from ..tapes.mode import mode
from ..tapes.operation import NotStrided, Operation, operation
from ..tapes.recording import call, copy, record, value_of
from ..tapes.tape import refused, tape
from ..tapes.writes import note_rewritten
from .layout import layout_of
from .reading import Reading, has_history, lazy_of, live, read, shown_array
from .tensor import Meta, Tensor, View
from .view_steps import strided_write

# -- making and reading views ----


def view_of(x: Tensor, step: Reading, write: Operation | None, attributes: tuple[Any, ...]) -> Tensor:
    """A tensor that shows `step` of x and shares its storage. `write` is how to write back, None where nothing can."""
    try:
        storage = x._storage
    except NotStrided:
        return step.call_sparse((x,), attributes)
    with tape.lock:
        if storage.pinned is not None and not x.requires_grad:
            lazy = live(step.on_array(shown_array(x), *attributes), storage)
        else:
            operands: tuple[Any, ...] = (x,)
            fixed = attributes
            if step.numbers is not None:
                numbers, fixed = step.numbers(lazy_of(x).kind.shape, *attributes)
                operands = (x, *numbers)
            made = record(step, operands, fixed)
            lazy = value_of(made)
            if tape.log is not None:
                tape.log.called(made, (lazy,), (x,))
        last = step, write, attributes
        view = View((last,) if x._view is None else (*x._view.steps, last), lazy, storage.writes)
        meta = None if x._meta is None and mode.enabled else _meta_of_view(x)
        return Tensor._of(storage, view, meta)


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
        if tape.log is not None:
            tape.log.show_memory()
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


def show(x: Tensor, lazy: Lazy) -> bool:
    """As `write`, for a value that has just been recorded, where gradients are not noted and no memory is hidden; the
    tape's lock is held. False, with nothing done, where x is a view, or seen through an array or a history."""
    if not _is_plain(x):
        return False
    if tape.elements is not None or tape.log is not None:
        if tape.elements is not None:
            tape.elements.writes(x, lazy)
        _shown(x, lazy)
    else:  # as `_shown`, in a line: optimizers come here for each parameter
        storage, serial = x._storage, tape.serial
        old, storage.lazy = storage.lazy, lazy
        _overwritten(old, storage, None)
        storage.writes += 1
        storage.version += 1
        if storage.serial != serial:
            storage.serial = serial
            tape.storages.append(storage)
    return True


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
        return call(strided_write, (base, value), (layout_of(x),))
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
    """What the storage showed was written over. By what matters of calls that gradients flow through; others, which
    often read the value, would stay with it in a circle."""
    old.overwritten = Overwritten(storage, storage.version, by if by is not None and by.prefix.tracked else None)
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
