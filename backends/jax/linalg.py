"""Kernels of `ir/ops/linalg.py` of jax's own."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from diptych.ir import ops
from jax import lax


def cholesky(xp: Any, x: Any) -> Any:
    """jax leaves zeros above the diagonal of a factor it could not find."""
    factor = lax.linalg.cholesky(x, symmetrize_input=False)
    failed = jnp.isnan(factor).any(axis=(-2, -1), keepdims=True)
    return jnp.where(failed, jnp.array(np.nan, x.dtype), factor)


def triangular_solve(xp: Any, a: Any, b: Any, *, lower: bool, left: bool, transform: str, unit_diagonal: bool) -> Any:
    """BLAS's trsm on a CPU."""
    return lax.linalg.triangular_solve(
        a,
        b,
        left_side=left,
        lower=lower,
        transpose_a=transform != "none",
        conjugate_a=transform == "adjoint",
        unit_diagonal=unit_diagonal,
    )


def eig(xp: Any, x: Any) -> Any:
    """LAPACK's geev, which jax has on a CPU alone."""
    return tuple(jnp.linalg.eig(x))


OVERRIDES = {
    ops.cholesky: cholesky,
    ops.triangular_solve: triangular_solve,
    ops.qr: lambda xp, x: tuple(lax.linalg.qr(x, full_matrices=False)),
    ops.svd: lambda xp, x: tuple(jnp.linalg.svd(x, full_matrices=False)),
    ops.eigh: lambda xp, x: tuple(jnp.linalg.eigh(x, UPLO="L", symmetrize_input=False)),
    ops.eig: eig,
    ops.lu: lambda xp, x: tuple(lax.linalg.lu(x)),
}
