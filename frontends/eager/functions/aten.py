"""What PyTorch's own code calls and has no public name: see `torch.ops.aten`."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

from ..dtypes import dtype as dtype_class
from ..tensors import views
from ..tensors.tensor import Tensor
from .axes import counted
from .indexing import getitem
from .joining import cat
from .logic import where
from .padding import pad
from .pointwise import cast, softmax
from .scattering import index_put, scatter_add


def slice(input: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Tensor:
    """The view of every step-th slice from start to before end along `dim`."""
    return getitem(input, (*[builtins.slice(None)] * counted(dim, input.ndim), builtins.slice(start, end, step)))


def softmax_backward_data(grad_output: Tensor, output: Tensor, dim: int, input_dtype: dtype_class) -> Tensor:
    """The gradient of softmax over `dim`, whose result was `output`."""
    weighted = grad_output * output
    return cast(weighted - output * weighted.sum(dim, keepdim=True), input_dtype)


def log_softmax_backward_data(grad_output: Tensor, output: Tensor, dim: int, input_dtype: dtype_class) -> Tensor:
    """The gradient of log_softmax over `dim`, whose result was `output`."""
    return cast(grad_output - output.exp() * grad_output.sum(dim, keepdim=True), input_dtype)


def safe_softmax(input: Tensor, dim: int, dtype: dtype_class | None = None) -> Tensor:
    """softmax over `dim`; 0 where all there is is -inf."""
    x = input if dtype is None else cast(input, dtype)
    nothing = (x == -float("inf")).all(dim, keepdim=True)
    return where(nothing, 0.0, softmax(where(nothing, 0.0, x), dim))


def native_dropout_backward(grad_output: Tensor, mask: Tensor, scale: float) -> Tensor:
    """The gradient of dropout, which kept what `mask` says, times `scale`."""
    return grad_output * (cast(mask, grad_output.dtype) * scale)


def max_pool2d_with_indices_backward(
    grad_output: Tensor, input: Tensor, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool,
    indices: Tensor,
) -> Tensor:  # fmt: skip
    """The gradient of max_pool2d, whose largest elements stood at `indices`, counted row by row."""
    zeros = input.new_zeros((*input.shape[:-2], input.shape[-2] * input.shape[-1]))
    found = scatter_add(zeros, -1, indices.flatten(-2), grad_output.flatten(-2)).reshape(tuple(input.shape))
    return views.with_history(found, input)


def chunk_cat(tensors: Sequence[Tensor], dim: int, num_chunks: int) -> Tensor:
    """Tensors cut into as many chunks along `dim`, filled up with 0, and put side by side: [..., chunks, elements].
    Raises RuntimeError for tensors that do not go together."""
    if not tensors:
        raise RuntimeError("_chunk_cat expects a non-empty input tensor list")
    if num_chunks < 1:
        raise RuntimeError("_chunk_cat expects positive num_chunks")
    if any(not each.numel() for each in tensors):
        raise RuntimeError("_chunk_cat expects non-empty tensor")
    if dim < 0:
        if len({each.ndim for each in tensors}) > 1:
            raise RuntimeError("_chunk_cat expects non-negative dim when input tensors have different ndims")
        dim += tensors[0].ndim
    if any(dim >= each.ndim for each in tensors):
        raise RuntimeError("_chunk_cat expects dim < ndim for all input tensors")
    if len({tuple(each.shape[:dim]) for each in tensors}) > 1:
        raise RuntimeError("_chunk_cat expects same sizes of 0,...,dim-1 dimensions for all tensors")
    return cat([_chunks(each, dim, num_chunks) for each in tensors], dim + 1)


def _chunks(x: Tensor, dim: int, count: int) -> Tensor:
    size = x.shape[dim]
    missing = -(-size // count) * count - size
    wide = pad(x, [0] * (2 * (x.ndim - 1 - dim)) + [0, missing])
    return wide.reshape((*x.shape[:dim], count, -1))


def unsafe_masked_index(input: Tensor, mask: Tensor, indices: Sequence[Tensor | None], fill: float) -> Tensor:
    """input[indices] where mask holds, and `fill` elsewhere, where indices may be anything."""
    return getitem(input, _clamped(input, indices)).masked_fill(~mask, fill)


def unsafe_masked_index_put_accumulate(
    input: Tensor, mask: Tensor, indices: Sequence[Tensor | None], values: Tensor
) -> Tensor:
    """input with the values added at the indices where mask holds; indices may be anything elsewhere."""
    places = list(_clamped(input, indices))
    return index_put(input, places, values.masked_fill(~mask, 0), True)


def _clamped(input: Tensor, indices: Sequence[Tensor | None]) -> tuple[Any, ...]:
    return tuple(
        builtins.slice(None) if each is None else each.clamp(-size, size - 1)
        for each, size in zip(indices, input.shape, strict=False)
    )
