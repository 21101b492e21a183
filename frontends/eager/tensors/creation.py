"""Making tensors: full of a number, or counting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import ml_dtypes
import numpy as np
from diptych.functions.constants import filled
from diptych.ir import Builder, DType, Value, dtypes

from .. import dtypes as dtype_module
from ..device import Device, place_of
from ..dtypes import dtype
from ..promotion import Number, Operand, converted
from ..tapes.operation import not_run, operation
from ..tapes.recording import call
from .data import dtype_range, fitted_integer, from_array, requiring
from .memory_formats import sparse_coo, strided
from .tensor import Tensor

LARGEST = {kind: float(ml_dtypes.finfo(kind.numpy).max) for kind in (dtypes.f16, dtypes.bf16, dtypes.f32)}

# -- sizes ----


def shape_of(name: str, sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Sizes given one by one or as a sequence. Raises TypeError for what is no integer, RuntimeError below 0."""
    if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)):
        given: Any = sizes[0]
        if given and not is_size(given[0]):
            kind = type(given[0]).__name__
            raise TypeError(
                f"{name}(): argument 'size' (position 1) must be tuple of ints, but found element of type {kind} at "
                "pos 0"
            )
    else:
        given = sizes
        if given and not is_size(given[0]):
            if len(given) > 1:
                raise TypeError(f"{name}() takes 1 positional argument but {len(given)} were given")
            kind = type(given[0]).__name__
            raise TypeError(f"{name}(): argument 'size' (position 1) must be tuple of ints, not {kind}")
    found = integers_of(name, "size", given)
    for each in found:
        if each < 0:
            if name == "zeros":
                raise RuntimeError("zeros: Dimension size must be non-negative.")
            raise RuntimeError(f"Trying to create tensor with negative dimension {each}: {list(found)}")
    return found


def integers_of(name: str, label: str, given: Sequence[Any]) -> tuple[int, ...]:
    """The integers that an argument `label` is a sequence of. Raises TypeError for what is none."""
    for place, each in enumerate(given, 1):
        if not is_size(each):
            kind = type(each).__name__
            raise TypeError(
                f"{name}(): argument '{label}' failed to unpack the object at pos {place} with error \"type must be "
                f'tuple of ints,but got {kind}"'
            )
    return tuple(int(each) for each in given)


def is_size(value: Any) -> bool:
    """Whether it is an integer: Python's, numpy's, or a tensor of one."""
    if value.__class__ is int:
        return True
    if isinstance(value, Tensor):
        return value.dtype.ir.is_integer and value.numel() == 1
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _given(name: str, sizes: tuple[Any, ...], size: Any) -> tuple[int, ...]:
    """The sizes, given one by one or as `size`."""
    if size is None and not sizes:
        raise TypeError(f'{name}() missing 1 required positional arguments: "size"')
    return shape_of(name, sizes if size is None else (size,))


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


def _made(
    name: str, number: Any, shape: tuple[int, ...], dtype: dtype | None, device: Device, requires_grad: bool
) -> Tensor:
    place = place_of(device)
    target = dtype_module.chosen(name, dtype) or dtype_module.get_default_dtype()
    return requiring(call(_constant, (), (number, shape, target.ir)), requires_grad, place)


def zeros(
    *sizes: Any,
    size: Any = None,
    dtype: dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Tensor:
    """Zeros. Sizes are given one by one or as a sequence."""
    if layout is sparse_coo:
        return _without_elements("zeros", _given("zeros", sizes, size), dtype, device, requires_grad)
    return _made("zeros", 0, _given("zeros", sizes, size), dtype, device, requires_grad)


def ones(
    *sizes: Any,
    size: Any = None,
    dtype: dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Tensor:
    """Ones."""
    return _made("ones", 1, _given("ones", sizes, size), dtype, device, requires_grad)


def empty(
    *sizes: Any,
    size: Any = None,
    dtype: dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Tensor:
    """Zeros too: a value that has not been given would differ between backends."""
    if layout is sparse_coo:
        return _without_elements("empty", _given("empty", sizes, size), dtype, device, requires_grad)
    return _made("empty", 0, _given("empty", sizes, size), dtype, device, requires_grad)


def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Tensor:
    """`fill_value` everywhere, by default in the dtype that the number has. Raises RuntimeError where the dtype cannot
    hold it."""
    place = place_of(device)
    if not isinstance(size, (tuple, list)):
        raise TypeError(f"full(): argument 'size' (position 1) must be tuple of ints, not {type(size).__name__}")
    shape = shape_of("full", (size,))
    target = dtype_module.chosen("full", dtype)
    if not isinstance(fill_value, (Tensor, bool, int, float, complex, np.generic)):
        kind = type(fill_value).__name__
        raise TypeError(f"full(): argument 'fill_value' (position 2) must be Number, not {kind}")
    if isinstance(fill_value, Tensor):
        made = call(_full, (fill_value,), (shape, (target or fill_value.dtype).ir))
    else:
        plain = fill_value.item() if isinstance(fill_value, np.generic) else fill_value
        target = target or dtype_module.of_number(plain)
        number = fitting(plain, target)
        is_wide = isinstance(number, int) and not -(2**63) <= number < 2**63  # an operand would have 64 signed bits
        made = (
            call(_constant, (), (number, shape, target.ir)) if is_wide else call(_full, (number,), (shape, target.ir))
        )
    return requiring(made, requires_grad, place)


def fitting(number: Any, target: dtype) -> Any:
    """`number` as one that `target` holds."""
    kind = target.ir
    if isinstance(number, complex) and not kind.is_complex and not kind.is_bool:
        if number.imag or kind.is_integer:
            name = _native(target) if kind.is_integer else "float" if kind is dtypes.f32 else "double"
            raise RuntimeError(f"value cannot be converted to type {name} without overflow")
        return number.real
    if not kind.is_integer:
        if kind in LARGEST and not isinstance(number, complex) and LARGEST[kind] < abs(number) < math.inf:
            raise RuntimeError(f"value cannot be converted to type {target.native} without overflow")
        return number
    found = fitted_integer(number, *dtype_range(kind))
    if found is None:
        raise RuntimeError(f"value cannot be converted to type {_native(target)} without overflow")
    return found


def _native(target: dtype) -> str:
    return "int" if target is dtype_module.int32 else f"{target.name}_t"


def zeros_like(
    input: Tensor,
    *,
    dtype: dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Zeros of input's shape and dtype."""
    like = _like("zeros_like", input)
    device = like.device if device is None else device
    if like.is_sparse and layout is not strided:
        shape, axes = tuple(like.shape), like.sparse_dim()
        return _without_elements("zeros_like", shape, dtype or like.dtype, device, requires_grad, axes)
    return _made("zeros_like", 0, tuple(like.shape), dtype or like.dtype, device, requires_grad)


def ones_like(
    input: Tensor,
    *,
    dtype: dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Ones of input's shape and dtype."""
    like = _like("ones_like", input)
    device = like.device if device is None else device
    if like.is_sparse and layout is not strided:
        raise not_run("fill_.Scalar")
    return _made("ones_like", 1, tuple(like.shape), dtype or like.dtype, device, requires_grad)


def empty_like(
    input: Tensor,
    *,
    dtype: dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Zeros of input's shape and dtype, as `empty`."""
    like = _like("empty_like", input)
    device = like.device if device is None else device
    if like.is_sparse and layout is not strided:
        shape, axes = tuple(like.shape), like.sparse_dim()
        return _without_elements("empty_like", shape, dtype or like.dtype, device, requires_grad, axes)
    return _made("empty_like", 0, tuple(like.shape), dtype or like.dtype, device, requires_grad)


def full_like(
    input: Tensor,
    fill_value: Any,
    *,
    dtype: dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """`fill_value` in input's shape and dtype."""
    like = _like("full_like", input)
    device = like.device if device is None else device
    return full(tuple(like.shape), fill_value, dtype=dtype or like.dtype, device=device, requires_grad=requires_grad)


def _without_elements(
    name: str, shape: tuple[int, ...], dtype: dtype | None, device: Device, requires_grad: bool, axes: int | None = None
) -> Tensor:
    """A sparse tensor of zeros."""
    from ..sparse.making import empty as nothing

    place = place_of(device)
    target = dtype_module.chosen(name, dtype) or dtype_module.get_default_dtype()
    return nothing(shape, target, requires_grad, axes, place)


def _like(name: str, input: Any) -> Tensor:
    if not isinstance(input, Tensor):
        raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    return input


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
    start: float = 0, end: float | None = None, step: float = 1, *, dtype: dtype | None = None,
    device: Device = None, layout: Any = None, pin_memory: bool = False, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """start, start + step, ... below end; with one number, from 0. int64 where all numbers are integers. Raises
    RuntimeError for a step of 0 or away from end, and for an end that is not finite; ValueError for a step that is 0 as
    an integer."""
    place = place_of(device)
    if end is None:
        start, end = 0, start
    start, end, step = (each.item() if isinstance(each, (Tensor, np.generic)) else each for each in (start, end, step))
    whole = all(isinstance(each, int) for each in (start, end, step))
    target = dtype_module.chosen("arange", dtype)
    target = target or (dtype_module.int64 if whole else dtype_module.get_default_dtype())
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start:g} -> {end:g}")
    if target.ir.is_integer:
        start, end, step = int(start), int(end), int(step)
        if step == 0:
            raise ValueError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    count = -(-(end - start) // step) if target.ir.is_integer else math.ceil((end - start) / step)
    return requiring(call(_arange, (), (start, step, count, target.ir)), requires_grad, place)


def linspace(
    start: float, end: float, steps: int, *, dtype: dtype | None = None, device: Device = None,
    layout: Any = None, pin_memory: bool = False, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """`steps` numbers evenly spaced from start to end, both included. Raises RuntimeError for fewer than 0."""
    place = place_of(device)
    if any(isinstance(each, Tensor) and each.ndim for each in (start, end)):
        raise RuntimeError("linspace only supports 0-dimensional start and end tensors")
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    start, end = (each.item() if isinstance(each, Tensor) else each for each in (start, end))
    default = dtype_module.get_default_dtype()
    is_complex = isinstance(start, complex) or isinstance(end, complex)
    target = dtype_module.chosen("linspace", dtype) or (default.to_complex() if is_complex else default)
    return requiring(from_array(np.linspace(start, end, steps).astype(target.ir.numpy), place), requires_grad, place)


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Tensor:
    """Ones on the diagonal of an n x m matrix, zeros elsewhere. Raises RuntimeError for sizes below 0."""
    place = place_of(device)
    for name, size in (("n", n), ("m", m)):
        if size is not None and size < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
    target = dtype_module.chosen("eye", dtype) or dtype_module.get_default_dtype()
    return requiring(from_array(np.eye(n, m, dtype=target.ir.numpy), place), requires_grad, place)
