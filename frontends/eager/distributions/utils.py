"""`torch.distributions.utils`: what distributions that programs write themselves are made with."""

from __future__ import annotations

from collections.abc import Sequence

from ..device import Device
from ..dtypes import dtype
from ..functions.triangles import tril_indices
from ..tensors.creation import empty, zeros
from ..tensors.tensor import Tensor
from .discrete import clamp_probs, logits_to_probs, probs_to_logits
from .distribution import broadcast_all, lazy_property

__all__ = [
    "_standard_normal", "_sum_rightmost", "broadcast_all", "clamp_probs", "euler_constant", "lazy_property",
    "logits_to_probs", "probs_to_logits", "tril_matrix_to_vec", "vec_to_tril_matrix",
]  # fmt: skip

euler_constant = 0.57721566490153286060  # Euler's and Mascheroni's


def tril_matrix_to_vec(mat: Tensor, diag: int = 0) -> Tensor:
    """The elements of mat [..., n, n] on and below a diagonal, row by row. Raises ValueError for a diagonal that is not
    there."""
    n = mat.shape[-1]
    if not -n <= diag < n:
        raise ValueError(f"diag ({diag}) provided is outside [{-n}, {n - 1}].")
    rows, columns = tril_indices(n, n, diag)
    return mat[..., rows, columns]


def vec_to_tril_matrix(vec: Tensor, diag: int = 0) -> Tensor:
    """The matrices [..., n, n] with vec's elements on and below a diagonal, row by row, and zeros elsewhere. Raises
    ValueError for a number of elements that no n has."""
    given = vec.shape[-1]
    root = (-(1 + 2 * diag) + ((1 + 2 * diag) ** 2 + 8 * given + 4 * abs(diag) * (diag + 1)) ** 0.5) / 2
    n = round(root)
    if n - root > 1e-7:
        raise ValueError(
            f"The size of last dimension is {given} which cannot be expressed as the lower triangular part of a square "
            "D x D matrix."
        )
    found = zeros((*vec.shape[:-1], n, n), dtype=vec.dtype, device=vec.device)
    rows, columns = tril_indices(n, n, diag)
    found[..., rows, columns] = vec
    return found


def _standard_normal(shape: Sequence[int], dtype: dtype | None, device: Device) -> Tensor:
    return empty(tuple(shape), dtype=dtype, device=device).normal_()


def _sum_rightmost(value: Tensor, dim: int) -> Tensor:
    return value if dim == 0 else value.reshape((*value.shape[:-dim], -1)).sum(-1)
