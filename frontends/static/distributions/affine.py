"""Affine bijectors, of scalars and of vectors."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import float32
from ..graphs.scopes import control_dependencies
from ..graphs.tensor import Tensor
from ..operations.arrays import shape
from ..operations.casting import cast
from .bijector import Bijector
from .bijectors import nothing
from .scales import check_perturbation, checked, linear_scale


def _log_abs(x: Tensor) -> Tensor:
    return apply("Log", [apply("Abs", [x])])


@export("contrib.distributions.bijectors.AffineScalar")
class AffineScalar(Bijector):
    """y = scale x + shift, element by element."""

    def __init__(
        self, shift: Any = None, scale: Any = None, validate_args: bool = False, name: str = "affine_scalar"
    ) -> None:
        self._shift = None if shift is None else convert_to_tensor(shift, name="shift")
        self._scale = None if scale is None else convert_to_tensor(scale, name="scale")
        super().__init__(None, True, validate_args, forward_min_event_ndims=0, name=name)

    @property
    def shift(self) -> Tensor | None:
        """What is added."""
        return self._shift

    @property
    def scale(self) -> Tensor | None:
        """What is multiplied with."""
        return self._scale

    def _forward(self, x: Tensor) -> Tensor:
        y = x if self._scale is None else x * self._scale
        return y if self._shift is None else y + self._shift

    def _inverse(self, y: Tensor) -> Tensor:
        x = y if self._shift is None else y - self._shift
        return x if self._scale is None else x / self._scale

    def _forward_log_det_jacobian(self, x: Tensor) -> Tensor:
        return nothing(x) if self._scale is None else _log_abs(self._scale)


@export("contrib.distributions.bijectors.AffineLinearOperator")
class AffineLinearOperator(Bijector):
    """y = A x + shift for vectors x, A a linear operator."""

    def __init__(
        self, shift: Any = None, scale: Any = None, validate_args: bool = False, name: str = "affine_linear_operator"
    ) -> None:
        self._shift = None if shift is None else convert_to_tensor(shift, name="shift")
        self._scale = scale
        super().__init__(None, True, validate_args, forward_min_event_ndims=1, name=name)

    @property
    def shift(self) -> Tensor | None:
        """What is added."""
        return self._shift

    @property
    def scale(self) -> Any:
        """The linear operator."""
        return self._scale

    def _checks(self) -> Any:
        """Operations of a run come after what checks that the operator has inverses, with `validate_args`."""
        return control_dependencies([self._scale.assert_non_singular()] if self._validate_args else [])

    def _forward(self, x: Tensor) -> Tensor:
        if self._scale is not None:
            with self._checks():
                x = self._scale.matvec(x)
        return x if self._shift is None else x + self._shift

    def _inverse(self, y: Tensor) -> Tensor:
        x = y if self._shift is None else y - self._shift
        return x if self._scale is None else self._scale.solvevec(x)

    def _forward_log_det_jacobian(self, x: Tensor) -> Tensor:
        if self._scale is None:
            return nothing(x)
        with self._checks():
            return self._scale.log_abs_determinant()


@export("contrib.distributions.bijectors.Affine")
class Affine(AffineLinearOperator):
    """y = A x + shift for vectors x, where A is a multiple of the identity plus a diagonal, a lower triangle, and
    U diag(scale_perturb_diag) U^T for U the `scale_perturb_factor`; the identity where none of them is given. Raises
    ValueError, TypeError."""

    def __init__(
        self, shift: Any = None, scale_identity_multiplier: Any = None, scale_diag: Any = None, scale_tril: Any = None,
        scale_perturb_factor: Any = None, scale_perturb_diag: Any = None, validate_args: bool = False,
        name: str = "affine",
    ) -> None:  # fmt: skip
        check_perturbation(scale_perturb_factor, scale_perturb_diag)
        shift = None if shift is None else convert_to_tensor(shift, name="shift")
        self._is_multiple = scale_diag is None and scale_tril is None and scale_perturb_factor is None
        if self._is_multiple:
            if scale_identity_multiplier is None:
                dtype = float32 if shift is None else shift.dtype.base_dtype
                scale: Any = convert_to_tensor(1.0, dtype=dtype)
            else:
                scale = convert_to_tensor(scale_identity_multiplier, name="identity_multiplier")
                message = "identity_multiplier should be non-zero."
                scale = checked(scale, validate_args, message=message)
        else:
            scale = linear_scale(
                shift, scale_diag, scale_identity_multiplier, scale_tril, scale_perturb_factor, scale_perturb_diag,
                validate_args=validate_args,
            )  # fmt: skip
            if shift is not None and shift.dtype.base_dtype is not scale.dtype:
                raise TypeError(
                    f"shift.dtype({shift.dtype}) is incompatible with scale.dtype({scale.dtype})."
                )  # fmt: skip
        super().__init__(shift, scale, validate_args, name)
        self._dtype = scale.dtype.base_dtype

    def _forward(self, x: Tensor) -> Tensor:
        if not self._is_multiple:
            return super()._forward(x)
        y = x * self._scale
        return y if self._shift is None else y + self._shift

    def _inverse(self, y: Tensor) -> Tensor:
        if not self._is_multiple:
            return super()._inverse(y)
        return (y if self._shift is None else y - self._shift) / self._scale

    def _forward_log_det_jacobian(self, x: Tensor) -> Tensor:
        if not self._is_multiple:
            return super()._forward_log_det_jacobian(x)
        return _log_abs(self._scale) * cast(shape(x)[-1], self._scale.dtype)
