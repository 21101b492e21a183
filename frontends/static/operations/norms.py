"""tf.norm and tf.linalg.normalize."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from .arrays import either, squeeze
from .casting import abs as absolute
from .casting import cast, conj
from .linear_algebra import svd
from .reductions import reduced


@export("norm", "linalg.norm")
def norm(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool | None = None, name: str | None = None,
    keep_dims: bool | None = None,
) -> Tensor:  # fmt: skip
    """The norm of vectors along `axis`, of matrices along a pair of axes, or of all elements. Raises ValueError.

    `ord`: "euclidean", 1, 2, inf or another positive number for vectors; "euclidean", "fro", 1, 2 or inf for matrices.
    """
    keep = bool(either("keepdims", keepdims, "keep_dims", keep_dims))
    of_matrices = isinstance(axis, tuple | list) and len(axis) == 2
    where = "'axis' must be None, an integer, or a tuple of 2 unique integers"
    if of_matrices:
        axis = tuple(axis)
        if not all(isinstance(place, int) for place in axis) or axis[0] == axis[1]:
            raise ValueError(where)
        known = ["euclidean", "fro", 1, 2, np.inf]
        if ord not in known:
            raise ValueError(f"'ord' must be a supported matrix norm in {known}, got {ord}")
    else:
        if not (isinstance(axis, int) or axis is None):
            raise ValueError(where)
        if ord not in ("euclidean", 1, 2, np.inf) and (not isinstance(ord, numbers.Real) or ord <= 0):
            raise ValueError(f"'ord' must be a supported vector norm, got {ord}")
        axis = None if axis is None else (axis,)
    with name_scope(name, "norm", [tensor]):
        x = convert_to_tensor(tensor)
        found = _matrix_norm(x, ord, axis) if of_matrices else _vector_norm(x, ord, axis)
        return found if keep else squeeze(found, axis)


def _reduced(type: str, x: Tensor, axis: Any) -> Tensor:
    return reduced(type, x, None if axis is None else list(axis), True, None)


def _euclidean(x: Tensor, axis: Any) -> Tensor:
    return apply("Sqrt", [_reduced("Sum", x * conj(x), axis)])


def _vector_norm(x: Tensor, ord: Any, axis: Any) -> Tensor:
    if ord in ("euclidean", 2):
        return _euclidean(x, axis)
    size = absolute(x)
    if ord == 1:
        return _reduced("Sum", size, axis)
    if ord == np.inf:
        return _reduced("Max", size, axis)
    return apply("Pow", [_reduced("Sum", apply("Pow", [size, ord]), axis), 1.0 / ord])


def _matrix_norm(x: Tensor, ord: Any, axis: tuple[int, int]) -> Tensor:
    if ord in ("euclidean", "fro"):
        return _euclidean(x, axis)
    if ord == 2:
        return _spectral(x, axis)
    sums, other = axis if ord == 1 else axis[::-1]
    return _reduced("Max", _reduced("Sum", absolute(x), [sums]), [other])


def _spectral(x: Tensor, axis: tuple[int, int]) -> Tensor:
    """The largest singular value, with both axes kept. Raises ValueError for an unknown rank."""
    rank = x.shape.ndims
    if rank is None:
        raise ValueError("the matrix norm of order 2 needs a tensor of known rank")
    places = [place % rank for place in axis]
    order = [*(place for place in range(rank) if place not in places), *places]
    values = svd(apply("Transpose", [x, order]), compute_uv=False)
    largest = apply("ExpandDims", [reduced("Max", values, -1, True, None), -1])
    return apply("Transpose", [largest, [order.index(place) for place in range(rank)]])


@export("linalg.normalize")
def normalize(tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(tensor / norm, norm), the norm with its axes kept."""
    with name_scope(name, "normalize", [tensor]):
        x = convert_to_tensor(tensor, name="tensor")
        size = cast(norm(x, ord, axis, keepdims=True), x.dtype.base_dtype)
        return x / size, size
