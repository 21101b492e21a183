"""Methods that write what Python functions give of each element, or a diagonal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import inplace, steps, views
from .data import from_array
from .layout import Layout, layout_of
from .tensor import Tensor


def _written(self: Tensor, name: str, numbers: list[Any]) -> Tensor:
    if self.requires_grad:
        raise RuntimeError(f"Can't call {name}() on Variable that requires grad. Use var.detach().{name}() instead.")
    found = np.array(numbers).astype(self.dtype.ir.numpy).reshape(tuple(self.shape))
    views.overwrite(self, from_array(found, self.device))
    return self


def _numbers(x: Tensor) -> list[Any]:
    return np.asarray(x.detach()._array()).reshape(-1).tolist()


def apply_(self: Tensor, callable: Callable[[Any], Any]) -> Tensor:
    """Writes callable(element) in place of each element."""
    return _written(self, "apply_", [callable(each) for each in _numbers(self)])


def map_(self: Tensor, tensor: Tensor, callable: Callable[[Any, Any], Any]) -> Tensor:
    """Writes callable(element, other) for each element and that of a tensor which broadcasts to self's shape."""
    others = _numbers(tensor.expand(tuple(self.shape)))
    return _written(self, "map_", [callable(*each) for each in zip(_numbers(self), others, strict=True)])


def map2_(self: Tensor, x: Tensor, y: Tensor, callable: Callable[[Any, Any, Any], Any]) -> Tensor:
    """Writes callable(element, other, another) for each element and those of two tensors."""
    others = [_numbers(each.expand(tuple(self.shape))) for each in (x, y)]
    return _written(self, "map2_", [callable(*each) for each in zip(_numbers(self), *others, strict=True)])


def fill_diagonal_(self: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """Writes a number on the main diagonal, of more than two equal axes where all places are the same; with `wrap`, of
    a tall matrix again and again, a row left out between. Raises RuntimeError below rank 2 and for unequal axes."""
    if self.ndim < 2:
        raise RuntimeError("dimensions must larger than 1")
    if self.ndim > 2 and len(set(self.shape)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    layout = layout_of(self)
    step, count = sum(layout.strides), min(self.shape)
    inplace.check_writable(self)
    parts = [(layout.offset, count)]
    if wrap and self.ndim == 2 and self.shape[0] > self.shape[1] + 1:
        rows, columns = self.shape
        parts = [
            (layout.offset + first * layout.strides[0], min(columns, rows - first))
            for first in range(0, rows, columns + 1)
        ]
    for offset, size in parts:
        inplace.fill_(steps.as_strided_view(self, Layout((size,), (step,), offset)), fill_value)
    return self
