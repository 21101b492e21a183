"""Normal vectors."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..functions.decompositions import cholesky
from ..functions.matrices import cholesky_inverse
from ..functions.solving import solve_triangular
from ..functions.strided import diagonal
from ..tensors.creation import eye
from ..tensors.tensor import Tensor
from . import constraints
from .continuous import normal_draws
from .distribution import Distribution, lazy_property
from .distribution import shape_of_all as broadcast_shapes_of


class MultivariateNormal(Distribution):
    """Mean `loc` [..., n], and one of `covariance_matrix`, `precision_matrix` and its factor `scale_tril`
    [..., n, n]. Raises ValueError where not one of the three is given."""

    arg_constraints: ClassVar[dict[str, Any]] = {
        "loc": constraints.real_vector, "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite, "scale_tril": constraints.lower_cholesky,
    }  # fmt: skip
    event_axes: ClassVar[dict[str, Any]] = {
        "loc": 1, "covariance_matrix": 2, "precision_matrix": 2, "scale_tril": 2, "_unbroadcasted_scale_tril": 2,
    }  # fmt: skip
    support: Any = constraints.real_vector
    has_rsample = True

    def __init__(
        self,
        loc: Tensor,
        covariance_matrix: Tensor | None = None,
        precision_matrix: Tensor | None = None,
        scale_tril: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        if loc.ndim < 1:
            raise ValueError("loc must be at least one-dimensional.")
        given = {
            "covariance_matrix": covariance_matrix, "scale_tril": scale_tril, "precision_matrix": precision_matrix,
        }  # fmt: skip
        names = [name for name, each in given.items() if each is not None]
        if len(names) != 1:
            raise ValueError("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.")
        (name,) = names
        matrix = given[name]
        assert matrix is not None
        if matrix.ndim < 2:
            plural = " matrix" if name == "scale_tril" else ""
            raise ValueError(f"{name}{plural} must be at least two-dimensional, with optional leading batch dimensions")
        batch = broadcast_shapes_of(matrix.shape[:-2], loc.shape[:-1])
        self.__dict__[name] = matrix.expand((*batch, *matrix.shape[-2:]))
        self.loc = loc.expand((*batch, loc.shape[-1]))
        super().__init__(batch, self.loc.shape[-1:], validate_args=validate_args)

    @lazy_property
    def scale_tril(self) -> Tensor:
        """The lower-triangular factor of the covariances."""
        if "covariance_matrix" in self.__dict__:
            return cholesky(self.covariance_matrix)
        return factor_of_inverse(self.precision_matrix)

    @lazy_property
    def covariance_matrix(self) -> Tensor:
        """The covariances."""
        return self.scale_tril @ self.scale_tril.transpose(-1, -2)

    @lazy_property
    def precision_matrix(self) -> Tensor:
        """The inverse of the covariances."""
        return cholesky_inverse(self.scale_tril)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        return self.scale_tril.pow(2).sum(-1)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        drawn = normal_draws(self._extended_shape(sample_shape), self.loc)
        return self.loc + (self.scale_tril @ drawn.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value: Tensor) -> Tensor:
        self._check(value)
        distance = squared_distance(self.scale_tril, value - self.loc)
        half = diagonal(self.scale_tril, dim1=-2, dim2=-1).log().sum(-1)
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + distance) - half

    def entropy(self) -> Tensor:
        half = diagonal(self.scale_tril, dim1=-2, dim2=-1).log().sum(-1)
        return 0.5 * self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + half


def factor_of_inverse(matrix: Tensor) -> Tensor:
    """The lower-triangular factor of a matrix's inverse, by way of the factor from below."""
    inverse = _flipped(cholesky(_flipped(matrix))).transpose(-1, -2)
    unit = eye(inverse.shape[-1], dtype=inverse.dtype, device=inverse.device).expand(inverse.shape)
    return solve_triangular(inverse, unit, upper=False)


def squared_distance(factor: Tensor, difference: Tensor) -> Tensor:
    """difference^T (factor factor^T)^-1 difference."""
    shape = broadcast_shapes_of(factor.shape[:-2], difference.shape[:-1])
    wide = factor.expand((*shape, *factor.shape[-2:]))
    column = difference.expand((*shape, difference.shape[-1])).unsqueeze(-1)
    return solve_triangular(wide, column, upper=False).squeeze(-1).pow(2).sum(-1)


def _flipped(x: Tensor) -> Tensor:
    """The matrices, rows and columns in reverse."""
    from ..tensors.creation import arange

    order = arange(x.shape[-1] - 1, -1, -1, device=x.device)
    return x[..., order, :][..., order]
