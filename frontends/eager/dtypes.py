"""`torch.dtype`: PyTorch's names for the element types, and the default one of new floats."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.ir import DType, dtype_of, dtypes


class dtype:
    """An element type: `torch.float32`. One instance each.

    PyTorch's messages name types in two more ways: `scalar`, as "Float", and `native`, the type in C++.
    """

    __slots__ = ("ir", "name", "native", "scalar")

    def __init__(self, name: str, ir: DType, scalar: str, native: str) -> None:
        self.name = name
        self.ir = ir
        self.scalar = scalar
        self.native = native

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _by_name, (self.name,)

    @property
    def legacy_name(self) -> str:
        """The name of the class that tensors of this type once had: `torch.FloatTensor`."""
        return f"torch.{self.scalar}Tensor"

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
        return complex128 if self.ir.real is dtypes.f64 else complex64


bool_ = dtype("bool", dtypes.bool_, "Bool", "bool")
uint8 = dtype("uint8", dtypes.u8, "Byte", "unsigned char")
uint16 = dtype("uint16", dtypes.u16, "UInt16", "short unsigned int")
uint32 = dtype("uint32", dtypes.u32, "UInt32", "unsigned int")
uint64 = dtype("uint64", dtypes.u64, "UInt64", "long unsigned int")
int8 = dtype("int8", dtypes.i8, "Char", "signed char")
int16 = dtype("int16", dtypes.i16, "Short", "short int")
int32 = dtype("int32", dtypes.i32, "Int", "int")
int64 = dtype("int64", dtypes.i64, "Long", "long int")
float16 = dtype("float16", dtypes.f16, "Half", "c10::Half")
bfloat16 = dtype("bfloat16", dtypes.bf16, "BFloat16", "c10::BFloat16")
float32 = dtype("float32", dtypes.f32, "Float", "float")
float64 = dtype("float64", dtypes.f64, "Double", "double")
complex64 = dtype("complex64", dtypes.c64, "ComplexFloat", "c10::complex<float>")
complex128 = dtype("complex128", dtypes.c128, "ComplexDouble", "c10::complex<double>")

ALL = (
    bool_, uint8, uint16, uint32, uint64, int8, int16, int32, int64, float16, bfloat16, float32, float64, complex64,
    complex128,
)  # fmt: skip

SCALAR_TYPES = {each.name: each.scalar for each in ALL}  # what PyTorch's messages call the types

_OF_IR = {each.ir: each for each in ALL}
_NAMED = {each.name: each for each in ALL}


def _by_name(name: str) -> dtype:
    return _NAMED[name]


def of_ir(ir: DType) -> dtype:
    """The torch dtype of an IR type."""
    return _OF_IR[ir]


def of_legacy_name(name: str) -> dtype:
    """The dtype of a legacy tensor type, as "torch.FloatTensor". Raises ValueError."""
    for each in ALL:
        if name == each.legacy_name:
            return each
    raise ValueError(f"invalid type: '{name}'")


def of_numpy(array: np.ndarray) -> dtype:
    """The torch dtype of an array. Raises TypeError for types that no tensor has."""
    try:
        return _OF_IR[dtype_of(array.dtype)]
    except TypeError:
        raise TypeError(
            f"can't convert np.ndarray of type numpy.{array.dtype.type.__name__}. The only supported types are: "
            "float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, "
            "uint8, and bool."
        ) from None


_OF_CLASS = {float: float64, int: int64, bool: bool_, complex: complex128}


def chosen(name: str, given: Any) -> dtype | None:
    """What the argument `dtype` of the function `name` chooses: a dtype, or a Python class that stands for one; None
    where it is None. Raises TypeError."""
    if given is None or given.__class__ is dtype:
        return given
    if isinstance(given, type) and given in _OF_CLASS:
        return _OF_CLASS[given]
    raise TypeError(f"{name}(): argument 'dtype' must be torch.dtype, not {type(given).__name__}")


_default = float32


def get_default_dtype() -> dtype:
    """The dtype of new floating-point tensors."""
    return _default


def of_number(number: Any) -> dtype:
    """The dtype of a Python number: floats and complex numbers have the default one. Raises TypeError for others."""
    if isinstance(number, bool):
        return bool_
    if isinstance(number, int):
        return int64
    if isinstance(number, float):
        return _default
    if isinstance(number, complex):
        return _default.to_complex()
    raise TypeError(f"value must be Number, not {type(number).__name__}")


def default_type() -> DType:
    """The default dtype as a type of the IR. Operations get it as an attribute, since it may have changed when they
    are lowered."""
    return _default.ir


def set_default_dtype(d: dtype) -> None:
    """Sets the dtype of new floating-point tensors. Raises TypeError unless `d` is one of those."""
    global _default
    if not isinstance(d, dtype):
        raise TypeError("invalid dtype object: only floating-point types are supported as the default type")
    if not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default = d
