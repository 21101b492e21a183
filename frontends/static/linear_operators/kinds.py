"""Linear operators: identities, diagonal, triangular and full matrices."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import float32, int32
from ..graphs.operation import Operation
from ..graphs.probe import known_integer
from ..graphs.shapes import TensorShape
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, shape
from ..operations.casting import abs as absolute
from ..operations.casting import cast, imag, real
from ..operations.checks import assert_equal, assert_positive
from ..operations.control import no_op
from ..operations.joining import concat
from ..operations.linear_algebra import matrix_triangular_solve
from ..operations.matrices import eye, matrix_band_part, matrix_diag, matrix_diag_part
from ..operations.ranges import ones, zeros
from ..operations.reductions import reduced
from .operator import LinearOperator, broadcast_batches, turned

_ZEROS = "Singular operator:  Diagonal contained zero values."


def _assert_real(elements: Tensor, message: str) -> Operation:
    if not elements.dtype.is_complex:
        return no_op("assert_zero_imag_part")
    part = imag(elements)
    return assert_equal(apply("ZerosLike", [part]), part, message=message)


def _of_diagonal(elements: Tensor, is_self_adjoint: bool | None) -> bool | None:
    """The hint of a diagonal operator."""
    if elements.dtype.is_complex:
        return is_self_adjoint
    if is_self_adjoint is False:
        raise ValueError("A real diagonal operator is always self adjoint.")
    return True


@export("linalg.LinearOperatorIdentity")
class LinearOperatorIdentity(LinearOperator):
    """Identity matrices of `num_rows` rows."""

    def __init__(
        self, num_rows: Any, batch_shape: Any = None, dtype: Any = None, is_non_singular: bool | None = True,
        is_self_adjoint: bool | None = True, is_positive_definite: bool | None = True, is_square: bool | None = True,
        assert_proper_shapes: bool = False, name: str = "LinearOperatorIdentity",
    ) -> None:  # fmt: skip
        for what, hint in (
            ("self adjoint", is_self_adjoint), ("non-singular", is_non_singular),
            ("positive-definite", is_positive_definite), ("square", is_square),
        ):  # fmt: skip
            if not hint:
                raise ValueError(f"An identity operator is always {what}.")
        super().__init__(
            dtype or float32, None, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name
        )  # fmt: skip
        self._num_rows = num_rows
        self._batch = [] if batch_shape is None else list(batch_shape)

    def _shape(self) -> Any:
        rows = known_integer(self._num_rows)
        return TensorShape([*self._batch, rows, rows])

    def _shape_tensor(self) -> Tensor:
        rows = convert_to_tensor([self._num_rows, self._num_rows], dtype=int32)
        return concat([convert_to_tensor(self._batch, dtype=int32), rows], 0)

    def _in_batch(self, x: Tensor) -> Tensor:
        return x + zeros([*self._batch, 1, 1], dtype=self.dtype) if self._batch else x

    def _matmul(self, x: Tensor, adjoint: bool, adjoint_arg: bool) -> Tensor:
        return self._in_batch(turned(x, adjoint_arg))

    def _solve(self, rhs: Tensor, adjoint: bool, adjoint_arg: bool) -> Tensor:
        return self._in_batch(turned(rhs, adjoint_arg))

    def _determinant(self) -> Tensor:
        return ones(self._batch, dtype=self.dtype)

    def _log_abs_determinant(self) -> Tensor:
        return zeros(self._batch, dtype=self.dtype)

    def _diag_part(self) -> Tensor:
        return ones([*self._batch, self._num_rows], dtype=self.dtype)

    def _to_dense(self) -> Tensor:
        return eye(self._num_rows, batch_shape=self._batch or None, dtype=self.dtype)

    def _assert_non_singular(self) -> Operation:
        return no_op("assert_non_singular")

    def _assert_positive_definite(self) -> Operation:
        return no_op("assert_positive_definite")

    def _assert_self_adjoint(self) -> Operation:
        return no_op("assert_self_adjoint")

    def _adjoint(self) -> LinearOperator:
        return self

    def _inverse(self) -> LinearOperator:
        return self

    def _cholesky(self) -> LinearOperator:
        return self


@export("linalg.LinearOperatorScaledIdentity")
class LinearOperatorScaledIdentity(LinearOperator):
    """Identity matrices times `multiplier` [...]."""

    def __init__(
        self, num_rows: Any, multiplier: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None, is_square: bool | None = True, assert_proper_shapes: bool = False,
        name: str = "LinearOperatorScaledIdentity",
    ) -> None:  # fmt: skip
        self._multiplier = convert_to_tensor(multiplier, name="multiplier")
        is_self_adjoint = _of_diagonal(self._multiplier, is_self_adjoint)
        if not is_square:
            raise ValueError("A ScaledIdentity operator is always square.")
        super().__init__(
            self._multiplier.dtype, [self._multiplier], is_non_singular, is_self_adjoint, is_positive_definite, True,
            name,
        )  # fmt: skip
        self._num_rows = num_rows

    @property
    def multiplier(self) -> Tensor:
        """What the identities are multiplied with."""
        return self._multiplier

    def _shape(self) -> Any:
        rows = known_integer(self._num_rows)
        return self._multiplier.shape.concatenate([rows, rows])

    def _shape_tensor(self) -> Tensor:
        rows = convert_to_tensor([self._num_rows, self._num_rows], dtype=int32)
        return concat([shape(self._multiplier), rows], 0)

    def _each(self) -> Tensor:
        return expand_dims(expand_dims(self._multiplier, -1), -1)

    def _matmul(self, x: Tensor, adjoint: bool, adjoint_arg: bool) -> Tensor:
        return turned(x, adjoint_arg) * turned(self._each(), adjoint)

    def _solve(self, rhs: Tensor, adjoint: bool, adjoint_arg: bool) -> Tensor:
        return turned(rhs, adjoint_arg) / turned(self._each(), adjoint)

    def _determinant(self) -> Tensor:
        return self._multiplier ** cast(self._num_rows, self.dtype)

    def _log_abs_determinant(self) -> Tensor:
        logs = apply("Log", [apply("Abs", [self._multiplier])])
        return logs * cast(self._num_rows, logs.dtype)

    def _diag_part(self) -> Tensor:
        return expand_dims(self._multiplier, -1) * ones([self._num_rows], dtype=self.dtype)

    def _to_dense(self) -> Tensor:
        return self._each() * eye(self._num_rows, dtype=self.dtype)

    def _assert_non_singular(self) -> Operation:
        return assert_positive(absolute(self._multiplier), message="LinearOperator was singular")

    def _assert_positive_definite(self) -> Operation:
        return assert_positive(real(self._multiplier), message="LinearOperator was not positive definite.")

    def _assert_self_adjoint(self) -> Operation:
        return _assert_real(self._multiplier, "LinearOperator was not self-adjoint")

    def _scaled(self, multiplier: Tensor) -> LinearOperator:
        return LinearOperatorScaledIdentity(
            self._num_rows, multiplier, self.is_non_singular, self.is_self_adjoint, self.is_positive_definite
        )

    def _adjoint(self) -> LinearOperator:
        return self._scaled(apply("Conj", [self._multiplier]))

    def _inverse(self) -> LinearOperator:
        return self._scaled(1.0 / self._multiplier)

    def _cholesky(self) -> LinearOperator:
        return self._scaled(apply("Sqrt", [self._multiplier]))


@export("linalg.LinearOperatorDiag")
class LinearOperatorDiag(LinearOperator):
    """Diagonal matrices of the diagonals `diag` [..., N]."""

    def __init__(
        self, diag: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None, is_square: bool | None = None, name: str = "LinearOperatorDiag",
    ) -> None:  # fmt: skip
        self._diag = convert_to_tensor(diag, name="diag")
        is_self_adjoint = _of_diagonal(self._diag, is_self_adjoint)
        if is_square is False:
            raise ValueError("Only square diagonal operators currently supported.")
        super().__init__(
            self._diag.dtype, [self._diag], is_non_singular, is_self_adjoint, is_positive_definite, True, name
        )  # fmt: skip

    @property
    def diag(self) -> Tensor:
        """The diagonals."""
        return self._diag

    def _shape(self) -> Any:
        sizes = self._diag.shape
        return sizes.concatenate(sizes[-1:])

    def _shape_tensor(self) -> Tensor:
        sizes = shape(self._diag)
        return concat([sizes, sizes[-1:]], 0)

    def _column(self, adjoint: bool) -> Tensor:
        diag = apply("Conj", [self._diag]) if adjoint and self.dtype.is_complex else self._diag
        return expand_dims(diag, -1)

    def _matmul(self, x: Tensor, adjoint: bool, adjoint_arg: bool) -> Tensor:
        return self._column(adjoint) * turned(x, adjoint_arg)

    def _solve(self, rhs: Tensor, adjoint: bool, adjoint_arg: bool) -> Tensor:
        return turned(rhs, adjoint_arg) * (1.0 / self._column(adjoint))

    def _determinant(self) -> Tensor:
        return reduced("Prod", self._diag, [-1], False, None)

    def _log_abs_determinant(self) -> Tensor:
        return reduced("Sum", apply("Log", [apply("Abs", [self._diag])]), [-1], False, None)

    def _diag_part(self) -> Tensor:
        return self._diag

    def _to_dense(self) -> Tensor:
        return matrix_diag(self._diag)

    def _assert_non_singular(self) -> Operation:
        return assert_positive(absolute(self._diag), message=_ZEROS)

    def _assert_positive_definite(self) -> Operation:
        entries = (
            "Diagonal operator had diagonal entries with non-positive real part"
            if self.dtype.is_complex
            else "Real diagonal operator had non-positive diagonal entries"
        )
        return assert_positive(real(self._diag), message=f"{entries}, thus was not positive definite.")

    def _assert_self_adjoint(self) -> Operation:
        message = "This diagonal operator contained non-zero imaginary values.   Thus it was not self-adjoint."
        return _assert_real(self._diag, message)

    def _with_diag(self, diag: Tensor) -> LinearOperator:
        return LinearOperatorDiag(diag, self.is_non_singular, self.is_self_adjoint, self.is_positive_definite, True)

    def _adjoint(self) -> LinearOperator:
        return self._with_diag(apply("Conj", [self._diag]))

    def _inverse(self) -> LinearOperator:
        return self._with_diag(1.0 / self._diag)

    def _cholesky(self) -> LinearOperator:
        return self._with_diag(apply("Sqrt", [self._diag]))


@export("linalg.LinearOperatorLowerTriangular")
class LinearOperatorLowerTriangular(LinearOperator):
    """Lower triangular matrices: of `tril` [..., N, N] the lower triangle."""

    def __init__(
        self, tril: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None, is_square: bool | None = None,
        name: str = "LinearOperatorLowerTriangular",
    ) -> None:  # fmt: skip
        if is_square is False:
            raise ValueError("Only square lower triangular operators supported at this time.")
        self._tril = convert_to_tensor(tril, name="tril")
        super().__init__(
            self._tril.dtype, [self._tril], is_non_singular, is_self_adjoint, is_positive_definite, True, name
        )  # fmt: skip

    def _shape(self) -> Any:
        return self._tril.shape

    def _shape_tensor(self) -> Tensor:
        return shape(self._tril)

    def _solve(self, rhs: Tensor, adjoint: bool, adjoint_arg: bool) -> Tensor:
        a, rhs = broadcast_batches(self._tril, turned(rhs, adjoint_arg))
        return matrix_triangular_solve(a, rhs, lower=True, adjoint=adjoint)

    def _determinant(self) -> Tensor:
        return reduced("Prod", self._diag_part(), [-1], False, None)

    def _log_abs_determinant(self) -> Tensor:
        return reduced("Sum", apply("Log", [apply("Abs", [self._diag_part()])]), [-1], False, None)

    def _diag_part(self) -> Tensor:
        return matrix_diag_part(self._tril)

    def _to_dense(self) -> Tensor:
        return matrix_band_part(self._tril, -1, 0)

    def _assert_non_singular(self) -> Operation:
        return assert_positive(absolute(self._diag_part()), message=_ZEROS)


@export("linalg.LinearOperatorFullMatrix")
class LinearOperatorFullMatrix(LinearOperator):
    """The matrices themselves [..., M, N]."""

    def __init__(
        self, matrix: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None, is_square: bool | None = None,
        name: str = "LinearOperatorFullMatrix",
    ) -> None:  # fmt: skip
        self._matrix = convert_to_tensor(matrix, name="matrix")
        super().__init__(
            self._matrix.dtype, [self._matrix], is_non_singular, is_self_adjoint, is_positive_definite, is_square, name
        )

    def _shape(self) -> Any:
        return self._matrix.shape

    def _shape_tensor(self) -> Tensor:
        return shape(self._matrix)

    def _to_dense(self) -> Tensor:
        return self._matrix
