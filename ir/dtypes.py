"""The element types of the language, and what is true of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import ml_dtypes
import numpy as np
from numpy.typing import DTypeLike

Kind = Literal["bool", "signed", "unsigned", "float", "complex"]


@dataclass(frozen=True, slots=True, eq=False)
class DType:
    """One element type. There is a single instance of each, so `is` and `==` agree."""

    name: str  # as in the text of the IR: f32
    numpy: np.dtype[Any]
    kind: Kind
    bits: int

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return dtype_named, (self.name,)

    @property
    def bytes(self) -> int:
        """Size of an element in memory."""
        return self.numpy.itemsize

    @property
    def is_bool(self) -> bool:
        return self.kind == "bool"

    @property
    def is_integer(self) -> bool:
        return self.kind in ("signed", "unsigned")

    @property
    def is_float(self) -> bool:
        return self.kind == "float"

    @property
    def is_complex(self) -> bool:
        return self.kind == "complex"

    @property
    def is_differentiable(self) -> bool:
        """Whether gradients flow through values of this type."""
        return self.kind in ("float", "complex")

    @property
    def is_ordered(self) -> bool:
        """Whether `<` means something: every type but the complex ones."""
        return self.kind != "complex"

    @property
    def real(self) -> DType:
        """The type of a complex type's parts; the type itself otherwise."""
        return {"c64": f32, "c128": f64}.get(self.name, self)


bool_ = DType("bool", np.dtype(np.bool_), "bool", 1)
i8 = DType("i8", np.dtype(np.int8), "signed", 8)
i16 = DType("i16", np.dtype(np.int16), "signed", 16)
i32 = DType("i32", np.dtype(np.int32), "signed", 32)
i64 = DType("i64", np.dtype(np.int64), "signed", 64)
u8 = DType("u8", np.dtype(np.uint8), "unsigned", 8)
u16 = DType("u16", np.dtype(np.uint16), "unsigned", 16)
u32 = DType("u32", np.dtype(np.uint32), "unsigned", 32)
u64 = DType("u64", np.dtype(np.uint64), "unsigned", 64)
f16 = DType("f16", np.dtype(np.float16), "float", 16)
bf16 = DType("bf16", np.dtype(ml_dtypes.bfloat16), "float", 16)
f32 = DType("f32", np.dtype(np.float32), "float", 32)
f64 = DType("f64", np.dtype(np.float64), "float", 64)
c64 = DType("c64", np.dtype(np.complex64), "complex", 64)
c128 = DType("c128", np.dtype(np.complex128), "complex", 128)

DTYPES: tuple[DType, ...] = (
    bool_, i8, i16, i32, i64, u8, u16, u32, u64, f16, bf16, f32, f64, c64, c128,
)  # fmt: skip

_BY_NAME = {dtype.name: dtype for dtype in DTYPES}
_BY_NUMPY = {dtype.numpy: dtype for dtype in DTYPES}


def dtype_named(name: str) -> DType:
    """The element type written `name` in the text of the IR. Raises KeyError for any other text."""
    return _BY_NAME[name]


def dtype_of(numpy_dtype: DTypeLike) -> DType:
    """The element type with this numpy dtype. Raises TypeError where the language has none."""
    dtype = np.dtype(numpy_dtype)
    found = _BY_NUMPY.get(dtype) or _BY_NUMPY.get(dtype.newbyteorder("="))
    if found is None:
        raise TypeError(f"dtype is {dtype} but must be one of {', '.join(_BY_NAME)}")
    return found
