"""Casts, roundings and absolute values, and the parts of complex numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diptych.ir import Value

from ...functions.broadcasting import broadcast_together
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import (
    FLOATS,
    NUMBERS,
    SIGNED,
    DType,
    as_dtype,
    bfloat16,
    bool_,
    complex64,
    complex128,
    float32,
    float64,
    int32,
    int64,
)
from ..graphs.nest import flatten, is_composite
from ..graphs.scopes import name_scope
from ..graphs.site import Site
from ..graphs.tensor import Tensor


@operation("Cast", "x: SrcT -> DstT", SrcT=(*NUMBERS, bool_))
def lower_cast(at: Site, x: Value, *, DstT: DType, Truncate: bool = False) -> Value:
    """x in another dtype."""
    if DstT.ir is None:
        raise at.unsupported(f"a cast to {DstT.name}", "numbers and bool")
    if x.dtype.is_complex and not DstT.is_complex:
        x = at.b.real(x)
    return x if x.dtype is DstT.ir else at.b.cast(x, dtype=DstT.ir)


@export("cast", "dtypes.cast")
def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """x in another dtype: floats to integers are cut off towards 0, numbers to bool are x != 0. Of a tf.SparseTensor or
    tf.IndexedSlices the values are cast."""
    wanted = as_dtype(dtype).base_dtype
    if isinstance(x, Tensor) and x.dtype is wanted:
        return x
    with name_scope(name, "Cast", flatten(x, expand_composites=True)) as scope:
        if is_composite(x):
            return x._with_values(cast(x.values, wanted, name=scope))
        x = convert_to_tensor(x, name="x")
        return x if x.dtype.base_dtype is wanted else apply("Cast", [x], name=scope, DstT=wanted)


def _declare_cast(api: str, default: str, dtype: DType) -> Callable[..., Tensor]:
    @export(api)
    def function(x: Any, name: str = default) -> Tensor:
        return cast(x, dtype, name=name)

    function.__name__ = function.__qualname__ = api
    function.__doc__ = f"x as {dtype.name}."
    return function


to_float = _declare_cast("to_float", "ToFloat", float32)
to_double = _declare_cast("to_double", "ToDouble", float64)
to_int32 = _declare_cast("to_int32", "ToInt32", int32)
to_int64 = _declare_cast("to_int64", "ToInt64", int64)
to_bfloat16 = _declare_cast("to_bfloat16", "ToBFloat16", bfloat16)
to_complex64 = _declare_cast("to_complex64", "ToComplex64", complex64)
to_complex128 = _declare_cast("to_complex128", "ToComplex128", complex128)


@export("saturate_cast", "dtypes.saturate_cast")
def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Tensor:
    """`value` as `dtype`, what is out of its range cut to the range first."""
    wanted = as_dtype(dtype).base_dtype
    with name_scope(name, "saturate_cast", [value]) as scope:
        value = convert_to_tensor(value, name="value")
        found = value.dtype.base_dtype
        if found.min < wanted.min:
            value = apply("Maximum", [value, convert_to_tensor(wanted.min, dtype=found, name="min")])
        if found.max > wanted.max:
            value = apply("Minimum", [value, convert_to_tensor(wanted.max, dtype=found, name="max")])
        return cast(value, wanted, name=scope)


@operation("Abs", "x: T -> T", T=(*FLOATS, *SIGNED))
def lower_abs(at: Site, x: Value) -> Value:
    """|x|."""
    return at.b.abs(x)


@operation("ComplexAbs", "x: T -> Tout", T=(complex64, complex128))
def lower_complex_abs(at: Site, x: Value, *, Tout: DType) -> Value:
    """The modulus."""
    return at.b.abs(x)


@export("abs", "math.abs")
def abs(x: Any, name: str | None = None) -> Tensor:
    """|x|, of complex numbers their modulus as floats."""
    with name_scope(name, "Abs", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.is_complex:
            return apply("ComplexAbs", [x], name=scope, Tout=x.dtype.base_dtype.real_dtype)
        return apply("Abs", [x], name=scope)


@operation("Round", "x: T -> T", T=NUMBERS, blocks=True)
def lower_round(at: Site, x: Value) -> Value:
    """The nearest integer, halves to the even one."""
    return at.b.round_even(x) if x.dtype.is_float else x


@export("round", "math.round")
def round(x: Any, name: str | None = None) -> Tensor:
    """The nearest integer, halves to the even one."""
    return apply("Round", [x], name=name)


# -- complex numbers ----


def _declare_part(type: str, op: str, names: tuple[str, ...]) -> Callable[..., Tensor]:
    @operation(type, "input: T -> Tout", T=(complex64, complex128))
    def lower(at: Site, x: Value, *, Tout: DType) -> Value:
        return getattr(at.b, op)(x)

    @export(*names)
    def function(input: Any, name: str | None = None) -> Tensor:
        x = convert_to_tensor(input, name="input")
        if not x.dtype.is_complex:
            return x if type == "Real" else apply("ZerosLike", [x], name=name)
        return apply(type, [x], name=name, Tout=x.dtype.base_dtype.real_dtype)

    function.__name__ = function.__qualname__ = names[0]
    function.__doc__ = f"The {names[0]}inary part." if type == "Imag" else f"The {names[0]} part."
    return function


real = _declare_part("Real", "real", ("real", "math.real"))
imag = _declare_part("Imag", "imag", ("imag", "math.imag"))


@operation("Conj", "input: T -> T", T=(complex64, complex128))
def lower_conj(at: Site, x: Value) -> Value:
    """The complex conjugate."""
    return at.b.conj(x)


@export("conj", "math.conj")
def conj(x: Any, name: str | None = None) -> Tensor:
    """The complex conjugate; real numbers themselves."""
    x = convert_to_tensor(x, name="x")
    return apply("Conj", [x], name=name) if x.dtype.is_complex else x


@operation("Complex", "real: T, imag: T -> Tout", T=(float32, float64))
def lower_complex(at: Site, real: Value, imag: Value, *, Tout: DType) -> Value:
    """real + i imag."""
    return at.b.complex(*broadcast_together(at.b, real, imag))


@export("complex", "dtypes.complex")
def complex(real: Any, imag: Any, name: str | None = None) -> Tensor:
    """A complex tensor from its parts."""
    real = convert_to_tensor(real, name="real")
    wide = complex128 if real.dtype.base_dtype is float64 else complex64
    return apply("Complex", [real, imag], name=name, Tout=wide)
