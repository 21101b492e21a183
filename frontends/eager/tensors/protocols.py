"""Methods of tensors that Python asks for, or that only call others."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..functions import complexes, elementary, logic, rearranging
from .data import from_numpy
from .tensor import Tensor


def contains(self: Tensor, element: Any) -> bool:
    """Whether any element equals a number, or those of a tensor. Raises RuntimeError for what is neither."""
    if not isinstance(element, (Tensor, bool, int, float, complex)):
        raise RuntimeError(f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(element)}.")
    return bool(logic.eq(self, element).any())


def reversed(self: Tensor) -> Tensor:
    """The first axis reversed."""
    return rearranging.flip(self, 0) if self.ndim else self


def polygamma(self: Tensor, n: int) -> Tensor:
    """The n-th derivative of digamma."""
    return elementary.polygamma(n, self)


def wrapped(self: Tensor, array: np.ndarray, context: Any = None, return_scalar: bool = False) -> Tensor:
    """What a function of numpy has made of tensors: a tensor again, of uint8 where it is of booleans, as in PyTorch."""
    return from_numpy(array.astype(np.uint8) if array.dtype == np.bool_ else array)


def is_same_size(self: Tensor, other: Tensor) -> bool:
    """Whether both have the same shape."""
    return self.shape == other.shape


def conjugate_transposed(self: Tensor) -> Tensor:
    """A matrix transposed and conjugated. Raises RuntimeError for tensors of other ranks than 0 and 2."""
    if self.ndim not in (0, 2):
        raise RuntimeError(
            f"tensor.H is only supported on matrices (2-D tensors). Got {self.ndim}-D tensor."
            f"{' For batches of matrices, consider using tensor.mH' if self.ndim > 2 else ''}"
        )
    return rearranging.adjoint(self) if self.ndim else complexes.conj(self)
