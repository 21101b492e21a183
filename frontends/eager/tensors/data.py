"""Tensors of data: Python numbers and sequences of them, arrays, other tensors."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.ir import DType, TensorType, dtype_of

from .. import dtypes as dtype_module
from ..calling.telling import warn_once
from ..device import CPU, Device, place_of
from ..device import device as device_type
from ..dtypes import dtype, of_numpy
from ..promotion import promote_types
from ..tapes.lazy import INFERENCE, UNTRACKED, Lazy, Storage, kind_of
from ..tapes.mode import mode
from ..tapes.tape import tape
from .moving import moved
from .tensor import Tensor

MAX_AXES = 64  # as many as numpy has


def from_array(array: np.ndarray, place: device_type = CPU, *, pinned: bool = False) -> Tensor:
    """A tensor of this array itself, which nobody else may write unless it is `pinned`, on a device."""
    type = TensorType(dtype_of(array.dtype), array.shape)
    edge = INFERENCE if mode.inference else UNTRACKED
    storage = Storage(Lazy(kind_of(type, place), array), edge, array if pinned else None)
    if tape.log is not None:
        tape.log.made(storage)
        if pinned:
            tape.log.refuse("memory is shared with numpy")
    return Tensor._of(storage)


def requiring(made: Tensor, requires_grad: bool, place: device_type = CPU) -> Tensor:
    """A new tensor, on a device, with `requires_grad` set. Raises RuntimeError for a dtype that has no gradients."""
    if place is not CPU:
        made = moved(made, place)
    if requires_grad and not made.dtype.ir.is_differentiable:
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    if requires_grad:
        made.requires_grad = True
    return made


def tensor(
    data: Any, *, dtype: dtype | None = None, device: Device = None, requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """A copy of `data`: numbers, nested sequences, arrays or tensors. Without `dtype` Python floats get the default
    dtype, integers int64, and what has a dtype keeps it. Raises TypeError, ValueError and RuntimeError for what is no
    number, has no shape, or does not fit the dtype."""
    place = data.device if device is None and isinstance(data, Tensor) else place_of(device)
    target = dtype_module.chosen("tensor", dtype)
    if isinstance(data, Tensor):
        warnings.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
            "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).",
            UserWarning,
            stacklevel=2,
        )
    return requiring(from_array(_array_of(data, target), place), requires_grad, place)


def as_tensor(data: Any, dtype: dtype | None = None, device: Device = None) -> Tensor:
    """`data` as a tensor, sharing memory where it is an array or tensor of that dtype already."""
    target = dtype_module.chosen("as_tensor", dtype)
    if isinstance(data, Tensor):
        found = data if target is None else data.to(target)
        return found if device is None else moved(found, place_of(device))
    place = place_of(device)
    if isinstance(data, np.ndarray) and (target is None or target.ir.numpy == data.dtype):
        return moved(from_numpy(data), place)
    return tensor(data, dtype=target, device=place)


def frombuffer(buffer: Any, *, dtype: dtype, count: int = -1, offset: int = 0, requires_grad: bool = False) -> Tensor:
    """A vector that shares memory with a Python buffer: `count` elements, or all, from the byte `offset` on. Raises
    ValueError for what is no buffer, and for bytes that are not there or not all used."""
    try:
        held = memoryview(buffer).nbytes
    except TypeError:
        raise ValueError("object does not implement Python buffer protocol.") from None
    size = dtype.itemsize
    if held == 0 or count == 0:
        raise ValueError(f"both buffer length ({held}) and count ({count}) must not be 0")
    if not 0 <= offset < held:
        raise ValueError(
            f"offset ({offset} bytes) must be non-negative and no greater than buffer length ({held} bytes) minus 1"
        )
    if count < 0 and (held - offset) % size:
        raise ValueError(
            f"buffer length ({held - offset} bytes) after offset ({offset} bytes) must be a multiple of element size "
            f"({size})"
        )
    if count > 0 and offset + count * size > held:
        raise ValueError(
            f"requested buffer length ({count} * {size} bytes) after offset ({offset} bytes) must not be greater than "
            f"actual buffer length ({held} bytes)"
        )
    return requiring(from_numpy(np.frombuffer(buffer, dtype.ir.numpy, count, offset)), requires_grad)


def from_numpy(ndarray: np.ndarray) -> Tensor:
    """A tensor that shares memory with the array. Raises TypeError for what is no array of a known dtype; warns of one
    that is not to be written."""
    if not isinstance(ndarray, np.ndarray):
        kind = type(ndarray)
        name = f"numpy.{kind.__name__}" if isinstance(ndarray, np.generic) else kind.__name__
        raise TypeError(f"expected np.ndarray (got {name})")
    of_numpy(ndarray)
    if not ndarray.flags.writeable:
        warn_once("read-only arrays", _READ_ONLY)
    return from_array(ndarray, pinned=True)


_READ_ONLY = (
    "The given NumPy array is not writable, and PyTorch does not support non-writable tensors. This means writing to "
    "this tensor will result in undefined behavior. You may want to copy the array to protect its data or make it "
    "writable before converting it to a tensor. This type of warning will be suppressed for the rest of this program."
)


def _array_of(data: Any, target: dtype | None) -> np.ndarray:
    """A new array of `data`."""
    if isinstance(data, Tensor):
        array = np.asarray(data.detach()._array())
    elif isinstance(data, (np.ndarray, np.generic)):
        array = np.asarray(data)
        of_numpy(array)
    elif hasattr(data, "_untyped_storage"):
        array = data.elements
    else:
        return _array_of_numbers(data, target)
    return np.array(array) if target is None else _converted(array, target.ir)


def _converted(array: np.ndarray, target: DType) -> np.ndarray:
    with np.errstate(over="ignore", invalid="ignore"):
        return array.astype(target.numpy)


# -- nested sequences ----


def _is_sequence(data: Any) -> bool:
    """Whether it has items that are looked at one by one."""
    if isinstance(data, np.ndarray):
        return data.ndim > 0
    return isinstance(data, Sequence)


def _array_of_numbers(data: Any, target: dtype | None) -> np.ndarray:
    if isinstance(data, (str, bytes)):
        raise TypeError(f"new(): invalid data type '{type(data).__name__}'")
    sizes: list[int] = []
    first = data
    while _is_sequence(first):
        sizes.append(len(first))
        if len(sizes) > MAX_AXES:
            raise ValueError(f"too many dimensions '{type(first).__name__}'")
        if not sizes[-1]:
            break
        first = first[0]
    flat: list[Any] = []
    kind = target.ir if target is not None else _inferred(data)
    _collect(data, sizes, 0, kind, flat)
    return np.array(fitted(flat, kind), kind.numpy).reshape(sizes)


def _inferred(data: Any) -> DType:
    """The dtype that all numbers in nested sequences convert to. Raises TypeError and RuntimeError for others."""
    if isinstance(data, Tensor):
        return data.dtype.ir
    if isinstance(data, (np.ndarray, np.generic)):
        return of_numpy(np.asarray(data)).ir
    if isinstance(data, (bool, int, float, complex)):
        return dtype_module.of_number(data).ir
    if isinstance(data, (str, bytes)):
        raise TypeError(f"new(): invalid data type '{type(data).__name__}'")
    if not _is_sequence(data):
        raise RuntimeError(f"Could not infer dtype of {type(data).__name__}")
    kinds = set(map(type, data))
    if kinds and kinds <= {bool, int, float, complex}:  # quickly, of long lists of numbers
        found = [dtype_module.of_number(kind()).ir for kind in kinds]
    else:
        found = [_inferred(item) for item in data] or [dtype_module.default_type()]
    result = found[0]
    for each in found[1:]:
        result = promote_types(result, each)
    return result


def _collect(data: Any, sizes: Sequence[int], depth: int, kind: DType, flat: list[Any]) -> None:
    """Appends the numbers in `data`, which must have `sizes` from `depth` on, as Python numbers."""
    if depth == len(sizes):
        flat.append(_python_number(data, kind))
        return
    if not _is_sequence(data):
        raise TypeError("not a sequence")
    if len(data) != sizes[depth]:
        raise ValueError(f"expected sequence of length {sizes[depth]} at dim {depth} (got {len(data)})")
    if depth == len(sizes) - 1 and set(map(type, data)) <= {bool, int, float}:
        flat.extend(data)
        return
    for item in data:
        _collect(item, sizes, depth + 1, kind, flat)


def _python_number(data: Any, kind: DType) -> Any:
    if isinstance(data, Tensor):
        if data.numel() != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return data.item()
    if isinstance(data, np.ndarray) and data.ndim == 0:
        return data.item()
    if isinstance(data, np.generic):
        return data.item()
    if isinstance(data, (bool, int, float)) or (isinstance(data, complex) and (kind.is_complex or kind.is_bool)):
        return data
    wanted = "cannot be interpreted as an integer"
    if kind.is_integer or kind.is_bool:
        raise TypeError(f"'{type(data).__name__}' object {wanted}")
    raise TypeError(f"must be real number, not {type(data).__name__}")


def fitted(numbers: list[Any], kind: DType) -> list[Any]:
    """The numbers as those of a dtype: truncated to integers, too large floats as inf. Raises RuntimeError for integers
    that do not fit; negative ones of unsigned dtypes count from the end, as in C."""
    if kind.is_bool:
        return [bool(number) for number in numbers]
    if not kind.is_integer:
        with np.errstate(over="ignore"):
            wide = np.array(numbers, np.complex128 if kind.is_complex else np.float64)
            return list(wide.astype(kind.numpy))
    least, most = dtype_range(kind)
    found: list[int] = []
    for number in numbers:
        if isinstance(number, int) and not -(2**63) <= number < (2**64 if kind.bits == 64 and not least else 2**63):
            raise ValueError("Overflow when unpacking long long")
        whole = fitted_integer(number, least, most)
        if whole is None:
            name = dtype_module.of_ir(kind).name
            raise RuntimeError(f"value cannot be converted to type {name} without overflow")
        found.append(whole)
    return found


def dtype_range(kind: DType) -> tuple[int, int]:
    """The smallest and largest number of an integer dtype."""
    return (0, 2**kind.bits - 1) if kind.kind == "unsigned" else (-(2 ** (kind.bits - 1)), 2 ** (kind.bits - 1) - 1)


def fitted_integer(number: Any, least: int, most: int) -> int | None:
    """`number` truncated and within a range, None where it cannot be; integers wrap round once where there are no
    negatives."""
    if isinstance(number, float):
        return int(number) if least <= number <= most else None  # nan is not
    whole = int(number)
    if least <= whole <= most:
        return whole
    return whole + most + 1 if least == 0 and -most <= whole < 0 else None
