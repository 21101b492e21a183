"""`torch.dtype`: PyTorch's names for the element types, and its rules of promotion."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.ir import DType, dtype_of, dtypes


class dtype:
    """An element type: `torch.float32`. One instance each."""

    __slots__ = ("ir", "name")

    def __init__(self, name: str, ir: DType) -> None:
        self.name = name
        self.ir = ir

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _by_name, (self.name,)

    @property
    def legacy_name(self) -> str:
        """The name of the class that tensors of this type once had: `torch.FloatTensor`."""
        return f"torch.{SCALAR_TYPES[self.name]}Tensor"

    @property
    def is_floating_point(self) -> bool:
        return self.ir.is_float

    @property
    def is_complex(self) -> bool:
        return self.ir.is_complex

    @property
    def is_signed(self) -> bool:
        return self.ir.kind in ("signed", "float", "complex")

    @property
    def itemsize(self) -> int:
        """Bytes of an element."""
        return self.ir.bytes

    def to_real(self) -> dtype:
        """The type of a complex type's parts; the type itself otherwise."""
        return of_ir(self.ir.real)

    def to_complex(self) -> dtype:
        """The complex type with parts of this type."""
        return {"f32": complex64, "f64": complex128, "c64": complex64, "c128": complex128}[self.ir.name]


# What PyTorch's messages call the types.
SCALAR_TYPES = {
    "bool": "Bool", "uint8": "Byte", "uint16": "UInt16", "uint32": "UInt32", "uint64": "UInt64", "int8": "Char",
    "int16": "Short", "int32": "Int", "int64": "Long", "float16": "Half", "bfloat16": "BFloat16", "float32": "Float",
    "float64": "Double", "complex64": "ComplexFloat", "complex128": "ComplexDouble",
}  # fmt: skip

bool_ = dtype("bool", dtypes.bool_)
uint8 = dtype("uint8", dtypes.u8)
uint16 = dtype("uint16", dtypes.u16)
uint32 = dtype("uint32", dtypes.u32)
uint64 = dtype("uint64", dtypes.u64)
int8 = dtype("int8", dtypes.i8)
int16 = dtype("int16", dtypes.i16)
int32 = dtype("int32", dtypes.i32)
int64 = dtype("int64", dtypes.i64)
float16 = dtype("float16", dtypes.f16)
bfloat16 = dtype("bfloat16", dtypes.bf16)
float32 = dtype("float32", dtypes.f32)
float64 = dtype("float64", dtypes.f64)
complex64 = dtype("complex64", dtypes.c64)
complex128 = dtype("complex128", dtypes.c128)

ALL = (
    bool_, uint8, uint16, uint32, uint64, int8, int16, int32, int64, float16, bfloat16, float32, float64, complex64,
    complex128,
)  # fmt: skip

_OF_IR = {each.ir: each for each in ALL}
_NAMED = {each.name: each for each in ALL}


def _by_name(name: str) -> dtype:
    return _NAMED[name]


def of_ir(ir: DType) -> dtype:
    """The torch dtype of an IR type."""
    return _OF_IR[ir]


def of_numpy(array: np.ndarray) -> dtype:
    """The torch dtype of an array. Raises TypeError for types that no tensor has."""
    try:
        return _OF_IR[dtype_of(array.dtype)]
    except TypeError:
        supported = ", ".join(each.name for each in ALL)
        raise TypeError(
            f"can't convert np.ndarray of type numpy.{array.dtype}. The only supported types are: {supported}."
        ) from None


_default = float32


def get_default_dtype() -> dtype:
    """The dtype of new floating-point tensors."""
    return _default


def set_default_dtype(d: dtype) -> None:
    """Sets the dtype of new floating-point tensors. Raises TypeError unless `d` is one of those."""
    global _default
    if not isinstance(d, dtype) or not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default = d
