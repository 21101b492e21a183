"""Transforms of vectors and matrices as wholes: onto the simplex, and to factors of matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..functions.activations import logsigmoid, softplus
from ..functions.decompositions import cholesky
from ..functions.padding import pad
from ..functions.strided import diag_embed, diagonal
from ..functions.triangles import tril
from ..tensors.creation import eye
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from . import constraints
from .distribution import clamp_probs, epsilon, least
from .transform import Transform


class SoftmaxTransform(Transform):
    """softmax along the last axis, which has no inverse; log counts."""

    domain, codomain = constraints.real_vector, constraints.simplex

    def _call(self, x: Tensor) -> Tensor:
        return x.softmax(-1)

    def _inverted(self, y: Tensor) -> Tensor:
        return y.log()


class StickBreakingTransform(Transform):
    """n numbers to n + 1 that sum to 1: each says what share of the rest of a stick is broken off."""

    domain, codomain, bijective = constraints.real_vector, constraints.simplex, True

    def _call(self, x: Tensor) -> Tensor:
        share = clamp_probs((x - _rest(x.shape[-1], x).log()).sigmoid())
        left = (1 - share).cumprod(-1)
        return pad(share, [0, 1], value=1) * pad(left, [1, 0], value=1)

    def _inverted(self, y: Tensor) -> Tensor:
        broken = y[..., :-1]
        left = (1 - broken.cumsum(-1)).clamp(min=least(y))
        return broken.log() - left.log() + _rest(broken.shape[-1], y).log()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        x = x - _rest(x.shape[-1], x).log()
        return (-x + logsigmoid(x) + y[..., :-1].log()).sum(-1)

    def forward_shape(self, shape: Any) -> Any:
        if len(shape) < 1:
            raise ValueError("Too few dimensions on input")
        return (*shape[:-1], shape[-1] + 1)

    def inverse_shape(self, shape: Any) -> Any:
        if len(shape) < 1:
            raise ValueError("Too few dimensions on input")
        return (*shape[:-1], shape[-1] - 1)


def _rest(count: int, like: Tensor) -> Tensor:
    """How many pieces are still to come: count ... 1."""
    return from_array(np.arange(count, 0, -1).astype(like.dtype.ir.numpy), like.device)


class LowerCholeskyTransform(Transform):
    """The lower part of a matrix with exp of its diagonal."""

    domain, codomain = constraints.independent(constraints.real, 2), constraints.lower_cholesky

    def _call(self, x: Tensor) -> Tensor:
        return tril(x, -1) + diag_embed(diagonal(x, dim1=-2, dim2=-1).exp())

    def _inverted(self, y: Tensor) -> Tensor:
        return tril(y, -1) + diag_embed(diagonal(y, dim1=-2, dim2=-1).log())


class PositiveDefiniteTransform(Transform):
    """L L^T, where L is what LowerCholeskyTransform makes of a matrix."""

    domain, codomain = constraints.independent(constraints.real, 2), constraints.positive_definite

    def _call(self, x: Tensor) -> Tensor:
        factor = LowerCholeskyTransform()(x)
        return factor @ factor.mT

    def _inverted(self, y: Tensor) -> Tensor:
        return LowerCholeskyTransform().inv(cholesky(y))


class CorrCholeskyTransform(Transform):
    """n (n - 1) / 2 numbers to the Cholesky factor of an n x n matrix of correlations: their tanh, row by row below the
    diagonal, are partial correlations (Lewandowski, Kurowicka and Joe, 2009)."""

    domain, codomain, bijective = constraints.real_vector, constraints.corr_cholesky, True

    def _call(self, x: Tensor) -> Tensor:
        eps = epsilon(x)
        partial = _below_diagonal(x.tanh().clamp(min=-1 + eps, max=1 - eps))
        left = (1 - partial**2).sqrt().cumprod(-1)
        return (partial + eye(partial.shape[-1], dtype=x.dtype, device=x.device)) * pad(left[..., :-1], [1, 0], value=1)

    def _inverted(self, y: Tensor) -> Tensor:
        left = pad((1 - (y * y).cumsum(-1))[..., :-1], [1, 0], value=1)
        partial = _flat(y, -1) / _flat(left, -1).sqrt()
        return (partial.log1p() - (-partial).log1p()) / 2

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        left = _flat(1 - (y * y).cumsum(-1), -2)
        of_tanh = -2 * (x + softplus(-2 * x) - math.log(2.0)).sum(-1)
        return 0.5 * left.log().sum(-1) + of_tanh

    def forward_shape(self, shape: Any) -> Any:
        if len(shape) < 1:
            raise ValueError("Too few dimensions on input")
        size = _size_of(shape[-1])
        if size * (size - 1) // 2 != shape[-1]:
            raise ValueError("Input is not a flattened lower-diagonal number")
        return (*shape[:-1], size, size)

    def inverse_shape(self, shape: Any) -> Any:
        if len(shape) < 2:
            raise ValueError("Too few dimensions on input")
        if shape[-2] != shape[-1]:
            raise ValueError("Input is not square")
        return (*shape[:-2], shape[-1] * (shape[-1] - 1) // 2)


def _size_of(count: int) -> int:
    """The size of the matrix with so many elements below its diagonal."""
    return round((0.25 + 2 * count) ** 0.5 + 0.5)


def _below_diagonal(x: Tensor) -> Tensor:
    """The matrices whose elements below the diagonal are x, row by row, others 0."""
    size, count = _size_of(x.shape[-1]), x.shape[-1]
    places_there = size * (size - 1) // 2
    if places_there > count:
        raise ValueError(
            f"The size of last dimension is {count} which cannot be expressed as the lower triangular part of a square "
            "D x D matrix."
        )
    if places_there < count:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(x.shape)} cannot be broadcast to indexing result of shape "
            f"{[*x.shape[:-1], places_there]}"
        )
    places = np.full((size, size), count)
    places[np.tril_indices(size, -1)] = np.arange(count)
    return pad(x, [0, 1])[..., from_array(places, x.device)]


def _flat(x: Tensor, offset: int) -> Tensor:
    """The elements of matrices on and below a diagonal, row by row."""
    rows, columns = np.tril_indices(x.shape[-1], offset)
    return x[..., from_array(rows, x.device), from_array(columns, x.device)]
