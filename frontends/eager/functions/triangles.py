"""Triangles of matrices: the elements on one side of a diagonal, and where they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value, dtypes

from .. import dtypes as dtype_module
from ..device import place_of
from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from .operands import tensors


def _triangle(name: str, *, lower: bool) -> Operation:
    def write(b: Builder, x: Value, diagonal: int) -> Value:
        row, column = (b.iota(shape=x.shape, axis=axis, dtype=dtypes.i64) for axis in (x.rank - 2, x.rank - 1))
        above = b.sub(column, row)
        edge = filled_like(b, diagonal, above)
        return b.select(b.le(above, edge) if lower else b.ge(above, edge), x, filled_like(b, 0, x))

    write.__name__ = name
    return operation(write)


_tril, _triu = _triangle("tril", lower=True), _triangle("triu", lower=False)


def _checked(name: str, input: Tensor) -> Tensor:
    (x,) = tensors(name, input=input)
    if x.ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")
    return x


def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """Matrices with zeros above a diagonal, which lies `diagonal` above the main one."""
    return call(_tril, (_checked("tril", input),), (diagonal,))


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """Matrices with zeros below a diagonal, which lies `diagonal` above the main one."""
    return call(_triu, (_checked("triu", input),), (diagonal,))


def tril_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None, layout: Any = None
) -> Tensor:
    """The places on and below a diagonal of a row x col matrix, row by row: [2, count]."""
    return _places("tril_indices", np.tril(np.ones(_sizes(row, col), bool), offset), dtype, device)


def triu_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None, layout: Any = None
) -> Tensor:
    """The places on and above a diagonal of a row x col matrix, row by row: [2, count]."""
    return _places("triu_indices", np.triu(np.ones(_sizes(row, col), bool), offset), dtype, device)


def _sizes(row: int, col: int) -> tuple[int, int]:
    for label, size in (("row", row), ("col", col)):
        if size < 0:
            raise RuntimeError(f"{label} must be non-negative, got{size}")
    return row, col


def _places(name: str, mask: np.ndarray, dtype: Any, device: Any) -> Tensor:
    place = place_of(device)
    target = dtype_module.chosen(name, dtype) or dtype_module.int64
    if target not in (dtype_module.int64, dtype_module.int32):
        raise RuntimeError(f"\"{name}\" not implemented for '{target.scalar}'")
    return from_array(np.stack(np.nonzero(mask)).astype(target.ir.numpy), place)
