"""Making sparse tensors of places and values, and checks of what is given."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value, dtypes

from .. import dtypes as dtype_module
from ..device import CPU, Device, place_of
from ..device import device as device_type
from ..dtypes import dtype
from ..functions.pointwise import cast
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.creation import is_size, zeros
from ..tensors.data import from_array
from ..tensors.data import tensor as new_tensor
from ..tensors.moving import moved
from ..tensors.tensor import Tensor
from .tensor import SparseTensor, made


@operation
def _sparse_coo_tensor_with_dims_and_tensors(b: Builder, values: Value) -> Value:
    return b.identity(values)


class _Switch:
    is_on = False


class check_sparse_tensor_invariants:
    """A block, or a function, in which new sparse tensors are checked, or with `enable` False are not."""

    def __init__(self, enable: bool = True) -> None:
        self.state = enable
        self.saved_state: bool | None = None

    @staticmethod
    def is_enabled() -> bool:
        """Whether new sparse tensors are checked."""
        return _Switch.is_on

    @staticmethod
    def enable() -> None:
        """Checks new sparse tensors from now on."""
        _Switch.is_on = True

    @staticmethod
    def disable() -> None:
        """Checks new sparse tensors no more."""
        _Switch.is_on = False

    def __enter__(self) -> None:
        if self.saved_state is not None:
            raise RuntimeError(
                "This context manager instance is already activated. Use a different context manager instance for "
                "context nesting."
            )
        self.saved_state, _Switch.is_on = _Switch.is_on, self.state

    def __exit__(self, *error: object) -> None:
        assert self.saved_state is not None
        _Switch.is_on, self.saved_state = self.saved_state, None

    def __call__(self, mth: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(mth)
        def checked(*arguments: Any, **options: Any) -> Any:
            with type(self)(self.state):
                return mth(*arguments, **options)

        return checked


def sparse_coo_tensor(
    indices: Any,
    values: Any = None,
    size: Any = None,
    *,
    dtype: dtype | None = None,
    device: Device = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
    check_invariants: bool | None = None,
    is_coalesced: bool | None = None,
) -> SparseTensor:
    """The tensor whose elements at `indices` [sparse axes, elements] are `values` [elements, dense sizes ...], zero
    elsewhere; what stands at one place counts together. `size` is by default as large as the indices need, which are
    read for it. A size alone makes zeros. Raises RuntimeError for what does not fit."""
    by_values = device is None and isinstance(values, Tensor)
    place = values.device if by_values else place_of(device)
    target = dtype_module.chosen("sparse_coo_tensor", dtype)
    if values is None:
        return empty(tuple(indices), target or dtype_module.get_default_dtype(), requires_grad, place=place)
    if size is not None and not (isinstance(size, (tuple, list)) and all(is_size(each) for each in size)):
        raise TypeError(
            "sparse_coo_tensor() received an invalid combination of arguments - got (Tensor, Tensor, "
            f"{type(size).__name__})"
        )
    at = moved(_places(indices), place)
    held = moved(values, place) if isinstance(values, Tensor) else new_tensor(values, dtype=target, device=place)
    held = cast(held, target) if target is not None else held
    held = held if held.ndim else held.reshape(1)
    if at.ndim < 2:
        at = at.reshape(at.shape[0], 1) if at.ndim else at
    if size is None:
        sizes = _needed(at, held)
    else:
        sizes = tuple(int(each) for each in size)
        _check_ranks(at, held, sizes)
    if at.shape[1] != held.shape[0]:
        raise RuntimeError(
            f"indices and values must have same nnz, but got nnz from indices: {at.shape[1]}, nnz from values: "
            f"{held.shape[0]}"
        )
    if _Switch.is_on if check_invariants is None else check_invariants:
        _check_places(np.asarray(at._array()), sizes)
    found = made(at, _held(held), sizes, is_ordered=bool(is_coalesced))
    return _requiring(found, requires_grad)


def _requiring(found: SparseTensor, requires_grad: bool) -> SparseTensor:
    if requires_grad and not found.dtype.ir.is_differentiable:
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    if requires_grad and not found.requires_grad:
        found.requires_grad = True
    return found


def _held(values: Tensor) -> Tensor:
    """The values with the history that the tensor made of them has."""
    return call(_sparse_coo_tensor_with_dims_and_tensors, (values,)) if values.requires_grad else values.detach()


def _places(indices: Any) -> Tensor:
    at = indices.detach() if isinstance(indices, Tensor) else new_tensor(np.array(indices))
    return cast(at, dtype_module.int64)


def _needed(at: Tensor, held: Tensor) -> tuple[int, ...]:
    """The sizes that hold all places. Raises RuntimeError for negative places."""
    if at.ndim != 2:
        raise RuntimeError(f"indices must be sparse_dim x nnz, but got: {list(at.shape)}")
    places = np.asarray(at._array())
    _check_negative(places)
    largest = places.max(1) + 1 if places.shape[1] else np.zeros(len(places), np.int64)
    return (*map(int, largest), *held.shape[1:])


def _check_negative(places: np.ndarray) -> None:
    for axis, row in enumerate(places):
        if row.size and row.min() < 0:
            raise RuntimeError(f"found negative index {row.min()} for dim {axis}")


def _check_ranks(at: Tensor, held: Tensor, sizes: tuple[int, ...]) -> None:
    rank, inner = at.shape[0], held.ndim - 1
    if len(sizes) != rank + inner:
        raise RuntimeError(
            f"'len(size) == sparse_dim + dense_dim' is not satisfied: len(size) = {len(sizes)}, sparse_dim = {rank}, "
            f"dense_dim = {inner}"
        )
    if tuple(held.shape[1:]) != sizes[rank:] and at.shape[1] == held.shape[0]:
        wanted = [held.shape[0], *sizes[rank:]]
        raise RuntimeError(f"values has incorrect size, expected {wanted}, got {list(held.shape)}")


def _check_places(places: np.ndarray, sizes: tuple[int, ...]) -> None:
    _check_negative(places)
    for axis, (row, size) in enumerate(zip(places, sizes, strict=False)):
        if row.size and row.max() >= size:
            raise RuntimeError(
                f"size is inconsistent with indices: for dim {axis}, size is {size} but found index {row.max()}"
            )


def empty(
    sizes: tuple[int, ...],
    dtype: dtype,
    requires_grad: bool = False,
    sparse_axes: int | None = None,
    place: device_type = CPU,
) -> SparseTensor:
    """A sparse tensor of zeros."""
    rank = len(sizes) if sparse_axes is None else sparse_axes
    at = from_array(np.zeros((rank, 0), np.int64), place)
    return _requiring(made(at, zeros(0, *sizes[rank:], dtype=dtype, device=place), sizes), requires_grad)


@operation
def _listed(b: Builder, places: Value, padding: int, beyond: int) -> Value:
    """The numbers of rows [1, elements], with `padding` moved beyond all of them."""
    flat = b.reshape(places, shape=(1, math.prod(places.type.static_shape())))
    flat = flat if flat.dtype is dtypes.i64 else b.cast(flat, dtype=dtypes.i64)
    if padding < 0:
        return flat
    return b.select(b.eq(flat, filled_like(b, padding, flat)), filled_like(b, beyond, flat), flat)


def of_rows(places: Tensor, gradient: Tensor, sizes: tuple[int, ...], padding: int) -> SparseTensor:
    """A gradient [..., width] for each of the rows `places` of a table, that of `padding` left out."""
    at = call(_listed, (places.detach(),), (padding, sizes[0]))
    return made(at, gradient.reshape(-1, *sizes[1:]), sizes, has_gaps=padding >= 0)


def spdiags(diagonals: Tensor, offsets: Tensor, shape: tuple[int, int], layout: Any = None) -> SparseTensor:
    """The matrix of a shape whose diagonals, by `offsets` from the main one, are the rows of `diagonals`."""
    from ..functions.indexing import getitem

    rows = diagonals.reshape(1, -1) if diagonals.ndim == 1 else diagonals
    numbers = np.asarray(offsets._array()).reshape(-1)
    if len(set(numbers.tolist())) < len(numbers):
        raise RuntimeError("Offset tensor contains duplicate values")
    if len(numbers) != rows.shape[0]:
        raise RuntimeError(
            f"Number of diagonals ({rows.shape[0]}) does not match the number of offsets ({len(numbers)})"
        )
    width = rows.shape[1]
    columns = np.tile(np.arange(width), len(numbers))
    lines = columns - np.repeat(numbers, width)
    kept = np.flatnonzero((lines >= 0) & (lines < shape[0]) & (columns < shape[1]))
    place = diagonals.device
    which = from_array(np.repeat(np.arange(len(numbers)), width)[kept], place), from_array(columns[kept], place)
    return made(from_array(np.stack([lines[kept], columns[kept]]), place), getitem(rows, which), tuple(shape))


def legacy(arguments: tuple[Any, ...], dtype: dtype, place: device_type = CPU) -> SparseTensor:
    """As `torch.sparse.FloatTensor(...)`: of places, values and perhaps sizes, or of sizes alone."""
    if arguments and isinstance(arguments[0], Tensor):
        return sparse_coo_tensor(*arguments)
    sizes = arguments[0] if len(arguments) == 1 and isinstance(arguments[0], (tuple, list)) else arguments or (0,)
    return empty(tuple(map(int, sizes)), dtype, place=place)
