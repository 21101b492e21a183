"""Elements in another place or repeated: flipped, rolled, tiled; axes moved, tensors put together and taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any

from diptych.functions import arrays
from diptych.ir import Builder, Value

from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors import view_steps, views
from ..tensors.creation import is_size
from ..tensors.tensor import Tensor
from .axes import counted
from .operands import tensors
from .pointwise import clone
from .shapes import permute, reshape, transpose, unsqueeze

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
        if axes:
            raise IndexError(f"Dimension specified as {axes[0]} but tensor has no dimensions")
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
        return views.view_of(x, view_steps.permute, view_steps.permute_write, ((),))
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
