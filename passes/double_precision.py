"""Every float in double precision: what a program would compute if single precision did not round."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diptych.ir import Builder, Constant, DType, Equation, Function, TensorType, Unsupported, Value, dtypes, ops

from .nested import Nested

# What they do depends on the bits of the floats that they are given, or on somebody's Python.
_AS_THEY_ARE = (ops.bitcast, ops.host_call)


def double_precision(function: Function) -> Function:
    """`function` of and to f64 and c128 in place of all narrower floats, its constants cast. What reads bits is given
    the floats as they were. Raises Unsupported for host calls that make floats."""
    return Nested(_doubled).function(function)


def _doubled(function: Function, nested: Nested) -> Function:
    b = Builder(function.name, share=False)
    b.find_location = False
    values = {parameter: b.parameter(_type(parameter.type), parameter.name) for parameter in function.parameters}
    for equation in function.equations:
        b.location = equation.location
        if equation.op in _AS_THEY_ARE:
            results = _as_it_is(b, equation, values)
        else:
            operands = [values[operand] for operand in equation.operands]
            attributes = {name: _attribute(value, nested) for name, value in equation.attributes.items()}
            results = b.emit(equation.op, operands, attributes, names=[result.name for result in equation.results])
        values.update(zip(equation.results, results, strict=True))
    return b.finish(values[result] for result in function.results)


def _as_it_is(b: Builder, equation: Equation, values: Mapping[Value, Value]) -> list[Value]:
    if equation.op is ops.host_call and any(_is_narrow(result.dtype) for result in equation.results):
        raise Unsupported(
            f"host_call: {equation.attributes['function'].name} makes floats, which cannot be computed in double "
            "precision",
            location=equation.location,
        )
    operands = [
        b.cast(values[operand], dtype=operand.dtype) if _is_narrow(operand.dtype) else values[operand]
        for operand in equation.operands
    ]
    results = b.emit(equation.op, operands, equation.attributes)
    return [b.cast(each, dtype=_dtype(each.dtype)) if _is_narrow(each.dtype) else each for each in results]


def _is_narrow(dtype: DType) -> bool:
    return _dtype(dtype) is not dtype


def _dtype(dtype: DType) -> DType:
    return dtypes.c128 if dtype.is_complex else dtypes.f64 if dtype.is_float else dtype


def _type(type: TensorType) -> TensorType:
    return type.with_dtype(_dtype(type.dtype))


def _attribute(value: Any, nested: Nested) -> Any:
    if isinstance(value, Function):
        return nested.function(value)
    if isinstance(value, DType):
        return _dtype(value)
    if isinstance(value, Constant) and _is_narrow(value.type.dtype):
        return Constant(value.array, _dtype(value.type.dtype))
    return value
