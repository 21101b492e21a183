"""Elements written or combined at indices, along one axis or of all; each function gives a new tensor."""

from __future__ import annotations

from typing import Any

from diptych.functions import scattering
from diptych.functions.broadcasting import broadcast_to
from diptych.functions.constants import filled, filled_like
from diptych.ir import Builder, Value, dtypes, product

from ..calling.autocasting import widest
from ..promotion import Number, Operand, converted
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .axes import counted
from .gathering import check_index, check_range, check_smaller, counted_from_start
from .operands import Scalar, not_implemented, number, tensors

# -- operations: what is written as equations ----


_OF_BOOLS = {"sum": "amax", "prod": "amin"}  # any, all


def _combining(x: Value, how: str) -> str:
    """The word for how x's dtype is combined. Raises NotImplementedError for means of bools."""
    if not x.dtype.is_bool:
        return how
    if how == "mean":
        raise not_implemented("scatter_gather_tensor_cpu_reduce_mean", x)
    return _OF_BOOLS.get(how, how)


def _flat(b: Builder, x: Value) -> Value:
    return b.reshape(x, shape=(product(x.shape),))


@operation
def _scatter(b: Builder, x: Value, index: Value, source: Operand, axis: int, how: str, include_self: bool) -> Value:
    """how: set, or a word of `scattering.COMBINES`."""
    if isinstance(source, Number):
        updates = broadcast_to(b, converted(b, source, x.dtype), index.shape)
    else:
        updates = source
        if updates.rank and updates.shape != index.shape and index.rank:
            updates = b.slice(updates, start=(0,) * index.rank, limit=index.shape, stride=(1,) * index.rank)
    base, places = x, index
    if not x.rank or not index.rank:
        base, places, updates = _flat(b, x), _flat(b, index), _flat(b, updates)
    axes = tuple(range(base.rank))
    indices = scattering.along(b, places, axis)
    if how == "set":
        found = b.scatter(base, updates, *indices, axes=axes, combine="set")
    else:
        found = scattering.combined(b, base, updates, indices, axes, _combining(x, how), include_self=include_self)
    return found if found.shape == x.shape else b.reshape(found, shape=x.shape)


@operation
def _index_write(b: Builder, x: Value, index: Value, source: Value, axis: int, how: str, include_self: bool) -> Value:
    base = x if x.rank else _flat(b, x)
    places = counted_from_start(b, index if index.rank else _flat(b, index), base.shape[axis])
    updates = source if source.rank else _flat(b, source)
    updates = scattering.moved_to_front(b, updates, axis)
    if updates.shape != (wanted := (*places.shape, *(s for a, s in enumerate(base.shape) if a != axis))):
        updates = broadcast_to(b, updates, wanted)
    if how == "set":
        found = b.scatter(base, updates, places, axes=(axis,), combine="set")
    else:
        found = scattering.combined(b, base, updates, (places,), (axis,), _combining(x, how), include_self=include_self)
    return found if x.rank else b.reshape(found, shape=())


@operation
def _index_fill(b: Builder, x: Value, index: Value, value: Operand, axis: int) -> Value:
    base = x if x.rank else _flat(b, x)
    places = counted_from_start(b, index if index.rank else _flat(b, index), base.shape[axis])
    line = filled(b, False, (base.shape[axis],), dtypes.bool_)
    marked = b.scatter(line, filled(b, True, places.shape, dtypes.bool_), places, axes=(0,), combine="set")
    filler = broadcast_to(b, converted(b, value, x.dtype), base.shape)
    found = b.select(b.broadcast(marked, shape=base.shape, axes=(axis,)), filler, base)
    return found if x.rank else b.reshape(found, shape=())


@operation
def _put(b: Builder, x: Value, index: Value, source: Value, accumulate: bool) -> Value:
    places = counted_from_start(b, _flat(b, index), product(x.shape))
    combine = "set" if not accumulate else "max" if x.dtype.is_bool else "add"
    found = b.scatter(_flat(b, x), _flat(b, source), places, axes=(0,), combine=combine)
    return b.reshape(found, shape=x.shape)


@operation
def _masked_scatter(b: Builder, x: Value, mask: Value, source: Value) -> Value:
    """Each element of the mask that holds takes the next element of the source."""
    shape = x.shape
    wide = broadcast_to(b, mask, shape)
    counts = b.cumulative_sum(b.cast(_flat(b, wide), dtype=dtypes.i64), axis=0)
    places = b.sub(counts, filled_like(b, 1, counts))
    if not product(source.shape):
        return b.identity(x)
    taken = b.gather(_flat(b, source), places, axes=(0,), bounds="clip")
    return b.select(wide, b.reshape(taken, shape=shape), x)


# -- functions: what users call ----

_SCATTERED = {"add": "sum", "multiply": "prod"}


def scatter(
    input: Tensor,
    dim: int,
    index: Tensor,
    src: Tensor | Scalar | None = None,
    *,
    value: Scalar | None = None,
    reduce: str | None = None,
) -> Tensor:
    """input with `src`, a tensor or a number, written along `dim` at the places of `index`, or with `reduce` ("add",
    "multiply") combined. Raises RuntimeError for what does not fit."""
    x, places = tensors("scatter", input=input, index=index)
    source = value if src is None else src
    if reduce is not None and reduce not in _SCATTERED:
        raise RuntimeError("reduce argument must be either add or multiply.")
    axis = _checked("scatter", x, dim, places, source)
    given = source if isinstance(source, Tensor) else number("scatter", "value", 4, source)
    if not places.numel():
        return x.clone()
    return call(_scatter, (x, places, given), (axis, "set" if reduce is None else _SCATTERED[reduce], True))


def _checked(name: str, x: Tensor, dim: int, index: Tensor, source: Any) -> int:
    axis = counted(dim, x.ndim)
    if index.numel():
        check_index(name, index)
    if isinstance(source, Tensor) and source.dtype is not x.dtype:
        raise RuntimeError(f"{name}(): Expected self.dtype to be equal to src.dtype")
    if not index.numel():
        return axis
    check_smaller(name, x, index, axis, "self")
    if isinstance(source, Tensor):
        if max(source.ndim, 1) != max(index.ndim, 1):
            raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
        for other in range(index.ndim if source.ndim else 0):
            if index.shape[other] > source.shape[other]:
                raise RuntimeError(
                    f"Expected index {list(index.shape)} to be no larger than self {list(x.shape)} apart from "
                    "dimension "
                    f"{axis} and to be no larger size than src {list(source.shape)}"
                )
    check_range(index, axis, x.shape[axis] if x.ndim else 1)
    return axis


def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """input with `src` added along `dim` at the places of `index`."""
    x, places, source = tensors("scatter_add", input=input, index=index, src=src)
    axis = _checked("scatter", x, dim, places, source)
    return call(_scatter, (x, places, source), (axis, "sum", True)) if places.numel() else x.clone()


def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """input with `src` combined along `dim` at the places of `index` by `reduce`: sum, prod, mean, amax or amin, of
    what input holds there too unless `include_self` is False."""
    x, places, source = tensors("scatter_reduce", input=input, index=index, src=src)
    reduce = {"min": "amin", "max": "amax", "add": "sum", "multiply": "prod"}.get(reduce, reduce)
    if reduce not in scattering.COMBINES:
        raise RuntimeError("reduce argument must be either sum, prod, mean, amax or amin, got " + str(reduce))
    axis = _checked("scatter", x, dim, places, source)
    return call(_scatter, (x, places, source), (axis, reduce, include_self)) if places.numel() else x.clone()


def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Scalar = 1) -> Tensor:
    """input with alpha * source added to its slices along `dim` at the places of a vector."""
    x, places, given = tensors("index_add", input=input, index=index, source=source)
    axis = _checked_slices("index_add", x, dim, places, given)
    if given.dtype is not x.dtype:
        raise RuntimeError(
            f"index_add_(): self ({x.dtype.scalar}) and source ({given.dtype.scalar}) must have the same scalar type"
        )
    scaled = given if alpha == 1 else given & bool(alpha) if x.dtype.ir.is_bool else given * alpha
    return call(_index_write, (x, places, scaled), (axis, "sum", True))


@widest
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """input with its slices along `dim` at the places of a vector replaced by those of source."""
    x, places, given = tensors("index_copy", input=input, index=index, source=source)
    axis = counted(dim, x.ndim)
    if places.ndim > 1:
        raise IndexError(f"index_copy_(): Index should have dimension 1 or 0 (got {places.ndim})")
    if places.dtype.ir is not dtypes.i64:
        raise RuntimeError(f"index_copy_(): Expected a long tensor for index, but got {places.dtype.scalar}")
    if given.dtype is not x.dtype:
        raise RuntimeError(
            "index_copy_(): self and source expected to have the same dtype, but got (self) "
            f"{x.dtype.scalar} and (source) {given.dtype.scalar}"
        )
    check_range(places, axis, x.shape[axis] if x.ndim else 1, negative=True, error=IndexError)
    return call(_index_write, (x, places, given), (axis, "set", True))


def index_reduce(
    input: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """input with slices of source combined along `dim` at the places of a vector by `reduce`: prod, mean, amax,
    amin."""
    x, places, given = tensors("index_reduce", input=input, index=index, source=source)
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise RuntimeError(f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}.")
    if x.dtype.ir.is_bool:
        kernel = "index_func_" if include_self else "index_reduce_func_exclude_input_init"
        raise NotImplementedError(f"\"{kernel}\" not implemented for 'Bool'")
    axis = _checked_slices("index_reduce", x, dim, places, given)
    return call(_index_write, (x, places, given), (axis, reduce, include_self))


def _checked_slices(name: str, x: Tensor, dim: int, index: Tensor, source: Tensor) -> int:
    axis = counted(dim, x.ndim)
    if index.ndim > 1:
        raise RuntimeError(f"{name}_(): Index is supposed to be a vector, but got dim: {index.ndim} with type: "
                           f"{index.dtype.scalar} and size: {list(index.shape)}")  # fmt: skip
    if index.dtype.ir not in (dtypes.i64, dtypes.i32):
        raise RuntimeError(f"{name}_(): Expected dtype int32/int64 for index but got: {index.dtype.scalar}")
    count = source.shape[axis] if source.ndim else 1
    if index.numel() != count:
        raise RuntimeError(
            f"{name}_(): Number of indices ({index.numel()}) should be equal to source.size(dim): ({count}), "
            f"for dim: {axis}"
        )
    rest, given = ([size for place, size in enumerate(each.shape) if place != axis] for each in (x, source))
    if rest != given and x.ndim:
        raise RuntimeError(
            f"source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = "
            f"{list(x.shape)} source.shape = {list(source.shape)}"
        )
    check_range(index, axis, x.shape[axis] if x.ndim else 1, negative=True)
    return axis


def index_fill(input: Tensor, dim: int, index: Tensor, value: Tensor | Scalar) -> Tensor:
    """input with a number, or a scalar tensor, in its slices along `dim` at the places of a vector."""
    x, places = tensors("index_fill", input=input, index=index)
    axis = counted(dim, x.ndim)
    if places.dtype.ir is not dtypes.i64 and places.dtype.ir is not dtypes.i32:
        raise IndexError("index_fill_(): Expected dtype int64 for index.")
    if places.ndim > 1:
        raise RuntimeError("Index has to be a vector/scalar")
    filler = value if isinstance(value, Tensor) else number("index_fill", "value", 4, value)
    if isinstance(filler, Tensor) and filler.ndim:
        raise RuntimeError(
            f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {filler.ndim} dimension(s)."
        )
    if isinstance(filler, complex) and not x.dtype.is_complex:
        raise RuntimeError("index_fill_(): Converting complex Scalar to non-complex type is not supported")
    check_range(places, axis, x.shape[axis] if x.ndim else 1, negative=True, error=IndexError)
    return call(_index_fill, (x, places, filler), (axis,))


def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    """input, counted row by row, with source written at the places of `index`, or added there."""
    x, places, given = tensors("put", input=input, index=index, source=source)
    if places.dtype.ir is not dtypes.i64:
        raise RuntimeError(f"put_(): Expected a long tensor for index, but got {places.dtype.scalar}")
    if given.dtype is not x.dtype:
        raise RuntimeError(f"put_(): self and source expected to have the same dtype, but got self.dtype = "
                           f"{x.dtype.scalar} and source.dtype = {given.dtype.scalar}")  # fmt: skip
    if places.numel() != given.numel():
        raise IndexError(
            "put_(): Expected source and index to have the same number of elements, but got source.numel() = "
            f"{given.numel()}, index.numel() = {places.numel()}"
        )
    if places.numel() and not x.numel():
        raise IndexError("put_(): Expected self to have elements")
    return call(_put, (x, places, given), (bool(accumulate),)) if places.numel() else x.clone()


def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """input with the elements where mask holds replaced by those of source in order."""
    x, where, given = tensors("masked_scatter", input=input, mask=mask, source=source)
    if not where.dtype.ir.is_bool:
        raise RuntimeError(f"masked_scatter_ only supports boolean masks, but got mask with dtype {where.dtype.scalar}")
    if given.dtype is not x.dtype:
        raise RuntimeError(
            f"masked_scatter: expected self and source to have same dtypes but got {x.dtype.scalar} and "
            f"{given.dtype.scalar}"
        )
    values = where._lazy().array
    if values is not None and int(values.sum()) * (x.numel() // max(where.numel(), 1)) > given.numel():
        raise RuntimeError("Number of elements of source < number of ones in mask")
    shape = _common(x, where)
    return call(_masked_scatter, (x.expand(shape), where, given))


def _common(x: Tensor, mask: Tensor) -> tuple[int, ...]:
    from .shapes import broadcast_tensors

    return tuple(broadcast_tensors(x, mask)[0].shape)


def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """input with `values` written at tensors of places, or masks, one an axis, or with `accumulate` added there."""
    from .indexing import getitem, setitem

    if not isinstance(indices, (tuple, list)):
        raise TypeError(
            f"index_put(): argument 'indices' (position 2) must be tuple of Tensors, not {type(indices).__name__}"
        )
    x, given = tensors("index_put", input=input, values=values)
    if given.dtype is not x.dtype:
        raise RuntimeError(
            "Index put requires the source and destination dtypes match, got "
            f"{x.dtype.scalar} for the destination and {given.dtype.scalar} for the source."
        )
    entries = tuple(slice(None) if each is None else each for each in indices)
    if not accumulate:
        made = x.clone()
        setitem(made, entries, given)
        return made
    from ..tensors.creation import arange
    from .shapes import reshape

    places = getitem(reshape(arange(x.numel(), device=x.device), tuple(x.shape)), entries)
    wide = given.expand(tuple(places.shape))
    flat = scatter_add(
        reshape(x, (x.numel(),)), 0, reshape(places, (places.numel(),)), reshape(wide, (places.numel(),))
    )
    return reshape(flat, tuple(x.shape))
