"""Views of a storage by sizes and strides, diagonals, and functions that give a tensor with a part of it replaced."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from ..calling.autocasting import full_precision
from ..tapes.callers import renamed
from ..tensors import steps, views
from ..tensors.creation import zeros
from ..tensors.layout import Layout, layout_of, row_strides
from ..tensors.tensor import Tensor
from .axes import counted
from .indexing import getitem, narrow, select
from .operands import tensors
from .pointwise import clone
from .shapes import permute, reshape, squeeze, t, transpose, unfold, unsqueeze, view

# -- by sizes and strides ----


def as_strided(input: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A view of input's whole storage: an element of place (i, j, ...) is that at storage_offset + i * stride[0] + j *
    stride[1] ... Raises RuntimeError for places outside."""
    (x,) = tensors("as_strided", input=input)
    sizes, strides = tuple(size), tuple(stride)
    if len(sizes) != len(strides):
        raise RuntimeError("mismatch in length of strides and shape")
    for each in strides:
        if each < 0:
            raise RuntimeError(
                f"as_strided: Negative strides are not supported at the moment, got strides: {list(strides)}"
            )
    offset = layout_of(x).offset if storage_offset is None else storage_offset
    if offset < 0:
        raise RuntimeError(f"Tensor: invalid storage offset {offset}")
    held = prod(x._storage.lazy.kind.shape)
    last = offset + sum((each - 1) * step for each, step in zip(sizes, strides, strict=True))
    if prod(sizes) and last >= held:
        width = x.dtype.itemsize
        raise RuntimeError(
            f"setStorage: sizes {list(sizes)}, strides {list(strides)}, storage offset {offset}, and itemsize {width} "
            f"requiring a storage size of {(last + 1) * width} are out of bounds for storage of size {held * width}"
        )
    return steps.as_strided_view(x, Layout(sizes, strides, offset))


def as_strided_scatter(input: Tensor, src: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A copy of input with the elements that `as_strided` shows replaced by src."""
    copied = clone(*tensors("as_strided_scatter", input=input))
    return _replaced(copied, as_strided(copied, size, stride, storage_offset or 0), src, "as_strided_scatter")


def as_strided_copy(input: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A copy of what `as_strided` shows."""
    return clone(as_strided(input, size, stride, storage_offset))


def empty_strided(size: Any, stride: Any, **options: Any) -> Tensor:
    """Zeros that lie in memory with these strides. Raises RuntimeError for as many strides as there are not sizes."""
    sizes, strides = tuple(size), tuple(stride)
    if len(sizes) != len(strides):
        raise RuntimeError(
            f"dimensionality of sizes ({len(sizes)}) must match dimensionality of strides ({len(strides)})"
        )
    needs_gradient = options.pop("requires_grad", False)
    options.pop("layout", None)
    options.pop("pin_memory", None)
    held = 1 + sum((each - 1) * step for each, step in zip(sizes, strides, strict=True)) if prod(sizes) else 0
    made = as_strided(zeros(held, **options), sizes, strides)
    return made.requires_grad_() if needs_gradient else made


def empty_permuted(size: Any, physical_layout: Any, **options: Any) -> Tensor:
    """Zeros that lie in memory so that the axes of `physical_layout`, first to last, lie row by row."""
    sizes, order = tuple(size), tuple(physical_layout)
    if sorted(order) != list(range(len(sizes))):
        if len(order) != len(sizes):
            raise RuntimeError(
                "Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = "
                f"{len(sizes)} is not equal to len(physical_layout) = {len(order)}"
            )
        if any(not 0 <= axis < len(sizes) for axis in order):
            wrong = next(axis for axis in order if not 0 <= axis < len(sizes))
            raise RuntimeError(
                "Dimension out of range (expected to be between 0 and "
                f"{len(sizes) - 1}, but got {wrong} at index {order.index(wrong)}).  NB: negative dims not currently "
                "supported; file an issue if you want it."
            )
        raise RuntimeError("Duplicate dim not allowed")
    strides = [0] * len(sizes)
    for axis, step in zip(order, row_strides([sizes[axis] for axis in order]), strict=True):
        strides[axis] = step
    return empty_strided(sizes, strides, **options)


# -- diagonals ----


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A view of the diagonal of two axes, `offset` above the main one, as a new last axis. Raises RuntimeError for one
    axis twice."""
    (x,) = tensors("diagonal", input=input)
    first, second = counted(dim1, x.ndim), counted(dim2, x.ndim)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    if first > second:  # which is the same diagonal seen from its other side
        offset, first, second = -offset, second, first
    return views.view_of(x, steps.diagonal, steps.diagonal_write, (offset, first, second))


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """Of a vector the matrix with it on a diagonal, of a matrix a copy of its diagonal. Raises RuntimeError for other
    tensors."""
    (x,) = tensors("diag", input=input)
    if x.ndim not in (1, 2):
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {x.ndim}D")
    return diag_embed(x, diagonal) if x.ndim == 1 else clone(_diagonal(x, diagonal, 0, 1))


_diagonal = diagonal


def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Matrices, in new axes dim1 and dim2, with input's last axis on a diagonal and zeros elsewhere. Raises
    RuntimeError for one axis twice."""
    (x,) = tensors("diag_embed", input=input)
    rank = x.ndim + 1
    first, second = counted(dim1, rank), counted(dim2, rank)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    size = x.shape[-1] + abs(offset)
    shape = list(x.shape[:-1])
    for axis in sorted((first, second)):
        shape.insert(axis, size)
    made = zeros(shape, dtype=x.dtype, device=x.device)
    return _replaced(made, _diagonal(made, offset, first, second), x, "diag_embed")


def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """The matrix with all elements on a diagonal."""
    (x,) = tensors("diagflat", input=input)
    return diag_embed(reshape(x, (x.numel(),)), offset)


@full_precision
def trace(input: Tensor) -> Tensor:
    """The sum of a matrix's diagonal. Raises RuntimeError for other tensors, NotImplementedError for bools."""
    (x,) = tensors("trace", input=input)
    if x.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {x.ndim}")
    if x.dtype.ir.is_bool:
        raise NotImplementedError("\"trace\" not implemented for 'Bool'")
    return _diagonal(x).sum()


# -- a part replaced ----


def _replaced(copied: Tensor, shown: Tensor, src: Tensor, name: str) -> Tensor:
    if tuple(src.shape) != tuple(shown.shape):
        raise RuntimeError(
            f"expected src to have a size equal to the slice of self. src size = {list(src.shape)}, slice size = "
            f"{list(shown.shape)}"
        )
    from ..tensors.inplace import fit

    views.write(shown, fit(src, shown))
    return copied


def diagonal_scatter(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A copy of input with a diagonal replaced by src. Raises RuntimeError for another shape."""
    copied = clone(*tensors("diagonal_scatter", input=input))
    return _replaced(copied, _diagonal(copied, offset, dim1, dim2), src, "diagonal_scatter")


def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """A copy of input with the slice `index` along `dim` replaced by src. Raises RuntimeError for another shape."""
    copied = clone(*tensors("select_scatter", input=input))
    return _replaced(copied, select(copied, dim, index), src, "select_scatter")


def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    """A copy of input with slices start, start + step, ... below end along `dim` replaced by src."""
    copied = clone(*tensors("slice_scatter", input=input))
    return _replaced(copied, _sliced(copied, dim, start, end, step), src, "slice_scatter")


def _sliced(x: Tensor, dim: int, start: int | None, end: int | None, step: int) -> Tensor:
    return getitem(x, (*[slice(None)] * counted(dim, x.ndim), slice(start, end, step)))


# -- views' copies ----


def _copying(name: str, shown: Any) -> Any:
    def copied(*arguments: Any, **options: Any) -> Any:
        found = shown(*arguments, **options)
        return clone(found) if isinstance(found, Tensor) else tuple(clone(each) for each in found)

    renamed(copied, name)
    copied.__doc__ = f"A copy of what `{name.removesuffix('_copy')}` shows."
    return copied


def _slice(input: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Tensor:
    return _sliced(input, dim, start, end, step)


def _narrowed(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """narrow, with narrow_copy's own words for an axis and a length that there are not."""
    if dim >= input.ndim > 0:
        raise RuntimeError(
            "Expected dim < static_cast<int64_t>(self_sizes.size()) to be true, but got false.  (Could this error "
            "message be improved?  If so, please report an enhancement request to PyTorch.)"
        )
    if length < 0:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({input.shape[dim]}).")
    return narrow(input, dim, start, length)


def _expanded(input: Tensor, size: Sequence[int], *, implicit: bool = False) -> Tensor:
    return input.expand(size)


def _unbound(input: Tensor, dim: int = 0) -> Any:
    from .joining import unbind

    return unbind(input, dim)


def _with_sizes(input: Tensor, split_sizes: Sequence[int], dim: int = 0) -> Any:
    from .parting import split_with_sizes

    return split_with_sizes(input, split_sizes, dim)


diagonal_copy = _copying("diagonal_copy", diagonal)
expand_copy = _copying("expand_copy", _expanded)
narrow_copy = _copying("narrow_copy", _narrowed)
permute_copy = _copying("permute_copy", permute)
select_copy = _copying("select_copy", select)
slice_copy = _copying("slice_copy", _slice)
split_with_sizes_copy = _copying("split_with_sizes_copy", _with_sizes)
squeeze_copy = _copying("squeeze_copy", squeeze)
t_copy = _copying("t_copy", t)
transpose_copy = _copying("transpose_copy", transpose)
unbind_copy = _copying("unbind_copy", _unbound)
unfold_copy = _copying("unfold_copy", unfold)
unsqueeze_copy = _copying("unsqueeze_copy", unsqueeze)
view_copy = _copying("view_copy", view)
alias_copy = _copying("alias_copy", lambda input: input)
