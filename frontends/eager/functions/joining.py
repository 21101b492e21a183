"""Joining tensors, and parting one."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any

from diptych.functions import arrays
from diptych.ir import Builder, Value

from ..calling.autocasting import widest
from ..promotion import promoted
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .axes import counted
from .indexing import pieces, slices


@operation
def _cat(b: Builder, *rest: Any) -> Value:
    *values, dim = rest
    joined = promoted(b, *values, default=None)  # empty vectors fit anything, and count for the dtype alone
    return arrays.concatenate(b, [each for each in joined if each.shape != (0,)] or joined[:1], dim)


@operation
def _stack(b: Builder, *rest: Any) -> Value:
    *values, dim = rest
    return arrays.stack(b, promoted(b, *values, default=None), dim)


def _given(name: str, tensors: Any) -> list[Tensor]:
    """The tensors of a sequence. Raises TypeError for others."""
    if not isinstance(tensors, (tuple, list)):
        kind = type(tensors).__name__
        raise TypeError(f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not {kind}")
    for place, each in enumerate(tensors):
        if not isinstance(each, Tensor):
            raise TypeError(f"expected Tensor as element {place} in argument 0, but got {type(each).__name__}")
    return list(tensors)


@widest
def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors one after another along `dim`. Raises ValueError of none, RuntimeError where other sizes differ."""
    given = _given("cat", tensors)
    if not given:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    for place, each in enumerate(given):
        if not each.ndim:
            raise RuntimeError(f"zero-dimensional tensor (at position {place}) cannot be concatenated")
    counting = [(place, each.shape) for place, each in enumerate(given) if each.shape != (0,)]
    first = counting[0][1] if counting else given[0].shape
    axis = counted(dim, len(first))
    for place, shape in counting:
        if len(shape) != len(first):
            raise RuntimeError(f"Tensors must have same number of dimensions: got {len(first)} and {len(shape)}")
        for other, (wanted, size) in enumerate(zip(first, shape, strict=True)):
            if other != axis and wanted != size:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {axis}. Expected size {wanted} but got size "
                    f"{size} for tensor number {place} in the list."
                )
    return call(_cat, tuple(given), (axis,))


concat = concatenate = cat


@widest
def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors of one shape side by side along a new axis. Raises RuntimeError of none and of different shapes."""
    given = _given("stack", tensors)
    if not given:
        raise RuntimeError("stack expects a non-empty TensorList")
    for place, each in enumerate(given):
        if each.shape != given[0].shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(given[0].shape)} at entry 0 and "
                f"{list(each.shape)} at entry {place}"
            )
    return call(_stack, tuple(given), (counted(dim, given[0].ndim + 1),))


def split(tensor: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Views of pieces along `dim`: of a size each, or of the sizes given. Raises RuntimeError for sizes that do not
    fit."""
    if not tensor.ndim:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    axis = counted(dim, tensor.ndim)
    size = tensor.shape[axis]
    if isinstance(split_size_or_sections, (int, Tensor)):
        return pieces(tensor, axis, _even_sizes(size, index(split_size_or_sections)))
    sizes = list(split_size_or_sections)
    if any(each < 0 for each in sizes):
        raise RuntimeError(
            f"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={sizes}"
        )
    if sum(sizes) != size:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {size} (input tensor's size at dimension {dim}), "
            f"but got split_sizes={sizes}"
        )
    return pieces(tensor, axis, tuple(sizes))


def split_method(self: Tensor, split_size: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """As `torch.split`."""
    return split(self, split_size, dim)


def _even_sizes(size: int, step: int) -> tuple[int, ...]:
    if step < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={step}")
    if step == 0 and size:
        raise RuntimeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {size}")
    return tuple([min(step, size - start) for start in range(0, size, step)]) if size else (0,)


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` views of equal size along `dim`, the last perhaps smaller; just so many of no elements."""
    if not input.ndim:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks < 1:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    axis = counted(dim, input.ndim)
    size = input.shape[axis]
    return split(input, -(-size // chunks), axis) if size else pieces(input, axis, (0,) * chunks)


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along `dim`."""
    if not input.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return slices(input, counted(dim, input.ndim))
