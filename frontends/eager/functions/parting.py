"""Tensors taken apart, and sizes that broadcast."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from operator import index
from typing import Any

from diptych.ir import dtypes

from ..tensors import views
from ..tensors.creation import is_size
from ..tensors.tensor import Tensor
from .axes import counted
from .indexing import narrow
from .joining import split
from .operands import tensors
from .rearranging import integers
from .shapes import reshape

# -- taking apart ----


def tensor_split(
    input: Tensor, indices_or_sections: Any = None, dim: int = 0, *, indices: Any = None, sections: Any = None,
    tensor_indices_or_sections: Any = None,
) -> tuple[Tensor, ...]:  # fmt: skip
    """Views along `dim`: as many as a number says, the first ones longer by one, or between the places given."""
    (x,) = tensors("tensor_split", input=input)
    indices_or_sections = _first((indices_or_sections, indices, sections, tensor_indices_or_sections))
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


def _first(forms: tuple[Any, ...]) -> Any:
    """What was given under one of several names."""
    return next((each for each in forms if each is not None), None)


def _split_along(name: str, input: Tensor, forms: tuple[Any, ...], axis: int) -> tuple[Tensor, ...]:
    given = _first(forms)
    if is_size(given):
        sections, size = index(given), input.shape[axis]
        if sections == 0 or size % sections:
            raise RuntimeError(
                f"torch.{name} attempted to split along dimension {axis}, but the size of the dimension {size} is not "
                f"divisible by the split_size {sections}!"
            )
    return tensor_split(input, given, axis)


def hsplit(
    input: Tensor, indices_or_sections: Any = None, *, indices: Any = None, sections: Any = None
) -> tuple[Tensor, ...]:
    """Views along the second axis, or the first of a vector, as `tensor_split`, in equal parts."""
    (x,) = tensors("hsplit", input=input)
    if x.ndim < 1:
        raise RuntimeError(
            "torch.hsplit requires a tensor with at least 1 dimension, but got a tensor with 0 dimensions!"
        )
    return _split_along("hsplit", x, (indices_or_sections, indices, sections), 0 if x.ndim == 1 else 1)


def vsplit(
    input: Tensor, indices_or_sections: Any = None, *, indices: Any = None, sections: Any = None
) -> tuple[Tensor, ...]:
    """Views along the first axis, in equal parts."""
    (x,) = tensors("vsplit", input=input)
    if x.ndim < 2:
        raise RuntimeError(
            f"torch.vsplit requires a tensor with at least 2 dimension, but got a tensor with {x.ndim} dimensions!"
        )
    return _split_along("vsplit", x, (indices_or_sections, indices, sections), 0)


def dsplit(
    input: Tensor, indices_or_sections: Any = None, *, indices: Any = None, sections: Any = None
) -> tuple[Tensor, ...]:
    """Views along the third axis, in equal parts."""
    (x,) = tensors("dsplit", input=input)
    if x.ndim < 3:
        raise RuntimeError(
            f"torch.dsplit requires a tensor with at least 3 dimension, but got a tensor with {x.ndim} dimensions!"
        )
    return _split_along("dsplit", x, (indices_or_sections, indices, sections), 2)


def split_with_sizes(input: Tensor, split_sizes: Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Views of the sizes given along `dim`."""
    return split(*tensors("split_with_sizes", input=input), list(split_sizes), dim)


def unsafe_split(input: Tensor, split_size: int, dim: int = 0) -> tuple[Tensor, ...]:
    """As `split`, of views that may be written in place."""
    return _apart(split(*tensors("unsafe_split", input=input), split_size, dim))


def unsafe_chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """As `chunk`, of views that may be written in place."""
    from .joining import chunk

    return _apart(chunk(*tensors("unsafe_chunk", input=input), chunks, dim))


def _apart(parts: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Views that do not know of each other."""
    for part in parts:
        if part._view is not None:
            part._view.one_of = None
    return parts


def sum_to_size(self: Tensor, *sizes: Any, size: Any = None) -> Tensor:
    """The sum over the axes that broadcasting `size` to self's shape would repeat. Raises RuntimeError where it does
    not broadcast."""
    from .reductions import sum

    wanted = integers("sum_to_size", "size", sizes if size is None else (size,))
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
