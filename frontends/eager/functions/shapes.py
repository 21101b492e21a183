"""Views: the same elements in another shape, order or number."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from diptych.functions.broadcasting import BroadcastError, broadcast_shapes

from ..calling.telling import warn_once
from ..dtypes import dtype as dtype_class
from ..tapes.recording import call
from ..tensors import view_steps, views
from ..tensors.creation import integers_of, is_size
from ..tensors.layout import layout_of, reshaped
from ..tensors.memory_formats import contiguous_format, preserve_format
from ..tensors.tensor import Tensor
from .axes import counted, reduced
from .operands import tensor
from .pointwise import clone


def _sizes(name: str, label: str, sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Sizes given one by one or as a sequence. Raises TypeError for what is no integer."""
    given: Any = sizes
    if len(sizes) == 1 and not is_size(sizes[0]):
        given = sizes[0]
        if not isinstance(given, (tuple, list)):
            kind = type(given).__name__
            raise TypeError(f"{name}(): argument '{label}' (position 2) must be tuple of ints, not {kind}")
    return integers_of(name, label, given)


def _resolved(input: Tensor, shape: tuple[int, ...]) -> tuple[int, ...]:
    """`shape` with its -1 replaced. Raises RuntimeError where it does not hold the input's elements."""
    count = input.numel()
    text = list(shape)
    for place, size in enumerate(shape):
        if size < -1:
            raise RuntimeError(f"invalid shape dimension {size} at index {place} of shape {text}")
    if shape.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    if -1 in shape:
        known = prod(size for size in shape if size != -1)
        if known == 0 and count == 0:
            raise RuntimeError(
                f"cannot reshape tensor of 0 elements into shape {text} because the unspecified dimension size -1 can "
                "be any value and is ambiguous"
            )
        if known == 0 or count % known:
            raise RuntimeError(f"shape '{text}' is invalid for input of size {count}")
        return tuple(count // known if size == -1 else size for size in shape)
    if prod(shape) != count:
        raise RuntimeError(f"shape '{text}' is invalid for input of size {count}")
    return shape


def _is_viewable(input: Tensor, shape: tuple[int, ...]) -> bool:
    is_row_by_row = input._view is None and input._storage.pinned is None
    return is_row_by_row or reshaped(layout_of(input), shape) is not None


def _reshaped(input: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The input in a shape of as many elements: a view wherever its elements lie so, otherwise of a copy."""
    if _is_viewable(input, shape):
        return views.view_of(input, view_steps.reshape, view_steps.reshape_write, (shape,))
    return call(view_steps.reshape, (input,), (shape,))


def reshape(input: Tensor, shape: Any) -> Tensor:
    """The same elements in another shape, one size of which may be -1; a view where PyTorch has one."""
    x = tensor("reshape", "input", 1, input)
    if not isinstance(shape, (tuple, list)):
        kind = type(shape).__name__
        raise TypeError(f"reshape(): argument 'shape' (position 2) must be tuple of ints, not {kind}")
    return _reshaped(x, _resolved(x, _sizes("reshape", "shape", (shape,))))


def reshape_method(self: Tensor, *sizes: Any, shape: Any = None) -> Tensor:
    """As `torch.reshape`; sizes may be given one by one."""
    return _reshaped(self, _resolved(self, _sizes("reshape", "shape", sizes if shape is None else (shape,))))


def view(self: Tensor, *sizes: Any, size: Any = None, dtype: dtype_class | None = None) -> Tensor:
    """A view in another shape, or of another dtype. Raises RuntimeError where the elements do not lie so that there is
    one."""
    if dtype is not None or (sizes and sizes[0].__class__ is dtype_class):
        from .bits import view_as_dtype

        return view_as_dtype(self, sizes[0] if dtype is None else dtype)
    wanted = _resolved(self, _sizes("view", "size", sizes if size is None else (size,)))
    if not _is_viewable(self, wanted):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            "contiguous subspaces). Use .reshape(...) instead."
        )
    return views.view_of(self, view_steps.reshape, view_steps.reshape_write, (wanted,))


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Axes start_dim to end_dim made one."""
    shape = tuple(input.shape)
    first, last = counted(start_dim, len(shape)), counted(end_dim, len(shape))
    if not shape:
        return _reshaped(input, (1,))
    if first > last:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if first == last:
        return input
    return _reshaped(input, (*shape[:first], prod(shape[first : last + 1]), *shape[last + 1 :]))


def contiguous(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """input itself where its elements lie side by side, otherwise a copy. Raises RuntimeError for a format that input
    cannot have."""
    if memory_format in (None, contiguous_format, preserve_format) and layout_of(input).is_contiguous:
        return input
    if memory_format is preserve_format:
        raise RuntimeError("preserve memory format is unsupported by the contiguous operator")
    return clone(input, memory_format=memory_format)


# -- axes in another order ----


def permute(input: Tensor, dims: Sequence[int]) -> Tensor:
    """Axes in another order."""
    given = _sizes("permute", "dims", (dims,))
    order = tuple(counted(dim, input.ndim) for dim in given)
    if len(order) != input.ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {input.ndim} is not equal to len(dims) = {len(order)}"
        )
    if len(set(order)) != len(order):
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return views.view_of(input, view_steps.permute, view_steps.permute_write, (order,))


def permute_method(self: Tensor, *axes: Any, dims: Any = None) -> Tensor:
    """As `torch.permute`; axes may be given one by one."""
    return permute(self, _sizes("permute", "dims", axes if dims is None else (dims,)))


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Axes dim0 and dim1 exchanged."""
    order = list(range(input.ndim))
    first, second = counted(dim0, input.ndim), counted(dim1, input.ndim)
    if order:
        order[first], order[second] = order[second], order[first]
    return views.view_of(input, view_steps.permute, view_steps.permute_write, (tuple(order),))


def t(input: Tensor) -> Tensor:
    """A matrix transposed; a vector or scalar as it is. Raises RuntimeError above rank 2."""
    if input.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.ndim}D")
    return transpose(input, 0, 1) if input.ndim == 2 else permute(input, range_of(input))


def range_of(input: Tensor) -> tuple[int, ...]:
    """The input's axes in order."""
    return tuple(range(input.ndim))


def reversed_axes(self: Tensor) -> Tensor:
    """Axes from last to first; warns unless there are two."""
    if self.ndim not in (0, 2):
        warn_once(
            "T",
            "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will "
            "throw an error in a future release. Consider `x.mT` to transpose batches of matrices or "
            "`x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor.",
        )
    return permute(self, range_of(self)[::-1])


def matrix_transposed(self: Tensor) -> Tensor:
    """The last two axes exchanged. Raises RuntimeError below rank 2."""
    if self.ndim < 2:
        raise RuntimeError(f"tensor.mT is only supported on matrices or batches of matrices. Got {self.ndim}-D tensor.")
    return transpose(self, -2, -1)


# -- axes of size 1 ----


def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """Without axes of size 1: all of them, or those in `dim` that are."""
    shape = tuple(input.shape)
    dropped = range(len(shape)) if dim is None else () if dim == () else reduced("squeeze", dim, len(shape))
    return _reshaped(input, tuple(size for axis, size in enumerate(shape) if axis not in dropped or size != 1))


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """With a new axis of size 1 at `dim`."""
    place = counted(dim, input.ndim + 1)
    if input.is_sparse:
        return view_steps.index.call_sparse((input,), ((*[("slice", None, None, None)] * place, None),))
    return _reshaped(input, (*input.shape[:place], 1, *input.shape[place:]))


# -- repeating without copies ----


def expand(input: Tensor, *sizes: Any, size: Any = None) -> Tensor:
    """Axes of size 1 repeated, without copying; -1 keeps a size."""
    wanted = _sizes("expand", "size", sizes if size is None else (size,))
    shape = tuple(input.shape)
    lead = len(wanted) - len(shape)
    if lead < 0:
        raise RuntimeError(
            f"expand({input.dtype.legacy_name}{{{list(shape)}}}, size={list(wanted)}): the number of sizes "
            f"provided ({len(wanted)}) must be greater or equal to the number of dimensions in the tensor "
            f"({len(shape)})"
        )
    for axis, size in enumerate(wanted[:lead]):
        if size < 0:
            raise RuntimeError(
                f"The expanded size of the tensor ({size}) isn't allowed in a leading, non-existing dimension {axis}"
            )
    full = tuple(shape[axis - lead] if size == -1 else size for axis, size in enumerate(wanted))
    for axis, size in reversed(list(enumerate(shape))):
        if size not in (1, full[axis + lead]) or full[axis + lead] < 0:
            raise RuntimeError(
                f"The expanded size of the tensor ({full[axis + lead]}) must match the existing size ({size}) at "
                f"non-singleton dimension {axis + lead}.  Target sizes: {list(full)}.  Tensor sizes: {list(shape)}"
            )
    return views.view_of(input, view_steps.expand, None, (full,))


def unfold(self: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """A view of windows of `size` elements along an axis, `step` apart: their elements are a new last axis. Raises
    RuntimeError for windows that do not fit."""
    for place, (label, value) in enumerate((("dimension", dimension), ("size", size), ("step", step)), 1):
        if not is_size(value):
            raise TypeError(f"unfold(): argument '{label}' (position {place}) must be int, not {type(value).__name__}")
    axis = counted(dimension, self.ndim)
    longest = self.shape[axis] if self.ndim else 1
    if size < 0:
        raise RuntimeError(f"size is {size} but must be >= 0")
    if size > longest:
        raise RuntimeError(f"maximum size for tensor at dimension {axis} is {longest} but size is {size}")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    if not self.ndim:
        single = _reshaped(self, (1,))
        return views.view_of(single, view_steps.index, view_steps.index_write, ((("slice", 0, int(size), None),),))
    return views.view_of(self, view_steps.slide, None, ((axis, int(size), int(step)),))


def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """As `expand`."""
    return expand(input, size)


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """All tensors expanded to their common shape. Raises RuntimeError where there is none."""
    try:
        shape = broadcast_shapes(*(tuple(each.shape) for each in tensors))
    except BroadcastError as error:
        axis = max(each.ndim for each in tensors) + error.axis
        raise RuntimeError(
            f"The size of tensor a ({error.left}) must match the size of tensor b ({error.right}) at non-singleton "
            f"dimension {axis}"
        ) from None
    return tuple(expand(each, shape) for each in tensors)
