"""Distributions of matrices: of covariances, and of factors of correlations."""

from __future__ import annotations

import math
import warnings
from typing import Any, ClassVar

import numpy as np

from ..functions.decompositions import cholesky
from ..functions.elementary import mvlgamma
from ..functions.matrices import cholesky_inverse, cholesky_solve
from ..functions.solving import slogdet
from ..functions.strided import diag_embed, diagonal
from ..functions.triangles import tril
from ..size import Size
from ..tapes.mode import no_grad
from ..tensors.creation import arange, full
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from . import constraints
from .continuous import normal_draws
from .distribution import (
    Distribution,
    ExponentialFamily,
    broadcast_all,
    epsilon,
    lazy_property,
    least,
    shape_of_all,
)
from .gamma import Chi2
from .multivariate import factor_of_inverse
from .simplex import Beta


class Wishart(ExponentialFamily):
    """Sums of x x^T of normal vectors x, of `df` of them where that is a whole number, by their `covariance_matrix`,
    `precision_matrix` or its factor `scale_tril` [..., n, n]. Raises ValueError where df is not above n - 1, and
    AssertionError where not one of the three is given."""

    event_axes: ClassVar[dict[str, Any]] = {"df": 0}
    support: Any = constraints.positive_definite
    has_rsample = True

    def __init__(
        self,
        df: Any,
        covariance_matrix: Tensor | None = None,
        precision_matrix: Tensor | None = None,
        scale_tril: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        given = {
            "covariance_matrix": covariance_matrix, "precision_matrix": precision_matrix, "scale_tril": scale_tril,
        }  # fmt: skip
        names = [name for name, each in given.items() if each is not None]
        assert len(names) == 1, "Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified."
        (name,) = names
        matrix = given[name]
        assert matrix is not None
        if matrix.ndim < 2:
            raise ValueError("scale_tril must be at least two-dimensional, with optional leading batch dimensions")
        batch = Size(matrix.shape[:-2])
        if isinstance(df, Tensor):
            batch = shape_of_all(batch, df.shape)
            self.df = df.expand(batch)
        else:
            self.df = full((), df, dtype=matrix.dtype, device=matrix.device)
        size = matrix.shape[-1]
        if bool((self.df <= size - 1).any()):
            raise ValueError(f"Value of df={df} expected to be greater than ndim - 1 = {size - 1}.")
        self.__dict__[name] = matrix.expand((*batch, *matrix.shape[-2:]))
        if bool((self.df < size).any()):
            warnings.warn(
                "Low df values detected. Singular samples are highly likely to occur for ndim - 1 < df < ndim.",
                stacklevel=2,
            )
        super().__init__(batch, matrix.shape[-2:], validate_args=validate_args)
        counts = self.df.unsqueeze(-1) - arange(size, dtype=matrix.dtype, device=matrix.device)
        self._chi2 = Chi2(counts.expand((*batch, size)))

    @property
    def arg_constraints(self) -> dict[str, Any]:
        """The matrices positive-definite, df large enough."""
        return {
            "covariance_matrix": constraints.positive_definite, "precision_matrix": constraints.positive_definite,
            "scale_tril": constraints.lower_cholesky, "df": constraints.greater_than(self._event_shape[-1] - 1),
        }  # fmt: skip

    def _expanded_part(self, name: str, part: Distribution, shape: Size) -> Distribution:
        return part.expand((*shape, self._event_shape[-1]))

    @lazy_property
    def scale_tril(self) -> Tensor:
        """The lower-triangular factor of the covariances."""
        if "covariance_matrix" in self.__dict__:
            return cholesky(self.covariance_matrix)
        return factor_of_inverse(self.precision_matrix)

    @lazy_property
    def covariance_matrix(self) -> Tensor:
        """The covariances of the vectors."""
        return self.scale_tril @ self.scale_tril.mT

    @lazy_property
    def precision_matrix(self) -> Tensor:
        """The inverse of the covariances."""
        return cholesky_inverse(self.scale_tril)

    def _counts(self) -> Tensor:
        return self.df.reshape((*self.df.shape, 1, 1))

    @property
    def mean(self) -> Tensor:
        return self._counts() * self.covariance_matrix

    @property
    def mode(self) -> Tensor:
        factor = self._counts() - self._event_shape[-1] - 1
        return factor.masked_fill(factor <= 0, math.nan) * self.covariance_matrix

    @property
    def variance(self) -> Tensor:
        covariance = self.covariance_matrix
        own = diagonal(covariance, dim1=-2, dim2=-1)
        return self._counts() * (covariance.pow(2) + own.unsqueeze(-1) * own.unsqueeze(-2))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """By the factor (Bartlett, 1933)."""
        shape = self._extended_shape(sample_shape)
        lengths = self._chi2.rsample(sample_shape).sqrt().clamp(min=epsilon(self.scale_tril))
        factor = self.scale_tril @ (tril(normal_draws(shape, self.scale_tril), -1) + diag_embed(lengths))
        return factor @ factor.mT

    def half_log_determinant(self) -> Tensor:
        """log |covariances| / 2."""
        return diagonal(self.scale_tril, dim1=-2, dim2=-1).log().sum(-1)

    def log_prob(self, value: Tensor) -> Tensor:
        self._check(value)
        size = self._event_shape[-1]
        wide = shape_of_all(value.shape, self.scale_tril.shape)
        turned = cholesky_solve(value.expand(wide), self.scale_tril.expand(wide))
        return (
            -self.df * (size * math.log(2) / 2 + self.half_log_determinant()) - mvlgamma(self.df / 2, size)
            + (self.df - size - 1) / 2 * slogdet(value)[1] - diagonal(turned, dim1=-2, dim2=-1).sum(-1) / 2
        )  # fmt: skip

    def mean_digamma(self) -> Tensor:
        """The multivariate digamma function of df / 2."""
        size = self._event_shape[-1]
        return (
            ((self.df / 2).unsqueeze(-1) - arange(size, dtype=self.df.dtype, device=self.df.device) / 2)
            .digamma()
            .sum(-1)
        )

    def entropy(self) -> Tensor:
        size = self._event_shape[-1]
        return (
            (size + 1) * (size * math.log(2) / 2 + self.half_log_determinant()) + mvlgamma(self.df / 2, size)
            - (self.df - size - 1) / 2 * self.mean_digamma() + self.df * size / 2
        )  # fmt: skip


class LKJCholesky(Distribution):
    """Cholesky factors of `dim` x `dim` matrices of correlations with densities in proportion to |matrix| **
    (concentration - 1) (Lewandowski, Kurowicka and Joe, 2009). Raises ValueError for fewer than 2 dimensions."""

    arg_constraints: ClassVar[dict[str, Any]] = {"concentration": constraints.positive}
    event_axes: ClassVar[dict[str, Any]] = {"concentration": 0}
    support: Any = constraints.corr_cholesky

    def __init__(self, dim: int, concentration: Any = 1.0, validate_args: bool | None = None) -> None:
        if dim < 2:
            raise ValueError(f"Expected dim to be an integer greater than or equal to 2. Found dim={dim}.")
        self.dim = dim
        (self.concentration,) = broadcast_all(concentration)
        before = from_array(
            np.maximum(np.arange(dim) - 1, 0).astype(self.concentration.dtype.ir.numpy), self.concentration.device
        )
        marginal = self.concentration + 0.5 * (dim - 2)
        self._beta = Beta(before + 0.5, marginal.unsqueeze(-1) - 0.5 * before)
        super().__init__(self.concentration.shape, (dim, dim), validate_args)

    def _expanded_part(self, name: str, part: Distribution, shape: Size) -> Distribution:
        return part.expand((*shape, self.dim))

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Row by row: how long its part below the diagonal is, and where on the sphere it points (the onion method)."""
        with no_grad():
            squared = self._beta.sample(sample_shape).unsqueeze(-1)
            drawn = tril(normal_draws(self._extended_shape(sample_shape), squared), -1)
            length = drawn.pow(2).sum(-1, keepdim=True).sqrt()
            direction = drawn / length.masked_fill(length == 0, 1)
            below = squared.sqrt() * direction
            rest = (1 - below.pow(2).sum(-1)).clamp(min=least(below)).sqrt()
            return below + diag_embed(rest)

    def log_prob(self, value: Tensor) -> Tensor:
        self._check(value)
        logs = diagonal(value, dim1=-1, dim2=-2)[..., 1:].log()
        power = (
            2 * (self.concentration - 1).unsqueeze(-1)
            + self.dim
            - arange(2, self.dim + 1, device=self.concentration.device)
        )
        less = self.dim - 1
        alpha = self.concentration + 0.5 * less
        constant = 0.5 * less * math.log(math.pi) + mvlgamma(alpha - 0.5, less) - alpha.lgamma() * less
        return (power * logs).sum(-1) - constant
