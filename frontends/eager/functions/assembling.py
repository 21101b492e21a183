"""Tensors repeated, and put together: side by side, on a diagonal, as grids, products and choices."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from operator import index
from typing import Any

from diptych.functions import arrays
from diptych.ir import Builder, Value, dtypes

from .. import dtypes as dtype_module
from ..promotion import promoted
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.creation import arange, is_size, zeros
from ..tensors.data import tensor as make
from ..tensors.tensor import Tensor
from .axes import counted
from .gathering import index_select
from .joining import cat, stack
from .operands import tensors
from .pointwise import clone
from .rearranging import atleast_1d, atleast_2d, atleast_3d, integers
from .reductions import cumsum
from .searching import searchsorted
from .shapes import expand, flatten, reshape, unsqueeze

# -- operations: what is written as equations ----


@operation
def _tile(b: Builder, x: Value, repeats: tuple[int, ...]) -> Value:
    """x behind as many axes of size 1 as there are repeats too many."""
    lead = len(repeats) - x.rank
    return arrays.tile(b, b.reshape(x, shape=(*[1] * lead, *x.shape)), repeats)


@operation
def _block_diagonal(b: Builder, *values: Value) -> Value:
    parts = promoted(b, *values, default=None)
    rows, columns = (sum(part.type.static_shape()[axis] for part in parts) for axis in (0, 1))
    from diptych.functions.constants import scalar

    found: list[Value] = []
    before = 0
    for part in parts:
        width = part.type.static_shape()[1]
        zero = scalar(b, 0, part.dtype)
        found.append(b.pad(part, zero, low=(0, before), high=(0, columns - before - width), interior=(0, 0)))
        before += width
    return b.concatenate(*found, axis=0) if rows or columns else found[0]


# -- repeating ----


def repeat(input: Tensor, *times: Any, repeats: Any = None) -> Tensor:
    """The whole repeated along each axis; more numbers than axes make new first axes. Raises RuntimeError of fewer."""
    times = integers("repeat", "repeats", times if repeats is None else (repeats,))
    if len(times) < input.ndim:
        raise RuntimeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor")
    for each in times:
        if each < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {each}: {list(times)}")
    return call(_tile, (input,), (times,))


def tile(input: Tensor, dims: Any, *rest: int) -> Tensor:
    """As `Tensor.repeat`, where fewer numbers than axes are those of the last axes."""
    (x,) = tensors("tile", input=input)
    times = integers("tile", "dims", (dims, *rest))
    return repeat(x, (*[1] * (x.ndim - len(times)), *times))


def repeat_interleave(
    input: Tensor, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Each element repeated along `dim`, or of the flat input: as often as a number says, or a vector for each. With a
    vector alone, each place as often as the vector has it there. Raises RuntimeError for a vector that does not fit."""
    (x,) = tensors("repeat_interleave", input=input)
    if repeats is None:
        return _repeated_places(x, output_size)
    flat = reshape(x, (-1,)) if dim is None and x.numel() else reshape(x, (0,)) if dim is None else x
    axis = counted(0 if dim is None else dim, flat.ndim)
    size = flat.shape[axis] if flat.ndim else 1
    if isinstance(repeats, Tensor) and (repeats.ndim == 0 or (repeats.ndim == 1 and repeats.shape[0] == 1)):
        repeats = int(repeats.item())
    if not isinstance(repeats, Tensor):
        times = index(repeats)
        if times < 0:
            raise RuntimeError("Repeats must be non-negative")
        whole = flat if flat.ndim else reshape(flat, (1,))
        wide = unsqueeze(whole, axis + 1)
        shape = [*whole.shape[: axis + 1], times, *whole.shape[axis + 1 :]]
        joined = (*whole.shape[:axis], size * times, *whole.shape[axis + 1 :])
        return clone(reshape(expand(wide, shape), joined))
    if repeats.ndim != 1:
        raise RuntimeError("repeats must be 0-dim or 1-dim tensor")
    if repeats.shape[0] != size:
        raise RuntimeError(
            f"repeats must have the same size as input along dim, but got repeats.size(0) = {repeats.shape[0]} and "
            f"input.size({axis}) = {size}"
        )
    return index_select(flat, axis, _repeated_places(repeats, output_size))


def _repeated_places(repeats: Tensor, output_size: int | None) -> Tensor:
    """Each place in a vector as often as the vector has it there."""
    if repeats.ndim != 1:
        raise RuntimeError("repeat_interleave only accept 1D vector as repeat")
    if repeats.dtype.ir not in (dtypes.i64, dtypes.i32):
        raise RuntimeError("repeats has to be Long or Int tensor")
    if not repeats.shape[0]:
        return zeros(0, dtype=repeats.dtype, device=repeats.device)
    ends = cumsum(repeats, 0)
    if bool((repeats < 0).any()):
        raise RuntimeError("repeats can not be negative")
    total = int(ends[-1].item())
    if output_size is not None and output_size != total:
        raise RuntimeError("allocated size does not match required size")
    return searchsorted(ends, arange(total, device=repeats.device), right=True).type_as(repeats)


# -- putting together ----


def _raised(name: str, given: Any, raised: Any) -> list[Tensor]:
    if not isinstance(given, (tuple, list)):
        raise TypeError(
            f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not {type(given).__name__}"
        )
    if not given:
        raise RuntimeError(f"{name} expects a non-empty TensorList")
    return [raised(each) for each in given]


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors beside one another: along the second axis, or the first of vectors."""
    parts = _raised("hstack", tensors, atleast_1d)
    return cat(parts, 0 if parts[0].ndim == 1 else 1)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors below one another: along the first axis, vectors as rows."""
    return cat(_raised("vstack", tensors, atleast_2d), 0)


def row_stack(tensors: Sequence[Tensor]) -> Tensor:
    """As `vstack`."""
    return vstack(tensors)


def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors behind one another, along the third axis."""
    return cat(_raised("dstack", tensors, atleast_3d), 2)


def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors beside one another, scalars and vectors as columns."""
    parts = _raised("column_stack", tensors, lambda x: x if x.ndim > 1 else reshape(x, (x.numel(), 1)))
    return cat(parts, 1)


def block_diag(*tensors: Tensor) -> Tensor:
    """Matrices along a diagonal, zeros elsewhere; vectors and scalars count as rows. Raises RuntimeError above rank
    2."""
    if not tensors:
        return zeros(1, 0)
    for place, each in enumerate(tensors):
        if not isinstance(each, Tensor):
            raise TypeError(f"expected Tensor as element {place} in argument 0, but got {type(each).__name__}")
        if each.ndim > 2:
            raise RuntimeError(
                "torch.block_diag: Input tensors must have 2 or fewer dimensions. Input "
                f"{place} has {each.ndim} dimensions"
            )
    return call(_block_diagonal, tuple(atleast_2d(each) for each in tensors))


def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """Of vectors x, y, ... the coordinates of the grid that they span, a tensor each: [len(x), len(y), ...] with
    "ij", the first two axes exchanged with "xy". Raises RuntimeError for other tensors."""
    given = list(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else list(tensors)
    if not given:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    for each in given:
        if each.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {_text(each)}")
    if any(each.dtype is not given[0].dtype for each in given):
        raise RuntimeError("torch.meshgrid expects all tensors to have the same dtype")
    if indexing is None:
        from warnings import warn

        warn(
            "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument.",
            UserWarning,
            stacklevel=2,
        )
    elif indexing not in ("ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    swaps = indexing == "xy" and len(given) >= 2
    if swaps:
        given[:2] = given[1::-1]
    shape = [each.numel() for each in given]
    found = [
        expand(reshape(each, [-1 if other == axis else 1 for other in range(len(given))]
                       if each.numel() else [0 if other == axis else 1 for other in range(len(given))]), shape)
        for axis, each in enumerate(given)
    ]  # fmt: skip
    if swaps:
        found[:2] = found[1::-1]
    return tuple(found)


def _text(x: Tensor) -> str:
    return repr(x)


def cartesian_prod(*tensors: Tensor) -> Tensor:
    """All tuples of one element of each vector, as rows; of one vector the vector itself."""
    for each in tensors:
        if each.ndim != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(each.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    return stack([flatten(each) for each in meshgrid(*tensors, indexing="ij")], 1)


def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All choices of r elements of a vector, in order, as rows. Raises RuntimeError for other tensors."""
    (x,) = tensors("combinations", input=input)
    if x.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(x.shape)}")
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    if not r:
        return zeros(0, dtype=x.dtype, device=x.device)
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = list(choose(range(x.shape[0]), r))
    kind: dict[str, Any] = {"dtype": dtype_module.int64, "device": x.device}
    places = make(rows, **kind) if rows else zeros(0, r, **kind)
    return reshape(index_select(x, 0, reshape(places, (len(rows) * r,))), (len(rows), r))


def unravel_index(indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    """The coordinates, in int64, of flat places in a tensor of `shape`. Raises ValueError for what is no such place."""
    (x,) = tensors("unravel_index", indices=indices)
    sizes = (shape,) if is_size(shape) else tuple(shape)
    if x.dtype.ir.is_differentiable or x.dtype.ir.is_bool:
        raise ValueError(f"expected 'indices' to be integer dtype, but got {x.dtype!r}")
    if any(size < 0 for size in sizes):
        raise ValueError(f"'shape' cannot have negative values, but got {sizes}")
    found: list[Tensor] = []
    rest = x.to(dtype_module.int64)  # sizes may not fit into the type of the indices
    for size in reversed(sizes):
        found.append(rest % size)
        rest = rest // size
    return tuple(reversed(found))
