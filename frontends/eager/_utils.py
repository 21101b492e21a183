"""`torch._utils`: what Python's own pickles of tensors call, which programs read with `pickle`, and tensors laid side
by side in one, which programs of mixed precision and of several processes do."""

from __future__ import annotations

from collections.abc import Iterable

from .functions.joining import cat, split
from .serialization.rebuilding import rebuild_parameter as _rebuild_parameter
from .serialization.rebuilding import rebuild_parameter_with_state as _rebuild_parameter_with_state
from .serialization.rebuilding import rebuild_tensor as _rebuild_tensor
from .serialization.rebuilding import rebuild_tensor_v2 as _rebuild_tensor_v2
from .tensors.tensor import Tensor

__all__ = [
    "_flatten_dense_tensors", "_rebuild_parameter", "_rebuild_parameter_with_state", "_rebuild_tensor",
    "_rebuild_tensor_v2", "_unflatten_dense_tensors",
]  # fmt: skip


def _flatten_dense_tensors(tensors: Iterable[Tensor]) -> Tensor:
    """All elements of the tensors in a vector, those of each behind those of the one before."""
    return cat([each.reshape(-1) for each in tensors])


def _unflatten_dense_tensors(flat: Tensor, tensors: Iterable[Tensor]) -> tuple[Tensor, ...]:
    """Views of `flat` of the tensors' shapes: what `_flatten_dense_tensors` made one of. Those without elements are
    new."""
    like = list(tensors)
    parts = split(flat, [each.numel() for each in like])
    return tuple(
        part.view(each.shape) if each.numel() else flat.new_empty(each.shape)
        for part, each in zip(parts, like, strict=True)
    )
