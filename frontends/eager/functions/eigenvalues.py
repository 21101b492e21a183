"""Eigenvalues and eigenvectors of any square matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.ir import Builder, Value

from ..tapes.batches import whole
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .decompositions import matrix
from .named_results import named
from .operands import tensors

eig_result = named("linalg_eig", "eigenvalues eigenvectors")

# -- operations: what is written as equations ----


@operation
def _eig(b: Builder, a: Value) -> tuple[Value, Value]:
    return b.eig(a)


# -- functions: what users call ----


def eig(A: Tensor) -> Any:
    """(eigenvalues, eigenvectors as columns of length 1) of square matrices, complex. Raises RuntimeError for integers
    and for what is not finite, so that A is computed now."""
    (x,) = tensors("eig", A=A)
    if x.ndim > 1 and x.shape[-1] == x.shape[-2] and not x.dtype.ir.is_differentiable:
        raise RuntimeError(f"Unknown Complex ScalarType for {x.dtype.scalar}")
    matrix("linalg.eig", x, square=True)
    array, _ = whole(x)
    if not np.isfinite(array).all():
        raise RuntimeError("torch.linalg.eig: input tensor should not contain infs or NaNs.")
    return eig_result(*call(_eig, (x,)))


def eigvals(A: Tensor) -> Tensor:
    """The eigenvalues of square matrices, complex."""
    return eig(*tensors("eigvals", A=A)).eigenvalues
