"""Making tensors: from data, full of a number, counting."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from diptych.functions.constants import filled
from diptych.ir import Builder, DType, TensorType, Value, dtype_of, dtypes

from . import dtypes as dtype_module
from .device import device as device_type
from .dtypes import dtype, of_numpy
from .lazy import Lazy, Storage, kind_of
from .operation import operation
from .promotion import Number, Operand, converted
from .size import Size
from .tensor import Tensor

Device = device_type | str | None


def from_array(array: np.ndarray, *, pinned: bool = False) -> Tensor:
    """A tensor of this array itself, which nobody else may write unless it is `pinned`."""
    type = TensorType(dtype_of(array.dtype), array.shape)
    return Tensor._of(Storage(Lazy(kind_of(type), array), pinned=array if pinned else None))


def _checked_device(device: Device) -> None:
    if device is not None:
        device_type(device)


def tensor(data: Any, *, dtype: dtype | None = None, device: Device = None, requires_grad: bool = False) -> Tensor:
    """A copy of `data`: numbers, nested lists, arrays or tensors. Floats get the default dtype, integers int64."""
    _checked_device(device)
    array = _array_of(data, dtype)
    return from_array(array).requires_grad_(requires_grad)


def _array_of(data: Any, dtype: dtype | None) -> np.ndarray:
    if isinstance(data, Tensor):
        array = np.array(data.detach()._array())
    elif isinstance(data, (np.ndarray, np.generic)):
        array = np.array(data)
    else:
        plain = _numbers(data)
        try:
            array = np.array(plain)
        except ValueError as error:
            raise ValueError(f"expected sequence of equal length at every dimension: {error}") from None
        if array.dtype.kind == "f":
            array = array.astype(dtype_module.get_default_dtype().ir.numpy)
        elif array.dtype.kind == "c":
            array = array.astype(dtype_module.get_default_dtype().to_complex().ir.numpy)
        elif array.dtype.kind not in "biu":
            kind = type(data).__name__
            raise TypeError(f"tensor(): data is of type {kind} but must be numbers, sequences of them, or arrays")
        elif array.dtype.kind != "b":
            array = array.astype(np.int64)
        if not array.size and dtype is None:
            array = array.astype(dtype_module.get_default_dtype().ir.numpy)
    of_numpy(array)
    return array if dtype is None else array.astype(dtype.ir.numpy)


def _numbers(data: Any) -> Any:
    """Nested lists with tensors of one element replaced by numbers."""
    if isinstance(data, Tensor):
        return data.tolist()
    if isinstance(data, (list, tuple)):
        return [_numbers(item) for item in data]
    return data


def as_tensor(data: Any, dtype: dtype | None = None, device: Device = None) -> Tensor:
    """`data` as a tensor, sharing memory where it is an array or tensor of that dtype already."""
    _checked_device(device)
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    if isinstance(data, np.ndarray) and (dtype is None or dtype.ir.numpy == data.dtype):
        return from_numpy(data)
    return tensor(data, dtype=dtype)


def from_numpy(ndarray: np.ndarray) -> Tensor:
    """A tensor that shares memory with the array. Raises TypeError for what is no array of a known dtype."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    of_numpy(ndarray)
    return from_array(ndarray, pinned=True)


def legacy_tensor(cls: type[Tensor], *arguments: Any, **options: Any) -> Tensor:
    """`torch.Tensor(...)`: of data, or of sizes, uninitialised (zeros here), in the default dtype."""
    if len(arguments) == 1 and not isinstance(arguments[0], int):
        data = arguments[0]
        if isinstance(data, Size):
            return zeros(*data)
        return tensor(data, dtype=dtype_module.get_default_dtype())
    return zeros(*arguments) if arguments else zeros(0)


# -- full of a number ----


@operation
def _full(b: Builder, number: Operand, shape: tuple[int, ...], target: DType) -> Value:
    if not isinstance(number, Number):
        return b.broadcast(b.cast(number, dtype=target), shape=shape, axes=())
    value = converted(b, number, target)
    return b.broadcast(value, shape=shape, axes=()) if shape else b.identity(value)


@operation
def _constant(b: Builder, number: float, shape: tuple[int, ...], target: DType) -> Value:
    return filled(b, number, shape, target)


def _shape(size: tuple[Any, ...]) -> tuple[int, ...]:
    if len(size) == 1 and not isinstance(size[0], int) and not isinstance(size[0], Tensor):
        size = tuple(size[0])
    found = tuple(int(each) for each in size)
    for each in found:
        if each < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {each}: {list(found)}")
    return found


def _made(number: Any, size: tuple[int, ...], dtype: dtype | None, device: Device, requires_grad: bool) -> Tensor:
    from .recording import call

    _checked_device(device)
    target = (dtype or dtype_module.get_default_dtype()).ir
    return call(_constant, (), (number, size, target)).requires_grad_(requires_grad)


def zeros(*size: Any, dtype: dtype | None = None, device: Device = None, requires_grad: bool = False) -> Tensor:
    """Zeros."""
    return _made(0, _shape(size), dtype, device, requires_grad)


def ones(*size: Any, dtype: dtype | None = None, device: Device = None, requires_grad: bool = False) -> Tensor:
    """Ones."""
    return _made(1, _shape(size), dtype, device, requires_grad)


def empty(*size: Any, dtype: dtype | None = None, device: Device = None, requires_grad: bool = False) -> Tensor:
    """Zeros too: a value that has not been given would differ between backends."""
    return _made(0, _shape(size), dtype, device, requires_grad)


def full(
    size: Any, fill_value: Any, *, dtype: dtype | None = None, device: Device = None, requires_grad: bool = False
) -> Tensor:
    """`fill_value` everywhere, by default in the dtype that the number has."""
    from .recording import call

    _checked_device(device)
    own = fill_value.dtype if isinstance(fill_value, Tensor) else _dtype_of_number(fill_value)
    target = dtype or own
    return call(_full, (fill_value,), (_shape((size,)), target.ir)).requires_grad_(requires_grad)


def _dtype_of_number(number: Any) -> dtype:
    if isinstance(number, bool):
        return dtype_module.bool_
    if isinstance(number, int):
        return dtype_module.int64
    default = dtype_module.get_default_dtype()
    return default.to_complex() if isinstance(number, complex) else default


def zeros_like(
    input: Tensor, *, dtype: dtype | None = None, device: Device = None, requires_grad: bool = False
) -> Tensor:
    """Zeros of input's shape and dtype."""
    return _made(0, tuple(input.shape), dtype or input.dtype, device, requires_grad)


def ones_like(
    input: Tensor, *, dtype: dtype | None = None, device: Device = None, requires_grad: bool = False
) -> Tensor:
    """Ones of input's shape and dtype."""
    return _made(1, tuple(input.shape), dtype or input.dtype, device, requires_grad)


empty_like = zeros_like


def full_like(input: Tensor, fill_value: Any, *, dtype: dtype | None = None, device: Device = None) -> Tensor:
    """`fill_value` in input's shape and dtype."""
    return full(tuple(input.shape), fill_value, dtype=dtype or input.dtype, device=device)


# -- counting ----


@operation
def _arange(b: Builder, start: float, step: float, count: int, target: DType) -> Value:
    """start + i * step; integers exactly, floats in float64 first, as PyTorch computes them."""
    wide = dtypes.i64 if target.is_integer else dtypes.f64
    places = b.iota(shape=(count,), axis=0, dtype=wide)
    scaled = b.mul(places, filled(b, step, (count,), wide))
    result = b.add(scaled, filled(b, start, (count,), wide))
    return result if target is wide else b.cast(result, dtype=target)


def arange(
    start: float, end: float | None = None, step: float = 1, *, dtype: dtype | None = None, device: Device = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """start, start + step, ... below end; with one number, from 0. int64 where all numbers are integers."""
    from .recording import call

    _checked_device(device)
    if end is None:
        start, end = 0, start
    start, end, step = (each.item() if isinstance(each, Tensor) else each for each in (start, end, step))
    if step == 0:
        raise RuntimeError("step must be nonzero")
    count = math.ceil((end - start) / step)
    if count < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    whole = all(isinstance(each, int) for each in (start, end, step))
    target = dtype or (dtype_module.int64 if whole else dtype_module.get_default_dtype())
    return call(_arange, (), (start, step, count, target.ir)).requires_grad_(requires_grad)


def linspace(start: float, end: float, steps: int, *, dtype: dtype | None = None, device: Device = None) -> Tensor:
    """`steps` numbers evenly spaced from start to end, both included."""
    target = dtype or dtype_module.get_default_dtype()
    _checked_device(device)
    return from_array(np.linspace(start, end, steps).astype(target.ir.numpy))


def eye(n: int, m: int | None = None, *, dtype: dtype | None = None, device: Device = None) -> Tensor:
    """Ones on the diagonal of an n x m matrix, zeros elsewhere."""
    _checked_device(device)
    target = dtype or dtype_module.get_default_dtype()
    return from_array(np.eye(n, m, dtype=target.ir.numpy))
