"""Elements in another place or repeated: flipped, rolled, tiled; axes moved, tensors put together and taken apart."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from operator import index
from typing import Any

from diptych.functions import arrays
from diptych.ir import Builder, Value, dtypes

from .. import dtypes as dtype_module
from .. import views
from ..creation import arange, is_size, zeros
from ..data import tensor as make
from ..operation import operation
from ..promotion import promoted
from ..recording import call
from ..tensor import Tensor
from .axes import counted
from .gathering import index_select
from .indexing import narrow
from .joining import cat, split, stack
from .operands import tensors
from .pointwise import clone
from .reductions import cumsum
from .searching import searchsorted
from .shapes import expand, flatten, permute, reshape, transpose, unsqueeze

# -- operations: what is written as equations ----


@operation
def _flip(b: Builder, x: Value, axes: tuple[int, ...]) -> Value:
    return b.reverse(x, axes=axes) if axes else b.identity(x)


@operation
def _roll(b: Builder, x: Value, moves: tuple[tuple[int, int], ...]) -> Value:
    """moves: (axis, how far)."""
    for axis, shift in moves:
        size = x.type.static_shape()[axis]
        cut = size - shift % size if size else 0
        if cut not in (0, size):
            first, last = arrays.split(b, x, (cut, size - cut), axis)
            x = b.concatenate(last, first, axis=axis)
    return b.identity(x)


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


# -- sizes and axes ----


def integers(name: str, label: str, given: tuple[Any, ...]) -> tuple[int, ...]:
    """Integers given one by one or as a sequence. Raises TypeError."""
    several = given[0] if len(given) == 1 and isinstance(given[0], (tuple, list)) else given
    for place, each in enumerate(several):
        if not is_size(each):
            raise TypeError(
                f"{name}(): argument '{label}' (position {place + 2}) must be tuple of ints, not {type(each).__name__}"
            )
    return tuple(index(each) for each in several)


def _axes(dims: Sequence[int], rank: int) -> tuple[int, ...]:
    found = tuple(counted(dim, rank) for dim in dims)
    for axis in found:
        if found.count(axis) > 1:
            raise RuntimeError(f"dim {axis} appears multiple times in the list of dims")
    return found


# -- the same elements in another order ----


def flip(input: Tensor, dims: Any, *rest: int) -> Tensor:
    """A copy with axes reversed. Raises RuntimeError for an axis given twice."""
    (x,) = tensors("flip", input=input)
    axes = _axes(integers("flip", "dims", (dims, *rest)), x.ndim)
    return call(_flip, (x,), (axes if x.ndim else (),))


def fliplr(input: Tensor) -> Tensor:
    """The second axis reversed. Raises RuntimeError below rank 2."""
    (x,) = tensors("fliplr", input=input)
    if x.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return flip(x, 1)


def flipud(input: Tensor) -> Tensor:
    """The first axis reversed. Raises RuntimeError of a scalar."""
    (x,) = tensors("flipud", input=input)
    if x.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return flip(x, 0)


def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """Elements moved along axes, what falls out coming in on the other side; without axes, of the flat input. Raises
    RuntimeError for as many shifts as there are not axes."""
    (x,) = tensors("roll", input=input)
    moves = (shifts,) if is_size(shifts) else tuple(shifts)
    axes = () if dims is None else (dims,) if is_size(dims) else tuple(dims)
    if not moves:
        raise RuntimeError("`shifts` required")
    if not axes and len(moves) == 1:
        return reshape(call(_roll, (reshape(x, (-1,)) if x.numel() else x.reshape(-1),), (((0, index(moves[0])),),)),
                       tuple(x.shape))  # fmt: skip
    if len(moves) != len(axes):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(moves)}, dims:{len(axes)}")
    if not x.numel():
        return clone(x)
    if not x.ndim:
        for axis in axes:
            counted(axis, 0)
        return clone(x)
    return call(_roll, (x,), (tuple((counted(a, x.ndim), index(s)) for a, s in zip(axes, moves, strict=True)),))


def rot90(input: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """The plane of two axes turned by k right angles, from the first axis towards the second. Raises RuntimeError for
    axes that are no plane."""
    (x,) = tensors("rot90", input=input)
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if x.ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {x.ndim}")
    if dims[0] == dims[1] or abs(dims[0] - dims[1]) == x.ndim:
        raise RuntimeError(f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}")
    for place, dim in enumerate(dims):
        if not -x.ndim <= dim < x.ndim:
            raise RuntimeError(f"Rotation dim{place} out of range, dim{place} = {dim}")
    turns = k % 4
    if turns == 1:
        return transpose(flip(x, dims[1]), *dims)
    if turns == 2:
        return flip(x, tuple(dims))
    return transpose(flip(x, dims[0]), *dims) if turns == 3 else clone(x)


# -- axes ----


def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """A view with axes moved to other places, the others in order around them. Raises RuntimeError for axes given twice
    and for as many places as there are not axes."""
    (x,) = tensors("movedim", input=input)
    given, wanted = ((each,) if is_size(each) else tuple(each) for each in (source, destination))
    if len(given) != len(wanted):
        raise RuntimeError(
            "movedim: Invalid source or destination dims: source "
            f"({list(given)} dims) should contain the same number of dims as destination ({list(wanted)} dims)"
        )
    sources, places = (tuple(counted(dim, x.ndim) for dim in dims) for dims in (given, wanted))
    for label, axes, dims in (("source", sources, given), ("destination", places, wanted)):
        if len(set(axes)) != len(axes):
            raise RuntimeError(f"movedim: repeated dim in `{label}` ({list(dims)})")
    if not x.ndim:
        return views.view_of(x, views.permute, views.permute_write, ((),))
    order: list[int] = [-1] * x.ndim
    for axis, place in zip(sources, places, strict=True):
        order[place] = axis
    rest = iter(axis for axis in range(x.ndim) if axis not in sources)
    return permute(x, [next(rest) if axis < 0 else axis for axis in order])


def moveaxis(input: Tensor, source: Any, destination: Any) -> Tensor:
    """As `movedim`."""
    return movedim(input, source, destination)


def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    """As `transpose`."""
    return transpose(*tensors("swapaxes", input=input), axis0, axis1)


def swapdims(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """As `transpose`."""
    return transpose(*tensors("swapdims", input=input), dim0, dim1)


def adjoint(input: Tensor) -> Tensor:
    """The last two axes exchanged, and conjugated."""
    from .complexes import conj

    (x,) = tensors("adjoint", input=input)
    if x.ndim < 2:
        raise RuntimeError(
            f"tensor.adjoint() is only supported on matrices or batches of matrices. Got {x.ndim}-D tensor."
        )
    turned = transpose(x, -1, -2)
    return conj(turned) if x.dtype.is_complex else turned


def ravel(input: Tensor) -> Tensor:
    """All elements as a vector."""
    return reshape(*tensors("ravel", input=input), (-1,)) if input.numel() else reshape(input, (0,))


def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:
    """One axis made several, one size of which may be -1. Raises RuntimeError where they do not hold it."""
    (x,) = tensors("unflatten", input=input)
    axis = counted(dim, x.ndim)
    wanted = integers("unflatten", "sizes", (sizes,))
    if not wanted:
        raise RuntimeError("unflatten: sizes must be non-empty")
    size = x.shape[axis]
    known = 1
    for each in wanted:
        known *= 1 if each == -1 else each
    if wanted.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    fits = size % known == 0 if -1 in wanted and known else known == size
    if not fits:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(wanted)} don't multiply up to the size of dim {axis} ({size}) in the "
            "input tensor"
        )
    whole = tuple(size // known if each == -1 else each for each in wanted)
    return reshape(x, (*x.shape[:axis], *whole, *x.shape[axis + 1 :]))


def atleast_1d(*tensors: Any) -> Any:
    """Scalars as vectors of one element; several tensors, or a sequence of them, give a tuple."""
    return _at_least(tensors, lambda x: reshape(x, (1,)) if not x.ndim else x)


def atleast_2d(*tensors: Any) -> Any:
    """Scalars and vectors as matrices of one row."""
    return _at_least(tensors, lambda x: reshape(x, (1, 1)) if not x.ndim else unsqueeze(x, 0) if x.ndim == 1 else x)


def atleast_3d(*tensors: Any) -> Any:
    """What has fewer than three axes with three: [1, n, 1] of a vector, [m, n, 1] of a matrix."""

    def raised(x: Tensor) -> Tensor:
        if not x.ndim:
            return reshape(x, (1, 1, 1))
        return unsqueeze(unsqueeze(x, 0), -1) if x.ndim == 1 else unsqueeze(x, -1) if x.ndim == 2 else x

    return _at_least(tensors, raised)


def _at_least(given: tuple[Any, ...], raised: Any) -> Any:
    if len(given) == 1 and isinstance(given[0], Tensor):
        return raised(given[0])
    several = given[0] if len(given) == 1 else given
    return tuple(raised(each) for each in several)


# -- repeating ----


def repeat(input: Tensor, *repeats: Any) -> Tensor:
    """The whole repeated along each axis; more numbers than axes make new first axes. Raises RuntimeError of fewer."""
    times = integers("repeat", "repeats", repeats)
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
        return zeros(0, dtype=repeats.dtype)
    ends = cumsum(repeats, 0)
    if bool((repeats < 0).any()):
        raise RuntimeError("repeats can not be negative")
    total = int(ends[-1].item())
    if output_size is not None and output_size != total:
        raise RuntimeError("allocated size does not match required size")
    return searchsorted(ends, arange(total), right=True).type_as(repeats)


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
        return zeros(0, dtype=x.dtype)
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = list(choose(range(x.shape[0]), r))
    places = make(rows, dtype=dtype_module.int64) if rows else zeros(0, r, dtype=dtype_module.int64)
    return reshape(index_select(x, 0, reshape(places, (len(rows) * r,))), (len(rows), r))


def unravel_index(indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    """The coordinates of flat places in a tensor of `shape`. Raises ValueError for what is no such place."""
    (x,) = tensors("unravel_index", indices=indices)
    sizes = (shape,) if is_size(shape) else tuple(shape)
    if x.dtype.ir.is_differentiable or x.dtype.ir.is_bool:
        raise ValueError(f"expected 'indices' to be integer dtype, but got {x.dtype!r}")
    if any(size < 0 for size in sizes):
        raise ValueError(f"'shape' cannot have negative values, but got {sizes}")
    found: list[Tensor] = []
    rest = x
    for size in reversed(sizes):
        found.append(rest % size)
        rest = rest // size
    return tuple(reversed(found))


# -- taking apart ----


def tensor_split(input: Tensor, indices_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Views along `dim`: as many as a number says, the first ones longer by one, or between the places given."""
    (x,) = tensors("tensor_split", input=input)
    if not x.ndim:
        raise RuntimeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims")
    axis = counted(dim, x.ndim)
    size = x.shape[axis]
    if isinstance(indices_or_sections, Tensor):
        if indices_or_sections.dtype.ir is not dtypes.i64:
            raise RuntimeError(
                "tensor_split expected tensor_indices_or_sections to have dtype of long, but got "
                f"{indices_or_sections.dtype.scalar}"
            )
        if indices_or_sections.ndim > 1:
            raise RuntimeError(
                "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, "
                f"but got a tensor with {indices_or_sections.ndim} dims"
            )
        indices_or_sections = indices_or_sections.tolist()
    if is_size(indices_or_sections):
        sections = index(indices_or_sections)
        if sections <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {sections}")
        least, longer = divmod(size, sections)
        sizes = [least + (place < longer) for place in range(sections)]
        bounds = [0, *itertools.accumulate(sizes)]
    else:
        bounds = [0, *indices_or_sections, size]
    parts: list[Tensor] = []
    for start, stop in itertools.pairwise(bounds):
        first, last = slice(start, stop).indices(size)[:2]
        parts.append(narrow(x, axis, first, max(last - first, 0)))
    return views.of_many(parts, "Split")


def _split_along(name: str, input: Tensor, given: Any, axis: int) -> tuple[Tensor, ...]:
    if is_size(given):
        sections, size = index(given), input.shape[axis]
        if sections == 0 or size % sections:
            raise RuntimeError(
                f"torch.{name} attempted to split along dimension {axis}, but the size of the dimension {size} is not "
                f"divisible by the split_size {sections}!"
            )
    return tensor_split(input, given, axis)


def hsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Views along the second axis, or the first of a vector, as `tensor_split`, in equal parts."""
    (x,) = tensors("hsplit", input=input)
    if x.ndim < 1:
        raise RuntimeError(
            "torch.hsplit requires a tensor with at least 1 dimension, but got a tensor with 0 dimensions!"
        )
    return _split_along("hsplit", x, indices_or_sections, 0 if x.ndim == 1 else 1)


def vsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Views along the first axis, in equal parts."""
    (x,) = tensors("vsplit", input=input)
    if x.ndim < 2:
        raise RuntimeError(
            f"torch.vsplit requires a tensor with at least 2 dimension, but got a tensor with {x.ndim} dimensions!"
        )
    return _split_along("vsplit", x, indices_or_sections, 0)


def dsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Views along the third axis, in equal parts."""
    (x,) = tensors("dsplit", input=input)
    if x.ndim < 3:
        raise RuntimeError(
            f"torch.dsplit requires a tensor with at least 3 dimension, but got a tensor with {x.ndim} dimensions!"
        )
    return _split_along("dsplit", x, indices_or_sections, 2)


def split_with_sizes(input: Tensor, split_sizes: Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Views of the sizes given along `dim`."""
    return split(*tensors("split_with_sizes", input=input), list(split_sizes), dim)


def unsafe_split(input: Tensor, split_size: int, dim: int = 0) -> tuple[Tensor, ...]:
    """As `split`, of copies."""
    return tuple(clone(each) for each in split(*tensors("unsafe_split", input=input), split_size, dim))


def unsafe_chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """As `chunk`, of copies."""
    from .joining import chunk

    return tuple(clone(each) for each in chunk(*tensors("unsafe_chunk", input=input), chunks, dim))


def sum_to_size(self: Tensor, *size: Any) -> Tensor:
    """The sum over the axes that broadcasting `size` to self's shape would repeat. Raises RuntimeError where it does
    not broadcast."""
    from .reductions import sum

    wanted = integers("sum_to_size", "size", size)
    lead = self.ndim - len(wanted)
    pairs = zip(self.shape[max(lead, 0) :], wanted, strict=True) if lead >= 0 else ()
    if lead < 0 or any(size not in (1, full) for full, size in pairs):
        raise RuntimeError(f"size {{{list(wanted)}}} is not expandable to size {{{list(self.shape)}}}.")
    summed = tuple(range(lead)) + tuple(
        axis + lead for axis, size in enumerate(wanted) if size == 1 and self.shape[axis + lead] != 1
    )
    return reshape(sum(self, summed), wanted) if summed else self


def broadcast_shapes(*shapes: Any) -> Any:
    """The shape that tensors of these shapes broadcast to. Raises RuntimeError where there is none."""
    from ..size import Size

    sizes = [(each,) if is_size(each) else tuple(each) for each in shapes]
    found: list[int] = [1] * max((len(size) for size in sizes), default=0)
    for place, size in enumerate(sizes):
        for back in range(-1, -len(size) - 1, -1):
            if size[back] not in (1, found[back]):
                if found[back] != 1:
                    raise RuntimeError(
                        f"Attempting to broadcast a dimension of length {size[back]} at {back}! Mismatching "
                        "argument at "
                        f"index {place} had {size}; but expected shape should be broadcastable to {found}"
                    )
                found[back] = size[back]
    return Size(found)
