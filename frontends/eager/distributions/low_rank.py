"""Normal vectors whose covariances are a matrix of low rank and a diagonal."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..functions.decompositions import cholesky
from ..functions.shapes import broadcast_tensors
from ..functions.solving import solve_triangular
from ..functions.strided import diag_embed, diagonal
from ..tensors.creation import eye
from ..tensors.tensor import Tensor
from . import constraints
from .continuous import normal_draws
from .distribution import Distribution, lazy_property
from .multivariate import squared_distance


def _product(matrix: Tensor, vector: Tensor) -> Tensor:
    return (matrix @ vector.unsqueeze(-1)).squeeze(-1)


class LowRankMultivariateNormal(Distribution):
    """Mean `loc` [..., n], covariances cov_factor cov_factor^T + diag(cov_diag) of cov_factor [..., n, m] and cov_diag
    [..., n]. Raises ValueError for shapes that do not fit."""

    arg_constraints: ClassVar[dict[str, Any]] = {
        "loc": constraints.real_vector, "cov_factor": constraints.independent(constraints.real, 2),
        "cov_diag": constraints.independent(constraints.positive, 1),
    }  # fmt: skip
    event_axes: ClassVar[dict[str, Any]] = {
        "loc": 1, "cov_factor": 2, "cov_diag": 1, "_capacitance": 2,
    }  # fmt: skip
    support: Any = constraints.real_vector
    has_rsample = True

    def __init__(self, loc: Tensor, cov_factor: Tensor, cov_diag: Tensor, validate_args: bool | None = None) -> None:
        if loc.ndim < 1:
            raise ValueError("loc must be at least one-dimensional.")
        event = loc.shape[-1:]
        if cov_factor.ndim < 2:
            raise ValueError("cov_factor must be at least two-dimensional, with optional leading batch dimensions")
        if cov_factor.shape[-2:-1] != event:
            raise ValueError(f"cov_factor must be a batch of matrices with shape {event[0]} x m")
        if cov_diag.shape[-1:] != event:
            raise ValueError(f"cov_diag must be a batch of vectors with shape {event}")
        try:
            wide = broadcast_tensors(loc.unsqueeze(-1), cov_factor, cov_diag.unsqueeze(-1))
        except RuntimeError:
            raise ValueError(
                f"Incompatible batch shapes: loc {loc.shape}, cov_factor {cov_factor.shape}, cov_diag {cov_diag.shape}"
            ) from None
        self.loc, self.cov_factor, self.cov_diag = wide[0][..., 0], wide[1], wide[2][..., 0]
        count = cov_factor.shape[-1]
        inner = (self.cov_factor.mT / self.cov_diag.unsqueeze(-2)) @ self.cov_factor
        self._capacitance = cholesky(inner + eye(count, dtype=loc.dtype, device=loc.device))
        super().__init__(self.loc.shape[:-1], event, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @lazy_property
    def variance(self) -> Tensor:
        """The variance of each element."""
        return self.cov_factor.pow(2).sum(-1) + self.cov_diag

    @lazy_property
    def scale_tril(self) -> Tensor:
        """The lower-triangular factor of the covariances."""
        root = self.cov_diag.sqrt().unsqueeze(-1)
        scaled = self.cov_factor / root
        return root * cholesky(scaled @ scaled.mT + eye(scaled.shape[-2], dtype=scaled.dtype, device=scaled.device))

    @lazy_property
    def covariance_matrix(self) -> Tensor:
        """The covariances."""
        return self.cov_factor @ self.cov_factor.mT + diag_embed(self.cov_diag)

    @lazy_property
    def precision_matrix(self) -> Tensor:
        """The inverse of the covariances."""
        half = self._whitened()
        return diag_embed(self.cov_diag.reciprocal()) - half.mT @ half

    def _whitened(self) -> Tensor:
        """A with A^T A what the factor takes from the inverse of the diagonal (Woodbury's identity)."""
        return solve_triangular(self._capacitance, self.cov_factor.mT / self.cov_diag.unsqueeze(-2), upper=False)

    def log_determinant(self) -> Tensor:
        """log |covariances|."""
        return 2 * diagonal(self._capacitance, dim1=-2, dim2=-1).log().sum(-1) + self.cov_diag.log().sum(-1)

    def distance(self, difference: Tensor) -> Tensor:
        """difference^T covariances^-1 difference."""
        inner = _product(self.cov_factor.mT / self.cov_diag.unsqueeze(-2), difference)
        return (difference.pow(2) / self.cov_diag).sum(-1) - squared_distance(self._capacitance, inner)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        shared = normal_draws((*shape[:-1], self.cov_factor.shape[-1]), self.loc)
        own = normal_draws(shape, self.loc)
        return self.loc + _product(self.cov_factor, shared) + self.cov_diag.sqrt() * own

    def log_prob(self, value: Tensor) -> Tensor:
        self._check(value)
        size = self._event_shape[0]
        return -0.5 * (size * math.log(2 * math.pi) + self.log_determinant() + self.distance(value - self.loc))

    def entropy(self) -> Tensor:
        return 0.5 * (self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + self.log_determinant())
