"""Linear operators made of another: its adjoint, and its inverse."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.operation import Operation
from ..graphs.shapes import TensorShape
from ..graphs.tensor import Tensor
from ..operations.joining import concat
from .operator import LinearOperator, turned

_WORDS = {
    "is_square": "square", "is_non_singular": "non-singular", "is_self_adjoint": "self-adjoint",
    "is_positive_definite": "positive-definite",
}  # fmt: skip


def _combined(operator: LinearOperator, what: str, **hints: bool | None) -> dict[str, bool | None]:
    """The hints of an operator's adjoint or inverse, which are its own. Raises ValueError where they contradict."""
    found: dict[str, bool | None] = {}
    for name, given in hints.items():
        own = getattr(operator, name)
        if own is not None and given is not None and own != given:
            word = _WORDS[name]
            raise ValueError(f"An operator is {word} if and only if its {what} is {word}.")
        found[name] = given if own is None else own
    return found


class _OfOne(LinearOperator):
    """A linear operator that another one determines."""

    _operator: LinearOperator

    @property
    def operator(self) -> LinearOperator:
        """The other operator."""
        return self._operator

    def _assert_non_singular(self) -> Operation:
        return self._operator.assert_non_singular()

    def _assert_positive_definite(self) -> Operation:
        return self._operator.assert_positive_definite()

    def _assert_self_adjoint(self) -> Operation:
        return self._operator.assert_self_adjoint()


@export("linalg.LinearOperatorAdjoint")
class LinearOperatorAdjoint(_OfOne):
    """The adjoints of the matrices of another operator. Raises ValueError for hints that contradict its."""

    def __init__(
        self, operator: LinearOperator, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None, is_square: bool | None = None, name: str | None = None,
    ) -> None:  # fmt: skip
        self._operator = operator
        hints = _combined(
            operator, "adjoint", is_square=is_square, is_non_singular=is_non_singular, is_self_adjoint=is_self_adjoint,
            is_positive_definite=is_positive_definite,
        )  # fmt: skip
        super().__init__(operator.dtype, operator.graph_parents, name=name or f"{operator.name}_adjoint", **hints)

    def _shape(self) -> Any:
        sizes = self._operator.shape
        return sizes[:-2].concatenate(TensorShape([sizes[-1], sizes[-2]]))

    def _shape_tensor(self) -> Tensor:
        sizes = self._operator.shape_tensor()
        return concat([sizes[:-2], sizes[-1:], sizes[-2:-1]], -1)

    def _matmul(self, x: Tensor, adjoint: bool, adjoint_arg: bool) -> Tensor:
        return self._operator.matmul(x, not adjoint, adjoint_arg)

    def _solve(self, rhs: Tensor, adjoint: bool, adjoint_arg: bool) -> Tensor:
        return self._operator.solve(rhs, not adjoint, adjoint_arg)

    def _conjugate(self, x: Tensor) -> Tensor:
        return apply("Conj", [x]) if self.dtype.is_complex else x

    def _determinant(self) -> Tensor:
        return self._conjugate(self._operator.determinant())

    def _log_abs_determinant(self) -> Tensor:
        return self._operator.log_abs_determinant()

    def _diag_part(self) -> Tensor:
        return self._conjugate(self._operator.diag_part())

    def _to_dense(self) -> Tensor:
        return turned(self._operator.to_dense(), True)

    def _adjoint(self) -> LinearOperator:
        return self._operator


@export("linalg.LinearOperatorInversion")
class LinearOperatorInversion(_OfOne):
    """The inverses of the matrices of another operator. Raises ValueError for one that is singular or not square, and
    for hints that contradict its."""

    def __init__(
        self, operator: LinearOperator, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None, is_square: bool | None = None, name: str | None = None,
    ) -> None:  # fmt: skip
        self._operator = operator
        for what, own, given in (
            ("is_non_singular", operator.is_non_singular, is_non_singular),
            ("is_square", operator.is_square, is_square),
        ):
            if own is False or given is False:
                raise ValueError(
                    f"operator and supplied hints must have `{what}` equal to `True` or `None`.  Found {own}, {given}"
                )
        hints = _combined(
            operator, "inverse", is_square=is_square, is_non_singular=is_non_singular, is_self_adjoint=is_self_adjoint,
            is_positive_definite=is_positive_definite,
        )  # fmt: skip
        super().__init__(operator.dtype, operator.graph_parents, name=name or f"{operator.name}_inv", **hints)

    def _shape(self) -> Any:
        return self._operator.shape

    def _shape_tensor(self) -> Tensor:
        return self._operator.shape_tensor()

    def _matmul(self, x: Tensor, adjoint: bool, adjoint_arg: bool) -> Tensor:
        return self._operator.solve(x, adjoint, adjoint_arg)

    def _solve(self, rhs: Tensor, adjoint: bool, adjoint_arg: bool) -> Tensor:
        return self._operator.matmul(rhs, adjoint, adjoint_arg)

    def _determinant(self) -> Tensor:
        return 1.0 / self._operator.determinant()

    def _log_abs_determinant(self) -> Tensor:
        return -self._operator.log_abs_determinant()

    def _inverse(self) -> LinearOperator:
        return self._operator
