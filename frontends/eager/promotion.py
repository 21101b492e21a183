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
    """The smallest type that both convert to."""
    if left is right:
        return left
    low, high = sorted((left, right), key=category)
    if category(low) != category(high):
        if high.is_complex and low.is_float:
            return dtypes.c128 if low is dtypes.f64 or high is dtypes.c128 else dtypes.c64
        return high
    if left.is_complex:
        return dtypes.c128
    if left.is_float:
        if {left, right} == {dtypes.f16, dtypes.bf16}:
            return dtypes.f32
        return max(left, right, key=lambda each: each.bits)
    return _promoted_integers(left, right)


def _promoted_integers(left: DType, right: DType) -> DType:
    if left.kind == right.kind:
        return max(left, right, key=lambda each: each.bits)
    unsigned, signed = (left, right) if left.kind == "unsigned" else (right, left)
    if unsigned.bits > 8:
        names = f"{dtype_module.of_ir(left).name} and {dtype_module.of_ir(right).name}"
        raise RuntimeError(f"Promotion for {names} is not supported: use the same integer type on both sides")
    return signed if signed.bits > unsigned.bits else next(each for each in _SIGNED if each.bits > unsigned.bits)


def result_type(*operands: Operand) -> DType:
    """The type in which an elementwise op computes with these operands."""
    found: list[DType | None] = [None, None, None]  # of tensors with axes, of scalar tensors, of numbers
    for operand in operands:
        if isinstance(operand, Number):
            place, dtype = 2, _number_type(operand.python)
        else:
            place, dtype = (0 if operand.rank else 1), operand.dtype
        previous = found[place]
        found[place] = dtype if previous is None else promote_types(previous, dtype)
    result: DType | None = None
    for dtype in found:
        if dtype is None:
            continue
        if result is None:
            result = dtype
        elif category(dtype) > category(result):
            result = _raised(result, dtype)
    if result is None:
        raise RuntimeError("result_type() needs at least one operand")
    return result


def _number_type(python: type) -> DType:
    default = dtype_module.get_default_dtype()
    if python is float:
        return default.ir
    if python is complex:
        return dtypes.c128 if default.ir is dtypes.f64 else dtypes.c64
    return WIDEST[python]


def _raised(lower: DType, higher: DType) -> DType:
    """The type for operands of `lower` met by a lower-ranking operand of the higher category `higher`."""
    if higher.is_complex and lower.is_float:
        return dtypes.c128 if lower is dtypes.f64 else dtypes.c64
    return higher


def converted(b: Builder, operand: Operand, dtype: DType) -> Value:
    """The operand in `dtype`."""
    value = operand.value if isinstance(operand, Number) else operand
    return value if value.dtype is dtype else b.cast(value, dtype=dtype)


def promoted(b: Builder, *operands: Operand) -> list[Value]:
    """All operands in their common type."""
    dtype = result_type(*operands)
    return [converted(b, operand, dtype) for operand in operands]


def promoted_floats(b: Builder, *operands: Operand) -> list[Value]:
    """All operands in their common type; integers and bools in the default float type, as division wants them."""
    dtype = result_type(*operands)
    if not dtype.is_differentiable:
        dtype = dtype_module.get_default_dtype().ir
    return [converted(b, operand, dtype) for operand in operands]
