"""Immutable array data: the value of a `constant` equation."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np

from .dtypes import DType, dtype_of
from .errors import DiptychError
from .types import TensorType

_SCALARS = "fd"  # numpy's characters for dtypes whose scalars are compared alone: an array is slower by far
INLINE_BYTES = 64  # up to here the bytes themselves are the key, above it their hash


class Constant:
    """A read-only numpy array that compares and hashes by dtype, shape and bytes.

    So 0.0 and -0.0 differ, and a nan equals itself bit for bit.
    """

    __slots__ = ("_digest", "array", "type")

    array: np.ndarray[Any, Any]
    type: TensorType

    def __init__(self, value: object, dtype: DType | None = None) -> None:
        """`value` anything numpy makes an array of; `dtype` converts it. Raises TypeError for other types."""
        source = np.asarray(value, dtype=None if dtype is None else dtype.numpy)
        native = dtype_of(source.dtype)
        array = np.array(source, dtype=native.numpy, order="C", copy=True)
        array.flags.writeable = False
        self.array = array
        self.type = TensorType(native, tuple(int(size) for size in array.shape))
        self._digest: bytes | None = None

    @property
    def digest(self) -> bytes:
        """The array's bytes when they are few, otherwise their BLAKE2b hash of 20 bytes."""
        if self._digest is None:
            if self.array.nbytes <= INLINE_BYTES:
                self._digest = self.array.tobytes()
            else:
                self._digest = blake2b(self.array.reshape(-1).view(np.uint8).data, digest_size=20).digest()
        return self._digest

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Constant) and self.type == other.type and self.digest == other.digest

    def __hash__(self) -> int:
        return hash((self.type, self.digest))

    def __repr__(self) -> str:
        return f"Constant({self.type})"

    def item(self) -> Any:
        """The Python number of a scalar; a numpy scalar's value for bfloat16."""
        return self.array.item()

    def is_all(self, number: complex) -> bool:
        """Whether every element equals `number`; -0.0 does not equal 0.0 here, in either part of a complex element."""
        array = self.array
        if not array.shape and array.dtype.char in _SCALARS and not isinstance(number, complex):
            element = array[()]
            return bool(element == number) and (number != 0 or bool(np.signbit(element)) == bool(np.signbit(number)))
        if array.size == 0 or not bool((array == number).all()):
            return False
        if number == 0 and self.type.dtype.is_differentiable:
            real, imag = (number.real, number.imag) if isinstance(number, complex) else (number, number)
            parts = ((array.real, real), (array.imag, imag)) if self.type.dtype.is_complex else ((array, real),)
            return all(bool((np.signbit(part) == np.signbit(zero)).all()) for part, zero in parts)
        return True


class AbsentConstant(Constant):
    """A constant whose elements were not kept with the program: known by its type and the hash that stands for them."""

    __slots__ = ("name",)

    def __init__(self, type: TensorType, name: str) -> None:
        self.type = type
        self.name = name
        self._digest = name.encode()

    @property
    def array(self) -> np.ndarray[Any, Any]:  # pyright: ignore[reportIncompatibleVariableOverride]
        message = f"constant {self.name} of type {self.type}: its elements were not kept with the program"
        raise DiptychError(message, hint="record it with its arrays")

    def is_all(self, number: complex) -> bool:
        """False: constants of equal elements are never kept as a hash, save where they are many."""
        return False
