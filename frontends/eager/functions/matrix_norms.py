"""Norms of vectors and matrices, as `torch.linalg` has them."""

from __future__ import annotations

import math
from typing import Any

from .. import dtypes as dtype_module
from ..calling.autocasting import full_precision_on_cuda
from ..tensors.tensor import Tensor
from .axes import Dims, counted
from .decompositions import svdvals
from .extremes import amax, amin
from .operands import tensors
from .ordering import abs
from .pointwise import cast
from .rearranging import movedim
from .reductions import norm as plain_norm
from .reductions import sum
from .shapes import reshape, unsqueeze


def _given(name: str, x: Tensor, dtype: Any) -> Tensor:
    target = dtype_module.chosen(name, dtype)
    if not x.dtype.ir.is_differentiable:
        raise RuntimeError(f"{name}: Expected a floating point or complex tensor as input. Got {x.dtype.scalar}")
    return x if target is None else cast(x, target)


@full_precision_on_cuda
def vector_norm(x: Tensor, ord: float = 2, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The norm of order `ord` over `dim`, or all: sum(|x|**ord)**(1/ord). Raises RuntimeError for integers."""
    (given,) = tensors("vector_norm", x=x)
    whole = _given("linalg.vector_norm", given, dtype)
    axes = None if dim is None or dim == () or dim == [] else dim
    if not whole.numel() and (ord < 0 or ord == math.inf):
        sizes = [
            whole.shape[counted(a, whole.ndim)]
            for a in ((axes,) if isinstance(axes, int) else axes or range(whole.ndim))
        ]
        if 0 in sizes:
            raise RuntimeError(
                f"linalg.vector_norm cannot compute the {ord:g} norm on an empty tensor because the operation does not "
                "have an identity"
            )
    return plain_norm(whole, ord, axes, keepdim)


@full_precision_on_cuda
def matrix_norm(
    A: Tensor, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """The norm of matrices in two axes: "fro", "nuc", or 1, -1, 2, -2, inf, -inf. Raises RuntimeError for others."""
    (given,) = tensors("matrix_norm", A=A)
    if given.ndim < 2:
        raise RuntimeError("linalg.matrix_norm: The input tensor A must have at least 2 dimensions.")
    dims = tuple(dim)
    if len(dims) != 2:
        raise RuntimeError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {' '.join(map(str, dims))}")
    whole = _given("linalg.matrix_norm", given, dtype)
    rows, columns = (counted(each, whole.ndim) for each in dims)
    if rows == columns:
        raise RuntimeError(f"linalg.matrix_norm: dims must be different. Got ({dims[0]}, {dims[1]})")
    if ord == "fro":
        return plain_norm(whole, 2, (rows, columns), keepdim)
    if ord in ("nuc", 2, -2):
        values = svdvals(movedim(whole, (rows, columns), (-2, -1)))
        found = sum(values, -1) if ord == "nuc" else amax(values, -1) if ord == 2 else amin(values, -1)
        if keepdim:
            for axis in sorted((rows, columns)):
                found = unsqueeze(found, axis)
        return found
    if isinstance(ord, str):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    if math.fabs(ord) not in (1, math.inf):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord:g} not supported.")
    summed, other = (rows, columns) if math.fabs(ord) == 1 else (columns, rows)
    totals = sum(abs(whole), summed, keepdim=True)
    found = (amax if ord > 0 else amin)(totals, other, keepdim=True)
    if keepdim:
        return found
    return reshape(found, [size for axis, size in enumerate(found.shape) if axis not in (rows, columns)])


def norm(A: Tensor, ord: Any = None, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """A matrix norm over two axes, a vector norm over one, or without `ord` the 2-norm of all."""
    (x,) = tensors("norm", A=A)
    if ord is not None:
        count = None if dim is None else 1 if isinstance(dim, int) else len(dim)
        if count is not None and count not in (1, 2):
            raise RuntimeError(
                f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got [{', '.join(map(str, dim))}]"
            )
        if count is None and x.ndim not in (1, 2):
            raise RuntimeError(
                f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {x.ndim}D."
            )
        if count == 2 or (count is None and x.ndim == 2):
            return matrix_norm(x, ord, (0, 1) if dim is None else dim, keepdim, dtype=dtype)
        if isinstance(ord, str):
            raise RuntimeError(f"linalg.norm: Order {ord} not supported for vectors")
    return vector_norm(x, 2 if ord is None else ord, dim, keepdim, dtype=dtype)
