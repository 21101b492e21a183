"""Views, and functions that rearrange."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from diptych.functions import arrays
from diptych.functions.broadcasting import broadcast_shapes
from diptych.ir import Builder, Value, dtypes

from .. import views
from ..layout import layout_of, reshaped
from ..operation import operation
from ..recording import call
from ..tensor import Tensor
from .pointwise import clone


def _axis(dim: int, rank: int) -> int:
    """`dim` counted from 0. Raises IndexError as PyTorch does."""
    low, high = (-rank, rank - 1) if rank else (-1, 0)
    if not low <= dim <= high:
        raise IndexError(f"Dimension out of range (expected to be in range of [{low}, {high}], but got {dim})")
    return dim % rank if rank else 0


def _sizes(shape: tuple[Any, ...]) -> tuple[int, ...]:
    """Sizes given one by one or as a sequence."""
    if len(shape) == 1 and not isinstance(shape[0], int) and not isinstance(shape[0], Tensor):
        shape = tuple(shape[0])
    return tuple(int(size) for size in shape)


def _resolved(input: Tensor, shape: tuple[int, ...]) -> tuple[int, ...]:
    count = input.numel()
    text = list(shape)
    if shape.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    if -1 in shape:
        known = prod(size for size in shape if size != -1)
        if known == 0 or count % known:
            raise RuntimeError(f"shape '{text}' is invalid for input of size {count}")
        return tuple(count // known if size == -1 else size for size in shape)
    if prod(shape) != count:
        raise RuntimeError(f"shape '{text}' is invalid for input of size {count}")
    return shape


def reshape(input: Tensor, *shape: Any) -> Tensor:
    """The same elements in another shape, one size of which may be -1: a view where none need move, else a copy."""
    sizes = _resolved(input, _sizes(shape))
    if _is_viewable(input, sizes):
        return views.view_of(input, views.reshape, views.reshape_write, (sizes,))
    return call(views.reshape, (input,), (sizes,))


def _is_viewable(input: Tensor, sizes: tuple[int, ...]) -> bool:
    is_row_by_row = input._view is None and input._storage.pinned is None
    return is_row_by_row or reshaped(layout_of(input), sizes) is not None


def view(input: Tensor, *shape: Any) -> Tensor:
    """As `reshape`, and always a view. Raises RuntimeError where elements would have to move."""
    sizes = _resolved(input, _sizes(shape))
    if not _is_viewable(input, sizes):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            "contiguous subspaces). Use .reshape(...) instead."
        )
    return views.view_of(input, views.reshape, views.reshape_write, (sizes,))


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Axes start_dim to end_dim made one."""
    shape = input.shape
    if not shape:
        return reshape(input, 1)
    first, last = _axis(start_dim, len(shape)), _axis(end_dim, len(shape))
    if first > last:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    return reshape(input, (*shape[:first], prod(shape[first : last + 1]), *shape[last + 1 :]))


def permute(input: Tensor, *dims: Any) -> Tensor:
    """Axes in another order."""
    order = tuple(_axis(dim, input.ndim) for dim in _sizes(dims))
    if len(order) != input.ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {input.ndim} is not equal to len(dims) = {len(order)}"
        )
    if len(set(order)) != len(order):
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return views.view_of(input, views.permute, views.permute_write, (order,))


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Axes dim0 and dim1 exchanged."""
    order = list(range(input.ndim))
    first, second = _axis(dim0, input.ndim), _axis(dim1, input.ndim)
    if order:
        order[first], order[second] = order[second], order[first]
    return views.view_of(input, views.permute, views.permute_write, (tuple(order),))


def t(input: Tensor) -> Tensor:
    """A matrix transposed; a vector or scalar as it is. Raises RuntimeError above rank 2."""
    if input.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.ndim}D")
    return transpose(input, 0, 1) if input.ndim == 2 else permute(input, *range(input.ndim))


def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """Without axes of size 1: all of them, or those in `dim` that are."""
    shape = input.shape
    chosen = range(len(shape)) if dim is None else [dim] if isinstance(dim, int) else dim
    dropped = {_axis(axis, len(shape)) for axis in chosen}
    return reshape(input, tuple(size for axis, size in enumerate(shape) if axis not in dropped or size != 1))


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """With a new axis of size 1 at `dim`."""
    place = _axis(dim, input.ndim + 1)
    return reshape(input, (*input.shape[:place], 1, *input.shape[place:]))


def expand(input: Tensor, *sizes: Any) -> Tensor:
    """Axes of size 1 repeated, without copying; -1 keeps a size."""
    wanted = _sizes(sizes)
    shape = input.shape
    lead = len(wanted) - len(shape)
    if lead < 0:
        raise RuntimeError(
            f"expand({input.dtype}{list(shape)}, size={list(wanted)}): the number of sizes provided ({len(wanted)}) "
            f"must be greater or equal to the number of dimensions in the tensor ({len(shape)})"
        )
    full = tuple(shape[axis - lead] if size == -1 and axis >= lead else size for axis, size in enumerate(wanted))
    for axis, size in enumerate(shape):
        if size not in (1, full[axis + lead]):
            raise RuntimeError(
                f"The expanded size of the tensor ({full[axis + lead]}) must match the existing size ({size}) at "
                f"non-singleton dimension {axis + lead}.  Target sizes: {list(full)}.  Tensor sizes: {list(shape)}"
            )
    return views.view_of(input, views.expand, None, (full,))


def broadcast_to(input: Tensor, shape: Any) -> Tensor:
    """As `expand`."""
    return expand(input, shape)


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """All tensors expanded to their common shape."""
    shape = broadcast_shapes(*(tuple(tensor.shape) for tensor in tensors))
    return tuple(expand(tensor, shape) for tensor in tensors)


# -- indexing ----


def _is_basic(entry: Any) -> bool:
    return (
        entry is None
        or entry is Ellipsis
        or isinstance(entry, slice)
        or (isinstance(entry, int) and not isinstance(entry, bool))
    )


def _hashable(entry: Any) -> Any:
    """Slices as tuples; a tensor of one integer as that integer."""
    if isinstance(entry, slice):
        bounds = (None if bound is None else int(bound) for bound in (entry.start, entry.stop, entry.step))
        return ("slice", *bounds)
    return entry


def _entries(index: Any) -> list[Any]:
    given = list(index) if isinstance(index, tuple) else [index]
    plain: list[Any] = []
    for entry in given:
        if isinstance(entry, Tensor) and not entry.ndim and entry.dtype.ir.is_integer:
            entry = int(entry.item())
        elif not isinstance(entry, (Tensor, bool)) and hasattr(entry, "__index__"):
            entry = entry.__index__()
        plain.append(entry)
    return plain


def _checked_index(input: Tensor, entries: Sequence[Any]) -> tuple[Any, ...]:
    used = sum(entry is not None and entry is not Ellipsis for entry in entries)
    if used > input.ndim:
        raise IndexError(f"too many indices for tensor of dimension {input.ndim}")
    axis = 0
    for number, entry in enumerate(entries):
        if entry is Ellipsis:
            axis = input.ndim - sum(later is not None for later in entries[number + 1 :])
            continue
        if isinstance(entry, int) and not -input.shape[axis] <= entry < input.shape[axis]:
            size = input.shape[axis]
            raise IndexError(f"index {entry} is out of bounds for dimension {axis} with size {size}")
        if isinstance(entry, slice) and entry.step is not None and int(entry.step) <= 0:
            raise ValueError("step must be greater than zero")
        axis += entry is not None
    return tuple(_hashable(entry) for entry in entries)


@operation
def _gather_at(b: Builder, x: Value, *rest: Any) -> Value:
    """x indexed by integer tensors along leading axes; `rest` ends with the axes."""
    *indices, axes = rest
    return b.gather(x, *_wrapped(b, x, indices, axes), axes=axes)


def _wrapped(b: Builder, x: Value, indices: Sequence[Value], axes: Sequence[int]) -> list[Value]:
    """The indices broadcast together, negative ones counted from the end."""
    from diptych.functions.broadcasting import broadcast_together
    from diptych.functions.constants import filled_like

    wide = [index if index.dtype is dtypes.i64 else b.cast(index, dtype=dtypes.i64) for index in indices]
    wide = list(broadcast_together(b, *wide))
    found: list[Value] = []
    for index, axis in zip(wide, axes, strict=True):
        behind = b.add(index, filled_like(b, x.shape[axis], index))
        found.append(b.select(b.lt(index, filled_like(b, 0, index)), behind, index))
    return found


@operation
def _scatter_at(b: Builder, x: Value, update: Value, *rest: Any) -> Value:
    from diptych.functions.broadcasting import broadcast_to as spread

    *indices, axes = rest
    places = _wrapped(b, x, indices, axes)
    others = tuple(size for axis, size in enumerate(x.shape) if axis not in axes)
    if update.dtype is not x.dtype:
        update = b.cast(update, dtype=x.dtype)
    return b.scatter(x, spread(b, update, (*places[0].shape, *others)), *places, axes=axes, combine="set")


def getitem(input: Tensor, index: Any) -> Tensor:
    """input[index]: a view for integers, slices, None and the ellipsis; a copy for tensors of integers or bools."""
    entries = _entries(index)
    if all(_is_basic(entry) for entry in entries):
        return views.view_of(input, views.index, views.index_write, (_checked_index(input, entries),))
    base, indices, axes, order = _advanced(input, entries)
    if not indices:
        return base
    found = call(_gather_at, (base, *indices), (tuple(axes),))
    return found if order is None else permute(found, order)


def _advanced(input: Tensor, entries: list[Any]) -> tuple[Tensor, list[Tensor], list[int], tuple[int, ...] | None]:
    """Splits an index: (what the basic entries show, the integer tensors, their axes there, the order that brings the
    result's axes to where PyTorch puts them, None for as they are)."""
    from ..creation import tensor as make

    basic: list[Any] = []
    advanced: list[Tensor | None] = []  # by axis of the basic result
    expanded = _expanded(
        input, [make(e) if isinstance(e, (list, bool)) or hasattr(e, "__array__") else e for e in entries]
    )
    for entry in expanded:
        if isinstance(entry, Tensor) and entry.dtype.ir.is_bool:
            for found in nonzero(entry, as_tuple=True):
                basic.append(slice(None))
                advanced.append(found)
        elif isinstance(entry, Tensor):
            if not entry.dtype.ir.is_integer:
                raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
            basic.append(slice(None))
            advanced.append(entry)
        else:
            basic.append(entry)
            if not isinstance(entry, int):
                advanced.append(None)
    base = getitem(input, tuple(basic))
    advanced.extend([None] * (base.ndim - len(advanced)))
    axes = [axis for axis, entry in enumerate(advanced) if entry is not None]
    indices = [entry for entry in advanced if entry is not None]
    if not axes:
        return base, [], [], None
    rank = len(broadcast_shapes(*(tuple(entry.shape) for entry in indices)))
    adjacent = axes == list(range(axes[0], axes[-1] + 1))
    order = None
    if adjacent and axes[0]:
        kept = base.ndim - len(axes)
        order = (*range(rank, rank + axes[0]), *range(rank), *range(rank + axes[0], rank + kept))
    return base, indices, axes, order


def _expanded(input: Tensor, entries: list[Any]) -> list[Any]:
    """The entries with the ellipsis written out."""
    used = sum(
        e.ndim if isinstance(e, Tensor) and e.dtype.ir.is_bool else 1
        for e in entries
        if e is not None and e is not Ellipsis
    )
    if used > input.ndim:
        raise IndexError(f"too many indices for tensor of dimension {input.ndim}")
    full = [slice(None)] * (input.ndim - used)
    for place, entry in enumerate(entries):
        if entry is Ellipsis:
            return [*entries[:place], *full, *entries[place + 1 :]]
    return [*entries, *full]


def setitem(input: Tensor, index: Any, value: Any) -> None:
    """input[index] = value, seen by all that share input's storage."""
    from ..creation import tensor as make
    from ..inplace import check_writable, fit

    entries = _entries(index)
    given = value if isinstance(value, Tensor) else make(value, dtype=input.dtype)
    if len(entries) == 1 and isinstance(entries[0], Tensor) and entries[0].dtype.ir.is_bool and not given.ndim:
        check_writable(input)
        mask = entries[0]
        mask = reshape(mask, (*mask.shape, *[1] * (input.ndim - mask.ndim)))
        from .pointwise import where

        views.write(input, fit(where(mask, given, input), input))
        return
    if all(_is_basic(entry) for entry in entries):
        target = getitem(input, index)
        check_writable(target)
        views.overwrite(target, fit(_squeezed_front(given, target), target))
        return
    base, indices, axes, order = _advanced(input, entries)
    check_writable(base)
    if order is not None:
        shape = [base.shape[axis] for axis in range(base.ndim) if axis not in axes]
        rank = len(broadcast_shapes(*(tuple(entry.shape) for entry in indices)))
        full = (*shape[: axes[0]], *broadcast_shapes(*(tuple(e.shape) for e in indices)), *shape[axes[0] :])
        given = permute(expand(given, full), _inverted(order))
        del rank
    views.write(base, call(_scatter_at, (base, given, *indices), (tuple(axes),)))


def _squeezed_front(given: Tensor, target: Tensor) -> Tensor:
    """Leading axes of size 1 that the target lacks may be there in what is assigned."""
    extra = given.ndim - target.ndim
    if extra > 0 and all(size == 1 for size in given.shape[:extra]):
        return reshape(given, given.shape[extra:])
    return given


def _inverted(order: Sequence[int]) -> tuple[int, ...]:
    found = [0] * len(order)
    for place, axis in enumerate(order):
        found[axis] = place
    return tuple(found)


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The places that are not zero, as int64 [count, rank], or one vector an axis. How many there are is read now."""
    import numpy as np

    from ..creation import from_array

    found = np.nonzero(np.asarray(input._array()))
    if as_tuple:
        return tuple(from_array(places.astype(np.int64)) for places in found)
    return from_array(np.stack(found, axis=1).astype(np.int64) if found else np.zeros((1, 0), np.int64))


def select(input: Tensor, dim: int, index: int) -> Tensor:
    """The slice `index` along `dim`."""
    return getitem(input, (*[slice(None)] * _axis(dim, input.ndim), index))


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """`length` slices from `start` on along `dim`."""
    return getitem(input, (*[slice(None)] * _axis(dim, input.ndim), slice(start, start + length)))


# -- joining and parting ----


@operation
def _cat(b: Builder, *rest: Any) -> Value:
    from ..promotion import promoted

    *values, dim = rest
    return arrays.concatenate(b, promoted(b, *values), dim)


@operation
def _stack(b: Builder, *rest: Any) -> Value:
    from ..promotion import promoted

    *values, dim = rest
    return arrays.stack(b, promoted(b, *values), dim)


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors one after another along `dim`."""
    given = [tensor for tensor in tensors if tuple(tensor.shape) != (0,)] or list(tensors)
    if not given:
        raise RuntimeError("torch.cat(): expected a non-empty list of Tensors")
    return call(_cat, tuple(given), (_axis(dim, given[0].ndim),))


concat = concatenate = cat


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors of one shape side by side along a new axis."""
    given = list(tensors)
    if not given:
        raise RuntimeError("stack expects a non-empty TensorList")
    for place, each in enumerate(given):
        if each.shape != given[0].shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(given[0].shape)} at entry 0 and "
                f"{list(each.shape)} at entry {place}"
            )
    return call(_stack, tuple(given), (_axis(dim, given[0].ndim + 1),))


def split(tensor: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Views of pieces along `dim`: of a size each, or of the sizes given."""
    size = tensor.shape[_axis(dim, tensor.ndim)]
    if isinstance(split_size_or_sections, int):
        step = split_size_or_sections
        sizes = [min(step, size - start) for start in range(0, size, step)] or [0]
    else:
        sizes = list(split_size_or_sections)
        if sum(sizes) != size:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {size} (input tensor's size at dimension "
                f"{dim}), but got split_sizes={sizes}"
            )
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    parts = [narrow(tensor, dim, start, length) for start, length in zip(starts, sizes, strict=True)]
    return views.of_many(parts, "Split")


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` views of equal size along `dim`, the last perhaps smaller."""
    if not input.ndim:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    size = input.shape[_axis(dim, input.ndim)]
    return split(input, max(1, -(-size // chunks)), dim)


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along `dim`."""
    places = range(input.shape[_axis(dim, input.ndim)])
    return views.of_many([select(input, dim, place) for place in places], "Unbind")


def contiguous(input: Tensor) -> Tensor:
    """input itself, or a view's elements in a storage of their own."""
    return input if layout_of(input).is_contiguous else clone(input)
