"""tf.DType: TensorFlow's element types, each with its twin in the IR where the language has one."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
from diptych.ir import dtypes as ir

from ..exports import export


@export("DType", "dtypes.DType")
class DType:
    """An element type. Reference types (`float32_ref`) are what variables have; `base_dtype` takes that away."""

    __slots__ = ("_is_ref", "_other", "as_datatype_enum", "as_numpy_dtype", "ir", "name", "numpy")

    def __init__(self, name: str, enum: int, ir_dtype: ir.DType | None, base: DType | None = None) -> None:
        self.name = name
        self.as_datatype_enum = enum
        self.ir = ir_dtype
        self.numpy: np.dtype[Any] = np.dtype(object) if ir_dtype is None else ir_dtype.numpy
        self.as_numpy_dtype: type = object if ir_dtype is None else ir_dtype.numpy.type
        self._is_ref = base is not None
        self._other = DType(f"{name}_ref", enum + 100, ir_dtype, self) if base is None else base

    @property
    def base_dtype(self) -> DType:
        """The type without reference."""
        return self._other if self._is_ref else self

    @property
    def _is_ref_dtype(self) -> bool:
        return self._is_ref

    @property
    def _as_ref(self) -> DType:
        return self if self._is_ref else self._other

    @property
    def real_dtype(self) -> DType:
        """The type of a complex type's parts."""
        return {"complex64": float32, "complex128": float64}.get(self.base_dtype.name, self)

    @property
    def is_numpy_compatible(self) -> bool:
        return self.base_dtype not in (resource, variant)

    @property
    def in_programs(self) -> ir.DType | None:
        """What stands for its elements in programs: for strings numbers (see strings.py); None where nothing does."""
        return ir.i64 if self.base_dtype is string else self.ir

    @property
    def is_bool(self) -> bool:
        return self.ir is not None and self.ir.is_bool

    @property
    def is_integer(self) -> bool:
        return self.ir is not None and self.ir.is_integer

    @property
    def is_unsigned(self) -> bool:
        return self.ir is not None and self.ir.kind == "unsigned"

    @property
    def is_floating(self) -> bool:
        return self.ir is not None and self.ir.is_float

    @property
    def is_complex(self) -> bool:
        return self.ir is not None and self.ir.is_complex

    @property
    def is_quantized(self) -> bool:
        return False

    @property
    def is_differentiable(self) -> bool:
        """Whether gradients flow through tensors of this type."""
        return self.ir is not None and self.ir.is_differentiable

    @property
    def size(self) -> int:
        """Bytes of an element; 1 where that is not known, as TensorFlow has it."""
        return 1 if self.ir is None else self.ir.bytes

    @property
    def limits(self) -> tuple[Any, Any]:
        """The range of intensities in pictures: from 0, to 1 in floats or the largest integer. Raises ValueError."""
        if self.ir is None or self.is_complex:
            raise ValueError(f"{self} does not have defined limits.")
        return 0, 1 if self.is_floating else self.max

    @property
    def min(self) -> Any:
        """The smallest finite number. Raises TypeError for types without an order."""
        return self._limit("min", "minimum")

    @property
    def max(self) -> Any:
        """The largest finite number. Raises TypeError for types without an order."""
        return self._limit("max", "maximum")

    def _limit(self, which: str, word: str) -> Any:
        if self.is_bool:
            return which == "max"
        if self.is_integer:
            return int(getattr(np.iinfo(self.numpy), which))
        if self.is_floating:
            return getattr(ml_dtypes.finfo(self.numpy), which)
        raise TypeError(f"Cannot find {word} value of {self!r}.")

    def is_compatible_with(self, other: object) -> bool:
        """Whether a tensor of type `other` may be given where this type is asked."""
        given = as_dtype(other)
        return self is given or self is given.base_dtype

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if other is None or isinstance(other, DType):
            return False
        try:
            return as_dtype(other) is self
        except TypeError:
            return False

    def __hash__(self) -> int:
        return self.as_datatype_enum

    def __reduce__(self) -> tuple[Any, ...]:
        return as_dtype, (self.name,)

    def __int__(self) -> int:
        return self.as_datatype_enum

    def __str__(self) -> str:
        return f"<dtype: {self.name!r}>"

    def __repr__(self) -> str:
        return f"tf.{self.name}"


# Numbers are those of TensorFlow's protocol buffer DataType (tensorflow/core/framework/types.proto).
float32 = DType("float32", 1, ir.f32)
float64 = DType("float64", 2, ir.f64)
int32 = DType("int32", 3, ir.i32)
uint8 = DType("uint8", 4, ir.u8)
int16 = DType("int16", 5, ir.i16)
int8 = DType("int8", 6, ir.i8)
string = DType("string", 7, None)
complex64 = DType("complex64", 8, ir.c64)
int64 = DType("int64", 9, ir.i64)
bool_ = DType("bool", 10, ir.bool_)
bfloat16 = DType("bfloat16", 14, ir.bf16)
uint16 = DType("uint16", 17, ir.u16)
complex128 = DType("complex128", 18, ir.c128)
float16 = DType("float16", 19, ir.f16)
resource = DType("resource", 20, None)
variant = DType("variant", 21, None)
uint32 = DType("uint32", 22, ir.u32)
uint64 = DType("uint64", 23, ir.u64)

DTYPES = (
    float32, float64, int32, uint8, int16, int8, string, complex64, int64, bool_, bfloat16, uint16, complex128,
    float16, resource, variant, uint32, uint64,
)  # fmt: skip

FLOATS = (bfloat16, float16, float32, float64)
INEXACT = (*FLOATS, complex64, complex128)
INTEGERS = (uint8, int8, uint16, int16, uint32, int32, uint64, int64)
SIGNED = (int8, int16, int32, int64)
REALS = (*FLOATS, *INTEGERS)
NUMBERS = (*INEXACT, *INTEGERS)
INDICES = (int32, int64)

# The C++ names, which messages of the runtime show.
RUNTIME_NAMES = {"float32": "float", "float64": "double", "float16": "half"}

_BY_NAME = {dtype.name: dtype for base in DTYPES for dtype in (base, base._as_ref)}
_BY_NAME |= {"half": float16, "float": float32, "double": float64}
_BY_ENUM = {dtype.as_datatype_enum: dtype for dtype in _BY_NAME.values()}
_BY_NUMPY = {dtype.numpy: dtype for dtype in DTYPES if dtype.ir is not None}
_BY_PYTHON = {float: float32, bool: bool_}
_BY_IR = {dtype.ir: dtype for dtype in DTYPES if dtype.ir is not None}

for _dtype in DTYPES:
    export(_dtype.name, f"dtypes.{_dtype.name}")(_dtype)
export("half", "dtypes.half")(float16)
export("double", "dtypes.double")(float64)


@export("as_dtype", "dtypes.as_dtype")
def as_dtype(type_value: object) -> DType:
    """The DType that a DType, a name, a numpy type or a number of the protocol buffer stands for. Raises TypeError."""
    if isinstance(type_value, DType):
        return type_value
    if isinstance(type_value, str):
        found = _BY_NAME.get(type_value)
    elif isinstance(type_value, int):
        found = _BY_ENUM.get(type_value)
    elif type_value is float or type_value is bool:
        found = _BY_PYTHON[type_value]
    else:
        found = _of_numpy(type_value)
    if found is None:
        raise TypeError(f"Cannot convert value {type_value!r} to a TensorFlow DType.")
    return found


def _of_numpy(type_value: object) -> DType | None:
    if not isinstance(type_value, np.dtype) and not (
        isinstance(type_value, type) and issubclass(type_value, np.generic)
    ):
        return None
    dtype = np.dtype(type_value)
    if dtype.kind in "OSU":
        return string
    return _BY_NUMPY.get(dtype) or _BY_NUMPY.get(dtype.newbyteorder("="))


def smallest_normal(dtype: DType) -> float:
    """The smallest positive number of a float dtype that keeps its precision."""
    return float(ml_dtypes.finfo(dtype.base_dtype.numpy).tiny)


def of_ir(dtype: ir.DType) -> DType:
    """TensorFlow's type for one of the IR."""
    return _BY_IR[dtype]
