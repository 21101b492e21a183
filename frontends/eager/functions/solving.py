"""Linear equations, inverses, determinants, ranks and powers of matrices; axes before the last two are a batch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.functions import linear_algebra
from diptych.ir import Builder, Value, dtypes

from ..tapes.batches import of_whole, whole
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors import views
from ..tensors.creation import eye
from ..tensors.data import tensor as make
from ..tensors.tensor import Tensor
from .complexes import conj
from .decompositions import (
    LinAlgError,
    check_square,
    first_wrong,
    inverse_result,
    lu_factor_ex,
    matrix,
    permutation_matrix,
    svdvals,
)
from .decompositions import _lu as lu_operation
from .named_results import named
from .operands import tensors
from .products import matmul
from .shapes import expand, reshape, squeeze, transpose, unsqueeze

solve_result = named("linalg_solve_ex", "result info")
slogdet_result = named("linalg_slogdet", "sign logabsdet")

# -- operations: what is written as equations ----


@operation
def _solve(b: Builder, a: Value, rhs: Value) -> Value:
    return linear_algebra.solve(b, a, rhs)


@operation
def _inverse(b: Builder, a: Value) -> Value:
    return linear_algebra.inverse(b, a)


@operation
def _determinant(b: Builder, a: Value) -> Value:
    return linear_algebra.determinant(b, a)


@operation
def _slogdet(b: Builder, a: Value) -> tuple[Value, Value]:
    return linear_algebra.determinant_parts(b, a)


@operation
def _exponential(b: Builder, a: Value) -> Value:
    """In double precision, since squaring multiplies what was lost."""
    wide = {dtypes.f32: dtypes.f64, dtypes.c64: dtypes.c128}.get(a.dtype)
    if wide is None:
        return linear_algebra.exponential(b, a)
    return b.cast(linear_algebra.exponential(b, b.cast(a, dtype=wide)), dtype=a.dtype)


@operation
def _triangular(b: Builder, a: Value, rhs: Value, lower: bool, left: bool, unit: bool) -> Value:
    return b.triangular_solve(a, rhs, lower=lower, left=left, unit_diagonal=unit)


# -- functions: what users call ----


def _check_regular(name: str, x: Tensor, what: str) -> np.ndarray:
    """Which diagonal elements of U are 0."""
    factors = call(lu_operation, (x.detach(),))[0]
    return np.diagonal(whole(factors)[0], axis1=-2, axis2=-1) == 0


def _refuse_singular(name: str, x: Tensor, what: str) -> None:
    if x.numel() and (wrong := _check_regular(name, x, what)).any():
        batch, place = first_wrong(wrong)
        raise LinAlgError(f"{name}: {batch}The {what} because the input matrix is singular.".format(place=place))


def inv(A: Tensor) -> Tensor:
    """The inverse. Raises LinAlgError for singular matrices."""
    x = matrix("linalg.inv", *tensors("inv", A=A), square=True)
    _refuse_singular("linalg.inv", x, "diagonal element {place} is zero, the inversion could not be completed")
    return call(_inverse, (x,)) if x.numel() else x.clone()


def inv_ex(A: Tensor, *, check_errors: bool = False) -> Any:
    """(inverse, info): info is 0, or the place of the first zero on the diagonal of U."""
    x = matrix("linalg.inv_ex", *tensors("inv_ex", A=A), square=True)
    if check_errors:
        _refuse_singular("linalg.inv_ex", x, "diagonal element {place} is zero, the inversion could not be completed")
    return inverse_result(call(_inverse, (x,)) if x.numel() else x.clone(), lu_factor_ex(x.detach()).info)


def _is_vector(x: Tensor, rhs: Tensor) -> bool:
    return rhs.ndim == 1 or (rhs.ndim == x.ndim - 1 and tuple(rhs.shape) == tuple(x.shape[:-1]))


def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """X with A X = B, or X A = B unless `left`; B is matrices, or vectors. Raises LinAlgError for singular A,
    RuntimeError for shapes that do not fit."""
    x, rhs = _solvable("linalg.solve", A, B, left)
    _refuse_singular("torch.linalg.solve", x, "solver failed")
    return _solved(x, rhs, left)


def solve_ex(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False) -> Any:
    """(X, info): info is 0, or the place of the first zero on the diagonal of U."""
    x, rhs = _solvable("linalg.solve_ex", A, B, left)
    if check_errors:
        _refuse_singular("linalg.solve_ex", x, "solver failed")
    return solve_result(_solved(x, rhs, left), lu_factor_ex(x.detach()).info)


def _solvable(name: str, A: Tensor, B: Tensor, left: bool) -> tuple[Tensor, Tensor]:
    x, rhs = tensors(name.removeprefix("linalg."), A=A, B=B)
    matrix("linalg.solve", x, square=True)
    if x.dtype is not rhs.dtype:
        raise RuntimeError(
            f"linalg.solve: Expected A and B to have the same dtype, but found A of type {x.dtype.scalar} and B of "
            f"type {rhs.dtype.scalar} instead"
        )
    vector = _is_vector(x, rhs)
    if vector and not left:
        raise RuntimeError(
            "linalg.solve: Vector broadcasting of the left hand side is not supported for left=False. In this "
            "case linalg.solve is equivalent to B / A.squeeze(-1)"
        )
    side = rhs.shape[-1] if vector or not left else rhs.shape[-2]
    if side != x.shape[-1]:
        raise RuntimeError(
            f"linalg.solve: Incompatible shapes of A and B for the equation {'AX = B' if left else 'XA = B'} "
            f"({x.shape[-2]}x{x.shape[-1]} and {side if vector else rhs.shape[-2]}x{1 if vector else rhs.shape[-1]})"
        )
    return x, rhs


def _solved(x: Tensor, rhs: Tensor, left: bool) -> Tensor:
    vector = _is_vector(x, rhs)
    wide = unsqueeze(rhs, -1) if vector else rhs
    if not left:
        return transpose(_solved(transpose(x, -1, -2), transpose(wide, -1, -2), True), -1, -2)
    a, wide = with_common_batch(x, wide)
    found = call(_solve, (a, wide)) if a.numel() and wide.numel() else views.with_history(wide.clone(), a)
    return squeeze(found, -1) if vector else found


def with_common_batch(a: Tensor, rhs: Tensor) -> tuple[Tensor, Tensor]:
    from diptych.functions.broadcasting import broadcast_shapes

    batch = broadcast_shapes(tuple(a.shape[:-2]), tuple(rhs.shape[:-2]))
    return expand(a, (*batch, *a.shape[-2:])), expand(rhs, (*batch, *rhs.shape[-2:]))


def solve_triangular(A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False) -> Tensor:
    """X with A X = B, or X A = B unless `left`, for triangular A, of which one triangle is read."""
    x, rhs = tensors("solve_triangular", A=A, B=B)
    matrix("linalg.solve_triangular", x, square=True)
    if rhs.ndim < 2:
        raise RuntimeError("linalg.solve_triangular: The input tensor B must have at least 2 dimensions.")
    if x.shape[-1] != rhs.shape[-2 if left else -1]:
        raise RuntimeError(
            "linalg.solve_triangular: Incompatible shapes of A and B for the equation "
            f"{'AX = B' if left else 'XA = B'} "
            f"({x.shape[-2]}x{x.shape[-1]} and {rhs.shape[-2]}x{rhs.shape[-1]})"
        )
    a, wide = with_common_batch(x, rhs)
    if not wide.numel():
        return views.with_history(wide.clone(), a)
    return call(_triangular, (a, wide), (not upper, left, unitriangular))


def det(A: Tensor) -> Tensor:
    """The determinant."""
    x = matrix("linalg.det", *tensors("det", A=A), square=True)
    if not x.numel():
        return views.with_history(make(np.ones(tuple(x.shape[:-2])), dtype=x.dtype), x)
    return call(_determinant, (x,))


def slogdet(A: Tensor) -> Any:
    """(sign, log |determinant|)."""
    x = matrix("linalg.slogdet", *tensors("slogdet", A=A), square=True)
    return slogdet_result(*call(_slogdet, (x,)))


def matrix_exp(A: Tensor) -> Tensor:
    """The matrix exponential."""
    x = matrix("linalg.matrix_exp", *tensors("matrix_exp", A=A), square=True)
    return call(_exponential, (x,)) if x.numel() else x.clone()


def matrix_power(A: Tensor, n: int) -> Tensor:
    """A @ A @ ... n times; of the inverse for n below 0. Raises RuntimeError for what are no square matrices."""
    (x,) = tensors("matrix_power", A=A)
    check_square("linalg.matrix_power", x)
    if n == 0:
        return views.with_history(expand(eye(x.shape[-1], dtype=x.dtype, device=x.device), tuple(x.shape)).clone(), x)
    base = inv(x) if n < 0 else x
    if abs(n) == 3:  # in this order, as PyTorch rounds
        return matmul(matmul(base, base), base)
    found: Tensor | None = None
    left = abs(n)
    while left:
        if left % 2:
            found = base if found is None else matmul(found, base)
        base = matmul(base, base) if left > 1 else base
        left //= 2
    assert found is not None
    return found.clone() if found is x else found


def multi_dot(tensors: Sequence[Tensor]) -> Tensor:
    """The product of several matrices, the first and the last perhaps vectors, in the cheapest order."""
    given = list(tensors)
    if len(given) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(given)}")
    for place, each in enumerate(given):
        wanted = (1, 2) if place in (0, len(given) - 1) else (2,)
        if each.ndim not in wanted:
            what = "1D or 2D" if len(wanted) > 1 else "2D"
            raise RuntimeError(f"multi_dot(): tensor {place} must be {what} but got {each.ndim}D")
        if each.dtype is not given[0].dtype:
            raise RuntimeError(
                f"multi_dot(): all tensors must have be the same dtype but tensor 0 is {given[0].dtype.scalar} "
                f"and tensor {place} {each.dtype.scalar}"
            )
    is_row, is_column = given[0].ndim == 1, given[-1].ndim == 1
    parts = list(given)
    parts[0] = unsqueeze(parts[0], 0) if is_row else parts[0]
    parts[-1] = unsqueeze(parts[-1], -1) if is_column else parts[-1]
    found = _cheapest(parts)
    found = squeeze(found, 0) if is_row else found
    return squeeze(found, -1) if is_column else found


def _cheapest(parts: list[Tensor]) -> Tensor:
    """By dynamic programming over where the last product is taken."""
    sizes = [parts[0].shape[0], *(part.shape[1] for part in parts)]
    costs: dict[tuple[int, int], tuple[float, int]] = {(place, place): (0, place) for place in range(len(parts))}
    for span in range(1, len(parts)):
        for start in range(len(parts) - span):
            stop = start + span
            costs[start, stop] = min(
                (costs[start, cut][0] + costs[cut + 1, stop][0] + sizes[start] * sizes[cut + 1] * sizes[stop + 1], cut)
                for cut in range(start, stop)
            )

    def product(start: int, stop: int) -> Tensor:
        if start == stop:
            return parts[start]
        cut = costs[start, stop][1]
        return matmul(product(start, cut), product(cut + 1, stop))

    return product(0, len(parts) - 1)


def tensorinv(A: Tensor, ind: int = 2) -> Tensor:
    """The inverse of A as a map from its last axes to its first `ind`."""
    (x,) = tensors("tensorinv", A=A)
    if ind <= 0:
        raise RuntimeError("Expected a strictly positive integer for 'ind'")
    left, right = tuple(x.shape[:ind]), tuple(x.shape[ind:])
    if math.prod(left) != math.prod(right):
        raise RuntimeError(
            f"Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got "
            f"{math.prod(right)} != {math.prod(left)}"
        )
    size = math.prod(left)
    return reshape(inv(reshape(x, (size, size))), (*right, *left))


def tensorsolve(A: Tensor, B: Tensor, dims: Any = None) -> Tensor:
    """X with tensordot(A, X) = B, after the axes `dims` of A are moved to its end."""
    x, rhs = tensors("tensorsolve", A=A, B=B)
    if dims is not None:
        axes = [dim % x.ndim for dim in dims]
        x = x.permute([axis for axis in range(x.ndim) if axis not in axes] + axes)
    shape = tuple(x.shape[rhs.ndim :])
    size = math.prod(shape)
    if size != rhs.numel():
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), "
            f"but got {size} != {rhs.numel()}"
        )
    return reshape(solve(reshape(x, (size, size)), reshape(rhs, (size,))), shape)


def cond(A: Tensor, p: Any = None) -> Tensor:
    """The condition number: the norm `p` of A times that of its inverse; for None, 2 and -2 of singular values."""
    from .matrix_norms import matrix_norm

    x = matrix("linalg.cond", *tensors("cond", A=A))
    if p in (None, 2, -2):
        values = svdvals(x)
        first, last = values[..., 0], values[..., -1]
        return last / first if p == -2 else first / last
    matrix("linalg.cond", x, square=True)
    found = call(_inverse, (x,))
    return matrix_norm(x, p) * matrix_norm(found, p)


def lu_solve(LU: Tensor, pivots: Tensor, B: Tensor, *, left: bool = True, adjoint: bool = False) -> Tensor:
    """X with A X = B, or X A = B, of the LU decomposition of A, or of its adjoint."""
    factors, rows, rhs = tensors("lu_solve", LU=LU, pivots=pivots, B=B)
    p, lower, upper = unpacked(factors, rows)
    product = matmul(matmul(p, lower), upper)
    if adjoint:
        product = conj(transpose(product, -1, -2))
    return _solved(product, rhs, left)


def unpacked(factors: Tensor, pivots: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(P, L, U) of both factors in one matrix and the pivots, rows from 1."""
    from .decompositions import _both_factors

    given, levels = whole(pivots)
    swaps = given - 1
    rows = factors.shape[-2]
    order = np.broadcast_to(np.arange(rows), (*swaps.shape[:-1], rows)).copy()
    count = math.prod(swaps.shape[:-1])
    flat, swapped = order.reshape(count, rows), swaps.reshape(count, swaps.shape[-1])
    for line, each in zip(flat, swapped, strict=True):
        for place, other in enumerate(each):
            line[place], line[other] = line[other], line[place]
    return permutation_matrix(of_whole(flat.reshape(order.shape), levels), factors), *_both_factors(factors)
