"""tf.linalg: decompositions of matrices, and what is solved by them. Axes before the last two are a batch."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
from diptych.ir import Value

from ...functions import constants, linear_algebra, matrices, products
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import FLOATS, INDICES, INEXACT, DType, complex64, complex128, float32, float64, int32
from ..graphs.scopes import name_scope
from ..graphs.shapes import runtime_text
from ..graphs.site import Refusal, Site, known_shape, require_rank
from ..graphs.tensor import Tensor
from .arrays import expand_dims, squeeze
from .casting import cast, real
from .matrices import matrix_diag_part
from .products import matmul
from .reductions import reduced

WIDE = (float32, float64, complex64, complex128)


def _square(x: Value) -> None:
    """Raises Refusal where x is no stack of square matrices."""
    require_rank(x.shape, 2, f"Input tensor 0 must have rank >= 2, got {x.rank}", at_least=True)
    rows, columns = x.shape[-2:]
    if rows != columns:
        raise Refusal(
            f"Dimensions must be equal, but are {rows} and {columns}",
            f"Input matrix must be square, got {runtime_text(x.shape)}",
        )


def _check_finite(at: Site, x: Value, message: str) -> None:
    """A run raises InvalidArgumentError where some element is not finite: a decomposition failed."""
    finite = at.b.is_finite(at.b.abs(at.b.stop_gradient(x)))
    at.check(at.b.reduce_and(finite, axes=range(x.rank)), message)


def _check_pivots(at: Site, a: Value) -> None:
    """A run raises InvalidArgumentError where a matrix has no inverse."""
    b = at.b
    factors = b.lu(b.stop_gradient(a))[0]
    diagonal = matrices.diagonal_of(b, factors, known_shape(a)[-1])
    at.check(
        b.reduce_and(b.ne(diagonal, constants.filled_like(b, 0, diagonal)), axes=range(diagonal.rank)),
        "Input matrix is not invertible.",
    )


@operation("Cholesky", "input: T -> T", T=WIDE)
def lower_cholesky(at: Site, x: Value) -> Value:
    """The lower-triangular L with L L^H = x."""
    _square(x)
    found = at.b.cholesky(x)
    _check_finite(at, found, "Cholesky decomposition was not successful. The input might not be valid.")
    return found


@operation("MatrixDeterminant", "input: T -> T", T=WIDE)
def lower_determinant(at: Site, x: Value) -> Value:
    """The determinant."""
    _square(x)
    known_shape(x)
    return linear_algebra.determinant(at.b, x)


@operation("LogMatrixDeterminant", "input: T -> T, T", T=WIDE)
def lower_log_determinant(at: Site, x: Value) -> list[Value]:
    """The sign of the determinant, and the logarithm of its modulus."""
    _square(x)
    known_shape(x)
    sign, logarithm = linear_algebra.determinant_parts(at.b, x)
    return [sign, logarithm if logarithm.dtype is x.dtype else at.b.cast(logarithm, dtype=x.dtype)]


@operation("MatrixInverse", "input: T -> T", T=WIDE)
def lower_inverse(at: Site, x: Value, *, adjoint: bool = False) -> Value:
    """The inverse, or that of the adjoint."""
    _square(x)
    known_shape(x)
    _check_pivots(at, x)
    return linear_algebra.inverse(at.b, matrices.adjoint(at.b, x) if adjoint else x)


def _check_sides(matrix: Value, rhs: Value) -> None:
    _square(matrix)
    require_rank(rhs.shape, 2, f"Input tensor 1 must have rank >= 2, got {rhs.rank}", at_least=True)
    if matrix.shape[:-1] != rhs.shape[:-1]:
        raise Refusal(
            f"Dimensions must be equal, but are {matrix.shape[-2]} and {rhs.shape[-2]}",
            f"Input matrix and rhs are incompatible: {runtime_text(matrix.shape)} vs. {runtime_text(rhs.shape)}",
        )


@operation("MatrixSolve", "matrix: T, rhs: T -> T", T=WIDE)
def lower_solve(at: Site, matrix: Value, rhs: Value, *, adjoint: bool = False) -> Value:
    """X with matrix X = rhs."""
    _check_sides(matrix, rhs)
    known_shape(matrix)
    _check_pivots(at, matrix)
    return linear_algebra.solve(at.b, matrices.adjoint(at.b, matrix) if adjoint else matrix, rhs)


@operation("MatrixTriangularSolve", "matrix: T, rhs: T -> T", T=WIDE)
def lower_triangular_solve(at: Site, matrix: Value, rhs: Value, *, lower: bool = True, adjoint: bool = False) -> Value:
    """X with matrix X = rhs, of a triangular matrix."""
    _check_sides(matrix, rhs)
    diagonal = matrices.diagonal_of(at.b, at.b.stop_gradient(matrix), known_shape(matrix)[-1])
    nonzero = at.b.ne(diagonal, constants.filled_like(at.b, 0, diagonal))
    at.check(at.b.reduce_and(nonzero, axes=range(nonzero.rank)), "Input matrix is not invertible.")
    return at.b.triangular_solve(matrix, rhs, lower=lower, transform="adjoint" if adjoint else "none")


@operation("MatrixSolveLs", "matrix: T, rhs: T, l2_regularizer: float64 -> T", T=WIDE)
def lower_least_squares(at: Site, matrix: Value, rhs: Value, regularizer: Value, *, fast: bool = True) -> Value:
    """X that makes matrix X - rhs smallest: by Cholesky's decomposition of the normal equations where `fast`."""
    b = at.b
    rows, columns = known_shape(matrix)[-2:]
    if rhs.shape[:-1] != matrix.shape[:-1]:
        raise Refusal(f"Dimensions must be equal, but are {rows} and {rhs.shape[-2]}")
    turned = matrices.adjoint(b, matrix)
    if not fast:
        width = float(np.finfo(matrix.dtype.real.numpy).eps) * max(rows, columns)
        cutoff = constants.filled(b, width, matrix.shape[:-2], matrix.dtype.real)
        return products.matmul(b, linear_algebra.pseudo_inverse(b, matrix, cutoff), rhs)
    tall = rows >= columns
    gram = products.matmul(b, turned, matrix) if tall else products.matmul(b, matrix, turned)
    one = matrices.identity_matrix(b, gram.shape[:-2], gram.shape[-1], gram)
    weight = b.broadcast(b.cast(regularizer, dtype=gram.dtype), shape=gram.shape, axes=())
    factor = b.cholesky(b.add(gram, b.mul(one, weight)))
    _check_finite(at, factor, "Cholesky decomposition was not successful. The input might not be valid.")
    if tall:
        return linear_algebra.cholesky_solve(b, factor, products.matmul(b, turned, rhs))
    return products.matmul(b, turned, linear_algebra.cholesky_solve(b, factor, rhs))


@operation("SelfAdjointEigV2", "input: T -> T, T", T=WIDE)
def lower_eigh(at: Site, x: Value, *, compute_v: bool = True) -> list[Value]:
    """The eigenvalues in ascending order, and the eigenvectors as columns."""
    _square(x)
    values, vectors = at.b.eigh(matrices.from_lower_triangle(at.b, x))
    values = values if values.dtype is x.dtype else at.b.cast(values, dtype=x.dtype)
    return [values, vectors if compute_v else constants.filled(at.b, 0, (0,), x.dtype)]


@operation("Svd", "input: T -> T, T, T", T=WIDE)
def lower_svd(at: Site, x: Value, *, compute_uv: bool = True, full_matrices: bool = False) -> list[Value]:
    """The singular values, and the singular vectors of both sides as columns."""
    require_rank(x.shape, 2, at_least=True)
    rows, columns = known_shape(x)[-2:]
    if full_matrices and compute_uv and rows != columns:
        raise at.unsupported("tf.svd with full_matrices of matrices that are not square", "full_matrices=False")
    left, values, right = at.b.svd(x)
    values = values if values.dtype is x.dtype else at.b.cast(values, dtype=x.dtype)
    if not compute_uv:
        empty = constants.filled(at.b, 0, (0,), x.dtype)
        return [values, empty, at.b.identity(empty)]
    return [values, left, matrices.adjoint(at.b, right)]


@operation("Qr", "input: T -> T, T", T=WIDE)
def lower_qr(at: Site, x: Value, *, full_matrices: bool = False) -> list[Value]:
    """Q with orthonormal columns and an upper-triangular R, Q R = x."""
    require_rank(x.shape, 2, at_least=True)
    rows, columns = known_shape(x)[-2:]
    if full_matrices and rows > columns:
        raise at.unsupported("tf.qr with full_matrices of matrices with more rows than columns", "full_matrices=False")
    return list(at.b.qr(x))


@operation("Lu", "input: T -> T, output_idx_type", T=WIDE, output_idx_type=INDICES)
def lower_lu(at: Site, x: Value, *, output_idx_type: DType = int32) -> list[Value]:
    """L below the diagonal and U on and above it, and the order of the rows of x that they are the factors of."""
    _square(x)
    factors, _, order = at.b.lu(x)
    return [factors, order if output_idx_type is int32 else at.b.cast(order, dtype=output_idx_type.ir)]


@operation("MatrixExponential", "input: T -> T", T=WIDE)
def lower_exponential(at: Site, x: Value) -> Value:
    """exp of a matrix."""
    _square(x)
    return linear_algebra.exponential(at.b, x)


@operation("PseudoInverse", "input: T, rcond: T -> T", T=(float32, float64))
def lower_pseudo_inverse(at: Site, x: Value, rcond: Value) -> Value:
    """The inverse of Moore and Penrose."""
    wanted = x.shape[:-2]
    cutoff = at.b.broadcast(rcond, shape=wanted, axes=range(len(wanted) - rcond.rank, len(wanted)))
    return linear_algebra.pseudo_inverse(at.b, x, cutoff)


# -- what users call ----


@export("cholesky", "linalg.cholesky")
def cholesky(input: Any, name: str | None = None) -> Tensor:
    """The lower-triangular L with L L^H = input. Raises InvalidArgumentError in a run where there is none."""
    return apply("Cholesky", [input], name=name)


@export("cholesky_solve", "linalg.cholesky_solve")
def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Tensor:
    """X with A X = rhs, given chol, the Cholesky factor of A."""
    with name_scope(name, "cholesky_solve", [chol, rhs]):
        y = apply("MatrixTriangularSolve", [chol, rhs])
        return apply("MatrixTriangularSolve", [chol, y], adjoint=True)


@export("matrix_determinant", "linalg.det")
def matrix_determinant(input: Any, name: str | None = None) -> Tensor:
    """The determinants of square matrices."""
    return apply("MatrixDeterminant", [input], name=name)


SlogDet = namedtuple("LogMatrixDeterminant", ["sign", "log_abs_determinant"])


@export("linalg.slogdet")
def slogdet(input: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(sign, log |det|) of square matrices."""
    return SlogDet(*apply("LogMatrixDeterminant", [input], name=name))


@export("linalg.logdet")
def logdet(matrix: Any, name: str | None = None) -> Tensor:
    """The logarithm of the determinant of Hermitian positive-definite matrices."""
    with name_scope(name, "logdet", [matrix]):
        diagonal = real(matrix_diag_part(apply("Cholesky", [matrix])))
        return 2.0 * reduced("Sum", apply("Log", [diagonal]), [-1], False, None)


@export("matrix_inverse", "linalg.inv")
def matrix_inverse(input: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The inverses of square matrices. Raises InvalidArgumentError in a run where there is none."""
    return apply("MatrixInverse", [input], name=name, adjoint=adjoint)


@export("matrix_solve", "linalg.solve")
def matrix_solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """X with matrix X = rhs. Raises InvalidArgumentError in a run where the matrix has no inverse."""
    return apply("MatrixSolve", [matrix, rhs], name=name, adjoint=adjoint)


@export("matrix_triangular_solve", "linalg.triangular_solve")
def matrix_triangular_solve(
    matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """X with matrix X = rhs, of which the triangle below (or above) the diagonal alone is read."""
    return apply("MatrixTriangularSolve", [matrix, rhs], name=name, lower=lower, adjoint=adjoint)


@export("matrix_solve_ls", "linalg.lstsq")
def matrix_solve_ls(
    matrix: Any, rhs: Any, l2_regularizer: Any = 0.0, fast: bool = True, name: str | None = None
) -> Tensor:
    """X that makes |matrix X - rhs|**2 + l2_regularizer |X|**2 smallest."""
    return apply("MatrixSolveLs", [matrix, rhs, l2_regularizer], name=name, fast=fast)


@export("self_adjoint_eig", "linalg.eigh")
def self_adjoint_eig(tensor: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(e, v): the eigenvalues of Hermitian matrices in ascending order, and the eigenvectors as columns."""
    return tuple(apply("SelfAdjointEigV2", [tensor], name=name))


@export("self_adjoint_eigvals", "linalg.eigvalsh")
def self_adjoint_eigvals(tensor: Any, name: str | None = None) -> Tensor:
    """The eigenvalues of Hermitian matrices in ascending order."""
    return apply("SelfAdjointEigV2", [tensor], name=name, compute_v=False)[0]


@export("svd", "linalg.svd")
def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None) -> Any:
    """(s, u, v) with tensor = u diag(s) v^H, s in descending order; s alone without `compute_uv`."""
    s, u, v = apply("Svd", [tensor], name=name, full_matrices=full_matrices, compute_uv=compute_uv)
    return (real(s), u, v) if compute_uv else real(s)


Qr = namedtuple("Qr", ["q", "r"])


@export("qr", "linalg.qr")
def qr(input: Any, full_matrices: bool = False, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(q, r): orthonormal columns and an upper triangle whose product is `input`."""
    return Qr(*apply("Qr", [input], name=name, full_matrices=full_matrices))


Lu = namedtuple("Lu", ["lu", "p"])


@export("linalg.lu")
def lu(input: Any, output_idx_type: Any = int32, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(lu, p): both triangular factors in one matrix, and the order of rows with input[p] = L U."""
    return Lu(*apply("Lu", [input], name=name, output_idx_type=output_idx_type))


@export("linalg.expm")
def expm(input: Any, name: str | None = None) -> Tensor:
    """exp of square matrices. Raises ValueError for matrices of integers."""
    with name_scope(name, "matrix_exponential", [input]) as scope:
        x = convert_to_tensor(input, name="input")
        if x.dtype.base_dtype not in INEXACT:
            raise ValueError(f"tf.linalg.expm does not support matrices of type {x.dtype}")
        return apply("MatrixExponential", [x], name=scope)


@export("linalg.pinv")
def pinv(a: Any, rcond: Any = None, validate_args: bool = False, name: str | None = None) -> Tensor:
    """The inverse of Moore and Penrose: singular values up to rcond times the largest count as 0."""
    with name_scope(name or "pinv") as scope:
        x = convert_to_tensor(a, name="a")
        if x.dtype.base_dtype not in FLOATS:
            raise TypeError(f"Input `a` must have `float`-like `dtype` (saw {x.dtype.name}).")
        if rcond is None:
            sizes = [size or 1 for size in x.shape.as_list()[-2:]]
            rcond = 10.0 * max(sizes) * np.finfo(x.dtype.as_numpy_dtype).eps
        return apply("PseudoInverse", [x, convert_to_tensor(rcond, dtype=x.dtype.base_dtype, name="rcond")], name=scope)


@export("linalg.matvec")
def matvec(
    a: Any, b: Any, transpose_a: bool = False, adjoint_a: bool = False, a_is_sparse: bool = False,
    b_is_sparse: bool = False, name: str | None = None,
) -> Tensor:  # fmt: skip
    """The product of matrices [..., m, n] and vectors [..., n]."""
    with name_scope(name, "MatVec", [a, b]):
        column = expand_dims(b, axis=-1)
        return squeeze(matmul(a, column, transpose_a=transpose_a, adjoint_a=adjoint_a), axis=-1)


@export("linalg.matrix_rank")
def matrix_rank(a: Any, tol: Any = None, validate_args: bool = False, name: str | None = None) -> Tensor:
    """How many singular values are above `tol`, by default the largest times the longer side times epsilon."""
    with name_scope(name or "matrix_rank"):
        a = convert_to_tensor(a, name="a")
        values = svd(a, compute_uv=False)
        if tol is None:
            longest = max(size or 1 for size in a.shape.as_list()[-2:])
            eps = np.finfo(a.dtype.as_numpy_dtype).eps
            tol = eps * longest * reduced("Max", values, -1, True, None)
        return reduced("Sum", cast(values > tol, int32), -1, False, None)
