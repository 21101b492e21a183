"""Ranks, inverses of Moore and Penrose, and least squares of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.functions import matrices, products
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value

from ..tapes.mode import mode
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors import views
from ..tensors.data import from_array
from ..tensors.data import tensor as make
from ..tensors.tensor import Tensor
from .complexes import conj
from .decompositions import (
    eigh,
    matrix,
    svd,
    svdvals,
)
from .named_results import named
from .operands import tensors
from .products import matmul
from .shapes import reshape, squeeze, transpose, unsqueeze
from .solving import with_common_batch
from .statistics import count_nonzero

lstsq_result = named("linalg_lstsq", "solution residuals rank singular_values")

# -- operations: what is written as equations ----


@operation
def _followed(b: Builder, a: Value, inverse: Value) -> Value:
    """The inverse that was computed for a, as a function of it.

    With D = a - a0, whose value is 0, it is P + the integral of dP by D (Golub and Pereyra, 1973) on the way from a0 to
    a, here by the rule of the midpoint, so that second derivatives are right.
    """
    start = b.stop_gradient(a)
    d = b.sub(a, start)
    half = filled_like(b, 0.5, d)
    first = _differential(b, inverse, start, d)
    middle = b.add(inverse, b.mul(filled_like(b, 0.5, first), first))
    return b.add(inverse, _differential(b, middle, b.add(start, b.mul(half, d)), d))


def _differential(b: Builder, p: Value, a: Value, d: Value) -> Value:
    """-P D P + P P^H D^H (1 - A P) + (1 - P A) D^H P^H P."""
    turned = matrices.adjoint(b, d)
    product, adjoint = products.matmul, matrices.adjoint(b, p)
    left = product(b, product(b, p, adjoint), turned)
    right = product(b, turned, product(b, adjoint, p))
    outer = b.add(b.sub(left, product(b, product(b, left, a), p)), b.sub(right, product(b, p, product(b, a, right))))
    return b.sub(outer, product(b, product(b, p, d), p))


# -- functions: what users call ----


def _cutoffs(values: Tensor, size: int, atol: Any, rtol: Any) -> Tensor:
    """Up to which singular values count as 0: max(atol, rtol * the largest)."""
    from .arithmetic import mul
    from .extremes import amax
    from .ordering import maximum

    epsilon = float(np.finfo(values.dtype.ir.numpy).eps)
    is_given = atol is not None and not (isinstance(atol, (int, float)) and atol == 0)
    relative = rtol if rtol is not None else 0.0 if is_given else epsilon * size
    largest = amax(values, -1) if values.shape[-1] else make(np.zeros(tuple(values.shape[:-1])), dtype=values.dtype)
    bound = mul(largest, relative)
    if atol is None:
        return bound
    return maximum(bound, atol if isinstance(atol, Tensor) else make(float(atol), dtype=values.dtype))


def matrix_rank(A: Tensor, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None) -> Tensor:
    """How many singular values are above max(atol, rtol * the largest); `tol` is an atol for which rtol is 0."""
    from .logic import gt
    from .ordering import abs

    x = matrix("torch.linalg.matrix_rank", *tensors("matrix_rank", A=A), "input", square=hermitian)
    values = abs(eigh(x).eigenvalues) if hermitian else svdvals(x)
    if tol is not None:
        bound: Any = tol if isinstance(tol, Tensor) else make(float(tol), dtype=values.dtype)
    else:
        bound = _cutoffs(values, max(x.shape[-2:]), atol, rtol)
    return count_nonzero(gt(values, unsqueeze(bound, -1)), -1)


def pinv(A: Tensor, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None) -> Tensor:
    """The inverse of Moore and Penrose: singular values up to max(atol, rtol * the largest) count as 0. Has first and
    second derivatives, whatever the rank."""
    from .arithmetic import div, mul
    from .logic import gt, where
    from .ordering import abs

    x = matrix("linalg.pinv", *tensors("pinv", A=A), square=hermitian)
    if x.requires_grad and mode.enabled and x.numel():
        return call(_followed, (x, pinv(x.detach(), rcond, hermitian, atol=atol, rtol=rtol)))
    relative = rtol if rtol is not None else rcond
    if not x.numel():
        return views.with_history(make(np.zeros((*x.shape[:-2], x.shape[-1], x.shape[-2])), dtype=x.dtype), x)
    if hermitian:
        values, vectors = eigh(x)
        left, right, sizes = vectors, conj(transpose(vectors, -1, -2)), abs(values)
    else:
        left, values, right = svd(x, full_matrices=False)
        sizes = values
    large = gt(sizes, unsqueeze(_cutoffs(sizes.detach(), max(x.shape[-2:]), atol, relative), -1))
    inverted = where(large, div(1.0, where(large, values, 1.0)), 0.0)
    columns = mul(
        conj(transpose(right, -1, -2)), unsqueeze(inverted.type_as(right) if right.dtype.is_complex else inverted, -2)
    )
    return matmul(columns, conj(transpose(left, -1, -2)))


def lstsq(A: Tensor, B: Tensor, rcond: float | None = None, *, driver: str | None = None) -> Any:
    """(solution, residuals, rank, singular values) of least squares. Raises RuntimeError for shapes that do not fit."""
    x, rhs = tensors("lstsq", A=A, B=B)
    matrix("torch.linalg.lstsq", x, "input")
    if rhs.ndim < 1:
        raise RuntimeError("torch.linalg.lstsq: other must have at least 1 dimension.")
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError("torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)")
    vector = x.ndim - 1 == rhs.ndim and tuple(rhs.shape) == tuple(x.shape[:-1])
    wide = unsqueeze(rhs, -1) if vector else rhs
    if wide.ndim < 2 or x.shape[-2] != wide.shape[-2]:
        raise RuntimeError("torch.linalg.lstsq: input.size(-2) should match other.size(-2)")
    a, wide = with_common_batch(x, wide)
    found = matmul(pinv(a, rtol=rcond), wide)
    rows, columns = x.shape[-2:]
    nothing = from_array(np.zeros(0, x.dtype.ir.real.numpy), x.device)
    rank = from_array(np.zeros(0, np.int64), x.device)
    values = nothing
    chosen = driver or "gelsy"
    if chosen != "gels":
        rank = matrix_rank(a.detach(), rtol=rcond)
    if chosen in ("gelsd", "gelss"):
        values = svdvals(a.detach())
    residuals = reshape(found, (found.numel(),))[:0]
    if rows > columns and chosen != "gelsy":
        gap = matmul(a, found) - wide
        full_rank = chosen == "gels" or bool((rank == columns).all())
        if full_rank:
            residuals = (gap.abs() ** 2).sum(-2)
    return lstsq_result(squeeze(found, -1) if vector else found, residuals, rank, values)
