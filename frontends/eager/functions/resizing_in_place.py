"""Tensors that get another size, or another storage, in place."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..storage import shown
from ..tapes.mode import no_grad
from ..tensors import steps
from ..tensors.data import from_array
from ..tensors.layout import Layout, layout_of, row_strides
from ..tensors.tensor import Tensor
from ..tensors.untyped_storage import AnyStorage
from .rearranging import integers


def resize_(self: Tensor, *sizes: Any, size: Any = None, memory_format: Any = None) -> Tensor:
    """Gives self other sizes: its storage's elements in order, zeros behind them where there are too few. Raises
    RuntimeError of a tensor that requires gradients."""
    wanted = integers("resize_", "size", sizes if size is None else (size,))
    if self.requires_grad:
        raise RuntimeError("cannot resize variables that require grad")
    if tuple(self.shape) == wanted:
        return self
    offset = layout_of(self).offset
    held = prod(self._storage.lazy.kind.shape)
    if offset + prod(wanted) > held:
        if self._storage.pinned is not None:
            raise RuntimeError("Trying to resize storage that is not resizable")
        grown = np.zeros(offset + prod(wanted), self.dtype.ir.numpy)
        with no_grad():
            base = Tensor._of(self._storage)
            grown[:held] = np.asarray(base._array()).reshape(-1)
        self._storage.lazy = from_array(grown, self.device)._storage.lazy
        self._storage.writes += 1
    _show(self, Layout(wanted, row_strides(wanted), offset))
    return self


def _show(self: Tensor, layout: Layout) -> None:
    """Makes self show its storage by a layout."""
    with no_grad():
        shown = steps.as_strided_view(Tensor._of(self._storage), layout)
    self._view = shown._view


def resize_as_(self: Tensor, the_template: Tensor, *, memory_format: Any = None) -> Tensor:
    """Gives self the sizes of another tensor."""
    return resize_(self, tuple(the_template.shape))


def set_(self: Tensor, source: Any = None, storage_offset: int = 0, size: Any = None, stride: Any = None) -> Tensor:
    """Makes self show what another tensor shows, and share its storage; or a storage, of which it shows the part that
    offset, sizes and strides tell; without source, nothing. Raises RuntimeError for another dtype."""
    if source is None:
        source = from_array(np.zeros(0, self.dtype.ir.numpy), self.device)
    if isinstance(source, AnyStorage):
        where = ()
        if size is not None:
            sizes = integers("set_", "size", (size,))
            where = (storage_offset, sizes, row_strides(sizes) if stride is None else tuple(stride))
        source = shown(source, self.dtype, self.dtype.native, *where)
    if source.dtype is not self.dtype:
        raise RuntimeError(
            f"Could not set tensor of type {source.dtype.native} to a tensor of type {self.dtype.native}"
        )
    self._storage, self._view = source._storage, source._view
    return self
