"""tf.linalg.LinearOperatorLowRankUpdate: a linear operator to which a matrix of low rank is added."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import int32
from ..graphs.tensor import Tensor
from ..operations.arrays import shape
from ..operations.joining import concat
from ..operations.linear_algebra import cholesky, cholesky_solve, matrix_determinant, matrix_solve
from ..operations.matrices import matrix_diag_part
from ..operations.products import matmul
from ..operations.rearranging import broadcast_dynamic_shape, broadcast_static_shape
from ..operations.reductions import reduced
from .kinds import LinearOperatorDiag, LinearOperatorIdentity
from .operator import LinearOperator, broadcast_batches


@export("linalg.LinearOperatorLowRankUpdate")
class LinearOperatorLowRankUpdate(LinearOperator):
    """A = L + U D V^H for a `base_operator` L [..., M, N], U [..., M, K], V [..., N, K], by default U, and the diagonal
    D of `diag_update` [..., K], by default ones. Solves by Woodbury's formula, with determinants by the matrix
    determinant lemma. Raises ValueError."""

    def __init__(
        self, base_operator: LinearOperator, u: Any, diag_update: Any = None, v: Any = None,
        is_diag_update_positive: bool | None = None, is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None, is_positive_definite: bool | None = None, is_square: bool | None = None,
        name: str = "LinearOperatorLowRankUpdate",
    ) -> None:  # fmt: skip
        dtype = base_operator.dtype
        if diag_update is None:
            if is_diag_update_positive is False:
                raise ValueError(
                    "Default diagonal is the identity, which is positive.  However, user set 'is_diag_update_positive' "
                    "to False."
                )
            is_diag_update_positive = True
        definite = base_operator.is_positive_definite and base_operator.is_self_adjoint
        self._use_cholesky = bool(definite and is_diag_update_positive and v is None)
        if base_operator.is_self_adjoint and v is None and not dtype.is_complex:
            if is_self_adjoint is False:
                raise ValueError(
                    "A = L + UDU^H, with L self-adjoint and D real diagonal.  Since UDU^H is self-adjoint, this must "
                    "be a self-adjoint operator."
                )
            is_self_adjoint = True
        if self._use_cholesky:
            if False in (is_positive_definite, is_self_adjoint, is_non_singular):
                raise ValueError("Arguments imply this is self-adjoint positive-definite operator.")
            is_positive_definite = is_self_adjoint = True
        self._base_operator = base_operator
        self._u = convert_to_tensor(u, dtype=dtype, name="u")
        self._v = self._u if v is None else convert_to_tensor(v, dtype=dtype, name="v")
        self._diag_update = None if diag_update is None else convert_to_tensor(diag_update, dtype, "diag_update")
        parents = [self._u, *([] if v is None else [self._v])]
        if self._diag_update is None:
            rank = self._u.shape[-1].value or shape(self._u)[-1]
            self._diag_operator: LinearOperator = LinearOperatorIdentity(rank, dtype=dtype)
        else:
            parents.append(self._diag_update)
            self._diag_operator = LinearOperatorDiag(self._diag_update, is_positive_definite=is_diag_update_positive)
        super().__init__(
            dtype, [*base_operator.graph_parents, *parents], is_non_singular, is_self_adjoint, is_positive_definite,
            is_square, name,
        )  # fmt: skip
        self._is_diag_update_positive = is_diag_update_positive
        self._check_shapes()

    def _check_shapes(self) -> None:
        both = broadcast_static_shape(self._u.shape, self._v.shape)
        batch = broadcast_static_shape(self._base_operator.batch_shape, both[:-2])
        self._base_operator.domain_dimension.assert_is_compatible_with(both[-2])
        if self._diag_update is not None:
            both[-1].assert_is_compatible_with(self._diag_update.shape[-1])
            broadcast_static_shape(batch, self._diag_update.shape[:-1])

    @property
    def base_operator(self) -> LinearOperator:
        """L."""
        return self._base_operator

    @property
    def u(self) -> Tensor:
        """U."""
        return self._u

    @property
    def v(self) -> Tensor:
        """V."""
        return self._v

    @property
    def diag_update(self) -> Tensor | None:
        """The diagonal of D, None for ones."""
        return self._diag_update

    @property
    def diag_operator(self) -> LinearOperator:
        """D."""
        return self._diag_operator

    @property
    def is_diag_update_positive(self) -> bool | None:
        """Whether D is known to be positive."""
        return self._is_diag_update_positive

    def _shape(self) -> Any:
        base = self._base_operator
        return broadcast_static_shape(base.batch_shape, self._u.shape[:-2]).concatenate(base.shape[-2:])

    def _shape_tensor(self) -> Tensor:
        base = self._base_operator.shape_tensor()
        batch = broadcast_dynamic_shape(base[:-2], shape(self._u, out_type=int32)[:-2])
        return concat([batch, base[-2:]], 0)

    def _matmul(self, x: Tensor, adjoint: bool, adjoint_arg: bool) -> Tensor:
        first, last = (self._v, self._u) if adjoint else (self._u, self._v)
        last, given = broadcast_batches(last, x)
        inner = self._diag_operator.matmul(matmul(last, given, adjoint_a=True, adjoint_b=adjoint_arg), adjoint)
        first, inner = broadcast_batches(first, inner)
        return self._base_operator.matmul(x, adjoint, adjoint_arg) + matmul(first, inner)

    def _to_dense(self) -> Tensor:
        u, inner = broadcast_batches(self._u, self._diag_operator.to_dense())
        left, v = broadcast_batches(matmul(u, inner), self._v)
        return self._base_operator.to_dense() + matmul(left, v, adjoint_b=True)

    def _capacitance(self) -> Tensor:
        """C = D^-1 + V^H L^-1 U."""
        v, solved = broadcast_batches(self._v, self._base_operator.solve(self._u))
        return self._diag_operator.inverse().to_dense() + matmul(v, solved, adjoint_a=True)

    def _determinant(self) -> Tensor:
        if self.is_positive_definite:
            return apply("Exp", [self.log_abs_determinant()])
        others = self._diag_operator.determinant() * self._base_operator.determinant()
        return matrix_determinant(self._capacitance()) * others

    def _log_abs_determinant(self) -> Tensor:
        others = self._diag_operator.log_abs_determinant() + self._base_operator.log_abs_determinant()
        if not self._use_cholesky:
            return apply("Log", [apply("Abs", [matrix_determinant(self._capacitance())])]) + others
        roots = matrix_diag_part(cholesky(self._capacitance()))
        return 2.0 * reduced("Sum", apply("Log", [roots]), [-1], False, None) + others

    def _solve(self, rhs: Tensor, adjoint: bool, adjoint_arg: bool) -> Tensor:
        """L^-1 rhs - L^-1 U C^-1 V^H L^-1 rhs, or of the adjoints where U and V change their places."""
        base = self._base_operator
        if base.is_non_singular is False:
            raise ValueError("Solve not implemented unless this is a perturbation of a non-singular LinearOperator.")
        u, v = (self._v, self._u) if adjoint else (self._u, self._v)
        solved = base.solve(rhs, adjoint, adjoint_arg)
        v, right = broadcast_batches(v, solved)
        capacitance, inner = broadcast_batches(self._capacitance(), matmul(v, right, adjoint_a=True))
        if self._use_cholesky:
            inner = cholesky_solve(cholesky(capacitance), inner)
        else:
            inner = matrix_solve(capacitance, inner, adjoint=adjoint)
        u, inner = broadcast_batches(u, inner)
        return solved - base.solve(matmul(u, inner), adjoint)
