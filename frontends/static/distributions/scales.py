"""The linear operators that scale vectors: diagonals, triangles and matrices of low rank, added."""

from __future__ import annotations

from typing import Any

from ..graphs.conversion import convert_to_tensor
from ..graphs.tensor import Tensor
from ..linear_operators.kinds import (
    LinearOperatorDiag,
    LinearOperatorIdentity,
    LinearOperatorLowerTriangular,
    LinearOperatorScaledIdentity,
)
from ..linear_operators.low_rank import LinearOperatorLowRankUpdate
from ..linear_operators.operator import LinearOperator
from ..operations.arrays import shape
from ..operations.checks import assert_none_equal, assert_positive
from ..operations.control import with_dependencies
from ..operations.matrices import matrix_band_part, matrix_diag_part, matrix_set_diag


def checked(x: Tensor, validate_args: bool, *, positive: bool = False, message: str | None = None) -> Tensor:
    """x, with `validate_args` after a check that no element is 0, or that all are positive."""
    if not validate_args:
        return x
    if positive:
        return with_dependencies([assert_positive(x, message=message or "diagonal part must be positive")], x)
    zero = convert_to_tensor(0, dtype=x.dtype.base_dtype)
    return with_dependencies([assert_none_equal(x, zero, message=message or "diagonal part must be non-zero")], x)


def check_perturbation(factor: Any, diag: Any) -> None:
    """Raises ValueError for the diagonal of an update without its factor."""
    if diag is not None and factor is None:
        raise ValueError("When scale_perturb_diag is specified, scale_perturb_factor must be specified.")


def linear_scale(
    loc: Tensor | None, diag: Any, multiplier: Any, tril: Any = None, factor: Any = None, perturb_diag: Any = None, *,
    validate_args: bool = False, positive: bool = False,
) -> LinearOperator:  # fmt: skip
    """The linear operator multiplier * I + diag + tril + factor perturb_diag factor^T, of those that are given, the
    identity for none; its size is that of `loc` where nothing else tells. Raises ValueError where `loc` does not tell
    either."""
    diag, multiplier, tril, factor, perturb_diag = (
        None if value is None else convert_to_tensor(value, name=what)
        for value, what in (
            (diag, "scale_diag"), (multiplier, "scale_identity_multiplier"), (tril, "scale_tril"),
            (factor, "scale_perturb_factor"), (perturb_diag, "scale_perturb_diag"),
        )
    )  # fmt: skip
    if tril is not None:
        scale: LinearOperator = _triangular(tril, diag, multiplier, validate_args, positive)
    else:
        scale = _diagonal(loc, diag, multiplier, factor, validate_args, positive)
    if factor is None:
        return scale
    return LinearOperatorLowRankUpdate(
        scale, factor, perturb_diag, is_diag_update_positive=perturb_diag is None, is_non_singular=True,
        is_self_adjoint=True, is_positive_definite=True, is_square=True,
    )  # fmt: skip


def _triangular(
    tril: Tensor, diag: Tensor | None, multiplier: Tensor | None, validate_args: bool, positive: bool
) -> LinearOperator:
    lower = matrix_band_part(tril, -1, 0)
    whole = matrix_diag_part(lower)
    if diag is not None:
        whole = whole + diag
    if multiplier is not None:
        whole = whole + multiplier[..., None]
    lower = matrix_set_diag(lower, checked(whole, validate_args, positive=positive))
    return LinearOperatorLowerTriangular(lower, True, False, positive)


def _diagonal(
    loc: Tensor | None, diag: Tensor | None, multiplier: Tensor | None, factor: Tensor | None, validate_args: bool,
    positive: bool,
) -> LinearOperator:  # fmt: skip
    if diag is not None:
        diag = diag if multiplier is None else diag + multiplier[..., None]
        return LinearOperatorDiag(checked(diag, validate_args, positive=positive), True, True, positive)
    if factor is not None:
        rows, dtype = factor.shape[-2].value or shape(factor)[-2], factor.dtype.base_dtype
    elif loc is not None:
        rows, dtype = loc.shape[-1].value or shape(loc)[-1], loc.dtype.base_dtype
    else:
        raise ValueError("Cannot infer `event_shape` unless `loc` or `shape_hint` is specified.")
    if multiplier is None:
        return LinearOperatorIdentity(rows, dtype=dtype)
    multiplier = checked(multiplier, validate_args, positive=positive)
    return LinearOperatorScaledIdentity(rows, multiplier, True, True, positive)
