"""Eigenvalues and eigenvectors of any square matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.functions import matrices
from diptych.ir import Builder, Value

from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors import views
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from .decompositions import matrix
from .named_results import named
from .operands import tensors

eig_result = named("linalg_eig", "eigenvalues eigenvectors")

# -- operations: what is written as equations ----


@operation
def _followed(b: Builder, a: Value, values: Value, vectors: Value, inverse: Value, gaps: Value) -> tuple[Value, Value]:
    """The eigenvalues and eigenvectors that were computed for a, as functions of it.

    With D = V^-1 (A - A0) V, whose value is 0, those of diag(w) + D are a series in D, which perturbation theory gives;
    to the second order here, so that second derivatives are right. `gaps` is 1 / (w_j - w_i), 0 where they are equal.
    """
    wide = a if a.dtype.is_complex else b.cast(a, dtype=vectors.dtype)
    turned = _product(b, _product(b, inverse, wide), vectors)
    d = b.sub(turned, b.stop_gradient(turned))
    own = matrices.diagonal_of(b, d, int(d.shape[-1]))
    first = b.mul(gaps, d)
    followed = b.add(values, b.add(own, b.reduce_sum(b.mul(matrices.swapped(b, d), first), axes=(d.rank - 2,))))
    columns = b.broadcast(own, shape=d.shape, axes=(*range(d.rank - 2), d.rank - 1))
    second = b.mul(gaps, b.sub(_product(b, d, first), b.mul(first, columns)))
    moved = b.add(vectors, _product(b, vectors, b.add(first, second)))
    squares = b.reduce_sum(b.add(_square(b, b.real(moved)), _square(b, b.imag(moved))), axes=(d.rank - 2,))
    length = b.sqrt(squares)
    unit = b.div(length, b.stop_gradient(length))  # 1, and follows the length
    scale = b.broadcast(b.cast(unit, dtype=d.dtype), shape=d.shape, axes=(*range(d.rank - 2), d.rank - 1))
    return followed, b.div(moved, scale)


def _product(b: Builder, x: Value, y: Value) -> Value:
    from diptych.functions import products

    return products.matmul(b, x, y)


def _square(b: Builder, x: Value) -> Value:
    return b.mul(x, x)


# -- functions: what users call ----


def eig(A: Tensor) -> Any:
    """(eigenvalues, eigenvectors as columns of length 1) of square matrices, complex. They are computed now; third
    derivatives are not those of the eigenvalues. Raises RuntimeError for integers and for what is not
    finite."""
    (x,) = tensors("eig", A=A)
    if x.ndim > 1 and x.shape[-1] == x.shape[-2] and not x.dtype.ir.is_differentiable:
        raise RuntimeError(f"Unknown Complex ScalarType for {x.dtype.scalar}")
    matrix("linalg.eig", x, square=True)
    array = np.asarray(x.detach()._array())
    if not np.isfinite(array).all():
        raise RuntimeError("torch.linalg.eig: input tensor should not contain infs or NaNs.")
    kind = np.complex64 if array.dtype.itemsize // (2 if x.dtype.is_complex else 1) == 4 else np.complex128
    values, vectors = np.linalg.eig(array)
    found = [from_array(np.asarray(each).astype(kind)) for each in (values, vectors)]
    if not x.requires_grad or not x.numel():
        return eig_result(*(views.with_history(each, x) for each in found))
    gaps = values[..., None, :] - values[..., :, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        inverted = np.where(gaps == 0, 0, 1 / gaps)
    others = [from_array(each.astype(kind)) for each in (np.linalg.inv(vectors), inverted)]
    return eig_result(*call(_followed, (x, *found, *others)))


def eigvals(A: Tensor) -> Tensor:
    """The eigenvalues of square matrices, complex."""
    return eig(*tensors("eigvals", A=A)).eigenvalues
