"""PyTorch's type promotion: by category, where tensors with axes outrank scalar tensors, and those Python numbers.

Source: "Tensor Attributes" in PyTorch's documentation, section torch.dtype. A category is bool, integer, float or
complex. The highest category decides; among operands of that category the highest-ranking kind of operand does.
"""

from __future__ import annotations

from dataclasses import dataclass

from diptych.ir import Builder, DType, Value, dtypes

from . import dtypes as dtype_module


@dataclass(frozen=True, slots=True)
class Number:
    """A Python number among the operands of a call: its value as a scalar of its widest type, and its class."""

    value: Value
    python: type


Operand = Value | Number

_SIGNED = (dtypes.i8, dtypes.i16, dtypes.i32, dtypes.i64)
WIDEST = {bool: dtypes.bool_, int: dtypes.i64, float: dtypes.f64, complex: dtypes.c128}


def category(dtype: DType) -> int:
    """0 bool, 1 integer, 2 float, 3 complex."""
    return {"bool": 0, "signed": 1, "unsigned": 1, "float": 2, "complex": 3}[dtype.kind]


def promote_types(left: DType, right: DType) -> DType:
    """The smallest type that both convert to. Raises RuntimeError for unsigned integers of more than 8 bits, which
    meet only floats."""
    if left is right:
        return left
    for one, other in ((left, right), (right, left)):
        if one.kind == "unsigned" and one.bits > 8:
            if other.is_float:
                return other
            raise RuntimeError(
                "Promotion for uint16, uint32, uint64 types is not supported, attempted to promote "
                f"{dtype_module.of_ir(left).scalar} and {dtype_module.of_ir(right).scalar}"
            )
    low, high = sorted((left, right), key=category)
    if category(low) != category(high):
        return _complex_of(low, high) if high.is_complex and low.is_float else high
    if left.is_complex:
        return dtypes.c128
    if {left, right} == {dtypes.f16, dtypes.bf16}:
        return dtypes.f32
    if left.kind == right.kind:
        return max(left, right, key=lambda each: each.bits)
    unsigned, signed = (left, right) if left.kind == "unsigned" else (right, left)
    return signed if signed.bits > unsigned.bits else dtypes.i16


def _complex_of(real: DType, least: DType) -> DType:
    """The complex type with parts of a float type, `least` or wider; complex64 for halves, which have none here."""
    return dtypes.c128 if dtypes.f64 in (real, least.real) else dtypes.c64


def result_type(*operands: Operand, default: DType | None) -> DType:
    """The type in which an elementwise op computes with these operands. `default` is the type of Python floats; None
    says that no operand is a number. Raises RuntimeError for types that do not meet."""
    found: list[DType | None] = [None, None, None]  # of tensors with axes, of scalar tensors, of numbers
    for operand in operands:
        if isinstance(operand, Number):
            place, dtype = 2, _number_type(operand.python, default)
        else:
            place, dtype = (0 if operand.rank else 1), operand.dtype
        previous = found[place]
        found[place] = dtype if previous is None else promote_types(previous, dtype)
    result: DType | None = None
    for dtype in reversed(found):
        result = dtype if result is None else result if dtype is None else combined(dtype, result)
    if result is None:
        raise RuntimeError("result_type() needs at least one operand")
    return result


def _number_type(python: type, default: DType | None) -> DType:
    if python in (bool, int):
        return WIDEST[python]
    if default is None:
        raise RuntimeError("result_type(): default is None but must be the type of Python floats among the operands")
    return default if python is float else _complex_of(default, dtypes.c64)


def combined(higher: DType, lower: DType) -> DType:
    """The type for operands of `higher` met by operands of `lower` that they outrank."""
    if higher.is_complex:
        return higher
    if higher.is_float:
        return _complex_of(higher, dtypes.c64) if lower.is_complex else higher
    if lower.is_differentiable:
        return lower
    return promote_types(higher, lower) if higher.is_bool else higher


def converted(b: Builder, operand: Operand, dtype: DType) -> Value:
    """The operand in `dtype`."""
    value = operand.value if isinstance(operand, Number) else operand
    return value if value.dtype is dtype else b.cast(value, dtype=dtype)


def promoted(b: Builder, *operands: Operand, default: DType | None) -> list[Value]:
    """All operands in their common type; `default` as for `result_type`."""
    dtype = result_type(*operands, default=default)
    return [converted(b, operand, dtype) for operand in operands]


def promoted_floats(b: Builder, *operands: Operand, default: DType) -> list[Value]:
    """All operands in their common type; integers and bools in the default float type, as division wants them."""
    dtype = result_type(*operands, default=default)
    return [converted(b, operand, dtype if dtype.is_differentiable else default) for operand in operands]


def summable(b: Builder, x: Value) -> Value:
    """Integers and bools as int64, in which they add up."""
    return x if x.dtype.is_differentiable or x.dtype is dtypes.i64 else b.cast(x, dtype=dtypes.i64)
