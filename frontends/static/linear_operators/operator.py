"""tf.linalg.LinearOperator: a batch of matrices [..., M, N] that are multiplied and solved with, without being made."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import DType, as_dtype, int32
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape, as_shape
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, shape, squeeze
from ..operations.casting import cast
from ..operations.checks import assert_equal, assert_less, assert_positive
from ..operations.linear_algebra import cholesky, matrix_determinant, matrix_solve, slogdet, svd
from ..operations.matrices import eye, matrix_diag_part, matrix_transpose
from ..operations.products import matmul
from ..operations.reductions import reduced


@export("linalg.LinearOperator")
class LinearOperator:
    """A batch of matrices. A subclass gives `_shape`, and `_to_dense` or `_matmul`; the rest follows, until it says
    something faster."""

    def __init__(
        self,
        dtype: Any,
        graph_parents: Any = None,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str | None = None,
    ) -> None:
        if is_positive_definite:
            if is_non_singular is False:
                raise ValueError("A positive definite matrix is always non-singular.")
            is_non_singular = True
        if is_non_singular:
            if is_square is False:
                raise ValueError("A non-singular matrix is always square.")
            is_square = True
        if is_self_adjoint:
            if is_square is False:
                raise ValueError("A self-adjoint matrix is always square.")
            is_square = True
        self._dtype = as_dtype(dtype).base_dtype
        self._is_square = is_square
        self._is_non_singular = is_non_singular
        self._is_self_adjoint = is_self_adjoint
        self._is_positive_definite = is_positive_definite
        self._graph_parents = list(graph_parents or [])
        self._name = name or type(self).__name__

    # -- what it is ----

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return self._dtype

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    @property
    def graph_parents(self) -> list[Any]:
        """The tensors that it is made of."""
        return self._graph_parents

    @property
    def is_non_singular(self) -> bool | None:
        """Whether all matrices have inverses, where that is known."""
        return self._is_non_singular

    @property
    def is_self_adjoint(self) -> bool | None:
        """Whether all matrices are their own adjoints, where that is known."""
        return self._is_self_adjoint

    @property
    def is_positive_definite(self) -> bool | None:
        """Whether all matrices are positive definite, where that is known."""
        return self._is_positive_definite

    @property
    def is_square(self) -> bool | None:
        """Whether the matrices are square, where that is known. Raises ValueError for a hint that they are not where
        they are."""
        rows, columns = self.range_dimension.value, self.domain_dimension.value
        found = None if rows is None or columns is None else rows == columns
        if self._is_square is False and found:
            raise ValueError("User set is_square hint to False, but the operator was square.")
        return found if self._is_square is None else self._is_square

    @property
    def shape(self) -> TensorShape:
        """[..., M, N], as far as that is known."""
        return as_shape(self._shape())

    @property
    def batch_shape(self) -> TensorShape:
        """[...], as far as that is known."""
        return self.shape[:-2]

    @property
    def tensor_rank(self) -> int | None:
        """How many axes there are."""
        return self.shape.ndims

    @property
    def domain_dimension(self) -> Any:
        """N."""
        return self.shape.dims[-1]

    @property
    def range_dimension(self) -> Any:
        """M."""
        return self.shape.dims[-2]

    def shape_tensor(self, name: str = "shape_tensor") -> Tensor:
        """[..., M, N] of a run."""
        with self._scope(name):
            if self.shape.is_fully_defined():
                return convert_to_tensor(self.shape.as_list(), dtype=int32)
            return self._shape_tensor()

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Tensor:
        """[...] of a run."""
        with self._scope(name):
            return self.shape_tensor()[:-2]

    def domain_dimension_tensor(self, name: str = "domain_dimension_tensor") -> Tensor:
        """N of a run."""
        with self._scope(name):
            return self.shape_tensor()[-1]

    def range_dimension_tensor(self, name: str = "range_dimension_tensor") -> Tensor:
        """M of a run."""
        with self._scope(name):
            return self.shape_tensor()[-2]

    def _scope(self, name: str) -> Any:
        return name_scope(f"{self._name}/{name}")

    # -- products ----

    def matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "matmul") -> Tensor:
        """A x for x [..., N, R], of the adjoints where wanted."""
        with self._scope(name):
            return self._matmul(convert_to_tensor(x, dtype=self.dtype, name="x"), adjoint, adjoint_arg)

    def matvec(self, x: Any, adjoint: bool = False, name: str = "matvec") -> Tensor:
        """A x for vectors x [..., N]."""
        with self._scope(name):
            x = convert_to_tensor(x, dtype=self.dtype, name="x")
            return squeeze(self._matmul(expand_dims(x, -1), adjoint, False), [-1])

    def __matmul__(self, other: Any) -> Tensor:
        return self.matmul(other)

    def solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "solve") -> Tensor:
        """X with A X = rhs, for rhs [..., M, R]. Raises NotImplementedError for what is singular or not square."""
        self._check_solvable()
        with self._scope(name):
            return self._solve(convert_to_tensor(rhs, dtype=self.dtype, name="rhs"), adjoint, adjoint_arg)

    def solvevec(self, rhs: Any, adjoint: bool = False, name: str = "solve") -> Tensor:
        """x with A x = rhs, for vectors rhs [..., M]."""
        with self._scope(name):
            rhs = convert_to_tensor(rhs, dtype=self.dtype, name="rhs")
            return squeeze(self.solve(expand_dims(rhs, -1), adjoint), [-1])

    def _check_solvable(self) -> None:
        if self.is_non_singular is False:
            raise NotImplementedError("Exact solve not implemented for an operator that is expected to be singular.")
        if self.is_square is False:
            raise NotImplementedError("Exact solve not implemented for an operator that is expected to not be square.")

    # -- what the matrices are on the whole ----

    def determinant(self, name: str = "det") -> Tensor:
        """The determinants."""
        with self._scope(name):
            return self._determinant()

    def log_abs_determinant(self, name: str = "log_abs_det") -> Tensor:
        """The logarithms of the absolute determinants."""
        with self._scope(name):
            return self._log_abs_determinant()

    def to_dense(self, name: str = "to_dense") -> Tensor:
        """The matrices themselves."""
        with self._scope(name):
            return self._to_dense()

    def diag_part(self, name: str = "diag_part") -> Tensor:
        """The diagonals."""
        with self._scope(name):
            return self._diag_part()

    def trace(self, name: str = "trace") -> Tensor:
        """The sums of the diagonals."""
        with self._scope(name):
            return reduced("Sum", self.diag_part(), -1, False, None)

    def add_to_tensor(self, x: Any, name: str = "add_to_tensor") -> Tensor:
        """A + x."""
        with self._scope(name):
            return self.to_dense() + convert_to_tensor(x, dtype=self.dtype, name="x")

    def assert_non_singular(self, name: str = "assert_non_singular") -> Operation:
        """An operation that fails where a matrix is singular, up to precision."""
        with self._scope(name):
            return self._assert_non_singular()

    def assert_positive_definite(self, name: str = "assert_positive_definite") -> Operation:
        """An operation that fails where a self-adjoint matrix is not positive definite. Raises NotImplementedError for
        others."""
        with self._scope(name):
            return self._assert_positive_definite()

    def assert_self_adjoint(self, name: str = "assert_self_adjoint") -> Operation:
        """An operation that fails where a matrix is not its own adjoint."""
        with self._scope(name):
            return self._assert_self_adjoint()

    # -- other operators ----

    def adjoint(self, name: str = "adjoint") -> LinearOperator:
        """The operator of the adjoints."""
        if self.is_self_adjoint:
            return self
        with self._scope(name):
            return self._adjoint()

    H = property(adjoint)

    def inverse(self, name: str = "inverse") -> LinearOperator:
        """The operator of the inverses. Raises ValueError for what is singular or not square."""
        if self.is_square is False:
            raise ValueError("Cannot take the Inverse: This operator represents a non square matrix.")
        if self.is_non_singular is False:
            raise ValueError("Cannot take the Inverse: This operator represents a singular matrix.")
        with self._scope(name):
            return self._inverse()

    def cholesky(self, name: str = "cholesky") -> LinearOperator:
        """The operator of the lower triangular L with A = L L^H. Raises ValueError unless A is known to be self-adjoint
        and positive definite."""
        if not self._can_use_cholesky():
            raise ValueError("Cannot take the Cholesky decomposition: Not a positive definite self adjoint matrix.")
        with self._scope(name):
            return self._cholesky()

    def _can_use_cholesky(self) -> bool:
        return bool(self.is_self_adjoint and self.is_positive_definite)

    # -- for subclasses ----

    def _shape(self) -> Any:
        raise NotImplementedError("_shape is not implemented.")

    def _shape_tensor(self) -> Tensor:
        return shape(self.to_dense())

    def _to_dense(self) -> Tensor:
        columns = self.domain_dimension.value
        return self.matmul(eye(self.domain_dimension_tensor() if columns is None else columns, dtype=self.dtype))

    def _matmul(self, x: Tensor, adjoint: bool, adjoint_arg: bool) -> Tensor:
        a, x = broadcast_batches(self._to_dense(), x)
        return matmul(a, x, adjoint_a=adjoint, adjoint_b=adjoint_arg)

    def _solve(self, rhs: Tensor, adjoint: bool, adjoint_arg: bool) -> Tensor:
        a, rhs = broadcast_batches(self._to_dense(), turned(rhs, adjoint_arg))
        return matrix_solve(a, rhs, adjoint=adjoint)

    def _determinant(self) -> Tensor:
        return matrix_determinant(self._to_dense())

    def _log_abs_determinant(self) -> Tensor:
        return slogdet(self._to_dense())[1]

    def _diag_part(self) -> Tensor:
        return matrix_diag_part(self._to_dense())

    def _assert_non_singular(self) -> Operation:
        if self._can_use_cholesky():
            return self.assert_positive_definite()
        values = svd(self.to_dense(), compute_uv=False)
        condition = reduced("Max", values, -1, False, None) / reduced("Min", values, -1, False, None)
        sizes = [cast(size, self.dtype) for size in (self.range_dimension_tensor(), self.domain_dimension_tensor())]
        largest = apply("Maximum", [apply("Maximum", sizes), 100.0]) * np.finfo(self.dtype.as_numpy_dtype).eps
        return assert_less(condition, 1.0 / largest, message="Singular matrix up to precision epsilon.")

    def _assert_positive_definite(self) -> Operation:
        if not self.is_self_adjoint:
            raise NotImplementedError("assert_positive_definite is not implemented.")
        roots = matrix_diag_part(cholesky(self.to_dense()))
        return assert_positive(roots, message="Matrix was not positive definite.")

    def _assert_self_adjoint(self) -> Operation:
        dense = self.to_dense()
        return assert_equal(dense, turned(dense, True), message="Matrix was not equal to its adjoint.")

    def _adjoint(self) -> LinearOperator:
        from .derived import LinearOperatorAdjoint

        return LinearOperatorAdjoint(self)

    def _inverse(self) -> LinearOperator:
        from .derived import LinearOperatorInversion

        return LinearOperatorInversion(self)

    def _cholesky(self) -> LinearOperator:
        from .kinds import LinearOperatorLowerTriangular

        return LinearOperatorLowerTriangular(cholesky(self.to_dense()), True, False, False, True)


def turned(x: Tensor, adjoint: bool) -> Tensor:
    """x, or its adjoint where that is wanted."""
    return matrix_transpose(x, conjugate=True) if adjoint else x


def broadcast_batches(a: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """Two batches of matrices with the same axes in front."""
    if a._dims is not None and x._dims is not None and a._dims[:-2] == x._dims[:-2]:
        return a, x
    of_a, of_x = (apply("ZerosLike", [each[..., :1, :1]]) for each in (a, x))
    return a + of_x, x + of_a
