"""Matrices with orthonormal columns, made of any matrix by one of three maps.

The exponential and the Cayley map take the part on and below the diagonal for half of a skew-symmetric matrix;
Householder's takes what is below the diagonal for the vectors of reflections, whose product is written as
1 - V inv(S) V^T, S the part above the diagonal of V^T V plus half its diagonal (Joffrain et al., 2006).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.functions import linear_algebra, matrices, products
from diptych.functions.constants import filled_like, scalar
from diptych.ir import Builder, Value, dtypes

from ...random import randn
from ...tapes.operation import operation
from ...tapes.recording import call
from ...tensors.data import from_array
from ...tensors.tensor import Tensor
from ..module import Module


@operation
def _orthogonal(b: Builder, x: Value, *rest: Any) -> Value:
    """x [..., n, k] by the map; `rest`: a square matrix that the result is multiplied by, if any, then the map."""
    *bases, kind = rest
    turned = int(x.shape[-2]) < int(x.shape[-1])
    x = matrices.swapped(b, x) if turned else x
    found = _reflected(b, x) if kind == "householder" else _turned(b, x, kind)
    for base in bases:
        found = products.matmul(b, base, found)
    return matrices.swapped(b, found) if turned else found


def _below(b: Builder, x: Value, *, strictly: bool) -> Value:
    """x with zeros above the diagonal, or on it too."""
    rows, columns = (b.iota(shape=x.shape, axis=x.rank - place, dtype=dtypes.i64) for place in (2, 1))
    return b.select((b.gt if strictly else b.ge)(rows, columns), x, filled_like(b, 0, x))


def _turned(b: Builder, x: Value, kind: str) -> Value:
    n, k = x.type.static_shape()[-2:]
    half = _below(b, x, strictly=False)
    if n != k:
        padding = [0] * x.rank
        high = [*padding[:-1], n - k]
        half = b.pad(half, scalar(b, 0, x.dtype), low=padding, high=high, interior=padding)
    skew = b.sub(half, matrices.adjoint(b, half))
    if kind == "matrix_exp":
        found = linear_algebra.exponential(b, skew)
    else:
        one = matrices.identity_matrix(b, skew.shape[:-2], n, skew)
        part = b.mul(skew, filled_like(b, 0.5, skew))
        found = linear_algebra.solve(b, b.sub(one, part), b.add(one, part))
    return _first_columns(b, found, k)


def _first_columns(b: Builder, x: Value, count: int) -> Value:
    sizes = x.type.static_shape()
    return b.slice(x, start=[0] * x.rank, limit=(*sizes[:-1], count), stride=[1] * x.rank)


def _reflected(b: Builder, x: Value) -> Value:
    """The first columns of the product of reflections, times what stands on x's diagonal, 1 or -1."""
    n, k = x.type.static_shape()[-2:]
    batch = x.shape[:-2]
    one = _first_columns(b, matrices.identity_matrix(b, batch, n, x), k)
    vectors = b.add(_below(b, x, strictly=True), one)
    squares = products.matmul(b, vectors, vectors, transpose_lhs=True)
    upper = b.sub(squares, _below(b, squares, strictly=False))
    diagonal = matrices.diagonal_of(b, squares, k)
    factor = matrices.with_diagonal(b, upper, b.mul(diagonal, filled_like(b, 0.5, diagonal)))
    top = products.matmul(b, vectors, one, transpose_lhs=True)
    solved = b.triangular_solve(factor, top, lower=False)
    found = b.sub(one, products.matmul(b, vectors, solved))
    signs = b.stop_gradient(matrices.diagonal_of(b, x, k))
    whole = b.cast(b.cast(signs, dtype=dtypes.i32), dtype=x.dtype)
    return b.mul(found, b.broadcast(whole, shape=found.shape, axes=(*range(x.rank - 2), x.rank - 1)))


class Orthogonal(Module):
    """The parametrization. With a base, which a matrix that is assigned becomes, the maps start at the identity."""

    base: Tensor

    def __init__(self, weight: Tensor, orthogonal_map: str, *, use_trivialization: bool = True) -> None:
        super().__init__()
        self.shape = weight.shape
        self.orthogonal_map = orthogonal_map
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, X: Tensor) -> Tensor:
        has_base = "base" in self._buffers
        return call(_orthogonal, (X, self.base) if has_base else (X,), (self.orthogonal_map,))

    def right_inverse(self, Q: Tensor) -> Tensor:
        """What the matrix nearest to Q is made of. Raises ValueError for another shape, NotImplementedError where no
        base takes it and the map cannot be undone."""
        if Q.shape != self.shape:
            raise ValueError(
                f"Expected a matrix or batch of matrices of shape {self.shape}. Got a tensor of shape {Q.shape}."
            )
        values = np.asarray(Q.detach()._array())
        turned = values.shape[-2] < values.shape[-1]
        tall = np.swapaxes(values, -2, -1) if turned else values
        if "base" not in self._buffers:
            if self.orthogonal_map != "householder":
                raise NotImplementedError(
                    "It is not possible to assign to the matrix exponential or the Cayley parametrizations when "
                    "use_trivialization=False."
                )
            found = _householder_vectors(tall)
            return from_array(np.ascontiguousarray(np.swapaxes(found, -2, -1) if turned else found), Q.device)
        n, k = tall.shape[-2:]
        if n != k:
            more = randn(*tall.shape[:-2], n, n - k, dtype=Q.dtype, device=Q.device)
            tall = _orthonormal(np.concatenate([tall, np.asarray(more._array())], axis=-1))
        elif not np.allclose(
            np.swapaxes(tall, -2, -1) @ tall, np.eye(k, dtype=tall.dtype), atol=10 * n * np.finfo(tall.dtype).eps
        ):
            tall = _orthonormal(tall)
        self.base = from_array(np.ascontiguousarray(tall), Q.device)
        start = np.zeros_like(values)
        place = np.arange(min(values.shape[-2:]))
        start[..., place, place] = -1
        return from_array(start, Q.device)


def _orthonormal(x: np.ndarray) -> np.ndarray:
    """Q of x = QR, with what is positive on R's diagonal."""
    q, r = np.linalg.qr(x)
    return q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]


def _householder_vectors(x: np.ndarray) -> np.ndarray:
    """The vectors of the reflections that give Q of x = QR below the diagonal, the signs of R's diagonal on it."""
    raw, tau = np.linalg.qr(x, mode="raw")
    found = np.array(np.swapaxes(raw, -2, -1))
    place = np.arange(found.shape[-1])
    signs = np.sign(found[..., place, place])
    found[..., place, place] = np.where(tau == 0, -signs, signs)
    return found
